"""Others at the same reference: they are waited for, taken over from, and never bought beside."""

import logging
from datetime import timedelta
from decimal import Decimal

import pytest

from spshipping import ConfigurationError, GatewayError, LeaseLostError, SpendingLimitError
from spshipping.journal import Entry, NewEntry, Owned, Scope, SpendingLimit, State
from spshipping.shipping import GetRatesRequest, GetRatesResult, Rate
from spshipping.shipping.ship.sent import LEASE_SECONDS
from tests.ship.conftest import SELLER, Late, Stage, found, ship


def known(stage: Stage, parcel: GetRatesRequest) -> NewEntry:
    """Return the entry that shipping *parcel* begins."""

    def choose(quote: GetRatesResult) -> Rate:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ship(stage, parcel, choose=choose)
    entry = stage.journal.find(Scope(stage.sandbox.url, SELLER, "AmazonShipping_UK", "1001"))
    assert isinstance(entry, Entry)
    return NewEntry(entry.scope, entry.fields, entry.wanted or "")


def taken(stage: Stage, new: NewEntry) -> Owned:
    other = stage.journal.begin(new, LEASE_SECONDS)
    assert isinstance(other, Owned)
    return other


def test_another_process_is_waited_for(stage: Stage, parcel: GetRatesRequest) -> None:
    other = taken(stage, known(stage, parcel))

    def give_up_in_time() -> None:
        if len(stage.clock.slept) == 6:
            assert stage.journal.renew(other, 0)

    stage.clock.on_sleep = give_up_in_time
    assert ship(stage, parcel).shipment_id
    assert stage.clock.slept[:7] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert len(stage.labels) == 1


def test_a_process_that_died_is_taken_over_from_when_its_lease_ends(
    stage: Stage, parcel: GetRatesRequest, caplog: pytest.LogCaptureFixture
) -> None:
    taken(stage, known(stage, parcel))
    caplog.set_level(logging.INFO, "spshipping")
    assert ship(stage, parcel).shipment_id
    waits = [text for text in caplog.messages if "waits" in text]
    assert [text.partition(", until")[0] for text in waits] == [
        "the purchase: waits 90 s for another process that works on this reference, or has died"
    ]
    assert LEASE_SECONDS <= stage.clock.elapsed <= LEASE_SECONDS + 1


@pytest.mark.parametrize(("deadline", "waited"), [(None, 180), (20.0, 20)])
def test_a_wait_for_another_ends(
    stage: Stage, parcel: GetRatesRequest, deadline: float | None, waited: float
) -> None:
    other = taken(stage, known(stage, parcel))
    stage.clock.on_sleep = lambda: stage.journal.renew(other, LEASE_SECONDS)
    options = {} if deadline is None else {"deadline": deadline}
    with pytest.raises(LeaseLostError, match="ship it again later"):
        ship(stage, parcel, **options)
    assert waited <= stage.clock.elapsed <= waited + 1
    assert stage.labels == []


