"""The carrier's labels for small parcels that Amazon pays for."""

import base64
from datetime import datetime

from spshipping.errors import DecodeError
from spshipping.secret import discreet
from spshipping.vendor.shipments.models.parties import PartyIdentification
from spshipping.vendor.shipments.models.shipments import Pagination
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class LabelFormat(OpenEnum):
    """The format of a label."""

    PDF = "PDF"


class LabelShipMode(OpenEnum):
    """How what is labelled travels."""

    SMALL_PARCEL = "SmallParcel"
    LTL = "LTL"


@discreet
def _decoded(label: str | None, format: str | None) -> bytes:
    try:
        data = base64.b64decode("".join((label or "").split()), validate=True)
    except ValueError:
        data = b""
    # readers of PDF find its mark anywhere in the first 1024 bytes
    if not data or (format == "PDF" and b"%PDF-" not in data[:1024]):
        raise DecodeError("the label is empty, no base64, or no PDF; request it again")
    return data


@camel
class VendorDetails(Model):
    """Whose shipment is labelled."""

    selling_party: PartyIdentification | None = None
    vendor_shipment_identifier: str | None = None


@camel
class ShipmentInformation(Model):
    """Which shipment is labelled."""

    vendor_details: VendorDetails | None = None
    buyer_reference_number: str | None = None
    ship_to_party: PartyIdentification | None = None
    ship_from_party: PartyIdentification | None = None
    warehouse_id: str | None = None
    master_tracking_id: str | None = None
    total_label_count: int | None = None
    """How many labels there should be: fewer may have come."""
    ship_mode: LabelShipMode | None = None


@camel(personal=("label",))
class LabelData(Model):
    """One label."""

    label_sequence_number: int | None = None
    label_format: LabelFormat | None = None
    carrier_code: str | None = None
    tracking_id: str | None = None
    label: str | None = None
    """A file in base64; `data` is the file itself."""

    @property
    def data(self) -> bytes:
        """The file itself.

        Raises:
            DecodeError: there is none, or it is not what `label_format` says.
        """
        return _decoded(self.label, self.label_format)


@camel
class TransportLabel(Model):
    """The labels of a shipment."""

    label_create_date_time: datetime | None = None
    shipment_information: ShipmentInformation | None = None
    label_data: list[LabelData] | None = None


@camel
class TransportationLabels(Model):
    """A page of labels; it may be empty although more follow."""

    pagination: Pagination | None = None
    transport_labels: list[TransportLabel] | None = None
