"""What holds for every value of every model."""

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.testing import strategies
from spshipping.wire import fast, lenient
from spshipping.wire.convert import dumps, encode_request, loads, structure
from spshipping.wire.model import Model, extra, replace, reveal
from spshipping.wire.shapes import Field, Shape, fields_of
from spshipping.wire.text import parse, render
from tests.at_once import has_twin, is_the_same_at_once, learn
from tests.contract.facts import models
from tests.contract.wellformed import exact, fits, objects

MODELS = models()
UNKNOWN = {"notYetAnnounced": {"since": 2031, "of": [None, "text", True]}}
MARK = "Ada Lovelace"

every_model = pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
some = settings(
    derandomize=True,
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def what_is_written_is_read_back_as_it_was(cls: Any, model: Any) -> None:
    assert exact(loads(dumps(model), cls)) == exact(model)


def the_fast_and_the_careful_way_read_the_same(cls: Any, model: Any) -> None:
    answer = parse(dumps(model))
    shape = Shape("model", cls)
    assert fits(answer, shape)

    careful, deviations = lenient.repair(answer, shape)

    assert deviations == ()
    assert exact(careful) == exact(fast.function(cls, "decode")(answer))
    assert exact(careful) == exact(fast.function(cls, "consume")(answer))
    assert is_the_same_at_once(dumps(model), cls, careful) or not has_twin(cls)


def a_request_within_the_limits_is_sent_as_it_is(_: Any, model: Any) -> None:
    assert encode_request(model) == dumps(model)


def unknown_fields_are_kept_copied_and_written_back(cls: Any, model: Any) -> None:
    answer = parse(dumps(model))
    for part in list(objects(answer, Shape("model", cls))):
        part |= UNKNOWN

    read, deviations = structure(answer, cls)
    learn(read, cls)

    assert is_the_same_at_once(render(answer), cls, read) or not has_twin(cls)
    assert deviations == ()
    assert extra(read) == UNKNOWN
    assert read == model, "unknown fields take no part in equality"
    assert parse(dumps(read)) == answer
    pickled = pickle.loads(pickle.dumps(read))
    for twin in (copy.copy(read), copy.deepcopy(read), pickled, replace(read)):
        assert twin is not read
        assert exact(twin) == exact(read)


@every_model
@some
@given(data=st.data())
def test_case_57_and_the_other_laws_of_writing_and_reading_hold_for_any_value(
    cls: Any, data: st.DataObject
) -> None:
    # one test: to make the values takes longer than to look at them
    model = data.draw(strategies.models(cls))
    before = exact(model)
    for law in (
        what_is_written_is_read_back_as_it_was,
        the_fast_and_the_careful_way_read_the_same,
        a_request_within_the_limits_is_sent_as_it_is,
        unknown_fields_are_kept_copied_and_written_back,
    ):
        law(cls, model)
    assert exact(model) == before


@pytest.mark.parametrize("cls", [cls for cls in MODELS if cls.__local__], ids=lambda cls: cls.__name__)
@some
@given(data=st.data())
def test_a_local_field_is_copied_and_never_travels(cls: Any, data: st.DataObject) -> None:
    model = data.draw(strategies.models(cls))
    stamped = replace(model, **dict.fromkeys(cls.__local__, datetime(2026, 1, 31, tzinfo=UTC)))

    assert dumps(stamped) == encode_request(stamped) == dumps(model)
    read = loads(dumps(stamped), cls)
    for name in cls.__local__:
        assert getattr(read, name) is None
        pickled = pickle.loads(pickle.dumps(stamped))
        for twin in (copy.deepcopy(stamped), pickled, replace(stamped)):
            assert getattr(twin, name) == getattr(stamped, name)


def _changed(model: Any, field: Field, value: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        encode_request(replace(model, **{field.name: value}))
    return caught.value


def _outside(value: Any, field: Field) -> list[Any]:
    """Return values just outside the limits of a field that holds *value*."""
    candidates: list[Any] = []
    if field.shape.kind == "str":
        candidates = ["", "x" * 1000]
    elif field.shape.kind == "list":
        candidates = [[]]
    elif field.shape.kind == "int":
        candidates = [-(10**12), 10**12]
    return [c for c in candidates if any(limit.problem(c) for limit in field.shape.limits)]


@every_model
@settings(some, max_examples=2)
@given(data=st.data())
def test_a_field_that_is_missing_or_outside_its_limits_is_refused_by_name(
    cls: Any, data: st.DataObject
) -> None:
    model = data.draw(strategies.models(cls))
    for field in fields_of(cls):
        if field.is_required:
            assert _changed(model, field, None).path == field.name
        for value in _outside(getattr(model, field.name), field):
            error = _changed(model, field, value)
            assert error.path == field.name
            assert not value or str(value) not in str(error)


def _filled(shape: Shape, text: str) -> Any:
    """Return a value of this shape that holds *text* wherever text can stand."""
    if shape.kind == "model":
        return _person(shape.cls, text)
    if shape.item is not None:
        inner = _filled(shape.item, text)
        return [inner] if shape.kind == "list" else {"key": inner}
    others = {"str": text, "object": {text: text}, "any": text, "enum": text}
    return shape.cls(text) if shape.kind == "enum" else others.get(shape.kind)


def _person(cls: Any, text: str = "") -> Any:
    """Return a model that holds MARK in every personal field, and *text* in the others."""
    fields = {f.name: _filled(f.shape, MARK if f.is_personal else text) for f in fields_of(cls)}
    return cls(**fields)


def _holds_personal_text(cls: Any) -> bool:
    return MARK in reveal(_person(cls))


def test_repr_shows_no_personal_data_and_reveal_does() -> None:
    for cls in MODELS:
        person: Model = _person(cls)
        texts = (repr(person), str(person), f"{person}", repr([person]), repr({"key": person}))
        assert not any(MARK in text for text in texts), cls.__name__
        expected = any(field.is_personal and _filled(field.shape, MARK) for field in fields_of(cls))
        assert MARK in reveal(person) or not expected, cls.__name__


def test_some_models_hold_personal_data() -> None:
    assert sum(map(_holds_personal_text, MODELS)) > 3
