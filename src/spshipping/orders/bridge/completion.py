"""Completes orders of 2026-01-01 with the fields of the order that only Orders v0 has, many at a time."""

import logging
from collections.abc import Awaitable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from spshipping.errors import (
    AccessDeniedError,
    AuthError,
    BadRequestError,
    NotFoundError,
    SpShippingError,
)
from spshipping.facade import Context
from spshipping.operation import Call, CallOptions, Reply
from spshipping.orders.bridge.compare import COUNTERPARTS
from spshipping.orders.bridge.complete import complete
from spshipping.orders.bridge.source_v0 import MOST_IDS, id_of, search_call
from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import Gap, OrderStatus
from spshipping.orders.selection import ADDRESS, BUYER, BUYER_TAX, Search, Selection
from spshipping.orders.source import lacks
from spshipping.orders.v0 import GET_ORDER, GET_ORDERS, OrdersList
from spshipping.orders.v0 import Order as V0Order
from spshipping.transport.log import log

T = TypeVar("T")

_MOST_FAILURES = 2
_ABSENT = "Orders v0 does not have this order"
_MINT = "createRestrictedDataToken"
_DAY = timedelta(days=1)
_OLDEST = timedelta(days=729)
"""How old an order is at most, as Amazon has orders of two years."""
_SAME = (
    {OrderStatus.UNSHIPPED, OrderStatus.PARTIALLY_SHIPPED},
    {OrderStatus.SHIPPED, OrderStatus.INVOICE_UNCONFIRMED},
)
"""Statuses that v0 is searched for together: it takes two only so, and two are one in 2026-01-01."""
_COMPLETED = tuple(
    name
    for name, twin in COUNTERPARTS.items()
    if not name.startswith("items[]") and twin.v2026.startswith(("no", "in part"))
)
"""The fields of an order that 2026-01-01 does not have, or not always."""
_ELEMENTS = {
    "shipping_address.": {ADDRESS},
    "buyer_info.buyer_tax_info.": {BUYER, BUYER_TAX},
    "buyer_info.": {BUYER},
}
"""The data elements that a field needs one of."""


