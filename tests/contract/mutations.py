"""Breaks well-formed answers at random, as parsed JSON and as bytes; the same chance breaks them alike."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

NUMBERS: tuple[Any, ...] = (
    *(0, -1, 7, 2**31, 2**53 + 1, 10**60, -(10**400), 1650163712052, 253402300800, -62135596801),
    *(
        Decimal("0.0"),
        Decimal("-0.0"),
        Decimal("2.00000"),
        Decimal("1e-30"),
        Decimal("1e400"),
        Decimal("1E5"),
    ),
    *(Decimal("0.1234567890123456789"), Decimal("1e999999999"), Decimal("-1e-999999999"), Decimal("12.5")),
)
WORDS: tuple[str, ...] = (
    *("", " ", "null", "None", "true", "False", "TRUE", "no", "BRAND_NEW_VALUE", "<**-redacted-**>", "--"),
    *("\ud800", "half \udfff of a pair", "\x00", "\u202e", "\ufeff", "é" * 50, "\U0001f4e6", "a" * 5000),
    *("12.5", " 7 ", "1_000", "0x1F", "1e400", "1.6932672E9", "NaN", "-Infinity", "٣", "9" * 4500, "1e-7"),
)
DATES: tuple[str, ...] = (
    *("2019-08-09T19:56:45.632", "2026-02-30T00:00:00Z", "0000-00-00", "9999-12-31T23:59:59-12:00"),
    *("0001-01-01T00:00:00+14:00", "2026-03-01", "2026-W10-7", "20260301T120000Z", "2026-03-01 12:00:00Z"),
    *("2026-03-01T24:00:00Z", "2026-03-01T12:00:60Z", "2026-03-01T12:00:00.123456789Z", "1650163712052"),
    *(
        "2020-01-01T00:00:00Z--",
        "2020-01-01T00:00:00--2021-01-01T00:00:00",
        "12/31/2026",
        "2026-03-01T12:00Z",
    ),
)
EMPTY: tuple[Any, ...] = ("", [], {}, [None], [[]], [{}], {"": None})
FIELDS = ("", "x-new", "_extra", "__class__", "self", "payload", "errors", "\ud83d", "receivedAt", "a.b[0]")
DEEP, BOTTOMLESS = 40, 100_000
"""Nesting that any walk can follow, and nesting that no parser can."""


class Raw(NamedTuple):
    """JSON text that stands where a value belongs."""

    text: str


class Spot(NamedTuple):
    """One value, by what holds it."""

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        self.holder[self.key] = copy.deepcopy(value)


def spots(data: Any) -> Iterator[Spot]:
    """Yield every value inside *data*, outer ones first."""
    waiting = [data]
    for holder in waiting:
        pairs: Any = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, value in pairs:
            yield Spot(holder, key)
            if isinstance(value, dict | list):
                waiting.append(value)


def written(value: Any, *, is_ascii: bool = True) -> str:
    """Write JSON that the package itself would refuse to write, too."""
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        pairs = (
            f"{json.dumps(key, ensure_ascii=is_ascii)}:{written(item, is_ascii=is_ascii)}"
            for key, item in value.items()
        )
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(written(item, is_ascii=is_ascii) for item in value)}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=is_ascii)


def nested(chance: Random) -> Raw:
    """Return lists or objects in one another; now and then too many for any parser."""
    depth = chance.choice((3, DEEP, DEEP, BOTTOMLESS)) if chance.random() < 0.1 else DEEP
    opening, closing = chance.choice((("[", "]"), ('{"a":', "}")))
    return Raw(opening * depth + chance.choice(("1", "null", '""')) + closing * depth)


def anything(chance: Random) -> Any:
    """Return any JSON value, mostly one that belongs nowhere; a copy, since later changes write into it."""
    return copy.deepcopy(chance.choice(chance.choice(((None, True, False), NUMBERS, WORDS, DATES, EMPTY))))


def _drop(spot: Spot, chance: Random) -> None:
    del spot.holder[spot.key]


def _null(spot: Spot, chance: Random) -> None:
    spot.put(None)


def _wrong(spot: Spot, chance: Random) -> None:
    spot.put(anything(chance))


def _retype(spot: Spot, chance: Random) -> None:
    """Turn a number into text, text into a number, a bool into either."""
    value = spot.value
    if isinstance(value, bool):
        spot.put(chance.choice((str(value), str(value).lower(), int(value))))
    elif isinstance(value, int | Decimal):
        spot.put(chance.choice((str(value), f" {value} ", Decimal(value))))
    else:
        spot.put(chance.choice(NUMBERS))


def _odd_text(spot: Spot, chance: Random) -> None:
    spot.put(chance.choice(WORDS))


def _odd_number(spot: Spot, chance: Random) -> None:
    spot.put(chance.choice(NUMBERS))


def _odd_date(spot: Spot, chance: Random) -> None:
    spot.put(chance.choice(DATES))


def _empty(spot: Spot, chance: Random) -> None:
    spot.put(chance.choice(EMPTY))


def _nest(spot: Spot, chance: Random) -> None:
    spot.put(nested(chance))


def _reshape(spot: Spot, chance: Random) -> None:
    """Turn a list into an object, an object into a list, or wrap what is neither."""
    value = spot.value
    if isinstance(value, list):
        spot.put(
            {str(index): item for index, item in enumerate(value)} if chance.random() < 0.7 else value[:1]
        )
    elif isinstance(value, dict):
        spot.put(chance.choice((list(value.values()), [value], [value, value])))
    else:
        spot.put(chance.choice(([value], {"value": value})))


def _duplicate(spot: Spot, chance: Random) -> None:
    """Repeat a member of a list, or keep an object's member under another name."""
    if isinstance(spot.holder, list):
        for _ in range(chance.randint(1, 3)):
            spot.holder.insert(chance.randint(0, len(spot.holder)), copy.deepcopy(spot.value))
    else:
        spot.holder[chance.choice((spot.key.upper(), spot.key.capitalize(), f"{spot.key}_"))] = copy.deepcopy(
            spot.value
        )


