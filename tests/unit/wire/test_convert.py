import copy
import json
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import attrs
import pytest

from spshipping import (
    DecodeError,
    Deviation,
    InvalidRequestError,
    converter,
    dumps,
    extra,
    from_dict,
    has,
    loads,
    replace,
    to_dict,
)
from spshipping.wire.convert import encode_request, structure
from spshipping.wire.fast import function, source
from spshipping.wire.lenient import repair
from spshipping.wire.model import Model, camel
from spshipping.wire.shapes import shape_of
from spshipping.wire.text import NOTHING, parse
from spshipping.wire.times import DateTimeInterval
from tests.unit.wire.samples import FULL, Parcel, Unit, Weight

PARCEL = shape_of(Parcel)[0]


def broken(**changes: Any) -> tuple[Parcel, list[Deviation]]:
    """Read the full parcel with some members changed; one that is `...` is left out."""
    data = {**FULL, **{Parcel.__wire_names__[name]: value for name, value in changes.items()}}
    value, deviations = structure({k: v for k, v in data.items() if v is not ...}, Parcel)
    return value, list(deviations)


def test_a_well_formed_answer_is_read_alike_on_both_paths() -> None:
    data = {**FULL, "newField": 7}
    fast = function(Parcel, "decode")(data)
    careful, deviations = repair(data, PARCEL)
    assert fast == careful
    assert extra(fast) == extra(careful) == {"newField": 7}
    assert deviations == ()
    assert fast.received_at is careful.received_at is None
    assert fast.window == DateTimeInterval(
        datetime(2026, 1, 31, 12, tzinfo=UTC), datetime(2026, 2, 1, 12, tzinfo=UTC)
    )
    assert fast.day == date(2026, 1, 31)
    assert fast.parts[0].unit == "STONE"
    assert fast.price == Decimal("12.50")


def test_what_is_read_is_written_back() -> None:
    assert to_dict(from_dict({**FULL, "newField": 7}, Parcel)) == {
        **FULL,
        "newField": 7,
        "weight": {"value": 1.5, "unit": "GRAM"},
    }
    assert loads(dumps(from_dict(FULL, Parcel)).decode(), Parcel) == from_dict(FULL, Parcel)


def test_amazons_dictionary_of_plain_json_is_read_without_loss() -> None:
    parcel = from_dict(FULL, Parcel)
    assert structure(to_dict(parcel), Parcel) == (parcel, ())
    assert structure(json.loads(dumps(parcel)), Parcel) == (parcel, ())


def test_a_null_optional_is_none_and_is_no_deviation() -> None:
    parcel, deviations = broken(is_hazmat=None, parts=None, at=None)
    assert (parcel.is_hazmat, parcel.parts, parcel.at) == (None, None, None)
    assert deviations == []
    assert extra(parcel) == {}


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ("owner", 15786, "15786"),
        ("owner", Decimal("1.50"), "1.50"),
        ("owner", True, "true"),
        ("count", True, 1),
        ("is_hazmat", 0, False),
        ("is_hazmat", Decimal("1.0"), True),
        ("count", "3", 3),
        ("count", Decimal("3.0"), 3),
        ("is_hazmat", "false", False),
        ("is_hazmat", "True", True),
        ("at", "2026-01-31T12:00:00", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("at", 1650163712, datetime(2022, 4, 17, 2, 48, 32, tzinfo=UTC)),
        ("day", "2026-01-31T00:00:00Z", date(2026, 1, 31)),
        ("window", "2026-01-31T12:00:00--2026-02-01T12:00:00Z", from_dict(FULL, Parcel).window),
        ("price", Decimal("12.50"), Decimal("12.50")),
        ("price", 12, Decimal(12)),
    ],
)
def test_case_54_the_wrong_kind_is_converted_where_nothing_is_lost(field: str, raw: Any, value: Any) -> None:
    parcel, deviations = broken(**{field: raw})
    assert getattr(parcel, field) == value
    assert type(getattr(parcel, field)) is type(value)
    assert deviations == [Deviation(Parcel.__wire_names__[field], "converted")]
    assert extra(parcel) == {}


