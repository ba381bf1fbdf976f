"""`spshipping sync` against the local SP-API."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner, Result

from spshipping.cli.app import app
from spshipping.cli.interrupt import Interrupt
from spshipping.cli.sync import Printer, checkpoint_name
from spshipping.orders import AmazonOrder
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.sync import FileCheckpoint, SyncProgress, Window

pytestmark = pytest.mark.dates

Run = Callable[..., Result]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=OrderSupply(400, days=2.0)) as box:
        yield box


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    return {f"SPSHIPPING_{name.upper()}": value for name, value in facts.items()}


@pytest.fixture
def run(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    def invoke(*words: str, first: tuple[str, ...] = ()) -> Result:
        return CliRunner().invoke(app, [*first, "sync", *words])

    return invoke


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command in a process of its own."""
    running: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "spshipping.cli", "sync", *words]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, env={**os.environ, **environ}, stdout=pipe, stderr=pipe, text=True
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def of_uk(sandbox: Sandbox) -> set[str]:
    latest = sandbox.clock.now().timestamp() - 125
    return {
        order.id
        for order in sandbox.orders()
        if order.place.marketplace.name == "UK" and latest - 86400 < order.updated < latest - 1
    }


def test_what_changed_is_printed_once(run: Run, sandbox: Sandbox) -> None:
    first = run("--once", "--json")
    assert first.exit_code == 0, first.output
    rows = [json.loads(line) for line in first.stdout.splitlines()]
    assert {row["amazon_order_id"] for row in rows} >= of_uk(sandbox) != set()
    updated = [row["last_update_date"] for row in rows]
    assert updated == sorted(updated)
    assert run("--once").output == ""


def test_g3_as_json_each_line_is_a_whole_order_without_personal_data(run: Run) -> None:
    rows = [json.loads(line) for line in run("--once", "--json").stdout.splitlines()]
    keys = set(AmazonOrder.json_schema()["properties"])
    assert all(set(row) == keys for row in rows)
    assert any(row["items"] for row in rows)
    assert all(row["shipping_address"]["name"] is None for row in rows)


def test_g3_any_name_of_a_connection_makes_the_name_of_a_file() -> None:
    names = ["shop", "größe 1", "a/b", "a%2fb", "..\\up"]
    made = [checkpoint_name(name) for name in names]
    assert made[:3] == ["sync-shop.json", "sync-größe 1.json", "sync-a%2fb.json"]
    assert len(set(made)) == len(names)
    assert all(Path(name).name == name for name in made)


def test_the_checkpoint_lies_beside_the_settings_named_by_the_connection(
    run: Run, environ: dict[str, str], tmp_path: Path
) -> None:
    assert run("--once").exit_code == 0
    assert FileCheckpoint(tmp_path / "sync-default.json").load() is not None
    lines = [
        f'{name} = "{environ[f"SPSHIPPING_{name.upper()}"]}"'
        for name in ("client_id", "client_secret", "refresh_token", "marketplace", "endpoint", "token_url")
    ]
    (tmp_path / "settings.toml").write_text("\n".join(["[connections.shop]", *lines]))
    assert run("--once", "--connection", "shop").exit_code == 0
    (tmp_path / "other").mkdir()
    other = (tmp_path / "settings.toml").rename(tmp_path / "other" / "mine.toml")
    assert run("--once", first=("--settings", str(other), "--connection", "shop")).exit_code == 0
    assert (tmp_path / "sync-shop.json").exists()
    assert (tmp_path / "other" / "sync-shop.json").exists()


