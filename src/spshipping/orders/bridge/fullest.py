"""Reads orders from Orders 2026-01-01, and completes them and their items from Orders v0."""

import logging
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta

from spshipping.errors import NotFoundError
from spshipping.facade import Context
from spshipping.orders.bridge.complete import complete
from spshipping.orders.bridge.source_v0 import MOST_IDS, V0Source
from spshipping.orders.order import AmazonOrder
from spshipping.orders.selection import Search, Selection
from spshipping.orders.source import Listener, RetrievalPlan, one_by_one
from spshipping.orders.source_v2026 import Page, V2026Source
from spshipping.orders.v0 import GET_ORDER_ITEMS, GET_ORDERS
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync.passes import latest
from spshipping.transport.log import log


class FullestSource:
    """Reads orders from 2026-01-01, and completes them from v0: a call for the items of each."""

    def __init__(self, context: Context, selection: Selection) -> None:
        self._context = context
        self._has_items = selection.has_items
        self._v2026 = V2026Source(context, selection)
        self._v0 = V0Source(context, selection)

    async def one(self, order_id: str) -> AmazonOrder:
        """Return one order; as it is in 2026-01-01 where Orders v0 has none."""
        order = await self._v2026.one(order_id)
        try:
            other = await self._v0.one(order_id)
        except NotFoundError:
            return order
        return complete(order, other)

    def many(self, order_ids: Sequence[str]) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of these ids, and raise the first error in the end."""
        return one_by_one(self.one, dict.fromkeys(order_ids))

    def search(
        self, search: Search, on_progress: Listener | None = None
    ) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of all pages; a page is requested when it is reached."""
        return self._search(self._v2026.pages(search), search, on_progress)

    async def _search(
        self, pages: AsyncGenerator[Page, None], search: Search, on_progress: Listener | None
    ) -> AsyncGenerator[AmazonOrder, None]:
        is_first = True
        async with aclosing(pages):
            async for page in pages:
                if is_first:
                    await self._announce(page, search, on_progress)
                    is_first = False
                async with aclosing(self._completed(page.orders, search.marketplace_ids[0])) as orders:
                    async for order in orders:
                        yield order

    async def _completed(
        self, orders: Sequence[AmazonOrder], marketplace_id: str
    ) -> AsyncGenerator[AmazonOrder, None]:
        places = {order.amazon_order_id: order.marketplace_id or marketplace_id for order in orders}
        found: dict[str, AmazonOrder | None] = {}
        async with aclosing(self._v0.counterparts(places)) as others:
            for order in orders:
                if order.amazon_order_id not in found:
                    found[order.amazon_order_id] = await anext(others)
                other = found[order.amazon_order_id]
                yield complete(order, other) if other else order

    async def _announce(self, page: Page, search: Search, on_progress: Listener | None) -> None:
        """Say how many calls the search takes, and how long that is."""
        plan = await self._plan(page, search)
        log(
            logging.INFO,
            "orders with all that Orders v0 has of their items: %s%d orders take %d calls and %s",
            "about " if plan.is_estimate else "",
            plan.orders,
            plan.calls,
            timedelta(seconds=round(plan.seconds)),
        )
        if on_progress is not None:
            await self._context.io.hook(on_progress, plan)

    async def _plan(self, page: Page, search: Search) -> RetrievalPlan:
        orders = len(page.orders)
        if not page.is_last:
            orders = max(orders + 1, round(orders / self._share(page, search)))
        pages = math.ceil(orders / max(1, len(page.orders))) if orders else 1
        lists = pages * math.ceil(len(page.orders) / MOST_IDS)
        items = orders if self._has_items else 0
        seconds = 0.0
        # the first page has come already, and each operation's quota fills while another's is waited for
        for operation, count in ((SEARCH_ORDERS, pages - 1), (GET_ORDERS, lists), (GET_ORDER_ITEMS, items)):
            state = await self._context.sender.quota(operation)
            seconds = max(seconds, (count - state.left) / state.rate)
        return RetrievalPlan(orders, pages + lists + items, seconds, not page.is_last)

    def _share(self, page: Page, search: Search) -> float:
        """Return how much of the span of time the first page covers; 1 where that cannot be said."""
        after = search.created_after or search.updated_after
        before = search.created_before or search.updated_before or latest(self._context.clock)
        found = [
            order.purchase_date if search.created_after else order.last_update_date for order in page.orders
        ]
        times = [time for time in found if time is not None]
        if after is None or not times or before <= after:
            return 1.0
        share = (max(times) - after) / (before - after)
        return share if 0 < share < 1 else 1.0
