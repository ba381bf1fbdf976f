"""`OrderSync` and `AsyncOrderSync`: the orders that changed, none missed, with few searches."""

from collections.abc import AsyncGenerator, Callable, Container, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Unpack

from spshipping.operation import CallOptions
from spshipping.orders import feed as feeds
from spshipping.orders.feed import MOST_PER_PAGE, OrderFeed
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import FulfillmentChannel
from spshipping.orders.source import OrderSource
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.regions import Marketplace
from spshipping.sync import AsyncSync, CheckpointStore, Sync, SyncProgress
from spshipping.transport.io import iterate

if TYPE_CHECKING:
    from spshipping.orders.api import OrdersApi
    from spshipping.orders.api_async import AsyncOrdersApi

DAY = timedelta(days=1)
OVERLAP = timedelta(minutes=10)


class OrderSync(Sync[AmazonOrder]):
    """Yields the orders that changed since a checkpoint, each change at least once, and none skipped.

    It searches Orders 2026-01-01 by the time of the last change: a hundred orders a call, twenty calls at
    once, and then one in three minutes. For one thread at a time.

    Example:
        ```python
        sync = OrderSync(client.orders, FileCheckpoint("orders.json"))
        for batch in sync.batches():
            store(batch.items)
            batch.commit()
        ```
    """

    def __init__(
        self,
        orders: "OrdersApi",
        checkpoint: CheckpointStore,
        *,
        since: datetime | timedelta = DAY,
        overlap: timedelta = OVERLAP,
        marketplaces: Sequence[Marketplace | str] | None = None,
        channels: Sequence[FulfillmentChannel] | None = None,
        source: OrderSource = OrderSource.V2026,
        page_size: int = MOST_PER_PAGE,
        on_progress: Callable[[SyncProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Make a sync. Nothing is sent, and nothing read, yet.

        Args:
            orders: `client.orders`.
            checkpoint: where it keeps what was processed; one for each sync.
            since: from when on, less the overlap, where there is no checkpoint yet; how long ago, or when.
                Where there is one, `rewind` goes back.
            overlap: how far each pass reaches back into the one before, for changes that Amazon shows late:
                so late, and two minutes, and none is missed. What was delivered already is left out.
            marketplaces: where the orders were placed; None means the client's own.
            channels: who ships; None means both.
            source: `V2026`, or `BOTH`, which lists every fifty orders on v0 as well, twenty lists at once and
                then one a minute, for what only v0 has.
            page_size: the most orders in a batch, and on a page; fewer cost more searches.
            on_progress: is called with every page.
            options: limits of time for each call, and personal data: `pii={"buyerInfo", "shippingAddress"}`.
                A search may always wait as long as the quota requires.

        Raises:
            InvalidRequestError: an argument that no search takes, a time that is naive, negative or in the
                future, another source, personal data that orders do not have, or no store for a checkpoint.
        """
        context = orders.context
        self._feed = OrderFeed(
            context, options, marketplaces=marketplaces, channels=channels, size=page_size, source=source
        )
        super().__init__(
            self._feed,
            checkpoint,
            io=context.io,
            clock=context.clock,
            since=since,
            overlap=overlap,
            on_progress=on_progress,
            name=SEARCH_ORDERS.name,
        )

    def missing(
        self, known_ids: Container[str], *, after: datetime, before: datetime | None = None
    ) -> Iterator[AmazonOrder]:
        """Search for the orders placed in a span of time, and yield those that *known_ids* does not hold.

        It costs a search for each hundred orders that were placed, known or not. The checkpoint is neither
        read nor changed.

        Args:
            known_ids: whatever supports `in`; it is used as each page is reached.
            after: placed then or later.
            before: placed then or earlier; None means up to now, less two minutes.

        Raises:
            InvalidRequestError: a time has no time zone, or the ids are a text or cannot be searched.
            PaginationError: more than a day passed between two pages; begin again.
        """
        return iterate(feeds.missing(self._feed, known_ids, after, before))

    def changed(self, order_ids: Iterable[str]) -> Iterator[AmazonOrder]:
        """Return these orders, as notifications name them: one call each, no search.

        The next pass delivers them as well. An order that fails does not stop the others.

        Raises:
            SpShippingError: after all others, the error of the first that failed.
        """
        return iterate(feeds.changed(self._feed, order_ids))


class AsyncOrderSync(AsyncSync[AmazonOrder]):
    """Yields the orders that changed since a checkpoint, each change at least once, and none skipped.

    It is what `OrderSync` is, for `AsyncClient`. For one task at a time.

    Example:
        ```python
        sync = AsyncOrderSync(client.orders, FileCheckpoint("orders.json"))
        async for batch in sync.batches():
            await store(batch.items)
            await batch.commit()
        ```
    """

    def __init__(
        self,
        orders: "AsyncOrdersApi",
        checkpoint: CheckpointStore,
        *,
        since: datetime | timedelta = DAY,
        overlap: timedelta = OVERLAP,
        marketplaces: Sequence[Marketplace | str] | None = None,
        channels: Sequence[FulfillmentChannel] | None = None,
        source: OrderSource = OrderSource.V2026,
        page_size: int = MOST_PER_PAGE,
        on_progress: Callable[[SyncProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Make a sync. Nothing is sent, and nothing read, yet.

        The arguments are those of `OrderSync`, with `client.orders` of an `AsyncClient`. *checkpoint* may
        block: it is called in another thread. *on_progress* may be a coroutine function.

        Raises:
            InvalidRequestError: an argument that no search takes, a time that is naive, negative or in the
                future, another source, or personal data that orders do not have.
        """
        context = orders.context
        self._feed = OrderFeed(
            context, options, marketplaces=marketplaces, channels=channels, size=page_size, source=source
        )
        super().__init__(
            self._feed,
            checkpoint,
            io=context.io,
            clock=context.clock,
            since=since,
            overlap=overlap,
            on_progress=on_progress,
            name=SEARCH_ORDERS.name,
        )

    def missing(
        self, known_ids: Container[str], *, after: datetime, before: datetime | None = None
    ) -> AsyncGenerator[AmazonOrder, None]:
        """Search for the orders placed in a span of time, and yield those that *known_ids* does not hold.

        See `OrderSync.missing`.
        """
        return feeds.missing(self._feed, known_ids, after, before)

    def changed(self, order_ids: Iterable[str]) -> AsyncGenerator[AmazonOrder, None]:
        """Return these orders, as notifications name them: one call each, no search.

        See `OrderSync.changed`.
        """
        return feeds.changed(self._feed, order_ids)
