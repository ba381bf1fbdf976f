"""Connections of event loops that were closed before the client was."""

import asyncio
import gc

import pytest

from spshipping import AsyncClient, Credentials, Effect, Marketplace, Operation, Quota
from spshipping.auth.cache import TokenCache
from spshipping.transport.aio import AiohttpTransport
from tests.sandbox.echo import TOKEN_PATH, echoing

ECHO = Operation("echo", "GET /echo/{word}", returns=bytes, quota=Quota(1e6, burst=10**6), effect=Effect.NONE)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_connections_of_loops_that_were_closed_do_not_pile_up() -> None:
    transport = AiohttpTransport()
    rounds = 5
    with echoing() as server:
        client = AsyncClient(
            Credentials("client", "secret", "refresh"),
            Marketplace.UK,
            endpoint=server.url,
            token_url=server.url + TOKEN_PATH,
            token_cache=TokenCache(),
            transport=transport,
        )

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
