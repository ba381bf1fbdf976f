"""The normalised status of a parcel: what each of Amazon's words means, and which status replaces which."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from spshipping.named import NamedTuple
from spshipping.shipping.models.parties import ShipmentType
from spshipping.shipping.models.tracking import DetailCodes, EventCode, Status


class TrackingStatus(StrEnum):
    """Where a parcel is, in one word. Of events at the same second, the status further down here wins."""

    UNKNOWN = "unknown"
    """Nothing that was received says where it is."""
    LABEL_CREATED = "label_created"
    CANCELLED = "cancelled"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AVAILABLE_FOR_PICKUP = "available_for_pickup"
    """It waits where the recipient can collect it."""
    DELIVERY_ATTEMPTED = "delivery_attempted"
    REJECTED = "rejected"
    UNDELIVERABLE = "undeliverable"
    LOST = "lost"
    DELIVERED = "delivered"
    """It is at its recipient."""
    RETURNING = "returning"
    """It is on its way back, or a return was begun."""
    RETURNED = "returned"
    """It is back with its sender."""


_S = TrackingStatus


class Meaning(NamedTuple):
    """The status that one of Amazon's words stands for, by leg; None where it says nothing of the status."""

    forward: TrackingStatus | None
    returns: TrackingStatus | None


_MOVING = Meaning(_S.IN_TRANSIT, _S.RETURNING)

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {
        EventCode.READY_FOR_RECEIVE: Meaning(_S.LABEL_CREATED, None),
        Status.PRE_TRANSIT: Meaning(_S.LABEL_CREATED, None),
        EventCode.PICKUP_CANCELLED: Meaning(_S.CANCELLED, None),
        EventCode.PICKUP_DONE: _MOVING,
        EventCode.PACKAGE_RECEIVED_BY_CARRIER: _MOVING,
        EventCode.DEPARTED: _MOVING,
        EventCode.ARRIVED_AT_CARRIER_FACILITY: _MOVING,
        Status.IN_TRANSIT: _MOVING,
        EventCode.OUT_FOR_DELIVERY: Meaning(_S.OUT_FOR_DELIVERY, _S.RETURNING),
        EventCode.AVAILABLE_FOR_PICKUP: Meaning(_S.AVAILABLE_FOR_PICKUP, _S.RETURNING),
        Status.AWAITING_CUSTOMER_PICKUP: Meaning(_S.AVAILABLE_FOR_PICKUP, _S.RETURNING),
        EventCode.DELIVERY_ATTEMPTED: Meaning(_S.DELIVERY_ATTEMPTED, _S.RETURNING),
        EventCode.REJECTED: Meaning(_S.REJECTED, _S.RETURNING),
        EventCode.UNDELIVERABLE: Meaning(_S.UNDELIVERABLE, _S.RETURNING),
        EventCode.LOST: Meaning(_S.LOST, _S.LOST),
        EventCode.DELIVERED: Meaning(_S.DELIVERED, _S.RETURNED),
        EventCode.RETURN_INITIATED: Meaning(_S.RETURNING, _S.RETURNING),
        # other clients have seen it, though Amazon's model lacks it
        "Returned": Meaning(_S.RETURNED, _S.RETURNED),
        EventCode.RECIPIENT_REQUESTED_ALTERNATE_DELIVERY_TIMING: Meaning(None, None),
    }
)
"""What Amazon's event codes and summary statuses mean; any other word says nothing of the status.

Source: https://github.com/amzn/selling-partner-api-models (shippingV2.json, EventCode and Status)
"""

