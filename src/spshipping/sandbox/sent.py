"""What tests look up afterwards: which requests were sent, what was bought, and what it cost."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from spshipping.sandbox.ledger import Label, Ledger, RequestRecord
from spshipping.wire.convert import loads

T = TypeVar("T")


class SentRequest:
    """One request that the sandbox received. Its repr shows no query, no header and no body."""

    __slots__ = ("_content", "record")

    def __init__(self, record: RequestRecord, content: bytes | None) -> None:
        self.record: RequestRecord = record
        """Everything that the ledger has of it."""
        self._content = content

    @property
    def operation(self) -> str | None:
        """Amazon's operationId; None where no operation has this path."""
        return self.record.operation

    @property
    def status(self) -> int | None:
        """The status of the answer; None where there was none."""
        return self.record.status

    @property
    def key(self) -> str | None:
        """The idempotency key."""
        return self.record.key

    @property
    def path(self) -> str:
        """The path."""
        return self.record.path

    @property
    def query(self) -> dict[str, str]:
        """The query parameters."""
        return dict(parse_qsl(self.record.query, keep_blank_values=True))

    @property
    def content(self) -> bytes:
        """The bytes of the body.

        Raises:
            AssertionError: it is too long ago, and only counted.
        """
        if self._content is None:
            raise AssertionError("the body is not kept any more: reset the sandbox before what is looked at")
        return self._content

    @property
    def body(self) -> Any:
        """The body as JSON, fractions as Decimals; None where there is none."""
        return json.loads(self.content, parse_float=Decimal) if self.content else None

    def read(self, model: type[T]) -> T:
        """Return the body as a model, such as `PurchaseShipmentRequest`."""
        return loads(self.content, model)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values; a body that is no JSON, or not kept any more, is None."""
        try:
            body = self.body
        except (ValueError, AssertionError):
            body = None
        names = ("operation", "method", "path", "status", "key", "business", "seller", "fault", "headers")
        facts = self.record._asdict()
        return {**{name: facts[name] for name in names}, "query": self.query, "body": body}

    def __repr__(self) -> str:
        status = "no answer" if self.status is None else self.status
        return f"<{self.operation or 'unknown operation'}: {status}>"


class Requests:
    """The requests since the start or the last reset, oldest first; `sandbox.requests`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def all(self, operation: str | None = None) -> list[SentRequest]:
        """Return every request, or those for one operation, by its operationId or its route."""
        contents = self._ledger.contents()
        return [SentRequest(record, contents.get(id(record))) for record in self._ledger.requests(operation)]

    def one(self, operation: str) -> SentRequest:
        """Return the only request for an operation.

        Raises:
            AssertionError: there were none, or several; the message lists what was sent.
        """
        found = self.all(operation)
        if len(found) != 1:
            raise AssertionError(
                f"{operation} was sent {_times(len(found))}, and not once; sent were: {self._list()}"
            )
        return found[0]

    def last(self, operation: str) -> SentRequest:
        """Return the last request for an operation.

        Raises:
            AssertionError: there were none; the message lists what was sent.
        """
        found = self.all(operation)
        if not found:
            raise AssertionError(f"{operation} was never sent; sent were: {self._list()}")
        return found[-1]

    def count(self, operation: str, status: int | None = None) -> int:
        """Return how many requests there were for an operation, of all or of one *status*."""
        return self._ledger.count(operation, status)

    def _list(self) -> str:
        return ", ".join(map(repr, self.all()[-20:])) or "none"

    def __iter__(self) -> Iterator[SentRequest]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._ledger.requests())

    def __repr__(self) -> str:
        return f"<Requests: {self._list()}>"


class Bought:
    """The labels bought since the start or the last reset, oldest first; `sandbox.bought`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def all(self, **fields: object) -> list[Label]:
        """Return every label, cancelled ones too; with *fields*, those that have these values.

        Args:
            fields: fields of `Label`, such as `reference="ORDER-1"` or `is_cancelled=False`.
        """
        return [
            label
            for label in self._ledger.labels
            if all(getattr(label, name) == value for name, value in fields.items())
        ]

    def one(self, **fields: object) -> Label:
        """Return the only label, or the only one that has these values.

        Raises:
            AssertionError: there are none, or several.
        """
        found = self.all(**fields)
        if len(found) != 1:
            wanted = ", ".join(f"{name}={value!r}" for name, value in fields.items())
            raise AssertionError(
                f"{len(found)} labels were bought{' with ' if wanted else ''}{wanted}, and not one;"
                f" bought were: {', '.join(label.reference for label in self.all()) or 'none'}"
            )
        return found[0]

    @property
    def spent(self) -> dict[str, Decimal]:
        """Money spent per currency, without cancelled labels."""
        return self._ledger.spent

    def __iter__(self) -> Iterator[Label]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._ledger.labels)

    def __repr__(self) -> str:
        return f"<Bought: {len(self)} labels, {', '.join(f'{b} {a}' for a, b in self.spent.items()) or '0'}>"


def _times(count: int) -> str:
    return f"{count} times" if count else "never"
