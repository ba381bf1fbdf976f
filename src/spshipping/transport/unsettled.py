"""Calls that were interrupted after they may have been carried out, and have no known outcome."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import deque
from collections.abc import Callable
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

    __slots__ = ("call", "interrupted_by", "owner", "reply")

    def __init__(
        self, call: Call[Any], interrupted_by: str, reply: Reply[Any] | None = None, owner: str = ""
    ) -> None:
        self.call: Call[Any] = call
        """With its idempotency key, if it has one; `client.resolve` takes it."""
        self.interrupted_by: str = interrupted_by
        """The name of the exception's class."""
        self.reply: Reply[Any] | None = reply
        """The answer, where it came after the interruption."""
        self.owner: str = owner
        """Whose call it is: a digest of application and seller."""

    def __repr__(self) -> str:
        state = "answered" if self.reply else "no answer"
        return f"<Unsettled {self.call.operation.name}, {self.interrupted_by}: {state}>"


class _Shared:
    """What the clients of one family share."""

    def __init__(self, most: int) -> None:
        self.calls: deque[Unsettled] = deque(maxlen=most)
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        # entered again by the same thread where a signal handler sends a call of its own
        self.lock = threading.RLock()


class UnsettledCalls:
    """The unsettled calls of one seller; clients made from one another share the room for them."""

    def __init__(self, on_unsettled: Callable[[Unsettled], object] | None = None, most: int = MOST) -> None:
        self._on_unsettled = on_unsettled
        self._shared = _Shared(most)
        self._owner = ""

    def of(self, owner: str, on_unsettled: Callable[[Unsettled], object] | None = None) -> UnsettledCalls:
        """Return those of *owner*, and the function that is called, where it is another one."""
        made = object.__new__(UnsettledCalls)
        made._on_unsettled = on_unsettled or self._on_unsettled
        made._shared, made._owner = self._shared, hashlib.sha256(owner.encode()).hexdigest()
        return made

    def add(self, call: Call[Any], interrupted_by: str, reply: Reply[Any] | None = None) -> Unsettled:
        """Keep a call, and pass it to `on_unsettled`."""
        unsettled = Unsettled(call, interrupted_by, reply, self._owner)
        with self._shared.lock:
            self._shared.calls.append(unsettled)
        if self._on_unsettled:
            try:
                self._on_unsettled(unsettled)
            except Exception as error:
                _warn("on_unsettled raised %s; ignored", type(error).__name__)
        return unsettled

    def settle(self, call: Call[Any]) -> None:
        """Remove a call of this seller, and every one with the same key, whose outcome is known now."""
        if not self._shared.calls:
            return
        with self._shared.lock:
            # one by one: an interrupt in between loses none of the others
            for each in tuple(self._shared.calls):
                if each.owner == self._owner and _is_same(each.call, call):
                    with suppress(ValueError):
                        self._shared.calls.remove(each)

    def is_own(self, unsettled: Unsettled) -> bool:
        """Return whether an entry is of this seller."""
        return unsettled.owner == self._owner

    def all(self) -> tuple[Unsettled, ...]:
        """Return those of this seller, the oldest first."""
        with self._shared.lock:
            return tuple(each for each in self._shared.calls if each.owner == self._owner)


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


def calls_of(error: BaseException) -> list[Call[Any]]:
    """Return the calls that an error carries: itself, its causes and contexts, the members of its group."""
    found: list[Call[Any]] = []
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        call = vars(each).get(_ATTRIBUTE)
        if isinstance(each, OutcomeUnknownError | RateExpiredError):
            call = each.call
        if isinstance(call, Call) and not any(_is_same(call, other) for other in found):
            found.append(call)
        members = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
        waiting += (each.__context__, each.__cause__, *reversed(members))
    return found


def call_of(error: BaseException) -> Call[Any] | None:
    """Return the first call that an error carries, if there is one."""
    return next(iter(calls_of(error)), None)
