"""A folder in which one user's processes share tokens, and keep secrets, each sealed in a file of its own."""

import contextlib
import errno
import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from spshipping import disk
from spshipping.auth import vault
from spshipping.auth.stores import StoredToken, check_secret, token_from_text, token_to_text
from spshipping.auth.vault import KeySource, Vault
from spshipping.clock import Clock, SystemClock
from spshipping.environment import refuse_second_machine
from spshipping.errors import ConfigurationError
from spshipping.secret import Secret, discreet

_logger = logging.getLogger("spshipping")
_SWEEP_SECONDS = 600.0
_LEFTOVER_SECONDS = 3600.0
"""A temporary file so old was left by a process that died while writing it."""
_DAMAGED_SUFFIX = ".damaged"
_MOST_BYTES = 1 << 20
_NO_FILES = (errno.EINVAL, errno.EFBIG, errno.EISDIR, errno.ENXIO)
"""What reading answers where there is no file of ours: a pipe, a device, a folder, a huge file, a socket."""
_KEYRING_SECONDS = 60.0


class FileStore:
    """Keeps tokens and secrets in a folder that belongs to one user, each sealed in a file of its own.

    Nothing is ever written in clear. Without a key, access tokens stay in each process's memory and are not
    shared, and a secret is refused. Files are replaced whole, so a process that dies while writing loses
    nothing. Where the key changes, remove the folder's files and save the secrets again.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        key: KeySource | Literal["keyring"] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Use the folder *path*; it is made, for its owner only, when something is first kept.

        Args:
            path: the folder; `~` is the user's home.
            key: a callable that returns the key, called once, when it is first needed; `keyring` for one that
                the system's keyring keeps, made the first time; None for the variable `SPSHIPPING_STORE_KEY`.
            clock: decides what has ended.
        """
        self.path: Path = Path(path).expanduser()
        self._source = key
        self._clock = clock or SystemClock()
        self._vault = Vault(self._key)
        self._sweep_at = 0.0
        self._has_warned = False

    @staticmethod
    def new_key() -> Secret:
        """Make a key: 32 random bytes as base64. Keep it where you keep passwords, not beside the store.

        `spshipping --new-store-key` prints one, and `FileStore.new_key().reveal()` is its text.
        """
        return vault.new_key()

    def _key(self) -> str | bytes | Secret | None:
        if self._source is None:
            return vault.key_from_environment()
        if self._source != "keyring":
            return self._source()
        with self._locked(self.path / "keyring.lock", _KEYRING_SECONDS) as is_mine:
            if not is_mine:  # two processes that each made a key could not read each other's files
                raise ConfigurationError("another process reads the store's key from the keyring: try again")
            return vault.key_from_keyring()

    @discreet
    def load(self, key: str) -> StoredToken | None:
        """Return the token of *key*, or None: also where it is damaged, for it can be fetched again.

        What is damaged, or was not written by this store, is renamed to `<digest>.damaged`.

        Raises:
            ConfigurationError: it is sealed under another key, the folder is open to others, or there is a
                second machine.
        """
        refuse_second_machine("a FileStore of tokens", "Use RedisStore; secrets may stay where they are.")
        path = self._file(key, "token")
        data = self._token_data(path)
        if data is None or not self._vault.has_key():
            return None
        opened = self._vault.open(data, f"token {key}", path)
        found = None if opened is None else token_from_text(opened)
        if found is None:
            _set_aside(path)
        return found

    def _token_data(self, path: Path) -> bytes | None:
        """Return what a token's file holds, if this store may have written it."""
        try:
            data = self._read(path)
        except OSError as error:
            if error.errno not in _NO_FILES:
                raise
            data = b""
        if data is None or vault.is_sealed(data):
            return data
        _set_aside(path)
        return None

    @discreet
    def save(self, key: str, token: StoredToken) -> None:
        """Keep *token*, if there is a key; from time to time, drop tokens that have ended.

        Raises:
            ConfigurationError: the file in its place is sealed under another key, or the folder is open to
                others.
        """
        if not self._vault.has_key():
            if not self._has_warned:
                self._has_warned = True
                _logger.warning(
                    "access tokens stay in memory, for the store has no key: %s", vault.THREE_WAYS
                )
            return
        path = self._file(key, "token")
        there = self._token_data(path)
        if there is not None:
            self._vault.check(there, path)
        self._write(path, token_to_text(token), f"token {key}", token.ends_on.timestamp())
        if self._clock.monotonic() >= self._sweep_at:
            self._sweep_at = self._clock.monotonic() + _SWEEP_SECONDS
            self._sweep()

    def delete(self, key: str) -> None:
        """Forget the token of *key*."""
        self._file(key, "token").unlink(missing_ok=True)

    @contextlib.contextmanager
    def flight(self, key: str, timeout: float) -> Iterator[bool]:
        """Hold the right to fetch the token of *key*, among all processes that use this folder.

        Without a key nothing would be shared, so no process waits.
        """
        if not self._vault.has_key():
            yield True
            return
        path = self._file(key, "lock")
        with self._locked(path, timeout) as is_mine:
            try:
                yield is_mine
            finally:
                if is_mine:
                    # while it is still held: a process that waits for it sees that, and makes a new one
                    with contextlib.suppress(OSError):
                        path.unlink()

    @discreet
    def save_secret(self, name: str, secret: Secret) -> None:
        """Keep *secret*.

        Raises:
            InvalidRequestError: it is no Secret.
            ConfigurationError: there is no key, the folder is open to others or out of reach, or there is a
                file in its place that is not this store's to replace.
        """
        check_secret(secret)
        path = self._file(name, "secret")
        with self._within_reach():
            there = self._read(path)
            if there is not None:
                self._vault.check(there, path)
            self._write(path, secret, f"secret {name}")

    @discreet
    def load_secret(self, name: str) -> Secret | None:
        """Return the secret of that name, or None if there is none.

        Raises:
            ConfigurationError: there is one that cannot be read: no key, another key, damaged, or the folder
                is open to others.
        """
        path = self._file(name, "secret")
        with self._within_reach():
            data = self._read(path)
        if data is None:
            return None
        found = self._vault.open(data, f"secret {name}", path)
        if found is None:
            raise ConfigurationError(f"{path} is damaged: save {name!r} again, or bring the file back")
        return found

    def delete_secret(self, name: str) -> None:
        """Forget the secret of that name. No key is needed."""
        with self._within_reach():
            self._file(name, "secret").unlink(missing_ok=True)

    def _file(self, name: str, kind: str) -> Path:
        return self.path / f"{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}.{kind}"

    @contextlib.contextmanager
    def _within_reach(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(f"the store {self.path} is out of reach: {error.strerror}") from None

    def _read(self, path: Path) -> bytes | None:
        try:
            self._check_folder()
            return disk.read(path, most=_MOST_BYTES)
        except FileNotFoundError:
            return None

    def _check_folder(self) -> None:
        if self.path.is_file():
            raise NotADirectoryError(errno.ENOTDIR, "is no folder", str(self.path))
        if disk.is_open_to_others(self.path):
            raise ConfigurationError(
                f"the store {self.path} is open to others: chmod 700 it, or choose another"
            )

    def _prepare(self) -> None:
        disk.make_folder(self.path, private=True, durable=True)
        self._check_folder()

    @contextlib.contextmanager
    def _locked(self, path: Path, timeout: float) -> Iterator[bool]:
        try:
            from filelock import FileLock, Timeout
        except ImportError:
            vault.refuse_without("filelock")
        self._prepare()
        # a new one each time: it shuts out the other threads of this process as well; under asyncio, the
        # thread that releases it may be another than the one that acquired it
        lock = FileLock(path, mode=0o600, thread_local=False)
        is_mine = True
        try:
            lock.acquire(timeout=max(0.0, timeout))
        except Timeout:
            is_mine = False
        try:
            yield is_mine
        finally:
            with contextlib.suppress(OSError):  # it ends with its descriptor in any case
                lock.release()

    def _write(self, path: Path, text: Secret, name: str, ends: float | None = None) -> None:
        sealed = self._vault.seal(text, name)
        self._prepare()
        # the file's time is the token's end, so that the sweep need open no file
        disk.replace(path, sealed, private=True, durable=True, modified_at=ends)

    def _sweep(self) -> None:
        now = self._clock.now().timestamp()
        leftover = now - _LEFTOVER_SECONDS
        until = {".token": now, _DAMAGED_SUFFIX: leftover, disk.TEMPORARY_SUFFIX: leftover}
        for path in self.path.iterdir():
            # another process may be sweeping too
            with contextlib.suppress(OSError):
                if path.suffix in until and path.stat().st_mtime < until[path.suffix]:
                    path.unlink()
                elif path.suffix == ".lock" and path.stat().st_mtime < leftover:
                    self._unlock(path)

    def _unlock(self, path: Path) -> None:
        """Remove the lock of a process that died, unless another holds it."""
        with self._locked(path, 0.0) as is_mine:
            if is_mine:
                path.unlink()


def _set_aside(path: Path) -> None:
    """Rename a file that holds no token, so that no process fails on it and it can be examined."""
    _logger.warning("%s is damaged: it is renamed, and the token fetched again", path)
    with contextlib.suppress(FileNotFoundError):  # another process did it
        path.replace(path.with_suffix(_DAMAGED_SUFFIX))
