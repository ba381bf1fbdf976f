"""Bulk buy offers: read, approved in stages, answered, and matched to purchase orders."""

import pickle
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError, from_dict
from spshipping.vendor.orders import Order
from spshipping.vendor.tools import BulkBuy, MemoryOffers, Offer, SqliteOffers
from spshipping.vendor.tools.offers import (
    Allocation,
    Answer,
    LineDecision,
    MatchedBy,
    OfferLedger,
    OfferLine,
    OfferState,
    Reason,
    Tolerance,
)
from spshipping.wire.text import parse
from tests.kit import FakeClock
from tests.unit.vendor.build import line, purchase_order

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ASIN = "B07DFVDRAB"
PRICE = Decimal("346.27")


def offer(number: str = "D-1", *quantities: int, **more: Any) -> Offer:
    """Make an offer of the product that `build.line` orders, and of others."""
    lines = tuple(
        OfferLine(
            number=index,
            quantity=quantity,
            price=PRICE,
            amazon_product_identifier=ASIN if index == 1 else f"B0OTHER{index}",
        )
        for index, quantity in enumerate(quantities or (100,), 1)
    )
    return Offer(**{"number": number, "currency": "USD", "lines": lines, **more})


def order(number: str = "2JK3S9VC", *items: dict[str, Any], **details: Any) -> Order:
    """Make a purchase order; without items, of 10 cases of 6."""
    return from_dict(purchase_order(number, items=list(items) or [line()], **details), Order)


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OfferLedger]:
    if request.param == "memory":
        yield MemoryOffers()
        return
    with SqliteOffers(tmp_path / "offers.db") as made:
        yield made


@pytest.fixture
def bulk(ledger: OfferLedger) -> BulkBuy:
    return BulkBuy(ledger, clock=FakeClock(NOW))


def approved(bulk: BulkBuy, *offers: Offer, lines: dict[int, LineDecision] | None = None) -> None:
    """Receive and approve offers."""
    bulk.receive(offers)
    for each in offers:
        bulk.approve(each.number, "approval", by="m", lines=lines or {})


def refused(message: str) -> Any:
    return pytest.raises(InvalidRequestError, match=message)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: offer(" "), "number: is text on one line that is not empty"),
        (lambda: offer("D\n1"), "number: is text on one line that is not empty"),
        (lambda: offer(lines=()), "lines: an offer has at least one line"),
        (lambda: offer(lines=(offer().lines[0],) * 2), "lines: two lines have the same number"),
        (
            lambda: offer(lines=(OfferLine(number=1, quantity=1, price=PRICE),)),
            r"lines\[1\]: has neither ASIN nor a product number",
        ),
        (lambda: offer("D", 0), r"lines\[1\].quantity: is a whole number above 0"),
        (
            lambda: offer(
                lines=(OfferLine(number=1, quantity=1, price=Decimal(0), amazon_product_identifier="B"),)
            ),
            r"lines\[1\].price: is a Decimal above 0",
        ),
        (lambda: Tolerance(price=Decimal(2)), "tolerance.price: is a Decimal from 0 to 1"),
        (lambda: BulkBuy(MemoryOffers(), stages=()), "stages: are names"),
        (lambda: BulkBuy(MemoryOffers(), stages="sales"), "stages: are names"),
        (lambda: BulkBuy(MemoryOffers(), stages=("a", "a")), "stages: are names"),
        (lambda: BulkBuy(MemoryOffers(), stages=("a", " ")), "stages: are names"),
        (lambda: BulkBuy(MemoryOffers(), stages=("a\n",)), "stages: are names"),
        (lambda: BulkBuy(MemoryOffers()).offer("D\n9"), r"there is no offer D\\n9"),
    ],
)
def test_what_cannot_be_is_refused(made: Callable[[], object], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message) as caught:
        made()
    assert str(caught.value).isprintable()


# approval


