"""The facade of orders: retrieve, compare and confirm; each API by itself is behind it."""

import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Unpack, cast

from spshipping.clock import Clock
from spshipping.errors import InvalidRequestError
from spshipping.operation import CallOptions
from spshipping.orders import retrieve as workflows
from spshipping.orders.asking import OrderSource, OrdersSender, Search, check_span, wanted
from spshipping.orders.compare import Comparison
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import FulfillmentChannel, OrderStatus
from spshipping.regions import Marketplace

if TYPE_CHECKING:
    from spshipping.orders.v0 import CodCollectionMethod, OrdersV0Api
    from spshipping.orders.v2026_01_01 import OrdersV20260101Api


class ConfirmOptions(CallOptions, total=False):
    """What a confirmation may say beside carrier, tracking number, date and items."""

    package_reference_id: str
    """Your number for the package within the order, digits only; `1` unless told."""
    carrier_name: str | None
    """Who carries it, where Amazon has no code."""
    shipping_method: str | None
    """The carrier's service."""
    ship_from_supply_source_id: str | None
    """The place that it left from."""
    transparency_codes: Mapping[str, Sequence[str]] | None
    """The codes of the pieces, by `order_item_id`, for items of Amazon Transparency."""
    cod_collection_method: "CodCollectionMethod | None"
    """How the money is collected on delivery; in Japan."""
    marketplace_id: str | None
    """Where the order was placed; None means where it was, if it has to be read for its items, and else the
    client's own."""


