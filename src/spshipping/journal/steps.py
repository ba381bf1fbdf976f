"""What each step does to an entry: pure functions, which every journal shares.

A step returns the entry as it is afterwards, or None where it is not allowed.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal

from spshipping.errors import SpendingLimitError
from spshipping.journal.entry import (
    IN_DOUBT,
    MOST_LEASE_SECONDS,
    OPEN,
    UNSENT,
    Charge,
    Entry,
    NewEntry,
    Outcome,
    Owned,
    SpendingLimit,
    State,
)

_ENDS = {
    Outcome.BOUGHT: State.BOUGHT,
    Outcome.REFUSED: State.REFUSED,
    Outcome.NOT_SENT: State.RESERVED,
    Outcome.UNKNOWN: State.UNKNOWN,
    Outcome.UNSETTLED: State.UNSETTLED,
}
_CERTAIN = (Outcome.REFUSED, Outcome.NOT_SENT)
_HELD = (State.BOUGHT, State.TAKEN)
_MARKS = {
    State.BOUGHT: (State.CANCELLING,),
    State.TAKEN: (State.BOUGHT, State.CANCELLING),
    State.CANCELLING: _HELD,
    State.CANCELLED: (*_HELD, State.CANCELLING),
}
"""From which states each can be marked: a cancellation that Amazon refuses leads back."""


def begun(found: Entry | None, new: NewEntry, now: float, lease: float) -> Entry | None:
    """Return the entry as its new owner has it; None where it is ended, or another's."""
    if found is None:
        return Entry(
            scope=new.scope,
            state=State.RESERVED,
            attempt=1,
            key=new.scope.key(1),
            fence=1,
            lease_until=_until(now, lease),
            began_at=now,
            changed_at=now,
            read_at=now,
            fields=new.fields,
            wanted=new.wanted,
        )
    if found.is_owned:
        return None
    if found.state in IN_DOUBT:
        return claimed(found, IN_DOUBT, now, lease)
    if found.state not in UNSENT and found.state is not State.REFUSED:
        return None
    attempt = found.attempt + (found.state is State.REFUSED)
    return found._replace(
        state=State.RESERVED,
        attempt=attempt,
        key=new.scope.key(attempt),
        fence=found.fence + 1,
        lease_until=_until(now, lease),
        changed_at=now,
        fields=new.fields,
        wanted=new.wanted,
        call=None,
        charge=None,
        day=None,
        sent_at=None,
        has_been_in_doubt=False,
        is_by_hand=False,
    )


def claimed(found: Entry | None, states: Collection[State], now: float, lease: float) -> Entry | None:
    """Return an entry in one of *states* as its new owner has it; None where it has an owner."""
    if found is None or found.state not in states or found.is_owned:
        return None
    return found._replace(
        fence=found.fence + 1,
        lease_until=_until(now, lease),
        changed_at=now,
        # its owner died while it was being sent
        has_been_in_doubt=found.has_been_in_doubt or found.state in IN_DOUBT,
    )


def _until(now: float, lease: float) -> float:
    return now + min(lease, MOST_LEASE_SECONDS)


def _is_own(found: Entry | None, owned: Owned) -> bool:
    return found is not None and found.fence == owned.entry.fence and found.state in OPEN


def quoted(
    found: Entry | None, owned: Owned, call: str, charge: Charge | None, day: str | None, now: float
) -> Entry | None:
    """Return it with the purchase that will be sent, and the day on which its charge counts."""
    if found is None or not _is_own(found, owned) or found.state not in UNSENT:
        return None
    return found._replace(state=State.QUOTED, call=call, charge=charge, day=day, changed_at=now)


def check_limit(charge: Charge | None, spent: Iterable[Charge], limit: SpendingLimit) -> None:
    """Refuse a charge that passes the limit of a day.

    Raises:
        SpendingLimitError: it does, or is not known, or is in another currency.
    """
    if charge is not None and charge.amount < 0:
        charge = None  # it would make room for others
    if charge is None or charge.unit != limit.unit:
        unit = "an unknown amount" if charge is None else f"an amount in {charge.unit}"
        raise SpendingLimitError(f"the rate costs {unit}, and the spending limit is in {limit.unit}")
    total = sum((each.amount for each in spent if each.unit == limit.unit), Decimal(0))
    if total + charge.amount > limit.amount:
        raise SpendingLimitError(
            f"the rate costs {charge.amount} {charge.unit}; of the limit of {limit.amount} for today,"
            f" {limit.amount - total} is left"
        )


