"""What OpenTelemetry gets to see, with a real SDK collecting."""

import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from spshipping import ConfigurationError, SpShippingError
from spshipping.otel import Telemetry
from spshipping.sync import Checkpoint, MemoryLeases, NewChange
from spshipping.transport.http import HttpFailure
from tests.kit import START, FakeClock, ScriptedTransport, Step, answer, client_of
from tests.unit.samples import BUY, LOOK, Wish

GOOD = answer(200, {"giftId": "1"})
DOWN = answer(503, b"<html>")


class Watched:
    """A telemetry, and what came of it."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider([self._reader])
        self.telemetry = Telemetry(self.tracers, self.meters, now_ns=lambda: 5_000_000_000)

    def send(self, *steps: Step, seconds: float = 0.0, calls: int = 1, **options: Any) -> None:
        clock = FakeClock()
        client = client_of(
            ScriptedTransport(steps, clock=clock, seconds=seconds), clock, on_reply=self.telemetry, **options
        )
        for _ in range(calls):
            with contextlib.suppress(SpShippingError):
                client.send(LOOK(path={"giftId": "Ann-Smith"}, query={"word": "canary@example.com"}))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._spans.get_finished_spans()

    def points(self, name: str) -> list[Any]:
        data = self._reader.get_metrics_data()
        assert data is not None
        return [
            point
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


@pytest.fixture
def watched() -> Iterator[Watched]:
    found = Watched()
    yield found
    found.tracers.shutdown()
    found.meters.shutdown()


def test_an_attempt_is_a_client_span_as_the_conventions_have_it(watched: Watched) -> None:
    watched.send(GOOD, seconds=0.25)
    (span,) = watched.spans
    assert (span.name, span.kind) == ("GET /gifts/{giftId}", SpanKind.CLIENT)
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "server.address": "sellingpartnerapi-eu.amazon.com",
        "server.port": 443,
        "url.scheme": "https",
        "url.template": "/gifts/{giftId}",
        "url.full": "https://sellingpartnerapi-eu.amazon.com/gifts/{giftId}",
        "http.response.status_code": 200,
        "spshipping.operation": "look",
        "spshipping.outcome": "answered",
        "spshipping.quota.left": 9.0,
        "aws.request_id": "req-1",
    }
    assert (span.start_time, span.end_time) == (4_750_000_000, 5_000_000_000)
    assert span.status.status_code is StatusCode.UNSET


def test_repeats_are_counted_and_errors_named(watched: Watched) -> None:
    watched.send(DOWN, HttpFailure("cut", was_sent=True), GOOD)
    seen = [dict(span.attributes or {}) for span in watched.spans]
    assert [attributes.get("http.request.resend_count") for attributes in seen] == [None, 1, 2]
    assert [attributes.get("error.type") for attributes in seen] == ["503", "cut", None]
    assert [span.status.status_code for span in watched.spans] == [
        StatusCode.ERROR,
        StatusCode.ERROR,
        StatusCode.UNSET,
    ]


def test_durations_and_waits_are_measured_in_seconds(watched: Watched) -> None:
    watched.send(*[GOOD] * 11, seconds=0.03, calls=11)
    (duration,) = watched.points("http.client.request.duration")
    assert (duration.count, duration.sum) == (11, pytest.approx(0.33))
    assert duration.attributes["url.template"] == "/gifts/{giftId}"
    (wait,) = watched.points("spshipping.quota.wait")
    assert wait.attributes == {"spshipping.operation": "look"}
    assert wait.max == pytest.approx(0.25, abs=0.03)


def test_another_port_is_told(watched: Watched) -> None:
    watched.send(GOOD, endpoint="http://127.0.0.1:8080")
    attributes = dict(watched.spans[0].attributes or {})
    assert (attributes["server.address"], attributes["server.port"]) == ("127.0.0.1", 8080)


def test_nothing_of_anybody_is_told(watched: Watched) -> None:
    watched.send(answer(400, {"errors": [{"code": "x", "message": "Ann-Smith canary@example.com"}]}))
    shown = "".join(span.to_json() for span in watched.spans) + str(
        watched.points("http.client.request.duration")
    )
    assert "Ann-Smith" not in shown
    assert "canary" not in shown
    assert "Atza|" not in shown


def test_without_providers_it_reports_to_the_programs_own() -> None:
    client = client_of(ScriptedTransport([GOOD]), on_reply=Telemetry())
    assert client.send(BUY(body=Wish(text="x"))).value.gift_id == "1"


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigurationError, match=r"spshipping\[otel\]"):
        Telemetry()


def test_reservations_and_429s_are_counted_by_operation(watched: Watched) -> None:
    watched.send(answer(429, {}), answer(429, {}), GOOD)
    (used,), (throttled,) = (
        watched.points(f"spshipping.quota.{name}") for name in ("reservations", "throttled")
    )
    assert (used.value, throttled.value) == (3, 2)
    assert dict(used.attributes) == dict(throttled.attributes) == {"spshipping.operation": LOOK.name}


def test_how_far_each_seller_lags_behind_is_measured_under_a_name_of_the_caller_s(watched: Watched) -> None:
    leases = MemoryLeases(FakeClock())
    leases.add(["Ada Lovelace", "new"])
    leases.note(NewChange("n1", "new", "order-1"))
    lease = leases.claim("one", 60)
    assert lease is not None
    lease.save(Checkpoint(START - timedelta(hours=1)))
    watched.telemetry.watch_leases(leases, label=lambda name: name[:3].upper(), now=lambda: START)
    (lag,) = watched.points("spshipping.sync.lag")
    assert (lag.value, dict(lag.attributes)) == (3600, {"spshipping.seller": "ADA"})
    changes = watched.points("spshipping.sync.changes")
    assert {point.attributes["spshipping.seller"]: point.value for point in changes} == {"ADA": 0, "NEW": 1}


def test_a_seller_is_called_as_its_row_and_the_time_is_the_present_unless_given(watched: Watched) -> None:
    leases = MemoryLeases(FakeClock())
    leases.add(["a"])
    lease = leases.claim("one", 60)
    assert lease is not None
    lease.save(Checkpoint(datetime(1995, 1, 2, tzinfo=UTC)))
    watched.telemetry.watch_leases(leases)
    (lag,) = watched.points("spshipping.sync.lag")
    assert dict(lag.attributes) == {"spshipping.seller": "a"}
    assert lag.value > 30 * 365 * 86_400


def test_open_purchases_are_as_many_as_the_function_says(watched: Watched) -> None:
    watched.telemetry.watch_purchases(lambda: 3)
    (point,) = watched.points("spshipping.purchases.open")
    assert point.value == 3