def test_a_number_as_text_inside_an_object_is_converted_with_its_path() -> None:
    parcel, deviations = broken(weight={"value": "12.5", "unit": "GRAM"})
    assert parcel.weight.value == Decimal("12.5")
    assert deviations == [Deviation("weight.value", "converted")]


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("count", "three"),
        ("count", Decimal("1.5")),
        ("count", Decimal("1E+1000000")),
        ("is_hazmat", "maybe"),
        ("is_hazmat", 2),
        ("price", "free"),
        ("price", "nan"),
        ("at", "soon"),
        ("at", {}),
        ("day", "soon"),
        ("window", 5),
        ("window", "now"),
        ("schema", "x"),
        ("by_day", []),
        ("words", "abc"),
        ("units", {"a": 1}),
    ],
)
def test_what_cannot_be_read_is_none_and_its_original_is_kept(field: str, raw: Any) -> None:
    parcel, deviations = broken(**{field: raw})
    wire = Parcel.__wire_names__[field]
    assert getattr(parcel, field) is None
    assert extra(parcel) == {wire: raw}
    assert to_dict(parcel)[wire] == raw
    assert deviations == [Deviation(wire, "unreadable")]
    assert parcel.supported_dpis == [203, 300]


@pytest.mark.parametrize(("field", "raw"), [("owner", ["A"]), ("weight", "heavy"), ("weight", [])])
def test_b5_a_required_field_that_cannot_be_read_is_missing_and_its_original_is_kept(
    field: str, raw: Any
) -> None:
    parcel, deviations = broken(**{field: raw})
    assert not has(parcel, field)
    assert (extra(parcel), to_dict(parcel)[field]) == ({field: raw}, raw)
    assert deviations == [Deviation(field, "unreadable")]


def test_case_53_none_never_becomes_the_text_none() -> None:
    parcel, deviations = broken(owner=None)
    assert not has(parcel, "owner")
    assert deviations == [Deviation("owner", "null")]
    assert to_dict(parcel)["owner"] is None


def test_case_52_a_missing_list_is_empty_and_anything_else_missing_is_not_there() -> None:
    parcel, deviations = broken(supported_dpis=..., weight=...)
    assert parcel.supported_dpis == []
    assert not has(parcel, "weight")
    assert deviations == [Deviation("weight", "missing"), Deviation("supportedDPIs", "missing")]


LISTS: list[Any] = [..., None, [], "abc", {}, [203, "low"], [203]]


@pytest.mark.parametrize("raw", LISTS)
def test_b3_an_absent_a_null_and_an_empty_list_stay_apart_on_the_way_back(raw: Any) -> None:
    parcel, _ = broken(supported_dpis=raw)
    for same in every_copy(parcel):
        assert to_dict(same).get("supportedDPIs", ...) == raw
        assert parse(dumps(same)).get("supportedDPIs", ...) == raw


@pytest.mark.parametrize("raw", LISTS)
def test_b3_what_a_user_puts_into_a_list_counts(raw: Any) -> None:
    for same in every_copy(broken(supported_dpis=raw)[0]):
        read = list(same.supported_dpis)
        same.supported_dpis.append(600)
        assert to_dict(same)["supportedDPIs"] == [*read, 600]
        same.supported_dpis = []
        assert to_dict(same)["supportedDPIs"] == []
    assert to_dict(replace(broken(supported_dpis=raw)[0], supported_dpis=[1]))["supportedDPIs"] == [1]


def every_copy(parcel: Parcel) -> list[Parcel]:
    return [
        parcel,
        copy.deepcopy(parcel),
        pickle.loads(pickle.dumps(parcel)),
        replace(parcel, received_at=None),
    ]


