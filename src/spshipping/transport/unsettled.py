"""Calls whose outcome nobody has been given: what was interrupted once it may have been carried out."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from spshipping.errors import OutcomeUnknownError, RateExpiredError
from spshipping.forks import renew_after_fork
from spshipping.operation import Call, Reply

_logger = logging.getLogger("spshipping")
MOST = 1000
"""So many are kept; the oldest goes first."""
_ATTRIBUTE = "spshipping_call"


class Unsettled:
    """A call that may have been carried out, whose caller was interrupted before there was a result."""

    __slots__ = ("call", "interrupted_by", "reply")

    def __init__(self, call: Call[Any], interrupted_by: str, reply: Reply[Any] | None = None) -> None:
        self.call: Call[Any] = call
        """With its idempotency key, if it has one; `client.resolve` takes it."""
        self.interrupted_by: str = interrupted_by
        """The name of the exception's class."""
        self.reply: Reply[Any] | None = reply
        """The answer, where it came after the interruption."""

    def __repr__(self) -> str:
        state = "answered" if self.reply else "no answer"
        return f"<Unsettled {self.call.operation.name}, {self.interrupted_by}: {state}>"


class UnsettledCalls:
    """The unsettled calls of a client and of all that were made from it."""

    def __init__(self, on_unsettled: Callable[[Unsettled], object] | None = None, most: int = MOST) -> None:
        self._on_unsettled = on_unsettled
        self._calls: deque[Unsettled] = deque(maxlen=most)
        self.renew_locks()
        renew_after_fork(self)

    def calling(self, on_unsettled: Callable[[Unsettled], object]) -> "UnsettledCalls":
        """Return the same list, with another function that is called."""
        made = UnsettledCalls(on_unsettled)
        made._calls = self._calls
        return made

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        # entered again by the same thread where a signal handler sends a call of its own
        self._lock = threading.RLock()

    def add(self, call: Call[Any], interrupted_by: str, reply: Reply[Any] | None = None) -> Unsettled:
        """Keep a call, and pass it to who listens."""
        unsettled = Unsettled(call, interrupted_by, reply)
        with self._lock:
            self._calls.append(unsettled)
        if self._on_unsettled:
            try:
                self._on_unsettled(unsettled)
            except Exception as error:
                _warn("on_unsettled raised %s; ignored", type(error).__name__)
        return unsettled

    def settle(self, call: Call[Any]) -> None:
        """Remove a call, and every one with the same key, whose outcome is known now."""
        if not self._calls:
            return
        with self._lock:
            kept = [each for each in self._calls if not _is_same(each.call, call)]
            self._calls.clear()
            self._calls.extend(kept)

    def all(self) -> tuple[Unsettled, ...]:
        """Return all of them, the oldest first."""
        with self._lock:
            return tuple(self._calls)


def _warn(message: str, *values: object) -> None:
    with suppress(Exception):  # a log must never cost an outcome
        _logger.warning(message, *values)


def _is_same(one: Call[Any], other: Call[Any]) -> bool:
    return one is other or (one.key is not None and (one.operation, one.key) == (other.operation, other.key))


def attach(call: Call[Any], error: BaseException) -> None:
    """Let *error*, which is not ours, carry *call*, and say what to do."""
    advice = (
        f"client.resolve(error) sends it again with its key {call.key}"
        if call.key
        else "look it up at Amazon"
    )
    try:
        setattr(error, _ATTRIBUTE, call)
        error.add_note(f"{call.operation.name} may have been carried out: {advice}")
    except (AttributeError, TypeError):  # an exception without room for it: client.unsettled() has the call
        pass


def call_of(error: BaseException) -> Call[Any] | None:
    """Return the call that an error carries: itself, its causes and contexts, or a member of its group."""
    return next(_calls_of(error, set()), None)


def _calls_of(error: BaseException | None, seen: set[int]) -> Iterator[Call[Any]]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    found = vars(error).get(_ATTRIBUTE)
    if isinstance(error, OutcomeUnknownError | RateExpiredError):
        found = error.call
    if isinstance(found, Call):
        yield found
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for other in (*members, error.__cause__, error.__context__):
        yield from _calls_of(other, seen)
