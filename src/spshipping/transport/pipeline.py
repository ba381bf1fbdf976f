"""Sends a call: its turn, its token, the exchange, the reading, and the decision what then."""

import logging
import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeVar, Unpack

from spshipping.clock import Clock
from spshipping.errors import (
    AnsweredError,
    ConfigurationError,
    DecodeError,
    OutcomeUnknownError,
    QuotaError,
    SpShippingError,
    TransportError,
)
from spshipping.meta import Attempt, ReplyMeta
from spshipping.operation import Call, CallOptions, Effect, Reply
from spshipping.secret import empty_frames
from spshipping.transport.build import build
from spshipping.transport.decode import Decoded, Refusal, decode
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Transport
from spshipping.transport.quota import QuotaKeeper
from spshipping.transport.retry import MAY_HAVE_HAPPENED, Facts, Outcome, RetryPolicy

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
    scope: str
    """Whose quota it is."""
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
        clock: Clock,
        chance: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.transport = transport
        self.authorizer = authorizer
        self.quota = quota
        self.retry = retry
        self.clock = clock
        self.chance = chance
        self._told: set[tuple[str, str, str]] = set()

    def send(self, call: Call[T], *, is_repeat: bool = False, **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call* and repeat it where that is safe.

        Args:
            call: what to send.
            is_repeat: it was sent before, and may have been carried out then.
            options: what is different for this call.

        Raises:
            SpShippingError: what it came to, if not to an answer.
        """
        if call.operation.effect is Effect.KEYED:
            call = call.with_key()
        call = self._asking(call, options)
        journey = _Journey(self, call, options, may_have_happened=is_repeat)
        try:
            settings = self.settings
            request = build(call, settings.endpoint, settings.user_agent, settings.headers)
            if not is_repeat and hasattr(call.body, "before_first_attempt"):
                call.body.before_first_attempt(self.clock.now())
            return journey.go(request)
        except BaseException as error:
            # whatever it is, an interrupt too: bodies and tokens are in the frames that it came through
            empty_frames(error)
            if not journey.attempt or not isinstance(error, SpShippingError):
                raise
            verdict = journey.verdict(error)
            if verdict is error:
                raise
            raise verdict from error

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
            clock=self.clock,
            chance=self.chance,
        )

    def tell_deviations(self, call: Call[Any], decoded: Decoded) -> None:
        """Log each kind of repair once for each place."""
        for path, kind in decoded.deviations:
            place = (call.operation.name, _INDEX.sub("[]", path), kind)
            if place not in self._told:
                self._told.add(place)
                _logger.warning("%s: the answer's %s was %s; read leniently", place[0], place[1], kind)


class _Journey:
    """One call on its way through its tries."""

    def __init__(
        self, pipeline: Pipeline, call: Call[Any], options: CallOptions, *, may_have_happened: bool
    ) -> None:
        settings = pipeline.settings
        timeout = options.get("timeout", (settings.connect_timeout, settings.read_timeout))
        self.connect, self.read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        self.pipeline = pipeline
        self.call = call
        self.started = pipeline.clock.monotonic()
        self.ends_at = self.started + options.get("deadline", settings.deadline)
        self.max_wait = options.get("max_wait", settings.max_wait)
        self.may_have_happened = may_have_happened
        self.attempt = 0
        self.has_refreshed = False

    def go(self, request: HttpRequest) -> Reply[Any]:
        """Try until there is an answer or no further try is right."""
        while True:
            self.attempt += 1
            self._await_turn()
            ready = self.pipeline.authorizer.authorize(request, self.call, self.ends_at)
            began = self.pipeline.clock.monotonic()
            answer = self._exchange(ready)
            result = decode(self.call, answer, self.pipeline.clock.now())
            if isinstance(result, Decoded):
                self._report(answer, began)
                return self._reply(result, answer)
            wait = self._wait_after(result, ready)
            self._report(answer, began, result, wait)
            if wait is None:
                raise result.error
            self.pipeline.clock.sleep(wait)

    def _exchange(self, request: HttpRequest) -> HttpResponse | HttpFailure:
        answer = self.pipeline.transport.exchange(request, Limits(self.connect, self.read, self.ends_at))
        if isinstance(answer, HttpResponse) and answer.status == 429:
            self.pipeline.quota.drain(self._quota_key(), self.call.operation.quota)
        return answer

    def _quota_key(self) -> tuple[str, str]:
        return self.pipeline.settings.scope, self.call.operation.route

    def _await_turn(self) -> None:
        operation, clock = self.call.operation, self.pipeline.clock
        remaining = self.ends_at - clock.monotonic()
        if remaining <= 0:
            raise TransportError(
                "the time allowed for the whole call is over", operation=operation.name, failure="deadline"
            )
        turn = self.pipeline.quota.reserve(self._quota_key(), operation.quota, min(self.max_wait, remaining))
        if not turn.is_granted:
            raise QuotaError(
                f"its turn comes in {turn.wait:.1f} s, later than max_wait or the deadline allow",
                operation=operation.name,
                wait=turn.wait,
                retry_at=clock.now() + timedelta(seconds=turn.wait),
            )
        if turn.wait:
            clock.sleep(turn.wait)

    def _wait_after(self, refusal: Refusal, sent: HttpRequest) -> float | None:
        """Decide what follows a try that gave no answer: seconds to wait, or None to stop."""
        if refusal.outcome in MAY_HAVE_HAPPENED:
            self.may_have_happened = True
        if refusal.is_about_token and not self.has_refreshed:
            self.has_refreshed = True
            if self.pipeline.authorizer.reject(sent, self.call):
                return 0.0
        return self.pipeline.retry.decide(
            Facts(
                attempt=self.attempt,
                outcome=refusal.outcome,
                effect=self.call.operation.effect,
                chance=self.pipeline.chance(),
                remaining=self.ends_at - self.pipeline.clock.monotonic(),
                retry_after=refusal.retry_after,
            )
        )

    def _reply(self, decoded: Decoded, answer: HttpResponse | HttpFailure) -> Reply[Any]:
        assert isinstance(answer, HttpResponse)  # noqa: S101 - only a response decodes
        clock, settings = self.pipeline.clock, self.pipeline.settings
        meta = ReplyMeta(
            status=answer.status,
            request_id=answer.request_id,
            attempts=self.attempt,
            elapsed=clock.monotonic() - self.started,
            received_at=clock.now(),
            rate_limit=answer.headers.get("x-amzn-ratelimit-limit"),
            deviations=decoded.deviations,
            errors=decoded.errors,
        )
        if "received_at" in getattr(decoded.value, "__local__", ()):
            decoded.value.received_at = meta.received_at
        if decoded.deviations:
            self.pipeline.tell_deviations(self.call, decoded)
            if settings.is_strict:
                raise DecodeError(
                    f"the answer differs from Amazon's own contract at {decoded.deviations[0].path}",
                    operation=self.call.operation.name,
                    status=meta.status,
                    request_id=meta.request_id,
                    value=decoded.value,
                    deviations=decoded.deviations,
                )
        _logger.info("%s: %s after %d attempt(s)", self.call.operation.name, meta.status, self.attempt)
        return Reply(decoded.value, meta, answer.body, self.call)

    def verdict(self, error: SpShippingError) -> SpShippingError:
        """Return the error that the caller gets: once it may have been carried out, only a 2xx settles it."""
        if isinstance(error, AnsweredError):
            error.attempts = self.attempt
        has_value = isinstance(error, DecodeError) and error.value is not None
        if has_value or not self.may_have_happened or self.call.operation.effect is Effect.NONE:
            return error
        advice = "look it up at Amazon"
        if self.call.key:
            advice = "send it again with client.resolve(error)"
        elif self.call.operation.effect is Effect.IDEMPOTENT:
            advice = "send it again, which is harmless, or look it up at Amazon"
        return OutcomeUnknownError(
            f"it may have been carried out; {advice}",
            operation=self.call.operation.name,
            status=getattr(error, "status", None),
            code=getattr(error, "code", None),
            details=str(error),
            request_id=getattr(error, "request_id", None),
            attempts=self.attempt,
            call=self.call,
            cause=error,
        )

    def _report(
        self,
        answer: HttpResponse | HttpFailure,
        began: float,
        refusal: Refusal | None = None,
        wait: float | None = None,
    ) -> None:
        operation = self.call.operation
        failure = answer.kind if isinstance(answer, HttpFailure) else None
        if failure is None and refusal and refusal.outcome is Outcome.LOST:
            failure = "unreadable"
        _logger.debug("%s: try %d came to %s", operation.name, self.attempt, failure or answer.status)
        callback = self.pipeline.settings.on_reply
        if not callback:
            return
        attempt = Attempt(
            operation=operation.name,
            route=operation.route,
            number=self.attempt,
            status=answer.status,
            failure=failure,
            was_sent=not isinstance(answer, HttpFailure) or answer.was_sent,
            request_id=answer.request_id,
            elapsed=self.pipeline.clock.monotonic() - began,
            wait=wait,
        )
        try:
            callback(attempt)
        except Exception as error:  # a watcher's fault must not cost a label
            _logger.warning("on_reply raised %s; ignored", type(error).__name__)
