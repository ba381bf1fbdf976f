"""Mappings: Amazon's words for statuses, centres, reasons, payments and taxes, in those of the shop."""

from spshipping.vendor.tools.mappings.centres import STARTER, FulfilmentCentre, FulfilmentCentres
from spshipping.vendor.tools.mappings.mappings import Gap, Mappings, Met, met
from spshipping.vendor.tools.mappings.order import (
    CreditKind,
    MappedAddress,
    MappedCredit,
    MappedLine,
    MappedOrder,
    Unmapped,
)
from spshipping.vendor.tools.mappings.table import Mapped, Rules, StatusTable, StatusVocabulary, Table
from spshipping.vendor.tools.mappings.tables import TableDescription, describe

__all__ = [
    "Mappings",
    "Table",
    "StatusTable",
    "StatusVocabulary",
    "Rules",
    "Mapped",
    "describe",
    "TableDescription",
    # what they make of an order
    "MappedOrder",
    "MappedLine",
    "MappedCredit",
    "CreditKind",
    "MappedAddress",
    # what they do not cover
    "Gap",
    "Unmapped",
    "met",
    "Met",
    # where the goods go
    "FulfilmentCentres",
    "FulfilmentCentre",
    "STARTER",
]
