"""Every operation is the one that Amazon describes."""

from typing import Any

import pytest

from spshipping.operation import Operation
from spshipping.orders.v2026_01_01 import FulfilledBy, FulfillmentStatus, IncludedData
from spshipping.regions import ShippingBusiness
from spshipping.shipping import AccessPointType
from spshipping.vendor.orders import (
    ConfirmationStatus,
    PurchaseOrderItemState,
    PurchaseOrderState,
    PurchaseOrderStatus,
    ReceiveStatus,
)
from spshipping.vendor.parameters import SortOrder
from spshipping.wire.enums import OpenEnum
from tests.contract import operation_laws
from tests.contract.deviations import KNOWN
from tests.contract.differences import said
from tests.contract.facts import operations, routes, spec

OPERATIONS = [pytest.param(operation, id=f"{operation.name} {operation.route}") for operation in operations()]
MEANT = {known.difference for known in KNOWN}
ENUMS: dict[str, type[OpenEnum]] = {
    "x-amzn-shipping-business-id": ShippingBusiness,
    "includedData": IncludedData,
    "fulfillmentStatuses": FulfillmentStatus,
    "fulfilledBy": FulfilledBy,
    "accessPointTypes": AccessPointType,
    "sortOrder": SortOrder,
    "poItemState": PurchaseOrderItemState,
    "purchaseOrderState": PurchaseOrderState,
    "purchaseOrderStatus": PurchaseOrderStatus,
    "itemConfirmationStatus": ConfirmationStatus,
    "itemReceiveStatus": ReceiveStatus,
}
"""What the parameters are given whose values Amazon lists."""


@pytest.mark.parametrize("law", operation_laws.LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_what_amazon_describes(operation: Operation[Any], law: operation_laws.Law) -> None:
    differences = set(law(operation, routes()[operation.route])) - MEANT
    assert not differences, said(differences)


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


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_parameter_takes_the_values_that_amazon_lists(operation: Operation[Any]) -> None:
    for facts in routes()[operation.route].facts["parameters"]:
        listed = facts.get("enum") or facts.get("items", {}).get("enum")
        if listed:
            assert facts["name"] in ENUMS, f"{operation.name} {facts['name']}: add its enum to ENUMS"
            enum = ENUMS[facts["name"]]
            strange = {member.value for member in enum} ^ set(listed)
            assert not strange, f"{operation.name} {facts['name']}: {enum.__name__} differs in {strange}"
