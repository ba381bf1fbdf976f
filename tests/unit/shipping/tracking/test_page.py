"""The tables of the page on tracking are those of the code."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from spshipping.shipping.tracking import DETAILS, MEANINGS, REPLACED_BY, TrackingStatus

PAGE = Path(__file__).parents[4] / "docs" / "tracking.md"


def code(words: Iterable[str | None]) -> str:
    return ", ".join(f"`{word}`" for word in words if word)


def rows(head: str, cells: Iterable[tuple[str, ...]]) -> str:
    lines = [head, "|".join(["", *["---"] * (head.count("|") - 1), ""])]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in cells), ""])


def words() -> Iterator[tuple[str, ...]]:
    for word, meaning in MEANINGS.items():
        yield code([word]), code([meaning.forward]) or "none", code([meaning.returns]) or "none"


def details() -> Iterator[tuple[str, ...]]:
    for status in TrackingStatus:
        found = [word for word, meaning in DETAILS.items() if meaning is status]
        if found:
            yield code([status]), code(found)


def precedence() -> Iterator[tuple[str, ...]]:
    for status, after in REPLACED_BY.items():
        others = [each for each in TrackingStatus if each not in after | {status, TrackingStatus.UNKNOWN}]
        few = code(each for each in TrackingStatus if each in after) or "none"
        many = f"any other but {code(others)}" if others else "any other"
        yield code([status]), few if len(after) < len(others) else many


TABLES = {
    "words": rows("| Amazon's word | On the way out | On the way back |", words()),
    "details": rows("| Status | Detail codes |", details()),
    "precedence": rows("| Status | Replaced by a later |", precedence()),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_the_page_has_the_table_of_the_code(table: str) -> None:
    assert table in PAGE.read_text(encoding="utf-8"), f"docs/tracking.md lacks this table:\n{table}"


def test_statuses_are_replaced_in_the_order_of_their_ranks_on_the_page() -> None:
    assert list(REPLACED_BY) == list(TrackingStatus)
