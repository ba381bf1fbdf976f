"""What `to_dict` and `json_schema` promise to connectors; both are frozen here."""

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spshipping import InvalidRequestError, dumps, from_dict, loads, set_extra, to_dict
from spshipping.orders import Address, AmazonOrder, BuyerInfo, Gap, v0
from spshipping.orders import v2026_01_01 as v2026
from spshipping.testing import strategies
from tests.unit.orders.build import V0_ITEM, V0_ORDER, V2026_ORDER
from tests.unit.orders.schemas import problems

WHOLE = AmazonOrder.from_v0(from_dict(V0_ORDER, v0.Order), items=[from_dict(V0_ITEM, v0.OrderItem)])
BARE = AmazonOrder(
    amazon_order_id="902-1845936-5435065",
    purchase_date=datetime.fromisoformat("2026-10-01T09:15:00Z"),
    last_update_date=datetime.fromisoformat("2026-10-02T16:30:00Z"),
)

AS_DICT = {
    "amazon_order_id": "902-1845936-5435065",
    "order_status": "PartiallyShipped",
    "purchase_date": "2026-10-01T09:15:00Z",
    "last_update_date": "2026-10-02T16:30:00Z",
    "marketplace_id": "ATVPDKIKX0DER",
    "fulfillment_channel": "MFN",
    "order_type": "Preorder",
    "shipment_service_level_category": "SecondDay",
    "earliest_ship_date": "2026-10-02T00:00:00Z",
    "latest_ship_date": "2026-10-03T23:59:59Z",
    "earliest_delivery_date": "2026-10-04T00:00:00Z",
    "latest_delivery_date": "2026-10-06T23:59:59Z",
    "number_of_items_shipped": 1,
    "number_of_items_unshipped": 2,
    "payment_method": "COD",
    "payment_method_details": ["COD"],
    "is_business_order": True,
    "is_prime": True,
    "is_global_express_enabled": False,
    "is_premium_order": True,
    "is_sold_by_ab": False,
    "is_iba": False,
    "is_ispu": False,
    "is_access_point_order": False,
    "sales_channel": "Amazon.com",
    "order_channel": "Web",
    "ship_service_level": "Std US D2D Dom",
    "order_total": {"amount": "108.20", "currency_code": "USD"},
    "estimated_total": None,
    "payment_execution_detail": [
        {
            "payment": {"amount": "108.20", "currency_code": "USD"},
            "payment_method": "COD",
            "acquirer_id": "12.345.678/0001-90",
            "card_brand": "Visa",
            "authorization_code": "AUTH1",
        }
    ],
    "shipping_address": {
        "name": "Ada Example",
        "company_name": "Engines Ltd",
        "address_line1": "1 Cross St.",
        "address_line2": None,
        "address_line3": "Back door",
        "city": "Canton",
        "county": "Wayne",
        "district": "North",
        "state_or_region": "MI",
        "municipality": "Canton Township",
        "postal_code": "48187",
        "country_code": "US",
        "phone": "+1 206-555-0100",
        "address_type": "Commercial",
    },
    "default_ship_from_location_address": {
        "name": "Warehouse",
        "company_name": None,
        "address_line1": "Unit 15",
        "address_line2": None,
        "address_line3": None,
        "city": "Seattle",
        "county": None,
        "district": None,
        "state_or_region": None,
        "municipality": None,
        "postal_code": None,
        "country_code": None,
        "phone": None,
        "address_type": None,
    },
    "buyer_info": {
        "buyer_email": "ada@marketplace.amazon.com",
        "buyer_name": "Ada Example",
        "buyer_county": "Wayne",
        "buyer_tax_info": {
            "company_legal_name": "Engines Ltd",
            "taxing_region": "BR",
            "tax_classifications": [{"name": "CNPJ", "value": "12345"}],
        },
        "purchase_order_number": "PO-7",
    },
    "fulfillment_instruction": {"fulfillment_supply_source_id": "source-1"},
    "automated_shipping_settings": {
        "has_automated_shipping_settings": True,
        "automated_carrier": "UPS",
        "automated_ship_method": "Ground",
    },
    "items": [
        {
            "order_item_id": "68828574383266",
            "asin": "B00EXAMPLE",
            "seller_sku": "SKU-1",
            "title": "Blue mug",
            "condition_id": "Used",
            "condition_subtype_id": "Very Good",
            "condition_note": "Boxed",
            "quantity_ordered": 3,
            "quantity_shipped": 1,
            "unit_price": None,
            "item_price": {"amount": "90.00", "currency_code": "USD"},
            "item_tax": {"amount": "9.00", "currency_code": "USD"},
            "shipping_price": {"amount": "10.00", "currency_code": "USD"},
            "shipping_tax": {"amount": "1.00", "currency_code": "USD"},
            "shipping_discount": {"amount": "2.00", "currency_code": "USD"},
            "gift_wrap_price": {"amount": "2.50", "currency_code": "USD"},
            "gift_wrap_tax": {"amount": "0.25", "currency_code": "USD"},
            "promotion_discount": {"amount": "3.00", "currency_code": "USD"},
            "promotion_ids": ["SEASON"],
            "is_gift": True,
            "gift_message_text": "For you!",
            "gift_wrap_level": "Classic",
            "customized_url": "https://zme-caps.amazon.com/t/1",
            "is_transparency": True,
            "is_buyer_requested_cancel": True,
            "buyer_cancel_reason": "By mistake",
            "ioss_number": "IM1234567890",
            "deemed_reseller_category": "IOSS",
            "scheduled_delivery_start_date": "2026-10-05T09:00:00Z",
            "scheduled_delivery_end_date": "2026-10-05T13:00:00Z",
        }
    ],
    "incomplete": None,
}

