"""`BulkBuy`: receives offers, leads them through their approval, and matches purchase orders to them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from spshipping.clock import SystemClock
from spshipping.errors import InvalidRequestError, printable
from spshipping.vendor.ledger.entry import WallClock
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.rules.quantities import details
from spshipping.vendor.tools.offers.approval import check_time, decided
from spshipping.vendor.tools.offers.ledger import OfferBook, OfferLedger
from spshipping.vendor.tools.offers.matching import Matching, OfferShelf, Tolerance, Used, match_order
from spshipping.vendor.tools.offers.offer import Approval, KeptOffer, LineDecision, Offer
from spshipping.vendor.tools.offers.report import OfferMatch, OpenOfferLine
from spshipping.vendor.tools.offers.response import OfferResponse

DEFAULT_STAGES = ("approval",)
_NO_TOLERANCE = Tolerance()
_NOTHING: Mapping[int, LineDecision] = {}


class Received(NamedTuple):
    """What became of offers that were handed in."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    """Those that were there already, just so: reading a file twice does no harm."""


class BulkBuy:
    """Receives offers, leads them through their approval, and matches purchase orders to approved ones.

    Everything is in the ledger, and each step is written whole or not at all.

    Example:
        ```python
        bulk = BulkBuy(SqliteOffers("offers.db"), stages=("sales", "finance"))
        bulk.receive(read_offers("offers.csv"))
        bulk.approve("D-17", "sales", by="a.jones")
        bulk.approve("D-17", "finance", by="b.okoro")
        bulk.response("D-17").save("D-17.csv")
        report = bulk.match(orders)
        ```
    """

    def __init__(
        self,
        ledger: OfferLedger,
        *,
        stages: Sequence[str] = DEFAULT_STAGES,
        tolerance: Tolerance = _NO_TOLERANCE,
        clock: WallClock | None = None,
    ) -> None:
        """Use a ledger; nothing is read yet.

        Args:
            ledger: where the offers are kept.
            stages: those of the approval, in order. An offer keeps the stages that there were when it was
                received.
            tolerance: by how much purchase orders may differ from offers.
            clock: says when something was decided.

        Raises:
            InvalidRequestError: there is no stage, or two have the same name.
        """
        given: object = stages
        named = tuple(stages)
        if (
            isinstance(given, str)
            or not named
            or len({each for each in named if each.strip() and each.isprintable()}) < len(named)
        ):
            raise InvalidRequestError("are names, at least one, and none twice", path="stages")
        self._ledger = ledger
        self._stages = named
        self._tolerance = tolerance
        self._clock: WallClock = clock or SystemClock()

    def receive(self, offers: Iterable[Offer]) -> Received:
        """Note offers, all of them or none; those that are there already are left as they are.

        Raises:
            InvalidRequestError: an offer of this number is there, and differs.
        """
        new, known = [], []
        now = self._clock.now()
        with self._ledger.changed() as book:
            for offer in offers:
                found = book.find(offer.number)
                if found is None:
                    book.put(KeptOffer(offer=offer, received_at=now, stages=self._stages))
                    new.append(offer.number)
                elif found.offer == offer:
                    known.append(offer.number)
                else:
                    raise InvalidRequestError(
                        f"offer {offer.number} is there already, and differs: give this one another number",
                        path="offers",
                    )
        return Received(tuple(new), tuple(known))

    def approve(
        self,
        number: str,
        stage: str,
        *,
        by: str,
        lines: Mapping[int, LineDecision] = _NOTHING,
        note: str | None = None,
        at: datetime | None = None,
    ) -> KeptOffer:
        """Approve an offer at a stage; at the last one it is approved.

        Args:
            number: of the offer.
            stage: the one that decides now: it is named, so that a repetition does not decide for the next.
            by: who decides; it is kept in the ledger, and in no response.
            lines: what is taken of single lines, by their numbers, where it is less than was offered.
            note: a remark.
            at: when; None means now.

        Raises:
            InvalidRequestError: there is no such offer, it is not the turn of this stage, or a decision
                cannot be.
        """
        return self._decide(number, stage, by, note, at, lines, is_approved=True)

    def decline(
        self, number: str, stage: str, *, by: str, reason: str | None = None, at: datetime | None = None
    ) -> KeptOffer:
        """Decline an offer at a stage: its approval ends.

        Args:
            number: of the offer.
            stage: the one that decides now.
            by: who decides; it is kept in the ledger, and in no response.
            reason: it is in the response.
            at: when; None means now.

        Raises:
            InvalidRequestError: there is no such offer, or it is not the turn of this stage.
        """
        return self._decide(number, stage, by, reason, at, _NOTHING, is_approved=False)

    def offer(self, number: str) -> KeptOffer:
        """Return an offer, with its approval.

        Raises:
            InvalidRequestError: there is none of this number.
        """
        with self._ledger.changed() as book:
            return _found(book, number)

    def offers(self) -> list[KeptOffer]:
        """Return all offers, in the order in which they were received."""
        with self._ledger.changed() as book:
            return list(book.offers())

    def response(self, number: str) -> OfferResponse:
        """Return the response to an offer, line by line: send it yourself, since no API of Amazon's takes it.

        Raises:
            InvalidRequestError: there is no such offer, or its approval has not ended.
        """
        return OfferResponse.of(self.offer(number))

    def match(self, orders: Iterable[Order]) -> OfferMatch:
        """Match purchase orders to approved offers, and keep what was matched.

        An order with a deal code belongs to the offers of that code, and its lines are matched by item: a
        price that differs is named. Others are matched by item, quantity and price. A line belongs to one
        line of an offer at most. An order that was matched before is matched anew, as it is now, and before
        those that were not.

        Raises:
            InvalidRequestError: an order was read without its details; nothing was changed.
        """
        found = Matching([], [])
        latest = {order.purchase_order_number.strip(): order for order in orders}
        for number, order in latest.items():
            if details(order) is None:
                raise InvalidRequestError(
                    "was read without its details: read it with get_purchase_order()",
                    path=printable(f"orders[{number}]"),
                )
        with self._ledger.changed() as book:
            offers = book.offers()
            shelf = OfferShelf(offers)
            used: Used = Counter()
            had = set()
            for each in book.allocations():
                if each.purchase_order in latest:
                    had.add(each.purchase_order)
                else:
                    used[each.offer, each.offer_line] += each.quantity
            # those that have a part of an offer come first: no newer order takes it from them
            for number, order in sorted(latest.items(), key=lambda found: found[0] not in had):
                matched, unmatched = match_order(order, shelf, used, self._tolerance)
                book.allocate(number, matched)
                found.matched.extend(matched)
                found.unmatched.extend(unmatched)
        return OfferMatch(
            matched=tuple(found.matched), unmatched=tuple(found.unmatched), open=_open(offers, used)
        )

    def release(self, purchase_order: str) -> None:
        """Take back what was matched of a purchase order, such as one that you have rejected."""
        with self._ledger.changed() as book:
            book.allocate(purchase_order.strip(), ())

    def _decide(
        self,
        number: str,
        stage: str,
        by: str,
        note: str | None,
        at: datetime | None,
        lines: Mapping[int, LineDecision],
        *,
        is_approved: bool,
    ) -> KeptOffer:
        when = self._clock.now() if at is None else at
        check_time(when)
        approval = Approval(stage=stage, at=when.astimezone(UTC), by=by, is_approved=is_approved, note=note)
        with self._ledger.changed() as book:
            made = decided(_found(book, number), approval, lines)
            book.put(made)
        return made


def _found(book: OfferBook, number: str) -> KeptOffer:
    found = book.find(number)
    if found is None:
        raise InvalidRequestError(printable(f"there is no offer {number}"), path="number")
    return found


def _open(offers: Sequence[KeptOffer], used: Used) -> tuple[OpenOfferLine, ...]:
    """Return what of approved offers no purchase order has yet."""
    found = (
        OpenOfferLine(
            offer=kept.offer.number,
            offer_line=line.number,
            amazon_product_identifier=line.amazon_product_identifier,
            vendor_product_identifier=line.vendor_product_identifier,
            quantity=kept.taken(line) - used[kept.offer.number, line.number],
        )
        for kept in offers
        for line in kept.offer.lines
    )
    return tuple(line for line in found if line.quantity > 0)
