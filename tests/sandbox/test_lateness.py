"""While another process holds a lock, the event loop of ours goes on: no callback is late by over 50 ms."""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Unpack

import pytest

from spshipping import Credentials, Effect, Marketplace, Operation, Quota
from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache, _digest
from spshipping.auth.file_store import FileStore
from spshipping.options import AsyncClientOptions
from spshipping.sandbox import Sandbox
from spshipping.transport.shared import FileQuota

MOST_LATE = 0.05
HELD = 0.8
ROUNDS = 6
"""A machine that has much else to do is late by itself now and then, but not each time."""
LOOK: Operation[dict[str, Any]] = Operation(
    "look", "GET /look", returns=dict[str, Any], quota=Quota(1000.0, burst=1000), effect=Effect.NONE
)
HOLDER = """
import sys
from filelock import FileLock
lock = FileLock(sys.argv[1], mode=0o600)
for line in sys.stdin:
    lock.acquire() if line == "hold\\n" else lock.release()
    print("done", flush=True)
"""


class Holder:
    """Another process, which holds a lock when it is asked to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def hold(self) -> None:
        self._do("hold")

    def let_go(self) -> None:
        self._do("let go")

    def _do(self, what: str) -> None:
        pipes = self._process.stdin, self._process.stdout
        assert pipes[0] is not None
        assert pipes[1] is not None
        pipes[0].write(f"{what}\n")
        pipes[0].flush()
        assert pipes[1].readline() == "done\n"


@contextmanager
def holding(path: Path) -> Iterator[Holder]:
    """Run another process that can hold the lock at *path*."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Holder(process)


class Probe:
    """A callback that is due every few milliseconds, and how late it was at worst."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()
        self._next = self._loop.call_soon(self._look)

    def _look(self) -> None:
        self.worst = max(self.worst, self._loop.time() - self._due)
        self._due = self._loop.time() + 0.002
        self._next = self._loop.call_at(self._due, self._look)

    def stop(self) -> float:
        self._next.cancel()
        return self.worst


async def lateness(client: AsyncClient, holder: Holder) -> float:
    """Send while the other process holds the lock; return how late a callback was at worst."""
    holder.hold()
    probe = Probe()
    sending = asyncio.ensure_future(client.send(LOOK()))
    await asyncio.sleep(HELD)
    assert not sending.done()
    worst = probe.stop()
    holder.let_go()
    assert (await sending).value == {"seen": True}
    return worst


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(quotas=False) as made:
        made.add_operation(LOOK, {"seen": True})
        yield made


def client_of(box: Sandbox, **more: Unpack[AsyncClientOptions]) -> AsyncClient:
    options: AsyncClientOptions = {
        "endpoint": box.url,
        "token_url": box.token_url,
        "token_cache": TokenCache(),
        "timeout": (5.0, 10.0),
        **more,
    }
    return AsyncClient(Credentials(**box.credentials), Marketplace.UK, **options)


def test_a_store_that_another_process_holds_makes_no_callback_late(box: Sandbox, tmp_path: Path) -> None:
    key = FileStore.new_key()
    store = FileStore(tmp_path, key=lambda: key)
    digest = _digest(client_of(box)._parts.authorizer._seller_key)

    async def once(holder: Holder) -> float:
        store.delete(digest)
        async with client_of(box, token_cache=TokenCache(store=store)) as client:
            return await lateness(client, holder)

    with holding(store._file(digest, "lock")) as holder:
        found = [asyncio.run(once(holder))]
        while min(found) > MOST_LATE and len(found) < ROUNDS:
            found.append(asyncio.run(once(holder)))
    assert min(found) <= MOST_LATE
    assert len(box.ledger.token_requests()) == len(found)


def test_a_quota_that_another_process_holds_makes_no_callback_late(box: Sandbox, tmp_path: Path) -> None:
    quota = FileQuota(tmp_path)
    plain = client_of(box)
    key = plain._parts.sender.rules.quota_key(LOOK)
    name = hashlib.sha256("\n".join(key).encode()).hexdigest()[:32]

    async def once(holder: Holder) -> float:
        async with client_of(box, quota=quota) as client:
            return await lateness(client, holder)

    with holding(tmp_path / f"{name}.lock") as holder:
        found = [asyncio.run(once(holder))]
        while min(found) > MOST_LATE and len(found) < ROUNDS:
            found.append(asyncio.run(once(holder)))
    assert min(found) <= MOST_LATE


def test_the_probe_finds_what_blocks_the_loop() -> None:
    async def blocked() -> float:
        probe = Probe()
        await asyncio.sleep(0.01)
        asyncio.get_running_loop().call_soon(lambda: [None for _ in range(100) if not sum(range(100_000))])
        await asyncio.sleep(0.01)
        return probe.stop()

    assert asyncio.run(blocked()) > MOST_LATE
