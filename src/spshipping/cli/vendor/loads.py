"""Cartons and pallets in a packing file: read, and written with the codes that were issued."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from spshipping.cli.vendor.fields import Fields
from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn import (
    ContainerCode,
    Content,
    LineKey,
    Load,
    Lot,
    Mass,
    PackedCarton,
    PackedPallet,
    Size,
)
from spshipping.vendor.shipments import ContainerIdentificationType
from spshipping.vendor.sscc import Sscc

LOAD = ("cartons", "pallets")
_CONTENT = ("order", "line", "amount", "lot", "weight")
_LOT = ("number", "expires", "made", "keeps_days", "keeps_months")
_CARTON = ("contents", "codes", "tracking_number", "size", "weight")
_PALLET = ("cartons", "contents", "codes", "tiers", "cartons_in_tier", "size", "weight")


def read_load(fields: Fields) -> Load | None:
    """Read cartons and pallets; None where there are none."""
    cartons = tuple(map(_carton, fields.each("cartons", _CARTON)))
    pallets = tuple(map(_pallet, fields.each("pallets", _PALLET)))
    return Load(cartons=cartons, pallets=pallets) if cartons or pallets else None


def _carton(fields: Fields) -> PackedCarton:
    return PackedCarton(
        contents=_contents(fields),
        codes=_codes(fields),
        tracking_number=fields.text("tracking_number"),
        size=read_size(fields, "size"),
        weight=read_mass(fields, "weight"),
    )


def _pallet(fields: Fields) -> PackedPallet:
    return PackedPallet(
        cartons=tuple(map(_carton, fields.each("cartons", _CARTON))),
        contents=_contents(fields),
        codes=_codes(fields),
        tiers=fields.whole("tiers"),
        cartons_in_tier=fields.whole("cartons_in_tier"),
        size=read_size(fields, "size"),
        weight=read_mass(fields, "weight"),
    )


def _contents(fields: Fields) -> tuple[Content, ...]:
    found = []
    for each in fields.each("contents", _CONTENT):
        amount = each.whole("amount")
        if amount is None:
            raise InvalidRequestError(
                "is missing: how much of it, in the unit of its line", path=each.at("amount")
            )
        line = LineKey(
            each.needed("order", "the number of a purchase order"),
            each.needed("line", "the number of a line, as text"),
        )
        found.append(Content(line=line, amount=amount, lot=_lot(each), weight=read_mass(each, "weight")))
    return tuple(found)


def _lot(fields: Fields) -> Lot | None:
    lot = fields.inside("lot", _LOT)
    if lot is None:
        return None
    return Lot(
        number=lot.text("number"),
        expires=lot.day("expires"),
        made=lot.day("made"),
        keeps_days=lot.whole("keeps_days"),
        keeps_months=lot.whole("keeps_months"),
    )


def _codes(fields: Fields) -> tuple[Sscc | ContainerCode, ...]:
    found: list[Sscc | ContainerCode] = []
    for each in fields.each("codes", ("type", "number")):
        kind = ContainerIdentificationType(each.text("type") or ContainerIdentificationType.SSCC.value)
        number = each.needed("number", "the digits of the code")
        if not kind.is_known:
            known = ", ".join(member.value for member in ContainerIdentificationType)
            raise InvalidRequestError(f"is one of {known}", path=each.at("type"))
        if kind is not ContainerIdentificationType.SSCC:
            found.append(ContainerCode(kind, number))
            continue
        try:
            found.append(Sscc.read(number))
        except InvalidRequestError as error:
            raise InvalidRequestError(error.message, path=each.at("number")) from None
    return tuple(found)


def read_size(fields: Fields, name: str) -> Size | None:
    """Read a size: length, width, height and unit."""
    size = fields.inside(name, ("length", "width", "height", "unit"))
    if size is None:
        return None
    length, width, height = (size.number(each) for each in ("length", "width", "height"))
    try:
        return Size.of(length, width, height, size.needed("unit", "such as cm or in"))
    except InvalidRequestError as error:
        raise InvalidRequestError(error.message, path=size.at(error.path or "")) from None


def read_mass(fields: Fields, name: str) -> Mass | None:
    """Read a weight: value and unit."""
    mass = fields.inside(name, ("value", "unit"))
    if mass is None:
        return None
    try:
        return Mass.of(mass.number("value"), mass.needed("unit", "such as kg or lb"))
    except InvalidRequestError as error:
        raise InvalidRequestError(error.message, path=mass.at(error.path or "")) from None


def written_load(load: Load) -> dict[str, Any]:
    """Return cartons and pallets as a packing file has them."""
    found: dict[str, Any] = _without_none(
        {
            "cartons": [_written_carton(each) for each in load.cartons] or None,
            "pallets": [
                {
                    "cartons": [_written_carton(carton) for carton in each.cartons] or None,
                    "contents": _written_contents(each.contents) or None,
                    "codes": _written_codes(each.codes),
                    "tiers": each.tiers,
                    "cartons_in_tier": each.cartons_in_tier,
                    "size": _written_size(each.size),
                    "weight": _written_mass(each.weight),
                }
                for each in load.pallets
            ]
            or None,
        }
    )
    return found


def _written_carton(carton: PackedCarton) -> dict[str, Any]:
    return {
        "contents": _written_contents(carton.contents),
        "codes": _written_codes(carton.codes),
        "tracking_number": carton.tracking_number,
        "size": _written_size(carton.size),
        "weight": _written_mass(carton.weight),
    }


def _written_contents(contents: Iterable[Content]) -> list[dict[str, Any]]:
    return [
        {
            "order": each.line.purchase_order_number,
            "line": each.line.item_sequence_number,
            "amount": each.amount,
            "lot": _written_lot(each.lot),
            "weight": _written_mass(each.weight),
        }
        for each in contents
    ]


def _written_lot(lot: Lot | None) -> dict[str, Any] | None:
    if lot is None:
        return None
    return {
        "number": lot.number,
        "expires": _written_day(lot.expires),
        "made": _written_day(lot.made),
        "keeps_days": lot.keeps_days,
        "keeps_months": lot.keeps_months,
    }


def _written_day(day: date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def _written_codes(codes: Iterable[Sscc | ContainerCode]) -> list[dict[str, str]]:
    return [
        {"type": ContainerIdentificationType.SSCC.value, "number": code.digits}
        if isinstance(code, Sscc)
        else {"type": code.type.value, "number": code.number}
        for code in codes
    ]


def _written_size(size: Size | None) -> dict[str, Any] | None:
    if size is None:
        return None
    return {"length": size.length, "width": size.width, "height": size.height, "unit": size.unit.value}


def _written_mass(mass: Mass | None) -> dict[str, Any] | None:
    return None if mass is None else {"value": mass.value, "unit": mass.unit.value}


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(each) for name, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value
