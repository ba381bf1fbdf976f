"""The facade of purchases that a journal keeps: ship, resume, settle, cancel."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from os import PathLike
from typing import Unpack

from spshipping.facade import Api, Context
from spshipping.journal.entry import SpendingLimit
from spshipping.journal.protocol import PurchaseJournal
from spshipping.operation import CallOptions
from spshipping.regions import ShippingBusiness
from spshipping.shipping.api import SHIP_OPERATIONS
from spshipping.shipping.models.purchases import DirectPurchaseRequest, OneClickShipmentRequest
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship import after, workflow
from spshipping.shipping.ship.choice import Choice
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import Purchase, shop_of
from spshipping.shipping.ship.track import TrackedShipment, track
from spshipping.shipping.ship.unquoted import DirectOptions, Kind, OneClickOptions
from spshipping.shipping.ship.wanted import ShipOptions
from spshipping.shipping.ship.workflow import Resumed
from spshipping.shipping.tracking.many import CONCURRENCY
from spshipping.transport.io import iterate, run


class Purchases(Api):
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

    def ship(
        self,
        parcel: GetRatesRequest,
        *,
        reference: str,
        choose: Choice = "cheapest",
        **options: Unpack[ShipOptions],
    ) -> Shipment:
        """Ship a parcel once for its reference; see `client.shipping.ship`."""
        return run(workflow.ship(self._shop, parcel, reference, choose, options))

    def ship_direct(
        self, request: DirectPurchaseRequest, *, reference: str, **options: Unpack[DirectOptions]
    ) -> Shipment:
        """Ship a parcel once by the service that Amazon finds best; see `client.shipping.ship_direct`."""
        return run(workflow.ship_unquoted(self._shop, Kind.DIRECT, request, reference, options))

    def ship_one_click(
        self, request: OneClickShipmentRequest, *, reference: str, **options: Unpack[OneClickOptions]
    ) -> Shipment:
        """Ship a parcel once by the first service that can; see `client.shipping.ship_one_click`."""
        return run(workflow.ship_unquoted(self._shop, Kind.ONE_CLICK, request, reference, options))

    def resume(self, *, choose: Choice | None = None, **options: Unpack[CallOptions]) -> Resumed:
        """Bring every purchase to its end that was begun, and that no process works on.

        What was not sent is quoted anew, where the journal has the parcel. What may have been sent is sent
        again with the same bytes and the same key, within ten minutes; what is older becomes unsettled, and
        so does at once what was sent with one click.

        Args:
            choose: how a rate is chosen for parcels whose choice was a function, which a journal cannot keep;
                None leaves those waiting.
            options: limits of time for each call.
        """
        return run(workflow.resume(self._shop, choose, options))

    def find(self, reference: str, *, generation: int = 1) -> Purchase | None:
        """Return what the journal has of a reference. Sends nothing."""
        return run(after.find(self._shop, reference, generation))

    def unsettled(self) -> list[Purchase]:
        """Return the purchases that only a person can settle, with what to look up. Sends nothing."""
        return run(after.unsettled(self._shop))

    def settle(
        self, reference: str, *, bought: str | None = None, not_bought: bool = False, generation: int = 1
    ) -> Purchase:
        """Write down what a person found out about an unsettled purchase. Sends nothing.

        Args:
            reference: the reference.
            bought: the id of the shipment that there is; of a cancellation: that there still is.
            not_bought: there is none, or it is cancelled. Where it was never bought, the reference can be
                shipped again, with another key.
            generation: which of its labels.

        Raises:
            GatewayError: the outcome is known, or a process works on it.
            InvalidRequestError: neither or both were given.
        """
        return run(after.settle(self._shop, reference, generation, bought, not_bought=not_bought))

    def cancel(self, reference: str, *, generation: int = 1, **options: Unpack[CallOptions]) -> Purchase:
        """Cancel the shipment of a reference; the second time, the journal answers.

        Raises:
            OutcomeUnknownError: it may have been cancelled; cancel it again.
            UnsettledPurchaseError: it is not known whether it was bought.
            GatewayError: it was not bought.
            BadRequestError: Amazon refused, as it does after the pickup.
        """
        return run(after.cancel(self._shop, reference, generation, options))

    def track(
        self,
        references: Iterable[str | tuple[str, int]],
        *,
        concurrency: int = CONCURRENCY,
        **options: Unpack[CallOptions],
    ) -> Iterator[TrackedShipment]:
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
        return iterate(track(self._shop, references, concurrency, options))

    def taken(self, reference: str, *, generation: int = 1) -> Purchase:
        """Note that the labels were handed over: from now on, a repeat has them printed again by Amazon.

        Files that were saved are yours to remove.

        Raises:
            GatewayError: it was not bought, or is cancelled.
        """
        return run(after.take(self._shop, reference, generation))

    def purge(self, *, bought_before: datetime) -> int:
        """Erase what is kept of purchases that last changed before then; return of how many.

        The reference stays, so that it never buys again. What is not settled stays as it is.
        """
        return run(after.purge(self._shop, bought_before))
