"""Commands over files of one machine are refused where settings say that there are two."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from spshipping.cli.app import app

SETTINGS = """
[engines]
machines = 2
redis_url = "redis://redis.example"

[connections.uk]
client_id = "amzn1.application-oa2-client.c0ffee"
client_secret = "amzn1.oa2-cs.v1.s3cret"
refresh_token = "Atzr|t0ken"
marketplace = "UK"
"""
COMMANDS = {
    "a journal in a file": ("unsettled", "--journal", "journal.db", "--seller", "shop"),
    "a checkpoint in a file": ("sync", "--once"),
    "the folder of a vendor": ("vendor", "list"),
}


@pytest.mark.parametrize("what", COMMANDS)
def test_a_command_says_why_it_does_not_run(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS)
    path.chmod(0o600)
    result = CliRunner().invoke(app, ["--settings", str(path), *COMMANDS[what], "--json"])
    assert result.exit_code in (1, 2)
    error = json.loads(result.stderr or result.stdout)
    assert f"{what} belongs to one machine, and there are 2" in error["message"]
    assert not list(tmp_path.glob("*.db"))
