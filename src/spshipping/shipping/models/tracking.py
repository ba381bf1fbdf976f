"""Where a parcel is, and how it got there."""

from datetime import UTC, datetime

from spshipping.shipping.models.documents import present
from spshipping.shipping.models.parties import Location, ShipmentType
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel, has


class EventCode(OpenEnum):
    """What happened to a parcel on its way."""

    READY_FOR_RECEIVE = "ReadyForReceive"
    PICKUP_DONE = "PickupDone"
    DELIVERED = "Delivered"
    DEPARTED = "Departed"
    DELIVERY_ATTEMPTED = "DeliveryAttempted"
    LOST = "Lost"
    OUT_FOR_DELIVERY = "OutForDelivery"
    ARRIVED_AT_CARRIER_FACILITY = "ArrivedAtCarrierFacility"
    REJECTED = "Rejected"
    UNDELIVERABLE = "Undeliverable"
    PICKUP_CANCELLED = "PickupCancelled"
    RETURN_INITIATED = "ReturnInitiated"
    AVAILABLE_FOR_PICKUP = "AvailableForPickup"
    RECIPIENT_REQUESTED_ALTERNATE_DELIVERY_TIMING = "RecipientRequestedAlternateDeliveryTiming"
    PACKAGE_RECEIVED_BY_CARRIER = "PackageReceivedByCarrier"
    """Documented by Amazon, though its published model lacks it."""


class Status(OpenEnum):
    """How far a parcel has come."""

    PRE_TRANSIT = "PreTransit"
    IN_TRANSIT = "InTransit"
    DELIVERED = "Delivered"
    LOST = "Lost"
    OUT_FOR_DELIVERY = "OutForDelivery"
    REJECTED = "Rejected"
    UNDELIVERABLE = "Undeliverable"
    DELIVERY_ATTEMPTED = "DeliveryAttempted"
    PICKUP_CANCELLED = "PickupCancelled"
    AWAITING_CUSTOMER_PICKUP = "AwaitingCustomerPickup"


class DetailCodes(OpenEnum):
    """One detail of a status: where it was left, or why it was not."""

    BUSINESS_CLOSED = "BusinessClosed"
    CUSTOMER_UNAVAILABLE = "CustomerUnavailable"
    PAYMENT_NOT_READY = "PaymentNotReady"
    OTP_NOT_AVAILABLE = "OtpNotAvailable"
    DELIVERY_ATTEMPTED = "DeliveryAttempted"
    UNABLE_TO_ACCESS = "UnableToAccess"
    UNABLE_TO_CONTACT_RECIPIENT = "UnableToContactRecipient"
    DELIVERED_TO_BEHIND_WHEELIE_BIN = "DeliveredToBehindWheelieBin"
    DELIVERED_TO_PORCH = "DeliveredToPorch"
    DELIVERED_TO_GARAGE = "DeliveredToGarage"
    DELIVERED_TO_GARDEN = "DeliveredToGarden"
    DELIVERED_TO_GREENHOUSE = "DeliveredToGreenhouse"
    DELIVERED_TO_MAIL_SLOT = "DeliveredToMailSlot"
    DELIVERED_TO_MAIL_ROOM = "DeliveredToMailRoom"
    DELIVERED_TO_NEIGHBOR = "DeliveredToNeighbor"
    DELIVERED_TO_REAR_DOOR = "DeliveredToRearDoor"
    DELIVERED_TO_RECEPTIONIST = "DeliveredToReceptionist"
    DELIVERED_TO_SHED = "DeliveredToShed"
    DELIVERED_WITH_OTP = "DeliveredWithOTP"
    SIGNED = "Signed"
    DAMAGED = "Damaged"
    INCORRECT_ITEMS = "IncorrectItems"
    NOT_REQUIRED = "NotRequired"
    REJECTED = "Rejected"
    REJECTED_BY_RECIPIENT_WITH_VERIFICATION = "RejectedByRecipientWithVerification"
    CANCELLED_BY_RECIPIENT = "CancelledByRecipient"
    ADDRESS_NOT_FOUND = "AddressNotFound"
    HAZMAT_SHIPMENT = "HazmatShipment"
    UNDELIVERABLE = "Undeliverable"
    ARRIVED_AT_LOCAL_FACILITY = "ArrivedAtLocalFacility"


@camel
class TrackingDetailCodes(Model):
    """The details of the way out and of the way back."""

    forward: list[DetailCodes]
    returns: list[DetailCodes]


@camel
class TrackingSummary(Model):
    """How things stand now."""

    status: Status | None = None
    tracking_detail_codes: TrackingDetailCodes | None = None


@camel
class Event(Model):
    """Something that happened to the parcel, where and when."""

    event_code: EventCode
    location: Location | None = None
    event_time: datetime
    shipment_type: ShipmentType | None = None


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@camel
class GetTrackingResult(Model):
    """The way of one parcel so far."""

    tracking_id: str
    alternate_leg_tracking_id: str | None = None
    """None where there is no other leg, whatever Amazon's model says."""
    event_history: list[Event]
    promised_delivery_date: datetime | None = None
    """None while nothing is promised, whatever Amazon's model says."""
    summary: TrackingSummary

    @property
    def latest(self) -> Event | None:
        """The last event by its time, or None if there is none; of several at one time the last listed."""

        def when(event: Event) -> datetime:
            return event.event_time if has(event, "event_time") else _LONG_AGO

        return max(reversed(present(self.event_history)), key=when, default=None)

    @property
    def is_delivered(self) -> bool:
        """Whether the parcel has reached its recipient."""
        return self._has_arrived and not self._is_on_return

    @property
    def is_returned(self) -> bool:
        """Whether the parcel is back with its sender, which Amazon's status calls delivered too."""
        return self._has_arrived and self._is_on_return

    @property
    def _has_arrived(self) -> bool:
        return has(self, "summary") and self.summary.status == Status.DELIVERED

    @property
    def _is_on_return(self) -> bool:
        latest = self.latest
        return latest is not None and latest.shipment_type == ShipmentType.RETURNS
