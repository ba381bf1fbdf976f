"""The facade of `spshipping.vendor.transactions.api` for `AsyncClient`."""

# Made by tools/make_async.py from api.py: change that file, and run the tool.

from typing import Unpack

from spshipping.facade import AsyncApi
from spshipping.operation import CallOptions
from spshipping.vendor.transactions.api import GET_TRANSACTION
from spshipping.vendor.transactions.models import TransactionStatus


class AsyncVendorTransactionsApi(AsyncApi):
    """Ask what became of a submission."""

    __slots__ = ()

    async def get_transaction(self, transaction_id: str, **options: Unpack[CallOptions]) -> TransactionStatus:
        """Return how far a submission is; a failure is an answer, with its reasons in `errors`.

        An acknowledgement never reaches `SUCCESS`: it may stay `PROCESSING` for days, although it was
        applied, and `get_purchase_orders_status` shows what was noted. Shipment confirmations and
        transportation requests do reach it, in North America and Europe. Amazon advises to wait 15 minutes
        before the first look.

        Args:
            transaction_id: what the submission returned.
            options: those of every call.

        Source: https://developer-docs.amazon.com/sp-api/docs/vendor-transaction-status-api-v1-use-case-guide
        """
        return await self._run(GET_TRANSACTION(path={"transactionId": transaction_id}), **options)
