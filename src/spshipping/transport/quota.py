"""Keeps quotas: a bucket for each application, seller and route, behind one small protocol."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, TypeVar

from spshipping.clock import Clock, SystemClock
from spshipping.forks import renew_after_fork
from spshipping.operation import Quota
from spshipping.transport.bucket import Bucket, QuotaState, Reservation

R = TypeVar("R")

Key = tuple[str, str]
"""Whose quota it is, and the operation's route."""

Step = Callable[[Bucket, float], R]
"""What is done with a bucket, at a time."""

IDLE_SECONDS = 3600.0
"""A bucket that was not used for so long is dropped, if a new one would serve as well."""
_AT_ONCE = 16
"""So many idle buckets at most are dropped by one use of another."""
_ERA_BITS = 48
_from_the_system = random.SystemRandom()


class QuotaKeeper(Protocol):
    """Hands out reservations. Any number of clients may share one, from any number of threads."""

    def reserve(self, key: Key, quota: Quota, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        ...

    def remaining(self, key: Key, quota: Quota, reservation: Reservation) -> float:
        """Return the seconds until *reservation*, which a changed rate or a 429 may have moved.

        Where its bucket was lost, its number says nothing: it then waits until it was due, and no longer.
        """
        ...

    def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Take *reservation* back, if no later one was taken: its call was not sent."""
        ...

    def drain(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Learn that *reservation* was answered with a 429."""
        ...

    def learn(self, key: Key, quota: Quota, rate: float) -> None:
        """Learn the rate that Amazon stated, in requests per second; nonsense is passed over."""
        ...

    def state(self, key: Key, quota: Quota) -> QuotaState:
        """Return what is left. Takes no reservation."""
        ...


class BucketKeeper(ABC):
    """A keeper of buckets, wherever they are: it only needs to change one of them at a time.

    A forked child goes on with locks of its own.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        renew_after_fork(self)

    @abstractmethod
    def change(self, key: Key, quota: Quota, step: Step[R]) -> R:
        """Hand the bucket of *key*, full at first, to *step*, and keep what it becomes.

        No other thread or task has it meanwhile. It follows *quota*, also if another version
        of this package made it.
        """

    @abstractmethod
    def renew_locks(self) -> None:
        """Leave behind the locks that other threads held when the process was forked."""

    @abstractmethod
    def forget(self, idle: float = IDLE_SECONDS) -> int:
        """Drop the buckets that were not used for *idle* seconds; return how many.

        One is kept while a call waits, where it is not full again, and where a 429 has lowered its rate. It
        happens by itself, a few at a time, whenever another bucket is used.
        """

    def new_bucket(self, quota: Quota, now: float) -> Bucket:
        """Return a full bucket, in an era of its own."""
        # from the system: processes must not draw alike, however they seed what is random
        return Bucket.full(quota.rate, quota.burst, now, 1 + _from_the_system.getrandbits(_ERA_BITS))

    def reserve(self, key: Key, quota: Quota, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        return self.change(key, quota, lambda bucket, now: bucket.reserve(now, longest))

    def remaining(self, key: Key, quota: Quota, reservation: Reservation) -> float:
        """Return the seconds until *reservation*; where its bucket was lost, until it was due."""
        return self.change(key, quota, lambda bucket, now: bucket.remaining(now, reservation))

    def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Take *reservation* back, if it was the last."""
        self.change(key, quota, lambda bucket, _now: bucket.give_back(reservation))

    def drain(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Learn that *reservation* was answered with a 429."""
        self.change(key, quota, lambda bucket, now: bucket.drain(now, reservation))

    def learn(self, key: Key, quota: Quota, rate: float) -> None:
        """Learn the rate that Amazon stated."""
        self.change(key, quota, lambda bucket, now: bucket.learn(now, rate))

    def state(self, key: Key, quota: Quota) -> QuotaState:
        """Return what is left."""
        return self.change(key, quota, lambda bucket, now: bucket.state(now))


class MemoryQuota(BucketKeeper):
    """Keeps the buckets in this process."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self._lock = threading.RLock()
        self._buckets: OrderedDict[Key, Bucket] = OrderedDict()
        """The one that was used last is the last."""
        self._sweep_at = 0.0

    def change(self, key: Key, quota: Quota, step: Step[R]) -> R:
        """Hand the bucket of *key* to *step*."""
        with self._lock:
            now = self._clock.monotonic()
            if now >= self._sweep_at:
                self._forget_some(now)
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = self.new_bucket(quota, now)
            else:
                self._buckets.move_to_end(key)
                bucket.adopt(now, quota.rate, quota.burst)
            return step(bucket, now)

    def forget(self, idle: float = IDLE_SECONDS) -> int:
        """Drop the buckets that were not used for *idle* seconds; return how many."""
        with self._lock:
            now = self._clock.monotonic()
            spare = [key for key, bucket in self._buckets.items() if bucket.is_spare(now, idle)]
            for key in spare:
                del self._buckets[key]
            return len(spare)

    def _forget_some(self, now: float) -> None:
        for _ in range(_AT_ONCE):
            key = next(iter(self._buckets), None)
            if key is None or now - self._buckets[key].at < IDLE_SECONDS:
                self._sweep_at = IDLE_SECONDS + (now if key is None else self._buckets[key].at)
                return
            if self._buckets[key].is_spare(now, IDLE_SECONDS):
                del self._buckets[key]
            else:
                # not full for a long time yet, and no obstacle to those behind it
                self._buckets.move_to_end(key)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()
