"""Amazon orders: one order over both APIs, retrieved, compared, confirmed."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spshipping.orders.api import OrdersApi
    from spshipping.orders.asking import OrderSource
    from spshipping.orders.compare import Comparison, Difference, differences
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
        Money,
        OrderStatus,
        OrderType,
        PaymentExecution,
        PaymentMethod,
        ShipmentServiceLevelCategory,
        TaxClassification,
    )
    from spshipping.orders.sync import OrderSync

__all__ = [
    "OrdersApi",
    "OrderSource",
    "OrderSync",
    "AmazonOrder",
    # its parts
    "Address",
    "AmazonOrderItem",
    "AutomatedShippingSettings",
    "BuyerInfo",
    "BuyerTaxInfo",
    "FulfillmentInstruction",
    "Money",
    "PaymentExecution",
    "TaxClassification",
    # their words
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
    "Difference",
    "differences",
]

# where each public name lives, if not in `parts`: importing this package loads no models until a name is used
_HOMES = {
    "OrdersApi": "api",
    "OrderSource": "asking",
    "OrderSync": "sync",
    "AmazonOrder": "order",
    "Comparison": "compare",
    "Difference": "compare",
    "differences": "compare",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'spshipping.orders' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"spshipping.orders.{_HOMES.get(name, 'parts')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
