"""How far a routing request is, as Amazon says."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from spshipping.vendor.shipments.models.confirmations import ShipmentType
from spshipping.vendor.shipments.models.shipments import Shipment, ShipmentStatus, ShipmentStatusDetails

_WITH_CARRIER = (ShipmentStatus.CARRIER_ASSIGNED, ShipmentStatus.SHIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupState:
    """What has become of a routing request; None is what Amazon has not said."""

    identifier: str
    """Your own."""
    status: ShipmentStatus | None
    amazon_reference_number: str | None
    """The ARN: the shipment confirmation states it."""
    reached: tuple[tuple[ShipmentStatus, datetime], ...]
    """Each status with the time at which it was reached, the oldest first."""
    scheduled_pick_up: datetime | None
    carrier_code: str | None
    """The SCAC."""
    carrier_name: str | None
    ship_mode: ShipmentType | None
    shipment: Shipment = field(repr=False)
    """All that Amazon says."""

    @classmethod
    def of(cls, shipment: Shipment) -> Self:
        """Read what `get_shipment_details` returned."""
        history = [each for each in map(_reached, shipment.shipment_status_details or ()) if each is not None]
        pickup, transport = shipment.collect_freight_pickup_details, shipment.transportation_details
        carrier = transport.carrier_details if transport else None
        current = shipment.current_shipment_status
        reached = tuple(sorted(history, key=lambda each: each[1]))
        return cls(
            identifier=shipment.vendor_shipment_identifier,
            status=_status(current) if current else (reached[-1][0] if reached else None),
            amazon_reference_number=shipment.buyer_reference_number,
            reached=reached,
            scheduled_pick_up=pickup.scheduled_pick_up if pickup else None,
            carrier_code=carrier.code if carrier else None,
            carrier_name=carrier.name if carrier else None,
            ship_mode=transport.ship_mode if transport else None,
            shipment=shipment,
        )

    @property
    def has_carrier(self) -> bool:
        """Whether a carrier is assigned: from then on only the time of the pickup can be changed.

        In a status that is not known here, it is whether a carrier is named.
        """
        if self.status is not None and not self.status.is_known:
            return self.carrier_code is not None or self.carrier_name is not None
        return self.status in _WITH_CARRIER


def _reached(entry: ShipmentStatusDetails) -> tuple[ShipmentStatus, datetime] | None:
    if entry.shipment_status is None or entry.shipment_status_date is None:
        return None
    return _status(entry.shipment_status), entry.shipment_status_date


def _status(found: ShipmentStatus) -> ShipmentStatus:
    """Return a status as the enumeration has it: Amazon's own table writes them with blanks."""
    text = "".join(found.split()).lower()
    return next((status for status in ShipmentStatus if status.value.lower() == text), found)
