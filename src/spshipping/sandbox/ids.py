"""The ids that the sandbox makes: random, or the same in every run."""

import base64
import hashlib
import secrets
import threading
from collections import Counter
from uuid import UUID


class Ids:
    """Makes ids. With a seed they repeat: each follows from the seed, its kind and how many came before."""

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def reset(self) -> None:
        """Begin anew; with a seed the same ids follow."""
        with self._lock:
            self._counts.clear()

    def uuid(self, kind: str) -> str:
        """Return a UUID."""
        return str(UUID(bytes=self._bytes(kind, 16), version=4))

    def hexadecimal(self, kind: str, size: int) -> str:
        """Return *size* bytes in hexadecimal digits."""
        return self._bytes(kind, size).hex()

    def text(self, kind: str, size: int = 48) -> str:
        """Return *size* bytes as text that is fit for a token."""
        return base64.urlsafe_b64encode(self._bytes(kind, size)).decode().rstrip("=")

    def _bytes(self, kind: str, size: int) -> bytes:
        if self._seed is None:
            return secrets.token_bytes(size)
        with self._lock:
            number = self._counts[kind]
            self._counts[kind] += 1
        return hashlib.shake_256(f"{self._seed}/{kind}/{number}".encode()).digest(size)
