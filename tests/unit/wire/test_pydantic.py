"""Models as fields, bodies and answers of pydantic and FastAPI."""

import asyncio
import json
import subprocess
import sys
from decimal import Decimal
from typing import Annotated, Any

import httpx
import jsonschema
import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError

import spshipping
from spshipping.notifications import DestinationResourceSpecification
from spshipping.orders import AmazonOrder
from spshipping.shipping import Address, Currency, Package
from spshipping.testing import factories
from spshipping.wire.check import problems
from spshipping.wire.model import Model
from tests.contract.facts import models

HOME = {
    "name": "Jürgen Müller",
    "addressLine1": "Unter den Linden 1",
    "stateOrRegion": "BE",
    "city": "Berlin",
    "postalCode": "10117",
    "countryCode": "DE",
}


class Order(BaseModel):
    """A model of a user's own that holds models of this package."""

    reference: str
    to: Address
    paid: Currency | None = None


def _whole(cls: type[Model]) -> list[Model]:
    """Return values of a model that a request may have: one with what is required alone, one with all."""
    return [model for model in (factories.minimal(cls), factories.full(cls)) if not any(problems(model))]


def test_every_model_is_written_as_to_dict_writes_it_and_read_back() -> None:
    seen = 0
    for cls in models():
        adapter: TypeAdapter[Any] = TypeAdapter(cls)
        for model in _whole(cls):
            written = spshipping.to_dict(model)
            assert adapter.dump_python(model) == written, cls.__name__
            assert json.loads(adapter.dump_json(model)) == json.loads(json.dumps(written, default=str)), cls
            assert spshipping.to_dict(adapter.validate_python(written)) == written, cls.__name__
            assert adapter.validate_python(model) is model, cls.__name__
            seen += 1
    assert seen > len(models())


@pytest.mark.long
def test_every_model_fits_its_schema_and_pydantic_has_the_same_one() -> None:
    for cls in models():
        schema = spshipping.json_schema(cls)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        adapter: TypeAdapter[Any] = TypeAdapter(cls)
        for model in _whole(cls):
            validator.validate(json.loads(json.dumps(spshipping.to_dict(model), default=float)))
        for mode in ("validation", "serialization"):
            of_pydantic = adapter.json_schema(mode=mode)
            assert of_pydantic == {name: part for name, part in schema.items() if name != "$schema"}


def test_a_schema_says_of_which_fields_exactly_one_is_stated() -> None:
    schema = spshipping.json_schema(DestinationResourceSpecification)
    assert schema["oneOf"] == [{"required": ["sqs"]}, {"required": ["eventBridge"]}]


def test_a_schema_says_what_a_request_is_held_to() -> None:
    schema = spshipping.json_schema(Address)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Address"
    assert schema["required"] == [
        "name",
        "addressLine1",
        "stateOrRegion",
        "city",
        "countryCode",
        "postalCode",
    ]
    assert schema["properties"]["name"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 50,
        "x-personal": True,
    }
    assert schema["properties"]["geocode"] == {"$ref": "#/$defs/Geocode", "x-personal": True}
    assert list(schema["$defs"]) == ["Geocode"]


def test_the_schema_of_an_order_is_its_own() -> None:
    assert spshipping.json_schema(AmazonOrder) == AmazonOrder.json_schema()
    stated = {name: part for name, part in AmazonOrder.json_schema().items() if name != "$schema"}
    assert TypeAdapter(AmazonOrder).json_schema() == stated


def test_a_model_is_a_field_in_the_form_of_to_dict() -> None:
    order = Order.model_validate({"reference": "1001", "to": HOME, "paid": {"value": "12.50", "unit": "EUR"}})

    assert order.paid == Currency(value=Decimal("12.50"), unit="EUR")
    assert order.model_dump() == {"reference": "1001", "to": HOME, "paid": {"value": 12.5, "unit": "EUR"}}
    assert '"paid":{"value":12.5,"unit":"EUR"}' in order.model_dump_json()
    assert Order.model_validate_json(order.model_dump_json()) == order
    assert "Jürgen" not in repr(order)


