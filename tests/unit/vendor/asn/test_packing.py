"""What is still to be shipped, and cartons of full cases."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import (
    Case,
    ContainerCode,
    LineKey,
    Load,
    Loose,
    Mass,
    PackedPallet,
    Size,
    fill_cartons,
    open_lines,
    split,
    stack,
)
from spshipping.vendor.rules import History, Outcome, RuleContext, SentAcknowledgement, SentConfirmation
from spshipping.vendor.sscc import Sscc
from tests.unit.vendor.asn.warehouse import (
    builder_of,
    carton,
    content,
    context_of,
    dispatch,
    issuer,
    line,
    order,
    refused,
    sent,
    with_confirmations,
)
from tests.unit.vendor.rules.clean import NOW, VENDOR, acknowledgement_of, answer, answered_item, details_of

KEY = LineKey("ORDER001", "1")


def confirmation(amount: int, identifier: str = "S-0", number: str = "1") -> api.ShipmentConfirmation:
    """Build what was sent before of an order with lines 1 and 2."""
    builder = builder_of(order(line(), line("2", size=1)))
    load = Load(cartons=(carton(content(number, amount)),))
    return builder.original(dispatch(identifier), load, at=NOW).confirmation


def acknowledged(of: po.Order, *answers: po.OrderItemAcknowledgement) -> SentAcknowledgement:
    items = [answered_item(details_of(of).items[0], list(answers))]
    return SentAcknowledgement(acknowledgement_of(of, items, NOW), NOW)


def test_without_an_acknowledgement_all_that_was_ordered_is_ready() -> None:
    (found,) = open_lines(context_of(order(), history=None))
    assert found.key == KEY
    assert (found.vendor_code, found.centre, found.case_size) == (VENDOR, "PHX3", 6)
    assert (found.ready, found.most, found.is_cases) == (10, 10, True)


def test_what_was_accepted_last_counts_and_back_orders_come_later() -> None:
    one = order()
    later = NOW + timedelta(days=30)
    mine = details_of(one).items[0]
    said = acknowledged(
        one,
        answer(mine, "Accepted", 5),
        answer(mine, "Backordered", 3, date=later),
        answer(mine, "Rejected", 2, reason="TemporarilyUnavailable"),
    )
    (found,) = open_lines(context_of(one, history=History(acknowledgements=[said])))
    assert (found.accepted, found.back_ordered, found.ready, found.most) == (5, 3, 5, 8)


def test_a_line_that_an_update_leaves_out_keeps_what_was_said_before() -> None:
    one = order(line(), line("2"))
    first = acknowledged(one, answer(details_of(one).items[0], "Accepted", 4))
    second = SentAcknowledgement(
        acknowledgement_of(
            one,
            [answered_item(details_of(one).items[1], [answer(details_of(one).items[1], "Accepted", 7)])],
            NOW,
        ),
        NOW + timedelta(hours=1),
    )
    found = open_lines(context_of(one, history=History(acknowledgements=[first, second])))
    assert [each.accepted for each in found] == [4, 7]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (po.ItemQuantity(amount=24, unit_of_measure=po.UnitOfMeasure.EACHES), 4),
        (po.ItemQuantity(amount=20, unit_of_measure=po.UnitOfMeasure.EACHES), 3),
        (po.ItemQuantity(amount=3), 3),
        (po.ItemQuantity(amount=2, unit_of_measure=po.UnitOfMeasure.CASES, unit_size=12), 4),
    ],
)
def test_answers_in_another_unit_count_in_full_cases(quantity: po.ItemQuantity, expected: int) -> None:
    one = order()
    said = answer(details_of(one).items[0], "Accepted", 1)
    said.acknowledged_quantity = quantity
    (found,) = open_lines(context_of(one, history=History(acknowledgements=[acknowledged(one, said)])))
    assert found.ready == expected


def test_answers_in_cases_of_an_unknown_size_count_as_they_are() -> None:
    one = order(line(size=1))
    mine = details_of(one).items[0]
    mine.ordered_quantity.unit_size = None
    said = answer(mine, "Accepted", 1)
    said.acknowledged_quantity = po.ItemQuantity(amount=4, unit_of_measure=po.UnitOfMeasure.CASES)
    (found,) = open_lines(context_of(one, history=History(acknowledgements=[acknowledged(one, said)])))
    assert found.ready == 4


def test_what_was_shipped_before_is_not_ready() -> None:
    context = context_of(order(line(), line("2", size=1)))
    context = with_confirmations(
        context,
        sent(confirmation(2, "S-1")),
        sent(confirmation(3, "S-2")),
        refused(confirmation(4, "S-3")),
        sent(confirmation(1, "S-4"), outcome=Outcome.UNKNOWN),
    )
    cases, pieces = open_lines(context)
    assert (cases.shipped, cases.ready, pieces.shipped) == (6, 4, 0)
    assert open_lines(context, without="S-2")[0].shipped == 3


def test_a_replacement_counts_in_place_of_what_it_replaces() -> None:
    context = with_confirmations(
        context_of(order()),
        SentConfirmation(confirmation(2), NOW),
        SentConfirmation(confirmation(5), NOW - timedelta(days=2)),
    )
    assert open_lines(context)[0].shipped == 2


def test_confirmations_of_other_orders_and_vendors_do_not_count() -> None:
    foreign = confirmation(2)
    foreign.selling_party.party_id = "OTHER"
    context = with_confirmations(
        context_of(order(line(), number="ORDER002"), order()), sent(foreign), sent(confirmation(3, "S-1"))
    )
    assert [each.shipped for each in open_lines(context)] == [0, 3]


def test_pieces_that_were_shipped_elsewhere_take_whole_cases() -> None:
    told = History(shipped_elsewhere={("ORDER001", "00001"): 7, ("ORDER001", "2"): 7, ("ORDER009", "1"): 100})
    found = open_lines(context_of(order(line(), line("2", size=1)), history=told))
    assert [each.shipped for each in found] == [2, 7]


def test_pieces_of_cases_of_unknown_size_are_counted_as_cases() -> None:
    told = History(shipped_elsewhere={("ORDER001", "1"): 7})
    (found,) = open_lines(context_of(order(line(size=None)), history=told))
    assert found.ready == 3
    one = order(line(size=None))
    said = answer(details_of(one).items[0], "Accepted", 1)
    said.acknowledged_quantity = po.ItemQuantity(amount=4, unit_of_measure=po.UnitOfMeasure.EACHES)
    (found,) = open_lines(context_of(one, history=History(acknowledgements=[acknowledged(one, said)])))
    assert found.ready == 4


def test_two_lines_of_one_product_are_filled_one_after_the_other() -> None:
    twin = line("2", 10)
    twin.amazon_product_identifier, twin.vendor_product_identifier = "B000000001", "SKU-1"
    context = with_confirmations(context_of(order(line(), twin)), sent(confirmation(9)))
    assert [each.shipped for each in open_lines(context)] == [9, 0]
    context = with_confirmations(context, sent(confirmation(9)), sent(confirmation(4, "S-1")))
    assert [each.shipped for each in open_lines(context)] == [10, 3]


def test_an_order_without_details_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"orders\[1\]"):
        open_lines(RuleContext(orders=[order(), po.Order(purchase_order_number="ORDER002")]))


def test_no_orders_are_no_lines() -> None:
    assert open_lines(RuleContext()) == ()


def test_each_case_of_a_line_in_cases_is_a_carton() -> None:
    filled = fill_cartons(open_lines(context_of(order(line(amount=3)))))
    assert filled.cartons == (carton(content()),) * 3
    assert filled.loose == ()


def test_pieces_fill_full_cases_and_the_rest_is_named() -> None:
    lines = open_lines(context_of(order(line(amount=40, size=1), line("2", 5, size=1))))
    case = Case(12, Size.of(40, 30, 30, "cm"), Mass.of(7, "kg"))
    filled = fill_cartons(lines, {"SKU-1": case})
    assert filled.cartons == (carton(content(amount=12), size=case.size, weight=case.weight),) * 3
    assert filled.loose == (Loose(KEY, 4), Loose(LineKey("ORDER001", "2"), 5))


def test_a_case_is_found_by_asin_too_and_back_orders_are_packed_on_request() -> None:
    one = order(line(size=1))
    mine = details_of(one).items[0]
    said = acknowledged(one, answer(mine, "Accepted", 4), answer(mine, "Backordered", 6))
    lines = open_lines(context_of(one, history=History(acknowledgements=[said])))
    assert len(fill_cartons(lines, {"B000000001": Case(2)}).cartons) == 2
    assert len(fill_cartons(lines, {"B000000001": Case(2)}, back_orders=True).cartons) == 5


@given(st.integers(0, 200), st.integers(1, 30))
def test_cartons_and_rest_are_what_was_accepted(amount: int, size: int) -> None:
    lines = open_lines(context_of(order(line(amount=amount, size=1)), history=None))
    filled = fill_cartons(lines, {"SKU-1": Case(size)})
    packed = sum(each.amount for box in filled.cartons for each in box.contents)
    rest = sum(each.amount for each in filled.loose)
    assert packed + rest == amount
    assert rest < size
    assert {each.amount for box in filled.cartons for each in box.contents} <= {size}


@pytest.mark.parametrize("case", [Case(0), Case(2), Case("6")])  # type: ignore[arg-type]
def test_a_case_that_cannot_be_is_refused(case: Case) -> None:
    with pytest.raises(InvalidRequestError, match=r"cases\['SKU-1'\].pieces"):
        fill_cartons(open_lines(context_of(order())), {"SKU-1": case})


def test_the_size_of_a_case_of_the_order_may_be_given_too() -> None:
    case = Case(6, weight=Mass.of(3, "kg"))
    filled = fill_cartons(open_lines(context_of(order(line(amount=1)))), {"SKU-1": case})
    assert filled.cartons == (carton(content(), weight=case.weight),)


def test_cartons_are_stacked_in_their_order() -> None:
    cartons = tuple(carton(content(amount=number)) for number in (1, 2, 3))
    load = stack(cartons, 2, size=Size.of(48, 40, 55, "in"), weight=Mass.of(500, "lb"))
    assert [pallet.cartons for pallet in load.pallets] == [cartons[:2], cartons[2:]]
    assert {pallet.weight for pallet in load.pallets} == {Mass.of(500, "lb")}
    assert tuple(load.all_cartons()) == cartons


@pytest.mark.parametrize("most", [0, -1, 1.5, "2"])
def test_a_pallet_that_takes_no_carton_is_refused(most: Any) -> None:
    with pytest.raises(InvalidRequestError, match="most"):
        stack([carton()], most)


def test_codes_are_issued_where_none_is() -> None:
    amazon = ContainerCode(api.ContainerIdentificationType.AMZNCC, "AMZN1")
    trade = ContainerCode(api.ContainerIdentificationType.GTIN, "09521234000013")
    own = Sscc.of("9521234", 77)
    load = Load(
        cartons=(carton(), carton(codes=(amazon,)), carton(codes=(trade,)), carton(codes=(own,))),
        pallets=(PackedPallet(cartons=(carton(),)),),
    ).coded(issuer())
    first, second, third, fourth = load.cartons
    assert first.sscc == Sscc.of("9521234", 0)
    assert (second.codes, second.sscc) == ((amazon,), None)
    assert third.codes == (third.sscc, trade)
    assert fourth.codes == (own,)
    codes = list(load.sscc_codes())
    assert len(codes) == len(set(codes)) == 5
    assert load.coded(issuer()) == load


def test_a_load_is_divided_by_vendor_code_and_centre() -> None:
    lines = open_lines(
        context_of(
            order(number="ORDER001"),
            order(number="ORDER002", centre="TUS1"),
            order(number="ORDER003", vendor="OTHER"),
        )
    )
    one, two, three = (carton(content(of=f"ORDER00{number}")) for number in (1, 2, 3))
    pallet = PackedPallet(cartons=(two, two))
    parts = split(Load(cartons=(one, three, one), pallets=(pallet,)), lines)
    assert [(stop.place, stop.load) for stop in parts] == [
        ((VENDOR, "TUS1"), Load(pallets=(pallet,))),
        ((VENDOR, "PHX3"), Load(cartons=(one, one))),
        (("OTHER", "PHX3"), Load(cartons=(three,))),
    ]


@pytest.mark.parametrize(
    ("load", "path"),
    [
        (
            Load(cartons=(carton(), carton(content(), content(of="ORDER002")))),
            r"load.cartons\[1\].contents\[1\]: L-031",
        ),
        (
            Load(pallets=(PackedPallet(cartons=(carton(), carton(content(of="ORDER002")))),)),
            r"load.pallets\[0\].cartons\[1\].contents\[0\]: L-031",
        ),
        (
            Load(pallets=(PackedPallet(contents=(content(), content(of="ORDER002"))),)),
            r"load.pallets\[0\].contents\[1\]: L-031",
        ),
        (Load(cartons=(carton(content("9")),)), r"load.cartons\[0\].contents\[0\].line: L-047"),
        (Load(cartons=(carton(content(amount=0)),)), r"load.cartons\[0\].contents\[0\].amount"),
        (Load(pallets=(PackedPallet(),)), r"load.pallets\[0\]: is empty"),
    ],
)
def test_what_cannot_be_divided_is_named(load: Load, path: str) -> None:
    lines = open_lines(context_of(order(), order(number="ORDER002", centre="TUS1")))
    with pytest.raises(InvalidRequestError, match=path):
        split(load, lines)
