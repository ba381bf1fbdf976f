"""Answers from fixtures in place of the network, for either client."""

import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from spshipping.auth.cache import TokenCache
from spshipping.auth.credentials import Credentials
from spshipping.clock import FrozenClock
from spshipping.operation import Operation
from spshipping.testing.factories import TIME
from spshipping.testing.fixture import Fixture, FixtureRequest, read_fixtures
from spshipping.testing.matching import differences, fixture_request
from spshipping.transport.http import HttpRequest, HttpResponse, Limits
from spshipping.wire import text

if TYPE_CHECKING:
    from spshipping.async_client import AsyncClient
    from spshipping.client import Client
    from spshipping.options import AsyncClientOptions, ClientOptions, CommonOptions

_NEAREST = 3
_SIGN_IN = "/auth/o2/token"
_RESTRICTED = "/tokens/2021-03-01/restrictedDataToken"


class ReplayError(AssertionError):
    """A request fits no fixture, or a fixture was not used."""


class Replay:
    """Answers from fixtures; `with Replay("fixtures") as replay, replay.client() as client:`.

    Signing in, and Restricted Data Tokens that no fixture has, are answered by itself. Every other request
    gets the answer of the first fixture that fits it and was not used yet, in the order of the files' paths;
    `spshipping.testing.matching` has the rules. Where none fits, `ReplayError` is raised out of the call,
    and nothing goes to the network. At the end of the block, what no fixture fitted and what was not used are
    a `ReplayError` too.

    Time stands still at the first moment of `clock`, and waits take none.
    """

    def __init__(
        self,
        *sources: "str | Path | Fixture",
        repeats: bool = False,
        also: Iterable[Operation[Any]] = (),
    ) -> None:
        """Read the fixtures.

        Args:
            sources: folders, files, and fixtures that were read already.
            repeats: give an answer again where all that fit have been used.
            also: operations that are not of this package.

        Raises:
            ConfigurationError: a file is not a fixture, or a folder has none.
        """
        known = tuple(also)
        self.fixtures: list[Fixture] = []
        """All of them, in the order in which they are looked at."""
        for source in sources:
            self.fixtures += [source] if isinstance(source, Fixture) else read_fixtures(source, also=known)
        self.clock: FrozenClock = FrozenClock(TIME)
        """The time of the clients."""
        self.sent: list[FixtureRequest] = []
        """Every request so far but for tokens, without secrets."""
        self._repeats = repeats
        self._lock = threading.Lock()
        self._used: set[int] = set()
        self._unmatched: list[str] = []

    def client(self, marketplace: str = "UK", **options: "Unpack[ClientOptions]") -> "Client":
        """Return a client that gets these answers; close it.

        Args:
            marketplace: where the seller sells.
            options: those of `Client`.
        """
        from spshipping.client import Client

        merged: ClientOptions = {**self._options(), "transport": _Replayed(self), **options}
        return Client(_credentials(), marketplace, **merged)

    def async_client(self, marketplace: str = "UK", **options: "Unpack[AsyncClientOptions]") -> "AsyncClient":
        """Return what `client` returns, for asyncio."""
        from spshipping.async_client import AsyncClient

        merged: AsyncClientOptions = {**self._options(), "transport": _AsyncReplayed(self), **options}
        return AsyncClient(_credentials(), marketplace, **merged)

    def _options(self) -> "CommonOptions":
        return {"clock": self.clock, "token_cache": TokenCache(self.clock), "chance": lambda: 0.5}

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer to a request.

        Raises:
            ReplayError: no fixture fits it.
        """
        request.was_sent = False  # nothing ever leaves, whatever becomes of it
        asked = fixture_request(request)
        if asked.path == _SIGN_IN:
            return _json({"access_token": "Atza|replay", "token_type": "bearer", "expires_in": 3600})
        with self._lock:
            found = self._take(asked)
            if found is None and asked.path == _RESTRICTED:
                return _json({"restrictedDataToken": "Atz.sprdt|replay", "expiresIn": 3600})
            self.sent.append(asked)
            if found is None:
                message = self._no_fit(asked)
                self._unmatched.append(message)
                raise ReplayError(message)
        response = found.response
        headers = {"content-type": "application/json", **response.headers}
        return HttpResponse(response.status, headers, response.content or b"")

    def _take(self, asked: FixtureRequest) -> Fixture | None:
        fitting = [
            index
            for index, fixture in enumerate(self.fixtures)
            if next(differences(asked, fixture.request), None) is None
        ]
        fresh = [index for index in fitting if index not in self._used]
        if not fresh and not (fitting and self._repeats):
            return None
        index = fresh[0] if fresh else fitting[-1]
        self._used.add(index)
        return self.fixtures[index]

    def _no_fit(self, asked: FixtureRequest) -> str:
        """Say what was asked, and where the fixtures that are nearest differ."""
        near = sorted(
            (len(found), index, found)
            for index, fixture in enumerate(self.fixtures)
            if "method" not in (found := list(differences(asked, fixture.request)))
        )
        lines = [f"no fixture fits {asked.method} {asked.path}; nothing was sent"]
        for _, index, found in near[:_NEAREST]:
            reason = f"differs in {', '.join(found[:5])}" if found else "fits, and was used before"
            lines.append(f"  {_place(self.fixtures[index])}: {reason}")
        return "\n".join(lines)

    @property
    def unused(self) -> list[Fixture]:
        """The fixtures that have not been used yet."""
        with self._lock:
            return [each for index, each in enumerate(self.fixtures) if index not in self._used]

    def forget_unmatched(self) -> None:
        """Leave the requests so far that had no fixture out of `check`, for they were meant to have none."""
        with self._lock:
            self._unmatched.clear()

    def check(self) -> None:
        """Make sure that every request had a fixture, and that every fixture was used.

        Raises:
            ReplayError: one had none, or was not.
        """
        lines = list(self._unmatched)
        lines += [f"{_place(each)} was not used: {each.operation}, {each.why}" for each in self.unused]
        if lines:
            raise ReplayError("\n".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.check()


def _place(fixture: Fixture) -> str:
    return str(fixture.file or f"a fixture of {fixture.operation}")


def _credentials() -> Credentials:
    return Credentials("amzn1.application-oa2-client.replay", "replay", "Atzr|replay")


def _json(value: Any) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, text.render(value))


class _Replayed:
    """The transport of a `Client`."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse:  # noqa: ARG002 - the protocol's
        """Return the answer of a fixture."""
        return self._replay.answer(request)

    def close(self) -> None:
        """There is nothing to close."""


class _AsyncReplayed:
    """The transport of an `AsyncClient`."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse:  # noqa: ARG002 - the protocol's
        """Return the answer of a fixture."""
        return self._replay.answer(request)

    async def close(self) -> None:
        """There is nothing to close."""
