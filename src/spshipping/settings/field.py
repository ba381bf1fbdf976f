"""One field of a connection: what it is called, what it may hold, and how it is written."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from spshipping.environment import PREFIX
from spshipping.secret import Secret
from spshipping.urls import url_fault

Value = str | Secret
Given = str | Secret | bool | int | float | Decimal | list[str] | tuple[str, ...] | None
"""What a file, a mapping or a page has for a field."""
FieldType = Literal["text", "url", "choice", "boolean", "number"]

TRUE, FALSE = "true", "false"
BOOLEAN_WORDS: Mapping[str, str] = MappingProxyType(
    {"yes": TRUE, "on": TRUE, "1": TRUE, "no": FALSE, "off": FALSE, "0": FALSE}
)
LIST_SEPARATOR = ","

_SPACES = "has spaces or line breaks around or in it, as a careless paste does"
_WRITTEN_AS = {"boolean": "true or false", "number": "a number"}


class Problem(NamedTuple):
    """One fault of a connection or of the settings. It never holds a value."""

    field: str
    """Where: the field's name, the unknown key, or the table (`clients.shop.client_id`)."""
    kind: Literal["missing", "unknown", "invalid", "contradiction"]
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


def no_fault(_: str) -> str | None:
    """Find nothing wrong."""
    return None


class Field(NamedTuple):
    """One field of a connection."""

    name: str
    label: str
    help: str
    type: FieldType = "text"
    is_required: bool = False
    is_sensitive: bool = False
    is_shared: bool = False
    """Whether a named client has it for all its connections."""
    default: str | None = None
    choices: tuple[str, ...] = ()
    words: Mapping[str, str] = MappingProxyType({})
    """Other words for each choice, in small letters."""
    examples: tuple[str, ...] = ()
    """Some of what it may be, where there is more than can be listed."""
    aliases: tuple[str, ...] = ()
    """What other pages call it."""
    has_variable: bool = True
    may_have_query: bool = False
    """Whether a URL may have a query."""
    is_whole: bool = False
    """Whether a number has no decimals."""
    is_list: bool = False
    """Whether it holds several texts, separated by commas."""
    fault: Callable[[str], str | None] = no_fault
    """Returns what is wrong with a value, without the value."""
    section: str = "Connection"
    """Under which heading a page shows it."""

    @property
    def variable(self) -> str | None:
        """The environment variable, if it has one."""
        return f"{PREFIX}{self.name.upper()}" if self.has_variable else None

    @property
    def offered(self) -> tuple[str, ...]:
        """All that it may be, or nothing if that is open."""
        return (TRUE, FALSE) if self.type == "boolean" else self.choices

    @property
    def other_words(self) -> Mapping[str, str]:
        """Other words for what it may be, in small letters."""
        return BOOLEAN_WORDS if self.type == "boolean" else self.words

    def choice(self, text: str) -> str:
        """Return the choice that *text* means; without choices, the text itself."""
        lowered = text.lower()
        named = (choice for choice in self.offered if choice.lower() == lowered)
        return self.other_words.get(lowered) or next(named, text)

    def check(self, text: str, *, allow_http: bool = False) -> str | None:
        """Return what is wrong with *text*, without repeating it; None if nothing is."""
        if text.strip() != text or not text.isprintable():
            return _SPACES
        if self.offered and self.choice(text) not in self.offered:
            return f"is none of {', '.join((*self.offered, *self.other_words))}"
        if self.type == "url":
            return url_fault(text, allow_http=allow_http, allow_query=self.may_have_query)
        if self.type == "number" and (number_of(text) is None or (self.is_whole and "." in text)):
            return f"is no {'whole ' * self.is_whole}number above 0, such as {300 if self.is_whole else 2.5}"
        return self.fault(text)

    def read(self, given: Given) -> Value | Problem:
        """Return what a file, a mapping or a page has for it, as text."""
        if isinstance(given, str | Secret):
            return given
        if self.type == "boolean" and isinstance(given, bool):
            return TRUE if given else FALSE
        if self.type == "number" and isinstance(given, int | float | Decimal) and not isinstance(given, bool):
            return _plain(given)
        if self.is_list and isinstance(given, list | tuple) and all(isinstance(one, str) for one in given):
            return LIST_SEPARATOR.join(given)
        kind = "text, or a list of texts" if self.is_list else _WRITTEN_AS.get(self.type, "text")
        return Problem(self.name, "invalid", f"must be {kind}")

    def written(self, text: str) -> Any:
        """Return *text* as a file has it: a boolean, a number or a list where it is one."""
        if self.check(text) is not None:
            return text
        if self.type == "boolean":
            return self.choice(text) == TRUE
        if self.type == "number":
            return int(text) if self.is_whole else number_of(text)
        return items_of(text) if self.is_list else text


def _plain(number: float | Decimal) -> str:
    """Return the digits of a number. A float is written with the digits that a person would have typed."""
    exact = Decimal(str(number))
    return f"{exact:f}" if exact.is_finite() else str(number)


def number_of(text: str) -> Decimal | None:
    """Return the number that *text* is; None if it is none above 0."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text):
        return None
    number = Decimal(text)
    return number if number > 0 else None


def items_of(text: str) -> list[str]:
    """Return the texts that *text* lists."""
    return [item.strip() for item in text.split(LIST_SEPARATOR)]


def spelling(key: str) -> str:
    """Return what is the same in all spellings of a key: case and separators do not matter."""
    return "".join(letter for letter in key.casefold() if letter.isalnum())


class Keys(Mapping[str, Field]):
    """The keys that a table may hold. They are listed in one spelling, and found in any."""

    def __init__(self, fields: Iterable[Field]) -> None:
        self._fields = {key: field for field in fields for key in (field.name, *field.aliases)}
        self._by_spelling = {spelling(key): field for key, field in self._fields.items()}

    def __getitem__(self, key: str) -> Field:
        return self._by_spelling[spelling(key)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)
