"""What the sandbox refuses, and which fields of its answers faults can change, for each operation.

Every operation is called as it should be, and then with each part of the call left out or replaced.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from spshipping.operation import Effect, Operation
from spshipping.sandbox import fields, tokens
from spshipping.sandbox.headers import IDEMPOTENCY_KEY
from spshipping.sandbox.responses import as_json
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.contract.facts import operations
from tests.prism.driving import Watching
from tests.prism.sandboxed import driven

EDGE = (401, 403, 413, 415, 429)
"""With these, any operation can be refused before it is looked at."""
FIELD_FAULTS = {
    "null_field": fields.NULL,
    "unknown_enum": fields.ENUM,
    "unknown_field": fields.EXTRA,
    "number_as_text": fields.TEXT,
}
_PATTERNS = {
    operation: re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(operation.route)))
    for operation in operations()
}
_WRONG = "none"
_OTHERS: tuple[Any, ...] = (None, _WRONG, 0, 10**6, [], {})
_KEY = IDEMPOTENCY_KEY.lower()
_LATER = 700
"""Seconds after which a quote is too old."""


class Measured(NamedTuple):
    """What was found out about one operation."""

    refusals: frozenset[tuple[int, str]]
    """Statuses and codes."""
    field_faults: tuple[str, ...]
    """The kinds of faults that find something to change in its answer."""


class _Probes:
    """Sends each call once more, with whatever can be wrong with it, and keeps what it is refused with."""

    def __init__(self) -> None:
        self.good: dict[Operation[Any], tuple[HttpRequest, bytes]] = {}
        self.refusals: dict[Operation[Any], set[tuple[int, str]]] = {one: set() for one in operations()}
        self._session = requests.Session()
        self._session.trust_env = False

    @contextmanager
    def after(self, address: str) -> Iterator[str]:
        """Give the address; at the end, repeat everything when it is too late."""
        with self._session:
            yield address
            ahead = {"advance": _LATER}
            assert self._session.post(f"{address}/_sandbox/clock", json=ahead, timeout=60).ok
            for operation, (request, _) in self.good.items():
                self.send(operation, request.method, request.url, request.headers, request.body)
                if operation.effect is Effect.ONCE:
                    self._send_wrong_bodies(operation, request)

    def probe(self, request: HttpRequest, answer: HttpResponse) -> None:
        """Send what is wrong with a call that succeeded, the first time that its operation does."""
        operation = _operation_of(request)
        if operation is None or operation in self.good or answer.status >= 300:
            return
        self.good[operation] = request, answer.body
        for url in _wrong_urls(operation, request):
            self.send(operation, request.method, url, request.headers, request.body)
        # some of them are carried out, and then other calls find something else
        if operation.effect is not Effect.ONCE:
            self._send_wrong_bodies(operation, request)

    def _send_wrong_bodies(self, operation: Operation[Any], request: HttpRequest) -> None:
        for body in _wrong_bodies(request.body):
            self.send(operation, request.method, request.url, request.headers, body)

    def send(
        self, operation: Operation[Any], method: str, url: str, headers: Any, body: bytes | None
    ) -> None:
        """Send, and keep the refusal."""
        # with its key, a purchase is the first one again, whatever else is wrong
        kept = {name: value for name, value in headers.items() if name.lower() != _KEY}
        answer = self._session.request(method, url, headers=kept, data=body, timeout=60)
        if answer.status_code >= 400 and answer.status_code not in EDGE:
            (*_, first) = reversed(answer.json()["errors"])
            self.refusals[operation].add((answer.status_code, first["code"]))


class _Probing(Watching):
    """Sends a request, and then what is wrong with it."""

    def __init__(self, address: str, probes: _Probes) -> None:
        super().__init__(address)
        self._probes = probes

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        answer = super().exchange(request, limits)
        if isinstance(answer, HttpResponse):
            self._probes.probe(request, answer)
        return answer


def _operation_of(request: HttpRequest) -> Operation[Any] | None:
    line = f"{request.method} {urlsplit(request.url).path}"
    fitting = [one for one, pattern in _PATTERNS.items() if pattern.fullmatch(line)]
    return min(fitting, key=lambda one: len(one.path_names), default=None)


def _wrong_urls(operation: Operation[Any], request: HttpRequest) -> Iterator[str]:
    """Yield the URL with each value of the path and of the query replaced, or left out."""
    parts = urlsplit(request.url)
    match = _PATTERNS[operation].fullmatch(f"{request.method} {parts.path}")
    assert match
    for value in match.groups():
        yield parts._replace(path=parts.path.replace(value, _WRONG)).geturl()
    query = parse_qsl(parts.query)
    for index in range(len(query)):
        name, before, after = query[index][0], query[:index], query[index + 1 :]
        for changed in (
            [*before, *after],
            [*before, (name, _WRONG), *after],
            [*before, (name, "0"), *after],
        ):
            yield parts._replace(query=urlencode(changed)).geturl()


def _wrong_bodies(body: bytes | None) -> Iterator[bytes]:
    """Yield the body with each part left out, or replaced by something of the same kind or another."""
    data = json.loads(body) if body else None
    for path in list(_paths(data)) if isinstance(data, dict) else []:
        for other in _OTHERS:
            yield json.dumps(_changed(data, path, other)).encode()


def _paths(data: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    names = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for name in names:
        yield (*above, name)
        yield from _paths(data[name], (*above, name))


def _changed(data: Any, path: tuple[Any, ...], value: object) -> Any:
    """Return a copy with another value in one place; without the place where the value is None."""
    copied: Any = json.loads(json.dumps(data))
    holder = copied
    for name in path[:-1]:
        holder = holder[name]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return copied


def _field_faults(operation: Operation[Any], body: bytes) -> tuple[str, ...]:
    """Return the kinds of faults that change this answer."""
    if not body.startswith(b"{"):
        return ()
    plain = as_json(json.loads(body))
    return tuple(
        kind
        for kind, change in FIELD_FAULTS.items()
        if fields.change_one(body, operation.returns, change, None, Random(0)) != plain
    )


def measured() -> dict[str, Measured]:
    """Return what was found out, by route."""
    probes = _Probes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "LIFETIME", 10**9)  # days pass until there are labels for vendors
        driven(probes.after, lambda address: _Probing(address, probes))
    return {
        operation.route: Measured(
            frozenset(probes.refusals[operation]), _field_faults(operation, probes.good[operation][1])
        )
        for operation in operations()
    }
