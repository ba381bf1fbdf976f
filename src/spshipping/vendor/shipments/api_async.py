"""The facade of `spshipping.vendor.shipments.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator
from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions, Reply
from spshipping.vendor.shipments.api import (
    GET_SHIPMENT_DETAILS,
    GET_SHIPMENT_LABELS,
    SUBMIT_SHIPMENT_CONFIRMATIONS,
    SUBMIT_SHIPMENTS,
    GetShipmentDetailsOptions,
    GetShipmentLabelsOptions,
    IterShipmentDetailsOptions,
    IterShipmentLabelsOptions,
)
from spshipping.vendor.shipments.models.confirmations import (
    SubmitShipmentConfirmationsRequest,
    TransactionReference,
)
from spshipping.vendor.shipments.models.labels import TransportationLabels, TransportLabel
from spshipping.vendor.shipments.models.shipments import Shipment, ShipmentDetails, SubmitShipments


class AsyncVendorShipmentsApi(AsyncApi):
    """Send shipment confirmations (ASN), request pickups, and fetch the carrier's labels.

    Transportation requests are for vendors whose freight Amazon pays (Collect), in North America and Europe.
    """

    __slots__ = ()

    async def submit_shipment_confirmations(
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
        return await self._run(SUBMIT_SHIPMENT_CONFIRMATIONS(body=request), **options)

    async def submit_shipments(
        self, request: SubmitShipments, **options: Unpack[CallOptions]
    ) -> TransactionReference:
        """Ask Amazon to pick goods up (a routing request), change such a request, or cancel it.

        A `NEW` whose `vendor_shipment_identifier` is known changes that request, so that an attempt whose
        outcome is not known is repeated. Every purchase order in it must have been acknowledged completely.

        Source: https://developer-docs.amazon.com/sp-api/docs/vendor-shipments-api-v1-use-case-guide

        Raises:
            InvalidRequestError: a request has no `transaction_type` or no `transaction_date`.
        """
        return await self._run(SUBMIT_SHIPMENTS(body=request), **options)

    async def get_shipment_details(self, **filters: Unpack[GetShipmentDetailsOptions]) -> ShipmentDetails:
        """Return one page of transportation requests, with the ARN and, once it is known, the carrier.

        Args:
            filters: those of `ShipmentDetailFilters`, `next_token`, and the options of every call.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
        """
        return await self._run(*GET_SHIPMENT_DETAILS.split(filters))

    def iter_shipment_details(self, **filters: Unpack[IterShipmentDetailsOptions]) -> AsyncIterator[Shipment]:
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
    ) -> AsyncIterator[Reply[ShipmentDetails]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_shipment_details`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_SHIPMENT_DETAILS.split(filters))

    async def get_shipment_labels(self, **filters: Unpack[GetShipmentLabelsOptions]) -> TransportationLabels:
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
        return await self._run(*GET_SHIPMENT_LABELS.split(filters))

    def iter_shipment_labels(
        self, **filters: Unpack[IterShipmentLabelsOptions]
    ) -> AsyncIterator[TransportLabel]:
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
    ) -> AsyncIterator[Reply[TransportationLabels]]:
        """Iterate over the pages, each with the call of the next.

        The filters are those of `get_shipment_labels`. They are checked at once.

        Raises:
            TypeError: there is no such filter.
            InvalidRequestError: a filter is outside Amazon's limits.
            PaginationError: Amazon names a page twice, or no longer accepts a page's token.
        """
        return self._pages(*GET_SHIPMENT_LABELS.split(filters))
