"""Findings: how severe they are, who may overrule them, what they say, and what could not be checked."""

from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest

from spshipping import InvalidRequestError, dumps, loads
from spshipping.regions import Marketplace
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import (
    RULES,
    Finding,
    History,
    RuleContext,
    RuleRegion,
    SentAcknowledgement,
    Severity,
    check,
    lint,
    unchecked,
)
from tests.unit.vendor.rules.clean import NOW, Case, clean_acknowledgement
from tests.unit.vendor.rules.defects_requests import clean_labels, clean_request
from tests.unit.vendor.rules.packed import LTL, PARCEL, S, clean_confirmation
from tests.unit.vendor.rules.test_rows import DEFECTS

EU = RuleRegion.EU


def rules(case: Case[Any], **options: Any) -> dict[str, Severity]:
    return {each.rule: each.severity for each in lint(case.document, case.context, **options)}


def one_line() -> Case[po.OrderAcknowledgement]:
    """Make an acknowledgement that says too much of one line, and too little of another."""
    case = clean_acknowledgement(Random(3), region=EU, is_update=False)
    first, second = case.document.items[:2]
    for item, amount in ((first, 1000), (second, 1)):
        item.item_acknowledgements = [
            po.OrderItemAcknowledgement(
                acknowledgement_code=po.AcknowledgementCode.ACCEPTED,
                acknowledged_quantity=po.ItemQuantity(amount=amount),
            )
        ]
    return case


def test_an_error_refuses_the_document_and_names_rule_path_and_remedy() -> None:
    case = one_line()
    with pytest.raises(InvalidRequestError) as caught:
        check(case.document, case.context)
    assert caught.value.path == "items[0].item_acknowledgements"
    assert str(caught.value) == (
        f"items[0].item_acknowledgements: L-002: answers more than the {case.line.ordered_quantity.amount}"
        " that are ordered: lower the quantities: an order cannot be raised"
    )


def test_every_error_is_named_and_the_worst_findings_come_first() -> None:
    case = one_line()
    case.document.selling_party = po.PartyIdentification(party_id="ABCD2")
    with pytest.raises(InvalidRequestError, match=r"L-002.*; and L-021 at selling_party\.party_id"):
        check(case.document, case.context)
    severities = [each.severity for each in lint(case.document, case.context)]
    assert severities == sorted(severities, reverse=True)


def test_the_message_stays_short_where_much_is_wrong() -> None:
    case = clean_acknowledgement(Random(3), region=EU, is_update=False)
    for item in case.document.items:
        item.net_cost = None
        item.amazon_product_identifier = item.vendor_product_identifier = "other"
    request = po.SubmitAcknowledgementRequest(acknowledgements=[case.document, case.document])
    errors = len(lint(request, case.context))
    assert errors > 10
    with pytest.raises(InvalidRequestError, match=f", and {errors - 10} more$"):
        check(request, case.context)


def test_an_overruled_error_is_shown_as_a_warning_and_does_not_refuse() -> None:
    case = one_line()
    found = check(case.document, case.context, overrule={"L-002"})
    assert ("L-002", Severity.WARNING, True) in [(each[0], each[1], each.is_overruled) for each in found]
    assert {each.rule: each.is_overruled for each in found}["L-003"] is False


def test_a_warning_is_returned_and_refuses_once_it_is_raised() -> None:
    case = one_line()
    case.document.items[0].item_acknowledgements[0].acknowledged_quantity.amount = 1
    assert [each.rule for each in check(case.document, case.context)] == ["L-003", "L-003"]
    with pytest.raises(InvalidRequestError, match="L-003"):
        check(case.document, case.context, raise_to_error={"L-003"})


def test_one_id_may_be_given_as_text() -> None:
    assert rules(one_line(), overrule="L-002", raise_to_error="L-003")["L-003"] is Severity.ERROR


@pytest.mark.parametrize("name", ["raise_to_error", "overrule"])
def test_the_id_of_a_rule_that_does_not_exist_is_an_error(name: str) -> None:
    case = clean_acknowledgement(Random(1))
    with pytest.raises(InvalidRequestError, match=rf"{name}: names a rule that does not exist"):
        lint(case.document, case.context, **{name: {"L-007"}})


def test_what_the_rule_book_is_not_about_is_refused() -> None:
    for look in (lint, unchecked):
        with pytest.raises(InvalidRequestError, match="document"):
            look("L-001", RuleContext())  # type: ignore[arg-type]


def test_a_field_that_is_missing_or_of_another_kind_is_named() -> None:
    case = clean_acknowledgement(Random(1))
    case.document.items[0].item_acknowledgements[0].acknowledged_quantity = None  # type: ignore[assignment]
    for look in (lint, check):
        with pytest.raises(InvalidRequestError, match=r"items\[0\].*acknowledged_quantity: is required"):
            look(case.document, case.context)
    packed = clean_confirmation(Random(1), structure=S.MASTER_CASE)
    assert packed.document.cartons
    packed.document.cartons[0].items[0].item_reference = 7  # type: ignore[assignment]
    with pytest.raises(InvalidRequestError, match=r"cartons\[0\]\.items\[0\]\.item_reference"):
        unchecked(packed.document, packed.context)


