"""Reads the parts of an Amazon order from the models of Orders v0."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from spshipping.orders.fields import optional, text
from spshipping.orders.parts import (
    Address,
    AddressType,
    AmazonOrderItem,
    AutomatedShippingSettings,
    BuyerInfo,
    BuyerTaxInfo,
    ConditionId,
    ConditionSubtypeId,
    FulfillmentInstruction,
    Money,
    PaymentExecution,
    TaxClassification,
)
from spshipping.wire.enums import OpenEnum

if TYPE_CHECKING:
    from spshipping.orders import v0

E = TypeVar("E", bound=OpenEnum)


def member(enum: type[E], value: str | None) -> E | None:
    """Return the member of that value; a value that is not listed is kept as it is."""
    return enum(str(value)) if value else None


def flag(value: str | None) -> bool | None:
    """Read the flags that Amazon writes as text, `true` or `false`."""
    return value.lower() == "true" if value else None


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
        address_type=member(AddressType, value.address_type),
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
            payment=money(_payment(value)),
            payment_method=text(_payment_method(value)),
            acquirer_id=text(value.acquirer_id),
            card_brand=text(value.card_brand),
            authorization_code=text(value.authorization_code),
        )
        for value in values or ()
    ]
    return made or None


def _payment(value: "v0.PaymentExecutionDetailItem") -> "v0.Money | None":
    return optional(lambda: value.payment)


def _payment_method(value: "v0.PaymentExecutionDetailItem") -> str | None:
    return optional(lambda: value.payment_method)


def items(
    values: "Iterable[v0.OrderItem] | None", infos: "Iterable[v0.OrderItemBuyerInfo] | None"
) -> list[AmazonOrderItem] | None:
    """Read the lines of an order; what *infos* hold of them comes before what the lines hold."""
    if values is None:
        return None
    by_id = {_id(info): info for info in infos or ()}
    return [_item(value, by_id.get(_id(value)) or value.buyer_info) for value in values]


def _id(value: "v0.OrderItem | v0.OrderItemBuyerInfo") -> str:
    return optional(lambda: value.order_item_id) or ""


def _item(value: "v0.OrderItem", info: "v0.ItemBuyerInfo | v0.OrderItemBuyerInfo | None") -> AmazonOrderItem:
    cancel = value.buyer_requested_cancel
    customized = info.buyer_customized_info if info else None
    return AmazonOrderItem(
        order_item_id=_id(value),
        asin=text(optional(lambda: value.asin)),
        seller_sku=text(value.seller_sku),
        title=text(value.title),
        condition_id=member(ConditionId, value.condition_id),
        condition_subtype_id=member(ConditionSubtypeId, value.condition_subtype_id),
        condition_note=text(value.condition_note),
        quantity_ordered=optional(lambda: value.quantity_ordered),
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
