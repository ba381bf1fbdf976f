"""How a load travels: who carries it, under which numbers, from when to when."""

from dataclasses import dataclass
from datetime import datetime

from spshipping.vendor.shipments.models.confirmations import (
    ShipmentStructure,
    ShipmentType,
    TransportationMode,
)
from spshipping.vendor.shipments.models.imports import ImportDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """One truck, or one hand-over to a parcel carrier, on one day, to one fulfilment centre."""

    identifier: str
    """Your own: unique for the vendor code, and not used within the last 365 days. A Replace repeats it."""
    shipment_type: ShipmentType
    shipped_at: datetime
    """When the goods leave: at most 7 days before, and 2 after, the submission."""
    arrives_at: datetime
    """An estimate from the usual transit time, and not the appointment."""
    bill_of_lading: str | None = None
    """As on the paper; one for each load, and never used again."""
    pro_number: str | None = None
    """The carrier's reference; North America and India need it."""
    carrier_scac: str | None = None
    """Two to four letters; North America needs it."""
    amazon_reference_number: str | None = None
    """The ARN of the routing request, where Amazon pays the freight."""
    mode: TransportationMode | None = None
    structure: ShipmentStructure | None = None
    """None: the one that the cartons and pallets have."""
    import_details: ImportDetails | None = None
    """Of a direct import only."""
