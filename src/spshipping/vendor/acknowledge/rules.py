"""The one place where an acknowledgement is held against Amazon's rules before it is sent."""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from spshipping.errors import ConfigurationError
from spshipping.facade import Context
from spshipping.regions import Marketplace
from spshipping.vendor.acknowledge.said import acknowledgement_of, check_update, said_before, said_of
from spshipping.vendor.ledger.entry import Entry, SubmissionState
from spshipping.vendor.orders.models.acknowledgements import OrderAcknowledgement, RejectionReason
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.rules import (
    Finding,
    History,
    Outcome,
    RuleContext,
    RuleRegion,
    SentAcknowledgement,
    Severity,
    check,
)

_TRANSITIONS = "L-013"
_OUTCOMES = {
    SubmissionState.CONFIRMED: Outcome.TAKEN,
    SubmissionState.SENT: Outcome.PENDING,
    SubmissionState.UNCONFIRMED: Outcome.PENDING,
}
_logger = logging.getLogger("spshipping")


class Wishes(NamedTuple):
    """What the caller wants otherwise than the rule book has it; ids of rules."""

    overrule: Collection[str] = ()
    """Errors that do not prevent it this time."""
    raise_to_error: Collection[str] = ()
    """Warnings that prevent it."""


def check_rules(
    context: Context,
    acknowledgement: OrderAcknowledgement,
    order: Order,
    before: tuple[Sequence[Entry], Sequence[Entry]],
    wishes: Wishes,
) -> tuple[str, ...]:
    """Return what rules say that does not prevent an acknowledgement; it is logged too.

    Args:
        context: whose it is.
        acknowledgement: what is about to be sent.
        order: the order that it answers.
        before: what was submitted before for the order, the oldest first; and for others.
        wishes: what is overruled or raised.

    Raises:
        InvalidRequestError: a rule forbids it, with the line.
    """
    history, others = before
    if _TRANSITIONS not in wishes.overrule:
        # stricter than the rule book: what was rejected in part is not accepted later either
        check_update(said_before(history), said_of(acknowledgement))
    known = known_of(context, order, history, others=others)
    found = check(acknowledgement, known, raise_to_error=wishes.raise_to_error, overrule=wishes.overrule)
    for finding in found:
        level = logging.INFO if finding.severity is Severity.INFO else logging.WARNING
        _logger.log(
            level, "an acknowledgement of %s: %s", acknowledgement.purchase_order_number, _text(finding)
        )
    return tuple(map(_text, found))


def calls_obsolete(acknowledgement: OrderAcknowledgement) -> bool:
    """Say whether an item is rejected as obsolete: twice, and Amazon stops to order it."""
    answers = (answer for item in acknowledgement.items for answer in item.item_acknowledgements)
    return any(answer.rejection_reason == RejectionReason.OBSOLETE_PRODUCT for answer in answers)


def known_of(
    context: Context, order: Order, history: Sequence[Entry], *, others: Sequence[Entry] = ()
) -> RuleContext:
    """Return what rules need to know of the answers to an order.

    Args:
        context: whose they are.
        order: the order.
        history: what was submitted for it before, the oldest first.
        others: what was submitted for other orders, where that matters.
    """
    return RuleContext(
        now=context.clock.now(),
        region=rule_region(context.marketplace_id),
        orders=(order,),
        history=History(acknowledgements=[_sent(entry) for entry in (*others, *history) if entry.is_said]),
    )


def rule_region(marketplace_id: str) -> RuleRegion | None:
    """Return where the rules of a marketplace are those of; None where it is not known."""
    try:
        return RuleRegion.of(Marketplace.find(marketplace_id))
    except ConfigurationError:
        return None


def _sent(entry: Entry) -> SentAcknowledgement:
    return SentAcknowledgement(
        acknowledgement_of(entry.body),
        datetime.fromtimestamp(entry.began_at, UTC),
        _OUTCOMES.get(entry.state, Outcome.UNKNOWN),
    )


def _text(finding: Finding) -> str:
    return f"{finding.rule}: {finding.path}: {finding.message}; {finding.remedy}"
