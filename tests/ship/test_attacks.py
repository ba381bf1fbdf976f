"""What goes wrong around a purchase: files, journals and functions that fail, and wrong arguments."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError, SpendingLimitError
from spshipping.journal import Charge, MemoryJournal, SpendingLimit, SqliteJournal, State, steps
from spshipping.journal import file as journal_file
from spshipping.shipping import GetRatesRequest, GetRatesResult, Rate, direct_request
from tests.ship.conftest import Stage


def cheapest(quote: GetRatesResult) -> Rate:
    return quote.cheapest()


def test_a_label_that_cannot_be_saved_is_bought_once_and_saved_later(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    folder = stage.folder / "labels"
    folder.write_bytes(b"in the way")
    purchases = stage.purchases(save_to=folder)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="was bought, and its documents cannot be saved"):
            purchases.ship(parcel, reference="1")
    shipped = purchases.ship_parcels([parcel, parcel], reference="2")
    assert [failure.state for failure in shipped.unsettled] == [State.BOUGHT, State.BOUGHT]
    folder.unlink()
    assert purchases.ship(parcel, reference="1").files[0].is_file()
    assert purchases.ship_parcels([parcel, parcel], reference="2").is_complete
    assert len(stage.sandbox.ledger.labels) == 3


def test_a_journal_that_fails_once_it_was_sent_hides_no_label(
    stage: Stage, parcel: GetRatesRequest, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(MemoryJournal):
        is_failing = False

        def settle(self, *args: Any, **options: Any) -> bool:
            self.is_failing = True
            raise RuntimeError

        def find(self, *args: Any, **options: Any) -> Any:
            if self.is_failing:
                raise RuntimeError
            return super().find(*args, **options)

    stage.journal = Failing(clock=stage.clock)
    shipment = stage.purchases().ship(parcel, reference="1")
    assert shipment.labels[0].data
    assert len(stage.sandbox.ledger.labels) == 1
    assert "the journal raised RuntimeError; ignored" in caplog.text


def test_one_purchase_that_cannot_be_resumed_stops_no_other(
    stage: Stage, parcel: GetRatesRequest, caplog: pytest.LogCaptureFixture
) -> None:
    purchases, calls = stage.purchases(), []

    def interrupted(quote: GetRatesResult) -> Rate:
        raise KeyError

    for reference in ("1", "2", "3"):
        with pytest.raises(KeyError):
            purchases.ship(parcel, reference=reference, choose=interrupted)

    def choose(quote: GetRatesResult) -> Rate:
        calls.append(quote)
        if len(calls) == 1:
            raise ValueError("12 High Street")
        return quote.cheapest()

    caplog.set_level(logging.WARNING)
    resumed = purchases.resume(choose=choose)
    assert [one.reference for one in resumed.shipments] == ["2", "3"]
    assert [one.reference for one in resumed.waiting] == ["1"]
    assert "ValueError was raised" in caplog.text
    assert "High Street" not in caplog.text


def test_a_time_limit_of_the_job_ends_what_is_resumed(stage: Stage, parcel: GetRatesRequest) -> None:
    class TimeLimitError(Exception):
        pass

    class Interrupted(MemoryJournal):
        is_interrupted = False

        def quote(self, *args: Any, **options: Any) -> bool:
            if self.is_interrupted:
                raise TimeLimitError
            return super().quote(*args, **options)

    journal = stage.journal = Interrupted(clock=stage.clock)
    purchases = stage.purchases()
    for reference in ("1", "2"):
        with pytest.raises(InvalidRequestError):
            purchases.ship(parcel, reference=reference, choose=lambda _: None)
    journal.is_interrupted = True
    with pytest.raises(TimeLimitError):
        purchases.resume(choose=cheapest)
    journal.is_interrupted = False
    assert len(purchases.resume(choose=cheapest).shipments) == 2


def test_a_choice_that_does_not_exist_is_refused_when_it_is_resumed(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    purchases = stage.purchases()
    with pytest.raises(InvalidRequestError):
        purchases.ship(parcel, reference="1", choose=lambda _: None)
    with pytest.raises(InvalidRequestError, match="is 'cheapest', 'fastest' or a function"):
        purchases.resume(choose="cheepest")
    assert stage.sandbox.ledger.labels == []


@pytest.mark.parametrize("value", [None, "a rate", 5])
def test_what_is_no_rate_is_not_bought(stage: Stage, parcel: GetRatesRequest, value: object) -> None:
    purchases = stage.purchases()
    with pytest.raises(InvalidRequestError, match="is not one of this result's rates"):
        purchases.ship(parcel, reference="1", choose=lambda _: value)
    assert purchases.find("1").state is State.RESERVED


@pytest.mark.parametrize("shipment_id", [5, "", "  ", "a\nb", ["x"]])
def test_a_purchase_is_not_settled_with_what_is_no_id(
    stage: Stage, parcel: GetRatesRequest, shipment_id: Any
) -> None:
    with pytest.raises(InvalidRequestError, match="give either the shipment id"):
        stage.purchases().settle("1", bought=shipment_id)


@pytest.mark.parametrize(
    "options",
    [
        {"limit": Decimal(5)},
        {"limit": SpendingLimit(Decimal(5), "GBP", None)},  # type: ignore[arg-type]
        {"seller": "  "},
        {"seller": 5},
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_sent(
    stage: Stage, options: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError):
        stage.purchases(**options)


def test_wrong_types_are_named(stage: Stage, parcel: GetRatesRequest) -> None:
    purchases = stage.purchases()
    purchases.ship(parcel, reference="1")
    direct = direct_request(parcel)
    calls: list[tuple[str, Callable[[], object]]] = [
        ("at", lambda: purchases.delivered("1", at="today")),
        ("bought_before", lambda: purchases.purge(bought_before="today")),
        ("value_added_services", lambda: purchases.ship(parcel, reference="2", value_added_services=(5,))),
        ("value_added_services", lambda: purchases.ship(parcel, reference="2", value_added_services="X")),
        (
            "max_charge",
            lambda: purchases.ship_direct(direct, reference="2", max_charge=Charge(Decimal(5), 5)),  # type: ignore[arg-type]
        ),
    ]
    for path, call in calls:
        with pytest.raises(InvalidRequestError) as caught:
            call()
        assert caught.value.path == path
    assert len(stage.sandbox.ledger.labels) == 1


@pytest.mark.parametrize("replaces", [False, True])
def test_nothing_is_bought_with_a_journal_whose_file_was_taken_away(
    stage: Stage, parcel: GetRatesRequest, replaces: bool
) -> None:
    path = stage.folder / "journal.db"
    with SqliteJournal(path, clock=stage.clock) as stage.journal:
        purchases = stage.purchases()
        purchases.ship(parcel, reference="1")
        path.rename(stage.folder / "old.db")
        if replaces:
            path.write_bytes(b"another one")
        with pytest.raises(ConfigurationError, match="was removed or replaced while it was in use"):
            purchases.ship(parcel, reference="2")
        if not replaces:
            with (
                SqliteJournal(path) as other,
                pytest.raises(ConfigurationError, match=r"is gone, and journal\.db-wal"),
            ):
                other.secret()
        assert len(stage.sandbox.ledger.labels) == 1
        (stage.folder / "old.db").replace(path)
        assert purchases.ship(parcel, reference="1").is_repeat


def test_an_interrupt_while_it_waits_for_the_file_leaves_the_file_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(sqlite3.Connection):
        is_interrupted = False

        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            found = super().execute(sql, *args)
            if sql.startswith("BEGIN") and self.is_interrupted:
                raise KeyboardInterrupt
            return found

    def connected(path: Path) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Interrupted)

    monkeypatch.setattr(journal_file, "_connected", connected)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with SqliteJournal(tmp_path / "journal.db") as journal, SqliteJournal(journal.path) as other:
        journal.secret()
        monkeypatch.setattr(Interrupted, "is_interrupted", True)
        with pytest.raises(KeyboardInterrupt):
            journal.events().purge(now)
        monkeypatch.setattr(Interrupted, "is_interrupted", False)
        other.secret()
        with closing(sqlite3.connect(journal.path, timeout=0, isolation_level=None)) as third:
            third.execute("BEGIN IMMEDIATE")
            third.execute("ROLLBACK")


def test_a_charge_below_zero_makes_no_room_in_a_limit() -> None:
    limit = SpendingLimit(Decimal(5), "GBP")
    with pytest.raises(SpendingLimitError, match="costs an unknown amount"):
        steps.check_limit(Charge(Decimal(-500), "GBP"), [], limit)
