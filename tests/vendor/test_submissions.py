"""What is submitted is kept, and followed until Amazon shows what has become of it."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from spshipping import (
    BadRequestError,
    ConfigurationError,
    DecodeError,
    GatewayError,
    InvalidRequestError,
    LeaseLostError,
    OutcomeUnknownError,
    ThrottledError,
)
from spshipping.vendor.acknowledge import (
    Acknowledgement,
    Doubtful,
    LineState,
    NotSent,
    Overdue,
    Pending,
    Refused,
    Submission,
    Superseded,
    Taken,
    Unconfirmed,
    workflow,
)
from spshipping.vendor.acknowledge.rules import Wishes
from spshipping.vendor.ledger import (
    MemoryLedger,
    NewEntry,
    Scope,
    SubmissionKind,
    SubmissionState,
    Whose,
)
from spshipping.vendor.orders import AcknowledgementCode, Money, RejectionReason
from tests.drives import DRIVES, Drive
from tests.kit import FakeClock, ScriptedTransport, answer, context_of
from tests.unit.vendor.acknowledge.orders import order as plain_order
from tests.vendor.conftest import DAY, MINUTE, MakeOffice, Office, amount, has_costs, lines

pytestmark = pytest.mark.dates
UNAVAILABLE = RejectionReason.TEMPORARILY_UNAVAILABLE


def accepted(order: Any) -> Acknowledgement:
    """Accept all of an order."""
    return Acknowledgement.of(order, accept_po_cost=True).accept_all()


def test_an_acknowledgement_is_taken_when_amazon_shows_every_line(office: Office) -> None:
    order = office.order(lambda order: len(lines(order)) > 2)
    first, second, *_ = lines(order)
    answers = Acknowledgement.of(order, accept_po_cost=True)
    answers.reject(second.item_sequence_number, UNAVAILABLE).accept_all()
    sent = office.submit(answers)
    assert (sent.state, sent.outcome, sent.is_open) == (SubmissionState.SENT, Pending(), True)
    assert sent.reference == order.purchase_order_number
    assert sent.transaction_id
    assert sent.acknowledgement.purchase_order_number == sent.reference
    assert office.after(sent, 14) == office.check(sent)
    assert office.check(sent).outcome == Pending()
    assert office.count("getPurchaseOrdersStatus") == 0, "Amazon has nothing to show before 15 minutes"
    taken = office.after(sent, 1)
    assert taken.state is SubmissionState.CONFIRMED
    assert isinstance(taken.outcome, Taken)
    assert {line.state for line in taken.outcome.lines} == {LineState.CONFIRMED}
    shown = {line.item_sequence_number: (line.accepted, line.rejected) for line in taken.outcome.lines}
    assert shown[first.item_sequence_number] == (amount(first), 0)
    assert shown[second.item_sequence_number] == (0, amount(second))
    assert office.count("getTransaction") == 0
    assert (taken.is_open, taken.next_check_at) == (False, None)
    assert office.check(taken) == taken
    assert office.count("getPurchaseOrdersStatus") == 1


def test_what_takes_longer_is_taken_and_not_confirmed_until_it_shows(make_office: MakeOffice) -> None:
    office = make_office(processing=20.0 * MINUTE)
    sent = office.submit(accepted(office.order()))
    early = office.after(sent, 15)
    assert early.is_open
    assert isinstance(early.outcome, Unconfirmed)
    assert {line.state for line in early.outcome.lines} == {LineState.UNCONFIRMED}
    assert early.next_check_at - early.read_at == timedelta(minutes=15)
    assert isinstance(office.after(early, 15).outcome, Taken)


def test_what_never_shows_comes_with_advice_for_a_week(make_office: MakeOffice) -> None:
    office = make_office(lost=1.0)
    sent = office.submit(accepted(office.order()))
    assert isinstance(office.after(sent, 15).outcome, Unconfirmed)
    late = office.after(sent, 16)
    assert late.is_open
    assert isinstance(late.outcome, Overdue)
    assert sent.transaction_id in late.outcome.advice
    ended = office.after(sent, 7 * DAY / MINUTE)
    assert ended.state is SubmissionState.UNCONFIRMED
    assert isinstance(ended.outcome, Overdue)
    assert not ended.is_open


def test_an_update_takes_the_place_of_what_was_said_before(office: Office) -> None:
    order = office.order(lambda order: all(line.is_back_order_allowed for line in lines(order)))
    later = office.clock.now() + timedelta(days=30)
    answers = Acknowledgement.of(order, accept_po_cost=True)
    for line in lines(order):
        answers.back_order(line.item_sequence_number, delivery_date=later)
    first = office.submit(answers)
    found = list(office.client.vendor.back_orders(ledger=office.ledger))
    assert [each.item_sequence_number for each in found] == [
        line.item_sequence_number for line in lines(order)
    ]
    assert {each.purchase_order_number for each in found} == {order.purchase_order_number}
    assert {each.answer.acknowledgement_code for each in found} == {AcknowledgementCode.BACKORDERED}
    assert found[0].answer.acknowledged_quantity.amount == amount(lines(order)[0])
    assert found[0].vendor_product_identifier == lines(order)[0].vendor_product_identifier
    second = office.submit(accepted(order))
    assert list(office.client.vendor.back_orders(ledger=office.ledger)) == []
    replaced = office.check(first)
    assert (replaced.state, replaced.outcome) == (SubmissionState.SUPERSEDED, Superseded())
    assert isinstance(office.after(second, 30).outcome, Taken)
    every = list(office.client.vendor.submissions(ledger=office.ledger))
    assert [each.number for each in every] == [first.number, second.number]
    assert list(office.client.vendor.submissions(ledger=office.ledger, open=True)) == []
    assert len(list(office.client.vendor.submissions(ledger=office.ledger, open=False))) == 2


def test_what_amazon_has_is_followed_where_it_refuses_the_update(office: Office) -> None:
    order = office.order()
    first = office.submit(accepted(order))
    office.fail("status", count=1, status=400)
    with pytest.raises(BadRequestError):
        office.submit(accepted(order))
    states = [each.state for each in office.client.vendor.submissions(ledger=office.ledger)]
    assert states == [SubmissionState.SENT, SubmissionState.REFUSED]
    assert isinstance(office.after(first, 15).outcome, Taken)


def test_what_was_rejected_is_never_accepted_later(office: Office) -> None:
    order = office.order(lambda order: amount(lines(order)[0]) > 1)
    first = lines(order)[0].item_sequence_number
    rejected = Acknowledgement.of(order, accept_po_cost=True).reject(first, UNAVAILABLE).accept_all()
    sent = office.submit(rejected)
    with pytest.raises(InvalidRequestError, match=f"line {int(first)}: was rejected before, and what was"):
        office.submit(accepted(order))
    assert office.count("submitAcknowledgement") == 1
    assert isinstance(office.after(sent, 15).outcome, Taken)


def test_of_a_line_that_was_rejected_in_part_no_more_is_accepted_later(office: Office) -> None:
    order = office.order(lambda order: amount(lines(order)[0]) > 2)
    line = lines(order)[0]
    first, most = line.item_sequence_number, amount(line)
    answers = Acknowledgement.of(order, accept_po_cost=True).reject(first, UNAVAILABLE, 1).accept_all()
    office.submit(answers)
    with pytest.raises(InvalidRequestError, match=f"all but {most - 1}, .* back-order {most - 1} at most"):
        office.submit(accepted(order))
    line.ordered_quantity.amount = most + 3  # Amazon orders more
    office.submit(Acknowledgement.of(order, accept_po_cost=True).reject(first, UNAVAILABLE, 1).accept_all())
    # nothing of the rule counts where it is overruled
    office.submit(accepted(order), overrule={"L-013"})


def test_a_client_of_a_vendor_code_answers_and_sees_the_orders_of_that_code_alone(office: Office) -> None:
    own = office.make_client(vendor_code="SBX01")
    answers = [accepted(order) for order in office.orders() if has_costs(order)]
    ours = next(each for each in answers if each.vendor_code == "SBX01")
    foreign = next(each for each in answers if each.vendor_code == "SBX02")
    with pytest.raises(InvalidRequestError, match="document: is for the order of another"):
        own.vendor.submit(foreign, ledger=office.ledger)
    office.submit(foreign)
    sent = own.vendor.submit(ours, ledger=office.ledger)
    assert [each.number for each in own.vendor.submissions(ledger=office.ledger)] == [sent.number]
    assert len(list(office.client.vendor.submissions(ledger=office.ledger))) == 2


def test_a_cost_above_the_orders_and_a_back_order_that_is_not_allowed_are_refused(office: Office) -> None:
    order = office.order(lambda order: not lines(order)[0].is_back_order_allowed)
    number = lines(order)[0].item_sequence_number
    dear = accepted(order).price(number, 10**6)
    with pytest.raises(InvalidRequestError, match="L-006"):
        office.submit(dear)
    later = Acknowledgement.of(order, accept_po_cost=True)
    later.back_order(number, delivery_date=office.clock.now()).accept_all()
    with pytest.raises(InvalidRequestError, match="L-009"):
        office.submit(later)
    with pytest.raises(InvalidRequestError, match="document: is an Acknowledgement"):
        office.client.vendor.submit(order, ledger=office.ledger)
    assert office.count("submitAcknowledgement") == 0


def test_what_rules_warn_of_is_shown_and_prevents_it_where_that_is_wanted(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    order = office.order()
    office.pass_time(2 * DAY)
    with pytest.raises(InvalidRequestError, match="L-015: the first answer is more than 24 hours after"):
        office.submit(accepted(order), raise_to_error={"L-015"})
    caplog.set_level("INFO")
    answers = Acknowledgement.of(order, accept_po_cost=True)
    first, *_ = lines(order)
    sent = office.submit(answers.reject(first.item_sequence_number, UNAVAILABLE).accept_all())
    late, share = sent.warnings
    assert late.startswith("L-015: acknowledgement_date: the first answer is more than 24 hours")
    assert share.startswith("L-018: items[0].item_acknowledgements: rejects more than a fifth")
    logged = {record.levelname: record.message for record in caplog.records if "L-01" in record.message}
    assert logged == {
        "WARNING": f"an acknowledgement of {order.purchase_order_number}: {late}",
        "INFO": f"an acknowledgement of {order.purchase_order_number}: {share}",
    }
    assert office.check(sent).warnings == sent.warnings
    with pytest.raises(InvalidRequestError, match="overrule: names a rule that does not exist"):
        office.submit(accepted(order), overrule={"L-999", "L-013"})


def test_rules_that_hold_everywhere_hold_where_the_marketplace_is_not_listed(office: Office) -> None:
    order = office.order()
    context = office.client.context._replace(marketplace_id="A1NEW")
    dear = accepted(order).price(lines(order)[0].item_sequence_number, 10**6)
    with pytest.raises(InvalidRequestError, match="L-006"):
        office.drive(workflow.submit(context, office.ledger, dear, Wishes(), {}))


def test_what_is_outside_amazons_limits_is_not_begun(office: Office) -> None:
    order = office.order()
    line = lines(order)[0]
    line.net_cost = line.list_price = None
    answers = accepted(order).price(
        line.item_sequence_number, Money(currency_code="US-DOLLAR", amount=Decimal(1))
    )
    with pytest.raises(InvalidRequestError, match="currency_code"):
        office.submit(answers)
    assert list(office.client.vendor.submissions(ledger=office.ledger)) == []


def test_while_another_process_submits_answers_nobody_else_does(office: Office) -> None:
    order = office.order()
    office.fail("drop_after", count=2)
    with pytest.raises(OutcomeUnknownError):
        office.submit(accepted(order))
    (unknown,) = office.client.vendor.submissions(ledger=office.ledger)
    owned = office.ledger.own(unknown.number, 90.0)
    assert owned is not None, "another process sends it again"
    with pytest.raises(LeaseLostError, match="another process submits something for the same order"):
        office.submit(accepted(order))
    waiting = office.check(unknown)
    assert (waiting.state, waiting.outcome) == (SubmissionState.BEGUN, Pending())
    office.pass_time(91)
    assert isinstance(office.after(office.submit(accepted(order)), 15).outcome, Taken)


def test_what_another_process_has_begun_meanwhile_is_seen(office: Office) -> None:
    order = office.order()
    ledger, begin = office.ledger, office.ledger.begin
    scopes: list[Scope] = []

    def late(new: NewEntry, lease: float, *, after: int) -> Any:
        if not scopes:
            scopes.append(new.scope)
            begin(new, 0.0, after=after)  # by a process that died at once
        return begin(new, lease, after=after)

    ledger.begin = late  # type: ignore[method-assign]
    sent = office.submit(accepted(order))
    first, second = ledger.history(scopes[0])
    assert (first.state, second.number) == (SubmissionState.SUPERSEDED, sent.number)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "cut_body"])
def test_an_unknown_outcome_is_kept_and_sent_again_which_is_harmless(office: Office, kind: str) -> None:
    order = office.order()
    office.fail(kind, count=2)
    with pytest.raises(OutcomeUnknownError):
        office.submit(accepted(order))
    (unknown,) = office.client.vendor.submissions(ledger=office.ledger, open=True)
    assert unknown.state is SubmissionState.UNKNOWN
    assert isinstance(unknown.outcome, Doubtful)
    assert "it is sent again" in unknown.outcome.advice
    again = office.after(unknown, 2)
    assert again.state is SubmissionState.SENT
    assert again.transaction_id
    assert isinstance(office.after(again, 15).outcome, Taken)


def test_what_certainly_was_not_sent_is_over(office: Office) -> None:
    order = office.order()
    office.fail("status", count=2, status=429)
    with pytest.raises(ThrottledError):
        office.submit(accepted(order))
    (ended,) = office.client.vendor.submissions(ledger=office.ledger)
    assert (ended.state, ended.outcome) == (SubmissionState.NOT_SENT, NotSent())
    assert isinstance(office.after(office.submit(accepted(order)), 15).outcome, Taken)


def test_what_amazon_refuses_at_once_is_refused_with_its_reasons(office: Office) -> None:
    order = office.order()
    office.fail("status", count=1, status=400)
    with pytest.raises(BadRequestError):
        office.submit(accepted(order))
    (ended,) = office.client.vendor.submissions(ledger=office.ledger)
    assert ended.state is SubmissionState.REFUSED
    assert isinstance(ended.outcome, Refused)
    assert ended.outcome.errors
    # what was refused says nothing of the lines
    office.submit(Acknowledgement.of(order, accept_po_cost=True).accept_all())


def test_an_interrupt_while_it_is_sent_leaves_it_in_doubt(office: Office) -> None:
    order = office.order()

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    client = office.make_client(on_reply=interrupt)
    with pytest.raises(KeyboardInterrupt):
        client.vendor.submit(accepted(order), ledger=office.ledger)
    (unknown,) = office.client.vendor.submissions(ledger=office.ledger)
    assert unknown.state is SubmissionState.UNKNOWN
    assert isinstance(office.after(unknown, 2).outcome, Pending)


@pytest.mark.parametrize("drive", DRIVES)
def test_an_answer_that_cannot_be_read_says_that_it_arrived(drive: Callable[[], Drive]) -> None:
    driven, ledger = drive(), MemoryLedger()
    network = ScriptedTransport([answer(202, {"payload": {"transactionId": 7}})])
    client = driven.client(network, strict=True)
    with pytest.raises(DecodeError):
        client.vendor.submit(accepted(plain_order()), ledger=ledger)
    (sent,) = client.vendor.submissions(ledger=ledger)
    assert (sent.state, sent.transaction_id) == (SubmissionState.SENT, "7")
    driven.close()


def test_a_submission_is_checked_with_its_own_ledger(office: Office) -> None:
    sent = office.submit(accepted(office.order()))
    other = MemoryLedger(clock=office.clock)
    with pytest.raises(GatewayError, match="is not in this ledger"):
        office.client.vendor.check(sent, ledger=other)


def test_waiting_ends_with_the_outcome_or_the_time(make_office: MakeOffice) -> None:
    office = make_office(processing=20.0 * MINUTE)
    sleep = office.clock.sleep

    def sleep_in_both(seconds: float) -> None:
        sleep(seconds)
        office.sandbox.clock.advance(seconds)

    office.clock.sleep = sleep_in_both  # type: ignore[method-assign]
    sent = office.submit(accepted(office.order()))
    early = office.client.vendor.wait(sent, ledger=office.ledger, timeout=600)
    assert early.is_open
    taken = office.client.vendor.wait(sent, ledger=office.ledger)
    assert isinstance(taken.outcome, Taken)
    assert office.clock.elapsed == pytest.approx(30 * MINUTE, abs=5)
    assert office.client.vendor.wait(sent, ledger=office.ledger, timeout=timedelta()) == taken
    for wrong in (-1, True, "1", None, float("nan")):
        with pytest.raises(InvalidRequestError, match="timeout: is a timedelta, or seconds"):
            office.client.vendor.wait(sent, ledger=office.ledger, timeout=wrong)


def follow(office: Office, until: int, **options: Any) -> list[Submission]:
    """Run until so many outcomes have come."""
    stop, found = threading.Event(), []
    sleep = office.clock.sleep

    def sleep_in_both(seconds: float) -> None:
        sleep(seconds)
        office.sandbox.clock.advance(seconds)
        if office.clock.elapsed > 30 * DAY:
            stop.set()

    def listen(submission: Submission) -> None:
        found.append(submission)
        if len(found) == until:
            stop.set()

    office.clock.sleep = sleep_in_both  # type: ignore[method-assign]
    office.client.vendor.run(
        ledger=office.ledger, stop=stop, on_outcome=listen, every=timedelta(minutes=5), **options
    )
    office.clock.sleep = sleep  # type: ignore[method-assign]
    return found


def test_all_open_submissions_are_followed_those_in_doubt_too(office: Office) -> None:
    first, second, third, *_ = [order for order in office.orders() if all(x.net_cost for x in lines(order))]
    taken = office.submit(accepted(first))
    office.fail("drop_after", count=2)
    with pytest.raises(OutcomeUnknownError):
        office.submit(accepted(second))
    closed = office.submit(accepted(third))
    record = office.sandbox._vendor.vendors
    with record.of(next(iter(record._vendors))) as (vendor, _):
        found = vendor.orders.find(third.purchase_order_number)
        assert found is not None
        found.state = "Closed"
    ended = [each for each in follow(office, 4) if not each.is_open]
    outcomes = {each.reference: type(each.outcome) for each in ended}
    assert outcomes == {
        taken.reference: Taken,
        second.purchase_order_number: Taken,
        closed.reference: Refused,
    }
    assert office.clock.elapsed < 40 * MINUTE


def test_one_that_cannot_be_looked_at_is_put_off_and_stops_no_other(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    sent = office.submit(accepted(office.order()))
    office.fail("status", count=4, status=500, operation="getPurchaseOrdersStatus")
    (taken,) = follow(office, 1)
    assert isinstance(taken.outcome, Taken)
    assert taken.number == sent.number
    logged = [record.message for record in caplog.records if "could not be looked at" in record.message]
    assert [text.split(":")[0] for text in logged] == [
        "a submission could not be looked at, 1 in a row",
        "a submission could not be looked at, 2 in a row",
    ]
    assert office.clock.elapsed == pytest.approx((15 + 1 + 2) * MINUTE, abs=30)


def test_a_run_needs_no_listener(office: Office) -> None:
    sent = office.submit(accepted(office.order()))
    office.pass_time(15 * MINUTE)
    stop = threading.Event()
    office.clock.on_sleep = stop.set
    office.client.vendor.run(ledger=office.ledger, stop=stop, every=60)
    assert isinstance(office.check(sent).outcome, Taken)
    assert office.count("getPurchaseOrdersStatus") == 1


def test_a_coroutine_that_is_closed_while_it_sends_leaves_it_begun() -> None:
    clock, ledger = FakeClock(), MemoryLedger()

    class Suspended:
        async def send(self, *_: object, **__: object) -> None:
            await asyncio.sleep(0)

    work = workflow.submit(context_of(Suspended(), clock), ledger, accepted(plain_order()), Wishes(), {})
    work.send(None)
    work.close()
    (entry,) = ledger.entries(Whose(""))
    assert entry.state is SubmissionState.BEGUN


def test_a_ledger_that_cannot_be_used_ends_the_run(office: Office) -> None:
    office.submit(accepted(office.order()))
    office.pass_time(15 * MINUTE)

    def fail(*_: object) -> None:
        raise ConfigurationError("the ledger of submissions cannot be used: disk full")

    office.ledger.settle = fail  # type: ignore[method-assign,assignment]
    with pytest.raises(ConfigurationError, match="disk full"):
        follow(office, 1)
    for wrong in ({"every": 0}, {"stop": 1}, {"on_outcome": 1}):
        with pytest.raises(InvalidRequestError, match=next(iter(wrong))):
            office.client.vendor.run(ledger=office.ledger, **{"every": 1, **wrong})


def test_a_ledger_that_fails_does_not_hide_why_it_was_not_sent(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    office.ledger.settle = fail  # type: ignore[method-assign,assignment]
    office.fail("status", count=1, status=400)
    with pytest.raises(BadRequestError):
        office.submit(accepted(office.order()))
    assert "the ledger raised OSError; ignored" in caplog.text


def test_many_submissions_come_page_by_page(office: Office) -> None:
    place = office.client.context.origin.endpoint
    orders = [f"ORDER{number:03d}" for number in range(250)]
    body = '{"acknowledgements": [{"items": []}]}'
    for reference in orders:
        scope = Scope(place, "SBX01", SubmissionKind.ACKNOWLEDGEMENT, reference)
        office.ledger.begin(NewEntry(scope, body), 0.0, after=0)
    found = list(office.client.vendor.submissions(ledger=office.ledger))
    assert [each.reference for each in found] == orders
    assert all(isinstance(each.outcome, Doubtful) for each in found)
    assert list(office.client.vendor.back_orders(ledger=office.ledger)) == []
