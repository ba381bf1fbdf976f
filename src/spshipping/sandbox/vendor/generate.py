"""Generates purchase orders from a seed; the same seed and start give the same orders."""

import dataclasses
from decimal import Decimal
from functools import cache
from random import Random
from typing import NamedTuple

from spshipping.sandbox.clock import DAY, HOUR, MINUTE
from spshipping.sandbox.vendor.record import Line, PurchaseOrder, QuantityChange

CODES = ("SBX01", "SBX02")
"""The vendor codes of every vendor group: one authorization mixes both."""
CENTERS = ("PHX3", "TUS1", "RNO1", "ABE2", "MKC6")
"""Fulfilment centres that stand in Amazon's own examples."""
CURRENCY = "USD"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_KINDS = ("RegularOrder", "RushOrder", "NewProductIntroduction", "ConsignedOrder")
_KIND_WEIGHTS = (88, 5, 5, 2)
_PRODUCTS = 60
_SEVEN_O_CLOCK = 7 * HOUR  # midnight in Seattle in summer


@dataclasses.dataclass(frozen=True)
class PurchaseOrderSupply:
    """How many purchase orders each vendor has, at what rate new ones are placed, and how Amazon works."""

    count: int = 300
    """How many there are when the sandbox starts."""
    seed: int = 0
    days: float = 182.0
    """Over how many days they were placed; new ones are placed at the same rate."""
    answered: float = 2.0
    """Those that are older than so many days at the start were acknowledged, and are received in time."""
    late: float = 300.0
    """Seconds until the APIs return a new purchase order, at most."""
    processing: float = 600.0
    """Seconds that Amazon works on a submission."""
    lost: float = 0.0
    """The share of submissions that are never worked on: their transaction stays `Processing`."""
    has_success: bool = True
    """Whether shipment confirmations and requests reach `Success`: not so in the Far East."""


class Product(NamedTuple):
    """Something that Amazon orders."""

    asin: str
    vendor_id: str
    cost: Decimal
    unit: str
    unit_size: int
    is_book: bool


def _ean(digits: str) -> str:
    """Add the check digit to twelve digits."""
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


@cache
def _products(seed: str) -> tuple[Product, ...]:
    chance = Random(f"{seed}/products")  # noqa: S311 - not for secrets
    return tuple(_product(chance) for _ in range(_PRODUCTS))


def _product(chance: Random) -> Product:
    is_case = chance.random() < 0.5
    return Product(
        asin="B0" + "".join(chance.choices(_LETTERS, k=8)),
        vendor_id=_ean(f"952123{chance.randrange(10**6):06d}"),
        cost=Decimal(chance.randint(150, 20000)).scaleb(-2),
        unit="Cases" if is_case else "Eaches",
        unit_size=chance.choice((4, 6, 12, 24)) if is_case else 1,
        is_book=chance.random() < 0.05,
    )


def created_at(supply: PurchaseOrderSupply, start: int, index: int) -> int:
    """Return when the purchase order of this index is placed; it increases with the index."""
    interval = supply.days * DAY / max(1, supply.count)
    part = (index * 2654435761 % 2**32) / 2**32  # evenly distributed
    return start + int((index - supply.count + part) * interval)


def generate(supply: PurchaseOrderSupply, seed: str, index: int, created: int) -> PurchaseOrder:
    """Return the purchase order of this index, as it is when it is placed."""
    chance = Random(f"{seed}/{index}")  # noqa: S311 - not for secrets
    kind = chance.choices(_KINDS, _KIND_WEIGHTS)[0]
    is_import = chance.random() < 0.08
    days = 1 if kind == "RushOrder" else chance.randint(2, 5)
    first = created - created % DAY + days * DAY + _SEVEN_O_CLOCK
    return PurchaseOrder(
        number=_number(chance, index),
        index=index,
        vendor_code=chance.choices(CODES, (3, 1))[0],
        center=chance.choice(CENTERS),
        created=created,
        available=created + int(chance.random() * supply.late),
        kind=kind,
        payment="Consignment" if kind == "ConsignedOrder" else "Invoice",
        is_collect=chance.random() < 0.6,
        is_import=is_import,
        deal=f"DEAL{chance.randrange(1000):03d}" if chance.random() < 0.1 else None,
        window=(first, first + chance.randint(3, 8) * DAY),
        lines=_lines(chance, seed, created),
    )


def _number(chance: Random, index: int) -> str:
    """Return a number of eight letters and digits that no other index has."""
    digits = ""
    for _ in range(4):
        index, digit = divmod(index, len(_LETTERS))
        digits += _LETTERS[digit]
    return "".join(chance.choices(_LETTERS, k=4)) + digits


def _lines(chance: Random, seed: str, created: int) -> list[Line]:
    is_padded = chance.random() < 0.2
    products = chance.sample(_products(seed), chance.choices((1, 3, 8, 20, 40), (20, 40, 25, 10, 5))[0])
    return [
        Line(
            number=f"{number:05d}" if is_padded else str(number),
            asin=product.asin,
            vendor_id=product.vendor_id,
            cost=None if product.is_book else product.cost,
            list_price=product.cost * 2 if product.is_book or chance.random() < 0.3 else None,
            unit=product.unit,
            unit_size=product.unit_size,
            allows_back_order=chance.random() < 0.5,
            changes=[QuantityChange(created, chance.choice((1, 2, 5, 10, 24, 60)), 0)],
        )
        for number, product in enumerate(products, 1)
    ]


CHANGES = ("quantity", "line", "window", "order")
"""What Amazon can change of a purchase order."""


class Change(NamedTuple):
    """What Amazon does to a purchase order, some time after it was placed."""

    after: int
    """Seconds."""
    what: str
    """`quantity`, `line`, `window` or `order`: the last one cancels all of it."""


def change_of(seed: str, index: int) -> Change | None:
    """Return what Amazon will change of the purchase order of this index, if anything."""
    chance = Random(f"{seed}/{index}/change")  # noqa: S311 - not for secrets
    what = chance.choices((None, *CHANGES), (80, 8, 5, 4, 3))[0]
    return None if what is None else Change(chance.randint(90 * MINUTE, 4 * DAY), what)


def apply_change(order: PurchaseOrder, what: str, time: int) -> None:
    """Change a purchase order as Amazon does; a closed one, or a cancelled line, stays as it is."""
    lines = [line for line in order.lines if line.ordered]
    if order.state == "Closed" or not lines:
        return
    chance = Random(f"{order.number}/{time}")  # noqa: S311 - not for secrets
    line = chance.choice(lines)
    if what == "window":
        order.window = (order.window[0] + 2 * DAY, order.window[1] + 2 * DAY)
    elif what == "quantity":
        less = line.ordered // 3
        is_less = less and chance.random() < 0.5
        line.changes.append(QuantityChange(time, 0 if is_less else 5, less if is_less else 0))
    else:
        for each in lines if what == "order" else [line]:
            each.changes.append(QuantityChange(time, 0, each.ordered))
    order.touch(time)
    if not any(each.ordered for each in order.lines):
        order.enter("Closed", time)
