"""The commands of docs/scale.md, each typed as it stands there; only the ports are others, which are free."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import urlopen

import pytest
from examples.fleet import answers, free_port, wait_for

from spshipping import ConfigurationError, FileStore, PostgresDatabase, RedisQuota, RedisStore
from spshipping.auth.stores import StoredToken
from spshipping.clock import SystemClock
from spshipping.operation import Quota
from spshipping.secret import Secret
from spshipping.sync import PostgresLeases
from tests.engines.postgres.server import PASSWORD, Server, running
from tests.engines.redis.servers import Server as Redis
from tests.engines.redis.servers import needed

pytestmark = pytest.mark.engines

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
BLOCK = re.compile(r"(<!-- in a terminal of its own -->\n+)?^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORTS = ("6379", "5432", "8462", "8471", "8917")
SHOW = "python examples/fleet_shop.py show"
LISTENS = {"redis-server": "6379", "sandbox": "8462", "worker": "8917", "webhook": "8471"}


@pytest.fixture
def server() -> Iterator[Server]:
    yield from running()


class Reader:
    """One who types what the page says, in a copy of the examples."""

    def __init__(self, folder: Path, postgres: Server, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.ports = {port: str(free_port()) for port in PORTS} | {"5432": str(postgres.port)}
        shutil.copytree(ROOT / "examples", folder / "examples")
        settings = folder / "examples" / "fleet.toml"
        settings.write_text(self._moved(settings.read_text()))
        known = {name: value for name, value in os.environ.items() if not name.startswith("SPSHIPPING_")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}"
        self.environ = {**known, "PATH": path, "PGPORT": self.ports["5432"], "PGPASSWORD": PASSWORD}

    def _moved(self, text: str) -> str:
        for port, free in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1:|port ){port}\b", rf"\g<1>{free}", text)
        return text

    def type(self, line: str) -> str:
        """Type a command, and return what it prints; what it exports is there from then on."""
        kept = self.folder / "environment"
        text = f"{self._moved(line)}\nenv -0 >{kept}"
        done = subprocess.run(
            ["bash", "-ec", text],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        self.environ = dict(one.split("=", 1) for one in kept.read_text().split("\0") if one)
        return done.stdout

    def leave(self, line: str) -> None:
        """Type a command in a terminal of its own, and leave it there until it listens."""
        command = ["bash", "-c", f"exec {self._moved(line)}"]
        options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, cwd=self.folder, env=self.environ, **options)  # type: ignore[call-overload]
        self._stack.callback(self._interrupt, process, line)
        port = next(port for word, port in LISTENS.items() if word in line.split())
        wait_for(line, lambda: answers(int(self.ports[port])))

    def _interrupt(self, process: "subprocess.Popen[str]", line: str) -> None:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, line

    def is_all_delivered(self) -> bool:
        with urlopen(f"http://127.0.0.1:{self.ports['8917']}/health") as answer:
            health = json.loads(answer.read())
        assert health["failures"] == 0
        return not health["sellers_due"] and not health["sellers_owned"]


def test_the_commands_of_the_page(tmp_path: Path, server: Server) -> None:
    for name in ("redis-server", "psql", "curl"):
        needed(name)
    printed: dict[str, list[str]] = {}
    with ExitStack() as stack:
        reader = Reader(tmp_path, server, stack)
        for own, block in BLOCK.findall(PAGE):
            for line in block.splitlines():
                # it is installed, and the script that starts all has a test of its own
                if line.startswith("pip ") or line == "python examples/fleet.py":
                    continue
                if own:
                    reader.leave(line)
                    continue
                if line == SHOW:
                    wait_for("the orders", reader.is_all_delivered)
                    wait_for("the pushes", lambda: "6 events" in reader.type(SHOW))
                printed.setdefault(line, []).append(reader.type(line))
    first, again = printed["python examples/fleet_shop.py ship order-1001"]
    assert again == f"{first.strip()}, bought before\n"
    (health,) = printed["curl http://127.0.0.1:8917/health"]
    assert json.loads(health)["sellers"] == 3
    (shown,) = printed[SHOW]
    lines = shown.splitlines()
    sellers = ("harbour-lane", "mill-street", "north-gate")
    assert [line.partition(":")[0] for line in lines] == [*sellers, "order-1001", first.split()[1]]
    assert lines[-1].endswith(": 6 events")


def test_the_settings_of_the_page_are_those_of_the_example() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert shown in (ROOT / "examples" / "fleet.toml").read_text("utf-8")


def test_a_user_of_redis_needs_no_more_than_the_page_says(tmp_path: Path) -> None:
    (rights,) = re.findall(r"Of an ACL, (.*?)\.$", PAGE, re.MULTILINE | re.DOTALL)
    words = re.findall(r"`(.*?)`", rights)
    commands = [f"+{word.lower()}" for word in words if word.isupper()]
    keys = [word for word in words if word.startswith("~")]
    with Redis(tmp_path) as server:
        with server.client() as client:
            client.execute_command("ACL", "SETUSER", "shop", "on", ">secret", *keys, *commands)
            client.config_set("maxmemory-policy", "noeviction")
        url = server.url.replace("://", "://shop@")
        quota = RedisQuota(url, password="secret")
        store = RedisStore(url, password="secret", key=lambda: Secret(FileStore.new_key()))
        assert quota.reserve(("app of seller", "GET /x"), Quota(1.0, burst=2), 1.0).number
        with store.flight("token", 1.0) as is_leader:
            assert is_leader
            ends_on = SystemClock().now().replace(year=2100)
            store.save("token", StoredToken(Secret("Atza|x"), ends_on))
        assert store.load("token") is not None
        store.delete("token")
        with server.client() as client:
            assert client.execute_command("ACL", "LOG") == []
            assert len(client.keys("spshipping:quota:*")) == 1


def test_a_role_of_postgresql_needs_no_more_than_the_page_says(server: Server) -> None:
    with PostgresDatabase(server.url()) as database:
        database.make_tables()
    server.execute("CREATE ROLE worker LOGIN PASSWORD 'secret'")
    url = server.url(password=None).replace("postgres@", "worker@")
    with PostgresDatabase(url, password="secret") as database:
        leases = PostgresLeases(database)
        with pytest.raises(ConfigurationError, match="grant it what it needs"):
            leases.add(["a"])
        server.execute(
            "GRANT USAGE ON SCHEMA spshipping TO worker;"
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA spshipping TO worker;"
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA spshipping TO worker"
        )
        leases.add(["a"])
        assert leases.claim("one", 60.0) is not None
