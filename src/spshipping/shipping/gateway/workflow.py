"""Ships an order once, or says what would be sent for it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from spshipping.errors import ConfigurationError, GatewayError, InvalidRequestError
from spshipping.facade import Context
from spshipping.journal.entry import State
from spshipping.operation import CallOptions
from spshipping.secret import discreet
from spshipping.settings.shop import ShopSettings
from spshipping.shipping.gateway.order import ItemToShip, OrderToShip
from spshipping.shipping.gateway.packages import Packing, stacked
from spshipping.shipping.gateway.plan import Plan, Planner, Products
from spshipping.shipping.gateway.switched_off import refuse
from spshipping.shipping.models.purchases import OneClickShipmentRequest
from spshipping.shipping.models.rates import GetRatesRequest
from spshipping.shipping.ship import workflow
from spshipping.shipping.ship.shipment import Shipment
from spshipping.shipping.ship.shop import Shop, call_options
from spshipping.shipping.ship.unquoted import Kind, OneClickOptions
from spshipping.shipping.ship.wanted import ShipOptions
from spshipping.wire.convert import encode_request, to_dict

_logger = logging.getLogger("spshipping")


class DryRun(NamedTuple):
    """What would be sent for an order, while order creation is off."""

    reference: str
    order_id: str
    request: GetRatesRequest | OneClickShipmentRequest
    """The request for rates, or the purchase in one step."""
    operation: str
    """The operation that it would be sent to first."""
    state: State | None = None
    """What the journal has of the reference: a label that is bought would not be bought again."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values; it holds the addresses."""
        return {
            "reference": self.reference,
            "order_id": self.order_id,
            "operation": self.operation,
            "state": None if self.state is None else self.state.value,
            "request": to_dict(self.request),
        }


OnDryRun = Callable[[DryRun], object]


class OrderResult(NamedTuple):
    """What came of an order: one of the two."""

    reference: str
    shipment: Shipment | None = None
    """What was bought, now or before."""
    dry_run: DryRun | None = None
    """What would have been sent, where order creation is off."""


class Gateway(NamedTuple):
    """What the gateway works with beside the journal."""

    settings: ShopSettings
    planner: Planner
    products: Products | None
    on_dry_run: OnDryRun | None


class Options(NamedTuple):
    """How a gateway is made, beside its settings."""

    products: Products | None = None
    packing: Packing = stacked
    seller_display_name: str | None = None
    on_dry_run: OnDryRun | None = None


def gateway_of(context: Context, settings: ShopSettings, options: Options) -> Gateway:
    """Return what the gateway works with.

    Raises:
        ConfigurationError: the settings cannot be used, and why.
    """
    business = settings.business or context.origin.business
    if isinstance(business, ConfigurationError):
        raise business
    planner = Planner(settings, business, options.packing, options.seller_display_name)
    return Gateway(settings, planner, options.products, options.on_dry_run)


class OrderOptions(CallOptions, total=False):
    """The options of `on_order`."""

    generation: int
    """1, unless a second label is wanted for the same order: then 2, and so on."""
    replaces: str
    """The shipment id of the generation before, where that was neither cancelled nor refused."""


@discreet
async def on_order(shop: Shop, gateway: Gateway, order: OrderToShip, options: OrderOptions) -> OrderResult:
    """Ship an order once, or say what would be sent; see `ShipmentGateway.on_order`."""
    if not gateway.settings.is_enabled:
        refuse()
    given: object = order
    if not isinstance(given, OrderToShip):
        raise InvalidRequestError(
            "is no OrderToShip: OrderToShip.of makes one of an AmazonOrder", path="order"
        )
    if order.refusal:
        before = await _bought_before(shop, order, options)
        if before is not None:
            return OrderResult(order.parcel_reference, shipment=before)
        raise GatewayError(f"this order is not shipped: {order.refusal}")
    plan = gateway.planner.plan(await _with_products(shop, gateway, order))
    if not gateway.settings.creates_orders:
        return OrderResult(plan.reference, dry_run=await _dry_run(shop, gateway, order, plan))
    return OrderResult(plan.reference, shipment=await _shipped(shop, gateway, plan, options))


async def _bought_before(shop: Shop, order: OrderToShip, options: OrderOptions) -> Shipment | None:
    """Return what the gateway has bought for an order that is shipped by now: its labels may be missing."""
    if order.is_shipped_by_amazon or not order.is_shipped:
        return None
    scope = shop.scope(order.parcel_reference, options.get("generation", 1))
    entry = await shop.kept(shop.journal.find, scope)
    if entry is None or entry.state not in (State.BOUGHT, State.TAKEN):
        return None
    return await workflow.bought_before(shop, entry, call_options(options))


async def _shipped(shop: Shop, gateway: Gateway, plan: Plan, options: OrderOptions) -> Shipment:
    if isinstance(plan.request, OneClickShipmentRequest):
        given: OneClickOptions = {**gateway.planner.one_click_options, **options}
        return await workflow.ship_unquoted(shop, Kind.ONE_CLICK, plan.request, plan.reference, given)
    merged: ShipOptions = {**plan.options, **options}
    return await workflow.ship(shop, plan.request, plan.reference, gateway.settings.choose, merged)


async def _dry_run(shop: Shop, gateway: Gateway, order: OrderToShip, plan: Plan) -> DryRun:
    """Say what would be sent, once it is known that it could be sent."""
    entry = await shop.kept(shop.journal.find, shop.scope(plan.reference))
    encode_request(plan.request)
    is_one_click = isinstance(plan.request, OneClickShipmentRequest)
    operation = shop.operations.one_click if is_one_click else shop.operations.get_rates
    state = None if entry is None else entry.state
    found = DryRun(plan.reference, order.order_id, plan.request, operation.name, state)
    _logger.info("order creation is off: %s would be sent for one order, and nothing is", found.operation)
    if gateway.on_dry_run is not None:
        await shop.context.io.plugin(gateway.on_dry_run, found)
    return found


async def _with_products(shop: Shop, gateway: Gateway, order: OrderToShip) -> OrderToShip:
    """Look up the products that the order does not have."""
    products = gateway.products
    if products is None:
        return order
    items: list[ItemToShip] = []
    for item in order.items:
        if item.product is None:
            found = await _product(shop, products, item.product_id)
            items.append(item._replace(product=found))
        else:
            items.append(item)
    return order._replace(items=tuple(items))


async def _product(shop: Shop, products: Products, product_id: str) -> object:
    if isinstance(products, Mapping):
        return products.get(product_id)
    return await shop.context.io.plugin(products, product_id)
