"""ORDER_CHANGE is read as Amazon's own schema of the notification describes it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spshipping.notifications import Notification, OrderChangeNotification, parse_notification
from spshipping.wire.convert import to_dict
from spshipping.wire.model import Model, extra
from spshipping.wire.times import read_time
from tests.contract import model_laws
from tests.contract.differences import said
from tests.contract.facts import Json
from tests.contract.model_laws import Pair, inner_pairs

FOLDER = os.environ.get("SPSHIPPING_MODELS")
if not FOLDER:
    pytest.skip(
        "Amazon's schema is not ours to ship: set SPSHIPPING_MODELS to a folder with it, as "
        "notification-ORDER_CHANGE.schema.json, from the schemas/notifications folder of "
        "https://github.com/amzn/selling-partner-api-models",
        allow_module_level=True,
    )
SCHEMA: Json = json.loads((Path(FOLDER) / "notification-ORDER_CHANGE.schema.json").read_text("utf-8"))


def _facts(schema: Json, name: str = "") -> Json:
    """Return a schema in the form of the committed facts, where a field that may be null is not required."""
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    facts: Json = {"type": next(kind for kind in kinds if kind != "null")}
    if "enum" in schema:
        facts["enum"] = schema["enum"]
    elif name.startswith("TimeOf") or name.endswith(("Date", "Time")):
        facts["format"] = "date-time"  # the schema says it in prose
    if "items" in schema:
        facts["items"] = _facts(schema["items"])
    if "properties" in schema:
        inner = schema["properties"]
        facts["properties"] = {name: _facts(part, name) for name, part in inner.items()}
        facts["required"] = [name for name in schema.get("required", []) if "null" not in inner[name]["type"]]
    return facts


def _pairs() -> Iterator[Pair]:
    described = SCHEMA["properties"]["Payload"]["properties"]["OrderChangeNotification"]
    waiting = [Pair(OrderChangeNotification, "ORDER_CHANGE", _facts(described), None)]
    while waiting:
        pair = waiting.pop()
        yield pair
        waiting += inner_pairs(pair) if issubclass(pair.cls, Model) else ()


PAIRS = list(_pairs())
MODELS = [pair for pair in PAIRS if issubclass(pair.cls, Model)]
ENUMS = [pair for pair in PAIRS if not issubclass(pair.cls, Model)]


@pytest.mark.parametrize("law", model_laws.MODEL_LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("pair", MODELS, ids=lambda pair: pair.name)
def test_a_model_of_the_payload_is_what_amazon_defines(pair: Pair, law: model_laws.Law) -> None:
    assert not (found := list(law(pair))), said(found)


@pytest.mark.parametrize("law", model_laws.ENUM_LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("pair", ENUMS, ids=lambda pair: pair.name)
def test_an_enum_of_the_payload_is_what_amazon_defines(pair: Pair, law: model_laws.Law) -> None:
    assert not (found := list(law(pair))), said(found)


def test_every_class_of_the_payload_was_compared() -> None:
    assert (len(MODELS), len(ENUMS)) == (4, 10)


def test_the_envelope_is_the_one_that_amazon_defines() -> None:
    facts = _facts(SCHEMA)
    facts["properties"] = {name[0].lower() + name[1:]: part for name, part in facts["properties"].items()}
    assert list(Notification.__wire_names__.values()) == list(facts["properties"])
    assert sorted(facts["required"], key=str.lower) == sorted(SCHEMA["properties"], key=str.lower)


def _plain(value: Any) -> Any:
    """Return the same with every time in the one form that there is of it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    try:
        return read_time(value)
    except (ValueError, TypeError):
        return value


@pytest.mark.parametrize("example", SCHEMA["examples"])
def test_amazons_example_is_read_whole_and_written_as_it_is(example: Json) -> None:
    notification = parse_notification(json.dumps(example))
    assert notification.deviations == ()
    change = notification.order_change
    assert change is not None
    assert _plain(to_dict(change)) == _plain(example["Payload"]["OrderChangeNotification"])
    assert not any(extra(model) for model in (notification, notification.notification_metadata, change))