def sent(found: Entry | None, owned: Owned, now: float, lease: float) -> Entry | None:
    """Return it as it is from the moment at which bytes may leave."""
    if found is None or not _is_own(found, owned) or found.call is None:
        return None
    at = now if found.sent_at is None else found.sent_at
    return found._replace(state=State.SENDING, sent_at=at, changed_at=now, lease_until=_until(now, lease))


def settled(
    found: Entry | None,
    owned: Owned,
    outcome: Outcome,
    result: str | None,
    now: float,
    charge: Charge | None = None,
) -> Entry | None:
    """Return it with what came of it, and with what it has cost, where that is known only now."""
    if found is None or found.attempt != owned.entry.attempt or found.sent_at is None:
        return None
    if outcome is Outcome.BOUGHT:
        # it is the same purchase, by its key, whichever owner learns of it
        is_allowed = found.state in IN_DOUBT or found.state is State.UNSETTLED
    else:
        is_doubtful = found.has_been_in_doubt and outcome in _CERTAIN
        is_allowed = _is_own(found, owned) and found.state in IN_DOUBT and not is_doubtful
    if not is_allowed:
        return None
    return found._replace(
        state=_ENDS[outcome],
        result=result,
        charge=_settled_charge(found.charge, charge),
        lease_until=now,
        changed_at=now,
        sent_at=None if outcome is Outcome.NOT_SENT else found.sent_at,
        has_been_in_doubt=found.has_been_in_doubt or outcome in (Outcome.UNKNOWN, Outcome.UNSETTLED),
    )


def _settled_charge(reserved: Charge | None, charge: Charge | None) -> Charge | None:
    """Return what counts; what was reserved, where the charge is below 0, or in another unit."""
    if charge is None or charge.amount < 0 or (reserved is not None and reserved.unit != charge.unit):
        return reserved
    return charge


def settled_by_hand(found: Entry | None, result: str | None, now: float) -> Entry | None:
    """Return it with what a person found out; of a cancellation: whether the shipment is still there."""
    states = (*IN_DOUBT, State.UNSETTLED, State.CANCELLING)
    if found is None or found.is_owned or found.state not in states:
        return None
    if found.state is State.CANCELLING:
        result, state = found.result, State.CANCELLED if result is None else State.BOUGHT
    else:
        state = State.REFUSED if result is None else State.BOUGHT
    return found._replace(
        state=state, result=result, fence=found.fence + 1, lease_until=now, changed_at=now, is_by_hand=True
    )


def renewed(found: Entry | None, owned: Owned, now: float, lease: float) -> Entry | None:
    """Return it with a new lease."""
    if found is None or not _is_own(found, owned):
        return None
    return found._replace(lease_until=_until(now, lease))


def marked(found: Entry | None, state: State, now: float) -> Entry | None:
    """Return it in another state that a purchase has after it was bought."""
    if found is None or found.state is state:
        return found
    is_allowed = found.state in _MARKS[state]
    return found._replace(state=state, changed_at=now) if is_allowed else None


def delivered(found: Entry | None, at: float) -> Entry | None:
    """Return it with the time at which it was delivered; None where it is not bought."""
    return found._replace(delivered_at=at) if found is not None and found.state in _HELD else None


def purged(
    found: Entry | None, bought_before: float | None, delivered_before: float | None, now: float
) -> Entry | None:
    """Return it without what is kept of it; None where it is not settled, too young, or empty already.

    It is old enough by either time: that since which it has not changed, or that of its delivery.
    """
    if found is None:
        return None
    is_old = bought_before is not None and found.changed_at < bought_before
    is_over = (
        delivered_before is not None
        and found.delivered_at is not None
        and found.delivered_at < delivered_before
    )
    if not is_old and not is_over:
        return None
    if found.is_owned or found.state in (*IN_DOUBT, State.UNSETTLED, State.CANCELLING):
        return None
    state = State.PURGED if found.state in _HELD else found.state
    erased = found._replace(state=state, fields={}, wanted=None, call=None, result=None)
    return None if erased == found else erased._replace(changed_at=now)
