"""A quota that all processes of all machines share, in one Redis."""

import hashlib
import logging
import math
import os
import secrets
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.forks import renew_after_fork
from spshipping.operation import Quota
from spshipping.redis import QUICK_SECONDS, Engine, Script, quick_options
from spshipping.secret import Secret, discreet
from spshipping.transport.bucket import Bucket, QuotaState, Reservation
from spshipping.transport.bucket_script import TEXT
from spshipping.transport.quota import IDLE_SECONDS, Key, R, Step

if TYPE_CHECKING:
    from redis import Redis, RedisCluster

_logger = logging.getLogger("spshipping")
BUCKET_PREFIX = "spshipping:quota:"
WORKERS_KEY = "spshipping:workers"
_SCRIPT = Script(TEXT)
_ASKED = struct.Struct("<11d")
_TOLD = struct.Struct("<10d")
_ERA_BITS = 48
_TELL_SECONDS = 0.5
"""So often a process reports itself: processes that start together must soon be counted."""
_HERE_SECONDS = 60.0
"""A process whose last report is older is not counted."""
_AT_ONCE = 16
"""So many buckets at most are forgotten by one use of another."""
_REDIS_TIME = -1.0


class _Known:
    """What this process knows of one bucket."""

    __slots__ = ("alone", "at", "era", "learned", "left", "rate", "step", "used_at")

    def __init__(self, now: float) -> None:
        self.used_at: float = now
        self.at: float = now
        """When what follows was true."""
        self.era: float = 0.0
        """The bucket in Redis; 0 where it was never seen."""
        self.step: float = 0.0
        """How often it had been used: it can only come to be less where Redis lost something."""
        self.left: float = 0.0
        self.rate: float = 0.0
        self.learned: float = 0.0
        self.alone: Bucket | None = None
        """What this process goes by while Redis is away."""

    def left_at(self, now: float) -> float:
        """Return how many would be left now without further requests and without the limit of the burst."""
        return self.left + (now - self.at) * self.rate


