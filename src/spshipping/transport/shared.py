"""A quota that all processes of one machine share, in small locked files."""

import contextlib
import hashlib
import logging
import math
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spshipping import disk
from spshipping.clock import Clock
from spshipping.environment import refuse_second_machine
from spshipping.errors import ConfigurationError
from spshipping.operation import Quota
from spshipping.transport.bucket import MOST_RATE, Bucket
from spshipping.transport.quota import IDLE_SECONDS, BucketKeeper, Key, MemoryQuota, R, Step

_logger = logging.getLogger("spshipping")
_POLL_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0
"""A bucket is held for well under a millisecond; a process that holds it longer is stuck."""
_REBOOTED_SECONDS = 1.0
_MOST_BYTES = 1000
_NUMBERS = 12
_WHOLE = (1, 5, 6, 8)
"""Which of a bucket's numbers are whole."""
_SWEEP_SECONDS = 600.0
_AT_ONCE = 16
"""So many files at most are looked at by one use of a bucket."""
_LEFTOVER_SECONDS = 3600.0
"""A temporary file so old was left by a process that died while writing it."""
_OURS = re.compile(r"[0-9a-f]{32}(\.lock)?|\.[0-9a-f]{16}" + re.escape(disk.TEMPORARY_SUFFIX))
# beyond the limits of a real bucket: calls that wait, calls ever made, part of the published rate
_MOST_WAITING = 100_000
_MOST_TAKEN = 2**53
_LEAST_PART = 0.001


