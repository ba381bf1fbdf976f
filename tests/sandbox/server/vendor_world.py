"""A vendor who speaks to the sandbox, and what is submitted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from spshipping.sandbox import Sandbox
from tests.sandbox.server.world import Json, Shop

ORDERS = "/vendor/orders/v1/purchaseOrders"
STATUS = "/vendor/orders/v1/purchaseOrdersStatus"
ACKNOWLEDGEMENTS = "/vendor/orders/v1/acknowledgements"
CONFIRMATIONS = "/vendor/shipping/v1/shipmentConfirmations"
SHIPMENTS = "/vendor/shipping/v1/shipments"
LABELS = "/vendor/shipping/v1/transportLabels"
TRANSACTIONS = "/vendor/transactions/v1/transactions"
WEEK = timedelta(days=7)
WORKED_ON = 601
"""Seconds after which a submission was worked on."""


def moment(sandbox: Sandbox, **ahead: float) -> str:
    """Return a time so far ahead of now, as it is written."""
    return (sandbox.clock.now() + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def advance(shop: Shop, seconds: float) -> None:
    """Advance the time, and sign in anew: an access token lasts an hour."""
    shop.sandbox.clock.advance(seconds)
    grant = {"grant_type": "refresh_token", **shop.sandbox.credentials}
    token = requests.post(shop.sandbox.token_url, data=grant, timeout=5).json()["access_token"]
    shop.session.headers["x-amz-access-token"] = token


def last_week(sandbox: Sandbox) -> dict[str, str]:
    """Return the window of the last seven days."""
    now = sandbox.clock.now()
    return {"createdAfter": f"{now - WEEK:%Y-%m-%dT%H:%M:%SZ}", "createdBefore": f"{now:%Y-%m-%dT%H:%M:%SZ}"}


def get(shop: Shop, path: str, /, **query: Any) -> requests.Response:
    """Ask with the vendor's token."""
    return shop.session.get(shop.sandbox.url + path, params=query)


def found(answer: requests.Response) -> Any:
    """Return what a successful answer holds."""
    assert answer.status_code == 200, answer.text
    return answer.json()["payload"]


def pages(shop: Shop, path: str, /, **query: Any) -> list[Json]:
    """Return every page of a search."""
    gathered = []
    while True:
        page = found(get(shop, path, **query))
        gathered.append(page)
        if "pagination" not in page:
            return gathered
        query["nextToken"] = page["pagination"]["nextToken"]


def purchase_orders(shop: Shop, **query: Any) -> list[Json]:
    """Return every purchase order of a search."""
    return [order for page in pages(shop, ORDERS, **query) for order in page["orders"]]


def of_half_a_year(shop: Shop, path: str = ORDERS, **query: Any) -> list[Json]:
    """Return what six months hold, week by week, the oldest week first."""
    now = datetime.now(UTC) + timedelta(seconds=shop.sandbox.clock.offset)
    gathered: list[Json] = []
    for week in reversed(range(26)):
        start, end = now - (week + 1) * WEEK, now - week * WEEK - timedelta(seconds=1)
        times = {"createdAfter": f"{start:%Y-%m-%dT%H:%M:%SZ}", "createdBefore": f"{end:%Y-%m-%dT%H:%M:%SZ}"}
        for page in pages(shop, path, **times, **query):
            gathered += page["orders" if path == ORDERS else "ordersStatus"]
    return gathered


def new_order(shop: Shop, fits: Callable[[Json], bool] = lambda _: True) -> Json:
    """Return a new purchase order; time advances until there is one that fits."""
    for _ in range(200):
        for order in purchase_orders(shop, purchaseOrderState="New"):
            if fits(order):
                return order
        advance(shop, 12 * 3600)
    raise AssertionError("no such purchase order within a hundred days")


def lines(order: Json) -> list[Json]:
    """Return the lines of a purchase order."""
    return list(order["orderDetails"]["items"])


def has_prices(order: Json) -> bool:
    """Say whether every line has a net cost, and is still wanted."""
    return all("netCost" in line and line["orderedQuantity"]["amount"] for line in lines(order))


def answer(line: Json, code: str = "Accepted", amount: int | None = None, **more: Any) -> Json:
    """Return one answer to a line."""
    quantity = {
        **line["orderedQuantity"],
        "amount": line["orderedQuantity"]["amount"] if amount is None else amount,
    }
    return {"acknowledgementCode": code, "acknowledgedQuantity": quantity, **more}


