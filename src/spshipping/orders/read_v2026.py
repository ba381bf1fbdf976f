"""Reads the parts of an Amazon order from the models of Orders 2026-01-01."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, TypeVar

from spshipping.orders.fields import optional, text
from spshipping.orders.parts import (
    Address,
    AddressType,
    AmazonOrderItem,
    BuyerInfo,
    BuyerTaxInfo,
    ConditionId,
    ConditionSubtypeId,
    FulfillmentChannel,
    OrderStatus,
    PaymentExecution,
    PaymentMethod,
    ShipmentServiceLevelCategory,
    TaxClassification,
)
from spshipping.orders.proceeds import amounts_of, money, positive
from spshipping.wire.enums import OpenEnum

if TYPE_CHECKING:
    from spshipping.orders import v2026_01_01 as v2026

E = TypeVar("E", bound=OpenEnum)

_PAYMENT_METHODS = {"CashOnDelivery": "COD", "ConvenienceStore": "CVS", "GiftCard": "GC"}


def member(enum: type[E], value: str | None) -> E | None:
    """Return the member of that name; a value that is not listed is kept as it is."""
    if not value:
        return None
    return enum.__members__.get(value) or enum(str(value))


def order_status(value: "v2026.OrderFulfillment | None") -> OrderStatus | None:
    """Read how far the order is."""
    return member(OrderStatus, optional(lambda: value.fulfillment_status)) if value else None


def fulfillment_channel(value: "v2026.OrderFulfillment | None") -> FulfillmentChannel | None:
    """Read who ships the order."""
    return member(FulfillmentChannel, value.fulfilled_by) if value else None


def service_level(value: "v2026.OrderFulfillment | None") -> ShipmentServiceLevelCategory | None:
    """Read how fast the buyer wants the order."""
    return member(ShipmentServiceLevelCategory, value.fulfillment_service_level) if value else None


def sales_channel(value: "v2026.SalesChannel | None") -> str | None:
    """Read where the order was placed, as Orders v0 names it."""
    if value is None:
        return None
    is_elsewhere = optional(lambda: value.channel_name) == "NON_AMAZON"
    return "Non-Amazon" if is_elsewhere else text(value.marketplace_name)


def address(value: "v2026.Recipient | None") -> Address | None:
    """Read where the order goes to."""
    if value is None or value.delivery_address is None:
        return None
    place = value.delivery_address
    return Address(
        name=text(place.name),
        company_name=text(place.company_name),
        address_line1=text(place.address_line1),
        address_line2=text(place.address_line2),
        address_line3=text(place.address_line3),
        city=text(place.city),
        county=text(place.district_or_county),
        state_or_region=text(place.state_or_region),
        municipality=text(place.municipality),
        postal_code=text(place.postal_code),
        country_code=text(place.country_code),
        phone=text(place.phone),
        address_type=member(AddressType, place.address_type),
    )


def goes_to_access_point(place: Address | None) -> bool | None:
    """Return whether an address is a locker, or another pick-up point; None where that is not known."""
    if place is None or place.address_type is None:
        return None
    return place.address_type is AddressType.PICKUP_POINT


def buyer_info(order: "v2026.Order") -> BuyerInfo | None:
    """Read who bought."""
    tax_info = _buyer_tax_info(order.tax)
    buyer = order.buyer
    if buyer is None:
        return BuyerInfo(buyer_tax_info=tax_info) if tax_info else None
    return BuyerInfo(
        buyer_email=text(buyer.buyer_email),
        buyer_name=text(buyer.buyer_name),
        buyer_tax_info=tax_info,
        purchase_order_number=text(buyer.buyer_purchase_order_number),
    )


def _buyer_tax_info(tax: "v2026.OrderTax | None") -> BuyerTaxInfo | None:
    registrations = tax.tax_registrations if tax else None
    found = [entry for entry in registrations or () if entry.entity_type == "BUYER"]
    if not found:
        return None
    numbers = [
        TaxClassification(name=text(entry.tax_registration_type), value=text(entry.tax_registration_number))
        for entry in found
        if entry.tax_registration_number
    ]
    return BuyerTaxInfo(
        company_legal_name=next((text(entry.legal_name) for entry in found if entry.legal_name), None),
        tax_classifications=numbers or None,
    )


def payments(value: "v2026.OrderPayment | None") -> list[PaymentExecution] | None:
    """Read the payments for an order."""
    executions = value.payment_executions if value else None
    made = [
        PaymentExecution(
            payment=money(entry.payment_amount),
            payment_method=_PAYMENT_METHODS.get(entry.payment_method or "", text(entry.payment_method)),
            acquirer_id=text(entry.acquirer_id),
            card_brand=text(entry.card_brand),
            authorization_code=text(entry.authorization_code),
        )
        for entry in executions or ()
    ]
    return made or None


def payment_method(methods: Collection[str]) -> PaymentMethod | None:
    """Return how the order is paid, as far as that concerns who delivers it."""
    found = (method for method in (PaymentMethod.COD, PaymentMethod.CVS) if method in methods)
    return next(found, PaymentMethod.OTHER) if methods else None


def item_counts(lines: "Sequence[v2026.OrderItem]") -> tuple[int | None, int | None]:
    """Return how many pieces are shipped and how many are not; None where the answer does not hold that."""
    found = [line.fulfillment for line in lines if line.fulfillment]
    if not found or len(found) != len(lines):
        return None, None
    shipped = sum(entry.quantity_fulfilled or 0 for entry in found)
    return shipped, sum(entry.quantity_unfulfilled or 0 for entry in found)


def items(values: "Sequence[v2026.OrderItem]") -> list[AmazonOrderItem]:
    """Read the lines of an order."""
    return [_item(value) for value in values]


def _item(value: "v2026.OrderItem") -> AmazonOrderItem:
    product, fulfillment = optional(lambda: value.product), value.fulfillment
    condition = product.condition if product else None
    customization = product.customization if product else None
    price = product.price if product else None
    gift = fulfillment.packing.gift_option if fulfillment and fulfillment.packing else None
    shipping = fulfillment.shipping if fulfillment else None
    international = shipping.international_shipping if shipping else None
    window = shipping.scheduled_delivery_window if shipping else None
    request = value.cancellation.cancellation_request if value.cancellation else None
    amounts = amounts_of(value.proceeds)
    return AmazonOrderItem(
        order_item_id=optional(lambda: value.order_item_id) or "",
        asin=text(product.asin) if product else None,
        seller_sku=text(product.seller_sku) if product else None,
        title=text(product.title) if product else None,
        condition_id=member(ConditionId, condition.condition_type) if condition else None,
        condition_subtype_id=member(ConditionSubtypeId, condition.condition_subtype) if condition else None,
        condition_note=text(condition.condition_note) if condition else None,
        quantity_ordered=optional(lambda: value.quantity_ordered),
        quantity_shipped=fulfillment.quantity_fulfilled if fulfillment else None,
        unit_price=money(price.unit_price) if price else None,
        item_price=amounts.get("ITEM"),
        item_tax=amounts.get("TAX ITEM"),
        shipping_price=amounts.get("SHIPPING"),
        shipping_tax=amounts.get("TAX SHIPPING"),
        shipping_discount=positive(amounts.get("DISCOUNT SHIPPING")),
        gift_wrap_price=amounts.get("GIFT_WRAP"),
        gift_wrap_tax=amounts.get("TAX GIFT_WRAP"),
        promotion_discount=positive(amounts.get("DISCOUNT ITEM")),
        promotion_ids=_promotion_ids(value.promotion),
        is_gift=gift is not None if fulfillment else None,
        gift_message_text=text(gift.gift_message) if gift else None,
        gift_wrap_level=text(gift.gift_wrap_level) if gift else None,
        customized_url=text(customization.customized_url) if customization else None,
        is_transparency="TRANSPARENCY" in (value.programs or ()),
        is_buyer_requested_cancel=request.requester == "BUYER" if request else None,
        buyer_cancel_reason=text(request.cancel_reason) if request else None,
        ioss_number=text(international.ioss_number) if international else None,
        deemed_reseller_category=_reseller_category(value.tax),
        scheduled_delivery_start_date=window.earliest_date_time if window else None,
        scheduled_delivery_end_date=window.latest_date_time if window else None,
    )


def _promotion_ids(promotion: "v2026.ItemPromotion | None") -> list[str] | None:
    if promotion is None or promotion.breakdowns is None:
        return None
    return [entry.promotion_id for entry in promotion.breakdowns if entry.promotion_id]


def _reseller_category(tax: "v2026.ItemTax | None") -> str | None:
    schemes = tax.tax_calculation_breakdowns if tax else None
    return next((text(entry.reporting_scheme) for entry in schemes or ()), None)
