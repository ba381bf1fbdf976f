"""Where a sync begins, as the caller gives it."""

import inspect
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Generator
from datetime import UTC, datetime, timedelta

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.sync.checkpoint import is_plausible

_MOST_OVERLAP = timedelta(days=30)
_MOST_SECONDS = timedelta(days=30).total_seconds()
"""So far apart two runs may begin."""
_FUTURE = timedelta(hours=1)
"""So far in the future `since` may lie, by a clock that is not Amazon's."""


def begin_of(since: datetime | timedelta, now: datetime) -> datetime:
    """Return the time, in whole seconds, from which on a sync begins.

    Raises:
        InvalidRequestError: it is none, is naive, lies in the future, or before there was anything to sync.
    """
    time: object = since
    if isinstance(since, timedelta):
        if since < timedelta(0):
            raise InvalidRequestError(
                "is negative: it says how long ago, as in timedelta(days=1)", path="since"
            )
        try:
            time = now - since
        except OverflowError:
            time = datetime.min.replace(tzinfo=UTC)
    if not isinstance(time, datetime):
        raise InvalidRequestError("is a datetime, or a timedelta that says how long ago", path="since")
    if time.utcoffset() is None:
        raise InvalidRequestError("is naive: give it a time zone", path="since")
    if not is_plausible(time):
        raise InvalidRequestError(
            "is a time before there was anything to sync, or far in the future: give one from 1995 to now",
            path="since",
        )
    if time > now + _FUTURE:
        raise InvalidRequestError("lies in the future: nothing would be found until then", path="since")
    return time.replace(microsecond=0)


def check_overlap(given: object) -> None:
    """Check how far each pass reaches back.

    Raises:
        InvalidRequestError: it is no span of time, is negative, or is too long.
    """
    if not isinstance(given, timedelta) or not timedelta(0) <= given <= _MOST_OVERLAP:
        raise InvalidRequestError("is a timedelta, of 0 to 30 days", path="overlap")


def seconds_of(every: timedelta | float, name: str = "every") -> float:
    """Return how many seconds the argument *name* is, such as those between two runs.

    Raises:
        InvalidRequestError: it is no span of time, or one of more than 30 days.
    """
    given: object = every
    seconds = given.total_seconds() if isinstance(given, timedelta) else given
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise InvalidRequestError("is a timedelta, or seconds as a number", path=name)
    if not seconds > 0:
        raise InvalidRequestError("must be more than zero seconds", path=name)
    if seconds > _MOST_SECONDS:
        raise InvalidRequestError("is longer than 30 days", path=name)
    return float(seconds)


def check_store(store: object) -> None:
    """Make sure that *store* can keep a checkpoint.

    Raises:
        InvalidRequestError: it cannot, such as the path of a file.
    """
    if not all(callable(getattr(store, name, None)) for name in ("load", "save")):
        raise InvalidRequestError(
            'takes a store for the checkpoint, such as FileCheckpoint("orders.json")', path="checkpoint"
        )
    if any(inspect.iscoroutinefunction(getattr(store, name, None)) for name in ("lock", "unlock")):
        raise InvalidRequestError("has a lock that is a coroutine function", path="checkpoint")


def check_function(name: str, function: object, *, is_blocking: bool = True) -> None:
    """Make sure that *function*, the argument *name*, can be called, and that its body runs then.

    Args:
        name: of the argument.
        function: what was given.
        is_blocking: whether it is called without `await`, as everywhere but under asyncio.

    Raises:
        InvalidRequestError: it is no function.
        ConfigurationError: it is a generator function or, where it is not awaited, a coroutine function.
    """
    if not callable(function):
        raise InvalidRequestError("takes a function", path=name)
    # imported here: the import is slow, and few programs need it
    from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction

    if is_blocking and iscoroutinefunction(function):
        raise ConfigurationError(
            f"{name} is a coroutine function, and nothing here awaits it: give a function without async"
        )
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        raise ConfigurationError(
            f"{name} is a generator function, whose body would never run: give a function without yield"
        )


def check_result(name: str, result: object) -> None:
    """Make sure that the function *name* has done its work, and did not return what would do it later.

    Raises:
        ConfigurationError: it has not.
    """
    if isinstance(result, Awaitable | Generator | AsyncGenerator):
        if isinstance(result, Coroutine):
            result.close()  # else Python warns that it was never awaited
        raise ConfigurationError(
            f"{name} returned a {type(result).__name__}, which nothing runs, so that nothing counts as"
            " delivered: give a function that has done its work when it returns"
        )


def check_stop(stop: object) -> None:
    """Make sure that *stop* can say when to stop.

    Raises:
        InvalidRequestError: it cannot.
    """
    if stop is not None and not callable(getattr(stop, "is_set", None)):
        raise InvalidRequestError("takes an object with is_set(), such as threading.Event()", path="stop")
