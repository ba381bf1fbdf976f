"""The health of a worker over HTTP: counts alone, no name and nothing personal."""

import json
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Protocol, Self

from spshipping.cli.queue import QueueThread
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError, SpShippingError, printable
from spshipping.sync import SellerState, Worker

_SECONDS = 5.0
"""So long a client of it may take for its request."""
_GOOD_SECONDS = 1.0
"""So long a look at the leases is good for."""
_logger = logging.getLogger("spshipping")


class Rows(Protocol):
    """What has the rows of sellers: the leases, or `OneLook` at them."""

    def sellers(self) -> Sequence[SellerState]:
        """Return all rows."""
        ...


class OneLook:
    """Looks at the leases for all who ask at a time: each look of its own would open a connection."""

    def __init__(self, leases: Rows, clock: Clock | None = None) -> None:
        self._leases = leases
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._good_until: float | None = None
        self._rows: Sequence[SellerState] | None = None

    def sellers(self) -> Sequence[SellerState]:
        """Return all rows, as they were a second ago at most, or when the look began for which this waited.

        Raises:
            SpShippingError: the look has failed.
        """
        with self._lock:
            if self._good_until is None or self._clock.monotonic() >= self._good_until:
                self._rows = self._looked()
                self._good_until = self._clock.monotonic() + _GOOD_SECONDS
            rows = self._rows
        if rows is None:
            raise SpShippingError("the leases are out of reach")
        return rows

    def _looked(self) -> Sequence[SellerState] | None:
        try:
            return self._leases.sellers()
        except Exception:  # it fails for all who wait, or each would wait for a failure of its own
            return None


def counts_of(leases: Rows, worker: Worker[Any], queue: QueueThread | None = None) -> dict[str, object]:
    """Return how this worker, its queue and its sellers are."""
    status, own = worker.status, worker.sellers
    is_failing = (
        status.out_of_reach or status.died or worker.is_stuck or (queue is not None and queue.is_failing)
    )
    counts: dict[str, object] = {
        "status": "failing" if is_failing else "ok",
        **status._asdict(),
        "longest_step_seconds": round(max([0.0, *worker.step_seconds()])),
    }
    if queue is not None:
        counts["queue_failures"] = queue.failures
        counts["queue_poll_seconds"] = round(queue.poll_seconds)
    try:
        rows = [row for row in leases.sellers() if own is None or row.name in own]
    except Exception:  # whatever it is, it is no health
        return {**counts, "status": "failing"}
    if not rows:  # all were removed, or the database is another: it serves nobody until it is started again
        counts["status"] = "failing"
    return {
        **counts,
        "sellers": len(rows),
        "sellers_owned": sum(row.is_owned for row in rows),
        "sellers_failing": sum(row.failures > 0 for row in rows),
        "sellers_due": sum(row.due_in <= 0 and not row.is_owned for row in rows),
        "longest_due_seconds": round(max([0.0, *(-row.due_in for row in rows if not row.is_owned)])),
        "changes_waiting": sum(row.changes for row in rows),
    }


class Health:
    """Answers `GET /health`: with status 200, or 503 where the worker cannot work."""

    def __init__(self, host: str, port: int, counts: Callable[[], dict[str, object]]) -> None:
        """Listen.

        Raises:
            ConfigurationError: that is not possible.
        """

        class Handler(_Handler):
            counts_now = staticmethod(counts)

        try:
            self._server = _Server((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"/health cannot be answered at {printable(host)}:{port} ({type(error).__name__}): choose"
                " another --health"
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self.url: str = f"http://{host}:{self._server.server_address[1]}/health"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Print no traceback; a client that has gone away is nothing to log."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            _logger.error("/health was not answered: %s", type(error).__name__)


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "spshipping", ""
    timeout = _SECONDS
    counts_now: Callable[[], dict[str, object]]

    def do_GET(self) -> None:
        if self.path != "/health":
            self.send_error(404)
            return
        counts = self.counts_now()
        body = json.dumps(counts).encode()
        self.send_response(200 if counts["status"] == "ok" else 503)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""
