"""The files that `spshipping vendor` reads: answers, price lists and packing files."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.cli.vendor.answers import read_answers, read_prices
from spshipping.cli.vendor.fields import Fields
from spshipping.cli.vendor.loads import read_load, written_load
from spshipping.cli.vendor.packing import Fill, PackingFile
from spshipping.cli.vendor.ship import freight_of
from spshipping.vendor.asn import (
    ContainerCode,
    Content,
    LineKey,
    Load,
    Lot,
    Mass,
    OpenLine,
    PackedCarton,
    PackedPallet,
    Size,
)
from spshipping.vendor.orders import Order, OrderDetails, UnitOfMeasure
from spshipping.vendor.shipments import (
    ContainerIdentificationType,
    ShipmentFreightTerm,
    ShipmentType,
    TransportationMode,
)
from spshipping.vendor.sscc import Sscc
from spshipping.wire.text import parse, write
from spshipping.wire.times import DateTimeInterval

Write = Callable[[str, str], Path]
AT = datetime(2026, 3, 1, tzinfo=UTC)
LINE = {"order": "2JK3S9VC", "line": "1", "amount": 3}
WHOLE: dict[str, Any] = {
    "identifier": "S-1",
    "shipment_type": "SmallParcel",
    "shipped_at": "2026-03-01T08:00:00Z",
    "arrives_at": "2026-03-03T08:00:00+01:00",
    "ship_from": {"partyId": "W-1"},
    "cartons": [{"contents": [LINE]}],
}


@pytest.fixture
def write_file(tmp_path: Path) -> Write:
    def write_it(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_it


def test_answers_are_the_same_as_csv_and_as_json(write_file: Write) -> None:
    rows = [
        {
            "line": "1",
            "answer": "Accepted",
            "quantity": "6",
            "ship_date": "2026-03-01T00:00:00Z",
            "cost": "1.20",
        },
        {"line": "1", "answer": "back-order", "delivery_date": "2026-03-09T00:00:00Z"},
        {"line": "2", "answer": "reject", "reason": "ObsoleteProduct"},
        {"line": "3", "cost": "2", "list_price": "4", "discount_multiplier": ".50"},
    ]
    names = ["line", "answer", "quantity", "ship_date", "delivery_date", "cost", "reason", "list_price"]
    names.append("discount_multiplier")
    lines = [",".join(row.get(name, "") for name in names) for row in rows]
    of_csv = read_answers(write_file("a.csv", "\n".join([",".join(names), *lines])))
    of_json = read_answers(
        write_file("a.json", json.dumps([{**row, "line": int(row["line"])} for row in rows]))
    )
    assert [row._replace(place="") for row in of_csv] == [row._replace(place="") for row in of_json]
    first, _, _, last = of_csv
    assert (first.word, first.quantity, first.cost, first.ship_date) == ("accept", 6, Decimal("1.20"), AT)
    assert (last.word, last.list_price, last.discount_multiplier) == (None, Decimal(4), ".50")


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.csv", "line,answer\n1,perhaps\n", "row 2, column answer: is accept, back-order or reject"),
        ("a.csv", "line,answer\n1,\n", "row 2, column answer: is missing, and so is cost"),
        ("a.csv", "line,answer\n1,reject\n", "row 2, column reason: is missing"),
        ("a.csv", "line,answer\n,accept\n", "row 2, column line: is missing"),
        (
            "a.csv",
            "line;answer;quantity;cost\n1;accept;1.000;1.250\n",
            "row 2, column quantity: has points or commas between thousands: write 1000",
        ),
        (
            "a.csv",
            "line,answer,ship_date\n1,accept,2026-03-01\n",
            "column ship_date: must be a time with its",
        ),
        ("a.csv", "answer\naccept\n", "has no column line"),
        ("a.json", "{}", "is no JSON list of objects"),
        ("a.json", "{", "is no JSON list of objects"),
        ("a.json", "[1]", "[0]: must be an object"),
        ("a.json", '[{"line": 1, "anwser": "accept"}]', "[0].anwser: is not known"),
    ],
)
def test_what_is_wrong_in_answers_is_named_by_its_place(
    write_file: Write, name: str, text: str, fault: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read_answers(write_file(name, text))
    assert fault in str(caught.value)


def test_a_price_list_has_each_product_once(write_file: Write) -> None:
    assert read_prices(write_file("p.csv", "product;cost\nA;1.50\nB;2\n")) == {
        "A": Decimal("1.50"),
        "B": Decimal(2),
    }
    with pytest.raises(InvalidRequestError, match="row 3, column product: is there twice"):
        read_prices(write_file("p.csv", "product,cost\nA,1\nA,2\n"))
    with pytest.raises(InvalidRequestError, match="column cost: is missing"):
        read_prices(write_file("p.csv", "product,cost\nA,\n"))


def everything() -> Load:
    """Return a load with all that a packing file can say."""
    key = LineKey("2JK3S9VC", "1")
    kept = Lot(number="L1", expires=date(2027, 1, 2))
    made = Lot(made=datetime(2026, 1, 2, tzinfo=UTC), keeps_days=90, keeps_months=3)
    carton = PackedCarton(
        contents=(
            Content(line=key, amount=2, lot=kept),
            Content(line=key, amount=1, weight=Mass.of("1.5", "kg")),
        ),
        codes=(Sscc.of("9521234", 7), ContainerCode(ContainerIdentificationType.AMZNCC, "AMZNCC1")),
        tracking_number="1Z",
        size=Size.of("0.4", "0.3", "0.2", "m"),
        weight=Mass.of(4, "lb"),
    )
    pallet = PackedPallet(
        cartons=(carton,),
        contents=(Content(line=key, amount=5, lot=made),),
        codes=(Sscc.of("9521234", 8),),
        tiers=2,
        cartons_in_tier=4,
        size=Size.of(48, 40, 60, "in"),
        weight=Mass.of(90, "lb"),
    )
    return Load(cartons=(carton,), pallets=(pallet,))


def test_a_load_is_written_as_it_is_read() -> None:
    written = written_load(everything())
    fields = Fields(parse(write(written).encode()), "", ("cartons", "pallets"))
    found = read_load(fields)
    assert found is not None
    assert written_load(found) == written
    assert found.cartons == everything().cartons
    assert found.pallets[0].cartons == everything().pallets[0].cartons
    assert written["pallets"][0]["contents"][0]["lot"]["made"] == "2026-01-02"
    assert read_load(Fields({}, "", ("cartons", "pallets"))) is None


def test_a_packing_file_says_how_a_shipment_travels(write_file: Write) -> None:
    more = {"mode": "Road", "freight": "Collect", "perishable": ["B0EXAMPLE1"], "gs1_prefix": "9521234"}
    path = write_file("p.json", json.dumps({**WHOLE, **more}))
    found = PackingFile.read(path, None)
    assert found.dispatch.shipment_type is ShipmentType.SMALL_PARCEL
    assert found.dispatch.mode is TransportationMode.ROAD
    assert found.dispatch.arrives_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert found.freight is ShipmentFreightTerm.COLLECT
    assert (found.perishable, found.gs1_prefix) == (frozenset({"B0EXAMPLE1"}), "9521234")
    assert (found.orders, found.ship_from.party_id) == (("2JK3S9VC",), "W-1")
    assert PackingFile.of(WHOLE).digest != found.digest
    assert PackingFile.of(dict(reversed(WHOLE.items()))).digest == PackingFile.of(WHOLE).digest


def test_a_template_has_what_the_file_does_not_say(write_file: Write) -> None:
    template = write_file(
        "t.toml",
        'shipment_type = "SmallParcel"\nbill_of_lading = "B-1"\nshipped_at = 2026-03-01T08:00:00Z\n'
        '[ship_from]\npartyId = "W-1"\n[[cartons]]\n'
        'contents = [{order = "2JK3S9VC", line = "1", amount = 1}]\n',
    )
    own = {name: WHOLE[name] for name in ("identifier", "arrives_at", "cartons")}
    found = PackingFile.read(write_file("p.json", json.dumps(own)), template)
    assert (found.dispatch.bill_of_lading, found.dispatch.shipped_at) == (
        "B-1",
        datetime(2026, 3, 1, 8, tzinfo=UTC),
    )
    assert found.packed is not None
    assert found.packed.cartons[0].contents[0].amount == 3


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in WHOLE.items() if key != name}


CARTON: dict[str, Any] = WHOLE["cartons"][0]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (without("identifier"), "identifier: is missing"),
        (without("shipment_type"), "shipment_type: is missing"),
        (without("ship_from"), "ship_from: is missing"),
        (without("cartons"), "fill: a packing file has either"),
        ({**WHOLE, "fill": {"orders": ["A"]}}, "fill: a packing file has either"),
        ({**without("cartons"), "fill": {}}, "fill.orders: is missing"),
        (
            {**without("cartons"), "fill": {"orders": ["A"], "cases": {"X": {}}}},
            "fill.cases.X.pieces: is missing",
        ),
        ({**without("cartons"), "fill": {"orders": ["A"], "cases": []}}, "fill.cases: must be an object"),
        ({**without("cartons"), "fill": {"orders": [5]}}, "fill.orders: must be a list of texts"),
        ({**without("cartons"), "fill": {"orders": ["A"], "back_orders": 1}}, "must be true or false"),
        ({**WHOLE, "mode": "Rail"}, "mode: is one of Road, Air, Ocean"),
        ({**WHOLE, "identifer": "S-1"}, "identifer: is no field of it: is identifier meant?"),
        ({**WHOLE, "zzz": "S-1"}, "zzz: is no field of it: known are identifier, "),
        ({**WHOLE, "identifier": 5}, "identifier: must be text"),
        ({**WHOLE, "shipped_at": "2026-03-01"}, "shipped_at: must be a time with its offset"),
        ({**WHOLE, "ship_from": {"address": 5}}, "ship_from: is not as Amazon has it: "),
        ({**WHOLE, "ship_from": 5}, "ship_from: is not as Amazon has it"),
        ({**WHOLE, "cartons": {}}, "cartons: must be a list"),
        ({**WHOLE, "cartons": [5]}, "cartons[0]: must be an object"),
        (
            {**WHOLE, "cartons": [{"contents": [{**LINE, "amount": 0}]}]},
            "contents[0].amount: must be a whole",
        ),
        (
            {**WHOLE, "cartons": [{"contents": [{"order": "A", "line": "1"}]}]},
            "contents[0].amount: is missing",
        ),
        (
            {**WHOLE, "cartons": [{"contents": [{**LINE, "lot": {"expires": "soon"}}]}]},
            "cartons[0].contents[0].lot.expires: must be a day",
        ),
        (
            {**WHOLE, "cartons": [{**CARTON, "codes": [{"number": "1"}]}]},
            "cartons[0].codes[0].number: has 18",
        ),
        (
            {**WHOLE, "cartons": [{**CARTON, "codes": [{"type": "X", "number": "1"}]}]},
            "cartons[0].codes[0].type: is one of SSCC, AMZNCC",
        ),
        (
            {**WHOLE, "cartons": [{**CARTON, "size": {"length": 1, "width": 1, "height": 1, "unit": "x"}}]},
            "cartons[0].size.unit: is one of",
        ),
        (
            {**WHOLE, "cartons": [{**CARTON, "size": {"length": "1", "width": 1, "height": 1, "unit": "m"}}]},
            "cartons[0].size.length: must be a number",
        ),
        (
            {**WHOLE, "cartons": [{**CARTON, "weight": {"value": 0, "unit": "kg"}}]},
            "weight.value: is above 0",
        ),
    ],
)
def test_what_is_wrong_in_a_packing_file_is_named_by_its_path(data: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        PackingFile.of(parse(json.dumps(data).encode()))
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"), [("p.json", "{"), ("p.toml", "="), ("p.json", "[]"), ("p.toml", f"a = {'[' * 100_000}")]
)
def test_a_packing_file_is_an_object_of_json_or_toml(write_file: Write, name: str, text: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"p\.(json|toml): is no (JSON|TOML|object)"):
        PackingFile.read(write_file(name, text), None)


def open_line(
    number: str, accepted: int, product: str, unit: UnitOfMeasure = UnitOfMeasure.EACHES
) -> OpenLine:
    return OpenLine(
        LineKey("2JK3S9VC", number),
        "SBX01",
        "PHX3",
        None,
        product,
        unit,
        None,
        False,
        accepted,
        0,
        0,
    )


def filled(**more: Any) -> Fill:
    data = parse(json.dumps({**without("cartons"), "fill": {"orders": ["2JK3S9VC"], **more}}).encode())
    found = PackingFile.of(data).fill
    assert found is not None
    return found


def test_cartons_are_filled_with_cases_and_what_is_left_over_is_packed_together() -> None:
    lines = [open_line("1", 14, "A"), open_line("2", 30, "B"), open_line("3", 2, "C", UnitOfMeasure.CASES)]
    fill = filled(cases={"A": {"pieces": 6}}, pieces_in_carton=20, cartons_on_pallet=3)
    load = fill.load(lines)
    inside = [[(each.line[1], each.amount) for each in carton.contents] for carton in load.all_cartons()]
    assert inside == [
        *([("1", 6)], [("1", 6)], [("3", 1)], [("3", 1)]),
        *([("1", 2), ("2", 18)], [("2", 12)]),
    ]
    assert [len(pallet.cartons) for pallet in load.pallets] == [3, 3]
    exact = filled(pieces_in_carton=15).load(lines[1:2])
    assert [sum(each.amount for each in carton.contents) for carton in exact.cartons] == [15, 15]
    with pytest.raises(InvalidRequestError, match="14 of line 1 of 2JK3S9VC fill no case"):
        filled().load(lines)
    with pytest.raises(InvalidRequestError, match="nothing that was accepted is left"):
        filled().load([])


def windowed(*, ship: bool, delivery: bool) -> Order:
    window = DateTimeInterval(AT, AT)
    details = OrderDetails(
        purchase_order_date=AT,
        items=[],
        ship_window=window if ship else None,
        delivery_window=window if delivery else None,
    )
    return Order(purchase_order_number="1", order_details=details)


def test_who_pays_the_freight_follows_from_the_windows_where_they_say_it() -> None:
    picked_up, delivered = windowed(ship=True, delivery=False), windowed(ship=False, delivery=True)
    assert freight_of([picked_up, picked_up]) is ShipmentFreightTerm.COLLECT
    assert freight_of([delivered]) is ShipmentFreightTerm.PREPAID
    for unclear in (
        [picked_up, delivered],
        [windowed(ship=True, delivery=True)],
        [Order(purchase_order_number="1")],
    ):
        assert freight_of(unclear) is None
    assert freight_of([]) is None
