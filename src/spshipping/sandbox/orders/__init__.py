"""One set of made-up orders, told by Orders v0 and by Orders 2026-01-01."""

from collections.abc import Callable, Iterator
from typing import Any

from spshipping.operation import Operation
from spshipping.sandbox.app import Action
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.orders import reading_v0, reading_v2026, writing
from spshipping.sandbox.orders.book import Change, Entry
from spshipping.sandbox.orders.books import Books, OrderSupply

__all__ = ["OrderSupply", "Orders"]


class Orders:
    """Both Orders APIs, and what they remember."""

    def __init__(
        self, supply: OrderSupply, clock: SandboxClock, listener: Callable[[str, Change, Entry], None]
    ) -> None:
        self.books: Books = Books(supply, clock, listener)

    def actions(self) -> Iterator[tuple[Operation[Any], Action]]:
        """Yield each operation, and what answers it."""
        for module in (reading_v0, reading_v2026, writing):
            yield from module.actions(self.books).items()
