"""Reads the purchase orders that an import delivers, seven days at a time."""

import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from spshipping.errors import ConfigurationError, NotFoundError, QuotaError, SwitchedOffError
from spshipping.facade import Context
from spshipping.operation import Call, CallOptions, Operation, Reply
from spshipping.settings import VendorSettings
from spshipping.sync import Window
from spshipping.sync.digests import digest_of
from spshipping.sync.page import Change, Page
from spshipping.sync.passes import patience
from spshipping.sync.whole import whole_page
from spshipping.transport.bucket import QuotaState
from spshipping.vendor.orders.api import GET_PURCHASE_ORDER, GET_PURCHASE_ORDERS, GET_PURCHASE_ORDERS_STATUS
from spshipping.vendor.orders.matching import is_foreign
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.orders.models.status import OrderStatus
from spshipping.vendor.parameters import NEXT_TOKEN
from spshipping.vendor.rules.quantities import details
from spshipping.vendor.sync.imported import ImportedOrder, ImportReason
from spshipping.vendor.sync.place import FIRST, Place, first_slice, next_slice

T = TypeVar("T")
Known = Callable[[Sequence[str]], Collection[str]]
"""Gets the numbers of a page, and returns those of them that you have."""
AsyncKnown = Callable[[Sequence[str]], Collection[str] | Awaitable[Collection[str]]]
"""The same for asyncio; it may be a coroutine function."""

HORIZON = timedelta(days=180)
"""How far back searches begin: Amazon keeps purchase orders for six months, which are 181 days at least.

Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-orders-api-model
"""
_CHANGE_OVERLAP = timedelta(hours=1)
"""How far a search for changes reaches back: they are dated, but an order appears hours after its date."""
_REST = timedelta(days=1)
"""So long a search may go on before its window is too old."""
_MOST_PER_PAGE = 100
_LOOKUPS = 5
"""So many purchase orders are read one by one for a page: half of what the quota allows at once."""
_FUZZ = 1e-6
"""Seconds that are too few to wait: with large numbers, the clock would not move."""
_VITAL_ORDERS = re.compile(r"orders(\[\d+\](\.purchaseOrderNumber)?)?\Z|pagination(\.nextToken)?\Z")
_VITAL_STATES = re.compile(r"ordersStatus(\[\d+\](\.purchaseOrderNumber)?)?\Z|pagination(\.nextToken)?\Z")
_VITAL_ORDER = re.compile(r"purchaseOrderNumber\Z")

_logger = logging.getLogger("spshipping")


class Searches(NamedTuple):
    """What an import reads."""

    each: tuple[ImportReason, ...]
    """The searches of every seven days."""
    has_missing: bool
    """Whether the last six months are searched for what is missing, with the first pass of each day."""
    has_states: bool
    """Whether each purchase order comes with its state."""
    switched_off: str = ""
    """The switch because of which there is no search."""

    @classmethod
    def of(cls, settings: VendorSettings) -> "Searches":
        """Return what the switches of a connection leave on."""
        for name in ("synchronization_enabled", "orders_integration"):
            if not getattr(settings, name):
                return cls((), has_missing=False, has_states=False, switched_off=name)
        each: list[ImportReason] = []
        if settings.import_new_orders:
            each += [ImportReason.NEW, ImportReason.CHANGED]
        if settings.import_history:
            each.append(ImportReason.HISTORY)
        has_missing = settings.import_missing_orders
        name = "" if each or has_missing else "import_new_orders"
        return cls(tuple(each), has_missing, settings.import_history, name)

    def require(self) -> None:
        """Refuse to send anything where all is switched off.

        Raises:
            SwitchedOffError: it is.
        """
        if self.switched_off:
            raise SwitchedOffError(
                "the import of purchase orders is switched off, and nothing is sent: switch it on with"
                f" {self.switched_off} in the settings of the connection"
            )


