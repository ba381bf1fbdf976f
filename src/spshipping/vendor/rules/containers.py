"""Rules about cartons and pallets: their codes, their measures, and what holds what."""

from collections.abc import Iterator
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.rules.packing import ConfirmationView, Container, number_in, refers_to_cartons
from spshipping.vendor.rules.quantities import known
from spshipping.vendor.rules.rule import (
    E_SURE,
    W_CONTRADICTED,
    W_INFERRED,
    W_REPORTED,
    DocumentKind,
    Fault,
    Rule,
    RuleRegion,
    ShipmentKind,
)
from spshipping.vendor.shipments.models.confirmations import ShipmentStructure, ShipmentType
from spshipping.vendor.shipments.models.items import ContainerIdentificationType
from spshipping.vendor.sscc.code import APPLICATION_IDENTIFIER, check_digit
from spshipping.vendor.sscc.serials import REUSE_AFTER

_SSCC, _AMZNCC = ContainerIdentificationType.SSCC, ContainerIdentificationType.AMZNCC
_GTIN_LENGTHS = (8, 12, 13, 14)
_MOST_ORDERS = 5


def codes_of(container: Container, *kinds: ContainerIdentificationType) -> list[tuple[str, str]]:
    """Return the codes of these kinds that a container has, each with its path."""
    name = "pallet_identifiers" if container.is_pallet else "carton_identifiers"
    return [
        (
            f"{container.path}.{name}[{index}].container_identification_number",
            each.container_identification_number,
        )
        for index, each in enumerate(container.identifiers)
        if each.container_identification_type in kinds
    ]


def sscc_digits(number: str) -> str:
    """Return the 18 digits of an SSCC, without the 00 before them and without marks; other text as it is."""
    text = number.replace(" ", "").replace("(", "").replace(")", "")
    is_whole = len(text) == 20 and text.startswith(APPLICATION_IDENTIFIER)
    return text[2:] if is_whole else text


def missing_codes(view: ConfirmationView) -> Iterator[Fault]:
    """Find cartons and pallets without a code."""
    if view.context.is_single_box:
        return
    for container in view.containers:
        if not codes_of(container, _SSCC, _AMZNCC):
            name = "pallet_identifiers" if container.is_pallet else "carton_identifiers"
            yield Fault(
                f"{container.path}.{name}",
                "has no SSCC",
                "give it one: spshipping.vendor.sscc issues them",
                1 if container.is_pallet else 0,
            )


def _is_right(digits: str) -> bool:
    try:
        return len(digits) == 18 and check_digit(digits[:-1]) == digits[-1]
    except InvalidRequestError:
        return False


def wrong_codes(view: ConfirmationView) -> Iterator[Fault]:
    """Find codes that are no SSCC."""
    for container in view.containers:
        for path, number in codes_of(container, _SSCC):
            digits = sscc_digits(number)
            if not _is_right(digits):
                is_own = any(digits[1 : 1 + len(each)] == each for each in view.context.own_prefixes)
                yield Fault(
                    path,
                    "is no SSCC: it has not 18 digits, or a wrong check digit",
                    "send what is on the label: 00, then 18 digits of which the last is the check digit",
                    0 if is_own else 1,
                )


def repeated_codes(view: ConfirmationView) -> Iterator[Fault]:
    """Find codes that are on two containers, or were used within a year."""
    history, now = view.context.history, view.context.now
    used = {sscc_digits(code): known(at) for code, at in ((history and history.sscc_shipped) or {}).items()}
    own: set[str] = set()
    for sent in view.earlier():
        codes = _all_codes(ConfirmationView(sent.document, view.context))
        if sent.document.shipment_identifier == view.document.shipment_identifier:
            own.update(codes)
        else:
            used.update(dict.fromkeys(codes, sent.at))
    for other in view.beside:
        used.update(dict.fromkeys(_all_codes(ConfirmationView(other, view.context)), now))
    seen = set()
    for container in view.containers:
        for path, number in codes_of(container, _SSCC):
            digits = sscc_digits(number)
            at = used.get(digits)
            if digits in seen:
                yield Fault(path, "is on two containers", "give each container a code of its own")
            elif digits not in own and at is not None and now is not None and now - at <= REUSE_AFTER:
                yield Fault(path, f"was used within {REUSE_AFTER.days} days", "issue another one")
            seen.add(digits)


def _all_codes(view: ConfirmationView) -> list[str]:
    return [sscc_digits(code) for each in view.containers for _, code in codes_of(each, _SSCC)]


