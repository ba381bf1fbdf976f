"""Calls of every operation as Amazon describes them, and a client that notes what came back on the wire."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from spshipping import Client, Credentials, Marketplace, RetryPolicy
from spshipping.auth.cache import TokenCache
from spshipping.operation import Call, Operation
from spshipping.sandbox import Sandbox
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.contract.drawn import bodies
from tests.contract.facts import routes
from tests.contract.operation_laws import written
from tests.security.world import Plenty

VIOLATIONS = "sl-violations"
"""The header in which Prism says what breaks Amazon's description."""


class Seen(NamedTuple):
    """What came back for one request to Prism."""

    method: str
    path: str
    status: int
    violations: str
    body: bytes

    @property
    def of_the_request(self) -> list[str]:
        """What is wrong with the request, as far as Prism can see."""
        return [text for where, text in self._entries() if where == "request"]

    @property
    def of_the_answer(self) -> list[str]:
        """What is wrong with the answer."""
        return [text for where, text in self._entries() if where == "response"]

    def _entries(self) -> Iterator[tuple[str, str]]:
        for entry in json.loads(self.violations or "[]"):
            where, *rest = entry["location"]
            yield where, f"{'.'.join(rest)}: {entry['message']}"


class Watching:
    """Sends with requests, with Prism's own parameters put beside, and notes what comes back."""

    def __init__(self, address: str, **parameters: object) -> None:
        self.seen: list[Seen] = []
        self._address = address
        self._more = urlencode(parameters)
        self._inner = RequestsTransport()

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if not request.url.startswith(self._address):
            return self._inner.exchange(request, limits)
        mark = "&" if "?" in request.url else "?"
        url = f"{request.url}{mark}{self._more}" if self._more else request.url
        sent = HttpRequest(request.method, url, request.headers, request.body)
        sent.needs_new_connection = request.needs_new_connection
        answer = self._inner.exchange(sent, limits)
        request.was_sent = sent.was_sent
        if isinstance(answer, HttpResponse):
            violations = answer.headers.get(VIOLATIONS, "")
            path = urlsplit(request.url).path
            self.seen.append(Seen(request.method, path, answer.status, violations, answer.body))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


@contextmanager
def client_of(address: str, sandbox: Sandbox, **parameters: object) -> Iterator[tuple[Client, Watching]]:
    """Make a client whose calls go to Prism; it signs in at the sandbox."""
    watching = Watching(address, **parameters)
    with Client(
        Credentials(**sandbox.credentials),
        Marketplace.UK,
        endpoint=address,
        token_url=sandbox.token_url,
        token_cache=TokenCache(),
        quota=Plenty(),
        retry=RetryPolicy(attempts=1),
        # Prism's tokens would open nothing, and cannot be kept
        restricted_data_token="Atz.sprdt|prism",
        transport=watching,
    ) as client:
        yield client, watching


def call_of(operation: Operation[Any], seed: int) -> Call[Any]:
    """Return a call with every parameter, and a body that is drawn."""
    described = routes()[operation.route].facts["parameters"]
    values = {facts["name"]: _value(facts, seed) for facts in described}
    body = bodies(operation, 10, unlisted=False)[seed % 10] if operation.body else None
    return operation(
        path={name: values[name] for name in operation.path_names},
        query={parameter.name: values[parameter.name] for parameter in operation.query},
        headers={parameter.name: values[parameter.name] for parameter in operation.headers},
        body=body,
    )


def _value(facts: dict[str, Any], seed: int) -> Any:
    kind = written(facts)
    if kind == "list":
        return [_one(facts["items"], seed)]
    if kind == "time":
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=seed)
    if kind == "boolean":
        return seed % 2 == 0
    if kind in ("integer", "number"):
        least = max(1, facts.get("minimum", 1))
        return min(least + seed, facts.get("maximum", 100))
    return _one(facts, seed)


def _one(facts: dict[str, Any], seed: int) -> str:
    listed: list[str] = [*facts.get("enum", ()), *facts.get("values", ())]
    plain = f"T-{seed}" if facts.get("in") == "header" else f"T {seed}/ü+&"
    return listed[seed % len(listed)] if listed else plain
