"""Laws over every command: however it fails, it says so in words, or in JSON, and never with a traceback."""

import json
import os
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from spshipping.cli.app import COMMANDS, app
from spshipping.cli.choice import Choice
from spshipping.cli.vendor import office
from spshipping.client import Client
from spshipping.clock import FrozenClock
from tests.sandbox.conftest import ORDER

JOURNAL = ("--journal", "shop.db", "--seller", "shop")
PACKING = {"identifier": "S-1", "shipment_type": "TruckLoad"}

WORDS: dict[str, tuple[str, ...]] = {
    "authorize": ("--paste", "--no-browser"),
    "call": ("getTracking", "trackingId=1", "carrierId=AMZN_UK"),
    "cancel": ("1001", "--yes", *JOURNAL),
    "check": (),
    "completion": ("zsh",),
    "connections": (),
    "demo": ("--order", "order.txt"),
    "label test-set": ("--environment", "production", "--to", "labels", "--order", "UK=order.json", "--yes"),
    "label merge": ("none.pdf", "--to", "labels"),
    "label preview": ("none.zpl", "--to", "labels"),
    "label print": ("none.zpl", "--host", "127.0.0.1", "--port", "PORT"),
    "notifications list": (),
    "notifications ensure": ("ORDER_CHANGE", "arn:aws:sqs:eu-west-1:123456789012:orders", "--yes"),
    "operations": ("tracking",),
    "orders list": (),
    "orders get": ("026-1520163-6049104",),
    "orders export": ("--to", "orders.csv"),
    "orders compare": ("026-1520163-6049104",),
    "rates": ("order.json",),
    "record": ("--to", "fixtures", "none.py"),
    "sandbox": ("--host", "1.2.3.4", "--port", "0"),
    "settings describe": (),
    "settle": ("1001", "--not-bought", "--yes", *JOURNAL),
    "ship": ("order.json", "--reference", "1001", "--yes", *JOURNAL),
    "sync": ("--once",),
    "track": ("1001", *JOURNAL),
    "trigger": ("ORDER_CHANGE",),
    "unsettled": JOURNAL,
    "vendor import": (),
    "vendor list": (),
    "vendor show": ("2JK3S9VC", "--fetch"),
    "vendor acknowledge": ("2JK3S9VC", "--accept-all", "--yes"),
    "vendor ship": ("packing.json", "--yes"),
    "vendor status": ("2JK3S9VC",),
    "vendor lint": ("packing.json",),
    "vendor offers receive": ("order.txt",),
    "vendor offers list": (),
    "vendor offers show": ("D-17",),
    "vendor offers approve": ("D-17", "buyer", "--by", "us"),
    "vendor offers decline": ("D-17", "buyer", "--by", "us", "--reason", "dear"),
    "vendor offers response": ("D-17", "--to", "response.csv"),
    "vendor offers match": (),
    "vendor offers release": ("D-17",),
    "vendor documents labels": ("S-1", "--to", "labels"),
    "vendor documents packing": ("S-1", "--to", "lists"),
    "vendor match": ("2JK3S9VC", "--fetch"),
    "worker": ("--deliver", "none:deliver"),
}
"""What each command is given: enough for it to begin, where neither Amazon nor a journal is there."""

OFFLINE = {
    "completion",
    "connections",
    "operations",
    "settings describe",
    "vendor list",
    "vendor offers list",
    "vendor offers match",
}
"""Those that need nothing, and so succeed."""
REPORTS = {"check", "label merge"}
"""Those whose result says itself what is wrong."""
WITHOUT_JSON = {"completion"}
"""A script for a shell is the only output that is no data."""
OUTPUTS: dict[str, tuple[str, ...]] = {
    "call": ("getTracking", "trackingId=1", "carrierId=AMZN_UK", "--out", "file/answer.json"),
    "demo": ("--out", "file/labels"),
    "label test-set": (
        *("--environment", "production", "--to", "file/labels", "--order", "UK=order.json", "--yes"),
    ),
    "label preview": ("label.zpl", "--to", "file/pictures"),
    "orders export": ("--to", "file/orders.csv"),
    "record": ("--to", "file/fixtures", "program.py"),
    "ship": (
        *("order.json", "--reference", "1", "--yes", "--to", "file/labels"),
        *("--journal", "file/shop.db", "--seller", "shop"),
    ),
    "sync": ("--once", "--checkpoint", "file/checkpoint.json"),
}
"""Commands that write, with a place that is below a file, so that nothing can be there."""


def leaves(command: click.Command, *names: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, *names, name)
    else:
        yield " ".join(names), command


ALL = dict(leaves(app))


