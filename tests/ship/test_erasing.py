"""What is kept of people is erased when it is old: in the journal, and as labels on the disk."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from spshipping import FileStore, GatewayError, InvalidRequestError
from spshipping.journal import SqliteJournal, State
from spshipping.shipping import GetRatesRequest
from tests.ship.conftest import Stage, found, ship

DAY = 86400.0


def names(folder: Path) -> list[str]:
    return sorted(path.name.split("-")[0] for path in folder.iterdir())


def test_purging_erases_the_labels_of_what_is_purged_and_no_other_file(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    folder = stage.folder / "labels"
    purchases = stage.purchases(save_to=folder)
    for reference in ("old", "taken", "cancelled", "back"):
        purchases.ship(parcel, reference=reference)
    purchases.taken("taken")
    purchases.cancel("cancelled")
    purchases.ship_return("back")
    stage.pass_time(DAY)
    limit = stage.clock.now()
    purchases.ship(parcel, reference="young")
    (folder / "old-notes.txt").write_text("mine")
    (folder / "old-0123abcd-1-LABEL.pdf").write_text("another's")
    assert purchases.purge(bought_before=limit) == 5
    assert names(folder) == ["old", "old", "young"]
    assert (folder / "old-0123abcd-1-LABEL.pdf").exists(), "it belongs to another scope"
    assert [found(stage, reference).state for reference in ("old", "taken", "cancelled", "young")] == [
        State.PURGED,
        State.PURGED,
        State.CANCELLED,
        State.BOUGHT,
    ]
    assert purchases.purge(bought_before=limit) == 0


def test_a_label_that_was_fetched_again_after_it_was_settled_by_hand_is_erased_too(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    folder = stage.folder / "labels"
    purchases = stage.purchases(save_to=folder)
    stage.fail("null_field", path="payload.packageDocumentDetails.0.packageDocuments.0.contents")
    assert purchases.ship(parcel, reference="1001").files[0].exists()
    stage.pass_time(DAY)
    assert purchases.purge(bought_before=stage.clock.now()) == 1
    assert names(folder) == []


def test_what_was_purged_without_the_folder_loses_its_labels_with_it(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    folder = stage.folder / "labels"
    stage.purchases(save_to=folder).ship(parcel, reference="1001")
    stage.pass_time(DAY)
    assert stage.purchases().purge(bought_before=stage.clock.now()) == 1
    assert names(folder) == ["1001"]
    assert stage.purchases(save_to=folder).purge(bought_before=stage.clock.now()) == 0
    assert names(folder) == []


def test_what_a_process_left_half_written_is_erased(stage: Stage) -> None:
    left, mine, young = (
        stage.folder / f"{name}.tmp" for name in (".0123456789abcdef", "a", ".1123456789abcdef")
    )
    hours = {left: 2, mine: 2, young: 0.5}
    for path, age in hours.items():
        path.write_bytes(b"%PDF")
        then = stage.clock.now().timestamp() - age * 3600
        os.utime(path, (then, then))
    assert stage.purchases(save_to=stage.folder).purge(bought_before=stage.clock.now()) == 0
    assert sorted(stage.folder.iterdir()) == sorted([mine, young])


def test_a_folder_that_is_not_there_has_no_labels(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    stage.pass_time(DAY)
    assert stage.purchases(save_to=stage.folder / "none").purge(bought_before=stage.clock.now()) == 1


def test_what_was_delivered_is_purged_by_the_time_of_its_delivery(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    key = FileStore.new_key()
    with SqliteJournal(stage.folder / "journal.db", key=lambda: key, clock=stage.clock) as stage.journal:
        purchases = stage.purchases(save_to=stage.folder / "labels")
        for reference in ("early", "now", "unsaid"):
            purchases.ship(parcel, reference=reference)
        early = stage.clock.now() - timedelta(days=40)
        assert purchases.delivered("early", at=early).delivered_at == early
        assert purchases.delivered("now").delivered_at == stage.clock.now()
        assert found(stage, "unsaid").delivered_at is None
        assert purchases.purge(delivered_before=stage.clock.now() - timedelta(days=30)) == 1
        assert names(stage.folder / "labels") == ["now", "unsaid"]
        stage.pass_time(DAY)
        assert purchases.purge(delivered_before=stage.clock.now()) == 1
        assert found(stage, "now").state is State.PURGED
        assert found(stage, "now").delivered_at is not None
        with pytest.raises(GatewayError, match="has been purged"):
            purchases.ship(parcel, reference="now")
        assert purchases.ship(parcel, reference="unsaid").is_repeat


def test_only_what_is_bought_is_delivered(stage: Stage, parcel: GetRatesRequest) -> None:
    purchases = stage.purchases()
    with pytest.raises(GatewayError, match="not in the journal"):
        purchases.delivered("1001")
    ship(stage, parcel)
    purchases.cancel("1001")
    with pytest.raises(GatewayError, match="is cancelled: there is no parcel that could be delivered"):
        purchases.delivered("1001")


def test_times_have_a_time_zone_and_one_is_given(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    purchases, naive = stage.purchases(), datetime(2026, 3, 1)  # noqa: DTZ001 - that is what is tested
    for name in ("bought_before", "delivered_before"):
        with pytest.raises(InvalidRequestError, match=f"^{name}: must be a datetime with a time zone"):
            purchases.purge(**{name: naive})
    with pytest.raises(InvalidRequestError, match=r"^at: must be a datetime with a time zone"):
        purchases.delivered("1001", at=naive)
    with pytest.raises(InvalidRequestError, match=r"^bought_before: give a time"):
        purchases.purge()
    assert found(stage).state is State.BOUGHT
