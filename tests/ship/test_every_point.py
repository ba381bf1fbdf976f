"""Work that is cut off at every point of it, under every fault, and then done again: each label once."""

import contextlib
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from typing import Any, NamedTuple

import pytest

from spshipping import SpShippingError, disk
from spshipping.journal import SpendingLimit, State
from spshipping.sandbox.faults import KINDS
from spshipping.shipping import GetRatesRequest
from spshipping.shipping.ship.sent import LEASE_SECONDS
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from tests.ship.conftest import Stage

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
SEED = 20_260_301
STEPS = ("begin", "quote", "sending", "settle", "renew", "claim", "find", "entries", "mark")
FAULTS: list[str | None] = [None, *(kind for kind in KINDS if kind != "delay")]
FAULTY = ("purchaseShipment", "getRates", "cancelShipment", "getShipmentDocuments")
PARCELS = 3
MOST_POINTS = 200
FEWEST_POINTS = 8
TRIES = 3


class PowerCut(BaseException):
    """The process has died: nothing that comes later has any effect."""


class Power:
    """What journal, network and disk need, and what can be cut before any step of them."""

    def __init__(self) -> None:
        self.left = 0
        self.is_off = False

    def on(self, left: int = 0) -> None:
        """Begin a process, which is cut off before step *left*; 0 for never."""
        self.left, self.is_off = left, False

    def step(self) -> None:
        """Count a step; do nothing any more once the power is off."""
        self.left -= 1
        self.is_off = self.is_off or self.left == 0
        if self.is_off:
            raise PowerCut

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return *function* as two steps: before it, and after it."""

        def stepped(*args: Any, **options: Any) -> Any:
            self.step()
            result = function(*args, **options)
            self.step()
            return result

        return stepped


def transport_of(stage: Stage) -> Any:
    """Return a network of the kind that the stage needs."""
    kind = RequestsTransport if stage.loop is None else AiohttpTransport
    return kind(clock=stage.clock)


class Bench:
    """A stage whose power can be cut."""

    def __init__(self, stage: Stage, parcel: GetRatesRequest, **options: Any) -> None:
        self.stage = stage
        self.parcel = parcel
        self.power = Power()
        self._transport = transport_of(stage)
        exchange = self._transport.exchange
        if stage.loop is None:
            self._transport.exchange = self.power.around(exchange)
        else:

            async def in_steps(*args: Any, **more: Any) -> Any:
                self.power.step()
                answer = await exchange(*args, **more)
                self.power.step()
                return answer

            self._transport.exchange = in_steps
        for name in STEPS:
            setattr(stage.journal, name, self.power.around(getattr(stage.journal, name)))
        client = stage.make_client(transport=self._transport)
        self.purchases = stage.purchases(client, save_to=stage.folder / "labels", **options)

    def close(self) -> None:
        """Close the connections."""
        if self.stage.loop is None:
            self._transport.close()
        else:
            self.stage.loop.run(self._transport.close())

    def is_cut(self, work: Callable[[], Any], point: int) -> bool:
        """Do *work* as the naive program does, and cut it off before a step; return whether that came."""
        self.power.on(point)
        try:
            for _ in range(TRIES):
                with contextlib.suppress(SpShippingError):
                    work()
                    break
        except PowerCut:
            return True
        finally:
            self.power.on()
            self.stage.pass_time(LEASE_SECONDS + 1)
        return False


MakeBench = Callable[..., Bench]


@pytest.fixture
def make_bench(stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeBench]:
    made: list[Bench] = []

    def make(**options: Any) -> Bench:
        bench = Bench(stage, parcel, **options)
        monkeypatch.setattr(disk, "replace", bench.power.around(disk.replace))
        made.append(bench)
        return bench

    yield make
    for bench in made:
        bench.close()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


class Act(NamedTuple):
    """Something that is done with one reference."""

    name: str
    labels: int
    points: int
    """There are more steps than this, without a fault."""
    work: Callable[[Bench, str], Any]
    prepare: Callable[[Bench, str], Any] = lambda bench, reference: None

    def __str__(self) -> str:
        return self.name


def ship(bench: Bench, reference: str) -> list[Any]:
    return [bench.purchases.ship(bench.parcel, reference=reference)]


def ship_parcels(bench: Bench, reference: str) -> list[Any]:
    shipped = bench.purchases.ship_parcels([bench.parcel] * PARCELS, reference=reference)
    for failure in (*shipped.failures, *shipped.unsettled):
        raise failure.error
    return list(shipped.shipments)


def ship_return(bench: Bench, reference: str) -> list[Any]:
    return [bench.purchases.ship_return(reference)]


def cancel(bench: Bench, reference: str) -> list[Any]:
    assert bench.purchases.cancel(reference).state is State.CANCELLED
    return []


ACTS = (
    Act("ship", 1, 15, ship),
    Act("ship_parcels", PARCELS, 45, ship_parcels),
    Act("ship_return", 2, 15, ship_return, ship),
    Act("cancel", 1, FEWEST_POINTS, cancel, ship),
)


def check(bench: Bench, act: Act, reference: str, seen: int, where: str) -> None:
    """Let everything be resumed and done again, and look at what there is."""
    stage = bench.stage
    stage.sandbox.faults.clear()
    assert bench.purchases.resume().unsettled == [], where
    shipments = act.work(bench, reference)
    labels = stage.sandbox.ledger.labels[seen:]
    assert len({label.reference for label in labels}) == len(labels) == act.labels, where
    assert all(label.is_cancelled for label in labels) is (act.name == "cancel"), where
    references = {label.reference for label in labels}
    for shipment in shipments:
        assert shipment.package_client_reference_id in references, where
        assert shipment.labels[0].data == shipment.files[0].read_bytes(), where
        shipment.files[0].unlink()
    again = act.work(bench, reference)
    data, first = ([one.labels[0].data for one in each] for each in (again, shipments))
    assert data == first, f"{where}: fetched again"


def points(
    bench: Bench, act: Act, fault: str | None, *, is_ours: Callable[[int], bool] = bool
) -> Iterator[int]:
    """Cut the work off at one point after the other, until it ends before it is cut off; yield the points."""
    stage = bench.stage
    for point in filter(is_ours, count(1)):
        assert point < MOST_POINTS
        where = f"{act} under {fault}, cut off at {point}"
        seen, reference = len(stage.sandbox.ledger.labels), f"{act} {fault} {point}"
        act.prepare(bench, reference)
        for operation in FAULTY if fault else ():
            stage.fail(fault or "", count=2, operation=operation, seed=point)
        work = partial(act.work, bench, reference)
        is_cut = bench.is_cut(work, point)
        bench.is_cut(bench.purchases.resume if point % 2 else work, point * 7 % 19)
        check(bench, act, reference, seen, where)
        yield point
        if not is_cut:
            return


@pytest.mark.long
@pytest.mark.parametrize("act", ACTS, ids=str)
def test_work_that_is_cut_off_at_any_point_is_done_once(bench: Bench, act: Act) -> None:
    # two points under threads, the next two under asyncio, and so on
    turn = 0 if bench.stage.loop is None else 1
    *_, last = points(bench, act, None, is_ours=lambda point: point // 2 % 2 == turn)
    assert last > act.points


@pytest.mark.soak
@pytest.mark.parametrize("act", ACTS, ids=str)
def test_work_that_is_cut_off_at_any_point_is_done_once_in_both_ways(bench: Bench, act: Act) -> None:
    assert len(list(points(bench, act, None))) > act.points


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("act", ACTS, ids=str)
def test_under_any_fault_too(bench: Bench, act: Act) -> None:
    faults = FAULTS if IS_FULL else Random(f"{SEED} {act}").sample(FAULTS, 2)
    for fault in faults:
        assert len(list(points(bench, act, fault))) > FEWEST_POINTS, fault


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 100 if IS_FULL else 10))]
)
def test_the_limit_is_never_passed_and_all_of_it_can_be_spent(
    stage: Stage, make_bench: MakeBench, seed: int
) -> None:
    random = Random(SEED + seed)
    limit = SpendingLimit(4 * Decimal("3.75") + Decimal("3.74"), "GBP")
    bench = make_bench(limit=limit)
    references = [str(number) for number in range(7)]
    for _ in range(3):
        for reference in references:
            fault = random.choice(FAULTS)
            if fault:
                stage.fail(fault, count=random.randrange(1, 4), seed=seed)
            bench.power.on(random.randrange(30))
            with contextlib.suppress(SpShippingError, PowerCut):
                bench.purchases.ship(bench.parcel, reference=reference)
            bench.power.on()
            assert stage.sandbox.ledger.spent.get("GBP", 0) <= limit.amount
        stage.pass_time(LEASE_SECONDS + 1)
    stage.sandbox.faults.clear()
    bench.purchases.resume()
    for reference in references:
        with contextlib.suppress(SpShippingError):
            bench.purchases.ship(bench.parcel, reference=reference)
    assert len(set(stage.labels)) == len(stage.labels) == 4
    assert stage.sandbox.ledger.spent == {"GBP": Decimal("15.00")}
