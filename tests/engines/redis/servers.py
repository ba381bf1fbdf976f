"""Real servers: redis-server and redis-sentinel on loopback, in a temporary folder each."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
import redis

_PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.02


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def needed(program: str) -> str:
    """Return where *program* is, or skip the test."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


class Server:
    """One redis-server, which can be killed, stopped, and started again on the same port."""

    program = "redis-server"

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self._program = needed(self.program)
        self.port = port or free_port()
        self.folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> Any:
        return redis.Redis(port=self.port, **options)

    def command(self) -> list[str]:
        base = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [self._program, *base, "--save", "", *self._options]

    def start(self) -> None:
        self._process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for_answer()

    def wait_for_answer(self) -> None:
        def is_there() -> bool:
            # a refused password is an answer, too
            with contextlib.suppress(redis.AuthenticationError), self.client(socket_timeout=1.0) as client:
                client.ping()
            return True

        until(is_there)

    def send(self, sign: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(sign)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class Sentinel(Server):
    """One redis-sentinel that watches a master called `main`."""

    program = "redis-sentinel"

    def __init__(self, folder: Path, master: Server) -> None:
        self._file = folder / "sentinel.conf"
        self._file.write_text(
            f"sentinel monitor main 127.0.0.1 {master.port} 1\n"
            "sentinel down-after-milliseconds main 300\n"
            "sentinel failover-timeout main 2000\n"
        )
        super().__init__(folder)

    def command(self) -> list[str]:
        base = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [self._program, str(self._file), *base]


def until(is_so: Any) -> None:
    """Wait until something is so; an error of Redis means that it is not yet."""
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        with contextlib.suppress(redis.RedisError):
            if is_so():
                return
        assert time.monotonic() < ends_at, "it never came to be so"
        time.sleep(_LOOK_SECONDS)
