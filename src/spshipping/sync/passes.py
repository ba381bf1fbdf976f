"""One pass of a sync: page by page through a window of time, each page committed by who processed it."""

import logging
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, InvalidRequestError, LeaseLostError, PaginationError
from spshipping.operation.options import CallOptions
from spshipping.secret import discreet
from spshipping.sync.begin import begin_of, check_function, check_overlap, check_store
from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, LockableStore, Window, is_sound
from spshipping.sync.digests import SelectiveFeed
from spshipping.sync.pace import Pace
from spshipping.sync.page import Change, Page, estimate_of, order_in, time_in, times_of
from spshipping.sync.step import STEP_DEADLINE, STEP_SECONDS, Step
from spshipping.transport.bucket import QuotaState
from spshipping.transport.io import Io
from spshipping.transport.log import log_wait
from spshipping.transport.report import quietly
from spshipping.transport.server_clock import ServerClock
from spshipping.wire.times import write_time

T = TypeVar("T")
B = TypeVar("B", bound="Fetched[Any]")

Save = Callable[[], Coroutine[Any, Any, None]]

LAG = timedelta(minutes=2, seconds=5)
"""How far the end of a search lies back: Amazon wants two minutes, and a clock may run ahead of Amazon's."""
_LEAST_DEADLINE = 600.0
_RESERVATIONS = 5
"""So many reservations in the quota a call may wait for, should it be repeated."""
_PULSE_SECONDS = 0.5
"""So often a wait checks whether it is to stop."""

_logger = logging.getLogger("spshipping")


class Feed(Protocol[T]):
    """Where changes are read from; under threads nothing in it is ever suspended."""

    @property
    def filters(self) -> Mapping[str, str]:
        """What is searched for, as it is written; only the same may continue from a checkpoint."""
        ...

    async def quota(self) -> QuotaState:
        """Return how the quota of the search stands."""
        ...

    async def page(self, window: Window, cursor: str | None, *, longest: float | None = None) -> Page[T]:
        """Return one page; the first where there is no cursor. It may take the time that `patience` allows.

        Where *longest* is given, it waits no longer for the quota: a 429 may say that others have used it.
        If it would have to, nothing is on the page but how long.

        Raises:
            PaginationError: Amazon no longer takes the cursor.
        """
        ...


class Stop(Protocol):
    """Says when to stop; `threading.Event` and `asyncio.Event` do."""

    def is_set(self) -> bool:
        """Return whether to stop."""
        ...


class Fetched(Generic[T]):
    """Some of what changed, in the order of its last change. What is not committed is delivered again."""

    __slots__ = ("_save", "is_committed", "items")

    def __init__(self, items: Sequence[T], save: Save) -> None:
        self.items: Sequence[T] = items
        self.is_committed: bool = False
        self._save = save

    async def save(self) -> None:
        """Save that all of it was processed."""
        if not self.is_committed:
            await self._save()
            self.is_committed = True

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)}{', committed' if self.is_committed else ''}>"


class SyncProgress(NamedTuple):
    """How far a pass has progressed."""

    window: Window
    pages: int
    """Pages that were fetched, before a restart too."""
    items: int
    """What was new in them."""
    share: float | None
    """How much of the window is done, from 0 to 1; None where the page does not show that."""
    pages_left: int | None
    """How many pages are left, if they are like this one."""
    done_at: datetime | None
    """When the pass will be over, as the quota allows."""
    advice: str | None = None
    """What to do where the sync falls behind for good: over a day, more changed than the quota lets searches
    read. None while it keeps up, and as long as that cannot be said."""


