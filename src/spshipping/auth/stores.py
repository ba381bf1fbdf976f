"""Where tokens live beyond one process's memory, and secrets beyond one run: protocols, memory, files."""

import contextlib
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from spshipping.auth import vault
from spshipping.auth.vault import KeySource, Vault
from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.secret import Secret

_logger = logging.getLogger("spshipping")
_FEW = 1000
"""So many tokens are kept without looking for ended ones."""
_SWEEP_SECONDS = 600.0
_LEFTOVER_SECONDS = 3600.0
"""A temporary file so old was left by a process that died while writing it."""
_KEYRING_SECONDS = 60.0


class StoredToken(NamedTuple):
    """A token, and until when it is to be used."""

    token: Secret
    ends_on: datetime
    """Aware, by the wall clock: monotonic clocks of two processes need not agree."""


class TokenStore(Protocol):
    """Shares access tokens, among processes if it can. Its keys are digests and hold no token.

    An `OSError` says that the store is out of reach; a cache then goes on without it.
    """

    def load(self, key: str) -> StoredToken | None:
        """Return the token of *key*, be it good or ended, or None."""
        ...

    def save(self, key: str, token: StoredToken) -> None:
        """Keep *token* in place of what was there."""
        ...

    def delete(self, key: str) -> None:
        """Forget the token of *key*, if there is one."""
        ...

    def flight(self, key: str, timeout: float) -> AbstractContextManager[bool]:
        """Hold the right to fetch the token of *key*, which one caller among all has at a time.

        Gives False where it could not be had within *timeout* seconds. It ends with its process.
        """
        ...


class SecretStore(Protocol):
    """Keeps what lasts: refresh tokens and client secrets, by name."""

    def save_secret(self, name: str, secret: Secret) -> None:
        """Keep *secret* in place of what was there."""
        ...

    def load_secret(self, name: str) -> Secret | None:
        """Return the secret of that name, or None."""
        ...

    def delete_secret(self, name: str) -> None:
        """Forget the secret of that name, if there is one."""
        ...


