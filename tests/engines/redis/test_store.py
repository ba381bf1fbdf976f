"""Tokens in Redis: shared, sealed, fetched by one process at a time, and never by one that came too late."""

import json
import logging
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from spshipping import Client, ConfigurationError, Credentials, FileStore, NotFoundError, Secret, TokenCache
from spshipping.auth.redis import TOKEN_PREFIX, RedisStore
from spshipping.auth.stores import StoredToken
from spshipping.auth.vault import VARIABLE
from spshipping.clock import SystemClock
from spshipping.sandbox import Sandbox
from tests.engines.redis.conftest import MakeServer
from tests.engines.redis.servers import Server, free_port
from tests.kit import FakeClock

pytestmark = pytest.mark.engines

KEY = FileStore.new_key()
NAME = "digest"
PROCESSES = 16


def stored(text: str, seconds: float = 3600.0) -> StoredToken:
    return StoredToken(Secret(text), SystemClock().now() + timedelta(seconds=seconds))


def store_of(server: Server, **more: Any) -> RedisStore:
    return RedisStore(server.url, **{"key": lambda: KEY, **more})


@pytest.fixture
def store(server: Server) -> RedisStore:
    return store_of(server)


def test_what_one_process_saves_the_others_load_until_it_is_deleted(
    store: RedisStore, server: Server
) -> None:
    other, token = store_of(server), stored("Atza|one")
    assert other.load(NAME) is None
    store.save(NAME, token)
    assert other.load(NAME) == token
    assert other.load("another") is None
    other.delete(NAME)
    assert store.load(NAME) is None


def test_nothing_is_in_clear_in_redis(store: RedisStore, raw: Any) -> None:
    with store.flight(NAME, 1.0):
        store.save(NAME, stored("Atza|clear"))
        for name in raw.scan_iter():
            for clear in (b"Atza", b"clear", NAME.encode()):
                assert clear not in name + raw.dump(name)


def test_a_token_expires_when_it_has_ended_and_one_that_has_is_not_kept(store: RedisStore, raw: Any) -> None:
    store.save(NAME, stored("Atza|ended", -1.0))
    assert not raw.keys()
    store.save(NAME, stored("Atza|good", 100.0))
    assert sorted(round(raw.ttl(name), -1) for name in raw.scan_iter()) == [100, 604800]


def test_under_another_key_there_is_nothing(store: RedisStore, server: Server) -> None:
    store.save(NAME, stored("Atza|one"))
    another = store_of(server, key=FileStore.new_key)
    assert another.load(NAME) is None
    with store.flight(NAME, 0.0) as one, another.flight(NAME, 0.0) as two:
        assert (one, two) == (True, True)