def test_a_mistake_that_is_not_the_documents_is_not_hidden() -> None:
    case = clean_acknowledgement(Random(1))
    case.context = replace(case.context, changed=7)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        lint(case.document, case.context)
    with pytest.raises(AttributeError):
        lint({"created_after": NOW}, replace(case.context, changed={}, history=7))  # type: ignore[arg-type]


def test_a_finding_is_one_line_of_text() -> None:
    found = Finding("L-002", Severity.ERROR, "items[0]", "is too much", "lower it")
    assert str(found) == "E L-002 items[0]: is too much (lower it)"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: f"{defect.rule}-{defect.name}")
def test_no_finding_holds_personal_data(defect: Any) -> None:
    case = defect.make(Random(2))
    found = lint(case.document, case.context)
    assert not any(secret in str(found) for secret in ("Erika", "Geheimweg", "10115"))


# requests with several documents


def test_documents_of_a_request_have_their_places_in_the_paths() -> None:
    cases = [clean_acknowledgement(Random(seed), region=EU, is_update=False) for seed in (1, 2)]
    cases[1].document.items[0].net_cost = None
    context = replace(cases[0].context, orders=[cases[0].order, cases[1].order])
    request = po.SubmitAcknowledgementRequest(acknowledgements=[each.document for each in cases])
    assert [each.path for each in lint(request, context) if each.rule == "L-006"] == [
        "acknowledgements[1].items[0].net_cost"
    ]


def test_confirmations_of_one_request_are_compared() -> None:
    case = clean_confirmation(Random(5), region=EU, structure=S.LOOSE_STANDARD_CASE, shipment_type=LTL)
    same = loads(dumps(case.document), asn.ShipmentConfirmation)
    request = asn.SubmitShipmentConfirmationsRequest(shipment_confirmations=[case.document, same])
    found = {(each.rule, each.path.split(".")[0]) for each in lint(request, case.context)}
    assert {("L-030", "shipment_confirmations[1]"), ("L-057", "shipment_confirmations[1]")} == found


def test_requests_and_labels_are_checked_one_by_one() -> None:
    case = clean_request(Random(1), is_update=False)
    first, second = case.document, loads(dumps(case.document), asn.Shipment)
    second.shipment_freight_term = asn.ShipmentFreightTerm.PREPAID
    request = asn.SubmitShipments(shipments=[first, second])
    assert [each.path for each in lint(request, case.context)] == ["shipments[1].shipment_freight_term"]
    labels = clean_labels(Random(1)).document
    labels.label_data = None
    page = asn.TransportationLabels(transport_labels=[labels])
    assert [each.path for each in lint(page, RuleContext())] == ["transport_labels[0].label_data"]


@pytest.mark.parametrize(
    "empty",
    [
        po.SubmitAcknowledgementRequest(),
        asn.SubmitShipmentConfirmationsRequest(),
        asn.SubmitShipments(),
        asn.TransportationLabels(),
    ],
)
def test_an_empty_request_breaks_no_rule(empty: Any) -> None:
    assert lint(empty, RuleContext()) == []


# regions


@pytest.mark.parametrize(
    ("marketplace", "region"),
    [
        (Marketplace.US, RuleRegion.NA),
        (Marketplace.MX, RuleRegion.NA),
        (Marketplace.UK, RuleRegion.EU),
        (Marketplace.DE, RuleRegion.EU),
        (Marketplace.IN, RuleRegion.IN),
        (Marketplace.JP, RuleRegion.OTHER),
        (Marketplace.AE, RuleRegion.OTHER),
        (Marketplace.BR, RuleRegion.OTHER),
    ],
)
def test_each_marketplace_has_its_region(marketplace: Marketplace, region: RuleRegion) -> None:
    assert RuleRegion.of(marketplace) is region


def no_lot(region: RuleRegion | None) -> Case[asn.ShipmentConfirmation]:
    case = clean_confirmation(
        Random(4), region=region or EU, perishable=True, structure=S.MASTER_CASE, shipment_type=LTL
    )
    details = case.document.shipped_items[0].item_details
    assert details is not None
    details.lot_number = None
    case.document.transportation_details = None
    case.context = replace(case.context, region=region)
    return case


@pytest.mark.parametrize(
    ("region", "severities"),
    [
        (RuleRegion.NA, {"L-037": "E", "L-040": "E", "L-067": "E"}),
        (RuleRegion.EU, {"L-037": "E", "L-067": "E"}),
        (RuleRegion.IN, {"L-040": "E", "L-067": "E"}),
        (RuleRegion.OTHER, {"L-037": "W", "L-067": "W"}),
        (None, {"L-067": "E"}),
    ],
)
def test_required_fields_are_those_of_the_region(
    region: RuleRegion | None, severities: dict[str, str]
) -> None:
    assert {rule: severity.letter for rule, severity in rules(no_lot(region)).items()} == severities


