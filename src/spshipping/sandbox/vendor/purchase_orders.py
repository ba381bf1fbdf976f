"""The purchase orders of one vendor group as time advances."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import partial
from random import Random

from spshipping.sandbox.clock import DAY, HOUR
from spshipping.sandbox.pages import Key
from spshipping.sandbox.vendor.agenda import Agenda
from spshipping.sandbox.vendor.generate import (
    CHANGES,
    PurchaseOrderSupply,
    apply_change,
    change_of,
    created_at,
    generate,
)
from spshipping.sandbox.vendor.record import ACKNOWLEDGED, CLOSED, Answer, PurchaseOrder


class PurchaseOrders:
    """The purchase orders, those to come included."""

    def __init__(self, supply: PurchaseOrderSupply, seed: str, start: int, agenda: Agenda) -> None:
        self._supply = supply
        self._seed = seed
        self._start = start
        self._agenda = agenda
        self._orders: dict[str, PurchaseOrder] = {}
        self._keys: list[Key] = []
        self._sorted: list[PurchaseOrder] = []
        self._plan(0)

    def _plan(self, index: int) -> None:
        self._agenda.add(created_at(self._supply, self._start, index), partial(self._place, index))

    def _place(self, index: int, time: int) -> None:
        self._plan(index + 1)
        order = generate(self._supply, self._seed, index, time)
        self._agenda.add(order.available, partial(self._show, order))
        change = change_of(self._seed, index)
        if change:
            self._agenda.add(time + change.after, partial(apply_change, order, change.what))
        if time < self._start - self._supply.answered * DAY:
            self._live_through(order)

    def _show(self, order: PurchaseOrder, _time: int) -> None:
        self._orders[order.number] = order
        key = (order.available, order.index)
        place = bisect_left(self._keys, key)
        self._keys.insert(place, key)
        self._sorted.insert(place, order)

    def _live_through(self, order: PurchaseOrder) -> None:
        """Plan what became of an order of the past: it was acknowledged, and most of it has arrived."""
        chance = Random(f"{self._seed}/{order.index}/past")  # noqa: S311 - not for secrets
        self._agenda.add(order.available + chance.randint(HOUR, 20 * HOUR), partial(_answer, order))
        self._agenda.add(order.window[1] + chance.randint(0, 3 * DAY), partial(_receive, order))

    def find(self, number: str) -> PurchaseOrder | None:
        """Return the purchase order of this number, blanks around it or not."""
        return self._orders.get(number.strip())

    def let_change(self, number: str | None, what: str, time: int) -> PurchaseOrder:
        """Change a purchase order now, as Amazon does.

        Args:
            number: of the purchase order; None for the newest that is open.
            what: as in `Change.what`.
            time: now.

        Raises:
            ValueError: there is no such purchase order that is open, or no such change.
        """
        if what not in CHANGES:
            raise ValueError(f"change is one of {', '.join(CHANGES)}")
        if number is None:
            found = next((order for order in reversed(self._sorted) if order.state != CLOSED), None)
        else:
            found = self.find(number)
        if found is None or found.state == CLOSED:
            raise ValueError("there is no such purchase order that is open")
        apply_change(found, what, max(time, found.updated + 1))
        return found

    def between(
        self, after: float, before: float, start: Key | None, *, is_descending: bool
    ) -> Iterator[tuple[Key, PurchaseOrder]]:
        """Yield those that became available between two times, from the one after *start* on."""
        low, high = bisect_left(self._keys, (int(after), -1)), bisect_right(self._keys, (int(before), 2**40))
        if start and is_descending:
            high = min(high, bisect_left(self._keys, start))
        elif start:
            low = max(low, bisect_right(self._keys, start))
        places = range(high - 1, low - 1, -1) if is_descending else range(low, high)
        for place in places:
            yield self._keys[place], self._sorted[place]


def _answer(order: PurchaseOrder, time: int) -> None:
    if order.state == CLOSED:
        return
    chance = Random(f"{order.number}/answers")  # noqa: S311 - not for secrets
    for line in order.lines:
        rejected = line.ordered * chance.choices((0, 1, 2), (85, 10, 5))[0] // 2
        if line.ordered:
            line.answers.append(Answer(time, line.ordered - rejected, rejected))
    order.enter(ACKNOWLEDGED, time)
    order.close_if_done(time)


def _receive(order: PurchaseOrder, time: int) -> None:
    if order.state == CLOSED or any(line.shipped for line in order.lines):
        return  # or received as its shipment confirmation says
    chance = Random(f"{order.number}/receipts")  # noqa: S311 - not for secrets
    for line in order.lines:
        line.shipped = line.accepted
        line.received = line.accepted * chance.choices((2, 1, 0), (92, 5, 3))[0] // 2
        line.received_at = time if line.received else None
    order.enter(CLOSED, time)
