"""The operation of Vendor Transaction Status v1, and the facade that names it."""

from typing import Unpack

from spshipping.facade import Api
from spshipping.operation import CallOptions, Effect, Operation, Quota
from spshipping.roles import Role
from spshipping.vendor.transactions.models import TransactionStatus

GET_TRANSACTION = Operation(
    name="getTransaction",
    route="GET /vendor/transactions/v1/transactions/{transactionId}",
    returns=TransactionStatus,
    envelope=True,
    quota=Quota(10, burst=20),
    effect=Effect.NONE,
    # the second one in North America and Europe only:
    # https://developer-docs.amazon.com/sp-api/docs/vendor-transaction-status-api-v1-use-case-guide
    roles=(Role.AMAZON_FULFILLMENT, Role.INVENTORY_AND_ORDER_TRACKING),
)


class VendorTransactionsApi(Api):
    """Ask what became of a submission."""

    __slots__ = ()

    def get_transaction(self, transaction_id: str, **options: Unpack[CallOptions]) -> TransactionStatus:
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
        return self._run(GET_TRANSACTION(path={"transactionId": transaction_id}), **options)
