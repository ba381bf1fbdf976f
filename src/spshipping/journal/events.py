"""What a log of pushed events does: each is written once, and handed over at least once."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from typing import Protocol

from spshipping.named import NamedTuple

SOURCE = "webhook"
"""The source of events where none is named."""
MOST_SECONDS = 3600.0
"""So long an event may be claimed, or put off, at most."""


class Appended(Enum):
    """What came of appending an event."""

    NEW = "new"
    REPEAT = "repeat"
    """It was written before; nothing is written now."""
    OTHER = "other"
    """Its key is that of another event, whose text differs; nothing is written."""


class NewEvent(NamedTuple):
    """An event that was pushed."""

    key: str
    """The same each time that the event is pushed."""
    text: str
    """What must not be lost. It is kept in clear, so nothing in it is personal."""
    personal: str | None = None
    """What may be personal: sealed where the journal has a key, and left out where it has none."""
    is_for_today: bool = False
    """Whether *personal* is erased at the end of the day (UTC) on which the event came."""
    unreadable: str | None = None
    """Why it cannot be read. Such an event is kept apart, in quarantine, and is not handed over."""

    def __repr__(self) -> str:
        return "<NewEvent>"


class LoggedEvent(NamedTuple):
    """An event of the log."""

    key: str
    text: str
    personal: str | None
    """None where it was erased, and where the journal has no key."""
    received_at: datetime
    deliveries: int
    """How often it was claimed."""
    unreadable: str | None = None
    """Why it is in quarantine."""

    def __repr__(self) -> str:
        return f"<LoggedEvent, claimed {self.deliveries} times>"


class EventLog(Protocol):
    """Keeps the events of one source from before they are acknowledged until they are handed over.

    It may block; on return, what it wrote is on the disk. It is safe for all threads and processes that share
    it. What is personal in an event is erased as soon as it is done.
    """

    @property
    def keeps_personal(self) -> bool:
        """Whether it keeps what may be personal."""
        ...

    def append(self, event: NewEvent) -> Appended:
        """Write an event, unless it is there already, handed over or not.

        Erases what is for an earlier day, where it writes.
        """
        ...

    def claim(self, lease: float) -> LoggedEvent | None:
        """Return the oldest event that is to be handed over now, and to no other claim for *lease* seconds.

        Erases first what is for an earlier day.
        """
        ...

    def done(self, event: LoggedEvent) -> bool:
        """Note that a claimed event was handed over; False where another claim has it now."""
        ...

    def put_off(self, event: LoggedEvent, seconds: float) -> bool:
        """Let a claimed event be claimed again in *seconds*; False where another claim has it now."""
        ...

    def quarantined(self, after: str | None = None, most: int = 100) -> Sequence[LoggedEvent]:
        """Return what could not be read, in the order of keys, after the key *after*."""
        ...

    def forget(self) -> int:
        """Erase what is for an earlier day; return of how many events."""
        ...

    def purge(self, before: datetime) -> int:
        """Remove what was handed over, or put into quarantine, before then; return how many events.

        An event that is pushed again later is a new one. What waits to be handed over stays.
        """
        ...


def end_of_day(now: float) -> float:
    """Return when the day (UTC) of a time ends, both in seconds since 1970."""
    day = datetime.fromtimestamp(now, UTC).date() + timedelta(days=1)
    return datetime.combine(day, time(), UTC).timestamp()


def is_due(due_at: float, now: float) -> bool:
    """Return whether an event can be claimed; where it is too far off, the clock was set back since."""
    return not now < due_at <= now + MOST_SECONDS


def bounded(seconds: float) -> float:
    """Return how long a claim, or putting off, really lasts."""
    return min(max(seconds, 0.0), MOST_SECONDS)
