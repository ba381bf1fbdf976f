"""Who is interrupted while the journal works leaves the reference free, and the next call buys one label."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from spshipping import OutcomeUnknownError
from spshipping.shipping import GetRatesRequest
from spshipping.shipping.ship.shop import Shop
from tests.loops import SECONDS
from tests.ship.conftest import SELLER, Stage, ship

LOST = 3
"""So many answers that do not come are those of one call."""


class Interrupt(BaseException):
    """A signal has come."""


@contextmanager
def interrupted_after(step: str) -> Iterator[None]:
    """Let a signal come when the journal has just done a step."""
    kept = Shop.kept

    async def interrupted(self: Shop, function: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        result = await kept(self, function, *args, **options)
        if getattr(function, "__name__", "") == step:
            raise Interrupt
        return result

    with mock.patch.object(Shop, "kept", interrupted), pytest.raises(Interrupt):
        yield


def lose(stage: Stage, parcel: GetRatesRequest) -> None:
    """Buy a label whose answer does not come."""
    stage.fail("drop_after", count=LOST)
    with pytest.raises(OutcomeUnknownError):
        ship(stage, parcel)


def ship_at_once(stage: Stage, parcel: GetRatesRequest) -> None:
    slept = len(stage.clock.slept)
    assert ship(stage, parcel)
    assert len(stage.clock.slept) == slept, "it waited for a lease"
    assert len(stage.labels) == 1


@pytest.mark.parametrize("step", ["own", "quote", "sending"])
def test_an_interrupt_before_it_is_sent_leaves_the_reference_free(
    stage: Stage, parcel: GetRatesRequest, step: str
) -> None:
    with interrupted_after(step):
        ship(stage, parcel)
    assert stage.count("purchaseShipment") == 0
    ship_at_once(stage, parcel)


def test_an_interrupt_before_it_is_sent_again_leaves_the_reference_free(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    lose(stage, parcel)
    with interrupted_after("sending"):
        ship(stage, parcel)
    ship_at_once(stage, parcel)


def test_an_interrupt_while_a_purchase_is_claimed_leaves_it_free(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    lose(stage, parcel)
    with interrupted_after("own"):
        stage.purchases().resume()
    ship_at_once(stage, parcel)


@pytest.mark.parametrize("stage", ["asyncio"], indirect=True)  # a thread cannot be cancelled
@pytest.mark.parametrize("step", ["begin", "quote", "sending"])
def test_a_task_that_is_cancelled_while_the_journal_works_leaves_the_reference_free(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    assert stage.loop is not None
    work = getattr(stage.journal, step)
    has_begun, may_end = threading.Event(), threading.Event()

    def slow(*args: Any) -> Any:
        has_begun.set()
        assert may_end.wait(SECONDS)
        return work(*args)

    async def cancelled() -> None:
        shipping = stage.client.shipping._target
        task = asyncio.create_task(
            shipping.ship(parcel, reference="1001", journal=stage.journal, seller=SELLER)
        )
        await asyncio.to_thread(has_begun.wait, SECONDS)
        task.cancel()
        await asyncio.wait([asyncio.create_task(asyncio.to_thread(int)) for _ in range(3)])
        assert not task.done(), "it leaves when the journal has ended"
        may_end.set()
        await task

    with monkeypatch.context() as patched:
        patched.setattr(stage.journal, step, slow)
        with pytest.raises(asyncio.CancelledError):
            stage.loop.run(cancelled())
    assert stage.count("purchaseShipment") == 0
    ship_at_once(stage, parcel)


def test_an_interrupt_of_a_repeat_leaves_what_was_bought(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    with interrupted_after("own"):
        ship(stage, parcel)
    ship_at_once(stage, parcel)
