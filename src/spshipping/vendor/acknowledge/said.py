"""What was answered to the lines of an order before, and what may still be answered."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge.line import LineName, number_of
from spshipping.vendor.ledger.entry import Entry
from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderAcknowledgement,
    OrderAcknowledgementItem,
    SubmitAcknowledgementRequest,
)
from spshipping.wire.convert import loads


class SaidLine(NamedTuple):
    """What one acknowledgement says of a line, in the unit of the order."""

    item_sequence_number: str
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    ordered: int
    accepted: int
    backordered: int
    rejected: int
    unit_size: int | None
    unit: str | None

    @property
    def number(self) -> LineName:
        """The number of the line, whatever zeros are before it."""
        return number_of(self.item_sequence_number)

    @property
    def taken(self) -> int:
        """What Amazon counts as accepted: back orders too."""
        return self.accepted + self.backordered


Said = Mapping[LineName, SaidLine]


def request_of(body: str) -> SubmitAcknowledgementRequest:
    """Read what a ledger has of a submission."""
    return loads(body.encode(), SubmitAcknowledgementRequest)


def acknowledgement_of(body: str) -> OrderAcknowledgement:
    """Read the one acknowledgement that a submission holds."""
    return only_acknowledgement(request_of(body))


def only_acknowledgement(request: SubmitAcknowledgementRequest) -> OrderAcknowledgement:
    """Return the one acknowledgement that a request holds: one order in each keeps errors apart."""
    return (request.acknowledgements or [])[0]


def said_of(acknowledgement: OrderAcknowledgement) -> Said:
    """Return what an acknowledgement says, by the numbers of the lines."""
    lines = (_line(item) for item in acknowledgement.items)
    return {line.number: line for line in lines}


def said_before(history: Iterable[Entry]) -> Said:
    """Return the last word on every line among submissions that Amazon may have taken, the oldest first."""
    said: dict[LineName, SaidLine] = {}
    for entry in history:
        if entry.is_said:
            said |= said_of(acknowledgement_of(entry.body))
    return said


def check_update(before: Said, now: Said) -> None:
    """Refuse an update that takes back a rejection: Amazon bars that.

    A line that was rejected whole stays rejected. Of one that was rejected in part, no more can be accepted
    or back-ordered than before, and what Amazon has added to the order since.

    Raises:
        InvalidRequestError: it does, with the line.

    Source: https://developer-docs.amazon.com/sp-api/docs/vendor-orders-api-v1-use-case-guide
    """
    for number, line in now.items():
        earlier = before.get(number)
        if earlier is None:
            continue
        added = max(0, line.ordered - earlier.ordered)
        most = earlier.taken + added if earlier.taken else 0
        if line.taken > most:
            rest = f", all but {earlier.taken}" if earlier.taken else ""
            raise InvalidRequestError(
                f"was rejected before{rest}, and what was rejected is never accepted later: accept and"
                f" back-order {most} at most, and reject the rest",
                path=f"line {number}",
            )


def _line(item: OrderAcknowledgementItem) -> SaidLine:
    ordered = item.ordered_quantity
    return SaidLine(
        item_sequence_number=item.item_sequence_number or "",
        amazon_product_identifier=item.amazon_product_identifier,
        vendor_product_identifier=item.vendor_product_identifier,
        ordered=ordered.amount or 0,
        accepted=_sum(item, AcknowledgementCode.ACCEPTED),
        backordered=_sum(item, AcknowledgementCode.BACKORDERED),
        rejected=_sum(item, AcknowledgementCode.REJECTED),
        unit_size=ordered.unit_size,
        unit=ordered.unit_of_measure,
    )


def _sum(item: OrderAcknowledgementItem, code: AcknowledgementCode) -> int:
    answers = item.item_acknowledgements
    return sum(
        each.acknowledged_quantity.amount or 0 for each in answers if each.acknowledgement_code == code
    )
