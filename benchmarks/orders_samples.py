"""Pages of a hundred full orders of both APIs: the sandbox's, and what these leave out filled in."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, NamedTuple

from benchmarks.samples import value_of
from spshipping.orders.v0 import Order as OrderV0
from spshipping.orders.v2026_01_01 import Order as OrderV2026
from spshipping.orders.v2026_01_01 import OrderItem
from spshipping.sandbox.orders import response_v0 as v0
from spshipping.sandbox.orders import response_v2026 as v2026
from spshipping.sandbox.orders.generate import sample
from spshipping.wire.shapes import fields_of

ORDERS = 100
_SEED = 20270327
_TIME = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
_FULL = frozenset({OrderV0, OrderV2026, OrderItem})
"""The classes of which every field is set; an address, say, stays as the sandbox tells it."""
_UNKNOWN: dict[str, Any] = {
    "orderSustainability": "CARBON_NEUTRAL",
    "orderPromises": [{"kind": "DELIVERY", "until": "2026-11-05T21:00:00Z"}],
}
"""What Amazon may add tomorrow."""


class Api(NamedTuple):
    """One of the APIs, and what a page of it is."""

    name: str
    order: Any
    render: Callable[[Any], dict[str, Any]]
    wrap: Callable[[list[Any], str], dict[str, Any]]
    """Makes an answer of orders and the next page's token."""


APIS = {
    "v0": Api(
        "Orders v0",
        OrderV0,
        v0.order,
        lambda orders, token: {"payload": {"Orders": orders, "NextToken": token}},
    ),
    "v2026": Api(
        "Orders 2026-01-01",
        OrderV2026,
        v2026.order,
        lambda orders, token: {"orders": orders, "pagination": {"nextToken": token}},
    ),
}


def _filled(cls: Any, given: dict[str, Any], random: Random) -> dict[str, Any]:
    found = {}
    for field in fields_of(cls):
        value, item = given.get(field.wire), field.shape.item
        if value is None:
            value = value_of(field.wire, field.shape, random, count=1)
        elif item is not None and item.cls in _FULL:
            value = [_filled(item.cls, one, random) for one in value]
        found[field.wire] = value
    return found


@cache
def _orders(api: str, is_full: bool) -> list[dict[str, Any]]:
    random, about = Random(_SEED), APIS[api]
    given = [about.render(order) for order in sample(ORDERS, seed=_SEED, at=_TIME)]
    return [_filled(about.order, order, random) | _UNKNOWN for order in given] if is_full else given


def page(api: str, token: str = "", *, orders: int = ORDERS, is_full: bool = True) -> bytes:
    """Return one page of Amazon's JSON, compact as Amazon writes it, with the next one's token, if any.

    Args:
        api: of which API.
        token: the next page's.
        orders: how many.
        is_full: every field of an order and its items is set, as none of Amazon's has them, and two more;
            otherwise they are as the sandbox tells them, with all that can be asked for.
    """
    answer = APIS[api].wrap(_orders(api, is_full)[:orders], token)
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()