class OrdersApi:
    """Retrieve Amazon orders whichever API has them, compare the two APIs, confirm shipments."""

    __slots__ = ("_clock", "_marketplace_id", "_pii", "_sender")

    def __init__(
        self, sender: OrdersSender, *, marketplace_id: str, clock: Clock, pii: Collection[str] | None = None
    ) -> None:
        """Make the facade; `client.orders` is one.

        Args:
            sender: sends the calls.
            marketplace_id: which marketplace is meant where none is named.
            clock: tells whether Orders v0 is still there.
            pii: the data elements of personal data that are asked for where a method is not told.
        """
        self._sender = sender
        self._marketplace_id = marketplace_id
        self._clock = clock
        self._pii = pii

    @property
    def v0(self) -> "OrdersV0Api":
        """Orders v0 by itself; its reading operations end on 27 March 2027."""
        from spshipping.orders.v0 import OrdersV0Api

        return OrdersV0Api(self._sender)

    @property
    def v2026_01_01(self) -> "OrdersV20260101Api":
        """Orders 2026-01-01 by itself."""
        from spshipping.orders.v2026_01_01 import OrdersV20260101Api

        return OrdersV20260101Api(self._sender)

    def retrieve(
        self,
        order_id: str,
        *,
        source: OrderSource | None = None,
        items: bool = True,
        **options: Unpack[CallOptions],
    ) -> AmazonOrder:
        """Return one order.

        One call on 2026-01-01; on v0, one more for the items; with `FULLEST`, all of these.

        Args:
            order_id: Amazon's id of the order.
            source: which API; None means `FULLEST` until 27 March 2027, and `V2026` from then on.
            items: whether its items are told.
            options: limits of time for each call, and personal data: `pii={"buyerInfo", "shippingAddress"}`.

        Raises:
            NotFoundError: there is no such order.
            AccessDeniedError: the roles do not allow it, or not the personal data on v0.
        """
        what = wanted(options, self._pii, has_items=items)
        return workflows.retrieve(self._sender, order_id, self._source(source), what)

    def retrieve_all(
        self,
        *,
        updated_after: datetime | None = None,
        updated_before: datetime | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        marketplaces: Sequence[Marketplace | str] | None = None,
        statuses: Sequence[OrderStatus] | None = None,
        channels: Sequence[FulfillmentChannel] | None = None,
        source: OrderSource | None = None,
        items: bool = True,
        **options: Unpack[CallOptions],
    ) -> Iterator[AmazonOrder]:
        """Go through the orders that were changed, or placed, in a span of time.

        A page of up to a hundred is fetched when its first order is asked for. On 2026-01-01 items and
        personal data ride along; on v0, and so with `FULLEST`, items take a call for each order. Every call
        waits for its turn in Amazon's quota; the arguments are checked at once.

        Args:
            updated_after: changed then or later. Exactly one of this and `created_after` is needed.
            updated_before: changed then or earlier, and at least two minutes ago; goes with `updated_after`.
            created_after: placed then or later.
            created_before: placed then or earlier, and at least two minutes ago; goes with `created_after`.
            marketplaces: where the orders were placed; None means the client's own.
            statuses: None means all.
            channels: who ships; None means both.
            source: which API; None means `FULLEST` until 27 March 2027, and `V2026` from then on.
            items: whether their items are told.
            options: limits of time for each call, and personal data.

        Raises:
            InvalidRequestError: the arguments do not go together.
            PaginationError: Amazon names a page twice, or no longer takes a page's token.
        """
        search = Search(
            created_after=created_after,
            created_before=created_before,
            updated_after=updated_after,
            updated_before=updated_before,
            marketplace_ids=tuple(map(_id_of, _checked("marketplaces", marketplaces)))
            or (self._marketplace_id,),
            statuses=tuple(map(OrderStatus, _checked("statuses", statuses))),
            channels=tuple(map(FulfillmentChannel, _checked("channels", channels))),
        )
        check_span(search)
        what = wanted(options, self._pii, has_items=items)
        return workflows.retrieve_all(self._sender, search, self._source(source), what)

    def compare(self, order_ids: Iterable[str], **options: Unpack[CallOptions]) -> list[Comparison]:
        """Read orders through both APIs, and tell where they differ, until v0 is switched off.

        Two calls for each order, and one for fifty. Personal data is compared as far as it is asked for.

        Args:
            order_ids: which orders; a few dozen of all kinds show what there is to see.
            options: limits of time for each call, and personal data.
        """
        if isinstance(order_ids, str):
            raise InvalidRequestError("is text: give a list of ids", path="order_ids")
        what = wanted(options, self._pii, has_items=True)
        return workflows.compare(self._sender, order_ids, what, self._marketplace_id)

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
        """Tell Amazon that a package of an order has left. Not for labels bought through Amazon.

        An order that leaves in parts is confirmed package by package: each has its own `items` and its own
        `package_reference_id`. The same reference again corrects what was said of that package.

        Args:
            order_id: Amazon's id of the order.
            carrier_code: such as `Royal Mail`; `Other` needs `carrier_name`.
            tracking_number: what the carrier tracks the package by.
            ship_date: when it left.
            items: how many pieces of which `order_item_id` are in it. None means all that is not shipped
                yet, which takes a call to find out.
            more: the number of the package, the service, the place, and limits of time.

        Raises:
            InvalidRequestError: a value that Amazon would refuse; or nothing is left to ship.
            OutcomeUnknownError: Amazon may have taken it; look at the order, or confirm it again with the
                same reference and items.
        """
        from spshipping.orders.confirm import lines, package
        from spshipping.orders.v0 import ConfirmShipmentRequest

        options = _call_options(more)
        detail, place = package(carrier_code, tracking_number, ship_date, more), None
        if items is None:
            place, items = self._left_to_ship(order_id, detail.package_reference_id, options)
        detail.order_items = lines(items, more.get("transparency_codes"))
        request = ConfirmShipmentRequest(
            package_detail=detail,
            cod_collection_method=more.get("cod_collection_method"),
            marketplace_id=more.get("marketplace_id") or place or self._marketplace_id,
        )
        self.v0.confirm_shipment(request, order_id=order_id, **options)

    def _left_to_ship(
        self, order_id: str, reference: str, options: CallOptions
    ) -> tuple[str | None, dict[str, int]]:
        from spshipping.orders.confirm import left_to_ship
        from spshipping.orders.v2026_01_01 import IncludedData

        included = (IncludedData.FULFILLMENT, IncludedData.PACKAGES)
        of_the_read: CallOptions = {**options, "pii": None}
        order = self.v2026_01_01.get_order(order_id, included_data=included, **of_the_read).order
        return AmazonOrder.from_v2026(order).marketplace_id, left_to_ship(order, reference)

    def _source(self, source: OrderSource | None) -> OrderSource:
        if source is OrderSource.V0:
            warnings.warn(
                "Amazon switches off reading with Orders v0 on 27 March 2027: leave source= out, or use"
                " OrderSource.V2026",
                DeprecationWarning,
                stacklevel=3,
            )
        return source or workflows.usual_source(self._clock.now())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self._marketplace_id}>"


def _call_options(given: ConfirmOptions) -> CallOptions:
    for name in given:
        if name not in ConfirmOptions.__annotations__:
            raise TypeError(f"a confirmation has no {name!r}")
    known = CallOptions.__annotations__
    return cast("CallOptions", {name: value for name, value in given.items() if name in known})


def _id_of(marketplace: Marketplace | str) -> str:
    return marketplace.id if isinstance(marketplace, Marketplace) else marketplace


def _checked(name: str, given: Sequence[str | Marketplace] | None) -> Sequence[str | Marketplace]:
    if given is None:
        return ()
    if not given or isinstance(given, str):
        raise InvalidRequestError("is empty, or text: name some in a list, or leave it out", path=name)
    return given
