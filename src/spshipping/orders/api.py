"""The facade of orders: retrieve, compare and confirm; each API by itself is behind it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions
from spshipping.orders import workflows
from spshipping.orders.options import ConfirmOptions
from spshipping.orders.selection import OrderFilters
from spshipping.orders.source import OrderSource, RetrievalPlan
from spshipping.regions import Marketplace
from spshipping.transport.io import iterate, run

if TYPE_CHECKING:
    from spshipping.orders.bridge.compare import Comparisons
    from spshipping.orders.order import AmazonOrder
    from spshipping.orders.parts import FulfillmentChannel, OrderStatus
    from spshipping.orders.v0 import OrdersV0Api
    from spshipping.orders.v2026_01_01 import OrdersV20260101Api


class OrdersApi(Api):
    """Retrieve Amazon orders whichever API has them, compare the two APIs, confirm shipments."""

    __slots__ = ()

    @property
    def v0(self) -> "OrdersV0Api":
        """Orders v0 by itself; its reading operations end on 27 March 2027."""
        from spshipping.orders.v0 import OrdersV0Api

        return OrdersV0Api(self._context)

    @property
    def v2026_01_01(self) -> "OrdersV20260101Api":
        """Orders 2026-01-01 by itself."""
        from spshipping.orders.v2026_01_01 import OrdersV20260101Api

        return OrdersV20260101Api(self._context)

    def retrieve(
        self,
        order_id: str,
        *,
        source: OrderSource | None = None,
        items: bool = True,
        **options: Unpack[CallOptions],
    ) -> "AmazonOrder":
        """Return one order.

        Two calls: getOrder of both APIs; with `V2026` one, with `FULLEST` one more for the items. Where v0
        fails, the order's `incomplete` says so.

        Args:
            order_id: Amazon's id of the order.
            source: which API; None means `BOTH` until 27 March 2027, and `V2026` from then on.
            items: whether its items are read.
            options: limits of time for each call, and personal data: `pii={"buyerInfo", "shippingAddress"}`.

        Raises:
            NotFoundError: there is no such order.
            DecodeError: the answer holds no order.
            AccessDeniedError: the roles do not allow it.
        """
        return run(workflows.retrieve(self._context, order_id, source=source, items=items, **options))

    def retrieve_all(
        self,
        *,
        updated_after: datetime | None = None,
        updated_before: datetime | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        marketplaces: Sequence[Marketplace | str] | None = None,
        statuses: Sequence["OrderStatus"] | None = None,
        channels: Sequence["FulfillmentChannel"] | None = None,
        source: OrderSource | None = None,
        items: bool = True,
        on_progress: Callable[[RetrievalPlan], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Iterator["AmazonOrder"]:
        """Iterate over the orders that were changed, or placed, in a span of time.

        A page of up to a hundred is requested when its first order is reached: a search on 2026-01-01, and a
        list on v0 for what only v0 has, such as `order_total`. Where v0 fails, the orders come without that,
        and their `incomplete` says so. Every call waits until Amazon's quota allows it; the arguments are
        checked at once.

        Args:
            updated_after: changed then or later. Exactly one of this and `created_after` is needed.
            updated_before: changed then or earlier, and at least two minutes ago; goes with `updated_after`.
            created_after: placed then or later.
            created_before: placed then or earlier, and at least two minutes ago; goes with `created_after`.
            marketplaces: where the orders were placed, such as `["UK"]`; None means the client's own.
            statuses: None means all.
            channels: who ships; None means both.
            source: which API; None means `BOTH` until 27 March 2027, and `V2026` from then on. `FULLEST`
                and `V0` take a call for the items of each order: at best one in two seconds.
            items: whether their items are read.
            on_progress: is called by `FULLEST` when the first page is there: how many calls, and how long.
            options: limits of time for each call, and personal data.

        Raises:
            InvalidRequestError: the arguments do not go together.
            PaginationError: Amazon names a page twice, or no longer takes a page's token.
        """
        filters = OrderFilters(
            updated_after, updated_before, created_after, created_before, marketplaces, statuses, channels
        )
        return iterate(
            workflows.retrieve_all(
                self._context, filters, source=source, items=items, on_progress=on_progress, **options
            )
        )

    def retrieve_many(
        self,
        order_ids: Iterable[str],
        *,
        source: OrderSource | None = None,
        items: bool = True,
        **options: Unpack[CallOptions],
    ) -> Iterator["AmazonOrder"]:
        """Iterate over the orders of these ids, each as it comes; one that fails does not stop the others.

        It costs a getOrder for each: thirty at once, then one in two seconds. A search for a hundred orders
        costs a single call. What only v0 has comes for fifty orders a call.

        Args:
            order_ids: Amazon's ids of the orders, as notifications name them.
            source: which API; None means `BOTH` until 27 March 2027, and `V2026` from then on.
            items: whether their items are read.
            options: limits of time for each call, and personal data.

        Raises:
            SpShippingError: after all others, the error of the first that failed.
        """
        return iterate(
            workflows.retrieve_many(self._context, order_ids, source=source, items=items, **options)
        )

    def compare(self, order_ids: Iterable[str], **options: Unpack[CallOptions]) -> "Comparisons":
        """Read orders through both APIs, and return where they differ, until v0 is switched off.

        Two calls for each order, and one for fifty. Personal data is compared as far as it is requested. The
        result's `estimates` counts how often `estimated_total` is the `order_total` of v0.

        Args:
            order_ids: which orders; a few dozen of all kinds show all differences.
            options: limits of time for each call, and personal data.
        """
        return run(workflows.compare(self._context, order_ids, **options))

    def confirm(
        self,
        order_id: str,
        *,
        carrier_code: str,
        tracking_number: str,
        ship_date: datetime,
        items: Mapping[str, int] | None = None,
        **more: Unpack[ConfirmOptions],
    ) -> None:
        """Confirm that a package of an order was shipped. Not for labels bought through Amazon.

        An order that is shipped in parts is confirmed package by package: each has its own `items` and
        `package_reference_id`. The same reference again corrects what was stated of that package.

        Args:
            order_id: Amazon's id of the order.
            carrier_code: such as `Royal Mail`; `Other` needs `carrier_name`.
            tracking_number: what the carrier tracks the package by.
            ship_date: when it was shipped.
            items: how many pieces of which `order_item_id` are in it. None means all that is not shipped
                yet, which takes one more call.
            more: the number of the package, the service, the place, and limits of time.

        Raises:
            InvalidRequestError: a value that Amazon would refuse; or nothing is left to ship.
            DecodeError: the order as Amazon returns it does not state what is left to ship: name the items.
            OutcomeUnknownError: Amazon may have accepted it; look at the order, or confirm it again with the
                same reference and items.
        """
        return run(
            workflows.confirm(
                self._context,
                order_id,
                carrier_code=carrier_code,
                tracking_number=tracking_number,
                ship_date=ship_date,
                items=items,
                **more,
            )
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._context.marketplace_id}>"
