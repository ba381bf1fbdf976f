"""`spshipping operations` and `call` against the local SP-API."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from spshipping import operations
from spshipping.cli import operations as command
from spshipping.cli.app import app
from spshipping.cli.values import HIDDEN, as_json, plain
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Fault
from spshipping.shipping import Address, Currency, GetAccessPointsResult
from tests.contract.drawn import drawn
from tests.sandbox.conftest import ORDER

KEY = "2f9f24a5-5a62-4b4e-a37b-0c1f6d2b7d3a"


@pytest.fixture(autouse=True)
def connection(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(app, words, **more)


def test_every_operation_is_listed() -> None:
    result = run("operations", "--json")
    assert result.exit_code == 0
    listed = json.loads(result.output)["operations"]
    assert [one["name"] for one in listed] == [operation.name for operation in operations()]


def test_words_select_operations() -> None:
    result = run("operations", "tracking")
    assert result.exit_code == 0
    assert "getTracking" in result.output
    assert "80/s, burst 100" in result.output
    assert "purchaseShipment" not in result.output
    assert run("operations", "tracking", "vendor", "nothing").exit_code == 1


def test_what_reads_is_called_without_a_question() -> None:
    result = run("call", "getRates", "--body", str(ORDER))
    assert result.exit_code == 0, result.output
    rates = json.loads(result.output)["rates"]
    assert {rate["carrierId"] for rate in rates} == {"AMZN_UK"}


def test_the_result_as_one_line_has_the_request_id() -> None:
    result = run("call", "getMarketplaceParticipations", "--json")
    facts = json.loads(result.output)
    assert facts["request_id"]
    assert len(result.output.splitlines()) == 1
    assert facts["result"]


def test_it_shows_each_attempt_for_a_support_case(sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("getMarketplaceParticipations", "status", status=503))
    result = run("call", "-v", "getMarketplaceParticipations")
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    attempts = [line["attempt"] for line in lines if "attempt" in line]
    assert [attempt["status"] for attempt in attempts] == [503, 200]
    assert all(attempt["request_id"] for attempt in attempts)
    assert "access_token" not in result.output.lower()


def test_v_shows_request_and_answer_without_what_is_personal(sandbox: Sandbox) -> None:
    result = run("call", "-v", "getRates", "--body", str(ORDER))
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert [next(iter(line)) for line in lines] == ["request", "attempt", "answer"]
    request, attempt, answer = (next(iter(line.values())) for line in lines)
    assert request["route"] == "POST /shipping/v2/shipments/rates"
    assert request["endpoint"] == sandbox.url
    assert request["body"]["shipTo"]["name"] == HIDDEN
    assert request["body"]["packages"][0]["weight"] == {"value": 1.25, "unit": "KILOGRAM"}
    assert answer["request_id"] == attempt["request_id"]
    assert answer["received_at"]
    assert result.stderr.isascii()
    for personal in ("Ada Example", "Orchard", "Atz", "Bearer"):
        assert personal not in result.stderr


def test_v_hides_a_parameter_that_names_a_person() -> None:
    words = (
        "MarketplaceIds=A1F83G8C2ARO7P",
        "CreatedAfter=2020-01-01T00:00:00Z",
        "BuyerEmail=ada@example.com",
    )
    result = run("call", "-v", "getOrders", *words)
    assert "ada@example.com" not in result.stderr
    request = json.loads(result.stderr.splitlines()[0])["request"]
    assert request["parameters"]["BuyerEmail"] == HIDDEN
    assert request["parameters"]["MarketplaceIds"] == "A1F83G8C2ARO7P"


def test_an_answer_that_cannot_be_written_is_not_asked_for(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "answer.json")
    result = run("call", "getMarketplaceParticipations", "--out", out)
    assert result.exit_code == 1
    assert f"{tmp_path}/file" in result.stderr
    assert sandbox.ledger.count("getMarketplaceParticipations") == 0


def test_what_costs_money_is_sent_with_a_key_that_was_printed_first(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "has_terminal", lambda: True)
    quote = json.loads(run("call", "getRates", "--body", str(ORDER), "--reveal").output)
    purchase = tmp_path / "purchase.json"
    form = {
        "format": "PDF",
        "dpi": 203,
        "size": {"length": 6, "width": 4, "unit": "INCH"},
        "needFileJoining": False,
        "requestedDocumentTypes": ["LABEL"],
    }
    wanted = {
        "requestToken": quote["requestToken"],
        "rateId": quote["rates"][0]["rateId"],
        "requestedDocumentSpecification": form,
    }
    purchase.write_text(json.dumps(wanted))
    words = ("call", "purchaseShipment", "--body", str(purchase))

    refused = run(*words, input="n\n")
    assert refused.exit_code == 1
    assert "purchaseShipment changes something, and has an idempotency key. Send it to" in refused.stderr
    assert sandbox.ledger.labels == []

    bought = run(*words, "--out", str(tmp_path / "answer.json"), input="y\n")
    assert bought.exit_code == 0, bought.output
    assert "idempotency key: " in bought.stderr
    assert len(sandbox.ledger.labels) == 1
    answer = json.loads(bought.stdout)
    (document,) = answer["packageDocumentDetails"][0]["packageDocuments"]
    assert document["contents"] == HIDDEN
    raw = json.loads((tmp_path / "answer.json").read_bytes())["payload"]
    assert raw["packageDocumentDetails"][0]["packageDocuments"][0]["contents"] != HIDDEN


def test_what_changes_something_without_a_key_asks_too(sandbox: Sandbox) -> None:
    refused = run("call", "cancelShipment", "shipmentId=1")
    assert refused.exit_code == 2
    assert "give --yes, as nobody can be asked" in refused.output

    sent = run("call", "cancelShipment", "shipmentId=1", "--yes", "--json")
    assert sent.exit_code == 1
    assert json.loads(sent.stdout)["error"] == "NotFoundError"
    assert "idempotency key" not in sent.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("getRate",), "There is no operation getRate. `spshipping operations` lists all of them."),
        (("getOrder", "orderId=1"), "give orders.v0.getOrder or orders.v2026_01_01.getOrder"),
        (("getTracking", "trackingId"), "trackingId: give a parameter as KEY=VALUE"),
        (("getTracking", "id=1"), "getTracking has no parameter id. Its parameters: trackingId, carrierId"),
        (("getTracking", "trackingId=1", "trackingId=2"), "trackingId is given twice; a list has commas"),
        (("getRates",), "getRates has a body: give --body FILE, a GetRatesRequest"),
        (("getTracking", "--body", "-"), "getTracking has no body"),
        (("getRates", "--body", "-"), "--body holds no GetRatesRequest in JSON"),
    ],
)
def test_what_cannot_be_called_says_what_to_do(words: tuple[str, ...], said: str) -> None:
    result = run("call", *words, input="no JSON")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_a_parameter_that_is_missing_is_named() -> None:
    result = run("call", "getTracking", "trackingId=1Z", "--json")
    assert result.exit_code == 1
    assert "carrierId" in json.loads(result.output)["message"]


def test_one_of_two_operations_of_a_name_is_called_by_its_domain() -> None:
    result = run("call", "orders.v2026_01_01.getOrder", "orderId=000-0000000-0000000", "--json")
    assert json.loads(result.output)["error"] == "NotFoundError"


def test_personal_data_is_asked_for_and_shown_by_two_options(sandbox: Sandbox) -> None:
    words = ("call", "getOrders", "MarketplaceIds=A1F83G8C2ARO7P", "CreatedAfter=2020-01-01T00:00:00Z")

    def streets(*more: str) -> set[str]:
        answer = json.loads(run(*words, "--pii", "shippingAddress", *more).output)
        found = [order["ShippingAddress"] for order in answer["Orders"] if "ShippingAddress" in order]
        return {address["AddressLine1"] for address in found if "AddressLine1" in address}

    assert streets() == {HIDDEN}
    assert HIDDEN not in streets("--reveal")
    assert streets("--reveal")


def test_values_are_hidden_unless_revealed() -> None:
    address = Address(
        name="Ada",
        address_line1="1 Road",
        city="Bath",
        state_or_region="",
        postal_code="1",
        country_code="GB",
    )
    assert plain([address], reveal=False)[0]["name"] == HIDDEN
    assert plain([address], reveal=True)[0]["name"] == "Ada"
    assert plain(b"%PDF", reveal=False) == f"{HIDDEN} (4 bytes)"
    assert plain(b"%PDF", reveal=True) == "%PDF"
    assert plain({"a": 1}, reveal=False) == f"{HIDDEN} (1 entries)"
    assert plain({"a": 1}, reveal=True) == {"a": 1}
    assert plain(None, reveal=False) is None
    assert as_json(plain(Currency(value=Decimal("0.1"), unit="GBP"), reveal=False)) == (
        '{"value": 0.1, "unit": "GBP"}'
    )


def test_what_is_in_a_map_is_hidden_too() -> None:
    place = drawn(GetAccessPointsResult, 20)
    hidden = [plain(each, reveal=False) for each in place]
    points = [point for each in hidden for some in each["accessPointsMap"].values() for point in some]
    assert points
    addresses = [point["address"] for point in points if "address" in point]
    assert {address["city"] for address in addresses if "city" in address} == {HIDDEN}
