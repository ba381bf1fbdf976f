"""One wanted purchase: its scope, its state, and what is kept of it."""

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Self

from spshipping.errors import ConfigurationError
from spshipping.named import NamedTuple
from spshipping.operation.keys import derive
from spshipping.regions import ShippingBusiness

_CLOCK_TOLERANCE_SECONDS = 60.0
"""So far a clock may have been set back without making the age of a purchase doubtful."""
MOST_LEASE_SECONDS = 86_400.0
"""What seems to be owned for longer was written while the clock was wrong."""


class State(Enum):
    """How far a purchase has come."""

    RESERVED = "reserved"
    """The reference is taken; nothing was sent that costs money."""
    QUOTED = "quoted"
    """A rate is chosen; nothing was sent that costs money."""
    SENDING = "sending"
    """The purchase may have left."""
    BOUGHT = "bought"
    REFUSED = "refused"
    """Certainly not bought; the reference can be shipped again."""
    UNKNOWN = "unknown"
    """It was sent, and the outcome is not known; the same purchase can be sent again for a while."""
    UNSETTLED = "unsettled"
    """The outcome is not known, and the purchase can no longer be sent again: a person must look it up."""
    TAKEN = "taken"
    """Bought, and the labels were handed over."""
    CANCELLING = "cancelling"
    """A cancellation was sent, and its outcome is not known."""
    CANCELLED = "cancelled"
    PURGED = "purged"
    """It was bought; everything else is erased, so that the reference never buys again."""


UNSENT = frozenset((State.RESERVED, State.QUOTED))
IN_DOUBT = frozenset((State.SENDING, State.UNKNOWN))
SPENT = frozenset(
    (
        State.QUOTED,
        State.SENDING,
        State.UNKNOWN,
        State.UNSETTLED,
        State.BOUGHT,
        State.TAKEN,
        State.CANCELLING,
        State.PURGED,
    )
)
"""The states whose charges count as spent: what is reserved, and what may have been bought, too."""
OPEN = UNSENT | IN_DOUBT
"""The states in which a purchase has an owner, for as long as the lease lasts."""


class Outcome(Enum):
    """What came of sending a purchase."""

    BOUGHT = "bought"
    REFUSED = "refused"
    """Amazon refused it; a purchase that follows is another attempt, with another key."""
    NOT_SENT = "not sent"
    """It certainly did not reach Amazon, or was turned away before it was looked at; the key stays."""
    UNKNOWN = "unknown"
    UNSETTLED = "unsettled"


class Account(NamedTuple):
    """Whose purchases they are."""

    place: str
    """The endpoint; Amazon's sandbox and production have different ones."""
    seller: str
    """The selling partner."""


class Scope(NamedTuple):
    """What makes a purchase one and the same: two purchases whose scopes differ never meet."""

    place: str
    seller: str
    business: str
    reference: str
    generation: int = 1

    @property
    def account(self) -> Account:
        """Whose it is."""
        return Account(self.place, self.seller)

    @property
    def _values(self) -> tuple[str, ...]:
        return (self.place, self.seller, self.business, self.reference, str(self.generation))

    def key(self, attempt: int) -> str:
        """Return the idempotency key of an attempt, the first being 1: the same in every process."""
        return derive(("purchase", *self._values, str(attempt)))

    @property
    def package(self) -> str:
        """The package's client reference id: 36 characters that name nothing of the order."""
        return derive(("package", *self._values))


class Charge(NamedTuple):
    """What a purchase costs."""

    amount: Decimal
    unit: str
    """The ISO 4217 code."""


class SpendingLimit(NamedTuple):
    """How much an account may spend on one day."""

    amount: Decimal
    unit: str
    """The ISO 4217 code; a charge in another one is refused."""
    zone: str = "UTC"
    """The time zone in which a day begins, such as `Europe/London`."""

    @classmethod
    def for_business(cls, amount: Decimal, business: ShippingBusiness | str, zone: str = "UTC") -> Self:
        """Return a limit in the currency of an Amazon Shipping business, such as `UK`.

        Raises:
            ConfigurationError: there is no such business, or its currency is not listed.
        """
        named = ShippingBusiness.named(business)
        if named.currency is None:
            raise ConfigurationError(f"the currency of {named} is not listed: give SpendingLimit its unit=")
        return cls(amount, named.currency, zone)

    def day(self, time: float) -> str:
        """Return the day of a time in seconds since 1970, as `2026-03-01`.

        Raises:
            ConfigurationError: there is no such time zone here.
        """
        # imported here: only a limit needs it
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return datetime.fromtimestamp(time, ZoneInfo(self.zone)).date().isoformat()
        except (ZoneInfoNotFoundError, ValueError, TypeError):
            raise ConfigurationError(
                f"{self.zone!r} is no time zone that is known here; give one such as Europe/London"
            ) from None


class NewEntry(NamedTuple):
    """A purchase that is wanted."""

    scope: Scope
    fields: Mapping[str, str]
    """A keyed digest of each field of the parcel, by its path."""
    wanted: str
    """What is to be bought, as JSON; the parcel is in it where the journal may keep personal data."""

    def __repr__(self) -> str:
        return f"<NewEntry, generation {self.scope.generation}>"


class Entry(NamedTuple):
    """A purchase, as the journal has it. Times are in seconds, by the journal's own clock."""

    scope: Scope
    state: State
    attempt: int
    """Counted from 1; one more only after a certain refusal."""
    key: str
    """The idempotency key of the attempt."""
    fence: int
    """One more with each owner; what an earlier owner writes is refused."""
    lease_until: float
    began_at: float
    changed_at: float
    read_at: float
    fields: Mapping[str, str]
    wanted: str | None = None
    call: str | None = None
    """The purchase as it is sent, as JSON."""
    result: str | None = None
    """What was bought, as JSON."""
    charge: Charge | None = None
    day: str | None = None
    """The day on which the charge counts, in the time zone of the spending limit, where there is one."""
    sent_at: float | None = None
    """When the attempt may first have left."""
    has_been_in_doubt: bool = False
    """Whether the outcome of this attempt was unknown at some time: then it can no longer be refused."""
    is_by_hand: bool = False
    """Whether a person said what came of it."""
    delivered_at: float | None = None
    """When it was delivered, as noted by `delivered`; None where that was not called."""

    @property
    def sent_age(self) -> float:
        """Seconds since the attempt may first have left; infinite where that is not known."""
        if self.sent_at is None or self.sent_at - self.read_at > _CLOCK_TOLERANCE_SECONDS:
            return math.inf
        return max(0.0, self.read_at - self.sent_at)

    @property
    def is_owned(self) -> bool:
        """Whether a process is at work on it, as far as the journal knows."""
        return self.state in OPEN and self.read_at < self.lease_until <= self.read_at + MOST_LEASE_SECONDS

    def __repr__(self) -> str:
        return f"<Entry {self.state.value}, generation {self.scope.generation}, attempt {self.attempt}>"


class Owned(NamedTuple):
    """A purchase that this process works on, until the lease ends."""

    entry: Entry

    @property
    def scope(self) -> Scope:
        """Which purchase it is."""
        return self.entry.scope

    def __repr__(self) -> str:
        return f"<Owned {self.entry!r}>"
