"""Reads the orders that a sync delivers, from Orders 2026-01-01."""

import re
from collections.abc import AsyncGenerator, Container, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from spshipping.cursor import call_from_cursor, cursor_of
from spshipping.errors import InvalidRequestError, QuotaError
from spshipping.facade import Context
from spshipping.operation import Call, CallOptions, Reply
from spshipping.orders import workflows
from spshipping.orders.fields import optional
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import FulfillmentChannel
from spshipping.orders.selection import (
    Selection,
    channels_of,
    checked_id,
    checked_ids,
    checked_time,
    marketplace_ids,
    selection_of,
)
from spshipping.orders.source import OrderSource, Source, checked_source
from spshipping.orders.source_v2026 import V2026Source, datasets, fulfilled_by
from spshipping.orders.v2026_01_01 import INCLUDED_DATA, SEARCH_ORDERS, Order, SearchOrdersResponse
from spshipping.regions import Marketplace
from spshipping.secret import discreet
from spshipping.sync import Window
from spshipping.sync.digests import digest_of
from spshipping.sync.page import Change, Page
from spshipping.sync.passes import latest, patience
from spshipping.sync.step import STEP_DEADLINE
from spshipping.sync.whole import pages, whole_page
from spshipping.transport.bucket import QuotaState
from spshipping.wire.times import read_time

MOST_PER_PAGE = 100
_ANY_WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
_SOURCES = (OrderSource.V2026, OrderSource.BOTH)

_VITAL = re.compile(r"orders(\[\d+\](\.orderId)?)?\Z|pagination(\.nextToken)?\Z")
"""Where a repair that lost something means that an order may be lost."""

_AGAIN = "again "
"""Before the cursor of a page that is requested once more, as a page of its own: it was full and the last.

That is rare, and a token that got lost would cost all that follows.
"""

_TIMES: Mapping[Literal["updated", "created"], tuple[str, str]] = {
    "updated": ("lastUpdatedAfter", "lastUpdatedBefore"),
    "created": ("createdAfter", "createdBefore"),
}


class OrderFeed:
    """Searches page by page."""

    def __init__(
        self,
        context: Context,
        options: CallOptions,
        *,
        marketplaces: Sequence[Marketplace | str] | None,
        channels: Sequence[FulfillmentChannel] | None,
        size: int,
        source: OrderSource = OrderSource.V2026,
    ) -> None:
        source = checked_source(source) or OrderSource.V2026
        if source not in _SOURCES:
            raise InvalidRequestError("a sync searches 2026-01-01: give V2026, or BOTH", path="source")
        self.context = context
        self._is_completed = source is OrderSource.BOTH
        self._selection = selection = selection_of(options, context.pii, has_items=True)
        self.source: V2026Source = V2026Source(context, selection)
        self.by_id: Source = workflows.source_of(context, source, selection)
        """Reads orders by their ids."""
        self._datasets = datasets(selection)
        self._places = sorted(marketplace_ids(marketplaces, context.marketplace_id))
        self._wanted = channels_of(channels)
        self._channels = sorted(fulfilled_by(channel) for channel in self._wanted)
        if type(size) is not int:
            raise InvalidRequestError("is a whole number", path="page_size")
        self._size = size
        self._delivered: Mapping[str, str] = {}
        self._call(_ANY_WINDOW, "updated")  # what no search takes is refused at once

    @property
    def filters(self) -> Mapping[str, str]:
        """What is searched for."""
        filters = {"marketplaceIds": ",".join(self._places)}
        return filters | ({"fulfilledBy": ",".join(self._channels)} if self._channels else {})

    def note(self, delivered: Mapping[str, str]) -> None:
        """Note what was delivered: it is not replaced by less of the same."""
        self._delivered = delivered

    async def quota(self) -> QuotaState:
        """Return how the quota of searches stands."""
        return await self.context.sender.quota(SEARCH_ORDERS)

    async def page(
        self,
        window: Window,
        cursor: str | None,
        by: Literal["updated", "created"] = "updated",
        *,
        longest: float | None = None,
    ) -> Page[AmazonOrder]:
        """Return one page.

        Args:
            window: which span of time.
            cursor: which page; None for the first.
            longest: so many seconds at most it waits for the quota; if it would have to wait longer, nothing
                is on the page but how long.
            by: which time of the orders lies in *window*.
        """
        is_again = cursor is not None and cursor.startswith(_AGAIN)
        limits: CallOptions = {**self.source.options, **patience(await self.quota(), longest)}
        if cursor is None or cursor == _AGAIN:
            call = self._call(window, by)
        else:
            call = call_from_cursor(SEARCH_ORDERS, cursor.removeprefix(_AGAIN))
        try:
            reply = await whole_page(self.context, call, limits, vital=_VITAL, items="order")
        except QuotaError as error:
            if longest is None:
                raise
            return Page((), cursor, wait=error.wait)
        if reply.next_call is None and _is_full(reply) and not is_again:
            return Page((), _AGAIN if cursor is None else _AGAIN + cursor)
        orders: Sequence[AmazonOrder] = [self.source.read(order) for order in reply.value.orders]
        versions = list(map(self._version, orders))
        if self._is_completed:
            orders = await workflows.completed(self.context, self._in_time(longest), orders)
        found = zip(reply.value.orders, orders, versions, strict=True)
        changes = [_change(order.order_id, _time_of(order), made, version) for order, made, version in found]
        if by == "updated":
            changes = [change for change in changes if not self._is_less(change)]
        return Page(changes, cursor_of(reply.next_call), _end_of(reply, window))

    async def change(self, order_id: str) -> Change[AmazonOrder] | None:
        """Return an order as it is now, with one call that does not wait for the quota.

        None where the search would not find it: it is of another marketplace, or of another channel.

        Raises:
            InvalidRequestError: it is no id.
            QuotaError: the quota allows no call now.
        """
        order_id = checked_id(order_id)
        limits: CallOptions = {"deadline": STEP_DEADLINE / 2, **self._selection.options, "max_wait": 0.0}
        at_once = self._selection._replace(options=limits)
        order = await V2026Source(self.context, at_once).one(order_id)
        version = self._version(order)
        if self._is_completed:
            order = await workflows.completed_one(self.context, at_once, order)
        place, channel = order.marketplace_id, order.fulfillment_channel
        is_here = place is None or place in self._places
        is_wanted = channel is None or not self._wanted or channel in self._wanted
        change = _change(order_id, order.last_update_date, order, version)
        return change if is_here and is_wanted and not self._is_less(change) else None

    def _in_time(self, longest: float | None) -> Selection:
        """Return what is requested of Orders v0, by when a step must go on."""
        if longest is None:
            return self._selection
        limits: CallOptions = {"deadline": STEP_DEADLINE, **self._selection.options}
        return self._selection._replace(options=limits)

    def _version(self, order: AmazonOrder) -> str | None:
        """Return a digest of an order as searched for; None where Orders v0 adds nothing to it."""
        return digest_of(order) if self._is_completed else None

    def _is_less(self, change: Change[AmazonOrder]) -> bool:
        """Return whether an order was delivered in this state already, and lacked no more of Orders v0."""
        lacking = _lacking(change.value)
        if not lacking:
            return False
        state, _, rest = self._delivered.get(change.key, "").partition(".")
        as_much = {digest_of(str(count)) for count in range(lacking + 1)}
        return state == change.digest.partition(".")[0] and rest.partition(".")[0] in as_much

    def _call(self, window: Window, by: Literal["updated", "created"]) -> Call[SearchOrdersResponse]:
        after, before = _TIMES[by]
        return SEARCH_ORDERS(
            query={
                after: window.after,
                before: window.before,
                "marketplaceIds": self._places,
                "fulfilledBy": self._channels or None,
                "maxResultsPerPage": self._size,
                INCLUDED_DATA.name: self._datasets,
            }
        )


