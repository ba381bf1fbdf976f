"""Both order APIs describe the same order: by the migration guide, and in Amazon's own examples."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

from spshipping import from_dict
from spshipping.orders import AmazonOrder, Money, v0, v2026_01_01
from spshipping.sandbox import Sandbox
from tests.contract.order_migration import Json, v0_item, v0_order, v2026_order

MODELS = os.environ.get("SPSHIPPING_MODELS")
needs_examples = pytest.mark.skipif(
    not MODELS,
    reason="Amazon's examples are not ours to ship: set SPSHIPPING_MODELS to a folder with ordersV0.json and "
    "orders_2026-01-01.json of https://github.com/amzn/selling-partner-api-models",
)
ORDERS = "/orders/v0/orders"
DATASETS = ",".join(v2026_01_01.IncludedData)
AGO = "2020-01-01T00:00:00Z"


class Seller:
    """A seller who sends requests to a sandbox in plain HTTP."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        grant = {"grant_type": "refresh_token", **sandbox.credentials}
        self.token = str(self.session.post(sandbox.token_url, data=grant).json()["access_token"])

    def get(self, path: str, token: str, **query: str) -> Json:
        headers = {"x-amz-access-token": token}
        response = self.session.get(self.sandbox.url + path, params=query, headers=headers)
        assert response.status_code == 200, response.text
        body: Json = response.json()
        payload: Json = body.get("payload", body)
        return payload

    def restricted(self, path: str, *elements: str) -> str:
        """Return a Restricted Data Token."""
        resource = {"method": "GET", "path": path, "dataElements": list(elements)}
        response = self.session.post(
            f"{self.sandbox.url}/tokens/2021-03-01/restrictedDataToken",
            json={"restrictedResources": [resource]},
            headers={"x-amz-access-token": self.token},
        )
        return str(response.json()["restrictedDataToken"])


class Views(NamedTuple):
    """One order as each API returns it over HTTP, and its items as v0 does."""

    v0: Json
    items: list[Json]
    v2026: Json


def views(seller: Seller) -> Iterator[Views]:
    token = seller.restricted(ORDERS, "buyerInfo", "shippingAddress", "buyerTaxInformation")
    items_token = seller.restricted(f"{ORDERS}/{{orderId}}/orderItems", "buyerInfo")
    places = sorted({order.place.marketplace.id for order in seller.sandbox.orders()})
    query = {"MarketplaceIds": ",".join(places), "CreatedAfter": AGO}
    old: dict[str, Json] = {}
    while True:
        page = seller.get(ORDERS, token, **query)
        old |= {order["AmazonOrderId"]: order for order in page["Orders"]}
        if "NextToken" not in page:
            break
        query["NextToken"] = page["NextToken"]
    query = {"createdAfter": AGO, "includedData": DATASETS}
    while True:
        page = seller.get("/orders/2026-01-01/orders", seller.token, **query)
        for order in page["orders"]:
            id_ = order["orderId"]
            items = seller.get(f"{ORDERS}/{id_}/orderItems", items_token)["OrderItems"]
            yield Views(old.pop(id_), items, order)
        if "pagination" not in page:
            break
        query["paginationToken"] = page["pagination"]["nextToken"]
    assert not old


@pytest.fixture(scope="module")
def found() -> list[Views]:
    with Sandbox(orders=400, seed=3, quotas=False) as sandbox:
        seller = Seller(sandbox)
        try:
            return list(views(seller))
        finally:
            seller.session.close()


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the paths and values of the leaves of *data*; all items of a list have one path."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(data, list):
        for value in data:
            yield from leaves(value, f"{path}[]")
    else:
        yield path, data


def differing(translated: Any, view: Any, path: str = "") -> Iterator[str]:
    """Yield the paths at which *view* does not have what the translation of its twin has."""
    if isinstance(translated, dict) and isinstance(view, dict):
        for name, value in translated.items():
            yield from differing(value, view.get(name), f"{path}.{name}" if path else name)
    elif isinstance(translated, list) and isinstance(view, list) and len(translated) == len(view):
        for one, other in zip(translated, view, strict=True):
            yield from differing(one, other, f"{path}[]")
    elif translated != view:
        yield path


