"""`AmazonOrder`: the order that workflows know, read from either API."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from spshipping.orders import read_v2026
from spshipping.orders.fields import optional, text
from spshipping.orders.parts import (
    Address,
    AmazonOrderItem,
    AutomatedShippingSettings,
    BuyerInfo,
    FulfillmentChannel,
    FulfillmentInstruction,
    Gap,
    Money,
    OrderStatus,
    OrderType,
    PaymentExecution,
    PaymentMethod,
    ShipmentServiceLevelCategory,
)
from spshipping.orders.plain import plain, schema_of, with_every_key
from spshipping.orders.proceeds import estimated_total
from spshipping.wire.convert import to_dict
from spshipping.wire.fast import function
from spshipping.wire.json_schema import DIALECT
from spshipping.wire.model import Model
from spshipping.wire.shapes import fields_of

if TYPE_CHECKING:
    from spshipping.orders import v0
    from spshipping.orders import v2026_01_01 as v2026

O = TypeVar("O", bound="AmazonOrder")  # noqa: E741 - an order

_SECTIONS = frozenset((Address, AutomatedShippingSettings, BuyerInfo, FulfillmentInstruction))


@plain()
class AmazonOrder(Model):
    """One order, whichever API it came from, with the names and values of Orders v0.

    A field is None where Amazon's answer does not hold it: because it was not requested, because there is
    none, or because that API has no such field. docs/orders.md lists the fields that differ.
    """

    __sections__ = _SECTIONS

    amazon_order_id: str
    """Empty where the answer lacks it, which no answer to a workflow does."""
    order_status: OrderStatus | None = None
    purchase_date: datetime | None = None
    last_update_date: datetime | None = None
    marketplace_id: str | None = None
    fulfillment_channel: FulfillmentChannel | None = None
    order_type: OrderType | None = None
    shipment_service_level_category: ShipmentServiceLevelCategory | None = None
    earliest_ship_date: datetime | None = None
    latest_ship_date: datetime | None = None
    earliest_delivery_date: datetime | None = None
    latest_delivery_date: datetime | None = None
    number_of_items_shipped: int | None = None
    number_of_items_unshipped: int | None = None
    payment_method: PaymentMethod | None = None
    payment_method_details: list[str] | None = None
    is_business_order: bool | None = None
    is_prime: bool | None = None
    is_global_express_enabled: bool | None = None
    is_premium_order: bool | None = None
    is_sold_by_ab: bool | None = None
    """Whether Amazon Business EU bought it and sold it on."""
    is_iba: bool | None = None
    """Whether Amazon writes the invoice."""
    is_ispu: bool | None = None
    """Whether the buyer picks it up in a store."""
    is_access_point_order: bool | None = None
    """Whether it goes to a locker, or another place where parcels are picked up."""
    sales_channel: str | None = None
    order_channel: str | None = None
    ship_service_level: str | None = None
    order_total: Money | None = None
    """What the buyer pays. 2026-01-01 has only what the seller receives, which is another amount."""
    estimated_total: Money | None = None
    """What the buyer pays, added up from the lines of 2026-01-01; None where a line does not state what it
    consists of. The tax that Amazon withholds is not in it."""
    payment_execution_detail: list[PaymentExecution] | None = None
    shipping_address: Address | None = None
    default_ship_from_location_address: Address | None = None
    buyer_info: BuyerInfo | None = None
    fulfillment_instruction: FulfillmentInstruction | None = None
    automated_shipping_settings: AutomatedShippingSettings | None = None
    items: list[AmazonOrderItem] | None = None
    """None where they were not requested."""
    incomplete: list[Gap] | None = None
    """What was requested and could not be had, and why; None where nothing failed."""

    def __attrs_post_init__(self) -> None:
        self.__decoded__()

    def __decoded__(self) -> None:
        """Take a section that holds nothing for none, as `to_dict` writes both."""
        for field in fields_of(type(self)):
            section = getattr(self, field.name, None)
            if field.shape.cls in _SECTIONS and section == field.shape.cls():
                setattr(self, field.name, None)

    @classmethod
    def from_v0(
        cls,
        order: "v0.Order",
        *,
        items: "Iterable[v0.OrderItem] | None" = None,
        address: "v0.OrderAddress | None" = None,
        buyer_info: "v0.OrderBuyerInfo | None" = None,
        items_buyer_info: "Iterable[v0.OrderItemBuyerInfo] | None" = None,
    ) -> Self:
        """Read an order of Orders v0, completed by what else was requested of it.

        Args:
            order: as getOrder and getOrders return it.
            items: all its items: of all pages.
            address: comes before the address in the order.
            buyer_info: comes before the buyer in the order.
            items_buyer_info: comes before the buyer's data in the items.
        """
        # imported here: the bridge ends on 27 March 2027, and this method with it
        from spshipping.orders.bridge import read_v0

        made = _of_v0(cls, order, (address.shipping_address if address else None) or order.shipping_address)
        made.buyer_info = read_v0.buyer_info(buyer_info or order.buyer_info)
        made.items = read_v0.items(items, items_buyer_info)
        made.__decoded__()
        return made

    @classmethod
    def from_v2026(cls, order: "v2026.Order") -> Self:
        """Read an order of Orders 2026-01-01; what it holds depends on the `includedData` of the request.

        It holds most with BUYER, CANCELLATION, FULFILLMENT, PAYMENT, PROCEEDS, PROMOTION, RECIPIENT and TAX.
        """
        channel, fulfillment = optional(lambda: order.sales_channel), order.fulfillment
        ship_by = fulfillment.ship_by_window if fulfillment else None
        deliver_by = fulfillment.deliver_by_window if fulfillment else None
        programs = order.programs or ()
        address, payments = read_v2026.address(order.recipient), read_v2026.payments(order.payment)
        methods = [entry.payment_method for entry in payments or () if entry.payment_method]
        shipped, unshipped = read_v2026.item_counts(order.order_items)
        return cls(
            amazon_order_id=optional(lambda: order.order_id) or "",
            order_status=read_v2026.order_status(fulfillment),
            purchase_date=optional(lambda: order.created_time),
            last_update_date=optional(lambda: order.last_updated_time),
            marketplace_id=text(channel.marketplace_id) if channel else None,
            fulfillment_channel=read_v2026.fulfillment_channel(fulfillment),
            order_type=OrderType.PREORDER if "PREORDER" in programs else None,
            shipment_service_level_category=read_v2026.service_level(fulfillment),
            earliest_ship_date=ship_by.earliest_date_time if ship_by else None,
            latest_ship_date=ship_by.latest_date_time if ship_by else None,
            earliest_delivery_date=deliver_by.earliest_date_time if deliver_by else None,
            latest_delivery_date=deliver_by.latest_date_time if deliver_by else None,
            number_of_items_shipped=shipped,
            number_of_items_unshipped=unshipped,
            payment_method=read_v2026.payment_method(methods),
            payment_method_details=methods or None,
            # an order without programs comes without the field
            is_business_order="AMAZON_BUSINESS" in programs,
            is_prime="PRIME" in programs,
            is_premium_order="PREMIUM" in programs,
            is_iba="INVOICE_BY_AMAZON" in programs,
            is_ispu="IN_STORE_PICK_UP" in programs,
            is_access_point_order=read_v2026.goes_to_access_point(address),
            sales_channel=read_v2026.sales_channel(channel),
            estimated_total=estimated_total(order.order_items),
            payment_execution_detail=payments,
            shipping_address=address,
            buyer_info=read_v2026.buyer_info(order),
            items=read_v2026.items(order.order_items),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON values for a connector; it holds personal data.

        Every key is always there, with None where Amazon's answer holds nothing. Addresses, the buyer, the
        instruction and the settings are objects with all their keys even then. Times are in UTC, amounts are
        text. `spshipping.to_dict` returns the same, and `spshipping.from_dict` reads it.

        Raises:
            InvalidRequestError: a field holds what it cannot hold, and which.
        """
        try:
            written: dict[str, Any] = function(AmazonOrder, "whole")(self)
            return written
        except Exception:  # noqa: S110 - what has unknown fields, is of a subclass, or cannot be written
            pass
        return to_dict(self)

    @classmethod
    def __written__(cls, written: dict[str, Any]) -> dict[str, Any]:
        """Give *written* every key."""
        return with_every_key(cls, written, _SECTIONS)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Describe what `to_dict` returns as a JSON Schema (draft 2020-12).

        Personal fields are marked `x-personal`.
        """
        return {"$schema": DIALECT, "title": "Amazon order", **schema_of(cls, _SECTIONS)}

    __json_schema__ = json_schema


def _of_v0(cls: type[O], order: "v0.Order", address: "v0.Address | None") -> O:
    from spshipping.orders.bridge import read_v0

    return cls(
        amazon_order_id=optional(lambda: order.amazon_order_id) or "",
        order_status=read_v0.member(OrderStatus, optional(lambda: order.order_status)),
        purchase_date=optional(lambda: order.purchase_date),
        last_update_date=optional(lambda: order.last_update_date),
        marketplace_id=text(order.marketplace_id),
        fulfillment_channel=read_v0.member(FulfillmentChannel, order.fulfillment_channel),
        order_type=read_v0.member(OrderType, order.order_type),
        shipment_service_level_category=read_v0.member(
            ShipmentServiceLevelCategory, order.shipment_service_level_category
        ),
        earliest_ship_date=order.earliest_ship_date,
        latest_ship_date=order.latest_ship_date,
        earliest_delivery_date=order.earliest_delivery_date,
        latest_delivery_date=order.latest_delivery_date,
        number_of_items_shipped=order.number_of_items_shipped,
        number_of_items_unshipped=order.number_of_items_unshipped,
        payment_method=read_v0.member(PaymentMethod, order.payment_method),
        payment_method_details=order.payment_method_details or None,
        is_business_order=order.is_business_order,
        is_prime=order.is_prime,
        is_global_express_enabled=order.is_global_express_enabled,
        is_premium_order=order.is_premium_order,
        is_sold_by_ab=order.is_sold_by_ab,
        is_iba=order.is_iba,
        is_ispu=order.is_ispu,
        is_access_point_order=order.is_access_point_order,
        sales_channel=text(order.sales_channel),
        order_channel=text(order.order_channel),
        ship_service_level=text(order.ship_service_level),
        order_total=read_v0.money(order.order_total),
        payment_execution_detail=read_v0.payments(order.payment_execution_detail),
        shipping_address=read_v0.address(address),
        default_ship_from_location_address=read_v0.address(order.default_ship_from_location_address),
        fulfillment_instruction=read_v0.fulfillment_instruction(order.fulfillment_instruction),
        automated_shipping_settings=read_v0.automated_shipping_settings(order.automated_shipping_settings),
    )
