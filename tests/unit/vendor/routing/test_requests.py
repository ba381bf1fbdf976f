"""What a routing request says, and what is refused."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from spshipping.errors import InvalidRequestError
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import AsnBuilder, Load, Mass, PackedPallet, Size, stack
from spshipping.vendor.routing import Pickup, RoutingBuilder, RoutingRequest
from spshipping.vendor.rules import History, RuleRegion, SentRequest, Severity
from spshipping.wire.convert import dumps, loads
from tests.unit.vendor.asn.warehouse import (
    SHIP_FROM,
    carton,
    content,
    context_of,
    dispatch,
    issuer,
    line,
    order,
    sent,
    with_confirmations,
)
from tests.unit.vendor.rules.clean import NOW, VENDOR

LATER = NOW + timedelta(days=4)
SIZE, WEIGHT = Size.of(120, 80, 150, "cm"), Mass.of(200, "kg")
LOAD = stack([carton(content(amount=2)), carton(content("2", 5))], 2, size=SIZE, weight=WEIGHT)


def builder_of(*orders: po.Order, **more: Any) -> RoutingBuilder:
    return RoutingBuilder(context_of(*orders or (order(line(), line("2", size=1)),), **more), SHIP_FROM)


def pickup(**changes: Any) -> Pickup:
    facts: dict[str, Any] = {
        "identifier": "P-1",
        "pick_up_at": LATER,
        "ship_mode": api.ShipmentType.LESS_THAN_TRUCK_LOAD,
    }
    return Pickup(**{**facts, **changes})


def built(load: Load = LOAD, builder: RoutingBuilder | None = None, **changes: Any) -> RoutingRequest:
    return (builder or builder_of()).request(pickup(**changes), load, at=NOW)


def test_a_request_names_all_that_amazon_needs() -> None:
    found = built().shipment
    assert (found.vendor_shipment_identifier, found.transaction_type) == ("P-1", api.TransactionType.NEW)
    assert (found.transaction_date, found.buyer_reference_number) == (NOW, None)
    assert found.shipment_freight_term is api.ShipmentFreightTerm.COLLECT
    assert (found.selling_party.party_id, found.ship_to_party.party_id) == (VENDOR, "PHX3")
    assert found.ship_from_party is SHIP_FROM
    assert found.shipment_measurements == api.TransportShipmentMeasurements(
        total_carton_count=2,
        total_pallet_stackable=1,
        total_pallet_non_stackable=0,
        shipment_weight=api.Weight(unit_of_measure=api.WeightUnit.KG, value=Decimal(200)),
        shipment_volume=api.Volume(unit_of_measure=api.VolumeUnit.CU_M, value=Decimal("1.44")),
    )
    assert found.collect_freight_pickup_details == api.CollectFreightPickupDetails(requested_pick_up=LATER)
    assert found.transportation_details == api.TransportationDetails(
        ship_mode=api.ShipmentType.LESS_THAN_TRUCK_LOAD
    )


def test_each_purchase_order_has_its_items_with_both_identifiers() -> None:
    one, two = order(line("00001"), line("2", size=1)), order(number="ORDER002")
    load = stack(
        [
            carton(content(amount=2), content("2", 5)),
            carton(content(amount=1), content(of="ORDER002")),
        ],
        2,
        size=SIZE,
        weight=WEIGHT,
    )
    orders = built(load, builder_of(one, two)).shipment.purchase_orders or []
    assert [(each.purchase_order_number, each.purchase_order_date) for each in orders] == [
        ("ORDER001", NOW - timedelta(days=3)),
        ("ORDER002", NOW - timedelta(days=3)),
    ]
    assert [
        (
            item.item_sequence_number,
            item.buyer_product_identifier,
            item.vendor_product_identifier,
            item.shipped_quantity.amount,
            item.shipped_quantity.unit_of_measure,
            item.shipped_quantity.unit_size,
        )
        for each in orders
        for item in each.items or ()
    ] == [
        ("00001", "B000000001", "SKU-1", 3, "Cases", 6),
        ("2", "B000000002", "SKU-2", 5, "Eaches", 1),
        ("1", "B000000001", "SKU-1", 1, "Cases", 6),
    ]


def test_a_request_can_be_written_and_read() -> None:
    request = built().request
    assert loads(dumps(request), api.SubmitShipments) == request


def test_pallets_on_which_nothing_is_put_are_counted_apart() -> None:
    measured = built(is_stackable=False).shipment.shipment_measurements
    assert measured is not None
    assert (measured.total_pallet_stackable, measured.total_pallet_non_stackable) == (0, 1)


def test_measures_can_be_stated() -> None:
    volume = api.Volume(unit_of_measure=api.VolumeUnit.CU_FT, value=Decimal(40))
    found = built(Load(cartons=(carton(),)), weight=Mass.of(90, "lb"), volume=volume).shipment
    assert found.shipment_measurements == api.TransportShipmentMeasurements(
        total_carton_count=1,
        total_pallet_stackable=0,
        total_pallet_non_stackable=0,
        shipment_weight=api.Weight(unit_of_measure=api.WeightUnit.LB, value=Decimal(90)),
        shipment_volume=volume,
    )


@pytest.mark.parametrize(
    ("load", "changes", "message"),
    [
        (Load(), {}, "load: is empty"),
        (Load(cartons=(carton(size=SIZE),)), {}, r"pickup\.weight: is not known"),
        (Load(cartons=(carton(weight=WEIGHT),)), {}, r"pickup\.volume: is not known"),
        (Load(pallets=(*LOAD.pallets, PackedPallet(contents=(content(),)))), {}, r"pickup\.weight"),
        (LOAD, {"pick_up_at": NOW + timedelta(days=1)}, r"requested_pick_up: L-091"),
        (LOAD, {"pick_up_at": datetime(2026, 12, 4)}, r"pickup\.pick_up_at: must be"),  # noqa: DTZ001
        (Load(cartons=(carton(content("9"), size=SIZE, weight=WEIGHT),)), {}, "L-047"),
    ],
)
def test_what_is_refused_is_named(load: Load, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        built(load, **changes)


def test_orders_with_open_lines_and_other_regions_are_refused() -> None:
    new = order(line(), line("2", size=1))
    new.purchase_order_state = po.PurchaseOrderState.NEW
    with pytest.raises(InvalidRequestError, match=r"purchase_orders\[0\].*L-090.*acknowledge all lines"):
        built(builder=builder_of(new, history=History()))
    with pytest.raises(InvalidRequestError, match=r"L-090.*without routing requests"):
        built(builder=builder_of(region=RuleRegion.IN))


def test_a_rule_can_be_overruled() -> None:
    builder = RoutingBuilder(context_of(order(line(), line("2", size=1))), SHIP_FROM, overrule=["L-091"])
    found = built(builder=builder, pick_up_at=NOW + timedelta(days=1)).warnings
    assert [(each.rule, each.severity, each.is_overruled) for each in found] == [
        ("L-091", Severity.WARNING, True)
    ]


def with_sent(shipment: api.Shipment, status: api.ShipmentStatus | None = None) -> RoutingBuilder:
    sent = SentRequest(shipment, NOW - timedelta(hours=1), status=status)
    return builder_of(history=History(requests=[sent]))


def test_a_request_is_changed_by_another_one_of_its_identifier() -> None:
    first = built().shipment
    first.buyer_reference_number = "111"
    changed = built(builder=with_sent(first), amazon_reference_number="111", is_stackable=False).shipment
    assert changed.transaction_type is api.TransactionType.NEW
    assert changed.buyer_reference_number == "111"
    with pytest.raises(InvalidRequestError, match="buyer_reference_number: L-092"):
        built(builder=with_sent(first), amazon_reference_number="112")


def test_with_a_carrier_only_the_pickup_is_changed() -> None:
    builder = with_sent(built().shipment, api.ShipmentStatus.CARRIER_ASSIGNED)
    moved = built(builder=builder, pick_up_at=LATER + timedelta(days=1)).shipment
    assert moved.collect_freight_pickup_details is not None
    assert moved.collect_freight_pickup_details.requested_pick_up == LATER + timedelta(days=1)
    with pytest.raises(InvalidRequestError, match="shipment_measurements: L-092"):
        built(builder=builder, is_stackable=False)


@pytest.mark.parametrize("status", [None, api.ShipmentStatus.CARRIER_ASSIGNED])
def test_a_request_is_cancelled_at_any_time_with_its_head_alone(status: api.ShipmentStatus | None) -> None:
    first = built().shipment
    first.buyer_reference_number = "111"
    at = NOW + timedelta(hours=1)
    cancelled = with_sent(first, status).cancel(first, at=at).shipment
    assert cancelled == api.Shipment(
        vendor_shipment_identifier="P-1",
        transaction_type=api.TransactionType.CANCEL,
        transaction_date=at,
        buyer_reference_number="111",
        shipment_freight_term=api.ShipmentFreightTerm.COLLECT,
        selling_party=first.selling_party,
        ship_from_party=SHIP_FROM,
        ship_to_party=first.ship_to_party,
    )


def test_a_cancellation_keeps_the_vendor_code() -> None:
    first = built().shipment
    other = built().shipment
    other.selling_party = api.PartyIdentification(party_id="OTHER")
    with pytest.raises(InvalidRequestError, match="L-092"):
        with_sent(first).cancel(other, at=NOW)


def test_no_more_is_picked_up_than_was_accepted() -> None:
    packed = carton(content(amount=6), size=SIZE, weight=WEIGHT)
    with pytest.raises(InvalidRequestError, match=r"cartons\[1\].*amount: L-049: .* than the 10"):
        built(Load(cartons=(packed, packed)))
    overruled = RoutingBuilder(context_of(order()), SHIP_FROM, overrule=["L-049"])
    assert built(Load(cartons=(packed, packed)), overruled)


def test_what_a_notice_ships_can_still_be_picked_up() -> None:
    context = context_of(order())
    whole = Load(cartons=(carton(content(amount=10), size=SIZE, weight=WEIGHT),)).coded(issuer())
    asn = AsnBuilder(context, SHIP_FROM).original(dispatch(), whole, at=NOW)
    after = with_confirmations(context, sent(asn.confirmation))
    assert built(whole, RoutingBuilder(after, SHIP_FROM))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"identifier": " "}, "pickup.identifier: is missing"),
        ({"identifier": None}, "pickup.identifier: is missing"),
        ({"ship_mode": "Balloon"}, "pickup.ship_mode: is one of TruckLoad, LessThanTruckLoad, SmallParcel"),
        ({"ship_mode": None}, "pickup.ship_mode: is one of"),
        ({"pick_up_at": "tomorrow"}, "pickup.pick_up_at: must be a datetime with a time zone"),
    ],
)
def test_what_a_pickup_needs_is_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        built(**change)
