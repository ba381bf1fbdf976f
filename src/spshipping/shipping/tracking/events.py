"""What was received about a parcel, by a poll or by a push, as values that are never changed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

from spshipping.errors import InvalidRequestError
from spshipping.named import NamedTuple
from spshipping.shipping.models.parties import Location, ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, EventCode, Status

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedPlace:
    """Where an event happened. City and postal code are personal: `repr` hides them."""

    state_or_region: str | None = None
    city: str | None = field(default=None, repr=False)
    country_code: str | None = None
    postal_code: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, location: Location | None) -> "TrackedPlace | None":
        """Return the place of a `Location`, or None where it names none."""
        if location is None:
            return None
        place = cls(
            state_or_region=location.state_or_region,
            city=location.city,
            country_code=location.country_code,
            postal_code=location.postal_code,
        )
        return place if place != cls() else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedEvent:
    """Something that happened to a parcel.

    Two events with one code at the same second are the same event, reported twice: `Timeline` keeps one.

    Raises:
        InvalidRequestError: the time has no offset.
    """

    code: EventCode
    time: datetime
    """When it happened, in UTC."""
    leg: ShipmentType | None = None
    """None where Amazon does not say the direction."""
    place: TrackedPlace | None = None
    details: tuple[DetailCodes, ...] = ()
    """Detail codes that came with the event itself, sorted."""

    def __post_init__(self) -> None:
        set_ = object.__setattr__  # the class is frozen
        set_(self, "code", EventCode(self.code))
        set_(self, "time", in_utc(self.time, "time"))
        set_(self, "leg", None if self.leg is None else ShipmentType(self.leg))
        set_(self, "details", sorted_details(self.details))

    @property
    def second(self) -> datetime:
        """The time without the fraction: some answers have one and others not."""
        return self.time.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Received(Generic[T_co]):
    """A value, and when it was received, in UTC."""

    at: datetime
    value: T_co

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", in_utc(self.at, "at"))


class TrackedSummary(NamedTuple):
    """How things stood, as Amazon summed it up."""

    status: Status | None = None
    forward: tuple[DetailCodes, ...] = ()
    """Details of the way out, sorted."""
    returns: tuple[DetailCodes, ...] = ()
    """Details of the way back, sorted."""


def sorted_details(codes: Iterable[str]) -> tuple[DetailCodes, ...]:
    """Return detail codes sorted, each once."""
    return tuple(DetailCodes(code) for code in sorted(set(codes)))


def in_utc(time: datetime, path: str) -> datetime:
    """Return *time* in UTC; one that would leave the years 1 to 9999 keeps its offset.

    Raises:
        InvalidRequestError: it has no offset.
    """
    if time.tzinfo is None:
        raise InvalidRequestError(
            "has no offset; give it a time zone, such as datetime.now(timezone.utc)", path=path
        )
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return time


def united(events: Iterable[TrackedEvent]) -> list[TrackedEvent]:
    """Return each event once; what one report of it lacks comes from the others, in whatever order."""
    found: dict[tuple[EventCode, datetime], TrackedEvent] = {}
    for event in events:
        key = (event.code, event.second)
        known = found.get(key)
        found[key] = event if known is None else _joined(known, event)
    return list(found.values())


def _joined(one: TrackedEvent, other: TrackedEvent) -> TrackedEvent:
    """Return one event of two reports; of two values the greater, so that their order is all one."""
    places = [event.place for event in (one, other) if event.place is not None]
    legs = [event.leg for event in (one, other) if event.leg is not None]
    return TrackedEvent(
        code=one.code,
        time=max(one.time, other.time),
        leg=max(legs, default=None),
        place=max(places, key=_fullness, default=None),
        details=(*one.details, *other.details),
    )


def _fullness(place: TrackedPlace) -> tuple[int, list[tuple[bool, str]]]:
    texts = (place.state_or_region, place.city, place.country_code, place.postal_code)
    return sum(text is not None for text in texts), [(text is not None, text or "") for text in texts]
