"""One reference buys one label: in a loop, after faults, refusals and interrupts."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    ConfigurationError,
    Credentials,
    DecodeError,
    InvalidRequestError,
    Marketplace,
    OutcomeUnknownError,
    RateExpiredError,
    ReferenceConflictError,
    ShippingBusiness,
    ThrottledError,
    TransportError,
    replace,
)
from spshipping.clock import SystemClock
from spshipping.journal import MemoryJournal, Scope, SqliteJournal, State
from spshipping.shipping import GetRatesRequest, GetRatesResult, Rate
from tests.ship.conftest import SELLER, Late, Stage, found, ship

BEFORE_ALL_ATTEMPTS = 3


def test_a_parcel_is_bought_with_its_label(stage: Stage, parcel: GetRatesRequest) -> None:
    shipment = ship(stage, parcel)
    assert stage.labels == [shipment.package_client_reference_id]
    (label,) = shipment.labels
    assert label.data.startswith(b"%PDF")
    assert (shipment.reference, shipment.generation, shipment.is_repeat) == ("1001", 1, False)
    assert (shipment.carrier_id, shipment.service_name) == ("AMZN_UK", "Amazon Shipping Standard")
    assert shipment.files == ()
    (bought,) = stage.sandbox.ledger.labels
    assert (bought.cost, bought.currency) == shipment.charge
    assert bought.key == found(stage).idempotency_key
    assert found(stage).state is State.BOUGHT


def test_the_naive_program_buys_one_label(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=2 * BEFORE_ALL_ATTEMPTS)
    shipments = []
    for _ in range(3):
        try:
            shipments.append(ship(stage, parcel))
        except OutcomeUnknownError:
            assert found(stage).state is State.UNKNOWN
    (shipment,) = shipments
    assert stage.labels == [shipment.package_client_reference_id]
    assert stage.count("getRates") == 1
    digests = {request.body_digest for request in stage.sandbox.ledger.requests("purchaseShipment")}
    assert len(digests) == 1, "the same bytes each time"


def test_a_repeat_returns_the_shipment_and_has_its_label_printed_again(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    first = ship(stage, parcel, format="ZPL")
    again = ship(stage, parcel)
    assert again == first._replace(is_repeat=True)
    assert (stage.count("purchaseShipment"), stage.count("getShipmentDocuments")) == (1, 1)


def test_a_saved_label_is_read_from_its_file(stage: Stage, parcel: GetRatesRequest) -> None:
    first = ship(stage, parcel, save_to=stage.folder / "labels")
    (path,) = first.files
    assert path.parent == stage.folder / "labels"
    assert path.name.startswith("1001-")
    assert path.name.endswith("-1-LABEL.pdf")
    assert path.read_bytes() == first.labels[0].data
    again = ship(stage, parcel, save_to=stage.folder / "labels")
    assert again == first._replace(is_repeat=True)
    assert stage.count("getShipmentDocuments") == 0


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_bytes(b"%PDF-")])
def test_a_label_that_is_gone_or_damaged_is_fetched_and_saved_again(
    stage: Stage, parcel: GetRatesRequest, harm: Callable[[Path], object]
) -> None:
    (path,) = ship(stage, parcel, save_to=stage.folder).files
    data = path.read_bytes()
    harm(path)
    assert ship(stage, parcel, save_to=stage.folder).labels[0].data == data
    assert path.read_bytes() == data
    assert stage.count("getShipmentDocuments") == 1


def test_two_connections_never_meet(stage: Stage, parcel: GetRatesRequest) -> None:
    shipments = [
        ship(stage, parcel),
        ship(stage, parcel, seller="another shop"),
        ship(stage, parcel, business=ShippingBusiness.IT),
        ship(stage, parcel, reference="1002"),
    ]
    assert len(set(stage.labels)) == len(shipments) == len(stage.labels)


def test_the_seller_of_the_credentials_is_used(stage: Stage, parcel: GetRatesRequest) -> None:
    known = Credentials(**stage.sandbox.credentials, selling_partner_id="A1SELLER")
    client = stage.make_client(credentials=known)
    shipment = client.shipping.ship(parcel, reference="1001", journal=stage.journal)
    scope = Scope(stage.sandbox.url, "A1SELLER", "AmazonShipping_UK", "1001")
    assert shipment.package_client_reference_id == scope.package


def test_without_a_name_for_the_seller_nothing_is_sent(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(ConfigurationError, match="a name for the seller that never changes"):
        ship(stage, parcel, seller=None)
    assert stage.count("getRates") == 0


def test_without_a_business_nothing_is_sent(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.client = stage.make_client(marketplace=Marketplace.DE)
    with pytest.raises(ConfigurationError, match="has no Amazon Shipping of its own"):
        ship(stage, parcel)


@pytest.mark.parametrize("reference", ["", "  ", "a\nb", 1001])
def test_a_reference_is_printable_text(stage: Stage, parcel: GetRatesRequest, reference: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^reference: "):
        ship(stage, parcel, reference=reference)


@pytest.mark.parametrize("generation", [0, -1, True, "2"])
def test_a_generation_is_a_number(stage: Stage, parcel: GetRatesRequest, generation: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^generation: "):
        ship(stage, parcel, generation=generation)


def test_what_cannot_be_shipped_is_refused_before_anything_is_written(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    with pytest.raises(InvalidRequestError, match=r"^parcel: "):
        ship(stage, {"shipTo": {}})  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match=r"^packages: holds one package"):
        ship(stage, replace(parcel, packages=parcel.packages * 2))
    with pytest.raises(InvalidRequestError, match=r"^choose: "):
        ship(stage, parcel, choose="dearest")
    with pytest.raises(InvalidRequestError, match=r"^ship_to\.name: "):
        ship(stage, replace(parcel, ship_to=replace(parcel.ship_to, name=None)))  # type: ignore[type-var]
    with pytest.raises(TypeError, match="no option 'colour'"):
        ship(stage, parcel, colour="red")
    assert found(stage) is None


def test_a_service_that_is_not_offered_is_named(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(InvalidRequestError, match=r"^value_added_services: names what is not offered"):
        ship(stage, parcel, value_added_services=("gift wrap",))
    assert stage.count("purchaseShipment") == 0


def test_a_refusal_is_followed_by_another_attempt_with_another_key(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    stage.fail("status", status=400)
    with pytest.raises(BadRequestError):
        ship(stage, parcel)
    assert found(stage).state is State.REFUSED
    first = found(stage).idempotency_key
    corrected = replace(parcel, ship_to=replace(parcel.ship_to, name="Ada Byron"))  # type: ignore[type-var]
    ship(stage, corrected)
    assert (found(stage).attempt, len(stage.labels)) == (2, 1)
    assert found(stage).idempotency_key != first


def test_what_was_turned_away_keeps_its_key(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("status", status=429, count=2)
    with pytest.raises(ThrottledError):
        ship(stage, parcel)
    assert (found(stage).state, found(stage).attempt) == (State.RESERVED, 1)
    ship(stage, parcel)
    keys = {request.key for request in stage.sandbox.ledger.requests("purchaseShipment")}
    assert keys == {found(stage).idempotency_key}


def test_what_was_in_doubt_keeps_its_key_whatever_amazon_says_next(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    stage.fail("drop_after", count=BEFORE_ALL_ATTEMPTS)
    with pytest.raises(OutcomeUnknownError):
        ship(stage, parcel)
    stage.fail("status", status=400)
    with pytest.raises(OutcomeUnknownError):
        ship(stage, parcel)
    assert (found(stage).state, found(stage).attempt) == (State.UNKNOWN, 1)
    ship(stage, parcel)
    assert len(stage.labels) == 1


def test_a_failed_quote_leaves_the_reference_free(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        ship(stage, parcel)
    assert found(stage).state is State.RESERVED
    assert ship(stage, parcel)
    assert stage.clock.slept == []


def test_a_rate_that_expired_at_amazon_is_quoted_again(stage: Stage, parcel: GetRatesRequest) -> None:
    late = Late([lambda: stage.sandbox.clock.advance(601)] * 2)
    assert not ship(stage, parcel, choose=late).is_repeat
    assert (stage.count("getRates"), len(stage.labels), found(stage).attempt) == (3, 1, 3)


def test_a_rate_that_expired_here_is_quoted_again_with_the_same_key(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    ship(stage, parcel, choose=Late([lambda: stage.pass_time(601)]))
    assert (stage.count("getRates"), stage.count("purchaseShipment"), found(stage).attempt) == (2, 1, 1)


def test_rates_that_always_expire_are_given_up(stage: Stage, parcel: GetRatesRequest) -> None:
    with pytest.raises(RateExpiredError):
        ship(stage, parcel, choose=Late([lambda: stage.sandbox.clock.advance(601)] * 3))
    assert stage.labels == []


def test_a_deadline_is_for_the_whole(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender, given = stage.client.context.sender, []
    send = type(sender).send

    async def noted(self: Any, call: Any, **options: Any) -> Any:
        given.append((call.operation.name, options["deadline"]))
        return await send(self, call, **options)

    monkeypatch.setattr(type(sender), "send", noted)
    ship(stage, parcel, deadline=30.0, choose=Late([lambda: stage.pass_time(20)]))
    assert given == [("getRates", 30.0), ("purchaseShipment", 10.0)]
    with pytest.raises(TransportError, match="time allowed for the whole call is over"):
        ship(stage, parcel, reference="1002", deadline=5.0, choose=Late([lambda: stage.pass_time(20)]))
    assert (found(stage, "1002").state, len(stage.labels)) == (State.RESERVED, 1)
    assert stage.count("purchaseShipment") == 1
    with pytest.raises(InvalidRequestError, match=r"^deadline: "):
        ship(stage, parcel, reference="1003", deadline=0)
    ship(stage, parcel, reference="1003")
    assert given[-2:] == [("getRates", 75.0), ("purchaseShipment", 75.0)]


def test_a_choice_that_fails_leaves_the_reference_free(stage: Stage, parcel: GetRatesRequest) -> None:
    def choose(quote: GetRatesResult) -> Rate:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ship(stage, parcel, choose=choose)
    assert ship(stage, parcel)


def unreadable(stage: Stage, path: str) -> None:
    stage.fail("null_field", path=f"payload.{path}")


def test_a_label_that_cannot_be_read_is_printed_again(stage: Stage, parcel: GetRatesRequest) -> None:
    unreadable(stage, "packageDocumentDetails.0.packageDocuments.0.contents")
    shipment = ship(stage, parcel, save_to=stage.folder)
    assert shipment.files[0].read_bytes().startswith(b"%PDF")
    assert (stage.count("getShipmentDocuments"), len(stage.labels)) == (1, 1)
    again = ship(stage, parcel, save_to=stage.folder)
    assert again.labels[0].data == shipment.labels[0].data
    assert len(stage.labels) == 1


def test_a_document_of_an_unknown_type_is_not_taken_for_the_label(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    stage.fail("unknown_enum", path="payload.packageDocumentDetails.0.packageDocuments.0.type")
    assert ship(stage, parcel).labels[0].data.startswith(b"%PDF")
    assert stage.count("getShipmentDocuments") == 1


def test_an_answer_that_names_no_shipment_leaves_the_outcome_unknown(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    unreadable(stage, "shipmentId")
    with pytest.raises(
        OutcomeUnknownError, match="does not say which shipment it is: ship it again"
    ) as caught:
        ship(stage, parcel)
    assert caught.value.call.key == found(stage).idempotency_key
    assert ship(stage, parcel).shipment_id
    assert len(stage.labels) == 1


@pytest.mark.parametrize(
    ("path", "state"), [("promise", State.BOUGHT), ("shipmentId", State.UNKNOWN)], ids=["bought", "unknown"]
)
def test_a_strict_client_loses_no_label(
    stage: Stage, parcel: GetRatesRequest, path: str, state: State
) -> None:
    stage.client = stage.make_client(strict=True)
    unreadable(stage, path)
    with pytest.raises(DecodeError):
        ship(stage, parcel)
    assert found(stage).state is state
    assert ship(stage, parcel).shipment_id
    assert len(stage.labels) == 1


def broken(*_: object) -> bool:
    raise OSError("the disk is full")


def test_a_journal_that_fails_after_the_purchase_costs_no_label(
    stage: Stage,
    parcel: GetRatesRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(stage.journal, "settle", broken)
        first = ship(stage, parcel)
    assert "the journal raised OSError; ignored" in caplog.text
    assert found(stage).state is State.SENDING
    again = ship(stage, parcel)
    assert again == first
    assert (len(stage.labels), stage.count("purchaseShipment")) == (1, 2)


@pytest.mark.parametrize("step", ["begin", "quote", "sending"])
def test_a_journal_that_fails_before_the_purchase_lets_nothing_leave(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(stage.journal, step, broken)
        with pytest.raises(OSError, match="disk is full"):
            ship(stage, parcel)
    assert stage.count("purchaseShipment") == 0
    assert ship(stage, parcel)
    assert stage.clock.slept == [], "the reference was given up at once"
    assert len(stage.labels) == 1


def test_an_interrupt_leaves_the_outcome_unknown(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupt(BaseException):
        pass

    sender = stage.client.context.sender
    send = type(sender).send

    async def interrupted(self: Any, call: Any, **options: Any) -> Any:
        reply = await send(self, call, **options)
        if call.operation.name == "purchaseShipment":
            raise Interrupt
        return reply

    with monkeypatch.context() as patched:
        patched.setattr(type(sender), "send", interrupted)
        with pytest.raises(Interrupt):
            ship(stage, parcel)
    assert found(stage).state is State.UNKNOWN
    assert ship(stage, parcel)
    assert len(stage.labels) == 1


@pytest.mark.parametrize("operation", ["getRates", "purchaseShipment"])
def test_a_coroutine_that_is_closed_waits_for_nothing(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    sender = stage.client.context.sender
    send = type(sender).send

    async def closed(self: Any, call: Any, **options: Any) -> Any:
        if call.operation.name == operation:
            raise GeneratorExit
        return await send(self, call, **options)

    with monkeypatch.context() as patched:
        patched.setattr(type(sender), "send", closed)
        with pytest.raises(GeneratorExit):
            ship(stage, parcel)
    assert found(stage).state in (State.RESERVED, State.SENDING)
    stage.pass_time(90)
    assert ship(stage, parcel)
    assert len(stage.labels) == 1


def test_another_parcel_under_the_same_reference_is_refused(stage: Stage, parcel: GetRatesRequest) -> None:
    ship(stage, parcel)
    recipient = parcel.ship_to
    assert recipient is not None
    other = replace(
        parcel,
        ship_to=replace(recipient, name="Ada Byron"),
        packages=[replace(parcel.packages[0], is_hazmat=True)],
    )
    with pytest.raises(ReferenceConflictError) as caught:
        ship(stage, other, value_added_services=["x"])
    assert caught.value.paths == ("packages[0].is_hazmat", "ship_to.name", "value_added_services")
    assert "Ada" not in str(caught.value)
    assert len(stage.labels) == 1


def test_another_parcel_does_not_go_on_with_what_is_in_doubt(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=BEFORE_ALL_ATTEMPTS)
    with pytest.raises(OutcomeUnknownError):
        ship(stage, parcel)
    recipient = parcel.ship_to
    assert recipient is not None
    with pytest.raises(ReferenceConflictError, match=r"differs in ship_to\.name: give the other parcel"):
        ship(stage, replace(parcel, ship_to=replace(recipient, name="Ada Byron")))
    assert ship(stage, parcel)
    assert len(stage.labels) == 1


def test_ship_date_label_and_choice_make_no_other_parcel(stage: Stage, parcel: GetRatesRequest) -> None:
    first = ship(stage, parcel)
    later = replace(parcel, ship_date=stage.clock.now())
    renamed = replace(later, packages=[replace(parcel.packages[0], package_client_reference_id="mine")])
    assert ship(stage, renamed, choose="fastest", format="PNG").shipment_id == first.shipment_id


def test_in_one_file_nothing_personal_is_in_clear(stage: Stage, parcel: GetRatesRequest) -> None:
    path = stage.folder / "journal.db"
    with SqliteJournal(path, clock=stage.clock) as journal:
        stage.journal = journal
        first = ship(stage, parcel)
        assert ship(stage, parcel).shipment_id == first.shipment_id
        written = b"".join(each.read_bytes() for each in path.parent.iterdir())
    recipient = parcel.ship_to
    assert recipient is not None
    for text in (recipient.name, recipient.address_line1, recipient.postal_code, parcel.ship_from.name):
        assert str(text).encode() not in written
    assert first.shipment_id.encode() in written


@pytest.mark.parametrize("stage", ["asyncio"], indirect=True)  # a thread cannot be cancelled
def test_a_tasks_cancellation_leaves_the_outcome_unknown(stage: Stage, parcel: GetRatesRequest) -> None:
    assert stage.loop is not None
    shipping = stage.client.shipping._target
    stage.fail("delay", seconds=0.2)

    async def cancelled() -> None:
        task = asyncio.create_task(
            shipping.ship(parcel, reference="1001", journal=stage.journal, seller="the shop")
        )
        while not stage.count("purchaseShipment") and not stage.labels:
            await asyncio.sleep(0.005)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        stage.loop.run(cancelled())
    assert found(stage).state is State.UNKNOWN
    assert ship(stage, parcel).shipment_id
    assert len(stage.labels) == 1


def test_a_double_click_buys_once(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.client = stage.make_client(clock=SystemClock())
    stage.journal = MemoryJournal()
    clicks = 5
    if stage.loop is None:
        with ThreadPoolExecutor(clicks) as pool:
            shipments = list(pool.map(lambda _: ship(stage, parcel), range(clicks)))
    else:
        shipping = stage.client.shipping._target

        async def clicked() -> list[Any]:
            arguments: dict[str, Any] = {"reference": "1001", "journal": stage.journal, "seller": SELLER}
            return await asyncio.gather(*(shipping.ship(parcel, **arguments) for _ in range(clicks)))

        shipments = stage.loop.run(clicked())
    assert len({shipment.shipment_id for shipment in shipments}) == len(stage.labels) == 1
    assert [shipment.is_repeat for shipment in shipments].count(False) == 1
    assert (stage.count("getRates"), stage.count("purchaseShipment")) == (1, 1)
