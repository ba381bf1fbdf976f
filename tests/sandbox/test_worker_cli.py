"""`spshipping worker` against the local SP-API: many sellers, handed to a function, until it is stopped."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import spshipping.cli.worker as command
from spshipping import ConfigurationError, FileStore, Secret, SpShippingError
from spshipping.cli.app import app
from spshipping.cli.choice import Choice
from spshipping.cli.database import Database
from spshipping.cli.fleet import Clients, ConnectedFleet
from spshipping.cli.health import counts_of
from spshipping.cli.progress import Faults
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import OrderSupply
from spshipping.settings import Settings
from spshipping.sync import FileCheckpoint, MemoryLeases, Worker

pytestmark = pytest.mark.dates

SELLERS = ("harbour-lane", "mill-street", "north-gate")
MODULE = """
import json, os, signal, threading
from pathlib import Path

lock, seen = threading.Lock(), set()

def deliver(seller, batch):
    with lock:
        seen.add(seller)
        with Path("delivered.jsonl").open("a") as file:
            file.write(json.dumps([seller, [order.amazon_order_id for order in batch]]) + "\\n")
        if len(seen) == int(os.environ.get("SELLERS_IN_ALL", "99")):
            os.kill(os.getpid(), signal.SIGTERM)

def fail(seller, batch):
    os.kill(os.getpid(), signal.SIGINT)
    raise ValueError("Ada Lovelace")

