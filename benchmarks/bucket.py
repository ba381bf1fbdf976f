"""A quota as it may be at Amazon, in a process of its own: `python -m benchmarks.bucket "slower"`.

It prints where it is; a line on standard input lets the scenario begin, a second one asks for the 429s.
"""

import json
import sys
import threading

from benchmarks.scenarios import ANSWER, OPERATION, SCENARIOS, Scenario
from spshipping.sandbox import Account, Sandbox

SELLER = Account().seller


def _eat(box: Sandbox, rate: float, is_over: threading.Event) -> None:
    """Use the same bucket, as another program of the same application does."""
    while not is_over.wait(1 / rate):
        box.quotas.use(SELLER, OPERATION)


def _begin(box: Sandbox, scenario: Scenario, is_over: threading.Event) -> None:
    if scenario.level is not None:
        box.quotas.use(SELLER, OPERATION, scenario.burst - scenario.level)
    if scenario.eaten:
        threading.Thread(target=_eat, args=(box, scenario.eaten, is_over), daemon=True).start()


def main() -> None:
    """Serve one scenario."""
    (scenario,) = (scenario for scenario in SCENARIOS if scenario.name == sys.argv[1])
    is_over = threading.Event()
    with Sandbox(quotas={OPERATION.name: (scenario.rate, scenario.burst)}) as box:
        box.add_operation(OPERATION, ANSWER)
        print(json.dumps({"endpoint": box.url, "token_url": box.token_url, **box.credentials}), flush=True)
        sys.stdin.readline()
        _begin(box, scenario, is_over)
        print("begun", flush=True)
        sys.stdin.readline()
        is_over.set()
        print(box.ledger.count(OPERATION.name, 429), flush=True)


if __name__ == "__main__":
    main()