class RedisQuota:
    """Keeps the buckets in Redis, for all processes of all machines that name it.

    A bucket is one key, named by a digest, and holds counts and times: no id and no token. The time is that
    of Redis. A bucket that Redis has lost starts empty, if this process knew it.

    While Redis is away, cannot be written, or has no memory left, each process goes on with its share of the
    quota: one part of as many as there were processes at last. That is logged once, and Redis is called once
    a second until it is back. A call is held up for a quarter of a second at most.

    Needs the extra `spshipping[redis]`, and Redis 7 or newer.
    """

    def __init__(
        self,
        server: "str | Redis | RedisCluster",
        *,
        password: str | Secret | None = None,
        workers: int = 1,
        clock: Clock | None = None,
    ) -> None:
        """Use *server*, which is called when a quota is first used.

        Args:
            server: `redis://host:6379/0`, `rediss://` for TLS; or a client of redis-py, such as the master's
                of a Sentinel, made with `**RedisQuota.client_options()`.
            password: for a URL; its user may stand in the URL.
            workers: how many processes there are at least: where Redis is away from the beginning, nobody can
                count them.
            clock: says how long Redis is left alone, and when what it has lost was due.

        Raises:
            ConfigurationError: the extra is not installed, or an argument cannot be used.
        """
        if type(workers) is not int or workers < 1:
            raise ConfigurationError(
                "workers= is how many processes there are at least: a whole number, 1 or more"
            )
        self._clock = clock or SystemClock()
        self._engine = Engine(server, password, self._clock, QUICK_SECONDS, "the shared quota")
        self._least_workers = workers
        self._workers, self._counted_at = 1, -math.inf
        self._told_at = -math.inf
        self._known: OrderedDict[str, _Known] = OrderedDict()
        """By name; the one that was used last is the last."""
        self._lock = threading.RLock()
        self._time: Callable[[], float] = lambda: _REDIS_TIME
        """Of the server: below zero, it looks itself."""
        renew_after_fork(self)

    @staticmethod
    def client_options() -> dict[str, Any]:
        """Return the options of a client of redis-py that can be given here: timeouts, and no repeats.

        Raises:
            ConfigurationError: the extra is not installed.
        """
        return quick_options()

    def reserve(self, key: Key, quota: Quota, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        found = self._ask("reserve", key, quota, longest)
        if found is None:
            return self._alone(key, quota, lambda bucket, now: bucket.reserve(now, longest))
        wait, number, left, is_paced, era = found[:5]
        if not number:
            return Reservation(wait, 0)
        due = self._clock.monotonic() + wait
        return Reservation(wait, int(number), left, bool(is_paced), int(era), due)

    def remaining(self, key: Key, quota: Quota, reservation: Reservation) -> float:
        """Return the seconds until *reservation*; where its bucket was lost, until it was due."""
        found = self._ask("remaining", key, quota, reservation.number, reservation.era)
        if found is None:
            return self._alone(key, quota, lambda bucket, now: bucket.remaining(now, reservation))
        wait, is_of_another_era = found[:2]
        return max(0.0, reservation.due - self._clock.monotonic()) if is_of_another_era else wait

    def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Take *reservation* back, if it was the last."""
        if self._ask("give_back", key, quota, reservation.number, reservation.era) is None:
            self._alone(key, quota, lambda bucket, _now: bucket.give_back(reservation))

    def drain(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Learn that *reservation* was answered with a 429."""
        number, era, is_paced = reservation.number, reservation.era, reservation.is_paced
        if self._ask("drain", key, quota, number, era, is_paced) is None:
            self._alone(key, quota, lambda bucket, now: bucket.drain(now, reservation))

    def learn(self, key: Key, quota: Quota, rate: float) -> None:
        """Learn the rate that Amazon stated."""
        if self._ask("learn", key, quota, rate) is None:
            self._alone(key, quota, lambda bucket, now: bucket.learn(now, rate / self.workers))

    def state(self, key: Key, quota: Quota) -> QuotaState:
        """Return what is left; while Redis is away, of this process's share."""
        found = self._ask("state", key, quota)
        if found is None:
            return self._alone(key, quota, lambda bucket, now: bucket.state(now))
        rate, burst, left, wait = found[:4]
        return QuotaState(rate, int(burst), left, wait)

    @property
    def workers(self) -> int:
        """How many processes are taken to share the quota, this one included."""
        return max(self._least_workers, self._workers)

    def forget(self, idle: float = IDLE_SECONDS) -> int:
        """Forget the buckets that this process did not use for *idle* seconds; return how many.

        It happens by itself. In Redis a bucket expires after a day, or twice the time in which it is full.
        """
        with self._lock:
            now = self._clock.monotonic()
            old = [name for name, known in self._known.items() if now - known.used_at >= idle]
            for name in old:
                del self._known[name]
            return len(old)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    @discreet
    def _ask(
        self, op: str, key: Key, quota: Quota, one: float = 0, two: float = 0, three: float = 0
    ) -> tuple[float, ...] | None:
        """Let Redis do *op* with the bucket of *key*; None where it is away."""
        if not self._engine.is_worth_a_call():
            return None
        name = _name(key)
        with self._lock:
            now = self._clock.monotonic()
            known = self._use(name, now)
            alone = known.alone
            memory = (known.era, known.step, known.left_at(now))
            waiting = -1.0 if alone is None else _waiting(alone, now)
        era = 1 + secrets.randbits(_ERA_BITS)
        asked = _ASKED.pack(self._time(), quota.rate, quota.burst, *memory, era, waiting, one, two, three)
        try:
            self._tell(now)
            told = _TOLD.unpack(self._engine.run(_SCRIPT, [BUCKET_PREFIX + name], op, asked))
        except self._engine.errors:
            return None
        if told[-1]:
            _logger.warning(
                "a bucket of the shared quota is damaged in Redis: it is taken for lost, and begins anew"
            )
        with self._lock:
            _learn(known, told, self._clock.monotonic())
            known.alone = None
        return told

    def _tell(self, now: float) -> None:
        """Tell that this process is there, from time to time, and count the others."""
        if now - self._told_at < _TELL_SECONDS:
            return
        self._told_at = now
        asked = _ASKED.pack(self._time(), *[0.0] * 7, _HERE_SECONDS, 0.0, 0.0)
        count = int(self._engine.run(_SCRIPT, [WORKERS_KEY], "here", asked, _worker(os.getpid())))
        # Redis may have lost those that have not told again yet
        if count >= self._workers or now - self._counted_at > _HERE_SECONDS:
            self._workers, self._counted_at = count, now

    def _use(self, name: str, now: float) -> _Known:
        """Return what is known of a bucket, and forget some that were not used for long."""
        with suppress(RuntimeError, KeyError):  # a signal handler has used another one in between
            for _ in range(_AT_ONCE):
                oldest = next(iter(self._known), None)
                if oldest is None or now - self._known[oldest].used_at < IDLE_SECONDS:
                    break
                del self._known[oldest]
        known = self._known.setdefault(name, _Known(now))
        self._known.move_to_end(name)
        known.used_at = now
        return known

    def _alone(self, key: Key, quota: Quota, step: Step[R]) -> R:
        """Hand this process's share of a bucket to *step*."""
        count = self.workers
        share = Quota(quota.rate / count, max(1, quota.burst // count))
        with self._lock:
            now = self._clock.monotonic()
            known = self._use(_name(key), now)
            if known.alone is None:
                known.alone = _share_of(known, share, count, now)
            known.alone.adopt(now, share.rate, share.burst)
            return step(known.alone, now)


def _learn(known: _Known, told: tuple[float, ...], now: float) -> None:
    era, step, left, rate, learned = told[4:9]
    if era == known.era and step < known.step:
        return  # a later answer came first
    known.era, known.step, known.left, known.rate, known.learned = era, step, left, rate, learned
    known.at = now


def _share_of(known: _Known, share: Quota, count: int, now: float) -> Bucket:
    """Return the bucket of one of *count* processes, each of which has its part of what was left at last."""
    era = 1 + secrets.randbits(_ERA_BITS)
    if not known.era:
        return Bucket.full(share.rate, share.burst, now, era)
    left = min(float(share.burst), known.left_at(now) / count)
    rate, learned = known.rate / count, known.learned / count
    return Bucket(left, 0, now, rate, share.rate, share.burst, era, learned, 0, now)


def _waiting(alone: Bucket, now: float) -> float:
    """Return how many calls still wait for their share: they are not to be overtaken."""
    return float(min(alone.taken, max(0, math.ceil(-alone.state(now).left))))


def _name(key: Key) -> str:
    return hashlib.sha256("\n".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@cache
def _worker(_process: int) -> str:
    """Return what this process is called; a forked child has another number, and so another name."""
    return secrets.token_hex(8)
