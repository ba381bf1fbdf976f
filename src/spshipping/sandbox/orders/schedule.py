"""When an order is placed, and how its status changes afterwards."""

import dataclasses
from random import Random
from typing import NamedTuple

from spshipping.regions import Marketplace
from spshipping.sandbox.clock import DAY, HOUR, MINUTE
from spshipping.sandbox.orders.places import PLACES, WEIGHTS
from spshipping.sandbox.orders.record import Place


class Step(NamedTuple):
    """One change of an order."""

    time: int
    """Its last update, from then on."""
    seen: int
    """When the APIs return it for the first time."""
    status: str
    requests_cancellation: bool = False


class OrderPlan(NamedTuple):
    """The parts of an order that never change, and its changes of status."""

    seed: str
    number: int
    id: str
    place: Place
    channel: str
    kind: str
    is_amazon: bool
    steps: tuple[Step, ...]

    @property
    def created(self) -> int:
        """When it was placed."""
        return self.steps[0].time


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How many orders there are, and when they are placed."""

    seed: str
    start: int
    """When the sandbox started; `count` orders were placed before."""
    count: int
    days: float
    """Over how many days they were placed; new ones are placed at the same rate."""
    late: float
    """By how many seconds a change is returned late, at most."""

    def created(self, number: int) -> int:
        """Return when the order of this number is placed; it increases with the number."""
        interval = self.days * DAY / max(1, self.count)
        part = (number * 2654435761 % 2**32) / 2**32  # evenly distributed, and faster than a Random
        return self.start + int((number - self.count + part) * interval)

    def plan(self, number: int) -> OrderPlan:
        """Return the plan of the order of this number."""
        chance = Random(f"{self.seed}/{number}")  # noqa: S311 - not for secrets
        place = chance.choices(PLACES, WEIGHTS)[0]
        id_ = f"{chance.randint(100, 799)}-{number % 10**7:07d}-{chance.randrange(10**7):07d}"
        channel = "MFN" if chance.random() < 0.7 else "AFN"
        is_amazon = channel == "MFN" or chance.random() > 0.06
        kind = chance.choices(_KINDS, _KIND_WEIGHTS)[0] if channel == "MFN" else "StandardOrder"
        changes = self._changes(chance, place, channel, kind, is_amazon=is_amazon)
        time = seen = self.created(number)
        steps = []
        for after, status, is_request in changes:
            time += after
            seen = max(seen, time + int(chance.random() * (self.late + 1)))
            steps.append(Step(time, seen, status, is_request))
        return OrderPlan(self.seed, number, id_, place, channel, kind, is_amazon, tuple(steps))

    def _changes(
        self, chance: Random, place: Place, channel: str, kind: str, *, is_amazon: bool
    ) -> list[tuple[int, str, bool]]:
        """Return the changes: seconds since the one before, status, whether it is a request to cancel."""
        changes = [(0, "Pending", False)]
        if kind == "Preorder":
            wait = chance.randint(2 * DAY, 9 * DAY)
            changes = [(0, "PendingAvailability", False), (wait, "Pending", False)]
        end = chance.random()
        if end < 0.05:
            return [*changes, (chance.randint(HOUR, 7 * DAY), "Canceled", False)]
        if not is_amazon and end < 0.5:
            return [*changes, (chance.randint(MINUTE, HOUR), "Unfulfillable", False)]
        changes.append((chance.randint(20 * MINUTE, 90 * MINUTE), "Unshipped", False))
        if end < 0.12:
            changes.append((chance.randint(MINUTE, HOUR), "Unshipped", True))
            if end < 0.09:
                return [*changes, (chance.randint(HOUR, 12 * HOUR), "Canceled", False)]
        if channel == "MFN" and end > 0.85:
            changes.append((chance.randint(HOUR, DAY), "PartiallyShipped", False))
        if place.marketplace is Marketplace.BR and channel == "MFN":
            changes.append((chance.randint(HOUR, DAY), "InvoiceUnconfirmed", False))
        return [*changes, (chance.randint(4 * HOUR, 4 * DAY), "Shipped", False)]


_KINDS = ("StandardOrder", "Preorder", "BackOrder", "LongLeadTimeOrder", "SourcingOnDemandOrder")
_KIND_WEIGHTS = (90, 4, 2, 2, 2)
