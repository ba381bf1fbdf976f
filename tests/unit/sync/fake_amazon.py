"""Amazon as far as a fleet needs it: many sellers whose orders change in virtual time, without a network."""

import json
from bisect import bisect_left, insort
from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from spshipping import Client, Marketplace
from spshipping.auth.cache import TokenCache
from spshipping.clock import Clock
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.wire.times import read_time, write_time
from tests.kit import answer, credentials


class OrderState(NamedTuple):
    """An order's last change, by which it is found."""

    time: datetime
    id: str


class FakeAmazon:
    """Carries requests: signs sellers in by their refresh tokens, searches their orders, and returns one."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._orders: dict[str, list[OrderState]] = {}
        self._times: dict[str, dict[str, datetime]] = {}
        self.searches: Counter[str] = Counter()
        self.fetches: Counter[str] = Counter()

    def change(self, seller: str, order_id: str, time: datetime) -> None:
        """Let an order change."""
        times, orders = self._times.setdefault(seller, {}), self._orders.setdefault(seller, [])
        if order_id in times:
            orders.remove(OrderState(times[order_id], order_id))
        times[order_id] = time
        insort(orders, OrderState(time, order_id))

    def times(self, seller: str) -> dict[str, datetime]:
        """Return when each order of a seller was last changed."""
        return self._times.get(seller, {})

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        request.was_sent = True
        url = urlsplit(request.url)
        if url.path == "/auth/o2/token":
            assert request.body is not None
            (token,) = parse_qs(request.body.decode())["refresh_token"]
            return answer(200, {"access_token": token.replace("Atzr", "Atza"), "expires_in": 36_000})
        seller = request.headers["x-amz-access-token"].removeprefix("Atza|")
        if url.path == "/orders/2026-01-01/orders":
            self.searches[seller] += 1
            return answer(200, self._search(seller, parse_qs(url.query)))
        order_id = url.path.rsplit("/", 1)[1]
        self.fetches[seller] += 1
        return answer(200, {"order": _order(OrderState(self._times[seller][order_id], order_id))})

    def _search(self, seller: str, query: dict[str, list[str]]) -> dict[str, Any]:
        orders = self._orders.get(seller, [])
        after, before = (read_time(query[name][0]) for name in ("lastUpdatedAfter", "lastUpdatedBefore"))
        first = json.loads(query["paginationToken"][0]) if "paginationToken" in query else None
        begin = bisect_left(
            orders, OrderState(after, "") if first is None else (read_time(first[0]), first[1])
        )
        found = [order for order in orders[begin : begin + self._page + 1] if order.time <= before]
        answered: dict[str, Any] = {
            "orders": [_order(order) for order in found[: self._page]],
            "lastUpdatedBefore": query["lastUpdatedBefore"][0],
        }
        if len(found) > self._page:
            following = found[self._page]
            answered["pagination"] = {"nextToken": json.dumps([write_time(following.time), following.id])}
        return answered

    def close(self) -> None:
        pass


def client_at(amazon: FakeAmazon, clock: Clock) -> Client:
    """Return a client of *amazon*, with tokens of its own."""
    return Client(credentials(), Marketplace.UK, transport=amazon, clock=clock, token_cache=TokenCache(clock))


def _order(order: OrderState) -> dict[str, Any]:
    return {
        "orderId": order.id,
        "createdTime": "2026-01-01T00:00:00Z",
        "lastUpdatedTime": write_time(order.time),
        "salesChannel": {"channelName": "AMAZON"},
        "orderItems": [],
    }
