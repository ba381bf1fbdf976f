"""Writes the table of docs/sandbox.md: what the sandbox does for each operation.

    python -m tools.make_sandbox

Refusals and faults are measured by tests/sandbox/measured.py; what is known of Amazon, and from where, stands
here. tests/sandbox/test_sandbox_table.py compares the page with it.
"""

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from spshipping.operation import Operation
from tests.contract.facts import operations, routes
from tests.sandbox.measured import Measured, measured
from tools.tables import with_table

PAGE = Path(__file__).parent.parent / "docs" / "sandbox.md"
_SP_API = "https://developer-docs.amazon.com/sp-api/docs"
_SHIPPING = "https://developer-docs.amazon.com/amazon-shipping/docs"
_FAULTS = {
    "null_field": "null",
    "unknown_enum": "enum",
    "unknown_field": "field",
    "number_as_text": "number",
}
_HEAD = (
    "| Operation | State | Refused with | Quota | Faults of fields | Close | Source |\n"
    "|---|---|---|---|---|---|---|"
)


class Close(Enum):
    """How close it is to Amazon."""

    DOCUMENTED = "documented"
    """What it answers and refuses is stated by Amazon; only the data are invented."""
    PARTLY = "partly"
    """Form and purpose are stated by Amazon; some rules between them are guessed."""
    FORM = "form only"
    """Amazon publishes the form of request and answer, and hardly more."""


class Row(NamedTuple):
    """What is known of one operation."""

    state: str
    """What of the sandbox's state it shows or changes."""
    close: Close
    source: str = ""
    """Amazon's page, in addition to its model."""


_REFERENCE = f"{_SHIPPING}/shipping-api-v2-reference"
_DIRECT = f"{_SHIPPING}/tutorial-purchase-a-shipment-directly"
_CANCEL = f"{_SHIPPING}/tutorial-cancel-a-shipment"
_TRACK = f"{_SHIPPING}/tutorial-track-a-shipment"
_ORDERS = f"{_SP_API}/orders-api-v0-reference"
_FILTERS = f"{_SP_API}/get-orders-with-filtering-criteria"
_PII = f"{_SP_API}/access-orders-pii"
_CONFIRM = f"{_SP_API}/confirm-the-shipment-status"
_REGULATED = f"{_SP_API}/approve-or-reject-a-regulated-order"
_MIGRATION = f"{_SP_API}/orders-api-migration-guide"
_PO = f"{_SP_API}/vendor-orders-api-v1-use-case-guide"
_ASN = f"{_SP_API}/vendor-shipments-api-v1-use-case-guide"
_STATUS = f"{_SP_API}/vendor-transaction-status-api-v1-use-case-guide"
_SELLERS = f"{_SP_API}/sellers-api"
_NOTES = f"{_SP_API}/notifications-api-v1-use-case-guide"
_TOKENS = f"{_SP_API}/tokens-api-use-case-guide"
_APPLICATIONS = f"{_SP_API}/application-management-api-v2023-11-30-use-case-guide"

