"""Every fault over real sockets, for every effect: what the call comes to, and what was carried out."""

from itertools import chain

import pytest

from spshipping import Effect
from spshipping.sandbox.faults import KINDS
from tests.matrix.expected import Cells, Row, fits
from tests.matrix.rows import GROUPS
from tests.matrix.stage import OPERATIONS, Stage, Times
from tests.matrix.table import COMMAND, PAGE, page

ROWS: dict[str, tuple[Row, Times, Cells]] = {
    f"{times}: {row.what}": (row, times, cells)
    for times in ("once", "always")
    for row in chain.from_iterable(GROUPS.values())
    if (cells := row.cells(times))
}


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_comes_to_what_the_matrix_says(stage: Stage, name: str) -> None:
    row, times, cells = ROWS[name]
    met = {operation: stage.run(row.arrange, operation, times) for operation in OPERATIONS}
    expected = {operation: cells.of(effect) for operation, effect in OPERATIONS.items()}
    assert met == {name: met[name] if fits(met[name], cell) else cell for name, cell in expected.items()}


def test_no_row_hides_another_and_every_effect_is_tried() -> None:
    names = [row.what for row in chain.from_iterable(GROUPS.values())]
    assert sorted(set(names)) == sorted(names)
    assert set(OPERATIONS.values()) == set(Effect)


def test_what_leads_to_another_try_is_tried_to_the_end() -> None:
    for row in chain.from_iterable(GROUPS.values()):
        assert (max(cell.tries for cell in row.once) > 1) == (row.always is not None), row.what


def test_every_kind_of_the_sandbox_is_in_the_matrix() -> None:
    rows = "".join(row.what for row in GROUPS["The sandbox's own kinds"])
    assert [kind for kind in KINDS if f"`{kind}`" not in rows] == []


@pytest.mark.parametrize("name", ROWS)
def test_the_matrix_buys_no_second_label_and_says_no_untruth(name: str) -> None:
    """What is expected keeps the promises itself, whatever a run comes to."""
    for effect in Effect:
        expected = ROWS[name][2].of(effect)
        is_unknown = expected.came_to == "OutcomeUnknownError"
        assert expected.done <= 1
        assert (expected.cause is not None) == is_unknown
        assert not (is_unknown and effect is Effect.NONE)
        if effect is not Effect.NONE:
            assert is_unknown or expected.done == (expected.came_to == "answer")
        if effect is Effect.ONCE:
            assert not is_unknown or expected.tries == 1


def test_the_page_shows_the_matrix() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), f"write it anew: {COMMAND}"
