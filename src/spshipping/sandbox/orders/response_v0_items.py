"""The items of an order as Orders v0 returns them."""

from decimal import Decimal

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json, without_none
from spshipping.sandbox.orders.record import Item, Order, Span


def money(order: Order, amount: Decimal) -> Json:
    """Return *amount* in the currency of the order."""
    return {"CurrencyCode": order.place.currency, "Amount": order.amount_text(amount)}


def item_of(order: Order, item: Item, *, has_buyer: bool = True) -> Json:
    """Return an `OrderItem`, by default with the personal data of its buyer."""
    condition, subtype, note = item.condition
    found = {
        "ASIN": item.asin,
        "SellerSKU": item.sku,
        "OrderItemId": item.id,
        "AssociatedItems": [_service(*item.service)] if item.service else None,
        "Title": item.title,
        "QuantityOrdered": item.quantity,
        "QuantityShipped": item.shipped,
        "ProductInfo": {"NumberOfItems": "1"},
        **(_prices(order, item) if order.is_ready else {}),
        "IsGift": "true" if item.gift else "false",
        "ConditionId": condition,
        "ConditionSubtypeId": subtype,
        "ConditionNote": note,
        "PriceDesignation": "BusinessPrice" if item.is_business_price else None,
        **_span("ScheduledDelivery{}Date", item.delivery),
        "SerialNumberRequired": item.needs_serial_number or None,
        "SerialNumbers": list(item.serial_numbers) or None,
        "IsTransparency": item.is_transparency,
        "IossNumber": item.ioss,
        "DeemedResellerCategory": item.reseller,
        "StoreChainStoreId": order.store,
        "BuyerRequestedCancel": _cancellation(item),
        **_preferences(item),
        "AmazonPrograms": {"Programs": ["SUBSCRIBE_AND_SAVE"]} if item.is_subscribed else None,
        "BuyerInfo": buyer_info_of(order, item) or None if has_buyer else None,
    }
    return without_none(found)


def _service(order_id: str, item_id: str) -> Json:
    return {"OrderId": order_id, "OrderItemId": item_id, "AssociationType": "VALUE_ADD_SERVICE"}


def _cancellation(item: Item) -> Json:
    requested = {"IsBuyerRequestedCancel": "true" if item.cancel_reason else "false"}
    return requested | ({"BuyerCancelReason": item.cancel_reason} if item.cancel_reason else {})


def _span(name: str, span: Span | None) -> Json:
    names = (name.format("Start"), name.format("End"))
    return dict(zip(names, map(write_time, span), strict=True)) if span else {}


def _prices(order: Order, item: Item) -> Json:
    amounts = {
        "ItemPrice": item.price,
        "ItemTax": item.tax,
        "PromotionDiscount": item.discount,
        "PromotionDiscountTax": item.discount_tax,
    }
    if order.channel == "MFN":
        amounts |= {
            "ShippingPrice": item.shipping,
            "ShippingTax": item.shipping_tax,
            "ShippingDiscount": item.shipping_discount,
            "ShippingDiscountTax": item.shipping_discount_tax,
        }
    if item.cod_fee:
        amounts |= {"CODFee": item.cod_fee, "CODFeeDiscount": item.cod_fee_discount}
    found: Json = {name: money(order, amount) for name, amount in amounts.items()}
    found["PromotionIds"] = list(item.promotions)
    if item.points:
        worth = money(order, item.points[1])
        found["PointsGranted"] = {"PointsNumber": item.points[0], "PointsMonetaryValue": worth}
    if order.place.collector:
        # an enum of one value in Amazon's model, and of more in production:
        # https://github.com/amzn/selling-partner-api-models/issues/2669
        found["TaxCollection"] = {
            "Model": "MarketplaceFacilitator",
            "ResponsibleParty": order.place.collector,
        }
    return found


def buyer_info_of(order: Order, item: Item) -> Json:
    """Return an `ItemBuyerInfo`."""
    found: Json = {"BuyerCustomizedInfo": {"CustomizedURL": item.custom_url}} if item.custom_url else {}
    if item.gift:
        if order.is_ready:
            found["GiftWrapPrice"] = money(order, item.gift.price)
            found["GiftWrapTax"] = money(order, item.gift.tax)
        found |= without_none({"GiftMessageText": item.gift.message, "GiftWrapLevel": item.gift.level})
    return found


def _preferences(item: Item) -> Json:
    measured = item.measurement and {"Unit": item.measurement[0], "Value": float(item.measurement[1])}
    asin, sku = item.alternative
    option = {"ASIN": asin, "QuantityOrdered": 1, "SellerSKU": sku, "Title": item.title}
    return {
        "SubstitutionPreferences": item.substitute
        and {"SubstitutionType": item.substitute, "SubstitutionOptions": [option]},
        "Measurement": measured,
        "ShippingConstraints": dict.fromkeys(item.constraints, "MANDATORY") or None,
    }
