"""One process with a client of the sandbox, whose quota and tokens are in Redis.

`python -m tests.engines.redis.client_worker '{"redis": ..., "calls": ...}'`
"""

import json
import sys
import time
from contextlib import suppress

from benchmarks.scenarios import OPERATION
from spshipping import Client, Credentials, NotFoundError, RedisQuota, RedisStore, SpShippingError, TokenCache
from tests.engines.redis.crew import say


def main() -> None:
    job = json.loads(sys.argv[1])
    client = Client(
        Credentials(**job["credentials"]),
        "UK",
        endpoint=job["url"],
        token_url=job["token_url"],
        quota=RedisQuota(job["redis"]),
        token_cache=TokenCache(store=RedisStore(job["redis"])),
    )
    with suppress(NotFoundError):  # signed in and connected; there is no such parcel
        client.shipping.get_tracking(tracking_id="unknown", carrier_id="ATS")
    say("ready")
    sys.stdin.readline()
    moments, failed = [], []
    for _ in range(job["calls"]):
        try:
            client.send(OPERATION(query={"limit": "1"}))
        except SpShippingError as error:
            failed.append(str(error))
        else:
            moments.append(time.monotonic())
    say(json.dumps([moments, failed]))


if __name__ == "__main__":
    main()
