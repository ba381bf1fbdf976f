"""The fields of Orders v0 and 2026-01-01 that are twins, by Amazon's migration guide and models.

It uses neither the package's readings nor the sandbox.

Source: https://developer-docs.amazon.com/sp-api/docs/orders-api-migration-guide
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

Json = dict[str, Any]

PROGRAMS = {
    "IsBusinessOrder": "AMAZON_BUSINESS",
    "IsPrime": "PRIME",
    "IsPremiumOrder": "PREMIUM",
    "IsISPU": "IN_STORE_PICK_UP",
    "IsIBA": "INVOICE_BY_AMAZON",
}
CHANNELS = {"MFN": "MERCHANT", "AFN": "AMAZON"}
PAYMENT_METHODS = {"COD": "CashOnDelivery", "CVS": "ConvenienceStore", "GC": "GiftCard"}
WINDOWS = {
    "EarliestShipDate": ("shipByWindow", "earliestDateTime"),
    "LatestShipDate": ("shipByWindow", "latestDateTime"),
    "EarliestDeliveryDate": ("deliverByWindow", "earliestDateTime"),
    "LatestDeliveryDate": ("deliverByWindow", "latestDateTime"),
}
ADDRESS = {
    "Name": "name",
    "CompanyName": "companyName",
    "AddressLine1": "addressLine1",
    "AddressLine2": "addressLine2",
    "AddressLine3": "addressLine3",
    "City": "city",
    "StateOrRegion": "stateOrRegion",
    "Municipality": "municipality",
    "PostalCode": "postalCode",
    "CountryCode": "countryCode",
    "Phone": "phone",
}
SPECIAL_STATUSES = {"CANCELLED": "Canceled"}


def pascal(word: str) -> str:
    """Write `SECOND_DAY` as Orders v0 does: `SecondDay`."""
    return "".join(part.capitalize() for part in word.split("_"))


def upper(word: str) -> str:
    """Write `SecondDay` as Orders 2026-01-01 does: `SECOND_DAY`."""
    return "".join(f"_{mark}" if mark.isupper() else mark for mark in word).upper().lstrip("_")


def filled(data: Json) -> Json:
    """Return *data* without fields that contain nothing."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def inner(data: Json | None, *names: str) -> Any:
    """Return what is at the end of the path *names*; None where it ends before."""
    found: Any = data
    for name in names:
        found = (found or {}).get(name)
    return found or None


def v0_money(money: Json | None) -> Json | None:
    """Translate an amount."""
    return money and {"CurrencyCode": money["currencyCode"], "Amount": str(abs(Decimal(money["amount"])))}


def v0_order(order: Json) -> Json:
    """Translate an order of 2026-01-01, without its items, into the fields of v0 that it has a twin of."""
    channel, fulfillment = order["salesChannel"], order.get("fulfillment")
    status = inner(fulfillment, "fulfillmentStatus")
    level = inner(fulfillment, "fulfillmentServiceLevel")
    by = {new: old for old, new in CHANNELS.items()}
    amounts = [item["fulfillment"] for item in order["orderItems"] if "fulfillment" in item]
    aliases = {alias["aliasType"]: alias["aliasId"] for alias in order.get("orderAliases", ())}
    related = {one["associationType"]: one["orderId"] for one in order.get("associatedOrders", ())}
    programs = order.get("programs", ())
    is_elsewhere = channel["channelName"] == "NON_AMAZON"
    return filled(
        {
            "AmazonOrderId": order["orderId"],
            "SellerOrderId": aliases.get("SELLER_ORDER_ID"),
            "PurchaseDate": order["createdTime"],
            "LastUpdateDate": order["lastUpdatedTime"],
            "OrderStatus": status and SPECIAL_STATUSES.get(status, pascal(status)),
            "FulfillmentChannel": by.get(inner(fulfillment, "fulfilledBy")),
            "SalesChannel": "Non-Amazon" if is_elsewhere else channel.get("marketplaceName"),
            "MarketplaceId": channel.get("marketplaceId"),
            "ShipmentServiceLevelCategory": level and pascal(level),
            "ReplacedOrderId": related.get("REPLACEMENT_ORIGINAL_ID"),
            "BuyerInfo": v0_buyer(order),
            "ShippingAddress": v0_address(inner(order, "recipient", "deliveryAddress")),
            "BuyerInvoicePreference": inner(order, "tax", "taxInvoicing", "buyerInvoicePreference"),
            **{old: inner(fulfillment, *new) for old, new in WINDOWS.items()},
        }
    ) | {
        "NumberOfItemsShipped": sum(one["quantityFulfilled"] for one in amounts),
        "NumberOfItemsUnshipped": sum(one["quantityUnfulfilled"] for one in amounts),
        **{old: new in programs for old, new in PROGRAMS.items()},
    }


