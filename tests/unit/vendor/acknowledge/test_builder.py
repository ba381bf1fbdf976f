"""The answers to a purchase order: complete, adding up, and in the order's own words."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from spshipping import InvalidRequestError, dumps, from_dict, loads, to_dict
from spshipping.vendor.acknowledge import Acknowledgement
from spshipping.vendor.orders import Money, Order, RejectionReason, SubmitAcknowledgementRequest
from tests.kit import START
from tests.unit.vendor.acknowledge.orders import FRIDAY, USD, line, order
from tests.unit.vendor.build import NUMBER


def begun(*lines: dict[str, Any], **details: Any) -> Acknowledgement:
    """Begin the answers to an order, at the order's cost."""
    return Acknowledgement.of(order(*lines, **details), accept_po_cost=True)


def items(acknowledgement: Acknowledgement) -> list[dict[str, Any]]:
    """Return the lines as they are sent."""
    (answers,) = to_dict(acknowledgement.to_request(at=START))["acknowledgements"]
    return list(answers["items"])


def answers(acknowledgement: Acknowledgement) -> list[list[tuple[str, int]]]:
    """Return code and amount of each answer, line by line."""
    return [
        [
            (answer["acknowledgementCode"], answer["acknowledgedQuantity"]["amount"])
            for answer in item["itemAcknowledgements"]
        ]
        for item in items(acknowledgement)
    ]


def said(code: str, amount: int, unit: dict[str, Any], **more: str) -> dict[str, Any]:
    """Make one answer as it is sent."""
    return {"acknowledgementCode": code, "acknowledgedQuantity": {"amount": amount, **unit}, **more}


def test_every_line_is_open_until_it_is_answered() -> None:
    made = begun()
    assert made.open == {1: 10, 2: 10, 3: 10}
    assert made.accept(1, 4).open == {1: 6, 2: 10, 3: 10}
    assert made.reject("00002", RejectionReason.TEMPORARILY_UNAVAILABLE).open == {1: 6, 3: 10}
    assert repr(made) == f"<Acknowledgement of {NUMBER}: 1 of 3 lines answered>"
    with pytest.raises(InvalidRequestError, match="line 1: 6 of 10 are not answered"):
        made.to_request()
    assert made.accept_all().open == {}
    assert answers(made) == [[("Accepted", 4), ("Accepted", 6)], [("Rejected", 10)], [("Accepted", 10)]]


def test_an_order_is_answered_in_its_own_words() -> None:
    cases = line(
        "00001",
        5,
        orderedQuantity={"amount": 5, "unitOfMeasure": "Cases", "unitSize": 6},
        vendorProductIdentifier=" x-1 ",
    )
    without = line("2", amazonProductIdentifier=None)
    made = Acknowledgement.of(
        from_dict({**to_dict(order(cases, without)), "purchaseOrderNumber": f" {NUMBER}"}, Order),
        accept_po_cost=True,
    )
    made.accept(1, 3, ship_date=FRIDAY).back_order(1, delivery_date=FRIDAY)
    made.reject(2, "ObsoleteProduct")
    cases_of = {"unitOfMeasure": "Cases", "unitSize": 6}
    date = "2026-03-06T08:00:00Z"
    first = {
        "itemSequenceNumber": "00001",
        "amazonProductIdentifier": "B07DFVDR1B",
        "vendorProductIdentifier": " x-1 ",
        "orderedQuantity": {"amount": 5, **cases_of},
        "netCost": USD,
        "itemAcknowledgements": [
            said("Accepted", 3, cases_of, scheduledShipDate=date),
            said("Backordered", 2, cases_of, scheduledDeliveryDate=date),
        ],
    }
    pieces = {"unitOfMeasure": "Eaches", "unitSize": 1}
    second = {
        "itemSequenceNumber": "2",
        "vendorProductIdentifier": "8806098286502",
        "orderedQuantity": {"amount": 10, **pieces},
        "netCost": USD,
        "itemAcknowledgements": [said("Rejected", 10, pieces, rejectionReason="ObsoleteProduct")],
    }
    whole = {
        "purchaseOrderNumber": NUMBER,
        "sellingParty": {"partyId": "ABCD1"},
        "acknowledgementDate": "2026-03-01T12:00:00Z",
        "items": [first, second],
    }
    assert to_dict(made.to_request(at=START)) == {"acknowledgements": [whole]}
    assert loads(dumps(made.to_request(at=START)), SubmitAcknowledgementRequest) == made.to_request(at=START)


def test_without_a_time_an_acknowledgement_is_of_now() -> None:
    (made,) = begun().accept_all().to_request().acknowledgements or []
    assert made.acknowledgement_date > START
    assert made.acknowledgement_date.tzinfo is not None