NO_TWIN: dict[str, Callable[[Views], bool]] = {
    # an order whose invoice is not confirmed has been shipped
    "OrderStatus": lambda views: views.v0["OrderStatus"] == "InvoiceUnconfirmed",
    # v0 has the tax number of a buyer in Turkey elsewhere
    "BuyerInfo.BuyerTaxInfo": lambda views: "BuyerTaxInformation" in views.v0,
}
"""Where the two APIs cannot agree."""


def test_the_sandbox_returns_the_twin_of_every_field_that_the_migration_guide_names(
    found: list[Views],
) -> None:
    assert len(found) == 400
    seen: dict[str, int] = defaultdict(int)
    for one in found:
        order = v0_order(one.v2026)
        for path in differing(order, one.v0):
            assert path in NO_TWIN, path
            assert NO_TWIN[path](one), path
        items = [v0_item(item) for item in one.v2026["orderItems"]]
        assert list(differing(items, one.items)) == []
        for path, _ in (*leaves(order), *leaves(items)):
            seen[path] += 1
    assert {path for path in EVERY_LEAF.split() if not seen[path]} == set()


EVERY_LEAF = """
SellerOrderId ReplacedOrderId OrderStatus FulfillmentChannel SalesChannel MarketplaceId IsPrime IsISPU
ShipmentServiceLevelCategory EarliestShipDate LatestShipDate EarliestDeliveryDate LatestDeliveryDate
BuyerInfo.BuyerEmail BuyerInfo.BuyerName BuyerInfo.PurchaseOrderNumber ShippingAddress.Phone
BuyerInfo.BuyerTaxInfo.TaxClassifications[].Value ShippingAddress.AddressType BuyerInvoicePreference
[].ItemPrice.Amount [].ItemTax.Amount [].ShippingPrice.Amount [].ShippingTax.Amount [].PromotionIds[]
[].ShippingDiscount.Amount [].PromotionDiscount.Amount [].PointsGranted.PointsNumber [].IossNumber
[].BuyerRequestedCancel.BuyerCancelReason [].BuyerInfo.GiftMessageText [].BuyerInfo.GiftWrapPrice.Amount
[].BuyerInfo.BuyerCustomizedInfo.CustomizedURL [].DeemedResellerCategory [].SerialNumberRequired
[].SubstitutionPreferences.SubstitutionOptions[].ASIN [].ShippingConstraints.SignatureConfirmation
"""
"""Fields that only some orders have; each must occur."""


def test_what_is_one_field_in_one_api_and_two_in_the_other_agrees(found: list[Views]) -> None:
    addresses = [
        (one.v0["ShippingAddress"], one.v2026["recipient"]["deliveryAddress"])
        for one in found
        if "ShippingAddress" in one.v0
    ]
    assert {"District", "County"} <= {name for old, _ in addresses for name in old}
    for old, new in addresses:
        assert new.get("districtOrCounty") == (old.get("District") or old.get("County"))
    statuses = {one.v0["OrderStatus"]: one.v2026["fulfillment"]["fulfillmentStatus"] for one in found}
    assert (statuses["InvoiceUnconfirmed"], statuses["Shipped"]) == ("SHIPPED", "SHIPPED")


FIELDS = """
amazon_order_id purchase_date last_update_date marketplace_id fulfillment_channel sales_channel
shipment_service_level_category earliest_ship_date latest_ship_date earliest_delivery_date is_iba
latest_delivery_date number_of_items_shipped number_of_items_unshipped is_business_order is_prime
is_premium_order is_ispu
"""
"""The fields of an Amazon order that are equal from both APIs, beside status, people and items."""
ITEM_FIELDS = """
order_item_id asin seller_sku title condition_note quantity_ordered quantity_shipped item_price
shipping_price gift_wrap_price is_gift gift_message_text gift_wrap_level customized_url ioss_number
deemed_reseller_category
"""
PEOPLE = """
name company_name address_line1 address_line2 city postal_code country_code phone
"""


