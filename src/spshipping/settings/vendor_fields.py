"""The fields of a vendor's page: which purchase orders are imported."""

from spshipping.settings.field import FALSE, TRUE, Field

PURCHASE_ORDERS = "Purchase orders"

VENDOR_FIELDS: tuple[Field, ...] = (
    Field(
        "synchronization_enabled",
        "Synchronization enabled",
        "The master switch of a vendor's connection. When it is off, nothing is imported.",
        type="boolean",
        default=TRUE,
        section=PURCHASE_ORDERS,
        aliases=("synchronisation_enabled", "enable_synchronization", "sync_enabled"),
    ),
    Field(
        "orders_integration",
        "Orders integration",
        "Whether purchase orders are imported at all.",
        type="boolean",
        default=TRUE,
        section=PURCHASE_ORDERS,
        aliases=("order_integration", "enable_orders_integration"),
    ),
    Field(
        "import_new_orders",
        "Import new orders",
        "Whether purchase orders are imported as they become available, and again when Amazon changes them.",
        type="boolean",
        default=TRUE,
        section=PURCHASE_ORDERS,
        aliases=("new_orders",),
    ),
    Field(
        "import_missing_orders",
        "Import missing orders",
        "Whether the purchase orders of the last six months that you do not have are imported, once a day.",
        type="boolean",
        default=FALSE,
        section=PURCHASE_ORDERS,
        aliases=("missing_orders",),
    ),
    Field(
        "import_history",
        "Import history",
        "Whether purchase orders come with what was acknowledged, cancelled and received of them.",
        type="boolean",
        default=FALSE,
        section=PURCHASE_ORDERS,
        aliases=("import_orders_history", "import_order_history", "history"),
    ),
)
