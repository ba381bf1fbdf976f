"""When Orders v0 ends, and the source that is used until then."""

import inspect
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime

from spshipping.facade import Context
from spshipping.orders.bridge.both import BothSource
from spshipping.orders.bridge.completion import Completion
from spshipping.orders.bridge.fullest import FullestSource
from spshipping.orders.bridge.source_v0 import V0Source
from spshipping.orders.order import AmazonOrder
from spshipping.orders.selection import Selection
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
    if source is OrderSource.FULLEST:
        return FullestSource(context, selection)
    if source is not OrderSource.V2026 and context.clock.now() < END_OF_V0:
        return BothSource(context, selection)
    return V2026Source(context, selection)


async def completed(
    context: Context, selection: Selection, orders: Sequence[AmazonOrder]
) -> Sequence[AmazonOrder]:
    """Return orders of 2026-01-01 with the fields of the order that only Orders v0 has, while it is there."""
    if context.clock.now() >= END_OF_V0:
        return orders
    return await Completion(context, selection).listed(orders)


async def completed_one(context: Context, selection: Selection, order: AmazonOrder) -> AmazonOrder:
    """Return the same for one order, with one call."""
    if context.clock.now() >= END_OF_V0:
        return order
    return await Completion(context, selection).one(order)


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
