"""Amazon orders: one order over both APIs, retrieved, compared, confirmed."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spshipping.orders.api import OrdersApi
    from spshipping.orders.api_async import AsyncOrdersApi
    from spshipping.orders.bridge.compare import Comparison, Comparisons, Difference, Estimates, differences
    from spshipping.orders.order import AmazonOrder
    from spshipping.orders.parts import (
        Address,
        AddressType,
        AmazonOrderItem,
        AutomatedShippingSettings,
        BuyerInfo,
        BuyerTaxInfo,
        ConditionId,
        ConditionSubtypeId,
        FulfillmentChannel,
        FulfillmentInstruction,
        Gap,
        Money,
        OrderStatus,
        OrderType,
        PaymentExecution,
        PaymentMethod,
        ShipmentServiceLevelCategory,
        TaxClassification,
    )
    from spshipping.orders.source import OrderSource, RetrievalPlan
    from spshipping.orders.sync import AsyncOrderSync, OrderSync

__all__ = [
    "OrdersApi",
    "AsyncOrdersApi",
    "OrderSource",
    "RetrievalPlan",
    "OrderSync",
    "AsyncOrderSync",
    "AmazonOrder",
    # its parts
    "Address",
    "AmazonOrderItem",
    "AutomatedShippingSettings",
    "BuyerInfo",
    "BuyerTaxInfo",
    "FulfillmentInstruction",
    "Gap",
    "Money",
    "PaymentExecution",
    "TaxClassification",
    # their values
    "AddressType",
    "ConditionId",
    "ConditionSubtypeId",
    "FulfillmentChannel",
    "OrderStatus",
    "OrderType",
    "PaymentMethod",
    "ShipmentServiceLevelCategory",
    # the same order through both APIs
    "Comparison",
    "Comparisons",
    "Difference",
    "Estimates",
    "differences",
]

# where each public name lives, if not in `parts`: importing this package loads no models until a name is used
_HOMES = {
    "OrdersApi": "api",
    "AsyncOrdersApi": "api_async",
    "OrderSource": "source",
    "RetrievalPlan": "source",
    "OrderSync": "sync",
    "AsyncOrderSync": "sync",
    "AmazonOrder": "order",
    "Comparison": "bridge.compare",
    "Comparisons": "bridge.compare",
    "Estimates": "bridge.compare",
    "Difference": "bridge.compare",
    "differences": "bridge.compare",
}


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module 'spshipping.orders' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"spshipping.orders.{_HOMES.get(name, 'parts')}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
