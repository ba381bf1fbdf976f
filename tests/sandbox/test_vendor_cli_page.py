"""The page about vendors at the command line: its commands run as it shows them, one after the other."""

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from spshipping.cli.app import app
from spshipping.vendor.orders import Order
from tests.sandbox.vendor_cli import Vendor, is_small

pytestmark = pytest.mark.dates

PAGE = Path(__file__).parents[2] / "docs" / "vendor-cli.md"
_BLOCK = re.compile(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = "2JK3S9VC"


def is_fit(order: Order) -> bool:
    """Say whether something is left of it where a line is rejected."""
    return is_small(order) and bool(order.order_details and len(order.order_details.items) > 1)


@pytest.mark.long
def test_every_command_of_the_page_runs(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    order = vendor.new_order(is_fit)
    vendor.run("import")
    known = {NUMBER: order.purchase_order_number}
    now = vendor.clock.now()
    known["2026-12-04T08:00:00Z"] = now.isoformat()
    known["2026-12-06T08:00:00Z"] = (now + timedelta(days=2)).isoformat()
    facts = {
        name.removeprefix("SPSHIPPING_").lower(): json.dumps(value)
        for name, value in vendor.environ.items()
        if name != "SPSHIPPING_SETTINGS"
    }
    lines = [f"{name} = {value}" for name, value in facts.items()]
    settings = tmp_path / "settings.toml"
    settings.write_text("\n".join(["[connections.my-vendor]", *lines]), "utf-8")
    settings.chmod(0o600)
    count = 0
    for name, language, text in _BLOCK.findall(PAGE.read_text("utf-8")):
        for before, after in known.items():
            text = text.replace(before, after)
        if name:
            (tmp_path / name).write_text(text, "utf-8")
        for line in text.splitlines() if language == "sh" else ():
            words = shlex.split(line)
            if words[0] == "spshipping":
                count += 1
                words = [str(tmp_path / "srv") if word == "/srv/vendor" else word for word in words[1:]]
                result = CliRunner().invoke(app, words)
                assert result.exit_code == 0, f"{line}\n{result.output}"
    assert count > 25
    assert vendor.count("submitAcknowledgement") == 1
    assert vendor.count("SubmitShipmentConfirmations") == 1
    vendor.sandbox.clock.advance(4 * 86_400)
    assert vendor.sandbox.receiving.defects() == []


def test_the_table_of_the_page_has_the_columns_of_the_command(vendor: Vendor) -> None:
    vendor.run("import")
    head = vendor.run("list").stdout.splitlines()[0]
    (shown,) = [text for _, language, text in _BLOCK.findall(PAGE.read_text("utf-8")) if language == "text"]
    assert shown.splitlines()[0].split() == head.split()
