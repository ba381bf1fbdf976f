"""Sends calls: what all of them share, and the one way in."""

import logging
import math
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar, Unpack

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, SpShippingError
from spshipping.meta import Attempt
from spshipping.operation import Before, Call, CallOptions, Effect, History, Operation, Quota, Reply
from spshipping.secret import empty_frames
from spshipping.transport.bucket import QuotaState
from spshipping.transport.build import build
from spshipping.transport.decode import Decoded
from spshipping.transport.http import HttpRequest, Transport
from spshipping.transport.journey import Journey
from spshipping.transport.quota import Key, QuotaKeeper
from spshipping.transport.retry import RetryBudget, RetryPolicy

T = TypeVar("T")
_logger = logging.getLogger("spshipping")
_INDEX = re.compile(r"\[\d+\]")


class Authorizer(Protocol):
    """Adds to a request what shows who sends it."""

    def authorize(self, request: HttpRequest, call: Call[Any], ends_at: float) -> HttpRequest:
        """Return *request* with a token that is good now, and signed where that is asked for.

        *ends_at* is the monotonic time at which the call must be over.
        """
        ...

    def reject(self, request: HttpRequest, call: Call[Any]) -> bool:
        """Learn that Amazon no longer takes the token of *request*; say whether another can be had."""
        ...


class Settings(NamedTuple):
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
    """The data elements that every restricted call asks for, unless it says itself."""
    on_reply: Callable[[Attempt], object] | None = None
    has_true_rates: bool = True
    """Whether the header tells the quota's rate; in Amazon's sandbox it does not."""


class Pipeline:
    """Sends calls. Time, randomness and the network are handed in."""

    def __init__(
        self,
        *,
        settings: Settings,
        transport: Transport,
        authorizer: Authorizer,
        quota: QuotaKeeper,
        retry: RetryPolicy,
        budget: RetryBudget,
        clock: Clock,
        chance: Callable[[], float],
        history: History | None = None,
    ) -> None:
        self.history: History = history or History()
        self.settings = settings
        self.transport = transport
        self.authorizer = authorizer
        self.quota = quota
        self.retry = retry
        self.budget = budget
        self.clock = clock
        self.chance = chance
        self._told: set[tuple[str, str, str]] = set()
        self._stated: dict[Key, str] = {}
        self._owner = f"{settings.application} {settings.seller}"

    def send(
        self,
        call: Call[T],
        *,
        is_repeat: bool = False,
        is_cancelled: Callable[[], bool] | None = None,
        **options: Unpack[CallOptions],
    ) -> Reply[T]:
        """Send *call* and repeat it where that is safe.

        Args:
            call: what to send.
            is_repeat: it was sent before, and may have been carried out then.
            is_cancelled: is asked while the call waits; once it is true, the wait ends in a TransportError.
            options: what is different for this call.

        Raises:
            SpShippingError: what it came to, if not to an answer.
        """
        if call.operation.effect is Effect.KEYED:
            call = call.with_key()
        call = self._asking(call, options)
        if call.operation.before_names:
            call, clamped = call.clamped(self.clock.now())
            for name in clamped:
                _logger.info("%s: %s set to two minutes ago, the latest allowed", call.operation.name, name)
        journey = Journey(self, call, options, may_have_happened=is_repeat, is_cancelled=is_cancelled)
        try:
            settings = self.settings
            request = build(call, settings.endpoint, settings.user_agent, settings.headers)
            if not is_repeat and call.operation.before:
                call.operation.before(call, Before(self.clock.now(), self.history))
            reply = journey.go(request)
        except BaseException as error:
            # whatever it is, an interrupt too: bodies and tokens are in the frames that it came through
            empty_frames(error)
            if not journey.attempt or not isinstance(error, SpShippingError):
                raise
            verdict = journey.verdict(error)
            self._tell_end(journey, type(verdict).__name__, getattr(error, "request_id", None))
            if verdict is error:
                raise
            raise verdict from error
        self._tell_end(journey, reply.meta.status, reply.meta.request_id)
        return reply

    def _tell_end(self, journey: Journey, came_to: int | str, request_id: str | None) -> None:
        if _logger.isEnabledFor(logging.INFO):
            took = self.clock.monotonic() - journey.started
            _logger.info(
                "%s: %s after %d attempt(s) in %.3f s, request %s",
                journey.call.operation.name,
                came_to,
                journey.attempt,
                took,
                request_id,
            )

    def _asking(self, call: Call[T], options: CallOptions) -> Call[T]:
        """Let *call* ask for the personal data that it, or the client for all calls, is told to ask for."""
        if "pii" in options:
            asked = options["pii"]
            return call if asked is None else call.with_pii(asked)
        allowed, for_all = call.operation.pii_elements, self.settings.pii
        if call.pii is not None or allowed is None or for_all is None:
            return call
        known = set(for_all) & set(allowed)
        return call.with_pii(known) if known or not allowed else call

    def at(self, endpoint: str) -> "Pipeline":
        """Return a pipeline to another host, which shares everything else, and asks for no personal data."""
        return Pipeline(
            settings=self.settings._replace(endpoint=endpoint, pii=None),
            transport=self.transport,
            authorizer=self.authorizer,
            quota=self.quota,
            retry=self.retry,
            budget=self.budget,
            clock=self.clock,
            chance=self.chance,
            history=self.history,
        )

    def quota_key(self, operation: Operation[Any]) -> Key:
        """Return whose quota a call of *operation* uses, and which."""
        return self.settings.application if operation.scope else self._owner, operation.route

    def quota_state(self, operation: Operation[Any]) -> QuotaState:
        """Tell how the quota of *operation* stands."""
        return self.quota.state(self.quota_key(operation), operation.quota)

    def learn_rate(self, key: Key, plan: Quota, stated: str) -> None:
        """Take over the rate of an answer's header, unless it says what it said before, or nonsense."""
        if not self.settings.has_true_rates or self._stated.get(key) == stated:
            return
        self._stated[key] = stated
        try:
            rate = float(stated)
        except ValueError:
            return
        self.quota.learn(key, plan, rate)

    def tell_deviations(self, call: Call[Any], decoded: Decoded) -> None:
        """Log each kind of repair once for each place."""
        for path, kind in decoded.deviations:
            place = (call.operation.name, _INDEX.sub("[]", path), kind)
            if place not in self._told:
                self._told.add(place)
                _logger.warning("%s: the answer's %s was %s; read leniently", place[0], place[1], kind)