nothing = None
"""
Run = Callable[..., Result]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(orders=OrderSupply(200, days=1.0)) as box:
        for seller in SELLERS:
            box.add_seller(f"Atzr|{seller}")
        yield box


@pytest.fixture
def environ(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    known = sandbox.credentials
    lines = [
        "[clients.shop]",
        f'client_id = "{known["client_id"]}"',
        f'client_secret = "{known["client_secret"]}"',
    ]
    for seller in SELLERS:
        lines += [
            f"[connections.{seller}]",
            'client = "shop"',
            'marketplace = "UK"',
            f'refresh_token = "Atzr|{seller}"',
            f'endpoint = "{sandbox.url}"',
            f'token_url = "{sandbox.token_url}"',
            f'seller = "A-{seller}"',
            f'is_enabled = "{"false" if seller == "north-gate" else "true"}"',
        ]
    settings = tmp_path / "settings.toml"
    settings.write_text("\n".join(lines))
    settings.chmod(0o600)
    (tmp_path / "worker_shop.py").write_text(MODULE)
    return {"SPSHIPPING_SETTINGS": str(settings), "SPSHIPPING_STORE_KEY": FileStore.new_key().reveal()}


@pytest.fixture
def run(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *(path for path in sys.path if path)])
    monkeypatch.delitem(sys.modules, "worker_shop", raising=False)

    def invoke(*words: str, sellers: int = 2, first: tuple[str, ...] = (), to: str = "deliver") -> Result:
        monkeypatch.setenv("SELLERS_IN_ALL", str(sellers))
        monkeypatch.delitem(sys.modules, "worker_shop", raising=False)
        given = [*first, "worker", "--deliver", f"worker_shop:{to}", "--health", "127.0.0.1:0", *words]
        return CliRunner().invoke(app, given)

    return invoke


def delivered(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (folder / "delivered.jsonl").read_text().splitlines():
        seller, ids = json.loads(line)
        found.setdefault(seller, []).extend(ids)
    return found


def test_every_enabled_connection_is_served_until_a_signal_comes(run: Run, tmp_path: Path) -> None:
    result = run("--json")
    assert result.exit_code == 0, result.output
    started, stopped = (json.loads(line) for line in result.stdout.splitlines())
    assert (started["event"], started["sellers"]) == ("started", 2)
    assert started["health"].startswith("http://127.0.0.1:")
    assert (stopped["event"], stopped["has_ended"], stopped["failures"]) == ("stopped", True, 0)
    found = delivered(tmp_path)
    assert set(found) == {"harbour-lane", "mill-street"}
    for seller, ids in found.items():
        assert len(ids) == len(set(ids)) > 0
        assert FileCheckpoint(tmp_path / f"sync-{seller}.json").load() is not None
        again = CliRunner().invoke(app, ["sync", "--connection", seller, "--once"])
        assert again.output == "", "the same checkpoint, and nothing locks it any more"


def test_steps_under_way_get_less_than_the_ten_seconds_in_which_the_process_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    graces: list[float] = []

    def ended(_: Worker[Any], *, stop: object, grace: float) -> bool:
        assert stop is not None
        graces.append(grace)
        return False

    monkeypatch.setattr(Worker, "run", ended)
    assert run().exit_code == 0
    assert graces == [8.0]


def test_a_function_that_fails_is_logged_and_a_signal_ends_it_all_the_same(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    result = run("--threads", "1", to="fail")
    assert result.exit_code == 0, result.output
    assert "started: sellers 2" in result.stderr
    assert "stopped: has_ended True" in result.stderr
    assert "failed, 1 in a row: ValueError" in caplog.text
    assert "Ada" not in caplog.text + result.output


@pytest.mark.parametrize("has_logging", [True, False])
def test_what_fails_is_printed_unless_the_program_logs_itself(
    run: Run, monkeypatch: pytest.MonkeyPatch, *, has_logging: bool
) -> None:
    if not has_logging:
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
    result = run("--threads", "1", to="fail")
    assert ("\nerror: the sync of harbour-lane failed, 1 in a row: ValueError\n" in result.stderr) is (
        not has_logging
    )
    assert not any(isinstance(each, Faults) for each in logging.getLogger("spshipping").handlers)


def test_the_sellers_of_a_table_are_served_by_the_tokens_that_it_refers_to(
    run: Run, environ: dict[str, str], tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "store", key=lambda: Secret(environ["SPSHIPPING_STORE_KEY"]))
    for seller in SELLERS:
        store.save_secret(f"sellers/{seller}", Secret(f"Atzr|{seller}"))
    rows = [f"{seller},sellers/{seller},,A-{seller}" for seller in SELLERS[:2]]
    table = tmp_path / "sellers.csv"
    table.write_text(
        "\n".join(["name,refresh_token,marketplace,seller_id", *rows, "north-gate,sellers/north-gate,UK,"])
    )
    result = run("--sellers", str(table), first=("--connection", "mill-street"), sellers=3)
    assert result.exit_code == 0, result.output
    assert set(delivered(tmp_path)) == set(SELLERS)


def test_a_token_that_is_missing_stops_no_other_seller(
    run: Run, environ: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileStore(tmp_path / "store", key=lambda: Secret(environ["SPSHIPPING_STORE_KEY"]))
    store.save_secret("b", Secret("Atzr|mill-street"))
    table = tmp_path / "sellers.csv"
    table.write_text("name,refresh_token\nharbour-lane,a\nmill-street,b\n")
    result = run("--sellers", str(table), "--threads", "1", "--connection", "mill-street", sellers=1)
    assert result.exit_code == 0, result.output
    assert "the store of secrets has no refresh token for harbour-lane" in caplog.text
    assert set(delivered(tmp_path)) == {"mill-street"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"name,marketplace\na,UK", "lacks the column refresh_token"),
        (b"", "lacks the column name"),
        (b"name,refresh_token\na,", "line 2, lacks a name"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(run: Run, tmp_path: Path, text: bytes, reason: str) -> None:
    table = tmp_path / "sellers.csv"
    table.write_bytes(text)
    result = run("--sellers", str(table), first=("--connection", "mill-street"))
    assert result.exit_code == 2
    assert reason in result.output


def test_a_table_without_a_seller_is_no_fleet(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sellers.csv").write_text("name,refresh_token\n")
    result = run("--sellers", "sellers.csv", first=("--connection", "mill-street"))
    assert result.exit_code == 1
    assert "there is no seller" in result.output


def test_a_table_that_is_not_there_is_named(run: Run) -> None:
    result = run("--sellers", "none.csv", first=("--connection", "mill-street"))
    assert result.exit_code == 1
    assert "none.csv: No such file" in result.output


def test_a_place_without_a_function_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, reason in {
        "worker_shop": "names no function",
        "worker_shop:nothing": "has no function nothing",
        "no_such_module:deliver": "there is no module no_such_module",
    }.items():
        monkeypatch.setattr(sys, "path", ["", *sys.path])
        result = CliRunner().invoke(app, ["worker", "--deliver", place, "--json"])
        assert result.exit_code == 2
        assert reason in json.loads(result.stdout)["message"]


def test_a_client_is_kept_until_its_seller_fails() -> None:
    made: list[str] = []

    class Fleet:
        def make(self, name: str) -> Any:
            made.append(name)
            return object()

    clients = Clients(Fleet())  # type: ignore[arg-type]
    first = clients.of("a", is_anew=False)
    assert clients.of("a", is_anew=False) is first
    assert clients.of("a", is_anew=True) is not first
    assert made == ["a", "a"]


def test_a_client_that_is_made_again_takes_the_place_of_the_one_before(environ: dict[str, str]) -> None:
    settings = Settings.load(environ["SPSHIPPING_SETTINGS"])
    fleet = ConnectedFleet(settings, None)
    first, second = fleet.make("mill-street"), fleet.make("mill-street")
    with pytest.raises(ConfigurationError, match="closed"):
        first.for_seller("Atzr|other")
    second.for_seller("Atzr|other")
    fleet.close()
    with pytest.raises(ConfigurationError, match="closed"):
        second.for_seller("Atzr|other")


@pytest.mark.parametrize("address", ["8917", "127.0.0.1:70000", ":80", "on"])
def test_where_health_is_answered_is_a_host_and_a_port(run: Run, address: str) -> None:
    result = run("--health", address)
    assert result.exit_code == 2
    assert "is not like 127.0.0.1:8917" in result.output


def test_one_connection_alone_is_no_fleet(run: Run) -> None:
    result = run(first=("--connection", "mill-street"))
    assert result.exit_code == 2
    assert "--sellers" in result.output


def test_the_environment_s_connection_is_served_where_the_settings_have_none(
    run: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPSHIPPING_SETTINGS", str(tmp_path / "none.toml"))
    assert "there is no seller" in run().output
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    assert run("--health", "off", sellers=1).exit_code == 0
    assert set(delivered(tmp_path)) == {"default"}


def test_two_workers_on_the_same_checkpoints_are_refused(run: Run, tmp_path: Path) -> None:
    with command.own_leases(Choice(tmp_path / "settings.toml")):
        result = run()
    assert result.exit_code == 1
    assert "another worker uses the checkpoints" in result.output


def test_a_database_is_named_without_its_password_and_said_where_it_is_away(run: Run) -> None:
    for url in (
        "postgresql://shop:hidden@127.0.0.1/shop",
        "postgresql://shop@127.0.0.1/shop?password=hidden",
        "postgresql://shop@127.0.0.1/shop?pass%77ord=hidden",
        "postgresql://shop:1?hidden@127.0.0.1/shop",
    ):
        result = run("--database", url)
        assert result.exit_code == 2
        assert "holds a password, which other users of this machine can see: set PGPASSWORD" in result.output
        assert "hidden" not in result.output
    for url in ("host=127.0.0.1 password=hidden", "postgresql://[::1/hidden", "hidden", ""):
        result = run("--database", url)
        assert result.exit_code == 2
        assert "is not postgresql:// and a host" in result.output
        assert "hidden" not in result.output
    result = run("--database", "postgresql://shop@127.0.0.1:1/shop")
    assert result.exit_code == 1
    assert "cannot be reached" in result.output


def test_the_database_of_the_settings_is_used_with_its_password(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[Database] = []

    @contextmanager
    def shared(database: Database, **_: Any) -> Iterator[MemoryLeases]:
        used.append(database)
        yield MemoryLeases()

    monkeypatch.setattr(command, "shared_leases", shared)
    monkeypatch.setenv("SPSHIPPING_POSTGRES_URL", "postgresql://shop@db.example/shop")
    monkeypatch.setenv("SPSHIPPING_POSTGRES_PASSWORD", "hidden")
    assert run().exit_code == 0
    assert run("--database", "postgresql://shop@other.example/shop").exit_code == 0
    assert used == [
        Database("postgresql://shop@db.example/shop", Secret("hidden")),
        Database("postgresql://shop@other.example/shop"),
    ]


def test_checkpoints_in_files_are_refused_where_there_is_a_second_machine(
    run: Run, environ: dict[str, str]
) -> None:
    settings = Path(environ["SPSHIPPING_SETTINGS"])
    engines = '[engines]\nmachines = "2"\nredis_url = "redis://127.0.0.1:1/0"\n'
    settings.write_text(engines + settings.read_text())
    result = run()
    assert result.exit_code == 1
    assert "the checkpoints of a worker in files" in result.output
    assert "postgres_url in the settings" in result.output


def test_a_queue_names_the_changes_and_searches_become_rare(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumed: list[Any] = []

    class Consumer:
        def __init__(self, url: str, leases: Any, rows: Any) -> None:
            consumed.extend([url, dict(rows)])

        def run(self, *, stop: Any) -> None:
            consumed.append(stop.is_set())
            while not stop.is_set():
                threading.Event().wait(0.001)

    monkeypatch.setattr("spshipping.notifications.sqs.SqsConsumer", Consumer)
    made: list[Any] = []
    note = Worker.__init__

    def noted(self: Any, *args: Any, **options: Any) -> None:
        made.append(options)
        note(self, *args, **options)

    monkeypatch.setattr(Worker, "__init__", noted)
    assert run("--queue", "https://sqs.example/orders").exit_code == 0
    assert consumed[:2] == [
        "https://sqs.example/orders",
        {"A-harbour-lane": ["harbour-lane"], "A-mill-street": ["mill-street"]},
    ]
    for seller in SELLERS[:2]:
        (tmp_path / f"sync-{seller}.json").unlink()
    assert run().exit_code == 0
    assert [options["every"].total_seconds() for options in made] == [21_600, 300]


def test_a_queue_that_cannot_be_used_is_said_before_anything_starts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def consumer(*_: Any) -> None:
        raise ConfigurationError("set AWS_REGION")

    monkeypatch.setattr("spshipping.notifications.sqs.SqsConsumer", consumer)
    result = run("--queue", "https://sqs.example/orders")
    assert result.exit_code == 1
    assert result.stderr == "Error: ConfigurationError: set AWS_REGION\n"


def test_a_queue_whose_thread_dies_ends_the_worker(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Consumer:
        def run(self, *, stop: object) -> None:
            raise SystemExit("Ada Lovelace")

    monkeypatch.setattr("spshipping.notifications.sqs.SqsConsumer", lambda *_: Consumer())
    result = run("--queue", "https://sqs.example/orders", "--json", sellers=99)
    assert result.exit_code == 1
    assert "SystemExit ended the thread of the queue" in json.loads(result.stdout.splitlines()[-1])["message"]
    assert "Ada" not in result.output


def test_measurements_are_reported_where_they_are_wanted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[Any] = []
    monkeypatch.setattr("spshipping.otel.Telemetry.watch_leases", lambda self, leases: watched.append(leases))
    assert run("--otel").exit_code == 0
    assert len(watched) == 1


def test_open_purchases_are_reported_where_there_is_a_database(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[Callable[[], int]] = []
    monkeypatch.setattr("spshipping.otel.Telemetry.watch_purchases", lambda self, count: counts.append(count))
    assert run("--otel", "--database", "postgresql://shop@127.0.0.1:1/shop").exit_code == 1
    (count,) = counts
    with pytest.raises(SpShippingError):
        count()


def test_a_connection_that_is_disabled_or_gone_is_not_served_though_it_has_a_row(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    leases = MemoryLeases()
    leases.add(["gone", "north-gate"])
    rows = leases.sellers()

    @contextmanager
    def shared(database: Database, **_: Any) -> Iterator[MemoryLeases]:
        yield leases

    monkeypatch.setattr(command, "shared_leases", shared)
    result = run("--database", "postgresql://shop@db.example/shop")
    assert result.exit_code == 0, result.output
    assert set(delivered(tmp_path)) == {"harbour-lane", "mill-street"}
    kept = [one._replace(due_in=0.0) for one in leases.sellers() if one.name in ("gone", "north-gate")]
    assert kept == [one._replace(due_in=0.0) for one in rows]
    assert "failed" not in caplog.text


def test_a_thread_that_dies_ends_the_command_and_health_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim(self: Any, *_: Any) -> None:
        raise SystemExit("Ada Lovelace")

    monkeypatch.setattr(MemoryLeases, "claim", claim)
    result = run("--json")
    assert result.exit_code == 1
    assert "SystemExit ended a thread" in json.loads(result.stdout.splitlines()[-1])["message"]
    assert "Ada" not in result.output
    leases = MemoryLeases()
    leases.add(["a"])
    worker = Worker[Any](leases, lambda *_: None, print)  # type: ignore[arg-type]
    assert counts_of(leases, worker)["status"] == "ok"
    with pytest.raises(SpShippingError):
        worker.run()
    assert (counts_of(leases, worker)["status"], worker.status.died > 0) == ("failing", True)


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_process_it_answers_on_loopback_and_ends_with_a_signal(
    environ: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    words = ["worker", "--deliver", "worker_shop:deliver", "--health", "127.0.0.1:0", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "spshipping.cli", *words],
        env={**os.environ, **environ},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        with urllib.request.urlopen(started["health"]) as answer:
            assert json.loads(answer.read())["sellers"] == 2
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, errors
    assert json.loads(output)["event"] == "stopped"
