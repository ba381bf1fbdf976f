"""An order whose status or channel is spelt otherwise is not shipped: it may be cancelled, or be Amazon's."""

from typing import Any

import pytest

from spshipping import GatewayError, InvalidRequestError
from tests.gateway.conftest import OUTSIDE, Shop


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "Canceled"}, "its status is none of ready, pending, shipped, cancelled"),
        ({"status": "Shipped"}, "its status is none of"),
        ({"status": ["cancelled"]}, "its status is none of"),
        ({"status": None}, "its status is none of"),
        ({"channel": "amazon"}, "its channel is none of AMAZON, EXTERNAL"),
        ({"channel": None}, "its channel is none of"),
    ],
)
def test_an_order_that_is_not_understood_is_not_shipped(
    stage: Shop, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GatewayError, match=reason):
        stage.gateway().on_order(OUTSIDE._replace(**changes))
    assert stage.sandbox.ledger.count("getRates") == 0


@pytest.mark.parametrize("order", ["1001", None, {"order_id": "1001"}])
def test_what_is_no_order_is_refused(stage: Shop, order: object) -> None:
    with pytest.raises(InvalidRequestError, match="is no OrderToShip"):
        stage.gateway().on_order(order)
