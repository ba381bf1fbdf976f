"""The facade of `spshipping.shipping.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from os import PathLike
from typing import Any, Unpack
from uuid import UUID

from spshipping.journal.entry import SpendingLimit
from spshipping.journal.protocol import PurchaseJournal
from spshipping.operation import CallOptions
from spshipping.regions import ShippingBusiness
from spshipping.shipping.accounts_async import AsyncCarrierAccountsApi
from spshipping.shipping.api import (
    CANCEL_SHIPMENT,
    DIRECT_PURCHASE_SHIPMENT,
    GET_ADDITIONAL_INPUTS,
    GET_RATES,
    GET_SHIPMENT_DOCUMENTS,
    GET_TRACKING,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    SHIP_OPERATIONS,
)
from spshipping.shipping.collection_async import AsyncCollectionFormsApi
from spshipping.shipping.deliveries_async import AsyncDeliveriesApi
from spshipping.shipping.models.documents import DocumentFormat
from spshipping.shipping.models.purchases import (
    CancelShipmentResult,
    DirectPurchaseRequest,
    DirectPurchaseResult,
    GetShipmentDocumentsResult,
    OneClickShipmentRequest,
    OneClickShipmentResult,
    PurchaseShipmentRequest,
    PurchaseShipmentResult,
)
from spshipping.shipping.models.rates import GetRatesRequest, GetRatesResult
from spshipping.shipping.models.tracking import GetTrackingResult
from spshipping.shipping.parameters import BUSINESS, IDEMPOTENCY_KEY
from spshipping.shipping.ship import parcels as many
from spshipping.shipping.ship import workflow
from spshipping.shipping.ship.choice import Choice
from spshipping.shipping.ship.parcels import ShippedParcels
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import shop_of
from spshipping.shipping.ship.unquoted_api_async import AsyncUnquotedApi
from spshipping.shipping.ship.wanted import ShipOptions
from spshipping.shipping.tracking.many import CONCURRENCY, Parcel, Tracked, track_many


class AsyncShippingApi(
    AsyncCarrierAccountsApi, AsyncCollectionFormsApi, AsyncDeliveriesApi, AsyncUnquotedApi
):
    """Quote, buy, label, track and cancel parcels, and all else that Amazon Shipping offers.

    `business` is the Amazon Shipping business that a request is for, such as `UK`; None means the client's
    own. To Amazon itself, a request that names none is for the UK.
    """

    __slots__ = ()

    _ship_operations = SHIP_OPERATIONS

    async def get_rates(
        self,
        request: GetRatesRequest,
        *,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> GetRatesResult:
        """Quote every service that can carry the packages.

        Costs nothing. A rate lives ten minutes (`QUOTE_LIFETIME`); `result.purchase_request` makes what buys
        it. Store each `package_client_reference_id`: `get_shipment_documents` needs it. Amazon refuses
        more than one package, although a list is sent.
        """
        return await self._run(GET_RATES(body=request, headers={BUSINESS.name: business}), **options)

    async def purchase_shipment(
        self,
        request: PurchaseShipmentRequest,
        *,
        idempotency_key: str | UUID | None = None,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> PurchaseShipmentResult:
        """Buy a shipment from a rate. Costs money.

        Args:
            request: made by `GetRatesResult.purchase_request`.
            idempotency_key: what makes two requests one purchase. None means that it is derived from the
                request token and the rate id, so that buying the same rate again returns the same shipment,
                from another process too. Give one of your own where you keep keys anyway.
            business: the Amazon Shipping business.
            options: limits of time.

        Raises:
            RateExpiredError: the rate is older than ten minutes; it was not sent now, and may have been
                bought before: `client.resolve(error.call)`.
            InvalidRequestError: this client has cancelled the shipment that was bought from this rate; or an
                additional input breaks the schema that this client has received for it, and which.
            OutcomeUnknownError: it may have been bought; `client.resolve(error)` repeats it with its key.
        """
        return await self._run(
            PURCHASE_SHIPMENT(
                body=request, headers={IDEMPOTENCY_KEY.name: idempotency_key, BUSINESS.name: business}
            ),
            **options,
        )

    async def direct_purchase_shipment(
        self,
        request: DirectPurchaseRequest,
        *,
        locale: str | None = None,
        idempotency_key: str | UUID | None = None,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> DirectPurchaseResult:
        """Buy the service that Amazon finds best, without seeing a rate. Costs money, and says not how much.

        A label for an Amazon order that is bought this way has no Buy Shipping protection.

        Source: https://developer-docs.amazon.com/amazon-shipping/docs/tutorial-purchase-a-shipment-directly

        Args:
            request: what to ship.
            locale: the language of the answer, such as `en-US`.
            idempotency_key: what makes two requests one purchase. None means a new random key for this call,
                shared by its repeats; give one of your own, stored beforehand, to survive a crash as well.
            business: the Amazon Shipping business.
            options: limits of time.

        Raises:
            OutcomeUnknownError: it may have been bought; `client.resolve(error)` repeats it with its key.
        """
        return await self._run(
            DIRECT_PURCHASE_SHIPMENT(
                body=request,
                headers={
                    IDEMPOTENCY_KEY.name: idempotency_key,
                    "locale": locale,
                    BUSINESS.name: business,
                },
            ),
            **options,
        )

    async def one_click_shipment(
        self,
        request: OneClickShipmentRequest,
        *,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> OneClickShipmentResult:
        """Quote and buy in one go, among the services that *request* names. Costs money.

        Amazon knows no idempotency key here, so a request that may have arrived is never sent again. Where
        that matters, quote and then `purchase_shipment`.

        Raises:
            OutcomeUnknownError: it may have been bought; look it up at Amazon before you send it again.
        """
        return await self._run(ONE_CLICK_SHIPMENT(body=request, headers={BUSINESS.name: business}), **options)

    async def get_tracking(
        self,
        *,
        tracking_id: str,
        carrier_id: str,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> GetTrackingResult:
        """Return the events of a parcel that Amazon itself carries.

        The history lasts 45 days from creation, then only the last status is left. A returned parcel ends as
        Delivered too, on its RETURNS leg: see `result.is_delivered` and `result.is_returned`. Not for Direct
        Fulfillment.

        Source: https://developer-docs.amazon.com/amazon-shipping/docs/tutorial-track-a-shipment
        """
        return await self._run(
            GET_TRACKING(
                query={"trackingId": tracking_id, "carrierId": carrier_id}, headers={BUSINESS.name: business}
            ),
            **options,
        )

    def track_many(
        self,
        parcels: Iterable[Parcel],
        *,
        concurrency: int = CONCURRENCY,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[Tracked]:
        """Track parcels side by side within the quota, and yield the timeline of each as it comes.

        One that fails is yielded with its error, and stops no other. A parcel of another carrier is yielded
        with `is_trackable` False, and nothing is sent for it.

        Args:
            parcels: pairs of tracking id and carrier id, drawn one by one.
            concurrency: how many calls may be under way, or wait for the quota, at a time.
            business: the Amazon Shipping business.
            options: limits of time for each call.

        Raises:
            InvalidRequestError: *concurrency* is no whole number above 0; or, after the results of what is
                under way, something in *parcels* is no such pair.
        """
        return track_many(
            self._context, GET_TRACKING, parcels, concurrency=concurrency, business=business, **options
        )

    async def get_shipment_documents(
        self,
        shipment_id: str,
        *,
        package_client_reference_id: str,
        format: DocumentFormat | None = None,
        dpi: int | None = None,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> GetShipmentDocumentsResult:
        """Return the documents of one package of a bought shipment, as often as needed.

        They come in the format that was bought; another format means to cancel and to buy again. Not for
        Direct Fulfillment.

        Args:
            shipment_id: the shipment.
            package_client_reference_id: your own name for the package, as given when it was quoted or bought.
            format: the file format.
            dpi: the resolution.
            business: the Amazon Shipping business.
            options: limits of time.
        """
        return await self._run(
            GET_SHIPMENT_DOCUMENTS(
                path={"shipmentId": shipment_id},
                query={"packageClientReferenceId": package_client_reference_id, "format": format, "dpi": dpi},
                headers={BUSINESS.name: business},
            ),
            **options,
        )

    async def cancel_shipment(
        self,
        shipment_id: str,
        *,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> CancelShipmentResult:
        """Cancel a shipment before it is picked up; in India, also after.

        Repeating it is harmless. Carriers set limits of their own. Not for Direct Fulfillment.

        Source: https://developer-docs.amazon.com/amazon-shipping/docs/tutorial-cancel-a-shipment

        Raises:
            ConflictError: it was cancelled before; recognized by the message, since Amazon documents no code.
            BadRequestError: it can no longer be cancelled.
        """
        return await self._run(
            CANCEL_SHIPMENT(path={"shipmentId": shipment_id}, headers={BUSINESS.name: business}), **options
        )

    async def get_additional_inputs(
        self,
        *,
        request_token: str,
        rate_id: str,
        business: ShippingBusiness | str | None = None,
        **options: Unpack[CallOptions],
    ) -> dict[str, Any]:
        """Return the JSON schema of the additional inputs of a rate with `requires_additional_inputs`.

        What satisfies it goes into the purchase as `additional_inputs`. This client checks them before it
        sends that purchase, with the extra `spshipping[schema]`. Without the extra it sends them unchecked,
        and logs a warning. Another process calls `check_additional_inputs` with the schema.

        Raises:
            RateExpiredError: the rate is older than ten minutes.
        """
        return await self._run(
            GET_ADDITIONAL_INPUTS(
                query={"requestToken": request_token, "rateId": rate_id}, headers={BUSINESS.name: business}
            ),
            **options,
        )

    async def ship(
        self,
        parcel: GetRatesRequest,
        *,
        reference: str,
        journal: PurchaseJournal,
        choose: Choice = "cheapest",
        seller: str | None = None,
        business: ShippingBusiness | str | None = None,
        save_to: str | PathLike[str] | None = None,
        limit: SpendingLimit | None = None,
        **options: Unpack[ShipOptions],
    ) -> Shipment:
        """Ship a parcel once for its reference: quote, choose, buy. Costs money once.

        Another call with the same reference returns the same shipment with its labels, in whatever process,
        after a crash too; one that comes while the first runs waits for it. See also `Purchases`.

        Args:
            parcel: what to ship, as for `get_rates`, with one package. Its client reference id is replaced
                by one that follows from the reference.
            reference: your own name for the parcel, such as the number of the order. It is one parcel's, for
                this endpoint, seller and business.
            journal: where purchases are kept; all processes that ship for this seller share it.
            choose: `cheapest`, `fastest`, or a function that returns one of the result's rates.
            seller: a name for the seller that never changes; None means `selling_partner_id` of the
                credentials.
            business: the Amazon Shipping business; None means the client's own.
            save_to: a folder for the label; None saves none.
            limit: what the seller may spend on one day; None for no limit.
            options: the label, a further generation, and limits of time.

        Raises:
            ReferenceConflictError: the reference belongs to another parcel; names the fields that differ.
            OutcomeUnknownError: it may have been bought; ship it again, within ten minutes, to find out.
            UnsettledPurchaseError: so it may, and that is ten minutes ago: see `Purchases.settle`.
            GatewayError: the reference was cancelled or purged, or the generation before is not cancelled.
            SpendingLimitError: the rate would pass the limit; nothing was bought.
            LeaseLostError: another process has been at it for minutes.
            SpShippingError: nothing was bought, as for `get_rates` and `purchase_shipment`.
        """
        return await workflow.ship(
            shop_of(self._context, SHIP_OPERATIONS, journal, seller, business, save_to, limit),
            parcel,
            reference,
            choose,
            options,
        )

    async def ship_parcels(
        self,
        parcels: Sequence[GetRatesRequest],
        *,
        reference: str,
        journal: PurchaseJournal,
        choose: Choice = "cheapest",
        items: Mapping[str, int] | None = None,
        seller: str | None = None,
        business: ShippingBusiness | str | None = None,
        save_to: str | PathLike[str] | None = None,
        limit: SpendingLimit | None = None,
        **options: Unpack[ShipOptions],
    ) -> ShippedParcels:
        """Ship the parcels of one order, each once, as `reference/1`, `reference/2`, ...

        One that fails does not stop the others. The same call again returns the shipments that there are, and
        ships what is missing. Further parcels can be added at the end.

        Args:
            parcels: as for `ship`, always in the same order.
            reference: your own name for the order.
            journal: as for `ship`, like the arguments that are not named here.
            items: the quantities of the order by `item_identifier`: the parcels together hold no more.
            options: as for `ship`; `deadline` is for all parcels together.

        Raises:
            InvalidRequestError: a parcel cannot be shipped, or they hold more than the order.
            ReferenceConflictError: the reference belongs to other parcels, or to more. Nothing was sent.
        """
        return await many.ship_parcels(
            shop_of(self._context, SHIP_OPERATIONS, journal, seller, business, save_to, limit),
            parcels,
            reference,
            choose,
            items,
            options,
        )