def test_b4_members_that_cannot_be_read_come_back_where_they_were() -> None:
    good = {"value": 1, "unit": "GRAM"}
    changes: dict[str, Any] = {
        "parts": ["bad", good, 7, [], good, None],
        "by_type": {"LOCKER": [good, "bad"], "SHOP": "closed", "HUB": [[], good]},
        "by_day": {"Ada": good, "Bob": 7},
        "words": ["a", {}, "b"],
    }
    parcel, deviations = broken(**changes)
    assert [len(parcel.parts or ()), parcel.words] == [2, ["a", "b"]]
    assert {kind for _, kind in deviations} == {"unreadable"}
    for same in every_copy(parcel):
        for written in (parse(dumps(same)), to_dict(same)):
            assert {name: written[Parcel.__wire_names__[name]] for name in changes} == changes
    assert parcel.parts is not None
    parcel.parts[0].value = Decimal(5)
    assert to_dict(parcel)["parts"] == ["bad", {**good, "value": 5}, 7, [], good, None]
    assert parcel.words == ["a", "b"]


@pytest.mark.parametrize(
    ("field", "number"), [("price", '"7.046246533499542e+307"'), ("weight", "123456789.123456789")]
)
def test_b4_whatever_decodes_also_dumps(field: str, number: str) -> None:
    raw = parse(number.encode())
    parcel, deviations = broken(**{field: {"value": raw, "unit": "GRAM"} if field == "weight" else raw})
    written = parse(dumps(parcel))
    assert deviations == []
    assert Decimal(written["weight"]["value"] if field == "weight" else written[field]) == Decimal(raw)
    assert from_dict(to_dict(parcel), Parcel) == parcel


def test_b4_digits_are_written_as_they_came() -> None:
    body = b'{"new":[1.10,{"a":0.1234567890123456789}],"value":2.00000,"unit":"GRAM"}'
    assert dumps(loads(body, Weight)) == body


def test_b4_half_of_a_surrogate_pair_is_written_as_it_came_and_refused_in_a_request() -> None:
    parcel = loads(
        json.dumps({**FULL, "weight": {"value": 1, "unit": "\ud800"}, "price": "1"}, default=str), Parcel
    )
    assert loads(dumps(parcel), Parcel) == parcel
    with pytest.raises(InvalidRequestError, match=r"weight\.unit: holds half of a surrogate pair"):
        encode_request(parcel)


def test_case_53_a_text_never_becomes_a_list_of_letters() -> None:
    parcel, deviations = broken(supported_dpis="abc")
    assert parcel.supported_dpis == []
    assert extra(parcel) == {"supportedDPIs": "abc"}
    assert deviations == [Deviation("supportedDPIs", "unreadable")]


def test_the_good_members_of_a_list_and_a_map_are_kept() -> None:
    good = {"value": 1, "unit": "GRAM"}
    parcel, deviations = broken(
        parts=[good, "bad", {"value": "2", "unit": "GRAM"}], by_day={"Ada": good, "Bob": 7}
    )
    assert parcel.parts is not None
    assert [part.value for part in parcel.parts] == [1, 2]
    assert parcel.by_day == {"Ada": Weight(value=Decimal(1), unit=Unit.GRAM)}
    assert deviations == [
        Deviation("parts[1]", "unreadable"),
        Deviation("parts[2].value", "converted"),
        Deviation("byDay[*]", "unreadable"),
    ]
    assert extra(parcel)["parts"][1] == "bad"


def test_a_map_of_lists_is_read_on_both_paths() -> None:
    parcel, deviations = broken(by_type={"LOCKER": [{"value": "1", "unit": "GRAM"}]})
    assert parcel.by_type == {"LOCKER": [Weight(value=Decimal(1), unit=Unit.GRAM)]}
    assert deviations == [Deviation("byType[*][0].value", "converted")]


def test_an_unreadable_list_is_written_back_as_it_came() -> None:
    parcel, _ = broken(supported_dpis="abc")
    assert to_dict(parcel)["supportedDPIs"] == "abc"
    parcel.supported_dpis = [203]
    assert to_dict(parcel)["supportedDPIs"] == [203]


@pytest.mark.parametrize("data", [None, "text", [], 5, {}, {"message": "no"}])
def test_nothing_is_made_of_an_answer_that_shares_nothing_with_the_model(data: Any) -> None:
    value, deviations = structure(data, Parcel)
    assert value is None
    assert deviations[-1] == Deviation("", "unreadable")
    with pytest.raises(DecodeError, match="this is no Parcel"):
        from_dict(data, Parcel)


