"""What keeps secrets and personal data out of sight: a text that is hidden, and a door for tracebacks."""

from __future__ import annotations

import gc
import hashlib
import hmac
import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import aclosing
from functools import wraps
from types import FrameType, FunctionType, TracebackType
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
Y = TypeVar("Y")

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200
"""Flags of code objects. Source: https://docs.python.org/3/library/inspect.html#code-objects-bit-flags"""


class Secret:
    """Hold a client secret or a token so that no repr, log, copy of fields or pickle shows it.

    Two secrets compare in constant time. The text comes out through `reveal()` only.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | Secret) -> None:
        self._text: str = text._text if isinstance(text, Secret) else text

    def reveal(self) -> str:
        """Return the text. Hand it to nothing that logs."""
        return self._text

    def fingerprint(self) -> str:
        """Return a SHA-256 of the text: fit for a cache key, not for a log."""
        return hashlib.sha256(self._text.encode("utf-8", "surrogatepass")).hexdigest()

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        ours, theirs = (text.encode("utf-8", "surrogatepass") for text in (self._text, other._text))
        return hmac.compare_digest(ours, theirs)

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled: hand the other process its own credentials")


def empty_frames(error: BaseException) -> None:
    """Take the local variables out of every frame that *error* has left: a traceback may show them.

    Files and line numbers stay.
    """
    traceback.clear_frames(error.__traceback__)


def is_encodable(secret: Secret) -> bool:
    """Return whether *secret* can be written as UTF-8; the error of who tries in vain shows the text."""
    return not any("\ud800" <= mark <= "\udfff" for mark in secret.reveal())


def discreet(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the local variables of *function*, and of all that it calls, out of every traceback.

    A crash reporter may print a traceback with local variables. Whatever *function* raises loses those of
    all frames that have ended: its own, and those of its causes and contexts, up to what was being handled
    around the call. Files and line numbers stay. Takes functions, coroutine functions, generators, and async
    generators, which are then only iterated and closed: what is sent or thrown into one does not arrive.
    """
    # not by `inspect`, which takes longer to import than all else here
    flags = cast(FunctionType, function).__code__.co_flags
    if flags & _COROUTINE:
        return cast(Callable[P, R], _discreet_coroutine(cast(Any, function)))
    if flags & _GENERATOR:
        return cast(Callable[P, R], _discreet_generator(cast(Any, function)))
    if flags & _ASYNC_GENERATOR:
        return cast(Callable[P, R], _discreet_async_generator(cast(Any, function)))

    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            conceal(error)
            raise

    return door


def _discreet_coroutine(
    function: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    @wraps(function)
    async def door(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return await function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            conceal(error)
            raise

    return door


def _discreet_generator(function: Callable[P, Generator[Y, S, R]]) -> Callable[P, Generator[Y, S, R]]:
    @wraps(function)
    def door(*args: P.args, **kwargs: P.kwargs) -> Generator[Y, S, R]:
        try:
            return (yield from function(*args, **kwargs))
        except BaseException as error:
            del args, kwargs
            conceal(error)
            raise

    return door


def _discreet_async_generator(
    function: Callable[P, AsyncGenerator[Y, None]],
) -> Callable[P, AsyncGenerator[Y, None]]:
    @wraps(function)
    async def door(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[Y, None]:
        try:
            async with aclosing(function(*args, **kwargs)) as items:
                while True:
                    yield await anext(items)  # never in a variable, which a traceback would show
        except StopAsyncIteration:
            return
        except BaseException as error:
            del args, kwargs
            conceal(error)
            raise

    return door


def conceal(error: BaseException) -> None:
    """Clear the local variables of all frames that *error*, its causes and its contexts have left.

    Goes no further than an exception that is still being handled around the caller, and leaves frames alone
    that have not ended: to clear the frame of a suspended coroutine would close it.
    """
    around = _stack(sys._getframe(1))
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        trace = found.__traceback__
        if found is not error and trace is not None and id(trace.tb_frame) in around:
            continue  # the frame that handles it is around the caller
        _clear(trace)
        waiting += (found.__cause__, found.__context__)
        if isinstance(found, BaseExceptionGroup):
            waiting += found.exceptions


def _stack(frame: FrameType | None) -> set[int]:
    found = set()
    while frame is not None:
        found.add(id(frame))
        frame = frame.f_back
    return found


def _clear(trace: TracebackType | None) -> None:
    while trace is not None:
        frame = trace.tb_frame
        # only a frame that has ended owns its locals and its code; one that is suspended owns nothing
        if any(owned is frame.f_code for owned in gc.get_referents(frame)):
            frame.clear()
        trace = trace.tb_next
