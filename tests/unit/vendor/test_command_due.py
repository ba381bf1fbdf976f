"""What `spshipping vendor list` says is to be done next with a purchase order, and until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spshipping import from_dict
from spshipping.cli.vendor.due import Overview, Said
from spshipping.cli.vendor.reading import cells, overview_dict
from spshipping.vendor.acknowledge import Acknowledgement
from spshipping.vendor.orders import Order, OrderStatus
from spshipping.vendor.rules import History, SentAcknowledgement, SentRequest
from spshipping.vendor.shipments import Shipment
from spshipping.vendor.sync import ImportedOrder, ImportReason
from tests.unit.vendor.build import NUMBER, line, purchase_order, status

AT = datetime(2026, 2, 21, tzinfo=UTC)
DELIVERY: dict[str, Any] = {
    "shipWindow": None,
    "deliveryWindow": "2026-02-21T07:00:00Z--2026-02-27T07:00:00Z",
}


def imported(state: str = "New", status_of: str | None = None, **details: Any) -> ImportedOrder:
    order = from_dict(purchase_order(state=state, **details), Order)
    found = None if status_of is None else from_dict(status(purchaseOrderStatus=status_of), OrderStatus)
    return ImportedOrder(order, found, ImportReason.NEW)


def answered(order: ImportedOrder, *, is_rejected: bool = False) -> SentAcknowledgement:
    answers = Acknowledgement.of(order.purchase_order, accept_po_cost=True)
    answers = answers.reject(1, "ObsoleteProduct") if is_rejected else answers.accept_all()
    return SentAcknowledgement((answers.to_request(at=AT).acknowledgements or [])[0], AT)


def due(order: ImportedOrder, **history: Any) -> tuple[str, datetime] | None:
    found = Overview.of(order, Said(History(**history))).due
    return None if found is None else (found.step, found.by)


def test_a_new_order_is_to_be_acknowledged_within_a_day() -> None:
    assert due(imported()) == ("acknowledge", datetime(2026, 2, 21, 15, 51, tzinfo=UTC))
    # a state that Amazon has not told, or that is not known, is looked at
    assert due(imported(state="Odd")) == due(imported())


def test_what_amazon_picks_up_needs_a_request_first_and_is_then_to_be_shipped() -> None:
    order = imported(state="Acknowledged")
    step = due(order, acknowledgements=[answered(order)])
    assert step == ("request pickup", datetime(2026, 2, 25, 7, tzinfo=UTC))
    request = from_dict(
        {
            "vendorShipmentIdentifier": "P-1",
            "transactionType": "New",
            "transactionDate": "2026-02-21T00:00:00Z",
            "sellingParty": {"partyId": "ABCD1"},
            "purchaseOrders": [{"purchaseOrderNumber": NUMBER}, {}],
        },
        Shipment,
    )
    requests = [SentRequest(request, AT)]
    assert due(order, acknowledgements=[answered(order)], requests=requests) == (
        "ship",
        datetime(2026, 2, 27, 7, tzinfo=UTC),
    )


def test_what_the_vendor_delivers_is_announced_six_hours_before() -> None:
    order = imported(state="Acknowledged", **DELIVERY)
    assert due(order) == ("ship", datetime(2026, 2, 27, 1, tzinfo=UTC))
    assert due(imported(state="Acknowledged", shipWindow=None)) is None


@pytest.mark.parametrize(
    "order",
    [
        imported(state="Closed"),
        imported(status_of="CLOSED"),
        imported(items=[line(amount=0)]),
        imported(items=[{"itemSequenceNumber": "1", "isBackOrderAllowed": True}]),
    ],
)
def test_with_what_is_closed_or_cancelled_nothing_is_to_be_done(order: ImportedOrder) -> None:
    assert due(order) is None


def test_what_was_rejected_is_not_to_be_shipped() -> None:
    order = imported(status_of="OPEN", **DELIVERY)
    assert due(order, acknowledgements=[answered(order, is_rejected=True)]) is None
    assert due(order, acknowledgements=[answered(order)]) is not None


def test_an_order_that_does_not_say_where_it_goes_is_taken_as_not_shipped() -> None:
    order = imported(state="Acknowledged", shipToParty=None, **DELIVERY)
    assert due(order) == ("ship", datetime(2026, 2, 27, 1, tzinfo=UTC))


def test_an_order_without_its_details_has_no_limits() -> None:
    found = Overview.of(
        ImportedOrder(Order(purchase_order_number=NUMBER), None, ImportReason.NEW), Said(History())
    )
    assert (found.deadlines, found.due) == (None, None)
    assert overview_dict(found, AT)["deadlines"] is None
    assert cells(found, AT)[7] == "–"


def test_an_order_of_the_year_9999_has_limits() -> None:
    found = Overview.of(imported(purchaseOrderDate="9999-12-31T23:00:00Z"), Said(History()))
    assert found.deadlines is not None
    assert cells(found, AT)[7] != "–"


def test_the_time_that_is_left_is_told_in_its_largest_unit() -> None:
    order = imported()
    found = Overview.of(order, Said(History()))
    assert found.due is not None
    by = found.due.by
    told = [str(cells(found, by - timedelta(seconds=left))[6]) for left in (90_000, 7300, 125, 0, -4000)]
    assert told == ["1 d", "2 h", "2 min", "0 min", "1 h late"]
