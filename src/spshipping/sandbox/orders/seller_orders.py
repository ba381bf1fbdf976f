"""The orders of one seller as time advances, and their changes."""

import heapq
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.orders.generate import CANCEL_REASON, generate_order, moved_on
from spshipping.sandbox.orders.record import STATUSES, Order
from spshipping.sandbox.orders.schedule import OrderPlan, Schedule
from spshipping.sandbox.pages import Key

STATUS_CHANGE = "OrderStatusChange"
CANCELLATION_REQUEST = "BuyerRequestedChange"
"""The kinds of change, in the words of ORDER_CHANGE."""


FOLLOWING = {
    "PendingAvailability": "Pending",
    "Pending": "Unshipped",
    "Unshipped": "Shipped",
    "PartiallyShipped": "Shipped",
    "InvoiceUnconfirmed": "Shipped",
}
"""The status that usually follows; one that is not here is final."""


class Change(NamedTuple):
    """One change of an order."""

    number: int
    """Counted from 1, in the order in which the APIs return them."""
    order_id: str
    time: int
    """The order's last update, from then on."""
    seen: int
    """When the APIs return it for the first time: at that time, or a little later."""
    status: str
    kind: str
    """`STATUS_CHANGE` or `CANCELLATION_REQUEST`."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**self._asdict(), "time": write_time(self.time), "seen": write_time(self.seen)}


class StoredOrder:
    """One order, and how far its plan has been carried out."""

    __slots__ = ("edited", "plan", "status", "step", "updated")

    def __init__(self, plan: OrderPlan) -> None:
        self.plan: OrderPlan = plan
        self.step: int = -1
        self.status: str = ""
        self.updated: int = 0
        self.edited: Order | None = None
        """The whole order, once its seller has changed it; its plan is then no longer carried out."""

    def order(self) -> Order:
        """Return the order in its present state."""
        return self.edited or generate_order(self.plan, self.step)


Listener = Callable[[Change, StoredOrder], None]


class SellerOrders:
    """The orders of one seller."""

    def __init__(self, schedule: Schedule, clock: SandboxClock, listener: Listener) -> None:
        self.lock: AbstractContextManager[Any] = threading.RLock()
        self._schedule = schedule
        self._clock = clock
        self._listener = listener
        self._orders: dict[str, StoredOrder] = {}
        self._waiting: list[tuple[int, int, StoredOrder]] = []
        self._next = schedule.plan(0)
        self._sorted: dict[str, list[tuple[Key, StoredOrder]]] = {}
        self._changes: list[Change] = []

    def update(self) -> int:
        """Carry out every change that is due, and return the time."""
        now = int(self._clock.now().timestamp())
        with self.lock:
            while self._next.created <= now:
                plan = self._next
                heapq.heappush(self._waiting, (plan.steps[0].seen, plan.number, StoredOrder(plan)))
                self._next = self._schedule.plan(plan.number + 1)
            while self._waiting and self._waiting[0][0] <= now:
                _, number, stored = heapq.heappop(self._waiting)
                if stored.edited is None:
                    self._advance(stored)
                    if stored.step + 1 < len(stored.plan.steps):
                        following = stored.plan.steps[stored.step + 1]
                        heapq.heappush(self._waiting, (following.seen, number, stored))
        return now

    def _advance(self, stored: StoredOrder) -> None:
        stored.step += 1
        step = stored.plan.steps[stored.step]
        stored.status, stored.updated = step.status, step.time
        self._orders[stored.plan.id] = stored
        self._record(stored, step.seen, CANCELLATION_REQUEST if step.requests_cancellation else STATUS_CHANGE)

    def _record(self, stored: StoredOrder, seen: int, kind: str) -> None:
        self._sorted.clear()
        number = len(self._changes) + 1
        change = Change(number, stored.plan.id, stored.updated, seen, stored.status, kind)
        self._changes.append(change)
        self._listener(change, stored)

    def orders(self) -> list[Order]:
        """Return every order in its present state, oldest first."""
        with self.lock:
            return [stored.order() for _, stored in self.between("created", 0, self.update(), None)]

    def changes(self, after: int = 0) -> list[Change]:
        """Return the changes so far, oldest first, without the first *after* changes."""
        with self.lock:
            self.update()
            return self._changes[after:]

    def find(self, order_id: str) -> StoredOrder | None:
        """Return the order with this id, if the APIs return it by now."""
        with self.lock:
            self.update()
            return self._orders.get(order_id)

    def replace(self, stored: StoredOrder, order: Order, kind: str = STATUS_CHANGE) -> None:
        """Store *order*, which has just been changed; the APIs return it at once."""
        with self.lock:
            now = self.update()
            # two changes within a second must have different times
            order.updated = max(now, stored.updated + 1)
            stored.edited, stored.status, stored.updated = order, order.status, order.updated
            self._record(stored, now, kind)

    def let_change(
        self, order_id: str | None, status: str | None, kind: str | None
    ) -> tuple[Change, StoredOrder]:
        """Change an order now, as time or its buyer would.

        Args:
            order_id: the order; None for the newest that can change.
            status: the status that it gets; None for the one that comes next.
            kind: of the change; None for `STATUS_CHANGE`.

        Raises:
            ValueError: there is no such order, status or kind, or it cannot change.
        """
        kind = kind or STATUS_CHANGE
        if kind not in (STATUS_CHANGE, CANCELLATION_REQUEST):
            raise ValueError(f"change is {STATUS_CHANGE} or {CANCELLATION_REQUEST}")
        if status is not None and status not in STATUSES:
            raise ValueError(f"status is one of {', '.join(STATUSES)}")
        with self.lock:
            self.update()
            stored = self._to_change(order_id)
            order = stored.order()
            if kind == CANCELLATION_REQUEST:
                order.items[0].cancel_reason = CANCEL_REASON
            else:
                order = moved_on(stored.plan, stored.step, order, status or FOLLOWING[order.status])
            self.replace(stored, order, kind)
            return self._changes[-1], stored

    def _to_change(self, order_id: str | None) -> StoredOrder:
        if order_id is None:
            can_change = (one for one in self._orders.values() if one.status in FOLLOWING)
            found = max(can_change, key=lambda one: one.plan.number, default=None)
        else:
            found = self._orders.get(order_id)
        if found is None or found.status not in FOLLOWING:
            raise ValueError("there is no such order that can still change")
        return found

    def between(
        self, by: str, after: int, before: int, start: Key | None
    ) -> Iterator[tuple[Key, StoredOrder]]:
        """Yield the orders from *after* to *before*, both included, sorted by `updated` or `created`.

        Args:
            by: the time that counts.
            after: the first second.
            before: the last second.
            start: continue after this key.
        """
        with self.lock:
            found = self._sorted.get(by)
            if found is None:
                pairs = ((_key(stored, by), stored) for stored in self._orders.values())
                found = self._sorted[by] = sorted(pairs, key=_first)
        for key, stored in found[bisect_right(found, start or (after, -1), key=_first) :]:
            if key[0] > before:
                return
            yield key, stored


def _first(pair: tuple[Key, StoredOrder]) -> Key:
    return pair[0]


def _key(stored: StoredOrder, by: str) -> Key:
    return (stored.updated if by == "updated" else stored.plan.created, stored.plan.number)
