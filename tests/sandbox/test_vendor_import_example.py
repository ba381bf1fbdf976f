"""The example of a vendor's day, run against the local SP-API over HTTP, with time that moves by waiting."""

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from spshipping.vendor.ledger import SqliteLedger, SubmissionState
from spshipping.vendor.orders import Order, PurchaseOrderState
from tests.virtual import VirtualClock

pytestmark = pytest.mark.dates

EXAMPLE = Path(__file__).parents[2] / "examples" / "vendor_import.py"


@pytest.fixture(scope="module")
def example() -> Any:
    spec = importlib.util.spec_from_file_location("vendor_import", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Vendor:
    """A vendor with a file of settings, who runs the example."""

    def __init__(self, example: Any, folder: Path, **supply: Any) -> None:
        self.example = example
        self.folder = folder
        self.settings = folder / "settings.toml"
        found = {"count": 60, "days": 20.0, "seed": 3, "late": 0.0, **supply}
        self.sandbox = Sandbox(purchase_orders=PurchaseOrderSupply(**found)).start()
        facts = {
            **self.sandbox.credentials,
            "endpoint": self.sandbox.url,
            "token_url": self.sandbox.token_url,
        }
        quoted = {name: json.dumps(value) for name, value in facts.items()}
        self.settings.write_text(example.TRIAL_SETTINGS.format(**quoted))
        self.settings.chmod(0o600)

    def run(self, *arguments: str) -> int:
        clock = VirtualClock(self.sandbox.clock)
        given = [str(self.settings), "--folder", str(self.folder), *arguments]
        return int(self.example.main(given, clock))

    def new_order(self, fits: Callable[[Order], bool]) -> str:
        """Return the number of a new order that fits; time passes until there is one."""
        with self.sandbox.client("US", vendor_code="SBX01") as client:
            for _ in range(100):
                found = client.vendor.orders.iter_purchase_orders(purchase_order_state=PurchaseOrderState.NEW)
                number = next((each.purchase_order_number for each in found if fits(each)), None)
                if number:
                    return number
                self.sandbox.clock.advance(43_200)
        raise AssertionError("no such purchase order within fifty days")

    def received(self, number: str) -> list[int | None]:
        """Return how much of each line of an order has arrived."""
        with self.sandbox.client("US") as client:
            found = client.vendor.orders.get_purchase_orders_status(purchase_order_number=number)
        lines = [line for state in found.orders_status or [] for line in state.item_status]
        receipts = [line.receiving_status and line.receiving_status.received_quantity for line in lines]
        return [receipt.amount if receipt else None for receipt in receipts]

    def states(self) -> list[SubmissionState]:
        """Return what has become of what was submitted."""
        with (
            closing(SqliteLedger(self.folder / "ledger.db")) as ledger,
            self.sandbox.client("US", vendor_code="SBX01") as client,
        ):
            return [each.state for each in client.vendor.submissions(ledger=ledger)]


@pytest.fixture
def make_vendor(example: Any, tmp_path: Path) -> Iterator[Callable[..., Vendor]]:
    made: list[Vendor] = []

    def make(**supply: Any) -> Vendor:
        made.append(Vendor(example, tmp_path, **supply))
        return made[-1]

    yield make
    for vendor in made:
        vendor.sandbox.close()


def is_delivered(order: Order) -> bool:
    """Say whether the vendor delivers it, and nothing of it was cancelled."""
    details = order.order_details
    assert details is not None
    return details.delivery_window is not None and all(line.ordered_quantity.amount for line in details.items)


@pytest.mark.long
def test_the_trial_goes_from_settings_to_a_receipt_without_a_defect(
    example: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert example.main(["--trial"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("Imported 31")
    assert "3 missing" in told[2]
    answered = next(index for index, line in enumerate(told) if line.startswith("Answered the 40 lines of "))
    codes = [line.split()[:2] for line in told[answered + 1 : answered + 4]]
    assert codes == [["Accepted", "40"], ["Backordered", "13"], ["Rejected", "10"]]
    assert told[answered + 4] == "  Amazon: taken"
    assert told[answered + 5].startswith("Shipped 98 cartons on 2 pallets as S-")
    assert told[answered + 8] == "  Amazon: taken"
    assert told[-2] == "Received: 162 cases and pieces, of 40 of 40 lines"
    assert told[-1] == "Defects: none"


def test_the_import_alone_sends_nothing_and_names_what_waits(
    make_vendor: Callable[..., Vendor], capsys: pytest.CaptureFixture[str]
) -> None:
    vendor = make_vendor()
    number = vendor.new_order(is_delivered)
    assert vendor.run() == 0
    first = capsys.readouterr().out
    assert number in first
    assert vendor.run() == 0
    again = capsys.readouterr().out
    assert int(first.split()[1]) > 20
    assert int(again.split()[1]) < 5, "only what happened meanwhile comes"
    assert "missing" not in again
    assert vendor.sandbox.ledger.count("submitAcknowledgement") == 0


@pytest.mark.parametrize("seed", range(3, 7))
def test_one_order_is_answered_and_shipped_and_what_was_said_is_kept(
    make_vendor: Callable[..., Vendor], capsys: pytest.CaptureFixture[str], seed: int
) -> None:
    vendor = make_vendor(seed=seed)
    number = vendor.new_order(is_delivered)
    assert vendor.run("--order", number) == 0
    told = capsys.readouterr().out
    assert told.count("  Amazon: taken") == 2
    assert "Received: 0 cases and pieces" in told
    assert vendor.states() == [SubmissionState.CONFIRMED, SubmissionState.CONFIRMED]
    vendor.sandbox.clock.advance(3 * 86_400)
    assert vendor.sandbox.receiving.defects() == []
    assert all(vendor.received(number))


def test_nothing_is_shipped_before_the_answers_are_taken(
    make_vendor: Callable[..., Vendor], capsys: pytest.CaptureFixture[str]
) -> None:
    vendor = make_vendor(lost=1.0)
    number = vendor.new_order(is_delivered)
    assert vendor.run("--order", number) == 0
    assert "Nothing is shipped before Amazon has taken the answers." in capsys.readouterr().out
    assert vendor.sandbox.ledger.count("SubmitShipmentConfirmations") == 0


def test_an_order_that_amazon_picks_up_is_refused_in_one_line(
    make_vendor: Callable[..., Vendor], capsys: pytest.CaptureFixture[str]
) -> None:
    vendor = make_vendor()
    number = vendor.new_order(lambda order: bool(order.order_details and order.order_details.ship_window))
    assert vendor.run("--order", number) == 1
    assert capsys.readouterr().err == (
        "InvalidRequestError: --order: Amazon picks it up, and wants a routing request first:"
        " choose one that you deliver\n"
    )


def test_it_wants_settings_or_a_trial(example: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        example.main([])
    assert "state a file of settings, or --trial" in capsys.readouterr().err
