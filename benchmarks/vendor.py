"""Vendors: reading a page of a hundred purchase orders of twenty lines."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count, islice
from typing import Any

from benchmarks import rivals
from benchmarks.fast import Goals, ways
from benchmarks.measure import Row, cpu_seconds
from spshipping.sandbox.vendor import PurchaseOrderSupply, response
from spshipping.sandbox.vendor.generate import generate
from spshipping.sandbox.vendor.record import PurchaseOrder
from spshipping.transport.decode import Decoded, decode
from spshipping.transport.http import HttpResponse
from spshipping.vendor.orders import GET_PURCHASE_ORDERS

ORDERS = 100
LINES = 20
DECODE_GOALS = Goals(2.0, 1.0)
_ROUNDS = 60
_TIME = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
_CALL = GET_PURCHASE_ORDERS(query={"createdAfter": _TIME})
_UNKNOWN: dict[str, Any] = {
    "purchaseOrderSustainability": "CARBON_NEUTRAL",
    "purchaseOrderPromises": [{"kind": "RECEIPT", "until": "2026-11-05T21:00:00Z"}],
}
"""What Amazon may add tomorrow."""


def _orders() -> Iterator[PurchaseOrder]:
    for index in count():
        order = generate(PurchaseOrderSupply(), "benchmark", index, int(_TIME.timestamp()) + index)
        if len(order.lines) == LINES:
            yield order


def page() -> bytes:
    """Return a page of Amazon's JSON, compact as Amazon writes it, with two unknown fields in each order."""
    orders = [response.order(order) | _UNKNOWN for order in islice(_orders(), ORDERS)]
    answer = {"payload": {"orders": orders, "pagination": {"nextToken": "MDAwMDAwMDAwMQ=="}}}
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()


def _read(body: bytes) -> Any:
    read = decode(_CALL, HttpResponse(200, {}, body), _TIME)
    if not isinstance(read, Decoded) or read.deviations:
        raise AssertionError("the sample is not well-formed, so this would measure repairs")
    return read.value


def decoding() -> list[Row]:
    """Measure a page of purchase orders, bytes to models, against `json.loads` of the same bytes."""
    body, part = page(), f"decode {ORDERS} purchase orders of {LINES} lines"
    if len(_read(body).orders) != ORDERS:
        raise AssertionError("purchase orders are missing")
    bare = body[len('{"payload":') : -1]  # the rivals' models have no envelope
    found, missing = rivals.decoders(GET_PURCHASE_ORDERS.returns)
    work: dict[str, Callable[[], object]] = {
        "json.loads": partial(json.loads, body),
        **ways(partial(_read, body)),
        **{name: partial(read, bare) for name, read in found.items()},
    }
    taken = cpu_seconds(work, rounds=_ROUNDS, calls=1, is_best_of=True)
    return [
        *(
            Row(part, name, seconds / taken["json.loads"], DECODE_GOALS.of(name))
            for name, seconds in taken.items()
        ),
        *(Row(part, name, None, note=reason) for name, reason in missing.items()),
    ]
