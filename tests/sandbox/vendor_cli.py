"""A vendor at the command line, against the local SP-API, with time that moves by waiting."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from spshipping.cli.app import app
from spshipping.cli.vendor import office
from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from spshipping.vendor.orders import Order, PurchaseOrderState
from tests.virtual import VirtualClock

MILL = {
    "partyId": "W-1",
    "address": {
        "name": "The Mill",
        "addressLine1": "1 Mill Lane",
        "city": "Reno",
        "stateOrRegion": "NV",
        "postalCode": "89501",
        "countryCode": "US",
    },
}


class Vendor:
    """A vendor who has the connection of the environment, and a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, **supply: Any) -> None:
        self.folder = folder
        found = {"count": 60, "days": 20.0, "seed": 3, "late": 0.0, **supply}
        self.sandbox = Sandbox(purchase_orders=PurchaseOrderSupply(**found)).start()
        self.clock = VirtualClock(self.sandbox.clock)
        monkeypatch.setattr(office, "new_clock", lambda: self.clock)
        facts = {
            **self.sandbox.credentials,
            "marketplace": "US",
            "vendor_code": "SBX01",
            "endpoint": self.sandbox.url,
            "token_url": self.sandbox.token_url,
            "settings": str(folder / "settings.toml"),
        }
        self.environ = {f"SPSHIPPING_{name.upper()}": value for name, value in facts.items()}
        for name, value in self.environ.items():
            monkeypatch.setenv(name, value)

    def run(self, *words: str, code: int = 0, answer: str | None = None) -> Result:
        """Run a command, which must end with an exit code."""
        result = CliRunner().invoke(app, ["vendor", *words], input=answer)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    def json(self, *words: str, code: int = 0) -> Any:
        """Run a command with `--json`, and return its one document."""
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def rows(self, *words: str, code: int = 0) -> list[Any]:
        """Run a command with `--json`, and return its documents, one a line."""
        return [json.loads(line) for line in self.run(*words, "--json", code=code).stdout.splitlines()]

    def new_order(self, fits: Callable[[Order], bool]) -> Order:
        """Return a new order that fits; time passes until there is one."""
        with self.sandbox.client("US", vendor_code="SBX01") as client:
            for _ in range(100):
                found = client.vendor.orders.iter_purchase_orders(purchase_order_state=PurchaseOrderState.NEW)
                order = next((each for each in found if fits(each)), None)
                if order:
                    return order
                self.sandbox.clock.advance(43_200)
        raise AssertionError("no such purchase order within fifty days")

    def count(self, operation: str) -> int:
        """Return how often an operation was called."""
        return self.sandbox.ledger.count(operation)

    def write(self, name: str, text: str) -> str:
        """Write a file, and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)


def is_delivered(order: Order) -> bool:
    """Say whether the vendor delivers it, nothing of it was cancelled, and each line has a cost."""
    details = order.order_details
    assert details is not None
    return details.delivery_window is not None and all(
        line.ordered_quantity.amount and line.net_cost for line in details.items
    )


def packing(vendor: Vendor, number: str, identifier: str = "S-1", **more: Any) -> dict[str, Any]:
    """Return a packing file that ships all that was accepted of an order."""
    now = vendor.clock.now()
    return {
        "identifier": identifier,
        "shipment_type": "LessThanTruckLoad",
        "shipped_at": now.isoformat(),
        "arrives_at": (now + timedelta(days=2)).isoformat(),
        "bill_of_lading": f"SBX01-{identifier}-1",
        "pro_number": "PRO-1",
        "carrier_scac": "SBXF",
        "gs1_prefix": "9521234",
        "ship_from": MILL,
        "fill": {
            "orders": [number],
            "pieces_in_carton": 20,
            "cartons_on_pallet": 100,
            "pallet_size": {"length": 48, "width": 40, "height": 60, "unit": "in"},
        },
        **more,
    }


def is_small(order: Order) -> bool:
    """Say whether the vendor delivers it, in a few cartons."""
    assert order.order_details is not None
    items = order.order_details.items
    return is_delivered(order) and sum(item.ordered_quantity.amount or 0 for item in items) < 40


def accepted(vendor: Vendor) -> str:
    """Accept a new order of a few cartons, and return its number once Amazon has taken that."""
    number = vendor.new_order(is_small).purchase_order_number
    vendor.run("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes", "--wait", "1h")
    return number
