"""The example of a shop: a page of settings, three orders, labels on the disk, a webhook, a cancellation."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from examples import shop_gateway

from spshipping import RetryPolicy, SpShippingError
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from spshipping.shipping import TrackingStatus
from spshipping.shipping.webhooks import WebhookReceiver

pytestmark = pytest.mark.dates

ORDERS = Path(__file__).parents[2] / "examples" / "shop_orders.json"
PAGE = ORDERS.with_name("shop_settings.toml")
HEADERS = {"X-API-KEY": "hook-s3cret", "Content-Type": "application/json"}
Open = Callable[[], shop_gateway.Shop]


def page(sandbox: Sandbox, creates: str = "true") -> str:
    text = PAGE.read_text().replace("http://127.0.0.1:8462", sandbox.url)
    return text.replace("EnableOrderCreation = true", f"EnableOrderCreation = {creates}")


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Path:
    made = tmp_path / "settings.toml"
    made.write_text(page(sandbox))
    made.chmod(0o600)
    return made


@pytest.fixture
def opened(settings: Path, tmp_path: Path) -> Iterator[Open]:
    shops: list[shop_gateway.Shop] = []

    def make() -> shop_gateway.Shop:
        retry = RetryPolicy(attempts=2, base=0.001)
        shops.append(shop_gateway.Shop(settings, tmp_path, retry=retry, token_cache=TokenCache()))
        return shops[-1]

    yield make
    for shop in shops:
        shop.close()


def orders() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ORDERS.read_text())
    return found


def test_three_orders_become_shipments_that_report_back(
    settings: Path, sandbox: Sandbox, opened: Open, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = opened()
    assert shop.ship(orders()) == 0
    labels = sorted((tmp_path / "labels").glob("*.pdf"))
    assert len(labels) == len(sandbox.ledger.labels) == 3
    assert all(label.read_bytes().startswith(b"%PDF") for label in labels)
    assert shop.ship(orders()) == 0
    assert len(sandbox.ledger.labels) == 3
    cancelled = shop.gateway.find("1002")
    assert shop_gateway.main([str(settings), "--out", str(tmp_path), "cancel", "1002"]) == 0
    assert [label.shipment_id for label in sandbox.ledger.labels if label.is_cancelled] == [
        cancelled and cancelled.shipment_id
    ]

    receiver = shop.receiver()
    server = shop.serve(receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/amazon"
        sandbox.push_to(url, secret="hook-s3cret")
        sandbox.pushes.add_fault("twice")
        sandbox.clock.advance(6 * 86_400)
        assert {push.status for push in sandbox.pushes.sent} == {200}
        request = Request(url, b"[]", {"X-API-KEY": "guessed"}, method="POST")
        with pytest.raises(HTTPError, match="401"):
            urlopen(request, timeout=10)
    finally:
        sandbox.push_to(None)
        server.shutdown()
        server.server_close()
    delivered = receiver.deliver_pending(shop.deliver)
    assert delivered.delivered == len({push.id for push in sandbox.pushes.sent}) > 2
    ways = {tracking_id: timeline.status for tracking_id, timeline in shop.timelines.items()}
    stopped = ways.pop(str(cancelled and cancelled.tracking_id))
    assert stopped is not TrackingStatus.DELIVERED
    assert list(ways.values()) == [TrackingStatus.DELIVERED] * 2

    out = capsys.readouterr().out
    assert "\ncancelled\n" in out
    assert out.count(": delivered") == 2
    assert "Ada" not in out


def test_a_product_without_sizes_has_those_of_the_page(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = opened()
    sizes: list[tuple[Any, ...]] = []
    plan = shop.gateway._gateway.planner.plan

    def noted(order: Any) -> Any:
        found = plan(order)
        (package,) = found.request.packages
        size = package.dimensions
        sizes.append((size.length, size.width, size.height, package.weight.value))
        return found

    monkeypatch.setattr(shop.gateway._gateway.planner, "plan", noted)
    shop.ship(orders())
    assert [tuple(map(float, size)) for size in sizes] == [
        (24.0, 24.0, 49.5, 2.3),
        (22.0, 16.0, 2.5, 0.1),
        (24.0, 24.0, 9.0, 0.55),
    ]


@pytest.mark.parametrize("kind", ["drop_after", "status_after", "cut_body"])
def test_the_naive_loop_buys_one_label(opened: Open, sandbox: Sandbox, kind: str) -> None:
    """What a program would do by hand, and what bought three labels."""
    shop = opened()
    order = shop_gateway.order_of(orders()["orders"][0])
    sandbox.add_fault("purchaseShipment", kind, count=3)
    shipped: list[str] = []
    for _ in range(3):
        try:
            shipment = shop.gateway.on_order(order).shipment
            shipped += [shipment.shipment_id] if shipment else []
        except SpShippingError:
            pass
    assert len(sandbox.ledger.labels) == 1
    assert set(shipped) == {sandbox.ledger.labels[0].shipment_id}


def test_what_a_crash_left_is_brought_to_its_end_at_the_next_run(
    opened: Open, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.add_fault("purchaseShipment", "drop_after", count=6)
    assert opened().ship(orders()) == 3
    assert len(sandbox.ledger.labels) == 3
    assert opened().ship(orders()) == 0
    assert len(sandbox.ledger.labels) == 3
    assert capsys.readouterr().out.count(".pdf") == 3


def test_with_order_creation_off_nothing_is_sent(
    settings: Path, sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.write_text(page(sandbox, creates="false"))
    words = [str(settings), "--out", str(tmp_path), "ship", str(ORDERS)]
    assert shop_gateway.main(words) == 0
    assert capsys.readouterr().out.count("order creation is off, nothing was sent") == 3
    assert sandbox.ledger.requests() == []


def test_one_order_that_fails_stops_no_other(
    opened: Open, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    data = orders()
    data["orders"][0]["items"][0]["quantity"] = 0
    sandbox.add_fault("purchaseShipment", "drop_after", count=2)
    shop = opened()
    assert shop.ship(data) == 2
    assert "1001: product BOWL-24: its quantity" in capsys.readouterr().err
    assert len(sandbox.ledger.labels) == 2


def test_a_push_about_no_parcel_is_printed(opened: Open, capsys: pytest.CaptureFixture[str]) -> None:
    shop = opened()
    receiver = shop.receiver()
    body = b'{"id": "7", "source": "AmazonShipping", "detail-type": "News", "detail": {}}'
    assert receiver.handle("POST", HEADERS, "", body).status == 200
    receiver.deliver_pending(shop.deliver)
    assert "7: a push that is not about a parcel" in capsys.readouterr().out


def test_it_serves_until_ctrl_c(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WebhookReceiver, "run", interrupted)
    assert shop_gateway.main([str(settings), "--out", str(tmp_path), "serve", "--port", "0"]) == 0
    assert "listening on http://127.0.0.1:" in capsys.readouterr().out


def test_what_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[connections.shop]\nMode = 'live'\n")
    assert shop_gateway.main([str(path), "--out", str(tmp_path), "cancel", "1"]) == 1
    assert "client_id: is missing" in capsys.readouterr().err


def test_a_file_without_a_connection_and_orders_that_are_no_json_are_told(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.toml"
    assert shop_gateway.main([str(missing), "--out", str(tmp_path), "cancel", "1"]) == 1
    assert "is missing, or has no connection" in capsys.readouterr().err
    wrong = tmp_path / "orders.json"
    wrong.write_text("no JSON")
    assert shop_gateway.main([str(settings), "--out", str(tmp_path), "ship", str(wrong)]) == 1
    assert "Expecting value" in capsys.readouterr().err
