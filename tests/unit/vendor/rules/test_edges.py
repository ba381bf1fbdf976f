"""What is near a rule and does not break it, and what cannot be compared."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from spshipping import dumps, loads
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import History, Outcome, RuleRegion, SentConfirmation, SentRequest, lint
from spshipping.vendor.rules.header import is_time
from tests.unit.vendor.rules.clean import (
    COLLECT,
    NOW,
    Case,
    answer,
    clean_acknowledgement,
    details_of,
)
from tests.unit.vendor.rules.defects_confirmations import replaced, sent_before
from tests.unit.vendor.rules.defects_contents import cartons, codes, details, expires, identified
from tests.unit.vendor.rules.defects_requests import clean_labels, clean_request
from tests.unit.vendor.rules.packed import LTL, PARCEL, S, clean_confirmation, sscc

EU, NA = RuleRegion.EU, RuleRegion.NA
Kind = asn.ContainerIdentificationType


def rules(case: Case[Any]) -> list[str]:
    return [each.rule for each in lint(case.document, case.context)]


def acknowledgement(**options: Any) -> Case[po.OrderAcknowledgement]:
    return clean_acknowledgement(Random(6), **{"region": EU, "is_update": False, **options})


def confirmation(**options: Any) -> Case[asn.ShipmentConfirmation]:
    wanted = {"region": EU, "shipment_type": LTL, "structure": S.LOOSE_STANDARD_CASE, **options}
    return clean_confirmation(Random(6), **wanted)


# acknowledgements


def test_lines_without_a_number_are_matched_by_their_identifiers() -> None:
    case = acknowledgement()
    for item in case.document.items:
        item.item_sequence_number = None
    assert rules(case) == []


@pytest.mark.parametrize(("text", "matches"), [("1", True), ("00001", True), (" 1", True), ("2x", False)])
def test_a_line_is_found_by_its_number_as_an_integer(text: str, matches: bool) -> None:
    case = acknowledgement()
    case.document.items[0].item_sequence_number = text
    # a text that is no number says nothing: the identifiers decide
    assert rules(case) == []
    case.document.items[0].amazon_product_identifier = "B0OTHER000"
    assert ("L-014" in rules(case)) is True
    assert ("L-001" in rules(case)) is not matches


@pytest.mark.parametrize("is_update", [False, True])
def test_cases_of_unknown_size_are_not_compared_with_pieces(is_update: bool) -> None:
    case = acknowledgement(region=NA, is_update=is_update)
    item, line = case.document.items[0], case.line
    line.ordered_quantity = po.ItemQuantity(amount=10, unit_of_measure=po.UnitOfMeasure.CASES)
    item.ordered_quantity = po.ItemQuantity(amount=10, unit_of_measure=po.UnitOfMeasure.CASES)
    item.item_acknowledgements = [answer(line, "Accepted", 1000)]
    item.item_acknowledgements[0].acknowledged_quantity.unit_of_measure = po.UnitOfMeasure.EACHES
    found = [each.rule for each in lint(case.document, case.context) if "items[0]" in each.path]
    assert found == ["L-019"]


def test_pieces_that_make_up_the_cases_are_all_that_is_ordered() -> None:
    case = acknowledgement()
    item, line = case.document.items[0], case.line
    line.ordered_quantity = po.ItemQuantity(amount=10, unit_of_measure=po.UnitOfMeasure.CASES, unit_size=6)
    item.ordered_quantity = po.ItemQuantity(amount=60, unit_of_measure=po.UnitOfMeasure.EACHES)
    item.item_acknowledgements = [answer(line, "Accepted", 60)]
    item.item_acknowledgements[0].acknowledged_quantity = po.ItemQuantity(
        amount=60, unit_of_measure=po.UnitOfMeasure.EACHES
    )
    # two quantities in pieces: the unit is another one, the sum is right
    assert set(rules(case)) == {"L-019"}


def test_a_line_without_any_quantity_is_not_compared() -> None:
    case = acknowledgement()
    case.line.ordered_quantity = po.ItemQuantity()
    case.document.items[0].ordered_quantity = po.ItemQuantity()
    assert not {"L-002", "L-003", "L-022"} & set(rules(case))


def test_a_cancelled_line_may_be_left_out_or_answered_with_nothing() -> None:
    case = acknowledgement()
    item, line = case.document.items[0], case.line
    line.ordered_quantity.amount = item.ordered_quantity.amount = 0
    item.item_acknowledgements = [answer(line, "Rejected", 0, reason="TemporarilyUnavailable")]
    assert rules(case) == []
    case.document.items.pop(0)
    assert rules(case) == []


def test_more_is_accepted_when_amazon_orders_more() -> None:
    case = acknowledgement(is_update=True)
    before = case.history.acknowledgements[0].document.items[0]
    line, item = case.line, case.document.items[0]
    whole = line.ordered_quantity.amount or 0
    rejected = answer(line, "Rejected", 2, reason="TemporarilyUnavailable")
    before.item_acknowledgements = [answer(line, "Accepted", whole - 2), rejected]
    line.ordered_quantity.amount = item.ordered_quantity.amount = whole + 5
    item.item_acknowledgements = [answer(line, "Accepted", whole + 3), rejected]
    assert rules(case) == []
    item.item_acknowledgements = [answer(line, "Accepted", whole + 5)]
    assert rules(case) == ["L-013"]


def test_a_refused_acknowledgement_bars_nothing() -> None:
    case = acknowledgement(is_update=True)
    sent = case.history.acknowledgements[0]
    for item, line in zip(sent.document.items, details_of(case.order).items, strict=True):
        item.item_acknowledgements = [answer(line, "Rejected", line.ordered_quantity.amount or 0)]
    details_of(case.order).purchase_order_date = NOW
    refused = [sent._replace(outcome=Outcome.REFUSED)]
    case.context = replace(case.context, history=History(acknowledgements=refused))
    assert rules(case) == []


def test_an_update_may_repeat_that_an_item_is_obsolete() -> None:
    case = acknowledgement(is_update=True)
    sent = case.history.acknowledgements[0]
    case.context = replace(
        case.context, history=History(acknowledgements=[sent._replace(at=NOW - timedelta(days=3))])
    )
    for document in (sent.document, case.document):
        for item, line in zip(document.items, details_of(case.order).items, strict=True):
            whole = line.ordered_quantity.amount or 0
            item.item_acknowledgements = [answer(line, "Rejected", whole, reason="ObsoleteProduct")]
    assert rules(case) == []


# shipment confirmations


def test_an_identifier_may_be_used_again_after_a_year_or_by_another_vendor_code() -> None:
    case = confirmation()
    same = loads(dumps(case.document), asn.ShipmentConfirmation)
    same.cartons = None
    sent_before(case, SentConfirmation(same, NOW - timedelta(days=366)))
    assert "L-030" not in rules(case)
    same.selling_party = asn.PartyIdentification(party_id="ABCD2")
    sent_before(case, SentConfirmation(same, NOW))
    assert "L-030" not in rules(case)


def test_two_shipments_of_one_request_have_identifiers_of_their_own() -> None:
    case, other = confirmation(), clean_confirmation(Random(7), region=EU)
    orders = [*(case.context.orders or ()), *(other.context.orders or ())]
    context = replace(case.context, orders=orders, perishable=None)
    request = asn.SubmitShipmentConfirmationsRequest(shipment_confirmations=[case.document, other.document])
    assert "L-030" not in [each.rule for each in lint(request, context)]


def test_a_replacement_with_less_is_right_and_keeps_its_codes() -> None:
    case = confirmation()
    sent = replaced(case)
    digits = codes(cartons(case)[0])[0].container_identification_number
    case.context = replace(case.context, history=replace(case.history, sscc_shipped={digits: NOW}))
    case.document.shipped_date = NOW - timedelta(days=1)
    item = case.document.shipped_items[0]
    item.shipped_quantity.amount -= 1
    mine = [each for each in cartons(case) if each.items[0].item_reference == item.item_sequence_number]
    cartons(case).remove(mine[0])
    measured = case.document.shipment_measurements
    assert measured is not None
    measured.carton_count = len(cartons(case))
    assert sent.document.shipment_identifier == case.document.shipment_identifier
    assert rules(case) == []


def test_what_was_acknowledged_without_a_line_counts_as_ordered_there() -> None:
    case = confirmation(count=1)
    case.history.acknowledgements[0].document.items.clear()
    assert rules(case) == []


def test_cases_of_unknown_size_are_not_added_up() -> None:
    case = confirmation(count=1)
    for line in details_of(case.order).items:
        line.ordered_quantity = po.ItemQuantity(amount=1, unit_of_measure=po.UnitOfMeasure.CASES)
    for said in case.history.acknowledgements[0].document.items:
        said.item_acknowledgements[0].acknowledged_quantity = po.ItemQuantity(
            amount=1, unit_of_measure=po.UnitOfMeasure.CASES
        )
    for item in case.document.shipped_items:
        item.shipped_quantity.unit_of_measure = asn.UnitOfMeasure.CASES
        item.shipped_quantity.unit_size = None
    for each in cartons(case):
        each.items[0].shipped_quantity.unit_of_measure = asn.UnitOfMeasure.CASES
        each.items[0].shipped_quantity.unit_size = None
    assert rules(case) == []


def test_a_shelf_life_that_no_calendar_has_is_not_compared() -> None:
    case = confirmation()
    details(case.document.shipped_items[0]).expiry = asn.Expiry(
        manufacturer_date=NOW,
        expiry_after_duration=asn.Duration(duration_unit=asn.DurationUnit.DAYS, duration_value=10**9),
    )
    assert rules(case) == ([] if not case.context.perishable else ["L-067"])


@pytest.mark.parametrize(("days", "found"), [(29, ["L-070"]), (89, ["L-070"]), (90, [])])
def test_ninety_days_are_enough(days: int, found: list[str]) -> None:
    case = confirmation()
    expires(case, Random(1), days)
    assert rules(case) == found


def test_a_code_of_letters_is_no_sscc() -> None:
    case = confirmation()
    codes(cartons(case)[0])[0].container_identification_number = "ATR123213216ATR123"
    assert rules(case) == ["L-055"]


def test_a_number_that_amazon_made_is_right() -> None:
    case = confirmation()
    made = identified(Kind.AMZNCC, "00123456789012345678")
    case.context = replace(case.context, amazon_codes={"00123456789012345678"})
    codes(cartons(case)[0]).append(made)
    assert rules(case) == []
    # without SSCCs, all may be Amazon's
    case.context = replace(case.context, amazon_codes=None)
    for each in cartons(case):
        each.carton_identifiers = [made]
    assert rules(case) == []


def test_a_gtin_on_a_carton_of_a_truck_is_right() -> None:
    case = confirmation()
    codes(cartons(case)[0]).append(identified(Kind.GTIN, "04006381333931"))
    assert rules(case) == []


def test_an_sscc_may_have_18_or_20_digits_and_be_used_again_after_a_year() -> None:
    case = confirmation()
    code = codes(cartons(case)[0])[0]
    code.container_identification_number = code.container_identification_number[2:]
    used = {code.container_identification_number: NOW - timedelta(days=366)}
    case.context = replace(case.context, history=replace(case.history, sscc_shipped=used))
    assert rules(case) == []


def test_weights_and_sizes_may_be_left_out() -> None:
    case = confirmation()
    for each in cartons(case):
        each.weight = each.dimensions = None
    assert rules(case) == []


@pytest.mark.parametrize(
    ("value", "unit", "found"), [("69.9", "Lb", []), ("31.7", "Kg", []), ("31.8", "Kg", ["L-066"])]
)
def test_a_parcel_is_lighter_than_seventy_pounds(value: str, unit: str, found: list[str]) -> None:
    case = confirmation(shipment_type=PARCEL)
    weight = cartons(case)[0].weight
    assert weight is not None
    weight.value, weight.unit_of_measure = type(weight.value)(value), asn.WeightUnit(unit)
    assert rules(case) == found


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("20261129", True),
        ("29112026", True),
        ("112920261530", True),
        ("20261329", False),
        ("19991231", False),
    ],
)
def test_a_number_looks_like_a_date(number: str, is_one: bool) -> None:
    assert is_time(number) is is_one


def test_several_confirmations_of_one_load_share_a_bill_of_lading() -> None:
    case = confirmation()
    other = case.history.confirmations[0].document
    other.transportation_details, other.shipped_date = case.document.transportation_details, NOW
    assert rules(case) == []


def test_an_unloaded_pallet_with_items_and_cartons_counts_once() -> None:
    case = confirmation(structure=S.PALLETIZED_STANDARD_CASE)
    for pallet in case.document.pallets or ():
        pallet.items = [part for each in cartons(case) for part in each.items]
    assert rules(case) == []


def test_two_codes_of_one_carton_are_two_codes() -> None:
    case = confirmation()
    codes(cartons(case)[0]).append(sscc(77))
    assert rules(case) == []


def test_what_is_wrong_with_an_item_is_found_once_and_not_in_each_of_its_cartons() -> None:
    case = confirmation(count=1, perishable=True)
    item = case.document.shipped_items[0]
    details(item).lot_number = details(item).purchase_order_number = None
    found = [(each.rule, each.path) for each in lint(case.document, case.context)]
    assert found == [
        ("L-046", "shipped_items[0].item_details.purchase_order_number"),
        ("L-067", "shipped_items[0].item_details.lot_number"),
    ]


def test_an_expiry_is_found_where_it_is_stated() -> None:
    case = confirmation(count=1, perishable=True)
    own = details(cartons(case)[0].items[0])
    own.expiry = asn.Expiry(expiry_date=case.document.estimated_delivery_date)
    assert [each.path for each in lint(case.document, case.context)] == [
        "cartons[0].items[0].item_details.expiry"
    ]


# routing requests and labels


def test_a_cancellation_may_come_at_any_time() -> None:
    case = clean_request(Random(3), is_update=True)
    case.document.transaction_type = asn.TransactionType.CANCEL
    case.document.purchase_orders = case.document.collect_freight_pickup_details = None
    case.document.shipment_freight_term = None
    case.context = replace(case.context, region=RuleRegion.OTHER)
    assert rules(case) == []


def test_a_line_that_amazon_cancelled_needs_no_answer_before_the_pickup() -> None:
    case = clean_request(Random(3), is_update=False)
    line = details_of(case.order).items[-1]
    case.history.acknowledgements[0].document.items.pop()
    assert rules(case) == ["L-090"]
    line.ordered_quantity.amount = 0
    assert rules(case) == []


def test_all_may_change_before_a_carrier_is_assigned() -> None:
    case = clean_request(Random(3), is_update=True)
    first = case.history.requests[0]._replace(status=asn.ShipmentStatus.CREATED)
    later = loads(dumps(first.document), asn.Shipment)
    later.purchase_orders = []
    later.buyer_reference_number = None
    sent = [first, SentRequest(later, NOW - timedelta(hours=1), status=asn.ShipmentStatus.CREATED)]
    case.context = replace(case.context, history=replace(case.history, requests=sent))
    assert rules(case) == []
    # once there is one, what was said last is what stays
    sent[1] = sent[1]._replace(status=asn.ShipmentStatus.CARRIER_ASSIGNED)
    assert rules(case) == ["L-092"]
    case.document.purchase_orders = []
    assert rules(case) == []


def test_a_request_of_another_shipment_is_not_compared() -> None:
    case = clean_request(Random(3), is_update=True)
    case.document.vendor_shipment_identifier = "ANOTHER"
    case.document.buyer_reference_number = None
    assert rules(case) == []


def test_labels_without_a_tracking_id_are_counted_only() -> None:
    case = clean_labels(Random(1))
    for label in case.document.label_data or ():
        label.tracking_id = None
    assert rules(case) == []


def test_labels_of_a_truck_load_are_not_those_of_parcels() -> None:
    case = clean_labels(Random(1))
    information = case.document.shipment_information
    assert information is not None
    information.ship_mode, information.total_label_count = asn.LabelShipMode.LTL, 99
    assert rules(case) == []


def test_the_terms_of_the_request_come_before_those_of_the_context() -> None:
    case = clean_request(Random(3), is_update=False)
    case.document.shipment_freight_term = COLLECT
    case.context = replace(case.context, freight=asn.ShipmentFreightTerm.PREPAID)
    assert rules(case) == []
