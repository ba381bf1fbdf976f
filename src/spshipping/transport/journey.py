"""One call on its way through its tries: its turn, its token, the exchange, the reading, what then."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from spshipping.errors import (
    AnsweredError,
    DecodeError,
    OutcomeUnknownError,
    QuotaError,
    SpShippingError,
    TransportError,
)
from spshipping.meta import Attempt, ReplyMeta
from spshipping.operation import After, Call, CallOptions, Effect, Quota, Reply
from spshipping.transport.bucket import Turn
from spshipping.transport.decode import Decoded, Refusal, decode
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.quota import Key
from spshipping.transport.retry import MAY_HAVE_HAPPENED, Facts, Outcome

if TYPE_CHECKING:
    from spshipping.transport.pipeline import Pipeline

Answer = HttpResponse | HttpFailure

_logger = logging.getLogger("spshipping")
_NAP_SHARE = 0.25
_LEAST_NAP = 0.1
_STALE_SECONDS = 1.0
_PULSE_SECONDS = 0.2
"""So often a sleeper looks whether it was cancelled."""


class Journey:
    """The tries of one call."""

    def __init__(
        self,
        pipeline: "Pipeline",
        call: Call[Any],
        options: CallOptions,
        *,
        may_have_happened: bool,
        is_cancelled: Callable[[], bool] | None,
    ) -> None:
        settings = pipeline.settings
        timeout = options.get("timeout", (settings.connect_timeout, settings.read_timeout))
        self.connect: float
        self.read: float
        self.connect, self.read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        self.pipeline = pipeline
        self.call = call
        self.plan: Quota = call.operation.quota
        self.started: float = pipeline.clock.monotonic()
        self.ends_at: float = self.started + options.get("deadline", settings.deadline)
        self.max_wait: float = options.get("max_wait", settings.max_wait)
        self.may_have_happened: bool = may_have_happened
        self.is_cancelled = is_cancelled
        self.key: Key = pipeline.quota_key(call.operation)
        self.turn: Turn = Turn(0.0, 0)
        self.attempt: int = 0
        self.throttled: int = 0
        self.paid: int = 0
        self.has_refreshed: bool = False

    def go(self, request: HttpRequest) -> Reply[Any]:
        """Try until there is an answer or no further try is right."""
        pipeline = self.pipeline
        pipeline.budget.deposit()
        while True:
            self.attempt += 1
            self._check_time()
            self._check_quota()
            # before the turn: Amazon counts from the moment at which a request gets there
            ready = pipeline.authorizer.authorize(request, self.call, self.ends_at)
            waited = self._await_turn()
            if waited > _STALE_SECONDS:
                ready = pipeline.authorizer.authorize(request, self.call, self.ends_at)
            began = pipeline.clock.monotonic()
            answer = self._exchange(ready)
            result = decode(self.call, answer, pipeline.clock.now())
            if isinstance(result, Decoded):
                self._report(answer, waited, began)
                if self.paid:
                    pipeline.budget.deposit(self.paid)
                return self._reply(result, answer)
            wait = self._wait_after(result, ready)
            self._report(answer, waited, began, result, wait)
            if wait is None:
                raise result.error
            self._sleep(wait)

    def _check_time(self) -> None:
        if self.ends_at - self.pipeline.clock.monotonic() <= 0:
            raise TransportError(
                "the time allowed for the whole call is over",
                operation=self.call.operation.name,
                failure="deadline",
            )

    def _check_quota(self) -> None:
        """Fail before even the sign-in, where the call must go at once and cannot."""
        if self.max_wait <= 0:
            wait = self.pipeline.quota.state(self.key, self.plan).wait
            if wait > 0:
                raise self._too_late(wait)

    def _too_late(self, wait: float) -> QuotaError:
        return QuotaError(
            f"its turn comes in {wait:.1f} s, later than max_wait or the deadline allow",
            operation=self.call.operation.name,
            wait=wait,
            retry_at=self.pipeline.clock.now() + timedelta(seconds=wait),
        )

    def _await_turn(self) -> float:
        """Take a turn and wait for it; return how long that took."""
        self._check_time()
        quota, clock = self.pipeline.quota, self.pipeline.clock
        began = clock.monotonic()
        longest = min(self.max_wait, self.ends_at - began)
        turn = self.turn = quota.reserve(self.key, self.plan, longest)
        if not turn.number:
            raise self._too_late(turn.wait)
        if not turn.wait:
            return 0.0
        wait = turn.wait
        try:
            while wait > 0:
                if clock.monotonic() - began + wait > longest + _LEAST_NAP:
                    raise self._too_late(wait)
                # in naps: whatever another call learns meanwhile moves this turn
                self._sleep(max(wait * _NAP_SHARE, min(wait, _LEAST_NAP)))
                wait = quota.remaining(self.key, self.plan, turn)
        except BaseException:
            quota.give_back(self.key, self.plan, turn)
            raise
        return clock.monotonic() - began

    def _sleep(self, seconds: float) -> None:
        clock = self.pipeline.clock
        if self.is_cancelled is None:
            clock.sleep(seconds)
            return
        ends_at = clock.monotonic() + seconds
        while (left := ends_at - clock.monotonic()) > 0:
            if self.is_cancelled():
                raise TransportError(
                    "cancelled while it waited", operation=self.call.operation.name, failure="cancelled"
                )
            clock.sleep(min(left, _PULSE_SECONDS))

    def _exchange(self, request: HttpRequest) -> Answer:
        pipeline = self.pipeline
        answer = pipeline.transport.exchange(request, Limits(self.connect, self.read, self.ends_at))
        if isinstance(answer, HttpResponse):
            stated = answer.headers.get("x-amzn-ratelimit-limit")
            if stated is not None:
                pipeline.learn_rate(self.key, self.plan, stated)
            if answer.status == 429:
                self.throttled += 1
                pipeline.quota.drain(self.key, self.plan, self.turn)
        return answer

    def _wait_after(self, refusal: Refusal, sent: HttpRequest) -> float | None:
        """Decide what follows a try that gave no answer: seconds to wait, or None to stop."""
        pipeline, outcome = self.pipeline, refusal.outcome
        if outcome in MAY_HAVE_HAPPENED:
            self.may_have_happened = True
        if refusal.is_about_token and not self.has_refreshed:
            self.has_refreshed = True
            if pipeline.authorizer.reject(sent, self.call):
                return 0.0
        is_throttled = outcome is Outcome.THROTTLED
        wait = pipeline.budget.decide(
            pipeline.retry,
            Facts(
                attempt=self.throttled if is_throttled else self.attempt - self.throttled,
                outcome=outcome,
                effect=self.call.operation.effect,
                chance=pipeline.chance(),
                remaining=self.ends_at - pipeline.clock.monotonic(),
                retry_after=refusal.retry_after,
                rate=self.plan.rate,
            ),
        )
        if wait is not None and not is_throttled:
            self.paid += 1
        return wait

    def _reply(self, decoded: Decoded, answer: Answer) -> Reply[Any]:
        assert isinstance(answer, HttpResponse)  # noqa: S101 - only a response decodes
        clock = self.pipeline.clock
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
        if self.call.operation.after:
            after = After(meta.received_at, self.pipeline.history)
            self.call.operation.after(self.call, decoded.value, after)
        if decoded.deviations:
            self.pipeline.tell_deviations(self.call, decoded)
            if self.pipeline.settings.is_strict:
                raise DecodeError(
                    f"the answer differs from Amazon's own contract at {decoded.deviations[0].path}",
                    operation=self.call.operation.name,
                    status=meta.status,
                    request_id=meta.request_id,
                    value=decoded.value,
                    deviations=decoded.deviations,
                )
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
        answer: Answer,
        waited: float,
        began: float,
        refusal: Refusal | None = None,
        wait: float | None = None,
    ) -> None:
        """Tell the log, and whoever watches, what this try came to."""
        on_reply = self.pipeline.settings.on_reply
        if not on_reply and not _logger.isEnabledFor(logging.DEBUG):
            return
        operation = self.call.operation
        failure = answer.kind if isinstance(answer, HttpFailure) else None
        if failure is None and refusal and refusal.outcome is Outcome.LOST:
            failure = "unreadable"
        attempt = Attempt(
            operation=operation.name,
            route=operation.route,
            endpoint=self.pipeline.settings.endpoint,
            number=self.attempt,
            outcome=refusal.outcome.name.lower() if refusal else "answered",
            status=answer.status,
            failure=failure,
            was_sent=not isinstance(answer, HttpFailure) or answer.was_sent,
            request_id=answer.request_id,
            waited=waited,
            elapsed=self.pipeline.clock.monotonic() - began,
            wait=wait,
            quota_left=self.turn.left,
        )
        _logger.debug(
            "%s: try %d came to %s in %.3f s, after %.3f s for its turn, %.1f left; %s, request %s",
            operation.name,
            attempt.number,
            failure or attempt.status,
            attempt.elapsed,
            waited,
            attempt.quota_left,
            "no further try" if wait is None else f"next try in {wait:.3f} s",
            attempt.request_id,
        )
        if not on_reply:
            return
        try:
            on_reply(attempt)
        except Exception as error:  # a watcher's fault must not cost a label
            _logger.warning("on_reply raised %s; ignored", type(error).__name__)
