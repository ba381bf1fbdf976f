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
    entry = kept or owned
    begun = await _begun_as(desk, entry, REPLACE)
    return entry if begun is None else await send(desk, begun)


async def original_where_unknown(desk: Desk, owned: Entry, settlement: Settlement) -> Entry | None:
    """Begin to send a replacement as Original, where Amazon refuses it since it never got the first one.

    It is begun before the refusal is noted: a process that is killed between the two leaves a submission that
    is followed, and none that has ended.
    """
    if owned.scope.kind is not SubmissionKind.SHIPMENT_CONFIRMATION or _type_of(owned.body) != REPLACE:
        return None
    if settlement.state is not SubmissionState.REFUSED or not _is_unknown(settlement):
        return None
    history = await desk.kept(desk.ledger.history, owned.scope)
    return await _begun_as(desk, owned, ORIGINAL) if _never_arrived(owned, history) else None


def _is_unknown(settlement: Settlement) -> bool:
    outcome = outcome_from_text(settlement.text) if settlement.text else None
    errors = outcome.errors if isinstance(outcome, Refused) else ()
    return bool(errors) and all(
        any(mark in error.message.lower() for mark in _UNKNOWN_TO_AMAZON) for error in errors
    )


def _never_arrived(owned: Entry, history: Sequence[Entry]) -> bool:
    """Return whether Amazon has answered to no original before: then there is nothing to replace."""
    earlier = [entry for entry in history if entry.number < owned.number and entry.is_said]
    originals = [entry for entry in earlier if _type_of(entry.body) == ORIGINAL]
    return bool(originals) and all(entry.sent_at is None for entry in originals)


async def _begun_as(desk: Desk, entry: Entry, type_: str) -> Entry | None:
    """Begin to send it as another type; None where another process has begun one meanwhile."""
    new = NewEntry(entry.scope, _with_type(entry.body, type_), entry.warnings)
    return await desk.kept(desk.ledger.begin, new, LEASE_SECONDS, after=entry.number)


def _type_of(body: str) -> str:
    (only,) = parse(body.encode())["shipmentConfirmations"]
    return str(only["shipmentConfirmationType"])


def _with_type(body: str, type_: str) -> str:
    found = parse(body.encode())
    (only,) = found["shipmentConfirmations"]
    only["shipmentConfirmationType"] = type_
    return write(found)
