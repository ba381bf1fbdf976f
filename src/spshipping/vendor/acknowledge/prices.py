"""The cost of each line: from the caller, from a price list, or from the order where that is asked for."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from spshipping.errors import InvalidRequestError
from spshipping.vendor.orders.models.amounts import Money
from spshipping.vendor.orders.models.purchase_orders import OrderItem

Cost = Decimal | int | Money
"""A price for each piece, or each unit of weight; a number is in the currency of the order."""


class Prices:
    """Where the costs of the lines of an order come from."""

    __slots__ = ("_accepts_po_cost", "_list")

    def __init__(self, prices: Mapping[str, Cost] | None, *, accepts_po_cost: bool) -> None:
        """Use a price list by product identifiers, or what the order says."""
        given: object = {} if prices is None else prices
        if not isinstance(given, Mapping):
            raise InvalidRequestError(
                "is a mapping from your product number, or from the ASIN, to a price", path="prices"
            )
        self._list: Mapping[str, Cost] = given
        self._accepts_po_cost = accepts_po_cost

    def cost(self, item: OrderItem, given: Money | None, path: str) -> Money:
        """Return the cost of a line, as it is submitted.

        Raises:
            InvalidRequestError: there is none.
        """
        if given is not None:
            return given
        for name in (item.vendor_product_identifier, item.amazon_product_identifier):
            if name is not None and name in self._list:
                return money_of(self._list[name], item, path)
        if self._accepts_po_cost:
            return po_cost(item, path)
        raise InvalidRequestError(
            "is missing: state what you will invoice with price(), put the product into the price list, or"
            " accept what the order says with accept_po_cost=True",
            path=f"{path}, net_cost",
        )


def po_cost(item: OrderItem, path: str) -> Money:
    """Return the cost that the order states.

    Raises:
        InvalidRequestError: it states none.
    """
    found = item.net_cost
    if found is None or found.amount is None:
        stated = "no price" if item.list_price is None else "a list price alone"
        raise InvalidRequestError(
            f"is not in the order, which states {stated}: state what you will invoice with price()",
            path=f"{path}, net_cost",
        )
    return money_of(found, item, path)


def money_of(cost: Cost, item: OrderItem, path: str, field: str = "net_cost") -> Money:
    """Return a price in the currency, and for the unit of weight, of the order.

    Raises:
        InvalidRequestError: it is not above 0, no exact number, or in another currency.
    """
    path = f"{path}, {field}"
    given = cost if isinstance(cost, Money) else Money(amount=_decimal(cost, path))
    if given.amount is None or not given.amount.is_finite() or given.amount <= 0:
        raise InvalidRequestError("must be above 0: Amazon refuses a price of 0", path=path)
    ordered = [price for price in (item.net_cost, item.list_price) if price is not None]
    currency = next((price.currency_code for price in ordered if price.currency_code), None)
    if given.currency_code is None and currency is None:
        raise InvalidRequestError(
            "needs a currency, which the order does not state: Money(currency_code=..., amount=...)",
            path=path,
        )
    if currency is not None and given.currency_code not in (None, currency):
        raise InvalidRequestError("is in another currency than the order", path=path)
    unit = next((price.unit_of_measure for price in ordered if price.unit_of_measure), None)
    return Money(
        currency_code=given.currency_code or currency,
        amount=given.amount,
        unit_of_measure=given.unit_of_measure or unit,
    )


def multiplier_of(text: object, path: str) -> str:
    """Return the multiplier of a discount as it is given.

    Raises:
        InvalidRequestError: it is none.
    """
    try:
        found = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        found = None
    if found is None or not 0 < found <= 1:
        raise InvalidRequestError(
            "is a text above 0 and up to 1, such as '.90' for a discount of 10 %",
            path=f"{path}, discount_multiplier",
        )
    return str(text)


def _decimal(cost: object, path: str) -> Decimal:
    if isinstance(cost, bool) or not isinstance(cost, Decimal | int):
        raise InvalidRequestError("is a Decimal, a whole number or a Money: a float is not exact", path=path)
    return Decimal(cost)
