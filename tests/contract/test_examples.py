"""Amazon's own examples are read, and what is written again is what they say."""

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from spshipping.operation import Call, Operation
from spshipping.transport.decode import Decoded
from spshipping.transport.http import HttpResponse
from spshipping.wire.convert import structure, to_dict
from spshipping.wire.model import Model
from spshipping.wire.odd_times import repair_time
from spshipping.wire.text import parse, render
from tests.at_once import decoded
from tests.contract.facts import Json, operations, routes

MODELS = os.environ.get("SPSHIPPING_MODELS")
if not MODELS:
    pytest.skip(
        "Amazon's examples are not ours to ship: set SPSHIPPING_MODELS to a folder with the Swagger files "
        "(shippingV2.json, ...) of https://github.com/amzn/selling-partner-api-models",
        allow_module_level=True,
    )
FOLDER = Path(MODELS)


class Example(NamedTuple):
    """A JSON value of Amazon's, and what it is an example of."""

    name: str
    body: Any
    type_: Any
    operation: Operation[Any]


def _swagger(file: str) -> Json:
    loaded: Json = json.loads((FOLDER / f"{file}.json").read_text("utf-8"), parse_float=Decimal)
    return loaded


def _static(response: Json) -> list[Json]:
    """Return what the static sandbox takes and answers; some files use another key."""
    behaviours: list[Json] = response.get("x-amzn-api-sandbox", {}).get("static", [])
    return [*behaviours, *response.get("x-amazon-spds-sandbox-behaviors", [])]


def _opened(body: Any) -> Any:
    return body["payload"] if isinstance(body, dict) and "payload" in body else body


def _described(operation: Operation[Any]) -> Json:
    file = routes()[operation.route].file
    described: Json = _swagger(file)["paths"][operation.path][operation.method.lower()]
    return described


def _examples(operation: Operation[Any]) -> Iterator[Example]:
    for status, response in _described(operation)["responses"].items():
        answers = list(response.get("examples", {}).values())
        for behaviour in _static(response):
            sent = behaviour.get("request", {}).get("parameters", {}).get("body", {}).get("value")
            if operation.body is not None and sent is not None and status.startswith("2"):
                yield Example(f"{operation.name} request", sent, operation.body, operation)
            answers.append(behaviour["response"])
        if status.startswith("2") and operation.returns is not type(None):
            for answer in answers:
                yield Example(f"{operation.name} {status}", _opened(answer), operation.returns, operation)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return to_dict(value) if isinstance(value, Model) else value


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str) and one != other:
        try:
            return repair_time(one) == repair_time(other)
        except (ValueError, ArithmeticError):
            return False
    return bool(one == other)


def _differing(example: Any, written: Any, path: str = "") -> Iterator[str]:
    """Yield the paths at which *written* does not say what *example* says; a null says nothing."""
    if isinstance(example, dict) and isinstance(written, dict):
        for key in {**example, **written}:
            dot = "." if path else ""
            yield from _differing(example.get(key), written.get(key), f"{path}{dot}{key}")
    elif isinstance(example, list) and isinstance(written, list) and len(example) == len(written):
        for index, pair in enumerate(zip(example, written, strict=True)):
            yield from _differing(*pair, f"{path}[{index}]")
    elif not _is_same(example, written):
        yield path


FRAGMENTS = {"getOrderItemsBuyerInfo 200": "one entry, without the list and the order around it"}
"""What Amazon gives for an example of an answer, and is none."""

_ALL = [example for operation in operations() for example in _examples(operation)]
UNREADABLE = [example.name for example in _ALL if structure(example.body, example.type_)[0] is None]
EXAMPLES = [
    example
    for example in _ALL
    if example.name not in FRAGMENTS or structure(example.body, example.type_)[0] is not None
]
ANSWERS = [example for example in EXAMPLES if example.type_ is example.operation.returns]


def test_there_are_examples() -> None:
    assert len({example.name for example in EXAMPLES}) >= 6


def test_nothing_but_a_fragment_is_not_read() -> None:
    assert list(FRAGMENTS) == UNREADABLE


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_read_and_written_as_it_is(example: Example) -> None:
    read, deviations = structure(example.body, example.type_)
    assert read is not None

    written = parse(render(_plain(read)))

    assert structure(written, example.type_)[0] == read
    repaired = {path for path, _ in deviations}
    assert set(_differing(example.body, written)) <= repaired


@pytest.mark.parametrize("example", ANSWERS, ids=lambda example: example.name)
def test_an_answer_is_read_with_and_without_its_envelope(example: Example) -> None:
    call = Call(example.operation, path={}, query={}, headers={}, body=None)
    bodies = [{"payload": example.body}] if example.operation.envelope else []
    for body in (*bodies, example.body):
        read = decoded(call, HttpResponse(200, {}, render(body)))
        assert isinstance(read, Decoded)
        assert (read.value, read.deviations) == structure(example.body, example.type_)


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_the_example_of_a_parameter_is_taken(operation: Operation[Any]) -> None:
    described = {facts["name"]: facts for facts in _described(operation)["parameters"]}
    for parameter in (*operation.query, *operation.headers):
        example = described[parameter.name].get("x-example")
        if example is not None:
            assert parameter.write(example)
