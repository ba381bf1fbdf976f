"""Rules about routing requests: who may send them, the pickup, and what may change; and about imports."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from spshipping.vendor.orders.models.purchase_orders import Order, PurchaseOrderState
from spshipping.vendor.rules.answers import SaidBefore, acknowledgements_of
from spshipping.vendor.rules.context import RuleContext
from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.rules.quantities import counted, is_cancelled, known, lines, ordered, party
from spshipping.vendor.rules.requests import RoutingView
from spshipping.vendor.rules.rule import E_SURE, DocumentKind, Fault, Rule, RuleRegion, ShipmentKind
from spshipping.vendor.shipments.models.imports import ImportDetails
from spshipping.vendor.shipments.models.shipments import (
    Shipment,
    ShipmentFreightTerm,
    ShipmentStatus,
    TransactionType,
)

_BUSINESS_DAYS = 2
_LAST_SHIP_BY = timedelta(days=60)
_LONGEST_CONTAINERS = 64
_SATURDAY = 5
_CARRIER = (ShipmentStatus.CARRIER_ASSIGNED, ShipmentStatus.SHIPPED)
_FIXED_BY_CARRIER = (
    "ship_from_party",
    "ship_to_party",
    "shipment_freight_term",
    "shipment_measurements",
    "purchase_orders",
    "import_details",
    "containers",
    "transportation_details",
)


def is_allowed(view: RoutingView) -> Iterator[Fault]:
    """Find requests that Amazon does not take: other terms or regions, and orders with open lines."""
    document, context = view.document, view.context
    if _is_cancelled(document):
        return
    if (document.shipment_freight_term or context.freight) == ShipmentFreightTerm.PREPAID:
        yield Fault(
            f"{view.prefix}shipment_freight_term",
            "is not Collect",
            "where you pay the freight, book the carrier yourself",
        )
    if context.region not in (None, RuleRegion.NA, RuleRegion.EU):
        yield Fault(
            f"{view.prefix}ship_to_party",
            "is in a region without routing requests",
            "use what was agreed with Amazon there",
        )
    for index, listed in enumerate(document.purchase_orders or ()):
        order = context.order(listed.purchase_order_number)
        if order is not None and _is_open(order, view):
            yield Fault(
                f"{view.prefix}purchase_orders[{index}].purchase_order_number",
                "has lines that are not answered",
                "acknowledge all lines first",
            )


def _is_open(order: Order, view: RoutingView) -> bool:
    history = view.context.history
    sent = acknowledgements_of(
        history.acknowledgements if history else (), order.purchase_order_number, view.vendor_code
    )
    if not sent:
        return getattr(order, "purchase_order_state", None) == PurchaseOrderState.NEW
    said = [SaidBefore(each) for each in reversed(sent)]
    for line in lines(order):
        if is_cancelled(line):
            continue
        answered = next(filter(None, (each.answer_to(line) for each in said)), None)
        if answered is None:
            return True
        quantities = [each.acknowledged_quantity for each in answered.item_acknowledgements]
        found = counted(quantities, ordered(line))
        if found is not None and sum(found[0]) < found[1]:
            return True
    return False


def pickup(view: RoutingView) -> Iterator[Fault]:
    """Find a pickup that is requested too soon."""
    now, found = view.context.now, view.document.collect_freight_pickup_details
    wanted = known(found.requested_pick_up) if found is not None else None
    if now is None or wanted is None or _is_cancelled(view.document):
        return
    if wanted.date() < _earliest(now.astimezone(wanted.tzinfo).date(), view.context):
        yield Fault(
            f"{view.prefix}collect_freight_pickup_details.requested_pick_up",
            "is less than two business days ahead",
            "choose a later day",
        )


def _earliest(today: date, context: RuleContext) -> date:
    day, counted_days = today, 0
    while counted_days < _BUSINESS_DAYS:
        day += timedelta(days=1)
        counted_days += day.weekday() < _SATURDAY and day not in context.holidays
    return day


def fixed_fields(view: RoutingView) -> Iterator[Fault]:
    """Find changes of what cannot be changed."""
    new, number = view.document, view.document.buyer_reference_number
    remedy = "repeat it as it was; to change it, cancel the request, and make another one"
    same = []
    for each in view.earlier():
        old = each.document
        if old.vendor_shipment_identifier == new.vendor_shipment_identifier:
            same.append(each)
        elif number is not None and old.buyer_reference_number == number:
            yield Fault(f"{view.prefix}vendor_shipment_identifier", "was another one", remedy)
            return
    if not same:
        return
    if party(same[-1].document, "selling_party") != view.vendor_code:
        yield Fault(f"{view.prefix}selling_party.party_id", "was another one", remedy)
    numbers = [each.document.buyer_reference_number for each in same if each.document.buyer_reference_number]
    if number is not None and numbers and numbers[-1] != number:
        yield Fault(f"{view.prefix}buyer_reference_number", "was another one", remedy)
    is_assigned = any(each.status in _CARRIER for each in same)
    for name in _FIXED_BY_CARRIER if is_assigned and not _is_cancelled(new) else ():
        if getattr(new, name) != getattr(same[-1].document, name):
            yield Fault(
                f"{view.prefix}{name}",
                "was changed after a carrier was assigned",
                "change the requested pickup only, or cancel the request",
            )


def _is_cancelled(document: Shipment) -> bool:
    return document.transaction_type == TransactionType.CANCEL


def imports(view: ConfirmationView | RoutingView) -> Iterator[Fault]:
    """Find an import whose date or containers Amazon does not take."""
    found, path = view.document.import_details or ImportDetails(), f"{view.prefix}import_details"
    now, ship_by = view.context.now, known(found.estimated_ship_by_date)
    if now is not None and ship_by is not None and not _is_soon(ship_by, now):
        yield Fault(
            f"{path}.estimated_ship_by_date", "is past, or more than 60 days ahead", "state a date between"
        )
    if len(found.import_containers or "") > _LONGEST_CONTAINERS:
        yield Fault(
            f"{path}.import_containers",
            f"has more than {_LONGEST_CONTAINERS} characters",
            "state numbers and types only, such as 2-20'HC,1-45'",
        )


def _is_soon(day: datetime, now: datetime) -> bool:
    return timedelta() <= day.date() - now.astimezone(day.tzinfo).date() <= _LAST_SHIP_BY


_ROUTING = (DocumentKind.ROUTING,)
ROUTING_ROWS = (
    Rule(
        "L-080",
        "An import is shipped within 60 days, and its containers have at most 64 characters.",
        (DocumentKind.CONFIRMATION, DocumentKind.ROUTING),
        (E_SURE,),
        ("ASN-57",),
        "in 75 days",
        imports,
        kinds=frozenset({ShipmentKind.IMPORT}),
        needs=("now",),
    ),
    Rule(
        "L-090",
        "Amazon pays the freight, in North America or Europe, and every line of the orders is answered.",
        _ROUTING,
        (E_SURE,),
        ("RTE-01", "RTE-03"),
        "Japan; an open line",
        is_allowed,
        needs=("region", "freight", "orders"),
    ),
    Rule(
        "L-091",
        "The pickup is requested for two business days ahead, or later.",
        _ROUTING,
        (E_SURE,),
        ("RTE-04", "U-11"),
        "tomorrow",
        pickup,
        needs=("now",),
    ),
    Rule(
        "L-092",
        "A change repeats identifier, ARN and vendor code; once there is a carrier, only the pickup changes.",
        _ROUTING,
        (E_SURE,),
        ("RTE-06",),
        "another vendor code",
        fixed_fields,
        needs=("history",),
    ),
)