def item(line: Json, *answers: Json, **changes: Any) -> Json:
    """Return the answers to a line; without any, all of it is accepted."""
    whole = {
        "itemSequenceNumber": line["itemSequenceNumber"],
        "amazonProductIdentifier": line["amazonProductIdentifier"],
        "vendorProductIdentifier": line["vendorProductIdentifier"],
        "orderedQuantity": line["orderedQuantity"],
        "netCost": line.get("netCost", {"currencyCode": "USD", "amount": "1.00"}),
        "itemAcknowledgements": list(answers) or [answer(line)],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def acknowledgement(shop: Shop, order: Json, *items: Json, **changes: Any) -> Json:
    """Return the answers to a purchase order; without any, all of it is accepted."""
    return {
        "purchaseOrderNumber": order["purchaseOrderNumber"],
        "sellingParty": order["orderDetails"]["sellingParty"],
        "acknowledgementDate": moment(shop.sandbox),
        "items": list(items) or [item(line) for line in lines(order)],
        **changes,
    }


def submit(shop: Shop, path: str, body: Json) -> str:
    """Submit something, and return the transaction's id."""
    taken = shop.session.post(shop.sandbox.url + path, json=body)
    assert taken.status_code == 202, taken.text
    return str(taken.json()["payload"]["transactionId"])


def acknowledge(shop: Shop, order: Json, *items: Json, **changes: Any) -> Json:
    """Acknowledge a purchase order, wait until it was worked on, and return the transaction."""
    body = {"acknowledgements": [acknowledgement(shop, order, *items, **changes)]}
    return worked_on(shop, submit(shop, ACKNOWLEDGEMENTS, body))


def worked_on(shop: Shop, transaction_id: str) -> Json:
    """Wait until a submission was worked on, and return its transaction."""
    advance(shop, WORKED_ON)
    return transaction(shop, transaction_id)


def transaction(shop: Shop, transaction_id: str) -> Json:
    """Return a transaction."""
    return dict(found(get(shop, f"{TRANSACTIONS}/{transaction_id}"))["transactionStatus"])


def status_of(shop: Shop, order: Json) -> Json:
    """Return the state of a purchase order."""
    (state,) = found(get(shop, STATUS, purchaseOrderNumber=order["purchaseOrderNumber"]))["ordersStatus"]
    return dict(state)


def accepted_order(shop: Shop) -> Json:
    """Return a purchase order all of which was accepted."""
    order = new_order(shop, has_prices)
    assert acknowledge(shop, order)["status"] == "Processing"
    return order


def shipped_item(order: Json, line: Json, number: str = "001", **changes: Any) -> Json:
    """Return a line as an item of a shipment confirmation."""
    quantity = line["orderedQuantity"]
    return {
        "itemSequenceNumber": number,
        "vendorProductIdentifier": line["vendorProductIdentifier"],
        "shippedQuantity": {"amount": quantity["amount"], "unitOfMeasure": quantity["unitOfMeasure"]},
        "itemDetails": {"purchaseOrderNumber": order["purchaseOrderNumber"]},
        **changes,
    }


def confirmation(shop: Shop, order: Json, name: str = "S-1", **changes: Any) -> Json:
    """Return a shipment confirmation of a whole purchase order."""
    details = order["orderDetails"]
    return {
        "shipmentIdentifier": name,
        "shipmentConfirmationType": "Original",
        "shipmentConfirmationDate": moment(shop.sandbox),
        "estimatedDeliveryDate": moment(shop.sandbox, days=2),
        "sellingParty": details["sellingParty"],
        "shipFromParty": {"partyId": "W-1"},
        "shipToParty": details["shipToParty"],
        "shippedItems": [
            shipped_item(order, line, f"{number:03d}") for number, line in enumerate(lines(order), 1)
        ],
        **changes,
    }


def confirm(shop: Shop, *confirmations: Json) -> Json:
    """Submit shipment confirmations, wait until they were worked on, and return the transaction."""
    return worked_on(shop, submit(shop, CONFIRMATIONS, {"shipmentConfirmations": list(confirmations)}))


def pickup(shop: Shop, order: Json, name: str = "P-1", **changes: Any) -> Json:
    """Return a request to pick up a purchase order, as two parcels."""
    details = order["orderDetails"]
    whole = {
        "vendorShipmentIdentifier": name,
        "transactionType": "New",
        "transactionDate": moment(shop.sandbox),
        "shipmentFreightTerm": "Collect",
        "sellingParty": details["sellingParty"],
        "shipFromParty": {
            "partyId": "W-1",
            "address": {"name": "Mill", "addressLine1": "1 Mill Lane", "city": "Leeds", "countryCode": "US"},
        },
        "shipToParty": details["shipToParty"],
        "shipmentMeasurements": {"totalCartonCount": 2},
        "collectFreightPickupDetails": {"requestedPickUp": moment(shop.sandbox, days=6)},
        "purchaseOrders": [{"purchaseOrderNumber": order["purchaseOrderNumber"]}],
        "transportationDetails": {"shipMode": "SmallParcel"},
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def request_pickup(shop: Shop, *pickups: Json) -> Json:
    """Submit transportation requests, wait until they were worked on, and return the transaction."""
    return worked_on(shop, submit(shop, SHIPMENTS, {"shipments": list(pickups)}))


def errors(found: Json) -> list[tuple[str, str]]:
    """Return the code and the message of each error."""
    return [(error["code"], error["message"]) for error in found["errors"]]
