"""A seller who looks at orders in plain HTTP."""

from collections.abc import Iterator
from typing import Any

import requests

from spshipping.sandbox import Sandbox
from spshipping.sandbox.clock import write_time as text
from spshipping.sandbox.orders import response_v2026 as v2026
from tests.sandbox.server.world import Json, Shop

V0 = "/orders/v0/orders"
V2026 = "/orders/2026-01-01/orders"
LONG_AGO = "2020-01-01T00:00:00Z"
PLACES = (
    "A1F83G8C2ARO7P,A1PA6795UKMFR9,A13V1IB3VIYZZH,APJ6JRA9NG5V4,A1RKKUPIHCS9HS,"
    "ATVPDKIKX0DER,A2Q3Y263D00KWC,A1VC38T7YXB528,A33AVAJ2PDY3EV,A21TJRUUN4KGV"
)
ALL_DATA = ",".join(sorted(v2026.DATASETS))


def get(shop: Shop, path: str, /, **query: Any) -> requests.Response:
    """Ask with the seller's own token."""
    return shop.session.get(shop.sandbox.url + path, params=query)


def found(answer: requests.Response) -> Any:
    """Return what a successful answer holds."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body.get("payload", body)


def unlock(shop: Shop, path: str, *elements: str) -> None:
    """Let the seller send a Restricted Data Token for *path* from now on."""
    resource: Json = {"method": "GET", "path": path}
    if elements:
        resource["dataElements"] = list(elements)
    answer = shop.session.post(
        f"{shop.sandbox.url}/tokens/2021-03-01/restrictedDataToken", json={"restrictedResources": [resource]}
    )
    assert answer.status_code == 200, answer.text
    shop.session.headers["x-amz-access-token"] = answer.json()["restrictedDataToken"]


def pages_v0(shop: Shop, **query: Any) -> Iterator[Json]:
    """Turn the pages of a search in Orders v0."""
    query = {"MarketplaceIds": PLACES, **query}
    while True:
        page = found(get(shop, V0, **query))
        yield page
        if "NextToken" not in page:
            return
        query["NextToken"] = page["NextToken"]


def pages_2026(shop: Shop, **query: Any) -> Iterator[Json]:
    """Turn the pages of a search in Orders 2026-01-01."""
    while True:
        page = found(get(shop, V2026, **query))
        yield page
        if "pagination" not in page:
            return
        query["paginationToken"] = page["pagination"]["nextToken"]


def orders_v0(shop: Shop, **query: Any) -> list[Json]:
    """Return all orders of a search in Orders v0."""
    return [order for page in pages_v0(shop, **query) for order in page["Orders"]]


def orders_2026(shop: Shop, **query: Any) -> list[Json]:
    """Return all orders of a search in Orders 2026-01-01."""
    return [order for page in pages_2026(shop, **query) for order in page["orders"]]


def earlier(sandbox: Sandbox, seconds: float) -> str:
    """Return the sandbox's time of so many seconds ago, as a parameter."""
    return text(int(sandbox.clock.now().timestamp() - seconds))
