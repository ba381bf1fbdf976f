"""`OrderSync`: the orders that changed, none missed, as few searches as it takes."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, Unpack, cast

from spshipping.clock import Clock
from spshipping.cursor import cursor_of
from spshipping.errors import DecodeError, PaginationError, SpShippingError
from spshipping.operation import CallOptions, Operation, Reply
from spshipping.orders.asking import OrdersSender, Wanted, wanted
from spshipping.orders.asking_v2026 import AskingV2026, datasets
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import FulfillmentChannel
from spshipping.orders.v2026_01_01 import (
    SEARCH_ORDERS,
    FulfilledBy,
    Order,
    OrdersV20260101Api,
    SearchOrdersResponse,
)
from spshipping.regions import Marketplace
from spshipping.sync import CheckpointStore, Sync, SyncProgress, Window
from spshipping.sync.passes import Change, Page, patience
from spshipping.transport.bucket import QuotaState
from spshipping.wire.model import has

if TYPE_CHECKING:
    from spshipping.orders.api import OrdersApi

DAY = timedelta(days=1)
OVERLAP = timedelta(minutes=10)
MOST_PER_PAGE = 100

_VITAL = re.compile(r"orders(\[\d+\](\.orderId)?)?\Z|pagination(\.nextToken)?\Z")
"""Where a repair that lost something means that an order may be lost."""


class SyncSender(OrdersSender, Protocol):
    """What a sync needs of a client."""

    def quota(self, operation: Operation[Any]) -> QuotaState:
        """Tell how the quota of *operation* stands."""
        ...


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
        page_size: int = MOST_PER_PAGE,
        on_progress: Callable[[SyncProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Make a sync. Nothing is sent, and nothing read, yet.

        Args:
            orders: `client.orders`.
            checkpoint: where it keeps how far it has come; one for each sync.
            since: from when on, less the overlap, where there is no checkpoint yet; how long ago, or when.
            overlap: how far each pass reaches back into the one before, for changes that Amazon shows late:
                so late, and two minutes, and none is missed. What was delivered already is left out.
            marketplaces: where the orders were placed; None means the client's own.
            channels: who ships; None means both.
            page_size: the most orders in a batch, and on a page; fewer cost more searches.
            on_progress: is called with every page.
            options: limits of time for each call, and personal data: `pii={"buyerInfo", "shippingAddress"}`.
                A search may always take as long as its turn in the quota.

        Raises:
            InvalidRequestError: a naive time, or personal data that orders do not have.
        """
        self._what = wanted(options, orders._pii, has_items=True)
        self._sender = cast("SyncSender", orders._sender)
        self._asking = AskingV2026(self._sender, self._what)
        places = [place.id if isinstance(place, Marketplace) else place for place in marketplaces or ()]
        self._search = _Search(
            self._sender,
            orders._clock,
            self._what,
            places=places or [orders._marketplace_id],
            channels=channels,
            size=page_size,
        )
        super().__init__(self._search, checkpoint, since=since, overlap=overlap, on_progress=on_progress)

    def missing(
        self, known_ids: Container[str], *, after: datetime, before: datetime | None = None
    ) -> Iterator[AmazonOrder]:
        """Search for the orders placed in a span of time, and yield those that *known_ids* does not hold.

        It costs a search for each hundred orders that were placed, known or not. The checkpoint has no part
        in it.

        Args:
            known_ids: whatever answers `in`; it is asked as each order is reached.
            after: placed then or later.
            before: placed then or earlier; None means up to now, less two minutes.

        Raises:
            PaginationError: more than a day passed between two pages; begin again.
        """
        return self._missing(known_ids, Window(after, before or self._latest()))

    def _missing(self, known_ids: Container[str], window: Window) -> Iterator[AmazonOrder]:
        cursor: str | None = None
        seen = {cursor}
        while True:
            self._turn(None)
            page = self._search.page(window, cursor, by="created")
            for change in page.changes:
                if change.key not in known_ids:
                    yield change.value
            cursor = page.cursor
            if cursor is None:
                return
            if cursor in seen:
                raise PaginationError("it names a page that it named before; stopped", cursor=cursor)
            seen.add(cursor)

    def changed(self, order_ids: Iterable[str]) -> Iterator[AmazonOrder]:
        """Fetch these orders, as notifications name them: one call each, no search.

        The next pass delivers them all the same. An order that fails holds up no other.

        Raises:
            SpShippingError: after all others, what the first that failed came to.
        """
        first: SpShippingError | None = None
        options: CallOptions = {**self._what.options, "pii": None}
        ids = list(dict.fromkeys(order_ids))
        for mapped in self._sender.map(self._asking.call, ids, **options):
            if mapped.error is None:
                yield self._asking.told(mapped.value.order)
            first = first or mapped.error
        if first is not None:
            raise first


