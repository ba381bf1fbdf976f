"""One process that makes reservations: `python -m benchmarks.reserve`.

A first line on standard input is the job, a second one the sign to begin; the answer is both times.
"""

import json
import sys
import time

from spshipping import FileQuota, QuotaKeeper, RedisQuota
from spshipping.operation import Quota

_KEY = ("seller", "GET /x")
_PLAN = Quota(100.0, 100)
_LONGEST = 1e12


def main() -> None:
    """Do one job."""
    job = json.loads(sys.stdin.readline())
    keeper: QuotaKeeper = RedisQuota(job["url"]) if "url" in job else FileQuota(job["folder"])
    assert keeper.reserve(_KEY, _PLAN, _LONGEST).is_granted
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    for _ in range(job["count"]):
        keeper.reserve(_KEY, _PLAN, _LONGEST)
    print(json.dumps([began, time.monotonic()]), flush=True)


if __name__ == "__main__":
    main()
