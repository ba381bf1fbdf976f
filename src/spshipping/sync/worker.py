"""A worker: it claims the sellers that are due, one step at a time, beside as many workers as there are."""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

from spshipping.clock import Clock, SystemClock
from spshipping.errors import InvalidRequestError, LeaseLostError, SpShippingError, printable
from spshipping.sync.begin import check_function, check_result, check_stop, seconds_of
from spshipping.sync.leases import PendingChange, SellerLease, SyncLeases
from spshipping.sync.loop import Batch
from spshipping.sync.named_changes import StepOfChanges
from spshipping.sync.names import checked_names
from spshipping.sync.passes import Stop

T = TypeVar("T")

REMEMBERED_SECONDS = 4 * 86_400.0
"""So long the changes of notifications are remembered: as long as a queue of SQS keeps a message."""
_LEAST_WAIT, _PULSE_SECONDS = 0.05, 1.0
"""So often a worker with nothing to do looks for what is due."""
_MOST_QUOTA_SECONDS = 600.0
"""So much later than *every* a seller is searched at most, where the quota allows no page before."""
_MOST_CHANGES = 10
"""So many changes are fetched in a step."""
_MOST_FAILURES = 8
"""A change that could not be fetched so often is set aside; a search finds it still."""
_PAUSE_SECONDS, _MOST_PAUSE_SECONDS = 60.0, 3600.0
_MOST_PURGE_SECONDS = 3600.0
"""So often what was done is forgotten, at least."""

_logger = logging.getLogger("spshipping")


class StepSync(Protocol[T]):
    """What a worker needs of a seller's sync; `OrderSync` has it.

    Where it has `step_in` too, which returns the seconds until the next step, that is called in place of
    `step`: a time would be compared with the clock of the worker, and that of the sync may differ.
    """

    def step(self, deliver: Callable[[Batch[T]], object], *, every: timedelta | float) -> datetime:
        """Deliver one page, and return when the next step is due; see `Sync.step`."""
        ...

    def step_changed(self, item_ids: Iterable[str], deliver: Callable[[Batch[T]], object]) -> StepOfChanges:
        """Deliver what notifications name; see `Sync.step_changed`."""
        ...


@runtime_checkable
class _TimedSync(Protocol[T]):
    """A sync that says in how many seconds its next step is due, which no wrong clock falsifies."""

    def step_in(self, deliver: Callable[[Batch[T]], object], *, every: timedelta | float) -> float:
        """Deliver one page, and return in how many seconds the next step is due."""
        ...


class WorkerStatus(NamedTuple):
    """What a worker has done since it was made."""

    steps: int = 0
    """How often it served a seller."""
    delivered: int = 0
    """Items that were delivered and committed."""
    failures: int = 0
    """Steps that failed."""
    lost: int = 0
    """Steps that ended since another worker had taken over the seller, or it was removed."""
    out_of_reach: int = 0
    """Failures in a row to reach the leases."""
    died: int = 0
    """Threads of `run` that an error has ended: then it ends too, and raises."""


