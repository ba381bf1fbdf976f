"""Mapping tables as plain data: read with every fault named by its table and key, and written back."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.errors import ConfigurationError, printable
from spshipping.settings.field import Problem
from spshipping.settings.fields import nearest
from spshipping.vendor.tools.mappings.table import StatusTable, StatusVocabulary, Table
from spshipping.vendor.tools.mappings.tables import KINDS, TableKind

CURRENCY = "currency"
DEFAULT, VOCABULARY = "default", "vocabulary"
_CURRENCY_LETTERS = 3
_MOST_PERCENT = 100
_RATE = re.compile(r"\d{1,3}(\.\d+)?", re.ASCII)
"""Decimal takes `8_25` for 825."""
_MOST_SHOWN = 20

AnyTable = Table[str] | Table[Decimal]


class Read(NamedTuple):
    """What plain data says."""

    currency: str
    tables: dict[str, AnyTable]


def read(data: object, source: str) -> Read:
    """Read plain data.

    Raises:
        ConfigurationError: something in it is missing or wrong; it names every table and key.
    """
    problems: list[Problem] = []
    if not isinstance(data, Mapping):
        raise ConfigurationError(f"{source}: must be a table of tables")
    names = [CURRENCY, *(kind.name for kind in KINDS)]
    for key in data:
        if key not in names:
            like = nearest(str(key), names)
            hint = f": is {like} meant?" if like else f"; known are {', '.join(names)}"
            problems.append(Problem(str(key), "unknown", f"is no table of these{hint}"))
    currency = _currency(data.get(CURRENCY), problems)
    tables: dict[str, AnyTable] = {}
    for kind in KINDS:
        table = _table(kind, data.get(kind.name), problems)
        if table is not None:
            tables[kind.name] = table
    if problems:
        shown = "; ".join(map(str, problems[:_MOST_SHOWN]))
        more = f"; and {len(problems) - _MOST_SHOWN} more" if len(problems) > _MOST_SHOWN else ""
        raise ConfigurationError(printable(f"{source}: {shown}{more}"))
    return Read(currency, tables)


def _currency(given: object, problems: list[Problem]) -> str:
    if given is None:
        problems.append(Problem(CURRENCY, "missing", "is missing: the shop's own, such as EUR"))
    elif (
        not isinstance(given, str)
        or len(given) != _CURRENCY_LETTERS
        or not (given.isascii() and given.isalpha() and given.isupper())
    ):
        problems.append(Problem(CURRENCY, "invalid", "must be three capital letters, such as EUR"))
    return str(given)


def _table(kind: TableKind, given: object, problems: list[Problem]) -> AnyTable | None:
    if given is None:
        if kind.is_required:
            problems.append(Problem(kind.name, "missing", "is missing: a table with a default, and rules"))
        return None
    if not isinstance(given, Mapping):
        problems.append(Problem(kind.name, "invalid", "must be a table"))
        return None
    before = len(problems)
    vocabulary = _vocabulary(kind, given, problems)
    reserved = (DEFAULT, VOCABULARY) if kind.vocabularies else (DEFAULT,)
    if DEFAULT not in given:
        like = nearest(DEFAULT, map(str, given), 0.8)
        hint = f": is {like} meant to be it?" if like else ""
        problems.append(Problem(f"{kind.name}.{DEFAULT}", "missing", f"is missing{hint}"))
    values = {
        key: _value(kind, str(key), value, problems) for key, value in given.items() if key != VOCABULARY
    }
    if len(problems) > before:
        return None
    rules = {key: value for key, value in values.items() if key not in reserved}
    if kind.is_percent:
        return Table[Decimal](default=values[DEFAULT], rules=rules)
    if vocabulary is not None:
        return StatusTable(vocabulary=vocabulary, default=values[DEFAULT], rules=rules)
    return Table[str](default=values[DEFAULT], rules=rules)


def _vocabulary(
    kind: TableKind, given: Mapping[Any, Any], problems: list[Problem]
) -> StatusVocabulary | None:
    """Return which words a status table maps; None for other tables, which have none."""
    path = f"{kind.name}.{VOCABULARY}"
    if not kind.vocabularies:
        if VOCABULARY in given:
            problems.append(Problem(path, "unknown", "is for order_status and line_status only"))
        return None
    known = {each.value: each for each in kind.vocabularies}
    found = given.get(VOCABULARY)
    if found not in known:
        message = f"must be one of {', '.join(known)}"
        problems.append(Problem(path, "missing" if found is None else "invalid", message))
        return None
    return known[found]


def _value(kind: TableKind, key: str, value: object, problems: list[Problem]) -> Any:
    path = f"{kind.name}.{key}"
    if not kind.is_percent:
        if not isinstance(value, str) or not value.strip():
            problems.append(Problem(path, "invalid", "must be text that is not empty"))
        return value
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if is_number or (isinstance(value, str) and _RATE.fullmatch(value.strip())):
        rate = Decimal(value)  # type: ignore[arg-type]
        if rate.is_finite() and 0 <= rate <= _MOST_PERCENT:
            return rate
    problems.append(Problem(path, "invalid", "must be a percentage from 0 to 100, such as 8.25"))
    return value


def written(currency: str, tables: Iterator[tuple[str, AnyTable]]) -> dict[str, Any]:
    """Return tables as plain data, which `read` reads."""
    data: dict[str, Any] = {CURRENCY: currency}
    for name, table in tables:
        head: dict[str, Any] = {}
        if isinstance(table, StatusTable):
            head[VOCABULARY] = table.vocabulary.value
        data[name] = {**head, DEFAULT: table.default, **table.rules}
    return data
