"""One set of generated orders, which Orders v0 and Orders 2026-01-01 both return."""

from collections.abc import Callable

from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.operations import Implementations
from spshipping.sandbox.orders.by_seller import OrdersBySeller, OrderSupply
from spshipping.sandbox.orders.operations_v0 import OrdersV0
from spshipping.sandbox.orders.operations_v2026 import OrdersV2026
from spshipping.sandbox.orders.seller_orders import Change, StoredOrder

__all__ = ["OrderSupply", "Orders"]


class Orders:
    """Both Orders APIs, and the orders that they return."""

    def __init__(
        self, supply: OrderSupply, clock: SandboxClock, listener: Callable[[str, Change, StoredOrder], None]
    ) -> None:
        self.by_seller: OrdersBySeller = OrdersBySeller(supply, clock, listener)
        self.implementations: Implementations = {
            **OrdersV0(self.by_seller).implementations,
            **OrdersV2026(self.by_seller).implementations,
        }
