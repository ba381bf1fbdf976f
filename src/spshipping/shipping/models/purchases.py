"""Requests that buy or cancel a shipment, and their answers."""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from spshipping.shipping.models.documents import (
    Documented,
    PackageDocumentDetail,
    RequestedDocumentSpecification,
)
from spshipping.shipping.models.offers import Benefits, Promise
from spshipping.shipping.models.parcels import Currency, Package
from spshipping.shipping.models.parties import (
    AccessPointDetails,
    Address,
    Carrier,
    ChannelDetails,
    GoodsOwner,
    Service,
    ServiceSelection,
    ShipperInstruction,
    TaxDetail,
)
from spshipping.wire.limits import Count
from spshipping.wire.model import Model, camel

QUOTE_LIFETIME = timedelta(minutes=10)
"""How long a rate can be bought; the answer itself does not say until when.

Source: the description of purchaseShipment in
https://github.com/amzn/selling-partner-api-models/blob/main/models/shipping-api-model/shippingV2.json
"""


@camel
class RequestedValueAddedService(Model):
    """An extra of the rate that is bought with it."""

    id: str


@camel(personal=("additional_inputs",), local=("quoted_at",))
class PurchaseShipmentRequest(Model):
    """Which rate to buy, with which documents; `GetRatesResult.purchase_request` makes it."""

    request_token: str
    rate_id: str
    requested_document_specification: RequestedDocumentSpecification
    requested_value_added_services: list[RequestedValueAddedService] | None = None
    additional_inputs: dict[str, Any] | None = None
    quoted_at: datetime | None = None
    """When the rate was received; never sent. None where that is not known."""


@camel
class PurchaseShipmentResult(Documented):
    """The shipment that was bought from a rate."""

    __packages__: ClassVar[str] = "package_document_details"

    shipment_id: str
    package_document_details: list[PackageDocumentDetail]
    promise: Promise
    benefits: Benefits | None = None


@camel
class DirectPurchaseRequest(Model):
    """What to ship, for Amazon to pick the service and buy it at once."""

    ship_to: Address | None = None
    """Needed unless the channel is Amazon, where it is ignored."""
    ship_from: Address | None = None
    return_to: Address | None = None
    packages: Annotated[list[Package], Count(1)] | None = None
    channel_details: ChannelDetails
    label_specifications: RequestedDocumentSpecification | None = None
    """None means a PNG of 4 by 6 inches at 203 dpi."""


@camel
class DirectPurchaseResult(Documented):
    """The shipment that was bought without requesting rates."""

    __packages__: ClassVar[str] = "package_document_detail_list"

    shipment_id: str
    package_document_detail_list: list[PackageDocumentDetail] | None = None


@camel
class OneClickShipmentValueAddedService(Model):
    """An extra to buy in one go, with its amount where it has one."""

    id: str
    amount: Currency | None = None


@camel
class OneClickShipmentRequest(Model):
    """What to ship and with which of these services, quoted and bought in one go."""

    ship_to: Address | None = None
    """Needed unless the channel is Amazon, where it is ignored."""
    ship_from: Address
    return_to: Address | None = None
    """None means back to `ship_from`."""
    ship_date: datetime | None = None
    """None means now."""
    goods_owner: GoodsOwner | None = None
    packages: Annotated[list[Package], Count(1)]
    value_added_services_details: list[OneClickShipmentValueAddedService] | None = None
    tax_details: list[TaxDetail] | None = None
    channel_details: ChannelDetails
    label_specifications: RequestedDocumentSpecification
    service_selection: ServiceSelection
    shipper_instruction: ShipperInstruction | None = None
    destination_access_point_details: AccessPointDetails | None = None


@camel
class OneClickShipmentResult(Documented):
    """The shipment that was bought in one go, and what it cost."""

    __packages__: ClassVar[str] = "package_document_details"

    shipment_id: str
    package_document_details: list[PackageDocumentDetail]
    promise: Promise
    carrier: Carrier
    service: Service
    total_charge: Currency


@camel
class GetShipmentDocumentsResult(Documented):
    """The documents of one package, once more."""

    __packages__: ClassVar[str] = "package_document_detail"

    shipment_id: str
    package_document_detail: PackageDocumentDetail
    benefits: Benefits | None = None


@camel
class CancelShipmentResult(Model):
    """The answer to a cancellation: empty, for Amazon says nothing more."""
