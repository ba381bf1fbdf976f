"""What the seller states to Amazon about a shipment."""

from datetime import datetime

from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class ShipmentStatus(OpenEnum):
    """How far an order is that the buyer picks up."""

    READY_FOR_PICKUP = "ReadyForPickup"
    PICKED_UP = "PickedUp"
    REFUSED_PICKUP = "RefusedPickup"


class CodCollectionMethod(OpenEnum):
    """How the money is collected on delivery; in Japan."""

    DIRECT_PAYMENT = "DirectPayment"


@camel
class OrderItemQuantity(Model):
    """Some of the pieces of one line."""

    order_item_id: str | None = None
    quantity: int | None = None


@camel
class UpdateShipmentStatusRequest(Model):
    """The new status of an order that is picked up, or of some of its lines."""

    marketplace_id: str
    shipment_status: ShipmentStatus
    order_items: list[OrderItemQuantity] | None = None
    """None means the whole order."""


@camel
class ConfirmShipmentOrderItem(Model):
    """How many pieces of one line are in the package."""

    order_item_id: str
    quantity: int
    transparency_codes: list[str] | None = None


@camel
class PackageDetail(Model):
    """A package that has left: who carries it, under which number, and what is in it."""

    package_reference_id: str
    """Your own number for the package within the order, digits only. Confirming again with the same number
    changes what was said of that package; every further package needs a number of its own."""
    carrier_code: str
    carrier_name: str | None = None
    """Needed where the code is `Other`."""
    shipping_method: str | None = None
    tracking_number: str
    ship_date: datetime
    ship_from_supply_source_id: str | None = None
    order_items: list[ConfirmShipmentOrderItem]


@camel
class ConfirmShipmentRequest(Model):
    """One package of an order, on its way."""

    package_detail: PackageDetail
    cod_collection_method: CodCollectionMethod | None = None
    marketplace_id: str