def test_lines_that_amazon_has_cancelled_are_left_out() -> None:
    made = begun(line("1", 0), line("2", 3))
    assert made.open == {2: 3}
    with pytest.raises(InvalidRequestError, match="line 1: is no line of this order that can be answered"):
        made.accept(1)
    assert [item["itemSequenceNumber"] for item in items(made.accept_all())] == ["2"]
    with pytest.raises(InvalidRequestError, match="purchase_order: has no line to answer"):
        begun(line("1", 0))


def test_quantities_never_exceed_what_is_open() -> None:
    made = begun(line("1")).accept(1, 7)
    for wrong, words in [
        (4, "more than the 3 of 10"),
        (0, "above 0"),
        (-1, "above 0"),
        (True, "whole number"),
        (2.0, "whole number"),
    ]:
        with pytest.raises(InvalidRequestError, match=f"line 1, quantity: .*{words}"):
            made.accept(1, wrong)  # type: ignore[arg-type]
    made.accept(1)
    with pytest.raises(InvalidRequestError, match="line 1: is answered already"):
        made.accept(1)
    assert answers(made.reopen(1).accept(1)) == [[("Accepted", 10)]]


def test_dates_and_reasons_are_checked() -> None:
    made = begun()
    with pytest.raises(InvalidRequestError, match="line 2: a back order needs ship_date= or delivery_date="):
        made.back_order(2)
    for naive in (datetime(2026, 3, 6), "2026-03-06"):  # noqa: DTZ001 - a naive time is the point
        with pytest.raises(InvalidRequestError, match="line 2, ship_date: is a datetime with a time zone"):
            made.accept(2, ship_date=naive)  # type: ignore[arg-type]
        with pytest.raises(InvalidRequestError, match="line 2, delivery_date: is a datetime with"):
            made.back_order(2, delivery_date=naive)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="line 2, reason: is one of TemporarilyUnavailable, "):
        made.reject(2, "Sold out")
    assert made.open == {1: 10, 2: 10, 3: 10}


@pytest.mark.parametrize("name", [4, "4", "B07DFVDR1B", "", None, True, 1.0])
def test_what_names_no_line_is_refused(name: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"is no line of this order|is the number of a line"):
        begun().accept(name)


def test_a_line_that_has_no_number_but_a_name_is_found_by_it() -> None:
    assert begun(line("A-1")).accept(" A-1 ").open == {}


def test_an_update_begins_with_what_was_said_where_as_much_is_ordered() -> None:
    first = Acknowledgement.of(order(), prices={"8806098286501": Decimal("9.50")}, accept_po_cost=True)
    first.accept(1, 4).back_order(1, ship_date=FRIDAY).reject(2, "ObsoleteProduct").accept_all()
    (said,) = first.to_request(at=START).acknowledgements or []
    changed = order(line("00001"), line("2", 0), line("3", 12), line("4"))
    made = Acknowledgement.of(changed, update=said)
    assert made.open == {3: 12, 4: 10}
    made.accept_all().price(4, accept_po_cost=True)
    assert answers(made) == [
        [("Accepted", 4), ("Backordered", 6)],
        [("Accepted", 12)],
        [("Accepted", 10)],
    ]
    assert [item["netCost"]["amount"] for item in items(made)] == ["9.50", "10.00", "10.00"]
    made.reopen(1).accept(1)
    assert len(said.items[0].item_acknowledgements) == 2, "what was said stays as it is"
    renamed = order()
    renamed.purchase_order_number = "2JK3S9VD"
    for other in (order(sellingParty={"partyId": "EFGH2"}), renamed):
        with pytest.raises(InvalidRequestError, match="update: is of another order"):
            Acknowledgement.of(other, update=said)


def test_costs_come_from_the_caller_a_price_list_or_the_order_where_that_is_asked_for() -> None:
    four = order(line("1"), line("2"), line("3"), line("4"))
    prices: dict[str, Any] = {
        "8806098286501": Decimal("9.50"),
        "B07DFVDR2B": Money(currency_code="USD", amount=Decimal("9.25")),
        "8806098286503": 8,
    }
    made = Acknowledgement.of(four, prices=prices).accept_all()
    with pytest.raises(InvalidRequestError, match="line 4, net_cost: is missing: state what you will"):
        made.to_request()
    made.price(4, accept_po_cost=True).price(3, Decimal("7.77"))
    costs = [item["netCost"]["amount"] for item in items(made)]
    assert costs == ["9.50", "9.25", "7.77", "10.00"]
    everything = Acknowledgement.of(four, prices=prices, accept_po_cost=True).accept_all()
    assert [item["netCost"]["amount"] for item in items(everything)] == ["9.50", "9.25", "8", "10.00"]


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (0, "above 0"),
        (Decimal("-1"), "above 0"),
        (Decimal("NaN"), "above 0"),
        (Money(currency_code="USD"), "above 0"),
        (9.5, "a float is not exact"),
        (True, "a float is not exact"),
        (Money(currency_code="EUR", amount=Decimal(9)), "another currency"),
    ],
)
def test_a_cost_that_cannot_be_is_refused(cost: Any, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"line 1, net_cost: .*{words}"):
        begun().price(1, cost)
    with pytest.raises(InvalidRequestError, match=f"line 1, net_cost: .*{words}"):
        Acknowledgement.of(order(), prices={"8806098286501": cost}).accept_all().to_request()


