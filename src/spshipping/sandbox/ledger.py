"""The ledger: every request, every label that was bought, and what it cost."""

import dataclasses
import threading
from collections import Counter, deque
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.sandbox.access import TokenKind
from spshipping.sandbox.clock import write_time

KEPT_BODIES = 1_000
"""Of how many requests, the last ones, the body is kept."""
KEPT = 10_000
"""How many requests are kept in full; older ones are only counted."""
SIGN_IN = "lwa"
"""The name of a request for an access token, in counts and in faults."""
_UNKNOWN = "unknown"


class RequestRecord(NamedTuple):
    """One request to the API."""

    time: datetime
    operation: str | None
    """Amazon's operationId; None where no operation has this path."""
    method: str
    path: str
    query: str
    status: int | None
    """The status of the response; None where nothing was done."""
    fault: str | None
    """The kind of the fault that struck the request."""
    seller: str | None
    business: str | None
    key: str | None
    user_agent: str | None
    headers: dict[str, str]
    """Further headers; no token."""
    body_digest: str
    """A SHA-256 of the body: equal for equal bytes."""
    connection: int
    """The number of its connection, counted from 1."""
    token: TokenKind | None = None
    """The kind of its access token; None where there was none, or one that the sandbox has not issued."""
    route: str | None = None
    """The operation's verb and path template; operations of two versions share a name, never a route."""


class TokenRequestRecord(NamedTuple):
    """One request for an access token."""

    time: datetime
    grant_type: str | None
    client_id: str | None
    seller: str | None
    status: int | None
    fault: str | None
    user_agent: str | None
    content_type: str | None


@dataclasses.dataclass
class Label:
    """One shipment that was bought."""

    shipment_id: str
    operation: str
    seller: str
    key: str | None
    reference: str
    """The seller's own id of the package."""
    cost: Decimal
    currency: str
    is_cancelled: bool = False


class Ledger:
    """Everything that happened since the start or the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Remove everything."""
        with self._lock:
            self._requests: deque[RequestRecord] = deque(maxlen=KEPT)
            self._contents: deque[tuple[RequestRecord, bytes]] = deque(maxlen=KEPT_BODIES)
            self._tokens: deque[TokenRequestRecord] = deque(maxlen=KEPT)
            self._counts: Counter[tuple[str, int | None]] = Counter()
            self._routes: Counter[tuple[str, int | None]] = Counter()
            self._struck: Counter[str] = Counter()
            self._labels: dict[str, Label] = {}

    def add(self, entry: RequestRecord | TokenRequestRecord, content: bytes = b"") -> None:
        """Add one request, and the body of one for an operation."""
        with self._lock:
            if isinstance(entry, RequestRecord):
                self._requests.append(entry)
                self._contents.append((entry, content))
                self._counts[entry.operation or _UNKNOWN, entry.status] += 1
                self._routes[entry.route or _UNKNOWN, entry.status] += 1
            else:
                self._tokens.append(entry)
                self._counts[SIGN_IN, entry.status] += 1
            if entry.fault:
                self._struck[entry.fault] += 1

    def add_label(self, label: Label) -> None:
        """Add a purchase."""
        with self._lock:
            self._labels[label.shipment_id] = label

    def cancel_label(self, shipment_id: str) -> None:
        """Mark a label as cancelled; its cost is refunded."""
        with self._lock:
            self._labels[shipment_id].is_cancelled = True

    def requests(self, operation: str | None = None) -> list[RequestRecord]:
        """Return the last requests, oldest first; of one operation or route, or of all."""
        with self._lock:
            return [
                request for request in self._requests if operation in (None, request.operation, request.route)
            ]

    def contents(self) -> dict[int, bytes]:
        """Return the bodies that are kept, by the identity of their requests."""
        with self._lock:
            return {id(record): content for record, content in self._contents}

    def token_requests(self) -> list[TokenRequestRecord]:
        """Return the last requests for an access token, oldest first."""
        with self._lock:
            return list(self._tokens)

    def count(self, operation: str, status: int | None = None) -> int:
        """Return the number of requests for an operation, a route or `lwa`, of all or of one *status*."""
        with self._lock:
            counts = self._routes if " " in operation else self._counts
            return sum(
                number
                for (name, returned), number in counts.items()
                if name == operation and status in (None, returned)
            )

    @property
    def faults(self) -> dict[str, int]:
        """How often each kind of fault has struck."""
        with self._lock:
            return dict(sorted(self._struck.items()))

    @property
    def labels(self) -> list[Label]:
        """Every label bought, cancelled ones too."""
        with self._lock:
            return [dataclasses.replace(label) for label in self._labels.values()]

    @property
    def spent(self) -> dict[str, Decimal]:
        """Money spent per currency, without cancelled labels."""
        total: dict[str, Decimal] = {}
        for label in self.labels:
            if not label.is_cancelled:
                total[label.currency] = total.get(label.currency, Decimal(0)) + label.cost
        return total

    def as_dict(self) -> dict[str, Any]:
        """Return the whole ledger as JSON values; money is text."""
        operations: dict[str, dict[str, int]] = {}
        with self._lock:
            for (name, status), number in sorted(self._counts.items(), key=str):
                operations.setdefault(name, {})["none" if status is None else str(status)] = number
        return {
            "operations": operations,
            "faults": self.faults,
            "labels": [{**dataclasses.asdict(label), "cost": str(label.cost)} for label in self.labels],
            "spent": {currency: str(amount) for currency, amount in self.spent.items()},
            "requests": [_plain(entry) for entry in self.requests()],
            "token_requests": [_plain(entry) for entry in self.token_requests()],
        }


def _plain(entry: RequestRecord | TokenRequestRecord) -> dict[str, Any]:
    return {**entry._asdict(), "time": write_time(entry.time)}