def test_an_approval_goes_through_its_stages_each_with_who_and_when(ledger: OfferLedger) -> None:
    clock = FakeClock(NOW)
    bulk = BulkBuy(ledger, stages=("sales", "finance"), clock=clock)
    assert bulk.receive([offer()]) == (("D-1",), ())
    assert bulk.receive([offer(), offer("D-2")]) == (("D-2",), ("D-1",))
    assert bulk.offer("D-1").next_stage == "sales"
    clock.elapsed += 60
    first = bulk.approve("D-1", "sales", by="m.lopez", note="fine")
    assert (first.state, first.next_stage) == (OfferState.PENDING, "finance")
    berlin = timezone(timedelta(hours=1))
    last = bulk.approve("D-1", "finance", by="k.tanaka", at=datetime(2026, 11, 21, tzinfo=berlin))
    assert (last.state, last.next_stage) == (OfferState.APPROVED, None)
    kept = BulkBuy(ledger, stages=("other",)).offer("D-1")
    assert kept == last
    assert [(each.stage, each.by, each.at, each.note) for each in kept.approvals] == [
        ("sales", "m.lopez", NOW + timedelta(minutes=1), "fine"),
        ("finance", "k.tanaka", datetime(2026, 11, 20, 23, tzinfo=UTC), None),
    ]
    assert "lopez" not in repr(kept)
    assert [each.offer.number for each in bulk.offers()] == ["D-1", "D-2"]


def test_an_offer_that_differs_is_refused_and_nothing_of_the_file_is_kept(bulk: BulkBuy) -> None:
    bulk.receive([offer()])
    with refused("offer D-1 is there already, and differs"):
        bulk.receive([offer("D-2"), offer("D-1", 7)])
    assert [each.offer.number for each in bulk.offers()] == ["D-1"]


def test_a_stage_decides_once_and_in_its_turn(ledger: OfferLedger) -> None:
    bulk = BulkBuy(ledger, stages=("sales", "finance"), clock=FakeClock(NOW))
    bulk.receive([offer()])
    with refused("offer D-1 is at the stage 'sales'; its stages are sales, finance"):
        bulk.approve("D-1", "finance", by="m")
    bulk.approve("D-1", "sales", by="m")
    with refused("offer D-1 is at the stage 'finance'"):
        bulk.approve("D-1", "sales", by="m")
    with refused("by: is who decides"):
        bulk.approve("D-1", "finance", by=" ")
    with refused("at: is a datetime with a time zone"):
        bulk.approve("D-1", "finance", by="m", at=datetime(2026, 11, 20))  # noqa: DTZ001 - the point
    bulk.decline("D-1", "finance", by="m", reason="too cheap")
    with refused("offer D-1 is declined already"):
        bulk.approve("D-1", "finance", by="m")
    with refused("there is no offer D-9"):
        bulk.offer("D-9")
    kept = bulk.offer("D-1")
    assert kept.state is OfferState.DECLINED
    assert [each.stage for each in kept.approvals] == ["sales", "finance"]


def test_a_line_is_taken_whole_in_part_or_not_and_the_last_stage_decides(ledger: OfferLedger) -> None:
    bulk = BulkBuy(ledger, stages=("sales", "finance"), clock=FakeClock(NOW))
    bulk.receive([offer("D-1", 100, 50, 20)])
    bulk.approve("D-1", "sales", by="m", lines={3: LineDecision(quantity=0), 2: LineDecision(quantity=1)})
    with refused("offer D-1 waits for the stage 'finance'"):
        bulk.response("D-1")
    for lines, message in (
        ({4: LineDecision(quantity=0)}, "offer D-1 has no line 4"),
        ({1: LineDecision(quantity=101)}, r"lines\[1\].quantity: is a whole number from 0 to the 100"),
        ({1: LineDecision(quantity=0), 2: LineDecision(quantity=0)}, "every line of offer D-1 is declined"),
    ):
        with refused(message):
            bulk.approve("D-1", "finance", by="m", lines=lines)
    bulk.approve("D-1", "finance", by="m", lines={2: LineDecision(quantity=30, reason="short")})
    found = bulk.response("D-1")
    assert found.is_approved
    assert [(each.number, each.answer, each.quantity, each.reason) for each in found.lines] == [
        (1, Answer.ACCEPTED, 100, None),
        (2, Answer.CHANGED, 30, "short"),
        (3, Answer.DECLINED, 0, None),
    ]


def test_the_response_is_a_document_that_names_nobody(bulk: BulkBuy, tmp_path: Path) -> None:
    bulk.receive(
        [
            offer(
                lines=(
                    *offer().lines,
                    OfferLine(number=2, quantity=5, price=PRICE, vendor_product_identifier="=1+1"),
                )
            )
        ]
    )
    bulk.decline("D-1", "approval", by="m.lopez", reason="no stock")
    response = bulk.response("D-1")
    saved = response.save(tmp_path / "out" / "D-1.csv")
    text = saved.read_bytes().decode()
    assert text == response.to_csv()
    assert text.splitlines()[1] == f"D-1,,1,{ASIN},,100,declined,0,346.27,USD,no stock"
    assert "'=1+1" in text
    found = parse(response.save(tmp_path / "D-1.json").read_bytes())
    assert response.save(tmp_path) == tmp_path / "D-1-response.csv"
    assert (tmp_path / "D-1-response.csv").read_bytes() == response.to_csv().encode()
    assert (found["answer"], found["decided_at"]) == ("declined", NOW.isoformat())
    assert found["lines"][1]["product"] == "=1+1"
    assert "lopez" not in text + response.to_json() + repr(response)


