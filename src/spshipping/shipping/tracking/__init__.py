"""Where parcels are: one status and one timeline from everything that was received."""

from spshipping.shipping.tracking.events import Received, TrackedEvent, TrackedPlace, TrackedSummary
from spshipping.shipping.tracking.many import Tracked, is_amazon_carrier
from spshipping.shipping.tracking.schedule import PollingPlan, Watched, due_for_polling
from spshipping.shipping.tracking.status import DETAILS, MEANINGS, RANKS, REPLACED_BY, Meaning, TrackingStatus
from spshipping.shipping.tracking.stored import timeline_from_json, timeline_to_json
from spshipping.shipping.tracking.timeline import Timeline, tracked_event

__all__ = [
    "PollingPlan",
    "Received",
    "Timeline",
    "Tracked",
    "TrackedEvent",
    "TrackedPlace",
    "TrackedSummary",
    "TrackingStatus",
    "Watched",
    "due_for_polling",
    "is_amazon_carrier",
    "timeline_from_json",
    "timeline_to_json",
    "tracked_event",
    # the tables of precedence
    "DETAILS",
    "MEANINGS",
    "Meaning",
    "RANKS",
    "REPLACED_BY",
]
