"""Checks what may be spent: the limit of a day, and the charge of a purchase that names no price."""

import logging
from decimal import Decimal

from spshipping.errors import ConfigurationError, InvalidRequestError, SpendingLimitError
from spshipping.journal.entry import Charge, SpendingLimit
from spshipping.regions import ShippingBusiness

_CODE_LETTERS = 3


def check_limit_of(limit: SpendingLimit, business: str) -> None:
    """Refuse a limit that cannot be kept.

    Raises:
        ConfigurationError: it is no limit, no amount, in another currency than the charges of the business,
            or in a time zone that is not known.
    """
    given: object = limit
    if not isinstance(given, SpendingLimit):
        raise ConfigurationError("limit is a SpendingLimit: its amount, its currency and a time zone")
    if not _is_amount(limit.amount):
        raise ConfigurationError("the amount of a spending limit is a Decimal that is not below 0")
    currency = ShippingBusiness.named(business).currency
    if currency is not None and limit.unit != currency:
        raise ConfigurationError(
            f"the spending limit is in {limit.unit}, and {business} charges in {currency}: make it with"
            " SpendingLimit.for_business"
        )
    limit.day(0.0)  # refuses an unknown time zone


def checked_charge(given: Charge | None) -> Charge | None:
    """Return what a purchase without a price may cost.

    Raises:
        InvalidRequestError: it is no charge.
    """
    if given is None:
        return None
    charge: object = given
    if not isinstance(charge, Charge) or not _is_amount(charge.amount):
        raise InvalidRequestError(
            "is a Charge with a Decimal that is not below 0, and the currency", path="max_charge"
        )
    unit: object = charge.unit
    if not isinstance(unit, str) or len(unit) != _CODE_LETTERS or not unit.isupper():
        raise InvalidRequestError("has the ISO 4217 code of a currency as its unit", path="max_charge")
    return charge


def check_countable(limit: SpendingLimit | None, max_charge: Charge | None) -> None:
    """Refuse a purchase without a price, where there is a limit and nothing to count for it.

    Raises:
        SpendingLimitError: nothing was sent.
    """
    if limit is not None and max_charge is None:
        raise SpendingLimitError(
            "Amazon names no price before this purchase: give max_charge= for what is to count for the"
            " spending limit"
        )


def warn_of_more(charge: Charge | None, expected: Charge | None, operation: str) -> None:
    """Log that a purchase has cost more than was expected: Amazon takes no limit."""
    if charge is None or expected is None or charge.unit != expected.unit or charge.amount <= expected.amount:
        return
    message = "%s cost %s %s, more than max_charge"
    logging.getLogger("spshipping").warning(message, operation, charge.amount, charge.unit)


def _is_amount(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value >= 0
