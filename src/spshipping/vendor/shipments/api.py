"""The operations of Vendor Shipments v1, and the facade that names them."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypedDict, Unpack

from spshipping.errors import InvalidRequestError
from spshipping.facade import Api
from spshipping.operation import (
    Before,
    Call,
    CallOptions,
    Effect,
    Operation,
    PagedOperation,
    Paging,
    Parameter,
    Quota,
    Range,
    Reply,
)
from spshipping.roles import Role
from spshipping.vendor.parameters import NEXT_TOKEN, SORT_ORDER, SortOrder
from spshipping.vendor.shipments.models.confirmations import (
    SubmitShipmentConfirmationsRequest,
    TransactionReference,
)
from spshipping.vendor.shipments.models.labels import TransportationLabels, TransportLabel
from spshipping.vendor.shipments.models.shipments import (
    Shipment,
    ShipmentDetails,
    ShipmentStatus,
    SubmitShipments,
)

# https://developer-docs.amazon.com/sp-api/docs/vendor-shipments-api-v1-use-case-guide
_ROLES = (Role.AMAZON_FULFILLMENT, Role.INVENTORY_AND_ORDER_TRACKING)

LIMIT = Parameter("limit", written="integer", limits=(Range(1, 50),))


def refuse_incomplete(call: Call[TransactionReference], before: Before) -> None:  # noqa: ARG001
    """Refuse a transportation request without what only Amazon's answers leave out.

    Raises:
        InvalidRequestError: it is missing, and where.
    """
    request = call.body
    if not isinstance(request, SubmitShipments):
        return  # restored from its bytes alone
    shipments: object = request.shipments
    for index, shipment in enumerate(shipments if isinstance(shipments, list) else ()):
        # of another type, it is refused when it is written
        for name in ("transaction_type", "transaction_date"):
            if isinstance(shipment, Shipment) and getattr(shipment, name) is None:
                raise InvalidRequestError(
                    "is needed in every transportation request", path=f"shipments[{index}].{name}"
                )


SUBMIT_SHIPMENT_CONFIRMATIONS = Operation(
    name="SubmitShipmentConfirmations",
    route="POST /vendor/shipping/v1/shipmentConfirmations",
    body=SubmitShipmentConfirmationsRequest,
    returns=TransactionReference,
    envelope=True,
    quota=Quota(10, burst=10),
    # nothing says what becomes of an Original that arrives twice
    effect=Effect.ONCE,
    roles=_ROLES,
)
SUBMIT_SHIPMENTS = Operation(
    name="SubmitShipments",
    route="POST /vendor/shipping/v1/shipments",
    body=SubmitShipments,
    returns=TransactionReference,
    envelope=True,
    quota=Quota(10, burst=10),
    # a New whose identifier is known changes that request, and what is cancelled stays so
    effect=Effect.IDEMPOTENT,
    roles=_ROLES,
    before=refuse_incomplete,
)
GET_SHIPMENT_DETAILS: PagedOperation[ShipmentDetails, Shipment] = PagedOperation(
    name="GetShipmentDetails",
    route="GET /vendor/shipping/v1/shipments",
    query=(
        LIMIT,
        SORT_ORDER,
        NEXT_TOKEN,
        Parameter("createdAfter", written="time"),
        Parameter("createdBefore", written="time"),
        Parameter("shipmentConfirmedBefore", written="time"),
        Parameter("shipmentConfirmedAfter", written="time"),
        Parameter("packageLabelCreatedBefore", written="time"),
        Parameter("packageLabelCreatedAfter", written="time"),
        Parameter("shippedBefore", written="time"),
        Parameter("shippedAfter", written="time"),
        Parameter("estimatedDeliveryBefore", written="time"),
        Parameter("estimatedDeliveryAfter", written="time"),
        Parameter("shipmentDeliveryBefore", written="time"),
        Parameter("shipmentDeliveryAfter", written="time"),
        Parameter("requestedPickUpBefore", written="time"),
        Parameter("requestedPickUpAfter", written="time"),
        Parameter("scheduledPickUpBefore", written="time"),
        Parameter("scheduledPickUpAfter", written="time"),
        Parameter("currentShipmentStatus"),
        Parameter("vendorShipmentIdentifier"),
        Parameter("buyerReferenceNumber"),
        Parameter("buyerWarehouseCode"),
        Parameter("sellerWarehouseCode"),
    ),
    returns=ShipmentDetails,
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.shipments,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    envelope=True,
    quota=Quota(10, burst=10),
    effect=Effect.NONE,
    roles=_ROLES,
)
GET_SHIPMENT_LABELS: PagedOperation[TransportationLabels, TransportLabel] = PagedOperation(
    name="GetShipmentLabels",
    route="GET /vendor/shipping/v1/transportLabels",
    query=(
        LIMIT,
        SORT_ORDER,
        NEXT_TOKEN,
        Parameter("labelCreatedAfter", written="time"),
        Parameter("labelCreatedBefore", written="time"),
        Parameter("buyerReferenceNumber"),
        Parameter("vendorShipmentIdentifier"),
        Parameter("sellerWarehouseCode"),
    ),
    returns=TransportationLabels,
    pages=Paging(
        token=NEXT_TOKEN.name,
        items_of=lambda page: page.transport_labels,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    envelope=True,
    quota=Quota(10, burst=10),
    effect=Effect.NONE,
    roles=_ROLES,
)


class ShipmentDetailFilters(TypedDict, total=False):
    """Which transportation requests are meant; a filter that is None is not applied.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-shipments-api-model
    """

    created_after: datetime | None
    created_before: datetime | None
    shipment_confirmed_after: datetime | None
    shipment_confirmed_before: datetime | None
    package_label_created_after: datetime | None
    package_label_created_before: datetime | None
    shipped_after: datetime | None
    shipped_before: datetime | None
    estimated_delivery_after: datetime | None
    estimated_delivery_before: datetime | None
    shipment_delivery_after: datetime | None
    shipment_delivery_before: datetime | None
    requested_pick_up_after: datetime | None
    requested_pick_up_before: datetime | None
    scheduled_pick_up_after: datetime | None
    scheduled_pick_up_before: datetime | None
    current_shipment_status: ShipmentStatus | None
    vendor_shipment_identifier: str | None
    """The vendor's own."""
    buyer_reference_number: str | None
    """The ARN."""
    buyer_warehouse_code: str | None
    """The fulfilment centre: `ship_to_party.party_id`."""
    seller_warehouse_code: str | None
    """Amazon says the vendor code; an older description said the warehouse, `ship_from_party.party_id`."""
    sort_order: SortOrder | None
    """By the time of creation."""
    limit: int | None
    """From 1 to 50 on a page; None means 50."""


