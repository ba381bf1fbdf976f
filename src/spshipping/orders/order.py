"""`AmazonOrder`: the order that workflows know, read from either API."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from spshipping.orders import reading_v0, reading_v2026
from spshipping.orders.parts import (
    Address,
    AmazonOrderItem,
    AutomatedShippingSettings,
    BuyerInfo,
    FulfillmentChannel,
    FulfillmentInstruction,
    Money,
    OrderStatus,
    OrderType,
    PaymentExecution,
    PaymentMethod,
    ShipmentServiceLevelCategory,
)
from spshipping.orders.plain import DIALECT, plain, schema_of, to_plain
from spshipping.wire.model import MISSING, Model, drop_missing

if TYPE_CHECKING:
    from spshipping.orders import v0
    from spshipping.orders import v2026_01_01 as v2026

_SECTIONS = frozenset((Address, AutomatedShippingSettings, BuyerInfo, FulfillmentInstruction))


@plain()
class AmazonOrder(Model):
    """One order, whichever API it came from, in the words of Orders v0.

    A field is None where Amazon did not tell it: because it was not asked for, because there is none, or
    because that API has no such field. docs/orders.md has the fields that are not the same in both.
    """

    amazon_order_id: str
    order_status: OrderStatus | None = None
    purchase_date: datetime
    last_update_date: datetime
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
    """What the buyer pays. 2026-01-01 tells only what the seller receives, which is another amount."""
    payment_execution_detail: list[PaymentExecution] | None = None
    shipping_address: Address | None = None
    default_ship_from_location_address: Address | None = None
    buyer_info: BuyerInfo | None = None
    fulfillment_instruction: FulfillmentInstruction | None = None
    automated_shipping_settings: AutomatedShippingSettings | None = None
    items: list[AmazonOrderItem] | None = None
    """None where they were not asked for."""

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
        """Read an order of Orders v0, completed by what else was fetched of it.

        Args:
            order: as getOrder and getOrders give it.
            items: all its items: of all pages.
            address: comes before the address in the order.
            buyer_info: comes before the buyer in the order.
            items_buyer_info: comes before the buyer's wishes in the items.
        """
        place = (address.shipping_address if address else None) or order.shipping_address
        made = cls(
            amazon_order_id=order.amazon_order_id,
            purchase_date=getattr(order, "purchase_date", MISSING),
            last_update_date=getattr(order, "last_update_date", MISSING),
            shipping_address=reading_v0.address(place),
            buyer_info=reading_v0.buyer_info(buyer_info or order.buyer_info),
            items=reading_v0.items(items, items_buyer_info),
        )
        reading_v0.put_terms(made, order)
        return drop_missing(made, "purchase_date", "last_update_date")

    @classmethod
    def from_v2026(cls, order: "v2026.Order") -> Self:
        """Read an order of Orders 2026-01-01; how much it tells depends on the `includedData` asked for.

        It tells most with BUYER, CANCELLATION, FULFILLMENT, PAYMENT, PROCEEDS, PROMOTION, RECIPIENT and TAX.
        """
        made = cls(
            amazon_order_id=order.order_id,
            purchase_date=getattr(order, "created_time", MISSING),
            last_update_date=getattr(order, "last_updated_time", MISSING),
            shipping_address=reading_v2026.address(order.recipient),
            buyer_info=reading_v2026.buyer_info(order),
            items=reading_v2026.items(order.order_items),
        )
        reading_v2026.put_terms(made, order)
        return drop_missing(made, "purchase_date", "last_update_date")

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON values for a connector; it holds personal data.

        Every key is always there, with None where Amazon told nothing. Addresses, the buyer, the instruction
        and the settings are objects with all their keys even then. Times are in UTC, amounts are text.
        """
        return to_plain(type(self), self, _SECTIONS)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Describe what `to_dict` returns as a JSON Schema (draft 2020-12).

        Personal fields are marked `x-personal`.
        """
        return {"$schema": DIALECT, "title": "Amazon order", **schema_of(cls, _SECTIONS)}
