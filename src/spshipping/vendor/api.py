"""The facade of vendors: each API by itself is behind it."""

from typing import TYPE_CHECKING

from spshipping.facade import Api

if TYPE_CHECKING:
    from spshipping.vendor.orders import VendorOrdersApi
    from spshipping.vendor.shipments import VendorShipmentsApi
    from spshipping.vendor.transactions import VendorTransactionsApi


class VendorApi(Api):
    """What a vendor who sells to Amazon needs: purchase orders, shipments, and what became of submissions."""

    __slots__ = ()

    @property
    def orders(self) -> "VendorOrdersApi":
        """Read purchase orders and their state, and acknowledge them."""
        from spshipping.vendor.orders import VendorOrdersApi

        return VendorOrdersApi(self._context)

    @property
    def shipments(self) -> "VendorShipmentsApi":
        """Send shipment confirmations (ASN), request pickups, and fetch the carrier's labels."""
        from spshipping.vendor.shipments import VendorShipmentsApi

        return VendorShipmentsApi(self._context)

    @property
    def transactions(self) -> "VendorTransactionsApi":
        """Ask what became of a submission."""
        from spshipping.vendor.transactions import VendorTransactionsApi

        return VendorTransactionsApi(self._context)
