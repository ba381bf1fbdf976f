"""The import of purchase orders: what comes, why, and what is asked for it."""

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from spshipping import (
    DecodeError,
    QuotaError,
    ServerError,
    loads,
)
from spshipping.settings import VendorSettings
from spshipping.sync import Checkpoint, MemoryCheckpoint
from spshipping.transport.http import HttpResponse
from spshipping.vendor.orders import Order, OrderStatus
from spshipping.vendor.sync import ImportedOrder, ImportReason
from tests.kit import START, answer, refusal
from tests.unit.vendor.build import line, orders_page, purchase_order, status, status_line
from tests.unit.vendor.imports.amazon import DAY, HOUR, MINUTE, ORDERS, STATUS
from tests.unit.vendor.imports.conftest import MakeWorld

LATEST = START - timedelta(minutes=2, seconds=5)
HISTORY = VendorSettings(import_history=True)
HISTORY_ALONE = VendorSettings(import_new_orders=False, import_history=True)


def json_of(body: Any) -> bytes:
    return json.dumps(body).encode()


def times(query: dict[str, str], name: str) -> tuple[datetime, datetime]:
    after, before = (datetime.fromisoformat(query[f"{name}{end}"]) for end in ("After", "Before"))
    return after, before


def test_every_order_comes_once_as_new_and_what_changed_comes_again(make_world: MakeWorld) -> None:
    world = make_world()
    for number in range(3):
        world.amazon.place(f"PO{number}", (number * 4 + 1) * DAY)
    assert sorted(world.came()) == [("PO0", "new"), ("PO1", "new"), ("PO2", "new")]
    world.later(HOUR)
    assert world.came() == []
    world.amazon.change("PO2")
    world.amazon.place("PO3", HOUR)
    world.later(HOUR)
    assert sorted(world.came()) == [("PO2", "changed"), ("PO3", "new")]
    world.later(HOUR)
    assert world.came() == []


