"""One purchase over real HTTP that has got to a given step, when its caller is to be cancelled."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from spshipping import AsyncClient, Attempt, Credentials, Marketplace, MemoryQuota, RetryPolicy
from spshipping.auth.cache import TokenCache
from spshipping.auth.stores import MemoryStore, StoredToken
from spshipping.clock import SystemClock
from spshipping.options import AsyncClientOptions
from spshipping.transport.bucket import Reservation
from tests.kit import FakeClock
from tests.matrix import faults
from tests.matrix.proxy import Fault, Line, Proxy
from tests.matrix.stage import Stage
from tests.matrix.ways import Sends, Way

_PATIENCE_SECONDS = 60.0


class Scene:
    """A purchase that stops at a step; made inside the event loop."""

    def __init__(self, stage: Stage, proxy: Proxy) -> None:
        self.stage = stage
        self.proxy = proxy
        self.is_reached = asyncio.Event()
        """The step has been reached."""
        self._loop = asyncio.get_running_loop()
        self._is_released = threading.Event()
        self._never = asyncio.Event()
        self._clock = _Clock(self.stop_here)
        self.options: AsyncClientOptions = {
            "endpoint": proxy.url,
            "token_url": stage.sandbox.token_url,
            "token_cache": TokenCache(),
            "clock": self._clock,
            "retry": RetryPolicy(base=1.0),
        }

    def client(self) -> AsyncClient:
        """Make the client that buys."""
        return AsyncClient(Credentials(**self.stage.sandbox.credentials), Marketplace.UK, **self.options)

    def reach(self) -> None:
        """Let the test go on, from whatever thread."""
        self._loop.call_soon_threadsafe(self.is_reached.set)

    def wait(self) -> None:
        """Let the test go on, and wait in this thread until it says so."""
        self.reach()
        assert self._is_released.wait(_PATIENCE_SECONDS)

    async def stop_here(self) -> None:
        """Let the test go on, and wait until cancelled."""
        self.is_reached.set()
        await self._never.wait()

    def release(self) -> None:
        """Let servers and plug-ins go on."""
        self._is_released.set()


class _Clock(FakeClock):
    """A clock by which no sleep ever ends."""

    def __init__(self, stop: Callable[[], Awaitable[None]]) -> None:
        super().__init__(datetime.now(UTC))
        self._stop = stop

    async def sleep_async(self, seconds: float) -> None:
        await self._stop()


class _Store(MemoryStore):
    """A store of the user's, which blocks."""

    def __init__(self, wait: Callable[[], None]) -> None:
        super().__init__()
        self._wait = wait

    def load(self, key: str) -> StoredToken | None:
        self._wait()
        return super().load(key)


class _Full(MemoryQuota):
    """A keeper by which the next reservation never comes."""

    def reserve(self, *args: Any) -> Reservation:
        return super().reserve(*args)._replace(wait=5.0)

    def remaining(self, *_: Any) -> float:
        return 5.0


Step = Callable[[Scene], None]


def before_sign_in(scene: Scene) -> None:
    scene.options["token_cache"] = TokenCache(store=_Store(scene.wait))


def during_sign_in(scene: Scene) -> None:
    scene.options["endpoint"] = scene.stage.sandbox.url
    scene.options["token_url"] = scene.proxy.url + "/auth/o2/token"
    scene.proxy.plan.append(_after(scene, b""))


def waiting_for_the_quota(scene: Scene) -> None:
    scene.options["quota"] = _Full()


def connecting(scene: Scene) -> None:
    def fault(line: Line) -> None:
        scene.reach()
        line.wait_for_end()

    scene.options["endpoint"] = f"https://127.0.0.1:{scene.proxy.port}"
    scene.proxy.at_once.append(fault)


def sending(scene: Scene) -> None:
    def fault(line: Line) -> None:
        line.read_head()
        scene.wait()
        line.end()

    scene.proxy.at_once.append(fault)


def while_the_server_works(scene: Scene) -> None:
    scene.proxy.plan.append(_after(scene, b""))


def reading(scene: Scene) -> None:
    scene.proxy.plan.append(_after(scene, b"HTTP/1.1 "))


def _after(scene: Scene, beginning: bytes) -> Fault:
    """Carry the request out, and answer the rest when the caller is gone."""

    def fault(line: Line) -> None:
        whole = line.ask().whole
        assert whole.startswith(beginning)
        line.say(beginning)
        scene.wait()
        line.say(whole.removeprefix(beginning))

    return fault


