"""Answers that break Amazon's own contract: the broken place is named, and nothing else is lost."""

import copy
import pickle
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from spshipping.testing import strategies
from spshipping.wire.convert import dumps, structure, to_dict
from spshipping.wire.model import Model, extra, replace
from spshipping.wire.shapes import Shape, fields_of
from spshipping.wire.text import parse, render
from tests.at_once import is_the_same_at_once
from tests.contract.facts import models, roots
from tests.contract.wellformed import Place, exact, fits, places
from tests.contract.written import is_same

ANSWERS = [cls for cls in models() if fields_of(cls)]
WHOLE = roots()
DROPPED = object()
GARBAGE: tuple[Any, ...] = (
    *(None, True, 0, -7, 1650163712052, Decimal("2.00000"), Decimal("1e-30")),
    *("", "GARBAGE", "12.5", "false", "1.6932672E9", "NaN", "Infinity", "null", "2019-08-09T19:56:45.632"),
    *("9999-12-31T23:59:59Z", "--", "2020-01-01T00:00:00Z--", "\x00", "<**-redacted-**>"),
    *([], [None], [[]], ["text", 1], {}, {"key": "value"}, {"key": None}),
)
EXTREME = (10**60, Decimal("1e400"), Decimal("0.1234567890123456789"), "9999-12-31T23:59:59-12:00")
"""What no ordinary JSON number, and no year of UTC, says exactly."""

many = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@st.composite
def answers(draw: st.DrawFn) -> tuple[Any, Any, list[Place]]:
    """Draw a class, a well-formed answer of it as JSON, and the places in that answer."""
    cls = draw(st.sampled_from(ANSWERS) | st.sampled_from(WHOLE))
    answer = parse(dumps(draw(strategies.models(cls))))
    found = list(places(answer, Shape("model", cls)))
    assume(found)
    return cls, answer, found


def _one_of(found: list[Place]) -> st.SearchStrategy[Place]:
    """Choose a place: any, or one of the innermost."""
    return st.sampled_from(found) | st.sampled_from(sorted(found, key=lambda place: -len(place.steps))[:5])


def _break(place: Place, value: Any) -> None:
    if value is DROPPED:
        del place.holder[place.key]
    else:
        place.holder[place.key] = copy.deepcopy(value)


def _is_fine(place: Place, value: Any) -> bool:
    """Say whether *value* may stand there without any repair."""
    if value is None or value is DROPPED:
        return not place.is_required
    return fits(value, place.shape)


def _kept_beside(before: Any, after: Any, steps: tuple[Any, ...]) -> None:
    """Assert that two values are exactly the same, except at the place that *steps* lead to."""
    step, *rest = steps
    if isinstance(before, Model):
        for field in fields_of(type(before)):
            if field.name != step:
                assert exact(getattr(after, field.name)) == exact(getattr(before, field.name))
        inner = getattr(before, step), getattr(after, step, None)
    elif isinstance(before, list):
        was_left_out = len(after) < len(before)
        assert exact(after[:step]) == exact(before[:step])
        assert exact(after[step + (not was_left_out) :]) == exact(before[step + 1 :])
        inner = before[step], None if was_left_out else after[step]
    else:
        assert exact({**after, step: 0}) == exact({**before, step: 0})
        inner = before[step], after.get(step)
    if rest:
        _kept_beside(*inner, tuple(rest))


def _originals(value: Any) -> list[dict[str, Any]]:
    """Return what every model in *value* keeps beside its fields."""
    if isinstance(value, Model):
        inner = [kept for name in value.__wire_names__ for kept in _originals(getattr(value, name, None))]
        return [dict(extra(value)), *inner] if extra(value) else inner
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [kept for part in parts for kept in _originals(part)]


@many
@given(st.data())
def test_one_broken_place_is_named_and_its_neighbours_are_unchanged(data: st.DataObject) -> None:
    cls, answer, found = data.draw(answers())
    before, _ = structure(answer, cls)
    place = data.draw(_one_of(found))
    absent = [DROPPED] if isinstance(place.holder, dict) else []
    value = data.draw(st.sampled_from([*absent, *GARBAGE, *EXTREME]))
    _break(place, value)
    assume(answer)  # an object that shares nothing with its class is none

    after, deviations = structure(answer, cls)
    is_the_same_at_once(render(answer), cls, after, deviations)

    _kept_beside(before, after, place.steps)
    if _is_fine(place, value):
        assert deviations == ()
    else:
        below = (f"{place.path}.", f"{place.path}[")
        assert deviations
        assert all(path == place.path or path.startswith(below) for path, _ in deviations)


@many
@given(st.data())
def test_what_is_unreadable_is_kept_once_in_the_model_that_it_belongs_to(data: st.DataObject) -> None:
    cls, answer, found = data.draw(answers())
    place = data.draw(_one_of(found))
    value = data.draw(st.sampled_from([value for value in (*GARBAGE, *EXTREME) if value is not None]))
    _break(place, value)
    # an item of a list or a map is no field, and is kept with the field that holds it
    around = [p for p in found if p.steps == place.steps[: len(p.steps)] and not p.path.endswith("]")]
    owner = around[-1]

    after, deviations = structure(answer, cls)

    if any(kind == "unreadable" for _, kind in deviations):
        assert [exact(kept) for kept in _originals(after)] == [exact({owner.key: owner.holder[owner.key]})]


@many
@given(st.data())
def test_b4_however_broken_an_answer_is_it_is_read_and_written_again(data: st.DataObject) -> None:
    cls, answer, found = data.draw(answers())
    for place in data.draw(st.lists(_one_of(found), max_size=5)):
        value = data.draw(
            st.sampled_from([DROPPED, *GARBAGE, *EXTREME] if isinstance(place.holder, dict) else GARBAGE)
        )
        if isinstance(place.holder, list) or place.key in place.holder:
            _break(place, value)

    read, deviations = structure(answer, cls)
    is_the_same_at_once(render(answer), cls, read, deviations)

    assert isinstance(read, cls) or [path for path, _ in deviations] == [""]
    assert "GARBAGE" not in str(deviations)
    if read is not None:
        written = parse(dumps(read))
        assert is_same(answer, written, Shape("model", cls)), "what decodes also dumps, and is the same JSON"
        assert parse(render(to_dict(read))) == written
        for twin in (copy.deepcopy(read), pickle.loads(pickle.dumps(read)), replace(read)):
            assert exact(twin) == exact(read)
            assert dumps(twin) == dumps(read)


@many
@given(st.sampled_from(ANSWERS), strategies.json_values | st.sampled_from(GARBAGE))
def test_anything_at_all_can_be_read_as_a_model(cls: Any, value: Any) -> None:
    read, deviations = structure(value, cls)
    is_the_same_at_once(render(value), cls, read, deviations)
    assert isinstance(read, cls) or [(path, kind) for path, kind in deviations] == [("", "unreadable")]
