"""What a client decides for all its calls, and the parts that it puts together for sending them."""

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Protocol

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.meta import Attempt
from spshipping.operation import Call, CallOptions, Operation
from spshipping.transport.http import HttpRequest
from spshipping.transport.io import Io
from spshipping.transport.quota import Key, QuotaKeeper
from spshipping.transport.retry import RetryBudget, RetryPolicy
from spshipping.transport.unsettled import UnsettledCalls


class Authorizer(Protocol):
    """Adds to a request what shows who sends it."""

    async def authorize(self, request: HttpRequest, call: Call[Any], ends_at: float) -> HttpRequest:
        """Return *request* with a token that is good now, and signed where that is required.

        *ends_at* is the monotonic time at which the call must be over.
        """
        ...

    def reject(self, request: HttpRequest, call: Call[Any]) -> bool:
        """Learn that Amazon no longer accepts the token of *request*; say whether there can be another."""
        ...


class Rules(NamedTuple):
    """What a client decides for all its calls."""

    endpoint: str
    user_agent: str
    application: str
    """Whose quota it is where an operation acts without a seller."""
    seller: str
    """Whose quota it is, beside the application's."""
    headers: Mapping[str, str | ConfigurationError]
    """What the client knows for headers, or why it does not."""
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    deadline: float = 600.0
    max_wait: float = math.inf
    is_strict: bool = False
    pii: Collection[str] | None = None
    """The data elements that every restricted call requests, unless it says itself."""
    on_reply: Callable[[Attempt], object] | None = None
    has_true_rates: bool = True
    """Whether the header states the quota's rate; in Amazon's sandbox it does not."""

    def quota_key(self, operation: Operation[Any]) -> Key:
        """Return whose quota a call of *operation* uses, and which."""
        owner = self.application if operation.scope else f"{self.application} {self.seller}"
        return owner, operation.route


class Parts(NamedTuple):
    """What sending takes: time, randomness, the network and the user's own parts are handed in."""

    io: Io
    authorizer: Authorizer
    quota: QuotaKeeper
    retry: RetryPolicy
    budget: RetryBudget
    clock: Clock
    chance: Callable[[], float]
    unsettled: UnsettledCalls


class CallLimits(NamedTuple):
    """How long one call may take."""

    connect: float
    read: float
    started: float
    ends_at: float
    max_wait: float


def limits_of(options: CallOptions, rules: Rules, now: float) -> CallLimits:
    """Return the limits of a call that starts at *now*.

    Raises:
        InvalidRequestError: an option that no method has, or a time that is none.
    """
    if not options:
        return CallLimits(
            rules.connect_timeout, rules.read_timeout, now, now + rules.deadline, rules.max_wait
        )
    for name in options:
        if name not in CallOptions.__annotations__:
            known = ", ".join(CallOptions.__annotations__)
            raise InvalidRequestError(f"no method has this option (they have: {known})", path=name)
    connect, read = rules.connect_timeout, rules.read_timeout
    if "timeout" in options:
        connect, read = _pair(options["timeout"])
    deadline = _seconds("deadline", options.get("deadline", rules.deadline), may_be_endless=True)
    max_wait = options.get("max_wait", rules.max_wait)
    if max_wait != 0:
        max_wait = _seconds("max_wait", max_wait, may_be_endless=True)
    return CallLimits(connect, read, now, now + deadline, max_wait)


def _pair(timeout: object) -> tuple[float, float]:
    if isinstance(timeout, tuple):
        if len(timeout) != 2:
            raise InvalidRequestError("is seconds, or a pair: to connect, and to read", path="timeout")
        return _seconds("timeout", timeout[0]), _seconds("timeout", timeout[1])
    seconds = _seconds("timeout", timeout)
    return seconds, seconds


def _seconds(name: str, value: object, *, may_be_endless: bool = False) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        if may_be_endless or value != math.inf:
            return float(value)
    raise InvalidRequestError("is a number of seconds above 0", path=name)
