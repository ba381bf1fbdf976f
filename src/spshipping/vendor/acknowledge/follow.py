"""Follows submissions until their outcomes are known: one, or all that are open."""

import logging
from collections.abc import Callable
from datetime import timedelta

from spshipping.errors import ConfigurationError, InvalidRequestError, SpShippingError
from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.sync.begin import check_function, check_stop, seconds_of
from spshipping.sync.passes import Stop
from spshipping.vendor.acknowledge.desk import LEASE_SECONDS, Desk
from spshipping.vendor.acknowledge.submission import Submission, submission_of
from spshipping.vendor.acknowledge.workflow import advance, check
from spshipping.vendor.ledger.entry import IN_DOUBT, Entry, Settlement, SubmissionState
from spshipping.vendor.ledger.protocol import SubmissionLedger

Listener = Callable[[Submission], object]
"""Gets a submission each time that something has become of it."""

_logger = logging.getLogger("spshipping")
_PULSE_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 60.0, 3600.0
"""After a failure, the same submission is looked at again after so long."""


async def wait(
    context: Context, ledger: SubmissionLedger, submission: Submission, timeout: timedelta | float
) -> Submission:
    """Check a submission until its outcome is known; see `VendorApi.wait`."""
    clock = context.clock
    ends_at = clock.monotonic() + _seconds(timeout)
    while True:
        submission = await check(context, ledger, submission, {})
        left = ends_at - clock.monotonic()
        if submission.next_check_at is None or left <= 0:
            return submission
        # another process may have it now: then it is looked at again soon
        pause = max(_PULSE_SECONDS, (submission.next_check_at - submission.read_at).total_seconds())
        await context.io.sleep(min(left, pause))


async def follow(
    context: Context,
    ledger: SubmissionLedger,
    every: timedelta | float,
    stop: Stop | None,
    on_outcome: Listener | None,
    options: CallOptions,
) -> None:
    """Look at all open submissions when they are due; see `VendorApi.run`."""
    desk = Desk.at(context, ledger, options)
    interval = seconds_of(every)
    check_stop(stop)
    if on_outcome is not None:
        check_function("on_outcome", on_outcome, is_blocking=context.io.is_blocking)
    failures: dict[int, int] = {}
    while stop is None or not stop.is_set():
        entry = await desk.kept(desk.ledger.claim, desk.whose(), LEASE_SECONDS)
        if entry is None:
            due_in = await desk.kept(desk.ledger.due_in, desk.whose())
            left = interval if due_in is None else min(interval, due_in)
            await _sleep(desk, max(left, _PULSE_SECONDS), stop)
            continue
        found = await _looked_at(desk, entry, failures)
        if found is not None and on_outcome is not None and _has_changed(entry, found):
            await context.io.hook(on_outcome, found)


async def _looked_at(desk: Desk, entry: Entry, failures: dict[int, int]) -> Submission | None:
    """Take the next step with a submission; one that fails stops no other."""
    try:
        found = await advance(desk, entry)
    except ConfigurationError:
        raise
    except Exception as error:
        count = failures[entry.number] = failures.get(entry.number, 0) + 1
        # ours hold nothing personal; of others, only the name is sure not to
        shown = error if isinstance(error, SpShippingError) else type(error).__name__
        _logger.error("a submission could not be looked at, %d in a row: %s", count, shown)
        return await _put_off(desk, entry, count)
    failures.pop(entry.number, None)
    return found


async def _put_off(desk: Desk, entry: Entry, count: int) -> Submission | None:
    pause = min(_FIRST_PAUSE * 2.0 ** min(count - 1, 30), _LONGEST_PAUSE)
    state = SubmissionState.UNKNOWN if entry.state in IN_DOUBT else entry.state
    settlement = Settlement(state, due_in=pause)
    found = await desk.kept(desk.ledger.settle, entry.number, settlement)
    # it has ended: Amazon has refused it when it was sent again
    found = found or await desk.kept(desk.ledger.find, entry.number)
    return None if found is None else submission_of(found)


def _has_changed(before: Entry, found: Submission) -> bool:
    return found.state is not before.state or found.outcome != submission_of(before).outcome


async def _sleep(desk: Desk, seconds: float, stop: Stop | None) -> None:
    clock = desk.context.clock
    ends_at = clock.monotonic() + seconds
    while (left := ends_at - clock.monotonic()) > 0 and not (stop and stop.is_set()):
        await desk.context.io.sleep(left if stop is None else min(left, _PULSE_SECONDS))


def _seconds(timeout: object) -> float:
    seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else timeout
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds >= 0:
        raise InvalidRequestError("is a timedelta, or seconds as a number", path="timeout")
    return float(seconds)
