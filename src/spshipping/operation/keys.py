"""Idempotency keys: what can be one, and how an operation makes its own."""

from collections.abc import Callable, Sequence
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple

if TYPE_CHECKING:
    from spshipping.wire.model import Model

_VERSION = 1
_NAMESPACE = "5f2f9f58-4f0b-4c53-9d38-6c1c1d0a7e11"
"""Never changes: a key of today must be the key of the same purchase in every later version."""


class RandomKey(Enum):
    """How an operation's key is made where two equal requests may be meant as two."""

    RANDOM = "random"


random_key = RandomKey.RANDOM
"""A new random key for each call."""


class DerivedKey(NamedTuple):
    """How an operation's key is made where equal values of the body mean the same request."""

    names: tuple[str, ...]
    """Wire names of text fields of the body."""


KeyRule = RandomKey | DerivedKey


def derived(*names: str) -> DerivedKey:
    """Derive the key from these fields of the body alone, given by their wire names."""
    return DerivedKey(names)


def key_maker(rule: KeyRule | None, body: "type[Model] | None") -> "Callable[[Model | None], str]":
    """Return the function that makes a key for a body; a random one unless the rule says otherwise.

    Raises:
        ValueError: it is no rule, or the body has no such field.
    """
    if rule is None or isinstance(rule, RandomKey):
        return _random
    if not isinstance(rule, DerivedKey):
        raise ValueError("key= is random_key, or derived(...) with names of fields")
    fields = {wire: name for name, wire in body.__wire_names__.items()} if body else {}
    for wire in rule.names:
        if wire not in fields:
            where = body.__name__ if body else "the body"
            raise ValueError(f"the key is derived from {wire!r}, which {where} does not have")
    if not rule.names:
        raise ValueError("the key is derived from no field")
    readers = [(wire, attrgetter(fields[wire])) for wire in rule.names]

    def make(model: "Model | None") -> str:
        values = []
        for wire, read in readers:
            value: object = read(model)
            if not isinstance(value, str) or not value:
                del model, value
                raise InvalidRequestError("is needed to derive the idempotency key, as text", path=wire)
            values.append(value)
        return derive(values)

    return make


def _random(_: "Model | None") -> str:
    # imported here, and below: only who buys needs it
    from uuid import uuid4

    return str(uuid4())


def derive(values: Sequence[str]) -> str:
    """Return the key of *values*: the same 36 ASCII characters in every process and in every version."""
    parts = (value.encode("utf-8", "surrogatepass").hex() for value in values)
    from uuid import UUID, uuid5

    return str(uuid5(UUID(_NAMESPACE), ".".join((str(_VERSION), *parts))))


def checked_key(key: object) -> str:
    """Return *key* as text.

    Raises:
        InvalidRequestError: it is empty, no text, or cannot stand in a header.
    """
    if not isinstance(key, str):
        from uuid import UUID

        if isinstance(key, UUID):
            return str(key)
        raise InvalidRequestError(
            f"a {type(key).__name__} is no idempotency key; give a text or a UUID", path="idempotency_key"
        )
    if not key or not key.isascii() or not key.isprintable() or key != key.strip():
        raise InvalidRequestError(
            "an idempotency key is not empty, of printable ASCII, and without outer spaces",
            path="idempotency_key",
        )
    return str(key)
