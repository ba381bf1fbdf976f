"""Fills cartons with full cases of what was accepted, and says what is left over."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.measures import Mass, Size
from spshipping.vendor.asn.open_lines import OpenLine
from spshipping.vendor.asn.packed import Content, LineKey, Load, PackedCarton, PackedPallet


class Case(NamedTuple):
    """How a product is packed: as it leaves your warehouse, one case in a carton."""

    pieces: int
    """How many pieces are in a full case."""
    size: Size | None = None
    weight: Mass | None = None


class Loose(NamedTuple):
    """What fills no case: pack it yourself, into a carton of its own or with others."""

    line: LineKey
    amount: int
    """In the unit of the line."""


class Filled(NamedTuple):
    """Cartons of full cases, and what is left over."""

    cartons: tuple[PackedCarton, ...]
    loose: tuple[Loose, ...]


def fill_cartons(
    lines: Iterable[OpenLine], cases: Mapping[str, Case] | None = None, *, back_orders: bool = False
) -> Filled:
    """Fill cartons with full cases of what is to be shipped; a carton holds one case of one line.

    A line in cases needs nothing more: each case is a carton. A line in pieces needs the size of its case in
    *cases*; without, all of it is left over. Perishable goods, and what is sold by weight, need a lot and a
    weight in each `Content`: pack those yourself, or replace the contents.

    Args:
        lines: from `open_lines`; choose those that you want to ship.
        cases: how products are packed, by ASIN or by your own identifier.
        back_orders: also what was promised for later.

    Raises:
        InvalidRequestError: a case holds less than one piece, or differs from the case that the order states.
    """
    cartons: list[PackedCarton] = []
    loose: list[Loose] = []
    for line in lines:
        case = _case_of(line, cases or {})
        amount = line.most if back_orders else line.ready
        each = 1 if line.is_cases else case.pieces if case else 0
        full, rest = divmod(amount, each) if each else (0, amount)
        carton = PackedCarton(
            contents=(Content(line=line.key, amount=each),),
            size=case.size if case else None,
            weight=case.weight if case else None,
        )
        cartons += [carton] * full
        if rest:
            loose.append(Loose(line.key, rest))
    return Filled(tuple(cartons), tuple(loose))


def _case_of(line: OpenLine, cases: Mapping[str, Case]) -> Case | None:
    names = (line.vendor_product_identifier, line.amazon_product_identifier)
    name = next((name for name in names if name in cases), None)
    if name is None:
        return None
    case = cases[name]
    if type(case.pieces) is not int or case.pieces < 1:
        raise InvalidRequestError("holds at least one piece", path=f"cases[{name!r}].pieces")
    if line.case_size not in (None, case.pieces):
        raise InvalidRequestError(
            f"is not {line.case_size}, as {line.key.purchase_order_number} states",
            path=f"cases[{name!r}].pieces",
        )
    return case


def stack(
    cartons: Iterable[PackedCarton], most: int, *, size: Size | None = None, weight: Mass | None = None
) -> Load:
    """Put cartons on pallets, in their order, at most *most* on each.

    Args:
        cartons: what is packed.
        most: how many cartons a pallet takes.
        size: the size of a loaded pallet.
        weight: the weight of a loaded pallet.

    Raises:
        InvalidRequestError: a pallet takes no carton.
    """
    if type(most) is not int or most < 1:
        raise InvalidRequestError("is a whole number above 0", path="most")
    packed = tuple(cartons)
    return Load(
        pallets=tuple(
            PackedPallet(cartons=packed[start : start + most], size=size, weight=weight)
            for start in range(0, len(packed), most)
        )
    )
