"""Which of the quoted rates is bought, with which value-added services, and for how much."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

from spshipping.errors import InvalidRequestError
from spshipping.journal.entry import Charge
from spshipping.named import NamedTuple
from spshipping.shipping.models import buying
from spshipping.shipping.models.documents import present
from spshipping.shipping.models.offers import Rate
from spshipping.shipping.models.rates import GetRatesResult
from spshipping.shipping.ship.conditions import Conditions
from spshipping.shipping.ship.policy import Unanswered, costs_of, services_of
from spshipping.wire.model import has

Choice = Literal["cheapest", "fastest"] | Callable[[GetRatesResult], Rate]
"""How a rate is chosen; a function of your own gets the rates that may be bought, and returns one of them."""

NAMES = ("cheapest", "fastest")


class Candidate(NamedTuple):
    """A rate that may be bought."""

    rate: Rate
    services: tuple[str, ...]
    """The value-added services that are bought with it."""
    charge: Charge | None
    """What all of it costs; None where that could not be read."""


def checked(choose: Choice) -> Choice:
    """Return *choose*.

    Raises:
        InvalidRequestError: it is no such choice.
    """
    if callable(choose) or choose in NAMES:
        return choose
    raise InvalidRequestError("is 'cheapest', 'fastest' or a function that returns a rate", path="choose")


def candidates(
    quote: GetRatesResult, services: Sequence[str], conditions: Conditions
) -> dict[str, Candidate]:
    """Return the rates that may be bought, by their ids, in an order that does not depend on Amazon's.

    Raises:
        InvalidRequestError: there is none; how many rates were left out, for which reason.
    """
    rates = sorted(present(quote.rates), key=_identity)
    if not rates:
        quote.cheapest()  # says why
    found: dict[str, Candidate] = {}
    reasons: Counter[str] = Counter()
    for rate in rates:
        bought = _bought(rate, services, conditions)
        if isinstance(bought, Unanswered):
            reasons[bought.reason] += 1
        else:
            found[rate.rate_id] = Candidate(rate, bought, charge_of(rate, bought))
    if not found:
        if reasons.keys() == {_NOT_OFFERED}:
            buying.extras(rates[0], services)  # names what is offered
        counts = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
        raise InvalidRequestError(f"hold none of {len(rates)} that may be bought: {counts}", path="rates")
    return found


_NOT_OFFERED = "does not offer what value_added_services names"


def _bought(rate: Rate, services: Sequence[str], conditions: Conditions) -> tuple[str, ...] | Unanswered:
    """Return the services to buy with a rate, or why it may not be bought."""
    if not has(rate, "rate_id"):
        return Unanswered("has no id that can be read")
    if not set(services) <= costs_of(rate).keys():
        return Unanswered(_NOT_OFFERED)
    broken = conditions.broken_by(rate)
    return services_of(rate, services, conditions.policy) if broken is None else Unanswered(broken)


def chosen(offered: dict[str, Candidate], choose: Literal["cheapest", "fastest"]) -> Candidate:
    """Return the cheapest or the fastest, by what it costs with its services.

    Among equals it is always the same one, in whatever order Amazon lists them.

    Raises:
        InvalidRequestError: they cannot be compared.
    """
    rates = [each.rate for each in offered.values()]
    pick = buying.cheapest if choose == "cheapest" else buying.fastest
    return offered[pick(rates, lambda rate: offered[rate.rate_id].charge).rate_id]


def charge_of(rate: Rate, services: Sequence[str]) -> Charge | None:
    """Return what a rate costs with its services; None where that could not be read, or is in two units."""
    total = rate.total_charge if has(rate, "total_charge") else None
    if total is None or not has(total, "value") or not has(total, "unit"):
        return None
    amount, costs = total.value, costs_of(rate)
    for name in services:
        cost = costs[name]
        if cost is None or cost[1] != total.unit:
            return None
        amount += cost[0]
    return Charge(amount, total.unit)


def _identity(rate: Rate) -> tuple[str, ...]:
    names = ("carrier_id", "service_id", "payment_type")
    return tuple(str(getattr(rate, name, "")) for name in names)