@pytest.mark.parametrize("damage", ["cut", "changed", "foreign", "no token"])
def test_a_damaged_token_is_as_if_it_were_not_there(
    store: RedisStore, raw: Any, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.save(NAME, stored("Atza|one"))
    (name,) = (name for name in raw.scan_iter() if not name.endswith(b":fence"))
    data = raw.get(name)
    sealed = store._vault.seal(Secret("no time, and no token"), f"token {NAME}")
    raw.set(name, {"cut": data[:-1], "changed": data[:-1] + b"x", "foreign": b"x"}.get(damage, sealed))
    assert store.load(NAME) is None
    assert "is damaged" in caplog.text
    store.save(NAME, stored("Atza|two"))
    assert store.load(NAME) is not None


def test_without_a_key_nothing_is_shared_and_that_is_said_once(
    server: Server, raw: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    store = RedisStore(server.url)
    for _ in range(2):
        with store.flight(NAME, 0.0) as is_mine, store.flight(NAME, 0.0) as is_theirs:
            assert (is_mine, is_theirs) == (True, True)
            store.save(NAME, stored("Atza|one"))
        assert store.load(NAME) is None
        store.delete(NAME)
    assert not raw.keys()
    assert caplog.text.count("the store has no key") == 1


def test_the_key_may_come_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY.reveal())
    RedisStore(server.url).save(NAME, stored("Atza|one"))
    assert store_of(server).load(NAME) is not None


@pytest.mark.parametrize("lease", [0.0, 0.0001, -1.0, 30.1, float("nan"), float("inf"), "5", True, None])
def test_a_lease_is_a_number_of_seconds_and_no_longer_than_a_process_waits(
    server: Server, lease: Any
) -> None:
    with pytest.raises(ConfigurationError, match=r"lease= is a number of seconds, 0\.1 to 30"):
        store_of(server, lease=lease)


def test_one_holds_the_flight_and_the_others_wait(store: RedisStore, server: Server) -> None:
    clock = FakeClock()
    other = store_of(server, clock=clock)
    with store.flight(NAME, 0.0) as is_mine:
        with other.flight(NAME, 1.0) as is_theirs:
            assert (is_mine, is_theirs) == (True, False)
        assert clock.elapsed == pytest.approx(1.0)
        with other.flight("another", 0.0) as is_theirs:
            assert is_theirs
    with other.flight(NAME, 0.0) as is_theirs:
        assert is_theirs


def test_a_flight_may_begin_and_end_in_different_threads(store: RedisStore) -> None:
    flight = store.flight(NAME, 0.0)
    assert flight.__enter__()
    saving = threading.Thread(target=store.save, args=(NAME, stored("Atza|one")))
    leaving = threading.Thread(target=flight.__exit__, args=(None, None, None))
    for thread in (saving, leaving):
        thread.start()
        thread.join()
    assert store.load(NAME) is not None
    with store.flight(NAME, 0.0) as is_mine:
        assert is_mine


def expire_flight(raw: Any) -> None:
    """End a lease, as its time does."""
    (name,) = (name for name in raw.scan_iter() if name.endswith(b":flight"))
    raw.delete(name)


def test_what_a_leader_saves_after_its_lease_is_refused(store: RedisStore, server: Server, raw: Any) -> None:
    other = store_of(server)
    with store.flight(NAME, 0.0):
        expire_flight(raw)
        with other.flight(NAME, 0.0) as is_theirs:
            assert is_theirs
            store.save(NAME, stored("Atza|too early"))
            assert store.load(NAME) is None
            other.save(NAME, stored("Atza|right"))
            store.save(NAME, stored("Atza|too late"))
    store_found = other.load(NAME)
    assert store_found is not None
    assert store_found.token == Secret("Atza|right")


def test_a_leader_whose_lease_has_ended_does_not_end_that_of_the_next(
    store: RedisStore, server: Server, raw: Any
) -> None:
    other, third = store_of(server), store_of(server)
    with ExitStack() as theirs:
        with store.flight(NAME, 0.0):
            expire_flight(raw)
            assert theirs.enter_context(other.flight(NAME, 0.0))
        with third.flight(NAME, 0.0) as is_third:
            assert not is_third


def test_a_token_that_was_fetched_without_a_flight_is_later_than_those_under_way(
    store: RedisStore, server: Server
) -> None:
    with store.flight(NAME, 0.0):
        store_of(server).save(NAME, stored("Atza|alone"))
        store.save(NAME, stored("Atza|hung"))
    found = store.load(NAME)
    assert found is not None
    assert found.token == Secret("Atza|alone")


def test_two_flights_of_one_process_know_their_own_fences(store: RedisStore, raw: Any) -> None:
    late = store.flight(NAME, 0.0)
    late.__enter__()
    expire_flight(raw)
    with store.flight(NAME, 0.0):
        late.__exit__(None, None, None)
        store.save(NAME, stored("Atza|one"))
        assert store.load(NAME) is not None
    assert not store._fences


def test_a_store_that_is_down_is_an_os_error_and_is_left_alone_for_a_second(make_server: MakeServer) -> None:
    clock = FakeClock()
    server = make_server()
    store = store_of(server, clock=clock)
    token = StoredToken(Secret("Atza|one"), clock.now() + timedelta(hours=1))
    with store.flight(NAME, 0.0):
        server.kill()
        with pytest.raises(ConnectionError, match="out of reach: ConnectionError"):
            store.save(NAME, token)
    for _ in range(3):
        with pytest.raises(OSError, match="a moment ago"):
            store.load(NAME)
    with pytest.raises(OSError, match="out of reach"), store.flight(NAME, 0.0):
        pass
    with pytest.raises(OSError, match="out of reach"):
        store.delete(NAME)
    server.start()
    clock.elapsed += 1.0
    store.save(NAME, token)
    assert store.load(NAME) == token


WORKER = """
import json, sys
from spshipping import Client, Credentials, Marketplace, NotFoundError, RedisStore, TokenCache

asked = json.loads(sys.argv[1])
client = Client(
    Credentials(**asked["credentials"]),
    Marketplace.UK,
    endpoint=asked["url"],
    token_url=asked["token_url"],
    token_cache=TokenCache(store=RedisStore(asked["store"], lease=asked["lease"])),
)
print("ready", flush=True)
sys.stdin.readline()
try:
    client.shipping.get_tracking(tracking_id="unknown", carrier_id="ATS")
except NotFoundError:
    print("answered", flush=True)
"""


class Workers:
    """Cold processes that go when they are told to."""

    def __init__(self, stack: ExitStack, sandbox: Sandbox, url: str, count: int, lease: float = 10.0) -> None:
        asked = {
            "credentials": sandbox.credentials,
            "url": sandbox.url,
            "token_url": sandbox.token_url,
            "store": url,
            "lease": lease,
        }
        command = [sys.executable, "-c", WORKER, json.dumps(asked)]
        self.all = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            for _ in range(count)
        ]
        for worker in self.all:
            self.expect(worker, "ready\n")

    def go(self, worker: "subprocess.Popen[str]") -> None:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()

    def expect(self, worker: "subprocess.Popen[str]", line: str) -> None:
        assert worker.stdout is not None
        assert worker.stdout.readline() == line


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv(VARIABLE, KEY.reveal())
    with Sandbox() as box:
        yield box