class PurchaseOrderFeed:
    """Searches page by page: for each seven days what is new, what changed, and what happened to it."""

    def __init__(
        self,
        context: Context,
        options: CallOptions,
        *,
        searches: Searches,
        known: Known | AsyncKnown | None,
        overlap: timedelta,
    ) -> None:
        self.context = context
        self.searches = searches
        self._options = options
        self._known = known
        self._overlap = overlap
        self._code = context.vendor_code
        self._delivered: Mapping[str, str] = {}
        self._waits_until: float | None = None
        self._by_code = {"orderingVendorCode": self._code} if self._code else {}

    @property
    def filters(self) -> Mapping[str, str]:
        """What is searched for."""
        return self._by_code

    def note(self, delivered: Mapping[str, str]) -> None:
        """Note what was delivered: it is not read by its number again."""
        self._delivered = delivered

    async def quota(self) -> QuotaState:
        """Return how the quotas stand; what a page may need must be there at once, so that it never waits."""
        # a full page may have to be requested once more
        needs: list[tuple[Operation[Any], int]] = [(GET_PURCHASE_ORDERS, 2)]
        if self.searches.has_states:
            needs += [(GET_PURCHASE_ORDERS_STATUS, _LOOKUPS), (GET_PURCHASE_ORDER, _LOOKUPS)]
        found = [(await self.context.sender.quota(operation), count) for operation, count in needs]
        state, wait = found[0][0], max(_wait(quota, count) for quota, count in found)
        return state._replace(wait=wait, rate=min(quota.rate for quota, _ in found))

    async def page(
        self, window: Window, cursor: str | None, *, longest: float | None = None
    ) -> Page[ImportedOrder]:
        """Return one page; the first where there is no cursor."""
        self._waits_until = None if longest is None else self.context.clock.monotonic() + longest
        try:
            return await self._read(window, cursor, longest)
        finally:
            self._waits_until = None

    async def _read(self, window: Window, cursor: str | None, longest: float | None) -> Page[ImportedOrder]:
        self.searches.require()
        place = self._first(window) if cursor is None else Place.from_text(cursor)
        changes: Sequence[Change[ImportedOrder]] = ()
        if place is not None:
            oldest = self._oldest()
            if place.window.after < oldest - _REST:
                place = place.from_then_on(oldest)
            if self._is_on(place.reason):
                read = self._looked_up if place.pending else self._listed
                try:
                    changes, place = await read(self._kept(window), place)
                except QuotaError as error:
                    if longest is None:
                        raise
                    return Page((), cursor, wait=error.wait)
            else:  # switched off since
                place = place._replace(orders=None, pending=(), has_new=False)
            place = self._following(window, place) if place.is_done else place
        return Page(changes, place.to_text() if place else None)

    async def one(self, number: str, reason: ImportReason) -> ImportedOrder:
        """Return one purchase order by its number, with its state."""
        call = GET_PURCHASE_ORDER(path={"purchaseOrderNumber": number})
        order = (await self._whole(call, lambda _: False, _VITAL_ORDER)).value
        if not self.searches.has_states:
            return ImportedOrder(order, None, reason)
        query = {**self._by_code, "purchaseOrderNumber": number}
        states = GET_PURCHASE_ORDERS_STATUS(query=query)
        found = (await self._whole(states, lambda _: False, _VITAL_STATES)).value.orders_status or []
        return ImportedOrder(order, next(iter(found), None), reason)

    def missing(self, known: Known | AsyncKnown) -> "PurchaseOrderFeed":
        """Return a feed that searches for what is missing, and for nothing else."""
        searches = Searches((), has_missing=True, has_states=self.searches.has_states)
        return _MissingFeed(
            self.context, self._options, searches=searches, known=known, overlap=self._overlap
        )

    def _is_on(self, reason: ImportReason) -> bool:
        if reason is ImportReason.MISSING:
            return self.searches.has_missing
        return reason in self.searches.each

    def _oldest(self) -> datetime:
        return (self.context.clock.now() - HORIZON).replace(microsecond=0)

    def _kept(self, window: Window) -> Window:
        """Return what of *window* lies in the last six months."""
        oldest = self._oldest()
        return Window(max(window.after, oldest), max(window.before, oldest))

    def _is_due(self, window: Window) -> bool:
        """Say whether *window* holds a midnight (UTC), beyond the overlap."""
        return (window.after + self._overlap).date() != window.before.date()

    def _first(self, window: Window) -> Place | None:
        each = self.searches.each
        if each:
            has_new = ImportReason.NEW in each
            return self._place(window, each[0], first_slice(self._kept(window)), has_new=has_new)
        return self._first_missing(window)

    def _first_missing(self, window: Window) -> Place | None:
        if not self.searches.has_missing or not self._is_due(window):
            return None
        whole = self._kept(Window(window.before - HORIZON, window.before))
        return self._place(window, ImportReason.MISSING, first_slice(whole), has_new=False)

    def _following(self, window: Window, place: Place) -> Place | None:
        """Return the search that follows after one that is complete."""
        if place.reason is ImportReason.MISSING:
            part = next_slice(window, place.window) if self.searches.has_missing else None
            return self._place(window, place.reason, part, has_new=False) if part else None
        order = list(ImportReason)
        later = [each for each in self.searches.each if order.index(each) > order.index(place.reason)]
        if later:
            return self._place(window, later[0], place.window, has_new=place.has_new)
        part = next_slice(window, place.window)
        if part and self.searches.each:
            return self._place(window, self.searches.each[0], part, has_new=place.has_new)
        return self._first_missing(window)

    def _place(self, window: Window, reason: ImportReason, part: Window, *, has_new: bool) -> Place:
        """Return the beginning of the search of a part of *window*."""
        has_states = self.searches.has_states and reason is ImportReason.NEW
        if reason in (ImportReason.CHANGED, ImportReason.HISTORY):
            after = window.after + self._overlap - min(self._overlap, _CHANGE_OVERLAP)
            part = part._replace(after=min(max(part.after, after), part.before))
        return Place(reason, part, states=FIRST if has_states else None, has_new=has_new)

    async def _listed(self, window: Window, place: Place) -> tuple[list[Change[ImportedOrder]], Place]:
        """Return what a page of a search has, and what follows."""
        if place.reason is ImportReason.HISTORY:
            found, token = await self._states("updated", place.window, place.orders)
            numbers = [
                status.purchase_order_number
                for status in found
                if not _is_covered(window, place, getattr(status, "purchase_order_date", None))
                and not self._has(status.purchase_order_number, 1, status)
            ]
            return [], _pending(place, token, numbers)
        name = "changed" if place.reason is ImportReason.CHANGED else "created"
        orders, token = await self._orders(name, place.window, place.orders)
        if place.reason is ImportReason.CHANGED:
            orders = [
                order
                for order in orders
                if not _is_covered(window, place, getattr(details(order), "purchase_order_date", None))
            ]
        elif place.reason is ImportReason.MISSING:
            orders = await self._missing(orders)
        if not self.searches.has_states:
            return [self._change(window, place, order, None) for order in orders], place._replace(
                orders=token
            )
        if place.reason is not ImportReason.NEW:
            is_changed = place.reason is ImportReason.CHANGED
            numbers = [
                order.purchase_order_number
                for order in orders
                if not is_changed or not self._has(order.purchase_order_number, 0, order)
            ]
            return [], _pending(place, token, numbers)
        return await self._joined(window, place, orders, token)

    def _has(self, number: str, part: int, found: Order | OrderStatus) -> bool:
        """Say whether this part, order or state, was delivered as it is."""
        parts = self._delivered.get(number.strip(), "").split(".")
        return len(parts) > part and parts[part] == digest_of(found)

    async def _joined(
        self, window: Window, place: Place, orders: Sequence[Order], token: str | None
    ) -> tuple[list[Change[ImportedOrder]], Place]:
        """Return orders with their states, of a search with the same window.

        Where the pages of both do not hold the same orders, the rest is read by its number.
        """
        found: Sequence[OrderStatus] = ()
        next_states = place.states
        if place.states is not None:
            found, next_states = await self._states("created", place.window, place.states)
        states = {status.purchase_order_number.strip(): status for status in found}
        changes, pending = [], []
        for order in orders:
            status = states.get(order.purchase_order_number.strip())
            if status is None:
                pending.append(order.purchase_order_number)
            else:
                changes.append(self._change(window, place, order, status))
        return changes, _pending(place, token, pending)._replace(states=next_states)

    async def _looked_up(self, window: Window, place: Place) -> tuple[list[Change[ImportedOrder]], Place]:
        """Return some of what is to be read by its number."""
        changes, read = [], 0
        for number in place.pending[:_LOOKUPS]:
            found = None
            try:
                found = await self.one(number, place.reason)
            except NotFoundError:
                # the states of older ones can change; they themselves are gone
                _logger.warning("a purchase order was found by a search, and is not there by its number")
            except QuotaError:
                if not read:
                    raise
                break  # what was read is kept, and the rest comes with the next page
            read += 1
            if found is None:
                continue
            if is_foreign(found.purchase_order, self._code):
                _logger.warning("a purchase order of another vendor code was left out")
                continue
            changes.append(self._change(window, place, found.purchase_order, found.status))
        return changes, place._replace(pending=place.pending[read:])

    def _change(
        self, window: Window, place: Place, order: Order, status: OrderStatus | None
    ) -> Change[ImportedOrder]:
        reason, again = place.reason, place.reason
        # the search says no more: it became available, or changed, in this window
        time: datetime | None = place.window.before
        is_kept = reason is not ImportReason.MISSING  # else, whatever was delivered before: it is not there
        if not is_kept or _last_change(order, status, place.window.before) > window.before - self._overlap:
            time = None  # the next pass finds it once more, by that change: it is noted until then
        if reason is ImportReason.NEW:
            is_changed = getattr(details(order), "purchase_order_changed_date", None) is not None
            again = ImportReason.CHANGED if is_changed or status is None else ImportReason.HISTORY
        return Change(
            order.purchase_order_number.strip(),
            time,
            ImportedOrder(order, status, reason),
            (order, status),
            is_kept,
            ImportedOrder(order, status, again),
        )

    async def _missing(self, orders: Sequence[Order]) -> list[Order]:
        """Return the orders that are not known."""
        if self._known is None or not orders:
            return []
        numbers = [order.purchase_order_number.strip() for order in orders]
        known: object = await self.context.io.plugin(self._known, numbers)
        if isinstance(known, str) or not isinstance(known, Collection):
            raise ConfigurationError("known= returns a set of those numbers that you have, and nothing else")
        return [order for order, number in zip(orders, numbers, strict=True) if number not in known]

    async def _orders(
        self, name: str, window: Window, token: str | None
    ) -> tuple[Sequence[Order], str | None]:
        call = GET_PURCHASE_ORDERS(query=self._query(name, window, token))
        reply = await self._whole(call, lambda page: len(page.orders or ()) >= _MOST_PER_PAGE, _VITAL_ORDERS)
        return reply.value.orders or (), _token(reply)

    async def _states(
        self, name: str, window: Window, token: str | None
    ) -> tuple[Sequence[OrderStatus], str | None]:
        call = GET_PURCHASE_ORDERS_STATUS(query=self._query(name, window, token))
        reply = await self._whole(
            call, lambda page: len(page.orders_status or ()) >= _MOST_PER_PAGE, _VITAL_STATES
        )
        return reply.value.orders_status or (), _token(reply)

    def _query(self, name: str, window: Window, token: str | None) -> dict[str, object]:
        return {
            **self._by_code,
            f"{name}After": window.after,
            f"{name}Before": window.before,
            "limit": _MOST_PER_PAGE,
            NEXT_TOKEN.name: token or None,
        }

    async def _whole(self, call: Call[T], is_full: Callable[[T], bool], vital: re.Pattern[str]) -> Reply[T]:
        reply = await self._page(call, vital)
        if reply.next_call is None and is_full(reply.value):
            # a full page that is the last is rare; a token that got lost would cost all that follows
            reply = await self._page(call, vital)
        return reply

    async def _page(self, call: Call[T], vital: re.Pattern[str]) -> Reply[T]:
        ends_at = self._waits_until
        left = None if ends_at is None else max(0.0, ends_at - self.context.clock.monotonic())
        quota = await self.context.sender.quota(call.operation)
        limits: CallOptions = {**self._options, **patience(quota, left)}
        return await whole_page(self.context, call, limits, vital=vital, items="purchase order")


