"""A PostgreSQL server on loopback, and PgBouncer before it, which tests start and stop."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

PASSWORD = "a secret of the tests"
_USER = "postgres"
_START_SECONDS = 60.0


def program(name: str) -> str | None:
    """Return the path of a program of PostgreSQL's; Debian has the newest in a folder of its version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def free_port() -> int:
    """Return a port of loopback that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _unprivileged() -> dict[str, Any]:
    """Return the options of a process that is not root: neither program runs as root."""
    if os.getuid():
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def _daemon(*command: str) -> list[str]:
    """Return a command that ends with this process, however that ends."""
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", "KILL"] if setpriv else []), *command]


class Server:
    """A server with a cluster of its own."""

    def __init__(self, *, is_durable: bool = False) -> None:
        """Make a cluster and start the server; without *is_durable* it leaves the disk to the system."""
        self.folder = Path(tempfile.mkdtemp(prefix="spshipping-pg-"))
        self.port = free_port()
        self._options = _unprivileged()
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if is_durable else "off",
            "max_connections": "60",
            "shared_buffers": "16MB",
        }
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if not os.getuid():
            for path in (self.folder, password):
                shutil.chown(path, "nobody", self._options["group"])
        initdb = program("initdb")
        assert initdb is not None
        command = [initdb, "-D", str(self.folder / "data"), "-U", _USER, "-A", "scram-sha-256", "-E", "UTF8"]
        command += ["--locale=C", "--no-sync", f"--pwfile={password}"]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **self._options)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it can be used."""
        postgres = program("postgres")
        assert postgres is not None
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                _daemon(postgres, "-D", str(self.folder / "data"), *settings),
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                **self._options,
            )
        ready = program("pg_isready")
        assert ready is not None
        command = [ready, "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        # it counts the seconds by itself: a new process for each look is wait enough
        for _ in range(2000):
            if subprocess.run(command, check=False).returncode == 0:
                return
            assert self._process.poll() is None, (self.folder / "log").read_text()
        raise AssertionError("the server did not start")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT breaks off what runs, SIGQUIT crashes it, SIGKILL kills all at once."""
        process = self._process
        if process is None:
            return
        if how is signal.SIGKILL:
            os.killpg(process.pid, how)
        else:
            process.send_signal(how)
        process.wait(_START_SECONDS)
        self._process = None
        if how is signal.SIGKILL:
            # each backend has a session of its own, and may commit once more before it sees that it is alone
            ends_at = time.monotonic() + _START_SECONDS
            while self._is_in_use() and time.monotonic() < ends_at:
                pass
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def _is_in_use(self) -> bool:
        """Return whether a process of it is still there."""
        data = self.folder / "data"
        for place in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):
                if place.readlink() == data:
                    return True
        return False

    def url(
        self, port: int | None = None, *, password: str | None = PASSWORD, database: str = "postgres"
    ) -> str:
        """Return the URL of a database; *port* where it is not the server's own."""
        secret = "" if password is None else f":{password.replace(' ', '%20')}"
        return f"postgresql://{_USER}{secret}@127.0.0.1:{port or self.port}/{database}"

    def execute(self, text: str) -> list[tuple[Any, ...]]:
        """Run statements; return the rows of the last."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            cursor = connection.execute(text.encode())
            return cursor.fetchall() if cursor.description else []

    def close(self) -> None:
        """Stop it, and remove what is left of it."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)


def running() -> Iterator[Server]:
    """Give a server that runs, or skip the test where PostgreSQL is not installed."""
    if program("initdb") is None:
        pytest.skip("PostgreSQL is not here: Debian has it in the package postgresql")
    made = Server()
    yield made
    made.close()


class Bouncer:
    """PgBouncer before a server."""

    def __init__(self, server: Server, mode: str = "transaction") -> None:
        self._server = server
        self.port = free_port()
        self.folder = server.folder
        path = self.folder / f"pgbouncer-{mode}.ini"
        path.write_text(
            "[databases]\n"
            f"* = host=127.0.0.1 port={server.port} user={_USER} password='{PASSWORD}'\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\nauth_type = any\n"
            f"pool_mode = {mode}\nmax_client_conn = 200\ndefault_pool_size = 8\n"
            "server_login_retry = 1\nquery_wait_timeout = 3\n"
        )
        path.chmod(0o644)
        bouncer = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        assert bouncer is not None
        with (self.folder / "bouncer.log").open("ab") as log:
            self._process = subprocess.Popen(
                _daemon(bouncer, str(path)), stdout=log, stderr=log, cwd=self.folder, **_unprivileged()
            )
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, (self.folder / "bouncer.log").read_text()

    @property
    def url(self) -> str:
        """The URL of the database, by this way."""
        return self._server.url(self.port, password=None)

    def close(self) -> None:
        """Stop it."""
        self._process.kill()
        self._process.wait()