def without_zero(value: Any) -> Any:
    """Return *value*, or None where it is an amount of zero."""
    return None if isinstance(value, Money) and not value.amount else value


def assert_same(old: AmazonOrder, new: AmazonOrder) -> None:
    """Compare what both APIs carry."""
    for name in FIELDS.split():
        assert getattr(old, name) == getattr(new, name), name
    assert (old.items is None) is (new.items is None)
    for one, other in zip(old.items or (), new.items or (), strict=True):
        for name in ITEM_FIELDS.split():
            # an amount of zero is left out by 2026-01-01
            assert without_zero(getattr(one, name)) == without_zero(getattr(other, name)), name
    assert (old.shipping_address is None) is (new.shipping_address is None)
    for name in PEOPLE.split() if old.shipping_address else ():
        assert getattr(old.shipping_address, name) == getattr(new.shipping_address, name), name
    if old.buyer_info and new.buyer_info:
        assert old.buyer_info.buyer_name == new.buyer_info.buyer_name


def read_v0(order: Json, items: list[Json] | None) -> AmazonOrder:
    lines = None if items is None else [from_dict(item, v0.OrderItem) for item in items]
    return AmazonOrder.from_v0(from_dict(order, v0.Order), items=lines)


def read_v2026(order: Json) -> AmazonOrder:
    return AmazonOrder.from_v2026(from_dict(order, v2026_01_01.Order))


def test_an_amazon_order_is_the_same_from_either_view_of_the_sandbox(found: list[Views]) -> None:
    for one in found:
        old, new = read_v0(one.v0, one.items), read_v2026(one.v2026)
        assert_same(old, new)
        if one.v0["OrderStatus"] != "InvoiceUnconfirmed":
            assert old.order_status == new.order_status


def test_an_amazon_order_is_the_same_from_the_twin_of_the_migration_guide(found: list[Views]) -> None:
    for one in found:
        translated = read_v0(v0_order(one.v2026), [v0_item(item) for item in one.v2026["orderItems"]])
        assert_same(translated, read_v2026(one.v2026))


def _examples(file: str, name: str) -> Iterator[Json]:
    """Yield the orders in Amazon's examples of a file: those of its responses, under this name."""

    def walk(data: Any) -> Iterator[Json]:
        if isinstance(data, dict):
            if name in data and "createdTime" not in data and "properties" not in data:
                orders = data[name] if isinstance(data[name], list) else [data[name]]
                yield from (order for order in orders if {"orderId", "AmazonOrderId"} & order.keys())
            for value in data.values():
                yield from walk(value)
        elif isinstance(data, list):
            for value in data:
                yield from walk(value)

    yield from walk(json.loads((Path(MODELS or "") / f"{file}.json").read_text("utf-8"))["paths"])


@needs_examples
def test_amazons_examples_of_2026_are_the_same_order_in_v0() -> None:
    examples = list(_examples("orders_2026-01-01", "order"))
    assert len(examples) >= 3
    for example in examples:
        translated = read_v0(v0_order(example), [v0_item(item) for item in example["orderItems"]])
        read = read_v2026(example)
        assert_same(translated, read)
        assert translated.order_status == read.order_status


@needs_examples
def test_amazons_examples_of_v0_are_the_same_order_in_2026() -> None:
    examples = list(_examples("ordersV0", "Orders"))
    assert len(examples) >= 3
    for example in examples:
        translated, read = read_v2026(v2026_order(example, ())), read_v0(example, [])
        assert translated.order_status == read.order_status
        # Amazon's example of a pending order has units, and no items
        for name in set(FIELDS.split()) - {
            "number_of_items_shipped",
            "number_of_items_unshipped",
            "sales_channel",
        }:
            expected = getattr(read, name)
            assert getattr(translated, name) == (bool(expected) if name.startswith("is_") else expected), name
        assert isinstance(read.purchase_date, datetime)
