"""Nothing personal shows, whatever goes wrong while a parcel is shipped: no traceback, log, repr or file."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from spshipping import FileStore, SpShippingError, loads, replace
from spshipping.journal import Account, SqliteJournal, State
from spshipping.shipping import GetRatesRequest
from spshipping.shipping.ship.unquoted import Kind, unquoted_of
from tests.kit import PACKAGE
from tests.ship.conftest import ORDER, SELLER, Stage, found, ship
from tests.ship.test_unquoted import buy
from tests.ship.test_unquoted import unknown as unknown_by
from tests.ship.unquoted import DIRECT, ONE_CLICK, direct_of, one_click_of

CANARY = "Canary Quokka"


@pytest.fixture
def parcel() -> GetRatesRequest:
    parcel = loads(ORDER.read_bytes(), GetRatesRequest)
    recipient = parcel.ship_to
    assert recipient is not None
    return replace(parcel, ship_to=replace(recipient, name=CANARY))


def refused(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("status", status=400)
    ship(stage, parcel)


def unquoted(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("status", status=400, operation="getRates")
    ship(stage, parcel)


def unknown(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=3)
    ship(stage, parcel)


def unreadable(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("null_field", path="payload.shipmentId")
    ship(stage, parcel)


def another(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    recipient = parcel.ship_to
    assert recipient is not None
    ship(stage, replace(parcel, ship_to=replace(recipient, name=f"{CANARY} II")))


def invalid(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, replace(parcel, packages=parcel.packages * 2))


def many(stage: Stage, parcel: GetRatesRequest) -> None:
    purchases = stage.purchases()
    purchases.ship_parcels([parcel], reference="1001")
    recipient = parcel.ship_to
    assert recipient is not None
    other = replace(parcel, ship_to=replace(recipient, name=f"{CANARY} II"))
    purchases.ship_parcels([other, parcel], reference="1001")


def unordered(stage: Stage, parcel: GetRatesRequest) -> None:
    (package,) = parcel.packages
    items = [replace(item, item_identifier=CANARY) for item in package.items]
    named = replace(parcel, packages=[replace(package, items=items)])
    stage.purchases().ship_parcels([named], reference="1001", items={f"{CANARY} II": 1})


def returning(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    recipient = parcel.ship_to
    assert recipient is not None
    other = replace(parcel, ship_to=replace(recipient, name=f"{CANARY} II"))
    stage.purchases().ship_return("1001", parcel=other)


def cancelling(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=6)
    with pytest.raises(SpShippingError):
        ship(stage, parcel)
    stage.purchases().cancel("1001")


def choosing(stage: Stage, parcel: GetRatesRequest) -> None:
    def choose(quote: Any) -> Any:
        raise ZeroDivisionError

    ship(stage, parcel, choose=choose)


def stored(stage: Stage, parcel: GetRatesRequest) -> None:
    def fail(*_: object) -> bool:
        raise OSError("the disk is full")

    stage.journal.quote = fail  # type: ignore[method-assign,assignment]  # a disk that is full
    ship(stage, parcel)


def conditional(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel, require_benefits=("FREE_LUNCH",))


def direct(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=3, operation="directPurchaseShipment")
    buy(stage, DIRECT, direct_of(parcel))


def clicked(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", operation="oneClickShipment")
    buy(stage, ONE_CLICK, one_click_of(parcel))


def clicked_again(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown_by(stage, ONE_CLICK, one_click_of(parcel))
    buy(stage, ONE_CLICK, one_click_of(parcel))


def clicked_wrong(stage: Stage, parcel: GetRatesRequest) -> None:
    buy(stage, ONE_CLICK, one_click_of(parcel, packages=[]))


ACTS = [refused, unquoted, unknown, unreadable, another, invalid, choosing, stored, conditional]


@pytest.mark.parametrize(
    "act",
    [*ACTS, direct, clicked, clicked_again, clicked_wrong, many, unordered, returning, cancelling],
    ids=lambda act: act.__name__,
)
def test_nothing_shows_whatever_goes_wrong(
    stage: Stage,
    parcel: GetRatesRequest,
    caplog: pytest.LogCaptureFixture,
    act: Callable[[Stage, GetRatesRequest], None],
) -> None:
    key = FileStore.new_key()
    path = stage.folder / "journal.db"
    with SqliteJournal(path, key=lambda: key, clock=stage.clock) as stage.journal:
        with caplog.at_level(logging.DEBUG), pytest.raises(Exception) as caught:
            act(stage, parcel)
        written = b"".join(each.read_bytes() for each in path.parent.iterdir())
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    # what a test calls the parcel is the caller's own
    shown = "".join(frames.format())
    package = "\n".join(part for part in shown.split('  File "') if PACKAGE in part.split("\n")[0])
    assert PACKAGE in package
    for text in (package, str(caught.value), repr(caught.value), caplog.text):
        assert CANARY not in text
    assert CANARY.encode() not in written


def test_what_the_journal_returns_shows_nothing(stage: Stage, parcel: GetRatesRequest) -> None:
    shipment = ship(stage, parcel)
    entries = stage.journal.entries(Account(stage.sandbox.url, SELLER), list(State))
    direct = unquoted_of(Kind.DIRECT, direct_of(parcel), entries[0].scope, {})
    for shown in (shipment, found(stage), entries, stage.purchases().resume(), direct):
        assert CANARY not in repr(shown)
    assert repr(direct) == "<Unquoted direct>"
    assert CANARY in (entries[0].wanted or ""), "it is there, and hidden"
