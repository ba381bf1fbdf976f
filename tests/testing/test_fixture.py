"""The form of fixtures: what is read is what is meant, and what is wrong is named."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, Effect, Operation, Quota
from spshipping.testing.fixture import (
    Fixture,
    FixtureRequest,
    FixtureResponse,
    fixture_bytes,
    fixture_of,
    json_of,
    read_fixture,
    read_fixtures,
    write_fixture,
)

ROUTE = "/shipping/v2/shipments"
OWN = Operation(
    name="getThing",
    route="GET /things/v1/things/{thingId}",
    returns=dict[str, Any],
    quota=Quota(1, burst=1),
    effect=Effect.NONE,
)


def written(**changes: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "operation": "purchaseShipment",
        "why": "a label is bought",
        "request": {
            "method": "POST",
            "path": ROUTE,
            "headers": {"X-Amzn-IdempotencyKey": "k"},
            "body": {"a": 1},
        },
        "response": {"status": 200, "headers": {"Date": "now"}, "body": {"payload": {"cost": 5}}},
    }
    for path, value in changes.items():
        *places, last = path.split("__")
        part = whole
        for place in places:
            part = part[place]
        part[last] = value
    return whole


def read(whole: Any, **more: Any) -> Fixture:
    return fixture_of(json.dumps(whole).encode(), Path("a.json"), **more)


def test_what_is_written_is_read() -> None:
    fixture = read(written())
    assert fixture.operation == "purchaseShipment"
    assert fixture.why == "a label is bought"
    assert fixture.file == Path("a.json")
    assert (fixture.request.method, fixture.request.path, fixture.request.query) == ("POST", ROUTE, {})
    assert fixture.request.headers == {"x-amzn-idempotencykey": "k"}
    assert fixture.response.headers == {"date": "now"}
    assert (fixture.response.status, fixture.response.content) == (200, b'{"payload":{"cost":5}}')
    assert "cost" not in repr(fixture)
    assert "idempotency" not in repr(fixture)


def test_fractions_keep_their_digits() -> None:
    data = fixture_bytes(read(written())).replace(b'"cost": 5', b'"cost": 5.10')
    fixture = fixture_of(data, Path("a.json"))
    assert json_of(fixture.response.content) == {"payload": {"cost": Decimal("5.10")}}
    assert b'"cost": 5.10' in fixture_bytes(fixture)


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ({"text": "not json"}, b"not json"),
        ({"base64": "/wA="}, b"\xff\x00"),
        ({"json": None}, b"null"),
        ({"json": {"text": "really"}}, b'{"text":"really"}'),
        ([], b"[]"),
        ({}, b"{}"),
        ({"text": 1, "more": 2}, b'{"text":1,"more":2}'),
        ("words", b'"words"'),
        ({"text": ""}, b""),
    ],
)
def test_every_body_has_a_form_that_is_read_back(body: Any, content: bytes) -> None:
    fixture = read(written(response__body=body))
    assert fixture.response.content == content
    assert json.loads(fixture_bytes(fixture))["response"]["body"] == body
    assert fixture_of(fixture_bytes(fixture), Path("b.json")) == fixture


def test_where_there_is_no_body_none_is_written() -> None:
    whole = written()
    del whole["response"]["body"]
    fixture = read(whole)
    assert fixture.response.content is None
    assert "body" not in json.loads(fixture_bytes(fixture))["response"]


def test_a_fixture_is_indented_and_ends_with_a_line_end() -> None:
    assert (
        fixture_bytes(read(written(response__body=[1, {"é": []}])))
        .decode()
        .endswith('    "body": [\n      1,\n      {\n        "é": []\n      }\n    ]\n  }\n}\n')
    )


_LONG = "x" * 30


@pytest.mark.parametrize(
    ("whole", "message"),
    [
        ([], "a.json: the whole file: it is not an object"),
        (written(more=1), "the whole file: there is no key 'more'; the keys are operation, why,"),
        ({"operation": "x"}, "the whole file: 'why' is missing"),
        (written(why=" "), "why: it is not text, or empty"),
        (
            written(operation="buyLabel"),
            "operation: there is no operation 'buyLabel'; use Amazon's operationId",
        ),
        (written(request=1), "request: it is not an object"),
        (written(request__method="post"), "request.method: a method is written in capital letters"),
        (written(request__method="GET"), f"request.path: purchaseShipment is POST {ROUTE}"),
        (written(request__path="https://a.b/c"), "request.path: a path begins with /"),
        (written(request__path="/a?b=c"), "request.path: a path begins with /"),
        (written(request__path="/é"), "request.path: a path begins with /"),
        (written(request__query=[]), "request.query: it is not an object"),
        (written(request__query={"a": 1}), "request.query.a: it is not text"),
        (written(request__headers={"A": "1", "a": "2"}), "request.headers: two names differ only in capital"),
        (
            written(request__headers={"Authorization": "x"}),
            "request.headers.Authorization: this header holds a",
        ),
        (written(request__body=None), "request.body: leave it out where there is no body"),
        (written(response__status="200"), "response.status: a status is a whole number from 100 to 599"),
        (written(response__status=True), "response.status: a status is a whole number"),
        (written(response__status=600), "response.status: a status is a whole number"),
        (written(response__body={"text": 5}), "response.body.text: it is not text"),
        (written(response__body={"base64": "!"}), "response.body.base64: it is not base64"),
        (written(request__body=[{"a": f"Atza|{_LONG}"}]), r"request.body\[0\].a: it has the form of a token"),
        (written(request__body={f"Atzr|{_LONG}": 1}), "request.body: it has the form of a token"),
        (
            written(response__body={"base64": "QXR6LnNwcmR0fGFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="}),
            "response.body: it has",
        ),
        (written(why="AKIA" + "A" * 16), "why: it has the form of a token or a secret key: replace it"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(whole: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^a.json: {message.removeprefix('a.json: ')}") as caught:
        read(whole)
    assert _LONG not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "it is no JSON: Expecting"),
        (b'{"why": 1, "why": 2}', "it is no JSON: the key 'why' is there twice in one object"),
        (b'{"a": NaN}', "it is no JSON: NaN is not allowed in JSON"),
        (b"\xff", "it is no JSON: "),
        (b"[" * 100_000, "it is no JSON: "),
    ],
)
def test_what_is_no_json_is_named(data: bytes, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^a.json: {message}"):
        fixture_of(data, Path("a.json"))


def test_operations_of_ones_own_are_given() -> None:
    whole = written(operation="getThing", request={"method": "GET", "path": "/things/v1/things/7"})
    with pytest.raises(ConfigurationError, match="there is no operation 'getThing'"):
        read(whole)
    assert read(whole, also=[OWN]).operation == "getThing"


def test_a_file_is_written_and_read_back(tmp_path: Path) -> None:
    file = tmp_path / "shipping" / "one.json"
    write_fixture(file, read(written()))
    assert read_fixture(file) == read(written())
    assert read_fixture(file).file == file


@pytest.mark.parametrize("spoil", [lambda: "AKIA" + "A" * 16, lambda: ""])
def test_what_is_no_fixture_is_not_written(spoil: Callable[[], str], tmp_path: Path) -> None:
    bad = Fixture(
        operation="getRates",
        why=spoil(),
        request=FixtureRequest(method="POST", path="/shipping/v2/shipments/rates"),
        response=FixtureResponse(status=200),
    )
    with pytest.raises(ConfigurationError, match=r"one\.json: why"):
        write_fixture(tmp_path / "one.json", bad)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_read_whole_in_order(tmp_path: Path) -> None:
    for name in ("b/2.json", "b/1.json", "a.json"):
        write_fixture(tmp_path / name, read(written(why=name)))
    assert [fixture.why for fixture in read_fixtures(tmp_path)] == ["a.json", "b/1.json", "b/2.json"]
    assert [fixture.why for fixture in read_fixtures(tmp_path / "a.json")] == ["a.json"]


def test_where_nothing_can_be_read_the_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no \*\.json in it, or no such folder"):
        read_fixtures(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match=r"gone\.json: it cannot be read: No such file"):
        read_fixture(tmp_path / "gone.json")


@pytest.mark.parametrize("depth", [300, 5000])
def test_what_is_nested_too_deeply_is_refused(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "deep.json"
    path.write_text('{"operation": ' + "[" * depth + "]" * depth + "}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"deep\.json: it is no JSON: "):
        read_fixture(path)


def test_half_of_a_surrogate_pair_in_a_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    request = {"method": "PUT", "path": "/shipping/v2/shipments/S-1/cancel"}
    answer = {"status": 500, "body": {"text": "\ud800"}}
    written = {"operation": "cancelShipment", "why": "odd", "request": request, "response": answer}
    path.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"response\.body\.text: it holds half of a surrogate pair"):
        read_fixture(path)