def test_one_cost_is_stated_and_not_two() -> None:
    made = begun()
    with pytest.raises(InvalidRequestError, match="line 1, net_cost: state net_cost, or accept_po_cost"):
        made.price(1)
    with pytest.raises(InvalidRequestError, match="line 1, net_cost: state net_cost, or accept_po_cost"):
        made.price(1, 9, accept_po_cost=True)


def test_an_order_with_a_list_price_alone_says_so() -> None:
    book = line("1", netCost=None, listPrice={"currencyCode": "EUR", "amount": "20.00"})
    made = begun(book).accept_all()
    with pytest.raises(InvalidRequestError, match=r"line 1, net_cost: .* which states a list price alone"):
        made.to_request()
    (item,) = items(made.price(1, Decimal("18.00"), discount_multiplier=".90"))
    assert item["netCost"] == {"currencyCode": "EUR", "amount": "18.00"}
    assert (item["listPrice"]["amount"], item["discountMultiplier"]) == ("20.00", ".90")
    (item,) = items(made.price(1, 18, list_price=21, discount_multiplier="0.9"))
    assert (item["listPrice"]["amount"], item["discountMultiplier"]) == ("21", "0.9")
    (item,) = items(made.price(1, 17))
    assert "listPrice" not in item
    assert "discountMultiplier" not in item
    for wrong in (".0", "1.1", "ten", 0.9):
        with pytest.raises(InvalidRequestError, match="line 1, discount_multiplier: is a text above 0"):
            made.price(1, 18, discount_multiplier=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="line 1, list_price: goes with discount_multiplier="):
        made.price(1, 18, list_price=20)


def test_an_order_without_prices_needs_a_currency() -> None:
    made = begun(line("1", netCost=None)).accept_all()
    with pytest.raises(InvalidRequestError, match=r"line 1, net_cost: .* which states no price"):
        made.to_request()
    with pytest.raises(InvalidRequestError, match="line 1, net_cost: needs a currency"):
        made.price(1, 9)
    with pytest.raises(InvalidRequestError, match="line 1, list_price: is not in the order"):
        made.price(1, Money(currency_code="USD", amount=Decimal(9)), discount_multiplier=".90")
    made.price(1, Money(currency_code="USD", amount=Decimal(9)))
    assert items(made)[0]["netCost"] == {"currencyCode": "USD", "amount": "9"}


def test_an_item_that_is_sold_by_weight_is_priced_for_its_unit() -> None:
    made = begun(line("1", netCost={**USD, "unitOfMeasure": "POUNDS"})).accept_all()
    assert items(made.price(1, 9))[0]["netCost"]["unitOfMeasure"] == "POUNDS"
    assert items(made.price(1, accept_po_cost=True))[0]["netCost"]["unitOfMeasure"] == "POUNDS"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"orderDetails": None}, "purchase_order: was read without its details"),
        ({"sellingParty": None}, "purchase_order: does not say for which vendor code"),
        ({"sellingParty": {}}, "purchase_order: does not say for which vendor code"),
        ({"items": [line("1", itemSequenceNumber=""), line("2")]}, "is the number of a line"),
        ({"items": [line("1"), line("00001")]}, "line 1: is there twice"),
        ({"items": [line("1", orderedQuantity=None)]}, "line 1: does not say how much is ordered"),
        ({"items": [line("1", None)]}, "line 1: does not say how much is ordered"),
        ({"items": [line("1", -1)]}, "line 1: does not say how much is ordered"),
        ({"items": [line("1", itemSequenceNumber=None)]}, r"items\[0\]: has no number"),
    ],
)
def test_an_order_that_does_not_say_what_an_answer_needs_is_refused(
    change: dict[str, Any], words: str
) -> None:
    whole = to_dict(order())
    if "orderDetails" in change:
        whole |= change
    else:
        whole["orderDetails"] |= change
    found = from_dict({name: value for name, value in whole.items() if value is not None}, Order)
    with pytest.raises(InvalidRequestError, match=words):
        Acknowledgement.of(found)


ANY: Any = ["neither of these"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Acknowledgement.of(ANY), "purchase_order: is an Order, as get_purchase_order"),
        (lambda: Acknowledgement.of(order(), prices=ANY), "prices: is a mapping"),
        (lambda: Acknowledgement.of(order(), update=ANY), "update: is what was submitted last"),
        (lambda: begun().reject(1, ANY), "line 1, reason: is one of"),
    ],
)
def test_what_is_no_order_and_no_price_list_is_refused(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        wrong()
