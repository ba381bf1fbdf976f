"""Who ships, to whom, for whom and through which channel."""

from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length
from spshipping.wire.model import Model, camel


class ShipmentType(OpenEnum):
    """The direction of a parcel: out to the recipient, or back."""

    FORWARD = "FORWARD"
    RETURNS = "RETURNS"


class ChannelType(OpenEnum):
    """Where the order was placed: at Amazon, or anywhere else."""

    AMAZON = "AMAZON"
    EXTERNAL = "EXTERNAL"


class ClientReferenceType(OpenEnum):
    """Whose identifier an integrator passes along."""

    INTEGRATOR_SHIPPER_ID = "IntegratorShipperId"
    INTEGRATOR_MERCHANT_ID = "IntegratorMerchantId"


class TaxType(OpenEnum):
    """The kind of tax that a registration is for."""

    GST = "GST"


@camel(personal=("latitude", "longitude"))
class Geocode(Model):
    """A point on the map, as text."""

    latitude: str | None = None
    longitude: str | None = None


@camel(
    personal=(
        "name",
        "address_line1",
        "address_line2",
        "address_line3",
        "company_name",
        "city",
        "postal_code",
        "email",
        "phone_number",
        "geocode",
    )
)
class Address(Model):
    """A person or business, and where to find them."""

    name: Annotated[str, Length(1, 50)]
    address_line1: Annotated[str, Length(1, 60)]
    address_line2: Annotated[str, Length(1, 60)] | None = None
    address_line3: Annotated[str, Length(1, 60)] | None = None
    company_name: str | None = None
    state_or_region: str
    city: str
    country_code: str
    postal_code: str
    email: Annotated[str, Length(0, 64)] | None = None
    phone_number: Annotated[str, Length(1, 20)] | None = None
    geocode: Geocode | None = None


@camel(personal=("city", "postal_code"))
class Location(Model):
    """Where a tracking event happened."""

    state_or_region: str | None = None
    city: str | None = None
    country_code: str | None = None
    postal_code: str | None = None


@camel(personal=("delivery_notes",))
class ShipperInstruction(Model):
    """What the driver should know."""

    delivery_notes: Annotated[str, Length(0, 256)] | None = None


@camel(personal=("tax_registration_number",))
class TaxDetail(Model):
    """The shipper's tax registration, for customs."""

    tax_type: TaxType
    tax_registration_number: str


@camel
class GoodsOwner(Model):
    """The seller whose goods these are until the carrier takes them."""

    merchant_id: str


@camel
class AccessPointDetails(Model):
    """The counter or locker that the parcel goes to."""

    access_point_id: str | None = None


@camel
class AmazonOrderDetails(Model):
    """The Amazon order that the shipment fulfils; needed where the channel is Amazon."""

    order_id: str


@camel
class AmazonShipmentDetails(Model):
    """The shipment that Amazon named; needed for Direct Fulfillment only."""

    shipment_id: str


@camel
class ChannelDetails(Model):
    """Where the order comes from."""

    channel_type: ChannelType
    amazon_order_details: AmazonOrderDetails | None = None
    amazon_shipment_details: AmazonShipmentDetails | None = None


@camel
class ClientReferenceDetail(Model):
    """One identifier that an integrator passes along."""

    client_reference_type: ClientReferenceType
    client_reference_id: str


@camel
class CarrierAccount(Model):
    """The seller's own account with a carrier, to quote its prices."""

    carrier_account_id: str
    carrier_id: str


@camel
class Carrier(Model):
    """Who carries the parcel."""

    id: str
    name: str


@camel
class Service(Model):
    """How the parcel is carried."""

    id: str
    name: str


@camel
class ServiceSelection(Model):
    """The services that a one-click purchase may pick from."""

    service_id: list[str]
    """A list, although Amazon's name for it is singular."""
