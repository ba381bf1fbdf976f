"""One asyncio client at work, in the environment that has it: `python -m benchmarks.worker_async NAME`.

It is spoken to as `benchmarks.worker` is. Only the client at work is imported.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measure import CONCURRENT, cpu_seconds, side_by_side

Make = Callable[[], Coroutine[Any, Any, object]]
Job = dict[str, Any]

_CALLS = 2 * CONCURRENT
_UNLIMITED = 1e9


def _python_amazon_sp_api(job: Job) -> Make:
    base, module = import_module("sp_api.base"), import_module("sp_api.asyncio.api.shipping.shipping_v2")
    url = urlsplit(job["token_url"])
    # it has no option for either address
    tokens = import_module("sp_api.asyncio.auth").AccessTokenClient
    tokens.scheme, tokens.host, tokens.path = f"{url.scheme}://", url.netloc, url.path
    credentials = {
        "refresh_token": job["refresh_token"],
        "lwa_app_id": job["client_id"],
        "lwa_client_secret": job["client_secret"],
    }
    shipping = module.ShippingV2(base.Marketplaces.UK, credentials=credentials)
    shipping.endpoint = job["endpoint"]
    return partial(shipping.get_tracking, trackingId="1Z999", carrierId="AMZN_UK")


def _amzn_selling_partner(job: Job) -> Make:
    package = import_module("amzn_selling_partner")
    auth = import_module("amzn_selling_partner.plugins._amazon.auth")
    credentials = auth.LWACredentials(
        client_id=job["client_id"], client_secret=job["client_secret"], refresh_token=job["refresh_token"]
    )
    signs_in = auth.AsyncLWAAuth(credentials, token_url=job["token_url"], base_url=job["endpoint"])
    client = package.AsyncClient(base_url=job["endpoint"], auth=signs_in)
    # its bucket is counted with, but never empty
    client.http._throttler.bucket("shipping_v2.getTracking", package.RateLimit(_UNLIMITED, 1))
    return partial(client.shipping_v2.list_tracking, "1Z999", "AMZN_UK")


CLIENTS: dict[str, Callable[[Job], Make]] = {
    "python-amazon-sp-api": _python_amazon_sp_api,
    "amzn-selling-partner": _amzn_selling_partner,
}


def main() -> None:
    """Measure the CPU time of a call as a multiple of the bare exchange."""
    import requests

    job: Job = json.loads(sys.stdin.readline())
    with asyncio.Runner() as runner, requests.Session() as session:
        client: list[Make] = []

        async def made() -> None:
            client.append(CLIENTS[sys.argv[1]](job))
            await client[0]()

        def gets() -> None:
            for _ in range(_CALLS):
                session.get(job["plain"], headers=job["headers"]).json()

        runner.run(made())
        print("ready", flush=True)
        sys.stdin.readline()
        work: dict[str, Callable[[], object]] = {
            "get": gets,
            "call": lambda: runner.run(side_by_side(client[0], _CALLS)),
        }
        taken = cpu_seconds(work, rounds=21, calls=1, warm_up=2)
        print(json.dumps({"ratio": taken["call"] / taken["get"]}), flush=True)


if __name__ == "__main__":
    main()
