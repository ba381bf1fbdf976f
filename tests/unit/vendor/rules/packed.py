"""Clean shipment confirmations, drawn from a seed: packed cartons and pallets of accepted purchase orders."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from spshipping.vendor import orders as po
from spshipping.vendor import shipments as asn
from spshipping.vendor.rules import History, RuleContext, RuleRegion, SentConfirmation
from spshipping.vendor.sscc import Sscc
from tests.unit.vendor.rules.clean import (
    CENTRE,
    COLLECT,
    NOW,
    PREPAID,
    VENDOR,
    Case,
    accept_all,
    details_of,
    purchase_order,
)

PREFIX = "9521234"
SHIPPED = NOW - timedelta(minutes=10)
TRUCK, LTL, PARCEL = (
    asn.ShipmentType.TRUCK_LOAD,
    asn.ShipmentType.LESS_THAN_TRUCK_LOAD,
    asn.ShipmentType.SMALL_PARCEL,
)
S = asn.ShipmentStructure
ON_PALLETS = (S.PALLETIZED_ASSORTMENT_CASE, S.PALLETIZED_STANDARD_CASE)
OF_ITEMS = (S.PALLET_OF_ITEMS, S.MASTER_PALLET)
ONE_ITEM = (S.PALLETIZED_STANDARD_CASE, S.LOOSE_STANDARD_CASE)
LOOSE = (S.LOOSE_ASSORTMENT_CASE, S.LOOSE_STANDARD_CASE, S.MASTER_CASE)


class Goods(NamedTuple):
    """An item that is shipped, and how many units of it."""

    item: asn.Item
    units: int


def amount_of(line: po.OrderItem, units: int) -> asn.ItemQuantity:
    whole, price = line.ordered_quantity, line.net_cost
    is_by_weight = price is not None and price.unit_of_measure is not None
    return asn.ItemQuantity(
        amount=units,
        unit_of_measure=asn.UnitOfMeasure(str(whole.unit_of_measure)),
        unit_size=whole.unit_size,
        total_weight=asn.TotalWeight(unit_of_measure=asn.TotalWeightUnit.POUNDS, amount=Decimal(units))
        if is_by_weight
        else None,
    )


def goods_of(orders: Sequence[po.Order], rng: Random, perishable: bool | None) -> list[Goods]:
    """Draw what is shipped of each line of some orders."""
    found: list[Goods] = []
    for order in orders:
        for line in details_of(order).items:
            units = rng.randint(2, 4)
            keeps = perishable if perishable is not None else rng.random() < 0.3
            found.append(
                Goods(
                    asn.Item(
                        item_sequence_number=f"{len(found) + 1:03d}",
                        amazon_product_identifier=line.amazon_product_identifier,
                        vendor_product_identifier=line.vendor_product_identifier,
                        shipped_quantity=amount_of(line, units),
                        item_details=asn.ItemDetails(
                            purchase_order_number=order.purchase_order_number,
                            lot_number=f"L{rng.randrange(1000)}" if keeps else None,
                            expiry=asn.Expiry(expiry_date=NOW + timedelta(days=rng.randint(200, 700)))
                            if keeps
                            else None,
                        ),
                    ),
                    units,
                )
            )
    return found


def part(goods: Goods, units: int) -> asn.ContainerItem:
    whole = goods.item.shipped_quantity
    return asn.ContainerItem(
        item_reference=goods.item.item_sequence_number,
        shipped_quantity=asn.ItemQuantity(
            amount=units, unit_of_measure=whole.unit_of_measure, unit_size=whole.unit_size
        ),
    )


def sscc(serial: int) -> asn.ContainerIdentification:
    return asn.ContainerIdentification(
        container_identification_type=asn.ContainerIdentificationType.SSCC,
        container_identification_number=Sscc.of(PREFIX, serial).wire,
    )


def carton(index: int, parts: list[asn.ContainerItem], serial: int, *, is_parcel: bool) -> asn.Carton:
    return asn.Carton(
        carton_identifiers=[sscc(serial)],
        carton_sequence_number=f"{index:03d}",
        dimensions=asn.Dimensions(
            length=Decimal("0.4"),
            width=Decimal("0.3"),
            height=Decimal("0.3"),
            unit_of_measure=asn.DimensionUnit.METER,
        ),
        weight=asn.Weight(unit_of_measure=asn.WeightUnit.KG, value=Decimal("7.5")),
        tracking_number=f"1Z{serial:08d}" if is_parcel else None,
        items=parts,
    )


def pallet(serial: int) -> asn.Pallet:
    return asn.Pallet(
        pallet_identifiers=[sscc(serial)],
        dimensions=asn.Dimensions(
            length=Decimal(48), width=Decimal(40), height=Decimal(55), unit_of_measure=asn.DimensionUnit.IN
        ),
    )


def packed(
    goods: list[Goods], structure: asn.ShipmentStructure, serial: int, *, is_parcel: bool
) -> tuple[list[asn.Carton], list[asn.Pallet]]:
    """Pack goods as a structure says."""
    if structure in OF_ITEMS:
        pallets = []
        for index, load in enumerate(each for each in (goods[::2], goods[1::2]) if each):
            one = pallet(serial + index)
            one.items = [part(each, each.units) for each in load]
            pallets.append(one)
        return [], pallets
    size = 1 if structure in ONE_ITEM else 2
    units = [each for each in goods for _ in range(each.units)]
    cartons: list[asn.Carton] = []
    for start in range(0, len(units), size):
        inside = units[start : start + size]
        parts = [part(each, 1) for each in inside]
        if len(inside) == 2 and inside[0] is inside[1]:
            parts = [part(inside[0], 2)]
        cartons.append(carton(len(cartons) + 1, parts, serial + len(cartons), is_parcel=is_parcel))
    if structure not in ON_PALLETS:
        return cartons, []
    names = [each.carton_sequence_number for each in cartons]
    half = max(1, len(names) // 2)
    pallets = []
    for index, mine in enumerate(each for each in (names[:half], names[half:]) if each):
        one = pallet(serial + len(cartons) + index)
        one.carton_reference_details = asn.CartonReferenceDetails(
            carton_count=len(mine), carton_reference_numbers=mine
        )
        pallets.append(one)
    return cartons, pallets


def confirmation_of(
    rng: Random,
    orders: Sequence[po.Order],
    shipment_type: asn.ShipmentType,
    structure: asn.ShipmentStructure,
    perishable: bool | None = None,
) -> asn.ShipmentConfirmation:
    goods = goods_of(orders, rng, perishable)
    serial = rng.randrange(10**8)
    is_parcel = shipment_type == PARCEL
    cartons, pallets = packed(goods, structure, serial, is_parcel=is_parcel)
    return asn.ShipmentConfirmation(
        shipment_identifier=f"S{rng.randrange(10**9)}",
        shipment_confirmation_type=asn.ShipmentConfirmationType.ORIGINAL,
        shipment_type=shipment_type,
        shipment_structure=structure,
        transportation_details=asn.TransportationDetailsForShipmentConfirmation(
            carrier_scac="UPSN",
            carrier_shipment_reference_number=f"{rng.randrange(10**9)}",
            bill_of_lading_number=f"{VENDOR}{rng.randrange(10**8):08d}",
        ),
        amazon_reference_number=f"{rng.randrange(10**9)}",
        shipment_confirmation_date=NOW,
        shipped_date=SHIPPED,
        estimated_delivery_date=SHIPPED + timedelta(days=rng.randint(2, 5)),
        selling_party=asn.PartyIdentification(party_id=VENDOR),
        ship_from_party=asn.PartyIdentification(
            party_id=VENDOR,
            address=asn.Address(
                name="Erika Mustermann",
                address_line1="Geheimweg 7",
                city="Berlin",
                postal_code="10115",
                country_code="DE",
            ),
        ),
        ship_to_party=asn.PartyIdentification(party_id=CENTRE),
        shipment_measurements=asn.ShipmentMeasurements(
            gross_shipment_weight=asn.Weight(unit_of_measure=asn.WeightUnit.LB, value=Decimal(500)),
            carton_count=len(cartons) if cartons else None,
            pallet_count=len(pallets),
        ),
        shipped_items=[each.item for each in goods],
        cartons=cartons or None,
        pallets=pallets or None,
    )


def clean_confirmation(
    rng: Random,
    *,
    region: RuleRegion | None = None,
    freight: asn.ShipmentFreightTerm | None = None,
    shipment_type: asn.ShipmentType | None = None,
    structure: asn.ShipmentStructure | None = None,
    perishable: bool | None = None,
    count: int | None = None,
) -> Case[asn.ShipmentConfirmation]:
    """Draw a confirmation without a fault, after another one for the same orders."""
    region = region or rng.choice(list(RuleRegion))
    freight = freight or rng.choice([COLLECT, PREPAID])
    shipment_type = shipment_type or rng.choice([TRUCK, LTL, PARCEL])
    structure = structure or rng.choice(LOOSE if shipment_type == PARCEL else tuple(S))
    orders = [
        purchase_order(
            rng,
            region,
            freight,
            placed=NOW - timedelta(days=5),
            state=po.PurchaseOrderState.ACKNOWLEDGED,
            count=rng.randint(1, 3),
        )
        for _ in range(count or rng.randint(1, 3))
    ]
    for order in orders:
        for line in details_of(order).items:
            line.ordered_quantity.amount = rng.randint(8, 20)
    document = confirmation_of(rng, orders, shipment_type, structure, perishable)
    before = confirmation_of(rng, orders, shipment_type, structure, perishable)
    before.shipped_date = SHIPPED - timedelta(days=3)
    kept = [item for item in document.shipped_items if item.item_details and item.item_details.lot_number]
    context = RuleContext(
        now=NOW,
        region=region,
        orders=orders,
        changed={},
        freight=freight,
        history=History(
            acknowledgements=[accept_all(order, NOW - timedelta(days=4)) for order in orders],
            confirmations=[SentConfirmation(before, NOW - timedelta(days=3))],
            sscc_shipped={},
        ),
        perishable=frozenset(item.amazon_product_identifier or "" for item in kept),
        own_prefixes=(PREFIX,),
    )
    return Case(document, context)
