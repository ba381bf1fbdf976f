"""The tool that changes facts finds them all, changes each, and judges what a failure says."""

import ast
import random
from collections import Counter
from pathlib import Path

import pytest

from tools.mutants import __main__ as command
from tools.mutants import defaults, facts, models, operations, places
from tools.mutants.run import judged, said
from tools.mutants.sample import drawn
from tools.mutants.source import Mutant

ROOT = Path(__file__).parents[1]
FOUND = facts.mutants(ROOT)
QUOTA = next(mutant for mutant in FOUND if "getRates" in mutant.names and mutant.facts == ("quota",))
FAILURE = """
_____ test_an_operation_is_what_amazon_describes[getRates POST /shipping/v2/shipments/rates-its_quota] ____
tests/contract/test_operations.py:36: in test_an_operation_is_what_amazon_describes
    assert not differences
E   AssertionError: assert not {Difference(where='POST /shipping/v2/shipments/rates quota', ours='(81, 100)')}
"""


def test_there_are_facts_of_every_kind() -> None:
    kinds = Counter(mutant.tests for mutant in FOUND)
    assert kinds[operations.TESTS] > 500
    assert kinds[models.TESTS] > 2000
    assert sum(mutant.path == places.PATH for mutant in FOUND) > 90
    assert kinds[defaults.TESTS] > 50


@pytest.mark.parametrize(
    "words",
    [
        "getRates route",
        "getRates effect",
        "linkCarrierAccount quota",
        "getOrders, getOrder restricted",
        "getTracking parameter trackingId",
        "searchOrders pages",
        "purchaseShipment key",
        "Currency unit",
        "WeightUnit GRAM",
        "Region.EU aws_region",
        "Marketplace.UK id",
        "ShippingBusiness.UK",
        "read timeout",
    ],
)
def test_a_fact_is_among_those_that_are_changed(words: str) -> None:
    assert any(mutant.what.startswith(words) for mutant in FOUND)


def test_a_fact_that_operations_of_several_files_share_is_one() -> None:
    shared = [m for m in FOUND if m.path.endswith("shipping/parameters.py") and m.facts == ("quota",)]
    assert len(shared) == 2
    assert all({"getRates", "createClaim", "getCarrierAccounts"} <= set(mutant.names) for mutant in shared)


def test_every_changed_source_is_another_one_and_still_python() -> None:
    for mutant in random.Random(0).sample(FOUND, 100):
        source = (ROOT / mutant.path).read_bytes()
        changed = mutant.applied(source)
        assert changed != source, mutant.what
        ast.parse(changed)


def test_a_seed_makes_the_same_choice_again() -> None:
    assert drawn(FOUND, 7, 20) == drawn(FOUND[::-1], 7, 20)
    assert drawn(FOUND, 7, 20) != drawn(FOUND, 8, 20)
    assert len(drawn(FOUND[:3], 7, 20)) == 3


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (0, "", "survived"),
        (5, "", "survived"),
        (-1, "", "endless"),
        (1, FAILURE, "killed"),
        (1, FAILURE.replace(" quota'", " envelope'").replace("its_quota", "its_answer"), "unnamed"),
        (
            1,
            FAILURE.replace("getRates ", "").replace("POST /shipping/v2/shipments/rates", ""),
            "unnamed",
        ),
        (1, "    quota of getRates", "unnamed"),
    ],
)
def test_a_mutant_is_killed_by_a_failure_that_names_it(code: int, output: str, outcome: str) -> None:
    assert judged(QUOTA, code, output, 1.0).outcome == outcome


def test_no_line_of_source_counts_as_what_a_failure_says() -> None:
    assert "assert not differences" not in said(FAILURE)


def test_an_entry_of_what_is_not_drawn_must_describe_a_mutant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_MODELS", "/anywhere")
    monkeypatch.setattr(facts, "EQUIVALENT", {QUOTA.what: "a reason"})
    left = facts.mutants(ROOT)
    assert QUOTA not in left
    monkeypatch.setattr(facts, "EQUIVALENT", {"nothing": "a reason"})
    with pytest.raises(facts.UnknownError, match="nothing"):
        facts.mutants(ROOT)


@pytest.mark.long
def test_a_choice_of_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "no such thing"]) == 2
    assert capsys.readouterr().out == "there is no such mutant\n"


def test_a_change_is_made_by_bytes() -> None:
    mutant = Mutant("x.py", 5, 6, "ß", "", (), (), ())
    assert mutant.applied("é = 1\n".encode()).decode() == "é = ß\n"
