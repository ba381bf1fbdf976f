"""What tests share: a clock set by hand, a transport that follows a script, and a client of both."""

import asyncio
import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Unpack

import spshipping
from spshipping.auth.cache import Grant, Key, TokenCache
from spshipping.auth.credentials import Credentials
from spshipping.client import Client, ClientOptions
from spshipping.facade import Context
from spshipping.regions import Marketplace
from spshipping.secret import Secret
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Transport
from spshipping.transport.io import run
from spshipping.transport.repeat import Repeats
from spshipping.transport.retry import RetryBudget, RetryPolicy
from spshipping.transport.threads import ThreadIo

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_numbers = count(1)
PACKAGE = f"{Path(spshipping.__file__).parent}{os.sep}"
"""How the path of each file of the package begins, in a checkout or installed."""


class FakeClock:
    """Time that passes only when somebody sleeps, or the test says so."""

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.elapsed = 0.0
        self.slept: list[float] = []
        self.on_sleep: Callable[[], object] | None = None

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed

    def sleep(self, seconds: float) -> None:
        if self.on_sleep:
            self.on_sleep()
        self.slept.append(seconds)
        self.elapsed += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


Step = HttpResponse | HttpFailure | BaseException


class ScriptedTransport:
    """Answers sign-ins by itself, and every other request with the next step of its script."""

    def __init__(
        self, steps: Iterable[Step] = (), *, clock: FakeClock | None = None, seconds: float = 0.0
    ) -> None:
        self.steps = list(steps)
        self.requests: list[HttpRequest] = []
        self.limits: list[Limits] = []
        self.sign_ins = 0
        self.is_closed = False
        self._clock = clock
        self._seconds = seconds

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if request.url.endswith("/auth/o2/token"):
            self.sign_ins += 1
            return answer(200, {"access_token": f"Atza|{self.sign_ins}", "expires_in": 3600})
        self.requests.append(request)
        self.limits.append(limits)
        if self._clock:
            self._clock.elapsed += self._seconds
        step = self.steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step

    def close(self) -> None:
        self.is_closed = True


def answer(status: int, body: Any = None, **headers: str) -> HttpResponse:
    """Make a response; a body that is no bytes is written as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status, {"x-amzn-requestid": "req-1", **names}, raw)


def refusal(status: int, code: str, message: str = "no", details: str = "", **headers: str) -> HttpResponse:
    """Make an error answer of Amazon's shape."""
    return answer(status, {"errors": [{"code": code, "message": message, "details": details}]}, **headers)


def bare(came: HttpResponse | HttpFailure) -> HttpResponse | HttpFailure:
    """Return a failure without the host that it was at, which differs from run to run."""
    return came._replace(trouble=None) if isinstance(came, HttpFailure) else came


def raising(error: BaseException, module: str = "socket") -> Callable[..., Any]:
    """Return a function that raises *error*, and is of *module* by its frame: no signal handler's."""
    names: dict[str, Any] = {"__name__": module, "error": error}
    exec("def fail(*args, **more):\n    raise error", names)
    function: Callable[..., Any] = names["fail"]
    return function


def io_of(transport: Transport | None = None, clock: FakeClock | None = None) -> ThreadIo:
    """Make an `Io` for threads."""
    return ThreadIo(transport or ScriptedTransport(), clock or FakeClock())


def repeats_of(
    transport: Transport, clock: FakeClock | None = None, retry: RetryPolicy | None = None
) -> Repeats:
    """Make the rules of a client that has the usual policy and no jitter."""
    clock = clock or FakeClock()
    return Repeats(io_of(transport, clock), retry or RetryPolicy(), RetryBudget(), clock, lambda: 0.5)


def token_of(
    cache: TokenCache, key: Key, fetch: Callable[[], Grant], ends_at: float, io: ThreadIo | None = None
) -> Secret:
    """Get a token from a cache, as a thread does."""

    async def bring(_: float) -> Grant:
        return fetch()

    return run(cache.get(io or io_of(), key, bring, ends_at))


def context_of(sender: Any, clock: FakeClock | None = None) -> Context:
    """Make what a facade takes of a sender."""
    clock = clock or FakeClock()
    return Context(sender, io_of(clock=clock), clock, Marketplace.UK.id)


def credentials() -> Credentials:
    """Make credentials that no other test has, so that tests share no tokens."""
    number = next(_numbers)
    return Credentials(f"amzn1.application-oa2-client.{number}", f"secret-{number}", f"Atzr|refresh-{number}")


def client_of(
    network: ScriptedTransport, time: FakeClock | None = None, /, **options: Unpack[ClientOptions]
) -> Client:
    """Make a client that touches neither the network nor the clock, with no jitter."""
    clock = time or FakeClock()
    defaults: ClientOptions = {
        "transport": network,
        "clock": clock,
        "token_cache": TokenCache(clock),
        "chance": lambda: 0.5,
    }
    merged: ClientOptions = {**defaults, **options}
    return Client(credentials(), Marketplace.UK, **merged)
