"""The orders of all sellers; a seller's orders are generated when they are first requested."""

import dataclasses
import re
import threading
from collections.abc import Callable
from functools import partial

from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.operations import ApiRequest
from spshipping.sandbox.orders.schedule import Schedule
from spshipping.sandbox.orders.seller_orders import Change, SellerOrders, StoredOrder
from spshipping.sandbox.refusals import NOT_FOUND, invalid_input, refused

_ID = re.compile(r"\d{3}-\d{7}-\d{7}", re.ASCII)


@dataclasses.dataclass(frozen=True)
class OrderSupply:
    """How many orders each seller has, and at what rate new ones are placed."""

    count: int = 300
    """How many there are when the sandbox starts."""
    seed: int = 0
    days: float = 30.0
    """Over how many days they were placed; new ones are placed at the same rate."""
    late: float = 5.0
    """Seconds until the APIs return a change, at most."""
    needs_date: bool = False
    """Whether Orders v0 refuses ids without a date beside them."""


class OrdersBySeller:
    """The orders of each seller."""

    def __init__(
        self, supply: OrderSupply, clock: SandboxClock, listener: Callable[[str, Change, StoredOrder], None]
    ) -> None:
        self.supply: OrderSupply = supply
        self._clock = clock
        self._listener = listener
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Generate all orders anew, as of now."""
        with self._lock:
            self._start = int(self._clock.now().timestamp())
            self._sellers: dict[str, SellerOrders] = {}

    def update(self) -> None:
        """Carry out every change that is due, for every seller whose orders were requested before."""
        with self._lock:
            sellers = list(self._sellers.values())
        for orders in sellers:
            orders.update()

    def of(self, seller: str) -> SellerOrders:
        """Return the orders of one seller."""
        with self._lock:
            if seller not in self._sellers:
                supply = self.supply
                schedule = Schedule(
                    f"{supply.seed}/{seller}", self._start, supply.count, supply.days, supply.late
                )
                self._sellers[seller] = SellerOrders(schedule, self._clock, partial(self._listener, seller))
            return self._sellers[seller]

    def find(self, request: ApiRequest) -> StoredOrder:
        """Return the order that a request names in its path.

        Raises:
            RefusedError: there is none, or the id is malformed.
        """
        order_id = request.path["orderId"]
        if not _ID.fullmatch(order_id):
            raise invalid_input("Invalid Input", f"{order_id} is not an order id in 3-7-7 format")
        stored = self.of(request.seller).find(order_id)
        if stored is None:
            raise refused(NOT_FOUND, f"There is no order {order_id}")
        return stored
