"""What tests see and change of receiving: defects, faults of goods, and goods without a shipment notice."""

from typing import Any

from spshipping.sandbox.tokens import Account
from spshipping.sandbox.vendor.dock import Defect
from spshipping.sandbox.vendor.goods import GoodsFault, read_goods_fault
from spshipping.sandbox.vendor.vendors import Vendors


class Receiving:
    """The fulfilment centres' receiving; `sandbox.receiving`."""

    def __init__(self, vendors: Vendors) -> None:
        self._vendors = vendors

    @property
    def perishable(self) -> set[str]:
        """Items that are set up as expiration dated, by ASIN or the vendor's identifier: add them here.

        A shipment confirmation must state lot and expiry of each. A reset removes them.
        """
        return self._vendors.perishable

    def defects(self, *, seller: str | None = None) -> list[Defect]:
        """Return every defect that was booked for a vendor by now, the oldest first.

        Args:
            seller: the account's id; None for the one of `sandbox.credentials`.
        """
        with self._vendors.of(seller or Account().seller) as (vendor, _):
            return list(vendor.dock.defects)

    def add_fault(self, kind: str, shipment: str | None = None, *, count: int = 1, amount: int = 1) -> None:
        """Let goods differ from what is announced; where nothing fits, nothing is changed.

        Args:
            kind: `short`, `over`, `lost`, `unlabelled`, `mislabelled` or `same_label`.
            shipment: the identifier of the shipment; None for the next ones that arrive.
            count: how many shipments are struck.
            amount: how much is too little or too much, in the unit of the line.

        Raises:
            ValueError: there is no such kind, or a number is not above 0.
        """
        self._vendors.faults.add(read_goods_fault(kind, shipment, count, amount))

    def faults(self) -> list[GoodsFault]:
        """Return the faults that have not struck yet, with the counts that are left."""
        return self._vendors.faults.waiting()

    def deliver(self, purchase_order: str, *, seller: str | None = None) -> None:
        """Let everything arrive now that was accepted of a purchase order and is in no shipment notice.

        Args:
            purchase_order: its number.
            seller: the account's id; None for the one of `sandbox.credentials`.

        Raises:
            ValueError: there is no such purchase order, or nothing of it that can arrive.
        """
        with self._vendors.of(seller or Account().seller) as (vendor, now):
            vendor.dock.deliver(purchase_order, now)

    def as_dict(self, *, seller: str | None = None) -> dict[str, Any]:
        """Return defects, faults and perishable items as JSON values."""
        return {
            "defects": [defect.as_dict() for defect in self.defects(seller=seller)],
            "faults": [vars(fault) for fault in self.faults()],
            "perishable": sorted(self.perishable),
        }