def v0_address(address: Json | None) -> Json | None:
    """Translate an address; districtOrCounty has no single twin; a pickup point is commercial in v0."""
    if address is None:
        return None
    kind = address.get("addressType")
    return filled(
        {
            **{old: address.get(new) for old, new in ADDRESS.items()},
            "AddressType": kind and ("Commercial" if kind == "PICKUP_POINT" else pascal(kind)),
        }
    )


def v0_buyer(order: Json) -> Json:
    """Translate the buyer, and what is known of the buyer's taxes."""
    buyer = order.get("buyer")
    registrations = inner(order, "tax", "taxRegistrations") or ()
    numbers = [one for one in registrations if one["entityType"] == "BUYER"]
    taxes = {
        "CompanyLegalName": next((one.get("legalName") for one in numbers), None),
        "TaxClassifications": [
            {"Name": one["taxRegistrationType"], "Value": one["taxRegistrationNumber"]} for one in numbers
        ],
    }
    return filled(
        {
            "BuyerEmail": inner(buyer, "buyerEmail"),
            "BuyerName": inner(buyer, "buyerName"),
            "PurchaseOrderNumber": inner(buyer, "buyerPurchaseOrderNumber"),
            "BuyerTaxInfo": filled(taxes),
        }
    )


def breakdown(item: Json, type_: str, subtype: str = "") -> Json | None:
    """Return an amount of the item's proceeds; each type occurs once in what is translated here."""
    for part in inner(item, "proceeds", "breakdowns") or ():
        if part["type"] == type_ and not subtype:
            return v0_money(part["subtotal"])
        details = part.get("detailedBreakdowns", ()) if part["type"] == type_ else ()
        for detail in details:
            if detail["subtype"] == subtype:
                return v0_money(detail["value"])
    return None


def v0_item(item: Json) -> Json:
    """Translate an item; the price in v0 is that of the whole line."""
    product, fulfillment = item["product"], item.get("fulfillment")
    gift = inner(fulfillment, "packing", "giftOption")
    request = inner(item, "cancellation", "cancellationRequest")
    schemes = inner(item, "tax", "taxCalculationBreakdowns") or [{}]
    required = inner(fulfillment, "packing", "serialNumberRequirement", "requirementType")
    return filled(
        {
            "OrderItemId": item["orderItemId"],
            "QuantityOrdered": item["quantityOrdered"],
            "ASIN": product.get("asin"),
            "SellerSKU": product.get("sellerSku"),
            "Title": product.get("title"),
            "ConditionNote": inner(product, "condition", "conditionNote"),
            "ItemPrice": breakdown(item, "ITEM"),
            "ItemTax": breakdown(item, "TAX", "ITEM"),
            "ShippingPrice": breakdown(item, "SHIPPING"),
            "ShippingTax": breakdown(item, "TAX", "SHIPPING"),
            "ShippingDiscount": breakdown(item, "DISCOUNT", "SHIPPING"),
            "PromotionDiscount": breakdown(item, "DISCOUNT", "ITEM"),
            "PromotionIds": [one["promotionId"] for one in inner(item, "promotion", "breakdowns") or ()],
            "PointsGranted": v0_points(inner(item, "expense", "pointsCost", "pointsGranted")),
            "BuyerRequestedCancel": request
            and {"IsBuyerRequestedCancel": "true", "BuyerCancelReason": request["cancelReason"]},
            "BuyerInfo": filled(
                {
                    "GiftMessageText": inner(gift, "giftMessage"),
                    "GiftWrapLevel": inner(gift, "giftWrapLevel"),
                    "GiftWrapPrice": breakdown(item, "GIFT_WRAP"),
                    "GiftWrapTax": breakdown(item, "TAX", "GIFT_WRAP"),
                    "BuyerCustomizedInfo": v0_customization(product.get("customization")),
                }
            ),
            "IossNumber": inner(fulfillment, "shipping", "internationalShipping", "iossNumber"),
            "DeemedResellerCategory": schemes[0].get("reportingScheme"),
            "SerialNumberRequired": True if required == "REQUIRED" else None,
            "SubstitutionPreferences": v0_substitution(
                inner(fulfillment, "picking", "substitutionPreference")
            ),
            "ShippingConstraints": v0_constraints(inner(fulfillment, "shipping", "shippingConstraints")),
        }
    ) | {
        "QuantityShipped": inner(fulfillment, "quantityFulfilled") or 0,
        "IsGift": "true" if gift else "false",
    }


