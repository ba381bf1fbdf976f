"""What tests look up afterwards: requests, labels and money, in the process and over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from spshipping import Client
from spshipping.sandbox import Sandbox, example_order
from spshipping.sandbox import ledger as ledgers
from spshipping.shipping import GetRatesRequest, GetRatesResult, PurchaseShipmentRequest


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(frozen_at=datetime(2026, 6, 15, 9, tzinfo=UTC), orders=1, purchase_orders=1) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    with sandbox.client() as made:
        yield made


def quote(client: Client) -> GetRatesResult:
    return client.shipping.get_rates(example_order())


def test_a_request_is_found_with_its_body(sandbox: Sandbox, client: Client) -> None:
    quoted = quote(client)
    label = client.shipping.purchase_shipment(quoted.purchase_request(quoted.cheapest(), format="PNG"))
    sent = sandbox.requests.one("purchaseShipment")
    assert sent.body["requestToken"] == quoted.request_token
    assert sent.read(PurchaseShipmentRequest).rate_id == quoted.cheapest().rate_id
    assert (sent.operation, sent.path, sent.status) == ("purchaseShipment", "/shipping/v2/shipments", 200)
    assert sent.key == sent.record.key is not None
    assert repr(sent) == "<purchaseShipment: 200>"
    assert label.tracking_id is not None
    client.shipping.get_tracking(tracking_id=label.tracking_id, carrier_id="AMZN_UK")
    tracked = sandbox.requests.last("getTracking")
    assert (tracked.query, tracked.body) == ({"trackingId": label.tracking_id, "carrierId": "AMZN_UK"}, None)
    assert [request.operation for request in sandbox.requests] == [
        "getRates",
        "purchaseShipment",
        "getTracking",
    ]
    assert len(sandbox.requests) == 3
    assert (
        sandbox.requests.all("POST /shipping/v2/shipments/rates")[0].read(GetRatesRequest) == example_order()
    )
    assert sandbox.requests.count("getRates") == sandbox.requests.count("getRates", 200) == 1


def test_what_was_not_sent_once_is_named_with_what_was(sandbox: Sandbox, client: Client) -> None:
    with pytest.raises(AssertionError, match=r"^getRates was sent never, and not once; sent were: none$"):
        sandbox.requests.one("getRates")
    sandbox.add_fault("getRates", "status", status=503)
    quote(client)
    sent = r"sent were: <getRates: 503>, <getRates: 200>$"
    with pytest.raises(AssertionError, match=rf"^getRates was sent 2 times, and not once; {sent}"):
        sandbox.requests.one("getRates")
    with pytest.raises(AssertionError, match=rf"^cancelShipment was never sent; {sent}"):
        sandbox.requests.last("cancelShipment")
    assert repr(sandbox.requests) == "<Requests: <getRates: 503>, <getRates: 200>>"
    requests.get(f"{sandbox.url}/nowhere", timeout=5)
    assert repr(sandbox.requests.all()[-1]).startswith("<unknown operation: ")


def test_bodies_of_long_ago_are_not_kept(
    sandbox: Sandbox, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledgers, "KEPT_BODIES", 1)
    sandbox.reset()
    quote(client)
    quote(client)
    old, new = sandbox.requests.all("getRates")
    assert new.body["shipTo"]
    with pytest.raises(AssertionError, match="the body is not kept any more"):
        _ = old.body
    assert old.as_dict()["body"] is None


def test_labels_are_found_by_their_fields(sandbox: Sandbox, client: Client) -> None:
    with pytest.raises(AssertionError, match=r"^0 labels were bought, and not one; bought were: none$"):
        sandbox.bought.one()
    assert repr(sandbox.bought) == "<Bought: 0 labels, 0>"
    quoted = quote(client)
    label = client.shipping.purchase_shipment(quoted.purchase_request(quoted.cheapest(), format="PNG"))
    found = sandbox.bought.one(reference="ORDER-1001-1", is_cancelled=False)
    assert (found.shipment_id, found.cost) == (label.shipment_id, quoted.cheapest().total_charge.value)
    assert sandbox.spent == sandbox.bought.spent == {"GBP": found.cost}
    assert found.cost > Decimal(0)
    assert repr(sandbox.bought) == f"<Bought: 1 labels, {found.cost} GBP>"
    assert (len(sandbox.bought), list(sandbox.bought)) == (1, [found])
    message = r"^0 labels were bought with reference='X', and not one; bought were: ORDER-1001-1$"
    with pytest.raises(AssertionError, match=message):
        sandbox.bought.one(reference="X")


def test_other_languages_ask_over_http(sandbox: Sandbox, client: Client) -> None:
    quote(client)
    client.sellers.get_marketplace_participations()
    answer: Any = requests.get(f"{sandbox.url}/_sandbox/requests?operation=getRates", timeout=5).json()
    (sent,) = answer["requests"]
    assert (sent["operation"], sent["method"], sent["status"]) == ("getRates", "POST", 200)
    assert sent["body"]["packages"][0]["packageClientReferenceId"] == "ORDER-1001-1"
    everything: Any = requests.get(f"{sandbox.url}/_sandbox/requests", timeout=5).json()
    assert [sent["operation"] for sent in everything["requests"]] == [
        "getRates",
        "getMarketplaceParticipations",
    ]


def test_states_are_saved_and_restored_by_name_over_http(sandbox: Sandbox, client: Client) -> None:
    def post(path: str, body: object) -> Any:
        return requests.post(f"{sandbox.url}/_sandbox/{path}", json=body, timeout=5).json()

    quote(client)
    assert post("snapshots", {"name": "quoted"}) == {"snapshots": ["quoted"]}
    assert post("snapshots", {}) == {"snapshots": ["quoted", "default"]}
    sandbox.reset()
    assert len(sandbox.requests) == 0
    assert post("snapshots/restore", {"name": "quoted"}) == {"restored": "quoted"}
    assert sandbox.requests.one("getRates").status == 200
    assert post("snapshots/restore", {"name": "x"}) == {
        "error": "there is no snapshot 'x'; there are: quoted, default"
    }
    assert post("snapshots", {"name": 5}) == {"error": 'send {"name": "the name of the snapshot"}'}
    listed = requests.get(f"{sandbox.url}/_sandbox/snapshots", timeout=5).json()
    assert listed == {"snapshots": ["quoted", "default"]}
