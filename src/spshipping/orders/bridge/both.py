"""Reads orders from Orders 2026-01-01, with the fields of the order that only Orders v0 has."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from spshipping.errors import SpShippingError
from spshipping.facade import Context
from spshipping.orders.bridge.completion import Completion
from spshipping.orders.bridge.source_v0 import MOST_IDS
from spshipping.orders.order import AmazonOrder
from spshipping.orders.selection import Search, Selection
from spshipping.orders.source import Listener
from spshipping.orders.source_v2026 import Page, V2026Source


class BothSource:
    """Reads orders, their items and their people from 2026-01-01, and completes them from v0 page by page."""

    def __init__(self, context: Context, selection: Selection) -> None:
        self._context = context
        self._selection = selection
        self._v2026 = V2026Source(context, selection)

    async def one(self, order_id: str) -> AmazonOrder:
        """Return one order: a call on each API."""
        order = await self._v2026.one(order_id)
        return await self._completion().one(order)

    def search(
        self,
        search: Search,
        on_progress: Listener | None = None,  # noqa: ARG002 - it is as fast as 2026-01-01 alone
    ) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of all pages; a page is requested when it is reached."""
        return self._search(self._v2026.pages(search), self._completion(search))

    async def many(self, order_ids: Sequence[str]) -> AsyncGenerator[AmazonOrder, None]:
        """Yield the orders of these ids, fifty at a time, and raise the first error in the end."""
        completion = self._completion()
        first: SpShippingError | None = None
        waiting: list[AmazonOrder] = []
        async with aclosing(self._v2026.many(order_ids)) as found:
            while True:
                try:
                    waiting.append(await anext(found))
                except StopAsyncIteration:
                    break
                except SpShippingError as error:
                    first = error
                    break
                if len(waiting) == MOST_IDS:
                    for order in await completion.listed(waiting):
                        yield order
                    waiting = []
        for order in await completion.listed(waiting):
            yield order
        if first is not None:
            raise first

    def _completion(self, search: Search | None = None) -> Completion:
        return Completion(self._context, self._selection, search)

    async def _search(
        self, pages: AsyncGenerator[Page, None], completion: Completion
    ) -> AsyncGenerator[AmazonOrder, None]:
        async with aclosing(pages):
            async for page in pages:
                for order in await completion.page(page.orders):
                    yield order
                del page  # it is large, and the next one is as large
