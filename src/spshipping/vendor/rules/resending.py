"""Rules about confirmations that were sent before: identifiers, replacements, loads."""

from collections.abc import Iterator
from datetime import timedelta

from spshipping.vendor.rules.context import Outcome, SentConfirmation
from spshipping.vendor.rules.packing import ConfirmationView, shipped_pieces
from spshipping.vendor.rules.quantities import party
from spshipping.vendor.rules.rule import (
    E_SURE,
    W_INFERRED,
    DocumentKind,
    Fault,
    Rule,
    ShipmentKind,
)
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmationType

_YEAR = timedelta(days=365)
_LAST_REPLACEMENT = timedelta(days=7)
_MOST_CONFIRMATIONS = 100
_ORIGINAL, _REPLACE = ShipmentConfirmationType.ORIGINAL, ShipmentConfirmationType.REPLACE


def identifier(view: ConfirmationView) -> Iterator[Fault]:
    """Find an identifier that is missing, or in use."""
    path, wanted = f"{view.prefix}shipment_identifier", view.document.shipment_identifier
    if not (wanted or "").strip():
        yield Fault(path, "is missing", "give each shipment an identifier of its own")
        return
    if view.document.shipment_confirmation_type != _ORIGINAL:
        return
    code, now = party(view.document, "selling_party"), view.context.now
    for other in view.beside:
        if other.shipment_identifier == wanted and party(other, "selling_party") == code:
            yield Fault(path, "is twice in this request", "give each shipment an identifier of its own")
            return
    used = [
        each
        for each in view.earlier()
        if each.document.shipment_identifier == wanted and (now is None or now - each.at <= _YEAR)
    ]
    if used and all(each.outcome is Outcome.UNKNOWN for each in used):
        yield Fault(
            path,
            "was sent before, and it is not known whether Amazon received it",
            "send it as Replace; as Original only if Amazon does not know it then",
            1,
        )
    elif used:
        yield Fault(
            path, "was used within the last 365 days", "send a Replace, or use an identifier of its own"
        )


def replacement(view: ConfirmationView) -> Iterator[Fault]:
    """Find a replacement that cannot take the place of what was sent."""
    if view.document.shipment_confirmation_type != _REPLACE or view.context.history is None:
        return
    path = f"{view.prefix}shipment_confirmation_type"
    wanted = view.document.shipment_identifier
    sent = [each for each in view.earlier() if each.document.shipment_identifier == wanted]
    if not sent:
        yield Fault(
            path,
            "replaces a confirmation that was never sent with this identifier and vendor code",
            "send an Original, or use the identifier and vendor code of the first one",
        )
        return
    if not all(each.is_from_api for each in sent):
        yield Fault(path, "replaces what was made in Vendor Central", "change it there")
    if any(each.has_arrived for each in sent):
        yield Fault(path, "replaces what has arrived", "tell your contact at Amazon what differs")
    now = view.context.now
    if now is not None and now - sent[0].at > _LAST_REPLACEMENT:
        yield Fault(
            path,
            "is more than 7 days after the first confirmation",
            "tell your contact at Amazon what differs",
        )
    yield from _raised(view, sent[-1])


def _raised(view: ConfirmationView, last: SentConfirmation) -> Iterator[Fault]:
    remedy = "send what is more as a shipment with an identifier of its own"
    for name in ("pallets", "cartons"):
        if len(getattr(view.document, name) or ()) > len(getattr(last.document, name) or ()):
            yield Fault(f"{view.prefix}{name}", "are more than before", remedy)
    before, unclear_before = shipped_pieces(last.document, view.context)
    after, unclear = shipped_pieces(view.document, view.context)
    for key, amount in after.items():
        if key not in unclear | unclear_before and amount > before.get(key, 0):
            yield Fault(f"{view.prefix}shipped_items", "ship more of an item than before", remedy)
            return


def load(view: ConfirmationView) -> Iterator[Fault]:
    """Find more confirmations for one load than Amazon takes."""
    transport = view.document.transportation_details
    number = transport and transport.bill_of_lading_number
    if not number:
        return
    documents = [each.document for each in view.earlier()] + list(view.beside)
    others = {
        each.shipment_identifier
        for each in documents
        if each.transportation_details and each.transportation_details.bill_of_lading_number == number
    }
    if len(others | {view.document.shipment_identifier}) > _MOST_CONFIRMATIONS:
        yield Fault(
            f"{view.prefix}transportation_details.bill_of_lading_number",
            f"has more than {_MOST_CONFIRMATIONS} confirmations",
            "make one confirmation for the whole load",
        )


_CONFIRMATION = (DocumentKind.CONFIRMATION,)
RESENDING_ROWS = (
    Rule(
        "L-030",
        "The identifier is there, and was not used in the last 365 days; an Original is sent once.",
        _CONFIRMATION,
        (E_SURE, W_INFERRED),
        ("ASN-06", "TXN-12", "U-09"),
        "the same Original once more",
        identifier,
        needs=("now", "history"),
    ),
    Rule(
        "L-075",
        "One load has at most 100 confirmations.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-08",),
        "101 with one bill of lading",
        load,
        kinds=frozenset({ShipmentKind.TRUCK_LOAD, ShipmentKind.LESS_THAN_TRUCK_LOAD}),
        needs=("history",),
    ),
    Rule(
        "L-077",
        "A Replace has identifier and vendor code of the first, which was made by API; it comes within 7 days"
        " and before the goods arrive, and raises nothing.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-10", "ASN-12", "ASN-13"),
        "on day 9; 12 where it was 10",
        replacement,
        needs=("now", "history"),
    ),
)
