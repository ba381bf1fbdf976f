"""What orders carry: exact money, values to come, and what is personal."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

from spshipping import dumps, extra, from_dict, loads, reveal, to_dict
from spshipping.orders import v2026_01_01
from spshipping.orders.v2026_01_01 import (
    ConstraintType,
    CustomerAddress,
    ExceptionDate,
    FulfilledBy,
    FulfillmentStatus,
    GetOrderResponse,
    Money,
    Order,
    OrderProgram,
    SearchOrdersResponse,
)
from tests.unit.orders.v2026_01_01.orders import order, page

PERSON = {
    "buyer": {
        "buyerName": "Ada Lovelace",
        "buyerEmail": "x1@marketplace.amazon.com",
        "buyerCompanyName": "Analytical Engines",
        "buyerPurchaseOrderNumber": "PO-1843",
    },
    "recipient": {
        "deliveryAddress": {
            "name": "Augusta King",
            "addressLine1": "12 St James's Square",
            "city": "London",
            "postalCode": "SW1Y 4LB",
            "phone": "020 7946 0000",
            "countryCode": "GB",
            "extendedFields": {"streetName": "Rua das Flores"},
            "addressType": "RESIDENTIAL",
        },
        "deliveryPreference": {"addressInstruction": "ring twice", "dropOffLocation": "the porch"},
    },
    "tax": {
        "taxRegistrations": [
            {
                "entityType": "BUYER",
                "legalName": "Lord Byron",
                "taxRegistrationNumber": "GB1815",
                "taxRegistrationAttributes": [{"key": "TAX_OFFICE", "value": "Beyoglu"}],
            }
        ]
    },
    "payment": {"paymentExecutions": [{"paymentMethod": "Pix", "authorizationCode": "AUTH77"}]},
}
ITEM = {
    "orderItemId": "1",
    "quantityOrdered": 1,
    "product": {"customization": {"customizedUrl": "https://example.com/zip"}},
    "cancellation": {"cancellationRequest": {"requester": "BUYER", "cancelReason": "I moved to Paris"}},
    "fulfillment": {
        "packing": {"giftOption": {"giftMessage": "Happy birthday, Charles", "giftWrapLevel": "Standard"}},
        "shipping": {
            "shippingConstraints": {"signatureConfirmation": "MANDATORY"},
            "internationalShipping": {"iossNumber": "IM3720000224"},
        },
    },
}


def test_money_is_as_exact_as_amazon_wrote_it() -> None:
    money = loads('{"amount": "1234567890.10", "currencyCode": "EUR"}', Money)
    assert money.amount == Decimal("1234567890.10")
    assert dumps(money) == b'{"amount":"1234567890.10","currencyCode":"EUR"}'


def test_an_order_has_its_times_its_status_and_its_items() -> None:
    datasets = {
        "fulfillment": {
            "fulfillmentStatus": "CANCELLED",
            "fulfilledBy": "MERCHANT",
            "shipByWindow": {"latestDateTime": "2026-02-03T00:00:00Z"},
        }
    }
    read = from_dict(order(programs=["PRIME"], **datasets), Order)
    assert read.last_updated_time == datetime(2026, 2, 1, 11, 30, 0, 500_000, tzinfo=UTC)
    assert read.fulfillment is not None
    assert read.fulfillment.fulfillment_status is FulfillmentStatus.CANCELLED
    assert read.fulfillment.fulfilled_by is FulfilledBy.MERCHANT
    assert read.fulfillment.ship_by_window is not None
    assert read.fulfillment.ship_by_window.earliest_date_time is None
    assert read.programs == [OrderProgram.PRIME]
    assert [item.quantity_ordered for item in read.order_items] == [2]
    assert read.packages is None


def test_values_and_fields_to_come_are_kept() -> None:
    datasets = {"fulfillment": {"fulfillmentStatus": "HELD_AT_MOON"}, "moonbase": {"crater": 7}}
    answer = {"order": order(programs=["AMAZON_MOON"], **datasets)}
    read = pickle.loads(pickle.dumps(from_dict(answer, GetOrderResponse)))
    assert read.order.programs == ["AMAZON_MOON"]
    assert not read.order.programs[0].is_known
    assert read.order.fulfillment.fulfillment_status == "HELD_AT_MOON"
    assert extra(read.order) == {"moonbase": {"crater": 7}}
    assert to_dict(read)["order"]["moonbase"] == {"crater": 7}


def test_an_order_of_bare_bones_is_an_order() -> None:
    read = from_dict(page("1"), SearchOrdersResponse)
    assert read.pagination is None
    assert read.last_updated_before == datetime(2026, 3, 1, 11, 58, tzinfo=UTC)
    assert from_dict({"pagination": {}}, SearchOrdersResponse).orders == []


def test_a_day_of_other_hours_is_a_plain_date() -> None:
    assert loads('{"exceptionDate": "2026-12-25"}', ExceptionDate).exception_date == date(2026, 12, 25)


def test_a_rule_for_shipping_is_there_or_is_not() -> None:
    read = from_dict({**order(), "orderItems": [ITEM]}, Order)
    fulfillment = read.order_items[0].fulfillment
    assert fulfillment is not None
    assert fulfillment.shipping is not None
    constraints = fulfillment.shipping.shipping_constraints
    assert constraints is not None
    assert constraints.signature_confirmation is ConstraintType.MANDATORY
    assert constraints.cash_on_delivery is None


def test_an_order_shows_no_person_unless_revealed() -> None:
    read = from_dict({**order(**PERSON), "orderItems": [ITEM]}, Order)
    shown, told = repr(read), reveal(read)
    for text in (
        "Ada", "x1@", "Engines", "PO-1843", "Augusta", "James", "London", "SW1Y", "7946", "Flores", "ring",
        "porch", "Byron", "GB1815", "Beyoglu", "AUTH77", "example.com", "Paris", "Charles", "IM372",
    ):  # fmt: skip
        assert text not in shown
        assert text in told
    for text in ("GB", "RESIDENTIAL", "Pix", "701-5940384-5948934"):
        assert text in shown


def test_an_address_may_be_empty() -> None:
    assert loads("{}", CustomerAddress) == CustomerAddress()


def test_every_name_of_the_version_is_there() -> None:
    assert len(set(v2026_01_01.__all__)) == len(v2026_01_01.__all__)
    for name in v2026_01_01.__all__:
        assert getattr(v2026_01_01, name) is not None
