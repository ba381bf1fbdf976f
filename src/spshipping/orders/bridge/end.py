"""When Orders v0 ends, and the source that is used until then."""

import inspect
import warnings
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

from spshipping.errors import NotFoundError
from spshipping.facade import Context
from spshipping.orders.bridge.complete import complete
from spshipping.orders.bridge.source_v0 import V0Source
from spshipping.orders.order import AmazonOrder
from spshipping.orders.selection import Search, Selection
from spshipping.orders.source import OrderSource, Source
from spshipping.orders.source_v2026 import V2026Source

END_OF_V0 = datetime(2027, 3, 27, tzinfo=UTC)
"""When Amazon switches off reading with Orders v0.

Source: https://developer-docs.amazon.com/sp-api/docs/orders-api-migration-guide
"""


def source_of(context: Context, source: OrderSource | None, selection: Selection) -> Source:
    """Return what reads orders from *source*; None means the default at this time."""
    if source is OrderSource.V0:
        _warn()
        return V0Source(context, selection)
    if source is OrderSource.FULLEST or (source is None and context.clock.now() < END_OF_V0):
        return FullestSource(context, selection)
    return V2026Source(context, selection)


def _warn() -> None:
    """Warn at the line that called this package."""
    frame = inspect.currentframe()
    level = 1
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "spshipping":
        frame = frame.f_back
        level += 1
    warnings.warn(
        "Amazon switches off reading with Orders v0 on 27 March 2027: leave source= out, or use"
        " OrderSource.V2026",
        DeprecationWarning,
        stacklevel=level,
    )


class FullestSource:
    """Reads orders from Orders 2026-01-01, and completes them from Orders v0."""

    def __init__(self, context: Context, selection: Selection) -> None:
        self._context = context
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

    def search(self, search: Search) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of all pages; a page is requested when it is reached."""
        return self._completed(self._v2026.pages(search), search.marketplace_ids[0])

    async def _completed(
        self, pages: AsyncGenerator[list[AmazonOrder], None], marketplace_id: str
    ) -> AsyncGenerator[AmazonOrder, None]:
        async with aclosing(pages):
            async for orders in pages:
                places = {order.amazon_order_id: order.marketplace_id or marketplace_id for order in orders}
                found: dict[str, AmazonOrder | None] = {}
                async with aclosing(self._v0.counterparts(places)) as others:
                    for order in orders:
                        if order.amazon_order_id not in found:
                            found[order.amazon_order_id] = await anext(others)
                        other = found[order.amazon_order_id]
                        yield complete(order, other) if other else order
