"""No answer, however broken, gives a field a value that its annotation does not allow."""

import os
import types
import typing
from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from typing import Any

import pytest

from spshipping import MissingFieldError, has
from spshipping.wire.convert import dumps, structure
from spshipping.wire.model import Model
from spshipping.wire.shapes import Shape
from tests.at_once import is_the_same_at_once
from tests.contract.drawn import drawn
from tests.contract.facts import models
from tests.contract.mutations import broken_tree, encoded
from tests.contract.reading import is_empty
from tests.contract.test_fuzz import NO_JSON, json_of, said
from tests.contract.written import is_same
from tests.unit.wire.samples import Order, Parcel

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
MODELS = (*models(), Parcel, Order)
SHAPES = {cls: Shape("model", cls) for cls in MODELS}
EACH = (100_000 if IS_FULL else 5_000) // len(MODELS) + 1
BASES = 40 if IS_FULL else 10


def allows(annotation: Any, value: Any) -> bool:
    """Say whether a type annotation allows a value, told without the package's reading of annotations."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Any:
        return True
    if origin is typing.Annotated:
        return allows(args[0], value)
    if origin in (types.UnionType, typing.Union):
        return any(allows(part, value) for part in args)
    if origin is list:
        return type(value) is list and all(allows(args[0], item) for item in value)
    if origin is dict:
        return type(value) is dict and all(
            allows(args[0], key) and allows(args[1], item) for key, item in value.items()
        )
    if origin is tuple:
        return type(value) is tuple
    if annotation in (None, types.NoneType):
        return value is None
    if annotation is datetime:
        return type(value) is datetime and value.utcoffset() is not None
    return (
        type(value) is annotation if annotation in (str, int, bool, date) else isinstance(value, annotation)
    )


def inside(value: Any) -> Iterator[Model]:
    """Yield every model in a value."""
    if isinstance(value, Model):
        yield value
        for name in value.__wire_names__:
            yield from inside(getattr(value, name, None))
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from inside(item)


def lies(value: Any) -> Iterator[str]:
    """Yield the fields that hold what their annotation does not allow."""
    for model in inside(value):
        for name, annotation in typing.get_type_hints(type(model), include_extras=True).items():
            if name in model.__wire_names__ or name in model.__local__:
                try:
                    found = getattr(model, name)
                except MissingFieldError as error:
                    is_honest = (error.model, error.name) == (type(model).__name__, name)
                    is_honest = is_honest and not has(model, name)
                    found = error
                else:
                    is_honest = has(model, name) and allows(annotation, found)
                if not is_honest:
                    yield f"{type(model).__name__}.{name}: {found!r} is no {annotation}"


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_b4_b5_no_answer_is_read_as_what_its_types_forbid_and_each_is_written_as_it_came(cls: Any) -> None:
    bodies = [json_of(value) for value in drawn(cls, BASES)]
    for number in range(EACH):
        chance = Random(f"{cls.__name__} {number}")
        body = encoded(chance, broken_tree(chance, said(chance.choice(bodies))))
        data = said(body)
        if data is not NO_JSON:
            value, deviations = structure(data, cls)
            is_the_same_at_once(body, cls, value, deviations)
            assert list(lies(value)) == [], f"case {number}"
            if value is not None and not is_empty(data, SHAPES[cls]):
                assert is_same(data, said(dumps(value)), SHAPES[cls]), f"case {number}"


def test_the_law_itself_can_say_no() -> None:
    parcel = next(value for value in drawn(Parcel, BASES) if value.parts)
    assert list(lies(parcel)) == []
    parcel.owner = None
    parcel.parts[0].value = 1.5
    parcel.words = [None]
    assert [lie.partition(":")[0] for lie in lies(parcel)] == ["Parcel.owner", "Parcel.words", "Weight.value"]
