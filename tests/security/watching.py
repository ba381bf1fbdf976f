"""What watches every attempt of a client, and what comes of it: OpenTelemetry, as a program sets it up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from spshipping.meta import Attempt
from spshipping.otel import Telemetry
from tests.security.canary import Catch


@contextmanager
def watching(catch: Catch) -> Iterator[Callable[[Attempt], None]]:
    """Yield an `on_reply` that looks at every attempt, and has OpenTelemetry collect it."""
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    telemetry = Telemetry(tracers, MeterProvider([reader], shutdown_on_exit=False))

    def on_reply(attempt: Attempt) -> None:
        catch.show(attempt)
        telemetry(attempt)

    yield on_reply
    catch.say("spans", *(span.to_json(None) for span in spans.get_finished_spans()))
    measured = reader.get_metrics_data()
    catch.say("measurements", measured.to_json(None) if measured else "")
