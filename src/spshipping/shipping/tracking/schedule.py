"""When a parcel is polled beside the pushes about it: where it was silent for long, and once a day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from spshipping.errors import NotFoundError
from spshipping.named import NamedTuple
from spshipping.shipping.tracking.events import TrackedEvent, in_utc
from spshipping.shipping.tracking.many import Parcel, Tracked, is_amazon_carrier
from spshipping.shipping.tracking.status import TrackingStatus
from spshipping.shipping.tracking.timeline import Timeline

_S = TrackingStatus
ENDED = frozenset((_S.DELIVERED, _S.RETURNED, _S.CANCELLED))
"""The statuses after which nothing more is likely to happen."""
AT_REST = ENDED | {_S.UNKNOWN, _S.LABEL_CREATED, _S.AVAILABLE_FOR_PICKUP, _S.LOST}
"""The statuses in which silence is usual: such a parcel is polled once a day only."""


class PollingPlan(NamedTuple):
    """How often a parcel is polled beside the pushes about it."""

    silent_for: timedelta = timedelta(hours=18)
    """A parcel on its way is polled when it was silent for so long; most are, for some hours each night."""
    every: timedelta = timedelta(days=1)
    """Every parcel is polled when its last poll is so long ago."""
    ended_for: timedelta = timedelta(days=3)
    """So long after its last event a parcel that has arrived, or was cancelled, is still polled."""
    followed_for: timedelta = timedelta(days=45)
    """So long a parcel is polled at all. After 45 days Amazon returns no events any more.

    Source: https://developer-docs.amazon.com/amazon-shipping/docs/tutorial-track-a-shipment
    """


_USUAL = PollingPlan()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A parcel whose way is followed by pushes and by polls. It is never changed: methods return a new one.

    Raises:
        InvalidRequestError: a time has no offset.
    """

    timeline: Timeline
    carrier_id: str
    since: datetime
    """When following it began."""
    heard_at: datetime | None = None
    """When it was last pushed about."""
    polled_at: datetime | None = None

    def __post_init__(self) -> None:
        for name in ("since", "heard_at", "polled_at"):
            time: datetime | None = getattr(self, name)
            object.__setattr__(self, name, None if time is None else in_utc(time, name))

    @classmethod
    def begin(cls, tracking_id: str, carrier_id: str, *, since: datetime) -> Self:
        """Return a parcel that is followed from now on, such as one whose label was just bought."""
        return cls(timeline=Timeline(tracking_id=tracking_id), carrier_id=carrier_id, since=since)

    @property
    def parcel(self) -> Parcel:
        """What `track_many` takes."""
        return self.timeline.tracking_id, self.carrier_id

    def pushed(self, events: Iterable[TrackedEvent], *, at: datetime) -> Self:
        """Return it with events that were pushed.

        Args:
            events: those of the push.
            at: when it was received.
        """
        return replace(self, timeline=self.timeline.with_events(events), heard_at=at)

    def polled(self, tracked: Tracked, *, at: datetime) -> Self:
        """Return it with what a poll said; one that failed is due again, but for a parcel that is not found.

        Raises:
            InvalidRequestError: it is of another parcel.
        """
        if tracked.timeline is not None:
            return replace(self, timeline=self.timeline.merged(tracked.timeline), polled_at=at)
        is_answered = isinstance(tracked.error, NotFoundError)
        return replace(self, polled_at=at) if is_answered else self

    def next_poll(self, plan: PollingPlan = _USUAL) -> datetime | None:
        """Return when it is to be polled next; None for never."""
        if not is_amazon_carrier(self.carrier_id):
            return None
        polled_at = self.polled_at or self.since
        at = polled_at + plan.every
        status, latest = self.timeline.status, self.timeline.latest
        if status not in AT_REST:
            at = min(at, max(polled_at, self.heard_at or polled_at) + plan.silent_for)
        ends = self.since + plan.followed_for
        if status in ENDED:
            ended_at = self.since if latest is None else latest.time
            ends = min(ends, ended_at + plan.ended_for)
        return at if at <= ends else None


def due_for_polling(
    parcels: Iterable[Watched], now: datetime, plan: PollingPlan = _USUAL
) -> Iterator[Watched]:
    """Yield the parcels that are to be polled now; lazily, and in their order.

    Args:
        parcels: all that are followed.
        now: the time.
        plan: how often each is polled.

    Raises:
        InvalidRequestError: *now* has no offset.
    """
    moment = in_utc(now, "now")
    for parcel in parcels:
        at = parcel.next_poll(plan)
        if at is not None and at <= moment:
            yield parcel
