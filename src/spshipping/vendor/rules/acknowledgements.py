"""Rules about what an acknowledgement answers: codes, quantities, dates, and the order of answers."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderAcknowledgementItem,
    OrderItemAcknowledgement,
    RejectionReason,
)
from spshipping.vendor.rules.answers import AcknowledgementView, Answered, SaidBefore, with_answers
from spshipping.vendor.rules.context import Outcome
from spshipping.vendor.rules.quantities import (
    OPEN_CODES,
    counted,
    details,
    is_cancelled,
    is_same_item,
    known,
    lines,
    ordered,
    pieces,
    total,
)
from spshipping.vendor.rules.rule import (
    E_SURE,
    I_REPORTED,
    W_CONTRADICTED,
    W_INFERRED,
    W_SURE,
    DocumentKind,
    Fault,
    Rule,
    RuleRegion,
)

_FIRST_ANSWER = timedelta(hours=24)
_LAST_CHANGE = timedelta(hours=48)
_SECOND_REJECTION = timedelta(hours=48)
_REJECTED = AcknowledgementCode.REJECTED
_BACKORDERED = AcknowledgementCode.BACKORDERED


def open_lines(view: AcknowledgementView) -> Iterator[Fault]:
    """Find open lines that are left out."""
    order = view.order
    if order is None:
        return
    answered = {id(each.line) for each in view.answered if each.item.item_acknowledgements}
    is_update = bool(view.earlier)
    for index, line in enumerate(lines(order)):
        if not is_cancelled(line) and id(line) not in answered:
            yield Fault(
                f"{view.prefix}items",
                f"line {index + 1} of the order is not answered"
                + (" in this update" if is_update else ", which counts as rejected"),
                "answer every line of the order, each time",
                1 if is_update else 0,
            )


def _amounts(answered: Answered, answers: Sequence[OrderItemAcknowledgement]) -> tuple[list[int], int] | None:
    whole = answered.item.ordered_quantity if answered.line is None else ordered(answered.line)
    return counted([answer.acknowledged_quantity for answer in answers], whole)


def too_much(view: AcknowledgementView) -> Iterator[Fault]:
    """Find lines where more is answered than ordered."""
    for answered, answers in view.by_line:
        found = _amounts(answered, answers)
        if found is not None and sum(amount for amount in found[0] if amount > 0) > found[1]:
            yield Fault(
                f"{answered.path}.item_acknowledgements",
                f"answers more than the {found[1]} that are ordered",
                "lower the quantities: an order cannot be raised",
            )


def wrong_sum(view: AcknowledgementView) -> Iterator[Fault]:
    """Find lines whose answers do not add up to what is ordered."""
    for answered, answers in view.by_line:
        found = _amounts(answered, answers)
        is_open = answered.line is None or not is_cancelled(answered.line)
        if found is not None and is_open and sum(found[0]) != found[1]:
            yield Fault(
                f"{answered.path}.item_acknowledgements",
                f"answers {sum(found[0])} of {found[1]}",
                "answer the rest too: accepted, back-ordered or rejected",
            )


def codes(view: AcknowledgementView) -> Iterator[Fault]:
    """Find codes that Amazon does not have."""
    for answered in view.answered:
        for path, answer in answered.answers():
            if getattr(answer, "acknowledgement_code", None) not in list(AcknowledgementCode):
                yield Fault(
                    f"{path}.acknowledgement_code",
                    "is no code of Amazon's",
                    "use Accepted, Backordered or Rejected, spelt exactly so",
                )


def amounts(view: AcknowledgementView) -> Iterator[Fault]:
    """Find answers about nothing."""
    for answered in view.answered:
        # of a line that Amazon has cancelled, 0 is all that can be said
        least = 0 if answered.line is not None and is_cancelled(answered.line) else 1
        for path, answer in answered.answers():
            if (answer.acknowledged_quantity.amount or 0) < least:
                yield Fault(
                    f"{path}.acknowledged_quantity.amount",
                    "is not above 0",
                    "state the quantity that the answer is about, of a rejection the rejected one",
                )


def back_orders(view: AcknowledgementView) -> Iterator[Fault]:
    """Find back orders of lines that take none."""
    for answered in view.answered:
        for path, answer in answered.answers():
            if answer.acknowledgement_code != _BACKORDERED:
                continue
            if view.context.region is RuleRegion.IN:
                yield Fault(f"{path}.acknowledgement_code", "is not known in India", "accept or reject it")
            elif answered.line is not None and not getattr(answered.line, "is_back_order_allowed", False):
                yield Fault(
                    f"{path}.acknowledgement_code", "the line takes no back order", "accept or reject it"
                )


def back_order_dates(view: AcknowledgementView) -> Iterator[Fault]:
    """Find back orders without a date."""
    for answered in view.answered:
        for path, answer in answered.answers():
            has_date = answer.scheduled_ship_date or answer.scheduled_delivery_date
            if answer.acknowledgement_code == _BACKORDERED and not has_date:
                yield Fault(
                    path, "is a back order without a date", "add the new ship date, or the new delivery date"
                )


def reasons(view: AcknowledgementView) -> Iterator[Fault]:
    """Find rejections without a reason, and reasons without a rejection."""
    for answered in view.answered:
        for path, answer in answered.answers():
            is_rejected = answer.acknowledgement_code == _REJECTED
            if is_rejected and answer.rejection_reason is None:
                yield Fault(f"{path}.rejection_reason", "is missing", "say why it is rejected")
            elif not is_rejected and answer.rejection_reason is not None:
                yield Fault(f"{path}.rejection_reason", "goes with a rejection only", "leave it out")


def transitions(view: AcknowledgementView) -> Iterator[Fault]:
    """Find lines that were rejected, and are accepted or back-ordered now."""
    earlier = [SaidBefore(sent) for sent in view.earlier or ()]
    for answered, answers in view.by_line if earlier else ():
        if not any(answer.acknowledgement_code in OPEN_CODES for answer in answers):
            continue
        fault = _barred(view, with_answers(answered.item, answers), earlier)
        if fault is not None:
            yield Fault(f"{answered.path}.item_acknowledgements", *fault)


def _barred(
    view: AcknowledgementView, item: OrderAcknowledgementItem, earlier: Sequence[SaidBefore]
) -> tuple[str, str, int] | None:
    remedy = "reject it: what was rejected is never accepted later"
    first = earlier[0].answer_to(item)
    if first is not None and first.item_acknowledgements:
        if all(each.acknowledgement_code == _REJECTED for each in first.item_acknowledgements):
            return "accepts a line that was rejected", remedy, 0
    else:
        order = view.order
        changed = known(getattr(order and details(order), "purchase_order_changed_date", None))
        is_new = changed is not None and changed > earlier[0].at
        return "accepts a line that the first acknowledgement left out", remedy, int(is_new)
    last = next(filter(None, (each.answer_to(item) for each in reversed(earlier))))
    if _takes_back_rejection(last, item):
        return "accepts a quantity that was rejected", remedy, 1
    return None


def _takes_back_rejection(before: OrderAcknowledgementItem, now: OrderAcknowledgementItem) -> bool:
    """Say whether more is accepted than was accepted, not answered, or ordered since."""
    limits = [
        pieces(before.ordered_quantity),
        _pieces_of(before, is_open=False),
        pieces(now.ordered_quantity),
        _pieces_of(now, is_open=True),
        _pieces_of(before, is_open=True),
    ]
    if None in limits:
        return False
    ordered_before, rejected_before, ordered_now, open_now, open_before = (each or 0 for each in limits)
    most = max(open_before, ordered_before - rejected_before)
    return open_now > most + max(0, ordered_now - ordered_before)


def _pieces_of(item: OrderAcknowledgementItem, *, is_open: bool) -> int | None:
    size = item.ordered_quantity.unit_size
    return total(
        pieces(each.acknowledged_quantity, size)
        for each in item.item_acknowledgements
        if (each.acknowledgement_code in OPEN_CODES) is is_open
    )


def late_answer(view: AcknowledgementView) -> Iterator[Fault]:
    """Find a first answer, and changes, that are late."""
    now, earlier, order = view.context.now, view.earlier, view.order
    if now is None:
        return
    if not earlier:
        placed = known(getattr(order and details(order), "purchase_order_date", None))
        if placed is not None and now - placed > _FIRST_ANSWER:
            yield Fault(
                f"{view.prefix}acknowledgement_date",
                "the first answer is more than 24 hours after the order",
                "send it now, and the next one sooner",
            )
    elif now - earlier[0].at > _LAST_CHANGE:
        latest = SaidBefore(earlier[-1])
        for answered, answers in view.by_line:
            last = latest.answer_to(answered.item)
            if last is not None and _said(last) != _said(with_answers(answered.item, answers)):
                yield Fault(
                    answered.path,
                    "changes quantity or price more than 48 hours after the first answer",
                    "tell your contact at Amazon too: only dates are expected to change so late",
                )


def _said(item: OrderAcknowledgementItem) -> tuple[dict[str, int], Decimal | None]:
    found: dict[str, int] = {}
    for answer in item.item_acknowledgements:
        code = str(answer.acknowledgement_code)
        found[code] = found.get(code, 0) + (answer.acknowledged_quantity.amount or 0)
    return found, None if item.net_cost is None else item.net_cost.amount


def obsolete_twice(view: AcknowledgementView) -> Iterator[Fault]:
    """Find items that are called obsolete for the second time: Amazon stops ordering them."""
    history, now = view.context.history, view.context.now
    if history is None or now is None:
        return
    number = view.document.purchase_order_number.strip()
    # an update repeats what was said of the same order
    others = [
        sent.document
        for sent in history.acknowledgements
        if sent.outcome is not Outcome.REFUSED
        and now - sent.at >= _SECOND_REJECTION
        and sent.document.purchase_order_number.strip() != number
    ]
    before = [item for document in others for item in document.items if _is_obsolete(item)]
    for answered in view.answered:
        if _is_obsolete(answered.item) and any(is_same_item(item, answered.item) for item in before):
            yield Fault(
                f"{answered.path}.item_acknowledgements",
                "calls the item obsolete for the second time: Amazon stops ordering it",
                "say TemporarilyUnavailable if you will sell it again",
            )


def _is_obsolete(item: OrderAcknowledgementItem) -> bool:
    return any(
        each.rejection_reason == RejectionReason.OBSOLETE_PRODUCT for each in item.item_acknowledgements
    )


def soft_rejections(view: AcknowledgementView) -> Iterator[Fault]:
    """Find lines of which more than a fifth is rejected as unavailable."""
    for answered, answers in view.by_line:
        found = _amounts(answered, answers)
        if found is None:
            continue
        soft = sum(
            amount
            for amount, answer in zip(found[0], answers, strict=True)
            if answer.rejection_reason == RejectionReason.TEMPORARILY_UNAVAILABLE
        )
        if soft * 5 > found[1]:
            yield Fault(
                f"{answered.path}.item_acknowledgements",
                "rejects more than a fifth of the line as unavailable, which lowers the confirmation rate",
                "back-order it where the line allows it",
            )


def dates(view: AcknowledgementView) -> Iterator[Fault]:
    """Find accepted quantities whose date is outside the window that binds."""
    order = view.order
    if order is None:
        return
    windows = []
    if view.context.binds_ship_window:
        windows.append(("scheduled_ship_date", getattr(details(order), "ship_window", None)))
    if view.context.binds_delivery_window:
        windows.append(("scheduled_delivery_date", getattr(details(order), "delivery_window", None)))
    for answered in view.answered:
        for path, answer in answered.answers():
            if answer.acknowledgement_code != AcknowledgementCode.ACCEPTED:
                continue
            for name, window in windows:
                date = known(getattr(answer, name))
                if window is not None and date is not None and not window.start <= date <= window.end:
                    yield Fault(
                        f"{path}.{name}",
                        "is outside the window of the order",
                        "choose a date in the window, or back-order it where the line allows it",
                    )


_ACKNOWLEDGEMENT = (DocumentKind.ACKNOWLEDGEMENT,)
ANSWER_ROWS = (
    Rule(
        "L-001",
        "The first acknowledgement answers every open line; an update answers them all again.",
        _ACKNOWLEDGEMENT,
        (E_SURE, W_INFERRED),
        ("ACK-04", "U-07"),
        "three lines are ordered, and two are answered",
        open_lines,
        needs=("orders",),
    ),
    Rule(
        "L-002",
        "The answers to a line are not more than what is ordered.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-12",),
        "11 accepted of 10",
        too_much,
    ),
    Rule(
        "L-003",
        "The answers to a line add up to what is ordered.",
        _ACKNOWLEDGEMENT,
        (W_CONTRADICTED,),
        ("ACK-13",),
        "6 and 3 of 10",
        wrong_sum,
    ),
    Rule(
        "L-004",
        "The code is Accepted, Backordered or Rejected, spelt exactly so.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-07",),
        "REJECTED",
        codes,
    ),
    Rule(
        "L-005",
        "The quantity of an answer is above 0, also that of a rejection.",
        _ACKNOWLEDGEMENT,
        (W_CONTRADICTED,),
        ("ACK-14", "U-06"),
        "a rejection of 0",
        amounts,
    ),
    Rule(
        "L-009",
        "A back order is of a line that takes one, and never in India.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-28",),
        "4 back-ordered where the order says that it takes none",
        back_orders,
        needs=("orders", "region"),
    ),
    Rule(
        "L-010",
        "A back order has a ship date or a delivery date.",
        _ACKNOWLEDGEMENT,
        (E_SURE,),
        ("ACK-29",),
        "a back order without a date",
        back_order_dates,
    ),
    Rule(
        "L-012",
        "A rejection has a reason, and nothing else has one.",
        _ACKNOWLEDGEMENT,
        (W_CONTRADICTED,),
        ("ACK-23",),
        "accepted, with a reason",
        reasons,
    ),
    Rule(
        "L-013",
        "A line that was rejected stays rejected; nor is more of it accepted than before.",
        _ACKNOWLEDGEMENT,
        (E_SURE, W_INFERRED),
        ("ACK-08", "ACK-09"),
        "rejected first, accepted later",
        transitions,
        needs=("history",),
    ),
    Rule(
        "L-015",
        "The first answer comes within 24 hours; changes of quantity or price within 48 hours after it.",
        _ACKNOWLEDGEMENT,
        (W_SURE,),
        ("ACK-02", "ACK-03", "U-11"),
        "a first answer after 30 hours; a change on day 4",
        late_answer,
        needs=("now", "orders", "history"),
    ),
    Rule(
        "L-017",
        "An item that will be sold again is not rejected as obsolete for a second time.",
        _ACKNOWLEDGEMENT,
        (W_SURE,),
        ("ACK-25",),
        "obsolete again, 48 hours or more after the first time",
        obsolete_twice,
        needs=("now", "history"),
    ),
    Rule(
        "L-018",
        "At most a fifth of a line is rejected as temporarily unavailable.",
        _ACKNOWLEDGEMENT,
        (I_REPORTED,),
        ("ACK-26",),
        "7 of 10 rejected",
        soft_rejections,
        regions=frozenset({RuleRegion.NA}),
    ),
    Rule(
        "L-020",
        "The date of an accepted quantity is in the window that binds.",
        _ACKNOWLEDGEMENT,
        (W_CONTRADICTED,),
        ("ACK-31",),
        "a ship date one day late",
        dates,
        needs=("orders", "freight"),
    ),
)
