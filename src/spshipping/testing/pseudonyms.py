"""Pseudonyms: for each text another one of the same shape, the same one each time."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from spshipping.secret import Secret
from spshipping.testing.words import public_tokens, tokens, words

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"([^@\s]+)@([^@\s]+)\.([^@\s.]+)")
_ARN = re.compile(r"(arn:aws:(?:events|iam|lambda|sns|sqs):)(\S+)")
_URL = re.compile(r"(https?)://(\S+)")
_MOST_LETTERS = 2000
"""Of a longer text, no more is kept: not even its length."""
_MOST_DIGITS = 18
_TRIES = 64

_ACCENTED = "àáâãäåæçèéêëìíîïñòóôõöøùúûüý"
_SCRIPTS = (
    # a script's block, and letters of it that stand by themselves
    (0x0370, 0x03FF, 0x03B1, 0x03C1),
    (0x0400, 0x052F, 0x0430, 0x044F),
    (0x0590, 0x05FF, 0x05D0, 0x05EA),
    (0x0600, 0x06FF, 0x0628, 0x063A),
    (0x0900, 0x097F, 0x0915, 0x0939),
    (0x0E00, 0x0E7F, 0x0E01, 0x0E2E),
    (0x3040, 0x309F, 0x304B, 0x305D),
    (0x30A0, 0x30FF, 0x30AB, 0x30BD),
    (0x3400, 0x9FFF, 0x4E00, 0x9FA5),
    (0xAC00, 0xD7A3, 0xAC00, 0xD7A3),
)


class Pseudonyms:
    """Replaces texts and numbers, and remembers what they were.

    Two texts never have the same pseudonym, and no pseudonym is one of the texts that were replaced.

    Args:
        key: what the pseudonyms are derived from: with the same key, equal texts have equal pseudonyms in
            every recording. None draws a key that is forgotten.
        avoided: texts that occur in no pseudonym: those that will be replaced.
    """

    def __init__(self, key: Secret | None = None, avoided: frozenset[str] = frozenset()) -> None:
        self._key = key.reveal().encode() if key else secrets.token_bytes(32)
        self._made: dict[str, str] = {}
        self._taken: set[str] = set()
        found = {part for text in avoided for part in tokens(text.casefold())}
        self._avoided = frozenset(found - public_tokens())
        self._public = frozenset(word.casefold() for word in words())
        self._numbers: set[str] = set()

    @property
    def originals(self) -> frozenset[str]:
        """What was replaced. Hand it to nothing that logs."""
        return frozenset(self._made) | self._numbers

    def of(self, text: str) -> str:
        """Return the pseudonym of a text."""
        if not any(mark.isalnum() for mark in text) and text.isascii():
            return text  # punctuation alone says nothing
        if text not in self._made:
            made = self._new(text)
            self._taken.add(made)
            self._made[text] = made
        return self._made[text]

    def of_number(self, number: int | Decimal) -> int | Decimal:
        """Return another number with as many digits; two numbers may get the same one."""
        written = digits_of(number)[:_MOST_DIGITS].rstrip(".")
        self._numbers.add(written)
        stream = self._stream(f"number {written}")
        made = written
        while made == written:
            made = "".join(str(1 + next(stream) % 9) if mark.isdigit() else mark for mark in written)
        return Decimal(made) if isinstance(number, Decimal) else int(made)

    def _new(self, text: str) -> str:
        for attempt in range(_TRIES):
            # a short text has few pseudonyms: it gets a longer one before there is none left
            longer = "x" * (attempt // 16)
            made = self._draw(text[:_MOST_LETTERS], self._stream(f"{attempt} {text}"), longer)
            if self._is_free(made):
                return made
        raise RuntimeError("no pseudonym was found that is not in use")

    def _is_free(self, made: str) -> bool:
        small = made.casefold()
        return (
            made not in self._taken
            and small not in self._public
            and self._avoided.isdisjoint(part for part in tokens(small) if len(part) > 2)
        )

    def _draw(self, text: str, stream: Iterator[int], longer: str) -> str:
        if _UUID.fullmatch(text):
            return "".join("0123456789abcdef"[next(stream) % 16] if mark != "-" else mark for mark in text)
        email, url, arn = _EMAIL.fullmatch(text), _URL.fullmatch(text), _ARN.fullmatch(text)
        if email:
            return f"{self._letters(email[1] + longer, stream)}@{self._letters(email[2], stream)}.example"
        if url:
            return (
                f"{url[1]}://{self._letters('host' + longer, stream)}.example/{self._letters(url[2], stream)}"
            )
        if arn:
            return arn[1] + self._letters(arn[2] + longer, stream)
        return self._letters(text + longer, stream)

    def _letters(self, text: str, stream: Iterator[int]) -> str:
        return "".join(_other(mark, stream) for mark in text)

    def _stream(self, text: str) -> Iterator[int]:
        """Yield numbers that follow from the key and a text, without end."""
        data, block = text.encode("utf-8", "surrogatepass"), 0
        while True:
            digest = hmac.digest(self._key, block.to_bytes(4, "big") + data, hashlib.sha256)
            for at in range(0, len(digest), 2):
                yield int.from_bytes(digest[at : at + 2], "big")
            block += 1


def digits_of(number: int | Decimal) -> str:
    """Return a number without an exponent."""
    return f"{number:f}" if isinstance(number, Decimal) else str(number)


def _other(mark: str, stream: Iterator[int]) -> str:
    """Return another mark of the same class, or the mark itself where it carries no meaning."""
    if mark.isascii():
        if mark.isdigit():
            return str(next(stream) % 10)
        if mark.isalpha():
            return chr(ord("A" if mark.isupper() else "a") + next(stream) % 26)
        return mark if mark.isprintable() or mark in "\r\n\t" else "?"
    kind = unicodedata.category(mark)
    if kind[0] in "PZM":
        return mark  # punctuation, spaces, and signs that belong to the letter before
    if kind[0] not in "LN":
        return "*"
    if kind[0] == "N":
        return str(next(stream) % 10)
    for first, last, low, high in _SCRIPTS:
        if first <= ord(mark) <= last:
            return chr(low + next(stream) % (high - low + 1))
    accented = _ACCENTED[next(stream) % len(_ACCENTED)]
    return accented.upper() if mark.isupper() else accented
