"""An order as Orders v0 returns it."""

from collections.abc import Collection

from spshipping.orders import v0 as api
from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json, without_none
from spshipping.sandbox.orders.record import (
    MARKETPLACE_TAX_NUMBER,
    SHOP,
    SPECIAL_METHODS,
    Address,
    Buyer,
    Order,
    Payment,
)
from spshipping.sandbox.orders.response_v0_items import buyer_info_of, item_of, money

BUYER, ADDRESS, TAX = "buyerInfo", "shippingAddress", "buyerTaxInformation"
ELEMENTS = frozenset(api.GET_ORDER.restricted or ())
"""The data elements of personal data."""
_METHOD_DETAILS = {"GC": "GiftCertificate"}


def order(order: Order, elements: Collection[str] = ELEMENTS) -> Json:
    """Return the `Order`, with the data elements of personal data in *elements*."""
    place = order.place
    found: Json = {
        "AmazonOrderId": order.id,
        "SellerOrderId": order.seller_order_id,
        "PurchaseDate": write_time(order.created),
        "LastUpdateDate": write_time(order.updated),
        "OrderStatus": order.status,
        "FulfillmentChannel": order.channel,
        "OrderChannel": "WebsiteOrderChannel" if order.channel == "AFN" else None,
        "SalesChannel": place.market.site if order.is_amazon else "Non-Amazon",
        "ShipServiceLevel": order.service_level,
        "NumberOfItemsShipped": order.units_shipped,
        "NumberOfItemsUnshipped": order.units_unshipped,
        **_paid(order),
        "MarketplaceId": place.marketplace.id,
        "ShipmentServiceLevelCategory": order.category,
        "EasyShipShipmentStatus": order.easy_ship,
        "OrderType": order.kind,
        **_dates(order),
        **_flags(order),
        **_optional_fields(order),
    }
    if order.is_ready and ADDRESS in elements:
        found["ShippingAddress"] = address_of(order.address)
    if order.is_ready and BUYER in elements:
        found["BuyerInfo"] = buyer_of(order.buyer)
    if TAX in elements and order.buyer.tax and order.buyer.tax.office:
        found["BuyerTaxInformation"] = _tax_information(order)
    return without_none(found)


def items(order: Order, elements: Collection[str] = ELEMENTS) -> Json:
    """Return the payload of `getOrderItems`, all on one page."""
    return {
        "AmazonOrderId": order.id,
        "OrderItems": [item_of(order, item, has_buyer=BUYER in elements) for item in order.items],
    }


def buyer_info(order: Order) -> Json:
    """Return the payload of `getOrderBuyerInfo`."""
    return {"AmazonOrderId": order.id, **(buyer_of(order.buyer) if order.is_ready else {})}


def items_buyer_info(order: Order) -> Json:
    """Return the payload of `getOrderItemsBuyerInfo`, all on one page."""
    found = [{"OrderItemId": item.id, **buyer_info_of(order, item)} for item in order.items]
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
    return without_none(
        {
            "AmazonOrderId": order.id,
            "BuyerCompanyName": order.buyer.company,
            "ShippingAddress": address_of(order.address),
            "DeliveryPreferences": without_none(preferences) or None,
        }
    )


def regulated_info(order: Order) -> Json:
    """Return the payload of `getOrderRegulatedInfo`; it is nearly empty without regulated goods."""
    review = order.review
    fields = review.fields if review else ()
    status = review.status if review else "Approved"
    verification = {
        "Status": status,
        "RequiresMerchantAction": review is not None and status == "Pending",
        "ValidRejectionReasons": [_reason(id_) for id_ in REJECTION_REASONS],
        "RejectionReason": _reason(review.reason) if review and review.reason else None,
        "ReviewDate": write_time(review.reviewed) if review and review.reviewed else None,
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
        "RegulatedOrderVerificationStatus": without_none(verification),
    }


REJECTION_REASONS = {
    "shield_pom_vps_reject_incorrect_weight": "The weight of the pet is not plausible",
    "shield_pom_vps_reject_product": "The product does not suit the pet",
}