class _MissingFeed(PurchaseOrderFeed):
    """Searches for what is missing in one window, whatever the time."""

    def _first_missing(self, window: Window) -> Place | None:
        part = first_slice(self._kept(window))
        return self._place(window, ImportReason.MISSING, part, has_new=False)


def _wait(quota: QuotaState, count: int) -> float:
    """Return how many seconds it takes until so many calls may be sent at once."""
    lacking = min(count, quota.burst) - quota.left
    wait = max(quota.wait, lacking / quota.rate)
    return wait if wait > _FUZZ else 0.0


def _token(reply: Reply[Any]) -> str | None:
    return reply.next_call.query[NEXT_TOKEN.name] if reply.next_call else None


def _pending(place: Place, token: str | None, numbers: Sequence[str]) -> Place:
    return place._replace(orders=token, pending=tuple(number.strip() for number in numbers))


def _is_covered(window: Window, place: Place, date: datetime | None) -> bool:
    """Say whether this pass, or the next, delivers an order as a new one: it became available after its date.

    It was read, or will be, after the end of the window, and so as it is now.
    """
    return place.has_new and date is not None and date >= window.after


def _last_change(order: Order, status: OrderStatus | None, default: datetime) -> datetime:
    """Return when something happened to a purchase order last, as far as it says."""
    found = details(order)
    times = [
        getattr(found, "purchase_order_changed_date", None),
        getattr(found, "purchase_order_state_changed_date", None),
        getattr(status, "last_updated_date", None),
    ]
    return max((time for time in times if time is not None), default=default)
