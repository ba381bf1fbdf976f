"""Commands as a person sees them: on terminals of two widths, in pipes, and stopped by signals.

What they show stands in the files of `expected`. `WRITE_EXPECTED=1 pytest tests/cli` writes them anew.
"""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from spshipping.sandbox import Sandbox
from tests.cli.terminal import CTRL_C, Terminal, check, command
from tests.sandbox.conftest import ORDER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")

Open = Callable[..., Terminal]
SINCE = ("--created-after", "2026-02-28T12:00:00Z", "--created-before", "2026-03-02")
SHIP = ("ship", "order.json", "--reference", "order-1001", "--journal", "shop.db", "--seller", "shop")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "order.json").write_bytes(ORDER.read_bytes())
    return tmp_path


@pytest.fixture
def open_terminal(environ: Mapping[str, str], folder: Path) -> Open:
    """Start a command on a terminal."""

    def start(*words: str, columns: int = 120, **more: str) -> Terminal:
        return Terminal([*words], {**environ, **more}, folder, columns)

    return start


@pytest.fixture
def piped(environ: Mapping[str, str], folder: Path) -> Callable[..., "subprocess.CompletedProcess[bytes]"]:
    """Run a command with pipes."""

    def start(*words: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            command(*words),
            env={**environ, **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )

    return start


def on_any_port(shown: str, sandbox: Sandbox) -> str:
    """Return what is shown without what follows from the sandbox's port: its URL, and a digest of that."""
    shown = shown.replace(sandbox.url, "http://127.0.0.1:PORT0")
    return re.sub(r"order-1001-[0-9a-f]{8}-", "order-1001-DIGEST00-", shown)


@pytest.mark.long
@pytest.mark.parametrize("columns", [40, 120])
def test_orders_on_a_terminal(open_terminal: Open, columns: int) -> None:
    words = ("orders", "list", *SINCE, "--status", "Unshipped", "--most", "4")
    with open_terminal(*words, columns=columns) as terminal:
        code, shown = terminal.end()
    assert code == 0
    check(f"orders-list-{columns}.txt", shown)
    assert max(map(len, re.sub("\x1b\\[[0-9;]*m", "", shown).splitlines())) <= columns


@pytest.mark.long
def test_no_color_leaves_a_terminal_without_escape_codes(open_terminal: Open) -> None:
    with open_terminal("operations", "tracking", "shipping", NO_COLOR="1") as terminal:
        code, shown = terminal.end()
    assert code == 0
    assert "\x1b" not in shown
    check("operations-no-color.txt", shown)


@pytest.mark.long
def test_a_purchase_on_a_narrow_terminal_is_asked_about(open_terminal: Open, sandbox: Sandbox) -> None:
    with open_terminal(*SHIP, columns=40) as terminal:
        terminal.wait_for("[y/N]: ")
        assert sandbox.ledger.labels == []
        terminal.press("y\n")
        code, shown = terminal.end()
    assert code == 0
    assert len(sandbox.ledger.labels) == 1
    check("ship-40.txt", on_any_port(shown, sandbox))


@pytest.mark.long
@pytest.mark.parametrize(
    ("keys", "name", "code"), [("n\n", "ship-no.txt", 1), (CTRL_C, "ship-ctrl-c.txt", 130)]
)
def test_nothing_is_bought_where_nobody_agrees(
    open_terminal: Open, sandbox: Sandbox, keys: str, name: str, code: int
) -> None:
    with open_terminal(*SHIP) as terminal:
        terminal.wait_for("[y/N]: ")
        terminal.press(keys)
        ended, shown = terminal.end()
    assert ended == code
    assert sandbox.ledger.labels == []
    check(name, on_any_port(shown, sandbox))


@pytest.mark.long
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_a_purchase_in_a_pipe_of_any_encoding(
    piped: Callable[..., "subprocess.CompletedProcess[bytes]"], sandbox: Sandbox, encoding: str
) -> None:
    ended = piped(*SHIP, "--yes", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (ended.returncode, ended.stderr) == (0, b"")
    check(f"ship-pipe-{encoding}.txt", on_any_port(ended.stdout.decode(encoding), sandbox))


def test_a_reader_that_goes_early_gets_no_traceback(environ: Mapping[str, str]) -> None:
    process = subprocess.Popen(
        command("operations"), env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as errors:
        assert errors.read() == b""
    assert process.wait(60) == 1


def test_ctrl_c_in_a_purchase_names_it_and_the_same_command_gives_the_label(
    open_terminal: Open, sandbox: Sandbox, piped: Callable[..., "subprocess.CompletedProcess[bytes]"]
) -> None:
    sandbox.add_fault("purchaseShipment", "delay", seconds=20.0)
    with open_terminal(*SHIP, "--yes") as terminal:
        terminal.wait_until(lambda: sandbox.ledger.labels)
        terminal.press(CTRL_C)
        code, shown = terminal.end()
    assert code == 130
    check("ship-interrupted.txt", re.sub(r"key [0-9a-f-]{36}", "key KEY", shown))
    ended = piped(*SHIP, "--yes", "--json")
    assert ended.returncode == 0, ended
    assert json.loads(ended.stdout)["shipment"]["files"]
    assert len(sandbox.ledger.labels) == 1


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"]
)
def test_a_signal_while_an_export_waits_leaves_what_was_read(
    open_terminal: Open, folder: Path, number: signal.Signals, code: int
) -> None:
    (folder / "orders.csv").write_text("an older export\n")
    with open_terminal("orders", "export", "--to", "orders.csv", *SINCE) as terminal:
        terminal.wait_for("; next in ")
        if number == signal.SIGINT:
            terminal.press(CTRL_C)
        else:
            terminal.terminate()
        ended = terminal.end()
    assert ended[0] == code
    check(f"export-{code}.txt", re.sub(r"next in \d+ s", "next in N s", ended[1]))
    assert (folder / "orders.csv").read_text() == "an older export\n"
    rows = (folder / "orders.csv.part").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 101
    assert (folder / "orders.csv.part").stat().st_mode & 0o077 == 0
    assert not list(folder.glob(".*.tmp"))


def test_sigterm_ends_what_waits_and_says_so(open_terminal: Open) -> None:
    with open_terminal("orders", "list", *SINCE, "--most", "200", "--json") as terminal:
        terminal.wait_for("; next in ")
        terminal.terminate()
        code, shown = terminal.end()
    assert code == 143
    assert json.loads(shown.splitlines()[-1])["error"] == "Interrupted"
    assert "Traceback" not in shown