class IterShipmentDetailsOptions(ShipmentDetailFilters, CallOptions, total=False):
    """Which transportation requests are meant, and what every method takes."""


class GetShipmentDetailsOptions(IterShipmentDetailsOptions, total=False):
    """Which transportation requests are meant, which page of them, and what every method takes."""

    next_token: str | None
    """Names a page, where every other filter is as it was for the page before."""


class ShipmentLabelFilters(TypedDict, total=False):
    """Which labels are meant; a filter that is None is not applied.

    Source: https://github.com/amzn/selling-partner-api-models/tree/main/models/vendor-shipments-api-model
    """

    label_created_after: datetime | None
    label_created_before: datetime | None
    buyer_reference_number: str | None
    """The ARN."""
    vendor_shipment_identifier: str | None
    """The vendor's own."""
    seller_warehouse_code: str | None
    """Amazon says the vendor code; an older description said the warehouse, `ship_from_party.party_id`."""
    sort_order: SortOrder | None
    """By the time of creation."""
    limit: int | None
    """From 1 to 50 on a page; None means 50."""


class IterShipmentLabelsOptions(ShipmentLabelFilters, CallOptions, total=False):
    """Which labels are meant, and what every method takes."""


class GetShipmentLabelsOptions(IterShipmentLabelsOptions, total=False):
    """Which labels are meant, which page of them, and what every method takes."""

    next_token: str | None
    """Names a page, where every other filter is as it was for the page before."""


