"""One sign-in for threads and tasks of two event loops that start at once, over real HTTP."""

import asyncio
import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest

from spshipping import Client, Credentials, Effect, Marketplace, Operation, Quota
from spshipping.async_client import AsyncClient
from spshipping.auth import cache as module
from spshipping.auth.cache import TokenCache
from spshipping.options import CommonOptions
from spshipping.sandbox import Sandbox
from tests.loops import SECONDS, LoopThread, in_thread, loop_threads, outcomes

LOOK: Operation[dict[str, Any]] = Operation(
    "look", "GET /look", returns=dict[str, Any], quota=Quota(1000.0, burst=1000), effect=Effect.NONE
)
THREADS, TASKS = 16, 16


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(quotas=False) as made:
        made.add_operation(LOOK, {"seen": True})
        yield made


class Crowd:
    """Threads with a `Client`, and tasks with an `AsyncClient`, that share tokens."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        options: CommonOptions = {
            "endpoint": box.url,
            "token_url": box.token_url,
            "token_cache": TokenCache(),
            "timeout": (5.0, 10.0),
        }
        credentials = Credentials(**box.credentials)
        self.client = Client(credentials, Marketplace.UK, **options)
        self.aio = AsyncClient(credentials, Marketplace.UK, **options)
        self.start = threading.Barrier(THREADS, timeout=SECONDS)

    def in_thread(self) -> Any:
        self.start.wait()
        return self.client.send(LOOK()).value

    async def in_task(self) -> Any:
        return (await self.aio.send(LOOK())).value

    def all_of_them(self, loops: list[LoopThread]) -> list[Future[Any]]:
        threads = [in_thread(self.in_thread) for _ in range(THREADS)]
        return threads + [loops[number % 2].submit(self.in_task()) for number in range(TASKS)]

    def close(self, loops: list[LoopThread]) -> None:
        for loop in loops:
            loop.run(self.aio.close())
        self.client.close()


def test_16_threads_and_16_tasks_on_two_loops_make_one_sign_in(box: Sandbox) -> None:
    box.add_fault("lwa", "delay", seconds=0.2)
    many = Crowd(box)
    with loop_threads(2) as loops:
        assert outcomes(many.all_of_them(loops)) == [{"seen": True}] * (THREADS + TASKS)
        many.close(loops)
    assert len(box.ledger.token_requests()) == 1


def cancelled(loop: LoopThread, leader: "Future[Any]") -> None:
    leader.cancel()
    with pytest.raises(CancelledError):
        leader.result(SECONDS)


def stopped(loop: LoopThread, leader: "Future[Any]") -> None:
    loop.stop()


def closed(loop: LoopThread, leader: "Future[Any]") -> None:
    loop.close()


ENDS: list[Callable[[LoopThread, "Future[Any]"], None]] = [cancelled, stopped, closed]


@pytest.mark.filterwarnings(
    # of a loop that was closed with all that was pending
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore::ResourceWarning",
)
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_with_the_leader_gone_in_the_midst_of_its_sign_in_the_others_make_one(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, end: Callable[[LoopThread, "Future[Any]"], None]
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.05)
    box.add_fault("lwa", "delay", seconds=0.5)
    without_leader(box, end)
    gc.collect()  # while warnings of what was pending are ignored
    # that of the leader, if it left in time, whose answer nobody has got; and one more
    assert 1 <= len(box.ledger.token_requests()) <= 2


def without_leader(box: Sandbox, end: Callable[[LoopThread, "Future[Any]"], None]) -> None:
    """Send from 32 places while one signs in, and end that one."""
    many = Crowd(box)
    with loop_threads(2) as loops, loop_threads(1) as (own,):
        loop = loops[0] if end is cancelled else own
        leader = loop.submit(many.in_task())
        (entry,) = await_entries(many.aio)
        others = many.all_of_them(loops)
        while len(entry.flight.future._done_callbacks) < TASKS:
            loops[0].run(asyncio.sleep(0.001))
        end(loop, leader)
        assert outcomes(others) == [{"seen": True}] * (THREADS + TASKS)
        many.close(loops)


def await_entries(client: AsyncClient) -> list[Any]:
    """Wait until a sign-in is under way."""
    cache = client._parts.authorizer._cache
    while not (entries := [entry for entry in cache._entries.values() if entry.flight]):
        threading.Event().wait(0.001)
    return entries
