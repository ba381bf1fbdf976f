"""A sandbox whose time stands still: what repeats, and what is saved and restored."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from spshipping import Client, ConflictError
from spshipping.sandbox import Sandbox, example_order
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.state import State
from spshipping.shipping import PurchaseShipmentResult
from tests.sandbox.server.vendor_world import (
    CONFIRMATIONS,
    SHIPMENTS,
    accepted_order,
    advance,
    confirmation,
    pickup,
    status_of,
    submit,
    transaction,
    worked_on,
)
from tests.sandbox.server.world import Shop

START = datetime(2026, 6, 15, 9, tzinfo=UTC)


def frozen(**options: Any) -> Sandbox:
    return Sandbox(frozen_at=START, orders=20, purchase_orders=20, **options)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with frozen() as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with sandbox.client() as made:
        yield made


def bought(client: Client) -> PurchaseShipmentResult:
    quote = client.shipping.get_rates(example_order())
    return client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="PNG"))


def a_day(seed: int) -> list[Any]:
    """Return the bytes of answers to the same requests, with the headers that name them."""
    seen: list[Any] = []
    with frozen(seed=seed) as sandbox:
        url = sandbox.url
        grant = {"grant_type": "refresh_token", **sandbox.credentials}
        token = requests.post(sandbox.token_url, data=grant, timeout=5)
        seen.append((token.content, token.headers["x-amzn-RequestId"], token.headers["Date"]))
        headers = {
            "x-amz-access-token": token.json()["access_token"],
            "User-Agent": "A/1 (Language=B)",
            "Content-Type": "application/json",
        }
        with sandbox.client() as client:
            label = bought(client)
            seen += [label.shipment_id, label.package_document_details]
            sandbox.clock.advance(86400 * 3)
        token = requests.post(sandbox.token_url, data=grant, timeout=5)
        headers["x-amz-access-token"] = token.json()["access_token"]
        for path in (
            "/orders/v0/orders?MarketplaceIds=A1F83G8C2ARO7P&CreatedAfter=2026-05-01T00:00:00Z",
            "/vendor/orders/v1/purchaseOrders?createdAfter=2026-06-12T00:00:00Z",
            "/sellers/v1/marketplaceParticipations",
        ):
            answer = requests.get(url + path, headers=headers, timeout=5)
            assert answer.status_code == 200, answer.text
            seen.append((answer.content, answer.headers["x-amzn-RequestId"], answer.headers["Date"]))
    return seen


def test_with_frozen_time_ids_and_dates_and_labels_repeat_and_follow_from_the_seed() -> None:
    assert a_day(3) == a_day(3)
    assert a_day(3)[1] != a_day(4)[1]


def test_after_a_reset_the_same_ids_come_again(sandbox: Sandbox, client: Client) -> None:
    first = bought(client)
    second = bought(client)
    assert first.shipment_id != second.shipment_id
    sandbox.clock.advance(60)
    sandbox.reset()
    assert sandbox.clock.now() == START
    assert bought(client) == first


def test_time_moves_only_when_it_is_advanced_or_slept(sandbox: Sandbox) -> None:
    clock = sandbox.clock
    assert (clock.now(), clock.now(), clock.is_frozen) == (START, START, True)
    before = clock.monotonic()
    clock.sleep(90)
    asyncio.run(clock.sleep_async(30))
    clock.sleep(-1)
    assert clock.now() == START + timedelta(seconds=120)
    assert clock.monotonic() == before + 120


def test_a_clock_of_real_time_sleeps_in_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("spshipping.clock.time.sleep", slept.append)

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    clock = SandboxClock()
    clock.sleep(5)
    asyncio.run(clock.sleep_async(7))
    assert (slept, clock.is_frozen, clock.offset) == ([5, 7], False, 0)


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="the time needs its zone"):
        Sandbox(frozen_at=datetime(2026, 6, 15))  # noqa: DTZ001 - the fault


def test_a_client_of_a_frozen_sandbox_waits_in_sandbox_time(sandbox: Sandbox, client: Client) -> None:
    sandbox.add_fault("getRates", "status", status=503, count=2)
    assert client.shipping.get_rates(example_order()).rates
    assert sandbox.clock.now() > START
    assert sandbox.requests.count("getRates", 503) == 2


def test_without_a_seed_ids_are_random_and_with_one_they_count() -> None:
    assert Ids().uuid("a") != Ids().uuid("a")
    assert Ids("1").uuid("a") == Ids("1").uuid("a") != Ids("1").uuid("b")
    ids = Ids("1")
    assert len({ids.text("a"), ids.text("a"), Ids("2").text("a")}) == 3
    assert len(ids.hexadecimal("a", 9)) == 18


def test_a_snapshot_brings_everything_back(sandbox: Sandbox, client: Client) -> None:
    kept = bought(client)
    sandbox.add_fault("getRates", "status", status=500)
    sandbox.aws_keys["AKID"] = "key"
    saved = sandbox.snapshot()
    assert repr(saved).startswith("<Snapshot of ")
    client.shipping.cancel_shipment(kept.shipment_id)
    sandbox.rotate_secret(sandbox.credentials["client_id"])
    sandbox.add_seller("Atzr|other")
    sandbox.faults.clear()
    sandbox.aws_keys.clear()
    sandbox.keys = sandbox.keys.__class__("forget")
    sandbox.clock.advance(3600)
    spent = sandbox.spent
    for _ in range(2):
        sandbox.restore(saved)
        assert sandbox.clock.now() == START
        assert (sandbox.keys.mode, sandbox.aws_keys) == ("replay", {"AKID": "key"})
        assert [fault.kind for fault in sandbox.faults.waiting()] == ["status"]
        assert sandbox.bought.one().shipment_id == kept.shipment_id
        assert not sandbox.bought.one().is_cancelled
        assert sandbox.spent != spent
        sandbox.faults.clear()
        with sandbox.client() as again:
            assert bought(again).shipment_id != kept.shipment_id
            again.shipping.cancel_shipment(kept.shipment_id)
            with pytest.raises(ConflictError, match="already cancelled"):
                again.shipping.cancel_shipment(kept.shipment_id)


def test_what_vendors_have_begun_goes_on_after_a_restore(sandbox: Sandbox) -> None:
    shop = Shop(sandbox)
    order = accepted_order(shop)
    body = {"shipmentConfirmations": [confirmation(shop, order)]}
    confirmed = submit(shop, CONFIRMATIONS, body)
    asked = submit(shop, SHIPMENTS, {"shipments": [pickup(shop, order)]})
    saved, then = sandbox.snapshot(), sandbox.clock.now()
    ends = []
    for _ in range(2):
        advance(shop, 0)  # sign in: the access token is of a later time
        states = [transaction(shop, confirmed)["status"], worked_on(shop, confirmed)["status"]]
        advance(shop, 10 * 86400)
        ends.append([*states, transaction(shop, asked)["status"], status_of(shop, order)])
        sandbox.restore(saved)
        assert sandbox.clock.now() == then
    assert ends[0] == ends[1]
    assert ends[0][:3] == ["Processing", "Success", "Success"]
    assert ends[0][3]["purchaseOrderStatus"] == "CLOSED"
    shop.close()


def test_orders_and_their_notifications_go_on_after_a_restore(sandbox: Sandbox) -> None:
    before = sandbox.order_changes()
    saved = sandbox.snapshot()
    seen = []
    for _ in range(2):
        sandbox.clock.advance(86400)
        seen.append((sandbox.order_changes(), [order.status for order in sandbox.orders()]))
        sandbox.restore(saved)
        assert sandbox.order_changes() == before
    assert seen[0] == seen[1]
    assert len(seen[0][0]) > len(before)


def test_a_snapshot_is_of_one_sandbox(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="the snapshot is of another sandbox"):
        sandbox.restore(frozen().snapshot())


def test_a_state_that_changes_while_it_is_saved_is_refused() -> None:
    class Restless(dict[str, object]):
        def __reduce__(self) -> str:
            raise RuntimeError("deque mutated during iteration")

    state = State([{"held": Restless()}], frozenset())
    with pytest.raises(ValueError, match="a request is under way"):
        state.save()