SECTIONS = (
    "shipping_address",
    "default_ship_from_location_address",
    "buyer_info",
    "fulfillment_instruction",
    "automated_shipping_settings",
)
TEXT = {"type": ["string", "null"]}
PERSONAL = {**TEXT, "x-personal": True}
FLAG = {"type": ["boolean", "null"]}
COUNT = {"type": ["integer", "null"]}
TIME = {"type": ["string", "null"], "format": "date-time"}
AMOUNT = {"type": ["string", "null"], "pattern": r"^-?\d+(\.\d+)?$"}


def objects(properties: dict[str, Any], kind: Any = "object") -> dict[str, Any]:
    required = list(properties)
    return {"type": kind, "properties": properties, "required": required, "additionalProperties": False}


def words(*examples: str) -> dict[str, Any]:
    return {**TEXT, "examples": list(examples)}


MONEY = objects({"amount": AMOUNT, "currency_code": TEXT}, ["object", "null"])
ADDRESS = objects(
    {
        "name": PERSONAL,
        "company_name": PERSONAL,
        "address_line1": PERSONAL,
        "address_line2": PERSONAL,
        "address_line3": PERSONAL,
        "city": PERSONAL,
        "county": PERSONAL,
        "district": PERSONAL,
        "state_or_region": TEXT,
        "municipality": PERSONAL,
        "postal_code": PERSONAL,
        "country_code": TEXT,
        "phone": PERSONAL,
        "address_type": words("Residential", "Commercial", "PickupPoint"),
    }
)
TAX_INFO = objects(
    {
        "company_legal_name": PERSONAL,
        "taxing_region": TEXT,
        "tax_classifications": {
            "type": ["array", "null"],
            "items": objects({"name": TEXT, "value": PERSONAL}),
        },
    },
    ["object", "null"],
)
EXECUTION = objects(
    {
        "payment": MONEY,
        "payment_method": TEXT,
        "acquirer_id": TEXT,
        "card_brand": TEXT,
        "authorization_code": PERSONAL,
    }
)
SCHEMA: dict[str, Any] = {
    "amazon_order_id": {"type": "string"},
    "order_status": words(
        "PendingAvailability",
        "Pending",
        "Unshipped",
        "PartiallyShipped",
        "Shipped",
        "InvoiceUnconfirmed",
        "Canceled",
        "Unfulfillable",
    ),
    "purchase_date": TIME,
    "last_update_date": TIME,
    "marketplace_id": TEXT,
    "fulfillment_channel": words("MFN", "AFN"),
    "order_type": words(
        "StandardOrder", "LongLeadTimeOrder", "Preorder", "BackOrder", "SourcingOnDemandOrder"
    ),
    "shipment_service_level_category": words(
        "Expedited", "FreeEconomy", "NextDay", "Priority", "SameDay", "SecondDay", "Scheduled", "Standard"
    ),
    "earliest_ship_date": TIME,
    "latest_ship_date": TIME,
    "earliest_delivery_date": TIME,
    "latest_delivery_date": TIME,
    "number_of_items_shipped": COUNT,
    "number_of_items_unshipped": COUNT,
    "payment_method": words("COD", "CVS", "Other"),
    "payment_method_details": {"type": ["array", "null"], "items": {"type": "string"}},
    "is_business_order": FLAG,
    "is_prime": FLAG,
    "is_global_express_enabled": FLAG,
    "is_premium_order": FLAG,
    "is_sold_by_ab": FLAG,
    "is_iba": FLAG,
    "is_ispu": FLAG,
    "is_access_point_order": FLAG,
    "sales_channel": TEXT,
    "order_channel": TEXT,
    "ship_service_level": TEXT,
    "order_total": MONEY,
    "estimated_total": MONEY,
    "payment_execution_detail": {"type": ["array", "null"], "items": EXECUTION},
    "shipping_address": ADDRESS,
    "default_ship_from_location_address": ADDRESS,
    "buyer_info": objects(
        {
            "buyer_email": PERSONAL,
            "buyer_name": PERSONAL,
            "buyer_county": PERSONAL,
            "buyer_tax_info": TAX_INFO,
            "purchase_order_number": PERSONAL,
        }
    ),
    "fulfillment_instruction": objects({"fulfillment_supply_source_id": TEXT}),
    "automated_shipping_settings": objects(
        {"has_automated_shipping_settings": FLAG, "automated_carrier": TEXT, "automated_ship_method": TEXT}
    ),
}
ITEM_SCHEMA: dict[str, Any] = {
    "order_item_id": {"type": "string"},
    "asin": TEXT,
    "seller_sku": TEXT,
    "title": TEXT,
    "condition_id": words("New", "Used", "Collectible", "Refurbished", "Preorder", "Club"),
    "condition_subtype_id": words(
        "New",
        "Mint",
        "Very Good",
        "Good",
        "Acceptable",
        "Poor",
        "Club",
        "OEM",
        "Warranty",
        "Refurbished Warranty",
        "Refurbished",
        "Open Box",
        "Any",
        "Other",
    ),
    "condition_note": TEXT,
    "quantity_ordered": COUNT,
    "quantity_shipped": COUNT,
    "unit_price": MONEY,
    "item_price": MONEY,
    "item_tax": MONEY,
    "shipping_price": MONEY,
    "shipping_tax": MONEY,
    "shipping_discount": MONEY,
    "gift_wrap_price": MONEY,
    "gift_wrap_tax": MONEY,
    "promotion_discount": MONEY,
    "promotion_ids": {"type": ["array", "null"], "items": {"type": "string"}},
    "is_gift": FLAG,
    "gift_message_text": PERSONAL,
    "gift_wrap_level": TEXT,
    "customized_url": PERSONAL,
    "is_transparency": FLAG,
    "is_buyer_requested_cancel": FLAG,
    "buyer_cancel_reason": PERSONAL,
    "ioss_number": PERSONAL,
    "deemed_reseller_category": TEXT,
    "scheduled_delivery_start_date": TIME,
    "scheduled_delivery_end_date": TIME,
}


