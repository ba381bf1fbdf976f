"""The items of an order as Orders 2026-01-01 returns them."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json, upper_snake, without_none
from spshipping.sandbox.orders.record import Item, Order, Span


def money(order: Order, amount: Decimal) -> Json:
    """Return *amount* in the currency of the order."""
    return {"amount": order.amount_text(amount), "currencyCode": order.place.currency}


def window(span: Span) -> Json:
    """Return a period."""
    return {"earliestDateTime": write_time(span[0]), "latestDateTime": write_time(span[1])}


def item_of(order: Order, item: Item, datasets: Collection[str]) -> Json:
    """Return an `OrderItem` with the named datasets."""
    programs = ["TRANSPARENCY"] if item.is_transparency else []
    programs += ["SUBSCRIBE_AND_SAVE"] if item.is_subscribed else []
    found: Json = {
        "orderItemId": item.id,
        "quantityOrdered": item.quantity,
        "measurement": _measurement(item),
        "associatedOrderItems": [_service(*item.service)] if item.service else None,
        "programs": programs or None,
        "product": _product(order, item),
    }
    for dataset, (name, build) in _DATASETS.items():
        if dataset in datasets:
            found[name] = build(order, item) or None
    return without_none(found)


def categories(order: Order, item: Item) -> dict[str, Decimal]:
    """Return what the seller receives for *item*, by category; the sum is the proceeds."""
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


def _item_proceeds(order: Order, item: Item) -> Json:
    if not order.is_ready:
        return {}
    parts = categories(order, item)
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
    return without_none(
        {
            "asin": item.asin,
            "title": item.title,
            "sellerSku": item.sku,
            "condition": without_none(state),
            "price": without_none(price) or None,
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


def _cancellation(_order: Order, item: Item) -> Json:
    requested = {"requester": "BUYER", "cancelReason": item.cancel_reason}
    executed = {"cancelledBy": item.cancelled_by, "cancelReason": item.cancel_reason or "No longer available"}
    return without_none(
        {
            "cancellationRequest": requested if item.cancel_reason else None,
            "cancellationExecution": executed if item.cancelled_by else None,
        }
    )


def _item_fulfillment(order: Order, item: Item) -> Json:
    asin, sku = item.alternative
    option = {"asin": asin, "quantityOrdered": 1, "sellerSku": sku, "title": item.title}
    preference = {"substitutionType": item.substitute, "substitutionOptions": [option]}
    gift = item.gift and without_none({"giftMessage": item.gift.message, "giftWrapLevel": item.gift.level})
    packing = {
        "giftOption": gift,
        "serialNumberRequirement": {"requirementType": "REQUIRED"} if item.needs_serial_number else None,
    }
    constraints = {name[0].lower() + name[1:]: "MANDATORY" for name in item.constraints}
    if any(method == "COD" for method, _ in order.payments):
        constraints["cashOnDelivery"] = "MANDATORY"
    shipping = {
        "scheduledDeliveryWindow": window(item.delivery) if item.delivery else None,
        "shippingConstraints": constraints or None,
        "internationalShipping": {"iossNumber": item.ioss} if item.ioss else None,
    }
    return without_none(
        {
            "quantityFulfilled": item.shipped,
            "quantityUnfulfilled": order.unshipped(item),
            "picking": {"substitutionPreference": preference} if item.substitute else None,
            "packing": without_none(packing) or None,
            "shipping": without_none(shipping) or None,
        }
    )


def _item_tax(order: Order, item: Item) -> Json:
    party = order.place.collector if order.is_ready else None
    collected = [{"model": "MARKETPLACE_FACILITATOR", "responsibleParty": party}] if party else None
    reported = [{"reportingScheme": item.reseller}] if item.reseller else None
    return without_none({"taxCalculationBreakdowns": reported, "taxCollections": collected})


_DATASETS: Mapping[str, tuple[str, Callable[[Order, Item], Json]]] = {
    "PROCEEDS": ("proceeds", _item_proceeds),
    "EXPENSE": ("expense", _expense),
    "PROMOTION": ("promotion", _promotion),
    "CANCELLATION": ("cancellation", _cancellation),
    "FULFILLMENT": ("fulfillment", _item_fulfillment),
    "TAX": ("tax", _item_tax),
}
"""The field of each dataset of an item, and what builds it."""