# matching


def test_a_deal_code_says_which_offer_an_order_belongs_to(bulk: BulkBuy) -> None:
    approved(bulk, offer("D-0"), offer("D-1", deal_code="DEAL7"))
    found = bulk.match([order(dealCode=" DEAL7 ")])
    assert found.matched == (
        Allocation(
            purchase_order="2JK3S9VC",
            line="1",
            offer="D-1",
            offer_line=1,
            quantity=60,
            matched_by=MatchedBy.DEAL_CODE,
        ),
    )
    assert found.unmatched == ()
    assert [(each.offer, each.quantity) for each in found.open] == [("D-0", 100), ("D-1", 40)]


def test_with_a_deal_code_another_price_is_named(bulk: BulkBuy) -> None:
    approved(bulk, offer("D-1", 300, deal_code="DEAL7"))
    items = [
        {**line("1"), "netCost": {"currencyCode": "USD", "amount": "350"}},
        {**line("2"), "netCost": {"currencyCode": "EUR", "amount": "346.27"}},
        {key: value for key, value in line("3").items() if key != "netCost"},
        {**line("4"), "netCost": {"currencyCode": "USD"}},
        line("5"),
    ]
    found = bulk.match([order("2JK3S9VC", *items, dealCode="DEAL7")])
    assert [each.deviation for each in found.matched] == [
        "350 USD, and 346.27 USD was offered",
        "346.27 EUR, and 346.27 USD was offered",
        "no price, and 346.27 USD was offered",
        "no price, and 346.27 USD was offered",
        None,
    ]


def test_the_line_with_the_right_price_comes_first(bulk: BulkBuy) -> None:
    cheap, right = (
        offer().lines[0],
        OfferLine(number=2, quantity=10, price=Decimal("350"), amazon_product_identifier=ASIN),
    )
    approved(bulk, offer(lines=(cheap, right), deal_code="DEAL7"))
    (found,) = bulk.match(
        [
            order(
                "A", {**line(amount=1), "netCost": {"currencyCode": "USD", "amount": "350"}}, dealCode="DEAL7"
            )
        ]
    ).matched
    assert (found.offer_line, found.quantity, found.deviation) == (2, 6, None)


def test_more_than_the_offer_has_is_named(bulk: BulkBuy) -> None:
    approved(bulk, offer(deal_code="DEAL7"))
    found = bulk.match(
        [order("A", dealCode="DEAL7"), order("B", dealCode="DEAL7"), order("C", dealCode="DEAL7")]
    )
    assert [(each.purchase_order, each.quantity) for each in found.matched] == [("A", 60), ("B", 40)]
    assert [(each.purchase_order, each.quantity, each.reason, each.offer) for each in found.unmatched] == [
        ("B", 20, Reason.MORE_THAN_OFFERED, "D-1"),
        ("C", 60, Reason.MORE_THAN_OFFERED, "D-1"),
    ]
    assert found.open == ()


def test_an_offer_that_is_not_approved_takes_no_order(bulk: BulkBuy) -> None:
    bulk.receive([offer("D-1", deal_code="P"), offer("D-2", deal_code="N")])
    bulk.decline("D-2", "approval", by="m")
    found = bulk.match([order("A", dealCode="P"), order("B", dealCode="N"), order("C")])
    assert [(each.reason, each.offer) for each in found.unmatched] == [
        (Reason.NOT_APPROVED, "D-1"),
        (Reason.DECLINED, "D-2"),
        (Reason.NO_OFFER, None),
    ]
    assert (found.matched, found.open) == ((), ())


def test_an_item_that_the_deal_has_not_is_named(bulk: BulkBuy) -> None:
    approved(bulk, offer("D-1", 100, 50, deal_code="DEAL7"), lines={2: LineDecision(quantity=0)})
    declined = {**line("2"), "amazonProductIdentifier": "B0OTHER2"}
    other = {**line("3"), "amazonProductIdentifier": "B0NOWHERE"}
    found = bulk.match([order("A", line(), declined, other, dealCode="DEAL7")])
    assert [(each.line, each.reason) for each in found.unmatched] == [
        ("2", Reason.NOT_IN_OFFER),
        ("3", Reason.NOT_IN_OFFER),
    ]


