"""The command line, run as a person would run it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from rich.console import Console

from spshipping import Client, __version__, from_dict, loads
from spshipping.cli import main
from spshipping.cli.app import app
from spshipping.cli.demo import Demo, DemoFailedError, price
from spshipping.sandbox import example_order
from spshipping.shipping import Currency, Event, GetRatesRequest, GetTrackingResult, Location
from tests.sandbox.conftest import ORDER

pytestmark = pytest.mark.dates


def test_the_demonstration_shows_a_whole_life_and_leaves_three_labels(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path), "--order", str(ORDER)])
    assert result.exit_code == 0, result.output
    assert "one key, one label" in result.output
    assert "Both APIs return the same order" in result.output
    assert "Amazon received what the notice said" in result.output
    assert "4 purchase requests, 3 labels, 1 of them cancelled" in result.output
    beginnings = {path.suffix: path.read_bytes()[:4] for path in tmp_path.iterdir()}
    assert beginnings == {".pdf": b"%PDF", ".png": b"\x89PNG", ".zpl": b"^XA\n"}


@pytest.mark.long
def test_g4_the_demonstration_runs_anywhere_and_dates_no_order_in_the_future(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["demo"])
    assert result.exit_code == 0, result.output
    placed = re.findall(r"^  [\d-]{19}  (\w{3} \d{2} \w{3}, \d{2}:\d{2})  ", result.output, re.MULTILINE)
    now = datetime.now(UTC)
    assert len(placed) == 5
    days = [(now - timedelta(days=ago)).strftime("%a %d %b") for ago in range(8)]
    assert {text.partition(",")[0] for text in placed} <= set(days)
    assert placed[-1] <= f"{now:%a %d %b, %H:%M}" or not placed[-1].startswith(days[0])


def test_the_demonstration_names_its_labels_as_json(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    assert {Path(file).suffix for file in json.loads(result.stdout)["files"]} == {".pdf", ".png", ".zpl"}


def test_an_order_that_cannot_be_read_ends_the_demonstration(tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_text("no JSON")
    result = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "out"), "--order", str(path)])
    assert result.exit_code == 1
    assert "Error: DecodeError: " in result.output


def test_d14_no_path_is_made_of_an_answer(tmp_path: Path, client: Client, order: GetRatesRequest) -> None:
    bought = quiet(tmp_path).buy(client, quote := client.shipping.get_rates(order), quote.cheapest(), "PDF")
    (path,) = tmp_path.iterdir()
    assert bought.tracking_id
    assert path.name == "LABEL.pdf"


def test_g4_the_example_order_is_that_of_the_examples() -> None:
    assert example_order() == loads(ORDER.read_bytes(), GetRatesRequest)


def quiet(tmp_path: Path) -> Demo:
    with Path(os.devnull).open("w") as nowhere:
        return Demo(tmp_path, ORDER, Console(file=nowhere, quiet=True))


class Box:
    """Stands for the sandbox's process where its answers do not matter."""

    def request(self, path: str, body: Any = None) -> None:
        """Answer nothing."""


def test_the_demonstration_fails_where_a_promise_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DemoFailedError, match="not true: water is dry"):
        quiet(tmp_path).check(False, "water is dry")
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(DemoFailedError, match="the sandbox did not start: it said nothing"):
        quiet(tmp_path).run()


def test_a_parcel_that_never_arrives_ends_the_demonstration(
    tmp_path: Path, client: Client, order: Any
) -> None:
    quote = client.shipping.get_rates(order)
    bought = client.shipping.purchase_shipment(quote.purchase_request(quote.cheapest(), format="ZPL"))
    with pytest.raises(DemoFailedError, match="never arrived"):
        quiet(tmp_path).track(client, Box(), bought, quote.cheapest())  # type: ignore[arg-type]  # asked only for time


def test_events_without_a_place_and_other_currencies_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = Demo(tmp_path, ORDER)
    data = {
        "trackingId": "T",
        "alternateLegTrackingId": "A",
        "promisedDeliveryDate": "2026-01-01T00:00:00Z",
        "summary": {},
        "eventHistory": [
            {"eventCode": "Departed", "eventTime": "2026-01-02T00:00:00Z"},
            {"eventCode": "PickupDone", "eventTime": "2026-01-01T00:00:00Z", "location": {"city": "Cork"}},
        ],
    }
    tracking = from_dict(data, GetTrackingResult)
    assert isinstance(tracking.event_history[0], Event)
    assert isinstance(tracking.event_history[1].location, Location)
    assert demo.say_events(tracking, 0) == 2
    assert demo.say_events(tracking, 2) == 2
    shown = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-1] for line in shown] == ["PickupDone in Cork", "Departed"]


@pytest.mark.parametrize(("unit", "text"), [("GBP", "£1,234.50"), ("JPY", "1,234.50 JPY")])
def test_prices_are_written_as_people_do(unit: str, text: str) -> None:
    assert price(Currency(value=Decimal("1234.5"), unit=unit)) == text


@contextmanager
def serving(*options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `spshipping sandbox` until the block ends, and stop it as Ctrl-C does."""
    command = [sys.executable, "-m", "spshipping.cli", "sandbox", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert "Traceback" not in errors


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def is_ready(url: str) -> bool:
    with urlopen(f"{url}/_sandbox/ready", timeout=5) as answer:
        return bool(json.loads(answer.read()) == {"ready": True})


def test_the_sandbox_tells_a_program_where_it_is() -> None:
    with serving("--json") as process:
        facts = json.loads(line_of(process))
        assert facts["marketplace"] == "UK"
        assert is_ready(facts["endpoint"])


def test_the_sandbox_tells_a_person_what_to_set() -> None:
    with serving() as process:
        shown = "".join(line_of(process) for _ in range(10))
        (url,) = re.findall(r"export SPSHIPPING_ENDPOINT='(.*)'", shown)
        assert shown.endswith(f"{url}/_sandbox/ledger\n")
        assert is_ready(url)


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"spshipping, version {__version__}\n"


def test_the_command_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["spshipping", "--help"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 0
    assert "sandbox" in capsys.readouterr().out


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spshipping.cli.app", None)
    with pytest.raises(SystemExit, match=r'pip install "spshipping\[cli,sandbox\]"'):
        main()
