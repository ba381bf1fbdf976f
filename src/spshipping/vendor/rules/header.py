"""Rules about the head of a shipment confirmation: times, places, carrier, and numbers."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from spshipping.vendor.rules.packing import ConfirmationView, order_party
from spshipping.vendor.rules.quantities import details, known, party
from spshipping.vendor.rules.rule import (
    E_SURE,
    TABLES,
    W_CONTRADICTED,
    W_INFERRED,
    W_SURE,
    DocumentKind,
    Fault,
    Rule,
    RuleRegion,
)
from spshipping.vendor.shipments.models.confirmations import (
    ShipmentConfirmationType,
    ShipmentType,
    TransportationDetailsForShipmentConfirmation,
)
from spshipping.vendor.shipments.models.shipments import ShipmentFreightTerm

_DAYS_BACK, _DAYS_AHEAD = -7, 2
_LATEST_NOTICE = timedelta(minutes=30)
_BOL_SHORTEST, _BOL_LONGEST = 8, 30
_SCAC = re.compile("[A-Z]{2,4}")


def one_place(view: ConfirmationView) -> Iterator[Fault]:
    """Find purchase orders of several centres or vendor codes in one shipment."""
    orders = view.orders.values()
    places = {order_party(order, "ship_to_party") for order in orders} - {None}
    codes = {order_party(order, "selling_party") for order in orders} - {None}
    if len(places) > 1:
        yield Fault(
            f"{view.prefix}ship_to_party.party_id",
            "the purchase orders go to several fulfilment centres",
            "make one confirmation for each",
        )
    if codes and codes != {party(view.document, "selling_party")}:
        yield Fault(
            f"{view.prefix}selling_party.party_id",
            "is not the vendor code of all purchase orders",
            "make one confirmation for each vendor code, and state it",
        )


def shipped_date(view: ConfirmationView) -> Iterator[Fault]:
    """Find a ship date that is missing or not near the time of submission."""
    path, shipped, now = f"{view.prefix}shipped_date", view.document.shipped_date, view.context.now
    if shipped is None:
        # the table of required fields does not have all regions
        is_foreign = view.context.region is RuleRegion.OTHER
        yield Fault(path, "is missing", "say when the goods leave", int(is_foreign))
    shipped = known(shipped)
    if now is None or shipped is None:
        return
    days = (shipped.date() - now.astimezone(shipped.tzinfo).date()).days
    if not _DAYS_BACK <= days <= _DAYS_AHEAD:
        yield Fault(
            path,
            "is more than 7 days before, or 2 days after, the submission",
            "send it on the day that the goods leave",
        )
    elif shipped > now:
        yield Fault(path, "is in the future", "send it when the goods have left", 1)


def delivery_date(view: ConfirmationView) -> Iterator[Fault]:
    """Find an estimated delivery that is missing, or before the goods leave."""
    path, document = f"{view.prefix}estimated_delivery_date", view.document
    expected, shipped = known(document.estimated_delivery_date), known(document.shipped_date)
    if document.estimated_delivery_date is None:
        yield Fault(path, "is missing", "estimate it from the usual transit time")
    elif expected is not None and shipped is not None and expected < shipped:
        yield Fault(path, "is before the goods leave", "estimate it from the usual transit time", 1)


def windows(view: ConfirmationView) -> Iterator[Fault]:
    """Find a delivery, or a shipment, after the window that binds."""
    expected = known(view.document.estimated_delivery_date)
    shipped = known(view.document.shipped_date)
    for order in view.orders.values():
        delivery = getattr(details(order), "delivery_window", None)
        pickup = getattr(details(order), "ship_window", None)
        if view.context.binds_delivery_window and delivery and expected and expected > delivery.end:
            yield Fault(
                f"{view.prefix}estimated_delivery_date",
                "is after the delivery window of a purchase order",
                "tell the new date in an acknowledgement",
            )
        if view.context.binds_ship_window and pickup and shipped and shipped > pickup.end:
            yield Fault(
                f"{view.prefix}shipped_date",
                "is after the ship window of a purchase order",
                "tell the new date in an acknowledgement",
            )


def late_notice(view: ConfirmationView) -> Iterator[Fault]:
    """Find a confirmation that is sent long after the goods left."""
    shipped, now = known(view.document.shipped_date), view.context.now
    # a replacement comes when it is needed
    is_first = view.document.shipment_confirmation_type != ShipmentConfirmationType.REPLACE
    if is_first and shipped is not None and now is not None and now - shipped > _LATEST_NOTICE:
        yield Fault(
            f"{view.prefix}shipped_date",
            "is more than 30 minutes ago",
            "send it now, and the next one when the goods leave",
        )


def _transport(view: ConfirmationView) -> TransportationDetailsForShipmentConfirmation:
    return view.document.transportation_details or TransportationDetailsForShipmentConfirmation()


def bill_of_lading(view: ConfirmationView) -> Iterator[Fault]:
    """Find a shipment without the number of its bill of lading."""
    is_load = view.shipment_type in (ShipmentType.TRUCK_LOAD, ShipmentType.LESS_THAN_TRUCK_LOAD)
    is_needed = is_load if view.context.region is RuleRegion.NA else True
    if is_needed and not _transport(view).bill_of_lading_number:
        yield Fault(
            f"{view.prefix}transportation_details.bill_of_lading_number",
            "is missing",
            "state the number of the bill of lading, or of the delivery note",
        )


def bill_number(view: ConfirmationView) -> Iterator[Fault]:
    """Find a number of a bill of lading that Amazon cannot use."""
    number = _transport(view).bill_of_lading_number
    path = f"{view.prefix}transportation_details.bill_of_lading_number"
    if not number:
        return
    if not _BOL_SHORTEST <= len(number) <= _BOL_LONGEST or any(mark.isspace() for mark in number):
        yield Fault(
            path,
            f"has {_BOL_SHORTEST} to {_BOL_LONGEST} characters, and no blank",
            "use the number on the paper, or one that begins with your vendor code",
        )
    elif is_time(number):
        yield Fault(path, "looks like a date or a time", "use a number that is not used again")
    day = known(view.document.shipped_date)
    for sent in view.earlier():
        transport, other = sent.document.transportation_details, known(sent.document.shipped_date)
        if (
            transport is not None
            and transport.bill_of_lading_number == number
            and sent.document.shipment_identifier != view.document.shipment_identifier
            and day is not None
            and other is not None
            and abs(day - other) >= timedelta(days=1)
        ):
            yield Fault(path, "was used for a load of another day", "use a number of its own for each load")
            break


def is_time(number: str) -> bool:
    """Say whether a number looks like a day of this century, alone or with a time of day behind it."""
    digits = re.sub("[-/.:T]", "", number)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in (8, 12, 14):
        return False
    pairs = [digits[start : start + 2] for start in (0, 2, 4, 6)]
    # 20261129, 29112026 and 11292026
    orders = (
        (pairs[0] + pairs[1], pairs[2], pairs[3]),
        (pairs[2] + pairs[3], pairs[1], pairs[0]),
        (pairs[2] + pairs[3], pairs[0], pairs[1]),
    )
    return any(_is_day(*map(int, each)) for each in orders)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        return date(year, month, day).year // 100 == 20
    except ValueError:
        return False


def carrier(view: ConfirmationView) -> Iterator[Fault]:
    """Find a shipment without the numbers of its carrier."""
    transport, path = _transport(view), f"{view.prefix}transportation_details"
    if not transport.carrier_shipment_reference_number:
        yield Fault(
            f"{path}.carrier_shipment_reference_number", "is missing", "state the carrier's PRO number"
        )
    if view.context.region is RuleRegion.NA and not _SCAC.fullmatch(transport.carrier_scac or ""):
        yield Fault(f"{path}.carrier_scac", "is no SCAC", "state two to four capital letters, such as UPSN")


def amazon_reference(view: ConfirmationView) -> Iterator[Fault]:
    """Find a shipment that Amazon pays for without Amazon's number."""
    if view.context.freight == ShipmentFreightTerm.COLLECT and not view.document.amazon_reference_number:
        yield Fault(
            f"{view.prefix}amazon_reference_number",
            "is missing where Amazon pays the freight",
            "state the ARN that the routing request got",
        )


