"""The answers to one purchase order, line by line, until each is answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from spshipping.clock import SystemClock
from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge.line import Line, LineName, lines_of, number_of
from spshipping.vendor.acknowledge.prices import Cost, Prices, money_of, multiplier_of, po_cost
from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderAcknowledgement,
    RejectionReason,
    SubmitAcknowledgementRequest,
)
from spshipping.vendor.orders.models.amounts import Money
from spshipping.vendor.orders.models.parties import PartyIdentification
from spshipping.vendor.orders.models.purchase_orders import Order


class Acknowledgement:
    """The answers to a purchase order. It begins with every line open; nothing is assumed.

    Each method returns the acknowledgement itself, so that calls can be chained. Quantities are in the unit
    of the line: cases where cases are ordered. Several answers to one line split its quantity.

    Example:
        ```python
        answers = Acknowledgement.of(order, prices={"8806098286500": Decimal("346.27")})
        answers.accept(1, 6).back_order(1, delivery_date=friday).accept_all()
        ```
    """

    __slots__ = ("_lines", "_prices", "order", "purchase_order_number", "vendor_code")

    def __init__(self, order: Order, prices: Prices) -> None:
        """Begin the answers to an order; see `of`."""
        given: object = order
        if not isinstance(given, Order):
            raise InvalidRequestError(
                "is an Order, as get_purchase_order() returns it; of an import, it is one.purchase_order",
                path="purchase_order",
            )
        details = order.order_details
        if details is None:
            raise InvalidRequestError(
                "was read without its details: read it with get_purchase_order()", path="purchase_order"
            )
        # a required field that did not come is not there
        code = getattr(details.selling_party, "party_id", None)
        if not isinstance(code, str) or not code.strip():
            raise InvalidRequestError(
                "does not say for which vendor code it is: read it again", path="purchase_order"
            )
        self.order: Order = order
        self.purchase_order_number: str = order.purchase_order_number.strip()
        """Without the blank that some come with."""
        self.vendor_code: str = code
        """The one that the order is for."""
        self._prices = prices
        self._lines: dict[LineName, Line] = {line.number: line for line in lines_of(details.items)}
        if not self._lines:
            raise InvalidRequestError(
                "has no line to answer: Amazon has cancelled all of them", path="purchase_order"
            )

    @classmethod
    def of(
        cls,
        purchase_order: Order,
        *,
        prices: Mapping[str, Cost] | None = None,
        accept_po_cost: bool = False,
        update: OrderAcknowledgement | None = None,
    ) -> Self:
        """Begin the answers to a purchase order, with every line open.

        Lines that Amazon has cancelled are left out.

        Args:
            purchase_order: the order, with its details.
            prices: what you will invoice for each piece, by your product number, or by ASIN. `price` states
                it for one line.
            accept_po_cost: take the cost that the order states for each line that has no other price. A line
                may have a list price alone; then its cost must be stated.
            update: what was submitted last (`submission.acknowledgement`), to change a part of it: lines
                begin with its answers and costs. Those whose ordered quantity has changed since are open.

        Raises:
            InvalidRequestError: the order has no details, or not what an answer needs; or *update* is of
                another order.
        """
        made = cls(purchase_order, Prices(prices, accepts_po_cost=accept_po_cost))
        if update is not None:
            made._begin_with(update)
        return made

    def _begin_with(self, said: OrderAcknowledgement) -> None:
        given: object = said
        if not isinstance(given, OrderAcknowledgement):
            raise InvalidRequestError("is what was submitted last: submission.acknowledgement", path="update")
        names = (said.purchase_order_number, said.selling_party.party_id)
        if names != (self.purchase_order_number, self.vendor_code):
            raise InvalidRequestError("is of another order", path="update")
        for item in said.items:
            line = self._lines.get(number_of(item.item_sequence_number))
            if line is not None:
                line.begin_with(item)

    @property
    def open(self) -> Mapping[LineName, int]:
        """How much of each line is not answered yet; lines that are answered are not in it."""
        return {number: line.open for number, line in self._lines.items() if line.open}

    def accept_all(self, *, ship_date: datetime | None = None, delivery_date: datetime | None = None) -> Self:
        """Accept everything that is not answered yet."""
        for line in self._lines.values():
            if line.open:
                line.answer(
                    AcknowledgementCode.ACCEPTED, None, ship_date=ship_date, delivery_date=delivery_date
                )
        return self

    def accept(
        self,
        line: LineName,
        quantity: int | None = None,
        *,
        ship_date: datetime | None = None,
        delivery_date: datetime | None = None,
    ) -> Self:
        """Accept a quantity of a line; None is for all that is not answered yet.

        Args:
            line: its number; `1` and `"00001"` are the same.
            quantity: in the unit of the line.
            ship_date: when it leaves, where Amazon pays the freight: inside the ship window.
            delivery_date: when it arrives, where you do: inside the delivery window.

        Raises:
            InvalidRequestError: there is no such line, or less of it is open.
        """
        return self._answer(
            line, AcknowledgementCode.ACCEPTED, quantity, ship_date=ship_date, delivery_date=delivery_date
        )

    def back_order(
        self,
        line: LineName,
        quantity: int | None = None,
        *,
        ship_date: datetime | None = None,
        delivery_date: datetime | None = None,
    ) -> Self:
        """Promise a quantity of a line for later; None is for all that is not answered yet.

        It needs a date, later than the one that the order asks for, and the line must allow it.

        Raises:
            InvalidRequestError: there is no such line, less of it is open, or no date is given.
        """
        if ship_date is None and delivery_date is None:
            raise InvalidRequestError(
                "a back order needs ship_date= or delivery_date=", path=f"{self._line(line).path}"
            )
        return self._answer(
            line, AcknowledgementCode.BACKORDERED, quantity, ship_date=ship_date, delivery_date=delivery_date
        )

    def reject(self, line: LineName, reason: RejectionReason | str, quantity: int | None = None) -> Self:
        """Reject a quantity of a line, for good; None is for all that is not answered yet.

        A line that is rejected whole is never accepted later. Amazon stops to order what is rejected as
        `OBSOLETE_PRODUCT` twice, 48 hours apart or more. The rejected quantity is submitted as it is, as
        Amazon's guide does; its code samples send 0.

        Raises:
            InvalidRequestError: there is no such line, less of it is open, or there is no such reason.
        """
        given: object = reason
        found = RejectionReason(given if isinstance(given, str) else "")
        if not found.is_known:
            raise InvalidRequestError(
                f"is one of {', '.join(each.value for each in RejectionReason)}",
                path=f"{self._line(line).path}, reason",
            )
        return self._answer(line, AcknowledgementCode.REJECTED, quantity, reason=found)

    def price(
        self,
        line: LineName,
        net_cost: Cost | None = None,
        *,
        accept_po_cost: bool = False,
        list_price: Cost | None = None,
        discount_multiplier: str | None = None,
    ) -> Self:
        """State what you will invoice for each piece of a line, or each unit of weight.

        Args:
            line: its number.
            net_cost: the price, in the currency of the order: above 0, and not above the order's.
            accept_po_cost: instead of it: the cost that the order states.
            list_price: of books that are bought by list price; None with a multiplier is the order's.
            discount_multiplier: of such books: `.90` for a discount of 10 %.

        Raises:
            InvalidRequestError: there is no such line, no such price, or the order states none.
        """
        found = self._line(line)
        if (net_cost is None) is not bool(accept_po_cost):
            raise InvalidRequestError(
                "state net_cost, or accept_po_cost=True", path=f"{found.path}, net_cost"
            )
        cost = (
            po_cost(found.item, found.path)
            if net_cost is None
            else money_of(net_cost, found.item, found.path)
        )
        multiplier, listed = discount_multiplier, found.item.list_price
        if multiplier is not None:
            multiplier = multiplier_of(multiplier, found.path)
            listed = self._listed(found, list_price)
        elif list_price is not None:
            raise InvalidRequestError(
                "goes with discount_multiplier=, and the other way round", path=f"{found.path}, list_price"
            )
        found.net_cost, found.discount_multiplier = cost, multiplier
        found.list_price = listed if multiplier is not None else None
        return self

    @staticmethod
    def _listed(line: Line, given: Cost | None) -> Money:
        price = line.item.list_price if given is None else given
        if price is None:
            raise InvalidRequestError(
                "is not in the order: state list_price=", path=f"{line.path}, list_price"
            )
        return money_of(price, line.item, line.path, "list_price")

    def reopen(self, line: LineName) -> Self:
        """Take back what was answered to a line here. What was submitted stays submitted."""
        self._line(line).reopen()
        return self

    def to_request(self, *, at: datetime | None = None) -> SubmitAcknowledgementRequest:
        """Return what is submitted: every line, with all its answers.

        Args:
            at: the time of the acknowledgement; None for now.

        Raises:
            InvalidRequestError: a line is not answered in full, or has no price.
        """
        # in an update too: it is not documented whether one that leaves lines out rejects them
        items = [line.item_of_request(self._prices) for line in self._lines.values()]
        return SubmitAcknowledgementRequest(
            acknowledgements=[
                OrderAcknowledgement(
                    purchase_order_number=self.purchase_order_number,
                    selling_party=PartyIdentification(party_id=self.vendor_code),
                    acknowledgement_date=at or SystemClock().now(),
                    items=items,
                )
            ]
        )

    def _answer(
        self,
        line: LineName,
        code: AcknowledgementCode,
        quantity: int | None,
        *,
        ship_date: datetime | None = None,
        delivery_date: datetime | None = None,
        reason: RejectionReason | None = None,
    ) -> Self:
        self._line(line).answer(
            code, quantity, ship_date=ship_date, delivery_date=delivery_date, reason=reason
        )
        return self

    def _line(self, name: LineName) -> Line:
        number = number_of(name)
        found = self._lines.get(number)
        if found is None:
            raise InvalidRequestError(
                "is no line of this order that can be answered: it is not there, or Amazon has cancelled it",
                path=f"line {number}" if isinstance(number, int) else "line",
            )
        return found

    def __repr__(self) -> str:
        lines = len(self._lines)
        answered = f"{lines - len(self.open)} of {lines} lines answered"
        return f"<Acknowledgement of {self.purchase_order_number}: {answered}>"
