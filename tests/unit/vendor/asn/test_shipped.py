"""What is left of orders that Amazon lowers, that have a product twice, or thousands of lines."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from spshipping import InvalidRequestError
from spshipping.vendor import orders as po
from spshipping.vendor.asn import AsnBuilder, Load, fill_cartons, open_lines
from spshipping.vendor.asn.shipped import Room, Unit, shares
from spshipping.vendor.rules import History, RuleContext, SentAcknowledgement, answers, lint, quantities
from tests.unit.vendor.asn.warehouse import (
    SHIP_FROM,
    builder_of,
    carton,
    content,
    context_of,
    dispatch,
    issuer,
    line,
    order,
    sent,
    with_confirmations,
)
from tests.unit.vendor.rules.clean import NOW, accept_all, answer, details_of

PIECES = Unit(False)


def cases(size: int | None = 12) -> Unit:
    return Unit(True, size)


def same_product(number: str, amount: int, size: int | None) -> po.OrderItem:
    found = line(number, amount, size=size)
    found.amazon_product_identifier, found.vendor_product_identifier = "B000000001", "SKU-1"
    return found


def load(*cartons: Any) -> Load:
    return Load(cartons=cartons).coded(issuer())


def after_shipping(context: RuleContext, *cartons: Any) -> list[int]:
    """Return what is left to be shipped after a shipment."""
    asn = AsnBuilder(context, SHIP_FROM).original(dispatch(), load(*cartons), at=NOW)
    return [each.ready for each in open_lines(with_confirmations(context, sent(asn.confirmation)))]


def test_what_amazon_lowered_after_it_was_accepted_is_not_shipped() -> None:
    accepted = context_of(order(line(amount=10)))
    lowered = replace(accepted, orders=[order(line(amount=5))])
    builder = AsnBuilder(lowered, SHIP_FROM)
    assert [each.ready for each in builder.lines] == [5]
    assert len(fill_cartons(builder.lines).cartons) == 5
    with pytest.raises(InvalidRequestError, match="L-049"):
        builder.original(dispatch(), load(carton(content(amount=6))), at=NOW)


def test_the_rule_book_holds_a_shipment_against_the_order_as_it_is_now() -> None:
    accepted = context_of(order(line(amount=10)))
    document = builder_of(order(line(amount=10))).original(
        dispatch(), load(carton(content(amount=6))), at=NOW
    )
    for amount, found in ((6, []), (5, ["L-049"])):
        lowered = replace(accepted, orders=[order(line(amount=amount))], now=NOW)
        assert [each.rule for each in lint(document.confirmation, lowered)] == found


def test_of_a_line_that_amazon_has_cancelled_nothing_is_left() -> None:
    accepted = context_of(order(line(amount=10)))
    (found,) = open_lines(replace(accepted, orders=[order(line(amount=0))]))
    assert (found.ready, found.most) == (0, 0)


def test_a_lowered_order_takes_from_what_was_promised_for_later_first() -> None:
    whole = order(line(amount=10))
    item = details_of(whole).items[0]
    said = accept_all(whole, NOW)
    said.document.items[0].item_acknowledgements = [
        answer(item, "Accepted", 6),
        answer(item, "Backordered", 4),
    ]
    context = context_of(order(line(amount=8)), history=History(acknowledgements=[said]))
    (found,) = open_lines(context)
    assert (found.accepted, found.back_ordered) == (6, 2)


def test_where_the_ordered_amount_did_not_come_the_answer_counts() -> None:
    whole = order(line(amount=10))
    context = context_of(whole)
    details_of(whole).items[0].ordered_quantity.amount = None
    assert [each.ready for each in open_lines(context)] == [10]
    document = builder_of(order(line(amount=12)), history=None).original(
        dispatch(), load(carton(content(amount=11))), at=NOW
    )
    assert "L-049" in [each.rule for each in lint(document.confirmation, replace(context, now=NOW))]


def test_pieces_of_a_product_that_is_also_ordered_in_cases_leave_the_cases_open() -> None:
    context = context_of(order(same_product("1", 1, 12), same_product("2", 24, 1)))
    assert after_shipping(context, carton(content("2", 24))) == [1, 0]
    assert after_shipping(context, carton(content("1")), carton(content("2", 12))) == [0, 12]


def test_a_replacement_is_not_raised_by_packing_the_same_pieces_into_more_cartons() -> None:
    context = context_of(order(same_product("1", 1, 12), same_product("2", 24, 1)))
    first = AsnBuilder(context, SHIP_FROM).original(
        dispatch(), load(carton(content("2", 12)), carton(content("1"))), at=NOW
    )
    builder = AsnBuilder(with_confirmations(context, sent(first.confirmation)), SHIP_FROM)
    packed = load(carton(content("2", 12)), carton(content("2", 12)))
    assert builder.replacement(dispatch(), packed, at=NOW)
    with pytest.raises(InvalidRequestError, match="L-077"):
        builder.replacement(dispatch(), load(carton(content("2", 13)), carton(content("1"))), at=NOW)


@pytest.mark.parametrize(
    ("rooms", "shipped", "expected"),
    [
        ([(cases(), 1), (PIECES, 24)], {PIECES: 24}, [0, 24]),
        ([(cases(), 1), (PIECES, 24)], {PIECES: 30}, [1, 24]),
        ([(PIECES, 24), (cases(), 1)], {cases(): 2}, [12, 1]),
        ([(PIECES, 24), (cases(), 1)], {cases(): 4}, [36, 1]),
        ([(cases(), 2), (cases(6), 2)], {cases(6): 3}, [1, 2]),
        ([(cases(None), 2)], {cases(6): 3}, [3]),
        ([(cases(), 2)], {cases(None): 3}, [3]),
        ([(cases(), 2)], {PIECES: 13}, [2]),
        ([(PIECES, 2)], {cases(None): 3}, [3]),
        ([(PIECES, 0)], {PIECES: 0}, [0]),
        ([(PIECES, 10), (PIECES, 10)], {PIECES: 25}, [10, 15]),
        ([(PIECES, -3), (PIECES, 10)], {PIECES: 5}, [0, 5]),
    ],
)
def test_what_was_shipped_is_shared_out_among_the_lines_of_a_product(
    rooms: list[tuple[Unit, int]], shipped: dict[Unit, int], expected: list[int]
) -> None:
    found = shares([Room("B1", unit, amount) for unit, amount in rooms], {"B1": shipped, "B2": {PIECES: 9}})
    assert found == expected


def test_what_was_shipped_elsewhere_is_found_whatever_zeros_are_before_the_number() -> None:
    context = context_of(order(line("00001", 10)))
    document = AsnBuilder(context, SHIP_FROM).original(dispatch(), load(carton(content("1", 10))), at=NOW)
    assert context.history is not None
    told = replace(context.history, shipped_elsewhere={("ORDER001 ", "1"): 6, ("ORDER001", "x"): 1})
    found = lint(document.confirmation, replace(context, history=told, now=NOW))
    assert [each.rule for each in found] == ["L-049"]


def many(count: int) -> po.Order:
    found = [line(str(number + 1)) for number in range(count)]
    for number, each in enumerate(found):
        each.amazon_product_identifier, each.vendor_product_identifier = f"B{number:09d}", f"SKU-{number}"
        each.net_cost = po.Money(currency_code="EUR", amount=Decimal(10))
    return order(*found)


def test_the_work_grows_with_the_lines_of_an_order_and_not_with_their_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []

    def counted(name: str, real: Callable[..., bool]) -> Callable[..., bool]:
        def compare(*args: object) -> bool:
            compared.append(name)
            return real(*args)

        return compare

    for module, name in ((answers, "is_line"), (quantities, "is_same_item"), (answers, "is_same_item")):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    count = 300
    big = many(count)
    context = replace(context_of(big), now=NOW)
    assert context.history is not None
    said: SentAcknowledgement = context.history.acknowledgements[0]
    assert lint(said.document, context) is not None
    packed = load(*(carton(content(str(number + 1), 10)) for number in range(count)))
    assert AsnBuilder(context, SHIP_FROM).original(dispatch(), packed, at=NOW)
    assert count < len(compared) < 30 * count


def test_an_item_that_is_not_on_the_order_takes_nothing_of_it() -> None:
    context = context_of(order(line(amount=10)))
    asn = AsnBuilder(context, SHIP_FROM).original(dispatch(), load(carton(content(amount=6))), at=NOW)
    item = asn.confirmation.shipped_items[0]
    item.amazon_product_identifier, item.vendor_product_identifier = "B0NOTONIT0", None
    (found,) = open_lines(with_confirmations(context, sent(asn.confirmation)))
    assert found.ready == 10


def test_where_no_size_of_a_case_is_known_nothing_says_that_it_is_too_much() -> None:
    known, unknown = order(line(amount=20)), order(line(amount=10, size=None))
    asn = builder_of(known).original(dispatch(), load(carton(content(amount=11))), at=NOW)
    found = lint(asn.confirmation, replace(context_of(unknown), now=NOW))
    assert "L-049" not in [each.rule for each in found]


def test_a_line_without_a_number_is_known_by_its_product() -> None:
    whole = order(line(amount=10))
    said = accept_all(whole, NOW)
    said.document.items[0].item_acknowledgements[0].acknowledged_quantity.amount = 4
    details_of(whole).items[0].item_sequence_number = "no number"
    (found,) = open_lines(context_of(whole, history=History(acknowledgements=[said])))
    assert found.ready == 4