def v0_points(points: Json | None) -> Json | None:
    """Translate Amazon Points."""
    return points and {
        "PointsNumber": points["pointsNumber"],
        "PointsMonetaryValue": v0_money(points["pointsMonetaryValue"]),
    }


def v0_customization(customization: Json | None) -> Json | None:
    """Translate what the buyer customized."""
    return customization and {"CustomizedURL": customization["customizedUrl"]}


def v0_substitution(preference: Json | None) -> Json | None:
    """Translate which substitutes the buyer accepts."""
    return preference and {
        "SubstitutionType": preference["substitutionType"],
        "SubstitutionOptions": [
            {
                "ASIN": option["asin"],
                "QuantityOrdered": option["quantityOrdered"],
                "SellerSKU": option["sellerSku"],
                "Title": option["title"],
            }
            for option in preference["substitutionOptions"]
        ],
    }


def v0_constraints(constraints: Json | None) -> Json | None:
    """Translate the requirements of a delivery; cash on delivery is none of them in v0."""
    return constraints and {
        name[0].upper() + name[1:]: value for name, value in constraints.items() if name != "cashOnDelivery"
    }


def v2026_order(order: Json, items: Iterable[Json]) -> Json:
    """Translate an order of v0 into its twins; its *items* are in the form of 2026-01-01 already."""
    category = order.get("ShipmentServiceLevelCategory")
    windows: dict[str, Json] = {}
    for old, (window, name) in WINDOWS.items():
        if old in order:
            windows.setdefault(window, {})[name] = order[old]
    statuses = {old: new for new, old in SPECIAL_STATUSES.items()}
    status, seller_id = order.get("OrderStatus", ""), order.get("SellerOrderId")
    is_elsewhere = order.get("SalesChannel") == "Non-Amazon"
    channel = {
        "channelName": "NON_AMAZON" if is_elsewhere else "AMAZON",
        "marketplaceName": None if is_elsewhere else order.get("SalesChannel"),
        "marketplaceId": order.get("MarketplaceId"),
    }
    return filled(
        {
            "orderId": order["AmazonOrderId"],
            "orderAliases": seller_id and [{"aliasType": "SELLER_ORDER_ID", "aliasId": seller_id}],
            "createdTime": order["PurchaseDate"],
            "lastUpdatedTime": order["LastUpdateDate"],
            "salesChannel": filled(channel),
            "programs": [new for old, new in PROGRAMS.items() if order.get(old)],
            "fulfillment": filled(
                {
                    "fulfillmentStatus": statuses.get(status, upper(status)),
                    "fulfilledBy": CHANNELS.get(order.get("FulfillmentChannel", "")),
                    "fulfillmentServiceLevel": category and upper(category),
                    **windows,
                }
            ),
        }
    ) | {"orderItems": list(items)}
