"""An acknowledgement as rules look at it: beside its purchase order and what was answered before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from spshipping.vendor.orders.models.acknowledgements import (
    OrderAcknowledgement,
    OrderAcknowledgementItem,
    OrderItemAcknowledgement,
)
from spshipping.vendor.orders.models.purchase_orders import Order, OrderItem
from spshipping.vendor.rules.context import Outcome, RuleContext, SentAcknowledgement
from spshipping.vendor.rules.quantities import is_same_item, line_number, lines, party
from spshipping.wire.model import replace


class Answered(NamedTuple):
    """The answers to one line, and the line of the order where it is known."""

    path: str
    item: OrderAcknowledgementItem
    line: OrderItem | None

    def answers(self) -> Iterator[tuple[str, OrderItemAcknowledgement]]:
        """Yield each answer with its path."""
        for index, answer in enumerate(self.item.item_acknowledgements or ()):
            yield f"{self.path}.item_acknowledgements[{index}]", answer


@dataclass(frozen=True)
class AcknowledgementView:
    """One acknowledgement, and what belongs to it."""

    document: OrderAcknowledgement
    context: RuleContext
    prefix: str = ""

    @property
    def order(self) -> Order | None:
        """The purchase order, where it is known."""
        return self.context.order(self.document.purchase_order_number)

    @property
    def earlier(self) -> list[SentAcknowledgement] | None:
        """What was sent before for this order and was not refused, the oldest first; None: not known."""
        history = self.context.history
        if history is None:
            return None
        return acknowledgements_of(
            history.acknowledgements,
            self.document.purchase_order_number,
            party(self.document, "selling_party"),
        )

    @cached_property
    def answered(self) -> Sequence[Answered]:
        """Each line of the acknowledgement."""
        order = self.order
        found = lines(order) if order is not None else []
        by_number: dict[int | None, OrderItem] = {}
        for line in found:
            # a required field that did not come is not there
            by_number.setdefault(line_number(getattr(line, "item_sequence_number", None)), line)
        return [
            Answered(f"{self.prefix}items[{index}]", item, _line_of(found, by_number, item))
            for index, item in enumerate(self.document.items or ())
        ]

    @cached_property
    def by_line(self) -> Sequence[tuple[Answered, list[OrderItemAcknowledgement]]]:
        """Each line at its first mention, with the answers of all of its mentions."""
        found: dict[object, tuple[Answered, list[OrderItemAcknowledgement]]] = {}
        for answered in self.answered:
            item = answered.item
            number = line_number(item.item_sequence_number)
            identity = item.amazon_product_identifier, item.vendor_product_identifier
            key = id(answered.line) if answered.line is not None else (number, identity)
            _, answers = found.setdefault(key, (answered, []))
            answers += item.item_acknowledgements or ()
        return list(found.values())


def acknowledgements_of(
    sent: Sequence[SentAcknowledgement], number: str, vendor_code: str | None
) -> list[SentAcknowledgement]:
    """Return what was sent for one order and was not refused, the oldest first."""
    found = [
        each
        for each in sent
        if each.outcome is not Outcome.REFUSED
        and each.document.purchase_order_number.strip() == number.strip()
        and party(each.document, "selling_party") == vendor_code
    ]
    return sorted(found, key=lambda each: each.at)


def _line_of(
    found: Sequence[OrderItem], by_number: Mapping[int | None, OrderItem], item: OrderAcknowledgementItem
) -> OrderItem | None:
    """Return the line that an answer is about: by its number, and without one by the identifiers."""
    number = line_number(item.item_sequence_number)
    if number is not None:
        return by_number.get(number)
    return next((line for line in found if is_line(line, item)), None)


def is_line(line: OrderItem | OrderAcknowledgementItem, item: OrderAcknowledgementItem) -> bool:
    """Say whether an answer is about a line: by their numbers where both have one."""
    numbers = line_number(line.item_sequence_number), line_number(item.item_sequence_number)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return is_same_item(line, item)


class SaidBefore:
    """What an earlier acknowledgement answered, by line number: orders have thousands of lines."""

    def __init__(self, sent: SentAcknowledgement) -> None:
        """Read an acknowledgement once."""
        self.at: datetime = sent.at
        self._items: list[OrderAcknowledgementItem] = sent.document.items
        self._by_number: dict[int | None, list[int]] = {}
        for index, item in enumerate(self._items):
            self._by_number.setdefault(line_number(item.item_sequence_number), []).append(index)

    def answer_to(self, item: OrderItem | OrderAcknowledgementItem) -> OrderAcknowledgementItem | None:
        """Return what was answered to a line, all mentions together; None without any."""
        number = line_number(item.item_sequence_number)
        numbered: Iterable[int] = range(len(self._items))
        if number is not None:
            numbered = sorted(self._by_number.get(number, []) + self._by_number.get(None, []))
        mentions = [self._items[index] for index in numbered if is_line(item, self._items[index])]
        if len(mentions) < 2:
            return mentions[0] if mentions else None
        return with_answers(
            mentions[0], [answer for each in mentions for answer in each.item_acknowledgements]
        )


def with_answers(
    item: OrderAcknowledgementItem, answers: list[OrderItemAcknowledgement]
) -> OrderAcknowledgementItem:
    """Return the answers to a line in one item."""
    return replace(item, item_acknowledgements=answers)
