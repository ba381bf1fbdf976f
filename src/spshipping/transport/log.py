"""Writes to the log what happens to calls; none of it can fail one."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from spshipping.timeouts import FOR_EVER_SECONDS

_logger = logging.getLogger("spshipping")
_SHORT_SECONDS = 5.0
WAITS = "%s: waits %.0f s %s, until %s"
"""The message about a wait: its values are what waits, the seconds, why, and until when."""


def log(level: int, message: str, *values: object) -> None:
    """Write to the log; a filter or handler that raises is passed over."""
    if _logger.isEnabledFor(level):
        with suppress(Exception):  # a log must never cost an answer
            _logger.log(level, message, *values)


def log_wait(name: str, reason: str, seconds: float, now: datetime) -> None:
    """Say beforehand that something waits; a short wait is not worth a line."""
    if seconds > _SHORT_SECONDS:
        until = now + timedelta(seconds=min(seconds, FOR_EVER_SECONDS))
        log(logging.INFO, WAITS, name, seconds, reason, f"{until:%H:%M:%S} UTC")
