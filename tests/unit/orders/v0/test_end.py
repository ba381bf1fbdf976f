"""The operations that Amazon ends say so: once, to those who can change it."""

import warnings
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest

from spshipping import Marketplace
from spshipping.operation import Operation, deprecation
from spshipping.orders import v0
from spshipping.orders.v0 import (
    CONFIRM_SHIPMENT,
    GET_ORDER,
    GET_ORDERS,
    ConfirmShipmentRequest,
    OrdersV0Api,
)
from tests.kit import ScriptedTransport, answer, client_of
from tests.unit.orders.v0.test_api import ORDER, SENT_OFF

UK = [Marketplace.UK.value]
ENDING = {
    "GET_ORDERS": "searchOrders",
    "GET_ORDER": "getOrder",
    "GET_ORDER_BUYER_INFO": "includedData=BUYER",
    "GET_ORDER_ADDRESS": "includedData=RECIPIENT",
    "GET_ORDER_ITEMS": "getOrder",
    "GET_ORDER_ITEMS_BUYER_INFO": "includedData=BUYER",
}


@pytest.fixture(autouse=True)
def nobody_was_told(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start as a new process would, with every warning shown."""
    monkeypatch.setattr(deprecation, "_warned", set())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield


def facade() -> OrdersV0Api:
    network = ScriptedTransport([answer(200, {"payload": {**ORDER, "Orders": []}})] * 3)
    return OrdersV0Api(client_of(network).context)


def test_just_the_six_that_amazon_ends_say_when_and_what_comes_instead() -> None:
    known = {name: value for name, value in vars(v0).items() if isinstance(value, Operation)}
    assert {name for name, value in known.items() if value.deprecated} == set(ENDING)
    for name, successor in ENDING.items():
        text = known[name].deprecated
        assert text is not None
        assert known[name].name in text
        assert "27 March 2027" in text
        assert f"{successor} of Orders 2026-01-01" in text or f"{successor}, which" in text


@pytest.mark.parametrize(
    "use",
    [
        lambda: GET_ORDERS(query={"MarketplaceIds": UK}),
        lambda: facade().get_orders(marketplace_ids=UK, max_results_per_page=1),
        lambda: facade().iter_orders(marketplace_ids=UK),
        lambda: facade().order_pages(marketplace_ids=UK),
    ],
)
def test_the_warning_comes_once_and_points_at_the_line_that_asked(use: Callable[[], Any]) -> None:
    with pytest.warns(DeprecationWarning, match="switches off getOrders of Orders v0 on 27 March") as caught:
        use()
    assert [warning.filename for warning in caught] == [__file__]
    assert [warning.lineno for warning in caught] == [use.__code__.co_firstlineno]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        use()


def test_each_operation_has_a_warning_of_its_own() -> None:
    with pytest.warns(DeprecationWarning, match="getOrders of Orders v0"):
        GET_ORDERS(query={"MarketplaceIds": UK})
    with pytest.warns(DeprecationWarning, match="getOrder of Orders v0"):
        GET_ORDER(path={"orderId": "1"})


def test_whoever_makes_the_warning_an_error_gets_it_every_time() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(DeprecationWarning):
                facade().get_order("1")


def test_the_packages_own_workflows_do_not_warn_and_leave_the_warning_to_others() -> None:
    def work(api: OrdersV0Api) -> Any:
        return api.get_order("1")

    workflow = FunctionType(work.__code__, {"__name__": "spshipping.orders.work"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert workflow(facade()).amazon_order_id == ORDER["AmazonOrderId"]
    with pytest.warns(DeprecationWarning, match="getOrder of Orders v0"):
        work(facade())


def test_a_package_whose_name_only_begins_like_ours_is_told() -> None:
    def work(api: OrdersV0Api) -> Any:
        return api.get_order("1")

    with pytest.warns(DeprecationWarning, match="getOrder of Orders v0"):
        FunctionType(work.__code__, {"__name__": "spshipping_shop.sync"})(facade())


def test_what_stays_says_nothing() -> None:
    request: ConfirmShipmentRequest = SENT_OFF
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        CONFIRM_SHIPMENT(path={"orderId": "1"}, body=request)
    assert told == []
