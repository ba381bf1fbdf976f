"""Processes forked from one with a warm client: none gets another's answer, none waits for ever."""

import asyncio
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from requests import Session
from requests.adapters import HTTPAdapter

from spshipping import Credentials, Marketplace, Secret
from spshipping.async_client import AsyncClient
from spshipping.auth.cache import TokenCache, _digest
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import StoredToken
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.connections import leave_to_parent
from spshipping.transport.shared import FileQuota
from tests.kit import ScriptedTransport, answer, client_of
from tests.sandbox.echo import Echo, echoing, echoing_elsewhere
from tests.sandbox.test_adapter import Box, OtherAdapter
from tests.sandbox.test_connections import ECHO, IS_FULL, client_at, said
from tests.unit.samples import BUY, Wish

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    # it may lead to deadlocks: that it does not is what these tests are about
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


class Child:
    """A forked process that does some work. One that waits for ever is ended after half a minute."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._reading, writing = os.pipe()
        self._id = os.fork()
        if not self._id:
            try:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(30)
                work()
            except BaseException:
                os.write(writing, traceback.format_exc().encode()[-60_000:])
            finally:
                os._exit(0)
        os.close(writing)

    def outcome(self) -> str:
        """Wait for its end; return nothing, a traceback, or the signal that ended it."""
        with os.fdopen(self._reading, "rb") as pipe:
            told = pipe.read().decode()
        code = os.waitstatus_to_exitcode(os.waitpid(self._id, 0)[1])
        return f"ended by signal {-code}" if code else told


def forked(ask: Callable[[str], object], forks: int) -> None:
    """Have children and parent ask at the same time, each for words of its own.

    The first fork finds all connections idle, so that children and parent would take up the same ones; the
    next finds threads in the midst of calls, with whatever locks they hold.
    """

    def live(fork: int) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(ask, [f"child-{fork}-{number}" for number in range(6)]))

    with ThreadPoolExecutor(8) as pool:
        for fork in range(forks):
            words = [f"parent-{fork}-{number}" for number in range(24)]
            early = pool.map(ask, words) if fork % 2 else ()
            child = Child(partial(live, fork))
            late = pool.map(ask, words) if not fork % 2 else ()
            assert list(early) + list(late) == [None] * len(words)
            assert child.outcome() == ""


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_case_70_no_child_of_a_warm_client_gets_anothers_answer_or_waits_for_ever() -> None:
    with echoing_elsewhere() as url, client_at(url) as client:

        def ask(word: str) -> None:
            value = client.send(ECHO(path={"word": word})).value
            assert value == f"/echo/{word}|".encode(), (word, value)

        ask("warm")
        forked(ask, forks=1000 if IS_FULL else 100)
        ask("parent")


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", ["session", "adapter"])
def test_case_70_nor_does_one_of_a_session_of_ones_own(kind: str) -> None:
    adapter, session = OtherAdapter(pool_maxsize=20), Session()
    session.mount("http://", adapter)
    given: dict[str, Any] = {"session": session} if kind == "session" else {"adapter": adapter}
    with echoing_elsewhere() as url:
        transport = RequestsTransport(**given)

        def ask(word: str) -> None:
            assert said(transport, f"{url}/{word}") == f"/{word}|b".encode()

        forked(ask, forks=200 if IS_FULL else 20)
        session.close()


def identities(connections: list[Any]) -> set[int]:
    """Return what tells the sockets of connections apart, in any process."""
    return {os.fstat(connection.sock.fileno()).st_ino for connection in connections}


def sockets() -> set[int]:
    """Return what tells the sockets of this process apart."""
    found = set()
    for path in Path("/dev/fd").iterdir():
        try:
            found.add(os.fstat(int(path.name)).st_ino)
        except OSError:
            continue  # that of the listing itself
    return found


def warm(transport: RequestsTransport, server: Echo, count: int) -> None:
    """Open that many connections."""
    gate = threading.Barrier(count, timeout=10)
    server.meanwhile = lambda target: gate.wait()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda number: said(transport, f"{server.url}/{number}"), range(count)))
    server.meanwhile = lambda target: None


@pytest.mark.parametrize("adapter", [None, OtherAdapter()], ids=["ours", "other"])
@pytest.mark.parametrize("how", ["exchange", "close"])
def test_case_70_a_child_lets_go_of_its_parents_connections_and_the_parent_keeps_them(
    adapter: HTTPAdapter | None, how: str
) -> None:
    with echoing() as server:
        transport = RequestsTransport(adapter=adapter)
        warm(transport, server, 3)
        used = adapter or transport._home.ours
        (pool,) = [used.poolmanager.pools[key] for key in used.poolmanager.pools.keys()]  # noqa: SIM118
        idle = getattr(pool.pool, "queue", None) or pool.pool._connections
        connections = [connection for connection in idle if connection]
        parents = identities(connections)
        assert len(parents) == 3

        def live() -> None:
            assert parents <= sockets()
            if how == "close":
                transport.close()
            else:
                assert said(transport, f"{server.url}/child") == b"/child|b"
            assert not parents & sockets()

        assert Child(live).outcome() == ""
        assert server.number == (4 if how == "exchange" else 3)
        assert identities(connections) == parents
        said(transport, f"{server.url}/parent")
        assert server.number == (4 if how == "exchange" else 3)
        transport.close()
        if adapter:
            adapter.close()


@contextmanager
def held(*locks: Any) -> Iterator[None]:
    """Have another thread hold locks."""
    has, over = threading.Event(), threading.Event()

    def hold() -> None:
        for lock in locks:
            lock.acquire()
        has.set()
        over.wait(60)
        for lock in reversed(locks):
            lock.release()

    thread = threading.Thread(target=hold)
    thread.start()
    assert has.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


def locks_of(transport: RequestsTransport, adapter: HTTPAdapter) -> list[Any]:
    """Return every lock that a thread may hold in the midst of an exchange."""
    pools = adapter.poolmanager.pools
    queues = [pools[key].pool for key in pools.keys()]  # noqa: SIM118 - it has no iterator
    return [transport._moving, pools.lock, *(queue.mutex for queue in queues if hasattr(queue, "mutex"))]


@pytest.mark.parametrize("adapter", [None, OtherAdapter()], ids=["ours", "other"])
def test_case_70_a_lock_that_another_thread_held_at_the_fork_stops_no_child(
    adapter: HTTPAdapter | None,
) -> None:
    with echoing_elsewhere() as url:
        transport = RequestsTransport(adapter=adapter)
        said(transport, f"{url}/warm")

        def live() -> None:
            assert said(transport, f"{url}/child") == b"/child|b"
            # and so for its own children
            assert Child(lambda: said(transport, f"{url}/grandchild")).outcome() == ""
            transport.close()

        with held(*locks_of(transport, adapter or transport._home.ours)):
            assert Child(live).outcome() == ""
        transport.close()
        if adapter:
            adapter.close()


def test_in_a_child_the_first_of_its_threads_opens_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    box, plain = Box(b"boxed"), OtherAdapter()
    session = Session()
    session.mount("http://box", box)
    session.mount("http://", plain)
    with echoing() as server:
        transport = RequestsTransport(session=session)
        said(transport, f"{server.url}/parent")
        before = transport._home
        monkeypatch.setattr("os.getpid", lambda: -1)
        assert said(transport, f"{server.url}/child") == b"/child|b"
        assert transport._home is not before
        assert transport._home_of_child() is transport._home
        assert (box.is_closed, server.number) == (True, 2)
        before = transport._home
        monkeypatch.setattr("os.getpid", lambda: -2)
        transport.close()
        assert transport._home is not before
        session.close()
        server.await_end_of_all()


def test_what_is_left_to_the_parent_includes_the_way_through_its_proxies() -> None:
    with echoing() as server:
        adapter = OtherAdapter()
        transport = RequestsTransport(adapter=adapter, proxies={"http": server.url})
        assert said(transport, "http://api.example.com/1") == b"http://api.example.com/1|b"
        leave_to_parent(adapter)
        server.await_end_of_all()
        assert said(transport, "http://api.example.com/2") == b"http://api.example.com/2|b"
        assert server.number == 2
        adapter.close()


class Warm:
    """An asynchronous client that was used on a loop of its own, with a store and a quota that block."""

    def __init__(self, url: str, folder: Path) -> None:
        key = FileStore.new_key()
        self.client = AsyncClient(
            Credentials("client", "secret", "Atzr|1"),
            Marketplace.UK,
            endpoint=url,
            token_url=f"{url}/token",
            token_cache=TokenCache(store=FileStore(folder / "store", key=lambda: key)),
            quota=FileQuota(folder / "quota"),
        )
        authorizer = self.client._parts.authorizer
        token = StoredToken(Secret("Atza|1"), datetime.now(UTC) + timedelta(hours=1))
        FileStore(folder / "store", key=lambda: key).save(_digest(authorizer._seller_key), token)

    async def ask(self, *words: str) -> None:
        for word in words:
            value = (await self.client.send(ECHO(path={"word": word}))).value
            assert value == f"/echo/{word}|".encode(), (word, value)

    async def ask_at_once(self, name: str) -> None:
        await self.ask(name)  # one by itself: no thread but an idle one of the parent's would do its work
        await asyncio.gather(*(self.ask(f"{name}-{number}") for number in range(6)))
        await self.client.close()

    def run(self, name: str) -> None:
        """Ask on a new event loop."""
        asyncio.run(self.ask_at_once(name))


@pytest.mark.long
@pytest.mark.parametrize("is_warm", [False, True], ids=["new", "warm"])
def test_case_70_an_async_client_serves_children_and_parent_alike(tmp_path: Path, is_warm: bool) -> None:
    with echoing_elsewhere() as url:
        warm = Warm(url, tmp_path)
        if is_warm:
            warm.run("warm")
        for fork in range(10):
            child = Child(partial(warm.run, f"child-{fork}"))
            warm.run(f"parent-{fork}")
            assert child.outcome() == ""


def test_case_70_an_async_client_whose_connections_were_left_open_serves_children_too(
    tmp_path: Path,
) -> None:
    with echoing_elsewhere() as url:
        warm = Warm(url, tmp_path)
        loop = asyncio.new_event_loop()
        loop.run_until_complete(warm.ask("one"))
        # between two runs of the loop, which goes on in the parent only
        child = Child(partial(warm.run, "child"))
        loop.run_until_complete(warm.ask_at_once("parent"))
        assert child.outcome() == ""
        loop.close()


def test_case_11_the_keys_of_four_children_are_all_different(tmp_path: Path) -> None:
    children, keys = 4, 10_000
    client = client_of(ScriptedTransport([answer(200, {"giftId": "1"})]))
    call = BUY(body=Wish(text="x"))

    def live(child: int) -> None:
        made = [client.send(call).call.key, *(call.with_key().key for _ in range(keys - 1))]
        (tmp_path / str(child)).write_text("\n".join(str(key) for key in made))

    for child in range(children):
        assert Child(partial(live, child)).outcome() == ""
    seen = [key for path in tmp_path.iterdir() for key in path.read_text().split()]
    assert len(set(seen)) == len(seen) == children * keys
