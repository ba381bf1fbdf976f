"""A quota that all processes of one machine share, in small locked files."""

import contextlib
import hashlib
import logging
import math
import os
import threading
from pathlib import Path
from typing import Any

from spshipping import disk
from spshipping.clock import Clock
from spshipping.errors import ConfigurationError
from spshipping.operation import Quota
from spshipping.transport.bucket import MOST_RATE, Bucket
from spshipping.transport.quota import BucketKeeper, Key, MemoryQuota, R, Step

_logger = logging.getLogger("spshipping")
_POLL_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0
"""A bucket is held for well under a millisecond; a process that holds it longer is stuck."""
_REBOOTED_SECONDS = 1.0
_MOST_BYTES = 1000
_NUMBERS = 8
# beyond the limits of a real bucket: calls that wait, calls ever made, part of the published rate
_MOST_WAITING = 100_000
_MOST_TAKEN = 2**53
_LEAST_PART = 0.001


class FileQuota(BucketKeeper):
    """Keeps the buckets in a folder, for all processes of one user on this machine that name it.

    The files hold counts and times, are named by digests, and are their owner's only: no id and no token is
    in them. A file that makes no sense counts as a full bucket. A reservation of a process that was killed is
    lost. While the folder is out of reach, each process uses buckets of its own, and logs that once.

    Needs the extra `spshipping[store]`.
    """

    def __init__(self, folder: str | os.PathLike[str], clock: Clock | None = None) -> None:
        """Use *folder*, which is made if it is not there.

        Raises:
            ConfigurationError: the extra is not installed.
        """
        super().__init__(clock)
        try:
            from filelock import FileLock
        except ImportError:
            raise ConfigurationError("FileQuota needs filelock: pip install 'spshipping[store]'") from None
        self._new_lock: Any = FileLock
        self._folder = Path(folder)
        self._threads = threading.Lock()
        self._locks: dict[str, Any] = {}
        self._left_behind: list[Any] = []
        self._otherwise = MemoryQuota(clock)
        self._has_warned = False

    def change(self, key: Key, quota: Quota, step: Step[R]) -> R:
        """Hand the bucket of *key* to *step*, under the lock of its file."""
        name = hashlib.sha256("\n".join(key).encode()).hexdigest()[:32]
        with self._threads, contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self._lock(name).acquire(_PATIENCE_SECONDS, _POLL_SECONDS))
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
                return result
        return self._otherwise.change(key, quota, step)

    def _lock(self, name: str) -> Any:
        if name not in self._locks:
            disk.make_folder(self._folder, private=True, durable=False)
            path = self._folder / f"{name}.lock"
            self._locks[name] = self._new_lock(path, mode=0o600, thread_local=False)
        return self._locks[name]

    def _read(self, name: str, quota: Quota, now: float) -> Bucket:
        try:
            data = disk.read(self._folder / name, most=_MOST_BYTES)
        except FileNotFoundError:
            data = b""
        return _parsed(data, quota, now) or Bucket.full(quota.rate, quota.burst, now)

    def _write(self, name: str, bucket: Bucket) -> None:
        data = " ".join(map(repr, bucket.numbers())).encode()
        disk.replace(self._folder / name, data, private=True, durable=False)

    def renew_locks(self) -> None:
        """Leave behind what other threads held when the process was forked."""
        self._threads = threading.Lock()
        # kept: to drop one would open the parent's lock as well
        self._left_behind.append(self._locks)
        self._locks = {}


def _parsed(data: bytes, quota: Quota, now: float) -> Bucket | None:
    """Return the bucket that *data* holds; None where that is none that could have been written."""
    parts = data.split()
    if len(parts) != _NUMBERS:
        return None
    try:
        supplied, at, rate, stated, calm, unsure = (float(parts[index]) for index in (0, 2, 3, 4, 6, 7))
        taken, drained = int(parts[1]), int(parts[5])
    except ValueError:
        return None
    least = quota.rate * _LEAST_PART
    is_sensible = (
        all(map(math.isfinite, (supplied, at, rate, stated, calm, unsure)))
        and least <= rate <= stated <= max(MOST_RATE, quota.rate)
        and 0 <= taken <= _MOST_TAKEN
        and 0 <= drained <= taken + _MOST_WAITING
        and supplied >= taken - _MOST_WAITING
        and max(calm, unsure) <= at + _REBOOTED_SECONDS
    )
    if not is_sensible:
        return None
    bucket = Bucket(supplied, taken, at, rate, stated, drained, calm, unsure)
    if at > now + _REBOOTED_SECONDS:
        # the machine was restarted, and the processes that waited have ended
        bucket.at = bucket.calm_since = now
        bucket.unsure_since = -1.0
        bucket.supplied = max(supplied, taken)
    return bucket
