"""G10: every leaf of `AmazonOrder` can be seen in the sandbox."""

from collections.abc import Sequence
from typing import Any

import pytest

from spshipping.orders import AmazonOrder, OrderSource
from spshipping.sandbox import Sandbox
from spshipping.wire.shapes import fields_of
from tests.sandbox.test_orders_by_default import PII, run

pytestmark = [pytest.mark.dates, pytest.mark.usefixtures("with_v0")]

COUNT = 300
"""So many orders show all that is rare."""


def counts(found: Sequence[Any], cls: Any, prefix: str = "") -> dict[str, int]:
    """Return of every leaf of *cls* how many of *found* have a value there; `[]` stands for the entries."""
    made: dict[str, int] = {}
    for field in fields_of(cls):
        path, shape = f"{prefix}{field.name}", field.shape
        values = [value for one in found if (value := getattr(one, field.name)) is not None]
        while shape.kind == "list":
            assert shape.item is not None
            values = [entry for value in values for entry in value]
            path, shape = f"{path}[]", shape.item
        if shape.kind == "model":
            made |= counts(values, shape.cls, f"{path}.")
        else:
            made[path] = len(values)
    return made


@pytest.mark.long
def test_g10_every_leaf_of_an_order_can_be_seen_in_the_sandbox() -> None:
    with Sandbox(orders=COUNT, quotas=False) as box:
        orders = [
            order
            for source in (None, OrderSource.FULLEST)
            for order in run(box, pii=PII, source=source).orders
        ]
    seen = counts(orders, AmazonOrder)
    never = {path for path, count in seen.items() if not count}
    # what was requested and could not be had: here, everything can
    assert never == {"incomplete[].fields[]", "incomplete[].reason"}
    assert len(seen) > 100
