"""Transportation (routing) requests, by which Amazon is asked to pick goods up."""

from datetime import datetime

from spshipping.vendor.shipments.models.confirmations import ShipmentType, TransportationMode
from spshipping.vendor.shipments.models.imports import ImportDetails
from spshipping.vendor.shipments.models.items import ContainerIdentification, PackedItems, PurchaseOrderItems
from spshipping.vendor.shipments.models.measures import Dimensions, Volume, Weight
from spshipping.vendor.shipments.models.parties import PartyIdentification
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class TransactionType(OpenEnum):
    """What a request does."""

    NEW = "New"
    """Makes the request, or changes the one of the same identifier."""
    CANCEL = "Cancel"


class ShipmentStatus(OpenEnum):
    """How far a request is."""

    CREATED = "Created"
    TRANSPORTATION_REQUESTED = "TransportationRequested"
    """Amazon looks for a carrier."""
    CARRIER_ASSIGNED = "CarrierAssigned"
    """From now on only the day of the pickup can be changed."""
    SHIPPED = "Shipped"


class ShipmentFreightTerm(OpenEnum):
    """Who pays the freight."""

    COLLECT = "Collect"
    """Amazon does, also called WePay."""
    PREPAID = "Prepaid"
    """The vendor does, also called TheyPay."""


class ContainerType(OpenEnum):
    """A kind of container."""

    CARTON = "carton"
    PALLET = "pallet"


@camel
class ShipmentStatusDetails(Model):
    """When a request reached a status."""

    shipment_status: ShipmentStatus | None = None
    shipment_status_date: datetime | None = None


@camel
class TransportShipmentMeasurements(Model):
    """How large the goods to be picked up are."""

    total_carton_count: int | None = None
    total_pallet_stackable: int | None = None
    total_pallet_non_stackable: int | None = None
    shipment_weight: Weight | None = None
    shipment_volume: Volume | None = None


@camel
class CollectFreightPickupDetails(Model):
    """When goods can be, and will be, picked up."""

    requested_pick_up: datetime | None = None
    scheduled_pick_up: datetime | None = None
    carrier_assignment_date: datetime | None = None


@camel
class PurchaseOrders(Model):
    """A purchase order that is to be picked up, with its items."""

    purchase_order_number: str | None = None
    purchase_order_date: datetime | None = None
    ship_window: str | None = None
    """Free text, such as `08/25/2021 - 08/31/2021`."""
    items: list[PurchaseOrderItems] | None = None


@camel(
    personal=(
        "phone",
        "email",
    )
)
class CarrierDetails(Model):
    """Who carries a shipment."""

    name: str | None = None
    code: str | None = None
    """The SCAC."""
    phone: str | None = None
    email: str | None = None
    shipment_reference_number: str | None = None
    """The PRO number."""


@camel
class TransportationDetails(Model):
    """How and when a shipment travels."""

    ship_mode: ShipmentType | None = None
    transportation_mode: TransportationMode | None = None
    shipped_date: datetime | None = None
    estimated_delivery_date: datetime | None = None
    shipment_delivery_date: datetime | None = None
    carrier_details: CarrierDetails | None = None
    bill_of_lading_number: str | None = None


@camel
class ContainerSequenceNumbers(Model):
    """A container in another one."""

    container_sequence_number: str | None = None


@camel
class InnerContainersDetails(Model):
    """Which containers are in a container."""

    container_count: int | None = None
    container_sequence_numbers: list[ContainerSequenceNumbers] | None = None


@camel
class Containers(Model):
    """A carton or pallet of a request, and what is in it."""

    container_type: ContainerType
    container_sequence_number: str | None = None
    container_identifiers: list[ContainerIdentification]
    tracking_number: str | None = None
    dimensions: Dimensions | None = None
    weight: Weight | None = None
    tier: int | None = None
    """Layers on the pallet."""
    block: int | None = None
    """Cartons in a layer."""
    inner_containers_details: InnerContainersDetails | None = None
    packed_items: list[PackedItems] | None = None


@camel
class Shipment(Model):
    """A transportation request, and what Amazon made of it."""

    vendor_shipment_identifier: str
    """The vendor's own, and not used within the last 365 days."""
    transaction_type: TransactionType | None = None
    """Every request needs it; Amazon's answers leave it out."""
    buyer_reference_number: str | None = None
    """The ARN, which Amazon makes: leave it out of a new request, and repeat it in a change."""
    transaction_date: datetime | None = None
    """Every request needs it; Amazon's answers leave it out."""
    current_shipment_status: ShipmentStatus | None = None
    currentshipment_status_date: datetime | None = None
    shipment_status_details: list[ShipmentStatusDetails] | None = None
    """The latest first, in Amazon's example."""
    shipment_create_date: datetime | None = None
    shipment_confirm_date: datetime | None = None
    """When the goods left."""
    package_label_create_date: datetime | None = None
    shipment_freight_term: ShipmentFreightTerm | None = None
    selling_party: PartyIdentification
    ship_from_party: PartyIdentification
    ship_to_party: PartyIdentification
    shipment_measurements: TransportShipmentMeasurements | None = None
    collect_freight_pickup_details: CollectFreightPickupDetails | None = None
    """`requested_pick_up` is at least two business days ahead."""
    purchase_orders: list[PurchaseOrders] | None = None
    import_details: ImportDetails | None = None
    containers: list[Containers] | None = None
    transportation_details: TransportationDetails | None = None


@camel
class SubmitShipments(Model):
    """One transportation request or several; errors do not say to which they belong."""

    shipments: list[Shipment] | None = None


@camel
class Pagination(Model):
    """Which page follows."""

    next_token: str | None = None
    """None on the last page."""


@camel
class ShipmentDetails(Model):
    """A page of transportation requests."""

    pagination: Pagination | None = None
    shipments: list[Shipment] | None = None
