"""The models: exact money, aware times, open enums, and nobody's name in a repr."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from spshipping import InvalidRequestError, dumps, extra, from_dict, reveal, to_dict
from spshipping.orders import v0
from spshipping.orders.v0 import (
    Address,
    BuyerInfo,
    ConfirmShipmentRequest,
    FulfillmentChannel,
    Money,
    Order,
    OrderAddress,
    OrderItem,
    OrderRegulatedInfo,
    OrderStatus,
    PrescriptionDetail,
    TaxCollection,
)
from spshipping.wire.convert import encode_request, structure
from spshipping.wire.model import Model
from spshipping.wire.text import parse

ADDRESS = {
    "Name": "Ada Lovelace",
    "CompanyName": "Analytical Engines",
    "AddressLine1": "12 St James's Square",
    "AddressLine2": "Left Wing",
    "AddressLine3": "Room 3",
    "City": "Londontown",
    "County": "Middlesex",
    "District": "Westminster",
    "StateOrRegion": "England",
    "Municipality": "Greater London",
    "PostalCode": "SW1Y 4JH",
    "CountryCode": "GB",
    "Phone": "+44 20 7946 0000",
    "ExtendedFields": {"StreetName": "Praça", "GeoCoordinates": {"Latitude": 51.5069, "Longitude": -0.135}},
    "AddressType": "Residential",
}
BUYER = {
    "BuyerEmail": "a1b2@marketplace.amazon.co.uk",
    "BuyerName": "Charles Babbage",
    "BuyerCounty": "Surrey",
    "BuyerTaxInfo": {
        "CompanyLegalName": "Difference Ltd",
        "TaxingRegion": "MX",
        "TaxClassifications": [{"Name": "RFC", "Value": "XAXX010101000"}],
    },
    "PurchaseOrderNumber": "PO-1843",
}
ORDER: dict[str, Any] = {
    "AmazonOrderId": "902-3159896-1390916",
    "PurchaseDate": "2026-02-01T10:00:00Z",
    "LastUpdateDate": "2026-02-02T10:00:00.250Z",
    "OrderStatus": "Canceled",
    "FulfillmentChannel": "MFN",
    "OrderTotal": {"CurrencyCode": "JPY", "Amount": "1.990"},
    "PaymentExecutionDetail": [
        {
            "Payment": {"CurrencyCode": "BRL", "Amount": "10"},
            "PaymentMethod": "Pix",
            "AuthorizationCode": "AUTH77",
        }
    ],
    "IsSoldByAB": False,
    "IsIBA": True,
    "IsISPU": False,
    "LatestDeliveryDate": "2026-02-05T23:59:59+01:00",
    "ShippingAddress": ADDRESS,
    "BuyerInfo": BUYER,
    "BuyerTaxInformation": {
        "BuyerLegalCompanyName": "Motor A.Ş.",
        "BuyerBusinessAddress": "Taksim 1",
        "BuyerTaxRegistrationId": "TR7788",
        "BuyerTaxOffice": "Beyoğlu",
    },
}
WHO = (
    *(
        "Ada Lovelace",
        "Analytical",
        "Square",
        "Left Wing",
        "Room 3",
        "Londontown",
        "Middlesex",
        "Westminster",
    ),
    *(
        "Greater London",
        "SW1Y",
        "7946",
        "Praça",
        "51.5069",
        "0.135",
        "a1b2@",
        "Babbage",
        "Surrey",
        "Difference",
    ),
    *("XAXX", "PO-1843", "Motor", "Taksim", "TR7788", "Beyoğlu", "AUTH77"),
)


@pytest.mark.parametrize(
    "amount", ["1.99", "1.990", "0", "0.00", "-3.50", "12345678901234567890.123456789012345678", "1990"]
)
def test_an_amount_is_exact_and_is_written_as_it_came(amount: str) -> None:
    money, deviations = structure({"CurrencyCode": "JPY", "Amount": amount}, Money)
    assert deviations == ()
    assert money == Money(currency_code="JPY", amount=Decimal(amount))
    assert to_dict(money)["Amount"] == amount


def test_an_amount_that_comes_as_a_number_is_read_too() -> None:
    assert from_dict({"CurrencyCode": "EUR", "Amount": 5}, Money).amount == Decimal(5)


def test_an_amount_that_is_none_is_kept_beside() -> None:
    money = from_dict({"CurrencyCode": "EUR", "Amount": ""}, Money)
    assert money.amount is None
    assert extra(money) == {"Amount": ""}


def test_an_order_is_read_as_it_is_meant() -> None:
    order, deviations = structure(ORDER, Order)
    assert deviations == ()
    assert order.purchase_date == datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert order.last_update_date.microsecond == 250_000
    assert order.latest_delivery_date == datetime(2026, 2, 5, 22, 59, 59, tzinfo=UTC)
    assert order.order_status is OrderStatus.CANCELED
    assert order.fulfillment_channel is FulfillmentChannel.MFN
    assert (order.is_sold_by_ab, order.is_iba, order.is_ispu) == (False, True, False)
    assert order.shipping_address.address_line1 == "12 St James's Square"
    assert order.is_prime is None
    assert parse(dumps(order)) == {**ORDER, "LatestDeliveryDate": "2026-02-05T22:59:59Z"} | {
        "ShippingAddress": parse(dumps(from_dict(ADDRESS, Address)))
    }


def test_a_repr_of_an_order_names_nobody() -> None:
    order = from_dict(ORDER, Order)
    for told in WHO:
        assert told not in repr(order)
        assert told in reveal(order)
    assert "902-3159896-1390916" in repr(order)


def assert_hidden(model: Model, *texts: str) -> None:
    for text in texts:
        assert text not in repr(model)
        assert text in reveal(model)


def test_a_gift_message_and_its_customization_are_personal() -> None:
    item = from_dict(
        {
            "ASIN": "B01",
            "OrderItemId": "1",
            "QuantityOrdered": 1,
            "BuyerInfo": {
                "GiftMessageText": "For Ada",
                "BuyerCustomizedInfo": {"CustomizedURL": "https://zme-caps.amazon.com/t/secret"},
            },
        },
        OrderItem,
    )
    assert_hidden(item, "For Ada", "secret")


def test_answers_about_regulated_goods_are_personal() -> None:
    regulated = from_dict(
        {
            "AmazonOrderId": "1",
            "RegulatedInformation": {
                "Fields": [
                    {"FieldId": "pet", "FieldLabel": "Pet", "FieldType": "Text", "FieldValue": "Rex, a dog"}
                ]
            },
            "RequiresDosageLabel": False,
            "RegulatedOrderVerificationStatus": {
                "Status": "Approved",
                "RequiresMerchantAction": False,
                "ValidRejectionReasons": [],
                "ExternalReviewerId": "vet-7",
                "ReviewDate": "2026-02-01T10:00:00Z",
            },
        },
        OrderRegulatedInfo,
    )
    assert_hidden(regulated, "Rex", "vet-7")
    review = regulated.regulated_order_verification_status
    assert review.review_date == datetime(2026, 2, 1, 10, tzinfo=UTC)


def test_preferences_for_the_delivery_are_personal() -> None:
    place = from_dict(
        {
            "AmazonOrderId": "1",
            "BuyerCompanyName": "Difference Ltd",
            "DeliveryPreferences": {
                "DropOffLocation": "Behind the shed",
                "AddressInstructions": "Beware of Rex",
                "PreferredDeliveryTime": {
                    "ExceptionDates": [{"ExceptionDate": "2026-12-25", "IsOpen": False, "OpenIntervals": []}]
                },
            },
        },
        OrderAddress,
    )
    assert_hidden(place, "Difference", "shed", "Beware")
    assert place.delivery_preferences is not None
    assert place.delivery_preferences.preferred_delivery_time is not None
    (holiday,) = place.delivery_preferences.preferred_delivery_time.exception_dates or []
    assert holiday.exception_date == date(2026, 12, 25)


def test_a_tax_collector_whom_amazon_does_not_list_is_kept() -> None:
    collection = from_dict(
        {"Model": "MarketplaceFacilitator", "ResponsibleParty": "Amazon Commercial Services Pty Ltd"},
        TaxCollection,
    )
    assert collection.responsible_party == "Amazon Commercial Services Pty Ltd"
    assert collection.responsible_party.is_known is False


def test_a_buyer_without_a_token_is_an_empty_one() -> None:
    assert from_dict({**ORDER, "BuyerInfo": {}}, Order).buyer_info == BuyerInfo()


def test_a_confirmation_that_lacks_something_is_refused_by_its_path() -> None:
    request = from_dict(
        {"packageDetail": {"carrierCode": "UPS"}, "marketplaceId": "A1"}, ConfirmShipmentRequest
    )
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(request)
    assert caught.value.path == "package_detail.package_reference_id"


@pytest.mark.parametrize(("field", "value"), [("written_quantity", 0), ("refills_remaining", -1)])
def test_a_prescription_has_the_limits_that_amazon_sets(field: str, value: int) -> None:
    fields: dict[str, Any] = {
        "prescription_id": "Rx-1",
        "expiration_date": datetime(2027, 1, 1, tzinfo=UTC),
        "written_quantity": 1,
        "total_refills_authorized": 0,
        "refills_remaining": 0,
        "clinic_id": "C-1",
        "usage_instructions": "One a day",
    }
    prescription = PrescriptionDetail(**fields)
    assert b"Rx-1" in encode_request(prescription)
    assert "Rx-1" not in repr(prescription)
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(PrescriptionDetail(**{**fields, field: value}))
    assert caught.value.path == field


def test_every_name_of_the_package_is_there() -> None:
    for name in v0.__all__:
        assert getattr(v0, name) is not None
