"""Rules about what a shipment holds: purchase orders, quantities, and lots."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem, PurchaseOrderState
from spshipping.vendor.rules.acknowledgement_lines import cancelled_answers, other_quantities
from spshipping.vendor.rules.answers import AcknowledgementView, SaidBefore, acknowledgements_of
from spshipping.vendor.rules.packing import (
    ConfirmationView,
    Portion,
    key_of,
    latest_of_each,
    order_party,
    shipped_pieces,
)
from spshipping.vendor.rules.quantities import (
    OPEN_CODES,
    counted,
    details,
    is_cancelled,
    known,
    line_number,
    ordered,
    party,
    pieces,
    total,
)
from spshipping.vendor.rules.rule import (
    E_SURE,
    TABLES,
    W_CONTRADICTED,
    W_INFERRED,
    W_REPORTED,
    DocumentKind,
    Fault,
    Rule,
    RuleRegion,
)
from spshipping.vendor.shipments.models.items import Item, ItemDetails
from spshipping.vendor.shipments.models.measures import DurationUnit, Expiry

_SHORTEST_LIFE, _SHORT_LIFE = timedelta(days=30), timedelta(days=90)
_LONGEST_LIFE = timedelta(days=3653)
_COUNTRY = re.compile("[A-Z]{2}")


def cancelled(view: AcknowledgementView | ConfirmationView) -> Iterator[Fault]:
    """Find lines that Amazon has cancelled, and that are answered or shipped."""
    if isinstance(view, AcknowledgementView):
        yield from cancelled_answers(view)
        return
    for portion in view.portions:
        line = view.line_of(portion)
        if line is not None and is_cancelled(line) and portion.quantity.amount:
            yield Fault(
                f"{portion.item_path}.shipped_quantity.amount",
                "is of a line that Amazon has cancelled",
                "take it out of the shipment",
                1,
            )


def changed(view: AcknowledgementView | ConfirmationView) -> Iterator[Fault]:
    """Find orders that Amazon has changed since they were read."""
    if isinstance(view, AcknowledgementView):
        path = f"{view.prefix}purchase_order_number"
        orders = [(path, view.order)]
        yield from other_quantities(view)
    else:
        orders = [
            (f"{view.by_order[number][0].item_path}.item_details.purchase_order_number", order)
            for number, order in view.orders.items()
        ]
    for path, order in orders:
        if order is None:
            continue
        latest = known((view.context.changed or {}).get(order.purchase_order_number.strip()))
        read = known(getattr(details(order), "purchase_order_changed_date", None))
        if latest is not None and (read is None or latest > read):
            yield Fault(
                path,
                "was changed by Amazon since the order was read",
                "read the order again, and go by what it says now",
            )


def purchase_orders(view: ConfirmationView) -> Iterator[Fault]:
    """Find items that belong to no purchase order."""
    for portion in view.portions:
        if not (portion.number or "").strip():
            yield Fault(
                f"{portion.item_path}.item_details.purchase_order_number",
                "is missing, and the item itself has none",
                "state it on the item, or on each part of it in a container",
            )


def order_state(view: ConfirmationView) -> Iterator[Fault]:
    """Find orders that Amazon takes nothing for, items that are not on them, and centres that changed."""
    for number, order in view.orders.items():
        portions = view.by_order[number]
        path = f"{portions[0].item_path}.item_details.purchase_order_number"
        if getattr(order, "purchase_order_state", None) == PurchaseOrderState.CLOSED:
            yield Fault(path, "the purchase order is closed", "ship nothing for it")
        elif not _is_acknowledged(view, order):
            yield Fault(path, "the purchase order is not acknowledged", "acknowledge it first")
        for portion in portions:
            if not view.lines_of(portion):
                yield Fault(portion.item_path, "is not on the purchase order", "take it out of the shipment")
        centre = order_party(order, "ship_to_party")
        if centre is not None and centre != party(view.document, "ship_to_party"):
            yield Fault(
                f"{view.prefix}ship_to_party.party_id",
                "is not the fulfilment centre of a purchase order",
                "read the order again, and ship to where it says now",
                1,
            )


def _is_acknowledged(view: ConfirmationView, order: Order) -> bool:
    if getattr(order, "purchase_order_state", None) != PurchaseOrderState.NEW:
        return True
    history = view.context.history
    code = party(view.document, "selling_party")
    return history is not None and bool(
        acknowledgements_of(history.acknowledgements, order.purchase_order_number, code)
    )


def shipped_too_much(view: ConfirmationView) -> Iterator[Fault]:
    """Find items of which more is shipped, in all, than was accepted."""
    orders = view.orders
    now, unclear = shipped_pieces(view.document, view.context)
    for other in (*latest_of_each(view.earlier()), *view.beside):
        if other.shipment_identifier == view.document.shipment_identifier:
            continue
        amounts, not_clear = shipped_pieces(other, view.context)
        unclear |= not_clear
        for key, amount in amounts.items():
            if key in now:
                now[key] += amount
    said = {number: _said(view, order) for number, order in orders.items()}
    elsewhere, checked = _elsewhere(view), set()
    for portion in view.portions:
        number = (portion.number or "").strip()
        if number not in orders:
            continue
        found = view.lines_of(portion)
        key = (number, key_of(portion.item, found[0] if found else None))
        if not found or key in unclear or key in checked:
            continue
        checked.add(key)
        accepted = total(_accepted(said[number], line) for line in found)
        others = sum(elsewhere.get((number, _name(line.item_sequence_number)), 0) for line in found)
        if accepted is not None and now.get(key, 0) + others > accepted:
            yield Fault(
                f"{portion.item_path}.shipped_quantity.amount",
                f"more than the {accepted} pieces that were accepted are shipped, all shipments together",
                "take out what is too much",
            )


def _said(view: ConfirmationView, order: Order) -> list[SaidBefore]:
    """Return what was answered to an order, the latest first."""
    sent = view.context.history.acknowledgements if view.context.history else ()
    code = party(view.document, "selling_party")
    earlier = acknowledgements_of(sent, order.purchase_order_number, code)
    return [SaidBefore(each) for each in reversed(earlier)]


def _accepted(said: Sequence[SaidBefore], line: OrderItem) -> int | None:
    """Return how many pieces of a line were accepted or back-ordered, of those that are ordered now.

    Without an answer, it is those that are ordered. Amazon lowers orders after they were answered, and what
    counts is the order as it is now.
    """
    size, most = ordered(line).unit_size, pieces(ordered(line))
    answered = next(filter(None, (each.answer_to(line) for each in said)), None)
    if answered is None:
        return most
    found = total(
        pieces(answer.acknowledged_quantity, size)
        for answer in answered.item_acknowledgements
        if answer.acknowledgement_code in OPEN_CODES
    )
    return found if found is None or most is None else min(found, most)


def _elsewhere(view: ConfirmationView) -> dict[tuple[str, int | str], int]:
    """Return the pieces that were shipped by other ways: `1` and `00001` are the same line."""
    told = (view.context.history and view.context.history.shipped_elsewhere) or {}
    found: dict[tuple[str, int | str], int] = {}
    for (number, item), amount in told.items():
        key = number.strip(), _name(item)
        found[key] = found.get(key, 0) + amount
    return found


def _name(item: str) -> int | str:
    number = line_number(item)
    return item if number is None else number


def container_sums(view: ConfirmationView) -> Iterator[Fault]:
    """Find items of which containers hold another quantity than is stated."""
    for path, item in view.items() if view.contents else ():
        own = [each for each in view.by_item[path] if each.path != path]
        found = counted([each.quantity for each in own], item.shipped_quantity)
        if found is not None and sum(found[0]) != found[1]:
            yield Fault(
                f"{path}.shipped_quantity.amount",
                f"is {found[1]}, and the containers hold {sum(found[0])}",
                "make them equal: state each item once, and all of its parts",
            )


def references(view: ConfirmationView) -> Iterator[Fault]:
    """Find parts in containers that name no item of the shipment."""
    there = {item.item_sequence_number.strip() for _, item in view.items()}
    for _, path, part in view.contents:
        if part.item_reference.strip() not in there:
            yield Fault(
                f"{path}.item_reference",
                "names no item of the shipment",
                "use the item_sequence_number of an item of this confirmation",
            )


def _is_perishable(view: ConfirmationView, item: Item) -> bool:
    listed = view.context.perishable or frozenset()
    return any(each in listed for each in (item.amazon_product_identifier, item.vendor_product_identifier))


def perishables(view: ConfirmationView) -> Iterator[Fault]:
    """Find perishable items without lot or expiry."""
    allows_duration = view.context.region in (RuleRegion.NA, None)
    for portion in view.portions:
        if not _is_perishable(view, portion.item):
            continue
        path, expiry = f"{portion.item_path}.item_details", portion.expiry or Expiry()
        if not portion.lot:
            yield Fault(f"{path}.lot_number", "is missing for a perishable item", "state the lot")
        has_duration = expiry.manufacturer_date is not None and expiry.expiry_after_duration is not None
        if expiry.expiry_date is None and not (allows_duration and has_duration):
            yield Fault(
                f"{path}.expiry",
                "is missing for a perishable item",
                "state the expiry date"
                + (", or when it was made and how long it keeps" if allows_duration else ""),
            )


def one_lot(view: ConfirmationView) -> Iterator[Fault]:
    """Find items of two lots, or two expiry dates, in one container."""
    items = {item.item_sequence_number.strip(): item for _, item in view.items()}
    first: dict[tuple[str, str], tuple[str | None, Expiry | None]] = {}
    for container, path, part in view.contents:
        item = items.get(part.item_reference.strip())
        if item is None:
            continue
        portion = Portion(path, None, path, item, part.shipped_quantity, part.item_details)
        lot = portion.lot, portion.expiry
        if first.setdefault((container.path, key_of(item, None)), lot) != lot:
            yield Fault(
                f"{path}.item_details",
                "the container holds another lot or expiry of this item",
                "pack each lot in a container of its own",
            )


def expires_at(expiry: Expiry) -> datetime | None:
    """Return when an item expires; a month counts as 30 days."""
    if expiry.expiry_date is not None:
        return known(expiry.expiry_date)
    made, keeps = known(expiry.manufacturer_date), expiry.expiry_after_duration
    if made is None or keeps is None:
        return None
    days = keeps.duration_value * (30 if keeps.duration_unit == DurationUnit.MONTHS else 1)
    try:
        return made + timedelta(days=days)
    except OverflowError:
        return None


def days_left(view: ConfirmationView) -> Iterator[Fault]:
    """Find items that expire soon after they arrive."""
    arrives = known(view.document.estimated_delivery_date)
    for portion in view.portions if arrives is not None else ():
        ends = expires_at(portion.expiry) if portion.expiry is not None else None
        if ends is None or arrives is None or ends - arrives >= _SHORT_LIFE:
            continue
        is_very_short = ends - arrives < _SHORTEST_LIFE
        limit = _SHORTEST_LIFE if is_very_short else _SHORT_LIFE
        yield Fault(
            portion.expiry_path,
            f"leaves less than {limit.days} days after the arrival",
            "ship what keeps longer",
            1 if is_very_short else 0,
        )


def odd_expiry(view: ConfirmationView) -> Iterator[Fault]:
    """Find expiry dates before the manufacture, or far in the future."""
    now = view.context.now or known(view.document.shipped_date)
    for portion in view.portions:
        expiry = portion.expiry
        made = known(expiry.manufacturer_date) if expiry else None
        ends = known(expiry.expiry_date) if expiry else None
        if ends is None:
            continue
        path = f"{portion.expiry_path}.expiry_date"
        if made is not None and ends <= made:
            yield Fault(path, "is not after the manufacture", "correct one of the two")
        elif now is not None and ends - now > _LONGEST_LIFE:
            yield Fault(path, "is more than ten years ahead", "correct the year")


def total_weights(view: ConfirmationView) -> Iterator[Fault]:
    """Find items that are sold by weight, and have no total weight."""
    for path, item in view.items():
        of_order = [view.line_of(portion) for portion in view.by_item[path]]
        prices = [line.net_cost for line in of_order if line is not None]
        is_by_weight = any(price is not None and price.unit_of_measure is not None for price in prices)
        if is_by_weight and item.shipped_quantity.total_weight is None:
            yield Fault(
                f"{path}.shipped_quantity.total_weight",
                "is missing for an item that is sold by weight",
                "state the weight of the quantity",
            )


def details_of_items(view: ConfirmationView) -> Iterator[Fault]:
    """Find sources of lots without their type, and countries that are no code."""
    found: list[tuple[str, ItemDetails | None]] = [(path, item.item_details) for path, item in view.items()]
    found += [(path, part.item_details) for _, path, part in view.contents]
    for path, each in found:
        if each is None:
            continue
        if each.lot_number_source_reference and each.lot_number_source_type is None:
            yield Fault(
                f"{path}.item_details.lot_number_source_type",
                "is missing beside its reference",
                "state GLN, FFRN, USDA_E or URL",
            )
        if each.country_of_origin is not None and not _COUNTRY.fullmatch(each.country_of_origin):
            yield Fault(
                f"{path}.item_details.country_of_origin", "is no country code", "state two capital letters"
            )


_CONFIRMATION = (DocumentKind.CONFIRMATION,)
CONTENT_ROWS = (
    Rule(
        "L-022",
        "The order is as it was when it was read.",
        (DocumentKind.ACKNOWLEDGEMENT, DocumentKind.CONFIRMATION),
        (E_SURE,),
        ("PO-04",),
        "Amazon changed the order after it was read",
        changed,
        needs=("orders", "changed"),
    ),
    Rule(
        "L-023",
        "A line that Amazon has cancelled is neither answered nor shipped.",
        (DocumentKind.ACKNOWLEDGEMENT, DocumentKind.CONFIRMATION),
        (W_INFERRED, E_SURE),
        ("ACK-35", "PO-12", "PO-04"),
        "5 shipped of 0",
        cancelled,
        needs=("orders",),
    ),
    Rule(
        "L-046",
        "Each part of an item belongs to a purchase order.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-30",),
        "no purchase order anywhere",
        purchase_orders,
        regions=TABLES,
    ),
    Rule(
        "L-047",
        "A purchase order is acknowledged, open, has the item, and goes to this fulfilment centre.",
        _CONFIRMATION,
        (W_REPORTED, E_SURE),
        ("ASN-43", "PO-04"),
        "the order is closed; its centre has changed",
        order_state,
        needs=("orders",),
    ),
    Rule(
        "L-049",
        "All shipments together ship no more than was accepted.",
        _CONFIRMATION,
        (W_REPORTED,),
        ("ASN-43",),
        "12 of 10",
        shipped_too_much,
        needs=("orders", "history"),
    ),
    Rule(
        "L-051",
        "The containers hold what the items state.",
        _CONFIRMATION,
        (W_CONTRADICTED,),
        ("ASN-46",),
        "90 in cartons, 100 stated",
        container_sums,
    ),
    Rule(
        "L-052",
        "What is in a container names an item of the shipment.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-47",),
        "003 of two items",
        references,
    ),
    Rule(
        "L-067",
        "Perishable items have lot and expiry date (North America: or date of manufacture and duration).",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-34", "ASN-35"),
        "no lot",
        perishables,
        regions=TABLES,
        needs=("perishable",),
    ),
    Rule(
        "L-069",
        "A container holds one lot, and one expiry date, of an item.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-48",),
        "two lots in a carton",
        one_lot,
    ),
    Rule(
        "L-070",
        "Items keep 90 days after they arrive, and at least 30.",
        _CONFIRMATION,
        (W_CONTRADICTED, W_REPORTED),
        ("ASN-59",),
        "20 days",
        days_left,
    ),
    Rule(
        "L-071",
        "An item expires after it was made, and within ten years.",
        _CONFIRMATION,
        (W_REPORTED,),
        ("L-071",),
        "the year 2206 for 2026",
        odd_expiry,
    ),
    Rule(
        "L-072",
        "What is sold by weight has a total weight.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-52",),
        "no weight",
        total_weights,
        needs=("orders",),
    ),
    Rule(
        "L-081",
        "The source of a lot has its type, and a country of origin is two capital letters.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-58",),
        "USA as country of origin",
        details_of_items,
    ),
)
