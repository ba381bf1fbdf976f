"""The workflows with orders, written once for threads and asyncio."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.orders.options import ConfirmOptions
from spshipping.orders.selection import (
    OrderFilters,
    Selection,
    checked_id,
    checked_ids,
    search_of,
    selection_of,
)
from spshipping.orders.source import Listener, OrderSource, Source, check_function, checked_source

if TYPE_CHECKING:
    from spshipping.orders.bridge.compare import Comparisons
    from spshipping.orders.order import AmazonOrder

HAS_BRIDGE = True
"""Whether orders can be read from Orders v0; what is behind it is deleted with `bridge/`."""

# each API's models are loaded when they are needed: hence the imports in functions


def source_of(context: Context, source: OrderSource | None, selection: Selection) -> Source:
    """Return what reads orders from *source*; None means the default at this time."""
    source = checked_source(source)
    if HAS_BRIDGE:
        from spshipping.orders.bridge import end

        return end.source_of(context, source, selection)
    from spshipping.orders.source_v2026 import V2026Source

    return V2026Source(context, selection)


async def completed(
    context: Context, selection: Selection, orders: Sequence["AmazonOrder"]
) -> Sequence["AmazonOrder"]:
    """Return orders of 2026-01-01 with the fields of the order that only Orders v0 has, while it is there."""
    if HAS_BRIDGE:
        from spshipping.orders.bridge import end

        return await end.completed(context, selection, orders)
    return orders


async def completed_one(context: Context, selection: Selection, order: "AmazonOrder") -> "AmazonOrder":
    """Return the same for one order, with one call."""
    if HAS_BRIDGE:
        from spshipping.orders.bridge import end

        return await end.completed_one(context, selection, order)
    return order


async def retrieve(
    context: Context,
    order_id: str,
    *,
    source: OrderSource | None = None,
    items: bool = True,
    **options: Unpack[CallOptions],
) -> "AmazonOrder":
    """Return one order; see `OrdersApi.retrieve`."""
    selection = selection_of(options, context.pii, has_items=items)
    return await source_of(context, source, selection).one(checked_id(order_id))


def retrieve_all(
    context: Context,
    filters: OrderFilters,
    *,
    source: OrderSource | None = None,
    items: bool = True,
    on_progress: Listener | None = None,
    **options: Unpack[CallOptions],
) -> AsyncGenerator["AmazonOrder", None]:
    """Search, and yield the orders of all pages; the arguments are checked at once."""
    check_function("on_progress", on_progress)
    search = search_of(filters, context.marketplace_id, context.clock.now())
    selection = selection_of(options, context.pii, has_items=items)
    return source_of(context, source, selection).search(search, on_progress)


def retrieve_many(
    context: Context,
    order_ids: Iterable[str],
    *,
    source: OrderSource | None = None,
    items: bool = True,
    **options: Unpack[CallOptions],
) -> AsyncGenerator["AmazonOrder", None]:
    """Yield the orders of these ids as they come; the arguments are checked at once.

    Raises:
        InvalidRequestError: *order_ids* is one text, or one of them is no id.
    """
    ids = checked_ids(order_ids)
    selection = selection_of(options, context.pii, has_items=items)
    return source_of(context, source, selection).many(ids)


async def compare(
    context: Context, order_ids: Iterable[str], **options: Unpack[CallOptions]
) -> "Comparisons":
    """Read orders through both APIs, and return where they differ."""
    from spshipping.orders.bridge import comparing

    return await comparing.compare(context, order_ids, **options)


async def confirm(
    context: Context,
    order_id: str,
    *,
    carrier_code: str,
    tracking_number: str,
    ship_date: datetime,
    items: Mapping[str, int] | None = None,
    **more: Unpack[ConfirmOptions],
) -> None:
    """Confirm that a package of an order was shipped; see `OrdersApi.confirm`."""
    from spshipping.orders.confirm import package, send

    await send(
        context, checked_id(order_id), package(carrier_code, tracking_number, ship_date, more), items, more
    )
