"""Connections of loops that were closed, calls without a deadline, clients that are closed midway."""

import asyncio
import gc
import math
from typing import Any

import pytest

from spshipping import AsyncClient, Credentials, Effect, Marketplace, Operation, Quota
from spshipping.auth.cache import TokenCache
from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.http import HttpFailure, HttpRequest, Limits
from tests.sandbox.echo import TOKEN_PATH, echoing

ECHO = Operation("echo", "GET /echo/{word}", returns=bytes, quota=Quota(1e6, burst=10**6), effect=Effect.NONE)


def client_at(url: str, **options: Any) -> AsyncClient:
    return AsyncClient(
        Credentials("client", "secret", "refresh"),
        Marketplace.UK,
        endpoint=url,
        token_url=url + TOKEN_PATH,
        token_cache=TokenCache(),
        **options,
    )


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_connections_of_loops_that_were_closed_do_not_pile_up() -> None:
    transport = AiohttpTransport()
    rounds = 5
    with echoing() as server:
        client = client_at(server.url, transport=transport)

        async def job() -> None:
            await client.send(ECHO(path={"word": "x"}))

        async def last() -> None:
            await job()
            await transport.close()

        for _ in range(rounds):
            asyncio.run(job())
            assert len(transport._sessions) == 1
        asyncio.run(last())
        gc.collect()
        server.await_end_of_all()
        assert not transport._sessions


def test_a_call_may_have_no_deadline() -> None:
    async def job(url: str) -> bytes:
        async with client_at(url, deadline=math.inf) as client:
            return (await client.send(ECHO(path={"word": "x"}))).value

    with echoing() as server:
        assert asyncio.run(job(server.url))


@pytest.mark.parametrize("needs_new_connection", [False, True])
@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"], ids=["nothing", "half"]
)
def test_an_exchange_under_way_ends_when_the_client_is_closed(
    said: bytes, needs_new_connection: bool
) -> None:
    async def main() -> object:
        transport, is_asked = AiohttpTransport(), asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(said)
            await writer.drain()
            is_asked.set()
            await reader.read()
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            request = HttpRequest("GET", f"http://127.0.0.1:{port}/", {})
            request.needs_new_connection = needs_new_connection
            limits = Limits(connect=10.0, read=10.0, ends_at=1e12)
            under_way = asyncio.create_task(transport.exchange(request, limits))
            await is_asked.wait()
            while said and not any(sessions.reading for sessions in transport._sessions.values()):
                await asyncio.sleep(0.001)
            await transport.close()
            return await asyncio.wait_for(under_way, 5)

    found = asyncio.run(main())
    assert isinstance(found, HttpFailure)
    assert (found.kind, found.was_sent, found.status) == ("cut", True, 200 if said else None)
