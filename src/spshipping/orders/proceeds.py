"""Reads what the lines of an order of Orders 2026-01-01 cost, from their proceeds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from spshipping.orders.fields import optional, text
from spshipping.orders.parts import Money

if TYPE_CHECKING:
    from spshipping.orders import v2026_01_01 as v2026

_SPLIT = ("TAX", "DISCOUNT")
"""The kinds that state what they are on."""
_ADDED = ("ITEM", "SHIPPING", "GIFT_WRAP", "TAX")
"""The kinds that the buyer pays."""


def money(value: "v2026.Money | None") -> Money | None:
    """Read an amount; without a number it is none."""
    amount = optional(lambda: value.amount) if value else None
    if value is None or amount is None:
        return None
    return Money(amount=amount, currency_code=text(optional(lambda: value.currency_code)))


def positive(value: Money | None) -> Money | None:
    """Return an amount without its sign."""
    return _signed(value, 1)


def _signed(value: Money | None, sign: int) -> Money | None:
    if value is None or value.amount is None:
        return None
    return Money(amount=sign * abs(value.amount), currency_code=value.currency_code)


def _sum(amounts: Iterable[Money | None]) -> Money | None:
    """Add amounts up; None where one is not known, they differ in currency, or there are none."""
    total, currencies = Decimal(0), set()
    for amount in amounts:
        if amount is None or amount.amount is None:
            return None
        total += amount.amount
        currencies.add(amount.currency_code)
    return Money(amount=total, currency_code=currencies.pop()) if len(currencies) == 1 else None


class _Sums(dict[str, Money | None]):
    """Amounts by name."""

    def add(self, name: str, amount: Money | None) -> None:
        self[name] = _sum((self[name], amount)) if name in self else amount


def amounts_of(proceeds: "v2026.ItemProceeds | None") -> dict[str, Money | None]:
    """Return the amounts of a line by kind, such as `ITEM`, and by kind and what they are on: `TAX ITEM`.

    Entries of one kind are added up. A tax or discount that does not state what it is on is on the one thing
    that the line charges for; where the line charges for several, all amounts of that kind are None.
    """
    entries = (proceeds.breakdowns if proceeds else None) or ()
    sums, parts, unclear = _Sums(), _Sums(), set()
    for entry in entries:
        sums.add(_kind(entry), _subtotal(entry))
    only = _only_charge(sums)
    for entry in entries:
        kind = _kind(entry)
        for subtype, amount in _parts(entry) if kind in _SPLIT else ():
            if subtype is None and only is None:
                unclear.add(kind)
            parts.add(f"{kind} {subtype or only}", amount)
    for name in parts:
        if name.partition(" ")[0] in unclear:
            parts[name] = None
    return {**sums, **parts}


def _parts(entry: "v2026.ItemProceedsBreakdown") -> Iterator[tuple[str | None, Money | None]]:
    """Yield what an entry is on, and how much of it; None where it does not state what it is on."""
    if not entry.detailed_breakdowns:
        yield None, _subtotal(entry)
    for part in entry.detailed_breakdowns or ():
        yield part.subtype, money(part.value)


def _only_charge(sums: Mapping[str, Money | None]) -> str | None:
    charges = [
        kind for kind, amount in sums.items() if kind not in _SPLIT and (amount is None or amount.amount)
    ]
    return charges[0] if len(charges) == 1 else None


def estimated_total(lines: "Sequence[v2026.OrderItem]") -> Money | None:
    """Add up item, shipping, gift wrap and tax, less discount, over all lines.

    None where a line has no breakdown, or an amount of another kind, which the buyer may pay or not.
    """
    return _sum(_line_total(amounts_of(line.proceeds)) for line in lines)


def _line_total(amounts: Mapping[str, Money | None]) -> Money | None:
    if "ITEM" not in amounts:
        return None
    if any(amount is None or amount.amount for kind, amount in amounts.items() if _is_other(kind)):
        return None
    added = [amounts[kind] for kind in _ADDED if kind in amounts]
    taken_off = [_signed(amounts["DISCOUNT"], -1)] if "DISCOUNT" in amounts else []
    return _sum([*added, *taken_off])


def _is_other(kind: str) -> bool:
    return " " not in kind and kind not in (*_ADDED, "DISCOUNT")


def _kind(entry: "v2026.ItemProceedsBreakdown") -> str:
    return optional(lambda: entry.type) or ""


def _subtotal(entry: "v2026.ItemProceedsBreakdown") -> Money | None:
    return money(optional(lambda: entry.subtotal))
