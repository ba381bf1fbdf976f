"""Sends a shipment confirmation whose outcome is not known once more: as Replace, else as Original."""

from collections.abc import Sequence

from spshipping.vendor.acknowledge.desk import LEASE_SECONDS, Desk
from spshipping.vendor.acknowledge.outcome import Refused, outcome_from_text
from spshipping.vendor.acknowledge.send import RESEND_SECONDS, send
from spshipping.vendor.ledger.entry import Entry, NewEntry, Settlement, SubmissionKind, SubmissionState
from spshipping.wire.text import parse, write

ORIGINAL, REPLACE = "Original", "Replace"
_UNKNOWN_TO_AMAZON = ("confirmation to replace",)
"""What Amazon's text says, in part, where it has nothing that could be replaced; none is documented."""


def is_replaced(entry: Entry) -> bool:
    """Return whether to send it again as a replacement: nothing says what becomes of a second Original."""
    return entry.scope.kind is SubmissionKind.SHIPMENT_CONFIRMATION and _type_of(entry.body) == ORIGINAL


async def as_replacement(desk: Desk, owned: Entry) -> Entry:
    """Send what is in doubt as Replace, which is the same whether or not Amazon has the first one.

    Raises:
        OutcomeUnknownError: it may have been sent; the ledger has it as unknown.
        SpShippingError: it was not taken.
    """
    settlement = Settlement(SubmissionState.UNKNOWN, due_in=RESEND_SECONDS)
    kept = await desk.kept(desk.ledger.settle, owned.number, settlement)
    return await _sent_as(desk, kept or owned, REPLACE)


async def as_original_where_unknown(desk: Desk, found: Entry) -> Entry:
    """Send a replacement as Original, where Amazon refused it since it never got the first one.

    Raises:
        OutcomeUnknownError: it may have been sent; the ledger has it as unknown.
        SpShippingError: it was not taken.
    """
    if found.scope.kind is not SubmissionKind.SHIPMENT_CONFIRMATION or _type_of(found.body) != REPLACE:
        return found
    if found.state is not SubmissionState.REFUSED or not _is_unknown(found):
        return found
    history = await desk.kept(desk.ledger.history, found.scope)
    return await _sent_as(desk, found, ORIGINAL) if _never_arrived(found, history) else found


def _is_unknown(found: Entry) -> bool:
    outcome = outcome_from_text(found.outcome) if found.outcome else None
    errors = outcome.errors if isinstance(outcome, Refused) else ()
    return bool(errors) and all(
        any(mark in error.message.lower() for mark in _UNKNOWN_TO_AMAZON) for error in errors
    )


def _never_arrived(found: Entry, history: Sequence[Entry]) -> bool:
    """Return whether Amazon has answered to none of those before: then nothing of them can be there."""
    earlier = [entry for entry in history if entry.number < found.number and entry.is_said]
    return bool(earlier) and all(entry.sent_at is None for entry in earlier)


async def _sent_as(desk: Desk, entry: Entry, type_: str) -> Entry:
    new = NewEntry(entry.scope, _with_type(entry.body, type_), entry.warnings)
    begun = await desk.kept(desk.ledger.begin, new, LEASE_SECONDS, after=entry.number)
    # None where another process has begun one meanwhile
    return entry if begun is None else await send(desk, begun)


def _type_of(body: str) -> str:
    (only,) = parse(body.encode())["shipmentConfirmations"]
    return str(only["shipmentConfirmationType"])


def _with_type(body: str, type_: str) -> str:
    found = parse(body.encode())
    (only,) = found["shipmentConfirmations"]
    only["shipmentConfirmationType"] = type_
    return write(found)
