"""Purchases without a quote in a journal that may keep no address: it keeps no bytes, and guesses none."""

from collections.abc import Iterator

import pytest

from spshipping import FileStore, OutcomeUnknownError, UnsettledPurchaseError
from spshipping.journal import Account, SqliteJournal, State
from spshipping.shipping import GetRatesRequest
from tests.ship.conftest import SELLER, Stage, found, ship
from tests.ship.test_unquoted import both, buy, reserved, unknown
from tests.ship.unquoted import DIRECT, ONE_CLICK, direct_of, label, one_click_of, request_of


@pytest.fixture
def unkept(stage: Stage) -> Iterator[Stage]:
    """Return a stage whose journal has no key."""
    with SqliteJournal(stage.folder / "journal" / "journal.db", clock=stage.clock) as journal:
        stage.journal = journal
        yield stage


def written(stage: Stage) -> bytes:
    return b"".join(each.read_bytes() for each in (stage.folder / "journal").iterdir())


@both
def test_nothing_personal_is_written(unkept: Stage, parcel: GetRatesRequest, way: str) -> None:
    unknown(unkept, way, request_of(way, parcel))
    buy(unkept, way, request_of(way, parcel), reference="1002")
    data = written(unkept)
    assert parcel.ship_to is not None
    for text in (parcel.ship_to.name, parcel.ship_to.address_line1, parcel.ship_from.name, "itemIdentifier"):
        assert str(text).encode() not in data
    assert b"1002" in data


def test_the_same_request_is_sent_again_with_its_key(unkept: Stage, parcel: GetRatesRequest) -> None:
    unknown(unkept, DIRECT, direct_of(parcel))
    assert buy(unkept, DIRECT, direct_of(parcel)).labels
    requests = unkept.sandbox.ledger.requests("directPurchaseShipment")
    assert len({(request.body_digest, request.key) for request in requests}) == 1
    assert len(unkept.labels) == 1


def test_another_request_is_not_sent_with_that_key(unkept: Stage, parcel: GetRatesRequest) -> None:
    unknown(unkept, DIRECT, direct_of(parcel))
    sent = unkept.count("directPurchaseShipment")
    refusal = "does not keep the bytes that were sent"
    other = direct_of(parcel, label_specifications=label("ZPL"))
    for way, request in ((DIRECT, other), (ONE_CLICK, one_click_of(parcel))):
        with pytest.raises(OutcomeUnknownError, match=refusal):
            buy(unkept, way, request)
    with pytest.raises(OutcomeUnknownError, match=refusal):
        ship(unkept, parcel)
    with pytest.raises(OutcomeUnknownError, match=refusal):
        buy(unkept, DIRECT, direct_of(parcel), locale="fr-CA")
    assert unkept.count("directPurchaseShipment") == sent
    assert buy(unkept, DIRECT, direct_of(parcel)), "the reference was given up each time"
    assert unkept.clock.slept.count(0.05) == 0
    assert len(unkept.labels) == 1


def test_what_cannot_be_sent_again_waits_and_is_named(unkept: Stage, parcel: GetRatesRequest) -> None:
    unknown(unkept, DIRECT, direct_of(parcel, label_specifications=label("ZPL")))
    resumed = unkept.purchases().resume()
    assert [purchase.state for purchase in resumed.waiting] == [State.UNKNOWN]
    unkept.pass_time(596)
    (purchase,) = unkept.purchases().resume().unsettled
    assert purchase.state is State.UNSETTLED
    with pytest.raises(UnsettledPurchaseError):
        buy(unkept, DIRECT, direct_of(parcel))
    (bought,) = unkept.sandbox.ledger.labels
    unkept.purchases().settle("1001", bought=bought.shipment_id)
    assert buy(unkept, DIRECT, direct_of(parcel)).labels[0].format == "ZPL"
    assert len(unkept.labels) == 1


@both
def test_what_was_not_sent_waits_for_its_parcel(
    unkept: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    reserved(unkept, way, request_of(way, parcel), monkeypatch)
    resumed = unkept.purchases().resume()
    assert ([purchase.reference for purchase in resumed.waiting], resumed.shipments) == (["1001"], [])
    assert buy(unkept, way, request_of(way, parcel))


@both
def test_with_a_key_the_addresses_are_sealed(stage: Stage, parcel: GetRatesRequest, way: str) -> None:
    key = FileStore.new_key()
    path = stage.folder / "journal" / "journal.db"
    with SqliteJournal(path, key=lambda: key, clock=stage.clock) as stage.journal:
        unknown(stage, way, request_of(way, parcel))
        assert parcel.ship_to is not None
        assert str(parcel.ship_to.name).encode() not in written(stage)
        (entry,) = stage.journal.entries(Account(stage.sandbox.url, SELLER), list(State))
        assert str(parcel.ship_to.name) in (entry.wanted or "")
        is_in_call = str(parcel.ship_to.name) in (entry.call or "")
        assert is_in_call is (way == DIRECT), "the bytes of one click are never sent again"
        stage.purchases().resume()
        assert found(stage).state is (State.BOUGHT if way == DIRECT else State.UNSETTLED)
