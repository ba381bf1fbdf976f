"""Purchases by `map` that is interrupted, cancelled, or left: every label is handed over exactly once."""

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, cast

import pytest

from spshipping import AsyncClient, Call, Client, Credentials, Mapped, Marketplace, Progress, Unsettled
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Label
from spshipping.shipping import ONE_CLICK_SHIPMENT, PURCHASE_SHIPMENT
from tests.matrix.stage import Stage

RUNS = 590 if os.environ.get("SPSHIPPING_SOAK") == "full" else 59
PURCHASES = 6
SEED = 20_260_301


class Books:
    """What was handed over in one run, and to whom."""

    def __init__(self, *, is_watched: bool) -> None:
        self.loop: list[Mapped[Any, Any]] = []
        self.progress: list[Progress] = []
        self.is_watched = is_watched
        self.options: dict[str, Any] = {"concurrency": 3}
        if is_watched:
            # in C, as `list.extend` is: no signal handler can run before it has been noted
            self.options["on_progress"] = self.progress.append

    def check(self, labels: Iterable[Label], unsettled: Iterable[Unsettled]) -> None:
        """Find every label exactly once, and nothing else."""
        in_loop = Counter(_shipments(self.loop))
        rest = Counter(_shipments([each.last for each in self.progress])) - in_loop
        kept = Counter(each.reply.value.shipment_id for each in unsettled if each.reply)
        assert in_loop + rest + kept == Counter(label.shipment_id for label in labels)


def _shipments(results: Iterable[Mapped[Any, Any]]) -> list[str]:
    return [result.reply.value.shipment_id for result in results if result.reply]


def options_of(stage: Stage, tokens: TokenCache) -> dict[str, Any]:
    """Return what makes a client of the sandbox."""
    return {
        "endpoint": stage.sandbox.url,
        "token_url": stage.sandbox.token_url,
        "token_cache": tokens,
    }


def purchases(stage: Stage, chance: Random) -> list[Call[Any]]:
    """Return purchases of either kind."""
    names = [chance.choice([PURCHASE_SHIPMENT.name, ONE_CLICK_SHIPMENT.name]) for _ in range(PURCHASES)]
    return [stage.call(name) for name in names]


def same(call: Call[Any]) -> Call[Any]:
    return call


class CtrlC:
    """Presses Ctrl-C once, after so many seconds, unless the work has ended before."""

    def __init__(self) -> None:
        self.presses = 0
        self._is_armed = False
        self._main = threading.get_ident()

    def during(self, work: Callable[[], object], seconds: float) -> bool:
        """Do *work*, and interrupt it; return whether it was."""
        is_over = threading.Event()
        presser = threading.Thread(target=self._press, args=(seconds, is_over))
        before = signal.signal(signal.SIGINT, self._handle)
        try:
            presser.start()
            self._is_armed = True
            work()
            self._is_armed = False
        except KeyboardInterrupt:
            self.presses += 1
            return True
        finally:
            is_over.set()
            presser.join()
            signal.signal(signal.SIGINT, before)
        return False

    def _press(self, seconds: float, is_over: threading.Event) -> None:
        if not is_over.wait(seconds):
            signal.pthread_kill(self._main, signal.SIGINT)

    def _handle(self, *_: object) -> None:
        if self._is_armed:
            self._is_armed = False
            raise KeyboardInterrupt


@pytest.mark.soak
@pytest.mark.parametrize("is_watched", [False, True], ids=["alone", "with on_progress"])
def test_a4_ctrl_c_in_a_map_loses_no_purchase(stage: Stage, is_watched: bool) -> None:
    chance, tokens, ctrl_c = Random(SEED), TokenCache(), CtrlC()
    usual = 60.0
    for number in range(1 + RUNS // 2):
        books, calls = Books(is_watched=is_watched), purchases(stage, chance)
        credentials = Credentials(**stage.sandbox.credentials)
        with Client(credentials, Marketplace.UK, **options_of(stage, tokens)) as client:

            def work(client: Client = client, books: Books = books, calls: Any = calls) -> None:
                books.loop.extend(client.map(same, calls, **books.options))

            # a run that reaches its end shows how long one takes
            began = time.monotonic()
            if not ctrl_c.during(work, chance.uniform(0.0, usual) if number else usual):
                usual = time.monotonic() - began
            unsettled = client.unsettled()
        books.check(stage.sandbox.ledger.labels, unsettled)
    assert ctrl_c.presses > RUNS // 20


@pytest.mark.soak
@pytest.mark.parametrize("how", ["cancel", "Ctrl-C", "break", "error"])
@pytest.mark.parametrize("is_watched", [False, True], ids=["alone", "with on_progress"])
def test_a4_a_map_that_is_cancelled_or_left_loses_no_purchase(
    stage: Stage, how: str, is_watched: bool
) -> None:
    chance, tokens = Random(SEED), TokenCache()
    usual, ends = 60.0, Counter[str]()
    for number in range(1 + RUNS // 8):
        books, calls = Books(is_watched=is_watched), purchases(stage, chance)
        credentials = Credentials(**stage.sandbox.credentials)
        client = AsyncClient(credentials, Marketplace.UK, **options_of(stage, tokens))
        seconds = chance.uniform(0.0, usual) if number else usual
        most = chance.randrange(PURCHASES) if number else PURCHASES + 1

        async def work(
            client: AsyncClient = client,
            books: Books = books,
            calls: Any = calls,
            seconds: float = seconds,
            most: int = most,
        ) -> None:
            loop, task = asyncio.get_running_loop(), cast("asyncio.Task[None]", asyncio.current_task())
            timer = None
            if how == "cancel":
                timer = loop.call_later(seconds, task.cancel)
            if how == "Ctrl-C":
                timer = loop.call_later(seconds, signal.raise_signal, signal.SIGINT)
            async with client:
                try:
                    async with client.map(same, calls, **books.options) as results:
                        async for result in results:
                            books.loop.append(result)
                            if how == "break" and len(books.loop) > most:
                                break
                            if how == "error" and len(books.loop) > most:
                                raise LookupError
                finally:
                    if timer:
                        timer.cancel()

        began = time.monotonic()
        try:
            asyncio.run(work())
        except (asyncio.CancelledError, KeyboardInterrupt, LookupError) as error:
            ends[type(error).__name__] += 1
        else:
            usual = time.monotonic() - began
        books.check(stage.sandbox.ledger.labels, client.unsettled())
        known = {each.call.key for each in client.unsettled()} | {each.item.key for each in books.loop}
        if not is_watched:
            assert {label.key for label in stage.sandbox.ledger.labels} <= known
    assert how == "break" or sum(ends.values()) > RUNS // 60
