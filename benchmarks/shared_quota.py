"""Reservations a second, of one bucket that processes share: in Redis, against files on one machine."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.children import Child
from benchmarks.measure import Row

PART = "shared quota"
PROCESSES = (1, 4, 8)
_COUNT = 4000
"""Reservations of all processes together."""
_ROUNDS = 3
_PATIENCE_SECONDS = 10.0
_GOAL = 1.0


@contextmanager
def _redis() -> Iterator[str | None]:
    """Start a server that keeps nothing on the disk, and give its URL; None where there is no such."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}"
        finally:
            server.kill()
            server.wait()


def _wait_for(port: int) -> None:
    ends_at = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.05)
        else:
            return


def _rate(job: dict[str, Any], processes: int) -> float:
    """Return the reservations a second that so many processes made together."""
    with ExitStack() as stack:
        workers = [stack.enter_context(Child(sys.executable, "benchmarks.reserve")) for _ in range(processes)]
        for worker in workers:
            worker.send(json.dumps({**job, "count": _COUNT // processes}))
        for worker in workers:
            worker.receive()
        for worker in workers:
            worker.send("begin")
        times = [json.loads(worker.receive()) for worker in workers]
    seconds: float = max(ended for _, ended in times) - min(began for began, _ in times)
    return _COUNT / seconds


def measure() -> list[Row]:
    """Measure both alternately; the ratio is that of the seconds of a reservation."""
    with _redis() as url, TemporaryDirectory() as folder:
        if url is None:
            return [Row(PART, "RedisQuota", None, note="redis-server is not installed")]
        rows = []
        for processes in PROCESSES:
            rates = [
                (_rate({"url": url}, processes), _rate({"folder": folder}, processes)) for _ in range(_ROUNDS)
            ]
            ours = median(rate for rate, _ in rates)
            ratio = median(theirs / ours for ours, theirs in rates)
            who = f"{processes} process{'es' * (processes > 1)}"
            rows.append(Row(PART, f"RedisQuota to FileQuota, {who} ({ours:,.0f} a second)", ratio, _GOAL))
    return rows
