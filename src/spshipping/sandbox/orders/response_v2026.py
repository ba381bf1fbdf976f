"""An order as Orders 2026-01-01 returns it."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from spshipping.orders import v2026_01_01 as api
from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json, upper_snake, without_none
from spshipping.sandbox.orders.record import (
    CHANNELS,
    MARKETPLACE_TAX_NUMBER,
    STATUSES,
    Address,
    Order,
    Parcel,
)
from spshipping.sandbox.orders.response_v2026_items import categories, item_of, money, window

DATASETS = frozenset(dataset.value for dataset in api.IncludedData)
"""The datasets that can be requested."""
_METHODS = {"COD": "CashOnDelivery", "CVS": "ConvenienceStore", "GC": "GiftCard"}


def order(order: Order, datasets: Collection[str] = DATASETS) -> Json:
    """Return the `Order` with the named datasets."""
    channel = {"channelName": "AMAZON" if order.is_amazon else "NON_AMAZON"}
    market = order.place.market
    alias = {"aliasId": order.seller_order_id, "aliasType": "SELLER_ORDER_ID"}
    replaced = {"orderId": order.replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}
    found: Json = {
        "orderId": order.id,
        "orderAliases": [alias] if order.seller_order_id else None,
        "createdTime": write_time(order.created),
        "lastUpdatedTime": write_time(order.updated),
        "programs": _programs(order) or None,
        "associatedOrders": [replaced] if order.replaces else None,
        "salesChannel": channel | {"marketplaceId": market.marketplace.id, "marketplaceName": market.site},
        "orderItems": [item_of(order, item, datasets) for item in order.items],
    }
    for dataset, (name, build) in _DATASETS.items():
        if dataset in datasets:
            found[name] = build(order) or None
    return without_none(found)


def _programs(order: Order) -> list[str]:
    """Return the programs; Orders v0 has a boolean for most of them."""
    flags = {
        "AMAZON_BUSINESS": order.is_business,
        "AMAZON_EASY_SHIP": order.easy_ship is not None,
        "INVOICE_BY_AMAZON": order.is_iba,
        "IN_STORE_PICK_UP": order.is_pickup,
        "PREMIUM": order.is_premium,
        "PREORDER": order.kind == "Preorder",
        "PRIME": order.is_prime,
    }
    return [name for name, is_set in flags.items() if is_set]


def _buyer(order: Order) -> Json:
    if not order.is_ready:
        return {}
    buyer = order.buyer
    return without_none(
        {
            "buyerName": buyer.name,
            # returned for orders that the seller ships, and for no others
            "buyerEmail": buyer.email if order.channel == "MFN" else None,
            "buyerCompanyName": buyer.company,
            "buyerPurchaseOrderNumber": buyer.purchase_order,
        }
    )


def _recipient(order: Order) -> Json:
    if not order.is_ready:
        return {}
    preference = {
        "dropOffLocation": order.drop_off,
        "addressInstruction": order.instructions,
        "deliveryCapabilities": ["HAS_ACCESS_POINT"] if order.is_access_point else None,
    }
    return without_none(
        {"deliveryAddress": _address(order.address), "deliveryPreference": without_none(preference) or None}
    )


def _address(address: Address) -> Json:
    """Return a `CustomerAddress`; county and district are one field here."""
    town = address.town
    extended = {
        "streetName": town.street,
        "streetNumber": address.number,
        "complement": address.lines[1] if len(address.lines) > 1 else None,
        "neighborhood": town.district,
    }
    return without_none(
        {
            "name": address.name,
            "companyName": address.company,
            **{f"addressLine{number}": line for number, line in enumerate(address.lines, 1)},
            "city": town.city,
            "districtOrCounty": town.district or town.county,
            "stateOrRegion": town.region,
            "municipality": town.municipality,
            "postalCode": town.postal_code,
            "countryCode": address.country,
            "phone": address.phone,
            "extendedFields": without_none(extended) if address.number else None,
            "addressType": upper_snake(address.kind) if address.kind else None,
        }
    )


def _proceeds(order: Order) -> Json:
    if not order.is_ready:
        return {}
    totals: dict[str, Decimal] = {}
    for item in order.items:
        for name, amount in categories(order, item).items():
            totals[name] = totals.get(name, Decimal(0)) + amount
    return {
        "grandTotal": money(order, sum(totals.values(), Decimal(0))),
        "breakdowns": [{"type": name, "subtotal": money(order, amount)} for name, amount in totals.items()],
    }


def _payment(order: Order) -> Json:
    if not order.is_ready or not order.payments:
        return {}
    executions = [
        without_none(
            {
                "paymentMethod": _METHODS.get(payment.method, payment.method),
                "paymentAmount": money(order, payment.amount),
                "acquirerId": payment.acquirer,
                "authorizationCode": payment.authorization,
                "cardBrand": payment.card,
            }
        )
        for payment in order.executed_payments()
    ]
    return {"paymentExecutions": executions}


def _tax(order: Order) -> Json:
    tax = order.buyer.tax
    registrations: list[Json] = []
    if tax and order.is_ready:
        buyer: Json = {
            "entityType": "BUYER",
            "legalName": tax.name,
            "taxRegistrationType": tax.kind,
            "taxRegistrationNumber": tax.number,
        }
        if tax.office:
            buyer["taxRegistrationAddress"] = _address(order.address)
            buyer["taxRegistrationAttributes"] = [{"key": "TAX_OFFICE", "value": tax.office}]
        registrations.append(buyer)
    if order.is_brazilian:
        kind, number = MARKETPLACE_TAX_NUMBER
        registrations.append(
            {"entityType": "MARKETPLACE", "taxRegistrationType": kind, "taxRegistrationNumber": number}
        )
    invoicing = without_none(
        {
            "buyerInvoicePreference": order.buyer.invoice_preference,
            "invoiceStatus": upper_snake(order.invoice) if order.invoice else None,
        }
    )
    return without_none({"taxRegistrations": registrations or None, "taxInvoicing": invoicing or None})


def _fulfillment(order: Order) -> Json:
    found: Json = {
        "fulfillmentStatus": STATUSES[order.status].v2026,
        "fulfilledBy": CHANNELS[order.channel],
        "fulfillmentServiceLevel": upper_snake(order.category),
        "shipByWindow": window(order.ship_by),
    }
    if order.channel == "MFN":
        deliver_by = window(order.deliver_by)
        if not order.is_ready:
            del deliver_by["latestDateTime"]
        found["deliverByWindow"] = deliver_by
        if order.is_brazilian:
            found["labelPrintingWindow"] = {"earliestDateTime": write_time(order.ship_by[0])}
    return found


def _package(order: Order, parcel: Parcel) -> Json:
    status = {"status": "SHIPPED"}
    if order.easy_ship:
        status = {"status": "IN_TRANSIT", "detailedStatus": upper_snake(order.easy_ship)}
    sender = _address(order.ship_from) if order.ship_from else {}
    for name in ("phone", "companyName", "extendedFields", "addressType"):
        sender.pop(name, None)
    return without_none(
        {
            "packageReferenceId": parcel.reference,
            "createdTime": write_time(parcel.shipped),
            "packageStatus": status,
            "carrier": parcel.carrier,
            "shipTime": write_time(parcel.shipped),
            "shippingService": parcel.method,
            "trackingNumber": parcel.tracking,
            "shipFromAddress": sender or None,
            "packageItems": [
                without_none(
                    {
                        "orderItemId": id_,
                        "quantity": quantity,
                        "transparencyCodes": list(parcel.codes.get(id_, ())) or None,
                    }
                )
                for id_, quantity in parcel.quantities.items()
                if quantity
            ],
        }
    )


def _fulfillment_orders(order: Order) -> list[Json]:
    """Return the one of an Easy Ship order; other orders have none."""
    return [{"fulfillmentOrderId": f"F{order.number:08d}"}] if order.easy_ship else []


def _packages(order: Order) -> list[Json]:
    return [_package(order, parcel) for parcel in order.parcels]


_DATASETS: Mapping[str, tuple[str, Callable[[Order], Json | list[Json]]]] = {
    "BUYER": ("buyer", _buyer),
    "RECIPIENT": ("recipient", _recipient),
    "PROCEEDS": ("proceeds", _proceeds),
    "PAYMENT": ("payment", _payment),
    "TAX": ("tax", _tax),
    "FULFILLMENT": ("fulfillment", _fulfillment),
    "PACKAGES": ("packages", _packages),
    "FULFILLMENT_ORDERS": ("fulfillmentOrders", _fulfillment_orders),
}
"""The field of each dataset of an order, and what builds it."""
