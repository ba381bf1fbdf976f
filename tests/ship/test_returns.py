"""The label for the way back: its own, once, with the addresses swapped, or a plain refusal."""

from datetime import timedelta
from decimal import Decimal

import pytest

from spshipping import (
    BadRequestError,
    FileStore,
    GatewayError,
    InvalidRequestError,
    OutcomeUnknownError,
    ReferenceConflictError,
    loads,
    replace,
)
from spshipping.journal import Account, SqliteJournal, State
from spshipping.shipping import (
    AmazonOrderDetails,
    ChannelDetails,
    ChannelType,
    CollectOnDelivery,
    Currency,
    GetRatesRequest,
    ShipmentType,
    ShipperInstruction,
    ValueAddedServiceDetails,
)
from spshipping.shipping.ship.returns import returned
from spshipping.wire.text import parse
from tests.ship.conftest import SELLER, Stage, found, ship
from tests.ship.test_unquoted import buy
from tests.ship.unquoted import DIRECT, ONE_CLICK, request_of

ATTEMPTS = 3


def test_a_return_is_a_label_of_its_own_with_the_addresses_swapped(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    outward = ship(stage, parcel)
    purchases = stage.purchases(save_to=stage.folder)
    back = purchases.ship_return("1001")
    assert (back.reference, back.generation, back.is_return, back.is_repeat) == ("1001", 1, True, False)
    assert stage.labels == [outward.package_client_reference_id, back.package_client_reference_id]
    assert purchases.ship_return("1001") == back._replace(is_repeat=True)
    assert back.files[0].name.startswith("1001_return-")
    sent = wanted(stage)
    assert (sent.ship_from, sent.ship_to) == (parcel.ship_to, parcel.ship_from)
    assert sent.shipment_type == ShipmentType.RETURNS
    assert not ship(stage, parcel).is_return
    assert len(stage.labels) == 2


def wanted(stage: Stage) -> GetRatesRequest:
    """Return the request for the way back, as the journal has it."""
    entries = stage.journal.entries(Account(stage.sandbox.url, SELLER), list(State))
    (text,) = [entry.wanted for entry in entries if entry.scope.reference.endswith("return")]
    return loads(parse((text or "").encode())["request"], GetRatesRequest)


def test_it_never_meets_a_reference_of_that_name(stage: Stage, parcel: GetRatesRequest) -> None:
    for reference in ("1001", "1001/return", "1001return"):
        ship(stage, parcel, reference=reference)
    assert not stage.purchases().ship_return("1001").is_repeat
    with pytest.raises(InvalidRequestError, match=r"^reference: "):
        ship(stage, parcel, reference="1001\x1freturn")
    assert len(set(stage.labels)) == len(stage.labels) == 4


def test_it_has_generations_of_its_own(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    purchases = stage.purchases()
    first = purchases.ship_return("1001")
    with pytest.raises(GatewayError, match="the generation before is bought: cancel it first"):
        purchases.ship_return("1001", generation=2)
    assert purchases.cancel("1001", is_return=True).state is State.CANCELLED
    assert found(stage).state is State.BOUGHT
    with pytest.raises(GatewayError, match="was cancelled"):
        purchases.ship_return("1001")
    second = purchases.ship_return("1001", generation=2)
    assert second.shipment_id != first.shipment_id
    assert purchases.ship_return("1001", generation=2).shipment_id == second.shipment_id
    purchases.taken("1001", generation=2, is_return=True)
    known = purchases.find("1001", generation=2, is_return=True)
    assert (known.reference, known.is_return, known.state) == ("1001", True, State.TAKEN)


def test_it_is_resumed_and_settled_like_any_other(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    purchases = stage.purchases()
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        purchases.ship_return("1001")
    (back,) = purchases.resume().shipments
    assert (back.reference, back.is_return) == ("1001", True)
    ship(stage, parcel, reference="1002")
    stage.fail("drop_after", count=ATTEMPTS)
    with pytest.raises(OutcomeUnknownError):
        purchases.ship_return("1002")
    stage.pass_time(601)
    purchases.resume()
    (named,) = purchases.unsettled()
    assert (named.reference, named.is_return) == ("1002", True)
    shipment_id = stage.sandbox.ledger.labels[-1].shipment_id
    assert purchases.settle("1002", bought=shipment_id, is_return=True).state is State.BOUGHT
    assert purchases.ship_return("1002").shipment_id == shipment_id


def test_what_comes_back_is_the_newest_generation(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    stage.purchases().cancel("1001")
    with pytest.raises(GatewayError, match="is cancelled: there is nothing that could come back"):
        stage.purchases().ship_return("1001")
    (package,) = parcel.packages
    weight = replace(package.weight, value=Decimal(7))
    other = replace(parcel, packages=[replace(package, weight=weight)])
    ship(stage, other, generation=2)
    stage.purchases().ship_return("1001")
    assert wanted(stage).packages[0].weight == weight


def test_what_was_not_shipped_does_not_come_back(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(GatewayError, match="not in the journal"):
        stage.purchases().ship_return("1001", parcel=parcel)
    assert stage.count("getRates") == 0


def test_a_label_that_is_bought_is_returned_after_the_outward_one_is_cancelled(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    ship(stage, parcel)
    back = stage.purchases().ship_return("1001")
    stage.purchases().cancel("1001")
    assert stage.purchases().ship_return("1001").shipment_id == back.shipment_id


def test_a_parcel_that_the_journal_does_not_keep_is_given(stage: Stage, parcel: GetRatesRequest) -> None:
    with SqliteJournal(stage.folder / "journal.db", clock=stage.clock) as stage.journal:
        ship(stage, parcel, value_added_services=())
        purchases = stage.purchases()
        with pytest.raises(InvalidRequestError, match=r"^parcel: is needed, as it was shipped"):
            purchases.ship_return("1001")
        buyer = parcel.ship_to
        assert buyer is not None
        with pytest.raises(ReferenceConflictError, match="was shipped differs in ship_to") as caught:
            purchases.ship_return("1001", parcel=replace(parcel, ship_to=replace(buyer, name="Bob")))
        assert caught.value.paths == ("ship_to.name",)
        assert "Bob" not in str(caught.value)
        back = purchases.ship_return("1001", parcel=parcel)
        assert purchases.ship_return("1001", parcel=parcel).shipment_id == back.shipment_id
        assert len(stage.labels) == 2


def test_what_is_purged_comes_back_too(stage: Stage, parcel: GetRatesRequest) -> None:
    key = FileStore.new_key()
    with SqliteJournal(stage.folder / "journal.db", key=lambda: key, clock=stage.clock) as stage.journal:
        ship(stage, parcel)
        purchases = stage.purchases()
        purchases.purge(bought_before=stage.clock.now() + timedelta(seconds=1))
        with pytest.raises(InvalidRequestError, match="until they are purged"):
            purchases.ship_return("1001")
        assert purchases.ship_return("1001", parcel=parcel).is_return


def test_an_order_of_amazons_is_refused_with_the_reason(stage: Stage, parcel: GetRatesRequest) -> None:
    details = AmazonOrderDetails(order_id="902-1234567-1234567")
    channel = ChannelDetails(channel_type=ChannelType.AMAZON, amazon_order_details=details)
    ship(stage, replace(parcel, channel_details=channel))
    with pytest.raises(GatewayError, match="Amazon takes the address from the order") as caught:
        stage.purchases().ship_return("1001")
    assert details.order_id not in str(caught.value)
    assert len(stage.labels) == 1


def test_what_was_said_for_the_way_there_is_left_out(parcel: GetRatesRequest) -> None:
    seller = replace(parcel.ship_from, name="Returns desk")
    cash = ValueAddedServiceDetails(
        collect_on_delivery=CollectOnDelivery(amount=Currency(value=Decimal(5), unit="GBP"))
    )
    there = replace(
        parcel,
        return_to=seller,
        shipper_instruction=ShipperInstruction(delivery_notes="behind the shed"),
        value_added_services=cash,
    )
    back = returned(there)
    assert back.ship_to == seller
    assert (back.return_to, back.ship_date, back.shipper_instruction, back.value_added_services) == (
        None,
    ) * 4
    assert back.packages == there.packages


def test_a_return_of_a_return_and_of_what_has_no_address_is_refused(parcel: GetRatesRequest) -> None:
    with pytest.raises(GatewayError, match="is a return itself"):
        returned(returned(parcel))
    with pytest.raises(InvalidRequestError, match=r"^ship_to: is needed"):
        returned(replace(parcel, ship_to=None))


@pytest.mark.parametrize("way", [DIRECT, ONE_CLICK])
def test_what_was_bought_without_a_quote_comes_back_where_the_parcel_is_given(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    buy(stage, way, request_of(way, parcel))
    purchases = stage.purchases()
    with pytest.raises(InvalidRequestError, match="is needed"):
        purchases.ship_return("1001")
    shorter = replace(
        parcel.packages[0], dimensions=replace(parcel.packages[0].dimensions, length=Decimal(1))
    )
    with pytest.raises(ReferenceConflictError) as caught:
        purchases.ship_return("1001", parcel=replace(parcel, packages=[shorter]))
    assert caught.value.paths == ("packages[0].dimensions.length",)
    shipment = purchases.ship_return("1001", parcel=parcel)
    assert (shipment.is_return, shipment.reference, len(stage.labels)) == (True, "1001", 2)