def test_without_a_deal_code_item_quantity_and_price_decide_within_tolerances(ledger: OfferLedger) -> None:
    tolerance = Tolerance(quantity=Decimal("0.1"), price=Decimal("0.01"))
    bulk = BulkBuy(ledger, tolerance=tolerance, clock=FakeClock(NOW))
    approved(bulk, offer("D-1", 55), offer("D-2", 1000, deal_code="OTHER"))
    near = {**line(), "netCost": {"currencyCode": "USD", "amount": "349"}}
    far = {**line(), "netCost": {"currencyCode": "USD", "amount": "350"}}
    found = bulk.match([order("A", near, dealCode="UNKNOWN"), order("B", far, dealCode="UNKNOWN")])
    (first,) = found.matched
    assert (first.offer, first.quantity, first.matched_by) == ("D-1", 60, MatchedBy.ITEMS)
    assert [(each.reason, each.offer) for each in found.unmatched] == [(Reason.PRICE, "D-1")]
    again = bulk.match([order("B", line(amount=1), dealCode="UNKNOWN")])
    assert [(each.reason, each.quantity) for each in again.unmatched] == [(Reason.MORE_THAN_OFFERED, 6)]


def test_the_offer_that_has_most_of_an_order_comes_first(bulk: BulkBuy) -> None:
    second = {**line("2", 1), "amazonProductIdentifier": "B0OTHER2"}
    approved(bulk, offer("D-1"), offer("D-2", 100, 50))
    found = bulk.match([order("A", line(amount=1), second)])
    assert [(each.line, each.offer) for each in found.matched] == [("1", "D-2"), ("2", "D-2")]


def test_a_vendor_code_of_an_offer_is_binding(bulk: BulkBuy) -> None:
    approved(bulk, offer(vendor_code="ABCD2"))
    assert [each.reason for each in bulk.match([order()]).unmatched] == [Reason.NO_OFFER]


def test_what_has_no_clear_quantity_is_named_and_what_is_cancelled_is_left_out(bulk: BulkBuy) -> None:
    approved(bulk, offer())
    unclear = {**line("2"), "orderedQuantity": {"amount": 5, "unitOfMeasure": "Cases"}}
    nothing = {key: value for key, value in line("3").items() if key != "orderedQuantity"}
    negative = line("4", -1)
    odd = {**line("x", 1)}
    found = bulk.match(
        [order("A", line("00001", 1), line("1", 2), unclear, nothing, negative, line("5", 0), odd)]
    )
    assert [(each.line, each.quantity) for each in found.matched] == [("1", 6), ("x", 6)]
    assert [(each.line, each.quantity, each.reason) for each in found.unmatched] == [
        ("1", 12, Reason.TWICE),
        ("2", None, Reason.UNCLEAR_QUANTITY),
        ("3", None, Reason.UNCLEAR_QUANTITY),
        ("4", -6, Reason.UNCLEAR_QUANTITY),
    ]


def test_an_order_that_is_matched_again_takes_the_place_of_what_it_had(
    bulk: BulkBuy, ledger: OfferLedger
) -> None:
    approved(bulk, offer())
    for amount, left in ((10, 40), (10, 40), (5, 70), (0, 100)):
        assert sum(each.quantity for each in bulk.match([order("A", line(amount=amount))]).open) == left
    bulk.match([order("A"), order(" A", line(amount=3))])
    with ledger.changed() as book:
        assert [each.quantity for each in book.allocations()] == [18]
    bulk.release(" A ")
    with ledger.changed() as book:
        assert not book.allocations()


def test_an_order_without_details_changes_nothing(bulk: BulkBuy, ledger: OfferLedger) -> None:
    approved(bulk, offer())
    with refused(r"orders\[B\]: was read without its details"):
        bulk.match([order("A"), from_dict({"purchaseOrderNumber": "B"}, Order)])
    with ledger.changed() as book:
        assert not book.allocations()


def test_a_match_is_json_and_csv(bulk: BulkBuy) -> None:
    approved(bulk, offer())
    found = bulk.match([order("A"), order("B")])
    plain = found.to_dict()
    assert plain["matched"][0]["matched_by"] == "items"
    assert plain["unmatched"][0] == {
        "purchase_order": "B",
        "line": "1",
        "quantity": 60,
        "reason": "more than is left of the offer",
        "offer": "D-1",
    }
    assert plain["open"] == [{"offer": "D-1", "offer_line": 1, "asin": ASIN, "product": None, "quantity": 40}]
    assert found.to_csv().splitlines()[1:] == [
        "A,1,D-1,1,60,matched by items,",
        "B,1,D-1,,60,not matched,more than is left of the offer",
        ",,D-1,1,40,open,",
    ]


