"""An order as Orders v0 tells it."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from spshipping.sandbox.orders.record import Address, Buyer, Item, Order, Span, text

Json = dict[str, Any]
BUYER, ADDRESS, TAX = "buyerInfo", "shippingAddress", "buyerTaxInformation"
ALL = frozenset({BUYER, ADDRESS, TAX})
"""The data elements of personal data."""
_TIPS = {"COD": "COD", "GC": "GiftCertificate", "CVS": "CVS", "CreditCard": "CreditCard", "Pix": "Pix"}


def order(order: Order, elements: Collection[str] = ALL) -> Json:
    """Return the `Order`, with those data elements of personal data that *elements* name."""
    place = order.place
    found: Json = {
        "AmazonOrderId": order.id,
        "SellerOrderId": order.seller_order_id,
        "PurchaseDate": text(order.created),
        "LastUpdateDate": text(order.updated),
        "OrderStatus": order.status,
        "FulfillmentChannel": order.channel,
        "OrderChannel": "WebsiteOrderChannel" if order.channel == "AFN" else None,
        "SalesChannel": place.name if order.is_amazon else "Non-Amazon",
        "ShipServiceLevel": order.service_level,
        "NumberOfItemsShipped": order.units_shipped,
        "NumberOfItemsUnshipped": order.units_unshipped,
        **_paid(order),
        "MarketplaceId": place.marketplace.id,
        "ShipmentServiceLevelCategory": order.category,
        "EasyShipShipmentStatus": order.easy_ship,
        "OrderType": order.kind,
        **_dates(order),
        **_marks(order),
        **_beside(order),
    }
    if order.is_ready and ADDRESS in elements:
        found["ShippingAddress"] = address_of(order.address)
    if order.is_ready and BUYER in elements:
        found["BuyerInfo"] = buyer_of(order.buyer)
    if TAX in elements and order.buyer.tax and order.buyer.tax.office:
        found["BuyerTaxInformation"] = _tax_information(order)
    return _told(found)


def items(order: Order, elements: Collection[str] = ALL) -> Json:
    """Return the payload of `getOrderItems`, all on one page."""
    return {
        "AmazonOrderId": order.id,
        "OrderItems": [item_of(order, item, is_private=BUYER in elements) for item in order.items],
    }


def buyer_info(order: Order) -> Json:
    """Return the payload of `getOrderBuyerInfo`."""
    return {"AmazonOrderId": order.id, **(buyer_of(order.buyer) if order.is_ready else {})}


def items_buyer_info(order: Order) -> Json:
    """Return the payload of `getOrderItemsBuyerInfo`, all on one page."""
    found = [{"OrderItemId": item.id, **_wrapping(order, item)} for item in order.items]
    return {"AmazonOrderId": order.id, "OrderItems": found}


def address(order: Order) -> Json:
    """Return the payload of `getOrderAddress`."""
    if not order.is_ready:
        return {"AmazonOrderId": order.id}
    preferences = {
        "DropOffLocation": order.drop_off,
        "AddressInstructions": order.instructions,
        "OtherAttributes": ["HAS_ACCESS_POINT"] if order.is_access_point else None,
    }
    return _told(
        {
            "AmazonOrderId": order.id,
            "BuyerCompanyName": order.buyer.company,
            "ShippingAddress": address_of(order.address),
            "DeliveryPreferences": _told(preferences) or None,
        }
    )


def regulated_info(order: Order) -> Json:
    """Return the payload of `getOrderRegulatedInfo`; of an order without regulated goods, hardly anything."""
    review = order.review
    fields = review.fields if review else ()
    status = review.status if review else "Approved"
    judged = {
        "Status": status,
        "RequiresMerchantAction": review is not None and status == "Pending",
        "ValidRejectionReasons": [
            {"RejectionReasonId": id_, "RejectionReasonDescription": words} for id_, words in REASONS.items()
        ],
        "RejectionReason": _reason(review.reason) if review and review.reason else None,
        "ReviewDate": text(review.reviewed) if review and review.reviewed else None,
        "ExternalReviewerId": review.reviewer if review else None,
        "ValidVerificationDetails": [
            {"VerificationDetailType": "prescriptionDetail", "ValidVerificationStatuses": ["Approved"]}
        ],
    }
    return {
        "AmazonOrderId": order.id,
        "RegulatedInformation": {
            "Fields": [
                {"FieldId": id_, "FieldLabel": label, "FieldType": "Text", "FieldValue": value}
                for id_, label, value in fields
            ]
        },
        "RequiresDosageLabel": False,
        "RegulatedOrderVerificationStatus": _told(judged),
    }


REASONS = {
    "shield_pom_vps_reject_incorrect_weight": "The weight of the pet is not plausible",
    "shield_pom_vps_reject_product": "The product does not suit the pet",
}


def _reason(id_: str) -> Json:
    return {"RejectionReasonId": id_, "RejectionReasonDescription": REASONS[id_]}


def _told(found: Json) -> Json:
    """Return *found* without what is not known."""
    return {name: value for name, value in found.items() if value is not None}


def money(order: Order, amount: Decimal) -> Json:
    """Return *amount* in the coins of the order."""
    return {"CurrencyCode": order.place.currency, "Amount": str(amount.quantize(order.place.cents))}


def payment_method(order: Order) -> str:
    """Return the one of `COD`, `CVS` and `Other` that the order was paid by."""
    used = [method for method, _ in order.payments if method in ("COD", "CVS")]
    return used[0] if used else "Other"


def _paid(order: Order) -> Json:
    method = payment_method(order)
    details = ["Standard" if order.replaces else _TIPS.get(name, name) for name, _ in order.payments]
    found: Json = {"PaymentMethod": method, "PaymentMethodDetails": details or ["Standard"]}
    if not order.is_ready:
        return found
    found["OrderTotal"] = money(order, order.total)
    if method != "Other" or any(name == "Pix" for name, _ in order.payments) or order.place.currency == "BRL":
        found["PaymentExecutionDetail"] = [_execution(order, *one) for one in order.payments]
    return found


def _execution(order: Order, method: str, amount: Decimal) -> Json:
    found = {"Payment": money(order, amount), "PaymentMethod": method}
    if order.place.currency == "BRL":
        found |= {"AcquirerId": "12.345.678/0001-90", "AuthorizationCode": f"AUTH{order.number:06d}"}
        found |= {"CardBrand": "Visa"} if method == "CreditCard" else {}
    return found


def _dates(order: Order) -> Json:
    found = {
        "EarliestShipDate": text(order.ship_by[0]),
        "LatestShipDate": text(order.ship_by[1]),
    }
    if order.channel == "MFN":
        found["EarliestDeliveryDate"] = text(order.deliver_by[0])
        if order.is_ready:
            found["LatestDeliveryDate"] = text(order.deliver_by[1])
    return found


def _marks(order: Order) -> Json:
    return {
        "IsBusinessOrder": order.is_business,
        "IsPrime": order.is_prime,
        "IsPremiumOrder": order.is_premium,
        "IsGlobalExpressEnabled": order.is_global_express,
        "IsReplacementOrder": order.replaces is not None,
        "ReplacedOrderId": order.replaces,
        "IsSoldByAB": order.is_sold_by_ab,
        "IsIBA": order.is_iba,
        "IsISPU": order.is_pickup,
        "IsAccessPointOrder": order.is_access_point,
        "HasRegulatedItems": order.review is not None,
    }


def _beside(order: Order) -> Json:
    """Return what only some orders have."""
    carrier, method = order.automation or (None, None)
    automated = {
        "HasAutomatedShippingSettings": order.automation is not None,
        "AutomatedCarrier": carrier,
        "AutomatedShipMethod": method,
    }
    tax_number = [{"Name": "CNPJ", "Value": "15.436.940/0001-03"}] if order.place.currency == "BRL" else None
    source = {"FulfillmentSupplySourceId": order.supply_source} if order.supply_source else None
    return {
        "DefaultShipFromLocationAddress": address_of(order.ship_from) if order.ship_from else None,
        "FulfillmentInstruction": source,
        "AutomatedShippingSettings": _told(automated),
        "BuyerInvoicePreference": order.buyer.invoice_preference,
        "MarketplaceTaxInfo": {"TaxClassifications": tax_number} if tax_number else None,
        "SellerDisplayName": "Shop of the Sandbox" if tax_number else None,
        "ElectronicInvoiceStatus": order.invoice,
        "PromiseResponseDueDate": text(order.response_due) if order.response_due else None,
        "IsEstimatedShipDateSet": False if order.response_due else None,
    }


def address_of(address: Address) -> Json:
    """Return an `Address`."""
    town = address.town
    lines = {f"AddressLine{number}": line for number, line in enumerate(address.lines, 1)}
    kind = "Commercial" if address.kind == "PickupPoint" else address.kind
    extended = {
        "StreetName": town.street,
        "StreetNumber": address.number,
        "Complement": address.lines[1] if len(address.lines) > 1 else None,
        "Neighborhood": town.district,
    }
    return _told(
        {
            "Name": address.name,
            "CompanyName": address.company,
            **lines,
            "City": town.city,
            "County": town.county,
            "District": town.district,
            "StateOrRegion": town.region,
            "Municipality": town.municipality,
            "PostalCode": town.postal_code,
            "CountryCode": address.country,
            "Phone": address.phone,
            "ExtendedFields": _told(extended) if address.number else None,
            "AddressType": kind,
        }
    )


def buyer_of(buyer: Buyer) -> Json:
    """Return a `BuyerInfo`."""
    tax = buyer.tax if buyer.tax and not buyer.tax.office else None
    register = tax and {
        "CompanyLegalName": tax.name,
        "TaxingRegion": "BR" if tax.kind in ("CPF", "CNPJ") else "IN",
        "TaxClassifications": [{"Name": tax.kind, "Value": tax.number}],
    }
    return _told(
        {
            "BuyerEmail": buyer.email,
            "BuyerName": buyer.name,
            "BuyerCounty": buyer.county,
            "BuyerTaxInfo": register,
            "PurchaseOrderNumber": buyer.purchase_order,
        }
    )


def _tax_information(order: Order) -> Json:
    tax = order.buyer.tax
    assert tax is not None  # noqa: S101 - asked before
    return {
        "BuyerLegalCompanyName": tax.name,
        "BuyerBusinessAddress": ", ".join((*order.address.lines, order.address.town.city)),
        "BuyerTaxRegistrationId": tax.number,
        "BuyerTaxOffice": tax.office,
    }


def item_of(order: Order, item: Item, *, is_private: bool = True) -> Json:
    """Return an `OrderItem`, with what the buyer wrote if it is to be told."""
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
        "BuyerRequestedCancel": _cancel(item),
        **_wishes(item),
        "AmazonPrograms": {"Programs": ["SUBSCRIBE_AND_SAVE"]} if item.is_subscribed else None,
        "BuyerInfo": _wrapping(order, item) or None if is_private else None,
    }
    return _told(found)


def _service(order_id: str, item_id: str) -> Json:
    return {"OrderId": order_id, "OrderItemId": item_id, "AssociationType": "VALUE_ADD_SERVICE"}


def _cancel(item: Item) -> Json:
    asked = {"IsBuyerRequestedCancel": "true" if item.cancel_reason else "false"}
    return asked | ({"BuyerCancelReason": item.cancel_reason} if item.cancel_reason else {})


def _span(name: str, span: Span | None) -> Json:
    return {name.format("Start"): text(span[0]), name.format("End"): text(span[1])} if span else {}


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


def _wrapping(order: Order, item: Item) -> Json:
    found: Json = {"BuyerCustomizedInfo": {"CustomizedURL": item.custom_url}} if item.custom_url else {}
    if item.gift:
        if order.is_ready:
            found["GiftWrapPrice"] = money(order, item.gift.price)
            found["GiftWrapTax"] = money(order, item.gift.tax)
        found |= _told({"GiftMessageText": item.gift.message, "GiftWrapLevel": item.gift.level})
    return found


def _wishes(item: Item) -> Json:
    measured = item.measurement and {"Unit": item.measurement[0], "Value": float(item.measurement[1])}
    option = {
        "ASIN": item.asin[::-1],
        "QuantityOrdered": 1,
        "SellerSKU": f"{item.sku}-B",
        "Title": item.title,
    }
    return {
        "SubstitutionPreferences": item.substitute
        and {"SubstitutionType": item.substitute, "SubstitutionOptions": [option]},
        "Measurement": measured,
        "ShippingConstraints": dict.fromkeys(item.constraints, "MANDATORY") or None,
    }