def test_a_long_span_is_searched_seven_days_at_a_time_with_seams_and_an_overlap(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.came(since=20 * DAY)
    asked = [times(query, "created") for query in world.amazon.asked(ORDERS) if "createdAfter" in query]
    assert asked[0][0] == START - 20 * DAY - 6 * HOUR
    assert asked[-1][1] == LATEST
    assert [before - after for after, before in asked[:2]] == [7 * DAY, 7 * DAY]
    assert all(one[1] - two[0] == MINUTE for one, two in itertools.pairwise(asked))
    # changes are dated: an hour is enough
    changed = [times(query, "changed") for query in world.amazon.asked(ORDERS) if "changedAfter" in query]
    assert changed == [(START - 20 * DAY - HOUR, asked[0][1]), *asked[1:]]


def test_nothing_older_than_six_months_is_searched(make_world: MakeWorld) -> None:
    world = make_world()
    world.came(since=400 * DAY)
    assert min(
        times(query, "created")[0] for query in world.amazon.asked(ORDERS) if "createdAfter" in query
    ) == (START - 180 * DAY)


def test_the_end_of_a_pass_does_not_move_while_its_pages_are_read(make_world: MakeWorld) -> None:
    world = make_world()
    for number in range(5):
        world.amazon.place(f"PO{number}", (number + 1) * HOUR)
    world.amazon.size = 2
    for batch in world.imports(since=DAY).batches():
        world.later(HOUR)
        batch.commit()
    ends = {
        times(query, name)[1]
        for query in world.amazon.asked(ORDERS)
        for name in ("created", "changed")
        if f"{name}After" in query
    }
    assert ends == {LATEST}
    tokens = [query.get("nextToken") for query in world.amazon.asked(ORDERS)]
    assert tokens == [None, "t2", "t4", None]


def test_an_order_that_is_shown_hours_after_its_date_is_found(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("LATE", HOUR, late=3 * HOUR)
    assert world.came() == []
    world.later(2 * HOUR + MINUTE)
    assert world.came() == []  # two minutes are never searched
    world.later(5 * MINUTE)
    assert world.came() == [("LATE", "new")]


def test_with_history_every_order_comes_with_its_state_line_by_line(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", DAY)
    (found,) = world.taken(settings=HISTORY)
    assert found.reason is ImportReason.NEW
    assert found.status is not None
    (line,) = found.lines
    # matched as numbers; what goes back to Amazon is its own text
    assert (line.number, line.item.item_sequence_number) == (1, "1")
    assert line.status is not None
    assert line.status.item_sequence_number == "00001"
    assert world.amazon.asked(f"{ORDERS}/PO1") == []


def test_lines_whose_number_is_none_have_no_state_and_do_no_harm() -> None:
    order = loads(json_of(purchase_order(items=[line("1"), line("one"), line("03")])), Order)
    lines = [{**status_line(), "itemSequenceNumber": number} for number in ("3", "one", "x")]
    found = ImportedOrder(order, loads(json_of(status(itemStatus=lines)), OrderStatus), ImportReason.NEW)
    assert [(one.number, one.status is not None) for one in found.lines] == [
        (1, False),
        (None, False),
        (3, True),
    ]
    bare = loads(b'{"purchaseOrderNumber": " PO1 "}', Order)
    assert ImportedOrder(bare, None, ImportReason.NEW).lines == []
    assert ImportedOrder(bare, None, ImportReason.NEW).number == "PO1"


def test_what_happens_to_an_order_delivers_it_again_as_history(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", 9 * DAY)
    world.amazon.place("PO2", HOUR)
    assert world.came(settings=HISTORY) == [("PO1", "new"), ("PO2", "new")]
    world.amazon.receive("PO1")
    world.amazon.receive("PO2")
    world.later(HOUR)
    found = world.taken(settings=HISTORY)
    assert {one.number: one.reason for one in found} == {
        "PO1": ImportReason.HISTORY,
        "PO2": ImportReason.HISTORY,
    }
    receipts = [
        line.status and line.status.receiving_status and line.status.receiving_status.receive_status
        for one in found
        for line in one.lines
    ]
    assert receipts == ["RECEIVED", "RECEIVED"]
    assert world.came(settings=HISTORY) == []


def test_an_order_that_amazon_changes_soon_after_it_came_comes_again_as_changed(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.amazon.place("PO1", HOUR)
    assert world.came() == [("PO1", "new")]
    world.amazon.change("PO1")
    world.later(HOUR)
    assert world.came() == [("PO1", "changed")]


def test_an_order_whose_state_is_on_another_page_is_read_by_its_number(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.size = 3
    for number in range(16):
        world.amazon.place(f"PO{number:02}", HOUR)
    world.amazon.records["PO00"].has_state = False
    found = world.taken(settings=HISTORY, since=DAY)
    assert sorted(one.number for one in found) == sorted(world.amazon.records)
    assert [one.number for one in found if one.status is None] == ["PO00"]
    assert len(world.amazon.asked(f"{ORDERS}/PO00")) == 1
    assert world.amazon.asked(f"{ORDERS}/PO01") == []


def test_history_alone_reads_what_was_updated_by_its_number(make_world: MakeWorld) -> None:
    world = make_world()
    for number in range(12):
        world.amazon.place(f"PO{number:02}", 2 * DAY)
    assert sorted(world.came(settings=HISTORY_ALONE)) == [
        (f"PO{number:02}", "history") for number in range(12)
    ]
    assert {query.get("purchaseOrderNumber", "") for query in world.amazon.asked(STATUS)} == {
        "",
        *world.amazon.records,
    }
    assert world.amazon.asked(ORDERS) == []


def test_an_import_goes_on_in_another_process_at_the_page_where_it_stopped(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.size = 2
    for number in range(6):
        world.amazon.place(f"PO{number}", HOUR)
    first = next(iter(world.imports(settings=HISTORY, since=DAY).batches()))
    first.commit()
    assert world.store.checkpoint is not None
    world.store = MemoryCheckpoint(Checkpoint.from_json(world.store.checkpoint.to_json()))
    asked = len(world.amazon.queries)
    world.later(HOUR)
    rest = [number for number, _ in world.came(settings=HISTORY)]
    assert {one.number for one in first} | set(rest) == set(world.amazon.records)
    assert world.amazon.queries[asked][1]["nextToken"] == "t2"


def test_a_pass_that_rested_for_months_goes_on_in_the_last_six(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.size = 1
    for number in range(3):
        world.amazon.place(f"PO{number}", 170 * DAY)
    next(iter(world.imports(since=180 * DAY).batches())).commit()
    world.later(40 * DAY)
    asked = len(world.amazon.queries)
    world.came()
    oldest = min(
        times(query, "created")[0] for _, query in world.amazon.queries[asked:] if "createdAfter" in query
    )
    assert oldest >= world.clock.now() - 182 * DAY


@pytest.mark.parametrize(
    "broken",
    [
        {"orders": [{"purchaseOrderState": "New"}]},
        {"orders": ["PO1"]},
        {"orders": "PO1"},
        {"orders": [], "pagination": {"nextToken": {}}},
        {"orders": [], "pagination": "t2"},
    ],
)
def test_a_page_of_which_an_order_may_be_lost_is_not_taken(make_world: MakeWorld, broken: Any) -> None:
    world = make_world()
    world.amazon.steps.append(answer(200, {"payload": broken}))
    with pytest.raises(DecodeError, match="purchase order may be lost"):
        world.came()
    assert world.store.checkpoint is not None
    assert world.store.checkpoint.pages == 0


def test_a_full_page_without_a_token_is_asked_for_once_more(make_world: MakeWorld) -> None:
    world = make_world()
    for number in range(150):
        world.amazon.place(f"PO{number:03}", HOUR)
    page = orders_page(*(purchase_order(f"PO{number:03}") for number in range(100)))
    world.amazon.steps.append(answer(200, page))
    assert {number for number, _ in world.came(since=DAY)} == set(world.amazon.records)


def test_run_delivers_and_commits_until_it_is_stopped(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", DAY)
    kept: list[str] = []

    class Stop:
        def is_set(self) -> bool:
            return world.clock.elapsed > 2000

    def change_once() -> None:
        if world.amazon.records["PO1"].changed is None:
            world.amazon.change("PO1")

    world.clock.on_sleep = change_once
    imports = world.imports()
    imports.run(lambda batch: kept.extend(one.reason.value for one in batch), every=900, stop=Stop())
    assert kept == ["new", "changed"]
    assert imports.status.delivered == 2
    assert imports.status.last_error is None


def test_a_failure_is_met_again_by_the_next_run(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", HOUR)
    world.amazon.steps += [answer(500)] * 4
    with pytest.raises(ServerError):
        world.came()
    world.amazon.steps.clear()
    assert world.came() == [("PO1", "new")]


def test_a_page_never_waits_for_the_lookups_that_it_needs(make_world: MakeWorld) -> None:
    world = make_world()
    for number in range(40):
        world.amazon.place(f"PO{number:02}", HOUR)
    imports, kept = world.imports(settings=HISTORY_ALONE, since=DAY), list[str]()
    steps = 0
    while len(kept) < 40:
        due = imports.step(lambda batch: kept.extend(one.number for one in batch), every=900)
        assert world.clock.slept == []
        world.clock.elapsed += max(0.0, (due - world.clock.now()).total_seconds())
        steps += 1
    assert sorted(kept) == sorted(world.amazon.records)
    assert 9 <= steps < 40


@pytest.mark.parametrize("refusals", [1, 2, 3])
def test_a_step_that_others_leave_no_quota_ends_soon_and_a_later_one_delivers(
    make_world: MakeWorld, refusals: int
) -> None:
    world = make_world()
    for number in range(100):  # a full page that names no other
        world.amazon.place(f"PO{number:02}", HOUR)
    world.amazon.steps += [refusal(429, "QuotaExceeded", x_amzn_ratelimit_limit="0.11")] * refusals
    imports, kept, waits = world.imports(since=DAY), list[str](), list[float]()
    while len(kept) < 100:
        due = imports.step(lambda batch: kept.extend(one.number for one in batch), every=900)
        assert sum(world.clock.slept) < 31
        world.clock.slept.clear()
        waits.append(max(0.0, (due - world.clock.now()).total_seconds()))
        world.clock.elapsed += waits[-1]
    assert sorted(kept) == sorted(world.amazon.records)
    assert max(waits) > 10


@pytest.mark.parametrize("apart", [9, 120])
def test_steps_keep_what_they_read_by_number_until_the_quota_is_used_up(
    make_world: MakeWorld, apart: int
) -> None:
    world = make_world()
    for number in range(6):
        world.amazon.place(f"PO{number}", 5 * DAY)
    assert len(world.came(settings=HISTORY)) == 6
    for number in range(6):
        world.amazon.change(f"PO{number}")
    world.later(15 * MINUTE)
    answered, allowed = world.amazon.answers, [world.clock.elapsed + apart]

    def answers(path: str, query: dict[str, str]) -> HttpResponse:
        if path.startswith(f"{ORDERS}/"):  # others leave a call now and then
            if world.clock.elapsed < allowed[0]:
                return refusal(429, "QuotaExceeded", x_amzn_ratelimit_limit="0.11")
            allowed[0] = world.clock.elapsed + apart
        return answered(path, query)

    world.amazon.answers = answers  # type: ignore[method-assign]
    imports, kept = world.imports(settings=HISTORY), list[str]()
    for _ in range(60):
        due = imports.step(lambda batch: kept.extend(one.number for one in batch), every=900)
        world.clock.elapsed += max(0.0, (due - world.clock.now()).total_seconds())
    assert set(kept) == set(world.amazon.records)


def test_what_a_step_may_wait_for_is_no_limit_of_what_follows_it(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", HOUR)
    imports = world.imports(since=DAY)
    imports.step(print, every=900)
    world.clock.elapsed += 60
    found = {imports.get("PO1").number for _ in range(40)}
    assert found == {"PO1"}
    assert world.clock.slept


def test_a_pass_ends_with_an_error_where_others_leave_no_quota_for_long(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", HOUR)
    world.amazon.steps += [refusal(429, "QuotaExceeded", x_amzn_ratelimit_limit="0.11")] * 30
    with pytest.raises(QuotaError, match="later than max_wait or the deadline"):
        world.came(since=DAY)
    world.amazon.steps.clear()
    assert world.came(since=DAY) == [("PO1", "new")]


def test_a_pass_waits_for_the_quota_that_others_use(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("PO1", HOUR)
    world.amazon.steps += [refusal(429, "QuotaExceeded", x_amzn_ratelimit_limit="0.11")] * 3
    assert world.came(since=DAY) == [("PO1", "new")]
    assert sum(world.clock.slept) > 30


def test_what_was_delivered_is_not_read_by_its_number_again(make_world: MakeWorld) -> None:
    world = make_world()
    for number in range(3):
        world.amazon.place(f"PO{number}", 9 * DAY)
    world.came(settings=HISTORY)
    world.amazon.change("PO1")
    world.amazon.receive("PO2")
    world.later(15 * MINUTE)
    assert sorted(world.came(settings=HISTORY)) == [("PO1", "changed"), ("PO2", "history")]
    # found as changed and as updated, and found once more by the passes that follow
    for _ in range(3):
        world.later(15 * MINUTE)
        assert world.came(settings=HISTORY) == []
    assert [len(world.amazon.asked(f"{ORDERS}/PO{number}")) for number in range(3)] == [0, 1, 1]
    world.amazon.receive("PO1")
    world.later(15 * MINUTE)
    assert world.came(settings=HISTORY) == [("PO1", "history")]


def test_nothing_personal_is_shown_of_what_was_imported_nor_kept_in_the_checkpoint(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    party = {
        "partyId": "PHX3",
        "address": {"name": "Gero Mustermann", "addressLine1": "Am Acker 5", "countryCode": "DE"},
    }
    page = orders_page(purchase_order("PO1", billToParty=party))
    world.amazon.steps.append(answer(200, page))
    (found,) = world.taken(since=DAY)
    details = found.purchase_order.order_details
    assert details is not None
    assert details.bill_to_party is not None
    assert details.bill_to_party.address is not None
    assert details.bill_to_party.address.name == "Gero Mustermann"
    assert "Mustermann" not in f"{found!r} {found.lines!r}"
    assert world.store.checkpoint is not None
    assert "Mustermann" not in world.store.checkpoint.to_json()


@pytest.mark.parametrize("settings", [VendorSettings(), HISTORY])
def test_a_change_that_was_seen_before_its_time_has_come_is_not_delivered_again(
    make_world: MakeWorld, settings: VendorSettings
) -> None:
    world = make_world()
    world.amazon.place("PO1", 9 * DAY)
    world.amazon.change("PO1")  # after the end of the first search, which shows it all the same
    assert world.came(settings=settings) == [("PO1", "new")]
    world.later(15 * MINUTE)
    assert world.came(settings=settings) == []
    world.amazon.change("PO1")
    world.later(15 * MINUTE)
    assert world.came(settings=settings) == [("PO1", "changed")]
