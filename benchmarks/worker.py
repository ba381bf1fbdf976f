"""One client at work, in the environment that has it: `python -m benchmarks.worker amzn-sp-api`.

A first line on standard input is the job, a second one the sign to begin; the answer is a line of JSON.
Only the client at work is imported, for each has an environment of its own.
"""

import json
import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measure import cpu_seconds

Call = Callable[[], object]
Job = dict[str, Any]
Calls = tuple[Call, Call]
"""getPurchaseOrders, and getTracking."""

_MANY = 1e9


def _spshipping(job: Job) -> Calls:
    from benchmarks.scenarios import OPERATION
    from spshipping import Client, Credentials, FileQuota, Marketplace, MemoryQuota

    client = Client(
        Credentials(job["client_id"], job["client_secret"], job["refresh_token"]),
        Marketplace.UK,
        endpoint=job["endpoint"],
        token_url=job["token_url"],
        quota=FileQuota(Path(job["folder"])) if "folder" in job else MemoryQuota(),
    )
    return (
        lambda: client.send(OPERATION(query={"limit": "1"})),
        lambda: client.shipping.get_tracking(tracking_id="1Z999", carrier_id="AMZN_UK"),
    )


def _amzn_sp_api(job: Job) -> Calls:
    spapi = import_module("spapi")
    config = spapi.SPAPIConfig(job["client_id"], job["client_secret"], job["refresh_token"])
    client = spapi.SPAPIClient(config, oauth_endpoint=job["token_url"], endpoint=job["endpoint"]).api_client
    orders, shipping = spapi.VendorOrdersApi(client), spapi.ShippingApi(client)
    loggers = [logging.getLogger(name) for name in ("spapi", "urllib3")]

    def tracking() -> None:
        shipping.get_tracking("1Z999", "AMZN_UK")
        # each of its models adds a handler to both, so that calls become slower and slower
        for logger in loggers:
            logger.handlers.clear()

    return lambda: orders.get_purchase_orders(limit=1), tracking


def _python_amazon_sp_api(job: Job) -> Calls:
    base, auth = import_module("sp_api.base"), import_module("sp_api.auth")
    url = urlsplit(job["token_url"])
    # it has no option for either address
    tokens = auth.AccessTokenClient
    tokens.scheme, tokens.host, tokens.path = f"{url.scheme}://", url.netloc, url.path
    credentials = {
        "refresh_token": job["refresh_token"],
        "lwa_app_id": job["client_id"],
        "lwa_client_secret": job["client_secret"],
    }
    made = [
        getattr(import_module(f"sp_api.api.{module}"), name)(
            marketplace=base.Marketplaces.UK, credentials=credentials
        )
        for module, name in (
            ("vendor_orders.vendor_orders", "VendorOrders"),
            ("shipping.shipping_v2", "ShippingV2"),
        )
    ]
    orders, shipping = made
    orders.endpoint = shipping.endpoint = job["endpoint"]
    return (
        lambda: orders.get_purchase_orders(limit=1),
        lambda: shipping.get_tracking(trackingId="1Z999", carrierId="AMZN_UK"),
    )


def _with_throttle_retry(job: Job) -> Calls:
    orders, tracking = _python_amazon_sp_api(job)
    throttle_retry = import_module("sp_api.util").throttle_retry
    return throttle_retry()(orders), throttle_retry()(tracking)


def _amzn_selling_partner(job: Job) -> Calls:
    package = import_module("amzn_selling_partner")
    auth = import_module("amzn_selling_partner.plugins._amazon.auth")
    credentials = auth.LWACredentials(
        client_id=job["client_id"], client_secret=job["client_secret"], refresh_token=job["refresh_token"]
    )
    signs_in = auth.LWAAuth(credentials, token_url=job["token_url"], base_url=job["endpoint"])
    client = package.Client(base_url=job["endpoint"], auth=signs_in)
    if job["work"] == "cpu":  # its bucket is reckoned with, but never empty
        for name in ("vendor_orders_v1.getPurchaseOrders", "shipping_v2.getTracking"):
            client.http._throttler.bucket(name, package.RateLimit(_MANY, 1))
    return (
        lambda: client.vendor_orders_v1.list_purchase_orders(limit=1),
        lambda: client.shipping_v2.list_tracking("1Z999", "AMZN_UK"),
    )


CLIENTS: dict[str, Callable[[Job], Calls]] = {
    "spshipping": _spshipping,
    "amzn-sp-api": _amzn_sp_api,
    "python-amazon-sp-api": _python_amazon_sp_api,
    "python-amazon-sp-api, @throttle_retry": _with_throttle_retry,
    "amzn-selling-partner": _amzn_selling_partner,
}


class Crowd:
    """Threads that make calls until there are no more to make."""

    def __init__(self, call: Call, calls: int) -> None:
        self._call = call
        self._left = calls
        self._lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()
        self.ended = 0.0

    def _take(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0

    def _work(self) -> None:
        while self._take():
            outcome = "done"
            try:
                self._call()
            except Exception as error:
                outcome = type(error).__name__
            with self._lock:
                self.outcomes[outcome] += 1
                self.ended = time.monotonic()

    def run(self, threads: int, limit: float) -> dict[str, Any]:
        """Return when it began and ended, in monotonic seconds, and what became of the calls."""
        crowd = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        began = time.monotonic()
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join(max(0.0, began + limit - time.monotonic()))
        is_over = not any(thread.is_alive() for thread in crowd)
        with self._lock:
            ended = self.ended if is_over else time.monotonic()
            return {"began": began, "ended": ended, "outcomes": dict(self.outcomes)}


def cpu_ratio(call: Call, job: Job) -> dict[str, float]:
    """Return the CPU time of a call as a multiple of the bare exchange."""
    import requests

    with requests.Session() as session:
        work: dict[str, Call] = {
            "get": lambda: session.get(job["plain"], headers=job["headers"]).json(),
            "call": call,
        }
        taken = cpu_seconds(work, rounds=51, calls=20)
    return {"ratio": taken["call"] / taken["get"]}


def main() -> None:
    """Do one job."""
    job: Job = json.loads(sys.stdin.readline())
    orders, tracking = CLIENTS[sys.argv[1]](job)
    with suppress(Exception):  # signed in and connected; the bucket knows no parcel
        tracking()
    print("ready", flush=True)
    sys.stdin.readline()
    if job["work"] == "cpu":
        result: dict[str, Any] = cpu_ratio(tracking, job)
    else:
        result = Crowd(orders, job["calls"]).run(job["threads"], job["limit"])
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
