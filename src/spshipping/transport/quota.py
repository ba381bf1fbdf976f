"""Keeps quotas: a bucket for each application, seller and route, behind one small protocol."""

import threading
from abc import ABC, abstractmethod
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


class QuotaKeeper(Protocol):
    """Hands out reservations. Any number of clients may share one, from any number of threads."""

    def reserve(self, key: Key, quota: Quota, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        ...

    def remaining(self, key: Key, quota: Quota, reservation: Reservation) -> float:
        """Return the seconds until *reservation*, which a changed rate or a 429 may have moved."""
        ...

    def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Take *reservation* back, if nobody has taken a later one: its call was not sent."""
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
        """Hand the bucket of *key*, full at first, to *step*, and keep what it becomes; nobody else has it
        meanwhile."""

    @abstractmethod
    def renew_locks(self) -> None:
        """Leave behind the locks that other threads held when the process was forked."""

    def reserve(self, key: Key, quota: Quota, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        return self.change(key, quota, lambda bucket, now: bucket.reserve(now, quota.burst, longest))

    def remaining(self, key: Key, quota: Quota, reservation: Reservation) -> float:
        """Return the seconds until *reservation*."""
        return self.change(
            key, quota, lambda bucket, now: bucket.remaining(now, quota.burst, reservation.number)
        )

    def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Take *reservation* back, if it was the last."""
        self.change(key, quota, lambda bucket, _now: bucket.give_back(reservation.number))

    def drain(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Learn that *reservation* was answered with a 429."""
        self.change(key, quota, lambda bucket, now: bucket.drain(now, quota.burst, reservation))

    def learn(self, key: Key, quota: Quota, rate: float) -> None:
        """Learn the rate that Amazon stated."""
        self.change(key, quota, lambda bucket, now: bucket.learn(now, quota.burst, rate, quota.rate))

    def state(self, key: Key, quota: Quota) -> QuotaState:
        """Tell what is left."""
        return self.change(key, quota, lambda bucket, now: bucket.state(now, quota.burst))


class MemoryQuota(BucketKeeper):
    """Keeps the buckets in this process."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self._lock = threading.Lock()
        self._buckets: dict[Key, Bucket] = {}

    def change(self, key: Key, quota: Quota, step: Step[R]) -> R:
        """Hand the bucket of *key* to *step*."""
        with self._lock:
            now = self._clock.monotonic()
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = Bucket.full(quota.rate, quota.burst, now)
            return step(bucket, now)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.Lock()
