"""Additional inputs are checked against the schema that Amazon returned, before the purchase."""

import logging
import sys
import traceback
from decimal import Decimal
from typing import Any

import pytest

from spshipping.errors import ConfigurationError, DecodeError, InvalidRequestError
from spshipping.shipping import (
    GET_ADDITIONAL_INPUTS,
    PURCHASE_SHIPMENT,
    PurchaseShipmentRequest,
    check_additional_inputs,
)
from spshipping.transport.http import HttpResponse
from tests.drives import CLIENTS, MakeClient
from tests.kit import ScriptedTransport, answer
from tests.unit.shipping.build import specification

SCHEMA: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["contact"],
    "additionalProperties": False,
    "properties": {
        "contact": {
            "type": "object",
            "required": ["phone"],
            "properties": {"phone": {"type": "string", "minLength": 5}},
        },
        "parcels": {
            "type": "array",
            "items": {"properties": {"weight": {"type": "number", "multipleOf": Decimal("0.5")}}},
        },
        "port": {"enum": [f"HARBOUR-{number}" for number in range(50)]},
    },
}
GOOD = {"contact": {"phone": "01234 5678"}, "parcels": [{"weight": Decimal("1.5")}, {"weight": 2}]}
SECRET = "0170"


def problem(inputs: dict[str, Any] | None, schema: Any = SCHEMA) -> InvalidRequestError:
    """Return why *inputs* are refused."""
    with pytest.raises(InvalidRequestError) as caught:
        check_additional_inputs(inputs, schema)
    return caught.value


@pytest.mark.parametrize("schema", [SCHEMA, {}, {"properties": []}, {"required": [], "properties": {}}])
def test_inputs_that_satisfy_the_schema_pass(schema: dict[str, Any]) -> None:
    check_additional_inputs(GOOD, schema)


@pytest.mark.parametrize(
    ("inputs", "path", "text"),
    [
        (None, "additional_inputs.contact", "is needed by this rate"),
        ({}, "additional_inputs.contact", "is needed by this rate"),
        ({"contact": {}}, "additional_inputs.contact.phone", "is needed by this rate"),
        ({"contact": {"phone": SECRET}}, "additional_inputs.contact.phone", "breaks the rule minLength: 5"),
        ({"contact": SECRET}, "additional_inputs.contact", "breaks the rule type: 'object'"),
        ({**GOOD, SECRET: SECRET}, "additional_inputs", "has a property that the schema"),
        (
            {**GOOD, "parcels": [{"weight": 1}, {"weight": Decimal("0.3")}]},
            "additional_inputs.parcels[1].weight",
            "breaks the rule multipleOf: 0.5",
        ),
        ({**GOOD, "port": SECRET}, "additional_inputs.port", "breaks the rule enum: ['HARBOUR-0', "),
    ],
)
def test_what_is_missing_or_wrong_is_named_without_its_value(
    inputs: dict[str, Any] | None, path: str, text: str
) -> None:
    error = problem(inputs)
    assert error.path == path
    assert text in str(error)
    assert len(str(error)) < 400
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    hidden = [frame for frame in shown.stack if frame.filename.endswith("shipping/additional_inputs.py")]
    assert hidden
    assert not any(frame.locals for frame in hidden)
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "https://example.com/schema.json"},
        {"properties": {"contact": {"$ref": "#"}}, "$ref": "#"},
    ],
)
def test_a_schema_that_cannot_be_used_is_said_to_be_so(schema: dict[str, Any]) -> None:
    with pytest.raises(DecodeError, match="cannot be used"):
        check_additional_inputs(GOOD, schema)


def test_without_the_extra_the_check_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema.exceptions", None)
    with pytest.raises(ConfigurationError, match=r'pip install "spshipping\[schema\]"'):
        check_additional_inputs(GOOD, SCHEMA)


@pytest.fixture(params=CLIENTS.values(), ids=list(CLIENTS))
def client_of(request: pytest.FixtureRequest) -> MakeClient:
    """Return what makes a client, over threads or over asyncio."""
    made: MakeClient = request.param
    return made


ASK = GET_ADDITIONAL_INPUTS(query={"requestToken": "t", "rateId": "r"})
BOUGHT = answer(200, {"payload": {"shipmentId": "S", "packageDocumentDetails": [], "promise": {}}})


def purchase(inputs: dict[str, Any] | None, rate_id: str = "r") -> Any:
    """Return the call that buys a rate with these inputs."""
    body = PurchaseShipmentRequest(
        request_token="t",
        rate_id=rate_id,
        requested_document_specification=specification(),
        additional_inputs=inputs,
    )
    return PURCHASE_SHIPMENT(body=body)


def schema_of(schema: dict[str, Any]) -> HttpResponse:
    """Return Amazon's answer with a schema."""
    return answer(200, {"payload": schema})


CONTACT = {"type": "object", "required": ["contact"]}


def test_a_client_checks_a_purchase_by_the_schema_it_has_received(client_of: MakeClient) -> None:
    transport = ScriptedTransport([schema_of(CONTACT), BOUGHT, BOUGHT])
    client = client_of(transport)
    client.send(ASK).value.clear()  # what the caller does with its own copy changes nothing
    without: tuple[dict[str, Any] | None, ...] = ({}, None)
    for inputs in without:
        with pytest.raises(InvalidRequestError) as caught:
            client.send(purchase(inputs))
        assert caught.value.path == "additional_inputs.contact"
    assert len(transport.requests) == 1
    assert client.send(purchase({"contact": "x"})).value.shipment_id == "S"
    assert client.send(purchase(None, "another")).value.shipment_id == "S"


def test_a_purchase_that_is_restored_from_its_bytes_is_not_checked(client_of: MakeClient) -> None:
    transport = ScriptedTransport([schema_of(CONTACT), BOUGHT])
    client = client_of(transport)
    client.send(ASK)
    restored = PURCHASE_SHIPMENT.restore(path={}, query={}, headers={}, content=b"{}").with_key("k")
    assert client.send(restored).value.shipment_id == "S"
    assert transport.requests[1].body == b"{}"


@pytest.mark.parametrize("schema", [CONTACT, {"type": "nonsense"}])
def test_what_cannot_be_checked_is_bought_with_a_warning(
    client_of: MakeClient,
    schema: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = client_of(ScriptedTransport([schema_of(schema), BOUGHT]))
    client.send(ASK)
    if schema is CONTACT:
        monkeypatch.setitem(sys.modules, "jsonschema.exceptions", None)
    with caplog.at_level(logging.WARNING, "spshipping"):
        assert client.send(purchase({})).value.shipment_id == "S"
    (message,) = caplog.messages
    assert message.startswith("purchaseShipment: the additional inputs are sent without being checked: ")
