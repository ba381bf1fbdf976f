"""The HTTP transport: one exchange over pooled connections, and nothing else."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO
from os import PathLike
from typing import Any, TypeAlias, TypeVar

import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.cookies import RequestsCookieJar
from requests.models import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict
from urllib3 import HTTPResponse as Urllib3Response
from urllib3.exceptions import HTTPError, TimeoutError

from spshipping.clock import Clock, SystemClock
from spshipping.errors import ConfigurationError
from spshipping.forks import renew_after_fork
from spshipping.named import NamedTuple
from spshipping.secret import empty_frames
from spshipping.transport.connections import Exchange, WatchedAdapter, current, leave_to_parent
from spshipping.transport.foreign import is_networks, root_cause
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Opaque
from spshipping.transport.network import (
    DEFAULT_MAX_BYTES,
    Proxies,
    ca_bundle_of_environment,
    check_proxies,
    found_file,
    is_distrust,
)

# at once, although only a failure needs it: one for want of file descriptors could not load it
from spshipping.transport.trouble import trouble_of

OwnSession: TypeAlias = requests.Session
"""A session that the caller brings."""
OwnAdapter: TypeAlias = BaseAdapter
"""An adapter that the caller brings."""

_CHUNK = 64 * 1024


class _NoCookies(RequestsCookieJar):
    """Keeps no cookie, and looks for none in an answer."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Leave them where they are."""


class _Session(requests.Session):
    """A session for which no answer is a redirect: following one would carry the token to another host."""

    def resolve_redirects(self, *args: Any, **kwargs: Any) -> Iterator[Any]:  # noqa: ARG002 - requests' names
        return iter(())


class _Home(NamedTuple):
    """The connections of one process."""

    pid: int
    session: requests.Session
    ours: WatchedAdapter


class _Setup(Opaque):
    """What is set once, and never changes: a proxy's password may be in it."""

    __slots__ = ("adapters", "cert", "packages", "proxies", "verify")

    def __init__(
        self,
        adapters: Mapping[str, BaseAdapter | None],
        *,
        verify: str | bool,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
        trusts_environment: bool = True,
    ) -> None:
        self.adapters = adapters  # by the beginning of a URL; None stands for our own
        self.verify = verify
        self.cert = cert
        self.proxies = Proxies(proxies, trusts_environment=trusts_environment)
        # what an adapter of the caller's raises is the network's as well
        self.packages = frozenset(
            each.__module__.partition(".")[0]
            for adapter in adapters.values()
            for each in type(adapter).__mro__
            if adapter is not None
        )


