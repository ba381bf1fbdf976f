"""Random histories of answers and updates: what reaches Amazon adds up, and takes back no rejection."""

import os
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from spshipping import InvalidRequestError, OutcomeUnknownError, from_dict
from spshipping.errors import BadRequestError
from spshipping.facade import Context, Origin
from spshipping.operation import Call
from spshipping.transport.io import run
from spshipping.vendor.acknowledge import Acknowledgement, workflow
from spshipping.vendor.acknowledge.rules import Wishes
from spshipping.vendor.acknowledge.submission import Submission
from spshipping.vendor.ledger import MemoryLedger
from spshipping.vendor.orders import (
    GET_PURCHASE_ORDERS_STATUS,
    SUBMIT_ACKNOWLEDGEMENT,
    AcknowledgementCode,
    OrderAcknowledgement,
    OrderListStatus,
    TransactionId,
)
from spshipping.vendor.transactions import TransactionStatus
from tests.kit import START, FakeClock, io_of
from tests.unit.vendor.acknowledge.orders import line, order

SEED = 20_261_130
IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
COUNT = 10_000 if IS_FULL else 1_000
CODES = ("Accepted", "Backordered", "Rejected")


@dataclass
class Line:
    """A line as Amazon has it, and what it was told of it."""

    text: str
    ordered: int
    allows_back_order: bool
    cost: Decimal
    taken: int | None = None
    """What was accepted and back-ordered in the last answer that counts; None before the first."""
    ordered_then: int = 0


@dataclass
class Amazon:
    """Receives acknowledgements, and holds each against the order and all that was said before."""

    chance: Random
    lines: list[Line]
    received: int = 0
    refuses: bool = False
    """Whether it will tell a failure of the last one."""
    before: list[tuple[int | None, int]] = field(default_factory=list)

    async def send(self, call: Call[Any], **_: Any) -> Any:
        """Answer a call, or lose it."""
        if call.operation is SUBMIT_ACKNOWLEDGEMENT:
            return _Reply(self._receive(call.body))
        if call.operation is GET_PURCHASE_ORDERS_STATUS:
            return _Reply(OrderListStatus())
        state = "Failure" if self.refuses else "Processing"
        status = {"transactionStatus": {"transactionId": "t", "status": state}}
        return _Reply(from_dict(status, TransactionStatus))

    def _receive(self, body: Any) -> TransactionId:
        fate = self.chance.choices(("arrives", "fails", "refused", "lost", "unknown"), (60, 10, 10, 10, 10))[
            0
        ]
        (answers,) = body.acknowledgements
        self.received += 1
        self._check(answers)
        if fate == "refused":
            raise BadRequestError("no", status=400)
        self.before = [(line.taken, line.ordered_then) for line in self.lines]
        self._note(answers)
        self.refuses = fate == "fails"
        if fate in ("lost", "unknown"):
            raise OutcomeUnknownError("no answer came")
        return TransactionId(transaction_id="t")

    def _check(self, answers: OrderAcknowledgement) -> None:
        """Fail where Amazon would: illegal transitions, sums, lines, prices, dates."""
        open_lines = {line.text: line for line in self.lines if line.ordered}
        assert [item.item_sequence_number for item in answers.items] == list(open_lines)
        for item in answers.items:
            known = open_lines[item.item_sequence_number or ""]
            amounts: Counter[str] = Counter()
            for answer in item.item_acknowledgements:
                amount = answer.acknowledged_quantity.amount
                assert type(amount) is int
                assert amount > 0
                code = answer.acknowledgement_code
                amounts[code] += amount
                has_date = answer.scheduled_ship_date or answer.scheduled_delivery_date
                if code == AcknowledgementCode.BACKORDERED:
                    assert known.allows_back_order
                    assert has_date
                assert (answer.rejection_reason is not None) is (code == AcknowledgementCode.REJECTED)
            assert set(amounts) <= set(CODES)
            assert item.ordered_quantity.amount == known.ordered == amounts.total()
            cost = item.net_cost
            assert cost is not None
            assert cost.amount is not None
            assert 0 < cost.amount <= known.cost
            taken = amounts["Accepted"] + amounts["Backordered"]
            if known.taken is not None:
                grown = max(0, known.ordered - known.ordered_then)
                assert taken <= (known.taken + grown if known.taken else 0), "a rejection was taken back"

    def _note(self, answers: OrderAcknowledgement) -> None:
        known = {line.text: line for line in self.lines}
        for item in answers.items:
            found = known[item.item_sequence_number or ""]
            found.taken = sum(
                answer.acknowledged_quantity.amount or 0
                for answer in item.item_acknowledgements
                if answer.acknowledgement_code != AcknowledgementCode.REJECTED
            )
            found.ordered_then = found.ordered

    def forget_the_last(self) -> None:
        """Take back the last one, whose failure the vendor has learned."""
        for found, (taken, ordered) in zip(self.lines, self.before, strict=True):
            found.taken, found.ordered_then = taken, ordered