def test_a_bill_of_lading_is_not_needed_for_parcels_in_north_america() -> None:
    case = clean_confirmation(Random(4), region=RuleRegion.NA, shipment_type=PARCEL)
    transport = case.document.transportation_details
    assert transport is not None
    transport.bill_of_lading_number = None
    assert rules(case) == {}


def test_the_type_of_the_shipment_may_come_from_the_context() -> None:
    case = clean_confirmation(Random(4), region=RuleRegion.NA, shipment_type=PARCEL)
    case.document.shipment_type = None
    assert case.document.cartons
    case.document.cartons[0].tracking_number = None
    assert rules(case) == {}
    assert ("L-060", ("shipment_type",)) in unchecked(case.document, case.context)
    case.context = replace(case.context, shipment_type=PARCEL)
    assert rules(case) == {"L-060": Severity.ERROR}


# what is not known


def test_without_a_context_all_that_needs_it_is_named() -> None:
    case = clean_confirmation(Random(4), structure=S.MASTER_CASE, shipment_type=LTL)
    assert lint(case.document, RuleContext()) == []
    missing = dict(unchecked(case.document, RuleContext()))
    assert missing["L-049"] == ("orders", "history")
    assert missing["L-037"] == ("region",)
    assert missing["L-055"] == ("own_prefixes",)
    assert missing["L-067"] == ("perishable",)
    assert missing["L-042"] == ("freight",)
    # no parcels, no pallets, no import
    assert not {"L-051", "L-060", "L-062", "L-080"} & missing.keys()


def test_a_purchase_order_that_is_not_known_is_named_for_each_kind_of_document() -> None:
    for case in (clean_acknowledgement(Random(1)), clean_confirmation(Random(1)), clean_request(Random(1))):
        found = unchecked(case.document, replace(case.context, orders=[]))
        assert any(each.missing == ("orders",) for each in found)


def test_labels_and_searches_need_no_purchase_orders() -> None:
    assert {each.rule for each in unchecked(clean_labels(Random(1)).document, RuleContext())} == {"L-094"}
    assert {each.rule for each in unchecked({}, RuleContext())} == {"L-093", "L-095"}


def test_without_the_time_nothing_that_depends_on_it_is_found() -> None:
    for defect in DEFECTS:
        if defect.rule in ("L-015", "L-017", "L-036", "L-091"):
            case = defect.make(Random(1))
            case.context = replace(case.context, now=None)
            assert defect.rule not in rules(case)
            assert any("now" in each.missing for each in unchecked(case.document, case.context))


def test_a_naive_time_is_refused() -> None:
    naive = datetime(2026, 11, 30)  # noqa: DTZ001 - the point of the test
    with pytest.raises(InvalidRequestError, match="now: must be a datetime with a time zone"):
        RuleContext(now=naive)
    document = clean_acknowledgement(Random(1)).document
    with pytest.raises(InvalidRequestError, match=r"acknowledgements\[0\]\.at"):
        History(acknowledgements=[SentAcknowledgement(document, naive)])


def test_a_naive_time_in_a_document_is_left_to_the_one_that_writes_it() -> None:
    case = clean_confirmation(Random(1), region=EU)
    case.document.shipped_date = datetime(2026, 11, 30)  # noqa: DTZ001 - the point of the test
    assert rules(case) == {}


def test_an_order_of_which_only_the_number_is_known_raises_no_alarm() -> None:
    for case in (clean_acknowledgement(Random(1), region=EU), clean_confirmation(Random(1), region=EU)):
        numbers = [each.purchase_order_number for each in case.context.orders or ()]
        orders = [po.Order(purchase_order_number=number) for number in numbers]
        case.context = replace(case.context, orders=orders)
        assert rules(case) == {}
        assert "orders" in {name for each in unchecked(case.document, case.context) for name in each.missing}


def test_rules_do_not_change_what_they_look_at() -> None:
    for make in (clean_acknowledgement, clean_confirmation, clean_request):
        case: Case[Any] = make(Random(8))
        before = dumps(case.document), repr(case.context)
        lint(case.document, case.context)
        assert (dumps(case.document), repr(case.context)) == before


def test_a_rule_is_data() -> None:
    rule = RULES["L-002"]
    assert (rule.what, rule.violation) == (
        "The answers to a line are not more than what is ordered.",
        "11 accepted of 10",
    )
    with pytest.raises(TypeError):
        RULES["L-002"] = rule  # type: ignore[index]


def test_an_answer_to_an_order_that_is_not_given_is_checked_by_itself() -> None:
    case = one_line()
    case.context = RuleContext(now=NOW)
    assert rules(case) == {"L-002": Severity.ERROR, "L-003": Severity.WARNING}


def test_a_single_box_needs_no_container_details() -> None:
    case = clean_confirmation(Random(4), region=EU, structure=S.LOOSE_STANDARD_CASE, shipment_type=LTL)
    case.document.cartons = None
    assert "L-064" in rules(case)
    case.context = replace(case.context, is_single_box=True)
    assert rules(case) == {}
