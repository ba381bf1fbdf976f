"""Quotes: how long one can be bought, and what a client remembers of those that it bought."""

import logging
from copy import deepcopy
from datetime import timedelta
from typing import Any

from spshipping.errors import ApiError, ConfigurationError, DecodeError, InvalidRequestError, RateExpiredError
from spshipping.operation import After, Before, Call
from spshipping.shipping.additional_inputs import check_additional_inputs
from spshipping.shipping.models.purchases import (
    QUOTE_LIFETIME,
    CancelShipmentResult,
    PurchaseShipmentRequest,
    PurchaseShipmentResult,
)
from spshipping.shipping.models.rates import GetRatesResult

CANCELLED_BEFORE = ("already cancel", "already been cancel")
"""Words of the refusal to cancel a shipment a second time, in small letters: Amazon documents no code."""


def is_cancelled_before(error: ApiError) -> bool:
    """Say whether Amazon refused a cancellation because the shipment is cancelled."""
    texts = [f"{each.message} {each.details}".lower() for each in error.errors]
    return any(words in text for words in CANCELLED_BEFORE for text in texts)


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


def refuse_unfit(call: Call[PurchaseShipmentResult], before: Before) -> None:
    """Refuse a stale quote, and additional inputs that break the schema which this client has received.

    Raises:
        RateExpiredError: the quote is known to be ten minutes old, or older.
        InvalidRequestError: the key would return a cancelled shipment; or an additional input is missing or
            wrong, and which.
    """
    refuse_stale(call, before)
    request = call.body
    if not isinstance(request, PurchaseShipmentRequest):
        return  # restored from its bytes alone
    schema = before.history.noted(_note_of(request.request_token, request.rate_id))
    if schema is None:
        return
    try:
        check_additional_inputs(request.additional_inputs, schema)
    except (ConfigurationError, DecodeError) as error:
        # Amazon checks them too
        message = "purchaseShipment: the additional inputs are sent without being checked: %s"
        logging.getLogger("spshipping").warning(message, error)
    except InvalidRequestError:
        del request  # a traceback shows local variables
        raise


def remember_schema(call: Call[dict[str, Any]], result: dict[str, Any], after: After) -> None:
    """Remember the schema of the additional inputs of a rate."""
    after.history.note(_note_of(call.query["requestToken"], call.query["rateId"]), deepcopy(result))


def _note_of(request_token: str, rate_id: str) -> str:
    return f"additional inputs of {request_token} {rate_id}"


def remember_bought(call: Call[PurchaseShipmentResult], result: PurchaseShipmentResult, after: After) -> None:
    """Remember which shipment a key has bought."""
    # a repaired answer may lack it
    shipment_id: str | None = getattr(result, "shipment_id", None)
    if call.key and shipment_id:
        after.history.settle(call.key, shipment_id)


def remember_cancelled(call: Call[CancelShipmentResult], result: CancelShipmentResult, after: After) -> None:  # noqa: ARG001
    """Remember that a shipment was cancelled."""
    after.history.undo(call.path["shipmentId"])
