"""The sandbox's books: what was asked, which tokens were given, which labels were bought, what it cost."""

import dataclasses
import threading
from collections import Counter, deque
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.sandbox.access import TokenKind
from spshipping.sandbox.clock import as_text

KEPT = 10_000
"""How many requests are kept in full; the counts go on."""


class Seen(NamedTuple):
    """One request to the API."""

    time: datetime
    operation: str | None
    """Amazon's operationId, or None where the path is no operation's."""
    method: str
    path: str
    query: str
    status: int | None
    """What was answered, or None where nothing was done."""
    fault: str | None
    """The kind of the fault that struck it."""
    seller: str | None
    business: str | None
    key: str | None
    user_agent: str | None
    headers: dict[str, str]
    """The headers that matter beside those; no token."""
    body_digest: str
    """A SHA-256 of the body: equal for equal bytes."""
    connection: int
    """Which connection it came on, counted from 1."""
    token: TokenKind | None = None
    """The kind of token that was sent; None where there was none, or one that the sandbox never gave."""
    route: str | None = None
    """The operation's verb and path template; operations of two versions share a name, and no route."""


class TokenSeen(NamedTuple):
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
    """Everything that happened, as tests and people ask for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._seen: deque[Seen] = deque(maxlen=KEPT)
            self._tokens: deque[TokenSeen] = deque(maxlen=KEPT)
            self._counts: Counter[tuple[str, int | None]] = Counter()
            self._routes: Counter[tuple[str, int | None]] = Counter()
            self._struck: Counter[str] = Counter()
            self._labels: dict[str, Label] = {}

    def add(self, entry: Seen | TokenSeen) -> None:
        """Write down one request."""
        with self._lock:
            if isinstance(entry, Seen):
                self._seen.append(entry)
                self._counts[entry.operation or "unknown", entry.status] += 1
                self._routes[entry.route or "unknown", entry.status] += 1
            else:
                self._tokens.append(entry)
                self._counts["lwa", entry.status] += 1
            if entry.fault:
                self._struck[entry.fault] += 1

    def bought(self, label: Label) -> None:
        """Write down a purchase."""
        with self._lock:
            self._labels[label.shipment_id] = label

    def cancelled(self, shipment_id: str) -> None:
        """Give the money back."""
        with self._lock:
            self._labels[shipment_id].is_cancelled = True

    def requests(self, operation: str | None = None) -> list[Seen]:
        """Return the last requests, oldest first; of one operation or route, or of all."""
        with self._lock:
            return [seen for seen in self._seen if operation in (None, seen.operation, seen.route)]

    def token_requests(self) -> list[TokenSeen]:
        """Return the last requests for an access token, oldest first."""
        with self._lock:
            return list(self._tokens)

    def count(self, operation: str, status: int | None = None) -> int:
        """Return how often an operation, a route or `lwa` was asked; with *status*, how often answered so."""
        with self._lock:
            counts = self._routes if " " in operation else self._counts
            return sum(
                number
                for (name, answered), number in counts.items()
                if name == operation and status in (None, answered)
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
        """Money spent per currency; what was cancelled is not counted."""
        total: dict[str, Decimal] = {}
        for label in self.labels:
            if not label.is_cancelled:
                total[label.currency] = total.get(label.currency, Decimal(0)) + label.cost
        return total

    def as_dict(self) -> dict[str, Any]:
        """Return the whole ledger, fit for JSON; money is text."""
        operations: dict[str, dict[str, int]] = {}
        with self._lock:
            for (name, status), number in sorted(self._counts.items(), key=str):
                operations.setdefault(name, {})["none" if status is None else str(status)] = number
        return {
            "operations": operations,
            "faults": self.faults,
            "labels": [{**dataclasses.asdict(label), "cost": str(label.cost)} for label in self.labels],
            "spent": {currency: str(amount) for currency, amount in self.spent.items()},
            "requests": [_plain(seen) for seen in self.requests()],
            "token_requests": [_plain(seen) for seen in self.token_requests()],
        }


def _plain(entry: Seen | TokenSeen) -> dict[str, Any]:
    return {**entry._asdict(), "time": as_text(entry.time)}
