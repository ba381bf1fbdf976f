"""One line of a purchase order, and what is answered to it: quantities that add up, and a price."""

from collections.abc import Iterator
from datetime import datetime

from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge.prices import Prices
from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderAcknowledgementItem,
    OrderItemAcknowledgement,
    RejectionReason,
)
from spshipping.vendor.orders.models.amounts import ItemQuantity, Money
from spshipping.vendor.orders.models.purchase_orders import OrderItem

LineName = int | str
"""The number of a line: `1`, `"1"` and `"00001"` are the same."""


def number_of(text: object) -> LineName:
    """Return the number of a line, whatever zeros Amazon puts before it; other text as it is.

    Raises:
        InvalidRequestError: it is none.
    """
    if isinstance(text, str) and text.strip():
        stripped = text.strip()
        return int(stripped) if stripped.isdecimal() else stripped
    if isinstance(text, int) and not isinstance(text, bool):
        return text
    raise InvalidRequestError("is the number of a line, such as 1 or '00001'", path="line")


class Line:
    """A line that is to be answered."""

    __slots__ = ("answers", "discount_multiplier", "item", "list_price", "net_cost", "number", "ordered")

    def __init__(self, item: OrderItem, number: LineName, ordered: int) -> None:
        self.item: OrderItem = item
        self.number: LineName = number
        self.ordered: int = ordered
        """In the unit of the order."""
        self.answers: list[OrderItemAcknowledgement] = []
        self.net_cost: Money | None = None
        """The price that was given for this line."""
        self.list_price: Money | None = None
        self.discount_multiplier: str | None = None

    @property
    def path(self) -> str:
        """What errors call it."""
        return f"line {self.number}"

    @property
    def open(self) -> int:
        """How much is not answered yet."""
        return self.ordered - sum(answer.acknowledged_quantity.amount or 0 for answer in self.answers)

    def answer(
        self,
        code: AcknowledgementCode,
        quantity: int | None,
        *,
        ship_date: datetime | None = None,
        delivery_date: datetime | None = None,
        reason: RejectionReason | None = None,
    ) -> None:
        """Add an answer; None is for all that is open.

        Raises:
            InvalidRequestError: more than is open, no quantity, or a time without a zone.
        """
        if quantity is None:
            quantity = self.open
            if not quantity:
                raise InvalidRequestError(
                    "is answered already: reopen() it to answer otherwise", path=self.path
                )
        if type(quantity) is not int or quantity < 1:
            raise InvalidRequestError("is a whole number above 0", path=f"{self.path}, quantity")
        if quantity > self.open:
            raise InvalidRequestError(
                f"is more than the {self.open} of {self.ordered} that are not answered yet",
                path=f"{self.path}, quantity",
            )
        for name, date in (("ship_date", ship_date), ("delivery_date", delivery_date)):
            given: object = date
            if given is not None and (not isinstance(given, datetime) or given.utcoffset() is None):
                raise InvalidRequestError("is a datetime with a time zone", path=f"{self.path}, {name}")
        self.answers.append(
            OrderItemAcknowledgement(
                acknowledgement_code=code,
                acknowledged_quantity=self._quantity(quantity),
                scheduled_ship_date=ship_date,
                scheduled_delivery_date=delivery_date,
                rejection_reason=reason,
            )
        )

    def begin_with(self, said: OrderAcknowledgementItem) -> None:
        """Take the prices that were submitted last, and the answers where as much is ordered as then."""
        self.net_cost, self.list_price = said.net_cost, said.list_price
        self.discount_multiplier = said.discount_multiplier
        if said.ordered_quantity == self._quantity(self.ordered):
            self.answers = list(said.item_acknowledgements)

    def reopen(self) -> None:
        """Take back what was answered; a price that was given stays."""
        self.answers.clear()

    def item_of_request(self, prices: Prices) -> OrderAcknowledgementItem:
        """Return the line as it is submitted: what names it is as the order has it.

        Raises:
            InvalidRequestError: a part is not answered, or there is no price.
        """
        if self.open:
            raise InvalidRequestError(
                f"{self.open} of {self.ordered} are not answered: accept, back-order or reject them, since"
                " Amazon counts what is missing as rejected, for good",
                path=self.path,
            )
        item = self.item
        return OrderAcknowledgementItem(
            item_sequence_number=item.item_sequence_number,
            amazon_product_identifier=item.amazon_product_identifier,
            vendor_product_identifier=item.vendor_product_identifier,
            ordered_quantity=self._quantity(self.ordered),
            net_cost=prices.cost(item, self.net_cost, self.path),
            list_price=self.list_price,
            discount_multiplier=self.discount_multiplier,
            item_acknowledgements=list(self.answers),
        )

    def _quantity(self, amount: int) -> ItemQuantity:
        ordered = self.item.ordered_quantity
        return ItemQuantity(
            amount=amount, unit_of_measure=ordered.unit_of_measure, unit_size=ordered.unit_size
        )


def lines_of(items: list[OrderItem]) -> Iterator[Line]:
    """Yield the lines that are to be answered: those that Amazon has cancelled are left out.

    Raises:
        InvalidRequestError: a line has no number or no quantity, or two have the same number.
    """
    seen: set[LineName] = set()
    for index, item in enumerate(items):
        # a required field that did not come is not there
        text = getattr(item, "item_sequence_number", None)
        if text is None:
            raise InvalidRequestError(
                "has no number: read the order again", path=f"order_details.items[{index}]"
            )
        number = number_of(text)
        if number in seen:
            raise InvalidRequestError("is there twice: read the order again", path=f"line {number}")
        seen.add(number)
        quantity: ItemQuantity | None = getattr(item, "ordered_quantity", None)
        if quantity is None or quantity.amount is None or quantity.amount < 0:
            raise InvalidRequestError(
                "does not say how much is ordered: read the order again", path=f"line {number}"
            )
        if quantity.amount:
            yield Line(item, number, quantity.amount)
