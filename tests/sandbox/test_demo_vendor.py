"""The demonstration's part about vendors."""

import pytest
from rich.console import Console

from spshipping.cli.demo import DemoFailedError
from spshipping.cli.demo_vendor import show_vendor
from spshipping.sandbox import Defect, PurchaseOrderSupply, Sandbox

pytestmark = pytest.mark.dates


def check(holds: bool, promise: str) -> None:
    if not holds:
        raise DemoFailedError(promise)


def shown(
    supply: PurchaseOrderSupply, capsys: pytest.CaptureFixture[str], defects: list[Defect] | None = None
) -> str:
    with Sandbox(quotas=False, purchase_orders=supply) as sandbox, sandbox.client("UK") as client:
        show_vendor(client, Console(width=100, highlight=False), check, sandbox.clock.advance)
        if defects is not None:
            defects += sandbox.receiving.defects()
    return capsys.readouterr().out


@pytest.mark.parametrize("seed", range(4))
def test_a_purchase_order_is_acknowledged_shipped_and_received(
    seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    defects: list[Defect] = []
    text = shown(PurchaseOrderSupply(120, seed=seed, days=20), capsys, defects)
    assert "Amazon shows each as confirmed" in text
    assert "(00)0952123400000000" in text
    assert "Amazon received what the notice said" in text
    assert defects == []


def test_time_passes_until_there_is_a_purchase_order(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(PurchaseOrderSupply(10, days=10, answered=0.0), capsys)
    assert "Amazon received what the notice said" in text


def test_without_purchase_orders_a_promise_is_broken() -> None:
    empty = Sandbox(quotas=False, purchase_orders=PurchaseOrderSupply(0))
    with empty, empty.client("UK") as client, pytest.raises(DemoFailedError, match="purchase orders"):
        show_vendor(client, Console(quiet=True), check, lambda _: None)