def counts(view: ConfirmationView) -> Iterator[Fault]:
    """Find counts that are not those of the cartons and pallets."""
    document, measured = view.document, view.document.shipment_measurements
    cartons, pallets = len(document.cartons or ()), len(document.pallets or ())
    path = f"{view.prefix}shipment_measurements"
    stated = measured and measured.carton_count
    # Amazon's model wants this count without pallets only, its guide always
    if cartons and (stated != cartons if stated is not None else not pallets):
        yield Fault(f"{path}.carton_count", f"is not the number of cartons, {cartons}", "count them again")
    stated = measured and measured.pallet_count
    is_parcel = view.shipment_type == ShipmentType.SMALL_PARCEL
    # the table of Europe is that of all others
    has_zero = view.context.region in (RuleRegion.EU, RuleRegion.OTHER)
    if pallets and stated != pallets:
        yield Fault(f"{path}.pallet_count", f"is not the number of pallets, {pallets}", "count them again")
    elif not pallets and is_parcel and has_zero and stated != 0:
        yield Fault(f"{path}.pallet_count", "is not 0 for parcels", "state 0")


def ship_from(view: ConfirmationView) -> Iterator[Fault]:
    """Find a sender without postal code or country."""
    path, address = f"{view.prefix}ship_from_party.address", view.document.ship_from_party.address
    for name in ("postal_code", "country_code"):
        if not getattr(address, name, None):
            yield Fault(f"{path}.{name}", "is missing", "state the address that the goods leave from")


