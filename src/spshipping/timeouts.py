"""Checks of the times that a call may take: timeouts, deadline, longest wait for the quota."""

from __future__ import annotations

import math
from typing import NoReturn, Self

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.named import NamedTuple

Refusal = type[ConfigurationError] | type[InvalidRequestError]
"""What is raised: `ConfigurationError` for a client's options, `InvalidRequestError` for one call's."""

_LONGEST = 1_000_000.0
"""Seconds; a socket cannot wait longer than 2**31 milliseconds on every system."""
FOR_EVER_SECONDS = 1e9
"""Some thirty years: no date is needed beyond it, and no event loop can wait for infinity."""


class Timeouts(NamedTuple):
    """How long one attempt may take to connect, and how long it may read without a byte, in seconds."""

    connect: float = 10.0
    read: float = 60.0

    @classmethod
    def of(cls, value: object, where: str = "timeout", error: Refusal = ConfigurationError) -> Self:
        """Make it from one number for both, or from a pair `(connect, read)`.

        Args:
            value: positive finite seconds; a text, a bool or None is refused.
            where: the option's name, for the error.
            error: the class of the error.

        Raises:
            ConfigurationError: it is something else.
            InvalidRequestError: the same, where *error* says so.
        """
        given = value if isinstance(value, tuple) else (value, value)
        seconds = [_number(part) for part in given]
        if len(seconds) != 2 or not all(0 < part <= _LONGEST for part in seconds):
            _refuse(
                "must be a number of seconds above 0 and at most 1,000,000, or a pair (connect, read)",
                where,
                error,
            )
        return cls(*seconds)


def checked_deadline(value: object, where: str = "deadline", error: Refusal = ConfigurationError) -> float:
    """Return the seconds that a whole call may take: above 0; infinity means no limit.

    Raises:
        ConfigurationError: it is something else.
        InvalidRequestError: the same, where *error* says so.
    """
    seconds = _number(value)
    if not seconds > 0:
        _refuse("must be a number of seconds above 0; math.inf means no limit", where, error)
    return seconds


def checked_max_wait(value: object, where: str = "max_wait", error: Refusal = ConfigurationError) -> float:
    """Return the seconds that a call may wait for the quota: 0 or more; infinity means no limit.

    Raises:
        ConfigurationError: it is something else.
        InvalidRequestError: the same, where *error* says so.
    """
    seconds = _number(value)
    if not seconds >= 0:
        _refuse("must be a number of seconds, 0 or more; math.inf means no limit", where, error)
    return seconds


def _number(value: object) -> float:
    """Return *value* as a float; NaN, which no limit accepts, where it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def _refuse(message: str, where: str, error: Refusal) -> NoReturn:
    if issubclass(error, InvalidRequestError):
        raise error(message, path=where)
    raise error(f"{where}= {message}")
