"""Rules about searches, and about the labels that they return."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta

from spshipping.vendor.rules.quantities import known
from spshipping.vendor.rules.requests import LabelsView, QueryView
from spshipping.vendor.rules.rule import (
    E_SURE,
    I_SURE,
    W_SURE,
    DocumentKind,
    Fault,
    Rule,
    ShipmentKind,
)
from spshipping.vendor.shipments.models.shipments import ShipmentStatus

_LONGEST_WINDOW = timedelta(days=7)
_MONTHS = 6
_WINDOWS = ("created", "changed", "updated")
_LABELLED = (ShipmentStatus.CARRIER_ASSIGNED, ShipmentStatus.SHIPPED)


def early_labels(view: QueryView) -> Iterator[Fault]:
    """Find a search for labels before a carrier is assigned."""
    history = view.context.history
    for name in ("vendor_shipment_identifier", "buyer_reference_number"):
        wanted = view.document.get(name)
        sent = [
            each for each in (history.requests if history else ()) if getattr(each.document, name) == wanted
        ]
        if wanted is not None and sent and not any(each.status in _LABELLED for each in sent):
            yield Fault(
                f"{view.prefix}{name}", "no carrier is assigned yet", "ask again when there is a carrier"
            )


def label_counts(view: LabelsView) -> Iterator[Fault]:
    """Find labels that are missing, and labels that were printed before."""
    found, labels = view.document.shipment_information, view.document.label_data or []
    wanted = found.total_label_count if found is not None else None
    if wanted is not None and wanted != len(labels):
        yield Fault(
            f"{view.prefix}label_data", f"has {len(labels)} of {wanted} labels", "fetch the labels again"
        )
    history = view.context.history
    printed = set(history.printed_labels if history else ())
    for index, label in enumerate(labels):
        if label.tracking_id is not None and label.tracking_id in printed:
            yield Fault(
                f"{view.prefix}label_data[{index}].tracking_id",
                "was printed before",
                "use the label once only",
            )
        elif label.tracking_id is not None:
            printed.add(label.tracking_id)


def windows(view: QueryView) -> Iterator[Fault]:
    """Find spans of time that are too long or too old."""
    now = view.context.now
    for name in _WINDOWS:
        start = known(view.document.get(f"{name}_after"))
        end = known(view.document.get(f"{name}_before"))
        if start is not None and end is not None and end - start > _LONGEST_WINDOW:
            yield Fault(
                f"{view.prefix}{name}_before",
                f"is more than seven days after {name}_after",
                "make several calls, of seven days each",
            )
        for bound, time in (("after", start), ("before", end)):
            if now is not None and time is not None and time < _months_before(now):
                yield Fault(
                    f"{view.prefix}{name}_{bound}",
                    "is more than six months ago",
                    "Amazon keeps purchase orders for six months: ask for later ones",
                )


def _months_before(now: datetime) -> datetime:
    months = now.year * 12 + now.month - 1 - _MONTHS
    year, month = months // 12, months % 12 + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))


_PARCELS = frozenset({ShipmentKind.SMALL_PARCEL})
QUERY_ROWS = (
    Rule(
        "L-093",
        "Labels are there once a carrier is assigned.",
        (DocumentKind.QUERY,),
        (I_SURE,),
        ("RTE-21",),
        "asked in the state Created",
        early_labels,
        kinds=_PARCELS,
        needs=("history",),
    ),
    Rule(
        "L-094",
        "As many labels come as are announced, and each is printed once.",
        (DocumentKind.LABELS,),
        (W_SURE,),
        ("RTE-21", "RTE-23"),
        "2 of 3",
        label_counts,
        kinds=_PARCELS,
        needs=("history",),
    ),
    Rule(
        "L-095",
        "A search spans at most seven days, of the last six months.",
        (DocumentKind.QUERY,),
        (E_SURE,),
        ("PO-15",),
        "30 days",
        windows,
        needs=("now",),
    ),
)
