"""Vendors: generated purchase orders, and what the three vendor APIs do with them."""

from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.operations import Implementations
from spshipping.sandbox.vendor.dock import Defect
from spshipping.sandbox.vendor.generate import PurchaseOrderSupply
from spshipping.sandbox.vendor.operations_orders import VendorOrders
from spshipping.sandbox.vendor.operations_shipments import VendorShipments
from spshipping.sandbox.vendor.receiving import Receiving
from spshipping.sandbox.vendor.vendors import Vendors

__all__ = ["Defect", "PurchaseOrderSupply", "Receiving", "VendorApis"]


class VendorApis:
    """The three vendor APIs, and the vendors that they are about."""

    def __init__(self, supply: PurchaseOrderSupply, clock: SandboxClock) -> None:
        self.vendors: Vendors = Vendors(supply, clock)
        self.receiving: Receiving = Receiving(self.vendors)
        self.implementations: Implementations = {
            **VendorOrders(self.vendors).implementations,
            **VendorShipments(self.vendors).implementations,
        }
