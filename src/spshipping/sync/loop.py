"""A sync that goes on: pass after pass, and what became of them."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from spshipping.errors import ConfigurationError, InvalidRequestError, SpShippingError
from spshipping.sync.passes import Batch, Passes, Stop

T = TypeVar("T")

_MOST_SECONDS = 3600.0
"""After failures the next run is further off each time, but not further than this."""

_logger = logging.getLogger("spshipping")


class SyncStatus(NamedTuple):
    """How a sync that goes on stands."""

    is_running: bool = False
    last_run: datetime | None = None
    """When the last run ended that went well."""
    next_run: datetime | None = None
    """None while it runs, and once it has stopped."""
    last_error: Exception | None = None
    """Of the last run that failed, however long ago."""
    last_error_at: datetime | None = None
    failures: int = 0
    """Runs that have failed since the last one that went well."""
    delivered: int = 0
    """What was delivered and committed so far."""


class Sync(Passes[T], Generic[T]):
    """Goes through what changed, once or again and again."""

    _status = SyncStatus()
    _on_status: Callable[[SyncStatus], object] | None = None

    @property
    def status(self) -> SyncStatus:
        """How `run` stands; any thread may ask."""
        return self._status

    def run(
        self,
        deliver: Callable[[Batch[T]], object],
        *,
        every: timedelta | float,
        stop: Stop | None = None,
        on_status: Callable[[SyncStatus], object] | None = None,
    ) -> None:
        """Hand every batch to *deliver*, and commit it when that returns; again and again.

        An error, one of *deliver* too, ends the run, not the sync: it is logged, told in the status, and the
        next run begins with what was not committed; after each further failure it is twice as far off, up
        to an hour. Only what is wrong with the set-up ends it.

        Args:
            deliver: makes the batch safe with you. It may get one twice, after a failure or a restart.
            every: from the beginning of a run to that of the next; seconds, if a number.
            stop: ends it, within a second, or when the call under way has ended; None means never.
            on_status: is called with every change of `status`.

        Raises:
            ConfigurationError: the checkpoint is of another sync, or is none; no later run would mend that.
        """
        interval = every.total_seconds() if isinstance(every, timedelta) else float(every)
        if not interval > 0:
            raise InvalidRequestError("is no time at all", path="every")
        self._on_status = on_status
        while stop is None or not stop.is_set():
            wait = self._run(deliver, stop, interval)
            if stop is not None and stop.is_set():
                break
            self._tell_status(is_running=False, next_run=self._feed.clock.now() + timedelta(seconds=wait))
            self._nap(wait, stop)
        self._tell_status(is_running=False, next_run=None)

    def _run(self, deliver: Callable[[Batch[T]], object], stop: Stop | None, interval: float) -> float:
        """Make one run, and return the seconds until the next."""
        clock = self._feed.clock
        began = clock.monotonic()
        self._tell_status(is_running=True, next_run=None)
        try:
            for batch in self._batches(stop):
                deliver(batch)
                batch.commit()
                self._tell_status(delivered=self._status.delivered + len(batch))
        except ConfigurationError as error:
            self._tell_status(is_running=False, last_error=error, last_error_at=clock.now())
            raise
        except Exception as error:
            failures = self._status.failures + 1
            # ours hold nothing personal; of others, only the name is sure not to
            told = error if isinstance(error, SpShippingError) else type(error).__name__
            _logger.error("the sync failed, %d in a row: %s", failures, told)
            # without its traceback, which would hold the batch for as long as the status is held
            told_error = error.with_traceback(None)
            self._tell_status(last_error=told_error, last_error_at=clock.now(), failures=failures)
            interval = min(interval * 2.0 ** min(failures - 1, 30), max(interval, _MOST_SECONDS))
        else:
            self._tell_status(last_run=clock.now(), failures=0)
        return max(0.0, began + interval - clock.monotonic())

    def _tell_status(self, **changes: Any) -> None:
        self._status = self._status._replace(**changes)
        if self._on_status:
            self._on_status(self._status)
