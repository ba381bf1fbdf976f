"""What hardly ever happens: signals inside a transport, a closing connection, a closed coroutine."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import aiohttp
import pytest
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from spshipping import Client, ConfigurationError
from spshipping.cursor import cursor_of
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.orders.v2026_01_01.api_async import AsyncOrdersV20260101Api
from spshipping.transport import aio
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.connections import Idle, _watched, leave_to_parent
from spshipping.transport.http import HttpRequest, Limits
from spshipping.transport.quota import MemoryQuota
from spshipping.transport.tasks import Tasks
from tests.drives import async_client_of
from tests.kit import START, FakeClock, ScriptedTransport, answer, raising
from tests.unit.samples import LOOK

NOWHERE = HttpRequest("GET", "http://127.0.0.1:9/", {})
FAR = Limits(1.0, 1.0, 1e12)


def test_a2_a_timeout_of_a_signal_handler_inside_requests_passes_as_it_is() -> None:
    error = TimeoutError("the job took too long")
    transport = RequestsTransport()
    transport._home.session.send = raising(error, "jobs")  # type: ignore[method-assign]
    with pytest.raises(TimeoutError) as caught:
        transport.exchange(NOWHERE, FAR)
    assert caught.value is error
    transport.close()


def test_a2_a_timeout_of_a_signal_handler_inside_aiohttp_passes_as_it_is() -> None:
    error = TimeoutError("the job took too long")

    async def main() -> None:
        transport = AiohttpTransport()
        transport._response = raising(error, "jobs")  # type: ignore[method-assign]
        try:
            await transport.exchange(NOWHERE, FAR)
        finally:
            await transport.close()

    with pytest.raises(TimeoutError) as caught:
        asyncio.run(main())
    assert caught.value is error


def test_an_async_client_refuses_a_socks_proxy_and_names_the_remedy() -> None:
    with pytest.raises(ConfigurationError, match="works with Client only"):
        AiohttpTransport(origins=["https://a.example"], proxies={"https": "socks5://127.0.0.1:1080"})


@pytest.mark.parametrize("retries", [1, Retry(1), Retry(total=None)])
def test_an_adapter_that_repeats_once_by_itself_is_refused(retries: int | Retry) -> None:
    with pytest.raises(ConfigurationError, match="make it with max_retries=0"):
        RequestsTransport(adapter=HTTPAdapter(max_retries=retries))


def test_a_forked_child_goes_through_a_proxy_over_connections_of_its_own() -> None:
    adapter = HTTPAdapter()
    of_parent = adapter.proxy_manager_for("http://127.0.0.1:9")
    leave_to_parent(adapter)
    assert adapter.proxy_manager_for("http://127.0.0.1:9") is not of_parent


@pytest.mark.parametrize("is_closing", [True, False])
def test_a_request_over_a_connection_that_is_closing_has_not_left(
    monkeypatch: pytest.MonkeyPatch, is_closing: bool
) -> None:
    class Line:
        def is_closing(self) -> bool:
            return is_closing

    class Connection:
        transport = Line()
        protocol = Line

    async def nothing(self: Any, conn: Any) -> None:
        return None

    monkeypatch.setattr(aiohttp.ClientRequest, "__init__", lambda self: None)
    monkeypatch.setattr(aiohttp.ClientRequest, "send", nothing)
    request = HttpRequest("GET", "http://a.example/", {})
    token = aio._current.set(request)
    try:
        made = aio._Request()
        assert request.was_sent is False
        asyncio.run(_sent(made, Connection()))
    finally:
        aio._current.reset(token)
    assert request.was_sent is not is_closing


async def _sent(request: Any, connection: Any) -> None:
    await request.send(connection)


class Still(FakeClock):
    """A clock whose sleep gives way once, without a loop."""

    async def sleep_async(self, seconds: float) -> None:
        await asyncio.sleep(0)


def test_a_coroutine_that_is_closed_while_it_waits_for_the_quota_waits_for_nothing_more() -> None:
    clock = Still()
    quota = MemoryQuota(clock)
    client = async_client_of(ScriptedTransport([answer(200, {"giftId": "1"})] * 9), clock, quota=quota)
    call = LOOK(path={"giftId": "1"})
    key = client._parts.sender.rules.quota_key(call.operation)
    for _ in range(call.operation.quota.burst):
        quota.reserve(key, call.operation.quota, 0.0)

    async def main() -> None:
        waiting: Coroutine[Any, Any, Any] = client.send(call)
        for _ in range(12):
            waiting.send(None)
        assert quota.state(key, call.operation.quota).left < 0
        waiting.close()

    asyncio.run(main())


def test_a_connection_of_another_kind_in_the_pool_is_closed_and_not_used() -> None:
    class Foreign:
        is_closed = False
        is_connected = True
        sock = None

        def close(self) -> None:
            self.is_closed = True

    from urllib3 import HTTPConnectionPool

    pool = _watched(HTTPConnectionPool)("127.0.0.1", 9)
    idle, foreign = Idle(), Foreign()
    idle.put(foreign)
    pool.pool = idle
    connection = pool._get_conn()
    assert foreign.is_closed
    assert isinstance(connection, pool.ConnectionCls)
    pool.close()


def test_a_job_that_is_cancelled_before_it_began_leaves_nothing_behind() -> None:
    async def main() -> int:
        group: Tasks[int] = Tasks()

        async def job() -> int:
            raise AssertionError("it never begins")

        group.start(job)
        await group.close(is_cancelled=True)
        assert not group.ended
        return group.running

    assert asyncio.run(main()) == 0


def test_a_page_is_resumed_from_its_cursor_under_asyncio() -> None:
    page = answer(200, {"orders": []})
    client = async_client_of(ScriptedTransport([page]))
    call = SEARCH_ORDERS(query={"createdAfter": START, "paginationToken": "t"})

    async def main() -> list[Any]:
        api = AsyncOrdersV20260101Api(client.context)
        return [reply.value async for reply in api.resume_order_pages(cursor_of(call))]

    assert len(asyncio.run(main())) == 1


def test_a_client_that_was_not_made_has_a_repr() -> None:
    assert repr(object.__new__(Client)) == "<Client, not made>"


def test_an_operation_loses_no_attribute() -> None:
    with pytest.raises(AttributeError, match="never changes: name"):
        del LOOK.name
