"""Orders become parcels, each once; what must not be shipped is refused; what is off sends nothing."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from spshipping import (
    ConfigurationError,
    GatewayError,
    InvalidRequestError,
    Marketplace,
    OutcomeUnknownError,
    SpendingLimitError,
    SwitchedOffError,
    UnsettledPurchaseError,
    replace,
)
from spshipping.journal import State
from spshipping.shipping import (
    Address,
    AmazonOrderDetails,
    ChannelDetails,
    ChannelType,
    TrackingStatus,
)
from spshipping.shipping.gateway import DryRun, ItemToShip, OrderToShip, Size
from spshipping.wire.convert import encode_request
from tests.gateway.conftest import ADDRESS, AMAZONS, BOWL, OUTSIDE, PAGE, Shop, shop


def test_an_order_becomes_one_parcel_however_often_it_comes(stage: Shop) -> None:
    gateway = stage.gateway(save_to=stage.folder)
    first, again = gateway.on_order(OUTSIDE), gateway.on_order(OUTSIDE)
    assert (first.reference, first.dry_run) == ("1001", None)
    assert not first.shipment.is_repeat
    assert again.shipment.is_repeat
    assert again.shipment.shipment_id == first.shipment.shipment_id
    assert first.shipment.charge.unit == "GBP"
    assert [path.suffix for path in first.shipment.files] == [".pdf"]
    assert len(stage.labels) == 1


def said(stage: Shop, order: OrderToShip, page: dict[str, Any] | None = None, **options: Any) -> Any:
    """Return the request that would be sent."""
    off = shop(**{**(page or {}), "EnableOrderCreation": False})
    return stage.gateway(off, **options).on_order(order).dry_run.request


@pytest.mark.parametrize("order", [OUTSIDE, AMAZONS], ids=["outside", "Amazon's"])
def test_what_a_dry_run_says_is_what_is_sent(stage: Shop, order: OrderToShip) -> None:
    request = said(stage, order)
    shipment = stage.gateway().on_order(order).shipment
    (package,) = request.packages
    named = replace(package, package_client_reference_id=shipment.package_client_reference_id)
    (seen,) = stage.sandbox.ledger.requests("getRates")
    sent = hashlib.sha256(encode_request(replace(request, packages=[named]))).hexdigest()
    assert seen.body_digest == sent


def test_what_is_sent_is_what_the_settings_and_the_products_say(stage: Shop) -> None:
    page = {"ShipFromState": "Merseyside", "ShipFromEmail": "post@example.com"}
    request = said(stage, OUTSIDE, page, seller_display_name="Harbour Lane")
    assert request.ship_from == Address(
        name="Harbour Lane Ceramics",
        address_line1="Unit 4",
        city="Liverpool",
        state_or_region="Merseyside",
        postal_code="L3 4AF",
        country_code="GB",
        email="post@example.com",
    )
    assert request.ship_to == ADDRESS
    assert request.channel_details == ChannelDetails(channel_type=ChannelType.EXTERNAL)
    (package,) = request.packages
    assert (package.weight.value, package.weight.unit) == (Decimal("1.10"), "KILOGRAM")
    size = package.dimensions
    assert (size.length, size.width, size.height) == (Decimal(30), Decimal(20), Decimal(20))
    assert (package.insured_value.value, package.insured_value.unit) == (Decimal("48.00"), "GBP")
    assert package.seller_display_name == "Harbour Lane"


def test_the_label_is_printed_as_the_settings_say(stage: Shop) -> None:
    result = stage.gateway(shop(LabelFormat="ZPL", Dpi=203)).on_order(OUTSIDE)
    (label,) = result.shipment.labels
    assert label.format == "ZPL"
    for changes, told in (
        ({"Dpi": 96}, "dpi: is not supported"),
        ({"LabelLength": 15, "LabelWidth": 10, "LabelUnit": "cm"}, "size: is not supported"),
    ):
        with pytest.raises(InvalidRequestError, match=told):
            stage.gateway(shop(**changes)).on_order(OUTSIDE._replace(order_id="1002"))
    same = shop(LabelLength="6", LabelWidth="4")
    assert stage.gateway(same).on_order(OUTSIDE._replace(order_id="1003")).shipment is not None


def test_an_order_of_amazons_is_sent_with_its_items_and_no_address(stage: Shop) -> None:
    request = said(stage, AMAZONS._replace(ship_to=ADDRESS), products={"BOWL-24": {"weight": "0.7"}})
    assert request.ship_to is None
    assert request.channel_details == ChannelDetails(
        channel_type=ChannelType.AMAZON,
        amazon_order_details=AmazonOrderDetails(order_id="902-3159896-1390916"),
    )
    (package,) = request.packages
    assert package.items[0].item_identifier == "item-7"
    assert package.weight.value == Decimal("1.4")


def test_no_shipment_of_an_amazon_order_is_confirmed_again(stage: Shop) -> None:
    assert stage.gateway().on_order(AMAZONS).shipment is not None
    operations = {seen.operation for seen in stage.sandbox.ledger.requests()}
    assert operations == {"getRates", "purchaseShipment"}


def test_without_its_protection_an_order_of_amazons_is_not_bought(
    stage: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "spshipping.sandbox.shipping._BENEFITS", {"includedBenefits": [], "excludedBenefits": []}
    )
    with pytest.raises(InvalidRequestError, match="CLAIMS_PROTECTED"):
        stage.gateway().on_order(AMAZONS)
    assert stage.labels == []
    assert stage.gateway().on_order(OUTSIDE).shipment is not None


def test_times_of_an_order_are_kept_or_nothing_is_bought(stage: Shop) -> None:
    now = datetime.now(UTC) + timedelta(seconds=stage.sandbox.clock.offset)
    late = OUTSIDE._replace(deliver_by=now + timedelta(hours=1))
    with pytest.raises(InvalidRequestError, match="deliver_by"):
        stage.gateway().on_order(late)
    assert stage.labels == []
    shipped = stage.gateway().on_order(late._replace(deliver_by=now + timedelta(days=30)))
    assert shipped.shipment is not None


def test_the_pickup_of_an_order_from_elsewhere_is_a_condition_and_of_amazons_is_none(stage: Shop) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(InvalidRequestError, match="ship_by"):
        stage.gateway().on_order(OUTSIDE._replace(ship_by=past))
    assert stage.gateway().on_order(AMAZONS._replace(ship_by=past)).shipment is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_shipped_by_amazon": True}, "Amazon ships it"),
        ({"status": "pending"}, "it is pending"),
        ({"status": "cancelled"}, "it is cancelled"),
        ({"status": "shipped"}, "it is shipped already"),
        ({"is_cancellation_requested": True}, "the buyer wants to cancel it"),
        ({"ship_to": None}, "it has no address"),
        ({"status": "canceled"}, "its status is none of ready, pending, shipped, cancelled, unfulfillable"),
        ({"status": "Unshipped"}, "its status is none of ready"),
        ({"status": None}, "its status is none of ready"),
        ({"channel": "amazon"}, "its channel is none of AMAZON, EXTERNAL"),
    ],
)
def test_what_must_not_be_shipped_is_refused_with_the_reason(
    stage: Shop, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(GatewayError, match=f"this order is not shipped: {reason}"):
        stage.gateway().on_order(OUTSIDE._replace(**changes))
    assert stage.count("getRates") == 0
    assert stage.gateway().find("1001") is None


def test_while_order_creation_is_off_it_is_said_what_would_be_sent(
    stage: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    kept: list[DryRun] = []
    off = stage.gateway(shop(EnableOrderCreation=False), on_dry_run=kept.append)
    with caplog.at_level("INFO", "spshipping"):
        result = off.on_order(OUTSIDE)
    assert (result.reference, result.shipment) == ("1001", None)
    assert kept == [result.dry_run]
    told = json.loads(json.dumps(result.dry_run.to_dict()))
    assert (told["reference"], told["order_id"], told["operation"]) == ("1001", "1001", "getRates")
    assert told["request"]["shipTo"]["postalCode"] == "BS1 5TR"
    assert stage.count("getRates") == 0
    for text in (repr(result), caplog.text):
        assert "Ada" not in text
        assert "Orchard" not in text
    assert "order creation is off" in caplog.text
    assert off.find("1001") is None
    assert result.dry_run.state is None
    assert stage.gateway().on_order(OUTSIDE).shipment is not None
    again = off.on_order(OUTSIDE).dry_run
    assert (again.state, again.to_dict()["state"]) == (State.BOUGHT, "bought")


def test_a_dry_run_finds_what_a_purchase_would_refuse(stage: Shop) -> None:
    off = stage.gateway(shop(EnableOrderCreation=False))
    wrong = replace(ADDRESS, name="x" * 51)
    for order in (OUTSIDE._replace(reference="\n"), OUTSIDE._replace(ship_to=wrong)):
        with pytest.raises(InvalidRequestError):
            off.on_order(order)


def test_what_is_switched_off_sends_nothing_at_all(stage: Shop) -> None:
    stage.gateway().on_order(OUTSIDE)
    before = len(stage.sandbox.ledger.requests())
    off = stage.gateway(shop(IsEnabled="no"))
    for act in (
        lambda: off.on_order(OUTSIDE._replace(order_id="1002")),
        lambda: off.on_order(OUTSIDE._replace(status="pending")),
        lambda: off.cancel("1001"),
        lambda: list(off.track(["1001"])),
    ):
        with pytest.raises(SwitchedOffError, match="switch it on with is_enabled"):
            act()
    assert off.find("1002") is None
    assert off.find("1001").state is State.BOUGHT
    assert len(stage.sandbox.ledger.requests()) == before
    assert stage.gateway().cancel("1001").state is State.CANCELLED


def test_what_is_in_doubt_while_it_is_switched_off_stays_in_doubt(stage: Shop) -> None:
    stage.fail("drop_after", count=9)
    with pytest.raises(OutcomeUnknownError):
        stage.gateway().on_order(OUTSIDE)
    stage.sandbox.faults.clear()
    off = stage.gateway(shop(IsEnabled=False))
    assert [one.state for one in off.resume().waiting] == [State.UNKNOWN]
    resumed = stage.gateway().resume()
    assert [one.reference for one in resumed.shipments] == ["1001"]
    assert len(stage.labels) == 1


def test_what_only_a_person_can_settle_is_passed_on(stage: Shop) -> None:
    gateway = stage.gateway()
    stage.fail("drop_after", count=9)
    with pytest.raises(OutcomeUnknownError):
        gateway.on_order(OUTSIDE)
    stage.pass_time(660)
    with pytest.raises(UnsettledPurchaseError):
        gateway.on_order(OUTSIDE)
    assert [one.reference for one in gateway.unsettled()] == ["1001"]
    (label,) = stage.sandbox.ledger.labels
    assert gateway.settle("1001", bought=label.shipment_id).is_by_hand
    stage.sandbox.faults.clear()
    assert gateway.on_order(OUTSIDE).shipment.shipment_id == label.shipment_id
    assert gateway.taken("1001").state is State.TAKEN


def test_an_order_is_cancelled_and_not_bought_again_by_itself(stage: Shop) -> None:
    gateway = stage.gateway()
    gateway.on_order(OUTSIDE)
    assert gateway.cancel("1001").state is State.CANCELLED
    with pytest.raises(GatewayError, match="was cancelled"):
        gateway.on_order(OUTSIDE)
    assert len(stage.labels) == 1


@pytest.mark.parametrize("changes", [{"status": "shipped"}, {"items": ()}])
def test_an_order_that_is_shipped_by_now_gives_the_shipment_of_the_gateway(
    stage: Shop, changes: dict[str, Any]
) -> None:
    first = stage.gateway().on_order(AMAZONS).shipment  # and the process died before the label was written
    again = stage.gateway(save_to=stage.folder).on_order(AMAZONS._replace(**changes)).shipment
    assert (again.shipment_id, again.is_repeat) == (first.shipment_id, True)
    assert [path.read_bytes() for path in again.files] == [first.labels[0].data]
    assert len(stage.labels) == 1


def test_an_order_that_was_shipped_and_cancelled_gives_nothing(stage: Shop) -> None:
    gateway = stage.gateway()
    gateway.on_order(AMAZONS)
    gateway.cancel(AMAZONS.order_id)
    with pytest.raises(GatewayError, match="it is shipped already"):
        gateway.on_order(AMAZONS._replace(status="shipped"))


def test_a_second_label_is_a_generation(stage: Shop) -> None:
    gateway = stage.gateway()
    first = gateway.on_order(OUTSIDE).shipment
    with pytest.raises(GatewayError, match="cancel it first"):
        gateway.on_order(OUTSIDE, generation=2)
    second = gateway.on_order(OUTSIDE, generation=2, replaces=first.shipment_id).shipment
    assert second.shipment_id != first.shipment_id
    shipped = OUTSIDE._replace(status="shipped")
    assert gateway.on_order(shipped, generation=2).shipment.shipment_id == second.shipment_id
    assert len(stage.labels) == 2


def test_a_parcel_is_tracked_by_its_reference(stage: Shop) -> None:
    gateway = stage.gateway()
    gateway.on_order(OUTSIDE)
    (tracked,) = gateway.track(["1001"])
    assert tracked.timeline.status is TrackingStatus.LABEL_CREATED


def test_products_are_looked_up_where_the_order_has_none(stage: Shop) -> None:
    asked: list[str] = []

    def product(product_id: str) -> object:
        asked.append(product_id)
        return None if product_id == "UNKNOWN" else {"weight": 2}

    order = OUTSIDE._replace(items=(BOWL, ItemToShip("VASE"), ItemToShip("UNKNOWN")))
    request = said(stage, order, products=product)
    assert asked == ["VASE", "UNKNOWN"]
    assert request.packages[0].weight.value == Decimal("3.60")


def test_a_product_that_makes_no_sense_is_named_before_anything_is_sent(stage: Shop) -> None:
    order = OUTSIDE._replace(items=(BOWL._replace(product={"weight": "heavy"}),))
    with pytest.raises(InvalidRequestError, match="product BOWL-24: its attribute weight is no number"):
        stage.gateway().on_order(order)
    assert stage.count("getRates") == 0


def test_a_packing_of_your_own_decides_the_size(stage: Shop) -> None:
    size = Size(Decimal(40), Decimal(30), Decimal(9))
    request = said(stage, OUTSIDE, packing=lambda _: size)
    assert request.packages[0].dimensions.height == Decimal(9)


def test_a_limit_is_in_the_currency_of_the_business(stage: Shop) -> None:
    gateway = stage.gateway(shop(DailyLimit=Decimal("4.00"), TimeZone="Europe/London"))
    gateway.on_order(OUTSIDE)
    with pytest.raises(SpendingLimitError, match=r"of the limit of 4\.00"):
        gateway.on_order(OUTSIDE._replace(order_id="1002"))
    assert len(stage.labels) == 1


def test_the_fastest_rate_is_taken_where_the_page_says_so(stage: Shop) -> None:
    fast = stage.gateway(shop(RateChoice="fastest")).on_order(OUTSIDE).shipment
    slow = stage.gateway().on_order(OUTSIDE._replace(order_id="1002")).shipment
    assert fast.charge.amount > slow.charge.amount


NO_SENDER = dict.fromkeys(name for name in PAGE if name.startswith("ShipFrom"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({**NO_SENDER, "EnableOrderCreation": False}, "no address to ship from"),
        ({"SellerName": None, "EnableOrderCreation": False}, "a name for the seller"),
        ({"ShippingBusiness": "AmazonShipping_DE"}, "currency of AmazonShipping_DE is not known"),
        ({"DefaultWeight": 500}, "default_weight is implausible"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_at_once(
    stage: Shop, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        stage.gateway(shop(**changes))


def test_a_client_without_a_business_is_refused_at_once(stage: Shop) -> None:
    client = stage.make_client(marketplace=Marketplace.DE)
    with pytest.raises(ConfigurationError):
        stage.gateway(client=client)
    assert stage.gateway(shop(ShippingBusiness="UK"), client=client).on_order(OUTSIDE).shipment is not None


def test_nothing_of_an_order_is_in_a_repr(stage: Shop) -> None:
    gateway = stage.gateway()
    result = gateway.on_order(OUTSIDE)
    for value in (OUTSIDE, result, gateway.context):
        assert "Orchard" not in repr(value)
