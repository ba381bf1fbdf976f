"""The order books of all sellers, each opened when it is first asked for."""

import dataclasses
import re
import threading
from collections.abc import Callable

from spshipping.sandbox.answers import invalid_input, not_found
from spshipping.sandbox.app import Asked
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.orders.book import Book, Change, Entry
from spshipping.sandbox.orders.life import Rhythm

_ID = re.compile(r"\d{3}-\d{7}-\d{7}", re.ASCII)


@dataclasses.dataclass(frozen=True)
class OrderSupply:
    """How many orders a seller has, and how they come."""

    count: int = 300
    """When the sandbox begins."""
    seed: int = 0
    days: float = 30.0
    """Over how many days they were placed; later ones come as often."""
    late: float = 5.0
    """Seconds after which the APIs show a change, at most."""


class Books:
    """The books, by seller."""

    def __init__(
        self, supply: OrderSupply, clock: SandboxClock, listener: Callable[[str, Change, Entry], None]
    ) -> None:
        self._supply = supply
        self._clock = clock
        self._listener = listener
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin anew, now."""
        with self._lock:
            self._start = int(self._clock.now().timestamp())
            self._open: dict[str, Book] = {}

    def catch_up(self) -> None:
        """Let everything happen that is due, for every seller whose book is open."""
        with self._lock:
            books = list(self._open.values())
        for book in books:
            book.now()

    def of(self, seller: str) -> Book:
        """Return the book of one seller."""
        with self._lock:
            if seller not in self._open:
                had = self._supply
                rhythm = Rhythm(f"{had.seed}/{seller}", self._start, had.count, had.days, had.late)
                self._open[seller] = Book(rhythm, self._clock, lambda *of: self._listener(seller, *of))
            return self._open[seller]

    def entry_of(self, asked: Asked) -> Entry:
        """Return the order that a request names.

        Raises:
            RefusedError: there is none, or that is no order's id.
        """
        order_id = asked.path["orderId"]
        if not _ID.fullmatch(order_id):
            raise invalid_input("Invalid Input", f"{order_id} is no order id in 3-7-7 format")
        entry = self.of(asked.seller).find(order_id)
        if entry is None:
            raise not_found(f"There is no order {order_id}")
        return entry
