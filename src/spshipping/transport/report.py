"""Reports attempts, and the end of a call, to the log and to `on_reply`; none of it can fail a call."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from spshipping.meta import Attempt
from spshipping.operation import Call
from spshipping.transport.decode import Decoded
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.log import log
from spshipping.transport.repeat import Refusal
from spshipping.transport.retry import Outcome
from spshipping.transport.rules import Parts, Rules

_logger = logging.getLogger("spshipping")
_INDEX = r"\[\d+\]"


async def quietly(part: str, work: Callable[[], Awaitable[object]]) -> None:
    """Do something whose failure must not cost an answer that is in hand."""
    try:
        await work()
    except Exception as error:
        log(logging.WARNING, "%s raised %s; ignored", part, type(error).__name__)


def is_watched(rules: Rules) -> bool:
    """Return whether attempts are reported to a function or a log handler."""
    return rules.on_reply is not None or _logger.isEnabledFor(logging.DEBUG)


def attempt_of(
    rules: Rules,
    call: Call[Any],
    number: int,
    answer: HttpResponse | HttpFailure | None,
    refusal: Refusal | None,
    *,
    was_sent: bool,
    waited: float,
    elapsed: float,
    wait: float | None,
    quota_left: float,
) -> Attempt:
    """Describe an attempt; one without an answer was interrupted."""
    failure = answer.kind if isinstance(answer, HttpFailure) else None
    if failure is None and refusal and refusal.outcome is Outcome.LOST:
        failure = "unreadable"
    outcome = refusal.outcome.name.lower() if refusal else "answered" if answer else "interrupted"
    return Attempt(
        operation=call.operation.name,
        route=call.operation.route,
        endpoint=rules.endpoint,
        number=number,
        outcome=outcome,
        status=answer.status if answer else None,
        failure=failure,
        was_sent=was_sent,
        request_id=answer.request_id if answer else None,
        waited=waited,
        elapsed=elapsed,
        wait=wait,
        quota_left=quota_left,
    )


async def report(rules: Rules, parts: Parts, attempt: Attempt) -> None:
    """Report an attempt to the log and to `on_reply`."""
    log(
        logging.DEBUG,
        "%s: attempt %d: %s in %.3f s, after %.3f s for the quota, %.1f left; %s, request %s",
        attempt.operation,
        attempt.number,
        attempt.failure or attempt.status or attempt.outcome,
        attempt.elapsed,
        attempt.waited,
        attempt.quota_left,
        "no further attempt" if attempt.wait is None else f"next attempt in {attempt.wait:.3f} s",
        attempt.request_id,
    )
    on_reply = rules.on_reply
    if on_reply is not None:
        await quietly("on_reply", lambda: parts.io.hook(on_reply, attempt))


def log_end(
    call: Call[Any], result: int | str, attempts: int, seconds: float, request_id: str | None
) -> None:
    """Write the end of a call to the log."""
    log(
        logging.INFO,
        "%s: %s after %d attempt(s) in %.3f s, request %s",
        call.operation.name,
        result,
        attempts,
        seconds,
        request_id,
    )


def log_deviations(parts: Parts, call: Call[Any], decoded: Decoded) -> None:
    """Log each kind of repair once for each place."""
    for path, kind in decoded.deviations:
        place = (call.operation.name, re.sub(_INDEX, "[]", path), kind)
        if place not in parts.logged:
            parts.logged.add(place)
            log(logging.WARNING, "%s: the answer's %s was %s; read leniently", *place)


def log_once(parts: Parts, call: Call[Any], sentence: str) -> None:
    """Write a sentence about an operation's answers to the log, once for each client."""
    place = (call.operation.name, sentence, "note")
    if place not in parts.logged:
        parts.logged.add(place)
        log(logging.WARNING, "%s: %s", *place[:2])
