"""`client.check` and `spshipping check`, against the local SP-API."""

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from spshipping import AsyncClient, Client, Credentials, Marketplace
from spshipping.checking import Outcome, Report, Step
from spshipping.cli.app import app
from spshipping.cli.check import show
from spshipping.sandbox import Sandbox
from tests.sandbox.conftest import MakeClient


@pytest.fixture(autouse=True)
def environ(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


def test_a_connection_that_works_is_said_to(client: Client) -> None:
    report = client.check("shipping")
    assert report.is_ok
    assert [step.outcome for step in report.steps] == [Outcome.WORKS] * 3
    assert report.steps[2].detail == "the seller can list in: DE, ES, FR, GB, IT"


def test_a_check_buys_nothing_and_asks_three_times(client: Client, sandbox: Sandbox) -> None:
    client.check("shipping")
    assert len(sandbox.ledger.token_requests()) == 1
    seen = [entry.operation for entry in sandbox.ledger.requests()]
    assert seen == ["getTracking", "getMarketplaceParticipations"]
    assert sandbox.ledger.labels == []


def test_a_revoked_refresh_token_is_found_out_first(make_client: MakeClient) -> None:
    with make_client().for_seller("Atzr|revoked") as client:
        report = client.check("shipping")
    assert [step.outcome for step in report.steps] == [Outcome.FAILED, *[Outcome.NOT_TRIED] * 2]
    assert "authorize again" in (report.steps[0].remedy or "")


def test_g2_a_marketplace_where_the_seller_does_not_sell_is_not_ready(sandbox: Sandbox) -> None:
    credentials = Credentials(**sandbox.credentials)

    async def check() -> Report:
        async with AsyncClient(
            credentials, Marketplace.IN, endpoint=sandbox.url, token_url=sandbox.token_url
        ) as client:
            return await client.check("shipping")

    with Client(credentials, Marketplace.IN, endpoint=sandbox.url, token_url=sandbox.token_url) as client:
        report = client.check("shipping")
    assert asyncio.run(check()) == report
    assert [step.outcome for step in report.steps] == [Outcome.WORKS, Outcome.WORKS, Outcome.FAILED]
    assert "does not sell in its marketplace, A21TJRUUN4KGV" in (report.steps[2].remedy or "")


def test_an_endpoint_that_is_not_amazons_is_found_out(make_client: MakeClient, sandbox: Sandbox) -> None:
    report = make_client(endpoint=f"{sandbox.url}/elsewhere").check("shipping")
    assert report.steps[0].is_ok
    assert not report.is_ok


def test_a_person_sees_what_works() -> None:
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "✓ sign in: works",
        "✓ getTracking: works",
        "✓ getMarketplaceParticipations: works",
        "    the seller can list in: DE, ES, FR, GB, IT",
        "",
        "The connection is ready for shipping.",
    ]


def test_a_program_gets_the_report_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(app, ["check", "shipping", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.output)["is_ok"] is True
    monkeypatch.setenv("SPSHIPPING_REFRESH_TOKEN", "Atzr|revoked")
    result = CliRunner().invoke(app, ["check", "--json"])
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert [step["outcome"] for step in report["steps"]] == ["failed", "not_tried", "not_tried"]


def test_what_is_missing_is_told_without_asking_anybody(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPSHIPPING_REFRESH_TOKEN")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1
    assert "set SPSHIPPING_REFRESH_TOKEN" in result.output
    assert sandbox.ledger.token_requests() == []


def test_a_purpose_that_is_not_there_is_a_mistake_in_the_command() -> None:
    assert CliRunner().invoke(app, ["check", "baking"]).exit_code == 2


def test_amazons_words_are_shown_as_they_are() -> None:
    steps = (
        Step("sign in", Outcome.WORKS),
        Step("getTracking", Outcome.FAILED, "403 [/bold][request r-1]", "[red]ask"),
        Step("getMarketplaceParticipations", Outcome.NOT_NEEDED, "no"),
    )
    out = io.StringIO()
    show(Report("shipping", steps), Console(file=out, highlight=False, width=200))
    assert out.getvalue().splitlines() == [
        "✓ sign in: works",
        "✗ getTracking: failed",
        "    403 [/bold][request r-1]",
        "    → [red]ask",
        "– getMarketplaceParticipations: not allowed, and not needed",
        "    no",
        "",
        "The connection is not ready for shipping.",
    ]


@pytest.mark.parametrize("purpose", ["orders", "vendor", "notifications"])
def test_d8_the_other_purposes_work_with_the_sandbox(client: Client, sandbox: Sandbox, purpose: Any) -> None:
    report = client.check(purpose)
    assert report.is_ok, report
    assert [step.outcome for step in report.steps] == [Outcome.WORKS] * 4, report
    assert CliRunner().invoke(app, ["check", purpose]).exit_code == 0
