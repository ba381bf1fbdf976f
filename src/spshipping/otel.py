"""OpenTelemetry: a span and measurements for every attempt, and for a fleet, without personal data."""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from spshipping.errors import ConfigurationError
from spshipping.meta import Attempt

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
    from opentelemetry.trace import TracerProvider

    from spshipping.sync import SellerState, SyncLeases

_NAME = "spshipping"
_BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_WAIT_BOUNDARIES = (0.0, 0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 180.0, 600.0)
_THROTTLED = 429
_PORTS = {"https": 443, "http": 80}


class Telemetry:
    """Reports attempts to OpenTelemetry: `Client(on_reply=Telemetry())`.

    Follows the semantic conventions for HTTP clients: one span for each request that was sent, a repeat with
    `http.request.resend_count`, and `http.client.request.duration`. The URL is the operation's template, so
    that it holds no id, no query and no person. The wait for the quota is
    `spshipping.quota.wait`, the reservations that were used are `spshipping.quota.reservations`, and the
    answers with status 429 are `spshipping.quota.throttled`. No header is added to what Amazon gets.

    Needs the extra `spshipping[otel]`: the API package only; which SDK collects is up to the program.

    Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
    """

    def __init__(
        self,
        tracer_provider: "TracerProvider | None" = None,
        meter_provider: "MeterProvider | None" = None,
        *,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        """Report to the given providers, or to the program's own.

        Raises:
            ConfigurationError: the extra is not installed.
        """
        try:
            from opentelemetry import metrics, trace
        except ImportError:
            raise ConfigurationError(
                "Telemetry needs the API of OpenTelemetry: pip install 'spshipping[otel]'"
            ) from None
        self._client = trace.SpanKind.CLIENT
        self._error = trace.Status(trace.StatusCode.ERROR)
        self._now_ns = now_ns
        self._tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
        self._observation = metrics.Observation
        self._meter = meter = metrics.get_meter(_NAME, meter_provider=meter_provider)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )
        self._wait = meter.create_histogram(
            "spshipping.quota.wait",
            unit="s",
            description="How long an attempt waited for the quota.",
            explicit_bucket_boundaries_advisory=_WAIT_BOUNDARIES,
        )
        self._reservations = meter.create_counter(
            "spshipping.quota.reservations",
            unit="{reservation}",
            description="Reservations in the quota that an attempt has used.",
        )
        self._throttled = meter.create_counter(
            "spshipping.quota.throttled",
            unit="{response}",
            description="Attempts that Amazon answered with status 429.",
        )

    def __call__(self, attempt: Attempt) -> None:
        """Report *attempt*, which has just ended."""
        method, template = attempt.route.split(" ", 1)
        common = _common(attempt, method, template)
        ended = self._now_ns()
        span = self._tracer.start_span(
            f"{method} {template}",
            kind=self._client,
            attributes={**common, **_particular(attempt, template)},
            start_time=ended - int(attempt.elapsed * 1_000_000_000),
        )
        if "error.type" in common:
            span.set_status(self._error)
        span.end(end_time=ended)
        self._duration.record(attempt.elapsed, common)
        operation = {"spshipping.operation": attempt.operation}
        self._wait.record(attempt.waited, operation)
        self._reservations.add(1, operation)
        if attempt.status == _THROTTLED:
            self._throttled.add(1, operation)

    def watch_leases(
        self,
        leases: "SyncLeases",
        *,
        label: Callable[[str], str] = lambda name: name,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Report `spshipping.sync.lag` and `spshipping.sync.changes` of each seller that has a row.

        The first is how many seconds back lies what was delivered whole; the second is how many changes that
        notifications named wait.

        Args:
            leases: the rows.
            label: returns what a seller is called in `spshipping.seller`: give one where the names of rows
                may name persons.
            now: what the time is.
        """

        def lags(_: "CallbackOptions") -> "Iterable[Observation]":
            time = now()
            for seller in leases.sellers():
                if seller.until is not None:
                    yield self._observation((time - seller.until).total_seconds(), of(seller))

        def changes(_: "CallbackOptions") -> "Iterable[Observation]":
            return [self._observation(seller.changes, of(seller)) for seller in leases.sellers()]

        def of(seller: "SellerState") -> dict[str, str]:
            return {"spshipping.seller": label(seller.name)}

        self._meter.create_observable_gauge(
            "spshipping.sync.lag",
            [lags],
            unit="s",
            description="How far back everything that changed was delivered.",
        )
        self._meter.create_observable_gauge(
            "spshipping.sync.changes",
            [changes],
            unit="{change}",
            description="Changes that notifications named and that wait to be delivered.",
        )

    def watch_purchases(self, count: Callable[[], int]) -> None:
        """Report `spshipping.purchases.open`.

        Args:
            count: returns how many purchases are open, such as `lambda: len(purchases.unsettled())`.
        """

        def observe(_: "CallbackOptions") -> "Iterable[Observation]":
            return [self._observation(count())]

        self._meter.create_observable_gauge(
            "spshipping.purchases.open",
            [observe],
            unit="{purchase}",
            description="Purchases that may have been bought, and whose outcome is not known.",
        )


def _common(attempt: Attempt, method: str, template: str) -> dict[str, str | int]:
    """Return what is the same for many attempts, and so fit for measurements."""
    parts = urlsplit(attempt.endpoint)
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "server.address": parts.hostname or "",
        "server.port": parts.port or _PORTS[parts.scheme],
        "url.scheme": parts.scheme,
        "url.template": template,
    }
    if attempt.status is not None:
        attributes["http.response.status_code"] = attempt.status
    if attempt.failure:
        attributes["error.type"] = attempt.failure
    elif attempt.outcome != "answered":
        attributes["error.type"] = str(attempt.status)
    return attributes


def _particular(attempt: Attempt, template: str) -> dict[str, str | int | float]:
    attributes: dict[str, str | int | float] = {
        "url.full": attempt.endpoint + template,
        "spshipping.operation": attempt.operation,
        "spshipping.outcome": attempt.outcome,
        "spshipping.quota.left": attempt.quota_left,
    }
    if attempt.number > 1:
        attributes["http.request.resend_count"] = attempt.number - 1
    if attempt.request_id:
        attributes["aws.request_id"] = attempt.request_id
    return attributes
