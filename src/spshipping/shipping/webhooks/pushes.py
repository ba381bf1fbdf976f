"""What Amazon Shipping pushes to a webhook, as values that are never changed."""

from dataclasses import dataclass, field
from datetime import datetime

from spshipping.secret import Secret
from spshipping.shipping.tracking.events import TrackedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Something that was pushed, and what was around it."""

    key: str
    """The same each time that it is pushed: the id of the envelope, or a digest of the body without one."""
    detail_type: str | None = None
    source: str | None = None
    account: str | None = None
    region: str | None = None
    time: datetime | None = None
    """When it was sent, in UTC, as the envelope has it."""
    guessed: tuple[str, ...] = ()
    """What was read in another spelling, or form, than that of `get_tracking`; sorted.

    Amazon does not publish how a push spells its fields.
    """
    body: Secret | None = field(default=None, repr=False)
    """The JSON as it came: `push.body.reveal()`. None without a key of the journal, and once it is erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelPush(Push):
    """A push about one parcel; `timeline.with_events(push.events)` adds what it says."""

    tracking_id: str | None = None
    carrier_id: str | None = None
    events: tuple[TrackedEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingPush(ParcelPush):
    """Something happened to a parcel: there are a tracking id and at least one event.

    Where the journal has no key, the events have no place.
    """

    tracking_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NdrPush(ParcelPush):
    """A parcel could not be delivered, and the seller may say what to do: `submit_ndr_feedback`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtpPush(ParcelPush):
    """A one-time code for a parcel."""

    code: Secret | None = None
    """None where it cannot be read, after the end of the day (UTC), and where the journal has no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownPush(Push):
    """A push that is JSON, and that this version cannot read further; `body` has all of it."""

    reason: str
    """What is missing."""
