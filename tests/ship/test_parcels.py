"""The parcels of one order: each once, in their order, never more than the order has, never forgotten."""

from decimal import Decimal
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    ConfigurationError,
    GatewayError,
    InvalidRequestError,
    OutcomeUnknownError,
    ReferenceConflictError,
    SpendingLimitError,
    TransportError,
    UnsettledPurchaseError,
    replace,
)
from spshipping.journal import Owned, Scope, SpendingLimit, State
from spshipping.shipping import GetRatesRequest, GetRatesResult, Rate
from spshipping.shipping.ship.sent import LEASE_SECONDS
from tests.ship.conftest import SELLER, Late, Stage, found, ship

ATTEMPTS = 3
SKU = "SKU-BOWL-24"


@pytest.fixture
def parcels(parcel: GetRatesRequest) -> list[GetRatesRequest]:
    """Return three parcels of different weights."""
    return [heavier(parcel, kilograms) for kilograms in (1, 2, 3)]


def heavier(parcel: GetRatesRequest, kilograms: int) -> GetRatesRequest:
    (package,) = parcel.packages
    weight = replace(package.weight, value=Decimal(kilograms))
    return replace(parcel, packages=[replace(package, weight=weight)])


def holding(parcel: GetRatesRequest, name: str | None, quantity: int) -> GetRatesRequest:
    (package,) = parcel.packages
    (item,) = package.items
    items = [item, replace(item, item_identifier=name, quantity=quantity)]
    return replace(parcel, packages=[replace(package, items=items)])


def ship_all(stage: Stage, parcels: Any, **options: Any) -> Any:
    """Ship as `client.shipping` does, with the usual arguments."""
    merged: dict[str, Any] = {"reference": "1001", "journal": stage.journal, "seller": SELLER, **options}
    return stage.client.shipping.ship_parcels(parcels, **merged)


def references(found: Any) -> list[str]:
    return [one.reference for one in found]