_V2, _V0, _V2026 = "/shipping/v2", "/orders/v0/orders", "/orders/2026-01-01/orders"
_VENDOR, _SHIPMENTS, _SUBSCRIPTIONS = (
    "/vendor/orders/v1",
    "/vendor/shipping/v1",
    "/notifications/v1/subscriptions",
)
_DESTINATIONS = "/notifications/v1/destinations"
ROWS: Mapping[str, Row] = {
    f"POST {_V2}/shipments/rates": Row("makes a quote, valid for ten minutes", Close.PARTLY, _REFERENCE),
    f"POST {_V2}/shipments": Row("buys a label, once for each key", Close.PARTLY, _REFERENCE),
    f"POST {_V2}/shipments/directPurchase": Row("buys a label, once for each key", Close.PARTLY, _DIRECT),
    f"POST {_V2}/oneClickShipment": Row("buys a label each time", Close.PARTLY, _REFERENCE),
    f"GET {_V2}/tracking": Row("shows where the parcel is at the sandbox's time", Close.PARTLY, _TRACK),
    f"GET {_V2}/shipments/{{shipmentId}}/documents": Row("shows the label again", Close.PARTLY, _REFERENCE),
    f"PUT {_V2}/shipments/{{shipmentId}}/cancel": Row(
        "cancels once, before the pickup, and gives the money back", Close.PARTLY, _CANCEL
    ),
    f"GET {_V2}/shipments/additionalInputs/schema": Row(
        "shows what a rate of the quote asks for", Close.FORM
    ),
    f"GET {_V2}/carrierAccountFormInputs": Row("shows the forms of UPS and FedEx; fixed", Close.FORM),
    f"PUT {_V2}/carrierAccounts": Row("shows the accounts that are linked", Close.FORM),
    f"POST {_V2}/carrierAccounts/{{carrierId}}": Row(
        "links an account, whose carrier then quotes; one for each number", Close.FORM
    ),
    f"PUT {_V2}/carrierAccounts/{{carrierId}}": Row("the same", Close.FORM),
    f"PUT {_V2}/carrierAccounts/{{carrierId}}/unlink": Row("unlinks an account", Close.FORM),
    f"POST {_V2}/collectionForms": Row("collects the parcels of a carrier, once for each key", Close.FORM),
    f"PUT {_V2}/collectionForms/history": Row("shows the forms that were made", Close.FORM),
    f"GET {_V2}/collectionForms/{{collectionFormId}}": Row("shows a form again", Close.FORM),
    f"PUT {_V2}/unmanifestedShipments": Row("shows the parcels that are on no form", Close.FORM),
    f"GET {_V2}/accessPoints": Row(
        "shows places near a postal code; equal requests give equal ones", Close.FORM
    ),
    f"POST {_V2}/ndrFeedback": Row(
        "sends a parcel back that is on its way, where that is asked for", Close.FORM
    ),
    f"POST {_V2}/claims": Row("makes one claim for each parcel", Close.FORM),
    f"GET {_V0}": Row("shows orders, which change over time", Close.DOCUMENTED, _FILTERS),
    f"GET {_V0}/{{orderId}}": Row("shows an order", Close.DOCUMENTED, _ORDERS),
    f"GET {_V0}/{{orderId}}/address": Row(
        "shows the recipient, once it may be shipped", Close.DOCUMENTED, _PII
    ),
    f"GET {_V0}/{{orderId}}/buyerInfo": Row(
        "shows the buyer, once it may be shipped", Close.DOCUMENTED, _PII
    ),
    f"GET {_V0}/{{orderId}}/orderItems": Row("shows the items, at most four", Close.DOCUMENTED, _ORDERS),
    f"GET {_V0}/{{orderId}}/orderItems/buyerInfo": Row(
        "shows gifts and customizations", Close.DOCUMENTED, _PII
    ),
    f"GET {_V0}/{{orderId}}/regulatedInfo": Row("shows what is to be verified", Close.PARTLY, _REGULATED),
    f"PATCH {_V0}/{{orderId}}/regulatedInfo": Row("approves or rejects an order", Close.PARTLY, _REGULATED),
    f"POST {_V0}/{{orderId}}/shipment": Row("changes the status of a pickup", Close.PARTLY, _ORDERS),
    f"POST {_V0}/{{orderId}}/shipmentConfirmation": Row(
        "ships units, in one parcel or several", Close.DOCUMENTED, _CONFIRM
    ),
    f"GET {_V2026}": Row("shows the same orders, with the datasets asked for", Close.DOCUMENTED, _MIGRATION),
    f"GET {_V2026}/{{orderId}}": Row("shows the same order", Close.DOCUMENTED, _MIGRATION),
    f"GET {_VENDOR}/purchaseOrders": Row("shows purchase orders, which change over time", Close.PARTLY, _PO),
    f"GET {_VENDOR}/purchaseOrders/{{purchaseOrderNumber}}": Row("shows a purchase order", Close.PARTLY, _PO),
    f"GET {_VENDOR}/purchaseOrdersStatus": Row("shows what was accepted and received", Close.PARTLY, _PO),
    f"POST {_VENDOR}/acknowledgements": Row("accepts or rejects lines, ten minutes later", Close.PARTLY, _PO),
    f"POST {_SHIPMENTS}/shipmentConfirmations": Row("announces goods, which then arrive", Close.PARTLY, _ASN),
    f"POST {_SHIPMENTS}/shipments": Row("requests a pickup, which gets a carrier", Close.PARTLY, _ASN),
    f"GET {_SHIPMENTS}/shipments": Row("shows the requests for pickups", Close.PARTLY, _ASN),
    f"GET {_SHIPMENTS}/transportLabels": Row("shows labels, a day before the pickup", Close.FORM, _ASN),
    "GET /vendor/transactions/v1/transactions/{transactionId}": Row(
        "shows what became of a submission", Close.PARTLY, _STATUS
    ),
    "GET /sellers/v1/marketplaceParticipations": Row(
        "shows five marketplaces; fixed", Close.PARTLY, _SELLERS
    ),
    "GET /sellers/v1/account": Row("shows one company; fixed", Close.FORM, _SELLERS),
    f"GET {_DESTINATIONS}": Row("shows the destinations", Close.DOCUMENTED, _NOTES),
    f"POST {_DESTINATIONS}": Row("adds a destination; nothing is sent to it", Close.DOCUMENTED, _NOTES),
    f"GET {_DESTINATIONS}/{{destinationId}}": Row("shows a destination", Close.DOCUMENTED, _NOTES),
    f"DELETE {_DESTINATIONS}/{{destinationId}}": Row(
        "removes one that no subscription uses", Close.PARTLY, _NOTES
    ),
    f"GET {_SUBSCRIPTIONS}": Row("shows the subscriptions", Close.DOCUMENTED, _NOTES),
    f"GET {_SUBSCRIPTIONS}/{{notificationType}}": Row(
        "shows the subscription of a type", Close.DOCUMENTED, _NOTES
    ),
    f"POST {_SUBSCRIPTIONS}/{{notificationType}}": Row(
        "subscribes; only ORDER_CHANGE sends what happens", Close.PARTLY, _NOTES
    ),
    f"GET {_SUBSCRIPTIONS}/{{notificationType}}/{{subscriptionId}}": Row(
        "shows a subscription", Close.DOCUMENTED, _NOTES
    ),
    f"DELETE {_SUBSCRIPTIONS}/{{notificationType}}/{{subscriptionId}}": Row(
        "ends a subscription", Close.DOCUMENTED, _NOTES
    ),
    f"POST {_SUBSCRIPTIONS}/{{notificationType}}/testNotification": Row(
        "sends an example, of ORDER_CHANGE only", Close.PARTLY, _NOTES
    ),
    "POST /applications/2023-11-30/clientSecret": Row(
        "makes a new secret, and sends it as a notification", Close.DOCUMENTED, _APPLICATIONS
    ),
    "POST /tokens/2021-03-01/restrictedDataToken": Row(
        "makes a token for paths and data elements", Close.DOCUMENTED, _TOKENS
    ),
}
"""By route."""


