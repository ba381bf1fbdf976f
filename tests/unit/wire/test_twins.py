"""Answers that are read straight from their bytes: as they are otherwise, or not at all."""

import gc
import threading
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

import pytest

from spshipping import DecodeError, dumps, extra, has, loads
from spshipping.operation import Effect, Operation, Quota
from spshipping.transport.decode import Decoded
from spshipping.transport.http import HttpResponse
from spshipping.wire import convert
from spshipping.wire.convert import _readers as readers
from spshipping.wire.convert import at_once, structure
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import AS_TEXT
from spshipping.wire.model import Model, camel
from spshipping.wire.numbers import _LONGEST_AMOUNT, _MOST_AMOUNTS, AMOUNTS
from spshipping.wire.readers import Readers, Ready
from spshipping.wire.text import parse, render
from spshipping.wire.twins import Twins
from tests.at_once import decoded, digits, expect, msgspec
from tests.contract.mutations import written
from tests.unit.wire.samples import FULL, Order, Parcel, Unit, Weight

module = pytest.importorskip("msgspec")


VALUES: tuple[Any, ...] = ("1.5", True, None, [], "NaN")
UNITS: tuple[Any, ...] = (7, None, ["GRAM"])
CLOCKS = (
    *("23:59:59.9999999Z", "12:00:00.0000005Z", "12:00:00.1234567890Z", "12:00Z", "12Z", "12:00:00+02:00"),
    *("12:00:00-00:00", "12:00:00+0200", "12:00:00+14:00", "12:00:00-23:59", "12:00:00,5Z", "12:00:00.5Z"),
    "12:00:00+02:00:30",
)


def each(name: str, *values: Any) -> list[dict[str, Any]]:
    """Return a change of the parcel for each value."""
    return [{name: value} for value in values]


