"""The attempts of one call: the one place that knows whether it may have been carried out.

Whatever can fail outside (a plug-in, a hook, the log, a signal, a cancellation) fails inside `attempts`, and
is judged there.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from spshipping.errors import (
    AnsweredError,
    DecodeError,
    OutcomeUnknownError,
    QuotaError,
    SpShippingError,
    TransportError,
)
from spshipping.meta import ReplyMeta
from spshipping.named import NamedTuple
from spshipping.operation import After, Call, Effect, Reply
from spshipping.timeouts import FOR_EVER_SECONDS
from spshipping.transport.bucket import Reservation
from spshipping.transport.decode import Decoded, decode, proved
from spshipping.transport.foreign import is_networks
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.log import log, log_wait
from spshipping.transport.quota import Key
from spshipping.transport.repeat import Refusal, repeated
from spshipping.transport.report import (
    attempt_of,
    is_watched,
    log_deviations,
    log_end,
    log_once,
    quietly,
    report,
)
from spshipping.transport.retry import MAY_HAVE_HAPPENED
from spshipping.transport.rules import CallLimits, Parts, Rules
from spshipping.transport.unsettled import Unsettled, attach

Answer = HttpResponse | HttpFailure

_NAP_SHARE = 0.25
_LEAST_NAP = 0.1
_STALE_SECONDS = 1.0
_PULSE_SECONDS = 0.2
"""A wait that can be cancelled looks so often whether it was."""
_NOT_RESERVED = Reservation(0.0, 0)


class Job(NamedTuple):
    """A call that is ready to be attempted."""

    call: Call[Any]
    """With its key, if it has one."""
    request: HttpRequest
    """The same as HTTP, without a token."""
    limits: CallLimits
    may_have_happened: bool = False
    """It was sent before, and may have been carried out then."""
    is_cancelled: Callable[[], bool] | None = None
    """Is called while it waits; once it is true, the wait ends in a `TransportError`."""


async def attempts(job: Job, rules: Rules, parts: Parts) -> Reply[Any]:
    """Attempt a call until there is an answer, or no further attempt is right.

    Raises:
        OutcomeUnknownError: it may have been carried out, and only a success would settle that.
        SpShippingError: it was not carried out, or has no effect.
        BaseException: an interrupt, or what a signal handler raised; it carries the call if that may have
            been carried out.
    """
    execution = Execution(job, rules, parts)
    try:
        return await _attempted(execution, parts)
    except BaseException as error:
        # an interrupt may strike while another error is being judged, or after the answer has come
        if error is not execution.verdict:
            await execution.interrupted(error)
        raise


async def _attempted(execution: Execution, parts: Parts) -> Reply[Any]:
    try:
        reply = await repeated(execution, parts.repeats)
        execution.log_end(reply.meta.status, reply.meta.request_id)
        return reply
    except Exception as error:
        verdict = await execution.judged(error)
        request_id = verdict.request_id if isinstance(verdict, AnsweredError) else None
        execution.log_end(type(verdict).__name__, request_id)
        execution.verdict = verdict
        if verdict is error:
            raise
        raise verdict from error


class Execution:
    """A call being attempted; `repeated` calls its methods in turn."""

    __slots__ = (
        "_answer",
        "_began",
        "_handled",
        "_in_hand",
        "_is_in_plugin",
        "_is_reported",
        "_job",
        "_key",
        "_last",
        "_may_have_happened",
        "_may_wait",
        "_number",
        "_odd_answers",
        "_parts",
        "_reservation",
        "_rules",
        "_sent",
        "_unsettled",
        "_waited",
        "verdict",
    )

    def __init__(self, job: Job, rules: Rules, parts: Parts) -> None:
        self.verdict: Exception | None = None
        """The error that the caller gets, once it is known."""
        self._job = job
        self._rules = rules
        self._parts = parts
        self._key: Key = rules.quota_key(job.call.operation)
        self._may_have_happened = job.may_have_happened
        self._number = 0
        """Exchanges so far, one under way included."""
        self._reservation = _NOT_RESERVED
        self._waited = 0.0
        self._may_wait = job.limits.max_wait  # for the quota, before all attempts that follow
        self._began = 0.0
        self._is_in_plugin = False
        self._handled = sys.exception()
        """What the caller was handling when it began."""
        self._sent: HttpRequest | None = None
        """The request of the latest exchange, until its outcome is known."""
        self._answer: Answer | None = None
        """What came back for it."""
        self._in_hand: Reply[Any] | None = None
        """The reply that is about to be returned."""
        self._is_reported = False
        """Whether the latest attempt has been reported, or is being reported."""
        self._last: Refusal | None = None
        self._odd_answers = 0
        self._unsettled: Unsettled | None = None

    @property
    def effect(self) -> Effect:
        """What sending the call does."""
        return self._job.call.operation.effect

    @property
    def rate(self) -> float:
        """Requests per second that its quota allows."""
        return self._job.call.operation.quota.rate

    @property
    def ends_at(self) -> float:
        """The monotonic time at which it must be over."""
        return self._job.limits.ends_at

    async def attempt(self, number: int) -> Reply[Any] | Refusal:  # noqa: ARG002 - the protocol's
        """Make one attempt."""
        job, parts = self._job, self._parts
        call, limits, clock = job.call, job.limits, parts.clock
        self._is_in_plugin = True
        if limits.max_wait <= 0:
            await self._check_quota()
        # before the reservation: Amazon counts from the moment at which a request gets there
        ready = await parts.authorizer.authorize(job.request, call, limits.ends_at)
        self._waited = await self._reserve()
        if self._waited > _STALE_SECONDS:
            ready = await parts.authorizer.authorize(job.request, call, limits.ends_at)
        self._is_in_plugin = False
        effect = call.operation.effect
        ready.needs_new_connection = effect is Effect.ONCE
        self._sent, self._answer, self._number = ready, None, self._number + 1
        self._is_reported = False
        self._began = clock.monotonic()
        answer = self._answer = await parts.io.exchange(
            ready,
            Limits(limits.connect, limits.read, limits.ends_at),
            None if effect is Effect.NONE else self._late,
        )
        if isinstance(answer, HttpResponse):
            await self._learn(answer)
        else:
            self._check_answer(answer)
        now = clock.now()
        result = decode(call, answer, now)
        if isinstance(result, Refusal) and self._may_have_happened:
            result = proved(call, result)
        if isinstance(result, Refusal):
            result = self._last = self._counted(result)
            if result.outcome in MAY_HAVE_HAPPENED:
                self._may_have_happened = True
            return result
        reply = self._in_hand = self._reply(result, answer, now)
        self._check_contract(reply)
        if is_watched(self._rules):
            await self._report(None, None)
        return reply

    def _counted(self, refusal: Refusal) -> Refusal:
        """Return *refusal* as final where a read was answered with something else for the second time."""
        self._odd_answers += refusal.is_whole
        return refusal._replace(is_final=self._odd_answers > 1 and self.effect is Effect.NONE)

    def _check_answer(self, answer: object) -> None:
        """Refuse what a transport of the user's returns in place of an answer; the request may have left."""
        if not isinstance(answer, HttpFailure):
            self._answer = None
            raise TypeError(
                f"transport= returned a {type(answer).__name__}: it gives HttpResponse or HttpFailure"
            )

    def _check_time(self) -> None:
        if self.ends_at - self._parts.clock.monotonic() <= 0:
            raise self._after_refusal(
                TransportError("the time allowed for the whole call is over", failure="deadline")
            )

    async def _check_quota(self) -> None:
        """Fail before even the sign-in, where the call must go at once and cannot."""
        state = await self._parts.quota.state(self._key, self._job.call.operation.quota)
        if state.wait > 0:
            raise self._too_late(state.wait)

    def _too_late(self, wait: float) -> SpShippingError:
        return self._after_refusal(
            QuotaError(
                f"its reservation is {wait:.1f} s away, later than max_wait or the deadline allow",
                wait=wait,
                retry_at=self._parts.clock.now() + timedelta(seconds=min(wait, FOR_EVER_SECONDS)),
            )
        )

    def _after_refusal(self, error: AnsweredError) -> AnsweredError:
        """Let an error that ends the waiting say what the last attempt was refused with."""
        error.operation = self._job.call.operation.name
        if self._last is not None:
            refusal = self._last.error
            error.__cause__ = refusal
            assert isinstance(refusal, AnsweredError)  # noqa: S101 - each is one that says what came back
            error.status, error.code = refusal.status, refusal.code
            error.details, error.request_id = refusal.details, refusal.request_id
            error.errors, error.retry_after = refusal.errors, refusal.retry_after
            error.at, error.headers = refusal.at, dict(refusal.headers)
        return error

    async def _reserve(self) -> float:
        """Take a reservation of the quota and wait for it; return the seconds that this took."""
        self._check_time()
        parts, limits = self._parts, self._job.limits
        plan, key, quota, clock = self._job.call.operation.quota, self._key, parts.quota, parts.clock
        began = clock.monotonic()
        longest = min(self._may_wait, limits.ends_at - began)
        reservation = self._reservation = await quota.reserve(key, plan, longest)
        if not reservation.number:
            raise self._too_late(reservation.wait)
        if not reservation.wait:
            return 0.0
        log_wait(self._job.call.operation.name, "for the quota", wait := reservation.wait, clock.now())
        try:
            while wait > 0:
                if clock.monotonic() - began + wait > longest + _LEAST_NAP:
                    raise self._too_late(wait)
                # in naps: whatever another call learns meanwhile moves this reservation
                await self.sleep(max(wait * _NAP_SHARE, min(wait, _LEAST_NAP)))
                wait = await quota.remaining(key, plan, reservation)
        except GeneratorExit:
            raise  # a coroutine that is being closed cannot wait for the keeper
        except BaseException:
            await quietly("the quota keeper", lambda: quota.give_back(key, plan, reservation))
            raise
        waited = clock.monotonic() - began
        self._may_wait = max(0.0, self._may_wait - waited)
        return waited

    async def sleep(self, seconds: float) -> None:
        """Wait, unless the call was cancelled."""
        job, clock, io = self._job, self._parts.clock, self._parts.io
        was_in_plugin, self._is_in_plugin = self._is_in_plugin, False
        if job.is_cancelled is None:
            await io.sleep(seconds)
        else:
            ends_at = clock.monotonic() + seconds
            while (left := ends_at - clock.monotonic()) > 0:
                if job.is_cancelled():
                    raise self._after_refusal(
                        TransportError("cancelled while it waited", failure="cancelled")
                    )
                await io.sleep(min(left, _PULSE_SECONDS))
        self._is_in_plugin = was_in_plugin

    async def _learn(self, answer: HttpResponse) -> None:
        """Let the quota and the clock learn from an answer; nothing that fails here can cost it."""
        parts, date = self._parts, answer.headers.get("date")
        # most answers have the date of the one before; a proxy has a clock of its own
        if parts.server_clock.is_news(date) and answer.request_id is not None:
            parts.server_clock.learn(date, parts.clock.monotonic() - self._began)
        stated = answer.headers.get("x-amzn-ratelimit-limit")
        if stated is not None and self._rules.has_true_rates:
            known, news = self._parts.stated_rates, (self._reservation.era, stated)
            if known.get(self._key) != news:
                known[self._key] = news
                await quietly("the quota keeper", lambda: self._learn_rate(stated))
        if answer.status == 429:
            await quietly("the quota keeper", self._drain)

    async def _learn_rate(self, stated: str) -> None:
        try:
            rate = float(stated)
        except ValueError:
            return
        await self._parts.quota.learn(self._key, self._job.call.operation.quota, rate)

    async def _drain(self) -> None:
        await self._parts.quota.drain(self._key, self._job.call.operation.quota, self._reservation)

    async def refresh(self) -> bool:
        """Give up the token that was refused."""
        assert self._sent is not None  # noqa: S101 - something was sent that was refused
        return self._parts.authorizer.reject(self._sent, self._job.call)

    async def refused(self, refusal: Refusal, wait: float | None) -> None:
        """Report an attempt that was refused."""
        if is_watched(self._rules):
            await self._report(refusal, wait)
        self._sent = self._answer = None

    async def _report(self, refusal: Refusal | None, wait: float | None) -> None:
        sent, answer = self._sent, self._answer
        assert sent is not None  # noqa: S101 - there was an exchange
        self._is_reported = True
        was_sent = answer.was_sent if isinstance(answer, HttpFailure) else sent.was_sent is not False
        attempt = attempt_of(
            self._rules,
            self._job.call,
            self._number,
            answer,
            refusal,
            was_sent=was_sent,
            waited=self._waited,
            elapsed=self._parts.clock.monotonic() - self._began,
            wait=wait,
            quota_left=self._reservation.left,
        )
        await report(self._rules, self._parts, attempt)

    def _reply(self, decoded: Decoded, answer: Answer, now: datetime) -> Reply[Any]:
        assert isinstance(answer, HttpResponse)  # noqa: S101 - only a response decodes
        call, history = self._job.call, self._parts.history
        was_settled = call.key is not None and history.is_settled(call.key)
        if was_settled:
            log(logging.INFO, "%s: the same purchase as before, by its key", call.operation.name)
        meta = ReplyMeta(
            status=answer.status,
            request_id=answer.request_id,
            attempts=self._number,
            elapsed=self._parts.clock.monotonic() - self._job.limits.started,
            received_at=now,
            rate_limit=answer.headers.get("x-amzn-ratelimit-limit"),
            deviations=decoded.deviations,
            errors=decoded.errors,
            was_settled=was_settled,
        )
        if call.operation.after is not None:
            try:
                call.operation.after(call, decoded.value, After(now, history, self._note))
            except Exception as error:
                message = "%s: what follows an answer raised %s; ignored"
                log(logging.WARNING, message, call.operation.name, type(error).__name__)
        if decoded.deviations:
            log_deviations(self._parts, call, decoded)
        return Reply(decoded.value, meta, answer.body, call)

    def _note(self, sentence: str) -> None:
        log_once(self._parts, self._job.call, sentence)

    def _check_contract(self, reply: Reply[Any]) -> None:
        """Refuse a repaired answer, where the client is strict."""
        meta = reply.meta
        if meta.deviations and self._rules.is_strict:
            raise DecodeError(
                f"the answer differs from Amazon's own contract at {meta.deviations[0].path}",
                operation=reply.call.operation.name,
                status=meta.status,
                request_id=meta.request_id,
                value=reply.value,
                deviations=meta.deviations,
            )

    def log_end(self, result: int | str, request_id: str | None) -> None:
        """Write the end of the call to the log."""
        seconds = self._parts.clock.monotonic() - self._job.limits.started
        log_end(self._job.call, result, self._number, seconds, request_id)

    def _is_unknown(self) -> bool:
        """Return whether it may have been carried out, as things stand now."""
        if self.effect is Effect.NONE:
            return False
        if self._may_have_happened or self._sent is None:
            return self._may_have_happened
        answer = self._answer
        if answer is None:
            return self._sent.was_sent is not False
        if isinstance(answer, HttpFailure):
            return answer.was_sent
        return not 300 <= answer.status < 500

    async def judged(self, error: Exception) -> Exception:
        """Return what the caller gets: once it may have been carried out, only a 2xx settles it."""
        if isinstance(error, AnsweredError):
            error.attempts = self._number
        has_value = isinstance(error, DecodeError) and error.value is not None
        if has_value or not self._is_unknown():
            return error
        if (
            not isinstance(error, SpShippingError)
            and not self._is_in_plugin
            and not is_networks(error, self._handled)
        ):
            # nothing of ours and no plug-in raised it: a signal handler did
            await self.interrupted(error)
            return error
        call = self._job.call
        advice = "look it up at Amazon"
        if call.key:
            advice = "send it again with client.resolve(error)"
        elif self.effect is Effect.IDEMPOTENT:
            advice = "send it again, which is harmless, or look it up at Amazon"
        answered = error if isinstance(error, AnsweredError) else AnsweredError()
        return OutcomeUnknownError(
            f"it may have been carried out; {advice}",
            operation=call.operation.name,
            status=answered.status,
            code=answered.code,
            # of an exception that is not ours, only the name is sure to hold nothing personal
            details=str(error) if isinstance(error, SpShippingError) else type(error).__name__,
            request_id=answered.request_id,
            attempts=self._number,
            at=answered.at or self._parts.clock.now(),
            headers=dict(answered.headers),
            call=call,
            cause=error,
        )

    async def interrupted(self, error: BaseException) -> None:
        """Let an exception that passes carry the call, if that may have been carried out."""
        if not self._is_unknown():
            return
        call = self._job.call
        attach(call, error)
        kind = type(error).__name__
        self._unsettled = self._parts.unsettled.add(call, kind, self._in_hand)
        if self._in_hand is None and self._answer is not None:
            self._late(self._answer)
        log(
            logging.WARNING,
            "%s was interrupted by %s, and may have been carried out: %s",
            call.operation.name,
            kind,
            "client.resolve sends it again with its key" if call.key else "look it up at Amazon",
        )
        # a coroutine that is being closed cannot wait for anything
        is_open = self._sent is not None and not self._is_reported
        if is_open and is_watched(self._rules) and not isinstance(error, GeneratorExit):
            await self._report(None, None)

    def _late(self, answer: Answer) -> None:
        """Keep the answer to an exchange whose caller was cancelled."""
        name = self._job.call.operation.name
        try:
            self._keep(answer)
        except Exception as error:
            message = "%s: the answer came after the call was cancelled; reading it raised %s"
            log(logging.WARNING, message, name, type(error).__name__)
        else:
            log(logging.INFO, "%s: the answer came after the call was cancelled", name)

    def _keep(self, answer: Answer) -> None:
        now = self._parts.clock.now()
        result = decode(self._job.call, answer, now)
        if isinstance(result, Decoded) and self._unsettled is not None:
            self._answer = answer
            self._unsettled.reply = self._reply(result, answer, now)