def test_each_parcel_has_a_label_in_the_order_of_the_parcels(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    shipped = ship_all(stage, parcels, save_to=stage.folder)
    assert shipped.is_complete
    assert references(shipped.shipments) == ["1001/1", "1001/2", "1001/3"]
    assert stage.labels == [shipment.package_client_reference_id for shipment in shipped.shipments]
    assert len({shipment.files for shipment in shipped.shipments}) == 3
    again = ship_all(stage, parcels, save_to=stage.folder)
    assert again.shipments == tuple(one._replace(is_repeat=True) for one in shipped.shipments)
    assert len(stage.labels) == 3


def test_one_that_fails_is_reported_and_the_same_call_ships_only_what_is_missing(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    def choose(quote: GetRatesResult) -> Rate:
        if stage.count("getRates") == 1:
            stage.fail("status", status=400, operation="getRates")
        return quote.cheapest()

    shipped = ship_all(stage, parcels, choose=choose)
    assert references(shipped.shipments) == ["1001/1", "1001/3"]
    (failure,) = shipped.failures
    assert (failure.number, failure.reference, failure.state) == (2, "1001/2", State.RESERVED)
    assert isinstance(failure.error, BadRequestError)
    assert not shipped.is_complete
    assert shipped.unsettled == ()
    again = ship_all(stage, parcels)
    assert again.is_complete
    assert [one.is_repeat for one in again.shipments] == [True, False, True]
    assert len(stage.labels) == 3


def test_one_whose_outcome_is_unknown_is_no_failure(stage: Stage, parcels: list[GetRatesRequest]) -> None:
    stage.fail("drop_after", count=ATTEMPTS)
    shipped = ship_all(stage, parcels)
    assert references(shipped.shipments) == ["1001/2", "1001/3"]
    assert shipped.failures == ()
    (doubtful,) = shipped.unsettled
    assert (doubtful.number, doubtful.state) == (1, State.UNKNOWN)
    assert isinstance(doubtful.error, OutcomeUnknownError)
    assert not shipped.is_complete
    assert ship_all(stage, parcels).is_complete
    assert len(stage.labels) == 3


def test_after_ten_minutes_it_is_for_a_person(stage: Stage, parcels: list[GetRatesRequest]) -> None:
    stage.fail("drop_after", count=ATTEMPTS)
    ship_all(stage, parcels)
    stage.pass_time(601)
    (doubtful,) = ship_all(stage, parcels).unsettled
    assert doubtful.state is State.UNSETTLED
    assert isinstance(doubtful.error, UnsettledPurchaseError)
    stage.purchases().settle("1001/1", not_bought=True)
    assert ship_all(stage, parcels).is_complete


def test_one_that_another_process_works_on_is_no_failure(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    ship_all(stage, parcels[:1])
    with pytest.raises(ZeroDivisionError):
        ship_all(stage, parcels, choose=Late([lambda: 1 / 0]))
    account = Scope(stage.sandbox.url, SELLER, "AmazonShipping_UK", "").account
    other = stage.journal.claim(account, [State.RESERVED], LEASE_SECONDS)
    assert isinstance(other, Owned)
    stage.clock.on_sleep = lambda: stage.journal.renew(other, LEASE_SECONDS)
    (doubtful,) = ship_all(stage, parcels[:2]).unsettled
    assert (doubtful.reference, doubtful.state) == ("1001/2", State.RESERVED)


def test_a_deadline_is_for_all_parcels(stage: Stage, parcels: list[GetRatesRequest]) -> None:
    late = Late([lambda: None, lambda: stage.pass_time(31)])
    shipped = ship_all(stage, parcels, deadline=30.0, choose=late)
    assert references(shipped.shipments) == ["1001/1"]
    assert [failure.state for failure in shipped.failures] == [State.RESERVED, None]
    assert all(isinstance(failure.error, TransportError) for failure in shipped.failures)
    assert stage.count("getRates") == 2


def test_a_limit_is_for_each_parcel(stage: Stage, parcels: list[GetRatesRequest]) -> None:
    limit = SpendingLimit(Decimal("8.00"), "GBP")
    shipped = ship_all(stage, [parcels[0]] * 3, limit=limit)
    assert references(shipped.shipments) == ["1001/1", "1001/2"]
    assert isinstance(shipped.failures[0].error, SpendingLimitError)


def test_an_exception_of_the_caller_passes_and_says_that_there_are_labels(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        ship_all(stage, parcels, choose=Late([lambda: 1 / 0]))
    assert not hasattr(caught.value, "__notes__")
    late = Late([lambda: None, lambda: None, lambda: 1 / 0])
    with pytest.raises(ZeroDivisionError) as caught:
        ship_all(stage, parcels, choose=late)
    assert caught.value.__notes__[0].startswith("2 of 3 parcels were shipped")
    assert [one.is_repeat for one in ship_all(stage, parcels).shipments] == [True, True, False]


def test_a_journal_that_fails_hides_no_label(
    stage: Stage, parcels: list[GetRatesRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, calls = stage.journal.begin, []

    def broken(*_: object) -> Any:
        raise ConfigurationError("the journal cannot be used")

    def failing(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            monkeypatch.setattr(stage.journal, "find", broken)
            broken()
        return begin(*args)

    monkeypatch.setattr(stage.journal, "begin", failing)
    shipped = ship_all(stage, parcels[:2])
    assert references(shipped.shipments) == ["1001/1"]
    (doubtful,) = shipped.unsettled
    assert (doubtful.state, str(doubtful.error)) == (None, "the journal cannot be used")


def test_parcels_in_another_order_are_refused_before_anything_is_sent(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    ship_all(stage, parcels[:1])
    with pytest.raises(ReferenceConflictError, match="give the same ones in the same order") as caught:
        ship_all(stage, [parcels[1], parcels[0]])
    assert caught.value.paths == ("parcels[0].packages[0].weight.value",)
    assert (stage.count("getRates"), len(stage.labels)) == (1, 1)


def test_further_parcels_can_follow_and_none_can_be_missing(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    ship_all(stage, parcels[:2])
    shipped = ship_all(stage, parcels)
    assert [one.is_repeat for one in shipped.shipments] == [True, True, False]
    with pytest.raises(ReferenceConflictError) as caught:
        ship_all(stage, parcels[:1])
    assert caught.value.paths == ("parcels[1]", "parcels[2]")
    for reference in ("1001/2", "1001/3"):
        stage.purchases().cancel(reference)
    assert ship_all(stage, parcels[:1]).is_complete, "what was cancelled is not forgotten, but gone"


def test_a_parcel_that_was_not_bought_can_be_corrected_and_split(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    stage.fail("status", status=400)
    assert ship_all(stage, parcels[:1]).failures[0].state is State.REFUSED
    shipped = ship_all(stage, parcels[1:])
    assert references(shipped.shipments) == ["1001/1", "1001/2"]
    assert len(stage.labels) == 2


def test_one_that_is_overtaken_by_other_parcels_buys_nothing_more(
    stage: Stage, parcels: list[GetRatesRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    ship_all(stage, parcels[:1])
    # as if the other process had not yet begun when this one looked
    monkeypatch.setattr(stage.journal, "entries", lambda *_: [])
    shipped = ship_all(stage, parcels[1:])
    assert shipped.shipments == ()
    assert [(each.reference, each.state) for each in shipped.unsettled] == [("1001/1", State.BOUGHT)]
    assert [(each.reference, each.state) for each in shipped.failures] == [("1001/2", None)]
    for each in (*shipped.unsettled, *shipped.failures):
        assert isinstance(each.error, ReferenceConflictError)
    assert len(stage.labels) == 1


def test_a_second_label_for_one_parcel_is_the_one_that_is_returned(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    ship_all(stage, parcels)
    stage.purchases().cancel("1001/2")
    shipped = ship_all(stage, parcels)
    assert references(shipped.failures) == ["1001/2"]
    assert isinstance(shipped.failures[0].error, GatewayError)
    second = ship(stage, parcels[1], reference="1001/2", generation=2)
    again = ship_all(stage, parcels)
    assert again.is_complete
    assert again.shipments[1].shipment_id == second.shipment_id
    for option in ({"generation": 2}, {"replaces": second.shipment_id}):
        with pytest.raises(InvalidRequestError, match=r"^(generation|replaces): is for one parcel"):
            ship_all(stage, parcels, **option)


def test_a_reference_that_was_shipped_as_one_parcel_is_not_shipped_again_as_many(
    stage: Stage, parcels: list[GetRatesRequest], parcel: GetRatesRequest
) -> None:
    ship(stage, parcel)
    with pytest.raises(ReferenceConflictError, match="belongs to one parcel, which is bought") as caught:
        ship_all(stage, parcels)
    assert caught.value.paths == ("parcels",)
    stage.purchases().cancel("1001")
    assert ship_all(stage, parcels).is_complete


def test_other_references_and_businesses_beside_it_do_not_count(
    stage: Stage, parcels: list[GetRatesRequest], parcel: GetRatesRequest
) -> None:
    ship(stage, parcel, business="AmazonShipping_US", reference="1001/4")
    assert ship_all(stage, parcels).is_complete
    assert found(stage, "1001/4") is None
    for reference in ("1001-a", "1001/x", "1001/04", "10010"):
        ship(stage, parcel, reference=reference)
    assert ship_all(stage, parcels).is_complete


def test_what_cannot_be_shipped_is_named_before_anything_is_sent(
    stage: Stage, parcels: list[GetRatesRequest]
) -> None:
    (package,) = parcels[1].packages
    broken = replace(parcels[1], packages=[replace(package, weight=None)])
    for wrong, message in (
        ([], r"^parcels: is a list"),
        (iter(parcels), r"^parcels: is a list"),
        ([parcels[0], "x"], r"^parcels\[1\]: is no GetRatesRequest"),
        ([parcels[0], broken], r"^parcels\[1\]\.packages\[0\]\.weight: "),
        ([replace(parcels[0], packages=[package, package])], r"^parcels\[0\]\.packages: holds one package"),
    ):
        with pytest.raises(InvalidRequestError, match=message):
            ship_all(stage, wrong)
    with pytest.raises(InvalidRequestError, match=r"^reference: "):
        ship_all(stage, parcels, reference="")
    assert (stage.count("getRates"), found(stage, "1001/1")) == (0, None)


def test_the_parcels_hold_no_more_than_the_order(stage: Stage, parcels: list[GetRatesRequest]) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        ship_all(stage, parcels, items={SKU: 5})
    assert caught.value.path == "parcels[2].packages[0].items[0].quantity"
    assert "hold 6 of this item by here, and the order has 5" in str(caught.value)
    assert stage.count("getRates") == 0
    assert ship_all(stage, parcels, items={SKU: 6}).is_complete


@pytest.mark.parametrize(
    ("name", "quantity", "path"),
    [
        ("Ada Example", 1, "parcels[1].packages[0].items[1].item_identifier"),
        (None, 1, "parcels[1].packages[0].items[1].item_identifier"),
        (SKU, -1, "parcels[1].packages[0].items[1].quantity"),
    ],
)
def test_an_item_that_is_not_the_orders_is_refused_without_its_name(
    stage: Stage, parcels: list[GetRatesRequest], name: str | None, quantity: int, path: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        ship_all(stage, [parcels[0], holding(parcels[1], name, quantity)], items={SKU: 9})
    assert caught.value.path == path
    assert "Ada" not in str(caught.value)


@pytest.mark.parametrize("quantity", [-1, 1.5, True])
def test_the_quantities_of_the_order_are_numbers(
    stage: Stage, parcels: list[GetRatesRequest], quantity: Any
) -> None:
    with pytest.raises(InvalidRequestError, match=r"^items: the quantity of item 2 must be"):
        ship_all(stage, parcels, items={SKU: 9, "other": quantity})


def test_the_facade_ships_parcels_as_the_client_does(stage: Stage, parcels: list[GetRatesRequest]) -> None:
    shipped = stage.purchases().ship_parcels(parcels, reference="1001", items={SKU: 6})
    assert ship_all(stage, parcels).shipments == tuple(
        one._replace(is_repeat=True) for one in shipped.shipments
    )
