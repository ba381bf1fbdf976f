"""What holds of every confirmation that is built, for random orders and packings."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn import Asn, AsnBuilder, Load, PackedCarton, PackedPallet
from spshipping.vendor.rules import RuleContext, Severity, lint
from spshipping.vendor.shipments import (
    ShipmentConfirmation,
    ShipmentConfirmationType,
    SubmitShipmentConfirmationsRequest,
)
from spshipping.vendor.sscc import Sscc
from spshipping.wire.convert import dumps, loads
from tests.unit.vendor.asn.warehouse import SHIP_FROM, Warehouse, sent, warehouses, with_confirmations
from tests.unit.vendor.rules.clean import NOW

Amounts = Counter[tuple[str, str]]


def built(house: Warehouse) -> Asn:
    assume(any(True for _ in house.load.contents()))
    return house.builder.original(house.dispatch, house.load, at=NOW)


def errors_in(document: ShipmentConfirmation, context: RuleContext) -> list[str]:
    found = lint(document, replace(context, now=NOW))
    return [str(finding) for finding in found if finding.severity is Severity.ERROR]


def shipped(load: Load) -> Amounts:
    amounts: Amounts = Counter()
    for content in load.contents():
        amounts[content.line] += content.amount
    return amounts


def stated(document: ShipmentConfirmation, context: RuleContext) -> Amounts:
    """Return what the items of a document state, by order and product."""
    amounts: Amounts = Counter()
    for item in document.shipped_items:
        assert item.item_details
        assert item.item_details.purchase_order_number
        name = item.item_details.purchase_order_number, item.vendor_product_identifier or ""
        amounts[name] += item.shipped_quantity.amount
    return amounts


@pytest.mark.long
@given(warehouses())
def test_every_confirmation_passes_the_rule_book_without_an_error(house: Warehouse) -> None:
    asn = built(house)
    assert errors_in(asn.confirmation, house.context) == []
    assert all(warning.severity is not Severity.ERROR for warning in asn.warnings)


@given(warehouses())
def test_every_confirmation_can_be_written_and_read(house: Warehouse) -> None:
    request = built(house).request
    assert loads(dumps(request), SubmitShipmentConfirmationsRequest) == request


@given(warehouses())
def test_containers_hold_what_the_items_state_and_what_was_packed(house: Warehouse) -> None:
    document = built(house).confirmation
    packed = Counter[str]()
    for carton in document.cartons or ():
        for part in carton.items:
            packed[part.item_reference] += part.shipped_quantity.amount
    for pallet in document.pallets or ():
        for part in pallet.items or ():
            packed[part.item_reference] += part.shipped_quantity.amount
    items = {item.item_sequence_number: item.shipped_quantity.amount for item in document.shipped_items}
    assert packed == items
    assert list(items) == [f"{number:03d}" for number in range(1, len(items) + 1)]
    assert sorted(items.values()) == sorted(shipped(house.load).values())


@given(warehouses())
def test_no_line_is_shipped_beyond_what_was_accepted(house: Warehouse) -> None:
    built(house)
    most: dict[tuple[str, str], int] = {line.key: line.most for line in house.builder.lines}
    assert all(amount <= most[key] for key, amount in shipped(house.load).items())


@given(warehouses())
def test_each_container_carries_the_code_of_its_label(house: Warehouse) -> None:
    document = built(house).confirmation
    there = [
        each.container_identification_number
        for container in (*(document.cartons or ()), *(document.pallets or ()))
        for each in getattr(container, "carton_identifiers", None) or container.pallet_identifiers
    ]
    labels = [container.sscc for container in (*house.load.all_cartons(), *house.load.pallets)]
    assert there == [code.wire for code in labels if code is not None]
    assert len(there) == len(labels) == len({Sscc.read(code) for code in there})


def lowered(load: Load, keep: int) -> Load:
    """Return a load with only so many of its outer containers."""
    return Load(cartons=load.cartons[:keep], pallets=load.pallets[:keep])


@given(warehouses(), st.integers(1, 5))
def test_a_replacement_with_fewer_containers_is_built(house: Warehouse, keep: int) -> None:
    first = built(house).confirmation
    context = with_confirmations(house.context, sent(first))
    less = lowered(house.load, keep)
    asn = AsnBuilder(context, SHIP_FROM).replacement(house.dispatch, less, at=NOW)
    assert asn.confirmation.shipment_confirmation_type == ShipmentConfirmationType.REPLACE
    assert errors_in(asn.confirmation, context) == []
    before, after = stated(first, context), stated(asn.confirmation, context)
    assert all(after[name] <= before[name] for name in after)


def changed(load: Load, change: int) -> Load:
    """Return a load of which one amount differs."""

    def of(carton: PackedCarton) -> PackedCarton:
        first, *others = carton.contents
        return replace(carton, contents=(replace(first, amount=max(1, first.amount + change)), *others))

    if load.cartons:
        return replace(load, cartons=(of(load.cartons[0]), *load.cartons[1:]))
    pallet, *others = load.pallets
    if pallet.cartons:
        changed_pallet = replace(pallet, cartons=(of(pallet.cartons[0]), *pallet.cartons[1:]))
        return replace(load, pallets=(changed_pallet, *others))
    first, *rest = pallet.contents
    inside = (replace(first, amount=max(1, first.amount + change)), *rest)
    return replace(load, pallets=(PackedPallet(contents=inside, codes=pallet.codes), *others))


@given(warehouses(), st.integers(-2, 2), st.integers(0, 9))
def test_a_replacement_never_raises_an_amount(house: Warehouse, change: int, days: int) -> None:
    first = built(house).confirmation
    context = with_confirmations(house.context, sent(first))
    other = changed(house.load, change)
    at = NOW + timedelta(days=days)
    moved = replace(house.dispatch, shipped_at=at, arrives_at=at + timedelta(days=1))
    builder = AsnBuilder(context, SHIP_FROM)
    if days > 6 or shipped(other) - shipped(house.load):
        with pytest.raises(InvalidRequestError, match="L-0"):
            builder.replacement(moved, other, at=at)
        return
    asn = builder.replacement(moved, other, at=at)
    before, after = stated(first, context), stated(asn.confirmation, context)
    assert all(after[name] <= before[name] for name in after)
