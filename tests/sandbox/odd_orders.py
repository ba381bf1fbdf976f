"""A sandbox whose searches for orders are odd now and then, in ways that no fault of its own is."""

import json
import threading
from random import Random
from typing import Any

import pytest
from werkzeug import Request

from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Sent
from spshipping.sandbox.orders import OrderSupply, search
from spshipping.sandbox.orders.record import Place
from spshipping.sandbox.orders.schedule import Schedule
from spshipping.sandbox.responses import as_json
from spshipping.sandbox.vendor import PurchaseOrderSupply

SEARCH_PATH = "/orders/2026-01-01/orders"
ODD_TIMES: tuple[Any, ...] = (
    None,
    "",
    "soon",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "2099-01-01T00:00:00Z",
    7,
    {},
)
"""What stands in place of an order's last change; `MISSING` in place of nothing."""
MISSING = object()
_ERRORS = [{"code": "InternalFailure", "message": "We encountered an internal error. Please try again."}]
_FOR_EVER = -(10**9)


class OddSandbox(Sandbox):
    """Answers some searches with errors, and some orders with a time that cannot be.

    While `takes_future` is set, the end of a search may lie in the future.
    """

    def __init__(
        self, supply: OrderSupply, seed: int, purchase_orders: int | PurchaseOrderSupply = 300
    ) -> None:
        super().__init__(orders=supply, purchase_orders=purchase_orders)
        self.takes_future = False
        self.odd_times = 0
        self.errors = 0
        self._chance = Random(seed)
        self._turns = threading.Lock()

    def respond(self, request: Request, body: bytes, connection: int) -> Sent:
        """Answer one request."""
        if request.path != SEARCH_PATH:
            return super().respond(request, body, connection)
        with self._turns:
            lag, search.LAG = search.LAG, _FOR_EVER if self.takes_future else search.LAG
            try:
                sent = super().respond(request, body, connection)
            finally:
                search.LAG = lag
            response = sent.response
            if response is None or response.status != 200 or _is_framed(response.headers):
                return sent
            data = json.loads(response.body)
            if not isinstance(data.get("orders"), list):
                return sent  # another fault has struck it
            return sent._replace(response=response._replace(body=as_json(self._oddly(data))))

    def _oddly(self, data: dict[str, Any]) -> dict[str, Any]:
        chance = self._chance.random()
        if chance < 0.06:
            self.errors += 1
            # nothing beside them, or some of the orders
            return {"orders": data["orders"][: 0 if chance < 0.04 else 3], "errors": _ERRORS}
        for order in data["orders"]:
            if isinstance(order, dict) and self._chance.random() < 0.05:
                self.odd_times += 1
                odd = self._chance.choice((MISSING, *ODD_TIMES))
                order["lastUpdatedTime"] = odd
                if odd is MISSING:
                    del order["lastUpdatedTime"]
        return data


def _is_framed(headers: Any) -> bool:
    return any(name in headers for name in ("Content-Length", "Transfer-Encoding", "Content-Encoding"))


def let_times_be_equal(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """Let, of a share of all orders, one change have the time of the change before."""
    whole = Schedule._changes

    def changes(
        self: Schedule, chance: Random, place: Place, channel: str, kind: str, *, is_amazon: bool
    ) -> list[tuple[int, str, bool]]:
        made = whole(self, chance, place, channel, kind, is_amazon=is_amazon)
        if len(made) > 1 and chance.random() < share:
            index = chance.randrange(1, len(made))
            made[index] = (0, *made[index][1:])
        return made

    monkeypatch.setattr(Schedule, "_changes", changes)
