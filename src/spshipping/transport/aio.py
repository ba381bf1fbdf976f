"""The HTTP transport of `AsyncClient`: one exchange over aiohttp, and nothing else.

aiohttp by itself repeats idempotent requests on broken connections, reads `.netrc`, keeps cookies, follows
redirects and takes proxies from the environment: all of that is off.
"""

import asyncio
import ssl
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, WeakSet

import aiohttp
import certifi
from aiohttp.connector import Connection
from urllib3.util.wait import wait_for_read
from yarl import URL

from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.timeouts import FOR_EVER_SECONDS
from spshipping.transport.foreign import is_networks, root_cause
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.network import (
    DEFAULT_MAX_BYTES,
    Proxies,
    ca_bundle_of_environment,
    check_proxies,
    found_file,
    is_distrust,
)
from spshipping.transport.trouble import trouble_of

_NOTHING_OF_ITS_OWN = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_COMPLETE = {"accept", "Accept-Encoding", "user-agent"}
"""To a request that has these and no body, aiohttp adds nothing; to keep it from adding costs time."""
_CHUNK = 64 * 1024
_current: ContextVar[HttpRequest] = ContextVar("spshipping_request")
_used: WeakSet[Any] = WeakSet()
"""The connections, by their protocols, that have carried a request."""


class _Request(aiohttp.ClientRequest):
    """Marks the moment before the first byte of a request leaves; a mock never makes one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _current.get().was_sent = False

    @property
    def connection_key(self) -> Any:
        """By what a connection is found again; aiohttp shows it where one was left open, so no password."""
        key = super().connection_key
        if key.proxy is None:
            return key
        return key._replace(proxy=key.proxy.with_user(None), proxy_headers_hash=hash(key.proxy))

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send the request over *conn*; one that is closing already takes no byte."""
        transport, protocol = conn.transport, conn.protocol
        if transport is not None and protocol is not None and protocol in _used:
            # not even the loop may have seen yet what came while it was idle
            line = transport.get_extra_info("socket")
            if transport.is_closing() or protocol.should_close or wait_for_read(line, timeout=0.0):
                raise _SpoiltError
        if transport is not None and not transport.is_closing():
            _used.add(protocol)
            _current.get().was_sent = True
        return await super().send(conn)


class _SpoiltError(aiohttp.ClientConnectionError):
    """An idle connection was closed, or something came on it that would be taken for the next answer."""


class _Sessions(NamedTuple):
    """The connections of one event loop."""

    pooled: aiohttp.ClientSession
    single: aiohttp.ClientSession
    """Opens a connection for each request, and closes it afterwards."""
    reading: set[aiohttp.ClientResponse]
    """Whose bodies are being read."""

    async def close(self) -> None:
        """Close the connections."""
        await self.pooled.close()
        await self.single.close()


