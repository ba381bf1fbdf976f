"""The steps of an approval, as functions from one state of an offer to the next."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from unicodedata import category

from spshipping.errors import InvalidRequestError
from spshipping.vendor.tools.offers.offer import Approval, KeptOffer, LineDecision, OfferState


def decided(kept: KeptOffer, approval: Approval, lines: Mapping[int, LineDecision]) -> KeptOffer:
    """Return an offer after one stage of its approval.

    Args:
        kept: the offer as it is.
        approval: who decides what.
        lines: what is decided about single lines; it takes the place of what earlier stages have decided.

    Raises:
        InvalidRequestError: it is not the turn of this stage, nobody is named, or a decision cannot be.
    """
    number, stage = kept.offer.number, kept.next_stage
    if stage is None:
        raise InvalidRequestError(f"offer {number} is {kept.state.value} already", path="stage")
    if approval.stage != stage:
        raise InvalidRequestError(
            f"offer {number} is at the stage {stage!r}; its stages are {', '.join(kept.stages)}", path="stage"
        )
    if not approval.by.strip():
        raise InvalidRequestError("is who decides", path="by")
    _check_text(approval.by, "by", breaks="")
    _check_text(approval.note, "note")
    for line_number, decision in lines.items():
        offered = kept.offer.line(line_number).quantity
        _check_text(decision.reason, f"lines[{line_number}].reason")
        if type(decision.quantity) is not int or not 0 <= decision.quantity <= offered:
            raise InvalidRequestError(
                f"is a whole number from 0 to the {offered} that were offered",
                path=f"lines[{line_number}].quantity",
            )
    made = dataclasses.replace(
        kept,
        approvals=(*kept.approvals, approval),
        decisions=tuple(sorted({**dict(kept.decisions), **lines}.items(), key=lambda each: each[0])),
    )
    if made.state is OfferState.APPROVED and not any(made.taken(line) for line in made.offer.lines):
        raise InvalidRequestError(
            f"every line of offer {number} is declined: decline the offer", path="lines"
        )
    return made


def _check_text(text: str | None, path: str, *, breaks: str = "\n\r\t") -> None:
    """Refuse what a file cannot hold, and what a terminal that shows it would obey."""
    if any(category(char) in ("Cc", "Cs") and char not in breaks for char in text or ""):
        raise InvalidRequestError("has control characters, or half a character: use plain text", path=path)


def check_time(at: datetime) -> None:
    """Refuse a time that does not say when something was.

    Raises:
        InvalidRequestError: it has no time zone.
    """
    if at.utcoffset() is None:
        raise InvalidRequestError("is a datetime with a time zone", path="at")
