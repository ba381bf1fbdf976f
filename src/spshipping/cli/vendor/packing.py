"""A packing file: how a shipment travels, and what is in its cartons and on its pallets."""

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from spshipping.cli.vendor.fields import Fields
from spshipping.cli.vendor.loads import LOAD, read_load, read_mass, read_size
from spshipping.cli.vendor.office import read_file
from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.vendor.asn import (
    Case,
    Content,
    Dispatch,
    Load,
    Loose,
    OpenLine,
    PackedCarton,
    Size,
    fill_cartons,
    stack,
)
from spshipping.vendor.shipments import (
    ImportDetails,
    PartyIdentification,
    ShipmentFreightTerm,
    ShipmentStructure,
    ShipmentType,
    TransportationMode,
)
from spshipping.wire.enums import OpenEnum
from spshipping.wire.text import parse, write

_DISPATCH = (
    "identifier",
    "shipment_type",
    "shipped_at",
    "arrives_at",
    "bill_of_lading",
    "pro_number",
    "carrier_scac",
    "amazon_reference_number",
    "mode",
    "structure",
    "import_details",
)
_FILE = (*_DISPATCH, "freight", "ship_from", "gs1_prefix", "perishable", "fill", *LOAD)
_FILL = (
    "orders",
    "cases",
    "pieces_in_carton",
    "cartons_on_pallet",
    "pallet_size",
    "back_orders",
)
_CASE = ("pieces", "size", "weight")
E = TypeVar("E", bound=OpenEnum)


class Fill(NamedTuple):
    """Cartons that are filled with what was accepted and not shipped."""

    orders: tuple[str, ...]
    cases: dict[str, Case]
    pieces_in_carton: int | None
    cartons_on_pallet: int | None
    pallet_size: Size | None
    has_back_orders: bool

    def load(self, lines: Sequence[OpenLine]) -> Load:
        """Fill cartons, and put them on pallets.

        Raises:
            InvalidRequestError: nothing is left to be shipped, or something fills no case.
        """
        filled = fill_cartons(lines, self.cases, back_orders=self.has_back_orders)
        cartons = [*filled.cartons, *self._with_loose(filled.loose)]
        if not cartons:
            raise InvalidRequestError("nothing that was accepted is left to be shipped", path="fill.orders")
        if self.cartons_on_pallet is None:
            return Load(cartons=tuple(cartons))
        return stack(cartons, self.cartons_on_pallet, size=self.pallet_size)

    def _with_loose(self, loose: Sequence[Loose]) -> Iterable[PackedCarton]:
        """Yield cartons with what fills no case, as many pieces in each as it may hold."""
        if not loose:
            return
        most = self.pieces_in_carton
        if most is None:
            first = loose[0]
            raise InvalidRequestError(
                f"{first.amount} of line {first.line.item_sequence_number} of"
                f" {first.line.purchase_order_number} fill no case: state the case of the product in `cases`,"
                " or pieces_in_carton",
                path="fill",
            )
        inside: list[Content] = []
        room = most
        for each in loose:
            left = each.amount
            while left:
                amount = min(left, room)
                inside.append(Content(line=each.line, amount=amount))
                left, room = left - amount, room - amount
                if not room:
                    yield PackedCarton(contents=tuple(inside))
                    inside, room = [], most
        if inside:
            yield PackedCarton(contents=tuple(inside))


