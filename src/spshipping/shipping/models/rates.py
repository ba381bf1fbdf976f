"""The request for rates, and its answer: what can carry the packages, and what cannot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from spshipping.errors import InvalidRequestError
from spshipping.shipping.models import buying
from spshipping.shipping.models.documents import (
    DocumentFormat,
    DocumentSize,
    DocumentType,
    RequestedLabelCustomization,
    present,
)
from spshipping.shipping.models.offers import Rate
from spshipping.shipping.models.parcels import Currency, Package
from spshipping.shipping.models.parties import (
    AccessPointDetails,
    Address,
    CarrierAccount,
    ChannelDetails,
    ClientReferenceDetail,
    ShipmentType,
    ShipperInstruction,
    TaxDetail,
)
from spshipping.shipping.models.purchases import PurchaseShipmentRequest
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Count
from spshipping.wire.model import Model, camel


class IneligibilityReasonCode(OpenEnum):
    """Why a service cannot carry the packages; with UNKNOWN, the message says why."""

    NO_COVERAGE = "NO_COVERAGE"
    PICKUP_SLOT_RESTRICTION = "PICKUP_SLOT_RESTRICTION"
    UNSUPPORTED_VAS = "UNSUPPORTED_VAS"
    VAS_COMBINATION_RESTRICTION = "VAS_COMBINATION_RESTRICTION"
    SIZE_RESTRICTIONS = "SIZE_RESTRICTIONS"
    WEIGHT_RESTRICTIONS = "WEIGHT_RESTRICTIONS"
    LATE_DELIVERY = "LATE_DELIVERY"
    PROGRAM_CONSTRAINTS = "PROGRAM_CONSTRAINTS"
    TERMS_AND_CONDITIONS_NOT_ACCEPTED = "TERMS_AND_CONDITIONS_NOT_ACCEPTED"
    UNKNOWN = "UNKNOWN"


@camel
class CollectOnDelivery(Model):
    """What the driver collects at the door."""

    amount: Currency


@camel
class ValueAddedServiceDetails(Model):
    """The extras that every quoted service must be able to provide."""

    collect_on_delivery: CollectOnDelivery | None = None


@camel
class IneligibilityReason(Model):
    """One reason against a service."""

    code: IneligibilityReasonCode
    message: str


@camel
class IneligibleRate(Model):
    """A service that cannot carry the packages, and why."""

    service_id: str
    service_name: str
    carrier_name: str
    carrier_id: str
    ineligibility_reasons: list[IneligibilityReason]


@camel
class GetRatesRequest(Model):
    """What to quote for: from where to where, which packages, from which channel."""

    ship_to: Address | None = None
    """Needed unless the channel is Amazon, where it is ignored."""
    ship_from: Address
    return_to: Address | None = None
    """None means back to `ship_from`."""
    ship_date: datetime | None = None
    """None means now."""
    shipper_instruction: ShipperInstruction | None = None
    packages: Annotated[list[Package], Count(1)]
    value_added_services: ValueAddedServiceDetails | None = None
    tax_details: list[TaxDetail] | None = None
    channel_details: ChannelDetails
    client_reference_details: list[ClientReferenceDetail] | None = None
    shipment_type: ShipmentType | None = None
    destination_access_point_details: AccessPointDetails | None = None
    carrier_accounts: list[CarrierAccount] | None = None


@camel(local=("received_at",))
class GetRatesResult(Model):
    """The services that can carry the packages; each can be bought for ten minutes."""

    request_token: str
    rates: list[Rate]
    ineligible_rates: list[IneligibleRate] | None = None
    received_at: datetime | None = None
    """When the answer came, stamped by the client: Amazon does not say until when a rate lives."""

    def cheapest(self) -> Rate:
        """Return the rate with the lowest total charge; at the same charge, the earlier delivery.

        A rate whose charge could not be read comes last.

        Raises:
            InvalidRequestError: there is no rate, or they are in several currencies.
        """
        return buying.cheapest(self._some())

    def fastest(self) -> Rate:
        """Return the rate whose delivery window ends first; at the same time, the cheaper one.

        A rate that promises no delivery comes last.

        Raises:
            InvalidRequestError: there is no rate, or the first ones are in several currencies.
        """
        return buying.fastest(self._some())

    def _some(self) -> list[Rate]:
        codes = [
            getattr(reason, "code", None)
            for rate in present(self.ineligible_rates)
            for reason in present(rate.ineligibility_reasons)
        ]
        return present(self.rates) or buying.refuse_for(codes)

    def purchase_request(
        self,
        rate: Rate,
        *,
        format: DocumentFormat | str,
        dpi: int | None = None,
        page_layout: str | None = None,
        needs_file_joining: bool | None = None,
        document_types: Sequence[DocumentType | str] = (),
        value_added_services: Sequence[str] = (),
        additional_inputs: dict[str, Any] | None = None,
        label_customization: RequestedLabelCustomization | None = None,
        size: DocumentSize | None = None,
    ) -> PurchaseShipmentRequest:
        """Make the request that buys *rate*, with documents that it supports.

        Nothing is sent. What is None is filled in with the first that the rate supports; extras never are,
        because they may cost money. Joining files means one for all documents.

        Args:
            value_added_services: the ids of the extras to buy; a group that is required needs one.
            additional_inputs: what satisfies `get_additional_inputs`, where the rate requires it.

        Raises:
            InvalidRequestError: the rate is of another result, or does not support the option that is named.
        """
        options = buying.LabelOptions(
            format=DocumentFormat(format),
            size=size,
            dpi=dpi,
            page_layout=page_layout,
            needs_file_joining=needs_file_joining,
            document_types=[DocumentType(name) for name in document_types],
            label_customization=label_customization,
        )
        try:
            own = buying.own_rate(rate, present(self.rates))
            specification = buying.document_specification(own, options)
            services = buying.extras(own, value_added_services)
        except InvalidRequestError:
            del additional_inputs  # personal, and a traceback shows local variables
            raise
        return PurchaseShipmentRequest(
            request_token=self.request_token,
            rate_id=own.rate_id,
            requested_document_specification=specification,
            requested_value_added_services=services,
            additional_inputs=buying.inputs(own, additional_inputs),
            quoted_at=self.received_at,
        )
