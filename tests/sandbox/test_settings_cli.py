"""What the command line says of connections, and which one it takes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from spshipping import ConfigurationError, Marketplace
from spshipping.cli.app import app
from spshipping.cli.choice import Choice
from spshipping.sandbox import Sandbox
from spshipping.settings import describe, json_schema
from spshipping.shipping import GetRatesRequest

CLIENT_ID = "amzn1.application-oa2-client.c0ffee"
TEXT = f"""
[clients.shop]
client_id = "{CLIENT_ID}"
client_secret = "amzn1.oa2-cs.v1.s3cret"

[connections.uk]
client = "shop"
refresh_token = "Atzr|t0ken"
marketplace = "UK"

[connections.us]
client = "shop"
region = "EU"
marketplace = "US"
environment = "test"
"""


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPSHIPPING_SETTINGS", str(tmp_path / "none.toml"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "settings.toml"
    made.write_text(TEXT)
    made.chmod(0o600)
    return made


def run(*arguments: str | Path) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(argument) for argument in arguments])


def test_connections_are_listed_for_a_person_without_their_secrets(path: Path) -> None:
    result = run("--settings", path, "connections")
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert [
        "uk",
        "settings",
        "UK",
        "production",
        "shop",
        "client_id,",
        "client_secret,",
        "refresh_token",
    ] in lines
    assert "✗ us: region: contradicts the marketplace: US is in NA" in result.output
    assert "✗ us: refresh_token: is missing" in result.output
    for secret in ("s3cret", "t0ken"):
        assert secret not in result.output


def test_connections_are_listed_for_a_program(path: Path) -> None:
    path.write_text(TEXT + "[colours]\n")
    result = run("--settings", path, "connections", "--json")
    facts = json.loads(result.output)
    assert facts["settings"] == str(path)
    assert facts["problems"] == ["colours: is no table of settings"]
    first, second = facts["connections"]
    assert first == {
        "name": "uk",
        "source": "settings",
        "client": "shop",
        "marketplace": "UK",
        "environment": "production",
        "set": ["name", "client", "client_id", "client_secret", "refresh_token", "marketplace"],
        "problems": [],
    }
    assert (second["environment"], len(second["problems"])) == ("sandbox", 2)


def test_where_there_are_none_it_says_where_it_looked(tmp_path: Path) -> None:
    result = run("connections")
    path = tmp_path / "none.toml"
    assert result.output == f"{path} has no connections, and SPSHIPPING_CLIENT_ID is not set.\n"
    assert json.loads(run("connections", "--json").output)["connections"] == []


def test_a_file_that_cannot_be_read_ends_the_command(path: Path) -> None:
    path.write_text("[connections")
    result = run("--settings", path, "connections")
    assert result.exit_code == 1
    assert "is no TOML" in result.output


def test_the_fields_are_described_for_people_programs_and_forms() -> None:
    assert json.loads(run("settings", "describe", "--json").output) == describe()
    assert json.loads(run("settings", "describe", "--schema").output) == json_schema()
    shown = run("settings", "describe").output
    for field in describe():
        assert f"{field['label']}. " in shown
    assert "SPSHIPPING_REFRESH_TOKEN" in shown


def test_the_connection_that_is_named_is_taken(path: Path) -> None:
    assert Choice(path, "us").connection().name == "us"
    with pytest.raises(ConfigurationError, match="no connection 'fr'"):
        Choice(path, "fr").connection()


def test_the_only_connection_needs_no_name(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="with --connection: uk, us"):
        Choice(path).connection()
    path.write_text(TEXT.partition("[connections.us]")[0])
    assert Choice(path).connection().name == "uk"


def test_the_environments_connection_is_taken_unless_another_is_asked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigurationError, match=r"neither in .*none\.toml nor as SPSHIPPING_CLIENT_ID"):
        Choice().connection()
    monkeypatch.setenv("SPSHIPPING_CLIENT_ID", CLIENT_ID)
    assert Choice().connection().name == "default"
    assert Choice(path, "uk").connection().name == "uk"


def test_a_client_of_the_choice_works(
    path: Path, sandbox: Sandbox, order: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    values: dict[str, Any] = {
        **sandbox.credentials,
        "marketplace": "UK",
        "base_uri": sandbox.url,
        "token_url": sandbox.token_url,
    }
    rows = "\n".join(f'{name} = "{value}"' for name, value in values.items())
    path.write_text(f"[connections.box]\n{rows}\n")
    with Choice(path).client(timeout=5.0) as client:
        assert client.marketplace is Marketplace.UK
        assert client.shipping.get_rates(order).rates
    for name, value in values.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
    with Choice().client() as client:
        assert client.shipping.get_rates(order).rates
