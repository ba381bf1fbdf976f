"""What a ledger of offers does; `SqliteOffers` is the usual one, and yours may be another."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from spshipping.vendor.tools.offers.matching import Allocation
from spshipping.vendor.tools.offers.offer import KeptOffer


class OfferBook(Protocol):
    """The offers of a ledger, under its lock: nothing else can change them meanwhile."""

    def find(self, number: str) -> KeptOffer | None:
        """Return an offer by its number, or None."""
        ...

    def offers(self) -> Sequence[KeptOffer]:
        """Return all offers, in the order in which they were received."""
        ...

    def put(self, kept: KeptOffer) -> None:
        """Write an offer, in the place of one of its number."""
        ...

    def allocations(self) -> Sequence[Allocation]:
        """Return what all purchase orders have of offers."""
        ...

    def allocate(self, purchase_order: str, found: Sequence[Allocation]) -> None:
        """Write what a purchase order has of offers, in the place of what it had; a line is there once."""
        ...


class OfferLedger(Protocol):
    """Keeps offers, their approvals, and what purchase orders have of them. It may block.

    It is safe for all threads and processes that share it. It names those who approve.
    """

    def changed(self) -> AbstractContextManager[OfferBook]:
        """Read and write alone, all or nothing; what was written is on the disk when the block has ended."""
        ...
