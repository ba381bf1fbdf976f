"""One pass of a sync: page by page through a window of time, each page committed by who processed it."""

import logging
import math
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, InvalidRequestError, PaginationError
from spshipping.secret import discreet
from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, Window
from spshipping.transport.bucket import QuotaState
from spshipping.transport.io import Io

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


class Change(NamedTuple, Generic[T]):
    """Something that changed."""

    key: str
    """Its id."""
    time: datetime
    """When it was last changed."""
    value: T


class Page(NamedTuple, Generic[T]):
    """One page of what changed in a window."""

    changes: Sequence[Change[T]]
    """In the order of the answer."""
    cursor: str | None
    """The next page."""
    before: datetime | None = None
    """Where the search really ended, if Amazon states it."""


class Feed(Protocol[T]):
    """Where changes are read from; under threads nothing in it is ever suspended."""

    @property
    def filters(self) -> Mapping[str, str]:
        """What is searched for, as it is written; only the same may continue from a checkpoint."""
        ...

    async def quota(self) -> QuotaState:
        """Return how the quota of the search stands."""
        ...

    async def page(self, window: Window, cursor: str | None) -> Page[T]:
        """Return one page; the first where there is no cursor. It may take the time that `patience` allows.

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
    ) -> None:
        if isinstance(since, datetime) and since.utcoffset() is None:
            raise InvalidRequestError("is naive: give it a time zone", path="since")
        if overlap < timedelta(0):
            raise InvalidRequestError("is negative", path="overlap")
        self._feed = feed
        self._store = store
        self._batch = batch
        self._io = io
        self._clock = clock
        self._since = since
        self._overlap = overlap
        self._on_progress = on_progress

    @discreet
    async def batches(self, stop: Stop | None = None) -> AsyncGenerator[B, None]:
        """Yield what has changed since the checkpoint, page by page, up to two minutes ago."""
        state = await self._load()
        if state.window is not None:
            ends = _Ends(state)
            async with aclosing(self._pass(ends, stop)) as batches:
                async for batch in batches:
                    yield batch
            if not ends.is_done:
                return
            state = ends.state
        if latest(self._clock) <= state.until or not await self._wait_for_quota(stop):
            return
        # after the wait: minutes may have passed
        window = Window(state.until - self._overlap, latest(self._clock))
        async with aclosing(self._pass(_Ends(state.begun(window)), stop)) as batches:
            async for batch in batches:
                yield batch

    async def _load(self) -> Checkpoint:
        state, filters = await self._io.plugin(self._store.load), dict(self._feed.filters)
        if state is None:
            since = self._since
            until = since if isinstance(since, datetime) else self._clock.now() - since
            state = Checkpoint(until=until, filters=filters)
            # at once: "a day ago" must not move on while nothing is committed yet
            await self._save(state)
        if state.filters != filters:
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
        is_anew = False
        while (window := state.window) is not None:
            if not await self._wait_for_quota(stop):
                return
            try:
                page = await self._feed.page(window, state.cursor)
            except (PaginationError, InvalidRequestError) as error:
                if state.cursor is None or is_anew:
                    raise
                is_anew = True
                # a token lives for a day
                _logger.warning("the page in the checkpoint has expired (%s): begin again", error)
                state = state.begun(Window(window.after, max(window.before, latest(self._clock))))
                seen.clear()
                continue
            if page.cursor in seen and page.cursor is not None:
                raise PaginationError("the answer names a page again; stopped", cursor=page.cursor)
            seen.add(page.cursor)
            fresh = self._fresh(state, page)
            following = self._following(state, window, page, fresh)
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

    def _fresh(self, state: Checkpoint, page: Page[T]) -> list[Change[T]]:
        """Return what was not delivered yet, or has changed since, in the order of its last change."""
        newest: dict[str, Change[T]] = {}
        for change in sorted(page.changes, key=_order):
            known = state.delivered.get(change.key)
            if known is None or known < change.time:
                newest[change.key] = change
        return sorted(newest.values(), key=_order)

    def _following(
        self, state: Checkpoint, window: Window, page: Page[T], fresh: Sequence[Change[T]]
    ) -> Checkpoint:
        """Return the checkpoint once the page is committed."""
        before = window.before
        if page.before is not None and window.after < page.before < before:
            before = page.before
        # what the next pass, or this one, may find again
        late = {change.key: change.time for change in fresh if change.time >= before - self._overlap}
        delivered = {**state.delivered, **late}
        if page.cursor is None:
            return state.at_end(before, self._overlap, delivered)
        moved = state._replace(window=Window(window.after, before))
        return moved.at_page(page.cursor, len(fresh), delivered)

    async def _wait_for_quota(self, stop: Stop | None) -> bool:
        """Wait until a search may be sent; return False where it is to stop."""
        while wait := (await self._feed.quota()).wait:
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

    async def _report(self, state: Checkpoint, window: Window, page: Page[T], count: int) -> None:
        if self._on_progress is None:
            return
        share, left = (1.0, 0) if page.cursor is None else _estimated(window, page)
        done_at = None
        if left is not None:
            quota = await self._feed.quota()
            seconds = max(0.0, (left - quota.left) / quota.rate)
            done_at = self._clock.now() + timedelta(seconds=seconds)
        items = state.items + count
        progress = SyncProgress(window, state.pages + 1, items, share, left, done_at)
        await self._io.hook(self._on_progress, progress)


class _Ends:
    """What a pass leaves behind."""

    __slots__ = ("is_done", "state")

    def __init__(self, state: Checkpoint) -> None:
        self.state = state
        self.is_done = False
        """Whether the whole window was delivered and committed."""


def latest(clock: Clock) -> datetime:
    """Return the latest time at which a search may end."""
    return (clock.now() - LAG).replace(microsecond=0)


def patience(quota: QuotaState) -> float:
    """Return how many seconds a search may take: some waits for the quota included, should it be repeated."""
    return _LEAST_DEADLINE + _RESERVATIONS / quota.rate


def _order(change: Change[T]) -> tuple[datetime, str]:
    return change.time, change.key


def _estimated(window: Window, page: Page[T]) -> tuple[float | None, int | None]:
    """Return how much of the window is done, and how many pages like this one fill the rest."""
    times = [change.time for change in page.changes]
    if not times or times != sorted(times):
        return None, None  # pages do not come in the order of the last change
    left, span = window.before - times[-1], times[-1] - times[0]
    share = min(1.0, max(0.0, 1 - left / (window.before - window.after)))
    return share, max(1, math.ceil(left / span)) if span else None


def _text(filters: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in filters.items()) or "no filters"