def _is_full(reply: Reply[SearchOrdersResponse]) -> bool:
    """Return whether a page has as many orders as were requested; a pass may have begun with another size."""
    return len(reply.value.orders) >= int(reply.call.query["maxResultsPerPage"])


def _time_of(order: Order) -> datetime | None:
    return optional(lambda: order.last_updated_time)


def _change(
    order_id: str, time: datetime | None, made: AmazonOrder, version: str | None
) -> Change[AmazonOrder]:
    return Change(order_id, time, made, version and (version, str(_lacking(made)), made))


def _lacking(made: AmazonOrder) -> int:
    """Return how many fields an order lacks since Orders v0 failed, in part or wholly."""
    return sum(len(gap.fields) for gap in made.incomplete or ())


def _end_of(reply: Reply[SearchOrdersResponse], window: Window) -> datetime | None:
    """Return where a search by the last change ended: as it was sent, or earlier, as Amazon states it.

    It is sent with an earlier end than that of *window* where this machine's clock is behind by then.
    """
    sent, stated = reply.call.query.get(_TIMES["updated"][1]), reply.value.last_updated_before
    ends = [read_time(sent)] if sent else []
    if stated is not None and stated > window.after:  # else it is no end of this search
        ends.append(stated)
    return min(ends, default=None)


@discreet
async def missing(
    feed: OrderFeed, known_ids: Container[str], after: datetime, before: datetime | None
) -> AsyncGenerator[AmazonOrder, None]:
    """Yield the orders placed in a span of time that *known_ids* does not hold; see `OrderSync.missing`."""
    if isinstance(known_ids, str) or not hasattr(known_ids, "__contains__"):
        raise InvalidRequestError("takes a set of ids, or whatever supports `in`", path="known_ids")
    if checked_time("after", after) is None:
        raise InvalidRequestError("takes a datetime with a time zone", path="after")
    window = Window(after, checked_time("before", before) or latest(feed.context.clock))
    fetch = partial(feed.page, window, by="created")
    async with aclosing(pages(feed.context, fetch, feed.quota, SEARCH_ORDERS.name)) as found:
        async for page in found:
            for order in await feed.context.io.plugin(_unknown, page, known_ids):
                yield order


def _unknown(page: Page[AmazonOrder], known_ids: Container[str]) -> list[AmazonOrder]:
    return [change.value for change in page.changes if change.key not in known_ids]


@discreet
async def changed(feed: OrderFeed, order_ids: Iterable[str]) -> AsyncGenerator[AmazonOrder, None]:
    """Yield these orders, and raise the first error in the end; see `OrderSync.changed`."""
    async with aclosing(feed.by_id.many(checked_ids(order_ids))) as orders:
        async for order in orders:
            yield order
