"""An update with the quantities of the answers before it: what Amazon shows may be of those."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping.vendor.acknowledge import Acknowledgement, Refused, Taken, Unconfirmed
from spshipping.vendor.ledger import SubmissionState
from spshipping.vendor.orders import Money, Order
from tests.vendor.conftest import Office, amount, lines

pytestmark = pytest.mark.dates


def accepted(order: Order) -> Acknowledgement:
    return Acknowledgement.of(order, accept_po_cost=True).accept_all()


def priced(order: Order, more: str) -> Acknowledgement:
    """Accept an order for another price of its first line."""
    answers, line = accepted(order), lines(order)[0]
    assert line.net_cost is not None
    assert line.net_cost.amount is not None
    cost = Money(currency_code=line.net_cost.currency_code, amount=line.net_cost.amount + Decimal(more))
    return answers.price(line.item_sequence_number, cost)


@pytest.mark.parametrize("minutes", [2, 60])
def test_a_price_that_amazon_refuses_is_not_taken_since_the_quantities_are_those_of_before(
    office: Office, minutes: float
) -> None:
    order = office.order()
    office.submit(accepted(order))
    office.pass_time(minutes * 60)
    found = office.after(office.submit(priced(order, "1"), overrule=["L-006"]), 15)
    assert found.state is SubmissionState.REFUSED
    assert isinstance(found.outcome, Refused)
    assert found.outcome.errors[0].message == "The net cost is greater than the cost of the order."


def test_shortly_after_the_same_quantities_half_an_hour_says_that_it_was_taken(office: Office) -> None:
    order = office.order()
    office.submit(accepted(order))
    office.pass_time(120)
    found = office.after(office.submit(priced(order, "-0.01")), 15)
    assert isinstance(found.outcome, Unconfirmed)
    assert isinstance(office.after(found, 15).outcome, Taken)


def test_long_after_them_a_quarter_of_an_hour_does(office: Office) -> None:
    order = office.order()
    office.after(office.submit(accepted(order)), 60)
    found: Any = office.after(office.submit(priced(order, "-0.01")), 15)
    assert isinstance(found.outcome, Taken)
    assert office.count("getTransaction") == 1


def test_other_quantities_tell_the_two_apart(office: Office) -> None:
    order = office.order(lambda order: amount(lines(order)[0]) > 1)
    office.submit(accepted(order))
    office.pass_time(120)
    line = lines(order)[0].item_sequence_number
    other = Acknowledgement.of(order, accept_po_cost=True).reject(line, "ObsoleteProduct", 1).accept_all()
    assert isinstance(office.after(office.submit(other), 15).outcome, Taken)
    assert office.count("getTransaction") == 0


def test_the_same_answers_again_are_no_other_ones(office: Office) -> None:
    order = office.order()
    office.submit(accepted(order))
    office.pass_time(120)
    assert isinstance(office.after(office.submit(accepted(order)), 15).outcome, Taken)
    assert office.count("getTransaction") == 0
