"""Random answers to changing orders: no wrong sum and no illegal transition passes the check."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from spshipping import InvalidRequestError
from spshipping.vendor import orders as po
from spshipping.vendor.rules import History, RuleContext, RuleRegion, SentAcknowledgement, check
from tests.unit.vendor.rules.clean import (
    NOW,
    PREPAID,
    acknowledgement_of,
    answered_item,
    details_of,
    purchase_order,
)

STORM = 10_000 if os.environ.get("SPSHIPPING_SOAK") == "full" else 1_000
STRICT = ("L-003", "L-005", "L-013")
"""Rules that are not sure enough to be errors by themselves."""

Answer = tuple[str, int, str]
"""A code, an amount, and a unit."""


@dataclass
class Line:
    """What a line was answered, in plain numbers; the judge of the check, which shares no code with it."""

    size: int
    """Pieces in a case, or 1."""
    ordered: int = 0
    """Pieces, as all that follows."""
    first: str | None = None
    """How it was answered first: open, rejected or omitted."""
    ordered_before: int = 0
    rejected_before: int = 0

    def pieces(self, answers: list[Answer], codes: Collection[str]) -> int:
        return sum(
            amount * (self.size if unit == "Cases" else 1) for code, amount, unit in answers if code in codes
        )


@dataclass
class World:
    """An order that changes, and what reached Amazon."""

    order: po.Order
    lines: list[Line]
    sent: list[SentAcknowledgement] = field(default_factory=list)
    is_changed: bool = False
    """Since the first answer."""


def world_of(rng: Random) -> World:
    order = purchase_order(rng, RuleRegion.EU, PREPAID, count=rng.randint(1, 3))
    lines = []
    for line in details_of(order).items:
        line.is_back_order_allowed = True
        whole = line.ordered_quantity
        is_case = whole.unit_of_measure == po.UnitOfMeasure.CASES
        size = (whole.unit_size or 1) if is_case else 1
        lines.append(Line(size, ordered=(whole.amount or 0) * size))
    return World(order, lines)


def change(world: World, rng: Random) -> None:
    """Let Amazon change the quantity of a line, or cancel it."""
    index = rng.randrange(len(world.lines))
    amount = rng.choice([0, rng.randint(1, 20)])
    details = details_of(world.order)
    details.items[index].ordered_quantity.amount = amount
    details.purchase_order_changed_date = NOW + timedelta(minutes=len(world.sent), seconds=-30)
    world.lines[index].ordered = amount * world.lines[index].size
    world.is_changed = bool(world.sent)


def draw(line: po.OrderItem, rng: Random) -> list[Answer] | None:
    """Draw answers to a line, most of them right; None leaves it out."""
    whole = line.ordered_quantity.amount or 0
    unit = str(line.ordered_quantity.unit_of_measure)
    if rng.random() < 0.12 or (whole == 0 and rng.random() < 0.7):
        return None
    codes = rng.choices(["Accepted", "Backordered", "Rejected"], weights=[3, 1, 2], k=rng.randint(1, 3))
    cuts = sorted(rng.randint(0, whole) for _ in codes[1:])
    amounts = [after - before for before, after in zip([0, *cuts], [*cuts, whole], strict=True)]
    answers = [(code, amount, unit) for code, amount in zip(codes, amounts, strict=True) if amount]
    if rng.random() < 0.15:
        code, amount, unit = answers.pop() if answers else ("Accepted", 0, unit)
        answers.append((code, amount + rng.choice([-3, -1, 1, 2]), unit))
    if rng.random() < 0.1 and answers and unit == "Cases":
        code, amount, _ = answers.pop()
        answers.append((code, amount * (line.ordered_quantity.unit_size or 1), "Eaches"))
    if rng.random() < 0.05 and answers:
        _, amount, unit = answers.pop()
        answers.append(("accepted", amount, unit))
    return answers or None


def written(line: po.OrderItem, answers: list[Answer]) -> po.OrderAcknowledgementItem:
    size = line.ordered_quantity.unit_size
    return answered_item(
        line,
        [
            po.OrderItemAcknowledgement(
                acknowledgement_code=po.AcknowledgementCode(code),
                acknowledged_quantity=po.ItemQuantity(
                    amount=amount,
                    unit_of_measure=po.UnitOfMeasure(unit),
                    unit_size=size if unit == "Cases" else None,
                ),
                scheduled_delivery_date=NOW + timedelta(days=3),
                rejection_reason=po.RejectionReason.OBSOLETE_PRODUCT if code == "Rejected" else None,
            )
            for code, amount, unit in answers
        ],
    )


def mentions(answers: list[Answer] | None, rng: Random) -> list[list[Answer]]:
    """Return the answers to a line in one item or, seldom, in several."""
    if answers is None:
        return []
    return [[each] for each in answers] if rng.random() < 0.15 else [answers]


OPEN = ("Accepted", "Backordered")


def is_legal(world: World, drawn: list[list[Answer] | None], *, strict: bool) -> bool:
    """Judge an acknowledgement by plain numbers."""
    for line, answers in zip(world.lines, drawn, strict=True):
        if answers is None:
            if line.ordered and not world.sent:
                return False
            continue
        everything = line.pieces(answers, (*OPEN, "Rejected", "accepted"))
        positive = line.pieces([each for each in answers if each[1] > 0], (*OPEN, "Rejected", "accepted"))
        has_open = any(code in OPEN for code, _, _ in answers)
        rejected = line.pieces(answers, ("Rejected",))
        if positive > line.ordered or any(code == "accepted" for code, _, _ in answers):
            return False
        if has_open and line.first == "rejected":
            return False
        if has_open and line.first == "omitted" and (strict or not world.is_changed):
            return False
        if not strict:
            continue
        least = 1 if line.ordered else 0
        if (line.ordered and everything != line.ordered) or any(each[1] < least for each in answers):
            return False
        less = max(0, line.ordered_before - line.ordered)
        if has_open and line.first == "open" and rejected < line.rejected_before - less:
            return False
    return True


def note(world: World, drawn: list[list[Answer] | None]) -> None:
    """Note what reached Amazon."""
    for line, answers in zip(world.lines, drawn, strict=True):
        if answers is None:
            line.first = line.first or "omitted"
            continue
        if line.first is None:
            line.first = "open" if any(code in OPEN for code, _, _ in answers) else "rejected"
        line.ordered_before = line.ordered
        line.rejected_before = line.pieces(answers, ("Rejected",))


def run(seed: int) -> tuple[int, int]:
    """Play one sequence; return how many acknowledgements passed, and how many were refused."""
    rng = Random(seed)
    world, strict = world_of(rng), seed % 2 == 0
    passed = refused = 0
    for step in range(rng.randint(2, 6)):
        if rng.random() < 0.3:
            change(world, rng)
        drawn = [draw(line, rng) for line in details_of(world.order).items]
        items = [
            written(line, mention)
            for line, answers in zip(details_of(world.order).items, drawn, strict=True)
            for mention in mentions(answers, rng)
        ]
        at = NOW + timedelta(minutes=len(world.sent))
        document = acknowledgement_of(world.order, items, at)
        context = RuleContext(
            now=NOW + timedelta(minutes=step),
            region=RuleRegion.EU,
            orders=[world.order],
            history=History(acknowledgements=world.sent),
        )
        try:
            check(document, context, raise_to_error=STRICT if strict else ())
        except InvalidRequestError:
            has_passed = False
            refused += 1
        else:
            has_passed = True
            passed += 1
        assert has_passed is is_legal(world, drawn, strict=strict), (seed, step, drawn)
        if has_passed:
            note(world, drawn)
            world.sent.append(SentAcknowledgement(document, at))
    return passed, refused


@pytest.mark.parametrize("count", [200, pytest.param(STORM, marks=pytest.mark.soak)])
def test_no_illegal_transition_and_no_wrong_sum_passes_and_all_else_does(count: int) -> None:
    played = [run(seed) for seed in range(count)]
    passed, refused = (sum(each) for each in zip(*played, strict=True))
    # both happen often, so that neither half of the test is empty
    assert passed > count / 2
    assert refused > count / 2