class AiohttpTransport:
    """Carries requests over pooled connections, for each event loop its own.

    Proxies and the CA bundle are read once, here, from the arguments or else from the environment.
    Certificates are always checked.
    """

    def __init__(
        self,
        *,
        origins: Iterable[str] = (),
        clock: Clock | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        proxies: Mapping[str, str] | None = None,
        ca_bundle: str | PathLike[str] | None = None,
    ) -> None:
        """Make a transport. Nothing is sent yet.

        Args:
            origins: where requests will go, so that a wrong proxy is found now.
            clock: says when a call must be over.
            max_bytes: the most bytes of one answer, decompressed, that are read.
            proxies: by scheme, as requests takes them; an empty mapping means none, whatever the environment
                says.
            ca_bundle: a file, or a folder made by `c_rehash`, with the authorities that are trusted.

        Raises:
            ConfigurationError: what is wrong, and what to do.
        """
        check_proxies(proxies)
        self._clock = clock or SystemClock()
        self._max_bytes = max_bytes
        self._proxies = Proxies(proxies)
        self._proxies.check(origins)
        for url in origins:
            if (self._proxies.one_for(url) or "").startswith("socks"):
                raise ConfigurationError(
                    "a SOCKS proxy works with Client only: AsyncClient takes http proxies"
                )
        given = ca_bundle_of_environment() if ca_bundle is None else found_file("ca_bundle=", ca_bundle)
        self._ca_bundle: str = given or certifi.where()
        self._tls: ssl.SSLContext | None = None
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, _Sessions] = WeakKeyDictionary()

    async def _sessions_here(self) -> _Sessions:
        loop = asyncio.get_running_loop()
        found = self._sessions.get(loop)
        if found is None:
            found = _Sessions(self._session(), self._session(force_close=True), set())
            self._sessions[loop] = found
            await self._close_left_behind()
        return found

    async def _close_left_behind(self) -> None:
        """Close the connections of loops that were closed without them; sessions keep their loops alive."""
        for reference in self._sessions.keyrefs():
            loop = reference()
            if loop is not None and loop.is_closed():
                with suppress(KeyError):  # another loop did it
                    await self._sessions.pop(loop).close()

    def _session(self, *, force_close: bool = False) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, force_close=force_close)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # not "close": aiohttp would refuse an answer with bytes behind its end
            headers={"Connection": "keep-alive"} if force_close else None,
            request_class=_Request,
            trust_env=False,
        )
        session._retry_connection = False  # it would repeat a request that has left
        return session

    def _trust(self, url: str, proxy: str | None) -> ssl.SSLContext | bool:
        """Return what is trusted; it is read when it is first needed, for that takes a while."""
        if not url.startswith("https:") and not (proxy and proxy.startswith("https:")):
            return True
        if self._tls is None:
            kind = "capath" if Path(self._ca_bundle).is_dir() else "cafile"
            self._tls = ssl.create_default_context(**{kind: self._ca_bundle})  # type: ignore[arg-type]
        return self._tls

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        remaining = limits.ends_at - self._clock.monotonic()
        if remaining <= 0:
            request.was_sent = False
            return HttpFailure("deadline", was_sent=False)
        response: aiohttp.ClientResponse | None = None
        handled = sys.exception()
        token = _current.set(request)
        try:
            request.was_sent = False  # where the CA bundle is gone
            sessions = await self._sessions_here()
            response = await self._response(sessions, request, limits, remaining)
            return await self._read(sessions.reading, response, limits)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if response is not None:
                response.close()
            if is_networks(error, handled):
                return self._failure(error, request, response, limits)
            foreign = root_cause(error, handled)
        except BaseException:
            # the rest of the answer must not be taken for the next one
            if response is not None:
                response.close()
            raise
        finally:
            with suppress(ValueError):  # one that was never resumed is closed in another context
                _current.reset(token)
        # here, where the error that it was found in cannot be its context
        foreign.__cause__, foreign.__context__ = None, handled
        raise foreign

    async def _response(
        self, sessions: _Sessions, request: HttpRequest, limits: Limits, remaining: float
    ) -> aiohttp.ClientResponse:
        """Return the response once its headers are here."""
        proxy = self._proxies.one_for(request.url)
        trusted = self._trust(request.url, proxy)
        request.was_sent = None  # until a request is made; a mock makes none
        session = sessions.single if request.needs_new_connection else sessions.pooled
        timeout = aiohttp.ClientTimeout(
            total=min(remaining, FOR_EVER_SECONDS),
            sock_connect=min(limits.connect, remaining),
            sock_read=min(limits.read, remaining),
        )
        is_complete = request.body is None and request.headers.keys() >= _COMPLETE
        while True:
            try:
                return await session.request(
                    request.method,
                    URL(request.url, encoded=True),
                    headers=request.headers,
                    data=request.body,
                    allow_redirects=False,
                    ssl=trusted,
                    proxy=proxy,
                    timeout=timeout,
                    skip_auto_headers=None if is_complete else _NOTHING_OF_ITS_OWN,
                )
            except _SpoiltError:  # nothing has left, and this connection is closed: the next, or a new one
                continue

    async def _read(
        self, reading: set[aiohttp.ClientResponse], response: aiohttp.ClientResponse, limits: Limits
    ) -> HttpResponse | HttpFailure:
        reading.add(response)
        try:
            return await self._read_all(response, limits)
        finally:
            reading.discard(response)

    async def _read_all(self, response: aiohttp.ClientResponse, limits: Limits) -> HttpResponse | HttpFailure:
        if "," in response.headers.get("Content-Encoding", ""):
            response.close()  # aiohttp undoes one encoding, and leaves more than one as they are
            return _broken_off("cut", response)
        content, chunks, size = response.content, [], 0
        while not content.at_eof() and (chunk := await content.read(_CHUNK)):
            size += len(chunk)
            chunks.append(chunk)
            if size > self._max_bytes:
                response.close()
                return _broken_off("too_large", response)
            if self._clock.monotonic() > limits.ends_at:
                response.close()
                return _broken_off("deadline", response)
        response.release()
        return HttpResponse(response.status, _headers(response), b"".join(chunks))

    def _failure(
        self,
        error: Exception,
        request: HttpRequest,
        response: aiohttp.ClientResponse | None,
        limits: Limits,
    ) -> HttpFailure:
        """Return what went wrong; the error itself may hold the token, and is dropped."""
        was_sent = request.was_sent is not False
        is_timeout = isinstance(error, TimeoutError)
        if is_timeout and self._clock.monotonic() >= limits.ends_at:
            kind = "deadline"
        elif was_sent:
            kind = "timeout" if is_timeout else "cut"
        else:
            kind = "tls" if is_distrust(error) else "connect"
        status = error.status if isinstance(error, aiohttp.ClientHttpProxyError) else None
        proxy = self._proxies.one_for(request.url)
        trouble = trouble_of(error, request.url, proxy, was_sent=was_sent, proxy_status=status)
        if response is None:
            return HttpFailure(kind, was_sent, trouble=trouble)
        return _broken_off(kind, response)._replace(trouble=trouble)

    async def close(self) -> None:
        """Close the connections of the running loop; an exchange afterwards opens new ones."""
        found = self._sessions.pop(asyncio.get_running_loop(), None)
        if found is not None:
            # aiohttp alone would let who reads a body wait until the call must be over
            for response in tuple(found.reading):
                response.close()
            await found.close()


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _broken_off(kind: str, response: aiohttp.ClientResponse) -> HttpFailure:
    """Return what went wrong once there was an answer."""
    answer = HttpResponse(response.status, _headers(response), b"")
    return HttpFailure(kind, was_sent=True, status=answer.status, request_id=answer.request_id)
