"""One pass of a sync: page by page through a window of time, each page committed by who takes it."""

import logging
import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError, InvalidRequestError, PaginationError
from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, Window
from spshipping.transport.bucket import QuotaState

T = TypeVar("T")

LAG = timedelta(minutes=2, seconds=5)
"""How far the end of a search lies back: Amazon wants two minutes, and a clock may run ahead of Amazon's."""
_LEAST_DEADLINE = 600.0
_TURNS = 5
"""So many turns in the quota a call may take, should it be repeated."""
_PULSE_SECONDS = 0.5
"""So often a sleeper looks whether it is to stop."""

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
    """As they came."""
    cursor: str | None
    """The next page."""
    before: datetime | None = None
    """Where the search really ended, if Amazon says so."""


class Feed(Protocol[T]):
    """Where changes come from."""

    @property
    def clock(self) -> Clock:
        """The client's time."""
        ...

    @property
    def filters(self) -> Mapping[str, str]:
        """What is asked for, as it is written; only the same may go on from a checkpoint."""
        ...

    def quota(self) -> QuotaState:
        """Tell how the quota of the search stands."""
        ...

    def page(self, window: Window, cursor: str | None) -> Page[T]:
        """Fetch one page; the first where there is no cursor. It may take the time that `patience` gives it.

        Raises:
            PaginationError: Amazon no longer takes the cursor.
        """
        ...


class Stop(Protocol):
    """Says when to stop; a `threading.Event` does."""

    def is_set(self) -> bool:
        """Say whether to stop."""
        ...


class Batch(Generic[T]):
    """Some of what changed, in the order of its last change. What is not committed comes again."""

    __slots__ = ("_commit", "is_committed", "items")

    def __init__(self, items: Sequence[T], commit: Callable[[], object]) -> None:
        self.items: Sequence[T] = items
        self.is_committed: bool = False
        self._commit = commit

    def commit(self) -> None:
        """Say that all of it is safe with you; from then on, no restart brings it back."""
        if not self.is_committed:
            self._commit()
            self.is_committed = True

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<Batch of {len(self)}{', committed' if self.is_committed else ''}>"


class SyncProgress(NamedTuple):
    """How far a pass has come."""

    window: Window
    pages: int
    """Pages that were fetched, before a restart too."""
    items: int
    """What was new in them."""
    share: float | None
    """How much of the window is behind, from 0 to 1; None where that cannot be told from the page."""
    pages_left: int | None
    """How many pages are still to come, if they are like this one."""
    done_at: datetime | None
    """When the pass will be over, as the quota allows."""