class VendorShipmentsApi(Api):
    """Send shipment confirmations (ASN), request pickups, and fetch the carrier's labels.

    Transportation requests are for vendors whose freight Amazon pays (Collect), in North America and Europe.
    """

    __slots__ = ()

    def submit_shipment_confirmations(
        self, request: SubmitShipmentConfirmationsRequest, **options: Unpack[CallOptions]
    ) -> TransactionReference:
        """Submit what is in shipments: the advance shipment notices (ASN).

        The answer says that it arrived, and no more: `get_transaction` tells what became of it. No operation
        reads a confirmation back, so keep what was sent. It has no idempotency key, and Amazon does not say
        what becomes of an `ORIGINAL` that arrives twice: it is never repeated once it may have arrived.

        Source: https://developer-docs.amazon.com/sp-api/docs/vendor-shipments-api-v1-use-case-guide

        Raises:
            OutcomeUnknownError: Amazon may have it; send it again as `REPLACE`, and as `ORIGINAL` only where
                that is refused as unknown.
        """
        return self._run(SUBMIT_SHIPMENT_CONFIRMATIONS(body=request), **options)

    def submit_shipments(
        self, request: SubmitShipments, **options: Unpack[CallOptions]
    ) -> TransactionReference:
        """Ask Amazon to pick goods up (a routing request), change such a request, or cancel it.

        A `NEW` whose `vendor_shipment_identifier` is known changes that request, so that an attempt whose
        outcome is not known is repeated. Every purchase order in it must have been acknowledged completely.

        Source: https://developer-docs.amazon.com/sp-api/docs/vendor-shipments-api-v1-use-case-guide

        Raises:
            InvalidRequestError: a request has no `transaction_type` or no `transaction_date`.
        """
        return self._run(SUBMIT_SHIPMENTS(body=request), **options)

    def get_shipment_details(self, **filters: Unpack[GetShipmentDetailsOptions]) -> ShipmentDetails:
        """Return one page of transportation requests, with the ARN and, once it is known, the carrier.

        Args:
            filters: those of `ShipmentDetailFilters`, `next_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
        """
        return self._run(*GET_SHIPMENT_DETAILS.split(filters))

    def iter_shipment_details(self, **filters: Unpack[IterShipmentDetailsOptions]) -> Iterator[Shipment]:
        """Iterate over the transportation requests of all pages, each fetched when it is needed.

        The filters are those of `get_shipment_details`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._iter(GET_SHIPMENT_DETAILS, *GET_SHIPMENT_DETAILS.split(filters))

    def shipment_detail_pages(
        self, **filters: Unpack[IterShipmentDetailsOptions]
    ) -> Iterator[Reply[ShipmentDetails]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_shipment_details`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_SHIPMENT_DETAILS.split(filters))

    def get_shipment_labels(self, **filters: Unpack[GetShipmentLabelsOptions]) -> TransportationLabels:
        """Return one page of the labels of small parcels that Amazon pays for.

        There are none until a carrier was assigned. A page may be empty although more follow:
        `iter_shipment_labels` continues. A label that was used must never be used again.

        Args:
            filters: those of `ShipmentLabelFilters`, `next_token`, and the options of every call.

        Source: https://developer-docs.amazon.com/sp-api/docs/vendor-shipments-api-v1-use-case-guide

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            NotFoundError: no carrier was assigned yet.
        """
        return self._run(*GET_SHIPMENT_LABELS.split(filters))

    def iter_shipment_labels(self, **filters: Unpack[IterShipmentLabelsOptions]) -> Iterator[TransportLabel]:
        """Iterate over the labels of all pages, each fetched when it is needed.

        The filters are those of `get_shipment_labels`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._iter(GET_SHIPMENT_LABELS, *GET_SHIPMENT_LABELS.split(filters))

    def shipment_label_pages(
        self, **filters: Unpack[IterShipmentLabelsOptions]
    ) -> Iterator[Reply[TransportationLabels]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_shipment_labels`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_SHIPMENT_LABELS.split(filters))
