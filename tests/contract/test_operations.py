"""Every operation is the one that Amazon describes."""

from typing import Any

import pytest

from spshipping.operation import Operation
from spshipping.regions import ShippingBusiness
from tests.contract import operation_laws
from tests.contract.deviations import KNOWN
from tests.contract.facts import operations, routes, spec

OPERATIONS = [pytest.param(operation, id=f"{operation.name} {operation.route}") for operation in operations()]
MEANT = {known.difference for known in KNOWN}


@pytest.mark.parametrize("law", operation_laws.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_what_amazon_describes(operation: Operation[Any], law: operation_laws.Law) -> None:
    differences = set(law(operation, routes()[operation.route])) - MEANT
    assert not differences


@pytest.mark.parametrize("operation", OPERATIONS)
def test_amazon_describes_the_operation(operation: Operation[Any]) -> None:
    assert operation.route in routes()


def test_no_route_stands_twice() -> None:
    names = [operation.route for operation in operations()]
    assert sorted(names) == sorted(set(names))


def test_no_operation_of_shipping_is_missing() -> None:
    ours = {operation.route for operation in operations()}
    amazons = set(spec("shippingV2")["operations"])
    assert len(amazons) == 20
    assert amazons <= ours


def test_every_shipping_operation_takes_the_business_from_the_client() -> None:
    shipping = spec("shippingV2")["operations"]
    for operation in operations():
        if operation.route in shipping:
            filled = [header.name for header in operation.headers if header.from_client]
            assert filled == ["x-amzn-shipping-business-id"], operation.name


def test_the_businesses_are_those_that_amazon_lists() -> None:
    for facts in spec("shippingV2")["operations"].values():
        headers = {header["name"]: header for header in facts["parameters"] if header["in"] == "header"}
        listed = headers["x-amzn-shipping-business-id"]["enum"]
        assert listed == sorted(business.value for business in ShippingBusiness)
