"""Defects of the head of shipment confirmations, and of those that were sent before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from spshipping import dumps, loads
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import Outcome, RuleRegion, SentConfirmation
from spshipping.wire.times import DateTimeInterval
from tests.unit.vendor.rules.clean import COLLECT, NOW, PREPAID, Case, details_of
from tests.unit.vendor.rules.defects import Defects, E, W
from tests.unit.vendor.rules.packed import LTL, PARCEL, SHIPPED, TRUCK, S, clean_confirmation

CONFIRMATIONS = Defects(clean_confirmation)
of = CONFIRMATIONS.of
Asn = Case[asn.ShipmentConfirmation]
NA, EU, IN = RuleRegion.NA, RuleRegion.EU, RuleRegion.IN


def copy_of(document: asn.ShipmentConfirmation) -> asn.ShipmentConfirmation:
    return loads(dumps(document), asn.ShipmentConfirmation)


def sent_before(case: Asn, *sent: SentConfirmation) -> None:
    case.context = replace(case.context, history=replace(case.history, confirmations=sent))


def transport(case: Asn) -> asn.TransportationDetailsForShipmentConfirmation:
    assert case.document.transportation_details is not None
    return case.document.transportation_details


@of("L-030", E, "shipment_identifier")
def no_identifier(case: Asn, rng: Random) -> None:
    case.document.shipment_identifier = rng.choice(["", " "])


@of("L-030", E, "shipment_identifier")
def a_retry_as_original(case: Asn, rng: Random) -> None:
    outcome = rng.choice([Outcome.TAKEN, Outcome.PENDING])
    at = NOW - timedelta(days=rng.randint(0, 364))
    sent_before(case, SentConfirmation(copy_of(case.document), at, outcome))


@of("L-030", W, "shipment_identifier")
def a_retry_as_original_after_an_unknown_outcome(case: Asn, rng: Random) -> None:
    sent_before(case, SentConfirmation(copy_of(case.document), NOW, Outcome.UNKNOWN))


@of("L-031", E, "ship_to_party.party_id", count=2)
def two_fulfilment_centres(case: Asn, rng: Random) -> None:
    details_of(case.order).ship_to_party = po.PartyIdentification(party_id="TUS1")


@of("L-031", E, "selling_party.party_id", count=2)
def two_vendor_codes(case: Asn, rng: Random) -> None:
    details_of(case.order).selling_party = po.PartyIdentification(party_id="ABCD2")


@of("L-032", E, "shipped_date")
def shipped_nine_days_ago(case: Asn, rng: Random) -> None:
    case.document.shipped_date = NOW - timedelta(days=rng.randint(8, 20))


@of("L-032", E, "shipped_date")
def shipped_in_three_days(case: Asn, rng: Random) -> None:
    case.document.shipped_date = NOW + timedelta(days=3)


@of("L-032", W, "shipped_date")
def shipped_tomorrow(case: Asn, rng: Random) -> None:
    case.document.shipped_date = NOW + timedelta(days=1)


@of("L-032", W, "shipped_date", region=RuleRegion.OTHER)
def no_ship_date_elsewhere(case: Asn, rng: Random) -> None:
    case.document.shipped_date = None


@of("L-032", E, "shipped_date", region=NA)
def no_ship_date(case: Asn, rng: Random) -> None:
    case.document.shipped_date = None


@of("L-034", W, "estimated_delivery_date")
def delivered_one_day_earlier(case: Asn, rng: Random) -> None:
    case.document.estimated_delivery_date = SHIPPED - timedelta(days=1)


@of("L-034", E, "estimated_delivery_date", region=EU)
def no_delivery_date(case: Asn, rng: Random) -> None:
    case.document.estimated_delivery_date = None


@of("L-035", W, "estimated_delivery_date", freight=PREPAID)
def delivered_two_days_late(case: Asn, rng: Random) -> None:
    details_of(case.order).delivery_window = DateTimeInterval(SHIPPED, SHIPPED + timedelta(days=1))
    case.document.estimated_delivery_date = SHIPPED + timedelta(days=3)


@of("L-035", W, "shipped_date", freight=COLLECT)
def picked_up_two_days_late(case: Asn, rng: Random) -> None:
    end = SHIPPED - timedelta(days=2)
    details_of(case.order).ship_window = DateTimeInterval(end - timedelta(days=3), end)


@of("L-036", W, "shipped_date")
def sent_after_three_hours(case: Asn, rng: Random) -> None:
    case.document.shipped_date = NOW - timedelta(hours=3)


@of("L-037", E, "bill_of_lading_number", region=EU)
def no_bill_of_lading_in_europe(case: Asn, rng: Random) -> None:
    transport(case).bill_of_lading_number = None


@of("L-037", E, "bill_of_lading_number", region=NA, shipment_type=LTL)
def no_bill_of_lading_for_a_truck(case: Asn, rng: Random) -> None:
    case.document.transportation_details = None


@of("L-037", W, "bill_of_lading_number", region=RuleRegion.OTHER)
def no_bill_of_lading_elsewhere(case: Asn, rng: Random) -> None:
    transport(case).bill_of_lading_number = None


@of("L-038", W, "bill_of_lading_number")
def a_date_as_bill_of_lading(case: Asn, rng: Random) -> None:
    transport(case).bill_of_lading_number = rng.choice(
        ["20261129", "29.11.2026", "11-29-2026", "202611291530"]
    )


@of("L-038", W, "bill_of_lading_number")
def a_bill_of_lading_with_a_blank(case: Asn, rng: Random) -> None:
    transport(case).bill_of_lading_number = rng.choice(["ABCD1 1234567", "1", "A" * 31])


@of("L-038", W, "bill_of_lading_number")
def the_bill_of_lading_of_another_load(case: Asn, rng: Random) -> None:
    other = case.history.confirmations[0].document
    assert other.transportation_details is not None
    transport(case).bill_of_lading_number = other.transportation_details.bill_of_lading_number


@of("L-040", E, "carrier_scac", region=NA)
def a_name_as_scac(case: Asn, rng: Random) -> None:
    transport(case).carrier_scac = rng.choice(["UPSN - UNITED PARCEL", "U", None])


@of("L-040", E, "carrier_shipment_reference_number", region=IN)
def no_pro_number(case: Asn, rng: Random) -> None:
    transport(case).carrier_shipment_reference_number = None


@of("L-042", E, "amazon_reference_number", freight=COLLECT, region=IN)
def no_amazon_reference(case: Asn, rng: Random) -> None:
    case.document.amazon_reference_number = None


def measured(case: Asn) -> asn.ShipmentMeasurements:
    assert case.document.shipment_measurements is not None
    return case.document.shipment_measurements


@of("L-043", W, "carton_count", structure=S.LOOSE_ASSORTMENT_CASE)
def two_cartons_too_many_are_stated(case: Asn, rng: Random) -> None:
    measured(case).carton_count = len(case.document.cartons or ()) + 2


@of("L-043", W, "carton_count", structure=S.LOOSE_STANDARD_CASE)
def no_count(case: Asn, rng: Random) -> None:
    case.document.shipment_measurements = None


@of("L-043", W, "pallet_count", structure=S.MASTER_PALLET, shipment_type=TRUCK)
def no_pallet_is_stated(case: Asn, rng: Random) -> None:
    measured(case).pallet_count = 0


@of("L-043", W, "pallet_count", region=EU, shipment_type=PARCEL)
def parcels_on_a_pallet(case: Asn, rng: Random) -> None:
    measured(case).pallet_count = rng.choice([1, None])


@of("L-045", E, "postal_code", region=NA)
def a_sender_by_code_alone(case: Asn, rng: Random) -> None:
    case.document.ship_from_party = asn.PartyIdentification(party_id="ABCD1")


@of("L-045", E, "country_code", region=NA)
def a_sender_without_country(case: Asn, rng: Random) -> None:
    address = case.document.ship_from_party.address
    assert address is not None
    address.country_code = ""


@of("L-075", E, "bill_of_lading_number", shipment_type=LTL)
def a_hundred_and_one_confirmations(case: Asn, rng: Random) -> None:
    sent = []
    for index in range(100):
        other = copy_of(case.document)
        other.shipment_identifier, other.cartons, other.pallets = f"L{index}", None, None
        other.shipped_items = []
        sent.append(SentConfirmation(other, NOW))
    sent_before(case, *sent)


def replaced(case: Asn, days: int = 1) -> SentConfirmation:
    """Say that the confirmation was sent before, and make it a replacement."""
    sent = SentConfirmation(copy_of(case.document), NOW - timedelta(days=days))
    case.document.shipment_confirmation_type = asn.ShipmentConfirmationType.REPLACE
    sent_before(case, sent)
    return sent


@of("L-077", E, "shipment_confirmation_type")
def a_replacement_on_day_nine(case: Asn, rng: Random) -> None:
    replaced(case, days=9)


@of("L-077", E, "shipped_items")
def a_replacement_with_more(case: Asn, rng: Random) -> None:
    sent = replaced(case)
    for item in sent.document.shipped_items:
        item.shipped_quantity.amount -= 1
    sent.document.cartons, sent.document.pallets = case.document.cartons, case.document.pallets
    for each in (*(sent.document.cartons or ()), *(sent.document.pallets or ())):
        each.items = []


@of("L-077", E, "cartons", structure=S.LOOSE_ASSORTMENT_CASE)
def a_replacement_with_more_cartons(case: Asn, rng: Random) -> None:
    sent = replaced(case)
    assert sent.document.cartons
    sent.document.cartons.pop()


@of("L-077", E, "shipment_confirmation_type")
def a_replacement_of_nothing(case: Asn, rng: Random) -> None:
    replaced(case)
    case.document.shipment_identifier = "ANOTHER"


@of("L-077", E, "shipment_confirmation_type")
def a_replacement_of_another_vendor(case: Asn, rng: Random) -> None:
    replaced(case).document.selling_party = asn.PartyIdentification(party_id="ABCD2")


@of("L-077", E, "shipment_confirmation_type")
def a_replacement_of_what_has_arrived(case: Asn, rng: Random) -> None:
    sent_before(case, replaced(case)._replace(has_arrived=True))


@of("L-077", E, "shipment_confirmation_type")
def a_replacement_of_what_vendor_central_made(case: Asn, rng: Random) -> None:
    sent_before(case, replaced(case)._replace(is_from_api=False))


@of("L-080", E, "estimated_ship_by_date")
def an_import_in_75_days(case: Asn, rng: Random) -> None:
    days = rng.choice([-1, 61, 75])
    case.document.import_details = asn.ImportDetails(estimated_ship_by_date=NOW + timedelta(days=days))


@of("L-080", E, "import_containers")
def an_import_in_many_containers(case: Asn, rng: Random) -> None:
    case.document.import_details = asn.ImportDetails(import_containers=",".join(["2-20'HC"] * 9))


LATE = datetime(2206, 1, 1, tzinfo=UTC)