@dataclass
class _Reply:
    value: Any


class History:
    """One vendor with one order, who does anything that the builder has."""

    def __init__(self, seed: str) -> None:
        self.chance = Random(seed)
        count = self.chance.randint(1, 4)
        lines = [
            Line(
                f"{number:0{self.chance.choice((1, 5))}d}",
                self.chance.randint(0, 12),
                bool(number % 2),
                Decimal(10),
            )
            for number in range(1, count + 1)
        ]
        lines[0].ordered = max(1, lines[0].ordered)
        self.amazon = Amazon(self.chance, lines)
        self.clock = FakeClock()
        self.ledger = MemoryLedger(clock=self.clock)
        self.context = Context(
            self.amazon,  # type: ignore[arg-type]
            io_of(clock=self.clock),
            self.clock,
            "ATVPDKIKX0DER",
            origin=Origin("https://example.com", None, ""),
        )
        self.seen: Counter[str] = Counter()

    def live(self) -> None:
        """Answer and update the order some times, while Amazon changes it."""
        for _ in range(self.chance.randint(2, 6)):
            self._answer()
            self.clock.elapsed += self.chance.choice((1, 100, 1000, 4000))
            self._look()
            self._change()

    def _answer(self) -> None:
        items = [
            line(
                each.text,
                each.ordered,
                isBackOrderAllowed=each.allows_back_order,
                netCost={"currencyCode": "USD", "amount": str(each.cost)},
            )
            for each in self.amazon.lines
        ]
        if not any(each.ordered for each in self.amazon.lines):
            return
        made = Acknowledgement.of(order(*items), accept_po_cost=self.chance.random() < 0.95)
        for _ in range(self.chance.randint(0, 8)):
            self._step(made)
        if self.chance.random() < 0.8:
            made.accept_all()
        try:
            run(workflow.submit(self.context, self.ledger, made, Wishes(), {}))
        except (InvalidRequestError, OutcomeUnknownError, BadRequestError) as error:
            self.seen[type(error).__name__] += 1
        else:
            self.seen["sent"] += 1

    def _step(self, made: Acknowledgement) -> None:
        chance = self.chance
        names: list[int | str] = [chance.randint(1, 5), chance.choice(self.amazon.lines).text]
        name = chance.choice(names)
        quantity = chance.choice([None, chance.randint(-1, 14)])
        date = chance.choice([None, START])
        steps = [
            lambda: made.accept(name, quantity, ship_date=date),
            lambda: made.back_order(name, quantity, delivery_date=date),
            lambda: made.reject(name, "ObsoleteProduct", quantity),
            lambda: made.reject(name, "TemporarilyUnavailable", quantity),
            lambda: made.reopen(name),
            lambda: made.price(name, chance.choice([0, 5, 10, 11])),
        ]
        try:
            chance.choice(steps)()
        except InvalidRequestError:
            self.seen["refused step"] += 1

    def _look(self) -> None:
        """Check what is open: what is in doubt is sent again, and a failure is learned."""
        for found in list(self._open()):
            count = self.amazon.received
            try:
                looked = run(workflow.check(self.context, self.ledger, found, {}))
            except (OutcomeUnknownError, BadRequestError):
                self.seen["sent again, no answer"] += 1
                continue
            self.seen["sent again"] += self.amazon.received > count
            if looked.state.value == "refused" and self.amazon.refuses:
                self.seen["failed"] += 1
                self.amazon.forget_the_last()
                self.amazon.refuses = False

    def _open(self) -> list[Submission]:
        async def listed() -> list[Submission]:
            found = workflow.submissions(self.context, self.ledger, True)
            return [each async for each in found]

        return run(listed())

    def _change(self) -> None:
        if self._open():
            return  # the model of Amazon forgets but the last
        if self.chance.random() < 0.4:
            changed = self.chance.choice(self.amazon.lines)
            changed.ordered = max(0, changed.ordered + self.chance.randint(-5, 5))


def lived(number: int) -> History:
    """Return a history after it was lived through."""
    history = History(f"{SEED}/{number}")
    history.live()
    return history


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_wrong_sum_and_no_illegal_transition_reaches_amazon_in_any_history() -> None:
    seen: Counter[str] = Counter()
    received = 0
    for number in range(COUNT):
        history = lived(number)
        seen += history.seen
        received += history.amazon.received
    assert received > COUNT
    kinds = ("sent", "refused step", "InvalidRequestError", "OutcomeUnknownError", "failed", "sent again")
    assert all(seen[kind] > COUNT // 20 for kind in kinds), seen


def test_a_history_is_lived_through_as_by_its_number() -> None:
    first, again = lived(3), lived(3)
    assert first.seen == again.seen
    assert first.amazon.received == again.amazon.received > 0
