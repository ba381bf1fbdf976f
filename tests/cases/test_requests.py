"""What leaves the machine: every operation's request, byte for byte as a server sees it."""

import json
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from spshipping import Call, Effect, InvalidRequestError, Items, Operation, Parameter, Quota, Range
from spshipping import operations as all_operations
from spshipping.regions import BUSINESS_HEADER
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.build import build
from spshipping.transport.http import HttpResponse, Limits
from tests.contract.drawn import drawn
from tests.sandbox.wire import Play, playing
from tests.sandbox.wire import response as answered
from tests.unit.samples import BUSINESS, Gift, Wish

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
VALUES: Mapping[str, tuple[Any, str]] = {
    "text": ("a+b/c==%2F|é &x", "a+b/c==%2F|é &x"),
    "integer": (203, "203"),
    "boolean": (True, "true"),
    "time": (NOON, "2026-01-31T10:00:00Z"),
    "list": (["A1", "B2"], "A1,B2"),
}
"""How a parameter is written -> a value, and what must arrive."""

EVERYTHING = tuple(Parameter(f"q-{written}", written) for written in VALUES)  # type: ignore[arg-type]  # the kinds there are
OWN = [
    Operation(
        f"own{method}{kind.name}",
        f"{method} /own/{{first}}/{{second}}",
        returns=Gift,
        quota=Quota(1.0, 10),
        effect=kind,
        body=body,
        query=EVERYTHING,
        headers=(BUSINESS,),
    )
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    for kind in (Effect.NONE, Effect.IDEMPOTENT)
    for body in (None, *([] if method == "GET" else [Wish]))
]
"""Operations with parameters of every kind, for what none of the package's has."""


def value_of(parameter: Parameter) -> tuple[Any, str]:
    """Return a value within the limits of a parameter, and what must arrive."""
    value, written = VALUES[parameter.written]
    for limit in parameter.limits:
        if isinstance(limit, Range):
            value, written = limit.most, str(limit.most)
        elif isinstance(limit, Items):
            value = value[: limit.most]
            written = ",".join(value)
    return value, written


def call_of(operation: Operation[Any]) -> Call[Any]:
    """Make a call with every parameter that the operation has."""
    return operation(
        path={name: f"{name}/é" for name in operation.path_names},
        query={p.name: value_of(p)[0] for p in operation.query},
        headers={p.name: "UK" if p.name == BUSINESS_HEADER else "value" for p in operation.headers},
        body=_body(operation.body),
    )


def _body(cls: Any) -> Any:
    if cls is None:
        return None
    return Wish(text="é") if cls is Wish else drawn(cls, 5)[-1]


def received(calls: list[Call[Any]]) -> Iterator[tuple[Call[Any], bytes, dict[str, str], bytes]]:
    """Send every call over one connection; yield it with the request line, headers and body that arrived."""

    def make(read: Any) -> list[Play]:
        def play(connection: socket.socket) -> None:
            for _ in calls:
                read(connection)
                connection.sendall(answered(b"{}"))

        return [play]

    with playing(make) as server:
        transport = RequestsTransport()
        for call in calls:
            request = build(call, server.url, "agent", {})
            assert isinstance(transport.exchange(request, Limits(2.0, 2.0, 1e12)), HttpResponse)
        transport.close()
    for call, raw in zip(calls, server.received, strict=True):
        head, _, body = raw.partition(b"\r\n\r\n")
        line, *rest = head.decode("ascii").split("\r\n")
        pairs = [text.split(": ", 1) for text in rest]
        headers = {name.lower(): value for name, value in pairs}
        assert len(headers) == len(pairs), "a header stands twice"
        yield call, line.encode(), headers, body


OPERATIONS = [*all_operations(), *OWN]


def test_there_are_operations_with_and_without_a_body_of_every_verb() -> None:
    kinds = {(operation.method, operation.body is None) for operation in OPERATIONS}
    assert kinds >= {("GET", True), ("POST", False), ("PUT", True), ("DELETE", True)}


def test_a_get_has_no_body_and_nothing_that_speaks_of_one() -> None:
    calls = [call_of(operation) for operation in OPERATIONS if operation.method == "GET"]
    for _, line, headers, body in received(calls):
        assert line.startswith(b"GET /")
        assert body == b""
        assert not {"content-length", "content-type", "transfer-encoding", "expect"} & headers.keys()


@pytest.mark.long
def test_what_is_no_get_says_how_long_its_body_is_and_sends_just_that() -> None:
    calls = [call_of(operation) for operation in OPERATIONS if operation.method != "GET"]
    for call, _, headers, body in received(calls):
        assert headers["content-length"] == str(len(body))
        assert "transfer-encoding" not in headers
        if call.operation.body is None:
            assert body == b""
            assert "content-type" not in headers
        else:
            assert headers["content-type"] == "application/json"
            assert isinstance(json.loads(body), dict)
            assert None not in json.loads(body).values()


def test_case_60_every_parameter_arrives_as_amazon_writes_it() -> None:
    for call, line, headers, _ in received([call_of(operation) for operation in OPERATIONS]):
        parts = urlsplit(line.split(b" ")[1].decode("ascii"))
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        operation = call.operation
        assert pairs == [(p.name, value_of(p)[1]) for p in operation.query]
        # a space is %20 and never a plus, which not every server reads as a space
        assert "+" not in parts.query
        for name in ("accept", "user-agent", "host", "accept-encoding", "connection"):
            headers.pop(name, None)
        assert headers.keys() - {"content-length", "content-type"} == {
            p.name.lower() for p in operation.headers
        }


def test_case_59_every_path_parameter_arrives_as_one_segment() -> None:
    for call, line, _, _ in received([call_of(operation) for operation in OPERATIONS]):
        path = line.split(b" ")[1].decode("ascii").partition("?")[0]
        expected = [
            f"{part[1:-1]}%2F%C3%A9" if part.startswith("{") else part
            for part in call.operation.path.split("/")
        ]
        assert path.split("/") == expected


@pytest.mark.parametrize(
    "time", [NOON, NOON.astimezone(UTC), "TEST_CASE_200"], ids=["elsewhere", "UTC", "magic word"]
)
def test_case_60_times_are_utc_and_amazons_magic_words_travel_as_they_are(time: Any) -> None:
    written = Parameter("createdAfter", "time").write(time)
    assert written == (time if isinstance(time, str) else "2026-01-31T10:00:00Z")


@pytest.mark.parametrize("odd", [datetime(2026, 1, 31, 12), 1, 1.5, True, None, b"2026"])  # noqa: DTZ001 - the point
def test_case_60_what_is_no_time_with_a_zone_is_refused(odd: Any) -> None:
    with pytest.raises(InvalidRequestError, match="createdAfter"):
        Parameter("createdAfter", "time").write(odd)
