"""The facade of a shop's gateway: orders become parcels, each once."""

from os import PathLike
from typing import Unpack

from spshipping.facade import Context
from spshipping.journal.protocol import PurchaseJournal
from spshipping.settings.shop import ShopSettings
from spshipping.shipping.gateway.order import OrderToShip
from spshipping.shipping.gateway.packages import Packing, stacked
from spshipping.shipping.gateway.plan import Products
from spshipping.shipping.gateway.switched_off import context_of
from spshipping.shipping.gateway.workflow import (
    OnDryRun,
    Options,
    OrderOptions,
    OrderResult,
    gateway_of,
    on_order,
)
from spshipping.shipping.ship.api import Purchases
from spshipping.transport.io import run


class ShipmentGateway(Purchases):
    """Ships the orders of a shop, each once, by the settings of the shop's page; see the page on the gateway.

    It has all that `Purchases` has: `cancel`, `track`, `resume`, `unsettled`, `settle`, `taken`. While the
    connection is switched off, each of them refuses to send anything.
    """

    __slots__ = ("_gateway",)

    def __init__(
        self,
        context: Context,
        settings: ShopSettings,
        journal: PurchaseJournal,
        *,
        products: Products | None = None,
        packing: Packing = stacked,
        seller_display_name: str | None = None,
        save_to: str | PathLike[str] | None = None,
        on_dry_run: OnDryRun | None = None,
    ) -> None:
        """Make the gateway. Nothing is sent, and nothing is read, yet.

        Args:
            context: `client.context`.
            settings: `connection.shop()`.
            journal: where purchases are kept; all processes that ship for this seller share it.
            products: your products by their ids, as a mapping or a function: for orders that come without,
                as Amazon's do.
            packing: how large a package is that holds several products.
            seller_display_name: the name that labels can show.
            save_to: a folder for labels; None saves none.
            on_dry_run: is called with each `DryRun`, to keep it; it may block.

        Raises:
            ConfigurationError: the settings have no address to ship from, no name for the seller, or a
                default measure that is implausible; or the business is not known.
        """
        gateway = gateway_of(context, settings, Options(products, packing, seller_display_name, on_dry_run))
        super().__init__(
            context_of(context, is_enabled=settings.is_enabled),
            journal,
            seller=settings.seller,
            business=settings.business,
            save_to=save_to,
            limit=gateway.planner.limit,
        )
        self._gateway = gateway

    def on_order(self, order: OrderToShip, **options: Unpack[OrderOptions]) -> OrderResult:
        """Ship an order once for its reference. Costs money once, however often it is called.

        While order creation is off, nothing is sent and nothing is written down: the result says what would
        be sent. An order that is shipped by now, and that this gateway has shipped, gives its shipment again.
        An order of Amazon's is bought with the protection against claims, or not at all. A label
        that is bought through Amazon confirms the shipment of the order: do not confirm it again.

        Args:
            order: such as `OrderToShip.of(amazon_order)`.
            options: a further generation, and limits of time.

        Raises:
            SwitchedOffError: the connection is switched off.
            GatewayError: the order must not be shipped, and why: Amazon ships it, it is pending, cancelled
                or shipped, or the buyer wants to cancel it.
            InvalidRequestError: a product has no measure that makes sense, and which; or no rate keeps the
                times and benefits that the order needs.
            SpShippingError: as for `client.shipping.ship`.
        """
        return run(on_order(self._shop, self._gateway, order, options))
