"""Reads the parts of an Amazon order from the models of Orders v0."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from spshipping.orders.parts import (
    Address,
    AddressType,
    AmazonOrderItem,
    AutomatedShippingSettings,
    BuyerInfo,
    BuyerTaxInfo,
    ConditionId,
    ConditionSubtypeId,
    FulfillmentChannel,
    FulfillmentInstruction,
    Money,
    OrderStatus,
    OrderType,
    PaymentExecution,
    PaymentMethod,
    ShipmentServiceLevelCategory,
    TaxClassification,
)
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import MISSING, drop_missing, has

if TYPE_CHECKING:
    from spshipping.orders import v0
    from spshipping.orders.order import AmazonOrder

E = TypeVar("E", bound=OpenEnum)


def word(enum: type[E], value: str | None) -> E | None:
    """Return *value* as one of our words; one that is not listed stays as it came."""
    return enum(str(value)) if value else None


def text(value: str | None) -> str | None:
    """Return *value* as plain text; an empty one says nothing."""
    return str(value) if value else None


def flag(value: str | None) -> bool | None:
    """Read the flags that Amazon writes as text, `true` or `false`."""
    return value.lower() == "true" if value else None


def put_terms(made: "AmazonOrder", order: "v0.Order") -> None:
    """Set what was agreed on: status, dates, payment, programs, settings."""
    made.order_status = word(OrderStatus, getattr(order, "order_status", None))
    made.marketplace_id = text(order.marketplace_id)
    made.fulfillment_channel = word(FulfillmentChannel, order.fulfillment_channel)
    made.order_type = word(OrderType, order.order_type)
    made.shipment_service_level_category = word(
        ShipmentServiceLevelCategory, order.shipment_service_level_category
    )
    made.earliest_ship_date = order.earliest_ship_date
    made.latest_ship_date = order.latest_ship_date
    made.earliest_delivery_date = order.earliest_delivery_date
    made.latest_delivery_date = order.latest_delivery_date
    made.number_of_items_shipped = order.number_of_items_shipped
    made.number_of_items_unshipped = order.number_of_items_unshipped
    made.payment_method = word(PaymentMethod, order.payment_method)
    made.payment_method_details = order.payment_method_details or None
    made.is_business_order = order.is_business_order
    made.is_prime = order.is_prime
    made.is_global_express_enabled = order.is_global_express_enabled
    made.is_premium_order = order.is_premium_order
    made.is_sold_by_ab = order.is_sold_by_ab
    made.is_iba = order.is_iba
    made.is_ispu = order.is_ispu
    made.is_access_point_order = order.is_access_point_order
    made.sales_channel = text(order.sales_channel)
    made.order_channel = text(order.order_channel)
    made.ship_service_level = text(order.ship_service_level)
    made.order_total = money(order.order_total)
    made.payment_execution_detail = payments(order.payment_execution_detail)
    made.default_ship_from_location_address = address(order.default_ship_from_location_address)
    made.fulfillment_instruction = fulfillment_instruction(order.fulfillment_instruction)
    made.automated_shipping_settings = automated_shipping_settings(order.automated_shipping_settings)


def money(value: "v0.Money | None") -> Money | None:
    """Read an amount; without a number it is none."""
    if value is None or value.amount is None:
        return None
    return Money(amount=value.amount, currency_code=text(value.currency_code))


def address(value: "v0.Address | None") -> Address | None:
    """Read an address."""
    if value is None:
        return None
    return Address(
        name=text(value.name),
        company_name=text(value.company_name),
        address_line1=text(value.address_line1),
        address_line2=text(value.address_line2),
        address_line3=text(value.address_line3),
        city=text(value.city),
        county=text(value.county),
        district=text(value.district),
        state_or_region=text(value.state_or_region),
        municipality=text(value.municipality),
        postal_code=text(value.postal_code),
        country_code=text(value.country_code),
        phone=text(value.phone),
        address_type=word(AddressType, value.address_type),
    )


def buyer_info(value: "v0.BuyerInfo | v0.OrderBuyerInfo | None") -> BuyerInfo | None:
    """Read who bought."""
    if value is None:
        return None
    return BuyerInfo(
        buyer_email=text(value.buyer_email),
        buyer_name=text(value.buyer_name),
        buyer_county=text(value.buyer_county),
        buyer_tax_info=_buyer_tax_info(value.buyer_tax_info),
        purchase_order_number=text(value.purchase_order_number),
    )


def _buyer_tax_info(value: "v0.BuyerTaxInfo | None") -> BuyerTaxInfo | None:
    if value is None:
        return None
    numbers = [
        TaxClassification(name=text(entry.name), value=text(entry.value))
        for entry in value.tax_classifications or ()
    ]
    return BuyerTaxInfo(
        company_legal_name=text(value.company_legal_name),
        taxing_region=text(value.taxing_region),
        tax_classifications=numbers or None,
    )


def fulfillment_instruction(value: "v0.FulfillmentInstruction | None") -> FulfillmentInstruction | None:
    """Read from where the order is to be shipped."""
    if value is None:
        return None
    return FulfillmentInstruction(fulfillment_supply_source_id=text(value.fulfillment_supply_source_id))


def automated_shipping_settings(
    value: "v0.AutomatedShippingSettings | None",
) -> AutomatedShippingSettings | None:
    """Read how Amazon would ship the order."""
    if value is None:
        return None
    return AutomatedShippingSettings(
        has_automated_shipping_settings=value.has_automated_shipping_settings,
        automated_carrier=text(value.automated_carrier),
        automated_ship_method=text(value.automated_ship_method),
    )


def payments(values: "Sequence[v0.PaymentExecutionDetailItem] | None") -> list[PaymentExecution] | None:
    """Read the payments for an order."""
    made = [
        PaymentExecution(
            payment=money(getattr(value, "payment", None)),
            payment_method=text(getattr(value, "payment_method", None)),
            acquirer_id=text(value.acquirer_id),
            card_brand=text(value.card_brand),
            authorization_code=text(value.authorization_code),
        )
        for value in values or ()
    ]
    return made or None


def items(
    values: "Iterable[v0.OrderItem] | None", infos: "Iterable[v0.OrderItemBuyerInfo] | None"
) -> list[AmazonOrderItem] | None:
    """Read the lines of an order; what *infos* tell of them comes before what the lines tell themselves."""
    if values is None:
        return None
    by_id = {info.order_item_id: info for info in infos or () if has(info, "order_item_id")}
    return [
        _item(value, by_id.get(getattr(value, "order_item_id", "")) or value.buyer_info) for value in values
    ]


def _item(value: "v0.OrderItem", info: "v0.ItemBuyerInfo | v0.OrderItemBuyerInfo | None") -> AmazonOrderItem:
    cancel = value.buyer_requested_cancel
    customized = info.buyer_customized_info if info else None
    made = AmazonOrderItem(
        order_item_id=getattr(value, "order_item_id", MISSING),
        asin=text(getattr(value, "asin", None)),
        seller_sku=text(value.seller_sku),
        title=text(value.title),
        condition_id=word(ConditionId, value.condition_id),
        condition_subtype_id=word(ConditionSubtypeId, value.condition_subtype_id),
        condition_note=text(value.condition_note),
        quantity_ordered=getattr(value, "quantity_ordered", None),
        quantity_shipped=value.quantity_shipped,
        item_price=money(value.item_price),
        item_tax=money(value.item_tax),
        shipping_price=money(value.shipping_price),
        shipping_tax=money(value.shipping_tax),
        shipping_discount=money(value.shipping_discount),
        gift_wrap_price=money(info.gift_wrap_price) if info else None,
        gift_wrap_tax=money(info.gift_wrap_tax) if info else None,
        promotion_discount=money(value.promotion_discount),
        promotion_ids=value.promotion_ids or None,
        is_gift=flag(value.is_gift),
        gift_message_text=text(info.gift_message_text) if info else None,
        gift_wrap_level=text(info.gift_wrap_level) if info else None,
        customized_url=text(customized.customized_url) if customized else None,
        is_transparency=value.is_transparency,
        is_buyer_requested_cancel=flag(cancel.is_buyer_requested_cancel) if cancel else None,
        buyer_cancel_reason=text(cancel.buyer_cancel_reason) if cancel else None,
        ioss_number=text(value.ioss_number),
        deemed_reseller_category=text(value.deemed_reseller_category),
        scheduled_delivery_start_date=value.scheduled_delivery_start_date,
        scheduled_delivery_end_date=value.scheduled_delivery_end_date,
    )
    return drop_missing(made, "order_item_id")
