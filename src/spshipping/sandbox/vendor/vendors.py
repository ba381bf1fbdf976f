"""The vendor groups; what a group has is made when it is first requested."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.vendor.agenda import Agenda
from spshipping.sandbox.vendor.confirmations import Confirmations
from spshipping.sandbox.vendor.dock import Dock
from spshipping.sandbox.vendor.generate import PurchaseOrderSupply
from spshipping.sandbox.vendor.goods import GoodsFaults
from spshipping.sandbox.vendor.pickups import Pickups
from spshipping.sandbox.vendor.purchase_orders import PurchaseOrders
from spshipping.sandbox.vendor.transactions import Transactions
from spshipping.vendor.rules import RuleRegion


class Vendor:
    """Everything of one vendor group."""

    def __init__(
        self,
        supply: PurchaseOrderSupply,
        seed: str,
        start: int,
        faults: GoodsFaults,
        perishable: Collection[str],
    ) -> None:
        self.agenda: Agenda = Agenda()
        self.orders: PurchaseOrders = PurchaseOrders(supply, seed, start, self.agenda)
        self.transactions: Transactions = Transactions(self.agenda, supply, seed)
        # the fulfilment centres are in North America; where there is no Success, other rules hold
        region = RuleRegion.NA if supply.has_success else RuleRegion.OTHER
        self.dock: Dock = Dock(self.orders, faults, perishable, region)
        self.confirmations: Confirmations = Confirmations(self.orders, self.agenda, self.dock)
        self.pickups: Pickups = Pickups(self.orders, self.agenda, seed)


class Vendors:
    """The vendor groups, by the id of the account that authorized the application."""

    def __init__(self, supply: PurchaseOrderSupply, clock: SandboxClock) -> None:
        self._supply = supply
        self._clock = clock
        self._lock = threading.RLock()
        self.faults: GoodsFaults = GoodsFaults()
        """How goods differ from what is announced."""
        self.perishable: set[str] = set()
        """Identifiers of the items that are set up as expiration dated."""
        self.reset()

    def reset(self) -> None:
        """Make everything anew, as of now."""
        with self._lock:
            self._start = self.now()
            self._vendors: dict[str, Vendor] = {}
            self.faults.clear()
            self.perishable.clear()

    @property
    def parts(self) -> tuple[object, ...]:
        """What holds the state."""
        return self, self.faults, self.perishable

    def now(self) -> int:
        """Return the time, in seconds since 1970."""
        return int(self._clock.now().timestamp())

    @contextmanager
    def of(self, holder: str) -> Iterator[tuple[Vendor, int]]:
        """Yield the current vendor of an account, and the time; the lock is held meanwhile."""
        with self._lock:
            if holder not in self._vendors:
                seed = f"{self._supply.seed}/{holder}"
                self._vendors[holder] = Vendor(self._supply, seed, self._start, self.faults, self.perishable)
            now = self.now()
            self._vendors[holder].agenda.run(now)
            yield self._vendors[holder], now
