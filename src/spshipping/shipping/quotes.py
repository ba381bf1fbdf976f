"""Quotes: how long one can be bought, and what a client remembers of those that it bought."""

from datetime import timedelta

from spshipping.errors import InvalidRequestError, RateExpiredError
from spshipping.operation import After, Before, Call
from spshipping.shipping.models.purchases import (
    QUOTE_LIFETIME,
    CancelShipmentResult,
    PurchaseShipmentRequest,
    PurchaseShipmentResult,
)
from spshipping.shipping.models.rates import GetRatesResult


def stamp_received(call: Call[GetRatesResult], result: GetRatesResult, after: After) -> None:  # noqa: ARG001
    """Note on a quote when it came: Amazon does not say until when it can be bought."""
    result.received_at = after.received_at


def refuse_stale(call: Call[PurchaseShipmentResult], before: Before) -> None:
    """Refuse to buy from a quote that has expired, or whose purchase this client has cancelled.

    Raises:
        RateExpiredError: it is known to be ten minutes old, or older.
        InvalidRequestError: the key would return the cancelled shipment.
    """
    request = call.body
    if call.key and before.history.is_undone(call.key):
        del request  # a traceback shows local variables
        raise InvalidRequestError(
            "this quote was bought, and the shipment was cancelled; buying it again would return the"
            " cancelled shipment: call get_rates again and buy from its answer",
            path="request_token",
        )
    quoted_at = request.quoted_at if isinstance(request, PurchaseShipmentRequest) else None
    if quoted_at is None or before.now - quoted_at < QUOTE_LIFETIME:
        return
    del request
    age = int((before.now - quoted_at) / timedelta(minutes=1))
    raise RateExpiredError(
        f"this quote is {age} minutes old, and a quote lives ten; nothing was sent now, but the same purchase"
        " may have been made before: client.resolve(error) returns its shipment if so; to buy anew, call"
        " get_rates again and buy from its answer",
        operation=call.operation.name,
        call=call,
    )


def remember_bought(call: Call[PurchaseShipmentResult], result: PurchaseShipmentResult, after: After) -> None:
    """Remember which shipment a key has bought."""
    # a repaired answer may lack it
    shipment_id: str | None = getattr(result, "shipment_id", None)
    if call.key and shipment_id:
        after.history.settle(call.key, shipment_id)


def remember_cancelled(call: Call[CancelShipmentResult], result: CancelShipmentResult, after: After) -> None:  # noqa: ARG001
    """Remember that a shipment was cancelled."""
    after.history.undo(call.path["shipmentId"])
