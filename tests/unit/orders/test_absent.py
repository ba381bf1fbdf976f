"""D8: a dataset that was requested and never comes is noted once for each client."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from spshipping.orders.v2026_01_01 import GET_ORDER, SEARCH_ORDERS
from tests.drives import DRIVES, Drive
from tests.kit import START, ScriptedTransport, answer
from tests.unit.orders.build import ONE, V2026_ORDER

TO_SHIP = {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"}
BARE = {**V2026_ORDER, "fulfillment": TO_SHIP, "buyer": None, "recipient": None}
BUYER = {"buyerEmail": "x@marketplace.amazon.com"}
ADDRESS = {"deliveryAddress": {"city": "Leeds", "addressLine1": "1 High Street"}}
FULL = {**BARE, "buyer": BUYER, "recipient": ADDRESS}


@pytest.fixture(params=DRIVES)
def drive(request: pytest.FixtureRequest) -> Drive:
    make: Callable[[], Drive] = request.param
    return make()


def notes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage().partition(" was requested")[0]
        for record in caplog.records
        if record.levelno == logging.WARNING and "client.check('orders')" in record.getMessage()
    ]


def searched(drive: Drive, *orders: Any, wanted: str = "BUYER,RECIPIENT", times: int = 2) -> None:
    client = drive.client(ScriptedTransport([answer(200, {"orders": list(orders)})] * times))
    for _ in range(times):
        client.send(SEARCH_ORDERS(query={"createdAfter": START, "includedData": wanted}))
    drive.close()


def test_d8_what_was_requested_and_does_not_come_is_noted_once(
    drive: Drive, caplog: pytest.LogCaptureFixture
) -> None:
    partly = {**BARE, "recipient": {"deliveryAddress": {"city": "Leeds"}}}
    searched(drive, BARE, partly)
    assert notes(caplog) == ["searchOrders: BUYER", "searchOrders: RECIPIENT"]


@pytest.mark.parametrize(
    ("orders", "wanted"),
    [
        ([BARE, FULL], "BUYER,RECIPIENT"),
        ([BARE], "PROCEEDS"),
        ([], "BUYER"),
        ([{**BARE, "fulfillment": {**TO_SHIP, "fulfillmentStatus": "SHIPPED"}}], "BUYER"),
        ([{**BARE, "fulfillment": {**TO_SHIP, "fulfilledBy": "AMAZON"}}], "RECIPIENT"),
        ([{**BARE, "fulfillment": None}, {**BARE, "fulfillment": {}}], "RECIPIENT"),
    ],
)
def test_d8_what_comes_or_cannot_come_is_not_noted(
    drive: Drive, caplog: pytest.LogCaptureFixture, orders: list[Any], wanted: str
) -> None:
    searched(drive, *orders, wanted=wanted)
    assert notes(caplog) == []


@pytest.mark.parametrize(("order", "expected"), [(BARE, ["getOrder: RECIPIENT"]), (FULL, []), (None, [])])
def test_d8_one_order_is_noted_too(
    drive: Drive, caplog: pytest.LogCaptureFixture, order: Any, expected: list[str]
) -> None:
    client = drive.client(ScriptedTransport([answer(200, {"order": order})]))
    client.send(GET_ORDER(path={"orderId": ONE}, query={"includedData": "RECIPIENT"}))
    drive.close()
    assert notes(caplog) == expected
    assert "what follows an answer" not in caplog.text
