"""A seller's orders as time goes on: who knows what by now, and what has changed since."""

import heapq
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.orders.data import draw
from spshipping.sandbox.orders.life import Life, Rhythm
from spshipping.sandbox.orders.record import Order, text

Key = tuple[int, int]
"""The time by which orders are sorted, and the number that tells apart those of the same second."""


class Change(NamedTuple):
    """One change of an order."""

    number: int
    """Counted from 1, in the order in which the APIs show them."""
    order_id: str
    time: int
    """The order's last update, from then on."""
    seen: int
    """When the APIs show it: a little later, where it is late."""
    status: str
    kind: str
    """`OrderStatusChange` or `BuyerRequestedChange`."""

    def as_dict(self) -> dict[str, Any]:
        """Return it, fit for JSON."""
        return {**self._asdict(), "time": text(self.time), "seen": text(self.seen)}


class Entry:
    """One order of the book, and how far it is."""

    __slots__ = ("index", "kept", "life", "status", "updated")

    def __init__(self, life: Life) -> None:
        self.life: Life = life
        self.index: int = -1
        self.status: str = ""
        self.updated: int = 0
        self.kept: Order | None = None
        """The order whole, once its seller has changed it; then nothing changes it but the seller."""

    def order(self) -> Order:
        """Return the order as it is now."""
        return self.kept or draw(self.life, self.index)


Listener = Callable[[Change, Entry], None]


class Book:
    """The orders of one seller."""

    def __init__(self, rhythm: Rhythm, clock: SandboxClock, listener: Listener) -> None:
        self.lock: AbstractContextManager[Any] = threading.RLock()
        self._rhythm = rhythm
        self._clock = clock
        self._listener = listener
        self._entries: dict[str, Entry] = {}
        self._waiting: list[tuple[int, int, Entry]] = []
        self._next = rhythm.life(0)
        self._sorted: dict[str, list[tuple[Key, Entry]]] = {}
        self._changes: list[Change] = []

    def now(self) -> int:
        """Let everything happen that is due, and return the time."""
        now = int(self._clock.now().timestamp())
        with self.lock:
            while self._next.created <= now:
                life = self._next
                heapq.heappush(self._waiting, (life.steps[0].seen, life.number, Entry(life)))
                self._next = self._rhythm.life(life.number + 1)
            while self._waiting and self._waiting[0][0] <= now:
                _, number, entry = heapq.heappop(self._waiting)
                if entry.kept is None:
                    self._go_on(entry)
                    if entry.index + 1 < len(entry.life.steps):
                        following = entry.life.steps[entry.index + 1]
                        heapq.heappush(self._waiting, (following.seen, number, entry))
        return now

    def _go_on(self, entry: Entry) -> None:
        entry.index += 1
        step = entry.life.steps[entry.index]
        entry.status, entry.updated = step.status, step.time
        self._entries[entry.life.id] = entry
        self._note(entry, step.seen, "BuyerRequestedChange" if step.asks_to_cancel else "OrderStatusChange")

    def _note(self, entry: Entry, seen: int, kind: str) -> None:
        self._sorted.clear()
        number = len(self._changes) + 1
        change = Change(number, entry.life.id, entry.updated, seen, entry.status, kind)
        self._changes.append(change)
        self._listener(change, entry)

    def orders(self) -> list[Order]:
        """Return every order as it is now, oldest first."""
        with self.lock:
            return [entry.order() for _, entry in self.between("created", 0, self.now(), None)]

    def changes(self, after: int = 0) -> list[Change]:
        """Return what has changed by now, oldest first, without the first *after* changes."""
        with self.lock:
            self.now()
            return self._changes[after:]

    def find(self, order_id: str) -> Entry | None:
        """Return the order with this id, if the APIs show it by now."""
        with self.lock:
            self.now()
            return self._entries.get(order_id)

    def write(self, entry: Entry, order: Order) -> None:
        """Keep *order*, which its seller has changed just now; the APIs show it at once."""
        with self.lock:
            now = self.now()
            # two changes within a second must not look like one
            order.updated = max(now, entry.updated + 1)
            entry.kept, entry.status, entry.updated = order, order.status, order.updated
            self._note(entry, now, "OrderStatusChange")

    def between(self, by: str, after: int, before: int, start: Key | None) -> Iterator[tuple[Key, Entry]]:
        """Yield the orders from *after* to *before*, both included, sorted by `updated` or `created`.

        Args:
            by: which time counts.
            after: the first second.
            before: the last second.
            start: go on behind this key.
        """
        with self.lock:
            found = self._sorted.get(by)
            if found is None:
                found = sorted(((_key(entry, by), entry) for entry in self._entries.values()), key=_first)
                self._sorted[by] = found
        for key, entry in found[_position(found, start or (after, -1)) :]:
            if key[0] > before:
                return
            yield key, entry


def _first(pair: tuple[Key, Entry]) -> Key:
    return pair[0]


def _key(entry: Entry, by: str) -> Key:
    return (entry.updated if by == "updated" else entry.life.created, entry.life.number)


def _position(found: list[tuple[Key, Entry]], start: Key) -> int:
    """Return the index of the first order behind *start*."""
    return bisect_right(found, start, key=_first)
