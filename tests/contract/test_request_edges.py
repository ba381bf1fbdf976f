"""Requests with anything at all in their fields: each is written, or refused with the place of the fault."""

import copy
import json
import os
import pickle
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from spshipping.errors import InvalidRequestError
from spshipping.secret import Secret
from spshipping.shipping import Address, EventCode
from spshipping.wire.check import problems
from spshipping.wire.convert import dumps, encode_request, from_dict
from spshipping.wire.model import Model, set_extra
from spshipping.wire.shapes import Shape, fields_of
from spshipping.wire.times import DateTimeInterval
from tests.contract.drawn import drawn
from tests.contract.facts import operations
from tests.contract.reading import leads_somewhere
from tests.unit.wire.samples import FULL, Parcel, Unit

CASES = 5_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 500
BASES = 100
REQUESTS: tuple[Any, ...] = (*dict.fromkeys(o.body for o in operations() if o.body), Parcel)
"""Every class that is sent, and one with a field of every kind."""
MARK = "Jane Roe, 1 High Street"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAIVE = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the point


class _Word(str):
    __slots__ = ()


class _Whole(int):
    __slots__ = ()


class _Mapping(dict[str, Any]):
    __slots__ = ()


class _Row(list[Any]):
    __slots__ = ()


class _Place(Address):
    __slots__ = ()


