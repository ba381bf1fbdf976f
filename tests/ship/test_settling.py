"""Purchases that were not ended: resumed, named as unsettled, settled by hand, cancelled."""

import contextlib
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    FileStore,
    GatewayError,
    InvalidRequestError,
    OutcomeUnknownError,
    ReferenceConflictError,
    ShippingBusiness,
    TransportError,
    UnsettledPurchaseError,
    replace,
)
from spshipping.journal import Account, Entry, Outcome, Owned, SqliteJournal, State
from spshipping.sandbox.keys import KeyRules
from spshipping.shipping import AmazonOrderDetails, ChannelDetails, ChannelType, GetRatesRequest
from spshipping.shipping.ship.sent import LEASE_SECONDS
from spshipping.shipping.ship.shipment import Bought
from tests.ship.conftest import SELLER, Late, Stage, found, ship

ATTEMPTS = 3


def stop() -> None:
    raise ZeroDivisionError


def reserved(stage: Stage, parcel: GetRatesRequest, **options: Any) -> None:
    """Begin a purchase, and stop before anything is bought."""
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        ship(stage, parcel, **options)


def unknown(stage: Stage, parcel: GetRatesRequest, kind: str = "drop_after", **options: Any) -> None:
    """Leave a purchase with an unknown outcome."""
    stage.fail(kind, count=ATTEMPTS)
    with pytest.raises(OutcomeUnknownError):
        ship(stage, parcel, **options)


def references(purchases: list[Any]) -> list[str]:
    return [purchase.reference for purchase in purchases]


def test_what_was_never_sent_is_quoted_anew(stage: Stage, parcel: GetRatesRequest) -> None:
    reserved(stage, parcel, choose="fastest", format="PNG", dpi=203)
    resumed = stage.purchases(save_to=stage.folder).resume()
    (shipment,) = resumed.shipments
    assert (resumed.unsettled, resumed.waiting) == ([], [])
    assert shipment.labels[0].format == "PNG"
    assert shipment.files[0].exists()
    assert shipment.service_name != "Amazon Shipping Standard"
    assert ship(stage, parcel).shipment_id == shipment.shipment_id
    assert len(stage.labels) == 1


