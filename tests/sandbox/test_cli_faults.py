"""What commands do where something is wrong: the port, the console, the settings, a signal."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from rich.text import Text

from spshipping import ConfigurationError, FileStore, Secret
from spshipping.cli.app import app
from spshipping.cli.choice import Choice
from spshipping.cli.console import abandon_output, accept_any_character, print_paragraph, print_table
from spshipping.sandbox import Sandbox
from spshipping.settings import describe

ESCAPE = "\x1b["


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SPSHIPPING_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPSHIPPING_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "CLIENT_ID": "amzn1.application-oa2-client.c0ffee",
        "CLIENT_SECRET": "s3cret",
        "REFRESH_TOKEN": "Atzr|t0ken",
        "MARKETPLACE": "UK",
    }
    for name, value in values.items():
        monkeypatch.setenv(f"SPSHIPPING_{name}", value)


def run(*words: str, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(app, words)


def start(*words: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the command in a process of its own, with pipes as on any system."""
    command = [sys.executable, "-m", "spshipping.cli", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env={**os.environ, **(environ or {})}, stdout=pipe, stderr=pipe)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_g3_a_taken_port_is_an_error_that_says_what_to_do(taken: int) -> None:
    result = run("sandbox", "--port", str(taken))
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{taken}" in result.output
    assert "port 0 takes any that is free" in result.output
    result = run("sandbox", "--port", str(taken), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "ConfigurationError"


@pytest.mark.parametrize("host", ["1.2.3.4", "no.such.host.invalid", "a..b", "x" * 80])
def test_g3_a_host_that_is_not_here_is_an_error_that_says_what_to_do(host: str) -> None:
    result = run("sandbox", "--host", host, "--port", "0")
    assert result.exit_code == 1
    assert "choose a host of this machine" in result.output


@pytest.mark.parametrize("command", ["sandbox", "authorize"])
def test_g3_a_port_that_cannot_be_is_a_mistake_in_the_command(command: str) -> None:
    result = run(command, "--port", "70000")
    assert result.exit_code == 2
    assert "70000" in result.output


def test_g3_a_port_that_cannot_be_is_refused_by_the_sandbox_too() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on 127\.0\.0\.1:70000"):
        Sandbox(port=70000).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_g3_a_signal_ends_the_sandbox_cleanly(number: signal.Signals) -> None:
    process = start("sandbox", "--port", "0", "--json")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["endpoint"]
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, b"", b"")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_g3_a_console_of_any_encoding_can_be_printed_to(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "odd.toml").write_text('[connections."größe → 店"]\nmarketplace = "UK"\n', "utf-8")
    environ = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    process = start("--settings", str(tmp_path / "odd.toml"), "connections", environ=environ)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, b"")
    shown = output.decode(encoding)
    name = {"cp1252": "größe -> ?", "ascii": "gr??e -> ?", "utf-8": "größe → 店"}[encoding]
    mark = "✗" if encoding == "utf-8" else "x"
    assert f"{mark} {name}: client_id: is missing" in shown


def test_g3_a_stream_without_an_encoding_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    out, errors = io.StringIO(), io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", errors)
    accept_any_character()
    print("✓ 5 £, …", file=out)
    print("✓ 5 £, … 店", file=errors, flush=True)
    assert out.getvalue() == "✓ 5 £, …\n"
    assert errors.buffer.getvalue() == b"+ 5 GBP , ... ?\n"


def test_g3_the_fields_are_ascii_as_json() -> None:
    for form in ("--json", "--schema"):
        assert run("settings", "describe", form).output.isascii()


@pytest.mark.usefixtures("environ")
def test_g3_the_connection_of_the_environment_is_listed(tmp_path: Path) -> None:
    result = run("connections")
    assert result.exit_code == 0
    row = ["default", "environment", "UK", "production", "–", "client_id,", "client_secret,", "refresh_token"]
    assert row in [line.split() for line in result.output.splitlines()]
    path = tmp_path / "none.toml"
    path.write_text('[connections.shop]\nmarketplace = "DE"\n')
    path.chmod(0o600)
    rows = json.loads(run("connections", "--json").output)["connections"]
    assert [(row["name"], row["source"]) for row in rows] == [
        ("default", "environment"),
        ("shop", "settings"),
    ]
    rows = json.loads(run("--settings", str(path), "connections", "--json").output)["connections"]
    assert [row["name"] for row in rows] == ["shop"]


@pytest.mark.usefixtures("environ")
def test_g3_what_is_listed_can_be_chosen_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_NAME", "mine")
    assert Choice(name="mine").connection().get("marketplace") == "UK"
    with pytest.raises(ConfigurationError, match="no connection 'default'"):
        Choice(name="default").connection()
    path = tmp_path / "none.toml"
    path.write_text('[connections.mine]\nmarketplace = "DE"\n')
    path.chmod(0o600)
    assert Choice(name="mine").connection().get("marketplace") == "DE"


