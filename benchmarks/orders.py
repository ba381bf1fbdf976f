"""Orders: reading a page of a hundred, writing it, streaming 200 pages, and keeping five thousand orders."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import rivals
from benchmarks.fast import FAST, PLAIN, Goals, ways
from benchmarks.measure import Row, cpu_seconds
from benchmarks.orders_reading import CALLS, read_page
from benchmarks.orders_samples import APIS, ORDERS, page
from benchmarks.orders_server import PAGES
from benchmarks.orders_stream import FIRST, KEPT
from benchmarks.server import canned
from spshipping.orders import AmazonOrder

DECODE_GOALS = {"v0": Goals(1.75, 0.70), "v2026": Goals(2.0, 1.0)}
TO_DICT_GOALS = {"v0": 0.85, "v2026": 0.45}
PEAK_GOAL_MB = 6.0
GROWN_GOAL_MB = 1.0
KEPT_GOALS = {"v0": 0.66, "v2026": 0.55}
_ROUNDS = 60
_ROOT = Path(__file__).parent.parent


def decode(interpreters: dict[str, str]) -> list[Row]:
    """Measure a page of full orders, bytes to models, against `json.loads` of the same bytes.

    Args:
        interpreters: that of each other client, by its package.
    """
    rows = []
    for api in APIS:
        part = _part("decode", api)
        rows += _read_here(api, part)
        rows += [_read_there(api, part, package, python) for package, python in interpreters.items()]
    return rows


def to_dict() -> list[Row]:
    """Measure `AmazonOrder.to_dict` of a page of full orders, against `json.loads` of the same page."""
    rows = []
    for api in APIS:
        body = page(api)
        read = AmazonOrder.from_v0 if api == "v0" else AmazonOrder.from_v2026
        orders = [read(order) for order in read_page(api, body).orders]
        work: dict[str, Callable[[], object]] = {
            "json.loads": partial(json.loads, body),
            "spshipping": partial(_written, orders),
        }
        taken = cpu_seconds(work, rounds=_ROUNDS, calls=1, is_best_of=True)
        part, ratio = _part("AmazonOrder.to_dict of", api), taken["spshipping"] / taken["json.loads"]
        rows += [Row(part, "json.loads", 1.0), Row(part, "spshipping", ratio, TO_DICT_GOALS[api])]
    return rows


def _written(orders: list[AmazonOrder]) -> list[dict[str, Any]]:
    return [order.to_dict() for order in orders]


def _part(what: str, api: str) -> str:
    return f"{what} {ORDERS} orders, {APIS[api].name}"


def _read_here(api: str, part: str) -> list[Row]:
    body, operation = page(api), CALLS[api].operation
    # the rivals' models have no envelope
    bare = body[len('{"payload":') : -1] if operation.envelope else body
    found, missing = rivals.decoders(operation.returns)
    work: dict[str, Callable[[], object]] = {
        "json.loads": partial(json.loads, body),
        **ways(partial(read_page, api, body)),
        **{name: partial(read, bare) for name, read in found.items()},
    }
    taken = cpu_seconds(work, rounds=_ROUNDS, calls=1, is_best_of=True)
    return [
        *(
            Row(part, name, seconds / taken["json.loads"], DECODE_GOALS[api].of(name))
            for name, seconds in taken.items()
        ),
        *(Row(part, name, None, note=reason) for name, reason in missing.items()),
    ]


def _read_there(api: str, part: str, package: str, python: str) -> Row:
    """Let another client read the page in its own environment."""
    script = str(Path(__file__).with_name("orders_peers.py"))
    # -P: what lies beside the script is none of theirs
    done = subprocess.run(
        [python, "-P", script, package, api],
        input=page(api),
        capture_output=True,
        check=False,
        cwd=_ROOT,
    )
    if done.returncode:
        return Row(part, package, None, note=done.stderr.decode().strip().splitlines()[-1])
    return Row(part, package, float(done.stdout))


def _child(*arguments: str, body: bytes = b"") -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.orders_stream", *arguments]
    done = subprocess.run(command, input=body, capture_output=True, check=True, cwd=_ROOT)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def stream() -> list[Row]:
    """Measure the memory of going through all pages with the client; skipped where there is no /proc."""
    if not Path("/proc/self/status").exists():
        return [Row("stream orders", "not measured", None, note="this system has no /proc")]
    rows = []
    with canned("benchmarks.orders_server") as endpoint:
        for api in APIS:
            for way, what in ((PLAIN, ""), (FAST, " with [fast]")):
                for work, kind in (("stream", ""), ("stream_async", ", asyncio")):
                    part = _part(f"stream{what}{kind}, {PAGES} pages of", api)
                    rows += _streamed(work, api, endpoint, way, part)
    return rows


def _streamed(work: str, api: str, endpoint: str, way: str, part: str) -> list[Row]:
    result = _child(work, way, api, endpoint)
    if result["orders"] != PAGES * ORDERS:
        raise AssertionError("orders are missing")
    return [
        Row(part, "MB at the peak, more than at the start", result["peak"], PEAK_GOAL_MB),
        Row(part, f"MB after page {PAGES}, more than after page {FIRST}", result["grown"], GROWN_GOAL_MB),
    ]


def memory() -> list[Row]:
    """Measure what thousands of orders take, each kind in a process of its own, against dictionaries."""
    if not Path("/proc/self/status").exists():
        return [Row("memory orders", "not measured", None, note="this system has no /proc")]
    rows = []
    for api in APIS:
        part = f"memory of {KEPT * ORDERS} orders, {APIS[api].name}"
        plain = _child("keep", PLAIN, api, "dict", body=page(api))["grown"]
        rows.append(Row(part, "json.loads", 1.0))
        for way in (PLAIN, FAST):
            size = _child("keep", way, api, "models", body=page(api))["grown"]
            rows.append(Row(part, way, size / plain, KEPT_GOALS[api]))
    return rows