def _rename(spot: Spot, chance: Random) -> None:
    if isinstance(spot.holder, dict):
        spot.holder[chance.choice((spot.key.upper(), f"{spot.key} "))] = spot.holder.pop(spot.key)


def _add(spot: Spot, chance: Random) -> None:
    """Add a field that nobody knows."""
    if isinstance(spot.holder, dict):
        spot.holder.setdefault(chance.choice(FIELDS), anything(chance))


_CHANGES: tuple[Callable[[Spot, Random], None], ...] = (
    *(_drop, _null, _wrong, _retype, _odd_text, _odd_number, _odd_date, _empty),
    *(_reshape, _duplicate, _rename, _add, _nest),
)


def _swap(first: Spot, second: Spot) -> None:
    held = copy.deepcopy(first.value)
    first.put(second.value)
    second.put(held)


def broken_tree(chance: Random, answer: Any) -> Any:
    """Return *answer* broken at one to five places; it may end as anything, and *answer* is used up."""
    root = [answer]
    for _ in range(chance.randint(1, 5)):
        found = list(spots(root))
        spot = chance.choice(found)
        if spot.holder is root and len(found) > 1 and chance.random() < 0.95:
            spot = chance.choice(found[1:])
        if chance.random() < 0.08:
            other = chance.choice(found)
            held = copy.deepcopy(other.value)
            _swap(spot, other) if spot.holder is other.holder else spot.put(held)
        else:
            chance.choice(_CHANGES)(spot, chance)
        if not root or len(found) > 3000:
            break
    return root[0] if root else None


def encoded(chance: Random, tree: Any) -> bytes:
    """Write *tree* with escapes, or in plain UTF-8, which half of a surrogate pair makes invalid."""
    return written(tree, is_ascii=chance.random() < 0.7).encode("utf-8", "surrogatepass")


def _at(chance: Random, body: bytes) -> int:
    return chance.randint(0, len(body))


def _flip(chance: Random, body: bytes) -> bytes:
    changed = bytearray(body)
    if changed:
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut(chance: Random, body: bytes) -> bytes:
    return body[: _at(chance, body)]


def _insert(chance: Random, body: bytes) -> bytes:
    at = _at(chance, body)
    added = chance.choice(
        (chance.randbytes(3), b"\x00", b'"', b",", b"]", b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud8")
    )
    return body[:at] + added + body[at:]


def _remove(chance: Random, body: bytes) -> bytes:
    at = _at(chance, body)
    return body[:at] + body[at + chance.randint(1, 20) :]


def _repeat(chance: Random, body: bytes) -> bytes:
    start = _at(chance, body)
    part = body[start : start + chance.randint(1, 60)]
    at = chance.choice((start, _at(chance, body)))
    return body[:at] + part + body[at:]


def _recode(chance: Random, body: bytes) -> bytes:
    """Put byte order marks before it, or write it in another encoding."""
    text = body.decode("utf-8", "replace")
    ways = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp037")
    way = chance.choice((*ways, "twice"))
    return b"\xef\xbb\xbf" * 2 + body if way == "twice" else text.encode(way, "replace")


def _constant(chance: Random, body: bytes) -> bytes:
    """Put something that is no JSON, or too much of it, where a value stands."""
    values = [match.end() for match in re.finditer(rb"[:\[,]", body)] or [0]
    at = chance.choice(values)
    constants = (
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"1" * 5000,
        b"-" + b"9" * 5000,
        b"1e99999999999999999999",
    )
    odd = (*constants, b"[" * BOTTOMLESS, b'{"a":' * BOTTOMLESS, b"1." + b"0" * 5000, b"0" * 9, b"undefined")
    rest = re.sub(rb"^[^,}\]]*", b"", body[at:]) if chance.random() < 0.7 else body[at:]
    return body[:at] + chance.choice(odd) + rest


def _trail(chance: Random, body: bytes) -> bytes:
    return body + chance.choice((b"\n", b" \t\r\n", b"}", b"null", b"<html>", b"\x00", b"\xff", body[:50]))


def _replace(chance: Random, body: bytes) -> bytes:
    return chance.choice(
        (b"", b" ", b"null", b"[]", b"{}", b'""', b"0", b"true", b"<html><h1>502</h1></html>", b"\xff")
    )


def _double_key(chance: Random, body: bytes) -> bytes:
    """Say the first field twice: the last one counts."""
    key = re.search(rb'"[A-Za-z]+":', body)
    return body[: key.start()] + key.group() + b"null," + body[key.start() :] if key else body


_BLOWS: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(_flip, _flip, _cut, _insert, _insert, _remove, _repeat, _repeat),
    *(_recode, _constant, _trail, _replace, _double_key, _double_key),
)


def broken_bytes(chance: Random, body: bytes) -> bytes:
    """Return *body* with one to five blows."""
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        body = chance.choice(_BLOWS)(chance, body)
    return body
