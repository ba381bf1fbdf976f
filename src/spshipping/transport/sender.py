"""Sends calls, for threads and for asyncio: what both clients are made of."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, Unpack

from spshipping.errors import BadRequestError, InvalidRequestError
from spshipping.operation import Before, Call, CallOptions, Effect, Operation, Reply
from spshipping.secret import discreet
from spshipping.transport.attempts import Job, attempts
from spshipping.transport.bucket import QuotaState
from spshipping.transport.build import build
from spshipping.transport.io import DEFAULT_CONCURRENCY
from spshipping.transport.log import log
from spshipping.transport.retry import RetryBudget
from spshipping.transport.rules import CallLimits, Parts, Rules, limits_of
from spshipping.transport.unsettled import Unsettled, calls_of

if TYPE_CHECKING:
    from spshipping.transport.bulk import Mapped, Progress

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - an item


class CallSender:
    """Sends calls by the rules of one client."""

    __slots__ = ("parts", "rules")

    def __init__(self, rules: Rules, parts: Parts) -> None:
        self.rules: Rules = rules
        self.parts: Parts = parts

    async def send(self, call: Call[T], **options: Unpack[CallOptions]) -> Reply[T]:
        """Send *call*, and repeat it where that is safe.

        Raises:
            SpShippingError: what it ended in, if not in an answer.
        """
        return await self._send(call, options)

    async def resolve(
        self, unsettled: BaseException | Unsettled | Call[Any], options: CallOptions
    ) -> Reply[Any]:
        """Send a keyed call again with its key, to learn its outcome: later, or in another process.

        Raises:
            InvalidRequestError: there is no call with an idempotency key in what was given.
        """
        call = self._unsettled_call(unsettled)
        reply = await self._send(call, options, is_repeat=True)
        self.parts.unsettled.settle(call)
        return reply

    def _unsettled_call(self, unsettled: BaseException | Unsettled | Call[Any]) -> Call[Any]:
        call: object = unsettled
        if isinstance(unsettled, Unsettled):
            if not self.parts.unsettled.is_own(unsettled):
                raise InvalidRequestError(
                    "is another seller's: resolve it with the client of that seller", path="call"
                )
            call = unsettled.call
        elif isinstance(unsettled, BaseException):
            found = calls_of(unsettled)
            if len(found) > 1:
                raise InvalidRequestError(
                    f"carries {len(found)} calls: resolve each of its exceptions by itself", path="call"
                )
            call = found[0] if found else None
        if isinstance(call, Call) and call.operation.derives_key:
            call = call.with_key()
        if isinstance(call, Call) and (call.key or call.operation.effect is Effect.IDEMPOTENT):
            return call
        raise InvalidRequestError(
            "only a call with an idempotency key, or one whose repetition is harmless, can be resolved; look"
            " others up at Amazon",
            path="call",
        )

    def map(
        self,
        call_factory: Callable[[I], Call[T]],
        items: Iterable[I],
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        on_progress: Callable[[Progress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncGenerator[Mapped[I, T], None]:
        """Send a call for each item, some at a time, and yield the result of each as it ends.

        Raises:
            InvalidRequestError: *concurrency* is no whole number above 0.
        """
        if type(concurrency) is not int or concurrency < 1:
            raise InvalidRequestError("is a whole number above 0", path="concurrency")
        for name, function in (("call_factory", call_factory), ("on_progress", on_progress or list)):
            if not callable(function):
                raise InvalidRequestError(f"is no function, but of type {type(function).__name__}", path=name)
        self.parts.lifetime.check()
        limits_of(options, self.rules, 0.0)

        @discreet
        async def send(call: Call[T], is_cancelled: Callable[[], bool]) -> Reply[T]:
            return await self._send(call, options, is_cancelled=is_cancelled)

        # imported here: most programs send calls one by one
        from spshipping.transport.bulk import mapped

        group = self.parts.io.group(concurrency)
        return mapped(group, send, call_factory, items, concurrency, on_progress, self.parts.unsettled)

    async def quota(self, operation: Operation[Any]) -> QuotaState:
        """Return how the quota of *operation* stands, as far as is known here. Sends nothing."""
        if not isinstance(operation, Operation):
            raise InvalidRequestError("is an Operation, such as GET_ORDER", path="operation")
        return await self.parts.quota.state(self.rules.quota_key(operation), operation.quota)

    def at(self, endpoint: str) -> CallSender:
        """Return a sender to another host, which shares everything else, and requests no personal data."""
        return CallSender(self.rules._replace(endpoint=endpoint, pii=None), self.parts)

    def unrepeated(self) -> CallSender:
        """Return a sender that repeats nothing but a 429, once, and leaves the budget for repeats alone."""
        repeats = self.parts.repeats
        policy = repeats.retry._replace(
            attempts=1, throttled_attempts=min(2, repeats.retry.throttled_attempts)
        )
        own = repeats._replace(retry=policy, budget=RetryBudget(0.0))
        return CallSender(self.rules, self.parts._replace(repeats=own))

    async def _send(
        self,
        call: Call[T],
        options: CallOptions,
        *,
        is_repeat: bool = False,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> Reply[T]:
        rules, parts = self.rules, self.parts
        parts.lifetime.check()
        started = parts.clock.monotonic()
        limits = limits_of(options, rules, started)
        if not isinstance(call, Call):
            _refuse_other(call)
        call = self._prepared(call, options, is_repeat=is_repeat)
        operation = call.operation
        if operation.before is not None and not is_repeat:
            operation.before(call, Before(parts.clock.now(), parts.history))
        try:
            # nothing follows: whatever interrupts it, `attempts` knows whether money may have moved
            return await attempts(self._job(call, limits, is_repeat, is_cancelled), rules, parts)
        except BadRequestError:
            # the refusal itself may have shown that this machine's clock runs ahead
            corrected = self._clamped(call) if operation.effect is Effect.NONE else call
            if corrected is call:
                raise
        return await attempts(self._job(corrected, limits, is_repeat, is_cancelled), rules, parts)

    def _job(
        self, call: Call[Any], limits: CallLimits, is_repeat: bool, is_cancelled: Callable[[], bool] | None
    ) -> Job:
        rules = self.rules
        request = build(call, rules.endpoint, rules.user_agent, rules.headers)
        return Job(call, request, limits, is_repeat, is_cancelled)

    def _prepared(self, call: Call[T], options: CallOptions, *, is_repeat: bool) -> Call[T]:
        """Return *call* as it is sent: with its key and personal data, and no time that is too late."""
        operation = call.operation
        if operation.effect is Effect.KEYED:
            call = call.with_key().freeze()
        call = self._with_pii(call, options)
        return call if is_repeat else self._clamped(call)

    def _clamped(self, call: Call[T]) -> Call[T]:
        """Return *call* with no time later than Amazon takes."""
        operation = call.operation
        if operation.before_names:
            call, clamped = call.clamped(self.parts.server_clock.now())
            for name in clamped:
                message = "%s: %s set to two minutes ago, the latest allowed"
                log(logging.INFO, message, operation.name, name)
        return call

    def _with_pii(self, call: Call[T], options: CallOptions) -> Call[T]:
        """Let *call* request the personal data that it, or the client for all calls, is to request."""
        if "pii" in options:
            requested = options["pii"]
            return call if requested is None else call.with_pii(requested)
        for_all = self.rules.pii
        if for_all is None or call.pii is not None:
            return call
        allowed = call.operation.pii_elements
        if allowed is None:
            return call
        known = set(for_all) & set(allowed)
        return call.with_pii(known) if known or not allowed else call


def _refuse_other(given: object) -> NoReturn:
    kind = type(given).__name__
    del given  # a traceback shows local variables
    raise InvalidRequestError(
        f"a {kind} is no call: give what an operation returns, such as GET_ORDER(path=...)", path="call"
    )
