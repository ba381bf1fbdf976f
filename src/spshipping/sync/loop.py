"""A sync that runs again and again, under threads and asyncio, and the status of its runs."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, LeaseLostError, SpShippingError, SwitchedOffError
from spshipping.sync.begin import check_function, check_result, check_stop, seconds_of
from spshipping.sync.checkpoint import CheckpointStore, Window
from spshipping.sync.digests import SelectiveFeed
from spshipping.sync.named_changes import NamingFeed, StepOfChanges, fetch
from spshipping.sync.passes import Feed, Fetched, Passes, Stop, SyncProgress
from spshipping.sync.step import STEP_DEADLINE, Step
from spshipping.transport.io import Io, iterate, run
from spshipping.transport.report import quietly
from spshipping.transport.server_clock import ServerClock

T = TypeVar("T")
B = TypeVar("B", bound=Fetched[Any])

_MOST_SECONDS = 3600.0
"""After failures the next run is further off each time, but not further than this."""

_ANY_AGE = timedelta(days=3650)
"""So long ago what a notification names may have changed."""

_logger = logging.getLogger("spshipping")


class SyncStatus(NamedTuple):
    """The status of a sync that runs again and again."""

    is_running: bool = False
    last_run: datetime | None = None
    """When the last run ended that succeeded."""
    next_run: datetime | None = None
    """None while it runs, and once it has stopped."""
    last_error: Exception | None = None
    """Of the last run that failed, however long ago."""
    last_error_at: datetime | None = None
    failures: int = 0
    """Runs that have failed since the last one that succeeded."""
    delivered: int = 0
    """What was delivered and committed so far."""


class Batch(Fetched[T], Generic[T]):
    """Some of what changed, in the order of its last change. What is not committed is delivered again."""

    __slots__ = ()

    def commit(self) -> None:
        """Save that all of it was processed: no restart delivers it again."""
        run(self.save())


class AsyncBatch(Fetched[T], Generic[T]):
    """Some of what changed, in the order of its last change. What is not committed is delivered again."""

    __slots__ = ()

    async def commit(self) -> None:
        """Save that all of it was processed: no restart delivers it again."""
        await self.save()


class Loop(Passes[T, B], Generic[T, B]):
    """Runs passes again and again."""

    status: SyncStatus = SyncStatus()
    _on_status: Callable[[SyncStatus], object] | None = None

    async def run(
        self,
        deliver: Callable[[B], object],
        *,
        every: timedelta | float,
        stop: Stop | None,
        on_status: Callable[[SyncStatus], object] | None,
    ) -> None:
        """Give every batch to *deliver*, and commit it when that returns; again and again."""
        check_function("deliver", deliver, is_blocking=self._io.is_blocking)
        check_stop(stop)
        if on_status is not None:
            check_function("on_status", on_status, is_blocking=self._io.is_blocking)
        interval = seconds_of(every)
        self._on_status = on_status
        try:
            async with self._owned():
                while stop is None or not stop.is_set():
                    wait = await self._run(deliver, stop, interval)
                    if stop is not None and stop.is_set():
                        break
                    await self._update(is_running=False, next_run=self._clock.now() + timedelta(seconds=wait))
                    await self._sleep(wait, stop)
            await self._update(is_running=False, next_run=None)
        finally:
            self.status = self.status._replace(is_running=False, next_run=None)

    async def _run(self, deliver: Callable[[B], object], stop: Stop | None, interval: float) -> float:
        """Make one run, and return the seconds until the next."""
        clock = self._clock
        began = clock.monotonic()
        await self._update(is_running=True, next_run=None)
        try:
            async with aclosing(self.batches(stop)) as batches:
                async for batch in batches:
                    await self._deliver(deliver, batch)
        except (ConfigurationError, LeaseLostError, SwitchedOffError) as error:
            await self._update(is_running=False, last_error=error, last_error_at=clock.now())
            raise
        except Exception as error:
            failures = self.status.failures + 1
            # ours hold nothing personal; of others, only the name is sure not to
            shown = error if isinstance(error, SpShippingError) else type(error).__name__
            _logger.error("the sync failed, %d in a row: %s", failures, shown)
            # without its traceback, which would hold the batch for as long as the status is held
            kept = error.with_traceback(None)
            await self._update(last_error=kept, last_error_at=clock.now(), failures=failures)
            interval = min(interval * 2.0 ** min(failures - 1, 30), max(interval, _MOST_SECONDS))
        else:
            await self._update(last_run=clock.now(), failures=0)
        return max(0.0, began + interval - clock.monotonic())

    async def step(self, deliver: Callable[[B], object], *, every: timedelta | float) -> datetime:
        """Give the batch of one page to *deliver*, commit it, and return when the next step is due."""
        seconds = await self.step_in(deliver, every=every)
        # by this machine's clock, with which the caller compares it
        now = self._clock.local_now() if isinstance(self._clock, ServerClock) else self._clock.now()
        return now + timedelta(seconds=seconds)

    async def step_in(self, deliver: Callable[[B], object], *, every: timedelta | float) -> float:
        """Give the batch of one page to *deliver*, commit it; return the seconds until the next step."""
        check_function("deliver", deliver, is_blocking=self._io.is_blocking)
        self._has_loaded = True  # where it goes on is nothing to log at each step
        interval, began, step = seconds_of(every), self._clock.monotonic(), Step()
        async with aclosing(self.batches(step)) as batches:
            async for batch in batches:
                await self._deliver(deliver, batch)
        if step.is_under_way:
            return max(step.wait, (await self._feed.quota()).wait)
        if step.wait and not step.has_read:
            return step.wait
        return max(0.0, began + interval - self._clock.monotonic())

    async def step_changed(self, item_ids: Iterable[str], deliver: Callable[[B], object]) -> StepOfChanges:
        """Fetch these items, give those that are news to *deliver*, and note them in the checkpoint."""
        check_function("deliver", deliver, is_blocking=self._io.is_blocking)
        if not isinstance(self._feed, NamingFeed):
            raise ConfigurationError(
                "this sync cannot fetch what a notification names: let its search come sooner instead"
            )
        self._has_loaded = True
        async with self._owned():
            state = await self._load()
            if isinstance(self._feed, SelectiveFeed):
                self._feed.note(state.digests)
            ends_at = self._clock.monotonic() + STEP_DEADLINE
            found = await fetch(self._feed, item_ids, lambda: self._clock.monotonic() >= ends_at)
            window = Window(state.until - _ANY_AGE, self._clock.now())
            fresh = self._fresh(state, window, found.changes)
            if fresh:
                noted = self._noted(state, window, fresh, state.until)
                save = partial(self._save, noted)
                await self._deliver(deliver, self._batch([change.value for change in fresh], save))
        return found.step

    async def _deliver(self, deliver: Callable[[B], object], batch: B) -> None:
        check_result("deliver", await self._io.plugin(deliver, batch))
        await batch.save()
        await self._update(delivered=self.status.delivered + len(batch))

    async def _update(self, **changes: Any) -> None:
        self.status = self.status._replace(**changes)
        if self._on_status:
            await quietly("on_status", partial(self._io.hook, self._on_status, self.status))


class Sync(Generic[T]):
    """Yields what changed, once or again and again. For one thread at a time."""

    def __init__(
        self,
        feed: Feed[T],
        store: CheckpointStore,
        *,
        io: Io,
        clock: Clock,
        since: datetime | timedelta,
        overlap: timedelta,
        on_progress: Callable[[SyncProgress], object] | None = None,
        name: str = "the search",
    ) -> None:
        """Make a sync of *feed*; `client.context` has what else is needed, and *name* is for the log."""
        self._loop: Loop[T, Batch[T]] = Loop(
            feed,
            store,
            Batch,
            io=io,
            clock=clock,
            since=since,
            overlap=overlap,
            on_progress=on_progress,
            name=name,
        )

    @property
    def status(self) -> SyncStatus:
        """The status of `run`, in any thread."""
        return self._loop.status

    def batches(self) -> Iterator[Batch[T]]:
        """Yield what has changed since the checkpoint, page by page, up to two minutes ago.

        Commit each batch once its content is processed. One that is not committed ends the iteration, and is
        delivered again the next time; so is the current one where the process is killed. Within a batch, what
        was changed first comes first; Amazon does not document in which order pages come. A pass that was
        interrupted is completed first.

        Raises:
            ConfigurationError: the checkpoint is of another sync, or is none.
            LeaseLostError: another sync uses the checkpoint.
            SpShippingError: a page failed; the next time, it is requested again.
        """
        return iterate(self._loop.batches())

    def rewind(self, since: datetime | timedelta) -> None:
        """Set the checkpoint back: whatever has changed since then is delivered again.

        What was delivered meanwhile is forgotten, and a pass under way with it. Where there is no checkpoint
        yet, the sync begins there.

        Args:
            since: how long ago, or when.

        Raises:
            InvalidRequestError: it is later than the checkpoint, or is no time to begin at.
            ConfigurationError: the checkpoint is of another sync, or is none.
            LeaseLostError: another sync uses the checkpoint, or this one, which runs.
        """
        run(self._loop.rewind(since))

    def run(
        self,
        deliver: Callable[[Batch[T]], object],
        *,
        every: timedelta | float,
        stop: Stop | None = None,
        on_status: Callable[[SyncStatus], object] | None = None,
    ) -> None:
        """Give every batch to *deliver*, and commit it when that returns; again and again.

        An error, one of *deliver* too, ends the run, not the sync: it is logged and set in the status, and
        the next run begins with what was not committed; after each further failure it is twice as far off,
        up to an hour. Only a wrong set-up, and another sync on the same checkpoint, end it.

        Args:
            deliver: stores the batch. It may get one twice, after a failure or a restart.
            every: from the beginning of a run to that of the next; seconds, if a number.
            stop: ends it, within a second, or when the current call has ended; None means never.
            on_status: is called with every change of `status`.

        Raises:
            InvalidRequestError: *every* is no span of time, or one of more than 30 days, or another argument
                cannot be used.
            ConfigurationError: the checkpoint is of another sync, or is none; no later run would mend that.
            LeaseLostError: another sync uses the checkpoint.
        """
        run(self._loop.run(deliver, every=every, stop=stop, on_status=on_status))

    def step(self, deliver: Callable[[Batch[T]], object], *, every: timedelta | float) -> datetime:
        """Give the batch of one page to *deliver*, commit it, and return when the next step is due.

        For a scheduler of your own, such as one that serves many sellers with few workers. It never waits:
        where the quota allows no page now, nothing is sent, and the time when it does is returned. A page
        without anything new is committed, and nothing is delivered.

        Args:
            deliver: stores the batch. It may get one twice, after a failure or a restart.
            every: from a step that completes a pass to the next pass; seconds, if a number.

        Raises:
            InvalidRequestError: *every* is no span of time, or *deliver* no function.
            ConfigurationError: the checkpoint is of another sync, or is none.
            LeaseLostError: another sync uses the checkpoint.
            SpShippingError: the page failed; the next step requests it again. So it is after an error of
                *deliver*, which is raised as it is.
        """
        return run(self._loop.step(deliver, every=every))

    def step_in(self, deliver: Callable[[Batch[T]], object], *, every: timedelta | float) -> float:
        """Do what `step` does, and return in how many seconds the next step is due.

        Raises:
            SpShippingError: as `step` does.
        """
        return run(self._loop.step_in(deliver, every=every))

    def step_changed(self, item_ids: Iterable[str], deliver: Callable[[Batch[T]], object]) -> StepOfChanges:
        """Fetch what notifications name, one call each, give it to *deliver* in one batch, and commit it.

        The searches that follow do not deliver it again, unless it has changed since. What was delivered
        already as it is, is left out, unless it changed before what a search could still find. It never waits
        for the quota: where that allows no further call, or two minutes are over, what was fetched so far is
        delivered.

        Args:
            item_ids: what changed, such as the ids of orders.
            deliver: stores the batch, as for `step`.

        Raises:
            ConfigurationError: the checkpoint is of another sync, or is none, or this sync only searches.
            LeaseLostError: another sync uses the checkpoint.
        """
        return run(self._loop.step_changed(item_ids, deliver))


class AsyncSync(Generic[T]):
    """Yields what changed, once or again and again. For one task at a time."""

    def __init__(
        self,
        feed: Feed[T],
        store: CheckpointStore,
        *,
        io: Io,
        clock: Clock,
        since: datetime | timedelta,
        overlap: timedelta,
        on_progress: Callable[[SyncProgress], object] | None = None,
        name: str = "the search",
    ) -> None:
        """Make a sync of *feed*; `client.context` has what else is needed, and *name* is for the log."""
        self._loop: Loop[T, AsyncBatch[T]] = Loop(
            feed,
            store,
            AsyncBatch,
            io=io,
            clock=clock,
            since=since,
            overlap=overlap,
            on_progress=on_progress,
            name=name,
        )

    @property
    def status(self) -> SyncStatus:
        """The status of `run`."""
        return self._loop.status

    def batches(self) -> AsyncGenerator[AsyncBatch[T], None]:
        """Yield what has changed since the checkpoint, page by page; see `Sync.batches`."""
        return self._loop.batches()

    async def rewind(self, since: datetime | timedelta) -> None:
        """Set the checkpoint back: whatever has changed since then is delivered again; see `Sync.rewind`."""
        await self._loop.rewind(since)

    async def run(
        self,
        deliver: Callable[[AsyncBatch[T]], Awaitable[object] | object],
        *,
        every: timedelta | float,
        stop: Stop | None = None,
        on_status: Callable[[SyncStatus], object] | None = None,
    ) -> None:
        """Give every batch to *deliver*, and commit it when that returns; again and again; see `Sync.run`.

        Args:
            deliver: stores the batch. A coroutine function is awaited; any other function may block, and is
                called in a thread of its own.
            every: from the beginning of a run to that of the next; seconds, if a number.
            stop: ends it, within a second, or when the current call has ended; None means never.
            on_status: is called with every change of `status`; a function or a coroutine function.
        """
        await self._loop.run(deliver, every=every, stop=stop, on_status=on_status)

    async def step(
        self, deliver: Callable[[AsyncBatch[T]], Awaitable[object] | object], *, every: timedelta | float
    ) -> datetime:
        """Give the batch of one page to *deliver*, commit it, and return when the next step is due.

        See `Sync.step`. *deliver* is a function or a coroutine function, as for `run`.
        """
        return await self._loop.step(deliver, every=every)

    async def step_in(
        self, deliver: Callable[[AsyncBatch[T]], Awaitable[object] | object], *, every: timedelta | float
    ) -> float:
        """Do what `step` does, and return in how many seconds the next step is due."""
        return await self._loop.step_in(deliver, every=every)

    async def step_changed(
        self, item_ids: Iterable[str], deliver: Callable[[AsyncBatch[T]], Awaitable[object] | object]
    ) -> StepOfChanges:
        """Fetch what notifications name, one call each, give it to *deliver* in one batch, and commit it.

        See `Sync.step_changed`. *deliver* is a function or a coroutine function, as for `run`.
        """
        return await self._loop.step_changed(item_ids, deliver)
