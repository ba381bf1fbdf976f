"""The status of a parcel, read from its events in their order and from Amazon's summary."""

from collections.abc import Iterable

from spshipping.named import NamedTuple
from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.tracking.events import Received, TrackedEvent, TrackedSummary
from spshipping.shipping.tracking.status import RANKS, TrackingStatus, meaning_of, replaced

_BACK = (TrackingStatus.RETURNING, TrackingStatus.RETURNED)


class _Step(NamedTuple):
    """What one event says, and on which leg the parcel is from then on."""

    event: TrackedEvent
    status: TrackingStatus | None
    leg: ShipmentType | None


def status_of(events: Iterable[TrackedEvent], summary: Received[TrackedSummary] | None) -> TrackingStatus:
    """Return where a parcel is.

    Args:
        events: sorted by time. One that states no leg is of the same leg as the one before it.
        summary: the last one that was received. It counts where it says more than the events that are not
            later than it: a status that none of them states, and that is further on than theirs.
    """
    steps = _steps(events)
    status, leg = TrackingStatus.UNKNOWN, None
    before = [step for step in steps if summary is None or step.event.second <= summary.at]
    for step in before:
        status, leg = _advanced(status, step), step.leg
    if summary is not None:
        status = _supplemented(status, leg, summary.value, {step.status for step in steps})
    for step in steps[len(before) :]:
        status = _advanced(status, step)
    return status


def _steps(events: Iterable[TrackedEvent]) -> list[_Step]:
    found: list[_Step] = []
    leg: ShipmentType | None = None
    for event in events:
        leg = event.leg or leg
        status = meaning_of(event.code, event.details, leg)
        if status in _BACK:
            leg = ShipmentType.RETURNS
        found.append(_Step(event, status, leg))
    return found


def _advanced(status: TrackingStatus, step: _Step) -> TrackingStatus:
    if step.status is None:
        return status
    if step.leg == ShipmentType.RETURNS:
        # whatever happens on the way back, the way back has begun
        status = replaced(status, TrackingStatus.RETURNING)
    return replaced(status, step.status)


def _supplemented(
    status: TrackingStatus,
    leg: ShipmentType | None,
    summary: TrackedSummary,
    stated: set[TrackingStatus | None],
) -> TrackingStatus:
    if summary.returns:
        leg = ShipmentType.RETURNS
    details = summary.returns if leg == ShipmentType.RETURNS else summary.forward
    summed_up = meaning_of(summary.status, details, leg)
    if summed_up is None or summed_up in stated or RANKS[summed_up] <= RANKS[status]:
        return status
    return replaced(status, summed_up)