class _Search:
    """Searches, page by page."""

    def __init__(
        self,
        sender: SyncSender,
        clock: Clock,
        what: Wanted,
        *,
        places: Sequence[str],
        channels: Sequence[FulfillmentChannel] | None,
        size: int,
    ) -> None:
        self.clock: Clock = clock
        self._sender = sender
        self._api = OrdersV20260101Api(sender)
        self._asking = AskingV2026(sender, what)
        self._what = what
        self._places = sorted(places)
        self._channels = sorted(FulfilledBy(channel.name) for channel in channels or ())
        self._size = size

    @property
    def filters(self) -> Mapping[str, str]:
        """What is searched for."""
        filters = {"marketplaceIds": ",".join(self._places)}
        return filters | ({"fulfilledBy": ",".join(self._channels)} if self._channels else {})

    def quota(self) -> QuotaState:
        """Tell how the quota of searches stands."""
        return self._sender.quota(SEARCH_ORDERS)

    def page(self, window: Window, cursor: str | None, by: str = "last_updated") -> Page[AmazonOrder]:
        """Fetch one page.

        Args:
            window: which span of time.
            cursor: which page; None for the first.
            by: `last_updated` or `created`.
        """
        deadline = patience(self.quota())
        limits: CallOptions = {**self._what.options, "pii": None, "deadline": deadline, "max_wait": deadline}
        if cursor is None:
            span: dict[str, Any] = {f"{by}_after": window.after, f"{by}_before": window.before}
            pages = self._api.order_pages(
                **span,
                marketplace_ids=self._places,
                fulfilled_by=self._channels or None,
                max_results_per_page=self._size,
                included_data=datasets(self._what),
                **limits,
            )
        else:
            pages = self._api.resume_order_pages(cursor, **limits)
        reply = next(pages)
        if reply.next_call is None and len(reply.value.orders) >= self._size:
            # a full page that is the last is rare; a token that got lost would cost all that follows
            reply = self._sender.send(reply.call, **limits)
        _check(reply)
        found = reply.value
        changes = [self._change(order, window.before) for order in found.orders]
        return Page(changes, cursor_of(reply.next_call), found.last_updated_before)

    def _change(self, order: Order, otherwise: datetime) -> Change[AmazonOrder]:
        time = order.last_updated_time if has(order, "last_updated_time") else otherwise
        return Change(order.order_id, time, self._asking.told(order))


def _check(reply: Reply[SearchOrdersResponse]) -> None:
    """Make sure that no order of the page was lost in reading it.

    Raises:
        DecodeError: one was.
    """
    lost = [
        found for found in reply.meta.deviations if found.kind != "converted" and _VITAL.match(found.path)
    ]
    if lost:
        raise DecodeError(
            f"the answer's {lost[0].path} is {lost[0].kind}, so that an order may be lost",
            operation=SEARCH_ORDERS.name,
            status=reply.meta.status,
            request_id=reply.meta.request_id,
            deviations=tuple(lost),
        )
