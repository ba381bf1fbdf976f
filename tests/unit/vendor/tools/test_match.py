"""The three-way match: shortages and overages are named, with what was sent, when and in which carton."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from spshipping import InvalidRequestError, from_dict
from spshipping.vendor.orders import Order, OrderStatus
from spshipping.vendor.rules import History, Outcome, SentAcknowledgement, SentConfirmation
from spshipping.vendor.sscc import Sscc
from spshipping.vendor.tools import MatchReport, read_invoices, three_way_match
from spshipping.vendor.tools.match import DifferenceKind, MatchedLine, invoices_from_csv
from tests.unit.vendor.tools.documents import (
    ANSWERED,
    CASES_OF_SIX,
    CONFIRMED,
    EACHES,
    LATER,
    UNSIZED,
    answered,
    carton,
    item,
    order,
    received,
    shipped,
    shipped_item,
)

PO = "2JK3S9VC"
Kind = DifferenceKind
ACCEPTED = answered(PO, {"1": {"Accepted": 10}})


def match(*documents: Any, orders: list[Order] | None = None, invoices: str = "", **more: Any) -> MatchReport:
    """Match documents of any kind, long after everything should have arrived."""
    head = "invoice,purchase_order,line,asin,quantity,price,currency\n"
    return three_way_match(
        orders if orders is not None else [order()],
        history=History(
            acknowledgements=[each for each in documents if isinstance(each, SentAcknowledgement)],
            confirmations=[each for each in documents if isinstance(each, SentConfirmation)],
        ),
        statuses=[each for each in documents if isinstance(each, OrderStatus)],
        invoices=invoices_from_csv(head + invoices),
        **{"at": LATER, **more},
    )


def found(report: MatchReport) -> list[tuple[str, DifferenceKind, int]]:
    return [(line.line, each.kind, each.quantity) for line, each in report.differences()]


def only(report: MatchReport) -> MatchedLine:
    (line,) = report.lines
    return line


def code(number: int) -> str:
    return Sscc.of("9521234", number).wire


CARTONS = shipped(
    "S-1",
    [shipped_item(1, 10)],
    cartons=[carton(1, code(1), [(1, 6)], trackingNumber="1Z1"), carton(2, code(2), [(1, 4)])],
    pallets=[
        {
            "palletIdentifiers": [
                {"containerIdentificationType": "SSCC", "containerIdentificationNumber": code(9)}
            ],
            "cartonReferenceDetails": {"cartonReferenceNumbers": ["001", "777"]},
        }
    ],
)


def test_a_line_is_joined_from_every_document() -> None:
    report = match(ACCEPTED, CARTONS, received(PO, {"00001": 60}), invoices=f"I-1,{PO},1,,60,2.50,USD\n")
    line = only(report)
    assert (line.ordered, line.accepted, line.back_ordered, line.rejected) == (60, 60, 0, 0)
    assert (line.shipped, line.on_the_way, line.received, line.invoiced) == (60, 0, 60, 60)
    assert (line.answered_at, line.price, line.currency, line.unit) == (
        *(ANSWERED, Decimal("2.50")),
        *("USD", "pieces"),
    )
    assert line.last_received_at == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert (line.differences, line.unclear) == ((), ())
    assert report.to_text() == "No differences.\n"


def test_a_shortage_is_named_with_its_evidence() -> None:
    report = match(ACCEPTED, CARTONS, received(PO, {"1": 54}))
    assert found(report) == [("1", Kind.SHORT_RECEIVED, 6)]
    (sent,) = only(report).sent
    assert (sent.shipment, sent.quantity, sent.confirmed_at, sent.outcome) == (
        *("S-1", 60, CONFIRMED),
        Outcome.TAKEN,
    )
    assert (sent.bill_of_lading, sent.pro_number, sent.carrier) == ("BOL-S-1", "4711", "SBXF")
    assert sent.shipped_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    first, second = sent.containers
    assert (first.sscc, first.quantity, first.tracking_number) == (code(1)[2:], 36, "1Z1")
    assert (first.pallet_sscc, second.pallet_sscc) == (code(9)[2:], None)
    text = report.to_text()
    assert text.splitlines() == [
        f"Purchase order {PO}, line 1, ASIN B0ITEM1",
        "  short received: 6 pieces (60 were sent, and 54 were received)",
        "  accepted 60 of 60, at 2026-03-01T10:00:00+00:00",
        "  sent 60 pieces as shipment S-1, confirmed at 2026-03-02T10:00:00+00:00, left at"
        " 2026-03-02T12:00:00+00:00, bill of lading BOL-S-1, PRO 4711, carrier SBXF, confirmation taken",
        f"    carton (00){code(1)[2:]} on pallet (00){code(9)[2:]}, tracking number 1Z1: 36",
        f"    carton (00){code(2)[2:]}: 24",
        "  received 54, last at 2026-03-05T08:00:00+00:00",
    ]
    row = report.to_csv().splitlines()[1].split(",")
    assert row[:6] == [PO, "1", "B0ITEM1", "", "short received", "6"]
    assert row[17] == f"{code(1)[2:]} {code(9)[2:]} {code(2)[2:]}"
    plain = report.to_dict()["lines"][0]
    assert plain["sent"][0]["containers"][0]["sscc"] == code(1)[2:]
    assert plain["differences"][0]["kind"] == "short received"


@pytest.mark.parametrize(
    ("documents", "wanted"),
    [
        ([CARTONS, received(PO, {"1": 61})], [(Kind.OVER_RECEIVED, 1)]),
        ([received(PO, {"1": 6})], [(Kind.SHORT_SHIPPED, 60), (Kind.OVER_RECEIVED, 6)]),
        ([CARTONS, received(PO, {"1": None})], [(Kind.SHORT_RECEIVED, 60)]),
        ([CARTONS, received(PO, {"2": 60})], []),
        ([CARTONS], []),
        ([shipped("S-1", [shipped_item(1, 9)])], [(Kind.SHORT_SHIPPED, 6)]),
        ([shipped("S-1", [shipped_item(1, 11)])], [(Kind.OVER_SHIPPED, 6)]),
        ([CARTONS, received(PO, {"1": 9}, CASES_OF_SIX)], [(Kind.SHORT_RECEIVED, 6)]),
        ([CARTONS, received(PO, {"1": 9}, UNSIZED)], [(Kind.SHORT_RECEIVED, 6)]),
        ([shipped("S-1", [shipped_item(1, 60, unit=EACHES)]), received(PO, {"1": 60})], []),
    ],
)
def test_shortages_and_overages_are_told_apart(documents: list[Any], wanted: list[Any]) -> None:
    assert [(kind, amount) for _, kind, amount in found(match(ACCEPTED, *documents))] == wanted


def test_goods_that_may_be_on_their_way_are_no_shortage() -> None:
    arrives = datetime(2026, 3, 4, 12, tzinfo=UTC)
    documents = (ACCEPTED, CARTONS, received(PO, {"1": 54}))
    report = match(*documents, at=arrives + timedelta(days=14) - timedelta(seconds=1))
    assert (found(report), only(report).on_the_way) == ([], 60)
    assert found(match(*documents, at=arrives + timedelta(days=14))) == [("1", Kind.SHORT_RECEIVED, 6)]
    soon = match(*documents, at=arrives, patience=timedelta(0))
    assert found(soon) == [("1", Kind.SHORT_RECEIVED, 6)]
    closed = match(ACCEPTED, CARTONS, received(PO, {"1": 54}, state="CLOSED"), at=arrives)
    assert found(closed) == [("1", Kind.SHORT_RECEIVED, 6)]


def test_a_part_that_is_on_its_way_leaves_the_shortage_of_the_rest() -> None:
    late: dict[str, Any] = {"shippedDate": None, "estimatedDeliveryDate": None}
    report = match(
        ACCEPTED,
        shipped("S-1", [shipped_item(1, 6)]),
        shipped("S-2", [shipped_item(1, 4)], at=LATER, **late),
        received(PO, {"1": 30}),
    )
    assert found(report) == [("1", Kind.SHORT_RECEIVED, 6)]
    assert "60 were sent, 24 of them may be on their way, and 30 were received" in report.to_text()
    assert "left at" not in report.to_text().splitlines()[5]


def test_what_can_still_be_sent_is_not_short() -> None:
    half = shipped("S-1", [shipped_item(1, 5)])
    in_time = datetime(2026, 3, 6, tzinfo=UTC)
    assert found(match(ACCEPTED, half, at=in_time)) == []
    assert found(match(ACCEPTED, half, orders=[order(PO, deliveryWindow=None)])) == []
    closed = received(PO, {}, state="CLOSED")
    assert found(match(ACCEPTED, half, closed, at=in_time)) == [("1", Kind.SHORT_SHIPPED, 30)]


def test_back_orders_may_be_sent_and_need_not() -> None:
    answers = answered(PO, {"1": {"Accepted": 6, "Backordered": 3, "Rejected": 1, "Odd": 1}})
    for amount, wanted in ((6, []), (9, []), (10, [Kind.OVER_SHIPPED])):
        report = match(answers, shipped("S-1", [shipped_item(1, amount)]))
        assert [kind for _, kind, _ in found(report)] == wanted
    line = only(report)
    assert (line.accepted, line.back_ordered, line.rejected) == (36, 18, 6)


def test_the_last_acknowledgement_counts_and_its_price() -> None:
    cheaper = {"netCost": {"currencyCode": "USD", "amount": "2.40"}}
    first = answered(PO, {"1": {"Accepted": 10}}, **cheaper)
    second = answered(PO, {"1": {"Accepted": 4, "Rejected": 6}})._replace(at=ANSWERED + timedelta(hours=1))
    other = answered(PO, {"2": {"Accepted": 1}})._replace(at=ANSWERED + timedelta(hours=2))
    line = only(match(second, first, other))
    assert (line.accepted, line.price, line.answered_at) == (24, Decimal("2.40"), second.at)
    assert only(match()).accepted is None
    assert "accepted" not in match(CARTONS, received(PO, {"1": 1})).to_text()


def test_a_replacement_counts_alone_and_a_refusal_not_at_all() -> None:
    report = match(
        ACCEPTED,
        shipped("S-1", [shipped_item(1, 10)]),
        shipped("S-1", [shipped_item(1, 8)], at=CONFIRMED + timedelta(hours=1)),
        shipped("S-2", [shipped_item(1, 2)], outcome=Outcome.REFUSED),
        shipped("S-3", [shipped_item(1, 2)], outcome=Outcome.UNKNOWN),
        received(PO, {"1": 60}),
    )
    assert found(report) == []
    assert [(each.shipment, each.quantity) for each in only(report).sent] == [("S-3", 12), ("S-1", 48)]


def test_of_two_lines_of_one_product_the_first_is_filled_first() -> None:
    both = order(PO, item("1", 4), item("11", 6))
    answers = answered(PO, {"1": {"Accepted": 4}, "11": {"Accepted": 6}})
    sent = shipped(
        "S-1", [shipped_item(1, 9)], cartons=[carton(1, code(1), [(1, 3)]), carton(2, code(2), [(1, 6)])]
    )
    more = shipped("S-2", [shipped_item(1, 2)], at=CONFIRMED + timedelta(hours=1))
    report = match(answers, sent, more, received(PO, {"1": 24, "11": 35}), orders=[both])
    assert found(report) == [("11", Kind.OVER_SHIPPED, 6), ("11", Kind.SHORT_RECEIVED, 7)]
    first, second = report.lines
    assert [[part.quantity for part in goods.containers] for goods in first.sent] == [[18, 6]]
    assert [(goods.shipment, goods.quantity) for goods in second.sent] == [("S-1", 30), ("S-2", 12)]
    unanswered = match(sent, received(PO, {"1": 24, "11": 30}), orders=[both])
    assert found(unanswered) == []


def test_cases_of_unknown_size_are_counted_as_cases_or_said_to_be_unclear() -> None:
    unsized = [order(PO, item("1", 10, UNSIZED))]
    answers = answered(PO, {"1": {"Accepted": 10}}, UNSIZED)
    sent = shipped("S-1", [shipped_item(1, 10, unit=UNSIZED)])
    report = match(answers, sent, received(PO, {"1": 9}, UNSIZED), orders=unsized)
    assert (found(report), only(report).unit) == ([("1", Kind.SHORT_RECEIVED, 1)], "cases")
    assert "short received: 1 cases" in report.to_text()
    odd = match(
        answered(PO, {"1": {"Accepted": 10}}, EACHES),
        shipped("S-1", [shipped_item(1, 10, unit=EACHES)]),
        received(PO, {"1": 9}),
        orders=unsized,
        invoices=f"I-1,{PO},1,,10,2.50,USD\n",
    )
    assert only(odd).unclear == ("accepted", "shipped", "received", "invoiced")
    assert "cannot be compared, since cases have no known size: accepted, shipped" in odd.to_text()
    assert only(match(sent, orders=unsized)).shipped == 10


def test_the_size_of_a_case_is_taken_from_whatever_document_says_it() -> None:
    unsized = [order(PO, item("1", 10, UNSIZED))]
    for document in (ACCEPTED, CARTONS):
        line = only(match(document, orders=unsized))
        assert (line.ordered, line.in_cases) == (60, False)
    other = answered(PO, {"2": {"Accepted": 1}})
    parts = [shipped_item(1, 60, unit=EACHES), shipped_item(2, 1, line="2")]
    assert only(match(other, shipped("S", parts), orders=unsized)).in_cases


def test_pieces_may_be_sent_and_received_in_cases() -> None:
    pieces = [order(PO, item("1", 60, EACHES))]
    report = match(CARTONS, received(PO, {"1": 9}, CASES_OF_SIX), orders=pieces)
    assert found(report) == [("1", Kind.SHORT_RECEIVED, 6)]
    assert list(report.differences(Kind.PRICE, Kind.OVER_SHIPPED)) == []


def test_invoices_are_compared_where_there_are_some() -> None:
    documents = (ACCEPTED, CARTONS, received(PO, {"1": 54}))
    more = match(*documents, invoices=f"I-1,{PO},1,,30,2.50,USD\nI-2,{PO},,B0ITEM1,30,2.60,USD\n")
    assert found(more)[1:] == [("1", Kind.PRICE, 30), ("1", Kind.OVER_INVOICED, 6)]
    assert "invoice I-2 has 2.60 USD, and 2.50 USD was agreed" in more.to_text()
    assert "  invoice I-1: 30 at 2.50 USD" in more.to_text()
    assert more.to_dict()["lines"][0]["invoices"][1]["price"] == "2.60"
    less = match(*documents, invoices=f"I-1,{PO},1,,50,2.50,USD\n")
    assert found(less)[1:] == [("1", Kind.UNDER_INVOICED, 4)]
    free = order(PO, item(netCost=None))
    assert found(match(invoices=f"I-1,{PO},1,,60,9,USD\n", orders=[free])) == []
    odd = order(PO, item(netCost={"amount": "2.50"}))
    assert (
        "2.50 without a currency was agreed"
        in match(invoices=f"I-1,{PO},1,,60,9,USD\n", orders=[odd]).to_text()
    )


def test_what_is_on_no_line_is_told() -> None:
    sent = shipped("S-1", [shipped_item(1, 10), shipped_item(2, 3, line="9")])
    nameless = {**shipped_item(3, 1)}
    del nameless["amazonProductIdentifier"]
    more = shipped("S-2", [nameless])
    report = match(ACCEPTED, sent, more, invoices=f"I-1,{PO},7,,1,2.50,USD\nI-1,{PO},,B0NOWHERE,2,2.50,USD\n")
    assert [(each.document, each.product, each.quantity) for each in report.strays] == [
        ("shipment S-1", "B0ITEM9", 3),
        ("shipment S-2", None, 1),
        ("invoice I-1", "line 7", 1),
        ("invoice I-1", "B0NOWHERE", 2),
    ]
    assert report.to_text().splitlines()[0] == (
        f"Purchase order {PO}: shipment S-1 has 3 of B0ITEM9, which is on no line"
    )
    assert "has 1 of a product without a number" in report.to_text()
    assert report.to_dict()["strays"][3]["quantity"] == 2


def test_a_container_without_an_sscc_is_shown_by_what_it_has() -> None:
    amazons = {"containerIdentificationType": "AMZNCC", "containerIdentificationNumber": "AMZ1"}
    pallet = {
        "palletIdentifiers": [amazons],
        "items": [{"itemReference": "001", "shippedQuantity": {"amount": 4, **CASES_OF_SIX}}],
    }
    sent = shipped("S-1", [shipped_item(1, 10)], cartons=[carton(1, None, [(1, 6)])], pallets=[pallet])
    bare = shipped("S-2", [shipped_item(1, 1)], transportationDetails=None)
    text = match(ACCEPTED, sent, bare, received(PO, {"1": 1})).to_text()
    assert "    carton without a code: 36\n    pallet AMZNCC AMZ1: 24\n" in text
    assert "shipment S-2, confirmed at 2026-03-02T10:00:00+00:00, left at" in text
    assert match(ACCEPTED, bare, received(PO, {"1": 1})).lines[0].sent[0].containers == ()


def test_an_order_is_matched_once_and_needs_its_details() -> None:
    assert len(match(orders=[order(), order(f" {PO}")]).lines) == 1
    bare = from_dict({"purchaseOrderNumber": PO}, Order)
    with pytest.raises(InvalidRequestError, match=r"orders\[2JK3S9VC\]: was read without its details"):
        match(orders=[bare])
    with pytest.raises(InvalidRequestError, match="at: is a datetime with a time zone"):
        match(at=datetime(2026, 3, 1))  # noqa: DTZ001 - the point


def test_a_line_that_came_without_a_number_is_still_joined() -> None:
    nameless = item()
    del nameless["itemSequenceNumber"]
    line = only(match(CARTONS, received(PO, {"1": 60}), orders=[order(PO, nameless)]))
    assert (line.line, line.shipped, line.received) == ("", 60, None)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",,1,,1,1,USD", "row 2, column invoice: is missing; row 2, column purchase_order: is missing"),
        (f"I,{PO},,,1,1,USD", "row 2, column line: is missing, and so are asin and product"),
        (f"I,{PO},x,,1,1,USD", "row 2, column line: must be a whole number above 0"),
        (f"I,{PO},1,,0,1,USD", "row 2, column quantity: must be a whole number above 0"),
    ],
)
def test_a_fault_of_an_invoice_names_row_and_column(row: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "i.csv"
    path.write_text(f"invoice,purchase_order,line,asin,quantity,price,currency\n{row}\n", "utf-8")
    with pytest.raises(InvalidRequestError) as caught:
        read_invoices(path)
    assert message in str(caught.value)


class Seeds:
    """A thousand orders, what was seeded in them, and in which cartons their goods are."""

    def __init__(self) -> None:
        self.chance = Random(20_261_130)
        self.orders: list[Order] = []
        self.documents: list[Any] = []
        self.wanted: dict[tuple[str, int, DifferenceKind], int] = {}
        self.codes: dict[tuple[str, int], set[str]] = {}
        self.serial = 0
        for index in range(1000):
            self._order(index)

    def _order(self, index: int) -> None:
        """Order, answer, ship and receive something; lines are `1` in one document and `00001` in another."""
        number, chance = f"P{index:07d}", self.chance
        width = 1 if index % 5 else 5
        names = [f"{name:0{width}d}" for name in range(1, chance.randint(1, 4) + 1)]
        ordered = {name: chance.randint(2, 40) for name in names}
        accepted = {name: amount - chance.randint(0, 1) for name, amount in ordered.items()}
        answers = {
            name: {"Accepted": accepted[name], "Rejected": amount - accepted[name]}
            for name, amount in ordered.items()
        }
        cartons = [each for name in names for each in self._cartons(number, int(name), accepted[name])]
        items = [shipped_item(int(name), accepted[name], number, name) for name in names]
        arrived = {str(int(name)): self._arrived(number, int(name), accepted[name] * 6) for name in names}
        self.orders.append(order(number, *(item(name, amount) for name, amount in ordered.items())))
        self.documents.append(answered(number, answers))
        self.documents.append(shipped(f"S-{index}", items, cartons=cartons))
        in_cases = index % 3 == 0 and all(amount % 6 == 0 for amount in arrived.values())
        size, unit = (6, CASES_OF_SIX) if in_cases else (1, EACHES)
        self.documents.append(
            received(number, {name: amount // size for name, amount in arrived.items()}, unit)
        )

    def _cartons(self, number: str, line: int, amount: int) -> Iterator[dict[str, Any]]:
        first = self.chance.randint(1, amount)
        for part in (first, amount - first):
            if part:
                self.serial += 1
                self.codes.setdefault((number, line), set()).add(code(self.serial)[2:])
                yield carton(self.serial, code(self.serial), [(line, part)])

    def _arrived(self, number: str, line: int, amount: int) -> int:
        fate = self.chance.random()
        less = self.chance.randint(1, amount) if fate < 0.1 else 0
        over = self.chance.randint(1, 9) if fate > 0.97 else 0
        if less or over:
            self.wanted[number, line, Kind.SHORT_RECEIVED if less else Kind.OVER_RECEIVED] = less + over
        return amount - less + over


@pytest.mark.long
def test_all_seeded_shortages_of_a_thousand_orders_are_named_and_nothing_else() -> None:
    seeds = Seeds()
    report = match(*seeds.documents, orders=seeds.orders)
    named = {
        (line.purchase_order, int(line.line), each.kind): each.quantity for line, each in report.differences()
    }
    assert len(seeds.wanted) > 200
    assert named == seeds.wanted
    assert report.strays == ()
    for line, _ in report.differences():
        parts = [part for goods in line.sent for part in goods.containers]
        assert {part.sscc for part in parts} == seeds.codes[line.purchase_order, int(line.line)]
        assert sum(part.quantity for part in parts) == line.shipped


@pytest.mark.parametrize(("ordered", "missing"), [(0, None), (4, 24), (10, 60)])
def test_what_amazon_has_cancelled_after_the_answer_is_not_short_shipped(
    ordered: int, missing: int | None
) -> None:
    report = match(
        ACCEPTED, received(PO, {"1": None}, state="CLOSED"), orders=[order(PO, item("1", ordered))]
    )
    assert found(report) == ([] if missing is None else [("1", Kind.SHORT_SHIPPED, missing)])
    if ordered == 4:
        assert "60 were accepted, 36 of them cancelled, and 0 were sent" in report.to_text()


def test_what_is_on_its_way_is_not_over_invoiced() -> None:
    sent = shipped("S-1", [shipped_item(1, 10)])
    invoices = f"I-1,{PO},1,,60,2.50,USD\n"
    for arrived in (None, 24):
        report = match(ACCEPTED, sent, received(PO, {"1": arrived}), invoices=invoices, at=CONFIRMED)
        assert found(report) == []
    late = match(ACCEPTED, sent, received(PO, {"1": 24}), invoices=invoices)
    assert found(late) == [("1", Kind.SHORT_RECEIVED, 36), ("1", Kind.OVER_INVOICED, 36)]
    too_much = match(
        ACCEPTED, sent, received(PO, {"1": 24}), invoices=f"I-1,{PO},1,,66,2.50,USD\n", at=CONFIRMED
    )
    assert found(too_much) == [("1", Kind.OVER_INVOICED, 6)]
    assert "66 were invoiced, 36 may be on their way, and 24 were received" in too_much.to_text()


def test_an_invoice_of_a_product_in_two_lines_fills_the_first_one_first() -> None:
    twice = [order(PO, item("1", 4), {**item("2", 6), "amazonProductIdentifier": "B0ITEM1"})]
    documents = [
        answered(PO, {"1": {"Accepted": 4}, "2": {"Accepted": 6}}),
        shipped("S-1", [shipped_item(1, 10)]),
        received(PO, {"1": 24, "2": 36}),
    ]
    report = match(*documents, orders=twice, invoices=f"I-1,{PO},,B0ITEM1,60,2.50,USD\n")
    assert found(report) == []
    assert [[each.quantity for each in line.invoices] for line in report.lines] == [[24], [36]]
    # one that names its line has its place before
    split = f"I-1,{PO},,B0ITEM1,36,2.50,USD\nI-2,{PO},1,,24,2.50,USD\n"
    report = match(*documents, orders=twice, invoices=split)
    assert [[(each.invoice, each.quantity) for each in line.invoices] for line in report.lines] == [
        [("I-2", 24)],
        [("I-1", 36)],
    ]
    over = match(*documents, orders=twice, invoices=f"I-1,{PO},,B0ITEM1,70,2.50,USD\n")
    assert found(over) == [("2", Kind.OVER_INVOICED, 10)]
    assert over.strays == ()


def test_a_price_by_weight_is_not_compared_with_that_of_a_piece() -> None:
    cost = {"currencyCode": "USD", "amount": "3.50", "unitOfMeasure": "POUNDS"}
    documents = [ACCEPTED, shipped("S-1", [shipped_item(1, 10)]), received(PO, {"1": 60})]
    by_weight = [order(PO, item("1", 10, netCost=cost))]
    report = match(*documents, orders=by_weight, invoices=f"I-1,{PO},1,,60,7.20,USD\n")
    assert found(report) == []
    assert only(report).price is None
    # and the same amount, by the piece, is
    report = match(*documents, invoices=f"I-1,{PO},1,,60,7.20,USD\n")
    assert [kind for _, kind, _ in found(report)] == [Kind.PRICE]