def _reason(id_: str) -> Json:
    return {"RejectionReasonId": id_, "RejectionReasonDescription": REJECTION_REASONS[id_]}


def _paid(order: Order) -> Json:
    details = [
        "Standard" if order.replaces else _METHOD_DETAILS.get(name, name) for name, _ in order.payments
    ]
    found: Json = {"PaymentMethod": order.payment_method, "PaymentMethodDetails": details or ["Standard"]}
    if not order.is_ready:
        return found
    found["OrderTotal"] = money(order, order.total)
    if order.payment_method in SPECIAL_METHODS or order.is_brazilian:
        found["PaymentExecutionDetail"] = [_execution(order, one) for one in order.executed_payments()]
    return found


def _execution(order: Order, payment: Payment) -> Json:
    return without_none(
        {
            "Payment": money(order, payment.amount),
            "PaymentMethod": payment.method,
            "AcquirerId": payment.acquirer,
            "AuthorizationCode": payment.authorization,
            "CardBrand": payment.card,
        }
    )


def _dates(order: Order) -> Json:
    found = {
        "EarliestShipDate": write_time(order.ship_by[0]),
        "LatestShipDate": write_time(order.ship_by[1]),
    }
    if order.channel == "MFN":
        found["EarliestDeliveryDate"] = write_time(order.deliver_by[0])
        if order.is_ready:
            found["LatestDeliveryDate"] = write_time(order.deliver_by[1])
    return found


def _flags(order: Order) -> Json:
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


def _optional_fields(order: Order) -> Json:
    """Return the fields that only some orders have."""
    carrier, method = order.automation or (None, None)
    automated = {
        "HasAutomatedShippingSettings": order.automation is not None,
        "AutomatedCarrier": carrier,
        "AutomatedShipMethod": method,
    }
    tax_number = [_tax_number(*MARKETPLACE_TAX_NUMBER)] if order.is_brazilian else None
    source = {"FulfillmentSupplySourceId": order.supply_source} if order.supply_source else None
    return {
        "DefaultShipFromLocationAddress": address_of(order.ship_from) if order.ship_from else None,
        "FulfillmentInstruction": source,
        "AutomatedShippingSettings": without_none(automated),
        "BuyerInvoicePreference": order.buyer.invoice_preference,
        "MarketplaceTaxInfo": {"TaxClassifications": tax_number} if tax_number else None,
        "SellerDisplayName": SHOP if tax_number else None,
        "ElectronicInvoiceStatus": order.invoice,
        "PromiseResponseDueDate": write_time(order.response_due) if order.response_due else None,
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
    return without_none(
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
            "ExtendedFields": without_none(extended) if address.number else None,
            "AddressType": kind,
        }
    )


def buyer_of(buyer: Buyer) -> Json:
    """Return a `BuyerInfo`."""
    tax = buyer.tax if buyer.tax and not buyer.tax.office else None
    register = tax and {
        "CompanyLegalName": tax.name,
        "TaxingRegion": "BR" if tax.kind in ("CPF", "CNPJ") else "IN",
        "TaxClassifications": [_tax_number(tax.kind, tax.number)],
    }
    return without_none(
        {
            "BuyerEmail": buyer.email,
            "BuyerName": buyer.name,
            "BuyerCounty": buyer.county,
            "BuyerTaxInfo": register,
            "PurchaseOrderNumber": buyer.purchase_order,
        }
    )


def _tax_number(kind: str, number: str) -> Json:
    return {"Name": kind, "Value": number}


def _tax_information(order: Order) -> Json:
    tax = order.buyer.tax
    assert tax is not None  # noqa: S101 - checked before
    return {
        "BuyerLegalCompanyName": tax.name,
        "BuyerBusinessAddress": ", ".join((*order.address.lines, order.address.town.city)),
        "BuyerTaxRegistrationId": tax.number,
        "BuyerTaxOffice": tax.office,
    }
