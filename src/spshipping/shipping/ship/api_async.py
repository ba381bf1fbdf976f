"""The facade of `spshipping.shipping.ship.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Unpack

from spshipping.facade import AsyncApi, Context
from spshipping.journal.entry import SpendingLimit
from spshipping.journal.protocol import PurchaseJournal
from spshipping.operation import CallOptions
from spshipping.regions import ShippingBusiness
from spshipping.shipping.api import SHIP_OPERATIONS
from spshipping.shipping.models.purchases import DirectPurchaseRequest, OneClickShipmentRequest
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship import after, erasing, returns, workflow
from spshipping.shipping.ship import cancel as cancellation
from spshipping.shipping.ship import parcels as many
from spshipping.shipping.ship.choice import Choice
from spshipping.shipping.ship.parcels import ShippedParcels
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import Purchase, shop_of
from spshipping.shipping.ship.track import TrackedShipment, track
from spshipping.shipping.ship.unquoted import DirectOptions, Kind, OneClickOptions
from spshipping.shipping.ship.wanted import ShipOptions
from spshipping.shipping.ship.workflow import Resumed
from spshipping.shipping.tracking.many import CONCURRENCY


class AsyncPurchases(AsyncApi):
    """Ships parcels, each once, and keeps in a journal what came of it; see the page on shipping."""

    __slots__ = ("_shop",)

    def __init__(
        self,
        context: Context,
        journal: PurchaseJournal,
        *,
        seller: str | None = None,
        business: ShippingBusiness | str | None = None,
        save_to: str | PathLike[str] | None = None,
        limit: SpendingLimit | None = None,
    ) -> None:
        """Make the facade. Nothing is sent, and nothing is read, yet.

        Args:
            context: `client.context`.
            journal: where purchases are kept; all processes that ship for this seller share it.
            seller: a name for the seller that never changes; None means `selling_partner_id` of the
                credentials.
            business: the Amazon Shipping business; None means the client's own.
            save_to: a folder for labels; None saves none.
            limit: what the seller may spend on one day, in all processes that share the journal and have the
                same limit; None for no limit.

        Raises:
            ConfigurationError: there is no name for the seller, or no business.
        """
        super().__init__(context)
        self._shop = shop_of(context, SHIP_OPERATIONS, journal, seller, business, save_to, limit)

    async def ship(
        self,
        parcel: GetRatesRequest,
        *,
        reference: str,
        choose: Choice = "cheapest",
        **options: Unpack[ShipOptions],
    ) -> Shipment:
        """Ship a parcel once for its reference; see `client.shipping.ship`."""
        return await workflow.ship(self._shop, parcel, reference, choose, options)

    async def ship_direct(
        self, request: DirectPurchaseRequest, *, reference: str, **options: Unpack[DirectOptions]
    ) -> Shipment:
        """Ship a parcel once by the service that Amazon finds best; see `client.shipping.ship_direct`."""
        return await workflow.ship_unquoted(self._shop, Kind.DIRECT, request, reference, options)

    async def ship_one_click(
        self, request: OneClickShipmentRequest, *, reference: str, **options: Unpack[OneClickOptions]
    ) -> Shipment:
        """Ship a parcel once by the first service that can; see `client.shipping.ship_one_click`."""
        return await workflow.ship_unquoted(self._shop, Kind.ONE_CLICK, request, reference, options)

    async def ship_parcels(
        self,
        parcels: Sequence[GetRatesRequest],
        *,
        reference: str,
        choose: Choice = "cheapest",
        items: Mapping[str, int] | None = None,
        **options: Unpack[ShipOptions],
    ) -> ShippedParcels:
        """Ship the parcels of one order, each once; see `client.shipping.ship_parcels`."""
        return await many.ship_parcels(self._shop, parcels, reference, choose, items, options)

    async def ship_return(
        self,
        reference: str,
        *,
        parcel: GetRatesRequest | None = None,
        choose: Choice = "cheapest",
        **options: Unpack[ShipOptions],
    ) -> Shipment:
        """Buy a label once by which the parcel of a reference comes back: with the addresses swapped.

        It never meets the label of the way there, and has generations of its own. It goes to `return_to` of
        the parcel, else to its `ship_from`. Of returns, Amazon describes no more than the value `RETURNS` of
        `shipmentType`; where no service takes it, no rate is offered.

        Args:
            reference: the reference under which it was shipped.
            parcel: what was shipped; needed where the journal has no key, and after a purge.
            choose: as for `ship`, like the options; `generation` counts the labels of the way back.

        Raises:
            GatewayError: nothing was shipped; or it is for an order of Amazon's, where Amazon ignores the
                address of the request.
            InvalidRequestError: *parcel* is needed.
            ReferenceConflictError: *parcel* is not the one that was shipped; names the fields that differ.
            SpShippingError: as for `ship`.
        """
        return await returns.ship_return(self._shop, reference, parcel, choose, options)

    async def resume(self, *, choose: Choice | None = None, **options: Unpack[CallOptions]) -> Resumed:
        """Bring every purchase to its end that was begun, and that no process works on.

        What was not sent is quoted anew, where the journal has the parcel. What may have been sent is sent
        again with the same bytes and the same key, within ten minutes; what is older becomes unsettled, and
        so does at once what was sent with one click.

        Args:
            choose: how a rate is chosen for parcels whose choice was a function, which a journal cannot keep;
                None leaves those waiting.
            options: limits of time for each call.
        """
        return await workflow.resume(self._shop, choose, options)

    async def find(self, reference: str, *, generation: int = 1, is_return: bool = False) -> Purchase | None:
        """Return what the journal has of a reference; *is_return*: of its way back. Sends nothing."""
        return await after.find(self._shop, self._shop.scope(reference, generation, is_return=is_return))

    async def unsettled(self) -> list[Purchase]:
        """Return the purchases that only a person can settle, with what to look up. Sends nothing."""
        return await after.unsettled(self._shop)

    async def settle(
        self,
        reference: str,
        *,
        bought: str | None = None,
        not_bought: bool = False,
        generation: int = 1,
        is_return: bool = False,
    ) -> Purchase:
        """Write down what a person found out about an unsettled purchase. Sends nothing.

        Args:
            reference: the reference.
            bought: the id of the shipment that there is; of a cancellation: that there still is.
            not_bought: there is none, or it is cancelled. Where it was never bought, the reference can be
                shipped again, with another key.
            generation: which of its labels.
            is_return: whether it is the label for the way back.

        Raises:
            GatewayError: the outcome is known, or a process works on it.
            InvalidRequestError: neither or both were given.
        """
        scope = self._shop.scope(reference, generation, is_return=is_return)
        return await after.settle(self._shop, scope, bought, not_bought=not_bought)

    async def cancel(
        self,
        reference: str,
        *,
        generation: int = 1,
        is_return: bool = False,
        **options: Unpack[CallOptions],
    ) -> Purchase:
        """Cancel the shipment of a reference; the second time, the journal answers.

        Where it is not known whether it was bought, the purchase is first sent again with its key, within ten
        minutes.

        Raises:
            OutcomeUnknownError: it may have been bought, or have been cancelled; cancel it again.
            UnsettledPurchaseError: it is not known whether it was bought, and it can no longer be sent again,
                or a process works on it.
            GatewayError: it was not bought.
            BadRequestError: Amazon refused, as it does after the pickup.
        """
        scope = self._shop.scope(reference, generation, is_return=is_return)
        return await cancellation.cancel(self._shop, scope, options)

    def track(
        self,
        references: Iterable[str | tuple[str, int]],
        *,
        concurrency: int = CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> AsyncIterator[TrackedShipment]:
        """Track the shipments of references side by side, and yield the timeline of each as it comes.

        One that fails is yielded with its error, and stops no other: a reference of which nothing was bought
        too. A parcel of another carrier is yielded with `is_trackable` False, and nothing is sent for it.

        Args:
            references: references, or pairs of a reference and a generation; drawn a thousand at a time.
            concurrency: how many calls may be under way, or wait for the quota, at a time.
            options: limits of time for each call.

        Raises:
            InvalidRequestError: something in *references* is neither.
        """
        return track(self._shop, references, concurrency, options)

    async def taken(self, reference: str, *, generation: int = 1, is_return: bool = False) -> Purchase:
        """Note that the labels were handed over: from now on, a repeat has them printed again by Amazon.

        Files that were saved are yours to move; `purge` removes those that are still there.

        Raises:
            GatewayError: it was not bought, or is cancelled.
        """
        return await after.take(self._shop, self._shop.scope(reference, generation, is_return=is_return))

    async def delivered(
        self, reference: str, *, at: datetime | None = None, generation: int = 1, is_return: bool = False
    ) -> Purchase:
        """Note when the parcel was delivered, for `purge`; None means now. Sends nothing.

        Raises:
            GatewayError: it was not bought, or is cancelled.
        """
        scope = self._shop.scope(reference, generation, is_return=is_return)
        return await after.deliver(self._shop, scope, at)

    async def purge(
        self, *, bought_before: datetime | None = None, delivered_before: datetime | None = None
    ) -> int:
        """Erase what is kept of old purchases, and their labels in `save_to`; return of how many.

        The reference stays, so that it never buys again. What is not settled stays as it is.

        Args:
            bought_before: erase what has not changed since then.
            delivered_before: erase what was delivered before then, as far as `delivered` was told.

        Raises:
            InvalidRequestError: neither is given.
        """
        return await erasing.purge(self._shop, bought_before, delivered_before)
