"""The facade of `spshipping.vendor.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from os import PathLike
from typing import TYPE_CHECKING, Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions

if TYPE_CHECKING:
    from spshipping.vendor.orders import AsyncVendorOrdersApi
if TYPE_CHECKING:
    from spshipping.vendor.routing import LabelOutcome, PickupState
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

    async def pickup_state(self, identifier: str, **options: Unpack[CallOptions]) -> "PickupState | None":
        """Return how far a routing request is, with the ARN and, once there is one, the carrier.

        None where Amazon knows no such request: one that was just submitted is not yet known.

        Args:
            identifier: your own, `vendor_shipment_identifier`.
            options: limits of time for each call.
        """
        from spshipping.vendor.routing import workflow

        return await workflow.pickup_state(self._context, identifier, options)

    async def save_labels(
        self, identifier: str, folder: str | PathLike[str], **options: Unpack[CallOptions]
    ) -> "LabelOutcome":
        """Save the carrier's labels of a routing request as files, or return why there are none.

        Each label is one PDF, readable by its owner only; saving it again replaces the same file. Amazon
        makes labels for small parcels whose freight it pays, once a carrier is assigned.

        Args:
            identifier: your own, `vendor_shipment_identifier`.
            folder: where the files are put; it is made where it is missing.
            options: limits of time for each call.

        Raises:
            OSError: a file cannot be written.
        """
        from spshipping.vendor.routing import workflow

        return await workflow.save_labels(self._context, identifier, folder, options)