def sleeping_before_a_retry(scene: Scene) -> None:
    scene.proxy.plan.append(faults.does_and_ends(with_reset=False))


def reporting(scene: Scene) -> None:
    async def on_reply(_: Attempt) -> None:
        await scene.stop_here()

    scene.options["on_reply"] = on_reply


NOT_SENT: list[Step] = [before_sign_in, during_sign_in, waiting_for_the_quota, connecting]
UNANSWERED: list[Step] = [sending, sleeping_before_a_retry]
ANSWERED: list[Step] = [while_the_server_works, reading, reporting]


# how a caller is cancelled: each returns what was raised, in the end

Buy = Callable[[], Awaitable[object]]


async def cancelled(scene: Scene, buy: Buy) -> BaseException:
    """Cancel the task."""
    task = asyncio.ensure_future(buy())
    await scene.is_reached.wait()
    task.cancel()
    (result,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(result, asyncio.CancelledError)
    return result


async def with_a_failing_sibling(scene: Scene, buy: Buy) -> BaseException:
    """Let another task of its group fail."""

    async def fail() -> None:
        await scene.is_reached.wait()
        raise LookupError("a sibling")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_as_coroutine(buy))
            group.create_task(fail())
    except ExceptionGroup as error:
        return error
    raise AssertionError("the group has not failed")


async def in_a_timeout(scene: Scene, buy: Buy) -> BaseException:
    """Let `asyncio.timeout` pass."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as timeout:
            end = asyncio.ensure_future(scene.is_reached.wait())
            end.add_done_callback(lambda _: timeout.reschedule(loop.time()))
            await buy()
    except TimeoutError as error:
        return error
    raise AssertionError("the timeout has not passed")


async def in_wait_for(scene: Scene, buy: Buy) -> BaseException:
    """Let `asyncio.wait_for` give up."""
    seconds = 3333.0
    loop: Any = asyncio.get_running_loop()
    call_at, ends = loop.call_at, []

    def watched(when: float, callback: Callable[..., object], *args: Any, **more: Any) -> Any:
        if when - loop.time() > seconds - 100:
            ends.append(lambda: callback(*args))
        return call_at(when, callback, *args, **more)

    scene.options["deadline"] = 60.0  # no other timer is as long
    loop.call_at = watched
    try:
        end = asyncio.ensure_future(scene.is_reached.wait())
        end.add_done_callback(lambda _: ends[0]())
        await asyncio.wait_for(buy(), seconds)
    except TimeoutError as error:
        return error
    finally:
        del loop.call_at
    raise AssertionError("it has not given up")


async def hung_up_on(scene: Scene, buy: Buy) -> BaseException:
    """Let a client of the server, in whose handler the purchase is made, hang up."""
    ended: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handler = asyncio.ensure_future(buy())
        await reader.read()
        handler.cancel()
        (result,) = await asyncio.gather(handler, return_exceptions=True)
        writer.close()
        assert isinstance(result, BaseException)
        ended.set_result(result)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await scene.is_reached.wait()
        writer.close()
        await writer.wait_closed()
        result = await ended
    assert isinstance(result, asyncio.CancelledError)
    return result


async def _as_coroutine(buy: Buy) -> None:
    await buy()


CANCELLATIONS = [cancelled, with_a_failing_sibling, in_a_timeout, in_wait_for, hung_up_on]


@contextlib.contextmanager
def client_of(way: Way, stage: Stage, **options: Any) -> Iterator[Sends]:
    """Make a client of the sandbox, of either kind, that hardly waits between its attempts."""
    defaults: dict[str, Any] = {
        "endpoint": stage.sandbox.url,
        "token_url": stage.sandbox.token_url,
        "token_cache": TokenCache(),
        "retry": RetryPolicy(base=0.001, throttled_base=0.001),
        "clock": SystemClock(),
    }
    credentials = Credentials(**stage.sandbox.credentials)
    merged = {**defaults, **options}
    with way.client(credentials, max_bytes=10**6, patience=lambda: 30.0, **merged) as made:
        yield made


@contextlib.contextmanager
def shown(stage: Stage) -> Iterator[Proxy]:
    """Open a proxy before the sandbox, which must not have failed."""
    with Proxy(stage.upstream) as proxy:
        yield proxy
        proxy.wait_until_quiet()
        assert proxy.failures == []
