"""Matches purchase orders to approved offers: a pure function."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.rules.quantities import (
    ByProduct,
    details,
    line_number,
    lines,
    ordered,
    party,
    pieces,
)
from spshipping.vendor.tools.offers.offer import KeptOffer, OfferLine, OfferState

OfferLineKey = tuple[str, int]
"""The number of an offer, and of its line."""
Used = Counter[OfferLineKey]
"""How many pieces of each line purchase orders have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """By how much purchase orders may differ from offers, as shares: `Decimal("0.05")` is 5 %."""

    quantity: Decimal = Decimal(0)
    """So much more than was taken may be ordered of a line, in all."""
    price: Decimal = Decimal(0)
    """So much may the price of a piece differ, either way."""

    def __post_init__(self) -> None:
        """Check the shares.

        Raises:
            InvalidRequestError: one is no Decimal from 0 to 1.
        """
        for name in ("quantity", "price"):
            share = getattr(self, name)
            if not isinstance(share, Decimal) or not share.is_finite() or not 0 <= share <= 1:
                raise InvalidRequestError("is a Decimal from 0 to 1", path=f"tolerance.{name}")


class MatchedBy(Enum):
    """By what a line was matched."""

    DEAL_CODE = "deal code"
    ITEMS = "items"
    """By item, quantity and price, within the tolerances: a guess, since no deal code says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """So much of a line of a purchase order belongs to a line of an offer."""

    purchase_order: str
    line: str
    """Its number, without zeros before it."""
    offer: str
    offer_line: int
    quantity: int
    """In pieces."""
    matched_by: MatchedBy
    deviation: str | None = None
    """What differs from the offer all the same."""


class Reason(Enum):
    """Why a quantity was not matched."""

    NO_OFFER = "no offer has it"
    NOT_APPROVED = "its offer is not approved yet"
    DECLINED = "its offer was declined"
    NOT_IN_OFFER = "its offer has no such item"
    MORE_THAN_OFFERED = "more than is left of the offer"
    PRICE = "no offer of this item has this price"
    UNCLEAR_QUANTITY = "cases of unknown size, or no quantity"
    TWICE = "the purchase order has this line twice"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmatchedLine:
    """So much of a line of a purchase order belongs to no offer."""

    purchase_order: str
    line: str
    quantity: int | None
    """In pieces; None where it is not known how many they are."""
    reason: Reason
    offer: str | None = None
    """Which offer it is about, where there is one."""


class Matching(NamedTuple):
    """What became of the lines of one purchase order."""

    matched: list[Allocation]
    unmatched: list[UnmatchedLine]


class _Offered(NamedTuple):
    kept: KeptOffer
    line: OfferLine

    @property
    def amazon_product_identifier(self) -> str | None:
        return self.line.amazon_product_identifier

    @property
    def vendor_product_identifier(self) -> str | None:
        return self.line.vendor_product_identifier


class OfferShelf:
    """All offers, and their lines by product: read once for many purchase orders."""

    def __init__(self, offers: Sequence[KeptOffer]) -> None:
        """Read offers, the oldest first."""
        self.offers = offers
        self.lines: ByProduct[_Offered] = ByProduct(
            _Offered(kept, line) for kept in offers for line in kept.offer.lines
        )


class _Candidate(NamedTuple):
    kept: KeptOffer
    line: OfferLine
    left: int


def match_order(order: Order, shelf: OfferShelf, used: Used, tolerance: Tolerance) -> Matching:
    """Match the lines of a purchase order, each to one line of an offer at most; *used* grows accordingly.

    Args:
        order: the purchase order. A line that Amazon has cancelled has no quantity, and is left out.
        shelf: all offers.
        used: what other purchase orders have.
        tolerance: by how much it may differ.
    """
    matcher = _Matcher(order, shelf, used, tolerance)
    found = Matching([], [])
    seen: set[str] = set()
    for item in lines(order):
        number = name_of(item)
        amount = pieces(ordered(item))
        if amount == 0:
            continue
        if amount is None or amount < 0 or number in seen:
            reason = Reason.TWICE if number in seen else Reason.UNCLEAR_QUANTITY
            found.unmatched.append(matcher.unmatched(number, amount, reason))
            continue
        seen.add(number)
        for each in matcher.line(item, number, amount):
            if isinstance(each, Allocation):
                used[each.offer, each.offer_line] += each.quantity
                found.matched.append(each)
            else:
                found.unmatched.append(each)
    return found


def name_of(item: OrderItem) -> str:
    """Return the number of a line, the same for `1` and `00001`."""
    # a required field that did not come is not there
    text = getattr(item, "item_sequence_number", None) or ""
    number = line_number(text)
    return text.strip() if number is None else str(number)


class _Matcher:
    """Matches the lines of one purchase order."""

    def __init__(self, order: Order, shelf: OfferShelf, used: Used, tolerance: Tolerance) -> None:
        known = details(order)
        code = (known.deal_code or "").strip() if known else ""
        vendor = party(known, "selling_party")
        mine = [kept for kept in shelf.offers if kept.offer.vendor_code in (None, vendor)]
        self._number = order.purchase_order_number.strip()
        self._lines = shelf.lines
        self._used = used
        self._tolerance = tolerance
        self._of_deal = [kept for kept in mine if code and kept.offer.deal_code == code]
        # an offer of another deal code is another deal
        others = [kept for kept in mine if not code or kept.offer.deal_code is None]
        self._others = self._likeliest_first(order, others)

    def line(self, item: OrderItem, number: str, amount: int) -> Iterator[Allocation | UnmatchedLine]:
        """Yield what becomes of a line: what is matched, what is not, or both."""
        if self._of_deal:
            yield from self._by_deal(item, number, amount)
        else:
            yield self._by_items(item, number, amount)

    def unmatched(
        self, number: str, amount: int | None, reason: Reason, offer: str | None = None
    ) -> UnmatchedLine:
        """Return a quantity that belongs to no offer."""
        return UnmatchedLine(
            purchase_order=self._number, line=number, quantity=amount, reason=reason, offer=offer
        )

    def _by_deal(self, item: OrderItem, number: str, amount: int) -> Iterator[Allocation | UnmatchedLine]:
        approved = [kept for kept in self._of_deal if kept.state is OfferState.APPROVED]
        first = (approved or self._of_deal)[0]
        if not approved:
            is_declined = all(kept.state is OfferState.DECLINED for kept in self._of_deal)
            reason = Reason.DECLINED if is_declined else Reason.NOT_APPROVED
            yield self.unmatched(number, amount, reason, first.offer.number)
            return
        candidates = self._candidates(item, approved)
        if not candidates:
            yield self.unmatched(number, amount, Reason.NOT_IN_OFFER, first.offer.number)
            return
        # the one with the right price, and of those the one that takes most
        best = max(candidates, key=lambda each: (self._has_price(item, each), min(each.left, amount)))
        taken = min(best.left, amount)
        if taken > 0:
            deviation = None if self._has_price(item, best) else _price_deviation(item, best)
            yield self._allocation(number, best, taken, MatchedBy.DEAL_CODE, deviation)
        if taken < amount:
            rest = amount - max(taken, 0)
            yield self.unmatched(number, rest, Reason.MORE_THAN_OFFERED, best.kept.offer.number)

    def _by_items(self, item: OrderItem, number: str, amount: int) -> Allocation | UnmatchedLine:
        candidates = self._candidates(item, self._others)
        if not candidates:
            return self.unmatched(number, amount, Reason.NO_OFFER)
        priced = [each for each in candidates if self._has_price(item, each)]
        if not priced:
            return self.unmatched(number, amount, Reason.PRICE, candidates[0].kept.offer.number)
        for each in priced:
            if each.left >= amount:
                return self._allocation(number, each, amount, MatchedBy.ITEMS, None)
        return self.unmatched(number, amount, Reason.MORE_THAN_OFFERED, priced[0].kept.offer.number)

    def _allocation(
        self, number: str, candidate: _Candidate, amount: int, by: MatchedBy, deviation: str | None
    ) -> Allocation:
        return Allocation(
            purchase_order=self._number,
            line=number,
            offer=candidate.kept.offer.number,
            offer_line=candidate.line.number,
            quantity=amount,
            matched_by=by,
            deviation=deviation,
        )

    def _candidates(self, item: OrderItem, offers: Sequence[KeptOffer]) -> list[_Candidate]:
        places = {kept.offer.number: place for place, kept in enumerate(offers)}
        found = [each for each in self._lines.of(item) if each.kept.offer.number in places]
        return [
            _Candidate(
                kept, line, most_of(kept, line, self._tolerance) - self._used[kept.offer.number, line.number]
            )
            for kept, line in sorted(found, key=lambda each: places[each.kept.offer.number])
            if kept.taken(line)
        ]

    def _has_price(self, item: OrderItem, candidate: _Candidate) -> bool:
        cost, price = item.net_cost, candidate.line.price
        if cost is None or cost.amount is None or cost.currency_code != candidate.kept.offer.currency:
            return False
        if cost.unit_of_measure is not None:  # of a pound, say, and not of a piece
            return False
        return abs(cost.amount - price) <= price * self._tolerance.price

    def _likeliest_first(self, order: Order, offers: Sequence[KeptOffer]) -> list[KeptOffer]:
        """Return offers, those first that have most of the lines of an order."""
        fitting: Counter[str] = Counter()
        for item in lines(order):
            found = self._candidates(item, offers)
            fitting.update({each.kept.offer.number for each in found if self._has_price(item, each)})
        return sorted(offers, key=lambda kept: -fitting[kept.offer.number])


def most_of(kept: KeptOffer, line: OfferLine, tolerance: Tolerance) -> int:
    """Return how many pieces of a line purchase orders may have in all."""
    taken = kept.taken(line)
    return taken + int(taken * tolerance.quantity)


def _price_deviation(item: OrderItem, candidate: _Candidate) -> str:
    cost = item.net_cost
    shown = "no price" if cost is None or cost.amount is None else f"{cost.amount} {cost.currency_code}"
    by_weight = f" by weight ({cost.unit_of_measure})" if cost and cost.unit_of_measure is not None else ""
    return f"{shown}{by_weight}, and {candidate.line.price} {candidate.kept.offer.currency} was offered"