@pytest.mark.parametrize("command", ["connections", "check", "sync"])
def test_g3_settings_that_are_named_must_be_there(command: str, tmp_path: Path) -> None:
    result = run("--settings", str(tmp_path / "no.toml"), command)
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_g3_a_check_that_cannot_begin_prints_its_report_as_json() -> None:
    result = run("check", "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    (step,) = report["steps"]
    assert (report["is_ok"], step["outcome"], step["error"]) == (False, "failed", "ConfigurationError")
    assert "there is no connection" in step["detail"]
    assert "Error: ConfigurationError: there is no connection" in run("check").stderr


@pytest.mark.parametrize(
    "words", [("orders", "compare", "1", "--json"), ("authorize", "--json"), ("connections", "--json")]
)
def test_g3_a_command_that_fails_prints_its_error_as_json(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("[connections")
    result = run(*words)
    assert result.exit_code == 1
    error = json.loads(result.stdout)
    assert error["error"] == "ConfigurationError"
    assert "is no TOML" in error["message"]


def test_g3_no_color_leaves_no_escape_codes() -> None:
    words = ("settings", "describe")
    assert ESCAPE in run(*words, FORCE_COLOR="1", COLUMNS="300", TERM="xterm").output
    assert ESCAPE not in run(*words, FORCE_COLOR="1", COLUMNS="300", TERM="xterm", NO_COLOR="1").output


def test_g3_a_narrow_terminal_breaks_no_word() -> None:
    narrow = {"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "30", "TERM": "xterm"}
    shown = run("settings", "describe", **narrow).output
    for field in describe():
        words = f"{field['label']}. {field['help']} {field['env'] or ''}".split()
        assert re.search(r"\s+".join(map(re.escape, words[:-1])), shown), field["name"]
        assert words[-1] in shown.split()
    assert max(len(line) for line in shown.splitlines() if " " in line.strip()) <= 44


def terminal(width: int) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=True, color_system=None, highlight=False, width=width), out


def test_g3_a_table_that_is_too_wide_is_printed_cell_by_cell() -> None:
    rows = [("one", "1.50", Text("cheapest")), ("the second", "12.00", Text(""))]
    columns = ("name", "price", "")
    console, out = terminal(40)
    print_table(console, columns, rows, right=("price",), indent=2)
    wide = ["  name        price", "  one          1.50  cheapest", "  the second  12.00"]
    assert out.getvalue().splitlines() == wide
    console, out = terminal(20)
    print_table(console, columns, rows, right=("price",), indent=2)
    cells = ["  name: one", "  price: 1.50", "  cheapest", "", "  name: the second", "  price: 12.00", ""]
    assert out.getvalue().splitlines() == cells


def test_g3_a_word_that_is_wider_than_the_terminal_is_left_whole() -> None:
    console, out = terminal(10)
    print_paragraph(console, "set SPSHIPPING_REFRESH_TOKEN now", indent=2)
    assert out.getvalue().splitlines() == ["  set", "  SPSHIPPING_REFRESH_TOKEN", "  now"]


def test_g3_a_pipe_gets_each_paragraph_and_row_on_one_line() -> None:
    out = io.StringIO()
    console = Console(file=out, width=20)
    print_paragraph(console, "more than twenty characters in one line")
    print_table(console, ("field",), [("also more than twenty characters",)])
    assert [len(line) for line in out.getvalue().splitlines()] == [39, 5, 32]


def test_g3_help_breaks_no_name_of_a_variable() -> None:
    shown = run("--help", COLUMNS="40").output + run("authorize", "--help", COLUMNS="40").output
    for name in ("CONNECTION", "SETTINGS", "STORE_KEY", "APPLICATION_ID"):
        assert f"SPSHIPPING_{name}" in shown


def test_g4_the_command_prints_a_key_that_a_store_takes_literally(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("--new-store-key")
    assert result.exit_code == 0
    key = result.output.removesuffix("\n")
    assert len(b64decode(key)) == 32
    assert run("--new-store-key").output != result.output
    monkeypatch.setenv("SPSHIPPING_STORE_KEY", key)
    FileStore(tmp_path / "store").save_secret("name", Secret("t0ken"))
    assert FileStore(tmp_path / "store").load_secret("name") == Secret("t0ken")


def test_g4_a_key_that_is_none_says_which_command_prints_one(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "store", key=lambda: repr(FileStore.new_key()))
    with pytest.raises(ConfigurationError, match="`spshipping --new-store-key` prints one"):
        store.save_secret("name", Secret("t0ken"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("words", [["settings", "describe"], ["settings", "describe", "--json"], ["--help"]])
def test_an_output_that_cannot_be_written_is_said_in_one_line(words: list[str]) -> None:
    command = [sys.executable, "-m", "spshipping.cli", *words]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    lines = ended.stderr.decode().splitlines()
    assert lines == ["Error: the output cannot be written (No space left on device)"]
    assert ended.returncode == 1


def test_output_that_is_no_file_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdout", text)
    abandon_output()
    text.write("still written\n")
    assert text.getvalue() == "still written\n"
