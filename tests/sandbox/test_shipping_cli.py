"""`spshipping rates`, `ship`, `track` and `cancel` against the local SP-API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from spshipping import dumps, replace
from spshipping.cli import shipping as command
from spshipping.cli.app import app
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Fault
from spshipping.shipping import GetRatesRequest
from spshipping.shipping.tracking import Timeline
from tests.sandbox.conftest import ORDER

Run = Callable[..., Result]


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str, **more: Any) -> Result:
        in_journal = () if words[0] in ("rates", "call") else ("--journal", "shop.db", "--seller", "the shop")
        return CliRunner().invoke(app, [*words, *in_journal], **more)

    return invoke


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands think that somebody can be asked."""
    monkeypatch.setattr(command, "has_terminal", lambda: True)


def ship(run: Run, reference: str = "1001", *words: str, **more: Any) -> Result:
    return run("ship", str(ORDER), "--reference", reference, *words, **more)


def test_rates_are_shown_and_nothing_is_bought(run: Run, sandbox: Sandbox) -> None:
    result = run("rates", str(ORDER))
    assert result.exit_code == 0, result.output
    assert "Amazon Shipping Standard" in result.output
    assert "3.75 GBP" in result.output
    assert sandbox.ledger.labels == []


def test_rates_as_json_hide_nobody_but_show_prices(run: Run) -> None:
    answer = json.loads(run("rates", str(ORDER), "--json").output)
    assert [rate["totalCharge"]["unit"] for rate in answer["rates"]] == ["GBP"] * 3


def test_a_parcel_that_nothing_can_carry(run: Run, order: GetRatesRequest) -> None:
    heavy = replace(order)
    heavy.packages[0].weight.value *= 1000
    result = run("rates", "-", input=dumps(heavy))
    assert result.exit_code == 1, result.output
    assert "No service can carry this parcel." in result.output
    assert "cannot carry it:" in result.output


@pytest.mark.parametrize("text", ["no JSON", "{}"])
def test_what_is_no_parcel_is_refused(run: Run, text: str) -> None:
    result = run("rates", "-", input=text)
    assert result.exit_code == 2
    assert "is no getRates request" in result.output


def test_a_label_is_bought_once_and_saved(run: Run, sandbox: Sandbox) -> None:
    first = ship(run, "1001", "--yes")
    assert first.exit_code == 0, first.output
    assert "1001 is bought: Amazon Shipping Standard for 3.75 GBP." in first.output
    (label,) = Path("labels").iterdir()
    assert label.read_bytes().startswith(b"%PDF")

    # without --yes: there is nothing to buy, and so nothing to ask
    again = ship(run, "1001")
    assert again.exit_code == 0, again.output
    assert "1001 was bought before" in again.output
    assert "It was bought as" not in again.output
    assert len(sandbox.ledger.labels) == 1


def test_another_format_of_what_was_bought_is_not_promised(run: Run, sandbox: Sandbox) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0
    again = ship(run, "1001", "--format", "ZPL")
    assert "It was bought as PDF: for ZPL, cancel it and buy generation 2." in again.output
    assert json.loads(ship(run, "1001", "--format", "ZPL", "--json").output)["shipment"]["formats"] == ["PDF"]
    assert len(sandbox.ledger.labels) == 1


def test_the_result_is_json(run: Run, sandbox: Sandbox) -> None:
    result = ship(run, "1001", "--yes", "--json", "--choose", "fastest", "--format", "ZPL", "--to", "out")
    facts = json.loads(result.output)["shipment"]
    assert facts["charge"] == {"amount": "8", "unit": "GBP"}
    assert [Path(file).suffix for file in facts["files"]] == [".zpl"]
    assert (facts["reference"], facts["generation"], facts["is_repeat"]) == ("1001", 1, False)
    assert facts["shipment_id"] == sandbox.ledger.labels[0].shipment_id


def test_it_asks_before_money_moves(run: Run, sandbox: Sandbox, terminal: None) -> None:
    refused = ship(run, input="n\n")
    assert refused.exit_code == 1
    assert "3.75 GBP" in refused.output
    assert "Buy the cheapest at http://" in refused.output
    assert sandbox.ledger.labels == []

    agreed = ship(run, input="y\n")
    assert agreed.exit_code == 0, agreed.output
    assert len(sandbox.ledger.labels) == 1


@pytest.mark.parametrize("words", [("ship", str(ORDER), "--reference", "1001"), ("cancel", "1001")])
def test_without_a_terminal_it_wants_yes(run: Run, sandbox: Sandbox, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "give --yes" in result.output
    assert sandbox.ledger.labels == []


def test_a_purchase_that_fails_says_why(run: Run, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("getRates", "status", status=403, count=9))
    result = ship(run, "1001", "--yes", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["error"] == "AccessDeniedError"


def test_the_way_of_a_parcel(run: Run, sandbox: Sandbox) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0
    sandbox.clock.advance(8 * 86400)

    shown = run("track", "1001")
    assert shown.exit_code == 0, shown.output
    assert ": delivered" in shown.output
    assert "Delivered" in shown.output

    way = json.loads(run("track", "1001", "--json").output)
    assert way["status"] == "delivered"
    assert way["events"][-1]["code"] == "Delivered"


def test_a_parcel_without_events_has_a_status(run: Run) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0
    result = run("track", "1001")
    assert result.exit_code == 0, result.output
    assert "label created" in result.output


def test_a_parcel_that_was_not_shipped_has_no_way(run: Run) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0
    result = run("track", "1002", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["error"] == "GatewayError"


def test_another_carriers_parcel_is_not_tracked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0
    monkeypatch.setattr("spshipping.shipping.tracking.many.is_amazon_carrier", lambda _: False)
    result = run("track", "1001")
    assert result.exit_code == 1
    assert "is another carrier's" in result.output


def test_a_shipment_is_cancelled(run: Run, sandbox: Sandbox, terminal: None) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0

    kept = run("cancel", "1001", input="n\n")
    assert kept.exit_code == 1
    assert [label.is_cancelled for label in sandbox.ledger.labels] == [False]

    done = run("cancel", "1001", input="y\n")
    assert done.exit_code == 0, done.output
    assert "1001 is cancelled." in done.output
    assert [label.is_cancelled for label in sandbox.ledger.labels] == [True]

    again = json.loads(run("cancel", "1001", "--yes", "--json").output)
    assert again["cancelled"]["state"] == "cancelled"


def test_what_was_not_bought_cannot_be_cancelled(run: Run) -> None:
    assert ship(run, "1001", "--yes").exit_code == 0
    result = run("cancel", "1002", "--yes", "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["error"] == "GatewayError"


def test_a_parcel_without_a_journal_is_not_tracked(run: Run) -> None:
    result = run("track", "1001")
    assert result.exit_code == 1
    assert "there is no journal shop.db" in result.output


def test_a_timeline_without_events_is_only_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    command._show_timeline(Timeline(tracking_id="TBA1"))
    assert capsys.readouterr().out.split() == ["TBA1:", "unknown"]


def test_rates_that_are_refused_say_why(run: Run, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("getRates", "status", status=403, count=9))
    result = run("rates", str(ORDER), "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)["error"] == "AccessDeniedError"
