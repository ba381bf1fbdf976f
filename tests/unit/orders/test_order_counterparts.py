"""A thousand orders, each told by both APIs: they agree but where docs/orders.md says that they do not."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from spshipping import from_dict, to_dict
from spshipping.orders import AmazonOrder, differences, v0
from spshipping.orders import v2026_01_01 as v2026
from spshipping.orders.bridge.compare import COUNTERPARTS, Counterpart, Difference, counterpart_of, values
from spshipping.sandbox.orders import generate as data
from spshipping.sandbox.orders import response_v0 as as_v0
from spshipping.sandbox.orders import response_v2026 as as_v2026
from spshipping.sandbox.orders.response_v0_items import item_of
from spshipping.wire.fast import function
from tests.unit.orders.schemas import problems

PAGE = Path(__file__).parents[3] / "docs" / "orders.md"
AT = datetime(2026, 11, 1, tzinfo=UTC)

Pair = tuple[AmazonOrder, AmazonOrder]


def pairs() -> Iterator[Pair]:
    """Yield a thousand orders as both APIs tell them."""
    for order in data.sample(1000, seed=6, at=AT):
        lines = from_dict(as_v0.items(order), v0.OrderItemsList).order_items
        yield (
            AmazonOrder.from_v0(from_dict(as_v0.order(order), v0.Order), items=lines),
            AmazonOrder.from_v2026(from_dict(as_v2026.order(order), v2026.Order)),
        )


@pytest.fixture(scope="module")
def orders() -> list[Pair]:
    return list(pairs())


@pytest.fixture(scope="module")
def seen(orders: list[Pair]) -> Mapping[str, set[str]]:
    """What was seen of each field: that both told the same, or another value, or that one alone told it."""
    found: dict[str, set[str]] = defaultdict(set)
    for old, new in orders:
        for path, one, other in values(old, new):
            field = Difference(path=path, v0=one, v2026=other).field
            found[field] |= {kind_of(one, other)} - {""}
    return found


def kind_of(one: object, other: object) -> str:
    if one is None or other is None:
        return ("" if other is None else "v2026 alone") if one is None else "v0 alone"
    return "same" if one == other else "another"


def row_of(field: str) -> str:
    """Return which row of the table speaks of *field*."""
    return field if field in COUNTERPARTS else field.partition(".")[0]


def cells(kinds: set[str]) -> tuple[str, str]:
    """Say of what was seen whether each API tells it."""
    old = "no" if kinds == {"v2026 alone"} else "in part" if "v2026 alone" in kinds else "yes"
    new = "no" if kinds == {"v0 alone"} else "in part" if "v0 alone" in kinds else "yes"
    if "another" in kinds:
        new = "differs" if new == "yes" else f"{new}, differs"
    return old, new


@pytest.mark.long
def test_both_apis_agree_on_every_field_that_both_carry(seen: Mapping[str, set[str]]) -> None:
    alike = {field: kinds for field, kinds in seen.items() if counterpart_of(field) is None}
    assert {field for field, kinds in alike.items() if kinds != {"same"}} == set()
    # most of an order is alike
    assert len(alike) > len(COUNTERPARTS)


def test_every_field_that_differs_is_in_the_table_just_as_it_differs(seen: Mapping[str, set[str]]) -> None:
    rows: dict[str, set[str]] = defaultdict(set)
    for field, kinds in seen.items():
        if counterpart_of(field):
            rows[row_of(field)] |= kinds
    assert {row: cells(kinds) for row, kinds in rows.items()} == {
        row: (twin.v0, twin.v2026) for row, twin in COUNTERPARTS.items()
    }


def test_every_difference_between_the_same_order_has_a_reason(orders: list[Pair]) -> None:
    found = [difference for old, new in orders for difference in differences(old, new)]
    assert len(found) > 1000
    assert {difference.field for difference in found if not difference.reason} == set()


def test_an_order_of_v0_is_the_same_whole_or_in_pieces(orders: list[Pair]) -> None:
    for order, (whole, _) in zip(data.sample(1000, seed=6, at=AT)[::10], orders[::10], strict=True):
        pieces = AmazonOrder.from_v0(
            from_dict(as_v0.order(order, ()), v0.Order),
            items=[from_dict(item_of(order, item, has_buyer=False), v0.OrderItem) for item in order.items],
            address=from_dict(as_v0.address(order), v0.OrderAddress),
            buyer_info=from_dict(as_v0.buyer_info(order), v0.OrderBuyerInfo) if order.is_ready else None,
            items_buyer_info=from_dict(as_v0.items_buyer_info(order), v0.OrderItemsBuyerInfoList).order_items,
        )
        assert pieces == whole


def test_the_schema_accepts_what_to_dict_makes_of_them(orders: list[Pair]) -> None:
    schema = AmazonOrder.json_schema()
    for old, new in orders[::10]:
        assert problems(old.to_dict(), schema) == []
        assert problems(new.to_dict(), schema) == []


def test_every_order_is_written_as_the_careful_way_writes_it(orders: list[Pair]) -> None:
    quick = function(AmazonOrder, "whole")
    for order in chain.from_iterable(orders):
        careful = json.dumps(to_dict(order))
        assert json.dumps(quick(order)) == careful
        assert json.dumps(order.to_dict()) == careful


def line_of(field: str, twin: Counterpart) -> str:
    return f"| `{field}` | {twin.v0} | {twin.v2026} | {twin.note} |"


def test_the_page_has_the_table() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## What the two APIs have")[1]
    shown = [line for line in section.splitlines() if line.startswith("| `")]
    assert shown == [line_of(field, twin) for field, twin in COUNTERPARTS.items()]
