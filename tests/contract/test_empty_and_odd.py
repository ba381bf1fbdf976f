"""B1 and B2 by law: empty answers and values of another kind, over all operations and all fields."""

from typing import Any

import pytest

from spshipping.errors import DecodeError
from spshipping.operation import Call, Effect, Operation, Quota
from spshipping.transport.decode import Decoded
from spshipping.transport.http import HttpResponse
from spshipping.wire.convert import structure
from spshipping.wire.shapes import fields_of
from tests.at_once import decoded
from tests.contract.facts import models, operations
from tests.drives import CLIENTS, MakeClient
from tests.kit import ScriptedTransport, Step, answer
from tests.unit.samples import Gift

WHOLE = {"content-length": "2", "x-amzn-requestid": "r1"}
OBJECTS = (b"{}", b'{"payload":{}}')
EMPTY: tuple[tuple[int, bytes], ...] = (
    *((200, body) for body in (b'{"payload":[]}', b"[]", b'{"payload":null}', b"null", b"", b" \n")),
    (204, b""),
)


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.route)
def test_b1_an_empty_answer_of_any_shape_is_what_the_empty_object_is(operation: Operation[Any]) -> None:
    call = Call(operation, path={}, query={}, headers={}, body=None)
    bodies = OBJECTS if operation.envelope else OBJECTS[:1]
    expected = [decoded(call, HttpResponse(200, WHOLE, body)) for body in bodies]
    for status, body in EMPTY:
        if b"payload" in body and not operation.envelope:
            continue
        found = decoded(call, HttpResponse(status, WHOLE, body))
        for each in expected:
            if isinstance(each, Decoded):
                assert isinstance(found, Decoded), body
                assert found.value == each.value
                if operation.returns is not type(None) and not isinstance(each.value, list):
                    assert [path for path, _ in found.deviations] == [""]
            else:
                # something that is needed is missing
                assert not isinstance(found, Decoded), body
                assert isinstance(found.error, DecodeError)


PLAIN: dict[str, list[tuple[Any, Any]]] = {
    "str": [(True, "true"), (False, "false"), (7, "7")],
    "int": [("7", 7), (True, 1), (False, 0)],
    "bool": [("true", True), ("false", False), (1, True), (0, False)],
}
"""What may come for each kind of field, and what it is read as."""


@pytest.mark.parametrize("cls", models(), ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_b2_text_numbers_and_booleans_are_converted_in_every_field(cls: Any) -> None:
    for field in fields_of(cls):
        for came, expected in PLAIN.get(field.shape.kind, ()):
            found, deviations = structure({field.wire: came}, cls)
            read = getattr(found, field.name)
            assert (read, type(read)) == (expected, type(expected)), (field.name, came)
            assert (field.wire, "converted") in [tuple(each) for each in deviations], (field.name, came)


READ = Operation(
    name="read", route="GET /gift", returns=Gift, quota=Quota(100, burst=100), effect=Effect.NONE
)


@pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)
@pytest.mark.parametrize("body", [[1], "ok", 7, None])
def test_b1_an_answer_that_is_something_else_is_not_read_four_times(make: MakeClient, body: Any) -> None:
    network = ScriptedTransport([answer(200, body)] * 4)
    with pytest.raises(DecodeError) as caught:
        make(network).send(READ())
    assert (len(network.requests), caught.value.attempts) == (2, 2)


@pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)
def test_b1_what_may_have_been_broken_on_the_way_is_read_again(make: MakeClient) -> None:
    cut, good = HttpResponse(200, {}, b""), answer(200, {"giftId": "1"})
    for steps in ([answer(200, [1]), good], [answer(200, b"{")] * 3 + [good], [cut, cut, cut, good]):
        network = ScriptedTransport(list[Step](steps))
        assert make(network).send(READ()).meta.attempts == len(steps)
