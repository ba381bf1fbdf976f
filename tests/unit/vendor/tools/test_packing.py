"""What labels and documents show is what the confirmation says."""

from datetime import UTC, date, datetime

import pytest

from spshipping.errors import InvalidRequestError
from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import ContainerCode, Load, Lot, PackedPallet
from spshipping.vendor.sscc import Sscc
from spshipping.vendor.tools.labels import Packing, Party
from tests.unit.vendor.asn.warehouse import PREFIX, SHIP_FROM, carton, content
from tests.unit.vendor.tools.goods import (
    cartons_of,
    confirmation,
    loose,
    numbers_in,
    packing,
    purchase_order,
    two_orders,
)


def test_the_codes_are_those_of_the_confirmation() -> None:
    orders, load = two_orders()
    asn = confirmation(load, *orders)
    found = Packing.of(asn, orders=orders)
    assert [each.sscc and each.sscc.wire for each in (*found.cartons, *found.pallets)] == numbers_in(asn)
    assert Packing.of(asn.confirmation, orders=orders) == found


def test_the_head_is_that_of_the_confirmation() -> None:
    found = packing()
    assert (found.identifier, found.vendor_code, found.reference) == ("S-1", "ABCD1", "ABCD100000017")
    assert (found.pro_number, found.carrier_scac, found.amazon_reference_number) == (
        "123456",
        "UPSN",
        "987654",
    )
    assert found.purchase_orders == ("ORDER001", "ORDER002")


def test_the_address_of_the_centre_comes_from_its_purchase_orders() -> None:
    found = packing()
    assert found.ship_to == Party(
        "PHX3",
        ("Amazon.com Services LLC", "6835 W Buckeye Rd", "Phoenix AZ 85043", "US"),
        "85043",
        "US",
    )
    assert found.ship_from == Party("W-1", ("Mill", "1 Mill Lane", "Leeds LS1 1AA", "GB"), "LS1 1AA", "GB")
    assert "Buckeye" not in repr(found)


def test_without_its_orders_the_centre_has_its_code_alone() -> None:
    asn = confirmation(loose(content()), purchase_order())
    elsewhere = purchase_order()
    assert elsewhere.order_details is not None
    elsewhere.order_details.ship_to_party = po.PartyIdentification(party_id="LBA4")
    unread = po.Order(purchase_order_number="ORDER003")
    assert Packing.of(asn, orders=[unread, elsewhere]).ship_to == Party("PHX3")


def test_an_address_in_the_confirmation_comes_first() -> None:
    document = confirmation(loose(content()), purchase_order()).confirmation
    document.ship_to_party = SHIP_FROM
    assert Packing.of(document, orders=[purchase_order()]).ship_to.lines[0] == "Mill"


def test_a_carton_says_what_is_in_it_and_on_which_pallet_it_is() -> None:
    found = packing()
    first, mixed = found.cartons[0], found.cartons[40]
    assert (first.number, first.count, first.pallet, first.purchase_orders) == (1, 44, 1, ("ORDER001",))
    (item,) = first.items
    assert (item.sku, item.asin, item.name, item.product) == (
        "SKU-1",
        "B000000001",
        "Vegetable soup",
        "SKU-1",
    )
    assert (item.amount, item.unit, item.unit_size, item.pieces) == (1, "cases", 6, 6)
    assert mixed.purchase_orders == ("ORDER001", "ORDER002")
    assert [(each.lot, each.keeps) for each in mixed.items] == [(None, None), ("L7", "expires 2027-05-01")]
    assert found.pallets[2].cartons == (41, 42, 43, 44)
    assert found.pallets[2].items[0] == mixed.items[0]
    assert found.containers == found.cartons


def test_goods_on_a_pallet_that_are_in_no_carton_are_on_the_pallet() -> None:
    found = packing(load=Load(pallets=(PackedPallet(contents=(content("1", 4),)),)))
    assert found.cartons == ()
    assert [item.amount for item in found.pallets[0].items] == [4]
    assert found.containers == found.pallets


def test_pieces_are_no_cases_and_a_product_without_a_number_is_its_asin() -> None:
    document = confirmation(loose(content()), purchase_order()).confirmation
    assert document.cartons is not None
    (part,) = document.cartons[0].items
    part.shipped_quantity = api.ItemQuantity(amount=3, unit_of_measure=api.UnitOfMeasure.EACHES)
    document.shipped_items[0].vendor_product_identifier = None
    (item,) = Packing.of(document, names={"B000000001": "Soup"}).cartons[0].items
    assert (item.unit, item.pieces, item.product, item.name) == ("pieces", 3, "B000000001", "Soup")


