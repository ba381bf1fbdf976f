"""What the sandbox knows of a shipment when it looks for defects."""

from types import SimpleNamespace
from typing import Any

import pytest

from spshipping.sandbox.vendor.truth import _freight
from spshipping.vendor.shipments import ShipmentFreightTerm


@pytest.mark.parametrize(
    ("collected", "expected"),
    [
        ([True, True], ShipmentFreightTerm.COLLECT),
        ([False], ShipmentFreightTerm.PREPAID),
        ([True, False], None),
    ],
)
def test_who_pays_the_freight_is_known_where_all_orders_agree(
    collected: list[bool], expected: object
) -> None:
    orders: Any = [SimpleNamespace(is_collect=each) for each in collected]
    assert _freight(orders) == expected