class MemoryStore:
    """Keeps tokens and secrets until the process ends, and shares them with no other."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._tokens: dict[str, StoredToken] = {}
        self._secrets: dict[str, Secret] = {}
        self._full = _FEW

    def load(self, key: str) -> StoredToken | None:
        """Return the token of *key*, or None."""
        return self._tokens.get(key)

    def save(self, key: str, token: StoredToken) -> None:
        """Keep *token*; from time to time, drop those that have ended."""
        if len(self._tokens) >= self._full:
            now = self._clock.now()
            for old, kept in list(self._tokens.items()):
                if kept.ends_on <= now:
                    self._tokens.pop(old, None)
            self._full = max(_FEW, 2 * len(self._tokens))
        self._tokens[key] = token

    def delete(self, key: str) -> None:
        """Forget the token of *key*."""
        self._tokens.pop(key, None)

    @contextlib.contextmanager
    def flight(self, key: str, timeout: float) -> Iterator[bool]:  # noqa: ARG002 - the protocol's
        """Give True at once: a cache already sees to it that one thread fetches."""
        yield True

    def save_secret(self, name: str, secret: Secret) -> None:
        """Keep *secret*."""
        self._secrets[name] = secret

    def load_secret(self, name: str) -> Secret | None:
        """Return the secret of that name, or None."""
        return self._secrets.get(name)

    def delete_secret(self, name: str) -> None:
        """Forget the secret of that name."""
        self._secrets.pop(name, None)


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
            key: a callable that brings the key, asked once, when it is first needed; `keyring` for one that
                the system's keyring keeps, made the first time; None for the variable `SPSHIPPING_STORE_KEY`.
            clock: says what has ended.
        """
        self.path: Path = Path(path).expanduser()
        self._source = key
        self._clock = clock or SystemClock()
        self._vault = Vault(self._bring_key)
        self._sweep_at = 0.0
        self._has_told = False

    @staticmethod
    def new_key() -> Secret:
        """Make a key: 32 random bytes as base64. Keep it where you keep passwords, not beside the store."""
        return vault.new_key()

    def _bring_key(self) -> str | bytes | Secret | None:
        if self._source is None:
            return vault.key_from_environment()
        if self._source != "keyring":
            return self._source()
        with self._locked(self.path / "keyring.lock", _KEYRING_SECONDS) as is_mine:
            if not is_mine:  # two processes that each made a key could not read each other's files
                raise ConfigurationError(
                    "another process is asking the keyring for the store's key: try again"
                )
            return vault.key_from_keyring()

    def load(self, key: str) -> StoredToken | None:
        """Return the token of *key*, or None: also where it is damaged, for it can be fetched again.

        Raises:
            ConfigurationError: the file is not of this store, or is sealed under another key.
        """
        path = self._file(key, "token")
        data = _read(path)
        if data is None or not self._vault.has_key():
            return None
        found = self._vault.open(data, f"token {key}", path)
        if found is None:
            _logger.warning("%s is damaged and will be replaced", path)
            return None
        ends_on, _, token = found.reveal().partition("\n")
        return StoredToken(Secret(token), datetime.fromisoformat(ends_on))

    def save(self, key: str, token: StoredToken) -> None:
        """Keep *token*, if there is a key; from time to time, drop tokens that have ended.

        Raises:
            ConfigurationError: there is a file in its place that is not this store's to replace, or the
                folder is open to others.
        """
        if not self._vault.has_key():
            if not self._has_told:
                self._has_told = True
                _logger.warning(
                    "access tokens stay in memory, for the store has no key: %s", vault.THREE_WAYS
                )
            return
        text = Secret(f"{token.ends_on.isoformat()}\n{token.token.reveal()}")
        self._write(self._file(key, "token"), text, f"token {key}", token.ends_on.timestamp())
        if self._clock.monotonic() >= self._sweep_at:
            self._sweep_at = self._clock.monotonic() + _SWEEP_SECONDS
            self._sweep()

    def delete(self, key: str) -> None:
        """Forget the token of *key*."""
        self._file(key, "token").unlink(missing_ok=True)

    @contextlib.contextmanager
    def flight(self, key: str, timeout: float) -> Iterator[bool]:
        """Hold the right to fetch the token of *key*, among all processes that use this folder.

        Without a key nothing would be shared, so nobody waits.
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
                    # while it is still held: whoever waits for it sees that it is gone, and begins anew
                    with contextlib.suppress(OSError):
                        path.unlink()

    def save_secret(self, name: str, secret: Secret) -> None:
        """Keep *secret*.

        Raises:
            ConfigurationError: there is no key, the folder is open to others or out of reach, or there is a
                file in its place that is not this store's to replace.
        """
        with self._within_reach():
            self._write(self._file(name, "secret"), secret, f"secret {name}")

    def load_secret(self, name: str) -> Secret | None:
        """Return the secret of that name, or None if there is none.

        Raises:
            ConfigurationError: there is one that cannot be read: no key, another key, damaged.
        """
        path = self._file(name, "secret")
        with self._within_reach():
            data = _read(path)
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
        return self.path / f"{hashlib.sha256(name.encode()).hexdigest()}.{kind}"

    @contextlib.contextmanager
    def _within_reach(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigurationError(f"the store {self.path} is out of reach: {error.strerror}") from None

    def _prepare(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and self.path.stat().st_mode & 0o077:
            raise ConfigurationError(
                f"the store {self.path} is open to others: chmod 700 it, or choose another"
            )

    @contextlib.contextmanager
    def _locked(self, path: Path, timeout: float) -> Iterator[bool]:
        try:
            from filelock import FileLock, Timeout
        except ImportError:
            vault.refuse_without("filelock")
        self._prepare()
        # a new one each time: it shuts out the other threads of this process as well
        lock = FileLock(path, mode=0o600)
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
        there = _read(path)
        if there is not None:
            self._vault.check(there, path)
        descriptor, temporary = tempfile.mkstemp(suffix=".tmp", dir=self.path)  # owner-only
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(descriptor)
            if ends is not None:
                os.utime(temporary, (ends, ends))  # so that the sweep need open no file
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        with contextlib.suppress(OSError):  # Windows opens no folder
            _sync(self.path)

    def _sweep(self) -> None:
        now = self._clock.now().timestamp()
        until = {".token": now, ".tmp": now - _LEFTOVER_SECONDS}
        for path in self.path.iterdir():
            # another process may be sweeping too
            with contextlib.suppress(OSError):
                if path.suffix in until and path.stat().st_mtime < until[path.suffix]:
                    path.unlink()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