@pytest.mark.parametrize(
    ("lot", "keeps"),
    [
        (Lot(made=date(2026, 1, 2), keeps_days=90), "made 2026-01-02, keeps 90 days"),
        (Lot(made=date(2026, 1, 2), keeps_months=3), "made 2026-01-02, keeps 3 months"),
        (Lot(expires=datetime(2027, 5, 1, 12, tzinfo=UTC)), "expires 2027-05-01"),
        (Lot(number="L7"), None),
    ],
)
def test_how_long_goods_keep_is_told_as_the_confirmation_has_it(lot: Lot, keeps: str | None) -> None:
    asn = confirmation(loose(content(lot=lot)), purchase_order())
    assert [item.keeps for item in Packing.of(asn).cartons[0].items] == [keeps]


def test_an_empty_expiry_says_nothing() -> None:
    document = confirmation(loose(content()), purchase_order()).confirmation
    assert document.cartons is not None
    details = document.cartons[0].items[0].item_details
    assert details is not None
    details.expiry = api.Expiry()
    assert Packing.of(document).cartons[0].items[0].keeps is None


def test_an_order_or_a_lot_may_stand_on_the_item_alone() -> None:
    document = confirmation(loose(content(lot=Lot(number="L7"))), purchase_order()).confirmation
    assert document.cartons is not None
    document.cartons[0].items[0].item_details = None
    (item,) = Packing.of(document).cartons[0].items
    assert (item.purchase_order, item.lot) == ("ORDER001", "L7")


def test_a_wrong_check_digit_is_refused_before_anything_is_drawn() -> None:
    document = confirmation(Load(cartons=tuple(cartons_of(3))), purchase_order()).confirmation
    assert document.cartons is not None
    right = Sscc.of(PREFIX, 2).wire
    identifiers = document.cartons[1].carton_identifiers
    assert identifiers is not None
    identifiers[0].container_identification_number = right[:-1] + str((int(right[-1]) + 1) % 10)
    with pytest.raises(InvalidRequestError) as caught:
        Packing.of(document)
    assert str(caught.value) == "cartons[1].carton_identifiers[0]: has a wrong check digit"


def test_a_container_with_another_code_alone_has_no_sscc() -> None:
    code = ContainerCode(api.ContainerIdentificationType.AMZNCC, "AMZN0001")
    asn = confirmation(Load(cartons=(carton(codes=(code,)),)), purchase_order())
    assert Packing.of(asn).cartons[0].sscc is None


def test_what_the_confirmation_refers_to_must_be_in_it() -> None:
    orders, load = two_orders()
    document = confirmation(load, *orders).confirmation
    assert document.pallets is not None
    assert document.cartons is not None
    names = document.pallets[1].carton_reference_details
    assert names is not None
    names.carton_reference_numbers[2] = "999"
    with pytest.raises(
        InvalidRequestError, match=r"pallets\[1\].carton_reference_details: L-062: .* number 3"
    ):
        Packing.of(document)
    names.carton_reference_numbers[2] = " 023"
    document.cartons[4].items[0].item_reference = "999"
    with pytest.raises(InvalidRequestError, match=r"cartons\[4\].items\[0\]: L-052: refers to an item"):
        Packing.of(document)


def test_a_confirmation_may_say_little() -> None:
    document = confirmation(loose(content()), purchase_order()).confirmation
    document.transportation_details = None
    document.cartons = None
    found = Packing.of(document)
    assert (found.cartons, found.pallets, found.carrier_scac, found.reference) == ((), (), None, "S-1")


EACHES, CASES = api.UnitOfMeasure.EACHES, api.UnitOfMeasure.CASES


@pytest.mark.parametrize(
    ("unit", "own", "whole", "pieces"), [(EACHES, 6, 6, 5), (CASES, 6, None, 30), (CASES, None, 6, 30)]
)
def test_pieces_are_counted_once_whatever_sizes_are_stated(
    unit: api.UnitOfMeasure, own: int | None, whole: int | None, pieces: int
) -> None:
    document = confirmation(loose(content()), purchase_order()).confirmation
    assert document.cartons
    packed = document.cartons[0].items[0].shipped_quantity
    packed.amount, packed.unit_of_measure, packed.unit_size = 5, unit, own
    document.shipped_items[0].shipped_quantity.unit_size = whole
    (found,) = Packing.of(document).cartons[0].items
    assert (found.amount, found.pieces) == (5, pieces)


def test_cases_of_unknown_size_are_refused() -> None:
    document = confirmation(loose(content()), purchase_order()).confirmation
    assert document.cartons
    packed = document.cartons[0].items[0].shipped_quantity
    packed.unit_of_measure, packed.unit_size = CASES, None
    document.shipped_items[0].shipped_quantity.unit_size = None
    with pytest.raises(InvalidRequestError, match=r"cartons\[0\].items\[0\]: has cases, and does not say"):
        Packing.of(document)
