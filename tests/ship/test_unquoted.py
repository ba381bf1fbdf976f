"""Purchases without a quote: one label for each reference, and nothing sent twice that has no key."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    DecodeError,
    GatewayError,
    InvalidRequestError,
    OutcomeUnknownError,
    ReferenceConflictError,
    ThrottledError,
    UnsettledPurchaseError,
    replace,
)
from spshipping.clock import SystemClock
from spshipping.journal import Charge, MemoryJournal, State
from spshipping.shipping import (
    AmazonOrderDetails,
    ChannelDetails,
    ChannelType,
    GetRatesRequest,
    GoodsOwner,
)
from tests.ship.conftest import SELLER, Stage, found, ship
from tests.ship.unquoted import DIRECT, ONE_CLICK, OPERATIONS, direct_of, label, one_click_of, request_of

ATTEMPTS = 3
WAYS = [DIRECT, ONE_CLICK]
both = pytest.mark.parametrize("way", WAYS)


def buy(stage: Stage, way: str, request: Any, **options: Any) -> Any:
    """Ship as `client.shipping` does, with the usual arguments."""
    merged: dict[str, Any] = {"reference": "1001", "journal": stage.journal, "seller": SELLER, **options}
    return getattr(stage.client.shipping, way)(request, **merged)


def broken(*_: object) -> bool:
    raise OSError("the disk is full")


def unknown(stage: Stage, way: str, request: Any, kind: str = "drop_after", **options: Any) -> None:
    """Leave a purchase with an unknown outcome."""
    stage.fail(kind, count=ATTEMPTS, operation=OPERATIONS[way])
    with pytest.raises(OutcomeUnknownError):
        buy(stage, way, request, **options)
    stage.sandbox.faults.clear()


def reserved(stage: Stage, way: str, request: Any, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    """Begin a purchase, and stop before anything is sent."""
    with monkeypatch.context() as patched:
        patched.setattr(stage.journal, "quote", broken)
        with pytest.raises(OSError, match="disk is full"):
            buy(stage, way, request, **options)


@both
def test_a_parcel_is_bought_once_with_its_label(stage: Stage, parcel: GetRatesRequest, way: str) -> None:
    first = buy(stage, way, request_of(way, parcel), save_to=stage.folder)
    assert stage.labels == [first.package_client_reference_id]
    assert first.files[0].read_bytes() == first.labels[0].data
    assert first.tracking_id
    again = buy(stage, way, request_of(way, parcel), save_to=stage.folder)
    assert again == first._replace(is_repeat=True)
    first.files[0].unlink()
    assert buy(stage, way, request_of(way, parcel)).labels == first.labels, "printed again"
    assert (len(stage.labels), stage.count(OPERATIONS[way])) == (1, 1)
    (bought,) = stage.sandbox.ledger.labels
    assert bought.key == (found(stage).idempotency_key if way == DIRECT else None)
    assert found(stage).state is State.BOUGHT


def test_what_amazon_says_of_a_purchase_is_kept(stage: Stage, parcel: GetRatesRequest) -> None:
    clicked = buy(stage, ONE_CLICK, one_click_of(parcel, "SWA-US-STD", "SWA-UK-2D", "SWA-UK-STD"))
    assert (clicked.carrier_id, clicked.carrier_name) == ("AMZN_UK", "Amazon Shipping")
    assert (clicked.service_id, clicked.service_name) == ("SWA-UK-2D", "Amazon Shipping Two-Day")
    (bought,) = stage.sandbox.ledger.labels
    assert clicked.charge == (bought.cost, "GBP")
    direct = buy(stage, DIRECT, direct_of(parcel), reference="1002")
    assert (direct.carrier_id, direct.service_id, direct.charge) == (None, None, None)


def test_the_naive_program_buys_one_label_directly(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=2 * ATTEMPTS, operation="directPurchaseShipment")
    shipments = []
    for _ in range(3):
        try:
            shipments.append(buy(stage, DIRECT, direct_of(parcel), locale="en-GB"))
        except OutcomeUnknownError:
            assert found(stage).state is State.UNKNOWN
    assert [each.package_client_reference_id for each in shipments] == stage.labels
    requests = stage.sandbox.ledger.requests("directPurchaseShipment")
    assert len({(request.body_digest, request.key) for request in requests}) == 1
    assert {request.headers["locale"] for request in requests} == {"en-GB"}


def test_the_naive_program_sends_one_click_once(stage: Stage, parcel: GetRatesRequest) -> None:
    stage.fail("drop_after", count=ATTEMPTS, operation="oneClickShipment")
    errors: list[Any] = []
    for _ in range(3):
        with pytest.raises((OutcomeUnknownError, UnsettledPurchaseError)) as caught:
            buy(stage, ONE_CLICK, one_click_of(parcel))
        errors.append(caught.type)
    assert errors == [OutcomeUnknownError, UnsettledPurchaseError, UnsettledPurchaseError]
    assert (stage.count("oneClickShipment"), len(stage.labels)) == (1, 1)
    (purchase,) = stage.purchases().unsettled()
    assert (purchase.reference, purchase.state) == ("1001", State.UNSETTLED)
    assert stage.purchases().resume() == ([], [], [])


def test_a_person_settles_one_click(stage: Stage, parcel: GetRatesRequest) -> None:
    unknown(stage, ONE_CLICK, one_click_of(parcel, label_specifications=label("ZPL")))
    (bought,) = stage.sandbox.ledger.labels
    stage.purchases().settle("1001", bought=bought.shipment_id)
    shipment = buy(stage, ONE_CLICK, one_click_of(parcel))
    assert (shipment.shipment_id, shipment.labels[0].format) == (bought.shipment_id, "ZPL")
    unknown(stage, ONE_CLICK, one_click_of(parcel), kind="drop_before", reference="1002")
    stage.purchases().settle("1002", not_bought=True)
    assert not buy(stage, ONE_CLICK, one_click_of(parcel), reference="1002").is_repeat
    assert len(stage.labels) == 2


@both
def test_what_was_certainly_not_bought_is_bought_by_the_next_call(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    stage.fail("status", status=400, operation=OPERATIONS[way])
    with pytest.raises(BadRequestError):
        buy(stage, way, request_of(way, parcel))
    assert (found(stage).state, found(stage).attempt) == (State.REFUSED, 1)
    stage.fail("status", status=429, count=2, operation=OPERATIONS[way])
    with pytest.raises(ThrottledError):
        buy(stage, way, request_of(way, parcel))
    assert (found(stage).state, found(stage).attempt) == (State.RESERVED, 2)
    assert not buy(stage, way, request_of(way, parcel)).is_repeat
    assert len(stage.labels) == 1


def test_a_direct_purchase_is_repeated_for_ten_minutes(stage: Stage, parcel: GetRatesRequest) -> None:
    for reference in ("soon", "late"):
        unknown(stage, DIRECT, direct_of(parcel), reference=reference)
    stage.pass_time(590)
    assert buy(stage, DIRECT, direct_of(parcel), reference="soon")
    stage.pass_time(6)
    with pytest.raises(UnsettledPurchaseError):
        buy(stage, DIRECT, direct_of(parcel), reference="late")
    assert found(stage, "late").state is State.UNSETTLED
    assert len(stage.labels) == 2


@both
@pytest.mark.parametrize("strict", [False, True])
def test_an_answer_that_does_not_name_the_shipment(
    stage: Stage, parcel: GetRatesRequest, way: str, strict: bool
) -> None:
    stage.client = stage.make_client(strict=strict)
    stage.fail("null_field", path="payload.shipmentId", operation=OPERATIONS[way])
    with pytest.raises(DecodeError if strict else OutcomeUnknownError) as caught:
        buy(stage, way, request_of(way, parcel))
    if way == DIRECT:
        assert found(stage).state is State.UNKNOWN
        assert buy(stage, way, request_of(way, parcel)).shipment_id
    else:
        assert found(stage).state is State.UNSETTLED
        assert strict or "look it up at Amazon, and settle it" in str(caught.value)
    assert len(stage.labels) == 1


@both
def test_an_answer_of_which_nothing_can_be_read(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    sender = stage.client.context.sender
    send = type(sender).send

    async def unreadable(self: Any, call: Any, **options: Any) -> Any:
        await send(self, call, **options)
        raise DecodeError("nothing can be read")

    with monkeypatch.context() as patched:
        patched.setattr(type(sender), "send", unreadable)
        with pytest.raises(DecodeError):
            buy(stage, way, request_of(way, parcel))
    assert found(stage).state is (State.UNKNOWN if way == DIRECT else State.UNSETTLED)


@both
def test_an_answer_with_an_odd_field_is_bought_all_the_same(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    stage.client = stage.make_client(strict=True)
    field = "packageDocumentDetailList" if way == DIRECT else "packageDocumentDetails"
    path = f"payload.{field}.0.packageDocuments.0.contents"
    stage.fail("null_field", path=path, operation=OPERATIONS[way])
    with pytest.raises(DecodeError):
        buy(stage, way, request_of(way, parcel))
    assert found(stage).state is State.BOUGHT
    assert buy(stage, way, request_of(way, parcel)).labels[0].data.startswith(b"%PDF")
    assert len(stage.labels) == 1


@pytest.mark.parametrize("field", ["carrier", "service", "totalCharge"])
def test_a_part_of_the_answer_that_is_missing_costs_nothing_else(
    stage: Stage, parcel: GetRatesRequest, field: str
) -> None:
    stage.fail("null_field", path=f"payload.{field}", operation="oneClickShipment")
    shipment = buy(stage, ONE_CLICK, one_click_of(parcel), max_charge=Charge(Decimal(9), "GBP"))
    assert (shipment.carrier_id is None) is (field == "carrier")
    assert (shipment.service_id is None) is (field == "service")
    assert shipment.charge == (Decimal(9) if field == "totalCharge" else Decimal("3.75"), "GBP")


@both
def test_a_process_that_died_after_it_sent(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(stage.journal, "settle", broken)
        first = buy(stage, way, request_of(way, parcel))
    assert found(stage).state is State.SENDING
    stage.pass_time(90)
    if way == DIRECT:
        (shipment,) = stage.purchases().resume().shipments
        assert shipment.shipment_id == first.shipment_id
    else:
        (listed,) = stage.purchases().unsettled()
        (purchase,) = stage.purchases().resume().unsettled
        assert (listed.state, purchase.state) == (State.SENDING, State.UNSETTLED)
        with pytest.raises(UnsettledPurchaseError):
            buy(stage, way, request_of(way, parcel))
        assert stage.count("oneClickShipment") == 1
    assert len(stage.labels) == 1


def test_all_kinds_are_resumed(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.fail("status", status=400, operation="getRates")
    with pytest.raises(BadRequestError):
        ship(stage, parcel, reference="a")
    reserved(stage, DIRECT, direct_of(parcel), monkeypatch, reference="b", locale="fr-CA")
    reserved(stage, ONE_CLICK, one_click_of(parcel, "SWA-UK-PREM"), monkeypatch, reference="c")
    unknown(stage, DIRECT, direct_of(parcel), reference="d")
    resumed = stage.purchases().resume()
    assert [shipment.reference for shipment in resumed.shipments] == ["a", "b", "c", "d"]
    assert resumed[1:] == ([], [])
    assert resumed.shipments[2].service_id == "SWA-UK-PREM"
    (record, *_) = stage.sandbox.ledger.requests("directPurchaseShipment")[-2:]
    assert record.headers["locale"] == "fr-CA"
    assert len(set(stage.labels)) == len(stage.labels) == 4


@both
def test_what_is_cancelled_has_further_generations(stage: Stage, parcel: GetRatesRequest, way: str) -> None:
    first = buy(stage, way, request_of(way, parcel))
    with pytest.raises(GatewayError, match="the generation before is bought"):
        buy(stage, way, request_of(way, parcel), generation=2)
    assert buy(stage, way, request_of(way, parcel), generation=2, replaces=first.shipment_id)
    assert stage.purchases().cancel("1001").state is State.CANCELLED
    with pytest.raises(GatewayError, match="was cancelled: for a new label, ship it with generation=2"):
        buy(stage, way, request_of(way, parcel))
    assert len(stage.labels) == 2


@both
def test_another_parcel_is_refused(stage: Stage, parcel: GetRatesRequest, way: str) -> None:
    buy(stage, way, request_of(way, parcel))
    assert parcel.ship_to is not None
    other = request_of(way, parcel, ship_to=replace(parcel.ship_to, name="Ada Byron"))
    with pytest.raises(ReferenceConflictError) as caught:
        buy(stage, way, other)
    assert caught.value.paths == ("ship_to.name",)
    assert len(stage.labels) == 1


def test_the_goods_owner_belongs_to_the_parcel_and_its_services_do_not(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    owner = GoodsOwner(merchant_id="A1MERCHANT")
    first = buy(stage, ONE_CLICK, one_click_of(parcel, "SWA-UK-2D", goods_owner=owner))
    again = one_click_of(
        parcel,
        "SWA-UK-STD",
        goods_owner=owner,
        ship_date=stage.clock.now(),
        label_specifications=label("PNG", dpi=300),
    )
    assert buy(stage, ONE_CLICK, again).shipment_id == first.shipment_id
    with pytest.raises(ReferenceConflictError, match=r"differs in goods_owner\.merchant_id: "):
        buy(stage, ONE_CLICK, one_click_of(parcel))


def test_a_reference_has_one_label_in_whatever_way_it_is_bought(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    first = ship(stage, parcel)
    assert buy(stage, DIRECT, direct_of(parcel)).shipment_id == first.shipment_id
    assert buy(stage, ONE_CLICK, one_click_of(parcel)).shipment_id == first.shipment_id
    assert len(stage.labels) == 1


def test_what_is_in_doubt_is_judged_by_the_way_in_which_it_was_sent(
    stage: Stage, parcel: GetRatesRequest
) -> None:
    unknown(stage, DIRECT, direct_of(parcel), reference="direct")
    unknown(stage, ONE_CLICK, one_click_of(parcel), reference="clicked")
    assert ship(stage, parcel, reference="direct").is_repeat is False
    assert buy(stage, ONE_CLICK, one_click_of(parcel), reference="direct").is_repeat
    for way, request in ((DIRECT, direct_of(parcel)), (ONE_CLICK, one_click_of(parcel))):
        with pytest.raises(UnsettledPurchaseError):
            buy(stage, way, request, reference="clicked")
    with pytest.raises(UnsettledPurchaseError):
        ship(stage, parcel, reference="clicked")
    assert (stage.count("getRates"), len(stage.labels)) == (0, 2)


def test_an_amazon_order_needs_no_package(stage: Stage, parcel: GetRatesRequest) -> None:
    details = AmazonOrderDetails(order_id="902-1234567-1234567")
    channel = ChannelDetails(channel_type=ChannelType.AMAZON, amazon_order_details=details)
    request = direct_of(
        parcel,
        channel_details=channel,
        packages=None,
        ship_to=None,
        ship_from=None,
        label_specifications=None,
    )
    first = buy(stage, DIRECT, request)
    assert first.labels[0].format == "PNG"
    assert first.package_client_reference_id == stage.labels[0] == "1", "as Amazon names it"
    again = buy(stage, DIRECT, request)
    assert again == first._replace(is_repeat=True)
    assert stage.count("getShipmentDocuments") == 1
    purchase = found(stage)
    assert (purchase.package_client_reference_id, purchase.order_id) == ("1", details.order_id)


@both
def test_what_cannot_be_shipped_is_refused_before_anything_is_written(
    stage: Stage, parcel: GetRatesRequest, way: str
) -> None:
    with pytest.raises(InvalidRequestError, match=r"^request: is no "):
        buy(stage, way, parcel)
    with pytest.raises(InvalidRequestError, match=r"^packages: holds one package"):
        buy(stage, way, request_of(way, parcel, packages=parcel.packages * 2))
    assert parcel.ship_to is not None
    with pytest.raises(InvalidRequestError, match=r"^ship_to\.name: "):
        buy(stage, way, request_of(way, parcel, ship_to=replace(parcel.ship_to, name="")))
    with pytest.raises(TypeError, match="no option 'choose'"):
        buy(stage, way, request_of(way, parcel), choose="cheapest")
    for charge in (Decimal(1), Charge(Decimal(-1), "GBP"), Charge(1.5, "GBP"), Charge(Decimal("NaN"), "GBP")):  # type: ignore[arg-type]  # refused
        with pytest.raises(InvalidRequestError, match=r"^max_charge: is a Charge"):
            buy(stage, way, request_of(way, parcel), max_charge=charge)
    with pytest.raises(InvalidRequestError, match=r"^max_charge: has the ISO 4217 code"):
        buy(stage, way, request_of(way, parcel), max_charge=Charge(Decimal(1), "pounds"))
    assert found(stage) is None


def test_one_click_names_its_services_and_no_language(stage: Stage, parcel: GetRatesRequest) -> None:
    request = one_click_of(parcel)
    request.service_selection.service_id = []
    with pytest.raises(InvalidRequestError, match=r"^service_selection\.service_id: names the services"):
        buy(stage, ONE_CLICK, request)
    with pytest.raises(TypeError, match="no option 'locale'"):
        buy(stage, ONE_CLICK, one_click_of(parcel), locale="en-GB")


@both
def test_the_facade_ships_as_the_client_does(stage: Stage, parcel: GetRatesRequest, way: str) -> None:
    shipment = getattr(stage.purchases(), way)(request_of(way, parcel), reference="1001")
    assert buy(stage, way, request_of(way, parcel)).shipment_id == shipment.shipment_id


@both
def test_a_double_click_buys_once(stage: Stage, parcel: GetRatesRequest, way: str) -> None:
    stage.client = stage.make_client(clock=SystemClock())
    stage.journal = MemoryJournal()
    clicks = 5
    if stage.loop is None:
        with ThreadPoolExecutor(clicks) as pool:
            shipments = list(pool.map(lambda _: buy(stage, way, request_of(way, parcel)), range(clicks)))
    else:
        shipping = getattr(stage.client.shipping._target, way)

        async def clicked() -> list[Any]:
            arguments: dict[str, Any] = {"reference": "1001", "journal": stage.journal, "seller": SELLER}
            return await asyncio.gather(
                *(shipping(request_of(way, parcel), **arguments) for _ in range(clicks))
            )

        shipments = stage.loop.run(clicked())
    assert len({shipment.shipment_id for shipment in shipments}) == len(stage.labels) == 1
    assert [shipment.is_repeat for shipment in shipments].count(False) == 1
    assert stage.count(OPERATIONS[way]) == 1


@both
def test_one_that_was_overtaken_sends_nothing(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    sending, refusals = stage.journal.sending, [False]
    monkeypatch.setattr(
        stage.journal, "sending", lambda *given: refusals.pop() if refusals else sending(*given)
    )
    assert buy(stage, way, request_of(way, parcel))
    assert stage.count(OPERATIONS[way]) == 1


@both
def test_a_coroutine_that_is_closed_leaves_it_sending(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    sender = stage.client.context.sender
    send = type(sender).send

    async def closed(self: Any, call: Any, **options: Any) -> Any:
        await send(self, call, **options)
        raise GeneratorExit

    with monkeypatch.context() as patched:
        patched.setattr(type(sender), "send", closed)
        with pytest.raises(GeneratorExit):
            buy(stage, way, request_of(way, parcel))
    assert found(stage).state is State.SENDING
    stage.pass_time(90)
    if way == DIRECT:
        assert buy(stage, way, request_of(way, parcel))
    else:
        with pytest.raises(UnsettledPurchaseError):
            buy(stage, way, request_of(way, parcel))
    assert len(stage.labels) == 1


@both
def test_an_interrupt_leaves_it_in_doubt(
    stage: Stage, parcel: GetRatesRequest, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    class Interrupt(BaseException):
        pass

    sender = stage.client.context.sender
    send = type(sender).send

    async def interrupted(self: Any, call: Any, **options: Any) -> Any:
        await send(self, call, **options)
        raise Interrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(sender), "send", interrupted)
        with pytest.raises(Interrupt):
            buy(stage, way, request_of(way, parcel))
    assert found(stage).state is (State.UNKNOWN if way == DIRECT else State.UNSETTLED)


def test_more_than_was_expected_is_logged(
    stage: Stage, parcel: GetRatesRequest, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        buy(stage, ONE_CLICK, one_click_of(parcel), max_charge=Charge(Decimal("3.75"), "GBP"))
        assert caplog.text == ""
        dear = buy(
            stage, ONE_CLICK, one_click_of(parcel), reference="2", max_charge=Charge(Decimal("3.74"), "GBP")
        )
    assert "oneClickShipment cost 3.75 GBP, more than max_charge" in caplog.text
    assert dear.charge == (Decimal("3.75"), "GBP")
