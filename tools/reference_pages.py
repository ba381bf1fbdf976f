"""Which public name stands on which page of docs/reference: a page for each family of classes."""

from typing import NamedTuple


class Part(NamedTuple):
    """Names of one public module that stand together on a page."""

    module: str
    """Below `spshipping`; empty for the package itself."""
    sources: tuple[str, ...] = ("",)
    """Where the names are defined, below `spshipping`; of two parts, the one with the longer text has it."""
    names: tuple[str, ...] = ()
    """Of a module that exports nothing: these, and not all that it defines."""
    private: tuple[str, ...] = ()
    """Members that are shown although their names begin with an underscore."""


class Page(NamedTuple):
    """One page."""

    name: str
    title: str
    intro: str
    parts: tuple[Part, ...]


_API = ("_run", "_pages", "_iter")
_MODELS = "shipping.models"
_V2026 = "orders.v2026_01_01"
_V0 = "orders.v0"

CORE = (
    Page(
        "client",
        "Clients and their options",
        "`Client` is for threads, `AsyncClient` for asyncio. Both take the same options.",
        (
            Part(
                "",
                (
                    "client",
                    "async_client",
                    "timeouts",
                    "transport",
                    "regions",
                    "checking",
                    "secret",
                    "_version",
                ),
            ),
            Part("client", names=("ClientOptions",)),
            Part("async_client", names=("AsyncClientOptions",)),
            Part("operation.options", names=("CallOptions",)),
            Part("otel", names=("Telemetry",)),
            Part("frames", names=("to_frame",)),
        ),
    ),
    Page(
        "signing-in",
        "Credentials, tokens, consent",
        "What [Signing in](../auth.md) is about.",
        (
            Part("", ("auth",)),
            Part("auth.consent", names=("ConsentOptions",)),
            Part("auth.stores", names=("StoredToken", "SecretStore")),
            Part("auth.tokens"),
            Part("applications"),
        ),
    ),
    Page(
        "errors",
        "Errors",
        "Each derives from `SpShippingError`. [Errors](../errors.md) says when, and what to do.",
        (Part("", ("errors",)),),
    ),
    Page(
        "operations-and-calls",
        "Operations, calls, replies",
        "An operation is a value, a call is data: see [Operations](../operations.md).",
        (
            Part("", ("operation", "catalogue", "stored", "meta", "wire.limits")),
            Part("facade", names=("Api", "AsyncApi", "Context"), private=_API),
        ),
    ),
    Page(
        "models-and-json",
        "Models and JSON",
        "What all models have in common, and how they become JSON: see [Models](../models.md).",
        (Part("", ("wire",)),),
    ),
    Page(
        "settings",
        "Settings and connections",
        "Named connections, and the pages that are drawn from them: see [Settings](../settings.md).",
        (Part("", ("settings",)), Part("settings")),
    ),
    Page(
        "journal-and-sync",
        "Journals and checkpoints",
        "Where purchases are kept, what was pushed, how far a sync has come, and what machines share.",
        (Part("journal"), Part("sync"), Part("", ("postgres",))),
    ),
)
SHIPPING = (
    Page(
        "shipping",
        "Amazon Shipping: client.shipping",
        "`client.shipping` is a `ShippingApi`, with the methods of `CarrierAccountsApi`, `CollectionFormsApi`"
        " and `DeliveriesApi`.",
        (Part("shipping", ("shipping", "operation.parameter")),),
    ),
    Page(
        "shipping-ship",
        "Amazon Shipping: one label for each parcel",
        "What [`client.shipping.ship`](../ship.md) takes and returns.",
        (Part("shipping", ("shipping.ship",)),),
    ),
    Page(
        "shipping-rates",
        "Amazon Shipping: rates",
        "A quote: what is asked, and what is offered.",
        (Part("shipping", (f"{_MODELS}.rates", f"{_MODELS}.offers")),),
    ),
    Page(
        "shipping-parcels",
        "Amazon Shipping: parcels and addresses",
        "What is shipped, from where and to whom.",
        (Part("shipping", (f"{_MODELS}.parcels", f"{_MODELS}.parties")),),
    ),
    Page(
        "shipping-purchases",
        "Amazon Shipping: purchases, labels, cancelling",
        "What is bought, and the documents that come with it.",
        (Part("shipping", (f"{_MODELS}.purchases", f"{_MODELS}.documents", "shipping.additional_inputs")),),
    ),
    Page(
        "shipping-tracking",
        "Amazon Shipping: tracking",
        "Where a parcel is: Amazon's answer, and the [timeline](../tracking.md) that is made of it.",
        (
            Part("shipping", (f"{_MODELS}.tracking", "shipping.tracking")),
            Part("shipping.tracking"),
        ),
    ),
    Page(
        "shipping-carriers",
        "Amazon Shipping: other carriers",
        "Linked accounts, and collection forms.",
        (Part("shipping", (f"{_MODELS}.accounts", f"{_MODELS}.collection", "shipping.collection_day")),),
    ),
    Page(
        "shipping-deliveries",
        "Amazon Shipping: access points, claims",
        "What belongs to deliveries.",
        (Part("shipping", (f"{_MODELS}.access_points", f"{_MODELS}.claims")),),
    ),
    Page(
        "shipping-gateway",
        "A shop's gateway",
        "What [a shop's gateway](../gateway.md) is made of.",
        (Part("shipping.gateway"),),
    ),
    Page(
        "shipping-paper",
        "Labels on paper",
        "Merging, printing and previews: see [Labels](../labels.md).",
        (Part("shipping.paper"),),
    ),
    Page(
        "shipping-webhooks",
        "Webhooks",
        "What Amazon Shipping pushes: see [Webhooks](../webhooks.md).",
        (Part("shipping.webhooks"),),
    ),
)
ORDERS = (
    Page(
        "orders",
        "Orders: client.orders",
        "`client.orders` is an `OrdersApi`; below it is each API by itself, `client.orders.v2026_01_01` and"
        " `client.orders.v0`.",
        (Part("orders"), Part("orders.options", names=("ConfirmOptions",))),
    ),
    Page(
        "orders-2026-01-01",
        "Orders 2026-01-01: the facade and orders",
        "`client.orders.v2026_01_01`.",
        (Part(_V2026, (_V2026,)),),
    ),
    Page(
        "orders-2026-01-01-items",
        "Orders 2026-01-01: items",
        "What is in an order.",
        (Part(_V2026, (f"{_V2026}.models.items",)),),
    ),
    Page(
        "orders-2026-01-01-parties",
        "Orders 2026-01-01: people and amounts",
        "Who buys, where it goes, and what it costs.",
        (Part(_V2026, (f"{_V2026}.models.parties", f"{_V2026}.models.amounts")),),
    ),
    Page(
        "orders-v0",
        "Orders v0: the facade and orders",
        "`client.orders.v0`. Its reading operations end on 27 March 2027.",
        (Part(_V0, (_V0,)),),
    ),
    Page(
        "orders-v0-items",
        "Orders v0: items, people, shipments",
        "What is in an order, who buys it, and what is stated of its shipment.",
        (
            Part(
                _V0,
                tuple(
                    f"{_V0}.models.{each}" for each in ("items", "parties", "shipments", "regulated", "money")
                ),
            ),
        ),
    ),
)
VENDOR = (
    Page(
        "vendor",
        "Vendors: client.vendor",
        "`client.vendor` is a `VendorApi`; below it are the three APIs. Some types of two APIs have one"
        " name and different fields, such as `ItemQuantity`.",
        (Part("vendor"), Part("vendor.transactions")),
    ),
    Page(
        "vendor-orders",
        "Vendors: purchase orders",
        "`client.vendor.orders`.",
        (Part("vendor.orders", ("vendor.orders", "vendor.parameters")),),
    ),
    Page(
        "vendor-shipments",
        "Vendors: shipments",
        "`client.vendor.shipments`. `SortOrder` stands with [purchase orders](vendor-orders.md).",
        (Part("vendor.shipments", ("vendor.shipments", "vendor.parameters")),),
    ),
    Page(
        "vendor-shipments-measures",
        "Vendors: items, measures, imports of shipments",
        "What a shipment confirmation and a pickup request are made of.",
        (
            Part(
                "vendor.shipments",
                tuple(
                    f"vendor.shipments.models.{each}" for each in ("items", "measures", "imports", "parties")
                ),
            ),
        ),
    ),
    Page(
        "vendor-submissions",
        "Vendors: answers and their ledger",
        "Acknowledgements, submissions, and what has become of them: see [Vendors](../vendor.md).",
        (Part("vendor.acknowledge"), Part("vendor.ledger")),
    ),
    Page(
        "vendor-import",
        "Vendors: the import",
        "The import of purchase orders: see [Vendors](../vendor.md#import).",
        (Part("vendor.sync"),),
    ),
    Page(
        "vendor-asn",
        "Vendors: packing, ASN, pickups, SSCC",
        "What [Ship and notify](../vendor.md#ship-and-notify) uses.",
        (Part("vendor.asn"), Part("vendor.routing"), Part("vendor.sscc")),
    ),
    Page(
        "vendor-rules",
        "Vendors: the rules",
        "What Amazon accepts of a vendor, as data, and the check of documents by it: see"
        " [Rules for vendors](../vendor-rules.md).",
        (Part("vendor.rules"),),
    ),
    Page(
        "vendor-tools",
        "Vendors: tools",
        "Amazon's words in those of the shop, bulk buy offers, the three-way match: see"
        " [Vendors' tools](../vendor-tools.md).",
        tuple(Part(f"vendor.tools.{each}") for each in ("mappings", "offers", "match")),
    ),
)
REST = (
    Page("sellers", "Sellers", "`client.sellers`: the account, and where it sells.", (Part("sellers"),)),
    Page(
        "notifications",
        "Notifications",
        "`client.notifications`, and what arrives: see [Notifications](../notifications.md).",
        (Part("notifications"), Part("notifications.sqs")),
    ),
    Page(
        "testing",
        "The kit for tests",
        "See [Testing](../testing.md).",
        (
            Part("testing"),
            Part("testing.factories", names=("minimal", "full", "valid")),
            Part("testing.strategies", names=("models", "values")),
        ),
    ),
    Page("sandbox", "The sandbox", "See [The sandbox](../sandbox.md).", (Part("sandbox"),)),
)
GROUPS: dict[str, tuple[Page, ...]] = {
    "What every program uses": CORE,
    "Amazon Shipping": SHIPPING,
    "Orders": ORDERS,
    "Vendors": VENDOR,
    "The rest": REST,
}
