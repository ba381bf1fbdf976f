"""Each failure that the sandbox can give is a typed outcome, with the line where the text names one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from spshipping import InvalidRequestError, SpShippingError, dumps, from_dict, to_dict
from spshipping.regions import Marketplace
from spshipping.vendor.acknowledge import Acknowledgement, Doubtful, Overdue, Refused, Taken, Unconfirmed
from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.acknowledge.workflow import submitted
from spshipping.vendor.ledger import Entry, NewEntry, Scope, Settlement, SubmissionKind, SubmissionState
from spshipping.vendor.orders import Order, SubmitAcknowledgementRequest
from tests.vendor.conftest import MINUTE, MakeOffice, Office, amount, lines

pytestmark = pytest.mark.dates
Json = dict[str, Any]
UNAVAILABLE = "TemporarilyUnavailable"


def whole(order: Order) -> Json:
    """Return answers that accept all of an order, as they are sent."""
    made = Acknowledgement.of(order, accept_po_cost=True).accept_all().to_request()
    (only,) = to_dict(made)["acknowledgements"]
    return dict(only)


def begun(office: Office, kind: SubmissionKind, reference: str, code: str, body: str) -> Entry:
    """Begin a submission that no rule of ours was asked about."""
    scope = Scope(office.client.context.origin.endpoint, code, kind, reference)
    entry = office.ledger.begin(NewEntry(scope, body), 0.0, after=10**9)
    assert entry is not None
    return entry


def outcome_of(office: Office, entry: Entry) -> Any:
    """Send a submission, and return what has become of it after 15 minutes."""
    (found,) = [
        each for each in office.client.vendor.submissions(ledger=office.ledger) if each.number == entry.number
    ]
    sent = office.check(found)
    assert sent.state is SubmissionState.SENT, sent
    return office.after(sent, 15)


def refused(office: Office, order: Order, change: Callable[[Json], object]) -> Refused:
    """Send changed answers, and return Amazon's refusal."""
    body = whole(order)
    change(body)
    request = from_dict({"acknowledgements": [body]}, SubmitAcknowledgementRequest)
    details = order.order_details
    assert details is not None
    assert details.selling_party is not None
    entry = begun(
        office,
        SubmissionKind.ACKNOWLEDGEMENT,
        order.purchase_order_number,
        details.selling_party.party_id,
        dumps(request).decode(),
    )
    outcome = outcome_of(office, entry).outcome
    assert isinstance(outcome, Refused), outcome
    return outcome


def first(body: Json) -> Json:
    """Return the first line."""
    return dict.__getitem__(body, "items")[0]  # type: ignore[no-any-return]


def foreign(body: Json) -> None:
    """Name other products."""
    first(body).update(amazonProductIdentifier="B000000000", vendorProductIdentifier="0000000000000")


def too_much(body: Json) -> None:
    """Accept more than is ordered."""
    first(body)["itemAcknowledgements"][0]["acknowledgedQuantity"]["amount"] = 10**6


def back_ordered(body: Json, **more: str) -> None:
    """Promise all of it for later."""
    first(body)["itemAcknowledgements"][0].update(acknowledgementCode="Backordered", **more)


ON_THE_LINE: dict[str, Callable[[Json], object]] = {
    "The acknowledged quantity is greater than the ordered quantity.": too_much,
    "The net cost is missing.": lambda body: first(body).pop("netCost"),
    "The net cost is not a number.": lambda body: first(body)["netCost"].update(amount="1,50"),
    "The net cost must be greater than zero.": lambda body: first(body)["netCost"].update(amount="-1.00"),
    "The net cost is greater than the cost of the order.": lambda body: first(body)["netCost"].update(
        amount="99999.00"
    ),
    "A backorder needs a scheduled date.": back_ordered,
    "Backorder is not allowed for this item.": lambda body: back_ordered(
        body, scheduledShipDate="2027-01-01T00:00:00Z"
    ),
}


@pytest.mark.parametrize("message", ON_THE_LINE)
def test_a_failure_that_names_a_line_is_matched_to_it(office: Office, message: str) -> None:
    takes_none = message.startswith("Backorder")
    order = office.order(lambda order: lines(order)[0].is_back_order_allowed is not takes_none)
    found = refused(office, order, ON_THE_LINE[message])
    (error,) = found.errors
    assert error.message == message
    assert error.lines == (lines(order)[0].item_sequence_number,)
    assert error.advice
    assert len(found.lines) == len(lines(order)), "and what Amazon shows of the lines all the same"


def test_a_rejected_line_that_is_accepted_is_named(office: Office) -> None:
    order = office.order()
    number = lines(order)[-1].item_sequence_number
    office.submit(Acknowledgement.of(order, accept_po_cost=True).reject(number, UNAVAILABLE).accept_all())
    office.pass_time(11 * MINUTE)
    if len(lines(order)) == 1:  # all is rejected, and the order closed
        return
    (error,) = refused(office, order, lambda _: None).errors
    assert (error.message, error.lines) == ("A rejected item cannot be accepted.", (number,))