class RequestsTransport:
    """Carries requests over pooled connections; a forked child has connections of its own.

    Proxies and the CA bundle are read once, here, from the arguments or else from the environment. `.netrc`
    is never read, cookies are never kept, redirects are never followed, certificates are always checked.
    """

    def __init__(
        self,
        *,
        origins: Iterable[str] = (),
        clock: Clock | None = None,
        max_bytes: int = DEFAULT_MAX_BYTES,
        session: requests.Session | None = None,
        adapter: BaseAdapter | None = None,
        proxies: Mapping[str, str] | None = None,
        ca_bundle: str | PathLike[str] | None = None,
    ) -> None:
        """Make a transport. Nothing is sent yet.

        Args:
            origins: where requests will go, so that a wrong proxy is found now.
            clock: says when a call must be over.
            max_bytes: the most bytes of one answer, decompressed, that are read.
            session: its adapters, proxies, `cert` and CA bundle (`verify`) are used; its headers, auth,
                cookies, hooks and `.netrc` never. It stays open when the transport is closed.
            adapter: carries the requests. Whether one has left cannot be known then, and so counts as sent.
                It stays open when the transport is closed.
            proxies: as requests takes them; an empty mapping means none, whatever the environment says.
            ca_bundle: a file, or a folder made by `c_rehash`, with the authorities that are trusted.

        Raises:
            ConfigurationError: what is wrong, and what to do.
        """
        if session is not None and not (adapter is None and proxies is None and ca_bundle is None):
            raise ConfigurationError(
                "session= has adapters, proxies and a CA bundle (verify) of its own: set them there, or leave"
                " session= out"
            )
        self._clock = clock or SystemClock()
        self._max_bytes = max_bytes
        self._setup = _of_session(session) if session is not None else _of(adapter, proxies, ca_bundle)
        self._setup.proxies.check(origins)
        self._home = self._new_home()
        self.renew_locks()
        renew_after_fork(self)

    def renew_locks(self) -> None:
        """Leave behind the lock that another thread held when the process was forked."""
        self._moving = threading.Lock()

    def _new_home(self) -> _Home:
        session, ours = _Session(), WatchedAdapter()
        session.trust_env = False
        session.cookies = _NoCookies()
        for prefix, adapter in self._setup.adapters.items():
            session.mount(prefix, ours if adapter is None else adapter)
        return _Home(os.getpid(), session, ours)

    def _home_of_child(self) -> _Home:
        """Move out of the parent's home: on a connection that two share, one would get the other's answer."""
        with self._moving:
            if self._home.pid != os.getpid():
                self._home.ours.let_go()
                for adapter in {each for each in self._setup.adapters.values() if each is not None}:
                    leave_to_parent(adapter)
                self._home = self._new_home()
            return self._home

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        remaining = limits.ends_at - self._clock.monotonic()
        if remaining <= 0:
            request.was_sent = False
            return HttpFailure("deadline", was_sent=False)
        home = self._home
        if home.pid != os.getpid():
            home = self._home_of_child()
        # one made inside another, by a signal handler, leaves the outer one as it was
        outer = current.exchange
        current.exchange = Exchange(request, limits.ends_at, self._clock.monotonic)
        try:
            return self._sent(home, request, limits, remaining)
        finally:
            current.exchange = outer

    def _sent(
        self, home: _Home, request: HttpRequest, limits: Limits, remaining: float
    ) -> HttpResponse | HttpFailure:
        response: Response | None = None
        foreign: BaseException | None = None
        handled = sys.exception()
        try:
            response = home.session.send(
                _prepared(request),
                stream=True,
                allow_redirects=False,
                verify=self._setup.verify,
                cert=self._setup.cert,
                proxies=self._setup.proxies.of(request.url),
                timeout=(min(limits.connect, remaining), min(limits.read, remaining)),
            )
            body = self._read(response, limits)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            if is_networks(error, handled, self._setup.packages):
                failure = self._failure(error, request, response, limits)
            else:
                foreign = root_cause(error, handled)
        except BaseException as error:
            _left_behind(error, response, handled)
            raise
        else:
            return body if isinstance(body, HttpFailure) else _answer(response, body)
        if foreign is not None:
            # here, where the error that it was found in, which holds the request, cannot be its context
            raise _left_behind(foreign, response, handled)
        if response is not None:
            response.close()
        return failure

    def _read(self, response: Response, limits: Limits) -> bytes | HttpFailure:
        if response.status_code < 200:
            # the real answer may still come, and must not be taken for the next request's
            response.close()
            return b""
        raw, chunks, size = response.raw, [], 0
        found: Any = response._content
        # an adapter that is not ours, or a tracer that keeps bodies, may have read it: it is not there again
        is_read = raw is None or found is not False
        is_usual = not is_read and isinstance(raw, Urllib3Response)
        read: Callable[[], bytes]
        if is_read:
            read = partial(BytesIO(response.content or b"").read, _CHUNK)
        elif is_usual:
            read = partial(raw.read1, _CHUNK, decode_content=True)
        else:  # something else to read from
            read = partial(next, response.iter_content(_CHUNK), b"")
        is_plain = is_usual and "content-encoding" not in response.headers
        while chunk := read():
            size += len(chunk)
            if size > self._max_bytes:
                response.close()
                return _broken_off("too_large", response)
            chunks.append(chunk)
            if is_plain and raw.length_remaining == 0:
                break  # all that was announced is there: reading again would only cost time
            if self._clock.monotonic() > limits.ends_at:
                response.close()
                return _broken_off("deadline", response)
        if is_usual:
            raw.release_conn()
        return b"".join(chunks)

    def _failure(
        self, error: Exception, request: HttpRequest, response: Response | None, limits: Limits
    ) -> HttpFailure:
        """Say what went wrong, from the flag and the kind of error, which holds the token and is dropped."""
        # an adapter that is not ours, or a mock, leaves the flag alone: unknown counts as sent
        was_sent = request.was_sent is not False
        is_timeout = isinstance(error, requests.Timeout | TimeoutError)
        if is_timeout and self._clock.monotonic() >= limits.ends_at:
            kind = "deadline"
        elif was_sent:
            kind = "timeout" if is_timeout else "cut"
        else:
            kind = "tls" if is_distrust(error) else "connect"
        trouble = trouble_of(error, request.url, self._setup.proxies.one_for(request.url), was_sent=was_sent)
        if response is None:
            return HttpFailure(kind, was_sent, trouble=trouble)
        return _broken_off(kind, response)._replace(trouble=trouble)

    def close(self) -> None:
        """Let go of the connections, and wait for nothing; an exchange afterwards opens new ones."""
        home = self._home
        if home.pid != os.getpid():
            home = self._home_of_child()
        home.ours.close()


