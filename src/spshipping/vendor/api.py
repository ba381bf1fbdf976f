"""The facade of vendors: each API by itself is behind it."""

from os import PathLike
from typing import TYPE_CHECKING, Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions
from spshipping.transport.io import run

if TYPE_CHECKING:
    from spshipping.vendor.orders import VendorOrdersApi
    from spshipping.vendor.routing import LabelOutcome, PickupState
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

    def pickup_state(self, identifier: str, **options: Unpack[CallOptions]) -> "PickupState | None":
        """Return how far a routing request is, with the ARN and, once there is one, the carrier.

        None where Amazon knows no such request: one that was just submitted is not yet known.

        Args:
            identifier: your own, `vendor_shipment_identifier`.
            options: limits of time for each call.
        """
        from spshipping.vendor.routing import workflow

        return run(workflow.pickup_state(self._context, identifier, options))

    def save_labels(
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

        return run(workflow.save_labels(self._context, identifier, folder, options))
