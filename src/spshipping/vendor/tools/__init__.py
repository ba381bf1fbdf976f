"""What a vendor's connection needs beside Amazon's API; the extra `spshipping[vendor-tools]`."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spshipping.vendor.tools.mappings import FulfilmentCentres, MappedOrder, Mappings
    from spshipping.vendor.tools.match import MatchedLine, MatchReport, read_invoices, three_way_match
    from spshipping.vendor.tools.offers import BulkBuy, MemoryOffers, Offer, SqliteOffers, read_offers

__all__ = [
    # mappings
    "Mappings",
    "MappedOrder",
    "FulfilmentCentres",
    # bulk buy offers
    "BulkBuy",
    "Offer",
    "read_offers",
    "SqliteOffers",
    "MemoryOffers",
    # three-way match
    "three_way_match",
    "MatchReport",
    "MatchedLine",
    "read_invoices",
]

# where each public name lives: importing this package loads none of the tools
_HOMES = {
    "mappings": ("Mappings", "MappedOrder", "FulfilmentCentres"),
    "offers": ("BulkBuy", "Offer", "read_offers", "SqliteOffers", "MemoryOffers"),
    "match": ("three_way_match", "MatchReport", "MatchedLine", "read_invoices"),
}


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        home = next((home for home, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module 'spshipping.vendor.tools' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"spshipping.vendor.tools.{home}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
