"""Many parcels are tracked side by side, under threads and under asyncio."""

import os
import threading
import tracemalloc
from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from spshipping.errors import InvalidRequestError, NotFoundError
from spshipping.meta import Attempt
from spshipping.shipping import GET_TRACKING, TrackingStatus
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.drives import DRIVES, Drive
from tests.kit import START, FakeClock, ScriptedTransport, answer, refusal

T = TypeVar("T")

OURS = "AMZN_UK"
PARCELS = 10_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 1_000


@pytest.fixture(params=DRIVES, ids=["threads", "asyncio"])
def drive(request: pytest.FixtureRequest) -> Iterator[Drive]:
    made: Drive = request.param()
    yield made
    made.close()


class Parcels(ScriptedTransport):
    """Answers every question for a parcel; those whose id begins with `X` do not exist."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.businesses: set[str | None] = set()

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if request.url.endswith("/auth/o2/token"):
            return super().exchange(request, limits)
        query = parse_qs(urlsplit(request.url).query)
        with self.lock:
            self.asked.append(query["trackingId"][0])
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.businesses.add(headers.get("x-amzn-shipping-business-id"))
        if query["trackingId"][0].startswith("X"):
            return refusal(404, "NotFound")
        history = [{"eventCode": "Delivered", "eventTime": "2026-03-01T10:00:00Z", "shipmentType": "FORWARD"}]
        body: dict[str, Any] = {"eventHistory": history, "summary": {"status": "Delivered"}}
        if query["trackingId"] != ["T3"]:  # an answer without it is still about the parcel that was asked for
            body |= {"trackingId": query["trackingId"][0]}
        return answer(200, {"payload": body})


def test_each_parcel_comes_with_its_timeline_or_its_error(drive: Drive) -> None:
    network = Parcels()
    client = drive.client(network)
    parcels = [("T1", OURS), ("X2", OURS), ("T3", "amzn_us"), ("T4", "UPS"), ["T6", OURS]]
    found = {each.tracking_id: each for each in client.shipping.track_many(parcels, concurrency=2)}
    assert len(found) == len(parcels)
    for tracking_id in ("T1", "T3", "T6"):
        timeline = found[tracking_id].timeline
        assert timeline is not None
        assert (timeline.tracking_id, timeline.status) == (tracking_id, TrackingStatus.DELIVERED)
        assert timeline.summary is not None
        assert timeline.summary.at >= START
        assert found[tracking_id].error is None
        assert found[tracking_id].is_trackable
    assert isinstance(found["X2"].error, NotFoundError)
    assert found["X2"].timeline is None
    assert found["X2"].is_trackable
    assert not found["T4"].is_trackable
    assert sorted(network.asked) == ["T1", "T3", "T6", "X2"]


def test_a_parcel_of_another_carrier_is_not_trackable_here_and_nothing_is_sent(drive: Drive) -> None:
    network = Parcels()
    (found,) = drive.client(network).shipping.track_many([("1Z999", "UPS")])
    assert not found.is_trackable
    assert (found.tracking_id, found.carrier_id, found.timeline) == ("1Z999", "UPS", None)
    assert "carrier_id: is another carrier's, whose parcels are not trackable here" in str(found.error)
    assert (network.asked, network.sign_ins) == ([], 0)


def test_the_business_is_sent(drive: Drive) -> None:
    network = Parcels()
    list(drive.client(network).shipping.track_many([("T1", OURS)], business="IT"))
    assert network.businesses == {"AmazonShipping_IT"}


@pytest.mark.parametrize("wrong", ["T2", ("T2",), ("T2", 7), None], ids=repr)
def test_what_is_no_pair_ends_the_tracking_after_what_is_under_way(drive: Drive, wrong: Any) -> None:
    client = drive.client(Parcels())
    got: list[str] = []
    with pytest.raises(InvalidRequestError, match="parcels: takes pairs of a tracking id and a carrier id"):
        got.extend(each.tracking_id for each in client.shipping.track_many([("T1", OURS), wrong]))
    assert got == ["T1"]


def test_a_concurrency_of_none_is_refused_at_once(drive: Drive) -> None:
    with pytest.raises(InvalidRequestError, match="concurrency"):
        drive.client(Parcels()).shipping.track_many([], concurrency=0)


def test_parcels_are_drawn_as_they_are_needed_and_a_loop_can_be_left(drive: Drive) -> None:
    drawn: list[int] = []

    def parcels() -> Iterator[tuple[str, str]]:
        for number in range(100):
            drawn.append(number)
            yield f"T{number}", OURS

    results = drive.client(Parcels()).shipping.track_many(parcels(), concurrency=4)
    assert drawn == []
    next(results)
    next(results)
    results.close()
    assert len(drawn) <= 6


@pytest.mark.soak
def test_memory_stays_flat_however_many_parcels_there_are(drive: Drive) -> None:
    def grown(client: Any, count: int) -> int:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in client.shipping.track_many((f"T{n}", "UPS" if n % 2 else OURS) for n in range(count)):
            pass
        return tracemalloc.get_traced_memory()[1] - before

    network = Parcels()
    clock = FakeClock()
    network.asked, clock.slept = Forgetful[str](), Forgetful[float]()
    client = drive.client(network, clock)
    list(client.shipping.track_many([("T0", OURS)] * 40))
    tracemalloc.start()
    try:
        few, many = grown(client, 100), grown(client, PARCELS)
    finally:
        tracemalloc.stop()
    # what threads have under way differs from run to run; an answer that is kept has kilobytes
    assert many < few + 500_000


class Forgetful(list[T]):
    """Keeps nothing."""

    def append(self, value: T, /) -> None:
        """Drop it."""


def test_the_operation_is_the_one_of_a_single_parcel(drive: Drive) -> None:
    calls: list[str] = []

    def listen(attempt: Attempt) -> None:
        calls.append(attempt.operation)

    client: Any = drive.client(Parcels())
    list(client.with_options(on_reply=listen).shipping.track_many([("T1", OURS)]))
    assert calls == [GET_TRACKING.name]
