"""Shipment confirmations: the advance shipment notices (ASN) that Amazon wants."""

from datetime import datetime

from spshipping.vendor.shipments.models.imports import ImportDetails
from spshipping.vendor.shipments.models.items import ContainerIdentification, ContainerItem, Item
from spshipping.vendor.shipments.models.measures import Dimensions, Volume, Weight
from spshipping.vendor.shipments.models.parties import PartyIdentification
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class ShipmentConfirmationType(OpenEnum):
    """Whether a confirmation is the first one for its shipment."""

    ORIGINAL = "Original"
    REPLACE = "Replace"
    """Takes the place of everything that was said before; never raises a quantity."""


class ShipmentType(OpenEnum):
    """How goods travel."""

    TRUCK_LOAD = "TruckLoad"
    LESS_THAN_TRUCK_LOAD = "LessThanTruckLoad"
    SMALL_PARCEL = "SmallParcel"
    """Parcels under 70 lb each."""


class ShipmentStructure(OpenEnum):
    """What holds what in a shipment."""

    PALLETIZED_ASSORTMENT_CASE = "PalletizedAssortmentCase"
    """Order, pallet, carton, item."""
    LOOSE_ASSORTMENT_CASE = "LooseAssortmentCase"
    """Order, carton, item."""
    PALLET_OF_ITEMS = "PalletOfItems"
    """Order, pallet, item."""
    PALLETIZED_STANDARD_CASE = "PalletizedStandardCase"
    """Order, pallet, item, carton."""
    LOOSE_STANDARD_CASE = "LooseStandardCase"
    """Order, item, carton."""
    MASTER_PALLET = "MasterPallet"
    """Pallet, order, item: a pallet may hold several orders."""
    MASTER_CASE = "MasterCase"
    """Carton, order, item: a carton may hold several orders."""


class TransportationMode(OpenEnum):
    """On what goods travel."""

    ROAD = "Road"
    AIR = "Air"
    OCEAN = "Ocean"


@camel
class ShipmentMeasurements(Model):
    """How large a shipment is."""

    gross_shipment_weight: Weight | None = None
    shipment_volume: Volume | None = None
    carton_count: int | None = None
    """Where there are no pallets."""
    pallet_count: int | None = None
    """Where there are pallets."""


@camel
class TransportationDetailsForShipmentConfirmation(Model):
    """Who carries a shipment, and under which numbers."""

    carrier_scac: str | None = None
    """Two to four letters; needed in North America."""
    carrier_shipment_reference_number: str | None = None
    """The PRO number; needed in North America."""
    transportation_mode: TransportationMode | None = None
    bill_of_lading_number: str | None = None
    """The same as on the paper; one for each load, and never used again."""


@camel
class Carton(Model):
    """A carton, and what is in it."""

    carton_identifiers: list[ContainerIdentification] | None = None
    carton_sequence_number: str
    """Unique in the shipment; pallets refer to it."""
    dimensions: Dimensions | None = None
    weight: Weight | None = None
    tracking_number: str | None = None
    """Every carton of a small parcel shipment needs it."""
    items: list[ContainerItem]


@camel
class CartonReferenceDetails(Model):
    """Which cartons are on a pallet."""

    carton_count: int | None = None
    carton_reference_numbers: list[str]
    """The `carton_sequence_number` of each."""


@camel
class Pallet(Model):
    """A pallet, and what is on it."""

    pallet_identifiers: list[ContainerIdentification]
    tier: int | None = None
    """Layers on the pallet."""
    block: int | None = None
    """Cartons in a layer."""
    dimensions: Dimensions | None = None
    weight: Weight | None = None
    carton_reference_details: CartonReferenceDetails | None = None
    items: list[ContainerItem] | None = None


@camel
class ShipmentConfirmation(Model):
    """What is in one shipment; for one fulfilment centre, truck and day of arrival."""

    shipment_identifier: str
    """The vendor's own, and not used within the last 365 days."""
    shipment_confirmation_type: ShipmentConfirmationType
    shipment_type: ShipmentType | None = None
    shipment_structure: ShipmentStructure | None = None
    transportation_details: TransportationDetailsForShipmentConfirmation | None = None
    amazon_reference_number: str | None = None
    """The ARN; needed where Amazon pays the freight."""
    shipment_confirmation_date: datetime
    shipped_date: datetime | None = None
    """When the goods left."""
    estimated_delivery_date: datetime | None = None
    """An estimate from the usual transit time, and not the appointment."""
    selling_party: PartyIdentification
    """The vendor code of the purchase orders."""
    ship_from_party: PartyIdentification
    ship_to_party: PartyIdentification
    shipment_measurements: ShipmentMeasurements | None = None
    import_details: ImportDetails | None = None
    shipped_items: list[Item]
    cartons: list[Carton] | None = None
    pallets: list[Pallet] | None = None


@camel
class SubmitShipmentConfirmationsRequest(Model):
    """One shipment confirmation or several; errors do not say to which they belong."""

    shipment_confirmations: list[ShipmentConfirmation] | None = None


@camel
class TransactionReference(Model):
    """What a submission is called."""

    transaction_id: str
    """`client.vendor.transactions.get_transaction` takes it."""
