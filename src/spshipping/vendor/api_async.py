"""The facade of `spshipping.vendor.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from typing import TYPE_CHECKING

from spshipping.facade import AsyncApi

if TYPE_CHECKING:
    from spshipping.vendor.orders import AsyncVendorOrdersApi
if TYPE_CHECKING:
    from spshipping.vendor.shipments import AsyncVendorShipmentsApi
if TYPE_CHECKING:
    from spshipping.vendor.transactions import AsyncVendorTransactionsApi


class AsyncVendorApi(AsyncApi):
    """What a vendor who sells to Amazon needs: purchase orders, shipments, and what became of submissions."""

    __slots__ = ()

    @property
    def orders(self) -> "AsyncVendorOrdersApi":
        """Read purchase orders and their state, and acknowledge them."""
        from spshipping.vendor.orders import AsyncVendorOrdersApi

        return AsyncVendorOrdersApi(self._context)

    @property
    def shipments(self) -> "AsyncVendorShipmentsApi":
        """Send shipment confirmations (ASN), request pickups, and fetch the carrier's labels."""
        from spshipping.vendor.shipments import AsyncVendorShipmentsApi

        return AsyncVendorShipmentsApi(self._context)

    @property
    def transactions(self) -> "AsyncVendorTransactionsApi":
        """Ask what became of a submission."""
        from spshipping.vendor.transactions import AsyncVendorTransactionsApi

        return AsyncVendorTransactionsApi(self._context)