class FileQuota(BucketKeeper):
    """Keeps the buckets in a folder, for all processes of one user on this machine that name it.

    The files hold counts and times, are named by digests, and are their owner's only: no id and no token is
    in them. A file that makes no sense counts as a full bucket, and one that is not needed is removed. A
    reservation of a process that was killed is lost. While the folder is out of reach, each process uses
    buckets of its own, and logs that once.

    Needs the extra `spshipping[store]`.
    """

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        """Use *folder*, which is made if it is not there.

        Raises:
            ConfigurationError: the extra is not installed, or there is a second machine.
        """
        super().__init__(clock)
        refuse_second_machine("a FileQuota", "Use RedisQuota.")
        try:
            from filelock import FileLock
        except ImportError:
            raise ConfigurationError("FileQuota needs filelock: pip install 'spshipping[store]'") from None
        self._new_lock: Any = FileLock
        self._folder = Path(folder)
        self._threads = threading.Lock()
        self._held: Any = None
        """The lock of the file that this process is at, or was at last."""
        self._left_behind: list[Any] = []
        self._otherwise = MemoryQuota(clock)
        self._has_warned = False
        self._sweep_at = 0.0
        self._to_look_at: list[str] = []

    def change(self, key: Key, quota: Quota, step: Step[R]) -> R:
        """Hand the bucket of *key* to *step*, under the lock of its file."""
        name = hashlib.sha256("\n".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        with self._threads:
            try:
                with self._locked(name, _PATIENCE_SECONDS):
                    now = self._clock.monotonic()
                    bucket = self._read(name, quota, now)
                    result = step(bucket, now)
                    self._write(name, bucket)
            except OSError as error:
                if not self._has_warned:
                    self._has_warned = True
                    _logger.warning(
                        "the shared quota is out of reach (%s): going on without it", type(error).__name__
                    )
            else:
                self._forget_some(now)
                return result
        return self._otherwise.change(key, quota, step)

    @contextlib.contextmanager
    def _locked(self, name: str, patience: float) -> Iterator[None]:
        disk.make_folder(self._folder, private=True, durable=False)
        # a new one each time: none is kept for a bucket that is not used any more
        lock = self._held = self._new_lock(self._folder / f"{name}.lock", mode=0o600, thread_local=False)
        with lock.acquire(patience, _POLL_SECONDS):
            yield

    def _read(self, name: str, quota: Quota, now: float) -> Bucket:
        try:
            data = disk.read(self._folder / name, most=_MOST_BYTES)
        except FileNotFoundError:
            data = b""
        bucket = _parsed(data, now, quota.rate)
        if bucket is None:
            return self.new_bucket(quota, now)
        bucket.adopt(now, quota.rate, quota.burst)
        return bucket

    def _write(self, name: str, bucket: Bucket) -> None:
        data = " ".join(map(repr, bucket.numbers())).encode()
        # by the clock that was handed in, so that a sweep need open no file in use
        at = self._clock.now().timestamp()
        disk.replace(self._folder / name, data, private=True, durable=False, modified_at=at)

    def forget(self, idle: float = IDLE_SECONDS) -> int:
        """Remove the files of buckets that were not used for *idle* seconds; return how many."""
        count = self._otherwise.forget(idle)
        for name in self._names():
            with self._threads:
                count += self._drop(name, idle)
        return count

    def _forget_some(self, now: float) -> None:
        if not self._to_look_at and now >= self._sweep_at:
            self._sweep_at = now + _SWEEP_SECONDS
            self._to_look_at = self._names()
        for name in self._to_look_at[-_AT_ONCE:]:
            self._drop(name, IDLE_SECONDS)
        del self._to_look_at[-_AT_ONCE:]

    def _names(self) -> list[str]:
        """Return the names of our files; a lock whose bucket is there goes with that."""
        names: set[str] = set()
        with contextlib.suppress(OSError):
            names = {path.name for path in self._folder.iterdir() if _OURS.fullmatch(path.name)}
        return [name for name in names if not (name.endswith(".lock") and name[:-5] in names)]

    def _drop(self, name: str, idle: float) -> bool:
        """Remove a file, if it is not needed; return whether a bucket was in it."""
        path = self._folder / name
        # another process may be at it too
        with contextlib.suppress(OSError):
            seconds = self._clock.now().timestamp() - path.lstat().st_mtime
            if path.suffix == disk.TEMPORARY_SUFFIX:
                if seconds >= _LEFTOVER_SECONDS:
                    path.unlink()
            elif seconds >= idle:
                with self._locked(path.stem, 0.0):
                    return self._drop_locked(path.with_suffix(""), seconds, idle)
        return False

    def _drop_locked(self, path: Path, seconds: float, idle: float) -> bool:
        now = self._clock.monotonic()
        try:
            bucket = _parsed(disk.read(path, most=_MOST_BYTES), now, rebooted_at=now - seconds)
        except FileNotFoundError:
            found = False
        else:
            if bucket is not None and not bucket.is_spare(now, idle):
                return False
            path.unlink()
            found = True
        # while it is still held: a process that waits for it sees that, and makes a new one
        with contextlib.suppress(OSError):
            path.with_suffix(".lock").unlink()
        return found

    def renew_locks(self) -> None:
        """Leave behind what other threads held when the process was forked."""
        self._threads = threading.Lock()
        # kept: to drop one would open the parent's lock as well
        self._left_behind.append(self._held)
        self._held = None


def _parsed(
    data: bytes, now: float, published: float | None = None, rebooted_at: float | None = None
) -> Bucket | None:
    """Return the bucket that *data* holds; None where that is none that could have been written.

    Args:
        data: what the file holds.
        now: monotonic seconds.
        published: the rate as the operation's plan says, where that is known.
        rebooted_at: as of when to take its numbers where the machine was restarted since; None for *now*.
    """
    parts = data.split()
    if len(parts) != _NUMBERS:
        return None
    try:
        numbers: list[Any] = [
            int(part) if index in _WHOLE else float(part) for index, part in enumerate(parts)
        ]
    except ValueError:
        return None
    bucket = Bucket(*numbers)
    if not _is_sensible(bucket, published or bucket.plan):
        return None
    if bucket.at > now + _REBOOTED_SECONDS:
        # the processes that waited have ended
        bucket.at = bucket.calm_since = now if rebooted_at is None else rebooted_at
        bucket.unsure_since = -1.0
        bucket.supplied = max(bucket.supplied, bucket.taken)
    return bucket


def _is_sensible(bucket: Bucket, published: float) -> bool:
    times = (bucket.at, bucket.calm_since, bucket.unsure_since)
    amounts = (bucket.supplied, bucket.rate, bucket.plan, bucket.learned, bucket.unsure_most)
    return (
        all(map(math.isfinite, (*times, *amounts)))
        and 0 < published * _LEAST_PART <= bucket.rate <= bucket.stated <= max(MOST_RATE, published)
        and 0 <= bucket.taken <= _MOST_TAKEN
        and 0 <= bucket.burst <= _MOST_TAKEN
        and 0 <= bucket.era <= _MOST_TAKEN
        and 0 <= bucket.drained <= bucket.taken + _MOST_WAITING
        and bucket.supplied >= bucket.taken - _MOST_WAITING
        and max(times) <= bucket.at + _REBOOTED_SECONDS
    )
