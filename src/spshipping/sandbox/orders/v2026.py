"""An order as Orders 2026-01-01 tells it."""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from spshipping.sandbox.orders.record import Address, Item, Order, Parcel, Span, text

Json = dict[str, Any]
ALL = frozenset(
    {
        "BUYER",
        "RECIPIENT",
        "PROCEEDS",
        "EXPENSE",
        "PROMOTION",
        "CANCELLATION",
        "FULFILLMENT",
        "PACKAGES",
        "TAX",
        "PAYMENT",
        "FULFILLMENT_ORDERS",
    }
)
"""The datasets that can be asked for."""
STATUSES = {
    "PendingAvailability": "PENDING_AVAILABILITY",
    "Pending": "PENDING",
    "Unshipped": "UNSHIPPED",
    "PartiallyShipped": "PARTIALLY_SHIPPED",
    "Shipped": "SHIPPED",
    "InvoiceUnconfirmed": "SHIPPED",
    "Canceled": "CANCELLED",
    "Unfulfillable": "UNFULFILLABLE",
}
"""What the words of v0 are here; an order whose invoice is not confirmed has been shipped."""
FULFILLED_BY = {"MFN": "MERCHANT", "AFN": "AMAZON"}
_METHODS = {"COD": "CashOnDelivery", "CVS": "ConvenienceStore", "GC": "GiftCard"}