def test_a_line_of_other_products_is_named_by_its_number_where_the_text_has_none(office: Office) -> None:
    order = office.order()
    (error,) = refused(office, order, foreign).errors
    assert error.message == "Invalid product identifiers."
    assert error.advice == "return the product numbers of the order, exactly as it has them"
    # the text names products that no line of the order has; the submission's line does
    assert error.lines == (lines(order)[0].item_sequence_number,)


OF_THE_ORDER: dict[str, Callable[[Json], object]] = {
    "Invalid order ID.": lambda body: body.update(purchaseOrderNumber="NOTTHERE"),
    "The selling party is not the vendor of the order.": lambda body: body["sellingParty"].update(
        partyId="OTHER"
    ),
}


@pytest.mark.parametrize("message", OF_THE_ORDER)
def test_a_failure_of_the_whole_order_names_no_line(office: Office, message: str) -> None:
    (error,) = refused(office, office.order(), OF_THE_ORDER[message]).errors
    assert (error.message, error.lines) == (message, ())
    assert error.advice


def test_an_order_that_amazon_closed_meanwhile_is_refused(office: Office) -> None:
    order = office.order()
    answers = Acknowledgement.of(order, accept_po_cost=True)
    for line in lines(order):
        answers.reject(line.item_sequence_number, UNAVAILABLE)
    assert isinstance(office.after(office.submit(answers), 15).outcome, Taken)
    again = Acknowledgement.of(order, accept_po_cost=True)
    for line in lines(order):
        again.reject(line.item_sequence_number, UNAVAILABLE)
    outcome = office.after(office.submit(again), 15).outcome
    assert isinstance(outcome, Refused)
    (error,) = outcome.errors
    assert error.message == "The purchase order is unconfirmed or closed."
    assert error.advice == "answer the order before you ship; one that is closed takes nothing any more"


def test_a_transaction_that_amazon_does_not_know_says_nothing(office: Office) -> None:
    found = office.submit(Acknowledgement.of(office.order(), accept_po_cost=True).accept_all())
    office.ledger.settle(found.number, Settlement(SubmissionState.SENT, transaction_id="gone"))
    office.pass_time(MINUTE)
    early = office.check(found)
    assert isinstance(early.outcome, Unconfirmed)
    assert office.count("getTransaction") == 1
    assert isinstance(office.after(early, 15).outcome, Taken), "its lines show it"


def confirmation(office: Office, order: Order, name: str, first: Json | None, **changes: Any) -> str:
    """Return a shipment confirmation of a whole order, as it is sent; *first* changes its first item."""
    details = to_dict(order)["orderDetails"]
    now = office.sandbox.clock.now()
    items = [
        {
            "itemSequenceNumber": f"{number:03d}",
            "amazonProductIdentifier": line.amazon_product_identifier,
            "vendorProductIdentifier": line.vendor_product_identifier,
            "shippedQuantity": {"amount": amount(line), "unitOfMeasure": "Eaches"},
            "itemDetails": {"purchaseOrderNumber": order.purchase_order_number},
        }
        for number, line in enumerate(lines(order), 1)
    ]
    items[0] |= first or {}
    one = {
        "shipmentIdentifier": name,
        "shipmentConfirmationType": "Original",
        "shipmentConfirmationDate": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "estimatedDeliveryDate": f"{now + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}",
        "sellingParty": details["sellingParty"],
        "shipFromParty": {"partyId": "W-1"},
        "shipToParty": details["shipToParty"],
        "shippedItems": items,
        **changes,
    }
    from spshipping.vendor.shipments import SubmitShipmentConfirmationsRequest

    request = from_dict({"shipmentConfirmations": [one]}, SubmitShipmentConfirmationsRequest)
    return dumps(request).decode()


def sent(office: Office, kind: SubmissionKind, name: str, code: str, body: str) -> Any:
    """Submit a body of any kind, and return the submission."""
    desk = Desk(office.client.context, office.ledger, {})
    scope = Scope(office.client.context.origin.endpoint, code, kind, name)
    return office.drive(submitted(desk, scope, body, lambda _: ()))


def confirmed(
    office: Office, order: Order, name: str = "S-1", first: Json | None = None, **changes: Any
) -> Any:
    """Submit a shipment confirmation."""
    code = Acknowledgement.of(order).vendor_code
    body = confirmation(office, order, name, first, **changes)
    return sent(office, SubmissionKind.SHIPMENT_CONFIRMATION, name, code, body)


