"""Clean routing requests, labels and searches, and defects of them."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from spshipping.vendor import orders as po
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import History, RuleContext, RuleRegion, SentRequest
from tests.unit.vendor.rules.clean import (
    CENTRE,
    COLLECT,
    NOW,
    PREPAID,
    VENDOR,
    Case,
    accept_all,
    purchase_order,
)
from tests.unit.vendor.rules.defects import Defects, E, I, W

ACKNOWLEDGED = po.PurchaseOrderState.ACKNOWLEDGED


def routing_request(orders: list[po.Order], rng: Random) -> asn.Shipment:
    return asn.Shipment(
        vendor_shipment_identifier=f"V{rng.randrange(10**9)}",
        transaction_type=asn.TransactionType.NEW,
        transaction_date=NOW,
        shipment_freight_term=COLLECT,
        selling_party=asn.PartyIdentification(party_id=VENDOR),
        ship_from_party=asn.PartyIdentification(party_id="0-55767831"),
        ship_to_party=asn.PartyIdentification(party_id=CENTRE),
        # NOW is a Monday
        collect_freight_pickup_details=asn.CollectFreightPickupDetails(
            requested_pick_up=NOW + timedelta(days=rng.randint(2, 9))
        ),
        purchase_orders=[
            asn.PurchaseOrders(purchase_order_number=each.purchase_order_number) for each in orders
        ],
    )


def clean_request(rng: Random, *, is_update: bool | None = None) -> Case[asn.Shipment]:
    region = rng.choice([RuleRegion.NA, RuleRegion.EU])
    orders = [purchase_order(rng, region, COLLECT, state=ACKNOWLEDGED) for _ in range(rng.randint(1, 3))]
    document = routing_request(orders, rng)
    history = History(acknowledgements=[accept_all(each, NOW - timedelta(hours=2)) for each in orders])
    if rng.random() < 0.5 if is_update is None else is_update:
        sent = routing_request(orders, rng)
        sent.vendor_shipment_identifier = document.vendor_shipment_identifier
        sent.buyer_reference_number = document.buyer_reference_number = "ARN1"
        carrier = asn.ShipmentStatus.CARRIER_ASSIGNED
        history = replace(history, requests=[SentRequest(sent, NOW - timedelta(days=1), status=carrier)])
    return Case(
        document, RuleContext(now=NOW, region=region, orders=orders, freight=COLLECT, history=history)
    )


ROUTING = Defects(clean_request)
Routing = Case[asn.Shipment]


@ROUTING.of("L-090", E, "ship_to_party")
def a_request_in_japan(case: Routing, rng: Random) -> None:
    case.context = replace(case.context, region=rng.choice([RuleRegion.OTHER, RuleRegion.IN]))


@ROUTING.of("L-090", E, "purchase_order_number")
def an_open_line(case: Routing, rng: Random) -> None:
    case.history.acknowledgements[0].document.items.pop()


@ROUTING.of("L-090", E, "purchase_order_number")
def a_line_that_is_answered_in_part(case: Routing, rng: Random) -> None:
    line = case.line
    line.ordered_quantity.amount = (line.ordered_quantity.amount or 0) + 1


@ROUTING.of("L-090", E, "purchase_order_number")
def an_order_without_an_answer(case: Routing, rng: Random) -> None:
    case.order.purchase_order_state = po.PurchaseOrderState.NEW
    case.context = replace(case.context, history=None)


@ROUTING.of("L-090", E, "shipment_freight_term")
def a_request_of_one_who_pays(case: Routing, rng: Random) -> None:
    case.document.shipment_freight_term = rng.choice([None, PREPAID])
    case.context = replace(case.context, freight=PREPAID)


@ROUTING.of("L-091", E, "requested_pick_up")
def a_pickup_tomorrow(case: Routing, rng: Random) -> None:
    found = case.document.collect_freight_pickup_details
    assert found is not None
    found.requested_pick_up = NOW + timedelta(days=rng.choice([0, 1]))


@ROUTING.of("L-091", E, "requested_pick_up")
def a_pickup_after_a_holiday(case: Routing, rng: Random) -> None:
    found = case.document.collect_freight_pickup_details
    assert found is not None
    found.requested_pick_up = NOW + timedelta(days=2)
    case.context = replace(case.context, holidays={(NOW + timedelta(days=1)).date()})


@ROUTING.of("L-092", E, "selling_party.party_id", is_update=True)
def a_new_vendor_code(case: Routing, rng: Random) -> None:
    case.document.selling_party = asn.PartyIdentification(party_id="ABCD2")


@ROUTING.of("L-092", E, "buyer_reference_number", is_update=True)
def a_new_reference(case: Routing, rng: Random) -> None:
    case.document.buyer_reference_number = "ARN2"


@ROUTING.of("L-092", E, "vendor_shipment_identifier", is_update=True)
def a_new_identifier(case: Routing, rng: Random) -> None:
    case.document.vendor_shipment_identifier = "ANOTHER"


@ROUTING.of("L-092", E, "purchase_orders", is_update=True)
def other_orders_after_a_carrier_is_assigned(case: Routing, rng: Random) -> None:
    case.document.purchase_orders = []


@ROUTING.of("L-080", E, "estimated_ship_by_date")
def a_request_for_an_import_in_75_days(case: Routing, rng: Random) -> None:
    case.document.import_details = asn.ImportDetails(estimated_ship_by_date=NOW + timedelta(days=75))


def clean_labels(rng: Random) -> Case[asn.TransportLabel]:
    count = rng.randint(2, 5)
    return Case(
        asn.TransportLabel(
            shipment_information=asn.ShipmentInformation(total_label_count=count),
            label_data=[
                asn.LabelData(label_sequence_number=index + 1, tracking_id=f"1Z{index}", label="JVBERi0=")
                for index in range(count)
            ],
        ),
        RuleContext(now=NOW, history=History()),
    )


LABELS = Defects(clean_labels)


@LABELS.of("L-094", W, "label_data")
def two_of_three_labels(case: Case[asn.TransportLabel], rng: Random) -> None:
    assert case.document.label_data
    case.document.label_data.pop()


@LABELS.of("L-094", W, "tracking_id")
def a_label_that_was_printed(case: Case[asn.TransportLabel], rng: Random) -> None:
    case.context = replace(case.context, history=History(printed_labels={"1Z1"}))


@LABELS.of("L-094", W, "tracking_id")
def a_label_twice(case: Case[asn.TransportLabel], rng: Random) -> None:
    assert case.document.label_data
    case.document.label_data[1].tracking_id = "1Z0"


def clean_query(rng: Random) -> Case[dict[str, object]]:
    name = rng.choice(["created", "changed", "updated"])
    start = NOW - timedelta(days=rng.randint(7, 180))
    filters: dict[str, object] = {f"{name}_after": start, f"{name}_before": start + timedelta(days=7)}
    return Case(filters, RuleContext(now=NOW, history=History()))


QUERIES = Defects(clean_query)


@QUERIES.of("L-095", E, "_before")
def thirty_days(case: Case[dict[str, object]], rng: Random) -> None:
    name = next(iter(case.document)).removesuffix("_after")
    case.document |= {f"{name}_after": NOW - timedelta(days=30), f"{name}_before": NOW}


@QUERIES.of("L-095", E, "created_after")
def seven_months_ago(case: Case[dict[str, object]], rng: Random) -> None:
    case.document["created_after"] = NOW - timedelta(days=rng.randint(185, 400))
    case.document.pop("created_before", None)


@QUERIES.of("L-093", I, "vendor_shipment_identifier")
def labels_before_a_carrier(case: Case[dict[str, object]], rng: Random) -> None:
    request = clean_request(rng).document
    sent = SentRequest(request, NOW, status=asn.ShipmentStatus.CREATED)
    case.document = {"vendor_shipment_identifier": request.vendor_shipment_identifier}
    case.context = replace(case.context, history=History(requests=[sent]))
