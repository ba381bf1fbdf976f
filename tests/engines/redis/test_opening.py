"""Which Redis is taken, what holds nobody up, and what no error shows."""

import builtins
import logging
import shutil
import subprocess
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import redis
import redis.asyncio
import trustme
from redis.backoff import NoBackoff
from redis.retry import Retry

from spshipping import ConfigurationError, RedisQuota, RedisStore, Secret
from spshipping.operation import Quota
from spshipping.transport.quota import IDLE_SECONDS
from spshipping.transport.redis import WORKERS_KEY
from tests.engines.redis.conftest import MakeServer
from tests.engines.redis.servers import Server, free_port, until
from tests.kit import FakeClock

pytestmark = pytest.mark.engines

KEY = ("seller", "GET /x")
PLAN = Quota(4.0, 8)


@pytest.mark.parametrize("kind", [RedisQuota, RedisStore])
def test_without_the_extra_it_says_what_to_install(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "redis":
            raise ImportError(name)
        return importing(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigurationError, match=r"pip install 'spshipping\[redis\]'"):
        kind("redis://127.0.0.1")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://127.0.0.1", "is not rediss:// or redis://"),
        ("redis://", "is not rediss"),
        ("redis://h:0", "is not rediss"),
        ("redis://h:99999", "is not rediss"),
        ("redis://h/name", "is not rediss"),
        ("redis://h#x", "is not rediss"),
        ("redis://h\n", "is not rediss"),
        ("redis://:precious@h", "holds a password"),
        ("redis://precious@precious@h", "write %40"),
        ("redis://:precious@precious@h", "write %40"),
        ("redis://h?socket_timeout=60", "may have a query with ssl_ca_certs"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_and_not_shown(url: str, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault) as caught:
        RedisQuota(url)
    assert "precious" not in str(caught.value)
    assert "socket_timeout" not in str(caught.value)


@pytest.mark.parametrize("workers", [0, -1, 1.5, float("nan"), float("inf"), "2", True, None])
def test_there_is_one_worker_at_least(workers: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"workers= .* a whole number, 1 or more"):
        RedisQuota("redis://h", workers=workers)


@pytest.mark.parametrize("kind", [RedisQuota, RedisStore])
def test_a_password_is_a_text_or_a_secret(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="password= is a text or a Secret, not a int"):
        kind("redis://h", password=123)


@pytest.mark.parametrize("kind", [RedisQuota, RedisStore])
def test_a_password_that_is_not_utf8_is_refused_and_shown_nowhere(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="is not UTF-8") as caught:
        kind("redis://h", password="precious\udcfc")
    assert "precious" not in repr(caught.value)


def of_cluster() -> list[str]:
    """Return the options of a server of a cluster; its second port would else be 10000 above the first."""
    return ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]


def quick(**more: Any) -> dict[str, Any]:
    return {**RedisQuota.client_options(), **more}


def of_sentinel(**options: Any) -> Any:
    return redis.sentinel.Sentinel([("h", 26379)], **options).master_for("main", **quick())


@pytest.mark.parametrize(
    ("client", "fault"),
    [
        (redis.asyncio.Redis(), "for threads, is needed"),
        (7, "not a int"),
        (redis.Redis(), "waits for more than a second"),
        (redis.Redis(**quick(socket_timeout=None)), "waits for more than a second"),
        (redis.Redis(**quick(socket_connect_timeout=2.0)), "waits for more than a second"),
        (redis.Redis(**quick(retry=Retry(NoBackoff(), 1))), "repeats by itself"),
        (redis.Redis(**quick(retry_on_error=[OSError])), "repeats by itself"),
        (redis.Redis(**quick(decode_responses=True)), "decode_responses"),
        (of_sentinel(), "asks a Sentinel waits for more than a second.* sentinel_kwargs="),
        (
            of_sentinel(socket_timeout=0.25, socket_connect_timeout=0.25),
            "asks a Sentinel repeats by itself.* sentinel_kwargs=",
        ),
    ],
)
def test_a_client_that_would_hold_calls_up_is_refused(client: Any, fault: str) -> None:
    with pytest.raises(ConfigurationError, match=fault):
        RedisQuota(client)


def test_a_client_whose_sentinels_have_short_timeouts_is_used() -> None:
    client = of_sentinel(sentinel_kwargs=quick())
    assert RedisQuota(client)._engine.client is client


def test_a_client_has_its_own_password() -> None:
    with pytest.raises(ConfigurationError, match="its own password"):
        RedisQuota(redis.Redis(**quick()), password="precious")


def test_a_client_of_the_users_is_used(server: Server, raw: Any) -> None:
    keeper = RedisQuota(server.client(**quick()))
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    assert raw.zcard(WORKERS_KEY) == 1


def test_a_password_opens_and_shows_nowhere(
    make_server: MakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server = make_server("--requirepass", "precious")
    assert RedisQuota(server.url, password=Secret("precious")).state(KEY, PLAN).left == 8
    with server.client(password="precious") as admin:
        admin.acl_setuser(
            "till", enabled=True, passwords=["+dear"], keys=["spshipping:*"], commands=["+@all"]
        )
        url = f"redis://till@127.0.0.1:{server.port}/0"
        keeper = RedisQuota(url, password="dear")
        assert keeper.reserve(KEY, PLAN, 0.0).is_granted
        assert admin.zcard(WORKERS_KEY) == 1
    wrong = RedisQuota(server.url, password="prezious")
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigurationError) as caught:
        wrong.reserve(KEY, PLAN, 0.0)
    assert "refuses the user or the password: correct password=" in str(caught.value)
    assert caught.value.__context__ is None
    shown = caplog.text + repr(vars(wrong)) + repr(wrong._engine.client.connection_pool.connection_kwargs)
    assert "prezious" not in shown


def test_a_user_is_decoded_and_needs_no_password(make_server: MakeServer) -> None:
    server = make_server()
    allowed: dict[str, Any] = {"enabled": True, "keys": ["spshipping:*"], "commands": ["+@all"]}
    with server.client() as admin:
        admin.acl_setuser("sh@p", passwords=["+dear"], **allowed)
        admin.acl_setuser("till", nopass=True, **allowed)
    for user, password in (("sh%40p", "dear"), ("till", None), ("till", "")):
        keeper = RedisQuota(f"redis://{user}@127.0.0.1:{server.port}", password=password)
        assert keeper.reserve(KEY, PLAN, 0.0).is_granted
        assert keeper._engine.client.acl_whoami() == unquote(user)


def test_what_is_set_up_wrongly_is_no_outage(
    make_server: MakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server = make_server("--requirepass", "precious")
    with server.client(password="precious") as admin:
        admin.acl_setuser("till", enabled=True, passwords=["+dear"], keys=["other:*"], commands=["+@all"])
    user = f"redis://till@127.0.0.1:{server.port}"
    for url, password, fault in (
        (server.url, None, "refuses the user or the password"),
        (server.url, "wrong", "refuses the user or the password"),
        (f"redis://who@127.0.0.1:{server.port}", "dear", "refuses the user or the password"),
        (f"{server.url}/99", "precious", "has no database of that number"),
        (user, "dear", r"does not allow the user what is needed: ~spshipping:\*"),
    ):
        keeper = RedisQuota(url, password=password)
        store = RedisStore(url, password=password, key=lambda: b"k" * 32)
        for _ in range(2):
            with pytest.raises(ConfigurationError, match=f"Redis {fault}"):
                keeper.reserve(KEY, PLAN, 0.0)
            with pytest.raises(ConfigurationError, match=f"Redis {fault}"):
                store.load("name")
    assert caplog.text == ""


def test_a_password_that_is_changed_while_it_is_in_use_is_an_outage(
    make_server: MakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server = make_server("--requirepass", "precious")
    keeper = RedisQuota(server.url, password="precious")
    keeper.reserve(KEY, PLAN, 0.0)
    with server.client(password="precious") as admin:
        admin.config_set("requirepass", "dear")
        admin.client_kill_filter(_type="normal", skipme=True)
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    assert "the shared quota is out of reach" in caplog.text


class StopError(Exception):
    """What a task runner raises when the time of a task is over."""


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, StopError])
@pytest.mark.parametrize("is_cluster", [False, True])
def test_a_call_that_a_signal_handler_ends_leaves_no_connection_with_a_reply(
    make_server: MakeServer, kind: type[BaseException], is_cluster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = make_server(*(of_cluster() if is_cluster else []))
    client: Any = redis.Redis(port=server.port, **quick())
    if is_cluster:
        with server.client() as admin:
            admin.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            until(lambda: b"cluster_state:ok" in admin.execute_command("CLUSTER", "INFO"))
        client = redis.RedisCluster(host="127.0.0.1", port=server.port, **quick())
    keeper = RedisQuota(client)
    keeper.reserve(KEY, PLAN, 0.0)
    if is_cluster:  # a server that was not called yet
        client.nodes_manager.nodes_cache["127.0.0.1:1"] = redis.cluster.ClusterNode("127.0.0.1", 1, "replica")
    store = RedisStore(client, key=lambda: b"k" * 32)
    with server.client() as admin:
        before = {one["id"] for one in admin.client_list()}

        def interrupted(*_: Any, **__: Any) -> Any:
            raise kind

        with monkeypatch.context() as patch:
            # between the request, which is sent, and its reply
            patch.setattr(redis.connection.Connection, "read_response", interrupted)
            with pytest.raises(kind):
                keeper.reserve(KEY, PLAN, 0.0)
        # all that are left are this one's, and the first one of a cluster, by which it looks for the others
        until(lambda: len({one["id"] for one in admin.client_list()} & before) <= 1 + is_cluster)
    assert store.load("name") is None
    assert keeper.reserve(KEY, PLAN, 0.0).number == 3


def test_tls_is_verified(
    make_server: MakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    program = shutil.which("redis-server")
    if program and b"--tls-port" not in subprocess.run([program, "--help"], capture_output=True).stdout:
        pass  # it does not say so there
    authority = trustme.CA()
    files = {name: str(tmp_path / name) for name in ("ca.pem", "cert.pem", "key.pem")}
    authority.cert_pem.write_to_path(files["ca.pem"])
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(files["cert.pem"])
    certificate.private_key_pem.write_to_path(files["key.pem"])
    port = free_port()
    make_server(
        *("--tls-port", str(port), "--tls-cert-file", files["cert.pem"], "--tls-key-file", files["key.pem"]),
        *("--tls-ca-cert-file", files["ca.pem"], "--tls-auth-clients", "no"),
    )
    url = f"rediss://127.0.0.1:{port}"
    keeper = RedisQuota(f"{url}/0?ssl_ca_certs={files['ca.pem']}")
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    assert keeper._engine.is_worth_a_call()
    assert "out of reach" not in caplog.text
    RedisQuota(url).reserve(KEY, PLAN, 0.0)
    assert "the shared quota is out of reach (ConnectionError)" in caplog.text


def test_one_server_of_a_cluster_takes_all_that_is_sent(make_server: MakeServer) -> None:
    server = make_server(*of_cluster())
    with server.client() as admin:
        admin.execute_command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        until(lambda: b"cluster_state:ok" in admin.execute_command("CLUSTER", "INFO"))
    options = quick()
    with pytest.raises(ConfigurationError, match="repeats by itself"):
        RedisQuota(
            redis.RedisCluster(
                host="127.0.0.1", port=server.port, **{**options, "retry": Retry(NoBackoff(), 3)}
            )
        )
    cluster = redis.RedisCluster(host="127.0.0.1", port=server.port, **options)
    keeper = RedisQuota(cluster)
    first = keeper.reserve(KEY, PLAN, 0.0)
    assert first.era == keeper.reserve(KEY, PLAN, 0.0).era
    assert keeper._engine.is_worth_a_call()
    store = RedisStore(cluster, key=lambda: b"k" * 32)
    with store.flight("name", 0.0) as is_mine:
        assert is_mine
    assert store.load("name") is None
    server.kill()
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    assert not keeper._engine.is_worth_a_call()


def test_while_redis_is_away_each_process_has_its_share_and_says_so_once(
    make_server: MakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server, clock = make_server(), FakeClock()
    keeper = RedisQuota(server.url, clock=clock)
    with server.client() as client:
        client.zadd(WORKERS_KEY, {str(number): 4e9 for number in range(3)})
        client.zadd(WORKERS_KEY, {str(number): client.time()[0] for number in range(3)})
    waiting = [keeper.reserve(KEY, PLAN, 60.0) for _ in range(12)][-1]
    assert keeper.workers == 4
    server.kill()
    with caplog.at_level(logging.INFO):
        mine = [keeper.reserve(KEY, PLAN, 60.0) for _ in range(3)]
        # behind those who wait already, and then once a second, of four for all
        assert [one.wait for one in mine] == pytest.approx([2.0, 3.0, 4.0], abs=0.2)
        assert keeper.remaining(KEY, PLAN, waiting) == pytest.approx(waiting.wait)
        assert keeper.state(KEY, PLAN).rate == 1.0
        keeper.learn(KEY, PLAN, 8.0)
        assert keeper.state(KEY, PLAN).rate == 2.0
        keeper.drain(KEY, PLAN, mine[-1])
        assert keeper.state(KEY, PLAN).rate == pytest.approx(0.96)
        keeper.give_back(KEY, PLAN, mine[-1])
        server.start()
        clock.elapsed += 1.0
        back = keeper.reserve(KEY, PLAN, 60.0)
        assert back.era not in (waiting.era, mine[0].era)
        assert back.wait > 0
    assert caplog.text.count("the shared quota is out of reach (ConnectionError)") == 1
    assert caplog.text.count("the shared quota is back") == 1
    assert keeper.workers == 4  # Redis has lost the others, who are there


def test_a_thread_that_is_asking_while_another_finds_redis_back_goes_on_without_it_or_with_it(
    make_server: MakeServer,
) -> None:
    server = make_server()

    class Back(FakeClock):
        """While one thread looks at the clock, another has an answer."""

        is_now = False

        def monotonic(self) -> float:
            if self.is_now:
                keeper._engine._has_answered()
            return super().monotonic()

    clock = Back()
    keeper = RedisQuota(server.url, clock=clock)
    keeper._engine._has_failed(ConnectionError())
    clock.is_now = True
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    assert keeper._engine.is_worth_a_call()


def test_those_that_have_not_told_for_a_minute_are_not_counted(server: Server, raw: Any) -> None:
    clock = FakeClock()
    keeper = RedisQuota(server.url, clock=clock)
    raw.zadd(WORKERS_KEY, {"gone": raw.time()[0] - 50})
    keeper.state(KEY, PLAN)
    assert keeper.workers == 2
    raw.zrem(WORKERS_KEY, "gone")
    clock.elapsed += 61.0
    keeper.state(KEY, PLAN)
    assert keeper.workers == 1


def test_where_redis_is_away_from_the_beginning_the_number_that_was_given_counts() -> None:
    keeper = RedisQuota(f"redis://127.0.0.1:{free_port()}", workers=4)
    assert [keeper.reserve(KEY, PLAN, 0.0).is_granted for _ in range(3)] == [True, True, False]


def test_what_was_not_used_for_an_hour_is_forgotten(server: Server) -> None:
    clock = FakeClock()
    keeper = RedisQuota(server.url, clock=clock)
    for seller in range(20):
        keeper.state((str(seller), "GET /x"), PLAN)
    clock.elapsed += IDLE_SECONDS / 2
    keeper.state(("0", "GET /x"), PLAN)
    clock.elapsed += IDLE_SECONDS / 2
    keeper.state(("new", "GET /x"), PLAN)  # sixteen of those that are old go with it
    assert keeper.forget() == 3
    clock.elapsed += IDLE_SECONDS
    keeper.state(("newer", "GET /x"), PLAN)
    assert keeper.forget(0.0) == 1


def test_a_lock_that_was_held_at_a_fork_does_not_hold_up_the_child(server: Server) -> None:
    keeper = RedisQuota(server.url)
    keeper._lock.acquire()
    keeper.renew_locks()
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted


def test_a_call_of_a_signal_handler_does_not_wait_for_the_one_that_it_came_into(server: Server) -> None:
    keeper = RedisQuota(server.url)

    class Used(OrderedDict[str, Any]):
        """A signal handler uses another bucket while the oldest is looked for."""

        def __iter__(self) -> Iterator[str]:
            found = super().__iter__()
            self["another"] = self.popitem()[1]
            return found

    with keeper._lock:
        assert keeper.reserve(KEY, PLAN, 0.0).is_granted
    keeper._known = Used(keeper._known)
    assert keeper.reserve(KEY, PLAN, 0.0).is_granted
