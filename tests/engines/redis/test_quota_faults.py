"""What is sent while Redis fails, against what the quota allowed meanwhile: real servers, in real time."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.engines.redis.conftest import MakeServer
from tests.engines.redis.servers import Sentinel, Server, until

pytestmark = pytest.mark.engines

ROOT = Path(__file__).parents[3]
RATE, BURST = 80.0, 20
SECONDS = 7.0
PROCESSES = 4
LEAST_SHARE = 0.75
"""A busy machine sends less; one that stands still sends nothing."""
LONGEST_GAP = 1.5
"""Seconds without anything sent; on a quiet machine they are a fifth of that."""

Fault = Callable[[Server], None]


class Sent(NamedTuple):
    """What came of it."""

    moments: list[float]
    began: float

    @property
    def share(self) -> float:
        """What was sent, to the ideal."""
        return len(self.moments) / (BURST + RATE * SECONDS)

    @property
    def gap(self) -> float:
        """The longest time without anything sent."""
        moments = sorted([self.began, *self.moments, self.began + SECONDS])
        return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))


def send(job: dict[str, Any], fault: Callable[[], object], processes: int = PROCESSES) -> Sent:
    job = {"rate": RATE, "burst": BURST, "seconds": SECONDS} | job
    command = [sys.executable, "-m", "tests.engines.redis.quota_worker", json.dumps(job)]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            )
            for _ in range(processes)
        ]
        pipes = [(worker.stdin, worker.stdout) for worker in workers]
        for _, out in pipes:
            assert out is not None
            assert out.readline() == "ready\n"
        began = time.monotonic()
        for start, _ in pipes:
            assert start is not None
            start.write(f"{began}\n")
            start.flush()
        time.sleep(1.0)
        fault()
        moments = [moment for _, out in pipes if out is not None for moment in json.loads(out.readline())]
    return Sent(moments, began)


def nothing(_: Server) -> None:
    pass


def kill(server: Server) -> None:
    server.kill()
    time.sleep(1.5)
    server.start()


def hang(server: Server) -> None:
    server.send(signal.SIGSTOP)
    time.sleep(2.0)
    server.send(signal.SIGCONT)


def refuse_writes(server: Server) -> None:
    with server.client() as client:
        client.replicaof("127.0.0.1", 1)
        time.sleep(1.5)
        client.replicaof("NO", "ONE")


def run_out_of_memory(server: Server) -> None:
    with server.client() as client:
        client.config_set("maxmemory", 1)
        time.sleep(1.5)
        client.config_set("maxmemory", 0)


def forget_script(server: Server) -> None:
    with server.client() as client:
        client.script_flush()


def forget_buckets(server: Server) -> None:
    with server.client() as client:
        client.flushall()


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    ("fault", "most"),
    [
        (nothing, 1.01),
        (kill, 1.03),
        (hang, 1.03),
        (refuse_writes, 1.07),
        (run_out_of_memory, 1.07),
        (forget_script, 1.01),
        (forget_buckets, 1.03),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_little_more_is_sent_than_the_quota_allows_and_nobody_stands_still(
    make_server: MakeServer, fault: Fault, most: float, threads: int, record_property: Callable[..., None]
) -> None:
    server = make_server()
    sent = send({"url": server.url, "threads": threads}, lambda: fault(server))
    print(f"{fault.__name__}, {PROCESSES} x {threads}: {sent.share:.3f} of the ideal, gap {sent.gap:.2f} s")  # noqa: T201
    assert LEAST_SHARE <= sent.share <= most
    assert sent.gap < LONGEST_GAP


def test_the_quota_outlives_a_failover(make_server: MakeServer, tmp_path: Path) -> None:
    master = make_server()
    replica = make_server("--replicaof", f"127.0.0.1 {master.port}")
    with Sentinel(tmp_path, master) as sentinel, sentinel.client() as watcher, replica.client() as other:
        until(lambda: len(watcher.sentinel_slaves("main")) == 1)
        until(lambda: other.info("replication")["master_link_status"] == "up")
        sent = send({"sentinel": sentinel.port}, master.kill)
        assert other.info("replication")["role"] == "master"
        assert other.keys("spshipping:quota:*")
    print(f"failover: {sent.share:.3f} of the ideal, gap {sent.gap:.2f} s")  # noqa: T201
    assert LEAST_SHARE <= sent.share <= 1.03
    assert sent.gap < LONGEST_GAP
