"""Pooled connections that know whether a byte of a request has left, and when the call must be over."""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import socket
import threading
import time
from collections.abc import Callable
from email.errors import FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect
from functools import cache
from http.client import (
    CONTINUE,
    OK,
    SWITCHING_PROTOCOLS,
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    RemoteDisconnected,
)
from typing import Any
from weakref import ref

from requests.adapters import BaseAdapter, HTTPAdapter
from requests.models import PreparedRequest, Response
from urllib3 import PoolManager, Timeout

from spshipping.transport.http import HttpRequest
from spshipping.transport.network import origin_of

_NO_HEADER = (FirstHeaderLineIsContinuationDefect, MissingHeaderBodySeparatorDefect)


class Exchange:
    """An exchange that is under way in a thread."""

    __slots__ = ("ends_at", "now", "request")

    def __init__(self, request: HttpRequest, ends_at: float, now: Callable[[], float]) -> None:
        self.request: HttpRequest = request
        """Its `was_sent` is set when its first byte leaves."""
        self.ends_at: float = ends_at
        """When the whole call must be over, by `now`."""
        self.now: Callable[[], float] = now


NO_EXCHANGE = Exchange(HttpRequest("", "", {}), math.inf, time.monotonic)


class _Current(threading.local):
    """The exchange of this thread; one made inside it, by a signal handler, comes first until it ends."""

    exchange: Exchange = NO_EXCHANGE


current: _Current = _Current()


class _Discretion(logging.Filter):
    """Keeps what urllib3 has to say of our exchanges out of every log: it would show path and query."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - whatever it is
        return current.exchange is NO_EXCHANGE


for _name in ("urllib3.connectionpool", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_Discretion())


class _Stream(socket.SocketIO):
    """Reads from a socket until the call must be over: a read timeout alone begins anew with every byte."""

    is_in_head = True

    def readinto(self, buffer: Any) -> int | None:
        line: socket.socket = self._sock  # type: ignore[attr-defined]  # typeshed does not know it
        exchange = current.exchange
        remaining, usual = exchange.ends_at - exchange.now(), line.gettimeout() or 0.0
        if remaining >= usual:
            count = super().readinto(buffer)
        else:
            if remaining <= 0:
                raise TimeoutError("the time allowed for the whole call is over")
            line.settimeout(remaining)
            try:
                count = super().readinto(buffer)
            finally:
                line.settimeout(usual)
        if not count and self.is_in_head:
            raise RemoteDisconnected("the connection was closed before the end of the headers")
        return count


class _Answer(HTTPResponse):
    """Refuses a response whose headers are broken, as aiohttp does: where it ends cannot be known then."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # opened by our base class: what it reads from differs only in how it waits
        self.fp.raw.__class__ = _Stream

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # typeshed does not know it
        # http.client passes over 100 only, and would take any other interim response for the final one
        return version, CONTINUE if SWITCHING_PROTOCOLS < status < OK else status, reason

    def begin(self) -> None:
        super().begin()
        raw: Any = self.fp.raw
        raw.is_in_head = False
        if self.length is None and not self.chunked and self.headers.get("content-length"):
            raise HTTPException("the content length is no number")
        defects = self.headers.defects
        if defects and any(isinstance(defect, _NO_HEADER) for defect in defects):
            raise HTTPException("a line of the headers is no header")


class _Watched:
    """Mixed into a connection: marks the moment before the first byte of a request leaves."""

    response_class = _Answer
    is_connecting = False
    debuglevel = 0
    """Whatever the program sets for `http.client`, which would print headers, the token among them."""
    putheader = HTTPConnection.putheader
    """Not urllib3's own, which looks at each value for a mark that no request of ours has."""

    def connect(self) -> None:
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
            current.exchange.request.was_sent = True
        super().send(data)  # type: ignore[misc]  # mixed into a connection

    def __del__(self) -> None:
        # an interrupt between two steps may lose a connection that is open, or not even made
        if getattr(self, "sock", None) is not None:
            self.close()  # type: ignore[attr-defined]  # mixed into a connection


class Idle:
    """A pool's idle connections, the one used last on top. Never full: each thread that needs one has one.

    There is no lock: another thread might hold it when the process is forked, and the child for ever.
    """

    def __init__(self, maxsize: int = 0) -> None:  # noqa: ARG002 - urllib3 gives it
        self._connections: list[Any] = []
        self._is_closed = False

    def get(self, block: bool = False, timeout: float | None = None) -> Any:  # noqa: ARG002 - a queue's
        """Take a connection.

        Raises:
            queue.Empty: there is none, or the request needs a new one; the pool makes it then.
        """
        if current.exchange.request.needs_new_connection and not self._is_closed:
            # the new one will be put here as well: without this, there is one more after each such request
            with contextlib.suppress(IndexError):
                self._connections.pop(0).close()
            raise queue.Empty
        try:
            return self._connections.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, connection: Any, block: bool = False) -> None:  # noqa: ARG002 - a queue's
        """Give a connection back. None, which stands for one that was thrown away, is not kept."""
        if connection is not None:
            self._connections.append(connection)
            if self._is_closed:
                self.close()

    def qsize(self) -> int:
        """Return how many there are; recorders look at the pool that they take connections from."""
        return len(self._connections)

    def close(self) -> None:
        """Close what is idle, and from now on whatever is given back."""
        self._is_closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self.get().close()


