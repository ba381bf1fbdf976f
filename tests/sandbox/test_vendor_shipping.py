"""A vendor ships against purchase orders of the local SP-API: notices, routing requests, labels."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from spshipping.sandbox import PurchaseOrderSupply, Sandbox
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import (
    AsnBuilder,
    Case,
    Dispatch,
    Load,
    Mass,
    Size,
    fill_cartons,
    stack,
)
from spshipping.vendor.routing import (
    CarrierWithoutLabel,
    LabelsPending,
    LabelsSaved,
    Pickup,
    RoutingBuilder,
    UnknownPickup,
)
from spshipping.vendor.rules import (
    History,
    RuleContext,
    RuleRegion,
    SentAcknowledgement,
    SentConfirmation,
    SentRequest,
)
from spshipping.vendor.sscc import SqliteSerials, SsccIssuer
from spshipping.vendor.transactions import TransactionState
from tests.onloop import Loop, OnLoop

pytestmark = pytest.mark.dates
WORKED_ON = timedelta(minutes=11)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHIP_FROM = api.PartyIdentification(
    party_id="0-55767831",
    address=api.Address(
        name="Mill",
        address_line1="1 Mill Lane",
        city="Reno",
        state_or_region="NV",
        postal_code="89501",
        country_code="US",
    ),
)
PALLET = Size.of(48, 40, 55, "in")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    supply = PurchaseOrderSupply(120, days=20)
    with Sandbox(quotas=False, purchase_orders=supply) as running:
        yield running


@pytest.fixture(params=["threads", "asyncio"])
def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Any]:
    """A client of the vendor, or what has the face of one."""
    if request.param == "threads":
        with sandbox.client("US") as client:
            yield client
        return
    loop = Loop()
    faced = OnLoop(sandbox.async_client("US"), loop)
    with faced:
        yield faced
    loop.close()


def now(sandbox: Sandbox) -> datetime:
    return sandbox.clock.now().replace(microsecond=0)


def advance(sandbox: Sandbox, time: timedelta) -> None:
    sandbox.clock.advance(time.total_seconds())


def new_orders(client: Any, sandbox: Sandbox) -> list[po.Order]:
    found = client.vendor.orders.iter_purchase_orders(
        created_after=now(sandbox) - timedelta(days=6),
        purchase_order_state=po.PurchaseOrderState.NEW,
    )
    return [
        order
        for order in found
        if order.order_details
        and all(line.net_cost and line.ordered_quantity.amount for line in order.order_details.items)
    ]


def accepted(client: Any, sandbox: Sandbox, order: po.Order) -> SentAcknowledgement:
    """Accept all of an order, and wait until Amazon has noted it."""
    details = order.order_details
    assert details is not None
    assert details.selling_party is not None
    document = po.OrderAcknowledgement(
        purchase_order_number=order.purchase_order_number,
        selling_party=details.selling_party,
        acknowledgement_date=now(sandbox),
        items=[
            po.OrderAcknowledgementItem(
                item_sequence_number=line.item_sequence_number,
                amazon_product_identifier=line.amazon_product_identifier,
                vendor_product_identifier=line.vendor_product_identifier,
                ordered_quantity=line.ordered_quantity,
                net_cost=line.net_cost,
                item_acknowledgements=[
                    po.OrderItemAcknowledgement(
                        acknowledgement_code=po.AcknowledgementCode.ACCEPTED,
                        acknowledged_quantity=line.ordered_quantity,
                    )
                ],
            )
            for line in details.items
        ],
    )
    request = po.SubmitAcknowledgementRequest(acknowledgements=[document])
    client.vendor.orders.submit_acknowledgement(request)
    at = now(sandbox)
    advance(sandbox, WORKED_ON)
    return SentAcknowledgement(document, at)


def context_of(client: Any, sandbox: Sandbox, *orders: po.Order) -> RuleContext:
    """Accept orders, and return what rules need to know of them."""
    said = [accepted(client, sandbox, order) for order in orders]
    again = [client.vendor.orders.get_purchase_order(order.purchase_order_number) for order in orders]
    assert {order.purchase_order_state for order in again} == {po.PurchaseOrderState.ACKNOWLEDGED}
    return RuleContext(
        region=RuleRegion.NA,
        orders=again,
        freight=api.ShipmentFreightTerm.COLLECT,
        history=History(acknowledgements=said, sscc_shipped={}),
        own_prefixes=("9521234",),
    )


def packed(context: RuleContext, most: int = 10) -> Load:
    """Pack all that was accepted, in cases of ten pieces and one carton for what is left over."""
    lines = AsnBuilder(context, SHIP_FROM).lines
    cases = {line.vendor_product_identifier or "": Case(1) for line in lines if not line.is_cases}
    filled = fill_cartons(lines, cases)
    assert not filled.loose
    return stack(filled.cartons, most, size=PALLET, weight=Mass.of(400, "lb"))


def dispatch(sandbox: Sandbox, **changes: Any) -> Dispatch:
    facts: dict[str, Any] = {
        "identifier": "S-1",
        "shipment_type": api.ShipmentType.LESS_THAN_TRUCK_LOAD,
        "shipped_at": now(sandbox),
        "arrives_at": now(sandbox) + 2 * DAY,
        "bill_of_lading": "SBX0100000017",
        "pro_number": "4711",
        "carrier_scac": "SBXF",
        "amazon_reference_number": "12345678901",
    }
    return Dispatch(**{**facts, **changes})


def status_of(client: Any, transaction_id: str) -> TransactionState:
    found = client.vendor.transactions.get_transaction(transaction_id).transaction_status
    assert found is not None
    assert found.errors is None, found.errors
    state: TransactionState = found.status
    return state


def submitted(client: Any, sandbox: Sandbox, request: api.SubmitShipmentConfirmationsRequest) -> Any:
    taken = client.vendor.shipments.submit_shipment_confirmations(request)
    advance(sandbox, WORKED_ON)
    return status_of(client, taken.transaction_id)


def received(client: Any, number: str) -> set[Any]:
    states = client.vendor.orders.get_purchase_orders_status(purchase_order_number=number)
    return {
        line.receiving_status.receive_status for state in states.orders_status for line in state.item_status
    }


def test_a_shipment_over_pallets_is_taken_and_received(client: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    order = new_orders(client, sandbox)[0]
    context = context_of(client, sandbox, order)
    with SqliteSerials(tmp_path / "serials.db") as serials:
        issuer = SsccIssuer(serials, "9521234")
        load = packed(context).coded(issuer)
        asn = AsnBuilder(context, SHIP_FROM).original(dispatch(sandbox), load, at=now(sandbox))
        assert all(issuer.shipped(code, now(sandbox)) for code in load.sscc_codes())
    assert submitted(client, sandbox, asn.request) is TransactionState.SUCCESS
    assert received(client, order.purchase_order_number) == {po.ReceiveStatus.NOT_RECEIVED}
    advance(sandbox, 3 * DAY)
    assert received(client, order.purchase_order_number) == {po.ReceiveStatus.RECEIVED}


def test_a_shipment_of_several_orders_is_taken(client: Any, sandbox: Sandbox) -> None:
    places: dict[Any, list[po.Order]] = {}
    for order in new_orders(client, sandbox):
        details = order.order_details
        assert details is not None
        assert details.selling_party is not None
        assert details.ship_to_party is not None
        place = details.selling_party.party_id, details.ship_to_party.party_id
        places.setdefault(place, []).append(order)
    orders = max(places.values(), key=len)[:2]
    assert len(orders) == 2
    context = context_of(client, sandbox, *orders)
    asn = AsnBuilder(context, SHIP_FROM).original(dispatch(sandbox), packed(context), at=now(sandbox))
    assert submitted(client, sandbox, asn.request) is TransactionState.SUCCESS


def test_a_replacement_lowers_what_arrives(client: Any, sandbox: Sandbox) -> None:
    order = new_orders(client, sandbox)[0]
    context = context_of(client, sandbox, order)
    load = packed(context, most=1)
    first = AsnBuilder(context, SHIP_FROM).original(dispatch(sandbox), load, at=now(sandbox))
    assert submitted(client, sandbox, first.request) is TransactionState.SUCCESS

    assert context.history is not None
    sent = SentConfirmation(first.confirmation, now(sandbox))
    context = replace(context, history=replace(context.history, confirmations=[sent]))
    less = Load(pallets=load.pallets[:-1])
    assert len(less.pallets) > 0
    asn = AsnBuilder(context, SHIP_FROM).replacement(dispatch(sandbox), less, at=now(sandbox))
    assert submitted(client, sandbox, asn.request) is TransactionState.SUCCESS
    advance(sandbox, 3 * DAY)
    assert received(client, order.purchase_order_number) != {po.ReceiveStatus.RECEIVED}


def business_day(sandbox: Sandbox) -> datetime:
    """Return a weekday in six to eight days."""
    day = now(sandbox) + 6 * DAY
    while day.weekday() > 4:
        day += DAY
    return day


def requested(client: Any, sandbox: Sandbox, request: api.SubmitShipments) -> Any:
    taken = client.vendor.shipments.submit_shipments(request)
    advance(sandbox, WORKED_ON)
    return status_of(client, taken.transaction_id)


def pickup(sandbox: Sandbox, **changes: Any) -> Pickup:
    facts: dict[str, Any] = {
        "identifier": "P-1",
        "pick_up_at": business_day(sandbox),
        "ship_mode": api.ShipmentType.SMALL_PARCEL,
        "weight": Mass.of(20, "lb"),
        "volume": api.Volume(unit_of_measure=api.VolumeUnit.CU_FT, value=Size.of(1, 2, 3, "ft").volume),
    }
    return Pickup(**{**facts, **changes})


def parcels(context: RuleContext) -> Load:
    load = packed(context)
    return Load(cartons=tuple(load.all_cartons())[:3])


def test_a_pickup_gets_an_arn_a_carrier_and_labels(client: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    order = new_orders(client, sandbox)[0]
    context = context_of(client, sandbox, order)
    load = parcels(context)
    asked = RoutingBuilder(context, SHIP_FROM).request(pickup(sandbox), load, at=now(sandbox))
    assert client.vendor.pickup_state("P-1") is None
    assert client.vendor.save_labels("P-1", tmp_path) == UnknownPickup()
    assert requested(client, sandbox, asked.request) is TransactionState.SUCCESS

    state = client.vendor.pickup_state("P-1")
    assert state.status is api.ShipmentStatus.CREATED
    assert state.amazon_reference_number
    assert not state.has_carrier
    assert client.vendor.save_labels("P-1", tmp_path) == LabelsPending(api.ShipmentStatus.CREATED)

    advance(sandbox, 8 * DAY)
    state = client.vendor.pickup_state("P-1")
    assert state.has_carrier
    assert state.carrier_code == "SBXF"
    assert state.reached[0][0] is api.ShipmentStatus.CREATED
    outcome = client.vendor.save_labels("P-1", tmp_path)
    assert isinstance(outcome, LabelsSaved)
    assert outcome.is_complete
    count = sum(1 for _ in load.all_cartons())
    assert len(outcome.labels) == len(list(tmp_path.iterdir())) == count
    assert all(each.path.read_bytes().startswith(b"%PDF-") for each in outcome.labels)


def test_a_request_is_changed_and_cancelled(client: Any, sandbox: Sandbox) -> None:
    order = new_orders(client, sandbox)[0]
    context = context_of(client, sandbox, order)
    load = parcels(context)
    builder = RoutingBuilder(context, SHIP_FROM)
    first = builder.request(pickup(sandbox), load, at=now(sandbox))
    assert requested(client, sandbox, first.request) is TransactionState.SUCCESS
    state = client.vendor.pickup_state("P-1")

    assert context.history is not None
    sent = SentRequest(state.shipment, now(sandbox), status=state.status)
    builder = RoutingBuilder(replace(context, history=replace(context.history, requests=[sent])), SHIP_FROM)
    later = business_day(sandbox) + 7 * DAY
    wish = pickup(sandbox, pick_up_at=later, amazon_reference_number=state.amazon_reference_number)
    changed = builder.request(wish, load, at=now(sandbox))
    assert requested(client, sandbox, changed.request) is TransactionState.SUCCESS
    found = client.vendor.pickup_state("P-1").shipment
    assert found.collect_freight_pickup_details.requested_pick_up == later
    assert found.buyer_reference_number == state.amazon_reference_number

    cancelled = builder.cancel(found, at=now(sandbox))
    assert requested(client, sandbox, cancelled.request) is TransactionState.SUCCESS
    assert client.vendor.pickup_state("P-1") is None


def test_a_carrier_without_labels_is_an_outcome_of_its_own(
    client: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as reported: Vendor Central has the labels, and the API answers without any
    monkeypatch.setattr("spshipping.sandbox.vendor.pickups._MOST_LABELS", 0)
    order = new_orders(client, sandbox)[0]
    context = context_of(client, sandbox, order)
    asked = RoutingBuilder(context, SHIP_FROM).request(pickup(sandbox), parcels(context), at=now(sandbox))
    assert requested(client, sandbox, asked.request) is TransactionState.SUCCESS
    advance(sandbox, 8 * DAY)
    outcome = client.vendor.save_labels("P-1", tmp_path)
    assert isinstance(outcome, CarrierWithoutLabel)
    assert outcome.status in {api.ShipmentStatus.CARRIER_ASSIGNED, api.ShipmentStatus.SHIPPED}
    assert "case" in outcome.advice
