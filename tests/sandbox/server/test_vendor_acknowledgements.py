"""Acknowledgements over HTTP: taken at once, worked on later, applied or refused for a reason."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from tests.contract.facts import routes
from tests.sandbox.server.schemas import problems
from tests.sandbox.server.vendor_world import (
    ACKNOWLEDGEMENTS,
    ORDERS,
    TRANSACTIONS,
    acknowledge,
    acknowledgement,
    answer,
    errors,
    found,
    get,
    has_prices,
    item,
    lines,
    moment,
    new_order,
    purchase_orders,
    status_of,
    submit,
    transaction,
    worked_on,
)
from tests.sandbox.server.world import Json, Shop, refusal

pytestmark = pytest.mark.dates


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(quotas=False, purchase_orders=PurchaseOrderSupply(60, days=20)) as running:
        yield running


def is_split(order: Json) -> bool:
    """Say whether a purchase order has several lines, of which the first can be split and back-ordered."""
    first = lines(order)[0]
    return (
        has_prices(order)
        and len(lines(order)) > 2
        and first["orderedQuantity"]["amount"] > 4
        and first["isBackOrderAllowed"]
    )


def confirmations(state: Json) -> list[tuple[str, int, int]]:
    """Return what is noted of each line: status, accepted, rejected."""
    noted = [line["acknowledgementStatus"] for line in state["itemStatus"]]
    return [
        (each["confirmationStatus"], each["acceptedQuantity"]["amount"], each["rejectedQuantity"]["amount"])
        for each in noted
    ]


def test_an_acknowledgement_is_taken_at_once_and_applied_later(shop: Shop) -> None:
    order = new_order(shop, has_prices)
    before = status_of(shop, order)
    name = submit(shop, ACKNOWLEDGEMENTS, {"acknowledgements": [acknowledgement(shop, order)]})
    assert transaction(shop, name) == {"transactionId": name, "status": "Processing"}
    assert status_of(shop, order) == before
    assert worked_on(shop, name)["status"] == "Processing", "Amazon never says Success to it"
    after = status_of(shop, order)
    amounts = [line["orderedQuantity"]["amount"] for line in lines(order)]
    assert confirmations(after) == [("ACCEPTED", amount, 0) for amount in amounts]
    assert after["lastUpdatedDate"] > before["lastUpdatedDate"]
    assert (
        found(get(shop, f"{ORDERS}/{order['purchaseOrderNumber']}"))["purchaseOrderState"] == "Acknowledged"
    )
    described = routes()["GET /vendor/orders/v1/purchaseOrdersStatus"]
    schema = {"ref": "OrderStatus"}
    assert not list(problems(described.file, after, schema))


def test_lines_are_answered_in_three_ways_and_split(shop: Shop) -> None:
    order = new_order(shop, is_split)
    first, second, *others = lines(order)
    amount = first["orderedQuantity"]["amount"]
    split = item(
        first,
        answer(first, amount=amount - 3),
        answer(first, "Backordered", 2, scheduledShipDate=moment(shop.sandbox, days=20)),
        answer(first, "Rejected", 1, rejectionReason="TemporarilyUnavailable"),
    )
    refused = item(second, answer(second, "Rejected", rejectionReason="ObsoleteProduct"))
    acknowledge(shop, order, split, refused, *(item(line) for line in others))
    noted = confirmations(status_of(shop, order))
    assert noted[0] == ("PARTIALLY_ACCEPTED", amount - 1, 1)
    assert noted[1] == ("REJECTED", 0, second["orderedQuantity"]["amount"])
    assert {status for status, _, _ in noted[2:]} == {"ACCEPTED"}


def test_a_line_that_is_left_out_at_first_is_rejected_and_later_stays_as_it_is(shop: Shop) -> None:
    order = new_order(shop, lambda order: has_prices(order) and len(lines(order)) > 2)
    first, second, *others = lines(order)
    acknowledge(shop, order, item(first), *(item(line) for line in others))
    assert confirmations(status_of(shop, order))[1][0] == "REJECTED"
    acknowledge(shop, order, item(first, answer(first, "Rejected")))
    noted = confirmations(status_of(shop, order))
    assert [status for status, _, _ in noted] == ["REJECTED", "REJECTED", *["ACCEPTED"] * len(others)]
    late = acknowledge(shop, order, item(second))
    assert errors(late) == [("InvalidInput", "A rejected item cannot be accepted.")]


def test_an_order_whose_lines_are_all_rejected_is_closed(shop: Shop) -> None:
    order = new_order(shop, has_prices)
    acknowledge(shop, order, *(item(line, answer(line, "Rejected")) for line in lines(order)))
    assert status_of(shop, order)["purchaseOrderStatus"] == "CLOSED"
    again = acknowledge(shop, order)
    assert again["status"] == "Failure"
    assert ("InvalidInput", "The purchase order is unconfirmed or closed.") in errors(again)


def test_the_same_again_changes_nothing_but_the_time(shop: Shop) -> None:
    order = new_order(shop, has_prices)
    acknowledge(shop, order)
    before = status_of(shop, order)
    assert acknowledge(shop, order)["status"] == "Processing"
    after = status_of(shop, order)
    assert confirmations(after) == confirmations(before)
    details = after["itemStatus"][0]["acknowledgementStatus"]["acknowledgementStatusDetails"]
    assert len(details) == 2


def _more(line: Json, _order: Json) -> Json:
    return item(line, answer(line, amount=line["orderedQuantity"]["amount"] + 1))


def _no_price(line: Json, _order: Json) -> Json:
    return item(line, netCost=None)


def _zero(line: Json, _order: Json) -> Json:
    return item(line, netCost={"currencyCode": "USD", "amount": "0"})


def _text(line: Json, _order: Json) -> Json:
    return item(line, netCost={"currencyCode": "USD", "amount": "10,20"})


def _endless(line: Json, _order: Json) -> Json:
    return item(line, netCost={"currencyCode": "USD", "amount": "Infinity"})


def _dear(line: Json, _order: Json) -> Json:
    return item(line, netCost={"currencyCode": "USD", "amount": "99999"})


def _back_order_without_date(line: Json, _order: Json) -> Json:
    return item(line, answer(line, "Backordered"))


def _not_a_number(line: Json, _order: Json) -> Json:
    return item(line, netCost={"amount": "NaN", "currencyCode": "USD"})


def _foreign_product(line: Json, _order: Json) -> Json:
    return item(line, vendorProductIdentifier="9780000000002")


def _no_such_line(line: Json, _order: Json) -> Json:
    return item(line, itemSequenceNumber="99", vendorProductIdentifier=None, amazonProductIdentifier=None)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (_more, "The acknowledged quantity is greater than the ordered quantity."),
        (_no_price, "The net cost is missing."),
        (_zero, "The net cost must be greater than zero."),
        (_text, "The net cost is not a number."),
        (_endless, "The net cost is not a number."),
        (_not_a_number, "The net cost is not a number."),
        (_dear, "The net cost is greater than the cost of the order."),
        (_back_order_without_date, "A backorder needs a scheduled date."),
        (_foreign_product, "Invalid product identifiers."),
        (_no_such_line, "Invalid product identifiers."),
    ],
)
def test_a_mistake_fails_the_transaction_with_its_reason_and_nothing_is_applied(
    shop: Shop, broken: Callable[[Json, Json], Json], message: str
) -> None:
    order = new_order(shop, is_split)
    first, *others = lines(order)
    failed = acknowledge(shop, order, broken(first, order), *(item(line) for line in others))
    assert failed["status"] == "Failure"
    assert errors(failed) == [("InvalidInput", message)]
    assert order["purchaseOrderNumber"] in failed["errors"][0]["details"]
    assert {status for status, _, _ in confirmations(status_of(shop, order))} == {"UNCONFIRMED"}


def test_a_back_order_is_refused_where_the_line_does_not_allow_it(shop: Shop) -> None:
    order = new_order(shop, lambda order: has_prices(order) and not lines(order)[0]["isBackOrderAllowed"])
    first, *others = lines(order)
    late = answer(first, "Backordered", scheduledDeliveryDate=moment(shop.sandbox, days=20))
    failed = acknowledge(shop, order, item(first, late), *(item(line) for line in others))
    assert errors(failed) == [("InvalidInput", "Backorder is not allowed for this item.")]


def test_a_line_of_books_has_no_cost_to_compare_with(shop: Shop) -> None:
    order = new_order(shop, lambda order: any("netCost" not in line for line in lines(order)))
    acknowledge(shop, order)
    assert {status for status, _, _ in confirmations(status_of(shop, order))} == {"ACCEPTED"}


def test_lines_are_found_by_number_whatever_its_zeros_or_by_their_product(shop: Shop) -> None:
    order = new_order(shop, has_prices)
    first, *others = lines(order)
    padded = [item(line, itemSequenceNumber=f"{int(line['itemSequenceNumber']):07d}") for line in others]
    acknowledge(shop, order, item(first, itemSequenceNumber=None), *padded)
    assert {status for status, _, _ in confirmations(status_of(shop, order))} == {"ACCEPTED"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"purchaseOrderNumber": "NOTTHERE"}, ("INVALID_ORDER_ID", "Invalid order ID.")),
        (
            {"sellingParty": {"partyId": "OTHER"}},
            ("InvalidInput", "The selling party is not the vendor of the order."),
        ),
    ],
)
def test_a_foreign_order_fails_the_whole_submission(
    shop: Shop, changes: Json, error: tuple[str, str]
) -> None:
    order, other = [each for each in purchase_orders(shop) if each["purchaseOrderState"] == "New"][:2]
    body = {"acknowledgements": [acknowledgement(shop, order), acknowledgement(shop, other, **changes)]}
    failed = worked_on(shop, submit(shop, ACKNOWLEDGEMENTS, body))
    assert errors(failed) == [error]
    assert {status for status, _, _ in confirmations(status_of(shop, order))} == {"UNCONFIRMED"}
    described = routes()["GET /vendor/transactions/v1/transactions/{transactionId}"]
    assert not list(problems(described.file, failed, {"ref": "Transaction"}))


def test_a_lost_submission_stays_in_processing_and_has_no_effect() -> None:
    with Sandbox(quotas=False, purchase_orders=PurchaseOrderSupply(60, days=20, lost=1.0)) as sandbox:
        shop = Shop(sandbox)
        order = new_order(shop, has_prices)
        assert acknowledge(shop, order)["status"] == "Processing"
        assert {status for status, _, _ in confirmations(status_of(shop, order))} == {"UNCONFIRMED"}
        shop.close()


@pytest.mark.parametrize("body", [{}, {"acknowledgements": []}])
def test_a_submission_of_nothing_is_refused_at_once(shop: Shop, body: Any) -> None:
    refused = shop.session.post(shop.sandbox.url + ACKNOWLEDGEMENTS, json=body)
    assert refusal(refused)[:2] == (400, "InvalidInput")


def test_a_submission_of_another_form_is_refused_at_once(shop: Shop) -> None:
    order = new_order(shop, has_prices)
    price = {"currencyCode": "USD", "amount": 5}
    wrong = acknowledgement(shop, order, item(lines(order)[0], netCost=price))
    refused = shop.session.post(shop.sandbox.url + ACKNOWLEDGEMENTS, json={"acknowledgements": [wrong]})
    assert refusal(refused) == (
        400,
        "InvalidRequest",
        "Request is missing or has invalid parameters"
        " acknowledgements[0].items[0].netCost.amount must be a string",
    )


def test_a_transaction_that_is_not_known_is_refused(shop: Shop) -> None:
    assert refusal(get(shop, f"{TRANSACTIONS}/1")) == (400, "InvalidInput", "Invalid transmission ID. ")
