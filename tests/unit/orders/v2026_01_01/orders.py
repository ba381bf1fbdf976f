"""Answers of Orders 2026-01-01, for the tests of it."""

from typing import Any

from spshipping.orders.v2026_01_01 import OrdersV20260101Api
from tests.kit import ScriptedTransport, answer, client_of

ORDER_ID = "701-5940384-5948934"


def order(order_id: str = ORDER_ID, /, **datasets: Any) -> dict[str, Any]:
    """Make an order of bare bones and one item, with datasets."""
    return {
        "orderId": order_id,
        "createdTime": "2026-02-01T10:00:00Z",
        "lastUpdatedTime": "2026-02-01T11:30:00.500Z",
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": "A1F83G8C2ARO7P"},
        "orderItems": [
            {
                "orderItemId": "1",
                "quantityOrdered": 2,
                "product": {"asin": "B0EXAMPLE1", "sellerSku": "TEA-1"},
            }
        ],
        **datasets,
    }


def page(*order_ids: str, token: str | None = None) -> dict[str, Any]:
    """Make a page; the last one has no pagination at all."""
    there = {"pagination": {"nextToken": token}} if token else {}
    return {"orders": [order(id_) for id_ in order_ids], **there, "lastUpdatedBefore": "2026-03-01T11:58:00Z"}


def facade(*bodies: Any) -> tuple[OrdersV20260101Api, ScriptedTransport]:
    """Make the facade over a transport that answers with *bodies*."""
    network = ScriptedTransport([answer(200, body) for body in bodies])
    return OrdersV20260101Api(client_of(network).context), network


def queries(network: ScriptedTransport) -> list[str]:
    """Return the query of every request."""
    return [request.url.partition("?")[2] for request in network.requests]