class Passes(Generic[T, B]):
    """Yields what changed, and keeps a checkpoint. For one thread or task at a time."""

    def __init__(
        self,
        feed: Feed[T],
        store: CheckpointStore,
        batch: Callable[[Sequence[T], Save], B],
        *,
        io: Io,
        clock: Clock,
        since: datetime | timedelta,
        overlap: timedelta,
        on_progress: Callable[[SyncProgress], object] | None = None,
        name: str = "the search",
    ) -> None:
        check_store(store)
        check_overlap(overlap)
        begin_of(since, clock.now())
        if on_progress is not None:
            check_function("on_progress", on_progress, is_blocking=io.is_blocking)
        self._feed = feed
        self._store = store
        self._batch = batch
        self._io = io
        self._clock = clock
        self._since = since
        self._overlap = overlap
        self._on_progress = on_progress
        self._name = name
        self._lock = AsyncExitStack()
        self._owners = 0
        """How many of its loops are under way: an abandoned one may not have ended yet."""
        self._has_loaded = False
        self._pace = Pace()
        self._advice: str | None = None

    @discreet
    async def batches(self, stop: Stop | None = None) -> AsyncGenerator[B, None]:
        """Yield what has changed since the checkpoint, page by page, up to two minutes ago."""
        async with self._owned(), aclosing(self._batches(stop)) as batches:
            async for batch in batches:
                yield batch

    async def rewind(self, since: datetime | timedelta) -> None:
        """Set the checkpoint back, so that whatever has changed since then is delivered again."""
        until = begin_of(since, self._clock.now())
        if self._owners:  # what it commits next would undo this
            raise LeaseLostError("this sync is running: set it back before it runs, or once it has ended")
        async with self._owned():
            state = await self._stored()
            if state is not None and until > state.until:
                raise InvalidRequestError(
                    f"is later than the checkpoint, which is at {write_time(state.until)}: what changed in"
                    " between would be missed",
                    path="since",
                )
            await self._save(Checkpoint(until=until, filters=dict(self._feed.filters)))
        self._pace.begin_again()
        _logger.info("the sync was set back to %s", until)

    @asynccontextmanager
    async def _owned(self) -> AsyncGenerator[None, None]:
        """Hold the lock of the checkpoint, where its store has one.

        Raises:
            LeaseLostError: another sync holds it.
        """
        store = self._store if isinstance(self._store, LockableStore) else None
        if store is not None and not self._owners:
            await self._lock.enter_async_context(self._io.holding(_Locked(store)))
        self._owners += 1
        try:
            yield
        finally:
            self._owners -= 1
            if not self._owners:
                await self._lock.aclose()

    async def _batches(self, stop: Stop | None) -> AsyncGenerator[B, None]:
        state = await self._load()
        if state.window is not None:
            ends = _Ends(state)
            async with aclosing(self._pass(ends, stop)) as batches:
                async for batch in batches:
                    yield batch
            if not ends.is_done:
                return
            state = ends.state
        if not await self._has_come(state.until, stop):
            return
        if latest(self._clock) <= state.until or not await self._wait_for_quota(stop):
            return
        # after the wait: minutes may have passed
        window = Window((state.until - self._overlap).replace(microsecond=0), latest(self._clock))
        async with aclosing(self._pass(_Ends(state.begun(window)), stop)) as batches:
            async for batch in batches:
                yield batch

    async def _has_come(self, until: datetime, stop: Stop | None) -> bool:
        """Return whether *until* lies in the past; where it seems not to, let Amazon state the time."""
        clock = self._clock
        if until > clock.now() and isinstance(clock, ServerClock) and not clock.is_stated:
            if not await self._wait_for_quota(stop):
                return False
            # only for the time of the answer: this machine's clock may be behind, or have been set back
            end = latest(clock)
            page = await self._feed.page(Window(end - LAG, end), None, longest=_longest(stop))
            if isinstance(stop, Step) and page.wait:
                stop.wait = page.wait
                return False
        if until > clock.now():
            _logger.warning(
                "the checkpoint is at %s, which lies in the future: nothing is searched until then; if a"
                " clock was wrong, set the sync back with rewind()",
                until,
            )
            return False
        return True

    async def _load(self) -> Checkpoint:
        state = await self._stored()
        if state is None:
            until = begin_of(self._since, self._clock.now())
            state = Checkpoint(until=until, filters=dict(self._feed.filters))
            # at once: "a day ago" must not move on while nothing is committed yet
            await self._save(state)
        elif not self._has_loaded:
            _logger.info(
                "the sync goes on from its checkpoint, which is at %s; since= counts only without one, and"
                " rewind() sets it back",
                state.until,
            )
        self._has_loaded = True
        return state

    async def _stored(self) -> Checkpoint | None:
        state, filters = await self._io.plugin(self._store.load), dict(self._feed.filters)
        if state is not None and not is_sound(state):
            raise ConfigurationError(
                "the store returned no checkpoint, or one with a time that cannot be: remove it, and say with"
                " since= from when on to sync"
            )
        if state is not None and state.filters != filters:
            raise ConfigurationError(
                f"the checkpoint is of a sync with {_text(state.filters)}, this one has {_text(filters)}:"
                " what changed before would be missed; use another checkpoint"
            )
        return state

    async def _save(self, state: Checkpoint) -> None:
        await self._io.plugin(self._store.save, state)

    async def _pass(self, ends: "_Ends", stop: Stop | None) -> AsyncGenerator[B, None]:
        """Yield the window page by page; *ends* holds what is committed."""
        state = ends.state
        seen = {state.cursor}
        longest = _longest(stop)
        while (window := state.window) is not None:
            if not await self._wait_for_quota(stop):
                return
            if isinstance(self._feed, SelectiveFeed):
                self._feed.note(state.digests)
            try:
                page = await self._feed.page(window, state.cursor, longest=longest)
            except (PaginationError, InvalidRequestError) as error:
                if state.cursor is None:
                    raise
                # a token lives for a day
                _logger.warning("the page in the checkpoint has expired (%s): begin again", error)
                state = state.begun_again(max(window.before, latest(self._clock)))
                # at once: the quota may allow no page now, and the next step must not meet the token again
                await self._save(state)
                self._pace.begin_again()
                seen.clear()
                if state.restarts > 1:
                    raise
                continue
            if isinstance(stop, Step) and page.wait:
                stop.wait = page.wait
                return
            if page.cursor is not None and (page.cursor in seen or state.goes_round(page.cursor)):
                raise PaginationError("the answer names a page again; stopped", cursor=page.cursor)
            seen.add(page.cursor)
            if isinstance(stop, Step):
                stop.note(page.cursor)
            window = self._searched(window, page)
            fresh = self._fresh(state, window, page.changes)
            following = self._following(state, window, page, fresh)
            await self._measure(state, window, page, len(fresh))
            await self._report(state, window, page, len(fresh))
            batch = self._batch([change.value for change in fresh], partial(self._save, following))
            if fresh:
                yield batch
            else:
                await batch.save()
            if not batch.is_committed:
                _logger.warning("a batch was not committed: it is delivered again the next time")
                return
            state = following
        ends.state, ends.is_done = state, True

    def _searched(self, window: Window, page: Page[T]) -> Window:
        """Return what of *window* the search of a page can have covered."""
        # the answer may have shown that this machine's clock runs ahead
        ends = [window.before, latest(self._clock)]
        if page.before is not None:
            ends.append(page.before)
        return Window(window.after, max(window.after, min(ends)))

    def _fresh(self, state: Checkpoint, window: Window, changes: Sequence[Change[T]]) -> list[Change[T]]:
        """Return what was not delivered yet, or has changed since, in the order of its last change."""
        newest = dict[str, Change[T]]()
        for change in sorted(changes, key=partial(order_in, window)):
            known, time = state.delivered.get(change.key), time_in(window, change)
            if known is not None and time is not None and time < known:
                continue  # an older state, shown once more
            # two changes may have the same time, and the time may be missing: what differs is delivered again
            if not change.is_kept or state.digests.get(change.key) != change.digest:
                again = change.again if change.key in state.digests else None
                newest[change.key] = change if again is None else change._replace(value=again)
        return sorted(newest.values(), key=partial(order_in, window))

    def _following(
        self, state: Checkpoint, window: Window, page: Page[T], fresh: Sequence[Change[T]]
    ) -> Checkpoint:
        """Return the checkpoint once the page is committed."""
        # noted anew with the time that it has now: a search that ended before may have found it
        again = [change for change in page.changes if state.digests.get(change.key) == change.digest]
        known = self._noted(state, window, (*again, *fresh), window.before)
        if page.cursor is None:
            # what was done before stays done, however early this search ended
            return known.at_end(max(window.before, state.until), self._overlap)
        return known._replace(window=window).at_page(page.cursor, len(fresh))

    def _noted(
        self, state: Checkpoint, window: Window, found: Sequence[Change[T]], before: datetime
    ) -> Checkpoint:
        """Return the checkpoint with what the next pass, or this one, may find again."""
        delivered, undated, digests = dict(state.delivered), dict(state.undated), dict(state.digests)
        read_at = max(before, self._clock.now()).replace(microsecond=0)
        for change in found:
            time = time_in(window, change)
            if not change.is_kept or (time is not None and time < before - self._overlap):
                continue
            # a time that cannot be never hides a change
            if time is None:
                undated[change.key] = read_at
            else:
                delivered[change.key] = time
            digests[change.key] = change.digest
        return state._replace(delivered=delivered, undated=undated, digests=digests)

    async def _wait_for_quota(self, stop: Stop | None) -> bool:
        """Wait until a search may be sent; return False where it is to stop."""
        while wait := (await self._feed.quota()).wait:
            if isinstance(stop, Step):
                stop.wait = wait
                return False
            log_wait(self._name, "for the quota", wait, self._clock.now())
            if not await self._sleep(wait, stop):
                return False
        return stop is None or not stop.is_set()

    async def _sleep(self, seconds: float, stop: Stop | None) -> bool:
        """Sleep; return False where it is to stop."""
        if stop is None:
            await self._io.sleep(seconds)
            return True
        ends_at = self._clock.monotonic() + seconds
        while not stop.is_set():
            left = ends_at - self._clock.monotonic()
            if left <= 0:
                return True
            await self._io.sleep(min(left, _PULSE_SECONDS))
        return False

    async def _measure(self, state: Checkpoint, window: Window, page: Page[T], count: int) -> None:
        """Find out whether the sync falls behind for good."""
        pace, is_last = self._pace, page.cursor is None
        times = [window.before] if is_last else times_of(window, page)
        full = 0 if is_last else len(page.changes)
        pace.add(state, times[-1] if times else None, count, full)
        per_day = pace.per_day()
        if per_day is None:
            return
        before, self._advice = self._advice, pace.advice(per_day, (await self._feed.quota()).rate)
        if self._advice is not None and before is None:
            _logger.warning("%s: %s", self._name, self._advice)
        if is_last:
            pace.begin_again()

    async def _report(self, state: Checkpoint, window: Window, page: Page[T], count: int) -> None:
        if self._on_progress is None:
            return
        share, left = (1.0, 0) if page.cursor is None else estimate_of(window, page)
        done_at = None
        if left is not None:
            quota = await self._feed.quota()
            seconds = max(0.0, (left - quota.left) / quota.rate)
            done_at = self._clock.now() + timedelta(seconds=seconds)
        items = state.items + count
        progress = SyncProgress(window, state.pages + 1, items, share, left, done_at, self._advice)
        await quietly("on_progress", partial(self._io.hook, self._on_progress, progress))


class _Locked:
    """The lock of a store, as a context manager."""

    __slots__ = ("_store",)

    def __init__(self, store: LockableStore) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.lock()

    def __exit__(self, *_: object) -> None:
        self._store.unlock()


class _Ends:
    """What a pass leaves behind."""

    __slots__ = ("is_done", "state")

    def __init__(self, state: Checkpoint) -> None:
        self.state = state
        self.is_done = False
        """Whether the whole window was delivered and committed."""


def _longest(stop: Stop | None) -> float | None:
    return STEP_SECONDS if isinstance(stop, Step) else None


def latest(clock: Clock) -> datetime:
    """Return the latest time at which a search may end."""
    return (clock.now() - LAG).replace(microsecond=0)


def patience(quota: QuotaState, longest: float | None = None) -> CallOptions:
    """Return how long a search may take: some waits for the quota included, should it be repeated.

    Args:
        quota: of the search.
        longest: so many seconds at most it may wait for the quota.
    """
    deadline = _LEAST_DEADLINE + _RESERVATIONS / quota.rate
    if longest is None:
        return {"deadline": deadline, "max_wait": deadline}
    return {"deadline": min(deadline, STEP_DEADLINE), "max_wait": longest}


def _text(filters: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in filters.items()) or "no filters"