def upper_snake(name: str) -> str:
    """Write a word of v0 as this API does: `SecondDay` is `SECOND_DAY`, `Very Good` is `VERY_GOOD`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).replace(" ", "_").upper()


def order(order: Order, included: Collection[str] = ALL) -> Json:
    """Return the `Order`, with those datasets that *included* names."""
    channel = {"channelName": "AMAZON" if order.is_amazon else "NON_AMAZON"}
    place = {"marketplaceId": order.place.marketplace.id, "marketplaceName": order.place.name}
    alias = {"aliasId": order.seller_order_id, "aliasType": "SELLER_ORDER_ID"}
    replaced = {"orderId": order.replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}
    datasets: dict[str, Json] = {
        "BUYER": {"buyer": _buyer(order)},
        "RECIPIENT": {"recipient": _recipient(order)},
        "PROCEEDS": {"proceeds": _proceeds(order)},
        "PAYMENT": {"payment": _payment(order)},
        "TAX": {"tax": _tax(order)},
        "FULFILLMENT": {"fulfillment": _fulfillment(order)},
        "PACKAGES": {"packages": [_package(order, parcel) for parcel in order.parcels]},
        "FULFILLMENT_ORDERS": {"fulfillmentOrders": _fulfillment_orders(order)},
    }
    found: Json = {
        "orderId": order.id,
        "orderAliases": [alias] if order.seller_order_id else None,
        "createdTime": text(order.created),
        "lastUpdatedTime": text(order.updated),
        "programs": _programs(order) or None,
        "associatedOrders": [replaced] if order.replaces else None,
        "salesChannel": channel | place,
        "orderItems": [_item(order, item, included) for item in order.items],
    }
    for name, dataset in datasets.items():
        if name in included:
            found |= {key: value or None for key, value in dataset.items()}
    return _told(found)


def _told(found: Json) -> Json:
    """Return *found* without what is not known."""
    return {name: value for name, value in found.items() if value is not None}


def money(order: Order, amount: Decimal) -> Json:
    """Return *amount* in the coins of the order."""
    return {"amount": str(amount.quantize(order.place.cents)), "currencyCode": order.place.currency}


def _window(span: Span) -> Json:
    return {"earliestDateTime": text(span[0]), "latestDateTime": text(span[1])}


def _programs(order: Order) -> list[str]:
    """Return the programs; v0 has a boolean for most of them."""
    marks = {
        "AMAZON_BUSINESS": order.is_business,
        "AMAZON_EASY_SHIP": order.easy_ship is not None,
        "INVOICE_BY_AMAZON": order.is_iba,
        "IN_STORE_PICK_UP": order.is_pickup,
        "PREMIUM": order.is_premium,
        "PREORDER": order.kind == "Preorder",
        "PRIME": order.is_prime,
    }
    return [name for name, is_set in marks.items() if is_set]


def _buyer(order: Order) -> Json:
    if not order.is_ready:
        return {}
    buyer = order.buyer
    return _told(
        {
            "buyerName": buyer.name,
            # told of orders that the seller ships, and of no others
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
    return _told(
        {"deliveryAddress": _address(order.address), "deliveryPreference": _told(preference) or None}
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
    return _told(
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
            "extendedFields": _told(extended) if address.number else None,
            "addressType": upper_snake(address.kind) if address.kind else None,
        }
    )


def _categories(order: Order, item: Item) -> dict[str, Decimal]:
    """Return the categories of what the seller receives for *item*; together they are the proceeds."""
    wrapping = item.gift.price if item.gift else Decimal(0)
    found = {
        "ITEM": item.price,
        "SHIPPING": item.shipping,
        "GIFT_WRAP": wrapping,
        "COD_FEE": item.cod_fee,
        "TAX": Decimal(0) if order.is_tax_withheld else item.taxes,
        "DISCOUNT": -item.discounts,
        "OTHER": -item.points[1] if item.points else Decimal(0),
    }
    return {name: amount for name, amount in found.items() if amount or name == "ITEM"}


def _proceeds(order: Order) -> Json:
    if not order.is_ready:
        return {}
    totals: dict[str, Decimal] = {}
    for item in order.items:
        for name, amount in _categories(order, item).items():
            totals[name] = totals.get(name, Decimal(0)) + amount
    return {
        "grandTotal": money(order, sum(totals.values(), Decimal(0))),
        "breakdowns": [{"type": name, "subtotal": money(order, amount)} for name, amount in totals.items()],
    }


def _item_proceeds(order: Order, item: Item) -> Json:
    if not order.is_ready:
        return {}
    parts = _categories(order, item)
    details = {
        "TAX": {
            "ITEM": item.tax,
            "SHIPPING": item.shipping_tax,
            "GIFT_WRAP": item.gift.tax if item.gift else Decimal(0),
            "DISCOUNT": -item.discount_tax - item.shipping_discount_tax,
        },
        "DISCOUNT": {
            "ITEM": -item.discount,
            "SHIPPING": -item.shipping_discount,
            "COD_FEE": -item.cod_fee_discount,
        },
    }
    breakdowns = []
    for name, amount in parts.items():
        part = {"type": name, "subtotal": money(order, amount)}
        detailed = [
            {"subtype": subtype, "value": money(order, value)}
            for subtype, value in details.get(name, {}).items()
            if value
        ]
        breakdowns.append(part | ({"detailedBreakdowns": detailed} if detailed else {}))
    return {"proceedsTotal": money(order, sum(parts.values(), Decimal(0))), "breakdowns": breakdowns}


def _payment(order: Order) -> Json:
    if not order.is_ready:
        return {}
    is_brazil = order.place.currency == "BRL"
    executions = []
    for method, amount in order.payments:
        found = {"paymentMethod": _METHODS.get(method, method), "paymentAmount": money(order, amount)}
        if is_brazil:
            found |= {"acquirerId": "12.345.678/0001-90", "authorizationCode": f"AUTH{order.number:06d}"}
            found |= {"cardBrand": "Visa"} if method == "CreditCard" else {}
        executions.append(found)
    return {"paymentExecutions": executions} if executions else {}


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
    if order.place.currency == "BRL":
        number = "15.436.940/0001-03"
        market = {"entityType": "MARKETPLACE", "taxRegistrationType": "CNPJ", "taxRegistrationNumber": number}
        registrations.append(market)
    invoicing = _told(
        {
            "buyerInvoicePreference": order.buyer.invoice_preference,
            "invoiceStatus": upper_snake(order.invoice) if order.invoice else None,
        }
    )
    return _told({"taxRegistrations": registrations or None, "taxInvoicing": invoicing or None})


def _fulfillment(order: Order) -> Json:
    found: Json = {
        "fulfillmentStatus": STATUSES[order.status],
        "fulfilledBy": FULFILLED_BY[order.channel],
        "fulfillmentServiceLevel": upper_snake(order.category),
        "shipByWindow": _window(order.ship_by),
    }
    if order.channel == "MFN":
        window = _window(order.deliver_by)
        found["deliverByWindow"] = (
            window if order.is_ready else {"earliestDateTime": window["earliestDateTime"]}
        )
        if order.place.currency == "BRL":
            found["labelPrintingWindow"] = {"earliestDateTime": text(order.ship_by[0])}
    return found


def _package(order: Order, parcel: Parcel) -> Json:
    status = {"status": "SHIPPED"}
    if order.easy_ship:
        status = {"status": "IN_TRANSIT", "detailedStatus": upper_snake(order.easy_ship)}
    sender = _address(order.ship_from) if order.ship_from else {}
    for name in ("phone", "companyName", "extendedFields", "addressType"):
        sender.pop(name, None)
    return _told(
        {
            "packageReferenceId": parcel.reference,
            "createdTime": text(parcel.shipped),
            "packageStatus": status,
            "carrier": parcel.carrier,
            "shipTime": text(parcel.shipped),
            "shippingService": parcel.method,
            "trackingNumber": parcel.tracking,
            "shipFromAddress": sender or None,
            "packageItems": [
                _told(
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
    """Return the one of an Easy Ship order; others have none."""
    return [{"fulfillmentOrderId": f"F{order.number:08d}"}] if order.easy_ship else []


def _item(order: Order, item: Item, included: Collection[str]) -> Json:
    programs = ["TRANSPARENCY"] if item.is_transparency else []
    programs += ["SUBSCRIBE_AND_SAVE"] if item.is_subscribed else []
    datasets = {
        "PROCEEDS": {"proceeds": _item_proceeds(order, item)},
        "EXPENSE": {"expense": _expense(order, item)},
        "PROMOTION": {"promotion": _promotion(order, item)},
        "CANCELLATION": {"cancellation": _cancellation(item)},
        "FULFILLMENT": {"fulfillment": _item_fulfillment(order, item)},
        "TAX": {"tax": _item_tax(order, item)},
    }
    found: Json = {
        "orderItemId": item.id,
        "quantityOrdered": item.quantity,
        "measurement": _measurement(item),
        "associatedOrderItems": [_service(*item.service)] if item.service else None,
        "programs": programs or None,
        "product": _product(order, item),
    }
    for name, dataset in datasets.items():
        if name in included:
            found |= {key: value or None for key, value in dataset.items()}
    return _told(found)


def _measurement(item: Item) -> Json | None:
    return {"unit": item.measurement[0], "value": float(item.measurement[1])} if item.measurement else None


def _service(order_id: str, item_id: str) -> Json:
    return {"orderId": order_id, "orderItemId": item_id, "associationType": "VALUE_ADD_SERVICE"}


def _product(order: Order, item: Item) -> Json:
    condition, subtype, note = item.condition
    price = {
        "unitPrice": money(order, item.unit_price) if order.is_ready else None,
        "priceDesignation": "BUSINESS_PRICE" if item.is_business_price else None,
    }
    state = {
        "conditionType": upper_snake(condition),
        "conditionSubtype": upper_snake(subtype),
        "conditionNote": note,
    }
    return _told(
        {
            "asin": item.asin,
            "title": item.title,
            "sellerSku": item.sku,
            "condition": _told(state),
            "price": _told(price) or None,
            "serialNumbers": list(item.serial_numbers) or None,
            "customization": {"customizedUrl": item.custom_url} if item.custom_url else None,
        }
    )


def _expense(order: Order, item: Item) -> Json:
    if not item.points or not order.is_ready:
        return {}
    number, worth = item.points
    granted = {"pointsNumber": number, "pointsMonetaryValue": money(order, worth)}
    return {"pointsCost": {"pointsGranted": granted}}


def _promotion(order: Order, item: Item) -> Json:
    found = [{"promotionId": id_} for id_ in item.promotions] if order.is_ready else []
    return {"breakdowns": found} if found else {}


def _cancellation(item: Item) -> Json:
    asked = {"requester": "BUYER", "cancelReason": item.cancel_reason}
    done = {"cancelledBy": item.cancelled_by, "cancelReason": item.cancel_reason or "No longer available"}
    return _told(
        {
            "cancellationRequest": asked if item.cancel_reason else None,
            "cancellationExecution": done if item.cancelled_by else None,
        }
    )


def _item_fulfillment(order: Order, item: Item) -> Json:
    option = {
        "asin": item.asin[::-1],
        "quantityOrdered": 1,
        "sellerSku": f"{item.sku}-B",
        "title": item.title,
    }
    wanted = {"substitutionType": item.substitute, "substitutionOptions": [option]}
    gift = item.gift and _told({"giftMessage": item.gift.message, "giftWrapLevel": item.gift.level})
    packing = {
        "giftOption": gift,
        "serialNumberRequirement": {"requirementType": "REQUIRED"} if item.needs_serial_number else None,
    }
    constraints = {name[0].lower() + name[1:]: "MANDATORY" for name in item.constraints}
    if any(method == "COD" for method, _ in order.payments):
        constraints["cashOnDelivery"] = "MANDATORY"
    shipping = {
        "scheduledDeliveryWindow": _window(item.delivery) if item.delivery else None,
        "shippingConstraints": constraints or None,
        "internationalShipping": {"iossNumber": item.ioss} if item.ioss else None,
    }
    return _told(
        {
            "quantityFulfilled": item.shipped,
            "quantityUnfulfilled": order.unshipped(item),
            "picking": {"substitutionPreference": wanted} if item.substitute else None,
            "packing": _told(packing) or None,
            "shipping": _told(shipping) or None,
        }
    )


def _item_tax(order: Order, item: Item) -> Json:
    party = order.place.collector if order.is_ready else None
    collected = [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": party}] if party else None
    reported = [{"reportingScheme": item.reseller}] if item.reseller else None
    return _told({"taxCalculationBreakdowns": reported, "taxCollections": collected})
