"""Orders 2026-01-01 as the sandbox answers it."""

from collections.abc import Callable, Mapping
from typing import Any

from spshipping.operation import Operation
from spshipping.orders import v2026_01_01 as api
from spshipping.sandbox.answers import Answer, RefusedError, as_json, invalid_input
from spshipping.sandbox.app import Action, Asked
from spshipping.sandbox.orders import v2026
from spshipping.sandbox.orders.book import Entry
from spshipping.sandbox.orders.books import Books
from spshipping.sandbox.orders.record import text
from spshipping.sandbox.orders.search import Query, Spelling, listed, marketplaces, search

_SPELLING = Spelling(
    created=("createdAfter", "createdBefore"),
    updated=("lastUpdatedAfter", "lastUpdatedBefore"),
    size="maxResultsPerPage",
    token="paginationToken",  # noqa: S106 - the name of a parameter
    sized_by_page=True,
)
_STATUSES = tuple(status.value for status in api.FulfillmentStatus)


def broken_token() -> RefusedError:
    """Make the refusal of a page token.

    Source: https://github.com/amzn/selling-partner-api-sdk/issues/717
    """
    return invalid_input(
        "Invalid paginationToken. All parameters must match the original request except maxResultsPerPage"
    )


def actions(books: Books) -> Mapping[Operation[Any], Action]:
    """Return what answers each of the operations."""

    def search_orders(asked: Asked) -> Answer:
        included = listed(asked.query, "includedData", v2026.ALL)
        found = search(books.of(asked.seller), asked.query, _SPELLING, _keeps(asked.query), broken_token)
        named = "lastUpdatedBefore" if found.by == "updated" else "createdBefore"
        orders = [v2026.order(order, included) for order in found.orders]
        page = {"pagination": {"nextToken": found.token}} if found.token else {}
        return Answer(200, as_json({"orders": orders, **page, named: text(found.before)}))

    def get_order(asked: Asked) -> Answer:
        included = listed(asked.query, "includedData", v2026.ALL)
        order = books.entry_of(asked).order()
        return Answer(200, as_json({"order": v2026.order(order, included)}))

    return {api.SEARCH_ORDERS: search_orders, api.GET_ORDER: get_order}


def _keeps(query: Query) -> Callable[[Entry], bool]:
    """Return what tells whether an order is meant.

    Raises:
        RefusedError: a filter is not good.
    """
    places = marketplaces(query, "marketplaceIds")
    statuses = listed(query, "fulfillmentStatuses", _STATUSES)
    senders = listed(query, "fulfilledBy", v2026.FULFILLED_BY.values())

    def keeps(entry: Entry) -> bool:
        life = entry.life
        return not (
            (places and life.place.marketplace.id not in places)
            or (statuses and v2026.STATUSES[entry.status] not in statuses)
            or (senders and v2026.FULFILLED_BY[life.channel] not in senders)
        )

    return keeps