def test_a_number_that_no_float_holds_is_text_in_json_and_is_read_back() -> None:
    adapter = TypeAdapter(Currency)
    amount = Currency(value=Decimal("12345678901234567890.123"), unit="GBP")

    assert adapter.dump_json(amount) == b'{"value":"12345678901234567890.123","unit":"GBP"}'
    assert adapter.validate_json(adapter.dump_json(amount)) == amount


def test_what_is_wrong_is_named_as_it_is_spelled_and_nothing_of_the_person_is_shown() -> None:
    broken = {**HOME, "name": "Jürgen Müller " * 9, "city": None}
    del broken["postalCode"]

    with pytest.raises(ValidationError) as caught:
        Order.model_validate({"reference": "1001", "to": broken})

    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [
        (("to", "city"), "is required, and is null"),
        (("to", "postalCode"), "is required, and is missing"),
    ]
    assert "Jürgen" not in str(caught.value) + caught.value.json()


@pytest.mark.parametrize(
    ("field", "value", "loc", "said"),
    [
        ("name", "Ö" * 51, ("to", "name"), "has 51 characters; Amazon takes 1 to 50"),
        ("addressLine2", [1], ("to", "addressLine2"), "is not what Amazon defines for this field"),
        ("geocode", 5, ("to", "geocode"), "is not what Amazon defines for this field"),
    ],
)
def test_a_field_outside_its_limits_or_of_another_kind(
    field: str, value: object, loc: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate({"reference": "1001", "to": {**HOME, field: value}})
    (error,) = caught.value.errors()
    assert (error["loc"], error["msg"], error["input"]) == (loc, said, "…")


def test_the_path_of_a_limit_leads_through_lists() -> None:
    parcel = spshipping.to_dict(next(model for model in _whole(Package) if model.items))  # type: ignore[attr-defined]  # a Package
    parcel["items"][0]["itemValue"] = {"value": 1, "unit": "pounds"}

    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[Package]).validate_python([parcel])

    (error,) = caught.value.errors()
    assert error["loc"] == (0, "items", 0, "itemValue", "unit")


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValidationError, match="is not what Amazon defines"):
        TypeAdapter(Address).validate_python("Berlin")


def test_fastapi_takes_models_as_bodies_and_answers() -> None:
    app = FastAPI()

    @app.post("/address")
    def address(address: Annotated[Address, Body()]) -> Address:
        return address

    @app.get("/amounts")
    def amounts() -> list[Currency]:
        return [Currency(value=Decimal("12.10"), unit="GBP")]

    refused, taken, paid, described = asyncio.run(
        _answers(
            app,
            ("POST", "/address", {**HOME, "countryCode": None}),
            ("POST", "/address", HOME),
            ("GET", "/amounts", None),
            ("GET", "/openapi.json", None),
        )
    )

    assert refused.status_code == 422
    assert refused.json()["detail"] == [
        {
            "type": "amazon",
            "loc": ["body", "countryCode"],
            "msg": "is required, and is null",
            "input": "…",
            "ctx": {"text": "is required, and is null"},
        }
    ]
    assert taken.json() == HOME
    assert paid.text == '[{"value":12.1,"unit":"GBP"}]'
    schemas = described.json()["components"]["schemas"]
    assert schemas["Address"]["properties"]["geocode"]["$ref"] == "#/components/schemas/Geocode"


async def _answers(app: FastAPI, *requests: tuple[str, str, object]) -> list[httpx.Response]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        return [await client.request(method, path, json=body) for method, path, body in requests]


def test_pydantic_is_loaded_only_when_it_asks() -> None:
    program = (
        "import sys; from spshipping.shipping import Address; import spshipping;"
        "spshipping.json_schema(Address); print('pydantic' in sys.modules, 'pydantic_core' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
