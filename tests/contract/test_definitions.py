"""Every model and every enum is the one that Amazon defines, and hides what is personal."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from spshipping.wire.enums import OpenEnum
from spshipping.wire.shapes import fields_of
from tests.contract import model_laws, operation_laws
from tests.contract.deviations import KNOWN, PUBLIC, Known
from tests.contract.differences import Difference, said
from tests.contract.facts import enums, models, operations, routes
from tests.contract.model_laws import Law, Pair
from tests.contract.pairs import enum_pairs, model_pairs, pairs

MEANT = {known.difference for known in KNOWN}
PERSONAL = re.compile(
    "(.*_)?name|address_?line.*|.*phone.*|.*e_?mail.*|(.*_)?city|postal_code|latitude|longitude|contents"
    "|delivery_notes|tax_registration_number|additional_inputs"
)


@cache
def differences() -> frozenset[Difference]:
    """Return every difference between the package and Amazon's description."""
    return frozenset(_differences())


def _differences() -> Iterator[Difference]:
    for operation in operations():
        for operation_law in operation_laws.LAWS:
            yield from operation_law(operation, routes()[operation.route])
    for chosen, laws in (
        (model_pairs(), model_laws.MODEL_LAWS),
        (enum_pairs(), model_laws.ENUM_LAWS),
    ):
        for pair in chosen:
            for law in laws:
                yield from law(pair)


def _unmeant(pair: Pair, laws: Iterable[Law]) -> set[Difference]:
    return {difference for law in laws for difference in law(pair)} - MEANT


@pytest.mark.parametrize("pair", model_pairs(), ids=lambda pair: pair.name)
def test_a_model_is_what_amazon_defines(pair: Pair) -> None:
    assert not (found := _unmeant(pair, model_laws.MODEL_LAWS)), said(found)


@pytest.mark.parametrize("pair", enum_pairs(), ids=lambda pair: pair.name)
def test_an_enum_is_what_amazon_defines(pair: Pair) -> None:
    assert not (found := _unmeant(pair, model_laws.ENUM_LAWS)), said(found)


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.difference.where)
def test_a_known_deviation_is_still_one(known: Known) -> None:
    assert known.why
    assert known.difference in differences(), f"{known.difference.where} is no longer different"


def test_every_class_that_travels_has_a_definition() -> None:
    assert {*models(), *enums()} == {pair.cls for pair in pairs()}


def test_a_class_says_in_a_sentence_of_its_own_what_it_is() -> None:
    for cls in (*models(), *enums()):
        text, name = cls.__dict__.get("__doc__") or "", cls.__name__
        assert text.endswith("."), f"{name} has no docstring of its own, of one sentence"
        assert text != OpenEnum.__doc__, f"{name} has the docstring of all enums"
        assert name.lower() != text.rstrip(".").replace(" ", "").lower(), f"{name} repeats its name"


def _looking_personal(cls: Any) -> set[str]:
    return {
        f"{cls.__name__}.{field.wire}"
        for field in fields_of(cls)
        if PERSONAL.fullmatch(field.name) and field.shape.kind in ("str", "object") and not field.is_personal
    }


def test_a_field_that_names_or_places_a_person_is_personal() -> None:
    found = {field for cls in models() for field in _looking_personal(cls)} - set(PUBLIC)
    assert not found, f"neither personal nor public: {', '.join(sorted(found))}"


def test_a_public_field_is_still_one_that_looks_personal() -> None:
    assert set(PUBLIC) <= {field for cls in models() for field in _looking_personal(cls)}
