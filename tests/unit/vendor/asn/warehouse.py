"""Orders, acknowledgements and loads, for the tests of shipment confirmations."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from spshipping.vendor import orders as po
from spshipping.vendor import shipments as api
from spshipping.vendor.asn import (
    AsnBuilder,
    Content,
    Dispatch,
    LineKey,
    Load,
    Lot,
    Mass,
    OpenLine,
    PackedCarton,
    PackedPallet,
    Size,
)
from spshipping.vendor.rules import (
    History,
    Outcome,
    RuleContext,
    RuleRegion,
    SentAcknowledgement,
    SentConfirmation,
)
from spshipping.vendor.shipments import ShipmentFreightTerm
from spshipping.vendor.sscc import MemorySerials, SsccIssuer
from tests.unit.vendor.rules.clean import (
    CENTRE,
    NOW,
    PREPAID,
    VENDOR,
    accept_all,
    answer,
    details_of,
    purchase_order,
)

PREFIX = "9521234"
TRUCK, LTL, PARCEL = (
    api.ShipmentType.TRUCK_LOAD,
    api.ShipmentType.LESS_THAN_TRUCK_LOAD,
    api.ShipmentType.SMALL_PARCEL,
)
SHIP_FROM = api.PartyIdentification(
    party_id="W-1",
    address=api.Address(
        name="Mill", address_line1="1 Mill Lane", city="Leeds", postal_code="LS1 1AA", country_code="GB"
    ),
)


def line(number: str = "1", amount: int = 10, *, size: int | None = 6, **more: Any) -> po.OrderItem:
    """Make a line: in cases of *size*, or in pieces where it is 1."""
    is_case = size != 1
    return po.OrderItem(
        item_sequence_number=number,
        amazon_product_identifier=f"B00000000{int(number)}",
        vendor_product_identifier=f"SKU-{int(number)}",
        ordered_quantity=po.ItemQuantity(
            amount=amount,
            unit_of_measure=po.UnitOfMeasure.CASES if is_case else po.UnitOfMeasure.EACHES,
            unit_size=size,
        ),
        is_back_order_allowed=True,
        **more,
    )


def order(
    *lines: po.OrderItem, number: str = "ORDER001", centre: str = CENTRE, vendor: str = VENDOR
) -> po.Order:
    """Make a purchase order that was acknowledged."""
    return po.Order(
        purchase_order_number=number,
        purchase_order_state=po.PurchaseOrderState.ACKNOWLEDGED,
        order_details=po.OrderDetails(
            purchase_order_date=NOW - timedelta(days=3),
            selling_party=po.PartyIdentification(party_id=vendor),
            ship_to_party=po.PartyIdentification(party_id=centre),
            items=list(lines) or [line()],
        ),
    )


def context_of(*orders: po.Order, **more: Any) -> RuleContext:
    """Make what rules need to know of orders in Europe, all of which was accepted."""
    facts: dict[str, Any] = {
        "region": RuleRegion.EU,
        "orders": orders,
        "changed": {},
        "freight": PREPAID,
        "history": History(
            acknowledgements=[accept_all(each, NOW - timedelta(days=2)) for each in orders], sscc_shipped={}
        ),
        "perishable": frozenset(),
        "own_prefixes": (PREFIX,),
    }
    return RuleContext(**{**facts, **more})


def builder_of(*orders: po.Order, **more: Any) -> AsnBuilder:
    return AsnBuilder(context_of(*orders, **more), SHIP_FROM)


def dispatch(identifier: str = "S-1", shipment_type: api.ShipmentType = LTL, **more: Any) -> Dispatch:
    facts: dict[str, Any] = {
        "identifier": identifier,
        "shipment_type": shipment_type,
        "shipped_at": NOW - timedelta(minutes=5),
        "arrives_at": NOW + timedelta(days=2),
        "bill_of_lading": "ABCD100000017",
        "pro_number": "123456",
        "carrier_scac": "UPSN",
        "amazon_reference_number": "987654",
    }
    return Dispatch(**{**facts, **more})


def content(number: str = "1", amount: int = 1, of: str = "ORDER001", **more: Any) -> Content:
    return Content(line=LineKey(of, number), amount=amount, **more)


def carton(*contents: Content, **more: Any) -> PackedCarton:
    return PackedCarton(contents=contents or (content(),), **more)


def issuer() -> SsccIssuer:
    return SsccIssuer(MemorySerials(), PREFIX)


def sent(asn: api.ShipmentConfirmation, **more: Any) -> SentConfirmation:
    return SentConfirmation(asn, NOW - timedelta(days=1), **more)


@dataclass(frozen=True)
class Warehouse:
    """What a law is tried on."""

    context: RuleContext
    dispatch: Dispatch
    load: Load

    @property
    def builder(self) -> AsnBuilder:
        return AsnBuilder(self.context, SHIP_FROM)


def _accepted_in_part(order: po.Order, draw: Callable[[int, int], int]) -> SentAcknowledgement:
    """Accept of each line what is drawn, and reject the rest."""
    accepted = accept_all(order, NOW - timedelta(days=2))
    for mine, each in zip(details_of(order).items, accepted.document.items, strict=True):
        whole = mine.ordered_quantity.amount or 0
        amount = draw(0, whole)
        each.item_acknowledgements = [
            answer(mine, code, part)
            for code, part in (("Accepted", amount), ("Rejected", whole - amount))
            if part
        ]
    return accepted


def _contents_of(line: OpenLine, draw: Callable[[int, int], int]) -> list[Content]:
    """Draw how much of a line is shipped, in parts."""
    left = draw(0, line.most)
    lots = [Lot(number=f"L{index}", expires=(NOW + timedelta(days=300 + index)).date()) for index in range(2)]
    parts = []
    while left:
        amount = draw(1, left)
        left -= amount
        parts.append(
            Content(
                line=line.key,
                amount=amount,
                lot=lots[draw(0, 1)],
                weight=Mass.of(amount, "lb") if line.is_by_weight else None,
            )
        )
    return parts


def _packed(contents: list[Content], most: int, draw: Callable[[int, int], int]) -> list[list[Content]]:
    """Put contents together, but never two lots of a line."""
    boxes: list[list[Content]] = []
    for each in contents:
        fitting = [
            box
            for box in boxes
            if len(box) < most and all(other.line != each.line or other.lot == each.lot for other in box)
        ]
        if fitting and draw(0, 1):
            fitting[draw(0, len(fitting) - 1)].append(each)
        else:
            boxes.append([each])
    return boxes


@st.composite
def warehouses(draw: st.DrawFn) -> Warehouse:
    """Draw orders, what was accepted and shipped of them, and a load of the rest."""

    def number(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    region = draw(st.sampled_from(list(RuleRegion)))
    freight = draw(st.sampled_from(list(ShipmentFreightTerm)))
    rng = Random(number(0, 10**6))
    orders = [
        purchase_order(
            rng,
            region,
            freight,
            placed=NOW - timedelta(days=3),
            state=po.PurchaseOrderState.ACKNOWLEDGED,
            count=number(1, 3),
        )
        for _ in range(number(1, 3))
    ]
    history = History(
        acknowledgements=[_accepted_in_part(each, number) for each in orders],
        sscc_shipped={},
        shipped_elsewhere={
            (each.purchase_order_number, details_of(each).items[0].item_sequence_number): number(0, 3)
            for each in orders
        },
    )
    context = RuleContext(
        region=region,
        orders=orders,
        changed={},
        freight=freight,
        history=history,
        perishable=frozenset(
            item.amazon_product_identifier or "" for each in orders for item in details_of(each).items
        ),
        own_prefixes=(PREFIX,),
    )
    kind = draw(st.sampled_from([TRUCK, LTL, PARCEL]))
    lines = AsnBuilder(context, SHIP_FROM).lines
    contents = [each for mine in lines for each in _contents_of(mine, number)]
    # what is shipped by other ways can take all of a line
    load = _load_of(contents, kind, number)
    return Warehouse(context, dispatch(f"S-{number(0, 99)}", kind), load.coded(issuer()))


def _load_of(contents: list[Content], kind: api.ShipmentType, draw: Callable[[int, int], int]) -> Load:
    boxes = [tuple(box) for box in _packed(contents, 5, draw)]
    if kind != PARCEL and draw(0, 2) == 2:
        return Load(pallets=tuple(PackedPallet(contents=box) for box in boxes))
    cartons = tuple(
        PackedCarton(
            contents=box,
            tracking_number=f"1Z{index}" if kind == PARCEL else None,
            size=Size.of(40, 30, "30.5", "cm") if draw(0, 1) else None,
            weight=Mass.of("7.5", "kg") if draw(0, 1) else None,
        )
        for index, box in enumerate(boxes)
    )
    if kind == PARCEL or draw(0, 1):
        return Load(cartons=cartons)
    size = draw(1, 4)
    return Load(
        pallets=tuple(
            PackedPallet(cartons=cartons[start : start + size]) for start in range(0, len(cartons), size)
        )
    )


def refused(document: api.ShipmentConfirmation) -> SentConfirmation:
    return sent(document, outcome=Outcome.REFUSED)


def with_confirmations(context: RuleContext, *confirmations: SentConfirmation) -> RuleContext:
    """Return a context in which these were sent before."""
    assert context.history is not None
    return replace(context, history=replace(context.history, confirmations=confirmations))