def accepted_order(office: Office, fits: Callable[[Order], bool] = lambda _: True) -> Order:
    """Return an order of several lines, all of which is accepted."""
    order = office.order(lambda order: len(lines(order)) > 1 and fits(order))
    found = office.submit(Acknowledgement.of(order, accept_po_cost=True).accept_all())
    assert isinstance(office.after(found, 15).outcome, Taken)
    return order


def test_a_shipment_confirmation_is_taken_with_amazons_success_or_refused_with_the_items(
    office: Office,
) -> None:
    order = accepted_order(office)
    taken = office.after(confirmed(office, order), 15)
    assert (taken.state, taken.outcome) == (SubmissionState.CONFIRMED, Taken())
    with pytest.raises(InvalidRequestError, match="is no acknowledgement"):
        taken.acknowledgement  # noqa: B018 - it raises
    again = office.after(confirmed(office, order), 15)
    assert isinstance(again.outcome, Refused)
    used, *excess = again.outcome.errors
    assert used.message == "The shipment identifier was used before."
    assert used.advice
    assert "may have been taken before" in used.advice
    assert {error.message for error in excess} == {"Excess quantity."}
    assert [error.lines for error in excess] == [(f"{n:03d}",) for n in range(1, len(lines(order)) + 1)]
    unknown = office.after(confirmed(office, order, "S-2", shipmentConfirmationType="Replace"), 15)
    assert unknown.outcome.errors[0].message == "There is no shipment confirmation to replace."


OF_A_SHIPMENT: dict[str, tuple[Json, bool]] = {
    "The selling party is not the vendor of the order.": ({"sellingParty": {"partyId": "OTHER"}}, True),
    "The order is for another fulfillment center.": ({"shipToParty": {"partyId": "NONE9"}}, True),
    "Invalid order ID.": ({"first": {"itemDetails": {"purchaseOrderNumber": "NOTTHERE"}}}, False),
    "Invalid product identifiers.": (
        {"first": {"amazonProductIdentifier": "B000000000", "vendorProductIdentifier": "0000000000000"}},
        False,
    ),
}


@pytest.mark.parametrize("message", OF_A_SHIPMENT)
def test_a_refused_shipment_names_the_items_that_the_text_may_mean(office: Office, message: str) -> None:
    changes, is_of_all = OF_A_SHIPMENT[message]
    order = accepted_order(office)
    outcome = office.after(confirmed(office, order, **changes), 15).outcome
    assert isinstance(outcome, Refused)
    found = next(error for error in outcome.errors if error.message == message)
    everything = tuple(f"{number:03d}" for number in range(1, len(lines(order)) + 1))
    assert found.lines == (everything if is_of_all else ("001",))


def test_a_shipment_of_an_order_that_was_not_answered_is_refused(office: Office) -> None:
    outcome = office.after(confirmed(office, office.order()), 15).outcome
    assert outcome.errors[0].message == "The purchase order is unconfirmed or closed."


def test_a_replacement_that_amazon_does_not_allow_is_refused(office: Office) -> None:
    order = accepted_order(office, lambda order: amount(lines(order)[0]) > 1)
    few = {"shippedQuantity": {"amount": 1, "unitOfMeasure": "Eaches"}}

    def messages(**changes: Any) -> set[str]:
        replaced = confirmed(office, order, shipmentConfirmationType="Replace", **changes)
        outcome = office.after(replaced, 15).outcome
        assert isinstance(outcome, Refused)
        return {error.message for error in outcome.errors}

    assert office.after(confirmed(office, order, first=few), 15).outcome == Taken()
    found = messages(sellingParty={"partyId": "OTHER"})
    assert "The selling party is not that of the original." in found
    assert "A replacement cannot raise a quantity." in found
    office.pass_time(8 * 86_400)
    assert "The shipment confirmation can no longer be replaced." in messages(first=few)


def test_where_amazon_reports_no_success_a_shipment_confirmation_is_not_confirmed(
    make_office: MakeOffice,
) -> None:
    office = make_office(marketplace=Marketplace.JP, has_success=False)
    order = accepted_order(office)
    early = office.after(confirmed(office, order), 15)
    assert (early.is_open, early.outcome) == (True, Unconfirmed())
    ended = office.after(early, 15)
    assert (ended.state, ended.outcome) == (SubmissionState.UNCONFIRMED, Unconfirmed())


def test_a_shipment_confirmation_that_stays_in_work_comes_with_advice(make_office: MakeOffice) -> None:
    office = make_office(has_success=False)
    found = confirmed(office, accepted_order(office))
    early = office.after(found, 15)
    assert (early.is_open, early.outcome) == (True, Unconfirmed())
    late = office.after(early, 16)
    assert late.is_open
    assert isinstance(late.outcome, Overdue)
    assert found.transaction_id in late.outcome.advice