def test_lists_and_free_objects_are_read_too() -> None:
    assert structure([{"value": 1, "unit": "GRAM"}], list[Weight])[0] == [
        Weight(value=Decimal(1), unit=Unit.GRAM)
    ]
    assert structure({"a": 1}, dict[str, Any]) == ({"a": 1}, ())
    assert structure(7, dict[str, Any])[0] is None


@camel
class Receipt(Model):
    """A class that requires nothing."""

    number: str | None = None


@pytest.mark.parametrize(
    ("data", "kind"),
    [([], "converted"), (None, "null"), (NOTHING, "missing")],
    ids=("list", "null", "nothing"),
)
def test_b1_an_empty_answer_of_any_shape_is_the_empty_object(data: Any, kind: str) -> None:
    told = (Deviation("", kind),)
    assert structure(data, Receipt) == (Receipt(), told)
    assert structure(data, dict[str, Any]) == ({}, told)
    assert structure(data or {}, list[Receipt])[0] == []
    assert structure(data, Parcel) == (None, (Deviation("", "unreadable"),))


@pytest.mark.parametrize("data", [0, False, "", "text", [[]], [None]])
def test_what_is_not_empty_is_no_empty_answer(data: Any) -> None:
    assert structure(data, Receipt)[0] is None


def deep(levels: int) -> Any:
    value: Any = {}
    for _ in range(levels - 1):
        value = {"in": value}
    return value


def test_what_no_model_describes_is_kept_down_to_200_levels() -> None:
    parcel, deviations = broken(schema=deep(200), anything=deep(200))
    assert (parcel.schema, parcel.anything, deviations) == (deep(200), deep(200), [])
    parcel, found = structure({**FULL, "newField": deep(200)}, Parcel)
    assert (extra(parcel), found) == ({"newField": deep(200)}, ())
    assert structure(deep(200), dict[str, Any])[0] == deep(200)


@pytest.mark.parametrize(
    ("changes", "value", "path"),
    [
        ({"schema": deep(201)}, None, "schema"),
        ({"anything": [deep(200)]}, None, "anything"),
        ({"code": deep(201)}, None, "code"),
        ({"words": ["a", deep(201)]}, ["a"], "words[1]"),
    ],
)
def test_what_is_nested_deeper_is_named_and_not_kept(changes: dict[str, Any], value: Any, path: str) -> None:
    parcel, deviations = broken(**changes)
    assert deviations == [Deviation(path, "unreadable")]
    assert [getattr(parcel, name) for name in changes] == [value]
    assert extra(parcel) == {}


def test_an_unknown_field_that_is_nested_deeper_is_not_kept_and_its_name_not_told() -> None:
    parcel, deviations = structure({**FULL, "Jane Roe": deep(201), "newField": 7}, Parcel)
    assert deviations == (Deviation("*", "unreadable"),)
    assert extra(parcel) == {"newField": 7}
    assert structure(deep(201), dict[str, Any]) == (None, (Deviation("", "unreadable"),))


def test_what_may_be_used_up_is_let_go_item_by_item_and_parsed_again_where_it_is_odd() -> None:
    data = copy.deepcopy(FULL) | {"parts": [{"value": 1, "unit": "GRAM"}, {"value": 2, "unit": "GRAM"}]}
    again = copy.deepcopy(data)
    read, deviations = structure(data, Parcel, parse_again=lambda: again)
    assert (read, deviations) == structure(again, Parcel)
    assert data["parts"] is read.parts
    assert again["parts"][0] == {"value": 1, "unit": "GRAM"}

    again["parts"][1]["value"] = "2"
    data = copy.deepcopy(again)
    read, deviations = structure(data, Parcel, parse_again=lambda: again)
    assert read.parts == [Weight(value=Decimal(1), unit=Unit.GRAM), Weight(value=Decimal(2), unit=Unit.GRAM)]
    assert deviations == (Deviation("parts[1].value", "converted"),)
    assert structure({"a": [1]}, dict[str, Any], parse_again=dict) == ({"a": [1]}, ())


