"""The operations of Orders v0 as the sandbox implements them."""

import copy
from collections.abc import Callable, Collection, Mapping
from typing import Any

from spshipping.orders import v0 as api
from spshipping.sandbox.operations import ApiRequest, Implementation, Implementations
from spshipping.sandbox.orders import reports, response_v0
from spshipping.sandbox.orders.by_seller import OrdersBySeller
from spshipping.sandbox.orders.record import CHANNELS, OTHER_METHOD, SPECIAL_METHODS, STATUSES, Order
from spshipping.sandbox.orders.search import (
    Found,
    Matches,
    Query,
    TimeParameters,
    check_count,
    instant,
    listed,
    marketplaces,
    search,
)
from spshipping.sandbox.orders.seller_orders import StoredOrder
from spshipping.sandbox.pages import PageParameters
from spshipping.sandbox.refusals import INVALID_INPUT, RefusedError, invalid_input, refused
from spshipping.sandbox.responses import Response, payload_response

_TIMES = TimeParameters(
    created=("CreatedAfter", "CreatedBefore"),
    updated=("LastUpdatedAfter", "LastUpdatedBefore"),
    ids=("AmazonOrderIds", "SellerOrderId"),
)
_EXCLUDED = (
    "FulfillmentChannels",
    "OrderStatuses",
    "PaymentMethods",
    *_TIMES.updated,
    "BuyerEmail",
)
"""The parameters that cannot be combined with `SellerOrderId`."""
_Test = Callable[[Order], bool]
_Value = Callable[[Order], object]
_EQUAL: Mapping[str, _Value] = {
    "BuyerEmail": lambda order: order.buyer.email,
    "SellerOrderId": lambda order: order.seller_order_id,
    "ActualFulfillmentSupplySourceId": lambda order: order.supply_source,
    "StoreChainStoreId": lambda order: order.store,
    "IsISPU": lambda order: "true" if order.is_pickup else "false",
}
"""The parameters that have one value, and the value of an order that must be equal to it."""
_AMONG: Mapping[str, tuple[Collection[str], _Value]] = {
    "PaymentMethods": ((*SPECIAL_METHODS, OTHER_METHOD), lambda order: order.payment_method),
    "EasyShipShipmentStatuses": (list(api.EasyShipShipmentStatus), lambda order: order.easy_ship),
    "ElectronicInvoiceStatuses": (list(api.ElectronicInvoiceStatus), lambda order: order.invoice),
}
"""The parameters that have a list of values, and the value of an order that must be among them."""


def _broken_token() -> RefusedError:
    """Make the error for a page token; as at Amazon, it has no message."""
    return refused(INVALID_INPUT, messages=(None,))


_PAGES = PageParameters(token="NextToken", size="MaxResultsPerPage", broken=_broken_token)  # noqa: S106 - a name


class OrdersV0:
    """The operations, on the orders of all sellers."""

    def __init__(self, orders: OrdersBySeller) -> None:
        self._orders = orders
        self.implementations: Implementations = {
            api.GET_ORDERS: self.get_orders,
            api.GET_ORDER: self._read(
                lambda order, request: response_v0.order(order, request.elements),
            ),
            api.GET_ORDER_BUYER_INFO: self._read(lambda order, _: response_v0.buyer_info(order)),
            api.GET_ORDER_ADDRESS: self._read(lambda order, _: response_v0.address(order)),
            api.GET_ORDER_ITEMS: self._read(
                lambda order, request: response_v0.items(order, request.elements),
            ),
            api.GET_ORDER_ITEMS_BUYER_INFO: self._read(lambda order, _: response_v0.items_buyer_info(order)),
            api.GET_ORDER_REGULATED_INFO: self._read(lambda order, _: response_v0.regulated_info(order)),
            api.CONFIRM_SHIPMENT: self._report(reports.confirm_shipment),
            api.UPDATE_SHIPMENT_STATUS: self._report(reports.update_shipment_status),
            api.UPDATE_VERIFICATION_STATUS: self._report(reports.update_verification_status),
        }

    def get_orders(self, request: ApiRequest) -> Response:
        """Return one page of the seller's orders that pass the filters."""
        query = request.query
        times = _TIMES._replace(ids=()) if self._orders.supply.needs_date else _TIMES
        found: Found = search(self._orders.of(request.seller), query, times, _PAGES, _matches(query))
        payload: dict[str, Any] = {
            "Orders": [response_v0.order(order, request.elements) for order in found.orders],
            **found.end,
        }
        return payload_response(payload | ({_PAGES.token: found.token} if found.token else {}))

    def _read(self, build: Callable[[Order, ApiRequest], Any]) -> Implementation:
        """Make an implementation that returns a part of one order, always on a single page."""

        def implementation(request: ApiRequest) -> Response:
            _PAGES.refuse_token(request.query)
            return payload_response(build(self._orders.find(request).order(), request))

        return implementation

    def _report(self, change: Callable[[Order, Mapping[str, Any], int], None]) -> Implementation:
        """Make an implementation that changes one order as the seller reports."""

        def implementation(request: ApiRequest) -> Response:
            orders = self._orders.of(request.seller)
            with orders.lock:
                stored = self._orders.find(request)
                order = copy.deepcopy(stored.order())
                change(order, request.body, orders.update())
                orders.replace(stored, order)
            return Response(204)

        return implementation


def _matches(query: Query) -> Matches:
    """Return the function that decides whether an order passes the filters of *query*.

    Raises:
        RefusedError: a filter is not valid.
    """
    if "SellerOrderId" in query and any(name in query for name in _EXCLUDED):
        raise invalid_input(f"SellerOrderId goes with none of {', '.join(_EXCLUDED)}")
    check_count(query, "AmazonOrderIds")
    ids = frozenset(filter(None, query.get("AmazonOrderIds", "").split(",")))
    places = marketplaces(query, "MarketplaceIds")
    statuses = listed(query, "OrderStatuses", STATUSES)
    channels = listed(query, "FulfillmentChannels", CHANNELS)
    tests = _tests(query)

    def matches(stored: StoredOrder) -> bool:
        plan = stored.plan
        if plan.place.marketplace.id not in places or (ids and plan.id not in ids):
            return False
        if (statuses and stored.status not in statuses) or (channels and plan.channel not in channels):
            return False
        if not tests:
            return True
        order = stored.order()
        return all(test(order) for test in tests)

    return matches


def _tests(query: Query) -> list[_Test]:
    """Return the filters that need the whole order."""
    tests = [_is_among(value_of, {query[name]}) for name, value_of in _EQUAL.items() if name in query]
    for name, (allowed, value_of) in _AMONG.items():
        values = listed(query, name, allowed)
        tests += [_is_among(value_of, values)] if values else []
    for name, index in (("EarliestDeliveryDate", 0), ("LatestDeliveryDate", 1)):
        first, last = instant(query, f"{name}After"), instant(query, f"{name}Before")
        if first is not None or last is not None:
            tests.append(_is_delivered(index, first or 0, last or float("inf")))
    return tests


def _is_among(value_of: _Value, values: Collection[str]) -> _Test:
    return lambda order: value_of(order) in values


def _is_delivered(index: int, first: float, last: float) -> _Test:
    return lambda order: order.channel == "MFN" and first <= order.deliver_by[index] <= last