def test_an_order_as_a_dictionary_is_just_this() -> None:
    made = WHOLE.to_dict()
    assert made == AS_DICT
    assert list(made) == list(AS_DICT)
    assert list(made["items"][0]) == list(AS_DICT["items"][0])  # type: ignore[index]  # a literal above


def test_the_schema_is_just_this() -> None:
    items = {"type": ["array", "null"], "items": objects(ITEM_SCHEMA)}
    names = {"type": "array", "items": {"type": "string"}}
    gap = objects({"fields": names, "reason": {"type": "string"}})
    gaps = {"type": ["array", "null"], "items": gap}
    assert AmazonOrder.json_schema() == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amazon order",
        **objects({**SCHEMA, "items": items, "incomplete": gaps}),
    }


def test_every_key_is_there_where_amazon_told_nothing() -> None:
    made = BARE.to_dict()
    assert list(made) == list(AS_DICT)
    for name in SECTIONS:
        assert made[name] == dict.fromkeys(AS_DICT[name])  # type: ignore[call-overload]  # a literal above
    told = {"amazon_order_id", "purchase_date", "last_update_date", *SECTIONS}
    assert all(made[name] is None for name in made.keys() - told)


@pytest.mark.parametrize(
    "order",
    [
        WHOLE,
        BARE,
        AmazonOrder.from_v2026(from_dict(V2026_ORDER, v2026.Order)),
        AmazonOrder(amazon_order_id="1", shipping_address=Address(), buyer_info=BuyerInfo()),
        AmazonOrder(amazon_order_id="1", incomplete=[Gap(fields=["order_total"], reason="getOrders: 500")]),
    ],
    ids=["v0", "bare", "v2026", "empty sections", "incomplete"],
)
def test_g10_a_dictionary_has_one_meaning(order: AmazonOrder) -> None:
    made = order.to_dict()
    assert json.dumps(to_dict(order)) == json.dumps(made)
    assert json.loads(dumps(order)) == made
    assert from_dict(made, AmazonOrder) == order
    assert loads(dumps(order), AmazonOrder) == order