def test_one_that_was_overtaken_while_it_chose_buys_nothing_itself(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    new = known(stage, parcel)

    def overtake() -> None:
        stage.pass_time(LEASE_SECONDS)
        taken(stage, new)

    ship(stage, parcel, choose=Late([overtake]))
    assert (stage.count("purchaseShipment"), len(stage.labels)) == (1, 1)
    assert stage.clock.elapsed >= 2 * LEASE_SECONDS, "the other one died, and its lease has ended"


def test_one_that_was_overtaken_before_it_sent_sends_nothing(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, refusals = stage.journal.sending, [False]

    def overtaken(owned: Owned, lease: float) -> bool:
        return refusals.pop() if refusals else sending(owned, lease)

    monkeypatch.setattr(stage.journal, "sending", overtaken)
    ship(stage, parcel)
    assert (stage.count("getRates"), stage.count("purchaseShipment")) == (2, 1)


def test_one_that_was_overtaken_before_it_sent_again_sends_nothing(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = known(stage, parcel)
    mine = taken(stage, new)
    stage.journal.renew(mine, 0)
    ship(stage, parcel, reference="1002")
    bought = stage.journal.find(new.scope._replace(reference="1002"))
    assert bought is not None
    assert bought.call is not None
    other = taken(stage, new)
    stage.journal.quote(other, bought.call, None)
    stage.journal.sending(other, 0)
    sending, refusals = stage.journal.sending, [False]

    def overtaken(owned: Owned, lease: float) -> bool:
        return refusals.pop() if refusals else sending(owned, lease)

    monkeypatch.setattr(stage.journal, "sending", overtaken)
    assert ship(stage, parcel).shipment_id
    assert stage.clock.elapsed >= LEASE_SECONDS
    assert len(stage.labels) == 1, "the same key as that of 1002, which this test has put into it"


def test_a_cancelled_reference_never_buys_by_itself(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    cancelled = stage.purchases().cancel("1001")
    assert cancelled.state is State.CANCELLED
    assert stage.purchases().cancel("1001") == cancelled
    assert stage.count("cancelShipment") == 1
    with pytest.raises(GatewayError, match="was cancelled: for a new label, ship it with generation=2"):
        ship(stage, parcel)
    second = ship(stage, parcel, generation=2)
    assert ship(stage, parcel, generation=2).shipment_id == second.shipment_id
    assert len(set(stage.labels)) == len(stage.labels) == 2


def test_a_further_label_names_the_one_that_it_replaces(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(GatewayError, match="generation 1 of this reference is not in the journal"):
        ship(stage, parcel, generation=2)
    first = ship(stage, parcel)
    for wrong in ({}, {"replaces": "another"}):
        with pytest.raises(GatewayError, match="the generation before is bought: cancel it first, or name"):
            ship(stage, parcel, generation=2, **wrong)
    second = ship(stage, parcel, generation=2, replaces=first.shipment_id)
    assert ship(stage, parcel, generation=2).shipment_id == second.shipment_id
    assert len(stage.labels) == 2
    with pytest.raises(GatewayError, match="generation 3 of this reference is not in the journal"):
        ship(stage, parcel, generation=4)


def test_what_was_refused_has_no_second_generation(stage: Stage, parcel: GetRatesRequest) -> None:
    known(stage, parcel)
    with pytest.raises(GatewayError, match="the generation before is reserved"):
        ship(stage, parcel, generation=2, replaces="x")


def test_labels_that_were_taken_are_printed_again(stage: Stage, parcel: GetRatesRequest) -> None:
    (path,) = ship(stage, parcel, save_to=stage.folder).files
    assert stage.purchases().taken("1001").state is State.TAKEN
    path.write_bytes(b"printed")
    assert ship(stage, parcel, save_to=stage.folder).files == (path,)
    assert stage.count("getShipmentDocuments") == 1
    assert path.read_bytes().startswith(b"%PDF")


def test_what_is_purged_never_buys_again(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    limit = stage.clock.now() + timedelta(seconds=1)
    assert stage.purchases().purge(bought_before=limit) == 1
    assert found(stage).shipment_id is None
    with pytest.raises(GatewayError, match="what was kept of it has been purged"):
        ship(stage, parcel)
    assert stage.purchases().purge(bought_before=limit) == 0
    assert len(stage.labels) == 1


def test_a_limit_is_kept_before_anything_is_bought(stage: Stage, parcel: GetRatesRequest) -> None:
    limit = SpendingLimit(Decimal("8.00"), "GBP", "Europe/London")
    for reference in ("a", "b"):
        assert ship(stage, parcel, reference=reference, limit=limit).charge == (Decimal("3.75"), "GBP")
    with pytest.raises(SpendingLimitError, match=r"of the limit of 8\.00 for today, 0\.50 is left"):
        ship(stage, parcel, reference="c", limit=limit)
    assert ship(stage, parcel, reference="a", limit=limit).is_repeat, (
        "what is bought is returned all the same"
    )
    stage.purchases().cancel("a")
    assert ship(stage, parcel, reference="c", limit=limit)
    assert stage.sandbox.ledger.spent == {"GBP": Decimal("7.50")}
    with pytest.raises(ConfigurationError, match="is in EUR, and AmazonShipping_UK charges in GBP"):
        ship(stage, parcel, reference="d", limit=limit._replace(unit="EUR"))
    with pytest.raises(ConfigurationError, match="is no time zone"):
        ship(stage, parcel, reference="d", limit=limit._replace(zone="Mars/Olympus"))
    assert len(stage.labels) == 3
