"""The part of the facade that ships a parcel once without a quote: directly, or with one click."""

from os import PathLike
from typing import ClassVar, Unpack

from spshipping.facade import Api
from spshipping.journal.entry import SpendingLimit
from spshipping.journal.protocol import PurchaseJournal
from spshipping.regions import ShippingBusiness
from spshipping.shipping.models.purchases import DirectPurchaseRequest, OneClickShipmentRequest
from spshipping.shipping.ship import workflow
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import Operations, shop_of
from spshipping.shipping.ship.unquoted import DirectOptions, Kind, OneClickOptions
from spshipping.transport.io import run


class UnquotedApi(Api):
    """Ship a parcel once without a quote."""

    __slots__ = ()

    _ship_operations: ClassVar[Operations]

    def ship_direct(
        self,
        request: DirectPurchaseRequest,
        *,
        reference: str,
        journal: PurchaseJournal,
        seller: str | None = None,
        business: ShippingBusiness | str | None = None,
        save_to: str | PathLike[str] | None = None,
        limit: SpendingLimit | None = None,
        **options: Unpack[DirectOptions],
    ) -> Shipment:
        """Ship a parcel once for its reference, by the service that Amazon finds best. Costs money once.

        It is what `direct_purchase_shipment` does, guarded by the journal like `ship`, with the same
        references. Amazon says neither a price nor who carries it. A label for an Amazon order that is bought
        this way has no Buy Shipping protection.

        Args:
            request: what to ship; with one package, or none for an Amazon order.
            reference: your own name for the parcel; see `ship`.
            journal: where purchases are kept. With one that keeps no personal data, what may have been sent
                is sent again only by another call with the same request.
            seller: a name for the seller that never changes; see `ship`.
            business: the Amazon Shipping business; None means the client's own.
            save_to: a folder for the label; None saves none.
            limit: what the seller may spend on one day; it needs `max_charge`.
            options: what it may cost, a further generation, the language, and limits of time.

        Raises:
            OutcomeUnknownError: it may have been bought; ship it again, within ten minutes, to find out.
            SpendingLimitError: there is a limit and no `max_charge`, or it would pass the limit.
            SpShippingError: as for `ship`.
        """
        return run(
            workflow.ship_unquoted(
                shop_of(self._context, self._ship_operations, journal, seller, business, save_to, limit),
                Kind.DIRECT,
                request,
                reference,
                options,
            )
        )

    def ship_one_click(
        self,
        request: OneClickShipmentRequest,
        *,
        reference: str,
        journal: PurchaseJournal,
        seller: str | None = None,
        business: ShippingBusiness | str | None = None,
        save_to: str | PathLike[str] | None = None,
        limit: SpendingLimit | None = None,
        **options: Unpack[OneClickOptions],
    ) -> Shipment:
        """Ship a parcel once for its reference, by the first named service that can. Costs money once.

        It is what `one_click_shipment` does, guarded by the journal like `ship`, with the same references.
        Amazon knows no idempotency key here. What may have been bought is never sent again: a person must
        look it up and settle it. An account of a third-party logistics provider can buy in no other way; its
        request names the seller as `goods_owner`.

        Args:
            request: what to ship, with one package; `service_selection` lists services, the best first.
            reference: your own name for the parcel; see `ship`.
            journal: where purchases are kept.
            seller: a name for the seller that never changes; see `ship`.
            business: the Amazon Shipping business; None means the client's own.
            save_to: a folder for the label; None saves none.
            limit: what the seller may spend on one day; it needs `max_charge`, which counts until the answer
                says what it has cost.
            options: what it may cost, a further generation, and limits of time.

        Raises:
            OutcomeUnknownError: it may have been bought; look it up at Amazon, and `Purchases.settle` it.
            UnsettledPurchaseError: as before, from the second call on.
            SpendingLimitError: there is a limit and no `max_charge`, or it would pass the limit.
            SpShippingError: as for `ship`.
        """
        return run(
            workflow.ship_unquoted(
                shop_of(self._context, self._ship_operations, journal, seller, business, save_to, limit),
                Kind.ONE_CLICK,
                request,
                reference,
                options,
            )
        )
