"""The quota keeper as a call uses it: directly in memory, through `Io` where it may block."""

from collections.abc import Callable
from typing import Any

import pytest

from spshipping import MemoryQuota, Quota, QuotaKeeper
from spshipping.transport.bucket import QuotaState
from spshipping.transport.io import run
from spshipping.transport.keeper import Reservations
from spshipping.transport.threads import ThreadIo
from tests.kit import FakeClock, ScriptedTransport

KEY, QUOTA = ("app seller", "GET /x"), Quota(2.0, 10)


class Noting(ThreadIo):
    """Notes what goes through it."""

    def __init__(self) -> None:
        super().__init__(ScriptedTransport(), FakeClock())
        self.calls: list[str] = []

    async def plugin(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(function.__name__)
        return await super().plugin(function, *args, **kwargs)


class Theirs(MemoryQuota):
    """A keeper of the user's, which may block."""


def used(keeper: QuotaKeeper, io: Noting) -> tuple[Any, ...]:
    """Use every method, and return what came back."""
    reservations = Reservations(keeper, io)
    turn = run(reservations.reserve(KEY, QUOTA, 60.0))
    run(reservations.give_back(KEY, QUOTA, turn))
    turn = run(reservations.reserve(KEY, QUOTA, 60.0))
    left = run(reservations.remaining(KEY, QUOTA, turn))
    before = run(reservations.state(KEY, QUOTA))
    run(reservations.drain(KEY, QUOTA, turn))
    run(reservations.learn(KEY, QUOTA, 1.0))
    return left, before, run(reservations.state(KEY, QUOTA))


@pytest.mark.parametrize("kind", [MemoryQuota, Theirs])
def test_every_keeper_is_used_in_the_same_way(kind: type[MemoryQuota]) -> None:
    left, before, after = used(kind(FakeClock()), Noting())
    assert left == 0.0
    assert before == QuotaState(rate=2.0, burst=10, left=9.0, wait=0.0)
    assert (after.rate, after.left) == (1.0, 0.0)


def test_only_what_may_block_goes_through_the_io() -> None:
    ours, theirs = Noting(), Noting()
    used(MemoryQuota(FakeClock()), ours)
    used(Theirs(FakeClock()), theirs)
    assert ours.calls == []
    assert theirs.calls == [
        "reserve",
        "give_back",
        "reserve",
        "remaining",
        "state",
        "drain",
        "learn",
        "state",
    ]
