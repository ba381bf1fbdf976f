"""Nothing personal shows, whatever goes wrong while an order is shipped."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import replace
from spshipping.shipping.gateway import OrderToShip
from tests.gateway.conftest import ADDRESS, BOWL, OUTSIDE, Shop, shop
from tests.kit import PACKAGE

CANARY = "Canary Quokka"
ORDER = OUTSIDE._replace(ship_to=replace(ADDRESS, name=CANARY))


def refused(stage: Shop, order: OrderToShip) -> None:
    stage.fail("status", status=400)
    stage.gateway().on_order(order)


def unknown(stage: Shop, order: OrderToShip) -> None:
    stage.fail("drop_after", count=3)
    stage.gateway().on_order(order)


def not_to_be_shipped(stage: Shop, order: OrderToShip) -> None:
    stage.gateway().on_order(order._replace(status="pending"))


def switched_off(stage: Shop, order: OrderToShip) -> None:
    stage.gateway(shop(IsEnabled=False)).on_order(order)


def a_senseless_product(stage: Shop, order: OrderToShip) -> None:
    stage.gateway().on_order(order._replace(items=(BOWL._replace(product={"weight": 0}),)))


def too_long_a_name(stage: Shop, order: OrderToShip) -> None:
    stage.gateway().on_order(order._replace(ship_to=replace(ADDRESS, name=CANARY * 5)))


def products_that_fail(stage: Shop, order: OrderToShip) -> None:
    def fail(_: str) -> object:
        raise ZeroDivisionError

    stage.gateway(products=fail).on_order(order._replace(items=(BOWL._replace(product=None),)))


def a_dry_run_that_cannot_be_kept(stage: Shop, order: OrderToShip) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    stage.gateway(shop(EnableOrderCreation=False), on_dry_run=fail).on_order(order)


@pytest.mark.parametrize(
    "act",
    [
        refused,
        unknown,
        not_to_be_shipped,
        switched_off,
        a_senseless_product,
        too_long_a_name,
        products_that_fail,
        a_dry_run_that_cannot_be_kept,
    ],
)
def test_nothing_personal_is_in_an_error_its_traceback_or_the_log(
    stage: Shop, caplog: pytest.LogCaptureFixture, act: Callable[[Shop, OrderToShip], None]
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception) as caught:
        act(stage, ORDER)
    shown: list[Any] = [str(caught.value), repr(caught.value), caplog.text]
    error: BaseException | None = caught.value
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if PACKAGE in frame.f_code.co_filename:
                shown += [repr(value) for value in frame.f_locals.values()]
        error = error.__cause__ or error.__context__
    assert CANARY not in "\n".join(shown)