BROKEN: tuple[dict[str, Any], ...] = (
    *each("price", "NaN", "Infinity", "-inf", "sNaN", "1_0", "", "twelve", 12, 12.5, True),
    *each("at", "2026-01-31T12:00:00", "2026-01-31", "", "soon", 1769860800, True),
    *each("at", "2026-02-30T12:00:00Z", "2026-01-31T12:00:60Z"),
    *each("day", "2026-01-31T12:00:00Z", "31.01.2026", 7),
    *each("window", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00--2026-02-01T12:00:00Z", 7),
    *each("count", "3", 3.0, 1e2, True, [3]),
    *each("isHazmat", "true", 1, 0, ""),
    *each("owner", 7, True, None, ..., ["Ada"], {"name": "Ada"}),
    *each("weight", *({"value": value, "unit": "GRAM"} for value in VALUES)),
    *each("weight", *({"value": 1, "unit": unit} for unit in UNITS)),
    *each("weight", None, [], "heavy", ...),
    *each("supportedDPIs", None, ..., 203, "203", ["203"], [203.0], [None], {"0": 203}),
    *each("parts", {}, [None], [[]], [{}], ""),
    *each("words", [1], [None], "ab"),
    *each("byDay", [], {"MONDAY": None}, {"MONDAY": {"value": "1", "unit": "GRAM"}}),
    *each("schema", [], "object"),
)
"""What is not what the model promises."""
SOUND: tuple[dict[str, Any], ...] = (
    *each("at", *(f"2026-01-31T{clock}" for clock in CLOCKS), "2026-01-31 12:00:00Z"),
    *each("at", "20260131T120000Z", "2026-W05-6T12:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00Z"),
    *each("price", " 1.1 ", "1.10", "-0.0", "1e400", "٣", "+7", "0" * 50 + "1", "1E+2", ".5"),
    *each("count", 0, -7, 2**63, 2**64, -(2**64), 10**60),
    *each("anything", 2**64, "NaN", [Decimal("1.10"), None], {"a": {"b": []}}, False, "", {}, None),
    *(
        each(name, None)[0]
        for name in ("isHazmat", "price", "at", "day", "window", "parts", "byDay", "schema")
    ),
    *each("words", []),
    *each("byType", {"": []}),
    *each("owner", "é漢😀\x00\x7f"),
    *each("units", ["", "GRAM", "gram"]),
)
"""What is as promised, in forms that are seldom seen."""


@pytest.fixture(autouse=True)
def _on(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use msgspec, and readers of which nothing is known yet."""
    ready: Ready = {False: {}, True: {}}
    readers = Readers(ready)
    monkeypatch.setattr(convert, "_ready", ready)
    monkeypatch.setattr(convert, "_readers", lambda: readers)
    monkeypatch.setattr(convert, "_refused", set())
    with msgspec(is_on=True):
        yield


def body(**changes: Any) -> bytes:
    """Return the full parcel as JSON, some members changed, by their wire names; `...` leaves one out."""
    return written({key: value for key, value in {**FULL, **changes}.items() if value is not ...}).encode()


def read(data: bytes, cls: Any = Parcel, *, is_enveloped: bool = False) -> Any:
    """Read a class at once, as its second answer."""
    at_once(data, cls, is_enveloped=is_enveloped)
    return at_once(data, cls, is_enveloped=is_enveloped)


def otherwise(data: bytes, cls: Any = Parcel) -> Any:
    """Read it from parsed JSON."""
    value, deviations = structure(parse(data), cls)
    assert deviations == ()
    return value


def test_an_answer_of_every_kind_is_read_as_it_is_otherwise() -> None:
    found = read(body())
    assert digits(found) == digits(otherwise(body()))
    assert found.weight.unit is Unit.GRAM
    assert (found.parts[0].unit, found.parts[0].unit.is_known) == ("STONE", False)
    assert found.received_at is None
    assert dumps(found) == dumps(otherwise(body()))


def test_the_first_answer_of_a_kind_is_read_otherwise() -> None:
    assert at_once(body(), Parcel) is None
    assert at_once(body(), Parcel) is not None
    envelope = b'{"payload":%b}' % body()
    assert at_once(envelope, Parcel, is_enveloped=True) is None
    assert digits(at_once(envelope, Parcel, is_enveloped=True)) == digits(otherwise(body()))


@pytest.mark.parametrize("type_", [dict, list[Parcel], type(None), bytes, str])
def test_what_is_no_model_is_read_otherwise(type_: Any) -> None:
    assert read(b"[]", type_) is None


@pytest.mark.parametrize("changes", BROKEN, ids=lambda changes: str(changes)[:40])
def test_what_needs_a_repair_is_left_to_the_careful_way(changes: dict[str, Any]) -> None:
    data = body(**changes)
    assert read(data) is None
    with msgspec(is_on=False):
        expected = loads(data, Parcel)
    assert digits(loads(data, Parcel)) == digits(expected)


@pytest.mark.parametrize("changes", SOUND, ids=lambda changes: str(changes)[:40])
def test_odd_but_sound_values_are_read_as_they_are_otherwise(changes: dict[str, Any]) -> None:
    data = body(**changes)
    assert digits(read(data)) == digits(otherwise(data))


def test_numbers_with_a_fraction_are_read_digit_by_digit() -> None:
    for number in (
        "1.10",
        "-0.0",
        "1e400",
        "1E5",
        "12345678901234567",
        "0.1234567890123456789",
        "9" * 40,
        "255",
        "256",
    ):
        data = b'{"value":%b,"unit":"GRAM"}' % number.encode()
        assert digits(read(data, Weight)) == digits(otherwise(data, Weight))


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b" ",
            b"null",
            b"[]",
            b"{}",
            b"7",
            b'"text"',
            b"<html>",
            body()[:-1],
            body() + b"x",
            b"\xef\xbb\xbf" + body(),
        ),
        body().replace(b"Ada", rb"\ud83d"),
        body().replace(b"Ada", b"\xff"),
        body().replace(b"Ada", b"A\nda"),
        body().replace(b'"count":3', b'"count":NaN'),
        body().replace(b'"count":3', b'"count":"3","count":3'),
        body(anything=...).replace(b"}", b',"anything":' + b"[" * 300 + b"]" * 300 + b"}", 1),
    ],
    ids=lambda data: str(data[:20]),
)
def test_what_is_no_sound_json_or_not_this_is_left_to_the_other_way(data: bytes) -> None:
    assert read(data) is None


def test_the_last_of_two_fields_of_a_name_counts() -> None:
    data = body().replace(b'"count":3', b'"count":3,"isHazmat":null,"count":4')
    assert digits(read(data)) == digits(otherwise(data))
    assert (read(data).count, read(data).is_hazmat) == (4, None)


def test_an_unknown_field_is_learned_and_null_is_not_absent() -> None:
    assert read(body(newField=7)) is None
    first = loads(body(newField=7, other=None), Parcel)
    assert extra(first) == {"newField": 7, "other": None}
    for fields in (
        {"newField": {"a": 1}},
        {"newField": None},
        {"other": [1.50]},
        {},
        {"other": 1, "newField": 2},
    ):
        found = at_once(body(**fields), Parcel)
        assert digits(found) == digits(otherwise(body(**fields)))
        assert extra(found) == fields
        assert parse(dumps(found)) == parse(dumps(otherwise(body(**fields))))
        assert has(found, "owner")


def test_unknown_fields_are_learned_wherever_they_are() -> None:
    new = {"value": 1, "unit": "GRAM", "tare": 1}
    data = body(weight=new, parts=[new], byDay={"MONDAY": new}, byType={"LOCKER": [new, {**new, "x-new": 1}]})
    read(data)
    loads(data, Parcel)
    assert digits(at_once(data, Parcel)) == digits(otherwise(data))
    assert (
        extra(at_once(b'{"payload":%b}' % data, Parcel, is_enveloped=True) or Order(amazon_order_id="")) == {}
    )
    envelope = b'{"payload":%b}' % data
    assert digits(at_once(envelope, Parcel, is_enveloped=True)) == digits(otherwise(data))


def test_an_unknown_field_that_is_nested_too_deeply_is_left_to_the_other_way() -> None:
    read(body(newField=7))
    loads(body(newField=7), Parcel)
    assert at_once(body(newField=[7]), Parcel) is not None
    deep = body(newField=7).replace(b'"newField":7', b'"newField":' + b"[" * 200 + b"]" * 200)
    assert at_once(deep, Parcel) is None
    shallow = deep.replace(b"[" * 200 + b"]" * 200, b"[" * 199 + b"]" * 199)
    assert digits(at_once(shallow, Parcel)) == digits(otherwise(shallow))


@pytest.mark.parametrize(
    "name", ["errors", "", "_extra", 'a"b', "a b", "é", "\ud83d", "9", "x" * 101, "a\\b", "a\n"]
)
def test_some_names_are_never_learned(name: str) -> None:
    data = written({**FULL, name: [1]}).encode()
    read(data)
    for _ in range(2):
        assert extra(loads(data, Parcel)) == {name: [1]}
    assert at_once(data, Parcel) is None
    assert at_once(body(), Parcel) is not None


def test_a_class_learns_so_many_names_and_no_more() -> None:
    read(body())
    for number in range(3):
        loads(body(**{f"new{number}_{each}": 1 for each in range(7)}), Parcel)
    assert at_once(body(new2_1=1), Parcel) is not None, "the sixteenth"
    assert at_once(body(new2_2=1), Parcel) is None
    assert extra(loads(body(new2_2=1), Parcel)) == {"new2_2": 1}


@pytest.mark.parametrize(("before", "is_learned"), [(19, True), (20, False)])
def test_what_is_never_learned_is_looked_for_so_often_and_no_more(before: int, is_learned: bool) -> None:
    read(body())
    for _ in range(before):
        loads(written({**FULL, "": 1}).encode(), Parcel)
    loads(body(newField=7), Parcel)
    assert (at_once(body(newField=7), Parcel) is not None) is is_learned


class Nothing(OpenEnum):
    """An enum that lists nothing, of which msgspec makes no type."""


@camel
class Odd(Model):
    """A class that has no twin."""

    nothing: Nothing | None = None


@camel
class Answer(Model):
    """A class with a field that the transport looks for."""

    name: str | None = None
    errors: list[str] | None = None


@camel
class Shelf(Model):
    """A class that holds others which hold others, and counts them when it was read."""

    first: Parcel
    last: Parcel | None = None
    others: list[Parcel] | None = None
    by_name: dict[str, list[Parcel]] | None = None
    amounts: dict[str, Annotated[Decimal, AS_TEXT]] | None = None
    count: int | None = None

    def __decoded__(self) -> None:
        """Count."""
        self.count = 1 + len(self.others or ())


def test_models_in_models_are_read_as_they_are_otherwise() -> None:
    parcel = body().decode()
    full = (
        f'{{"first":{parcel},"last":{parcel},"others":[{parcel},{parcel}],"byName":{{"a":[],"b":[{parcel}]}},'
        f'"amounts":{{"x":"1.50"}}}}'
    )
    for data in (full.encode(), f'{{"others":null,"first":{parcel}}}'.encode()):
        assert digits(read(data, Shelf)) == digits(otherwise(data, Shelf))
    assert read(full.encode(), Shelf).count == 3
    data = f'{{"first":{parcel},"new":1}}'.encode()
    assert read(data, Shelf) is None
    loads(data, Shelf)
    assert digits(at_once(data, Shelf)) == digits(otherwise(data, Shelf))


def test_what_reads_an_answer_is_loaded_with_it() -> None:
    assert isinstance(readers(), Readers)
    assert readers() is readers()


def test_a_class_without_a_twin_is_read_otherwise() -> None:
    assert read(b"{}", Odd) is None
    assert loads(b"{}", Odd) == Odd()
    assert read(b'{"name":"a"}', Answer) is None
    assert read(b'{"payload":{"name":"a","errors":["no"]}}', Answer, is_enveloped=True) == Answer(
        name="a", errors=["no"]
    )


@pytest.mark.parametrize("is_enveloped", [True, False])
@pytest.mark.parametrize(
    "data",
    [
        *(
            '{"payload":%s}',
            '{"payload":%s,"errors":[]}',
            '{"payload":%s,"errors":[{"code":"C","message":"M"}]}',
        ),
        *('{"errors":[{"code":"C","message":"M"}],"payload":%s}', '{"payload":%s,"pagination":{}}'),
        *(
            '{"payload":null,"payload":%s}',
            '{"payload":%s,"payload":null}',
            '{"payload":[%s]}',
            "%s",
            "[%s]",
            "%s}",
        ),
    ],
)
def test_an_envelope_is_opened_and_what_is_beside_the_answer_seen_as_otherwise(
    data: str, is_enveloped: bool
) -> None:
    operation = Operation(
        name="read",
        route="GET /parcel",
        returns=Parcel,
        envelope=is_enveloped,
        quota=Quota(100, burst=100),
        effect=Effect.NONE,
    )
    for inner in (body(), body(errors=[{"code": "C"}]), body(errors=[]), body(count="3"), "{}"):
        answer = data.replace("%s", inner if isinstance(inner, str) else inner.decode()).encode()
        expect(Parcel)
        for _ in range(3):
            decoded(operation(), HttpResponse(200, {}, answer))
    plain = b'{"payload":%b}' % body() if is_enveloped else body()
    read(plain, is_enveloped=is_enveloped)
    assert isinstance(decoded(operation(), HttpResponse(200, {}, plain)), Decoded)
    assert at_once(plain, Parcel, is_enveloped=is_enveloped) is not None


def test_threads_that_come_at_the_same_time_make_one_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    reader = Twins.reader

    def slow(self: Twins, cls: Any, *, is_enveloped: bool) -> Any:
        made.append(cls)
        barrier.wait(1)
        return reader(self, cls, is_enveloped=is_enveloped)

    monkeypatch.setattr(Twins, "reader", slow)
    barrier = threading.Barrier(2)
    at_once(body(), Parcel)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(at_once(body(), Parcel))) for _ in range(2)]
    for thread in threads:
        thread.start()
    barrier.wait(1)
    for thread in threads:
        thread.join()
    assert made == [Parcel]
    assert [digits(value) for value in found] == [digits(otherwise(body()))] * 2


def test_a_forked_child_does_not_wait_for_a_thread_of_its_parent() -> None:
    readers = convert._readers()
    readers._lock.acquire()
    readers.renew_locks()
    assert read(body()) is not None


def test_the_items_of_a_page_are_let_go_one_by_one() -> None:
    page = render(
        {**parse(body()), "parts": [{"value": 1000 + each, "unit": "GRAM"} for each in range(20_000)]}
    )
    read(page)

    def peak() -> int:
        gc.collect()
        tracemalloc.start()
        try:
            assert len(loads(page, Parcel).parts or ()) == 20_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    at_once_, otherwise_ = peak(), 0
    with msgspec(is_on=False):
        otherwise_ = peak()
    assert at_once_ < otherwise_


def test_the_function_that_copies_can_be_read() -> None:
    lines = Twins(module, {Weight: ["tare"]}).source(Weight).lines
    assert lines[0] == "def copy(o):"
    assert "    m1.unit = o.unit" in lines
    assert "    if (v := o.unknown_0) is not UNSET: r['tare'] = v" in lines


def test_amounts_are_shared_and_the_room_for_them_is_bounded() -> None:
    AMOUNTS.clear()
    assert AMOUNTS["12.50"] is AMOUNTS["12.50"]
    assert str(AMOUNTS["1." + "0" * _LONGEST_AMOUNT]) == "1." + "0" * _LONGEST_AMOUNT
    assert list(AMOUNTS) == ["12.50"]
    for number in range(_MOST_AMOUNTS + 1):
        AMOUNTS[str(number)]
    assert len(AMOUNTS) == 2
    for odd in ("NaN", "1_0", "x"):
        with pytest.raises(Exception, match=r"finite|ConversionSyntax"):
            AMOUNTS[odd]


def test_no_traceback_of_what_is_left_to_the_other_way_is_kept() -> None:
    with pytest.raises(DecodeError) as caught:
        loads(b'{"owner": "Ada Example', Parcel)
    assert caught.value.__context__ is None