def table(found: Mapping[str, Measured]) -> str:
    """Return the table."""
    lines = [_line(operation, ROWS[operation.route], found[operation.route]) for operation in operations()]
    return "\n".join([_HEAD, *lines])


def _line(operation: Operation[Any], row: Row, found: Measured) -> str:
    cells = (
        f"`{operation.name}`<br>`{operation.route}`",
        row.state,
        _refusals(found),
        f"{operation.quota.rate:g}/s, {operation.quota.burst}",
        ", ".join(_FAULTS[kind] for kind in found.field_faults) or "-",
        row.close.value,
        _source(operation, row),
    )
    return f"| {' | '.join(cells)} |"


def _refusals(found: Measured) -> str:
    by_status: dict[int, list[str]] = {}
    for status, code in sorted(found.refusals):
        by_status.setdefault(status, []).append(f"`{code}`")
    return "; ".join(f"{status} {', '.join(codes)}" for status, codes in by_status.items()) or "-"


def _source(operation: Operation[Any], row: Row) -> str:
    model = f"`{routes()[operation.route].file}.json`"
    name = row.source.rpartition("/")[2]
    return f"{model}, [{name}]({row.source})" if row.source else model


def written(page: str, found: Mapping[str, Measured]) -> str:
    """Return the page with its table as it is now."""
    return with_table(page, "operations", table(found), tool="make_sandbox")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8"), measured()), "utf-8")
