"""A text that shows itself to nobody unless asked."""

import hashlib
import hmac
import traceback
from typing import Any, NoReturn


class Secret:
    """Hold a client secret or a token so that no repr, log, copy of fields or pickle shows it.

    Two secrets compare in constant time. The text comes out through `reveal()` only.
    """

    __slots__ = ("_text",)

    def __init__(self, text: "str | Secret") -> None:
        self._text: str = text._text if isinstance(text, Secret) else text

    def reveal(self) -> str:
        """Return the text. Hand it to nothing that logs."""
        return self._text

    def fingerprint(self) -> str:
        """Return a SHA-256 of the text: fit for a cache key, not for a log."""
        return hashlib.sha256(self._text.encode()).hexdigest()

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled: hand the other process its own credentials")


def empty_frames(error: BaseException) -> None:
    """Take the local variables out of every frame that *error* has left: a traceback may show them.

    Files and line numbers stay.
    """
    traceback.clear_frames(error.__traceback__)
