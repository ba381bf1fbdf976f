"""An order that is to become a parcel, as plain values, and what speaks against shipping it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple, Protocol, Self, get_args

from spshipping.shipping.models.parcels import DangerousGoodsDetails
from spshipping.shipping.models.parties import Address

Channel = Literal["AMAZON", "EXTERNAL"]
Status = Literal["ready", "pending", "shipped", "cancelled", "unfulfillable", "unknown"]

_CHANNELS, _STATUSES = get_args(Channel), get_args(Status)
_STATUS: Mapping[str, Status] = {
    "PendingAvailability": "pending",
    "Pending": "pending",
    "InvoiceUnconfirmed": "pending",
    "Unshipped": "ready",
    "PartiallyShipped": "ready",
    "Shipped": "shipped",
    "Canceled": "cancelled",
    "Unfulfillable": "unfulfillable",
}
_REASONS: Mapping[Status, str] = {
    "pending": "it is pending: its payment, its invoice or its stock is not confirmed yet",
    "shipped": "it is shipped already",
    "cancelled": "it is cancelled",
    "unfulfillable": "Amazon counts it as unfulfillable",
    "unknown": "its status is not known: retrieve the order with its fulfillment",
}
_BY_AMAZON = "AFN"
_PENNY, _MOST = Decimal("0.01"), Decimal(10**12)


class ItemToShip(NamedTuple):
    """One line of an order: a product, and how many of it."""

    product_id: str
    """Your own name for the product, such as its SKU; errors name it."""
    quantity: int = 1
    product: object = None
    """The product: a mapping or an object whose attributes hold its measures; None to have it looked up."""
    item_id: str | None = None
    """The id of the line; of an Amazon order, the order item id."""
    description: str | None = None
    value: Decimal | None = None
    """What one of it is worth; None where that is not known."""
    currency: str | None = None
    """The ISO 4217 code of the value; None means the currency of the business."""
    is_hazmat: bool | None = None
    """Whether it is dangerous goods; None where that is not known."""
    dangerous_goods: DangerousGoodsDetails | None = None

    def __repr__(self) -> str:
        return f"<ItemToShip {self.product_id!r}, {self.quantity}>"


class AmountLike(Protocol):
    """An amount of money, as an Amazon order has it."""

    @property
    def amount(self) -> Decimal | None: ...
    @property
    def currency_code(self) -> str | None: ...


class ItemLike(Protocol):
    """What is read of one line of an Amazon order."""

    @property
    def order_item_id(self) -> str: ...
    @property
    def asin(self) -> str | None: ...
    @property
    def seller_sku(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def quantity_ordered(self) -> int | None: ...
    @property
    def quantity_shipped(self) -> int | None: ...
    @property
    def unit_price(self) -> AmountLike | None: ...
    @property
    def item_price(self) -> AmountLike | None: ...
    @property
    def is_buyer_requested_cancel(self) -> bool | None: ...


class OrderLike(Protocol):
    """What is read of an Amazon order: `AmazonOrder` has it."""

    @property
    def amazon_order_id(self) -> str: ...
    @property
    def order_status(self) -> str | None: ...
    @property
    def fulfillment_channel(self) -> str | None: ...
    @property
    def is_ispu(self) -> bool | None: ...
    @property
    def latest_ship_date(self) -> datetime | None: ...
    @property
    def latest_delivery_date(self) -> datetime | None: ...
    @property
    def items(self) -> Sequence[ItemLike] | None: ...


class OrderToShip(NamedTuple):
    """One order that is to become one parcel."""

    order_id: str
    """The number of the order; also the reference of the parcel, unless *reference* is given."""
    items: tuple[ItemToShip, ...]
    ship_to: Address | None = None
    """Needed unless it is an Amazon order: there Amazon knows the address."""
    channel: Channel = "EXTERNAL"
    status: Status = "ready"
    is_shipped_by_amazon: bool = False
    is_cancellation_requested: bool = False
    is_picked_up: bool = False
    """Whether the buyer fetches it in a store."""
    ship_by: datetime | None = None
    """Until when it must be picked up."""
    deliver_by: datetime | None = None
    """Until when it must be delivered."""
    reference: str | None = None

    def __repr__(self) -> str:
        return f"<OrderToShip {self.order_id!r}, {self.channel}, {self.status}>"

    @classmethod
    def of(cls, order: OrderLike) -> Self:
        """Read an Amazon order, such as an `AmazonOrder`: what is not shipped of it yet.

        A product is named by its SKU, or by its ASIN where it has none.
        """
        found = order.items or ()
        return cls(
            order_id=order.amazon_order_id,
            items=tuple(item for line in found if (item := _item(line)).quantity > 0),
            channel="AMAZON",
            status=_status(order),
            is_shipped_by_amazon=order.fulfillment_channel == _BY_AMAZON,
            is_cancellation_requested=any(line.is_buyer_requested_cancel for line in found),
            is_picked_up=bool(order.is_ispu),
            ship_by=order.latest_ship_date,
            deliver_by=order.latest_delivery_date,
        )

    @property
    def parcel_reference(self) -> str:
        """The reference under which the parcel is shipped."""
        return self.reference or self.order_id

    @property
    def is_shipped(self) -> bool:
        """Whether nothing of it is left to ship: by the gateway, or by another."""
        return self.status == "shipped" or (self.status == "ready" and not self.items)

    @property
    def refusal(self) -> str | None:
        """Why it must not be shipped; None where nothing speaks against it."""
        # a misspelt one, such as "canceled", would be shipped
        for name, value, known in (("channel", self.channel, _CHANNELS), ("status", self.status, _STATUSES)):
            if value not in known:
                return f"its {name} is none of {', '.join(known)}"
        if self.is_shipped_by_amazon:
            return "Amazon ships it"
        if self.status in _REASONS:
            return _REASONS[self.status]
        if self.is_picked_up:
            return "the buyer fetches it in a store"
        if self.is_cancellation_requested:
            return "the buyer wants to cancel it"
        if not self.items:
            return "nothing of it is left to ship"
        if self.channel == "EXTERNAL" and self.ship_to is None:
            return "it has no address to ship to"
        return None


def _status(order: OrderLike) -> Status:
    if order.order_status is None or order.fulfillment_channel is None or order.items is None:
        return "unknown"
    return _STATUS.get(order.order_status, "unknown")


def _item(line: ItemLike) -> ItemToShip:
    ordered = line.quantity_ordered or 0
    value, currency = _price(line, ordered)
    return ItemToShip(
        product_id=line.seller_sku or line.asin or line.order_item_id,
        quantity=ordered - (line.quantity_shipped or 0),
        item_id=line.order_item_id,
        description=line.title,
        value=value,
        currency=currency,
    )


def _price(line: ItemLike, ordered: int) -> tuple[Decimal | None, str | None]:
    """Return what one piece cost, to the penny, and the currency."""
    for price, pieces in ((line.unit_price, 1), (line.item_price, ordered)):
        amount = price.amount if price else None
        if price and amount is not None and 0 <= amount < _MOST and pieces > 0:
            return (amount / pieces).quantize(_PENNY, ROUND_HALF_UP), price.currency_code
    return None, None