def test_g10_a_section_that_holds_nothing_is_none_however_it_was_read() -> None:
    empty = dict.fromkeys(AS_DICT["shipping_address"])  # type: ignore[call-overload]  # a literal above
    read = from_dict({"amazon_order_id": "1", "shipping_address": empty, "is_prime": 5}, AmazonOrder)
    assert (read.shipping_address, read.is_prime) == (None, None)


def test_g10_a_field_of_a_later_version_is_kept() -> None:
    read = from_dict({**AS_DICT, "new": 1}, AmazonOrder)
    assert read.to_dict() == {**AS_DICT, "new": 1}
    assert list(read.to_dict()) == [*AS_DICT, "new"]
    assert read.buyer_info is not None
    set_extra(read.buyer_info, {"loyalty": Decimal("1.5")})
    assert read.to_dict()["buyer_info"] == {**AS_DICT["buyer_info"], "loyalty": 1.5}  # type: ignore[dict-item]


def test_g10_what_is_written_is_not_what_the_order_holds() -> None:
    order = AmazonOrder(amazon_order_id="1", payment_method_details=["COD"])
    order.to_dict()["payment_method_details"].append("CVS")
    assert order.payment_method_details == ["COD"]


def test_g10_an_order_that_lacks_its_id_has_every_key() -> None:
    order = AmazonOrder(amazon_order_id="1")
    del order.amazon_order_id
    assert order.to_dict() == {**AmazonOrder(amazon_order_id="1").to_dict(), "amazon_order_id": None}
    del order.items
    with pytest.raises(InvalidRequestError):
        order.to_dict()


def test_g10_a_subclass_is_written_as_an_order() -> None:
    class Marked(AmazonOrder):
        mark = "gift"

    assert Marked(amazon_order_id="1").to_dict() == AmazonOrder(amazon_order_id="1").to_dict()


def test_g10_a_field_that_is_not_what_it_should_be_is_named() -> None:
    order = AmazonOrder(amazon_order_id="1", sales_channel=5)  # type: ignore[arg-type]  # the point
    with pytest.raises(InvalidRequestError, match="sales_channel"):
        order.to_dict()


def test_times_are_told_in_utc_and_amounts_without_an_exponent() -> None:
    order = AmazonOrder.from_v0(
        from_dict({**V0_ORDER, "OrderTotal": {"Amount": "1E+3", "CurrencyCode": "JPY"}}, v0.Order)
    )
    order.purchase_date = datetime(2026, 10, 1, 11, 15, tzinfo=timezone(timedelta(hours=2)))
    made = order.to_dict()
    assert made["purchase_date"] == "2026-10-01T09:15:00Z"
    assert made["order_total"] == {"amount": "1000", "currency_code": "JPY"}


def test_a_status_that_is_new_is_told_as_plain_text() -> None:
    made = AmazonOrder.from_v0(from_dict({**V0_ORDER, "OrderStatus": "OnHold"}, v0.Order)).to_dict()
    assert made["order_status"] == "OnHold"
    assert type(made["order_status"]) is str


@pytest.mark.parametrize(
    "order",
    [WHOLE, BARE, AmazonOrder.from_v2026(from_dict(V2026_ORDER, v2026.Order))],
    ids=["v0", "bare", "v2026"],
)
def test_the_schema_accepts_what_to_dict_makes(order: AmazonOrder) -> None:
    assert problems(order.to_dict(), AmazonOrder.json_schema()) == []


@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.data())
def test_whatever_amazon_sends_is_read_and_fits_the_schema(data: st.DataObject) -> None:
    old, new = data.draw(strategies.models(v0.Order)), data.draw(strategies.models(v2026.Order))
    lines = data.draw(st.lists(strategies.models(v0.OrderItem), max_size=2))
    for order in (AmazonOrder.from_v0(old, items=lines), AmazonOrder.from_v2026(new)):
        made = order.to_dict()
        assert problems(made, AmazonOrder.json_schema()) == []
        assert json.dumps(made) == json.dumps(to_dict(order))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"is_prime": 1}, "$.is_prime is no ['boolean', 'null']"),
        ({"number_of_items_shipped": True}, "$.number_of_items_shipped is no ['integer', 'null']"),
        ({"shipping_address": None}, "$.shipping_address is no ['object']"),
        ({"orderTotal": None}, "$ has orderTotal"),
        ({"order_total": {"amount": "1,5"}}, "$.order_total lacks currency_code"),
        ({"purchase_date": "yesterday"}, "$.purchase_date is no time"),
    ],
)
def test_the_schema_refuses_what_to_dict_never_makes(changes: dict[str, Any], problem: str) -> None:
    assert problem in problems({**AS_DICT, **changes}, AmazonOrder.json_schema())