class Worker(Generic[T]):
    """Serves the sellers that are due. No step waits, so that a few threads are enough for thousands.

    Example:
        ```python
        worker = Worker(leases, lambda name, store: OrderSync(clients[name].orders, store), deliver)
        worker.run(stop=stop)
        ```
    """

    def __init__(
        self,
        leases: SyncLeases,
        sync_of: Callable[[str, SellerLease], StepSync[T]],
        deliver: Callable[[str, Batch[T]], object],
        *,
        sellers: Iterable[str] | None = None,
        every: timedelta | float = 300.0,
        lease: timedelta | float = 300.0,
        threads: int = 4,
        clock: Clock | None = None,
        remember: timedelta | float = REMEMBERED_SECONDS,
    ) -> None:
        """Make a worker. Nothing is claimed yet.

        Args:
            leases: the sellers, which all workers share.
            sync_of: returns the sync of a seller; its checkpoint store is the lease that it is given.
            deliver: stores a batch of a seller. It is called by several threads, and may get a batch twice,
                after a failure or a takeover. What it raises is that seller's failure; see `step`.
            sellers: whose rows it claims, where the leases may hold others too; None for all rows.
            every: from one search of a seller to the next; where notifications name the changes, some hours.
            lease: how long a seller whose worker has died waits for another. A step must not take longer:
                another begins it too then, and where each takes longer, none is ever committed.
            threads: how many sellers are served side by side.
            clock: by which it waits; in tests, the one that the clients were given.
            remember: how long a change that a notification named is remembered once it was delivered.

        Raises:
            InvalidRequestError: an argument cannot be used.
            ConfigurationError: a function is a coroutine function or a generator function.
        """
        for name, function in (("sync_of", sync_of), ("deliver", deliver)):
            check_function(name, function)
        if type(threads) is not int or threads < 1:
            raise InvalidRequestError("is a whole number of one or more", path="threads")
        self._leases = leases
        self._sync_of = sync_of
        self._deliver = deliver
        self._every = seconds_of(every)
        self._lease = seconds_of(lease, "lease")
        self._threads = threads
        self.sellers: frozenset[str] | None = None if sellers is None else frozenset(checked_names(sellers))
        self._clock = clock or SystemClock()
        self._remember = seconds_of(remember, "remember")
        self._owner = secrets.token_hex(8)
        self._purge_every = min(self._remember, _MOST_PURGE_SECONDS)
        self._purge_at = self._clock.monotonic() + self._purge_every
        self._lock, self._begun = threading.RLock(), dict[object, float]()  # when each step under way began
        self.status: WorkerStatus = WorkerStatus()

    def run(self, *, stop: Stop | None = None, grace: float = 10.0) -> bool:
        """Serve sellers in threads of its own until *stop* is set.

        Args:
            stop: ends it, when the steps under way have ended; None means never.
            grace: for so many seconds a step under way may go on. What it has not committed by the end of
                the process is done again, by whoever claims the seller when its lease has ended.

        Returns:
            Whether all steps have ended.

        Raises:
            SpShippingError: an error has ended one of the threads, such as one of *stop* or of the leases.
            BaseException: what is raised in the calling thread, such as KeyboardInterrupt, is passed on. The
                threads end after the steps under way.
        """
        check_stop(stop)
        ending = _Ending(stop)
        work = partial(self._work_until, ending)
        threads = [threading.Thread(target=work, daemon=True) for _ in range(self._threads)]
        try:
            for thread in threads:
                thread.start()
            while not ending.is_set():
                threads[0].join(_PULSE_SECONDS / 2)
        finally:
            ending.set()  # whatever is raised here, no thread goes on without it
        ends_at = self._clock.monotonic() + grace
        for thread in threads:
            thread.join(max(0.0, ends_at - self._clock.monotonic()))
        if ending.died:
            raise SpShippingError(
                f"{ending.died[0]} ended a thread of the worker, and the others were stopped: start it again"
            )
        return not any(thread.is_alive() for thread in threads)

    def _work_until(self, ending: "_Ending") -> None:
        try:
            self.work(ending)
        except BaseException as error:
            self._count(died=1)
            ending.died.append(type(error).__name__)

    def work(self, stop: Stop) -> None:
        """Serve sellers in this thread until *stop* is set; it ends when the step under way has ended."""
        while not stop.is_set():
            try:
                if self.step():
                    continue
                next_in = self._leases.next_in(self.sellers)
                wait = _PULSE_SECONDS if next_in is None else min(next_in, _PULSE_SECONDS)
            except Exception as error:  # leases that are out of reach come back
                with self._lock:
                    count = self.status.out_of_reach + 1
                    self.status = self.status._replace(out_of_reach=count)
                _logger.error("the leases are out of reach, %d in a row: %s", count, _shown(error))
                wait = min(2.0 ** min(count, 30), _PAUSE_SECONDS)
            self._sleep(max(wait, _LEAST_WAIT), stop)

    def step(self) -> bool:
        """Serve the seller that has been due longest; False where none is due.

        Whatever fails is that seller's failure, and logged, but for two that are raised in the main thread,
        where they are to end the program: KeyboardInterrupt and SystemExit.
        """
        self._purge()
        lease = self._leases.claim(self._owner, self._lease, self.sellers)
        if self.status.out_of_reach:
            with self._lock:
                self.status = self.status._replace(out_of_reach=0)
        if lease is None:
            return False
        step = object()
        with self._lock:
            self._begun[step] = self._clock.monotonic()
        try:
            self._serve(lease)
        except LeaseLostError:
            seller, seconds = printable(lease.seller), self._clock.monotonic() - self._begun[step]
            _logger.warning("%s is another worker's by now, or was removed", seller)
            if seconds > self._lease:
                _logger.error(
                    "the step of %s took %.0f seconds, and its lease ends after %.0f: where each takes so"
                    " long, none is ever committed; give the worker a longer lease",
                    seller,
                    seconds,
                    self._lease,
                )
            self._count(lost=1)
        finally:
            with self._lock:
                del self._begun[step]
        self._count(steps=1)
        return True

    def step_seconds(self) -> list[float]:
        """Return for how many seconds each of the steps under way has run, the longest first."""
        with self._lock:
            now = self._clock.monotonic()
            return sorted((now - begun for begun in self._begun.values()), reverse=True)

    @property
    def is_stuck(self) -> bool:
        """Whether each thread has been in a step for longer than the lease lasts, so that none is served."""
        return sum(seconds > self._lease for seconds in self.step_seconds()) >= self._threads

    def _serve(self, lease: SellerLease) -> None:
        """Make a step, and give the seller back; one that fails is put off for longer each time."""
        try:
            search_in = self._steps(lease)
        except BaseException as error:
            if _is_interrupt(error):
                raise
            if isinstance(error, LeaseLostError):
                lease.renew()  # raises it again where it is about this lease, and not about one of the user's
            failures = lease.failures + 1
            _logger.error(
                "the sync of %s failed, %d in a row: %s", printable(lease.seller), failures, _shown(error)
            )
            self._count(failures=1)
            lease.release(_pause(failures), failures)
        else:
            lease.release(search_in)

    def _steps(self, lease: SellerLease) -> float:
        """Deliver the changes that wait, and a page of the search if it is due; return the seconds to it."""
        began = self._clock.monotonic()
        sync = self._sync_of(lease.seller, lease)
        deliver = _Delivery(self._deliver, lease.seller, self._count)
        taken, step = lease.take(_MOST_CHANGES), StepOfChanges()
        if taken:
            step = sync.step_changed([one.item_id for one in taken], deliver)
            _note(lease, taken, step)
            lease.renew()  # the search may take as long again
        search_in = lease.search_in - (self._clock.monotonic() - began)
        is_due = search_in <= 0
        if is_due:
            search_in = self._search(sync, deliver)
        if step.error is not None:
            if not (is_due or _has_worked(step)):
                raise step.error
            # the seller is served: it is the order's failure
            _logger.error("a change of %s failed: %s", printable(lease.seller), _shown(step.error))
            self._count(failures=1)
        return search_in

    def _search(self, sync: StepSync[T], deliver: "_Delivery[T]") -> float:
        """Deliver a page, and return the seconds until the next: some, where nothing was delivered."""
        before = deliver.count
        if isinstance(sync, _TimedSync):
            seconds = float(sync.step_in(deliver, every=self._every))
        else:
            seconds = (sync.step(deliver, every=self._every) - self._clock.now()).total_seconds()
        least = _PULSE_SECONDS if deliver.count == before else 0.0
        # whatever it says, no seller keeps a thread busy with nothing, and none is forgotten
        return min(seconds, self._every + _MOST_QUOTA_SECONDS) if seconds > least else least

    def _purge(self) -> None:
        with self._lock:
            if self._clock.monotonic() < self._purge_at:
                return
            self._purge_at = self._clock.monotonic() + self._purge_every
        self._leases.purge(self._remember)

    def _count(self, **more: int) -> None:
        with self._lock:
            self.status = self.status._replace(
                **{name: getattr(self.status, name) + count for name, count in more.items()}
            )

    def _sleep(self, seconds: float, stop: Stop) -> None:
        ends_at = self._clock.monotonic() + seconds
        while not stop.is_set() and (left := ends_at - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, _PULSE_SECONDS))