def _of(
    adapter: BaseAdapter | None, proxies: Mapping[str, str] | None, ca_bundle: str | PathLike[str] | None
) -> _Setup:
    if adapter is not None:
        _check_adapter("adapter=", adapter)
    check_proxies(proxies)
    return _Setup(
        adapters={"https://": adapter, "http://": adapter},
        verify=found_file("ca_bundle=", ca_bundle)
        if ca_bundle is not None
        else ca_bundle_of_environment() or True,
        proxies=proxies,
    )


def _of_session(session: requests.Session) -> _Setup:
    """Take from a session what says how to connect; what a plain adapter does, ours does better."""
    if not isinstance(session, requests.Session):
        raise ConfigurationError("session= takes a requests.Session")
    # looked up by hand: a tracer that wraps it makes it another object at each look
    if next(each for each in type(session).__mro__ if "send" in vars(each)) is not requests.Session:
        raise ConfigurationError(
            f"session=: {type(session).__name__} sends in its own way, which might repeat a purchase; put"
            " what it does into an adapter, and mount that on a plain requests.Session"
        )
    for prefix, adapter in session.adapters.items():
        _check_adapter(f"session=, adapter for {prefix}", adapter)
    if session.verify is not True:
        verify: str | bool = found_file("session.verify", session.verify)
    else:
        verify = (ca_bundle_of_environment() or True) if session.trust_env else True
    for path in (session.cert,) if isinstance(session.cert, str) else session.cert or ():
        found_file("session.cert", path)
    return _Setup(
        adapters={
            prefix: None if type(adapter) is HTTPAdapter else adapter
            for prefix, adapter in session.adapters.items()
        },
        verify=verify,
        cert=session.cert,
        proxies=session.proxies or None,
        trusts_environment=session.trust_env,
    )


def _check_adapter(place: str, adapter: object) -> None:
    if not isinstance(adapter, BaseAdapter):
        raise ConfigurationError(f"{place} is no requests adapter: it takes a requests.adapters.BaseAdapter")
    retries: Any = getattr(adapter, "max_retries", 0)
    total = getattr(retries, "total", retries)
    if total is None or total > 0:
        raise ConfigurationError(
            f"{place} repeats requests by itself, which might repeat a purchase: make it with max_retries=0;"
            " the client repeats where that is safe (retry=RetryPolicy(...))"
        )


E = TypeVar("E", bound=BaseException)


def _left_behind(error: E, response: Response | None, handled: BaseException | None) -> E:
    """Return *error*, an interrupt say, without anything of the exchange that it broke off."""
    if response is not None:
        # the rest of the answer must not be taken for the next one
        response.close()
    # the errors of requests and urllib3 that it may come from hold the token, and so do the frames; those may
    # hold an answer that had not reached us, too, which is closed when nothing refers to it
    error.__cause__, error.__context__ = None, handled
    empty_frames(error)
    return error


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
    return prepared


def _answer(response: Response, body: bytes) -> HttpResponse:
    headers: Any = response.headers
    fields = headers.itermerged() if isinstance(headers, HTTPHeaderDict) else headers.items()
    return HttpResponse(response.status_code, {name.lower(): value for name, value in fields}, body)


def _broken_off(kind: str, response: Response) -> HttpFailure:
    """Say what went wrong once there was an answer."""
    answer = _answer(response, b"")
    return HttpFailure(kind, was_sent=True, status=answer.status, request_id=answer.request_id)
