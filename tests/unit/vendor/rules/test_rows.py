"""Every row of the rule book is a rule; each finds what breaks it, and nothing in clean documents."""

import re
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from spshipping.vendor.rules import DECISIONS, FACTS, RULES, Severity, Sureness, lint, unchecked
from tests.unit.vendor.rules.clean import Case, clean_acknowledgement
from tests.unit.vendor.rules.defects import Defect
from tests.unit.vendor.rules.defects_acknowledgements import ACKNOWLEDGEMENTS
from tests.unit.vendor.rules.defects_confirmations import CONFIRMATIONS
from tests.unit.vendor.rules.defects_contents import CONTENTS
from tests.unit.vendor.rules.defects_requests import (
    LABELS,
    QUERIES,
    ROUTING,
    clean_labels,
    clean_query,
    clean_request,
)
from tests.unit.vendor.rules.packed import clean_confirmation

DEFECTS: list[Defect] = [*ACKNOWLEDGEMENTS, *CONFIRMATIONS, *CONTENTS, *ROUTING, *LABELS, *QUERIES]
SEEDED, CLEAN = 500, 500
ROWS = {
    f"L-{number:03d}"
    for number in (
        *(1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23),
        *(30, 31, 32, 34, 35, 36, 37, 38, 40, 42, 43, 45, 46, 47, 49),
        *(51, 52, 53, 55, 57, 58, 59, 60, 62, 64, 65, 66, 67, 69),
        *(70, 71, 72, 73, 75, 76, 77, 80, 81),
        *(90, 91, 92, 93, 94, 95),
    )
}
"""The rules of Amazon that a program can check; numbers that are left out are free."""
NOT_CHECKED: dict[str, str] = {}
"""The rows that are no rule here, and why."""


def found(case: Case[Any]) -> list[tuple[str, Severity, str]]:
    return [(each.rule, each.severity, each.path) for each in lint(case.document, case.context)]


def alarms(case: Case[Any]) -> list[tuple[str, Severity, str]]:
    return [each for each in found(case) if each[1] > Severity.INFO]


def test_every_row_is_a_rule_or_has_a_reason_why_not() -> None:
    assert RULES.keys() | NOT_CHECKED.keys() == ROWS
    assert not RULES.keys() & NOT_CHECKED.keys()


def test_every_part_of_every_rule_has_a_defect() -> None:
    parts = {(rule.id, part.severity) for rule in RULES.values() for part in rule.parts}
    assert {(defect.rule, defect.severity) for defect in DEFECTS} >= parts


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_is_an_error_only_where_it_is_sure(rule: Any) -> None:
    for part in rule.parts:
        assert part.severity < Severity.ERROR or part.sureness is Sureness.OFFICIAL
    assert rule.documents
    assert rule.violation
    assert rule.find.__doc__
    assert set(rule.sources) <= FACTS.keys() | DECISIONS.keys()


def test_no_fact_is_without_a_rule() -> None:
    used = {source for rule in RULES.values() for source in rule.sources}
    # U-16 is about regions, and holds for all rules
    assert FACTS.keys() | DECISIONS.keys() == used | {"U-16"}


def found_by_its_id(defect: Defect, seed: int) -> bool:
    matches = (
        rule == defect.rule
        and severity is defect.severity
        and re.search(re.escape(defect.path) + "$", path) is not None
        for rule, severity, path in found(defect.make(Random(seed)))
    )
    return any(matches)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.rule}-{defect.name}")
def test_a_violation_is_found_by_the_id_of_its_rule(defect: Defect) -> None:
    assert found_by_its_id(defect, 1)


def test_five_hundred_seeded_defects_are_found_each_by_its_id() -> None:
    missed = []
    drawn: Counter[str] = Counter()
    for seed in range(SEEDED):
        defect = DEFECTS[seed % len(DEFECTS)]
        drawn[defect.rule] += 1
        if not found_by_its_id(defect, seed):
            missed.append((seed, defect.rule, defect.name))
    assert missed == []
    assert drawn.keys() == RULES.keys()


@pytest.mark.parametrize(
    ("clean", "count"),
    [
        (clean_acknowledgement, CLEAN),
        (clean_confirmation, CLEAN),
        (clean_request, 50),
        (clean_labels, 50),
        (clean_query, 50),
    ],
)
def test_clean_documents_raise_no_alarm(clean: Callable[[Random], Case[Any]], count: int) -> None:
    cases = [clean(Random(seed)) for seed in range(count)]
    assert [alarms(case) for case in cases] == [[]] * count
    assert not any(unchecked(case.document, case.context) for case in cases)