@pytest.fixture
def port() -> Iterator[int]:
    """A port at which nobody answers."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Be in a folder with a few files, with settings that are right, and no Amazon."""
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)
    facts = {
        "client_id": "amzn1.application-oa2-client.c0ffee",
        "client_secret": "s3cret",
        "refresh_token": "Atzr|t0ken",
        "marketplace": "UK",
        "endpoint": f"http://127.0.0.1:{port}",
        "token_url": f"http://127.0.0.1:{port}/token",
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "order.json").write_bytes(ORDER.read_bytes())
    (tmp_path / "packing.json").write_text(json.dumps(PACKING))
    (tmp_path / "label.zpl").write_text("^XA^FO20,20^A0N,30^FDLabel^FS^XZ")
    (tmp_path / "program.py").write_text("print('done')\n")
    for name in ("file", "order.txt"):
        (tmp_path / name).write_text("nothing that a command reads")
    clock, made = FrozenClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), Choice.client

    def client(choice: Choice, **options: Any) -> Client:
        return made(choice, **{"clock": clock, **options})

    monkeypatch.setattr(Choice, "client", client)
    monkeypatch.setattr(office, "new_clock", lambda: clock)


def run(name: str, *words: str, first: tuple[str, ...] = ()) -> Result:
    result = CliRunner().invoke(app, [*first, *name.split(), *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "Traceback" not in result.output
    assert "mistake of this package" not in result.output
    for secret in ("s3cret", "t0ken"):
        assert secret not in result.output
    return result


def words_of(name: str, port: int) -> list[str]:
    return [str(port) if word == "PORT" else word for word in WORDS[name]]


def error_of(result: Result) -> Any:
    """Return the last document that was printed; each line is one."""
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    return documents[-1]


def test_every_command_is_here() -> None:
    assert set(ALL) == set(WORDS)
    assert {name.split()[0] for name in ALL} == set(COMMANDS)
    assert {name for name, command in ALL.items() if command.name != name.split()[-1]} == set()


@pytest.mark.parametrize("name", ALL)
def test_a_wrong_option_is_named_with_the_help_that_lists_the_right_ones(name: str) -> None:
    result = run(name, "--no-such-option")
    assert result.exit_code == 2
    assert result.stdout == ""
    if name != "record":  # its other words are those of a program
        assert "--no-such-option" in result.stderr
        assert f"{name} --help" in result.stderr
    error = error_of(run(name, "--no-such-option", "--json"))
    assert error["error"]
    assert error["message"]


@pytest.mark.parametrize("name", ALL)
def test_the_help_fits_a_narrow_terminal(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"], terminal_width=40)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: ")
    # an option and its choices are not torn apart
    assert [line for line in result.stdout.splitlines() if len(line) > 40 and len(line.split()) > 2] == []


@pytest.mark.parametrize("name", ALL)
def test_a_settings_file_that_is_missing_is_named(name: str) -> None:
    result = run(name, first=("--settings", "missing.toml"))
    assert result.exit_code == 2
    assert "missing.toml" in result.stderr
    error = error_of(run(name, "--json", first=("--settings", "missing.toml")))
    assert error["error"] == "BadParameter"
    assert "missing.toml" in error["message"]


@pytest.mark.parametrize("name", ALL)
def test_without_amazon_it_says_in_words_and_in_json_what_failed(name: str, port: int) -> None:
    words = words_of(name, port)
    result = run(name, *words)
    if name in OFFLINE:
        assert (result.exit_code, result.stderr) == (0, "")
    elif result.exit_code:
        assert result.exit_code in (1, 2)
        assert result.stderr.strip() or "✗" in result.stdout
    if name in WITHOUT_JSON:
        assert "--json" not in {option for each in ALL[name].params for option in each.opts}
        return
    as_json = run(name, "--json", *words)
    assert as_json.exit_code == result.exit_code
    if as_json.exit_code and name not in REPORTS:
        assert error_of(as_json)["error"]
    elif name != "settings describe":
        assert all(json.loads(line) for line in as_json.stdout.splitlines())


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_place_that_cannot_be_written_is_named(name: str) -> None:
    result = run(name, *OUTPUTS[name])
    assert result.exit_code == 1
    assert re.search(r"file/|another folder", result.stderr)
    error = error_of(run(name, "--json", *OUTPUTS[name]))
    assert re.search(r"file/|another folder", error["message"])


def test_settings_that_are_no_toml_are_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[connections")
    for name in ("connections", "orders list", "vendor list"):
        result = run(name, "--json", *WORDS[name], first=("--connection", "shop"))
        assert result.exit_code == 1
        assert "is no TOML" in error_of(result)["message"]
