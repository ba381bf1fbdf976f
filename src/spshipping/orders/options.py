"""The options of a confirmation."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from spshipping.operation import CallOptions
from spshipping.regions import Marketplace

if TYPE_CHECKING:
    from spshipping.orders.v0 import CodCollectionMethod


class ConfirmOptions(CallOptions, total=False):
    """What a confirmation may state beside carrier, tracking number, date and items."""

    package_reference_id: str
    """Your number for the package within the order, digits only; the default is `1`."""
    carrier_name: str | None
    """Who carries it, where Amazon has no code."""
    shipping_method: str | None
    """The carrier's service."""
    ship_from_supply_source_id: str | None
    """The place from which it was shipped."""
    transparency_codes: Mapping[str, Sequence[str]] | None
    """The codes of the pieces, by `order_item_id`, for items of Amazon Transparency."""
    cod_collection_method: "CodCollectionMethod | None"
    """How the money is collected on delivery; in Japan."""
    marketplace_id: Marketplace | str | None
    """Where the order was placed; None means where it was, if it has to be read for its items, and else the
    client's own."""