DETAILS: Mapping[DetailCodes, TrackingStatus] = MappingProxyType(
    {
        DetailCodes.ARRIVED_AT_LOCAL_FACILITY: _S.IN_TRANSIT,
        DetailCodes.BUSINESS_CLOSED: _S.DELIVERY_ATTEMPTED,
        DetailCodes.CUSTOMER_UNAVAILABLE: _S.DELIVERY_ATTEMPTED,
        DetailCodes.PAYMENT_NOT_READY: _S.DELIVERY_ATTEMPTED,
        DetailCodes.OTP_NOT_AVAILABLE: _S.DELIVERY_ATTEMPTED,
        DetailCodes.DELIVERY_ATTEMPTED: _S.DELIVERY_ATTEMPTED,
        DetailCodes.UNABLE_TO_ACCESS: _S.DELIVERY_ATTEMPTED,
        DetailCodes.UNABLE_TO_CONTACT_RECIPIENT: _S.DELIVERY_ATTEMPTED,
        DetailCodes.INCORRECT_ITEMS: _S.REJECTED,
        DetailCodes.NOT_REQUIRED: _S.REJECTED,
        DetailCodes.REJECTED: _S.REJECTED,
        DetailCodes.REJECTED_BY_RECIPIENT_WITH_VERIFICATION: _S.REJECTED,
        DetailCodes.CANCELLED_BY_RECIPIENT: _S.REJECTED,
        DetailCodes.ADDRESS_NOT_FOUND: _S.UNDELIVERABLE,
        DetailCodes.HAZMAT_SHIPMENT: _S.UNDELIVERABLE,
        DetailCodes.UNDELIVERABLE: _S.UNDELIVERABLE,
        DetailCodes.DELIVERED_TO_BEHIND_WHEELIE_BIN: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_PORCH: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_GARAGE: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_GARDEN: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_GREENHOUSE: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_MAIL_SLOT: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_MAIL_ROOM: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_NEIGHBOR: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_REAR_DOOR: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_RECEPTIONIST: _S.DELIVERED,
        DetailCodes.DELIVERED_TO_SHED: _S.DELIVERED,
        DetailCodes.DELIVERED_WITH_OTP: _S.DELIVERED,
        DetailCodes.SIGNED: _S.DELIVERED,
    }
)
"""What detail codes mean where the event code or the status beside them says nothing. `Damaged` is a reason
that goes with several statuses, and means none.

Source: https://github.com/amzn/selling-partner-api-models (shippingV2.json, DetailCodes)
"""

_ALL = frozenset(TrackingStatus) - {_S.UNKNOWN}
_STARTED = _ALL - {_S.LABEL_CREATED}
_PICKED_UP = _STARTED - {_S.CANCELLED}

_AFTER = {
    _S.UNKNOWN: _ALL,
    _S.LABEL_CREATED: _STARTED,
    _S.CANCELLED: _PICKED_UP,  # it was picked up all the same
    _S.IN_TRANSIT: _STARTED,  # in India a parcel can be cancelled after its pickup
    _S.OUT_FOR_DELIVERY: _PICKED_UP,
    _S.AVAILABLE_FOR_PICKUP: _PICKED_UP,
    _S.DELIVERY_ATTEMPTED: _PICKED_UP,
    _S.REJECTED: _PICKED_UP,
    _S.UNDELIVERABLE: _PICKED_UP,
    _S.LOST: _PICKED_UP,  # it was found
    _S.DELIVERED: {_S.RETURNING, _S.RETURNED},
    _S.RETURNING: {_S.LOST, _S.DELIVERED, _S.RETURNED},
    _S.RETURNED: set[TrackingStatus](),
}

REPLACED_BY: Mapping[TrackingStatus, frozenset[TrackingStatus]] = MappingProxyType(
    {before: frozenset(after) - {before} for before, after in _AFTER.items()}
)
"""By the status of a parcel: the statuses of a later event that replace it. All others leave it as it is."""

RANKS: Mapping[TrackingStatus, int] = MappingProxyType({status: n for n, status in enumerate(TrackingStatus)})
"""How far a status has come: of events at the same second the one of the higher rank counts as the later."""


def meaning_of(
    word: str | None, details: Iterable[DetailCodes], leg: ShipmentType | None
) -> TrackingStatus | None:
    """Return what an event or a summary says of the status, or None where it says nothing.

    Args:
        word: Amazon's event code or status; None where there is none.
        details: the detail codes beside it; they count only where the word is not one of `MEANINGS`.
        leg: the direction; None counts as the way out.
    """
    meaning = MEANINGS.get(word or "")
    if meaning is None:
        known = [DETAILS[code] for code in details if code in DETAILS]
        if not known:
            return None
        forward = max(known, key=RANKS.__getitem__)
        is_back = leg == ShipmentType.RETURNS
        returned = _S.RETURNED if forward is _S.DELIVERED else _S.RETURNING
        return returned if is_back else forward
    return meaning.returns if leg == ShipmentType.RETURNS else meaning.forward


def replaced(status: TrackingStatus, later: TrackingStatus) -> TrackingStatus:
    """Return the status after *status*, when a later event says *later*."""
    return later if later in REPLACED_BY[status] else status