def amazon_codes(view: ConfirmationView) -> Iterator[Fault]:
    """Find AMZNCC numbers that Amazon can hardly have made."""
    has_sscc = any(codes_of(each, _SSCC) for each in view.containers)
    made = view.context.amazon_codes
    for container in view.containers:
        for path, number in codes_of(container, _AMZNCC):
            if number not in made if made is not None else has_sscc:
                yield Fault(
                    path,
                    "is not known to be a number that Amazon made",
                    "use your own SSCC, or the number that Vendor Central shows",
                )


def trade_numbers(view: ConfirmationView) -> Iterator[Fault]:
    """Find GTINs with a wrong check digit, and on parcels."""
    is_parcel = ShipmentKind.SMALL_PARCEL in view.kinds
    for container in view.containers:
        for path, number in codes_of(container, ContainerIdentificationType.GTIN):
            if len(number) not in _GTIN_LENGTHS or not (number.isascii() and number.isdigit()):
                yield Fault(path, "is no GTIN", "state the 14 digits of the case")
            elif check_digit(number[:-1]) != number[-1]:
                yield Fault(path, "has a wrong check digit", "correct it")
            elif is_parcel:
                yield Fault(path, "is a GTIN on a parcel", "use an SSCC")


def parcels(view: ConfirmationView) -> Iterator[Fault]:
    """Find parcels without a tracking number, and pallets among them."""
    for path, carton in view.cartons():
        if not (carton.tracking_number or "").strip():
            yield Fault(f"{path}.tracking_number", "is missing on a parcel", "state the carrier's number")
    if view.document.pallets:
        yield Fault(f"{view.prefix}pallets", "are in a shipment of parcels", "leave them out", 1)


def on_pallets(view: ConfirmationView) -> Iterator[Fault]:
    """Find cartons that are on no pallet or on two, and references that do not agree."""
    there = {carton.carton_sequence_number.strip() for _, carton in view.cartons()}
    places: dict[str, int] = {}
    for path, pallet in view.pallets():
        found = pallet.carton_reference_details
        names = [each.strip() for each in (found.carton_reference_numbers if found else None) or ()]
        path = f"{path}.carton_reference_details"
        if found is not None and found.carton_count not in (None, len(names)):
            yield Fault(f"{path}.carton_count", "is not the number of references", "count them again")
        for index, name in enumerate(names):
            places[name] = places.get(name, 0) + 1
            each = f"{path}.carton_reference_numbers[{index}]"
            if name not in there:
                yield Fault(each, "names no carton", "use the carton_sequence_number of a carton")
            elif places[name] > 1:
                yield Fault(each, "names a carton that is on a pallet already", "name each carton once")
    for path, carton in view.cartons():
        if carton.carton_sequence_number.strip() not in places:
            yield Fault(f"{path}.carton_sequence_number", "is on no pallet", "name it in one of them")


class _Form(NamedTuple):
    has_pallets: bool
    has_cartons: bool
    has_one_item: bool = False
    """In each carton, and the same quantity in each carton of the item."""


_FORMS = {
    ShipmentStructure.PALLETIZED_ASSORTMENT_CASE: _Form(True, True),
    ShipmentStructure.PALLETIZED_STANDARD_CASE: _Form(True, True, True),
    ShipmentStructure.PALLET_OF_ITEMS: _Form(True, False),
    ShipmentStructure.LOOSE_ASSORTMENT_CASE: _Form(False, True),
    ShipmentStructure.LOOSE_STANDARD_CASE: _Form(False, True, True),
    ShipmentStructure.MASTER_PALLET: _Form(True, False),
    ShipmentStructure.MASTER_CASE: _Form(False, True),
}


def structure(view: ConfirmationView) -> Iterator[Fault]:
    """Find a structure that is not that of the containers."""
    stated, document = view.document.shipment_structure, view.document
    form = _FORMS.get(stated) if stated is not None else None
    if form is None or view.context.is_single_box:
        return
    path = f"{view.prefix}shipment_structure"
    remedy = "state the structure that the cartons and pallets have"
    if bool(document.pallets) != form.has_pallets or bool(document.cartons) != form.has_cartons:
        yield Fault(path, "is not that of the cartons and pallets", remedy)
    elif form.has_pallets and any(
        refers_to_cartons(each) is not form.has_cartons for _, each in view.pallets()
    ):
        yield Fault(path, "is not that of what is on the pallets", remedy)
    elif form.has_one_item and not _is_standard(view):
        yield Fault(path, "says that each carton holds one item, in equal quantities", remedy)
    if view.shipment_type == ShipmentType.SMALL_PARCEL and form.has_pallets:
        yield Fault(path, "has pallets, and the shipment is of parcels", remedy)