class Passes(Generic[T]):
    """Goes through what changed, and keeps a checkpoint. For one thread at a time."""

    def __init__(
        self,
        feed: Feed[T],
        store: CheckpointStore,
        *,
        since: datetime | timedelta,
        overlap: timedelta,
        on_progress: Callable[[SyncProgress], object] | None = None,
    ) -> None:
        if isinstance(since, datetime) and since.utcoffset() is None:
            raise InvalidRequestError("is naive: give it a time zone", path="since")
        if overlap < timedelta(0):
            raise InvalidRequestError("is less than nothing", path="overlap")
        self._feed = feed
        self._store = store
        self._since = since
        self._overlap = overlap
        self._on_progress = on_progress

    def batches(self) -> Iterator[Batch[T]]:
        """Yield what has changed since the checkpoint, page by page, until all is caught up with now.

        Commit each batch once its content is safe with you. One that is not committed ends the iteration,
        and comes again the next time; so does the one in hand where the process dies. Within a batch, what
        was changed first comes first; Amazon does not say in which order pages come. A pass that was left in
        its midst is ended first.

        Raises:
            ConfigurationError: the checkpoint is of another sync, or is none.
            SpShippingError: a page could not be had; the next time, it is asked for again.
        """
        return self._batches(None)

    def _batches(self, stop: Stop | None) -> Iterator[Batch[T]]:
        state: Checkpoint | None = self._load()
        if state is not None and state.window is not None:
            state = yield from self._pass(state, stop)
        if state is None or self._latest() <= state.until or not self._turn(stop):
            return
        # after the wait: minutes may have passed
        window = Window(state.until - self._overlap, self._latest())
        yield from self._pass(state.begun(window), stop)

    def _latest(self) -> datetime:
        return (self._feed.clock.now() - LAG).replace(microsecond=0)

    def _load(self) -> Checkpoint:
        state, filters = self._store.load(), dict(self._feed.filters)
        if state is None:
            since = self._since
            until = since if isinstance(since, datetime) else self._feed.clock.now() - since
            state = Checkpoint(until=until, filters=filters)
            # at once: "a day ago" must not move on while nothing is committed yet
            self._store.save(state)
        if state.filters != filters:
            raise ConfigurationError(
                f"the checkpoint is of a sync with {_told(state.filters)}, this one has {_told(filters)}:"
                " what changed before would be missed; use another checkpoint"
            )
        return state

    def _pass(self, state: Checkpoint, stop: Stop | None) -> Generator[Batch[T], None, Checkpoint | None]:
        """Go through the window page by page; return what is committed then, or None if there is more."""
        seen = {state.cursor}
        is_anew = False
        while (window := state.window) is not None:
            if not self._turn(stop):
                return None
            try:
                page = self._feed.page(window, state.cursor)
            except (PaginationError, InvalidRequestError) as error:
                if state.cursor is None or is_anew:
                    raise
                is_anew = True
                # a token lives for a day
                _logger.warning("the page in the checkpoint is no longer to be had (%s): once more", error)
                state = state.begun(Window(window.after, max(window.before, self._latest())))
                seen.clear()
                continue
            if page.cursor in seen and page.cursor is not None:
                raise PaginationError("it names a page that it named before; stopped", cursor=page.cursor)
            seen.add(page.cursor)
            fresh = self._fresh(state, page)
            following = self._following(state, window, page, fresh)
            self._tell(state, window, page, len(fresh))
            batch = Batch([change.value for change in fresh], partial(self._store.save, following))
            if fresh:
                yield batch
            else:
                batch.commit()
            if not batch.is_committed:
                _logger.warning("a batch was not committed: it comes again the next time")
                return None
            state = following
        return state

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

    def _turn(self, stop: Stop | None) -> bool:
        """Wait until a search may go; return False where it is to stop."""
        while wait := self._feed.quota().wait:
            if not self._nap(wait, stop):
                return False
        return stop is None or not stop.is_set()

    def _nap(self, seconds: float, stop: Stop | None) -> bool:
        """Sleep; return False where it is to stop."""
        clock = self._feed.clock
        if stop is None:
            clock.sleep(seconds)
            return True
        ends_at = clock.monotonic() + seconds
        while not stop.is_set():
            left = ends_at - clock.monotonic()
            if left <= 0:
                return True
            clock.sleep(min(left, _PULSE_SECONDS))
        return False

    def _tell(self, state: Checkpoint, window: Window, page: Page[T], count: int) -> None:
        if self._on_progress is None:
            return
        share, left = (1.0, 0) if page.cursor is None else _estimated(window, page)
        done_at = None
        if left is not None:
            quota = self._feed.quota()
            seconds = max(0.0, (left - quota.left) / quota.rate)
            done_at = self._feed.clock.now() + timedelta(seconds=seconds)
        items = state.items + count
        self._on_progress(SyncProgress(window, state.pages + 1, items, share, left, done_at))


def patience(quota: QuotaState) -> float:
    """Return how many seconds a search may take, some waits for a turn included, should it be repeated."""
    return _LEAST_DEADLINE + _TURNS / quota.rate


def _order(change: Change[T]) -> tuple[datetime, str]:
    return change.time, change.key


def _estimated(window: Window, page: Page[T]) -> tuple[float | None, int | None]:
    """Return how much of the window lies behind, and how many pages like this one fill the rest."""
    times = [change.time for change in page.changes]
    if not times or times != sorted(times):
        return None, None  # pages do not come in the order of the last change
    left, span = window.before - times[-1], times[-1] - times[0]
    share = min(1.0, max(0.0, 1 - left / (window.before - window.after)))
    return share, max(1, math.ceil(left / span)) if span else None


def _told(filters: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in filters.items()) or "no filters"
