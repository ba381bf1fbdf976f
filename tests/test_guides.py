"""The guides say what is so: tables of fields, filters and messages are held to the code and the sandbox."""

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spshipping import operations
from spshipping.orders import OrderStatus, read_v2026
from spshipping.orders.v0 import GET_ORDERS
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS, FulfillmentStatus, IncludedData
from spshipping.sandbox import Sandbox
from spshipping.sandbox.orders import generate as data
from spshipping.sandbox.orders import response_v0 as as_v0
from spshipping.sandbox.orders import response_v2026 as as_v2026
from spshipping.transport import trouble
from tests.foreign.pages import PAGES as FOREIGN_PAGES
from tests.foreign.pages import calls_of, steps_of
from tests.test_docs import PAGES, ROOT, blocks, name_of, text_of

DOCS = ROOT / "docs"
AT = datetime(2026, 11, 1, tzinfo=UTC)

Json = dict[str, Any]
Row = tuple[str, ...]


def section(page: str, title: str) -> str:
    text = (DOCS / page).read_text("utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str, columns: int) -> list[Row]:
    """Return the rows of the tables with so many columns, without their heads."""
    found = [
        tuple(cell.strip() for cell in line[1:-1].split("|")) for line in text.splitlines() if line[:1] == "|"
    ]
    tables = [row for row in found if len(row) == columns]
    heads = {number - 1 for number, row in enumerate(tables) if set("".join(row)) == {"-"}}
    return [row for number, row in enumerate(tables) if number not in heads and number - 1 not in heads]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_each_reason_for_no_connection_is_explained() -> None:
    shown = rows(section("proxies.md", "What an error says"), 3)
    assert shown == [(f"`{name}`", *reason) for name, reason in trouble._REASONS.items()]


def test_each_filter_of_orders_v0_has_its_counterpart_or_none() -> None:
    table = rows(section("moving-from-orders-v0.md", "Filters"), 2)
    old = [name for left, _ in table for name in names(left)]
    assert sorted(old) == sorted(parameter.name for parameter in GET_ORDERS.query)
    new = [names(right)[0] for _, right in table if not right.startswith("–")]
    assert {*new, "includedData"} == {parameter.name for parameter in SEARCH_ORDERS.query}


def test_each_status_of_orders_v0_has_its_counterpart() -> None:
    table = {
        names(old)[0]: names(new)[0] for old, new in rows(section("moving-from-orders-v0.md", "Statuses"), 2)
    }
    assert set(table) == {status.value for status in OrderStatus}
    assert set(table.values()) == {status.value for status in FulfillmentStatus}
    for old, new in table.items():
        read = read_v2026.member(OrderStatus, new)
        assert read == old or old == "InvoiceUnconfirmed"


def value_at(found: Any, path: str) -> Any:
    """Return what is at *path*; `[WORD]` selects the entry of a list that is, or has, the word."""
    for name, word in re.findall(r"(\w+)(?:\[(\w+)\])?", path):
        found = found.get(name) if isinstance(found, dict) else None
        if word:
            entries = found or []
            if word in entries:
                return True
            found = next((each for each in entries if isinstance(each, dict) and word in each.values()), None)
    return found


_SAME = {"MFN": "merchant", "AFN": "amazon", "CANCELLED": "canceled", "InvoiceUnconfirmed": "shipped"}


def plain(value: Any) -> str:
    """Return *value* without the differences that the page names."""
    return _SAME.get(str(value)) or str(value).replace("_", "").lower()


def orders() -> Iterator[tuple[Json, Json]]:
    for order in data.sample(1000, seed=6, at=AT):
        items = as_v0.items(order)["OrderItems"]
        yield {**as_v0.order(order), "items": items}, as_v2026.order(order)


@pytest.fixture(scope="module")
def pairs() -> dict[str, list[tuple[Json, Json]]]:
    found: dict[str, list[tuple[Json, Json]]] = {"Fields of an order": [], "Fields of an item": []}
    for old, new in orders():
        found["Fields of an order"].append((old, new))
        found["Fields of an item"] += zip(old["items"], new["orderItems"], strict=True)
    return found


FIELDS = [
    (title, row)
    for title in ("Fields of an order", "Fields of an item")
    for row in rows(section("moving-from-orders-v0.md", title), 4)
]


@pytest.mark.parametrize(("title", "row"), FIELDS, ids=[row[0] for _, row in FIELDS])
def test_a_field_of_v0_is_where_the_page_says(
    title: str, row: Row, pairs: dict[str, list[tuple[Json, Json]]]
) -> None:
    old, new, dataset, note = row
    assert set(names(dataset)) <= set(IncludedData.__members__)
    compared = 0
    for one, other in pairs[title]:
        left, right = value_at(one, names(old)[0]), value_at(other, names(new)[0])
        if names(new)[0].startswith("programs["):
            left, right = left is True or left == "true", bool(right)
        if left is None and right is None:
            continue
        if right is None or left == "Non-Amazon":
            assert note, "the page says nothing of a difference"
            continue
        compared += 1
        assert plain(left) == plain(right)
    assert compared > 0


MOVING = [ROOT / "docs" / page for page in FOREIGN_PAGES.values()]


def test_only_pages_about_moving_have_programs_of_other_clients() -> None:
    """Blocks of `py` are run by `make foreign`, and by nothing else."""
    with_theirs = [page for page in PAGES if any(block.language == "py" for block in blocks(page))]
    assert sorted(with_theirs) == sorted(MOVING)


@pytest.mark.parametrize("page", MOVING, ids=name_of)
def test_each_program_of_another_client_is_followed_by_ours_and_by_what_both_print(page: Path) -> None:
    steps = list(steps_of(text_of(page)))
    printing = [
        after for before, after in itertools.pairwise(steps) if before.is_program and not after.is_program
    ]
    assert len(printing) == sum("print(" in step.text for step in steps if step.is_program) == 5


@pytest.mark.parametrize("page", MOVING, ids=name_of)
def test_each_call_of_ours_is_there(page: Path) -> None:
    known = {operation.name for operation in operations()}
    with Sandbox() as sandbox, sandbox.client() as client:
        for operation, _, ours in calls_of(text_of(page)):
            assert operation in known
            found: Any = client
            for part in ours.split(".")[1:]:
                found = getattr(found, part)
            assert callable(found)
