"""The HTTP transport: requests over pooled connections that know whether a byte of a request has left."""

import os
import sys
import threading
from collections.abc import Iterable
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, TimeoutError

from spshipping.clock import Clock, SystemClock
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits

DEFAULT_MAX_BYTES = 64 * 1024 * 1024
"""The most bytes of one answer, decompressed, that are read."""

_CHUNK = 64 * 1024


class _Watch(threading.local):
    """Whether this thread's exchange has sent anything; None until our connections are used."""

    was_sent: bool | None = None


_watch = _Watch()


class _Watched:
    """Mixed into a connection: marks the moment before the first byte of a request leaves."""

    is_connecting = False

    def connect(self) -> None:
        _watch.was_sent = bool(_watch.was_sent)
        # a proxy's CONNECT goes through send() as well, and is not the request
        self.is_connecting = True
        try:
            super().connect()  # type: ignore[misc]  # mixed into a connection
        finally:
            self.is_connecting = False

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]  # mixed into a connection
            self.connect()
        if not self.is_connecting:
            _watch.was_sent = True
        super().send(data)  # type: ignore[misc]  # mixed into a connection


class _Connection(_Watched, HTTPConnection):
    pass


class _TlsConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class WatchedAdapter(HTTPAdapter):
    """A requests adapter whose connections know whether a request has left; it never repeats by itself."""

    def __init__(self, pool_size: int) -> None:
        self._pools: dict[str, Any] = {}
        super().__init__(pool_connections=4, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool manager, with our connections in its pools."""
        super().init_poolmanager(*args, **kwargs)
        _use_watched_pools(self.poolmanager)

    def get_connection_with_tls_context(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the origin's pool; finding it anew would cost a twentieth of a call.

        The transport's proxies and CA bundle never change, so that an origin has one pool for good.
        """
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"  # type: ignore[str-bytes-safe]  # ours are text
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = super().get_connection_with_tls_context(request, *args, **kwargs)
        return pool

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Make the response of what this package reads, without looking for cookies or an encoding."""
        response = Response()
        response.status_code = resp.status
        response.headers = CaseInsensitiveDict(resp.headers.itermerged())
        response.raw, response.reason = resp, resp.reason
        response.url, response.request = str(req.url), req
        return response

    def close(self) -> None:
        """Let go of all pools: urllib3 closes a pool's connections when nobody holds it any more."""
        self._pools.clear()
        super().close()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pool manager of a proxy, with our connections in its pools."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        _use_watched_pools(manager)
        return manager


def _use_watched_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Session(requests.Session):
    """A session for which no answer is a redirect: following one would carry the token to another host."""

    def get_redirect_target(self, resp: Response) -> None:  # noqa: ARG002 - the name is requests'
        return None


class RequestsTransport:
    """Carries requests over one pooled session; a forked child gets a session of its own.

    Proxies and the CA bundle are read from the environment once, here. `.netrc` is never read, cookies are
    never kept, redirects are never followed, certificates are always checked.
    """

    def __init__(
        self,
        *,
        origins: Iterable[str] = (),
        clock: Clock | None = None,
        pool_size: int = 32,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        self._clock = clock or SystemClock()
        self._pool_size = pool_size
        self._max_bytes = max_bytes
        self._ca_bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        self._proxies: dict[str, dict[str, str]] = {}
        for url in origins:
            self._proxies_for(url)
        self._pid = os.getpid()
        self._session = self._new_session()

    def _new_session(self) -> requests.Session:
        session = _Session()
        session.trust_env = False
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            session.mount(scheme, WatchedAdapter(self._pool_size))
        return session

    def _proxies_for(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._proxies:
            self._proxies[origin] = dict(get_environ_proxies(origin, no_proxy=None))
        return self._proxies[origin]

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        remaining = limits.ends_at - self._clock.monotonic()
        if remaining <= 0:
            return HttpFailure("deadline", was_sent=False)
        if os.getpid() != self._pid:
            # a connection shared with the parent would hand one process the other's answer
            self._pid, self._session = os.getpid(), self._new_session()
        _watch.was_sent = None
        response: Response | None = None
        handled = sys.exception()
        try:
            response = self._session.send(
                _prepared(request),
                stream=True,
                allow_redirects=False,
                verify=self._ca_bundle,
                cert=None,
                proxies=self._proxies_for(request.url),
                timeout=(min(limits.connect, remaining), min(limits.read, remaining)),
            )
            body = self._read(response, limits)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            failure = _failure(error, response)
        except BaseException as error:
            # an interrupt, say: the errors of requests and urllib3 that it may come from hold the token
            error.__cause__, error.__context__ = None, handled
            raise
        else:
            return body if isinstance(body, HttpFailure) else _answer(response, body)
        if response is not None:
            response.close()
        return failure

    def _read(self, response: Response, limits: Limits) -> bytes | HttpFailure:
        if response.status_code < 200:
            # the real answer may still come, and must not be taken for the next request's
            response.close()
            return b""
        chunks, size = [], 0
        is_plain = "content-encoding" not in response.headers
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            late = self._clock.monotonic() > limits.ends_at
            if late or size > self._max_bytes:
                response.close()
                return HttpFailure(
                    "deadline" if late else "too_large",
                    was_sent=True,
                    status=response.status_code,
                    request_id=_answer(response, b"").request_id,
                )
            chunks.append(chunk)
            if is_plain and response.raw.length_remaining == 0:
                break  # all that was announced is there: asking again would only cost time
        response.raw.release_conn()
        return b"".join(chunks)

    def close(self) -> None:
        """Let go of the connections; an exchange afterwards opens new ones."""
        self._session.close()


def _prepared(request: HttpRequest) -> PreparedRequest:
    # requests' own preparation costs a quarter of a call and would write the URL anew
    prepared = PreparedRequest()
    prepared.method = request.method
    prepared.url = request.url
    headers = CaseInsensitiveDict(request.headers)
    if request.body is not None:
        headers["Content-Length"] = str(len(request.body))
    prepared.headers = headers
    prepared.body = request.body
    prepared.hooks = {"response": []}
    return prepared


def _answer(response: Response, body: bytes) -> HttpResponse:
    return HttpResponse(response.status_code, dict(response.headers.lower_items()), body)


def _failure(error: Exception, response: Response | None) -> HttpFailure:
    """Say what went wrong, from the flag and the kind of error. The error holds the token, and is dropped."""
    # a foreign adapter or a mock leaves the flag alone: unknown counts as sent
    was_sent = _watch.was_sent is not False
    if was_sent:
        kind = "timeout" if isinstance(error, requests.Timeout | TimeoutError) else "cut"
    else:
        kind = "tls" if isinstance(error, requests.exceptions.SSLError) else "connect"
    if response is None:
        return HttpFailure(kind, was_sent)
    answer = _answer(response, b"")
    return HttpFailure(kind, was_sent=True, status=answer.status, request_id=answer.request_id)
