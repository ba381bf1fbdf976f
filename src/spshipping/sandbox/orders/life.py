"""How an order comes and goes: when it is placed, and what happens to it afterwards."""

import dataclasses
from random import Random
from typing import NamedTuple

from spshipping.regions import Marketplace
from spshipping.sandbox.orders.places import PLACES, WEIGHTS
from spshipping.sandbox.orders.record import Place

MINUTE, HOUR, DAY = 60, 3600, 86400


class Step(NamedTuple):
    """One thing that happens to an order."""

    time: int
    """Its last update, from then on."""
    seen: int
    """When the APIs show it."""
    status: str
    asks_to_cancel: bool = False


class Life(NamedTuple):
    """What of an order is settled before anything else of it is drawn."""

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
class Rhythm:
    """How many orders there are, and when."""

    seed: str
    start: int
    """When the sandbox began; so many orders are there by then."""
    count: int
    days: float
    """Over how many days they were placed; later ones come as often."""
    late: float
    """By how many seconds a change is shown late, at most."""

    def created(self, number: int) -> int:
        """Return when the order of this number is placed; a later number, a later time."""
        interval = self.days * DAY / max(1, self.count)
        part = (number * 2654435761 % 2**32) / 2**32  # scattered, and cheaper than a Random
        return self.start + int((number - self.count + part) * interval)

    def life(self, number: int) -> Life:
        """Draw what happens to the order of this number."""
        chance = Random(f"{self.seed}/{number}")  # noqa: S311 - not for secrets
        place = chance.choices(PLACES, WEIGHTS)[0]
        id_ = f"{chance.randint(100, 799)}-{number % 10**7:07d}-{chance.randrange(10**7):07d}"
        channel = "MFN" if chance.random() < 0.7 else "AFN"
        is_amazon = channel == "MFN" or chance.random() > 0.06
        kind = chance.choices(_KINDS, _KIND_WEIGHTS)[0] if channel == "MFN" else "StandardOrder"
        story = self._story(chance, place, channel, kind, is_amazon=is_amazon)
        time = seen = self.created(number)
        steps = []
        for after, status, asks in story:
            time += after
            seen = max(seen, time + int(chance.random() * (self.late + 1)))
            steps.append(Step(time, seen, status, asks))
        return Life(self.seed, number, id_, place, channel, kind, is_amazon, tuple(steps))

    def _story(
        self, chance: Random, place: Place, channel: str, kind: str, *, is_amazon: bool
    ) -> list[tuple[int, str, bool]]:
        """Return what happens: seconds after what came before, the status, whether the buyer cancels."""
        story = [(0, "Pending", False)]
        if kind == "Preorder":
            wait = chance.randint(2 * DAY, 9 * DAY)
            story = [(0, "PendingAvailability", False), (wait, "Pending", False)]
        end = chance.random()
        if end < 0.05:
            return [*story, (chance.randint(HOUR, 7 * DAY), "Canceled", False)]
        if not is_amazon and end < 0.5:
            return [*story, (chance.randint(MINUTE, HOUR), "Unfulfillable", False)]
        story.append((chance.randint(20 * MINUTE, 90 * MINUTE), "Unshipped", False))
        if end < 0.12:
            story.append((chance.randint(MINUTE, HOUR), "Unshipped", True))
            if end < 0.09:
                return [*story, (chance.randint(HOUR, 12 * HOUR), "Canceled", False)]
        if channel == "MFN" and end > 0.85:
            story.append((chance.randint(HOUR, DAY), "PartiallyShipped", False))
        if place.marketplace is Marketplace.BR and channel == "MFN":
            story.append((chance.randint(HOUR, DAY), "InvoiceUnconfirmed", False))
        return [*story, (chance.randint(4 * HOUR, 4 * DAY), "Shipped", False)]


_KINDS = ("StandardOrder", "Preorder", "BackOrder", "LongLeadTimeOrder", "SourcingOnDemandOrder")
_KIND_WEIGHTS = (90, 4, 2, 2, 2)
