"""The gateway of a shop: orders become parcels, by the settings of the shop's page."""

from spshipping.shipping.gateway.api import ShipmentGateway
from spshipping.shipping.gateway.api_async import AsyncShipmentGateway
from spshipping.shipping.gateway.order import ItemToShip, OrderToShip
from spshipping.shipping.gateway.packages import MeasuredItem, PackageBuilder, Size, stacked
from spshipping.shipping.gateway.webhook import webhook_check
from spshipping.shipping.gateway.workflow import DryRun, OrderResult

__all__ = [
    "AsyncShipmentGateway",
    "DryRun",
    "ItemToShip",
    "MeasuredItem",
    "OrderResult",
    "OrderToShip",
    "PackageBuilder",
    "ShipmentGateway",
    "Size",
    "stacked",
    "webhook_check",
]
