"""Connections of event loops that were closed before the client was, and calls without a deadline."""

import asyncio
import gc
import math
from typing import Any

import pytest

from spshipping import AsyncClient, Credentials, Effect, Marketplace, Operation, Quota
from spshipping.auth.cache import TokenCache
from spshipping.transport.aio import AiohttpTransport
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
