"""A quota that all processes of one machine share, in small locked files."""

import contextlib
import hashlib
import logging
import os
import threading
from pathlib import Path
from typing import Any

from spshipping.clock import Clock
from spshipping.errors import ConfigurationError
from spshipping.operation import Quota
from spshipping.transport.bucket import Bucket
from spshipping.transport.quota import BucketKeeper, Key, MemoryQuota, R, Step

_logger = logging.getLogger("spshipping")
_POLL_SECONDS = 0.002
_PATIENCE_SECONDS = 10.0
"""A bucket is held for well under a millisecond; whoever holds it longer is stuck."""
_REBOOTED_SECONDS = 1.0


class FileQuota(BucketKeeper):
    """Keeps the buckets in a folder, for all processes of this machine that name it.

    The files hold counts and times, and are named by digests: no id and no token is in them. A turn that a
    process took when it was killed is lost. While the folder is out of reach, each process goes on with
    buckets of its own, and says so once.

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
            self._folder.mkdir(parents=True, exist_ok=True)
            self._locks[name] = self._new_lock(self._folder / f"{name}.lock", thread_local=False)
        return self._locks[name]

    def _read(self, name: str, quota: Quota, now: float) -> Bucket:
        try:
            supplied, taken, at, rate, stated, drained, calm, unsure = map(
                float, (self._folder / name).read_text("ascii").split()
            )
        except (FileNotFoundError, ValueError):
            return Bucket.full(quota.rate, quota.burst, now)
        bucket = Bucket(supplied, int(taken), at, rate, stated, int(drained), calm, unsure)
        if at > now + _REBOOTED_SECONDS:
            # the machine was started anew, and whoever waited is gone
            bucket.at = bucket.calm_since = now
            bucket.unsure_since = -1.0
            bucket.supplied = max(supplied, taken)
        return bucket

    def _write(self, name: str, bucket: Bucket) -> None:
        path = self._folder / name
        fresh = path.with_suffix(".new")
        fresh.write_text(" ".join(map(repr, bucket.numbers())), "ascii")
        fresh.replace(path)

    def renew_locks(self) -> None:
        """Leave behind what other threads held when the process was forked."""
        self._threads = threading.Lock()
        # kept: to drop one would open the parent's lock as well
        self._left_behind.append(self._locks)
        self._locks = {}
