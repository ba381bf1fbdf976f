"""What is sent while Redis fails, against what the quota allowed meanwhile: real servers, in real time."""

import signal
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.engines.redis.conftest import MakeServer
from tests.engines.redis.crew import Crew, say
from tests.engines.redis.servers import Sentinel, Server, until

pytestmark = pytest.mark.engines

RATE, BURST = 80.0, 20
SECONDS = 6.0
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
        return max(later - earlier for earlier, later in pairwise(moments))


def send(job: dict[str, Any], fault: Callable[[], object]) -> Sent:
    """Let some processes send as much as they can, and do *fault* meanwhile."""
    job = {"rate": RATE, "burst": BURST, "seconds": SECONDS} | job
    with Crew("tests.engines.redis.quota_worker", job, PROCESSES) as crew:
        began = crew.begin()
        time.sleep(1.0)
        fault()
        return Sent([moment for moments in crew.results() for moment in moments], began)


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


@pytest.mark.parametrize("threads", [1, pytest.param(4, marks=pytest.mark.soak)])
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
    make_server: MakeServer, fault: Fault, most: float, threads: int
) -> None:
    server = make_server()
    sent = send({"url": server.url, "threads": threads}, lambda: fault(server))
    say(f"{fault.__name__}, {PROCESSES} x {threads}: {sent.share:.3f} of the ideal, gap {sent.gap:.2f} s")
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
    say(f"failover: {sent.share:.3f} of the ideal, gap {sent.gap:.2f} s")
    assert LEAST_SHARE <= sent.share <= 1.03
    assert sent.gap < LONGEST_GAP
