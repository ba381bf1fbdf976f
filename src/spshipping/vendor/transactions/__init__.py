"""Vendor Transaction Status v1: what became of a submission."""

from spshipping.vendor.transactions.api import GET_TRANSACTION, VendorTransactionsApi
from spshipping.vendor.transactions.api_async import AsyncVendorTransactionsApi
from spshipping.vendor.transactions.models import Error, Transaction, TransactionState, TransactionStatus

__all__ = [
    "VendorTransactionsApi",
    "AsyncVendorTransactionsApi",
    # operations
    "GET_TRANSACTION",
    # models
    "Error",
    "Transaction",
    "TransactionState",
    "TransactionStatus",
]
