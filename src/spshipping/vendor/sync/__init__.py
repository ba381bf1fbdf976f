"""The import of purchase orders: new, changed and missing ones, and what became of them."""

from spshipping.vendor.sync.imported import ImportedLine, ImportedOrder, ImportReason
from spshipping.vendor.sync.imports import AsyncPurchaseOrderImport, PurchaseOrderImport

__all__ = [
    "AsyncPurchaseOrderImport",
    "ImportReason",
    "ImportedLine",
    "ImportedOrder",
    "PurchaseOrderImport",
]
