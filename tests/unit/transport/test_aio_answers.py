"""What the asyncio transport does with an answer that it cannot take, or no longer reads."""

import asyncio
import contextlib
import pickle
from collections.abc import AsyncIterator
from typing import Any

import pytest

from spshipping.transport.aio import AiohttpTransport
from spshipping.transport.http import HttpFailure, HttpRequest, Limits

FAR = Limits(connect=30.0, read=30.0, ends_at=1e12)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n%b\r\n"


class Server:
    """Answers with headers and the beginning of a body, and notes when the client closes the connection."""

    def __init__(self, header: bytes) -> None:
        self.has_answered, self.is_left = asyncio.Event(), asyncio.Event()
        self._header = header

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD % self._header + b"{")
        await writer.drain()
        self.has_answered.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        self.is_left.set()
        writer.close()


@contextlib.asynccontextmanager
async def served(server: Server) -> AsyncIterator[tuple[AiohttpTransport, HttpRequest]]:
    async with await asyncio.start_server(server.answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        transport = AiohttpTransport()
        yield transport, HttpRequest("GET", f"http://127.0.0.1:{port}/", {}, None)
        await transport.close()


def test_the_rest_of_an_answer_whose_reader_was_cancelled_is_not_taken_for_the_next_one() -> None:
    async def cancelled() -> None:
        server = Server(b"")
        async with served(server) as (transport, request):
            task = asyncio.create_task(transport.exchange(request, FAR))
            await server.has_answered.wait()
            while not any(sessions.reading for sessions in transport._sessions.values()):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(server.is_left.wait(), 30)

    asyncio.run(cancelled())


def test_an_answer_that_is_encoded_twice_is_no_answer() -> None:
    async def encoded() -> object:
        server = Server(b"Content-Encoding: gzip, gzip\r\n")
        async with served(server) as (transport, request):
            found = await transport.exchange(request, FAR)
            await asyncio.wait_for(server.is_left.wait(), 30)
            return found

    found = asyncio.run(encoded())
    assert isinstance(found, HttpFailure)
    assert (found.kind, found.was_sent, found.status) == ("cut", True, 200)


def test_a_request_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="a HttpRequest is never pickled: it holds tokens and addresses"):
        pickle.dumps(HttpRequest("GET", "https://api.example.com/", {}, None))


def test_the_key_of_a_connection_has_no_password_of_a_proxy_and_tells_two_of_them_apart() -> None:
    async def keys() -> list[Any]:
        server = Server(b"")
        async with served(server) as (transport, request):
            url = request.url.removeprefix("http://")
            found = []
            for password in ("pa55", "other"):
                proxied = AiohttpTransport(proxies={"http": f"http://user:{password}@{url}"})
                task = asyncio.create_task(
                    proxied.exchange(HttpRequest("GET", "http://elsewhere.example/", {}, None), FAR)
                )
                await server.has_answered.wait()
                while not (reading := [each for s in proxied._sessions.values() for each in s.reading]):
                    await asyncio.sleep(0)
                assert reading[0].connection is not None
                found.append(reading[0].connection._key)
                task.cancel()
                await asyncio.wait([task])
                await proxied.close()
            await transport.close()
        return found

    one, other = asyncio.run(keys())
    assert "pa55" not in repr(one)
    assert one.proxy.user is None
    assert one != other
