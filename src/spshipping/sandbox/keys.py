"""Idempotency keys: what the server does with a key that it has already seen."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from spshipping.sandbox.clock import MINUTE, SandboxClock
from spshipping.sandbox.operations import ApiRequest
from spshipping.sandbox.refusals import invalid_input

T = TypeVar("T")
KeyMode = Literal["replay", "refuse_other_body", "forget"]


@dataclasses.dataclass(frozen=True)
class KeyRules:
    """What the server does with a repeated idempotency key; Amazon does not document it."""

    mode: KeyMode = "replay"
    """`replay`: the first purchase is returned again, whatever the body of the repeat.
    `refuse_other_body`: the same, and a repeat with another body is refused.
    `forget`: as `replay`, until `lifetime` is over; then the key is unknown, and a repeat buys again."""
    lifetime: float = 5 * MINUTE
    """Seconds of sandbox time until a key is forgotten, in the mode `forget`."""
    checks_expiry_first: bool = False
    """Whether a repeat of a purchase whose quote has expired is refused, although its key is known."""


def read_key_rules(data: Any) -> KeyRules:
    """Read rules from a mode, from rules, or from a mapping with the fields of `KeyRules`.

    Raises:
        ValueError: *data* is none of these; the message says why.
    """
    rules = dataclasses.asdict(data) if isinstance(data, KeyRules) else data
    rules = {"mode": rules} if isinstance(rules, str) else rules
    names = [field.name for field in dataclasses.fields(KeyRules)]
    if not isinstance(rules, Mapping) or not set(rules) <= set(names):
        raise ValueError(f"rules for keys are an object with {', '.join(names)}")
    read = KeyRules(**rules)
    if read.mode not in get_args(KeyMode):
        raise ValueError(f"the mode of keys is one of {', '.join(get_args(KeyMode))}")
    if type(read.lifetime) not in (int, float) or not 0 <= read.lifetime < float("inf"):
        raise ValueError("the lifetime of keys is a number of seconds")
    if type(read.checks_expiry_first) is not bool:
        raise ValueError("checks_expiry_first is true or false")
    return read


_Scope = tuple[str, str, str | None]
"""The seller, the operation and the key."""


class _Purchase(NamedTuple):
    """A purchase, or a collection form, with a key: its request, its result, and when it was made."""

    body: Mapping[str, Any]
    result: Any
    time: float


class Keys:
    """The keys that were used, by seller and operation; code that uses it holds the lock of the shipments."""

    def __init__(self, clock: SandboxClock, rules: KeyRules) -> None:
        self.rules: KeyRules = rules
        self._clock = clock
        self._purchases: dict[_Scope, _Purchase] = {}

    def clear(self) -> None:
        """Forget every key."""
        self._purchases.clear()

    def find(self, request: ApiRequest) -> Any:
        """Return what was made with the key of *request*; None where the key is unknown.

        Raises:
            RefusedError: the key was used with another body, and the rules refuse that.
        """
        purchase = self._purchases.get(_scope(request))
        if purchase is None or self._is_forgotten(purchase):
            return None
        if self.rules.mode == "refuse_other_body" and purchase.body != request.body:
            # Amazon does not document this case: status, code and message are guesses
            raise invalid_input("The idempotency key was used before, with another request")
        return purchase.result

    def add(self, request: ApiRequest, result: Any) -> None:
        """Remember the key of *request*."""
        self._purchases[_scope(request)] = _Purchase(request.body, result, self._clock.monotonic())

    def once(self, request: ApiRequest, make: Callable[[], T]) -> T:
        """Make something, or return what was made with the same key.

        Raises:
            RefusedError: the key was used with another body, and the rules refuse that.
        """
        if request.key is None:
            return make()
        found: T | None = self.find(request)
        if found is None:
            found = make()
            self.add(request, found)
        return found

    def _is_forgotten(self, purchase: _Purchase) -> bool:
        age = self._clock.monotonic() - purchase.time
        return self.rules.mode == "forget" and age >= self.rules.lifetime


def _scope(request: ApiRequest) -> _Scope:
    return request.seller, request.operation.name, request.key
