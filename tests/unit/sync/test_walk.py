"""Whatever happens, what ends up in a state is delivered in it, and none twice while nothing fails."""

from collections.abc import Callable, Iterator

import pytest

from spshipping.orders import OrderSource
from tests.drives import DRIVES, Drive
from tests.unit.sync.walk import OrdersWalk, Walk
from tests.unit.sync.walk_vendor import VendorWalk

MakeWalk = Callable[[int, Drive], Walk]
KINDS: dict[str, MakeWalk] = {
    "v2026": lambda seed, drive: OrdersWalk(seed, drive, OrderSource.V2026),
    "both": lambda seed, drive: OrdersWalk(seed, drive, OrderSource.BOTH),
    "vendor": lambda seed, drive: VendorWalk(seed, drive, has_history=False),
    "vendor-history": lambda seed, drive: VendorWalk(seed, drive, has_history=True),
}
WALKS = pytest.mark.parametrize("make", KINDS.values(), ids=list(KINDS))


@pytest.fixture(params=DRIVES, ids=["threads", "asyncio"])
def drive(request: pytest.FixtureRequest) -> Iterator[Drive]:
    made: Drive = request.param()
    yield made
    made.close()


@WALKS
def test_a_walk_delivers_what_changed_and_no_state_twice(make: MakeWalk, drive: Drive) -> None:
    for seed in (8, 14, 21, 22):  # each kind met, with one of them, an error that was mended
        walked = make(seed, drive).walk(25)
        assert (walked.missing(), walked.twice) == ([], [])


@pytest.mark.long
@WALKS
@pytest.mark.parametrize("seed", range(100, 120))
def test_long_walks_deliver_what_changed_and_no_state_twice(make: MakeWalk, drive: Drive, seed: int) -> None:
    walked = make(seed, drive).walk(60)
    assert (walked.missing(), walked.twice) == ([], [])
