"""Orders v0 as the sandbox answers it: what can be read."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from spshipping.operation import Operation
from spshipping.orders import v0 as api
from spshipping.sandbox.answers import Answer, RefusedError, as_json, invalid_input, success
from spshipping.sandbox.app import Action, Asked
from spshipping.sandbox.orders import v0
from spshipping.sandbox.orders.book import Entry
from spshipping.sandbox.orders.books import Books
from spshipping.sandbox.orders.record import Order, text
from spshipping.sandbox.orders.search import Query, Spelling, instant, listed, marketplaces, search

_SPELLING = Spelling(
    created=("CreatedAfter", "CreatedBefore"),
    updated=("LastUpdatedAfter", "LastUpdatedBefore"),
    size="MaxResultsPerPage",
    token="NextToken",  # noqa: S106 - the name of a parameter
    sized_by_page=False,
    ids=("AmazonOrderIds", "SellerOrderId"),
)
STATUSES = tuple(status.value for status in api.OrderStatus)
_EASY_SHIP = tuple(status.value for status in api.EasyShipShipmentStatus)
_INVOICES = tuple(status.value for status in api.ElectronicInvoiceStatus)
_APART = (
    "FulfillmentChannels",
    "OrderStatuses",
    "PaymentMethods",
    "LastUpdatedAfter",
    "LastUpdatedBefore",
    "BuyerEmail",
)
"""What does not go together with `SellerOrderId`."""
_MOST_IDS = 50
_Test = Callable[[Order], bool]
_Value = Callable[[Order], object]
_EQUAL: Mapping[str, _Value] = {
    "BuyerEmail": lambda order: order.buyer.email,
    "SellerOrderId": lambda order: order.seller_order_id,
    "ActualFulfillmentSupplySourceId": lambda order: order.supply_source,
    "StoreChainStoreId": lambda order: order.store,
    "IsISPU": lambda order: "true" if order.is_pickup else "false",
}
_AMONG: Mapping[str, tuple[tuple[str, ...], _Value]] = {
    "PaymentMethods": (("COD", "CVS", "Other"), v0.payment_method),
    "EasyShipShipmentStatuses": (_EASY_SHIP, lambda order: order.easy_ship),
    "ElectronicInvoiceStatuses": (_INVOICES, lambda order: order.invoice),
}


def broken_token() -> RefusedError:
    """Make the refusal of a page token; it says as little as Amazon's."""
    body = {"errors": [{"code": "InvalidInput", "message": None, "details": ""}]}
    return RefusedError(Answer(400, as_json(body)))


def actions(books: Books) -> Mapping[Operation[Any], Action]:
    """Return what answers each of the reading operations."""

    def get_orders(asked: Asked) -> Answer:
        found = search(books.of(asked.seller), asked.query, _SPELLING, _keeps(asked.query), broken_token)
        named = "LastUpdatedBefore" if found.by == "updated" else "CreatedBefore"
        orders = [v0.order(order, asked.elements) for order in found.orders]
        payload = {"Orders": orders, named: text(found.before)}
        return success(payload | ({"NextToken": found.token} if found.token else {}))

    def reads(tell: Callable[[Order, Asked], Any]) -> Action:
        def action(asked: Asked) -> Answer:
            if "NextToken" in asked.query:
                raise broken_token()  # no order here has so many items
            return success(tell(books.entry_of(asked).order(), asked))

        return action

    return {
        api.GET_ORDERS: get_orders,
        api.GET_ORDER: reads(lambda order, asked: v0.order(order, asked.elements)),
        api.GET_ORDER_BUYER_INFO: reads(lambda order, _: v0.buyer_info(order)),
        api.GET_ORDER_ADDRESS: reads(lambda order, _: v0.address(order)),
        api.GET_ORDER_ITEMS: reads(lambda order, asked: v0.items(order, asked.elements)),
        api.GET_ORDER_ITEMS_BUYER_INFO: reads(lambda order, _: v0.items_buyer_info(order)),
        api.GET_ORDER_REGULATED_INFO: reads(lambda order, _: v0.regulated_info(order)),
    }


def _keeps(query: Query) -> Callable[[Entry], bool]:
    """Return what tells whether an order is meant.

    Raises:
        RefusedError: a filter is not good.
    """
    if "SellerOrderId" in query and any(name in query for name in _APART):
        raise invalid_input(f"SellerOrderId goes with none of {', '.join(_APART)}")
    ids = frozenset(filter(None, query.get("AmazonOrderIds", "").split(",")))
    if len(ids) > _MOST_IDS:
        raise invalid_input(f"AmazonOrderIds must have at most {_MOST_IDS} items")
    places = marketplaces(query, "MarketplaceIds")
    statuses = listed(query, "OrderStatuses", STATUSES)
    channels = listed(query, "FulfillmentChannels", ("MFN", "AFN"))
    tests = _tests(query)

    def keeps(entry: Entry) -> bool:
        life = entry.life
        if life.place.marketplace.id not in places or (ids and life.id not in ids):
            return False
        if (statuses and entry.status not in statuses) or (channels and life.channel not in channels):
            return False
        if not tests:
            return True
        order = entry.order()
        return all(test(order) for test in tests)

    return keeps


def _tests(query: Query) -> list[_Test]:
    """Return the filters for which an order must be known whole."""
    tests = [_is_among(value_of, {query[name]}) for name, value_of in _EQUAL.items() if name in query]
    for name, (allowed, value_of) in _AMONG.items():
        wanted = listed(query, name, allowed)
        tests += [_is_among(value_of, wanted)] if wanted else []
    for name, index in (("EarliestDeliveryDate", 0), ("LatestDeliveryDate", 1)):
        first, last = instant(query, f"{name}After"), instant(query, f"{name}Before")
        if first is not None or last is not None:
            tests.append(_delivered(index, first or 0, last or float("inf")))
    return tests


def _is_among(value_of: _Value, wanted: Collection[str]) -> _Test:
    return lambda order: value_of(order) in wanted


def _delivered(index: int, first: float, last: float) -> _Test:
    return lambda order: order.channel == "MFN" and first <= order.deliver_by[index] <= last
