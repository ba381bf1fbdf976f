"""One process that makes as many reservations as it can, and says when each was due.

`python -m tests.engines.redis.quota_worker '{"url": ..., "seconds": ...}'`
"""

import json
import sys
import threading
import time
from typing import Any

import redis
from redis.sentinel import Sentinel

from spshipping.operation import Quota
from spshipping.transport.redis import RedisQuota
from tests.engines.redis.crew import say

KEY = ("seller", "GET /x")
_NAP_SECONDS = 0.02
_LONGEST_SECONDS = 30.0


def keeper_of(job: dict[str, Any]) -> RedisQuota:
    if "sentinel" not in job:
        return RedisQuota(job["url"])
    quick = RedisQuota.client_options()
    sentinel = Sentinel([("127.0.0.1", job["sentinel"])], sentinel_kwargs=quick)
    master: redis.Redis = sentinel.master_for("main", **quick)
    return RedisQuota(master)


def work(keeper: RedisQuota, plan: Quota, ends_at: float, sent: list[float]) -> None:
    while (now := time.monotonic()) < ends_at:
        reservation = keeper.reserve(KEY, plan, _LONGEST_SECONDS)
        wait = reservation.wait
        while wait > 0 and now + wait < ends_at:
            time.sleep(min(wait, _NAP_SECONDS))
            wait = keeper.remaining(KEY, plan, reservation)
            now = time.monotonic()
        if wait > 0:
            return
        sent.append(time.monotonic())


def main() -> None:
    job = json.loads(sys.argv[1])
    keeper, plan = keeper_of(job), Quota(job["rate"], job["burst"])
    keeper.state(("nobody", "GET /"), plan)  # connected, and the others know of it
    say("ready")
    ends_at = float(sys.stdin.readline()) + job["seconds"]
    sent: list[float] = []
    crowd = [
        threading.Thread(target=work, args=(keeper, plan, ends_at, sent))
        for _ in range(job.get("threads", 1))
    ]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    say(json.dumps(sent))


if __name__ == "__main__":
    main()