_CONFIRMATION = (DocumentKind.CONFIRMATION,)
HEADER_ROWS = (
    Rule(
        "L-031",
        "A confirmation is for one fulfilment centre, one vendor code and one day; the day is one field.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-07",),
        "purchase orders of two fulfilment centres",
        one_place,
        needs=("orders",),
    ),
    Rule(
        "L-032",
        "The ship date is at most 7 days before, or 2 after, the submission; better not in the future.",
        _CONFIRMATION,
        (E_SURE, W_CONTRADICTED),
        ("ASN-04", "ASN-24", "U-04"),
        "9 days ago; tomorrow",
        shipped_date,
        needs=("now",),
    ),
    Rule(
        "L-034",
        "There is an estimated delivery date, and it is not before the ship date.",
        _CONFIRMATION,
        (E_SURE, W_INFERRED),
        ("ASN-05", "ASN-24"),
        "one day before the ship date",
        delivery_date,
        regions=TABLES,
    ),
    Rule(
        "L-035",
        "The goods arrive in the delivery window (freight prepaid), or leave in the ship window (Collect).",
        _CONFIRMATION,
        (W_SURE,),
        ("PO-08",),
        "two days late",
        windows,
        needs=("orders", "freight"),
    ),
    Rule(
        "L-036",
        "An Original is sent within 30 minutes after the goods left.",
        _CONFIRMATION,
        (W_SURE,),
        ("ASN-02",),
        "3 hours later",
        late_notice,
        needs=("now",),
    ),
    Rule(
        "L-037",
        "There is a bill of lading number: in Europe always, in North America for truck loads.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-20",),
        "no number",
        bill_of_lading,
        regions=frozenset({RuleRegion.NA, RuleRegion.EU}),
        needs=("shipment_type",),
    ),
    Rule(
        "L-038",
        "A bill of lading number has 8 to 30 characters, no blank, is no date, and is of one load.",
        _CONFIRMATION,
        (W_CONTRADICTED,),
        ("ASN-40",),
        "20261129",
        bill_number,
        needs=("history",),
    ),
    Rule(
        "L-040",
        "There is a PRO number (North America, India), and a SCAC of 2 to 4 letters (North America).",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-21", "ASN-22"),
        "UPSN - UNITED PARCEL",
        carrier,
        # the table of Europe, which is that of all others, has neither
        regions=frozenset({RuleRegion.NA, RuleRegion.IN}),
    ),
    Rule(
        "L-042",
        "There is Amazon's reference number (ARN) where Amazon pays the freight.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-23",),
        "no ARN",
        amazon_reference,
        regions=TABLES,
        needs=("freight",),
    ),
    Rule(
        "L-043",
        "The counts are those of the cartons and pallets; in Europe parcels have 0 pallets.",
        _CONFIRMATION,
        (W_CONTRADICTED,),
        ("ASN-25", "ASN-26", "U-03"),
        "30 for 28 cartons",
        counts,
        regions=TABLES,
    ),
    Rule(
        "L-045",
        "The sender has postal code and country.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-29",),
        "a code alone",
        ship_from,
        regions=TABLES,
    ),
)