# ledgers


def test_what_fails_within_a_change_leaves_everything_as_it_was(ledger: OfferLedger, bulk: BulkBuy) -> None:
    approved(bulk, offer())
    bulk.match([order("A")])
    kept = bulk.offer("D-1")

    class Stop(Exception):  # noqa: N818 - a signal of this test
        pass

    def change() -> None:
        with ledger.changed() as book:
            book.put(kept.__class__(offer=offer("D-2"), received_at=NOW, stages=("x",)))
            book.allocate("A", ())
            raise Stop

    with pytest.raises(Stop):
        change()
    with ledger.changed() as book:
        assert [each.offer.number for each in book.offers()] == ["D-1"]
        assert len(book.allocations()) == 1
        assert book.find("D-2") is None


def test_threads_take_turns(ledger: OfferLedger) -> None:
    bulk = BulkBuy(ledger, clock=FakeClock(NOW))
    approved(bulk, offer("D-1", 60 * 8))
    threads = [threading.Thread(target=lambda n=n: bulk.match([order(f"P{n}")])) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ledger.changed() as book:
        assert sum(each.quantity for each in book.allocations()) == 60 * 8


def test_a_file_of_another_kind_is_refused_and_a_ledger_is_never_pickled(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"")
    with SqliteOffers(tmp_path / "x.db") as ledger:
        with pytest.raises(ConfigurationError, match="is no ledger of offers"), ledger.changed():
            pass
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(ledger)
        assert repr(ledger) == f"<SqliteOffers {tmp_path / 'x.db'}>"


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "-1"])
def test_an_amount_that_is_no_number_is_refused(amount: str) -> None:
    for name in ("price", "quantity"):
        with pytest.raises(InvalidRequestError, match=f"tolerance.{name}: is a Decimal from 0 to 1"):
            Tolerance(**{name: Decimal(amount)})
    line = OfferLine(number=1, quantity=1, price=Decimal(amount), amazon_product_identifier=ASIN)
    with pytest.raises(InvalidRequestError, match="is a Decimal above 0"):
        Offer(number="D-1", currency="USD", lines=(line,))


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x9b31m", "half \ud800", "bell \x07"])
def test_what_a_terminal_would_obey_is_in_no_approval(ledger: OfferLedger, text: str) -> None:
    bulk = BulkBuy(ledger)
    bulk.receive([offer("D-1", 5)])
    given: dict[str, Any] = {"by": "m.lopez"}
    for more in ({"by": text}, {"note": text}, {"lines": {1: LineDecision(quantity=1, reason=text)}}):
        with pytest.raises(InvalidRequestError, match="has control characters"):
            bulk.approve("D-1", "approval", **given | more)
    with pytest.raises(InvalidRequestError, match="by: has control characters"):
        bulk.approve("D-1", "approval", by="m.lopez\nFAKE: approved")
    assert bulk.offer("D-1").state is OfferState.PENDING
    bulk.approve("D-1", "approval", by="\u0645\u200c\u0645", note="first\nsecond")
    assert bulk.offer("D-1").approvals[0].note == "first\nsecond"


def test_an_order_that_has_a_part_of_an_offer_keeps_it_when_a_newer_one_is_matched(
    ledger: OfferLedger,
) -> None:
    bulk = BulkBuy(ledger)
    bulk.receive([offer("D-1", 60)])
    bulk.approve("D-1", "approval", by="m.lopez")
    bulk.match([order("SECOND00")])
    report = bulk.match([order("FIRST000"), order("SECOND00")])
    assert [(each.purchase_order, each.quantity) for each in report.matched] == [("SECOND00", 60)]
    assert [(each.purchase_order, each.reason) for each in report.unmatched] == [
        ("FIRST000", Reason.MORE_THAN_OFFERED)
    ]


def test_a_response_has_prices_without_an_exponent(ledger: OfferLedger) -> None:
    bulk = BulkBuy(ledger)
    lines = (
        OfferLine(number=1, quantity=1, price=Decimal("1E+2"), vendor_product_identifier="B;=cmd|' /C'!A"),
    )
    bulk.receive([Offer(number="D-1", currency="USD", lines=lines)])
    bulk.approve("D-1", "approval", by="m.lopez")
    response = bulk.response("D-1")
    assert response.to_dict()["lines"][0]["price"] == "100"
    assert "D-1,,1,,B;'=cmd|' /C'!A,1,accepted,1,100,USD,\r\n" in response.to_csv()
