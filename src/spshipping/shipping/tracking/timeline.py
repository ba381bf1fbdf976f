"""The way of one parcel, from everything that was received about it, in whatever order it came."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.shipping.models.documents import present
from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.models.tracking import (
    DetailCodes,
    Event,
    EventCode,
    GetTrackingResult,
    TrackingSummary,
)
from spshipping.shipping.tracking.events import (
    Received,
    TrackedEvent,
    TrackedPlace,
    TrackedSummary,
    in_utc,
    sorted_details,
    united,
)
from spshipping.shipping.tracking.reading import status_of
from spshipping.shipping.tracking.status import RANKS, TrackingStatus, meaning_of
from spshipping.wire.flat import Column
from spshipping.wire.model import has
from spshipping.wire.view import Grid, as_html, as_rich


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What is known of the way of one parcel. It is never changed: each method returns a new one.

    The same events give the same timeline, in whatever order they came, and however often. The events are
    sorted by time; at the same second the one whose status is further on comes last.

    Raises:
        InvalidRequestError: a time has no offset.
    """

    _columns: ClassVar[tuple[Column, ...]] = (
        Column("tracking_id", "text", ("tracking_id",)),
        Column("time", "time", ("time",)),
        Column("status", "text", ("status",)),
        Column("code", "text", ("code",)),
        Column("leg", "text", ("leg",)),
        Column("details", "text", ("details",), is_list=True),
        Column("place.country_code", "text", ("place", "country_code")),
        Column("place.state_or_region", "text", ("place", "state_or_region")),
        Column("place.city", "text", ("place", "city"), is_personal=True),
        Column("place.postal_code", "text", ("place", "postal_code"), is_personal=True),
    )
    """The columns of a data frame."""

    tracking_id: str
    events: tuple[TrackedEvent, ...] = ()
    summary: Received[TrackedSummary] | None = None
    """The one that was received last. It counts only for a status that no event states."""
    promised_delivery: Received[datetime] | None = None
    """When delivery is promised, as it was received last."""
    alternate_leg_tracking_id: Received[str] | None = None
    """The tracking id of the other leg, as it was received last."""

    def __post_init__(self) -> None:
        events = sorted(united(self.events), key=_place_in_time)
        object.__setattr__(self, "events", tuple(events))

    @classmethod
    def of(cls, result: GetTrackingResult, *, received_at: datetime, tracking_id: str | None = None) -> Self:
        """Return what one answer of `get_tracking` says.

        Args:
            result: the answer.
            received_at: when it was received; it decides which of two summaries is the later one.
            tracking_id: of the parcel; None means the one in the answer.

        Raises:
            InvalidRequestError: *received_at* has no offset.
            MissingFieldError: the answer lacks the tracking id, and none is given.
        """
        other = result.alternate_leg_tracking_id
        promised = result.promised_delivery_date
        summary = _summed_up(result.summary) if has(result, "summary") else TrackedSummary()
        return cls(
            tracking_id=result.tracking_id if tracking_id is None else tracking_id,
            events=tuple(_events_of(result)),
            summary=Received(received_at, summary) if summary != TrackedSummary() else None,
            promised_delivery=Received(received_at, in_utc(promised, "promised")) if promised else None,
            # Amazon has sent the text "null" for none
            alternate_leg_tracking_id=Received(received_at, other) if other and other != "null" else None,
        )

    def merged(self, other: "Timeline") -> "Timeline":
        """Return all that both know. Merging is the same in any order, and a repeat changes nothing.

        Raises:
            InvalidRequestError: the other one is of another parcel.
        """
        if other.tracking_id != self.tracking_id:
            raise InvalidRequestError("is of another parcel", path="tracking_id")
        return Timeline(
            tracking_id=self.tracking_id,
            events=(*self.events, *other.events),
            summary=_later(self.summary, other.summary),
            promised_delivery=_later(self.promised_delivery, other.promised_delivery),
            alternate_leg_tracking_id=_later(self.alternate_leg_tracking_id, other.alternate_leg_tracking_id),
        )

    def with_result(self, result: GetTrackingResult, *, received_at: datetime) -> "Timeline":
        """Return the timeline with an answer of `get_tracking`, whatever tracking id that states.

        Raises:
            InvalidRequestError: *received_at* has no offset.
        """
        return self.merged(Timeline.of(result, received_at=received_at, tracking_id=self.tracking_id))

    def with_events(self, events: Iterable[TrackedEvent]) -> "Timeline":
        """Return the timeline with further events, as they are pushed."""
        return self.merged(Timeline(tracking_id=self.tracking_id, events=tuple(events)))

    @property
    def latest(self) -> TrackedEvent | None:
        """The last event, or None if there is none."""
        return self.events[-1] if self.events else None

    @property
    def status(self) -> TrackingStatus:
        """Where the parcel is; see the table of precedence in the page on tracking."""
        return status_of(self.events, self.summary)

    def _rows(self) -> Iterator["_Row"]:
        """Yield a row of a data frame for each event."""
        for event in self.events:
            meaning = meaning_of(event.code, event.details, event.leg)
            yield _Row(
                self.tracking_id, event.time, meaning, event.code, event.leg, event.details, event.place
            )

    def _grid(self) -> Grid:
        rows = [
            (
                event.time.isoformat(" ", "seconds"),
                str(meaning_of(event.code, event.details, event.leg) or ""),
                str(event.code),
                # where a parcel is at its end is where a person lives: the place is left out
                str(event.leg or ""),
            )
            for event in self.events
        ]
        return Grid(f"{self.tracking_id}: {self.status}", ("time", "status", "event", "leg"), rows)

    def _repr_html_(self) -> str:
        """Show the events as a table in Jupyter, without places."""
        return as_html([self._grid()])

    def __rich__(self) -> Any:
        """Show the events as a table where rich prints it, without places."""
        return as_rich([self._grid()])


class _Row(NamedTuple):
    """One event in a data frame."""

    tracking_id: str
    time: datetime
    status: TrackingStatus | None
    code: EventCode
    leg: ShipmentType | None
    details: tuple[DetailCodes, ...]
    place: TrackedPlace | None


def _place_in_time(event: TrackedEvent) -> tuple[datetime, int, str]:
    meaning = meaning_of(event.code, event.details, event.leg)
    return event.second, -1 if meaning is None else RANKS[meaning], event.code


def _events_of(result: GetTrackingResult) -> Iterator[TrackedEvent]:
    for event in present(result.event_history):
        if has(event, "event_code") and has(event, "event_time"):
            yield tracked_event(event)


def tracked_event(event: Event, details: Iterable[str] = ()) -> TrackedEvent:
    """Return an event in Amazon's form as one of a timeline.

    Args:
        event: with its code and its time.
        details: detail codes that came with it.

    Raises:
        MissingFieldError: it has no code, or no time.
    """
    return TrackedEvent(
        code=event.event_code,
        time=event.event_time,
        leg=event.shipment_type,
        place=TrackedPlace.of(event.location),
        details=sorted_details(details),
    )


def _summed_up(summary: TrackingSummary) -> TrackedSummary:
    codes = summary.tracking_detail_codes
    if codes is None:
        return TrackedSummary(summary.status)
    forward, returns = (sorted_details(present(each)) for each in (codes.forward, codes.returns))
    return TrackedSummary(summary.status, forward, returns)


def _later(one: Received[Any] | None, other: Received[Any] | None) -> Received[Any] | None:
    """Return what was received later; of two at the same time the greater text, so that order is all one."""
    both = [each for each in (one, other) if each is not None]
    return max(both, key=lambda each: (each.at, repr(each.value)), default=None)
