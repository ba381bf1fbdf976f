"""The models of Vendor Transaction Status v1."""

from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class TransactionState(OpenEnum):
    """How far a submission is."""

    FAILURE = "Failure"
    PROCESSING = "Processing"
    """May stay for days, although the submission was applied."""
    SUCCESS = "Success"
    """Shipment confirmations and requests only, in North America and Europe."""


@camel
class Error(Model):
    """Why a submission failed; no field says which order, line or carton is meant."""

    code: str
    message: str
    details: str | None = None
    """May be empty."""


@camel
class Transaction(Model):
    """A submission, and how far it is."""

    transaction_id: str
    status: TransactionState
    errors: list[Error] | None = None
    """A failure comes with status 200, and its reasons are here."""


@camel
class TransactionStatus(Model):
    """The answer about a submission."""

    transaction_status: Transaction
