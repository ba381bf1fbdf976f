"""A fleet on one machine: Redis, PostgreSQL, two workers and a webhook, for three sellers of a sandbox.

    python examples/fleet.py

It needs the programs of Redis and of PostgreSQL (Debian: `apt-get install redis-server postgresql`), and
`pip install "spshipping[cli,sandbox,redis,postgres]"`. It shows the orders of the sellers being delivered, a
label that is bought once although it is wanted twice, and what is pushed about the parcel. Then it ends all
that it has started; everything was in a temporary folder. `--keep` waits for Ctrl-C before that, and prints
where things are. The commands are those of docs/scale.md, on ports that are free.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from spshipping import FileStore

HERE = Path(__file__).parent
SETTINGS = HERE / "fleet.toml"
PATIENCE_SECONDS = 90.0
LOOK_SECONDS = 0.1
PORTS = ("6379", "5432", "8462", "8471")
"""Of Redis, PostgreSQL, the sandbox and the webhook, as the settings name them."""


class FleetError(Exception):
    """The fleet does not do what it should."""


def program(name: str) -> str:
    """Return the path of a program; Debian has those of PostgreSQL in a folder of its version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(versions[-1]) if versions else None)
    if found is None:
        raise FleetError(f"{name} is not installed: apt-get install redis-server postgresql")
    return found


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def answers(port: int) -> bool:
    """Say whether somebody listens at a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(what: str, is_so: Callable[[], Any]) -> Any:
    """Wait until something is so, and return it."""
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not (found := is_so()):
        if time.monotonic() > ends_at:
            raise FleetError(f"{what} did not come")
        time.sleep(LOOK_SECONDS)
    return found


class Fleet:
    """All that runs; when it is left, it has ended."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.ports = {port: free_port() for port in PORTS}
        self._password = secrets.token_urlsafe(24)
        text = SETTINGS.read_text("utf-8").replace("a password of yours", self._password)
        for port, free in self.ports.items():
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{free}")
        settings = folder / "fleet.toml"
        settings.touch(0o600)
        settings.write_text(text, "utf-8")
        others = {name: value for name, value in os.environ.items() if not name.startswith("SPSHIPPING_")}
        self.environ = {
            **others,
            "SPSHIPPING_SETTINGS": str(settings),
            "SPSHIPPING_STORE_KEY": FileStore.new_key().reveal(),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(HERE), others.get("PYTHONPATH")))),
        }

    def start(self, *command: str, end: signal.Signals = signal.SIGTERM, **options: Any) -> Any:
        """Start a program that runs until the fleet ends."""
        given = {"cwd": self.folder, "env": self.environ, **options}
        process = subprocess.Popen(command, text=True, **given)  # noqa: S603 - of ours
        self._stack.callback(_end, process, command[0], end)
        return process

    def run(self, *words: str) -> str:
        """Run a command of `fleet_shop.py`, and return what it prints."""
        done = subprocess.run(  # noqa: S603 - of ours
            [sys.executable, str(HERE / "fleet_shop.py"), *words],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise FleetError(f"fleet_shop.py {' '.join(words)} failed")
        return done.stdout.strip()

    def start_redis(self) -> None:
        """Start Redis; it removes nothing before its time, and has it all again after a restart."""
        port = self.ports["6379"]
        options = [
            "--appendonly",
            "yes",
            "--save",
            "",
            "--maxmemory",
            "64mb",
            "--maxmemory-policy",
            "noeviction",
        ]
        command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", *options]
        self.start(*command, stdout=subprocess.DEVNULL)
        wait_for("Redis", lambda: answers(port))

    def start_postgres(self) -> None:
        """Make a database, and start PostgreSQL, which does not run as root."""
        folder, port = self.folder / "postgres", str(self.ports["5432"])
        user: dict[str, Any] = {}
        folder.mkdir(0o700)
        password = folder / "password"
        password.write_text(self._password)
        if os.getuid() == 0:
            user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            self.folder.chmod(0o711)
            for path in (folder, password):
                shutil.chown(path, "nobody", "nogroup")
        data = ["-D", str(folder / "data")]
        options = ["-U", "shop", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", f"--pwfile={password}"]
        command = [program("initdb"), *data, *options]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **user)  # noqa: S603 - of PostgreSQL
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-p", port]
        # SIGINT breaks off what runs, and ends it in order
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        self.start(program("postgres"), *data, *settings, end=signal.SIGINT, **quiet, **user)
        ready = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", port]
        wait_for("PostgreSQL", lambda: subprocess.run(ready, check=False).returncode == 0)  # noqa: S603
        create = [program("psql"), "-q", "-h", "127.0.0.1", "-p", port, "-U", "shop", "-d", "postgres"]
        create += ["-c", "CREATE DATABASE shop"]
        environ = {**self.environ, "PGPASSWORD": self._password}
        subprocess.run(create, check=True, env=environ)  # noqa: S603 - of PostgreSQL

    def start_worker(self) -> str:
        """Start a worker, and return where its health is."""
        words = [
            "worker",
            "--deliver",
            "fleet_shop:deliver",
            "--since",
            "2d",
            "--health",
            "127.0.0.1:0",
            "--json",
        ]
        process = self.start(sys.executable, "-m", "spshipping.cli", *words, stdout=subprocess.PIPE)
        line = process.stdout.readline()
        if not line:
            raise FleetError("the worker did not start")
        return str(json.loads(line)["health"])

    def shop(self, command: str, port: str) -> None:
        """Start a command of `fleet_shop.py`, and wait until it listens."""
        self.start(sys.executable, str(HERE / "fleet_shop.py"), command)
        wait_for(f"the {command}", lambda: answers(self.ports[port]))

    def sandbox(self, route: str, data: object = None) -> Any:
        """Ask the sandbox for something, or tell it."""
        url = f"http://127.0.0.1:{self.ports['8462']}/_sandbox/{route}"
        return fetched(Request(url, None if data is None else json.dumps(data).encode()))


def _end(process: "subprocess.Popen[str]", name: str, number: signal.Signals) -> None:
    process.send_signal(number)
    try:
        process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    if process.returncode != 0:
        raise FleetError(f"{Path(name).name} ended with {process.returncode}")


def fetched(request: Request | str) -> Any:
    """Return the JSON of an answer."""
    with urlopen(request) as answer:  # noqa: S310 - of this machine
        return json.loads(answer.read())


def healthy(urls: Sequence[str]) -> bool:
    """Say whether every seller was served, and nobody fails."""
    found = [fetched(url) for url in urls]
    if any(one["status"] != "ok" or one["failures"] for one in found):
        raise FleetError(f"a worker fails: {found}")
    return all(not one["sellers_due"] and not one["sellers_owned"] for one in found)


def show(fleet: Fleet, *, keep: bool) -> None:
    """Start everything, and show what comes of it."""
    fleet.start_redis()
    fleet.start_postgres()
    fleet.run("tables")
    fleet.shop("sandbox", "8462")
    fleet.shop("webhook", "8471")
    urls = [fleet.start_worker(), fleet.start_worker()]
    print("started: Redis, PostgreSQL, a sandbox, a webhook, two workers")
    wait_for("what is due", lambda: healthy(urls))
    print(fleet.run("show"))
    for _ in range(2):
        print(fleet.run("ship", "order-1001"))
    print(f"labels that the sandbox has sold: {len(fleet.sandbox('ledger')['labels'])}")
    fleet.sandbox("clock", {"advance": 3 * 86_400})
    tracking_id = fleet.run("show").rpartition("order-1001: ")[2].split()[0]
    pushed = len(fleet.sandbox("pushes")["pushes"])
    line = f"{tracking_id}: {pushed} events"
    wait_for(line, lambda: line in fleet.run("show"))
    print(line)
    if keep:
        print(f"settings: {fleet.environ['SPSHIPPING_SETTINGS']}\nhealth: {', '.join(urls)}\nCtrl-C ends it")
        signal.pause()


def main(words: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    parser = argparse.ArgumentParser(description="Show a fleet on one machine.")
    parser.add_argument("--keep", action="store_true", help="go on until Ctrl-C")
    keep = parser.parse_args(words).keep
    try:
        with tempfile.TemporaryDirectory(prefix="fleet-") as folder, ExitStack() as stack:
            show(Fleet(Path(folder), stack), keep=keep)
    except KeyboardInterrupt:
        pass
    except (FleetError, OSError, URLError, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    print("ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
