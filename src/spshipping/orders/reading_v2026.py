"""Reads the parts of an Amazon order from the models of Orders 2026-01-01."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, TypeVar

from spshipping.orders.parts import (
    Address,
    AddressType,
    AmazonOrderItem,
    BuyerInfo,
    BuyerTaxInfo,
    ConditionId,
    ConditionSubtypeId,
    FulfillmentChannel,
    Money,
    OrderStatus,
    OrderType,
    PaymentExecution,
    PaymentMethod,
    ShipmentServiceLevelCategory,
    TaxClassification,
)
from spshipping.orders.reading_v0 import text
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import MISSING, drop_missing, has

if TYPE_CHECKING:
    from spshipping.orders import v2026_01_01 as v2026
    from spshipping.orders.order import AmazonOrder

E = TypeVar("E", bound=OpenEnum)

_PAYMENT_WORDS = {"CashOnDelivery": "COD", "ConvenienceStore": "CVS", "GiftCard": "GC"}


def word(enum: type[E], value: str | None) -> E | None:
    """Translate a word of 2026-01-01; one that is not listed stays as it came."""
    if not value:
        return None
    return enum.__members__.get(value) or enum(str(value))


def put_terms(made: "AmazonOrder", order: "v2026.Order") -> None:
    """Set what was agreed on: status, dates, payment, programs. What this API does not tell stays None."""
    _put_sales_channel(made, getattr(order, "sales_channel", None))
    _put_programs(made, order.programs or ())
    _put_terms_of_fulfillment(made, order.fulfillment)
    _count_items(made, order.order_items)
    paid = payments(order.payment)
    made.payment_execution_detail = paid
    methods = [entry.payment_method for entry in paid or () if entry.payment_method]
    made.payment_method = _payment_method(methods)
    made.payment_method_details = methods or None
    made.is_access_point_order = _goes_to_access_point(made.shipping_address)


def _put_programs(made: "AmazonOrder", programs: Collection[str]) -> None:
    # they are always told; an order without any comes without the field
    made.is_business_order = "AMAZON_BUSINESS" in programs
    made.is_prime = "PRIME" in programs
    made.is_premium_order = "PREMIUM" in programs
    made.is_iba = "INVOICE_BY_AMAZON" in programs
    made.is_ispu = "IN_STORE_PICK_UP" in programs
    if "PREORDER" in programs:
        made.order_type = OrderType.PREORDER


def _put_terms_of_fulfillment(made: "AmazonOrder", terms: "v2026.OrderFulfillment | None") -> None:
    if terms is None:
        return
    made.order_status = word(OrderStatus, getattr(terms, "fulfillment_status", None))
    made.fulfillment_channel = word(FulfillmentChannel, terms.fulfilled_by)
    made.shipment_service_level_category = word(ShipmentServiceLevelCategory, terms.fulfillment_service_level)
    if terms.ship_by_window:
        made.earliest_ship_date = terms.ship_by_window.earliest_date_time
        made.latest_ship_date = terms.ship_by_window.latest_date_time
    if terms.deliver_by_window:
        made.earliest_delivery_date = terms.deliver_by_window.earliest_date_time
        made.latest_delivery_date = terms.deliver_by_window.latest_date_time


def money(value: "v2026.Money | None") -> Money | None:
    """Read an amount; without a number it is none."""
    if value is None or not has(value, "amount"):
        return None
    return Money(amount=value.amount, currency_code=text(getattr(value, "currency_code", None)))


def _put_sales_channel(made: "AmazonOrder", channel: "v2026.SalesChannel | None") -> None:
    if channel is None:
        return
    made.marketplace_id = text(channel.marketplace_id)
    is_elsewhere = getattr(channel, "channel_name", None) == "NON_AMAZON"
    made.sales_channel = "Non-Amazon" if is_elsewhere else text(channel.marketplace_name)


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
        address_type=word(AddressType, place.address_type),
    )


def _goes_to_access_point(place: Address | None) -> bool | None:
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
            payment_method=_PAYMENT_WORDS.get(entry.payment_method or "", text(entry.payment_method)),
            acquirer_id=text(entry.acquirer_id),
            card_brand=text(entry.card_brand),
            authorization_code=text(entry.authorization_code),
        )
        for entry in executions or ()
    ]
    return made or None


def _payment_method(methods: Collection[str]) -> PaymentMethod | None:
    found = (method for method in (PaymentMethod.COD, PaymentMethod.CVS) if method in methods)
    return next(found, PaymentMethod.OTHER) if methods else None


def _count_items(made: "AmazonOrder", lines: "Sequence[v2026.OrderItem]") -> None:
    told = [line.fulfillment for line in lines if line.fulfillment]
    if told and len(told) == len(lines):
        made.number_of_items_shipped = sum(entry.quantity_fulfilled or 0 for entry in told)
        made.number_of_items_unshipped = sum(entry.quantity_unfulfilled or 0 for entry in told)


def items(values: "Sequence[v2026.OrderItem]") -> list[AmazonOrderItem]:
    """Read the lines of an order."""
    return [_item(value) for value in values]


def _item(value: "v2026.OrderItem") -> AmazonOrderItem:
    item = AmazonOrderItem(
        order_item_id=getattr(value, "order_item_id", MISSING),
        quantity_ordered=getattr(value, "quantity_ordered", None),
        is_transparency="TRANSPARENCY" in (value.programs or ()),
    )
    _put_product(item, getattr(value, "product", None))
    _put_prices(item, value.proceeds)
    _put_fulfillment(item, value.fulfillment)
    if value.promotion and value.promotion.breakdowns is not None:
        item.promotion_ids = [
            entry.promotion_id for entry in value.promotion.breakdowns if entry.promotion_id
        ]
    request = value.cancellation.cancellation_request if value.cancellation else None
    if request:
        item.is_buyer_requested_cancel = request.requester == "BUYER"
        item.buyer_cancel_reason = text(request.cancel_reason)
    schemes = value.tax.tax_calculation_breakdowns if value.tax else None
    item.deemed_reseller_category = next((text(entry.reporting_scheme) for entry in schemes or ()), None)
    return drop_missing(item, "order_item_id")


def _put_product(item: AmazonOrderItem, product: "v2026.ItemProduct | None") -> None:
    if product is None:
        return
    item.asin = text(product.asin)
    item.seller_sku = text(product.seller_sku)
    item.title = text(product.title)
    if product.condition:
        item.condition_id = word(ConditionId, product.condition.condition_type)
        item.condition_subtype_id = word(ConditionSubtypeId, product.condition.condition_subtype)
        item.condition_note = text(product.condition.condition_note)
    if product.price:
        item.unit_price = money(product.price.unit_price)
    if product.customization:
        item.customized_url = text(product.customization.customized_url)


def _put_prices(item: AmazonOrderItem, proceeds: "v2026.ItemProceeds | None") -> None:
    sums: dict[str, Money | None] = {}
    for entry in (proceeds.breakdowns if proceeds else None) or ():
        if not has(entry, "type"):
            continue
        sums[entry.type] = money(getattr(entry, "subtotal", None))
        for part in entry.detailed_breakdowns or ():
            sums[f"{entry.type} {part.subtype}"] = money(part.value)
    item.item_price = sums.get("ITEM")
    item.item_tax = sums.get("TAX ITEM")
    item.shipping_price = sums.get("SHIPPING")
    item.shipping_tax = sums.get("TAX SHIPPING")
    item.shipping_discount = _taken_off(sums.get("DISCOUNT SHIPPING"))
    item.gift_wrap_price = sums.get("GIFT_WRAP")
    item.gift_wrap_tax = sums.get("TAX GIFT_WRAP")
    item.promotion_discount = _taken_off(sums.get("DISCOUNT ITEM"))


def _taken_off(value: Money | None) -> Money | None:
    if value is None or value.amount is None:
        return None
    return Money(amount=abs(value.amount), currency_code=value.currency_code)


def _put_fulfillment(item: AmazonOrderItem, fulfillment: "v2026.ItemFulfillment | None") -> None:
    if fulfillment is None:
        return
    item.quantity_shipped = fulfillment.quantity_fulfilled
    gift = fulfillment.packing.gift_option if fulfillment.packing else None
    item.is_gift = gift is not None
    if gift:
        item.gift_message_text = text(gift.gift_message)
        item.gift_wrap_level = text(gift.gift_wrap_level)
    shipping = fulfillment.shipping
    if shipping and shipping.international_shipping:
        item.ioss_number = text(shipping.international_shipping.ioss_number)
    if shipping and shipping.scheduled_delivery_window:
        item.scheduled_delivery_start_date = shipping.scheduled_delivery_window.earliest_date_time
        item.scheduled_delivery_end_date = shipping.scheduled_delivery_window.latest_date_time
