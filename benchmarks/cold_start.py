"""From the start of a process to its first order, token included: by us, by others, by untyped requests."""

import sys
from typing import NamedTuple

from benchmarks.measure import Row
from benchmarks.orders_samples import APIS
from benchmarks.processes import Program, medians
from benchmarks.server import TOKEN_PATH, TRACKING_PATH, canned

GOALS = {"v0": 1.40, "v2026": 1.45}
_ROUNDS = 21
_OFFICIAL = "amzn-sp-api"
"""The one that we must be ahead of."""


class _Search(NamedTuple):
    """How each client asks for one order, and what it finds."""

    path: str
    query: str
    found: str
    ours: str
    official: str
    untyped: str
    pydantic: str


_SEARCHES = {
    "v0": _Search(
        "/orders/v0/orders",
        '{"MarketplaceIds": "A1F83G8C2ARO7P", "CreatedAfter": since, "MaxResultsPerPage": 1}',
        '["payload"]["Orders"][0]["AmazonOrderId"]',
        "client.orders.v0.get_orders(marketplace_ids=[Marketplace.UK], created_after=since,"
        " max_results_per_page=1).orders[0].amazon_order_id",
        'spapi.OrdersV0Api(client).get_orders(["A1F83G8C2ARO7P"], created_after=since,'
        " max_results_per_page=1).payload.orders[0].amazon_order_id",
        'OrdersV0, "get_orders", {"CreatedAfter": since, "MaxResultsPerPage": 1}, "Orders", "AmazonOrderId"',
        'client.orders_v0.list_orders(["A1F83G8C2ARO7P"], created_after="2026-01-01T00:00:00Z",'
        " max_results_per_page=1).payload.orders[0].amazon_order_id",
    ),
    "v2026": _Search(
        "/orders/2026-01-01/orders",
        '{"createdAfter": since, "maxResultsPerPage": 1}',
        '["orders"][0]["orderId"]',
        "client.orders.v2026_01_01.search_orders(created_after=since, max_results_per_page=1)"
        ".orders[0].order_id",
        "spapi.SearchOrdersApi(client).search_orders(created_after=since, max_results_per_page=1)"
        ".orders[0].order_id",
        'OrdersV20260101, "search_orders", {"createdAfter": since, "maxResultsPerPage": 1}, "orders",'
        ' "orderId"',
        "client.orders_v2026_01_01.list_orders(created_after=since, max_results_per_page=1)"
        ".orders[0].order_id",
    ),
}

_UNTYPED = """
import sys, requests
endpoint, since = sys.argv[1], "2026-01-01T00:00:00Z"
form = {{"grant_type": "refresh_token", "client_id": "c", "client_secret": "s", "refresh_token": "r"}}
with requests.Session() as session:
    token = session.post(endpoint + "{token}", data=form).json()["access_token"]
    headers = {{"x-amz-access-token": token}}
    print(session.get(endpoint + "{path}", params={query}, headers=headers).json(){found})
"""
_OURS = """
import sys, warnings
from datetime import UTC, datetime
from spshipping import Client, Credentials, Marketplace
warnings.simplefilter("ignore", DeprecationWarning)
endpoint, since = sys.argv[1], datetime(2026, 1, 1, tzinfo=UTC)
token_url = endpoint + "{token}"
with Client(Credentials("c", "s", "r"), Marketplace.UK, endpoint=endpoint, token_url=token_url) as client:
    print({call})
"""
_PEERS = {
    _OFFICIAL: """
import sys, spapi
endpoint, since = sys.argv[1], "2026-01-01T00:00:00Z"
config = spapi.SPAPIConfig("c", "s", "r")
client = spapi.SPAPIClient(config, oauth_endpoint=endpoint + "{token}", endpoint=endpoint).api_client
print({search.official})
""",
    # it has no option for either address
    "python-amazon-sp-api": """
import sys
from sp_api.api import OrdersV0, OrdersV20260101
from sp_api.auth import AccessTokenClient
from sp_api.base import Marketplaces
endpoint, since = sys.argv[1], "2026-01-01T00:00:00Z"
AccessTokenClient.scheme, AccessTokenClient.host = "http://", endpoint.removeprefix("http://")
AccessTokenClient.path = "{token}"
credentials = {{"refresh_token": "r", "lwa_app_id": "c", "lwa_client_secret": "s"}}
facade, method, query, orders, name = {search.untyped}
client = facade(marketplace=Marketplaces.UK, credentials=credentials)
client.endpoint = endpoint
print(getattr(client, method)(**query).payload[orders][0][name])
""",
    "amzn-selling-partner": """
import sys
from datetime import datetime, timezone
from amzn_selling_partner import Client
from amzn_selling_partner.plugins._amazon.auth import LWAAuth, LWACredentials
endpoint, since = sys.argv[1], datetime(2026, 1, 1, tzinfo=timezone.utc)
credentials = LWACredentials(client_id="c", client_secret="s", refresh_token="r")
signs_in = LWAAuth(credentials, token_url=endpoint + "{token}", base_url=endpoint)
client = Client(base_url=endpoint, auth=signs_in)
print({search.pydantic})
""",
}


def measure(tracking: str, interpreters: dict[str, str]) -> list[Row]:
    """Measure the first order of each API by each client, and our first getTracking.

    Args:
        tracking: the server of getTracking.
        interpreters: that of each other client, by its package.
    """
    rows = _tracking(tracking)
    with canned("benchmarks.orders_server") as endpoint:
        for api in _SEARCHES:
            rows += _first_order(api, endpoint, interpreters)
    return rows


def _tracking(endpoint: str) -> list[Row]:
    query, found = '{"trackingId": "1Z", "carrierId": "A"}', '["payload"]["summary"]["status"]'
    call = 'client.shipping.get_tracking(tracking_id="1Z", carrier_id="A").summary.status'
    here = {
        "untyped requests": _UNTYPED.format(token=TOKEN_PATH, path=TRACKING_PATH, query=query, found=found),
        "spshipping, typed": _OURS.format(token=TOKEN_PATH, call=call),
    }
    taken = medians({name: (sys.executable, text, endpoint) for name, text in here.items()}, rounds=_ROUNDS)
    base = taken["untyped requests"]
    return [Row("cold start to the first getTracking", name, taken[name] / base) for name in taken]


def _first_order(api: str, endpoint: str, interpreters: dict[str, str]) -> list[Row]:
    search = _SEARCHES[api]
    programs: dict[str, Program] = {
        "untyped requests": (
            sys.executable,
            _UNTYPED.format(token=TOKEN_PATH, path=search.path, query=search.query, found=search.found),
            endpoint,
        ),
        "spshipping, typed": (sys.executable, _OURS.format(token=TOKEN_PATH, call=search.ours), endpoint),
    }
    part, missing = f"cold start to the first order, {APIS[api].name}", []
    for package, python in interpreters.items():
        program = (python, _PEERS[package].format(token=TOKEN_PATH, search=search), endpoint)
        try:
            medians({package: program}, rounds=1)
        except RuntimeError as error:
            missing.append(Row(part, package, None, note=str(error)))
        else:
            programs[package] = program
    taken = medians(programs, rounds=_ROUNDS)
    base, ours = taken["untyped requests"], taken["spshipping, typed"]
    rows = [
        Row(part, name, seconds / base, GOALS[api] if name == "spshipping, typed" else None)
        for name, seconds in taken.items()
    ]
    if _OFFICIAL in taken:
        rows.append(Row(part, f"spshipping, against {_OFFICIAL}", ours / taken[_OFFICIAL], 1.0))
    return rows + missing
