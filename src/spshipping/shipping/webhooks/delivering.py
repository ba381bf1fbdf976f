"""Hands over what was pushed, each at least once; under threads and asyncio."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from spshipping.clock import Clock
from spshipping.errors import SpShippingError
from spshipping.journal.events import MOST_SECONDS, EventLog
from spshipping.secret import discreet
from spshipping.shipping.webhooks.logged import push_of
from spshipping.sync.begin import check_result
from spshipping.sync.passes import Stop
from spshipping.transport.io import Io

LEASE_SECONDS = 300.0
"""When a process dies while it hands an event over, another one has it after so long."""
MOST = 100
"""Pushes that are handed over before it is asked whether to stop."""
_FIRST_WAIT = 5.0
_PULSE_SECONDS = 1.0
_logger = logging.getLogger("spshipping")

Deliver = Callable[[Any], object]


class Delivered(NamedTuple):
    """How many pushes were handed over, and of how many that failed."""

    delivered: int = 0
    failed: int = 0


@discreet
async def deliver_pending(log: EventLog, io: Io, deliver: Deliver, most: int) -> Delivered:
    """Hand over what is due, oldest first, and at most so many."""
    delivered = failed = 0
    while delivered + failed < most:
        event = await io.plugin(log.claim, LEASE_SECONDS)
        if event is None:
            break
        try:
            check_result("deliver", await io.plugin(deliver, push_of(event)))
        except Exception as error:
            failed += 1
            _logger.error(
                "handing over a push failed, for the %dth time: %s", event.deliveries, _shown(error)
            )
            wait = min(_FIRST_WAIT * 2.0 ** min(event.deliveries - 1, 30), MOST_SECONDS)
            await io.plugin(log.put_off, event, wait)
        else:
            delivered += 1
            await io.plugin(log.done, event)
    return Delivered(delivered, failed)


async def run_deliveries(
    log: EventLog, io: Io, clock: Clock, deliver: Deliver, every: float, stop: Stop | None
) -> None:
    """Hand over what comes, again and again; a journal that fails is asked again."""
    failures = 0
    while stop is None or not stop.is_set():
        try:
            found = await deliver_pending(log, io, deliver, MOST)
            failures = 0
            if sum(found) == MOST:
                continue
        except Exception as error:
            failures += 1
            _logger.error("the journal of pushes failed, %d in a row: %s", failures, _shown(error))
        wait = every * 2.0 ** min(failures, 5)
        ends_at = clock.monotonic() + wait
        while (left := ends_at - clock.monotonic()) > 0 and not (stop is not None and stop.is_set()):
            await io.sleep(left if stop is None else min(left, _PULSE_SECONDS))


def _shown(error: Exception) -> str:
    # ours hold nothing personal; of others, only the name is sure not to
    return str(error) if isinstance(error, SpShippingError) else type(error).__name__
