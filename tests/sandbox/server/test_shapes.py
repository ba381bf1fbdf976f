"""Every answer has the shape of Amazon's model: nothing missing, nothing odd, nothing more."""

import json
from decimal import Decimal
from typing import Any

import pytest
import requests

from spshipping import shipping
from spshipping.wire.convert import structure, to_dict
from spshipping.wire.model import Model, extra
from tests.sandbox.server.world import Shop, package, payload, rates_request


def answers(shop: Shop) -> dict[str, requests.Response]:
    """Return an answer of each operation that has a model."""
    purchase = shop.purchase(shop.purchase_request())
    shipment = payload(purchase)
    tracking_id = shipment["packageDocumentDetails"][0]["trackingId"]
    return {
        "GET_RATES": shop.rates(packages=[package(15)]),
        "PURCHASE_SHIPMENT": purchase,
        "DIRECT_PURCHASE_SHIPMENT": shop.direct(**rates_request()),
        "ONE_CLICK_SHIPMENT": shop.one_click(["SWA-UK-2D"]),
        "GET_TRACKING": shop.tracking(tracking_id),
        "GET_SHIPMENT_DOCUMENTS": shop.documents(shipment["shipmentId"]),
        "CANCEL_SHIPMENT": shop.cancel(shipment["shipmentId"]),
    }


def unknown(value: Any) -> list[str]:
    """Return the names of all fields, at any depth, that the models do not have."""
    if isinstance(value, list):
        return [name for item in value for name in unknown(item)]
    if not isinstance(value, Model):
        return []
    inner = [name for field in value.__wire_names__ for name in unknown(getattr(value, field))]
    return [*extra(value), *inner]


def check(answer: requests.Response, returns: type[Any]) -> None:
    """Hold an answer to its model."""
    data = json.loads(answer.content, parse_float=Decimal)["payload"]
    value, deviations = structure(data, returns)
    assert deviations == ()
    assert unknown(value) == []
    assert to_dict(value) == answer.json()["payload"]


@pytest.mark.parametrize("business", ["AmazonShipping_UK", "AmazonShipping_JP"])
def test_rates_of_every_currency_have_their_shape(shop: Shop, business: str) -> None:
    check(shop.rates(business=business), shipping.GetRatesResult)


def test_every_operation_answers_in_its_shape(shop: Shop) -> None:
    for name, answer in answers(shop).items():
        check(answer, getattr(shipping, name).returns)
