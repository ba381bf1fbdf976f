"""Defects of what shipments hold, and of cartons and pallets."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from spshipping.vendor import orders as po
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import RuleRegion
from spshipping.vendor.sscc import Sscc
from tests.unit.vendor.rules.clean import NOW, details_of
from tests.unit.vendor.rules.defects import Defects, E, W
from tests.unit.vendor.rules.defects_confirmations import LATE, Asn
from tests.unit.vendor.rules.packed import LTL, PARCEL, TRUCK, S, clean_confirmation, sscc

CONTENTS = Defects(clean_confirmation)
of = CONTENTS.of
NA, EU, IN = RuleRegion.NA, RuleRegion.EU, RuleRegion.IN
Kind = asn.ContainerIdentificationType


def item_of(case: Asn, rng: Random) -> asn.Item:
    return rng.choice(case.document.shipped_items)


def details(item: asn.Item | asn.ContainerItem) -> asn.ItemDetails:
    item.item_details = item.item_details or asn.ItemDetails()
    return item.item_details


def cartons(case: Asn) -> list[asn.Carton]:
    assert case.document.cartons
    return case.document.cartons


def pallets(case: Asn) -> list[asn.Pallet]:
    assert case.document.pallets
    return case.document.pallets


def contents(case: Asn) -> list[list[asn.ContainerItem]]:
    found = [each.items for each in case.document.cartons or ()]
    return found or [each.items or [] for each in case.document.pallets or ()]


def codes(each: asn.Carton) -> list[asn.ContainerIdentification]:
    assert each.carton_identifiers
    return each.carton_identifiers


@of("L-022", E, "purchase_order_number")
def the_order_has_changed_before_it_is_shipped(case: Asn, rng: Random) -> None:
    changed = {case.order.purchase_order_number: NOW - timedelta(minutes=5)}
    case.context = replace(case.context, changed=changed)


@of("L-023", E, "shipped_quantity.amount")
def five_of_a_cancelled_line(case: Asn, rng: Random) -> None:
    case.line.ordered_quantity.amount = 0


@of("L-046", E, "purchase_order_number", region=IN)
def no_purchase_order_anywhere(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).purchase_order_number = rng.choice([None, " "])


@of("L-047", W, "purchase_order_number")
def a_closed_order(case: Asn, rng: Random) -> None:
    case.order.purchase_order_state = po.PurchaseOrderState.CLOSED


@of("L-047", W, "purchase_order_number")
def an_order_that_is_not_acknowledged(case: Asn, rng: Random) -> None:
    case.order.purchase_order_state = po.PurchaseOrderState.NEW
    case.context = replace(case.context, history=replace(case.history, acknowledgements=[]))


@of("L-047", E, "ship_to_party.party_id", count=1)
def another_fulfilment_centre(case: Asn, rng: Random) -> None:
    details_of(case.order).ship_to_party = po.PartyIdentification(party_id="TUS1")


@of("L-047", W, "items[0]", structure=S.LOOSE_STANDARD_CASE)
def an_item_that_is_not_on_the_order(case: Asn, rng: Random) -> None:
    case.document.shipped_items[0].amazon_product_identifier = "B0NOTONIT0"


@of("L-049", W, "shipped_quantity.amount")
def twelve_of_ten(case: Asn, rng: Random) -> None:
    line = case.line
    key = (case.order.purchase_order_number, line.item_sequence_number)
    elsewhere = (line.ordered_quantity.amount or 0) * (line.ordered_quantity.unit_size or 1)
    case.context = replace(case.context, history=replace(case.history, shipped_elsewhere={key: elsewhere}))


@of("L-049", W, "shipped_quantity.amount")
def more_than_was_accepted(case: Asn, rng: Random) -> None:
    for item in case.history.acknowledgements[0].document.items:
        item.item_acknowledgements[0].acknowledged_quantity.amount = 1


@of("L-051", W, "shipped_quantity.amount")
def ninety_of_a_hundred(case: Asn, rng: Random) -> None:
    item_of(case, rng).shipped_quantity.amount += rng.choice([1, 10])


@of("L-052", E, "item_reference")
def a_third_item_of_two(case: Asn, rng: Random) -> None:
    rng.choice(contents(case))[0].item_reference = "999"


@of("L-067", E, "lot_number", perishable=True, region=EU)
def no_lot(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).lot_number = None


@of("L-067", E, "expiry", perishable=True, region=IN)
def no_expiry_date_in_india(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).expiry = asn.Expiry(
        manufacturer_date=NOW,
        expiry_after_duration=asn.Duration(duration_unit=asn.DurationUnit.MONTHS, duration_value=12),
    )


@of("L-067", E, "expiry", perishable=True, region=NA)
def no_expiry(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).expiry = rng.choice([None, asn.Expiry(manufacturer_date=NOW)])


@of("L-069", E, "item_details", structure=S.LOOSE_STANDARD_CASE)
def two_lots_in_a_carton(case: Asn, rng: Random) -> None:
    inside = rng.choice(cartons(case)).items
    inside.append(
        asn.ContainerItem(
            item_reference=inside[0].item_reference,
            shipped_quantity=inside[0].shipped_quantity,
            item_details=asn.ItemDetails(lot_number="ANOTHER"),
        )
    )


def expires(case: Asn, rng: Random, days: int) -> None:
    assert case.document.estimated_delivery_date is not None
    details(item_of(case, rng)).expiry = asn.Expiry(
        expiry_date=case.document.estimated_delivery_date + timedelta(days=days)
    )


@of("L-070", W, "expiry")
def twenty_days_left(case: Asn, rng: Random) -> None:
    expires(case, rng, 20)


@of("L-070", W, "expiry")
def sixty_days_left(case: Asn, rng: Random) -> None:
    expires(case, rng, 60)


@of("L-070", W, "expiry", region=NA)
def three_months_after_a_manufacture_of_long_ago(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).expiry = asn.Expiry(
        manufacturer_date=NOW - timedelta(days=30),
        expiry_after_duration=asn.Duration(duration_unit=asn.DurationUnit.MONTHS, duration_value=3),
    )


@of("L-071", W, "expiry_date")
def the_year_2206(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).expiry = asn.Expiry(expiry_date=LATE)


@of("L-071", W, "expiry_date")
def expires_before_it_is_made(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).expiry = asn.Expiry(
        manufacturer_date=NOW + timedelta(days=400), expiry_date=NOW + timedelta(days=399)
    )


@of("L-072", E, "total_weight")
def no_total_weight(case: Asn, rng: Random) -> None:
    price = case.line.net_cost
    assert price is not None
    price.unit_of_measure = po.PriceUnit.KILOGRAMS
    case.document.shipped_items[0].shipped_quantity.total_weight = None


@of("L-081", E, "country_of_origin")
def a_country_of_three_letters(case: Asn, rng: Random) -> None:
    details(item_of(case, rng)).country_of_origin = rng.choice(["USA", "us", "Germany"])


@of("L-081", E, "lot_number_source_type")
def a_lot_source_without_type(case: Asn, rng: Random) -> None:
    details(rng.choice(contents(case))[0]).lot_number_source_reference = "0614141000012"


@of("L-053", W, "carton_identifiers", region=EU, structure=S.LOOSE_ASSORTMENT_CASE)
def a_carton_without_sscc(case: Asn, rng: Random) -> None:
    rng.choice(cartons(case)).carton_identifiers = None


@of("L-053", W, "pallet_identifiers", region=NA, structure=S.PALLET_OF_ITEMS, shipment_type=TRUCK)
def a_pallet_without_sscc(case: Asn, rng: Random) -> None:
    rng.choice(pallets(case)).pallet_identifiers = []


@of("L-055", E, "container_identification_number", structure=S.LOOSE_STANDARD_CASE)
def seventeen_digits(case: Asn, rng: Random) -> None:
    code = codes(rng.choice(cartons(case)))[0]
    code.container_identification_number = Sscc.read(code.container_identification_number).digits[:17]


@of("L-055", E, "container_identification_number", structure=S.LOOSE_STANDARD_CASE)
def a_wrong_check_digit(case: Asn, rng: Random) -> None:
    codes(cartons(case)[0])[0].container_identification_number = "00095212340000000023"


@of("L-055", W, "container_identification_number", structure=S.LOOSE_STANDARD_CASE)
def a_wrong_check_digit_that_was_given(case: Asn, rng: Random) -> None:
    number = rng.choice(["102234567666698888", "ATR123213216"])
    codes(cartons(case)[0])[0].container_identification_number = number


@of("L-057", E, "container_identification_number", structure=S.PALLETIZED_ASSORTMENT_CASE, shipment_type=LTL)
def a_carton_and_a_pallet_alike(case: Asn, rng: Random) -> None:
    number = codes(cartons(case)[0])[0].container_identification_number
    pallets(case)[0].pallet_identifiers[0].container_identification_number = number[2:]


@of("L-057", E, "container_identification_number", structure=S.MASTER_CASE)
def an_sscc_of_half_a_year_ago(case: Asn, rng: Random) -> None:
    digits = Sscc.read(codes(cartons(case)[0])[0].container_identification_number).digits
    used = {digits: NOW - timedelta(days=180)}
    case.context = replace(case.context, history=replace(case.history, sscc_shipped=used))


@of("L-057", E, "container_identification_number", structure=S.MASTER_CASE)
def an_sscc_of_an_earlier_shipment(case: Asn, rng: Random) -> None:
    other = case.history.confirmations[0].document
    other.cartons = [asn.Carton(carton_identifiers=[sscc(1)], carton_sequence_number="1", items=[])]
    cartons(case)[-1].carton_identifiers = [sscc(1)]


def identified(kind: asn.ContainerIdentificationType, number: str) -> asn.ContainerIdentification:
    return asn.ContainerIdentification(
        container_identification_type=kind, container_identification_number=number
    )


@of("L-058", W, "container_identification_number", structure=S.MASTER_CASE)
def an_invented_amzncc_beside_ssccs(case: Asn, rng: Random) -> None:
    codes(rng.choice(cartons(case))).append(identified(Kind.AMZNCC, "00123456789012345678"))


@of("L-058", W, "container_identification_number", structure=S.MASTER_CASE)
def an_amzncc_that_amazon_did_not_make(case: Asn, rng: Random) -> None:
    case.context = replace(case.context, amazon_codes={"00000000000000000001"})
    codes(rng.choice(cartons(case))).append(identified(Kind.AMZNCC, "00123456789012345678"))


@of("L-059", W, "container_identification_number", structure=S.MASTER_CASE, shipment_type=PARCEL)
def a_parcel_with_a_gtin(case: Asn, rng: Random) -> None:
    codes(rng.choice(cartons(case))).append(identified(Kind.GTIN, "04006381333931"))


@of("L-059", W, "container_identification_number", structure=S.MASTER_CASE, shipment_type=LTL)
def a_gtin_with_a_wrong_check_digit(case: Asn, rng: Random) -> None:
    codes(cartons(case)[0]).append(identified(Kind.GTIN, rng.choice(["04006381333932", "1234"])))


@of("L-060", E, "tracking_number", shipment_type=PARCEL)
def a_parcel_without_tracking_number(case: Asn, rng: Random) -> None:
    rng.choice(cartons(case)).tracking_number = rng.choice([None, " "])


@of("L-060", W, "pallets", shipment_type=TRUCK, structure=S.PALLET_OF_ITEMS)
def a_pallet_of_parcels(case: Asn, rng: Random) -> None:
    case.document.shipment_type = PARCEL


def named(case: Asn, index: int = 0) -> asn.CartonReferenceDetails:
    found = pallets(case)[index].carton_reference_details
    assert found is not None
    return found


ON_PALLET = {"structure": S.PALLETIZED_ASSORTMENT_CASE, "shipment_type": LTL}


@of("L-062", W, "carton_reference_numbers[0]", **ON_PALLET, count=3)
def a_carton_on_two_pallets(case: Asn, rng: Random) -> None:
    named(case, 1).carton_reference_numbers[0] = named(case, 0).carton_reference_numbers[0]


@of("L-062", W, "carton_count", **ON_PALLET)
def a_pallet_with_another_count(case: Asn, rng: Random) -> None:
    named(case).carton_count = 99


@of("L-062", W, "carton_reference_numbers[0]", **ON_PALLET)
def a_pallet_with_a_carton_that_is_not_there(case: Asn, rng: Random) -> None:
    named(case).carton_reference_numbers[0] = "999"


@of("L-062", W, "carton_sequence_number", **ON_PALLET)
def a_carton_on_no_pallet(case: Asn, rng: Random) -> None:
    found = named(case)
    found.carton_reference_numbers.append(found.carton_reference_numbers.pop(0) + "9")


@of("L-064", W, "shipment_structure", structure=S.LOOSE_ASSORTMENT_CASE, shipment_type=TRUCK)
def a_pallet_of_items_with_cartons(case: Asn, rng: Random) -> None:
    case.document.shipment_structure = rng.choice([S.PALLET_OF_ITEMS, S.MASTER_PALLET])


@of("L-064", W, "shipment_structure", structure=S.PALLETIZED_STANDARD_CASE, shipment_type=TRUCK)
def a_pallet_that_names_no_cartons(case: Asn, rng: Random) -> None:
    pallets(case)[0].carton_reference_details = None


@of("L-064", W, "shipment_structure", structure=S.LOOSE_STANDARD_CASE)
def standard_cartons_that_differ(case: Asn, rng: Random) -> None:
    rng.choice(cartons(case)).items[0].shipped_quantity.amount += 1


@of("L-064", W, "shipment_structure", structure=S.MASTER_PALLET, shipment_type=TRUCK)
def a_master_pallet_of_parcels(case: Asn, rng: Random) -> None:
    case.document.shipment_type = PARCEL


@of("L-065", E, "carton_sequence_number", structure=S.LOOSE_STANDARD_CASE)
def two_cartons_of_one_number(case: Asn, rng: Random) -> None:
    cartons(case)[1].carton_sequence_number = " 001"


@of("L-066", W, "weight.value", shipment_type=PARCEL)
def a_parcel_of_forty_kilograms(case: Asn, rng: Random) -> None:
    weight = rng.choice([("Kg", "40"), ("Lb", "70"), ("G", "31800"), ("Oz", "1121")])
    cartons(case)[0].weight = asn.Weight(unit_of_measure=asn.WeightUnit(weight[0]), value=Decimal(weight[1]))


@of("L-073", E, "unit_of_measure", structure=S.MASTER_CASE)
def centimetres(case: Asn, rng: Random) -> None:
    size = cartons(case)[0].dimensions
    assert size is not None
    size.unit_of_measure = asn.DimensionUnit("cm")


@of("L-073", W, "dimensions", structure=S.PALLET_OF_ITEMS, shipment_type=TRUCK)
def a_pallet_of_one_inch(case: Asn, rng: Random) -> None:
    size = pallets(case)[0].dimensions
    assert size is not None
    size.length, size.width, size.height = Decimal("1.2"), Decimal("0.8"), Decimal("1.45")


@of("L-073", E, "value")
def a_weight_of_zero(case: Asn, rng: Random) -> None:
    measured = case.document.shipment_measurements
    assert measured is not None
    measured.gross_shipment_weight = asn.Weight(unit_of_measure=asn.WeightUnit.KG, value=Decimal(0))
    measured.shipment_volume = asn.Volume(unit_of_measure=asn.VolumeUnit.CU_M, value=Decimal(2))


@of("L-073", E, "unit_of_measure")
def kilograms_in_capitals(case: Asn, rng: Random) -> None:
    case.document.import_details = asn.ImportDetails(
        billable_weight=asn.Weight(unit_of_measure=asn.WeightUnit("KG"), value=Decimal(9))
    )


@of("L-076", W, "items", region=NA, structure=S.MASTER_CASE)
def six_orders_in_a_carton(case: Asn, rng: Random) -> None:
    inside = cartons(case)[0].items
    for index in range(6):
        inside.append(
            asn.ContainerItem(
                item_reference=inside[0].item_reference,
                shipped_quantity=inside[0].shipped_quantity,
                item_details=asn.ItemDetails(purchase_order_number=f"ORDER00{index}"),
            )
        )