def signed_in(sandbox: Sandbox) -> int:
    return len(sandbox.ledger.token_requests())


@pytest.mark.long
def test_sixteen_cold_processes_sign_in_once(sandbox: Sandbox, server: Server, raw: Any) -> None:
    sandbox.add_fault("lwa", "delay", seconds=0.2)
    with ExitStack() as stack:
        workers = Workers(stack, sandbox, server.url, PROCESSES)
        for worker in workers.all:
            workers.go(worker)
        for worker in workers.all:
            workers.expect(worker, "answered\n")
    assert signed_in(sandbox) == 1
    (name,) = raw.keys(f"{TOKEN_PREFIX}*}}")
    for clear in (b"Atza|", b"Atzr|", sandbox.credentials["client_id"].encode()):
        assert clear not in name + raw.get(name)


@pytest.mark.long
@pytest.mark.parametrize("fault", ["killed", "hung"])
def test_where_the_leader_is_lost_another_one_signs_in_and_one_token_is_left(
    sandbox: Sandbox, server: Server, raw: Any, fault: str
) -> None:
    sandbox.add_fault("lwa", "delay", seconds=0.5)
    with ExitStack() as stack:
        workers = Workers(stack, sandbox, server.url, 4, lease=3.0)
        leader, *others = workers.all
        workers.go(leader)
        while not raw.keys(f"{TOKEN_PREFIX}*:flight"):
            time.sleep(0.005)
        leader.send_signal(signal.SIGKILL if fault == "killed" else signal.SIGSTOP)
        for worker in others:
            workers.go(worker)
        for worker in others:
            workers.expect(worker, "answered\n")
        (name,) = raw.keys(f"{TOKEN_PREFIX}*}}")
        kept = raw.get(name)
        if fault == "hung":
            leader.send_signal(signal.SIGCONT)
            workers.expect(leader, "answered\n")
    assert raw.get(name) == kept
    assert signed_in(sandbox) <= 2


def test_a_store_that_is_down_costs_one_warning(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    store = RedisStore(f"redis://127.0.0.1:{free_port()}", key=lambda: KEY)
    caplog.set_level(logging.WARNING)
    options = {
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "token_cache": TokenCache(store=store),
    }
    with Client(Credentials(**sandbox.credentials), "UK", **options) as client:  # type: ignore[arg-type]
        for _ in range(3):
            with pytest.raises(NotFoundError):
                client.shipping.get_tracking(tracking_id=secrets.token_hex(4), carrier_id="ATS")
    assert caplog.text.count("the token store is out of reach") == 1