class _WatchedPool:
    """Mixed into a pool: its connections are ours, unless a recorder has put its own in their place."""

    QueueCls = Idle
    plain: Any
    """The class of pool that this is mixed into."""
    recorder: tuple[Callable[[], Any], Callable[[], Any]] | None = None
    """What a recorder has put in the place of `_get_conn` and of `ConnectionCls`, neither kept alive; it is
    there for as long as the first of them is."""

    @property
    def ConnectionCls(self) -> Any:  # noqa: N802 - the name is urllib3's
        plain = self.plain
        found = plain.ConnectionCls
        watched = _watched_connections.get(found)
        if watched is None:
            if found.__module__.startswith("urllib3."):
                return _watched_connection(found)
            type(self).recorder = ref(plain._get_conn), ref(found)
            return found
        recorder = self.recorder
        # vcrpy puts urllib3's class back for the moment in which it makes a connection: another thread that
        # looks just then would leave the cassette, and get to the real network
        if recorder is not None and recorder[0]() is plain._get_conn:
            return recorder[1]() or watched
        return watched

    def urlopen(self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any) -> Any:
        # urllib3 copies the headers and walks through them twice, which is slow with those of requests
        return super().urlopen(method, url, body, dict(headers.items()), **options)  # type: ignore[misc]  # mixed in

    def _get_timeout(self, timeout: Any) -> Any:
        # urllib3 copies it for each repetition, and nothing is repeated here
        return timeout if type(timeout) is Timeout else super()._get_timeout(timeout)  # type: ignore[misc]  # mixed in

    def _get_conn(self, timeout: float | None = None) -> Any:
        # looked up at each use: a recorder exchanges the class while the pool has connections of ours, or the
        # other way round, and each is only for its own kind of request
        get_connection = self.plain._get_conn
        while not isinstance(connection := get_connection(self, timeout), self.ConnectionCls):
            connection.close()
        if not isinstance(connection, _Watched):
            current.exchange.request.was_sent = None
        return connection


_watched_connections: dict[Any, Any] = {}
"""For each of urllib3's classes of connections the same, watched."""


def _watched_connection(connection: Any) -> Any:
    made = type(f"Watched{connection.__name__}", (_Watched, connection), {})
    return _watched_connections.setdefault(connection, made)


@cache
def _watched(pool: Any) -> type[Any]:
    """Return the same class of pool with our connections in it: direct, through a proxy, through SOCKS."""
    return type(f"Watched{pool.__name__}", (_WatchedPool, pool), {"plain": pool})


def _use_watched_pools(manager: PoolManager) -> None:
    classes: dict[str, Any] = dict(manager.pool_classes_by_scheme)
    manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in classes.items()}


_BLANK = vars(Response())
"""What a response has before it has anything; the jar of cookies stays empty."""


class WatchedAdapter(HTTPAdapter):
    """A requests adapter whose connections know whether a request has left; it never repeats by itself."""

    def __init__(self) -> None:
        self._pools: dict[str, Any] = {}
        super().__init__(pool_connections=4, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool manager, with our connections in its pools."""
        super().init_poolmanager(*args, **kwargs)
        _use_watched_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pool manager of a proxy, with our connections in its pools."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            _use_watched_pools(manager)
        return manager

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the origin's pool; finding it anew would cost a twentieth of a call.

        The transport's proxies and certificates never change, so that an origin has one pool for good.
        """
        # only from here on is it known whether it leaves: a mock never comes here
        current.exchange.request.was_sent = False
        url = str(request.url)
        origin = origin_of(url)
        pools = self._pools
        pool = pools.get(origin)
        if pool is None:
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            super().cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call]  # of requests
            pools[origin] = pool
        return pool

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the certificates of a pool as they were set when it was made."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return what follows the method in the request: without a proxy, it needs no look at one."""
        return super().request_url(request, proxies) if proxies else request.path_url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Make the response of what this package reads, without looking for cookies or an encoding."""
        response = Response.__new__(Response)
        vars(response).update(_BLANK, history=[])  # its __init__ makes a cookie jar, which is slow
        response.status_code = resp.status
        response.headers = resp.headers  # urllib3's own, whatever the case of a name
        response.raw, response.reason = resp, resp.reason
        response.url, response.request = str(req.url), req
        return response

    def close(self) -> None:
        """Close what is idle now, and each connection in use as soon as it has its answer."""
        super().close()
        self.let_go()

    def let_go(self) -> None:
        """Close them without a lock: in a forked child, another thread of its parent may have held it."""
        pools, self._pools = self._pools, {}
        for pool in list(pools.values()):
            pool.pool.close()


def leave_to_parent(adapter: BaseAdapter) -> None:
    """Have an adapter that is not ours share no connection with the process that this one was forked from.

    The parent's connections stay open. requests has no way to do this: other threads may have held the locks
    of its pools when the process was forked, so that not even `close()` would be sure to end.
    """
    if not isinstance(adapter, HTTPAdapter):
        adapter.close()
        return
    theirs: Any = adapter
    managers = [theirs.poolmanager, *theirs.proxy_manager.values()]
    theirs.proxy_manager = {}
    theirs.init_poolmanager(theirs._pool_connections, theirs._pool_maxsize, block=theirs._pool_block)
    for manager in managers:
        manager.pools.lock = threading.RLock()
        for key in manager.pools.keys():  # noqa: SIM118 - it has no iterator
            idle = manager.pools[key].pool
            connections = [connection for connection in idle.queue if connection is not None]
            queue.LifoQueue.__init__(idle)  # anew, with a lock that no thread holds
            for connection in connections:
                connection.close()
