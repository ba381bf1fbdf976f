"""One submission as a ledger keeps it: its scope, its state, and what is known of its outcome."""

from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

MOST_SECONDS = 7200.0
"""So long a lease lasts, and so far off the next look is, at most."""


class WallClock(Protocol):
    """Says what time it is."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        ...


class SubmissionKind(Enum):
    """What is submitted."""

    ACKNOWLEDGEMENT = "acknowledgement"
    SHIPMENT_CONFIRMATION = "shipment confirmation"
    TRANSPORTATION_REQUEST = "transportation request"


class SubmissionState(Enum):
    """How far a submission has come."""

    BEGUN = "begun"
    """It is being sent; where the process died, it may have been sent."""
    UNKNOWN = "unknown"
    """It may have been sent, and no answer came."""
    SENT = "sent"
    """Amazon has it, and works on it."""
    CONFIRMED = "confirmed"
    """Amazon shows that it was taken."""
    UNCONFIRMED = "unconfirmed"
    """Nothing shows that it was refused, and nothing shows that it was taken."""
    REFUSED = "refused"
    NOT_SENT = "not sent"
    """It certainly did not reach Amazon."""
    SUPERSEDED = "superseded"
    """A later submission for the same order took its place before its outcome was known."""


IN_DOUBT = frozenset((SubmissionState.BEGUN, SubmissionState.UNKNOWN))
OPEN = IN_DOUBT | {SubmissionState.SENT}
"""The states in which the outcome is not known yet."""


class Scope(NamedTuple):
    """What submissions of the same thing share: a later one takes the place of an earlier one."""

    place: str
    """The endpoint: Amazon's sandbox and production have different ones."""
    vendor_code: str
    kind: SubmissionKind
    reference: str
    """The number of the purchase order, or the identifier of the shipment."""


class NewEntry(NamedTuple):
    """What is about to be submitted."""

    scope: Scope
    body: str
    """The JSON text that is sent."""
    warnings: tuple[str, ...] = ()
    """What rules say of it that does not prevent it."""

    def __repr__(self) -> str:
        # the body may hold an address
        return f"<NewEntry of {self.scope}>"


class Entry(NamedTuple):
    """A submission as a ledger has it; times are seconds since 1970, by the ledger's own clock."""

    number: int
    """Its number in the ledger: a later submission has a higher one."""
    scope: Scope
    state: SubmissionState
    body: str
    began_at: float
    due_at: float
    """When it is looked at next; of one that is being sent, when its process must be done."""
    read_at: float
    """When it was read."""
    sent_at: float | None = None
    """When Amazon's answer came."""
    transaction_id: str | None = None
    outcome: str | None = None
    """What the last look has shown, as JSON text."""
    has_been_in_doubt: bool = False
    """Whether an attempt to send it had an outcome that is not known."""
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        # the body may hold an address
        return f"<Entry {self.number} of {self.scope}: {self.state.value}>"

    @property
    def is_open(self) -> bool:
        """Whether its outcome is not known yet."""
        return self.state in OPEN

    @property
    def is_being_sent(self) -> bool:
        """Whether a process sends it now; one that died does so no longer than its lease."""
        return self.state is SubmissionState.BEGUN and not self.is_due

    @property
    def is_due(self) -> bool:
        """Whether it is open, and is to be looked at now."""
        # a time that is too far off says that the clock was set back since
        return self.is_open and not self.read_at < self.due_at <= self.read_at + MOST_SECONDS

    @property
    def is_said(self) -> bool:
        """Whether Amazon may have taken it: what follows must agree with it."""
        if self.state is SubmissionState.REFUSED:
            return self.has_been_in_doubt
        return self.state is not SubmissionState.NOT_SENT


class Whose(NamedTuple):
    """Whose submissions are meant."""

    place: str
    vendor_code: str | None = None
    """None for all of the place."""
    kind: SubmissionKind | None = None
    """None for all."""

    def has(self, scope: Scope) -> bool:
        """Return whether a submission is one of them."""
        return (
            scope.place == self.place
            and self.vendor_code in (None, scope.vendor_code)
            and self.kind in (None, scope.kind)
        )


class Settlement(NamedTuple):
    """What a step has brought: the state that follows, and what else is known."""

    state: SubmissionState
    due_in: float = 0.0
    """After how many seconds to look again."""
    transaction_id: str | None = None
    text: str | None = None
    """What is known of its outcome, as JSON text."""