class _Delivery(Generic[T]):
    """Hands the batches of a seller to the user's function, and counts what was delivered."""

    def __init__(
        self, deliver: Callable[[str, Batch[T]], object], seller: str, on_delivered: Callable[..., None]
    ) -> None:
        self._deliver = deliver
        self._seller = seller
        self._on_delivered = on_delivered
        self.count = 0
        """Items so far."""

    def __call__(self, batch: Batch[T]) -> None:
        check_result("deliver", self._deliver(self._seller, batch))
        self.count += len(batch)
        self._on_delivered(delivered=len(batch))


class _Ending:
    """Is set when the worker is to stop, or once one of its threads has died."""

    def __init__(self, stop: Stop | None) -> None:
        self._stop = stop
        self._is_set = False
        self.died: list[str] = []
        """By what."""

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        if not self._is_set and (self.died or (self._stop is not None and self._stop.is_set())):
            self.set()  # for all threads, and for good
        return self._is_set


def _is_interrupt(error: BaseException) -> bool:
    """Return whether it is to end the program: what a signal handler raises comes up in the main thread."""
    return (
        isinstance(error, KeyboardInterrupt | SystemExit)
        and threading.current_thread() is threading.main_thread()
    )


def _note(lease: SellerLease, taken: Iterable[PendingChange], step: StepOfChanges) -> None:
    """Note what came of changes."""
    lease.done([one for one in taken if one.item_id in step.delivered])
    for one in taken:
        error, failures = step.failed.get(one.item_id), one.failures + 1
        pause, is_its_own = _pause(failures), error is not None
        if error is None and step.error is not None and one.item_id == step.met_by:
            # while nothing of the seller works, it may be Amazon's failure: then none is set aside
            error, is_its_own = step.error, _has_worked(step) or not lease.failures
            # the next step is to begin with another
            pause = max(pause, 2 * _pause(lease.failures + 1))
        if error is not None and is_its_own and failures >= _MOST_FAILURES:
            lease.set_aside(one, str(error))
        elif error is not None:
            lease.put_off(one, pause, is_failure=True)
        elif one.item_id not in step.delivered and step.error is None:
            lease.put_off(one, step.wait or _PULSE_SECONDS)


def _has_worked(step: StepOfChanges) -> bool:
    """Return whether Amazon has answered for one of the items."""
    return bool(step.delivered or step.failed)


def _pause(failures: int) -> float:
    """Return the seconds for which something is put off after so many failures in a row."""
    return min(_PAUSE_SECONDS * 2.0 ** min(failures - 1, 30), _MOST_PAUSE_SECONDS)


def _shown(error: BaseException) -> str:
    # ours hold nothing personal; of others, only the name is sure not to
    return printable(str(error)) if isinstance(error, SpShippingError) else type(error).__name__