def test_a_shipment_confirmation_in_doubt_is_sent_again_as_a_replacement(office: Office) -> None:
    order = accepted_order(office)
    office.fail("drop_after", operation="SubmitShipmentConfirmations")
    with pytest.raises(SpShippingError):
        confirmed(office, order)
    (doubtful,) = office.client.vendor.submissions(ledger=office.ledger, open=True)
    assert isinstance(doubtful.outcome, Doubtful)
    assert "as a replacement" in doubtful.outcome.advice
    replaced = office.after(doubtful, 2)
    assert '"Replace"' in replaced.body
    assert isinstance(office.after(replaced, 15).outcome, Taken)


def pickup(office: Office, *numbers: str, days: int | None = 6, **changes: Any) -> str:
    """Return a request to pick orders up, as it is sent."""
    from spshipping.vendor.shipments import SubmitShipments

    now = office.sandbox.clock.now()
    address = {"name": "Mill", "addressLine1": "1 Mill Lane", "city": "Leeds", "countryCode": "US"}
    one = {
        "vendorShipmentIdentifier": "P-1",
        "transactionType": "New",
        "transactionDate": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "shipmentFreightTerm": "Collect",
        "sellingParty": {"partyId": "SBX01"},
        "shipFromParty": {"partyId": "W-1", "address": address},
        "shipToParty": {"partyId": "PHX3"},
        "shipmentMeasurements": {"totalCartonCount": 2},
        "purchaseOrders": [{"purchaseOrderNumber": number} for number in numbers],
        **changes,
    }
    if days is not None:
        at = f"{now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        one["collectFreightPickupDetails"] = {"requestedPickUp": at}
    return dumps(from_dict({"shipments": [one]}, SubmitShipments)).decode()


def test_a_transportation_request_is_taken_or_refused_with_the_orders(office: Office) -> None:
    order = accepted_order(office)
    number = order.purchase_order_number
    kind = SubmissionKind.TRANSPORTATION_REQUEST
    bad = sent(office, kind, "P-1", "SBX01", pickup(office, number, "NOTTHERE", days=1))
    outcome = office.after(bad, 15).outcome
    assert isinstance(outcome, Refused)
    lines_of = {error.message: error.lines for error in outcome.errors}
    assert lines_of["Invalid order ID."] == ("NOTTHERE",)
    assert lines_of["The requested pickup is less than two business days ahead."] == ()
    office.fail("drop_after", count=2, operation="SubmitShipments")
    with pytest.raises(SpShippingError):
        sent(office, kind, "P-2", "SBX01", pickup(office, number))
    doubtful = list(office.client.vendor.submissions(ledger=office.ledger, open=True))[-1]
    again = office.after(doubtful, 2)
    assert again.state is SubmissionState.SENT, "to send it again is harmless"
    assert office.after(again, 15).outcome.__class__ in (Taken, Refused)


def test_every_refusal_of_a_transportation_request_is_typed(office: Office) -> None:
    taken, open_one = accepted_order(office).purchase_order_number, office.order().purchase_order_number
    kind = SubmissionKind.TRANSPORTATION_REQUEST

    def refusal(body: str) -> dict[str, tuple[str, ...]]:
        outcome = office.after(sent(office, kind, "P-1", "SBX01", body), 15).outcome
        assert isinstance(outcome, Refused)
        return {error.message: error.lines for error in outcome.errors}

    prepaid = refusal(pickup(office, days=None, shipmentFreightTerm="Prepaid"))
    assert set(prepaid) == {
        "Transportation is requested for Collect shipments only.",
        "The purchase orders are missing.",
        "The requested pickup is missing.",
    }
    unanswered = refusal(pickup(office, taken, open_one))
    assert unanswered == {"The purchase order is not completely confirmed.": (open_one,)}
    gone = refusal(pickup(office, taken, transactionType="Cancel"))
    assert gone == {"Invalid Vendor Shipment ID": ()}
    assert office.after(sent(office, kind, "P-1", "SBX01", pickup(office, taken)), 15).outcome == Taken()
    foreign = refusal(pickup(office, taken, sellingParty={"partyId": "OTHER"}))
    assert foreign == {"The selling party cannot be changed.": ()}


def test_what_is_no_ledger_and_no_submission_is_refused(office: Office) -> None:
    answers = Acknowledgement.of(office.order(), accept_po_cost=True).accept_all()
    vendor = office.client.vendor
    with pytest.raises(InvalidRequestError, match=r"ledger: is a ledger, such as SqliteLedger"):
        vendor.submit(answers, ledger="vendor.db")
    with pytest.raises(InvalidRequestError, match="submission: is a Submission"):
        vendor.check("2JK3S9VC", ledger=office.ledger)
    with pytest.raises(InvalidRequestError, match="overrule: names a rule that does not exist"):
        office.submit(answers, overrule=["L-999"])
    assert list(vendor.submissions(ledger=office.ledger)) == []
