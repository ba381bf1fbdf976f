"""Sends a submission that the ledger has as begun, and notes what came of that."""

import logging
from typing import Any

from spshipping.errors import ApiError, DecodeError, OutcomeUnknownError, SpShippingError, ThrottledError
from spshipping.operation import Call, Operation, Reply
from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.acknowledge.guess import errors_of, subjects_of
from spshipping.vendor.acknowledge.outcome import Refused, outcome_to_text
from spshipping.vendor.acknowledge.table import FIRST_LOOK_SECONDS
from spshipping.vendor.ledger import steps
from spshipping.vendor.ledger.entry import Entry, Settlement, SubmissionKind, SubmissionState
from spshipping.vendor.orders import SUBMIT_ACKNOWLEDGEMENT
from spshipping.wire.convert import loads

_logger = logging.getLogger("spshipping")
_REFUSED = range(400, 500)
RESEND_SECONDS = 60.0
"""After so long, what is in doubt is sent again."""


def operation_of(kind: SubmissionKind) -> Operation[Any]:
    """Return the operation that submits."""
    if kind is SubmissionKind.ACKNOWLEDGEMENT:
        return SUBMIT_ACKNOWLEDGEMENT
    # imported here: who only acknowledges needs none of their models
    from spshipping.vendor.shipments import SUBMIT_SHIPMENT_CONFIRMATIONS, SUBMIT_SHIPMENTS

    if kind is SubmissionKind.SHIPMENT_CONFIRMATION:
        return SUBMIT_SHIPMENT_CONFIRMATIONS
    return SUBMIT_SHIPMENTS


def call_of(kind: SubmissionKind, body: str) -> Call[Any]:
    """Return the call that submits *body*.

    Raises:
        InvalidRequestError: it is outside Amazon's limits, and where.
    """
    operation = operation_of(kind)
    assert operation.body is not None  # noqa: S101 - what is submitted has a body
    return operation(body=loads(body.encode(), operation.body)).freeze()


async def send(desk: Desk, entry: Entry) -> Entry:
    """Send a submission, and return it as the ledger has it then.

    A ledger that fails after Amazon's answer does not cost the answer: it has the submission as begun, and so
    it is sent again later.

    Raises:
        OutcomeUnknownError: it may have been sent; the ledger has it as unknown.
        SpShippingError: it was not taken.
    """
    call = call_of(entry.scope.kind, entry.body)
    try:
        reply: Reply[Any] = await desk.context.sender.send(call, **desk.limited())
    except GeneratorExit:
        raise  # a coroutine that is being closed cannot wait for the ledger
    except DecodeError as error:
        # it arrived: only the answer cannot be read
        await _quietly(desk, entry, _sent(error.value))
        raise
    except BaseException as error:
        await _quietly(desk, entry, _failed(entry, error))
        raise
    return await _quietly(desk, entry, _sent(reply.value))


def _sent(answer: Any) -> Settlement:
    return Settlement(
        SubmissionState.SENT,
        due_in=FIRST_LOOK_SECONDS,
        transaction_id=getattr(answer, "transaction_id", None),
    )


def _failed(entry: Entry, error: BaseException) -> Settlement:
    """Return what an error says of a submission."""
    if isinstance(error, OutcomeUnknownError) or not isinstance(error, SpShippingError):
        return Settlement(SubmissionState.UNKNOWN, due_in=RESEND_SECONDS)
    if isinstance(error, ApiError) and error.status in _REFUSED and not isinstance(error, ThrottledError):
        return Settlement(SubmissionState.REFUSED, text=outcome_to_text(_refused(entry, error)))
    return Settlement(SubmissionState.NOT_SENT, due_in=RESEND_SECONDS)


def _refused(entry: Entry, error: ApiError) -> Refused:
    subjects = subjects_of(entry.scope.kind, entry.body)
    found = [(each.code or "", each.message or "", each.details) for each in error.errors]
    return Refused(errors_of(found or [(error.code or "", error.message, error.details)], subjects))


async def settled(desk: Desk, entry: Entry, settlement: Settlement) -> Entry:
    """Note what a step has brought, and return the submission as the ledger has it then."""
    found = await desk.kept(desk.ledger.settle, entry.number, settlement)
    # where a later submission has taken its place meanwhile
    return found or await desk.kept(desk.ledger.find, entry.number) or entry


async def _quietly(desk: Desk, entry: Entry, settlement: Settlement) -> Entry:
    """Note what came of it: the ledger's own failure must not hide that. What was begun stays in doubt."""
    try:
        return await settled(desk, entry, settlement)
    except Exception as error:
        _logger.warning("the ledger raised %s; ignored", type(error).__name__)
        return steps.settled(entry, settlement, entry.read_at) or entry