def test_the_written_functions_can_be_printed_and_run() -> None:
    text = source(Parcel, "decode")
    assert "def decode(o):" in text
    assert "supportedDPIs" in text
    compile(text, "decode", "exec")
    assert "<= 10" in source(Parcel, "checked")
    assert "<= 10" not in source(Parcel, "encode")


def sample(**changes: Any) -> Parcel:
    parcel = from_dict(FULL, Parcel)
    for name, value in changes.items():
        setattr(parcel, name, value)
    return parcel


def test_a_request_within_its_limits_is_written() -> None:
    assert json.loads(encode_request(sample()))["count"] == 3
    assert json.loads(encode_request(sample(weight=Weight(value=2, unit="GRAM"))))["weight"] == {  # type: ignore[arg-type]  # taken at run time
        "value": 2,
        "unit": "GRAM",
    }


def heavy(value: Any) -> Weight:
    """Make a weight of whatever somebody might take for a number."""
    return Weight(value=value, unit=Unit.GRAM)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"owner": None}, "owner: is required, and is None"),
        ({"owner": "A" * 11}, "owner: has 11 characters; Amazon takes 1 to 10"),
        ({"owner": 5}, "owner: is a int; give a str"),
        ({"count": 10}, "count: must be from 1 to 9"),
        ({"count": True}, "count: is a bool; give a int"),
        ({"code": "1234"}, "code: does not have the form UN[0-9]{4}"),
        ({"parts": []}, "parts: has 0 entries; at least 1 is needed"),
        ({"parts": [heavy(1.5)]}, 'parts[0].value: is a float, which is not exact; write Decimal("…")'),
        ({"by_day": {"M": heavy(None)}}, "by_day[*].value: is required, and is None"),
        ({"at": datetime(2026, 1, 1)}, "at: is a naive datetime; give it a time zone"),  # noqa: DTZ001 - the point
        ({"at": "2026"}, "at: is a str; give a datetime"),
        ({"day": datetime(2026, 1, 1, tzinfo=UTC)}, "day: is a datetime; give a date"),
        ({"window": "a--b"}, "window: is a str; give a DateTimeInterval"),
        ({"price": 1.5}, "price: is a float"),
        ({"weight": {"value": 1}}, "weight: is a dict; give a Weight"),
        ({"units": [5]}, "units[0]: is a int; give a Unit"),
        ({"words": ("a",)}, "words: is a tuple; give a list"),
        ({"schema": {"x": object()}}, "schema: cannot be written as JSON"),
        ({"schema": {"x": "\ud800"}}, "schema: holds half of a surrogate pair"),
        ({"anything": float("nan")}, "anything: cannot be written as JSON"),
        (
            {"owner": "", "count": 0, "code": "x"},
            "owner: has 0 characters; Amazon takes 1 to 10 (and count, code)",
        ),
    ],
)
def test_a_request_outside_its_limits_names_the_path_and_the_remedy(
    changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(sample(**changes))
    assert str(caught.value).startswith(text)
    assert caught.value.__cause__ is None


def test_an_answer_may_be_outside_the_limits_and_still_be_written() -> None:
    assert to_dict(sample(owner="A" * 99, parts=[], weight=None))["owner"] == "A" * 99
    with pytest.raises(InvalidRequestError, match="owner: is a int"):
        to_dict(sample(owner=5, weight=None))


def test_a_subclass_of_datetime_is_a_datetime() -> None:
    class Stamp(datetime):
        pass

    assert to_dict(sample(at=Stamp(2026, 1, 31, 12, tzinfo=UTC)))["at"] == "2026-01-31T12:00:00Z"


@attrs.define
class Shelf:
    """Somebody else's class with our models in it."""

    label: str
    parcels: list[Parcel]


def test_the_converter_reads_models_inside_other_classes() -> None:
    shelf = converter().structure({"label": "A", "parcels": [FULL]}, Shelf)
    assert shelf.parcels[0] == from_dict(FULL, Parcel)
    assert converter().unstructure(shelf)["parcels"][0]["owner"] == "Ada"
