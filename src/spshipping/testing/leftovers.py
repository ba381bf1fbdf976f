"""The last look at what was scrubbed: whether anything that was replaced is still there, in any spelling."""

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from spshipping.errors import SpShippingError
from spshipping.testing.allowed import Allowed, may_stay
from spshipping.testing.fixture import Fixture, fixture_bytes
from spshipping.testing.words import public_text, public_tokens, tokens

_LONG = 8
"""From so many letters on, a text is looked for inside of others; a shorter one would be there by chance."""
_WORD, _DIGITS = 4, 7
"""The shortest word and the shortest number that are looked for."""
_LONGEST = 4096
_TIME_OF_DAY = re.compile(r"\d\d:\d\d:\d\d")


class LeftoverError(SpShippingError):
    """Something that was replaced in one place is still there in another. Nothing was written."""


class Leftovers:
    """Looks for texts that were replaced.

    What is public, a time or a short number is not looked for: the same may stay elsewhere.

    Args:
        originals: what was replaced.
    """

    def __init__(self, originals: Collection[str]) -> None:
        looked_for = [text for text in originals if _is_looked_for(text)]
        self._words = {
            part for text in looked_for for part in tokens(text[:_LONGEST].casefold()) if _is_telling(part)
        } - public_tokens()
        self._spelled: dict[str, set[str]] = {}
        """The spellings of long texts, by how they begin: there may be hundreds of thousands."""
        for text in looked_for:
            for spelled in _spellings(text) if len(text) >= _LONG else ():
                self._spelled.setdefault(spelled[:_LONG], set()).add(spelled)

    def check(self, fixture: Fixture) -> None:
        """Make sure that nothing is left in a fixture.

        Raises:
            LeftoverError: something is; names the operation and the part, and never what it is.
        """
        for part, found in _parts(json.loads(fixture_bytes(fixture))):
            written = list(_texts(found))
            if self._is_in("\n".join(written)) or self._has_word(map(_unquoted, written)):
                self._words.clear()  # a traceback shows local variables
                self._spelled.clear()
                del found, written
                raise LeftoverError(
                    f"{fixture.operation}: {part} still holds a text that was replaced elsewhere; nothing was"
                    " written"
                )

    def _is_in(self, text: str) -> bool:
        return any(
            found.startswith(spelled, at)
            for found in (text, text.casefold())
            for at in range(len(found) - _LONG + 1)
            for spelled in self._spelled.get(found[at : at + _LONG], ())
        )

    def _has_word(self, texts: Iterable[str]) -> bool:
        return any(not self._words.isdisjoint(tokens(text.casefold())) for text in texts)


def _is_looked_for(text: str) -> bool:
    if may_stay(Allowed.NUMBER, text) or may_stay(Allowed.TIME, text) or _TIME_OF_DAY.fullmatch(text):
        return False
    return text.casefold() not in public_text()


def _is_telling(token: str) -> bool:
    return len(token) >= (_DIGITS if token.isdecimal() else _WORD)


def _spellings(text: str) -> tuple[str, ...]:
    """Return the ways in which a long text may be written."""
    raw = text[:_LONGEST].encode("utf-8", "surrogatepass")
    escaped = json.dumps(text[:_LONGEST])[1:-1]
    plain = (text[:_LONGEST].casefold(), escaped, escaped.casefold(), quote(raw), quote(raw, safe=""))
    return (*plain, quote_plus(raw), raw.hex(), *_in_base64(raw))


def _in_base64(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of *raw* wherever it is in a longer text."""
    for lead in range(3):
        # the first and the last letters depend on what stands beside
        start, end = -(-lead * 8 // 6), (lead + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * lead + raw)[start:end].decode()


def _parts(written: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the parts of a fixture whose values came from outside."""
    for side in ("request", "response"):
        for name, value in written[side].items():
            yield f"{side}.{name}", value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _unquoted(text: str) -> str:
    return unquote_plus(text, errors="replace") if "%" in text else text
