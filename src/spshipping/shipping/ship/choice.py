"""Which of the quoted rates is bought."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal

from spshipping.errors import InvalidRequestError
from spshipping.journal.entry import Charge
from spshipping.shipping.models.documents import present
from spshipping.shipping.models.offers import Rate
from spshipping.shipping.models.parcels import Currency
from spshipping.shipping.models.rates import GetRatesResult
from spshipping.wire.model import has, replace

Choice = Literal["cheapest", "fastest"] | Callable[[GetRatesResult], Rate]
"""How a rate is chosen; a function of your own returns one of the result's rates."""

NAMES = ("cheapest", "fastest")


def checked(choose: Choice) -> Choice:
    """Return *choose*.

    Raises:
        InvalidRequestError: it is no such choice.
    """
    if callable(choose) or choose in NAMES:
        return choose
    raise InvalidRequestError("is 'cheapest', 'fastest' or a function that returns a rate", path="choose")


def chosen(quote: GetRatesResult, choose: str, services: Sequence[str]) -> Rate:
    """Return the cheapest or the fastest rate, by what it costs with the value-added services.

    Among equals it is always the same one, in whatever order Amazon lists them.

    Raises:
        InvalidRequestError: there is no rate, or they cannot be compared.
    """
    offered = [rate for rate in present(quote.rates) if _cost_of_services(rate, services) is not None]
    offered.sort(key=_identity)
    if not offered:
        # says what is wrong: no rate at all, or none with these services
        return quote.cheapest()
    whole = [_with_services(rate, services) for rate in offered]
    compared = replace(quote, rates=whole)
    best = compared.cheapest() if choose == "cheapest" else compared.fastest()
    return next(rate for rate, priced in zip(offered, whole, strict=True) if priced is best)


def charge_of(rate: Rate, services: Sequence[str]) -> Charge | None:
    """Return what a rate costs with its services; None where that could not be read."""
    priced = _with_services(rate, services)
    total: Currency | None = getattr(priced, "total_charge", None)
    amount, unit = getattr(total, "value", None), getattr(total, "unit", None)
    return None if amount is None or unit is None else Charge(amount, unit)


def _identity(rate: Rate) -> tuple[str, str]:
    return str(getattr(rate, "carrier_id", "")), str(getattr(rate, "service_id", ""))


def _with_services(rate: Rate, services: Sequence[str]) -> Rate:
    """Return the rate with a total charge that includes the services."""
    cost = _cost_of_services(rate, services)
    total: Currency | None = getattr(rate, "total_charge", None)
    if not cost or total is None or not has(total, "value"):
        return replace(rate)
    return replace(rate, total_charge=replace(total, value=total.value + cost))


def _cost_of_services(rate: Rate, services: Sequence[str]) -> Decimal | None:
    """Return what the services cost; None where the rate does not offer them all."""
    costs = {
        service.id: getattr(getattr(service, "cost", None), "value", Decimal(0))
        for group in present(rate.available_value_added_service_groups)
        for service in present(group.value_added_services)
        if has(service, "id")
    }
    if not set(services) <= set(costs):
        return None
    return sum((costs[name] for name in services), Decimal(0))
