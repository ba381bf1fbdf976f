"""The sandbox's own routes, and its ledger."""

from typing import Any

import pytest
import requests

from spshipping.sandbox import Sandbox, ledger
from tests.sandbox.server.world import BUSINESS, Shop, specification


def control(sandbox: Sandbox, method: str, name: str, json: Any = None) -> Any:
    answer = requests.request(method, f"{sandbox.url}/_sandbox/{name}", json=json, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_it_says_when_it_is_ready(sandbox: Sandbox) -> None:
    assert control(sandbox, "GET", "ready") == {"ready": True}


def test_the_clock_is_read_and_pushed_forward(sandbox: Sandbox) -> None:
    assert control(sandbox, "GET", "clock")["offset"] == 0
    assert control(sandbox, "POST", "clock", {"advance": 90.5})["offset"] == 90.5
    assert control(sandbox, "POST", "clock", {"advance": 1})["now"].endswith("Z")
    assert sandbox.clock.offset == 91.5


def test_faults_are_set_listed_and_cleared(sandbox: Sandbox) -> None:
    one = {"operation": "getRates", "kind": "cut_body", "at": 3, "reset": True}
    listed = control(sandbox, "POST", "faults", one)["faults"]
    unsaid = {"count": 1, "status": None, "seconds": 0.0, "path": None, "share": 1.0, "seed": 0}
    assert listed == [one | unsaid]
    two = [{"operation": "lwa", "kind": "status"}, {"operation": "*", "kind": "delay", "seconds": 1}]
    assert len(control(sandbox, "POST", "faults", two)["faults"]) == 3
    assert control(sandbox, "GET", "faults") == control(sandbox, "GET", "faults")
    assert control(sandbox, "DELETE", "faults") == {"faults": []}


@pytest.mark.parametrize(
    ("name", "json"),
    [
        ("clock", None),
        ("clock", {"advance": "1"}),
        ("clock", {"advance": -1}),
        ("clock", {"advance": 1e300}),
        ("clock", {"advance": 400_000_000_000}),
        ("clock", {"advance": True}),
        ("faults", None),
        ("faults", {"kind": "status"}),
        ("faults", [1]),
        ("faults", {"operation": "*", "kind": "status", "colour": "red"}),
        ("faults", {"operation": "*", "kind": "status", "count": "1"}),
        ("faults", {"operation": "*", "kind": "status", "status": 100}),
        ("faults", {"operation": "*", "kind": "cut_body", "at": -1}),
        ("faults", {"operation": "*", "kind": "null_field", "path": 3}),
        ("faults", {"operation": "*", "kind": "status", "share": -0.1}),
    ],
)
def test_what_makes_no_sense_is_refused(sandbox: Sandbox, name: str, json: Any) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/{name}", json=json, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.faults.waiting() == []


def test_an_unknown_route_names_the_known_ones(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/_sandbox/nothing", timeout=5)
    assert answer.status_code == 404
    assert "GET /_sandbox/ledger" in answer.json()["error"]


def test_the_ledger_tells_what_happened(shop: Shop) -> None:
    body = shop.purchase_request(requestedDocumentSpecification=specification("ZPL"))
    shop.session.headers.update({"User-Agent": "Shop/1 (Language=Python)", BUSINESS: "AmazonShipping_UK"})
    shop.purchase(body, key="k")
    shop.sandbox.add_fault("getRates", "drop_before")
    with pytest.raises(requests.ConnectionError):
        shop.rates()
    books = control(shop.sandbox, "GET", "ledger")
    assert books["operations"] == {
        "getRates": {"200": 1, "none": 1},
        "lwa": {"200": 1},
        "purchaseShipment": {"200": 1},
    }
    assert books["faults"] == {"drop_before": 1}
    assert books["spent"] == {"GBP": "3.55"}
    (label,) = books["labels"]
    assert (label["key"], label["cost"], label["is_cancelled"]) == ("k", "3.55", False)
    assert label["reference"] == "R-1"
    seen = books["requests"][1]
    assert (seen["operation"], seen["status"], seen["key"]) == ("purchaseShipment", 200, "k")
    assert (seen["user_agent"], seen["business"]) == ("Shop/1 (Language=Python)", "AmazonShipping_UK")
    assert seen["headers"]["Content-Type"] == "application/json"
    assert str(shop.session.headers["x-amz-access-token"]) not in str(books)
    (token,) = books["token_requests"]
    assert (token["grant_type"], token["seller"]) == ("refresh_token", seen["seller"])
    assert "Atzr|" not in str(books)


def test_counts_go_on_when_requests_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "KEPT", 2)
    with Sandbox() as sandbox:
        shop = Shop(sandbox)
        for _ in range(3):
            shop.cancel("none")
        shop.rates()
        shop.close()
        assert len(sandbox.ledger.requests()) == 2
        assert len(sandbox.ledger.requests("cancelShipment")) == 1
        assert sandbox.ledger.count("cancelShipment") == sandbox.ledger.count("cancelShipment", 404) == 3
        assert sandbox.ledger.count("cancelShipment", 200) == 0


def test_equal_bodies_have_equal_digests(shop: Shop) -> None:
    shop.rates()
    shop.rates()
    shop.rates(shipFrom=None)
    first, second, third = (seen.body_digest for seen in shop.sandbox.ledger.requests())
    assert first == second != third


def test_a_reset_forgets_all_but_accounts_and_tokens(shop: Shop) -> None:
    shipment = shop.bought()
    shop.sandbox.clock.advance(60)
    shop.sandbox.add_fault("*", "status")
    assert control(shop.sandbox, "POST", "reset") == {"reset": True}
    assert shop.sandbox.clock.offset == 0
    assert shop.sandbox.ledger.as_dict()["operations"] == {}
    assert shop.cancel(shipment["shipmentId"]).status_code == 404