class PackingFile(NamedTuple):
    """What a packing file says, with what its template says beside."""

    dispatch: Dispatch
    freight: ShipmentFreightTerm | None
    ship_from: PartyIdentification
    gs1_prefix: str | None
    perishable: frozenset[str] | None
    packed: Load | None
    """None where it is to be filled."""
    fill: Fill | None
    digest: str
    """What is compared to find out whether two files describe the same shipment."""
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path, template: Path | None) -> Self:
        """Read a packing file, and take what it does not say from a template; each is JSON or TOML.

        Raises:
            ConfigurationError: a file cannot be read.
            InvalidRequestError: something in it is missing or wrong, and where.
        """
        data = _object_of(path)
        # a shipment as it was prepared, perhaps with less in it, for a replacement
        data = data["packing"] if isinstance(data.get("packing"), dict) else data
        return cls.of({**(_object_of(template) if template else {}), **data})

    @classmethod
    def of(cls, data: dict[str, Any]) -> Self:
        """Read what a packing file says.

        Raises:
            InvalidRequestError: something in it is missing or wrong, and where.
        """
        fields = Fields(data, "", _FILE)
        fill, packed = _fill(fields), read_load(fields)
        if (fill is None) is (packed is None):
            raise InvalidRequestError("a packing file has either cartons or pallets, or `fill`", path="fill")
        ship_from = fields.model("ship_from", PartyIdentification)
        if ship_from is None:
            raise InvalidRequestError("is missing: where the goods leave from", path="ship_from")
        perishable = frozenset(fields.texts("perishable")) if "perishable" in fields else None
        return cls(
            dispatch=_dispatch(fields),
            freight=_member(fields, "freight", ShipmentFreightTerm),
            ship_from=ship_from,
            gs1_prefix=fields.text("gs1_prefix"),
            perishable=perishable,
            packed=packed,
            fill=fill,
            digest=hashlib.sha256(write(_sorted(data)).encode("utf-8", "surrogatepass")).hexdigest(),
            data=data,
        )

    @property
    def orders(self) -> tuple[str, ...]:
        """The numbers of the purchase orders that it is about, each once."""
        if self.fill is not None:
            return self.fill.orders
        assert self.packed is not None  # noqa: S101 - it has one of the two
        numbers = (content.line.purchase_order_number for content in self.packed.contents())
        return tuple(dict.fromkeys(numbers))


def _object_of(path: Path) -> dict[str, Any]:
    data, is_toml = read_file(path), path.suffix.lower() == ".toml"
    try:
        found = _plain(tomllib.loads(data.decode(), parse_float=Decimal)) if is_toml else parse(data)
    except (DecodeError, ValueError, RecursionError):
        raise InvalidRequestError(f"is no {'TOML' if is_toml else 'JSON'}", path=path.name) from None
    if not isinstance(found, dict):
        raise InvalidRequestError("is no object", path=path.name)
    return found


def _plain(value: Any) -> Any:
    """Return a value of TOML as JSON has it: dates and times as text."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def _dispatch(fields: Fields) -> Dispatch:
    shipment_type = _member(fields, "shipment_type", ShipmentType)
    shipped_at, arrives_at = fields.time("shipped_at"), fields.time("arrives_at")
    if shipment_type is None or shipped_at is None or arrives_at is None:
        missing = [name for name in ("shipment_type", "shipped_at", "arrives_at") if name not in fields]
        raise InvalidRequestError("is missing", path=", ".join(missing))
    return Dispatch(
        identifier=fields.needed("identifier", "your own for this shipment, which you never used before"),
        shipment_type=shipment_type,
        shipped_at=shipped_at,
        arrives_at=arrives_at,
        bill_of_lading=fields.text("bill_of_lading"),
        pro_number=fields.text("pro_number"),
        carrier_scac=fields.text("carrier_scac"),
        amazon_reference_number=fields.text("amazon_reference_number"),
        mode=_member(fields, "mode", TransportationMode),
        structure=_member(fields, "structure", ShipmentStructure),
        import_details=fields.model("import_details", ImportDetails),
    )


def _member(fields: Fields, name: str, type_: type[E]) -> E | None:
    text = fields.text(name)
    if text is None:
        return None
    found = type_(text)
    if not found.is_known:
        raise InvalidRequestError(f"is one of {', '.join(each.value for each in type_)}", path=name)
    return found


def _fill(fields: Fields) -> Fill | None:
    inside = fields.inside("fill", _FILL)
    if inside is None:
        return None
    orders = tuple(dict.fromkeys(inside.texts("orders")))
    if not orders:
        raise InvalidRequestError("is missing: the numbers of purchase orders", path=inside.at("orders"))
    cases = {}
    for product, case in inside.names("cases", _CASE):
        pieces = case.whole("pieces")
        if pieces is None:
            raise InvalidRequestError("is missing: how many are in a full case", path=case.at("pieces"))
        cases[product] = Case(pieces, read_size(case, "size"), read_mass(case, "weight"))
    return Fill(
        orders,
        cases,
        inside.whole("pieces_in_carton"),
        inside.whole("cartons_on_pallet"),
        read_size(inside, "pallet_size"),
        inside.flag("back_orders"),
    )