def test_what_may_have_been_sent_is_sent_again(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    (shipment,) = stage.purchases().resume().shipments
    assert (stage.count("getRates"), stage.labels) == (1, [shipment.package_client_reference_id])


def test_what_is_still_unknown_waits(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    stage.fail("drop_after", count=ATTEMPTS)
    resumed = stage.purchases().resume()
    assert (resumed.shipments, references(resumed.waiting)) == ([], ["1001"])
    assert resumed.waiting[0].state is State.UNKNOWN
    assert stage.purchases().unsettled() == []


def test_after_ten_minutes_a_person_must_look_it_up(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel, "drop_before")
    stage.pass_time(596)
    sent = stage.count("purchaseShipment")
    (purchase,) = stage.purchases().unsettled()
    assert purchase.state is State.UNKNOWN
    resumed = stage.purchases().resume()
    assert references(resumed.unsettled) == ["1001"]
    with pytest.raises(UnsettledPurchaseError, match="can no longer be sent again: look it up"):
        ship(stage, parcel)
    assert stage.count("purchaseShipment") == sent
    (purchase,) = stage.purchases().unsettled()
    assert purchase == resumed.unsettled[0]._replace(sent_age=purchase.sent_age)
    assert (purchase.state, purchase.shipment_id, purchase.order_id) == (State.UNSETTLED, None, None)


def test_shipping_it_again_after_ten_minutes_says_so_too(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    stage.pass_time(596)
    with pytest.raises(UnsettledPurchaseError):
        ship(stage, parcel)
    assert found(stage).state is State.UNSETTLED
    assert len(stage.labels) == 1


def test_within_ten_minutes_it_is_sent_again(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    stage.pass_time(590)
    assert ship(stage, parcel)
    assert len(stage.labels) == 1


@pytest.mark.parametrize(
    "rules",
    [
        KeyRules("replay"),
        KeyRules("refuse_other_body"),
        KeyRules("forget", 600.0),
        KeyRules(checks_expiry_first=True),
    ],
    ids=["replay", "refuse other bodies", "forget", "expiry first"],
)
def test_whatever_amazon_does_with_keys_there_is_one_label(
    stage: Stage, parcel: GetRatesRequest, rules: KeyRules
) -> None:
    stage.sandbox.keys = rules
    for reference in ("soon", "late", "too late"):
        unknown(stage, parcel, reference=reference)
    assert ship(stage, parcel, reference="soon")
    # the sandbox's time goes on by itself too: a minute is left for that
    stage.sandbox.clock.advance(540)
    stage.clock.elapsed += 540
    ship(stage, parcel, reference="late")
    stage.sandbox.clock.advance(65)
    with contextlib.suppress(OutcomeUnknownError):  # where the rate has expired, it is refused
        ship(stage, parcel, reference="too late")
    stage.pass_time(80)
    stage.purchases().resume()
    named = references(stage.purchases().unsettled())
    in_hand = [one for one in ("soon", "late", "too late") if found(stage, one).state is State.BOUGHT]
    assert sorted(named + in_hand) == ["late", "soon", "too late"]
    assert len(set(stage.labels)) == len(stage.labels) == 3


def test_a_person_names_the_shipment(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    (label,) = stage.sandbox.ledger.labels
    purchases = stage.purchases()
    with pytest.raises(InvalidRequestError, match="either the shipment id"):
        purchases.settle("1001")
    with pytest.raises(InvalidRequestError, match="either the shipment id"):
        purchases.settle("1001", bought=label.shipment_id, not_bought=True)
    with pytest.raises(InvalidRequestError, match="either the shipment id"):
        purchases.settle("1001", bought="")
    settled = purchases.settle("1001", bought=label.shipment_id)
    assert (settled.state, settled.shipment_id) == (State.BOUGHT, label.shipment_id)
    assert settled.is_by_hand
    again = ship(stage, parcel)
    assert (again.shipment_id, again.service_id) == (label.shipment_id, "SWA-UK-STD")
    assert again.labels[0].data.startswith(b"%PDF")
    with pytest.raises(GatewayError, match="is bought, and not to be settled by hand"):
        purchases.settle("1001", not_bought=True)


def test_a_person_says_that_nothing_was_bought(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel, "drop_before")
    stage.pass_time(601)
    assert stage.purchases().resume().unsettled
    first = found(stage).idempotency_key
    assert stage.purchases().settle("1001", not_bought=True).state is State.REFUSED
    assert ship(stage, parcel)
    assert found(stage).idempotency_key != first
    assert len(stage.labels) == 1


def test_what_is_not_in_the_journal_cannot_be_settled(stage: Stage) -> None:
    with pytest.raises(GatewayError, match="not in the journal"):
        stage.purchases().settle("1001", not_bought=True)


def test_a_purchase_without_its_bytes_can_be_settled(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown(stage, parcel)
    (label,) = stage.sandbox.ledger.labels
    find = stage.journal.find

    def without(scope: Any) -> Entry | None:
        entry = find(scope)
        return entry and entry._replace(call=None)

    with monkeypatch.context() as patched:
        patched.setattr(stage.journal, "find", without)
        assert stage.purchases().settle("1001", bought=label.shipment_id).state is State.BOUGHT
    assert ship(stage, parcel).labels


def test_without_a_key_parcels_are_not_kept_and_wait(stage: Stage, parcel: GetRatesRequest) -> None:
    with SqliteJournal(stage.folder / "journal.db", clock=stage.clock) as stage.journal:
        reserved(stage, parcel)
        resumed = stage.purchases().resume()
        assert (resumed.shipments, references(resumed.waiting)) == ([], ["1001"])
        assert resumed.waiting[0].state is State.RESERVED
        unknown(stage, parcel)
        assert len(stage.purchases().resume().shipments) == 1
        assert len(stage.labels) == 1


def test_with_a_key_parcels_are_kept(stage: Stage, parcel: GetRatesRequest) -> None:
    key = FileStore.new_key()
    path = stage.folder / "journal.db"
    with SqliteJournal(path, key=lambda: key, clock=stage.clock) as stage.journal:
        reserved(stage, parcel)
        (shipment,) = stage.purchases().resume().shipments
        assert ship(stage, parcel) == shipment._replace(is_repeat=True)


def test_a_choice_by_a_function_waits_for_another(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(ZeroDivisionError):
        ship(stage, parcel, choose=Late([stop]))
    assert references(stage.purchases().resume().waiting) == ["1001"]
    (shipment,) = stage.purchases().resume(choose="fastest").shipments
    assert shipment.labels


def test_one_that_is_refused_does_not_stop_the_others(stage: Stage, parcel: GetRatesRequest) -> None:
    for reference in ("a", "b", "c"):
        reserved(stage, parcel, reference=reference)
    stage.fail("status", status=400)
    resumed = stage.purchases().resume()
    assert [shipment.reference for shipment in resumed.shipments] == ["b", "c"]
    assert references(resumed.waiting) == ["a"]
    assert resumed.waiting[0].state is State.REFUSED


def test_a_rate_that_expired_is_quoted_again_by_resume(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(ZeroDivisionError):
        ship(stage, parcel, choose=Late([stop]))
    late = Late([lambda: stage.sandbox.clock.advance(601)])
    assert len(stage.purchases().resume(choose=late).shipments) == 1
    assert len(stage.labels) == 1


def test_each_is_resumed_for_its_own_business_and_others_are_left_alone(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    reserved(stage, parcel, business=ShippingBusiness.IT)
    reserved(stage, parcel, seller="another")
    (shipment,) = stage.purchases().resume().shipments
    assert stage.sandbox.ledger.requests("purchaseShipment")[0].business == ShippingBusiness.IT
    assert shipment.charge.unit == "EUR"
    assert len(stage.labels) == 1


def test_what_another_process_works_on_is_left_alone(stage: Stage, parcel: GetRatesRequest) -> None:
    reserved(stage, parcel)
    account = Account(stage.sandbox.url, SELLER)
    assert stage.journal.claim(account, list(State), LEASE_SECONDS)
    assert stage.purchases().resume() == ([], [], [])


def test_what_another_process_takes_over_is_left_to_it(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown(stage, parcel)
    monkeypatch.setattr(stage.journal, "sending", lambda *_: False)
    assert stage.purchases().resume() == ([], [], [])


def test_an_amazon_order_is_named_for_the_person(stage: Stage, parcel: GetRatesRequest) -> None:
    details = AmazonOrderDetails(order_id="902-1234567-1234567")
    channel = ChannelDetails(channel_type=ChannelType.AMAZON, amazon_order_details=details)
    reserved(stage, replace(parcel, channel_details=channel))
    assert found(stage).order_id == "902-1234567-1234567"


def test_what_may_have_been_bought_is_settled_and_then_cancelled(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    unknown(stage, parcel)
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    (label,) = stage.sandbox.ledger.labels
    assert label.is_cancelled
    keys = {request.key for request in stage.sandbox.ledger.requests("purchaseShipment")}
    assert len(keys) == 1


def test_what_never_arrived_is_bought_by_its_key_and_then_cancelled(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    unknown(stage, parcel, "drop_before")
    assert stage.labels == []
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    assert [label.is_cancelled for label in stage.sandbox.ledger.labels] == [True]


def test_what_stays_unknown_is_not_cancelled(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    stage.fail("drop_after", count=ATTEMPTS)
    with pytest.raises(OutcomeUnknownError):
        stage.purchases().cancel("1001")
    assert (found(stage).state, stage.count("cancelShipment")) == (State.UNKNOWN, 0)
    assert stage.purchases().cancel("1001").state is State.CANCELLED


def test_what_can_no_longer_be_sent_again_is_not_cancelled(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    stage.pass_time(601)
    sent = stage.count("purchaseShipment")
    for _ in range(2):
        with pytest.raises(UnsettledPurchaseError, match=r"resume\(\) or settle\(\) it first"):
            stage.purchases().cancel("1001")
        stage.purchases().resume()
    assert (stage.count("purchaseShipment"), stage.count("cancelShipment")) == (sent, 0)


def test_what_another_process_is_sending_is_not_cancelled(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    account = Account(stage.sandbox.url, SELLER)
    assert stage.journal.claim(account, [State.UNKNOWN], LEASE_SECONDS)
    with pytest.raises(UnsettledPurchaseError):
        stage.purchases().cancel("1001")
    assert stage.count("cancelShipment") == 0


@pytest.mark.parametrize("neighbours", [[], ["1002"]])
def test_what_another_process_settles_meanwhile_is_cancelled_and_its_neighbour_left_alone(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, neighbours: list[str]
) -> None:
    for reference in ("1001", *neighbours):
        unknown(stage, parcel, reference=reference)
    claim = stage.journal.claim

    def overtaken(*args: Any) -> Owned | None:
        other = claim(*args)
        assert other is not None
        bought = Bought(stage.sandbox.ledger.labels[0].shipment_id)
        assert stage.journal.settle(other, Outcome.BOUGHT, bought.to_json())
        return claim(*args)

    monkeypatch.setattr(stage.journal, "claim", overtaken)
    sent = stage.count("purchaseShipment")
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    assert stage.count("purchaseShipment") == sent
    monkeypatch.undo()
    assert len(stage.purchases().resume().shipments) == len(neighbours), "nobody owns it"


def test_a_strict_client_cancels_what_it_could_not_read(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, parcel)
    stage.client = stage.make_client(strict=True)
    stage.fail("null_field", path="payload.promise")
    assert stage.purchases().cancel("1001").state is State.CANCELLED


def test_a_deadline_is_for_settling_and_cancelling(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown(stage, parcel)
    settle = stage.journal.settle

    def slow(*args: Any) -> bool:
        stage.pass_time(20)
        return settle(*args)

    monkeypatch.setattr(stage.journal, "settle", slow)
    with pytest.raises(TransportError, match="the whole call is over"):
        stage.purchases().cancel("1001", deadline=10.0)
    assert (found(stage).state, stage.count("cancelShipment")) == (State.BOUGHT, 0)


def test_what_was_not_bought_is_not_cancelled(stage: Stage, parcel: GetRatesRequest) -> None:
    reserved(stage, parcel)
    with pytest.raises(GatewayError, match="is reserved: there is nothing to cancel"):
        stage.purchases().cancel("1001")
    with pytest.raises(GatewayError, match="is reserved, and cannot become taken"):
        stage.purchases().taken("1001")


def test_a_cancellation_whose_answer_was_lost_is_found_out(stage: Stage, parcel: GetRatesRequest) -> None:
    for reference in ("1001", "1002"):
        ship(stage, parcel, reference=reference)
    stage.fail("drop_after", operation="cancelShipment")
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    stage.fail("drop_after", count=ATTEMPTS, operation="cancelShipment")
    with pytest.raises(OutcomeUnknownError):
        stage.purchases().cancel("1002")
    assert stage.purchases().cancel("1002").state is State.CANCELLED


def doubtful(stage: Stage, parcel: GetRatesRequest) -> Any:
    """Leave a cancellation with an unknown outcome."""
    shipment = ship(stage, parcel)
    stage.fail("drop_before", count=ATTEMPTS, operation="cancelShipment")
    with pytest.raises(OutcomeUnknownError):
        stage.purchases().cancel("1001")
    assert found(stage).state is State.CANCELLING
    return shipment


def test_a_label_that_may_be_cancelled_is_not_handed_out(stage: Stage, parcel: GetRatesRequest) -> None:
    shipment = doubtful(stage, parcel)
    with pytest.raises(GatewayError, match="cancellation of this reference was sent, and its outcome"):
        ship(stage, parcel)
    with pytest.raises(GatewayError, match="cancel it again, or look it up"):
        stage.purchases().taken("1001")
    assert ship(stage, parcel, generation=2, replaces=shipment.shipment_id)
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    assert len(stage.labels) == 2


def test_a_cancellation_in_doubt_that_is_refused_stays_in_doubt(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    shipment = doubtful(stage, parcel)
    stage.fail("status", status=400, operation="cancelShipment")
    with pytest.raises(BadRequestError):
        stage.purchases().cancel("1001")
    assert found(stage).state is State.CANCELLING
    assert stage.purchases().settle("1001", bought=shipment.shipment_id).state is State.BOUGHT
    assert ship(stage, parcel).labels == shipment.labels


def test_a_person_settles_a_cancellation(stage: Stage, parcel: GetRatesRequest) -> None:
    doubtful(stage, parcel)
    settled = stage.purchases().settle("1001", not_bought=True)
    assert (settled.state, settled.is_by_hand) == (State.CANCELLED, True)
    assert ship(stage, parcel, generation=2)


def test_what_was_taken_stays_taken_when_its_cancellation_is_refused(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    ship(stage, parcel)
    stage.purchases().taken("1001")
    stage.fail("status", status=400, operation="cancelShipment")
    with pytest.raises(BadRequestError):
        stage.purchases().cancel("1001")
    assert found(stage).state is State.TAKEN


def test_a_cancellation_that_amazon_refuses_changes_nothing(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    stage.fail("status", status=400, operation="cancelShipment")
    with pytest.raises(BadRequestError):
        stage.purchases().cancel("1001")
    assert found(stage).state is State.BOUGHT


def test_the_facade_ships_as_the_client_does(stage: Stage, parcel: GetRatesRequest) -> None:
    shipment = stage.purchases().ship(parcel, reference="1001")
    assert ship(stage, parcel).shipment_id == shipment.shipment_id
    with pytest.raises(ReferenceConflictError):
        stage.purchases().ship(parcel, reference="1001", value_added_services=("x",))
    assert stage.purchases().find("none") is None
