"""Purchase orders, and answers to them, for the tests of acknowledgements."""

from datetime import UTC, datetime
from typing import Any

from spshipping import from_dict
from spshipping.vendor.orders import Order
from tests.unit.vendor.build import purchase_order

FRIDAY = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
USD = {"currencyCode": "USD", "amount": "10.00"}


def line(number: str = "1", amount: int | None = 10, **more: Any) -> dict[str, Any]:
    """Make a line of pieces; None as a value leaves a field out."""
    whole = {
        "itemSequenceNumber": number,
        "amazonProductIdentifier": f"B07DFVDR{number[-1]}B",
        "vendorProductIdentifier": f"880609828650{number[-1]}",
        "orderedQuantity": {"amount": amount, "unitOfMeasure": "Eaches", "unitSize": 1},
        "isBackOrderAllowed": True,
        "netCost": USD,
        **more,
    }
    return {name: value for name, value in whole.items() if value is not None}


def order(*lines: dict[str, Any], **details: Any) -> Order:
    """Make a purchase order of these lines; without any, of lines 1 to 3."""
    items = list(lines) or [line("1"), line("2"), line("3")]
    return from_dict(purchase_order(items=items, **details), Order)
