"""A ledger of offers in memory, for tests: it ends with the process."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from spshipping.forks import renew_after_fork
from spshipping.vendor.tools.offers.matching import Allocation
from spshipping.vendor.tools.offers.offer import KeptOffer


class _Book:
    """The offers, and what purchase orders have of them."""

    def __init__(self, offers: dict[str, KeptOffer], allocations: dict[str, tuple[Allocation, ...]]) -> None:
        self.kept = dict(offers)
        self.allocated = dict(allocations)

    def find(self, number: str) -> KeptOffer | None:
        return self.kept.get(number)

    def offers(self) -> Sequence[KeptOffer]:
        return list(self.kept.values())

    def put(self, kept: KeptOffer) -> None:
        self.kept[kept.offer.number] = kept

    def allocations(self) -> Sequence[Allocation]:
        return [each for found in self.allocated.values() for each in found]

    def allocate(self, purchase_order: str, found: Sequence[Allocation]) -> None:
        self.allocated[purchase_order] = tuple(found)


class MemoryOffers:
    """Keeps offers until the process ends. For tests: they are forgotten after that."""

    def __init__(self) -> None:
        """Make an empty ledger."""
        self._book = _Book({}, {})
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind a lock that another thread held when the process was forked."""
        self._lock = threading.RLock()

    @contextmanager
    def changed(self) -> Iterator[_Book]:
        """Read and write alone, all or nothing."""
        with self._lock:
            book = _Book(self._book.kept, self._book.allocated)
            yield book
            self._book = book
