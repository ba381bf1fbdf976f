"""The operations of Orders 2026-01-01 as the sandbox implements them."""

from typing import Any

from spshipping.orders import v2026_01_01 as api
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.orders import response_v2026
from spshipping.sandbox.orders.by_seller import OrdersBySeller
from spshipping.sandbox.orders.record import CHANNELS, STATUSES
from spshipping.sandbox.orders.search import Matches, Query, TimeParameters, listed, marketplaces, search
from spshipping.sandbox.orders.seller_orders import StoredOrder
from spshipping.sandbox.pages import PageParameters
from spshipping.sandbox.refusals import RefusedError, invalid_input
from spshipping.sandbox.responses import Response, json_response

_TIMES = TimeParameters(
    created=("createdAfter", "createdBefore"),
    updated=("lastUpdatedAfter", "lastUpdatedBefore"),
)


def _broken_token() -> RefusedError:
    """Make the error for a page token.

    Source: https://github.com/amzn/selling-partner-api-sdk/issues/717
    """
    return invalid_input(
        "Invalid paginationToken. All parameters must match the original request except maxResultsPerPage"
    )


_PAGES = PageParameters(
    token="paginationToken",  # noqa: S106 - the name of a parameter
    size="maxResultsPerPage",
    has_fixed_size=False,
    broken=_broken_token,
)


class OrdersV2026:
    """The operations, on the orders of all sellers."""

    def __init__(self, orders: OrdersBySeller) -> None:
        self._orders = orders
        self.implementations: Implementations = {
            api.SEARCH_ORDERS: self.search_orders,
            api.GET_ORDER: self.get_order,
        }

    def search_orders(self, request: ApiRequest) -> Response:
        """Return one page of the seller's orders that pass the filters."""
        query = request.query
        datasets = listed(query, "includedData", response_v2026.DATASETS)
        found = search(self._orders.of(request.seller), query, _TIMES, _PAGES, _matches(query))
        body: dict[str, Any] = {
            "orders": [response_v2026.order(order, datasets) for order in found.orders],
            **found.end,
        }
        return json_response(body | ({"pagination": {"nextToken": found.token}} if found.token else {}))

    def get_order(self, request: ApiRequest) -> Response:
        """Return one order."""
        datasets = listed(request.query, "includedData", response_v2026.DATASETS)
        order = self._orders.find(request).order()
        return json_response({"order": response_v2026.order(order, datasets)})


def _matches(query: Query) -> Matches:
    """Return the function that decides whether an order passes the filters of *query*.

    Raises:
        RefusedError: a filter is not valid.
    """
    places = marketplaces(query, "marketplaceIds")
    statuses = listed(query, "fulfillmentStatuses", [facts.v2026 for facts in STATUSES.values()])
    channels = listed(query, "fulfilledBy", CHANNELS.values())

    def matches(stored: StoredOrder) -> bool:
        plan = stored.plan
        return not (
            (places and plan.place.marketplace.id not in places)
            or (statuses and STATUSES[stored.status].v2026 not in statuses)
            or (channels and CHANNELS[plan.channel] not in channels)
        )

    return matches