class Completion:
    """Completes the orders of one run; after two lists that failed, it leaves Orders v0 alone."""

    def __init__(self, context: Context, selection: Selection, search: Search | None = None) -> None:
        """Make it.

        Args:
            context: the client's.
            selection: what is requested of each order.
            search: how the orders are found, where they are searched for.
        """
        self._sender = context.sender.unrepeated()
        self._clock = context.clock
        self._marketplace_id = context.marketplace_id
        self._elements = selection.elements
        self._requested: CallOptions = {**selection.options, "pii": sorted(selection.elements)}
        self._without: CallOptions = {**selection.options, "pii": ()}
        self._next: Call[OrdersList] | None = search_call(_widened(search)) if search else None
        self._pages = self._lists = self._failures = 0
        self._needs_date = False
        self._found: dict[str, AmazonOrder] = {}
        self._failure = ""
        """Why the latest list failed."""
        self._refusal: str | None = None
        """Why there is no Restricted Data Token, where one was refused."""
        self._logged: set[str] = set()

    async def page(self, orders: Sequence[AmazonOrder]) -> list[AmazonOrder]:
        """Return the orders of the next page, completed."""
        self._pages += 1
        await self._search_for({order.amazon_order_id for order in orders})
        return await self.listed(orders)

    async def listed(self, orders: Sequence[AmazonOrder]) -> list[AmazonOrder]:
        """Return orders, completed by their ids where they were not found before."""
        lacking = {
            order.amazon_order_id: order for order in orders if order.amazon_order_id not in self._found
        }
        reasons: dict[str, str] = {}
        for start in range(0, len(lacking), MOST_IDS):
            chunk = list(lacking.values())[start : start + MOST_IDS]
            is_listed = not self._is_over and await self._attempted(self._by_ids(chunk)) is not None
            reason = _ABSENT if is_listed else self._failure
            reasons |= {order.amazon_order_id: reason for order in chunk}
        made = [
            self._completed(
                order, self._found.get(order.amazon_order_id), reasons.get(order.amazon_order_id, "")
            )
            for order in orders
        ]
        for order in orders:
            self._found.pop(order.amazon_order_id, None)
        return made

    async def one(self, order: AmazonOrder) -> AmazonOrder:
        """Return one order, completed with one call."""
        reason = _ABSENT
        try:
            reply = await self._sent(GET_ORDER(path={"orderId": order.amazon_order_id}))
            if not id_of(reply.value):
                raise lacks(reply, "AmazonOrderId")
            return self._completed(order, self._read(reply.value), reason)
        except NotFoundError:
            pass
        except SpShippingError as error:
            reason = self._note(error)
        return self._completed(order, None, reason)

    @property
    def _is_over(self) -> bool:
        return self._failures >= _MOST_FAILURES

    async def _search_for(self, ids: Collection[str]) -> None:
        """Read pages of v0's own search until these ids are found: at most one page ahead."""
        while self._next is not None and not self._is_over and self._lists <= self._pages:
            if self._found.keys() >= set(ids):
                return
            reply = await self._attempted(self._list(self._next))
            if reply is None:
                return
            self._lists += 1
            self._next = reply.next_call

    async def _by_ids(self, orders: Sequence[AmazonOrder]) -> Reply[OrdersList]:
        if not self._needs_date:
            try:
                return await self._list(self._ids_call(orders))
            except BadRequestError:
                self._needs_date = True
        return await self._list(self._ids_call(orders))

    def _ids_call(self, orders: Sequence[AmazonOrder]) -> Call[OrdersList]:
        return GET_ORDERS(
            query={
                "MarketplaceIds": sorted({order.marketplace_id or self._marketplace_id for order in orders}),
                "AmazonOrderIds": [order.amazon_order_id for order in orders],
                "CreatedAfter": self._earliest(orders) if self._needs_date else None,
            }
        )

    def _earliest(self, orders: Sequence[AmazonOrder]) -> datetime:
        placed = [order.purchase_date for order in orders if order.purchase_date]
        return (min(placed) if placed else self._clock.now() - _OLDEST) - _DAY

    async def _list(self, call: Call[OrdersList]) -> Reply[OrdersList]:
        reply = await self._sent(call)
        for order in reply.value.orders:
            self._found[id_of(order)] = self._read(order)
        return reply

    async def _attempted(self, work: Awaitable[T]) -> T | None:
        """Return the result of *work*; None where it failed."""
        try:
            return await work
        except SpShippingError as error:
            self._failures += 1
            self._failure = self._note(error)
            return None

    async def _sent(self, call: Call[T]) -> Reply[T]:
        """Send a call with the personal data that is requested; without it, where its token is refused."""
        if self._elements and self._refusal is None:
            try:
                return await self._sender.send(call, **self._requested)
            except SpShippingError as error:
                if not _is_refusal(error):
                    raise
                self._refusal = self._note(error)
        return await self._sender.send(call, **self._without)

    def _note(self, error: SpShippingError) -> str:
        """Write a failure to the log, and return it as text; what Amazon said may name a person."""
        operation, status, code = (getattr(error, name, None) for name in ("operation", "status", "code"))
        parts = (operation and f"{operation}:", type(error).__name__, status, code)
        reason = " ".join(str(part) for part in parts if part is not None)
        self._log(reason)
        return reason

    def _log(self, reason: str) -> None:
        """Write to the log why orders are incomplete: once for each reason."""
        if reason not in self._logged:
            self._logged.add(reason)
            log(logging.WARNING, "orders are not completed, or not wholly, from Orders v0: %s", reason)

    def _read(self, order: V0Order) -> AmazonOrder:
        made = AmazonOrder.from_v0(order)
        # some of it comes whether it is requested or not
        if ADDRESS not in self._elements:
            made.shipping_address = None
        if self._elements.isdisjoint({BUYER, BUYER_TAX}):
            made.buyer_info = None
        return made

    def _completed(self, order: AmazonOrder, other: AmazonOrder | None, reason: str) -> AmazonOrder:
        made = complete(order, other) if other else order
        fields = list(self._lacking(made))
        if other and self._refusal:
            fields, reason = [name for name in fields if "." in name], self._refusal
        elif other:
            return made
        if fields:
            self._log(reason)
            made.incomplete = [Gap(fields=fields, reason=reason)]
        return made

    def _lacking(self, order: AmazonOrder) -> Iterator[str]:
        """Yield the fields that were requested, that v0 may have, and that the order does not have."""
        for name in _COMPLETED:
            needed = next((found for prefix, found in _ELEMENTS.items() if name.startswith(prefix)), None)
            value: object = order
            for part in name.split("."):
                value = getattr(value, part, None)
            if value is None and (needed is None or not self._elements.isdisjoint(needed)):
                yield name


def _widened(search: Search) -> Search:
    """Return the search with every status of the groups for which the two APIs use different statuses."""
    given = set(search.statuses)
    extra = set().union(*(group for group in _SAME if group & given)) - given
    return search._replace(statuses=(*search.statuses, *sorted(extra)))


def _is_refusal(error: SpShippingError) -> bool:
    """Return whether a Restricted Data Token is refused, or what needs one."""
    return isinstance(error, AccessDeniedError | AuthError) or getattr(error, "operation", None) == _MINT