def test_how_long_it_takes_is_told_beside_the_orders(run: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.reset()
    found = run("--once", "--since", "30d", "--checkpoint", str(tmp_path / "deep" / "mine.json"))
    assert found.exit_code == 0
    assert (tmp_path / "deep" / "mine.json").exists()
    assert "orders" not in found.stdout


def test_a_long_pass_tells_when_it_will_be_over(environ: dict[str, str], run: Run) -> None:
    with Sandbox(orders=OrderSupply(2000, days=2.0)) as box:
        places = {"ENDPOINT": box.url, "TOKEN_URL": box.token_url}
        for name, value in places.items():
            os.environ[f"SPSHIPPING_{name}"] = value
        found = run("--once", "--since", "5d")
    assert found.exit_code == 0
    assert "page 1, 100 orders; about " in found.stderr


def test_c4_g3_a_since_that_does_not_count_is_said_and_rewind_prints_again(
    run: Run, sandbox: Sandbox
) -> None:
    first = run("--once", "--json", "--since", "2d")
    assert "--since" not in first.stderr
    again = run("--once", "--json", "--since", "2d")
    assert again.stdout == ""
    assert "--since does not count: it goes on from 20" in again.stderr
    rewound = run("--once", "--json", "--rewind", "2d")
    assert rewound.exit_code == 0
    assert "--since" not in rewound.stderr
    assert set(first.stdout.splitlines()) <= set(rewound.stdout.splitlines())
    forward = run("--once", "--rewind", "1s")
    assert forward.exit_code == 1
    assert "is later than the checkpoint" in forward.stderr


def test_c5_a_second_sync_on_the_same_checkpoint_is_refused(run: Run, tmp_path: Path) -> None:
    store = FileCheckpoint(tmp_path / "sync-default.json")
    store.lock()
    found = run("--once")
    store.unlock()
    assert found.exit_code == 1
    assert "LeaseLostError: " in found.stderr
    assert "sync-default.json is in use by another sync" in found.stderr


def test_c7_that_it_falls_behind_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    printer, now = Printer(Interrupt(), as_json=False), datetime(2026, 3, 1, tzinfo=UTC)
    progress = SyncProgress(Window(now, now), 1, 100, None, None, None)
    for advice in ("too much comes", "too much comes", None, "far too much comes"):
        printer.progress(progress._replace(advice=advice))
    assert capsys.readouterr().err.splitlines() == ["warning: too much comes", "warning: far too much comes"]


@pytest.mark.parametrize("span", ["5", "0m", "m", "1w", "-5m", "5 m"])
def test_a_span_that_is_none_is_refused(run: Run, span: str) -> None:
    found = run("--every", span)
    assert found.exit_code == 2
    assert "is not like 90s, 5m, 2h or 7d" in found.stderr


def test_a_broken_checkpoint_is_an_error_at_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text("{}")
    found = run("--checkpoint", str(path))
    assert found.exit_code == 1
    assert f"{path} is no checkpoint" in found.stderr


def test_a_failure_ends_it_where_it_is_to_run_once(run: Run, sandbox: Sandbox) -> None:
    sandbox.add_fault("searchOrders", "status", status=400)
    found = run("--once")
    assert found.exit_code == 1
    assert "BadRequestError: searchOrders 400" in found.stderr
    sandbox.add_fault("searchOrders", "status", status=400)
    failed = run("--once", "--json")
    assert failed.exit_code == 1
    assert json.loads(failed.stdout)["error"] == "BadRequestError"


def lines_of(stream: IO[str] | None, most: int) -> list[str]:
    assert stream is not None
    return [stream.readline() for _ in range(most)]


def rest_of(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    found = process.stdout.read().splitlines()
    assert process.wait(timeout=30) == 0
    return found


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_and_it_goes_on_where_it_was(
    start: Callable[..., subprocess.Popen[str]], sandbox: Sandbox, number: signal.Signals
) -> None:
    process = start("--every", "5m", "--json")
    lines = lines_of(process.stdout, 3)
    process.send_signal(number)
    lines += rest_of(process)
    lines += rest_of(start("--once", "--json"))
    ids = [json.loads(line)["amazon_order_id"] for line in lines]
    assert set(ids) >= of_uk(sandbox)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_g3_a_signal_while_a_batch_is_printed_ends_a_run_that_is_to_catch_up(
    start: Callable[..., subprocess.Popen[str]], sandbox: Sandbox, number: signal.Signals
) -> None:
    words = ("--once", "--json", "--since", "2d")
    process = start(*words)
    lines = lines_of(process.stdout, 3)  # the rest of the page is more than a pipe holds
    process.send_signal(number)
    lines += rest_of(process)
    others = rest_of(start(*words))
    assert others  # it did not catch up
    ids = [json.loads(line)["amazon_order_id"] for line in lines + others]
    assert set(ids) >= of_uk(sandbox)
    assert len(set(ids)) == len(ids)


def test_a_failure_is_told_and_tried_again(
    start: Callable[..., subprocess.Popen[str]], sandbox: Sandbox
) -> None:
    sandbox.add_fault("searchOrders", "status", status=400)
    process = start("--every", "1s")
    (failure,) = lines_of(process.stderr, 1)
    assert failure.startswith("failed: BadRequestError: searchOrders 400")
    (line,) = lines_of(process.stdout, 1)
    assert len(line.split("  ")) == 3
    process.terminate()
    rest_of(process)


def test_it_ends_quietly_when_nobody_reads_any_more(start: Callable[..., subprocess.Popen[str]]) -> None:
    process = start("--every", "5m", "--since", "2d")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=30) == 1
    assert process.stderr is not None
    assert "rror" not in process.stderr.read()


def test_a_signal_lets_a_batch_be_printed_and_ends_a_wait() -> None:
    interrupt = Interrupt()
    interrupt.is_busy = True
    interrupt.catch(signal.SIGTERM, None)
    assert interrupt.is_set()
    interrupt.is_busy = False
    with pytest.raises(KeyboardInterrupt):
        interrupt.catch(signal.SIGTERM, None)


def test_g3_a_signal_while_a_batch_is_printed_is_held_until_its_end() -> None:
    interrupt = Interrupt()
    is_over = False
    with interrupt.watch(), interrupt.hold():
        signal.raise_signal(signal.SIGTERM)
        is_over = not interrupt.is_set()
    assert is_over
    assert interrupt.is_set()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) & {signal.SIGTERM, signal.SIGINT} == set()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_while_it_is_watched_a_signal_ends_the_block_quietly(number: signal.Signals) -> None:
    before, is_over = signal.getsignal(number), False
    with Interrupt().watch():
        signal.raise_signal(number)
        is_over = True
    assert not is_over
    assert signal.getsignal(number) is before


def test_nothing_is_committed_that_nobody_could_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("spshipping.cli.sync.click.echo", gone)
    found = run("--once")
    monkeypatch.undo()
    assert found.exit_code == 1
    state = FileCheckpoint(tmp_path / "sync-default.json").load()
    assert state is not None
    assert (state.window, state.delivered) == (None, {})


def test_an_error_that_is_not_ours_is_named_and_no_more() -> None:
    from spshipping.cli.sync import error_text

    error: Any = ValueError("1 Personal Street")
    assert error_text(error) == "ValueError"
    assert error_text(OSError("1 Personal Street")) == "OSError"


def test_g3_an_error_of_the_system_says_what_the_system_says() -> None:
    from spshipping.cli.sync import error_text

    error = OSError(errno.ENOSPC, "1 Personal Street")
    assert error_text(error) == f"OSError: {os.strerror(errno.ENOSPC)}"
