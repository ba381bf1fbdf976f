"""What a confirmation says, and what is refused with carton and rule."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from spshipping.errors import InvalidRequestError
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import (
    AsnBuilder,
    ContainerCode,
    Load,
    Lot,
    Mass,
    PackedPallet,
    Size,
    stack,
)
from spshipping.vendor.rules import RuleRegion
from spshipping.vendor.sscc import Sscc
from tests.unit.vendor.asn.warehouse import (
    LTL,
    PARCEL,
    PREFIX,
    SHIP_FROM,
    builder_of,
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
from tests.unit.vendor.rules.clean import COLLECT, NOW, VENDOR

S = api.ShipmentStructure
ONE, TWO = content(), content("2")
OTHER = content(of="ORDER002")


def built(load: Load, builder: AsnBuilder | None = None, **more: Any) -> api.ShipmentConfirmation:
    builder = builder or builder_of(order(line(), line("2", size=1)), order(number="ORDER002"))
    return builder.original(dispatch(**more), load.coded(issuer()), at=NOW).confirmation


def two_pallets() -> Load:
    cartons = (
        carton(content(amount=2), size=Size.of(40, 30, 30, "cm"), weight=Mass.of(9, "kg")),
        carton(content("2", 5), content(amount=1, of="ORDER002")),
        carton(content(amount=1)),
    )
    return stack(cartons, 2, size=Size.of(120, 80, 150, "cm"), weight=Mass.of(200, "kg"))


def test_the_head_says_who_ships_what_to_whom() -> None:
    found = built(two_pallets(), mode=api.TransportationMode.ROAD)
    assert found.shipment_identifier == "S-1"
    assert found.shipment_confirmation_type is api.ShipmentConfirmationType.ORIGINAL
    assert (found.shipment_type, found.shipment_structure) == (LTL, S.PALLETIZED_ASSORTMENT_CASE)
    assert found.transportation_details == api.TransportationDetailsForShipmentConfirmation(
        carrier_scac="UPSN",
        carrier_shipment_reference_number="123456",
        transportation_mode=api.TransportationMode.ROAD,
        bill_of_lading_number="ABCD100000017",
    )
    assert found.amazon_reference_number == "987654"
    assert found.shipment_confirmation_date == NOW
    assert found.shipped_date == NOW - timedelta(minutes=5)
    assert found.estimated_delivery_date == NOW + timedelta(days=2)
    assert (found.selling_party.party_id, found.ship_to_party.party_id) == (VENDOR, "PHX3")
    assert found.ship_from_party is SHIP_FROM
    assert found.shipment_measurements == api.ShipmentMeasurements(
        gross_shipment_weight=api.Weight(unit_of_measure=api.WeightUnit.KG, value=Decimal(400)),
        shipment_volume=api.Volume(unit_of_measure=api.VolumeUnit.CU_M, value=Decimal("2.88")),
        carton_count=3,
        pallet_count=2,
    )


def test_each_line_is_an_item_of_its_purchase_order() -> None:
    assert [
        (
            each.item_sequence_number,
            each.amazon_product_identifier,
            each.vendor_product_identifier,
            each.shipped_quantity,
            each.item_details and each.item_details.purchase_order_number,
        )
        for each in built(two_pallets()).shipped_items
    ] == [
        ("001", "B000000001", "SKU-1", cases(3), "ORDER001"),
        ("002", "B000000002", "SKU-2", pieces(5), "ORDER001"),
        ("003", "B000000001", "SKU-1", cases(1), "ORDER002"),
    ]


def test_cartons_and_pallets_are_those_that_were_packed() -> None:
    found = built(two_pallets())
    assert found.cartons is not None
    assert found.pallets is not None
    first, second, third = found.cartons
    assert [each.carton_sequence_number for each in found.cartons] == ["001", "002", "003"]
    assert first.dimensions == Size.of("0.4", "0.3", "0.3", "m").to_model()
    assert first.weight == api.Weight(unit_of_measure=api.WeightUnit.KG, value=Decimal(9))
    assert [(each.item_reference, each.shipped_quantity, each.item_details) for each in second.items] == [
        ("002", pieces(5), api.ItemDetails(purchase_order_number="ORDER001")),
        ("003", cases(1), api.ItemDetails(purchase_order_number="ORDER002")),
    ]
    assert [each.carton_reference_details for each in found.pallets] == [
        api.CartonReferenceDetails(carton_count=2, carton_reference_numbers=["001", "002"]),
        api.CartonReferenceDetails(carton_count=1, carton_reference_numbers=["003"]),
    ]
    assert third.carton_identifiers == [
        api.ContainerIdentification(
            container_identification_type=api.ContainerIdentificationType.SSCC,
            container_identification_number=Sscc.of(PREFIX, 4).wire,  # behind that of its pallet
        )
    ]
    assert all(pallet.items is None for pallet in found.pallets)


def cases(amount: int) -> api.ItemQuantity:
    return api.ItemQuantity(amount=amount, unit_of_measure=api.UnitOfMeasure.CASES, unit_size=6)


def pieces(amount: int) -> api.ItemQuantity:
    return api.ItemQuantity(amount=amount, unit_of_measure=api.UnitOfMeasure.EACHES, unit_size=1)


def test_codes_are_written_as_they_were_given() -> None:
    kinds = api.ContainerIdentificationType
    codes = tuple(
        ContainerCode(kind, number)
        for kind, number in (
            (kinds.AMZNCC, "AMZN0001"),
            (kinds.GTIN, "09521234000013"),
            (kinds.BPS, "packing slip"),
            (kinds.CID, "import"),
        )
    )
    found = built(Load(cartons=(carton(codes=codes),)))
    assert found.cartons is not None
    identifiers = found.cartons[0].carton_identifiers or []
    assert [tuple(each for each in codes)] == [
        tuple(
            ContainerCode(each.container_identification_type, each.container_identification_number)
            for each in identifiers
        )
    ]


def test_codes_can_have_18_digits() -> None:
    builder = AsnBuilder(context_of(order()), SHIP_FROM, sscc_digits=18)
    found = built(Load(cartons=(carton(),)), builder)
    assert found.cartons is not None
    assert found.cartons[0].carton_identifiers is not None
    number = found.cartons[0].carton_identifiers[0].container_identification_number
    assert number == Sscc.of(PREFIX, 0).digits
    with pytest.raises(InvalidRequestError, match="sscc_digits"):
        AsnBuilder(context_of(order()), SHIP_FROM, sscc_digits=19)


def test_cartons_on_pallets_need_not_be_counted() -> None:
    builder = AsnBuilder(context_of(order()), SHIP_FROM, counts_both=False)
    measured = built(stack([carton()], 1), builder).shipment_measurements
    assert measured == api.ShipmentMeasurements(pallet_count=1)
    measured = built(Load(cartons=(carton(),)), builder).shipment_measurements
    assert measured == api.ShipmentMeasurements(carton_count=1, pallet_count=0)


def test_north_america_is_told_of_pallets_only_where_there_are_some() -> None:
    found = built(Load(cartons=(carton(),)), builder_of(order(), region=RuleRegion.NA))
    assert found.shipment_measurements == api.ShipmentMeasurements(carton_count=1)


@pytest.mark.parametrize(
    ("load", "expected"),
    [
        (Load(cartons=(carton(ONE), carton(ONE), carton(TWO))), S.LOOSE_STANDARD_CASE),
        (Load(cartons=(carton(ONE), carton(content(amount=2)))), S.LOOSE_ASSORTMENT_CASE),
        (Load(cartons=(carton(ONE, TWO),)), S.LOOSE_ASSORTMENT_CASE),
        (Load(cartons=(carton(ONE, OTHER),)), S.MASTER_CASE),
        (stack([carton(ONE), carton(TWO)], 1), S.PALLETIZED_STANDARD_CASE),
        (stack([carton(ONE, OTHER)], 1), S.PALLETIZED_ASSORTMENT_CASE),
        (
            Load(pallets=(PackedPallet(contents=(ONE, TWO)), PackedPallet(contents=(OTHER,)))),
            S.PALLET_OF_ITEMS,
        ),
        (Load(pallets=(PackedPallet(contents=(ONE, OTHER)),)), S.MASTER_PALLET),
    ],
)
def test_the_structure_is_that_of_what_was_packed(load: Load, expected: api.ShipmentStructure) -> None:
    assert built(load).shipment_structure is expected


def test_another_structure_may_be_stated_where_it_fits() -> None:
    load = Load(cartons=(carton(ONE),))
    assert built(load, structure=S.MASTER_CASE).shipment_structure is S.MASTER_CASE
    with pytest.raises(InvalidRequestError, match="shipment_structure: L-064"):
        built(load, structure=S.PALLET_OF_ITEMS)


@pytest.mark.parametrize(
    ("load", "more", "message"),
    [
        (Load(), {}, "load: is empty"),
        (
            Load(cartons=(carton(),), pallets=(PackedPallet(contents=(ONE,)),)),
            {},
            "load.cartons: L-062.*one for the other",
        ),
        (stack([carton()], 1), {"shipment_type": PARCEL}, "load.pallets: L-060"),
        (
            Load(pallets=(PackedPallet(cartons=(carton(),), contents=(ONE,)),)),
            {},
            r"load.pallets\[0\]: L-064",
        ),
        (
            Load(pallets=(PackedPallet(contents=(ONE,)), PackedPallet())),
            {},
            r"load.pallets\[1\]: L-064: is em",
        ),
        (
            Load(pallets=(PackedPallet(contents=(ONE,)), PackedPallet(cartons=(carton(),)))),
            {},
            r"load.pallets\[1\]: L-064: some",
        ),
        (Load(cartons=(carton(),)), {"shipment_type": PARCEL}, r"load.cartons\[0\].tracking_number: L-060"),
        (
            stack([carton(), carton(), carton(content(amount=11))], 2),
            {},
            r"load.pallets\[1\].cartons\[0\].contents\[0\].amount: L-049",
        ),
        (
            stack(
                [carton(), carton(content("2", lot=Lot(number="A")), content("2", lot=Lot(number="B")))], 1
            ),
            {},
            r"load.pallets\[1\].cartons\[0\].items\[1\].item_details: L-069: the container holds another lot",
        ),
        (
            Load(
                cartons=(carton(), carton(codes=(Sscc.of(PREFIX, 7),)), carton(codes=(Sscc.of(PREFIX, 7),)))
            ),
            {},
            r"load.cartons\[2\].carton_identifiers\[0\].*L-057",
        ),
        (
            Load(pallets=tuple(PackedPallet(contents=(ONE,), codes=(Sscc.of(PREFIX, 7),)) for _ in range(2))),
            {},
            r"load.pallets\[1\].pallet_identifiers\[0\].*L-057",
        ),
        (
            Load(
                cartons=(
                    carton(
                        codes=(ContainerCode(api.ContainerIdentificationType.SSCC, "00095212340000000019"),)
                    ),
                )
            ),
            {},
            r"load.cartons\[0\].*L-055",
        ),
        (
            Load(cartons=(carton(), carton(OTHER, content(of="ORDER003")))),
            {},
            r"load.cartons\[1\].contents\[1\]: L-031",
        ),
        (
            Load(cartons=(carton(), carton(content(of="ORDER003")))),
            {},
            r"load: L-031: has goods for 2 fulfilment centres: divide it with split",
        ),
        (
            Load(cartons=(carton(), carton(content(of="ORDER004")))),
            {},
            "load: L-031: has goods for 2 vendor codes",
        ),
        (Load(cartons=(carton(),)), {"shipped_at": NOW - timedelta(days=9)}, "shipped_date: L-032"),
        (Load(cartons=(carton(),)), {"bill_of_lading": None}, "bill_of_lading_number: L-037"),
        (Load(cartons=(carton(),)), {"identifier": " "}, "shipment_identifier: L-030"),
        (
            Load(cartons=(carton(),)),
            {"identifier": " ", "bill_of_lading": None},
            "L-030.*; and L-037 at transportation_details.bill_of_lading_number",
        ),
        (
            Load(cartons=(carton(),)),
            {"arrives_at": datetime(2026, 12, 1)},  # noqa: DTZ001
            "dispatch.arrives_at: must be a datetime with a time zone",
        ),
    ],
)
def test_what_is_refused_is_named_with_its_rule(load: Load, more: dict[str, Any], message: str) -> None:
    builder = builder_of(
        order(line(), line("2", size=1)),
        order(number="ORDER002"),
        order(number="ORDER003", centre="TUS1"),
        order(number="ORDER004", vendor="OTHER"),
    )
    with pytest.raises(InvalidRequestError, match=message):
        built(load, builder, **more)


def test_a_rule_can_be_overruled_and_is_a_warning_then() -> None:
    builder = AsnBuilder(context_of(order()), SHIP_FROM, overrule=["L-049"])
    asn = builder.original(dispatch(), Load(cartons=(carton(content(amount=11)),)), at=NOW)
    found = [finding for finding in asn.warnings if finding.rule == "L-049"]
    assert [(finding.path, finding.is_overruled) for finding in found] == [
        ("shipped_items[0].shipped_quantity.amount", True)
    ]


def test_warnings_name_the_place_in_the_load() -> None:
    load = stack([carton(codes=(Sscc.of(PREFIX, 1),)), carton()], 1)
    asn = builder_of(order()).original(dispatch(), load, at=NOW)
    paths = [finding.path for finding in asn.warnings if finding.rule == "L-053"]
    assert paths == [
        "load.pallets[1].cartons[0].carton_identifiers",
        "load.pallets[0].pallet_identifiers",
        "load.pallets[1].pallet_identifiers",
    ]


def test_cases_of_an_unknown_size_are_counted_too() -> None:
    builder = builder_of(order(line(size=None)))
    load = Load(cartons=(carton(content(amount=9)), carton(content(amount=2))))
    with pytest.raises(InvalidRequestError, match=r"load.cartons\[1\].contents\[0\].amount: L-049.* 10 that"):
        built(load, builder)
    with pytest.raises(
        InvalidRequestError, match=r"load.pallets\[1\].cartons\[0\].contents\[0\].amount: L-049"
    ):
        built(stack(load.cartons, 1), builder)


def test_lots_and_shelf_lives_are_written_on_item_and_container() -> None:
    keeps = Lot(number="A1", expires=date(2027, 11, 30))
    load = Load(cartons=(carton(content(amount=2, lot=keeps)), carton(content(lot=keeps))))
    found = built(load, builder_of(order(), perishable=frozenset({"SKU-1"})))
    expected = api.ItemDetails(
        purchase_order_number="ORDER001",
        lot_number="A1",
        expiry=api.Expiry(expiry_date=datetime(2027, 11, 30, tzinfo=UTC)),
    )
    assert found.shipped_items[0].item_details == expected
    assert found.cartons is not None
    assert [part.item_details for each in found.cartons for part in each.items] == [expected, expected]


def test_several_lots_stand_on_the_containers_alone() -> None:
    lots = [Lot(number=name, expires=NOW + timedelta(days=300)) for name in ("A", "B")]
    found = built(Load(cartons=tuple(carton(content(lot=lot)) for lot in lots)))
    assert found.shipped_items[0].item_details == api.ItemDetails(purchase_order_number="ORDER001")
    assert [
        part.item_details and part.item_details.lot_number
        for each in found.cartons or ()
        for part in each.items
    ] == ["A", "B"]


@pytest.mark.parametrize(
    ("lot", "expected"),
    [
        (Lot(number="A"), None),
        (
            Lot(made=date(2026, 11, 1), keeps_days=400),
            api.Expiry(
                manufacturer_date=datetime(2026, 11, 1, tzinfo=UTC),
                expiry_after_duration=api.Duration(duration_unit=api.DurationUnit.DAYS, duration_value=400),
            ),
        ),
        (
            Lot(made=NOW, keeps_months=24),
            api.Expiry(
                manufacturer_date=NOW,
                expiry_after_duration=api.Duration(duration_unit=api.DurationUnit.MONTHS, duration_value=24),
            ),
        ),
    ],
)
def test_a_shelf_life_is_a_day_or_a_duration(lot: Lot, expected: api.Expiry | None) -> None:
    found = built(Load(cartons=(carton(content(lot=lot)),)))
    assert found.shipped_items[0].item_details is not None
    assert found.shipped_items[0].item_details.expiry == expected


WHOLE = Lot(number="A", expires=date(2028, 1, 1))
MADE = Lot(number="A", made=date(2026, 11, 1), keeps_days=700)


@pytest.mark.parametrize(
    ("lot", "region", "is_enough"),
    [
        (None, RuleRegion.NA, False),
        (Lot(number="A"), RuleRegion.NA, False),
        (Lot(expires=date(2028, 1, 1)), RuleRegion.NA, False),
        (Lot(number="A", made=date(2026, 11, 1)), RuleRegion.NA, False),
        (Lot(number="A", keeps_months=24), RuleRegion.NA, False),
        (WHOLE, RuleRegion.EU, True),
        (MADE, RuleRegion.EU, False),
        (MADE, RuleRegion.NA, True),
        (replace(MADE, keeps_days=None, keeps_months=20), RuleRegion.NA, True),
    ],
)
def test_perishable_goods_need_a_lot_and_a_shelf_life_in_each_carton(
    lot: Lot | None, region: RuleRegion, is_enough: bool
) -> None:
    context = context_of(order(), perishable=frozenset({"SKU-1"}), region=region)
    load = Load(cartons=(carton(content(lot=WHOLE)), carton(content(lot=lot))))
    if is_enough:
        assert len(built(load, AsnBuilder(context, SHIP_FROM)).cartons or ()) == 2
        return
    with pytest.raises(InvalidRequestError, match=r"load\.cartons\[1\]\.contents\[0\]\.lot: L-067"):
        built(load, AsnBuilder(context, SHIP_FROM))
    overruled = built(load, AsnBuilder(context, SHIP_FROM, overrule=["L-067"]))
    assert len(overruled.cartons or ()) == 2


def test_the_same_lot_of_a_line_is_one_part_of_a_container() -> None:
    load = Load(cartons=(carton(ONE, TWO, content(amount=2)),))
    found = (built(load).cartons or [])[0]
    assert [(part.item_reference, part.shipped_quantity.amount) for part in found.items] == [
        ("001", 3),
        ("002", 1),
    ]


def test_what_else_amazon_takes_of_an_item_is_kept() -> None:
    details = api.ItemDetails(
        country_of_origin="DE",
        handling_code=api.HandlingCode.FRAGILE,
        purchase_order_number="ignored",
    )
    found = built(Load(cartons=(carton(content(details=details, lot=Lot(number="A"))),)))
    assert found.shipped_items[0].item_details == api.ItemDetails(
        purchase_order_number="ORDER001",
        lot_number="A",
        country_of_origin="DE",
        handling_code=api.HandlingCode.FRAGILE,
    )


def weighed() -> po.OrderItem:
    price = po.Money(currency_code="EUR", amount=Decimal(3), unit_of_measure=po.PriceUnit.KILOGRAMS)
    return line(size=1, net_cost=price)


def test_what_is_sold_by_weight_states_it() -> None:
    load = Load(
        cartons=(
            carton(content(weight=Mass.of("1.5", "kg"))),
            carton(content(amount=2, weight=Mass.of(3, "kg"))),
        )
    )
    builder = builder_of(order(weighed()))
    assert builder.lines[0].is_by_weight
    item = built(load, builder).shipped_items[0]
    assert item.shipped_quantity.total_weight == api.TotalWeight(
        unit_of_measure=api.TotalWeightUnit.KILOGRAMS, amount=Decimal("4.5")
    )
    with pytest.raises(InvalidRequestError, match=r"shipped_items\[0\].*L-072"):
        built(Load(cartons=(carton(),)), builder)


def test_amazons_number_is_needed_where_amazon_pays() -> None:
    builder = builder_of(order(), freight=COLLECT)
    with pytest.raises(InvalidRequestError, match="L-042"):
        built(Load(cartons=(carton(),)), builder, amazon_reference_number=None)


def test_an_identifier_is_used_once() -> None:
    first = built(Load(cartons=(carton(),)))
    builder = AsnBuilder(with_confirmations(context_of(order()), sent(first)), SHIP_FROM)
    with pytest.raises(InvalidRequestError, match="L-030"):
        built(Load(cartons=(carton(codes=(Sscc.of(PREFIX, 9),)),)), builder)
