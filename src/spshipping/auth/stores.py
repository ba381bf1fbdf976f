"""What a store of tokens and of secrets does, and one that keeps them in memory. `file_store` keeps files."""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from spshipping.clock import Clock, SystemClock
from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.secret import Secret

_MEMORY_SWEEP_SECONDS = 60.0


class StoredToken(NamedTuple):
    """A token, and until when it is to be used."""

    token: Secret
    ends_on: datetime
    """Aware, by the wall clock: monotonic clocks of two processes need not agree."""


def token_to_text(token: StoredToken) -> Secret:
    """Return *token* as a text to seal."""
    return Secret(f"{token.ends_on.isoformat()}\n{token.token.reveal()}")


def token_from_text(text: Secret) -> StoredToken | None:
    """Return the token that `token_to_text` made *text* of; None if it is no such text."""
    ends_on, _, token = text.reveal().partition("\n")
    try:
        return StoredToken(Secret(token), datetime.fromisoformat(ends_on))
    except ValueError:
        return None


def check_secret(secret: object) -> None:
    """Check what a store of secrets is to keep.

    Raises:
        InvalidRequestError: it is no Secret.
    """
    if not isinstance(secret, Secret):
        kind = type(secret).__name__
        raise InvalidRequestError(f"is a Secret, not a {kind}: give Secret(text)", path="secret")


class TokenStore(Protocol):
    """Shares access tokens, among processes if it can. Its keys are digests and hold no token.

    An `OSError` means that the store is out of reach; a cache then works without it.
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

        Yields False where it was not acquired within *timeout* seconds. It ends with its process.
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
        self._sweep_at = 0.0

    def load(self, key: str) -> StoredToken | None:
        """Return the token of *key*, or None."""
        return self._tokens.get(key)

    def save(self, key: str, token: StoredToken) -> None:
        """Keep *token*; from time to time, drop those that have ended."""
        if self._clock.monotonic() >= self._sweep_at:
            self._sweep_at = self._clock.monotonic() + _MEMORY_SWEEP_SECONDS
            self.forget()
        self._tokens[key] = token

    def forget(self) -> int:
        """Drop the tokens that have ended; return how many."""
        now = self._clock.now()
        ended = [key for key, kept in list(self._tokens.items()) if kept.ends_on <= now]
        for key in ended:
            self._tokens.pop(key, None)
        return len(ended)

    def delete(self, key: str) -> None:
        """Forget the token of *key*."""
        self._tokens.pop(key, None)

    @contextlib.contextmanager
    def flight(self, key: str, timeout: float) -> Iterator[bool]:  # noqa: ARG002 - the protocol's
        """Give True at once: a cache already sees to it that one thread fetches."""
        yield True

    def save_secret(self, name: str, secret: Secret) -> None:
        """Keep *secret*.

        Raises:
            InvalidRequestError: it is no Secret.
        """
        check_secret(secret)
        self._secrets[name] = secret

    def load_secret(self, name: str) -> Secret | None:
        """Return the secret of that name, or None."""
        return self._secrets.get(name)

    def delete_secret(self, name: str) -> None:
        """Forget the secret of that name."""
        self._secrets.pop(name, None)