class _Vague(tzinfo):
    """A time zone that does not say its offset."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return None

    def dst(self, at: datetime | None) -> timedelta | None:
        return None

    def tzname(self, at: datetime | None) -> str | None:
        return None


class _Broken(_Vague):
    """A time zone that cannot say its offset."""

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        raise LookupError(MARK)


def _nested(depth: int) -> Any:
    inner: Any = {}
    for _ in range(depth):
        inner = {"in": inner}
    return inner


def _circle() -> dict[str, Any]:
    circle: dict[str, Any] = {}
    circle["self"] = circle
    return circle


def full(**changes: Any) -> Parcel:
    parcel = from_dict(copy.deepcopy(FULL), Parcel)
    for name, value in changes.items():
        setattr(parcel, name, value)
    return parcel


NUMBERS: tuple[Any, ...] = (
    *(0, -1, 2**31, 10**60, 10**5000, True, False, _Whole(3), 1.5, float("nan"), float("inf"), 1j),
    *(Decimal(1), Decimal("1e400"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("-0.0")),
    *(Decimal("0.1234567890123456789"), Decimal("1E5"), Decimal("1e-300"), Decimal(10**39)),
)
TEXTS: tuple[Any, ...] = (
    *(
        "",
        "x",
        MARK,
        "a" * 5000,
        "\ud800",
        f"{MARK}\udfff",
        "\x00",
        "null",
        "UN1234",
        "UN1234\n",
        _Word(MARK),
    ),
    *(b"bytes", bytearray(b"x"), Secret(MARK), Path(MARK), UUID(int=1), EventCode.DELIVERED, Unit(MARK)),
    Unit("\udc00"),
)
TIMES: tuple[Any, ...] = (
    *(NOON, NAIVE, NOON.date(), NOON.timetz(), time(12), timedelta(1), UTC),
    *(datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))), datetime.min.replace(tzinfo=UTC)),
    *(NAIVE.replace(tzinfo=_Vague()), NAIVE.replace(tzinfo=_Broken()), date.min),
    *(DateTimeInterval(NOON, NOON), DateTimeInterval(NOON, NAIVE), (NOON, NOON)),
    *(DateTimeInterval(MARK, 2), DateTimeInterval(NAIVE.replace(tzinfo=_Broken()), NOON)),  # type: ignore[arg-type]  # the point
)
HOLDERS: tuple[Any, ...] = (
    *([], [None], [MARK], [[]], [{}], [1, "two"], (), (MARK,), {MARK}, range(2), _Row([MARK]), iter(())),
    *({}, {"key": None}, {1: 2}, {(MARK,): 1}, {None: 1}, {"\ud800": 1}, {"key": object()}, {"key": NAIVE}),
    *({"key": "\ud800"}, {"key": {MARK}}, _Mapping(key=1), _nested(50), _nested(100_000), _circle()),
    *({"key": Decimal("1e400")}, {"key": 1.5}, {"key": float("nan")}, {"key": Unit("x")}, {_Word("a"): 1}),
)
OBJECTS: tuple[Any, ...] = (
    *(None, object(), Ellipsis, NotImplemented, len, Address, from_dict({"name": MARK}, Address)),
    *(
        from_dict({"name": MARK, "city": 5}, Address),
        from_dict(FULL, Parcel),
        from_dict({"name": MARK}, _Place),
    ),
)
KINDS = (NUMBERS, TEXTS, TIMES, HOLDERS, OBJECTS)


class Slot(NamedTuple):
    """A field of a model, a member of a list, or a value of a map."""

    holder: Any
    key: Any

    def put(self, value: Any) -> None:
        if isinstance(self.holder, Model):
            setattr(self.holder, self.key, value)
        else:
            self.holder[self.key] = value


def _within(value: Any, shape: Shape) -> Iterator[Slot]:
    if isinstance(value, Model):
        yield from slots(value)
    elif shape.item is not None and type(value) in (list, dict):
        for key, item in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield Slot(value, key)
            yield from _within(item, shape.item)


def slots(model: Model) -> Iterator[Slot]:
    """Yield every place of a request that somebody could put a value into."""
    for field in fields_of(type(model)):
        yield Slot(model, field.name)
        yield from _within(getattr(model, field.name, None), field.shape)


def spoilt(chance: Random, request: Any) -> Any:
    """Return a copy of *request* with up to four odd values in it."""
    request = copy.deepcopy(request)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4))):
        found = list(slots(request))
        slot, value = chance.choice(found), chance.choice(chance.choice(KINDS))
        if chance.random() < 0.1:
            holder = slot.holder if isinstance(slot.holder, Model) else request
            set_extra(holder, {chance.choice(("xNew", "a.b[0]", "\ud83d", "", MARK[:4])): value})
        else:
            # a copy: what is put in one case must not be changed by another
            own = copy.deepcopy if isinstance(value, Model | list) else copy.copy
            slot.put(own(value) if isinstance(value, Model | list | dict) else value)
    return request


def refusal(write: Any, request: Any) -> InvalidRequestError | None:
    """Write a request; return what it is refused with."""
    try:
        body = write(request)
    except InvalidRequestError as error:
        return error
    assert isinstance(json.loads(body.decode("utf-8")), dict)
    return None


def check(request: Any) -> None:
    """Assert that writer and checker agree about a request, and that a fault is named, no value shown."""
    faults = list(problems(request))
    refused = refusal(encode_request, request)
    assert bool(faults) is (refused is not None), faults
    for path, text in faults:
        assert leads_somewhere(request, path)
        assert MARK not in text
    if refused:
        assert refused.path == faults[0][0]
        assert MARK not in str(refused)
        assert str(pickle.loads(pickle.dumps(refused))) == str(refused)
        assert (refused.__cause__, refused.__context__) == (None, None)
    loose = refusal(dumps, request)
    assert loose is None or leads_somewhere(request, loose.path or "")
    assert refused or loose is None


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("cls", REQUESTS)
def test_any_request_is_written_or_refused_with_the_place_of_the_fault(cls: Any) -> None:
    bases = drawn(cls, BASES)
    for number in range(CASES):
        chance = Random(f"{cls.__name__} {number}")
        try:
            check(spoilt(chance, chance.choice(bases)))
        except BaseException as error:
            error.add_note(f"{cls.__name__}, case {number}")
            raise


@pytest.mark.parametrize("value", [value for kind in KINDS for value in kind], ids=lambda v: type(v).__name__)
def test_a_value_of_any_kind_in_any_field_is_written_or_refused_by_its_path(value: Any) -> None:
    for field in fields_of(Parcel):
        check(full(**{field.name: value}))
        if field.shape.kind in ("list", "map"):
            check(full(**{field.name: [value] if field.shape.kind == "list" else {"key": value}}))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"owner": "A\ud800"}, "owner: holds half of a surrogate pair"),
        ({"units": [Unit("\udc00")]}, "units[0]: holds half of a surrogate pair"),
        ({"supported_dpis": [10**5000]}, "supported_dpis[0]: cannot be written as JSON"),
        ({"schema": _circle()}, "schema: cannot be written as JSON"),
        ({"by_day": {1: full().weight}}, "by_day: has a key that is no text"),
        ({"by_day": {"\ud800": full().weight}}, "by_day: has a key that is no text"),
        ({"window": DateTimeInterval(MARK, NOON)}, "window: cannot be written (AttributeError)"),  # type: ignore[arg-type]  # the point
        ({"at": NAIVE.replace(tzinfo=_Broken())}, "at: cannot be written (LookupError)"),
        ({"at": NAIVE.replace(tzinfo=_Vague())}, "at: is a naive datetime"),
    ],
)
def test_what_only_the_last_step_of_writing_finds_is_named_too(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(full(**changes))
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [("xNew", "\ud800", "xNew"), ("xNew", {1, 2}, "xNew"), ("x\ud800", 1, "x\\ud800")],
)
def test_a_field_that_was_put_beside_is_named_where_it_cannot_be_written(
    name: str, value: Any, path: str
) -> None:
    parcel = full()
    set_extra(parcel, {"fine": 1, name: value})
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(parcel)
    assert caught.value.path == path
    set_extra(parcel, {})
    set_extra(parcel.weight, {name: value})
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(parcel)
    assert caught.value.path == f"weight.{path}"
