"""What a client decides for all its calls, and the parts that it puts together for sending them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.meta import Attempt
from spshipping.named import NamedTuple
from spshipping.operation import Call, CallOptions, History, Operation
from spshipping.timeouts import Timeouts, checked_deadline, checked_max_wait
from spshipping.transport.http import HttpRequest
from spshipping.transport.io import Io
from spshipping.transport.keeper import Reservations
from spshipping.transport.lifetime import Lifetime
from spshipping.transport.quota import Key
from spshipping.transport.repeat import Repeats
from spshipping.transport.server_clock import ServerClock
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
    owner: str
    """Application and seller: whose quota it is otherwise."""
    headers: Mapping[str, str | ConfigurationError]
    """What the client knows for headers, or why it does not."""
    timeouts: Timeouts = Timeouts()
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
        return self.application if operation.scope else self.owner, operation.route


class Parts(NamedTuple):
    """What sending takes: time, randomness, the network and the user's own parts are handed in."""

    repeats: Repeats
    io: Io
    clock: Clock
    server_clock: ServerClock
    """The same, put right by Amazon's answers."""
    authorizer: Authorizer
    quota: Reservations
    unsettled: UnsettledCalls
    logged: set[tuple[str, str, str]]
    """The repairs of answers that were logged: operation, place and kind."""
    stated_rates: dict[Key, tuple[int, str]]
    """The rates that Amazon's answers stated last, as they were written, each with its bucket's era."""
    history: History
    """The purchases of this seller that are known here."""
    lifetime: Lifetime


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
        return CallLimits(*rules.timeouts, now, now + rules.deadline, rules.max_wait)
    for name in options:
        if name not in CallOptions.__annotations__:
            known = ", ".join(CallOptions.__annotations__)
            raise InvalidRequestError(f"no method has this option (they have: {known})", path=name)
    timeouts, deadline, max_wait = rules.timeouts, rules.deadline, rules.max_wait
    if "timeout" in options:
        timeouts = Timeouts.of(options["timeout"], "timeout", InvalidRequestError)
    if "deadline" in options:
        deadline = checked_deadline(options["deadline"], "deadline", InvalidRequestError)
    if "max_wait" in options:
        max_wait = checked_max_wait(options["max_wait"], "max_wait", InvalidRequestError)
    return CallLimits(*timeouts, now, now + deadline, max_wait)


def check_limits(options: CallOptions) -> None:
    """Check the limits of calls that are made later.

    Raises:
        InvalidRequestError: an option that no method has, or a time that is none.
    """
    limits_of(options, Rules("", "", "", "", {}), 0.0)
