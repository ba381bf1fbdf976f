"""The parts of the import: its switches, the vendor code, and what is missing."""

import itertools
import logging
from datetime import timedelta
from typing import Any

import pytest

from spshipping import (
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    SwitchedOffError,
)
from spshipping.settings import VendorSettings
from spshipping.vendor.sync import ImportReason
from tests.kit import START, answer
from tests.unit.vendor.imports.amazon import DAY, HOUR
from tests.unit.vendor.imports.conftest import MakeWorld

HISTORY = VendorSettings(import_history=True)
HISTORY_ALONE = VendorSettings(import_new_orders=False, import_history=True)
MISSING_ALONE = VendorSettings(import_new_orders=False, import_missing_orders=True)


def nothing(_: Any) -> set[str]:
    return set()


def test_an_order_that_is_gone_is_left_out_and_the_log_says_so(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world()
    world.amazon.place("GONE", DAY).is_gone = True
    world.amazon.place("HERE", DAY)
    with caplog.at_level(logging.WARNING):
        assert world.came(settings=HISTORY_ALONE) == [("HERE", "history")]
    assert "is not there by its number" in caplog.text


def test_missing_orders_are_those_that_are_not_known_and_come_once_a_day(make_world: MakeWorld) -> None:
    world = make_world()
    kept: set[str] = set()
    asked: list[list[str]] = []

    def known(numbers: list[str]) -> set[str]:
        asked.append(numbers)
        return kept & set(numbers)

    options = {"settings": MISSING_ALONE, "known": known}
    world.amazon.place("OLD", 100 * DAY)
    world.amazon.place("HAD", 50 * DAY)
    kept.add("HAD")
    assert world.came(**options) == [("OLD", "missing")]
    assert sorted(itertools.chain(*asked)) == ["HAD", "OLD"]
    searches = len(world.amazon.queries)
    world.later(HOUR)
    assert world.came(**options) == []
    assert len(world.amazon.queries) == searches
    # as long as it is not known, it comes each day
    world.later(DAY)
    assert world.came(**options) == [("OLD", "missing")]
    assert world.store.checkpoint is not None
    assert not world.store.checkpoint.digests
    kept.add("OLD")
    world.later(DAY)
    assert world.came(**options) == []


def test_missing_orders_come_with_their_state_where_history_is_on(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("OLD", 100 * DAY)
    (found,) = world.taken(settings=MISSING_ALONE._replace(import_history=True), known=nothing)
    assert (found.number, found.reason) == ("OLD", ImportReason.MISSING)
    assert found.status is not None


def test_all_switches_together_deliver_each_order_once(make_world: MakeWorld) -> None:
    world = make_world()
    kept: set[str] = set()
    for number in range(7):
        world.amazon.place(f"PO{number}", (number * 20 + 1) * DAY)
    world.amazon.change("PO6")
    everything = VendorSettings(True, True, True, True, True)
    imports = world.imports(settings=everything, known=kept.intersection, since=180 * DAY)
    found = []
    for batch in imports.batches():
        found += [one.number for one in batch]
        kept.update(found)
        batch.commit()
    assert sorted(found) == sorted(world.amazon.records)


def test_the_vendor_code_of_the_client_is_asked_for_and_holds_for_what_is_answered(
    make_world: MakeWorld,
) -> None:
    world = make_world(vendor_code="ABCD1")
    world.amazon.place("OURS", DAY)
    world.amazon.place("FOREIGN", DAY, code="OTHER")
    world.amazon.ignores_filters = True
    assert {number for number, _ in world.came(settings=HISTORY)} == {"OURS"}
    assert {query["orderingVendorCode"] for _, query in world.amazon.queries if query} == {"ABCD1"}
    assert world.store.checkpoint is not None
    assert world.store.checkpoint.filters == {"orderingVendorCode": "ABCD1"}


def test_without_a_vendor_code_the_orders_of_every_code_come(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.place("OURS", DAY)
    world.amazon.place("OTHERS", DAY, code="OTHER")
    assert {number for number, _ in world.came()} == {"OURS", "OTHERS"}


def test_an_order_that_turns_out_to_be_foreign_is_left_out_and_the_log_says_so(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world(vendor_code="ABCD1")
    record = world.amazon.place("MOVED", DAY)
    listed = answer(200, {"payload": {"ordersStatus": [record.state()]}})
    record.code = "OTHER"
    world.amazon.steps.append(listed)
    with caplog.at_level(logging.WARNING):
        assert world.came(settings=HISTORY_ALONE, since=DAY) == []
    assert "another vendor code" in caplog.text


def test_one_order_is_read_by_its_number_and_a_foreign_one_is_refused(make_world: MakeWorld) -> None:
    world = make_world(vendor_code="ABCD1")
    world.amazon.place("OURS", DAY)
    world.amazon.place("FOREIGN", DAY, code="OTHER")
    found = world.imports(settings=HISTORY).get(" OURS")
    assert (found.number, found.reason) == ("OURS", ImportReason.REQUESTED)
    assert found.status is not None
    assert world.imports().get("OURS").status is None
    with pytest.raises(ConfigurationError, match="another vendor code") as caught:
        world.imports().get("FOREIGN")
    assert "FOREIGN" not in str(caught.value)
    with pytest.raises(NotFoundError):
        world.imports().get("NONE")
    for number in ("", " ", 7):
        with pytest.raises(InvalidRequestError, match="number of a purchase order"):
            world.imports().get(number)


def test_changes_outside_the_window_are_taken_out_where_amazon_ignores_the_filter(
    make_world: MakeWorld,
) -> None:
    world = make_world()
    world.amazon.place("OLD", 30 * DAY).changed = START - 29 * DAY
    world.amazon.ignores_filters = True
    found = world.imports(since=DAY, overlap=timedelta(0))
    came = [(one.number, one.reason.value) for batch in found.batches() for one in batch]
    assert came == [("OLD", "new")]  # nothing shows when it became available


@pytest.mark.parametrize("switch", ["synchronization_enabled", "orders_integration"])
def test_a_master_switch_that_is_off_sends_nothing(make_world: MakeWorld, switch: str) -> None:
    world = make_world()
    everything = VendorSettings(True, True, True, True, True)
    imports = world.imports(settings=everything._replace(**{switch: False}), known=nothing)
    for use in (
        lambda: list(imports.batches()),
        lambda: imports.run(print, every=60),
        lambda: imports.step(print, every=60),
        lambda: list(imports.missing()),
        lambda: imports.get("PO1"),
    ):
        with pytest.raises(SwitchedOffError, match=f"nothing is sent: switch it on with {switch}"):
            use()
    assert world.amazon.requests == []


def test_where_every_part_is_off_nothing_is_sent(make_world: MakeWorld) -> None:
    world = make_world()
    with pytest.raises(SwitchedOffError, match="import_new_orders"):
        world.came(settings=VendorSettings(import_new_orders=False))
    assert world.amazon.requests == []


def test_missing_needs_its_switch_and_a_function(make_world: MakeWorld) -> None:
    world = make_world()
    with pytest.raises(SwitchedOffError, match="import_missing_orders"):
        list(world.imports(known=nothing).missing())
    with pytest.raises(InvalidRequestError, match="import_missing_orders is on"):
        world.imports(settings=MISSING_ALONE)
    with pytest.raises(InvalidRequestError, match="takes a function"):
        world.imports(known={"PO1"})
    imports = world.imports(settings=MISSING_ALONE, known=lambda _: "PO1")
    world.amazon.place("PO1", DAY)
    with pytest.raises(ConfigurationError, match="returns a set of those numbers"):
        list(imports.missing())


def test_missing_searches_at_once_and_leaves_the_checkpoint_alone(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.size = 1
    for number in range(3):
        world.amazon.place(f"PO{number}", (number * 10 + 1) * DAY)
    imports = world.imports(settings=MISSING_ALONE, known=nothing)
    world.clock.on_sleep = None
    found = [one.number for one in imports.missing(lambda _: {"PO1"}, since=15 * DAY)]
    assert found == ["PO0"]
    assert sorted(one.number for one in imports.missing()) == ["PO0", "PO1", "PO2"]
    assert world.store.checkpoint is None


def test_a_switch_that_is_turned_meanwhile_holds_from_the_next_page_on(make_world: MakeWorld) -> None:
    world = make_world()
    world.amazon.size = 1
    for number in range(3):
        world.amazon.place(f"PO{number}", HOUR)
    next(iter(world.imports(settings=HISTORY, since=DAY).batches())).commit()
    came = world.came(settings=HISTORY_ALONE)
    assert sorted(came) == [("PO1", "history"), ("PO2", "history")]