def _is_standard(view: ConfirmationView) -> bool:
    quantities: dict[str, int] = {}
    for _, carton in view.cartons():
        names = {part.item_reference.strip() for part in carton.items}
        amount = sum(part.shipped_quantity.amount for part in carton.items)
        if len(names) != 1 or quantities.setdefault(names.pop(), amount) != amount:
            return False
    return True


def sequence_numbers(view: ConfirmationView) -> Iterator[Fault]:
    """Find cartons of one number."""
    seen = set()
    for path, carton in view.cartons():
        number = carton.carton_sequence_number.strip()
        if number in seen:
            yield Fault(f"{path}.carton_sequence_number", "is used twice", "number the cartons 001, 002, ...")
        seen.add(number)


def carton_orders(view: ConfirmationView) -> Iterator[Fault]:
    """Find cartons with goods of many purchase orders."""
    items = {item.item_sequence_number.strip(): item for _, item in view.items()}
    for container in view.containers:
        numbers = set()
        for part in container.items:
            item = items.get(part.item_reference.strip())
            of_item = None if item is None else number_in(item.item_details)
            numbers.add(number_in(part.item_details) or of_item)
        if not container.is_pallet and len(numbers - {None}) > _MOST_ORDERS:
            yield Fault(
                f"{container.path}.items",
                f"are of more than {_MOST_ORDERS} purchase orders",
                "pack fewer purchase orders into a carton",
            )


_CONFIRMATION = (DocumentKind.CONFIRMATION,)
_PARCELS = frozenset({ShipmentKind.SMALL_PARCEL})
CONTAINER_ROWS = (
    Rule(
        "L-053",
        "Each carton and pallet has an SSCC, or a number that Amazon made for it.",
        _CONFIRMATION,
        (W_CONTRADICTED, W_CONTRADICTED),
        ("ASN-31", "LBL-09"),
        "a carton without one",
        missing_codes,
        regions=frozenset({RuleRegion.NA, RuleRegion.EU}),
    ),
    Rule(
        "L-055",
        "An SSCC has 18 digits, or 00 and 18, and the right check digit; strict for your own prefixes.",
        _CONFIRMATION,
        (E_SURE, W_CONTRADICTED),
        ("SSCC-01", "SSCC-06", "ASN-60", "ASN-61", "U-01", "U-12"),
        "17 digits; a last digit of 3 where it must be 0",
        wrong_codes,
        needs=("own_prefixes",),
    ),
    Rule(
        "L-057",
        "An SSCC is on one container, and on no other within 365 days.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-61", "SSCC-08"),
        "carton and pallet with the same one",
        repeated_codes,
        needs=("now", "history"),
    ),
    Rule(
        "L-058",
        "An AMZNCC is a number that Amazon made.",
        _CONFIRMATION,
        (W_CONTRADICTED,),
        ("ASN-63",),
        "one beside SSCCs",
        amazon_codes,
    ),
    Rule(
        "L-059",
        "A GTIN has the right check digit, and is on no parcel.",
        _CONFIRMATION,
        (W_REPORTED,),
        ("ASN-64",),
        "a parcel with a GTIN",
        trade_numbers,
    ),
    Rule(
        "L-060",
        "Each parcel has a tracking number, and there are no pallets among them.",
        _CONFIRMATION,
        (E_SURE, W_INFERRED),
        ("ASN-66", "ASN-77"),
        "a parcel without one",
        parcels,
        kinds=_PARCELS,
    ),
    Rule(
        "L-062",
        "Each carton is on one pallet, and the count is that of the references.",
        _CONFIRMATION,
        (W_INFERRED,),
        ("ASN-67",),
        "carton 003 on two pallets",
        on_pallets,
        kinds=frozenset({ShipmentKind.PALLETISED}),
    ),
    Rule(
        "L-064",
        "The structure is that of the cartons and pallets.",
        _CONFIRMATION,
        (W_INFERRED,),
        ("ASN-70", "ASN-71", "ASN-72", "ASN-73", "ASN-74", "ASN-75", "ASN-76", "ASN-77"),
        "PalletOfItems with cartons",
        structure,
    ),
    Rule(
        "L-065",
        "Each carton has a sequence number of its own.",
        _CONFIRMATION,
        (E_SURE,),
        ("ASN-66",),
        "001 twice, once with a blank before it",
        sequence_numbers,
    ),
    Rule(
        "L-076",
        "A carton holds goods of at most five purchase orders.",
        _CONFIRMATION,
        (W_CONTRADICTED,),
        ("ASN-48",),
        "six",
        carton_orders,
        regions=frozenset({RuleRegion.NA}),
    ),
)
