"""The gateway of a shop: orders become parcels, by the settings of the shop's page."""

from spshipping.shipping.gateway.order import ItemToShip, OrderToShip
from spshipping.shipping.gateway.packages import MeasuredItem, PackageBuilder, Size, stacked

__all__ = [
    "ItemToShip",
    "MeasuredItem",
    "OrderToShip",
    "PackageBuilder",
    "Size",
    "stacked",
]
