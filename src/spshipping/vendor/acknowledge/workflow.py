"""Submit an acknowledgement, and follow it until Amazon shows what has become of it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import NamedTuple

from spshipping.errors import GatewayError, InvalidRequestError, LeaseLostError
from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.vendor.acknowledge.acknowledgement import Acknowledgement
from spshipping.vendor.acknowledge.beside import beside
from spshipping.vendor.acknowledge.desk import LEASE_SECONDS, Desk
from spshipping.vendor.acknowledge.look import look
from spshipping.vendor.acknowledge.resend import (
    as_replacement,
    is_replaced,
    original_where_unknown,
)
from spshipping.vendor.acknowledge.rules import Wishes, calls_obsolete, check_rules
from spshipping.vendor.acknowledge.said import only_acknowledgement
from spshipping.vendor.acknowledge.send import call_of, send, settled
from spshipping.vendor.acknowledge.submission import Submission, submission_of
from spshipping.vendor.ledger.entry import (
    IN_DOUBT,
    Entry,
    NewEntry,
    Scope,
    SubmissionKind,
)
from spshipping.vendor.ledger.protocol import SubmissionLedger
from spshipping.vendor.orders.models.acknowledgements import (
    AcknowledgementCode,
    OrderItemAcknowledgement,
    RejectionReason,
)
from spshipping.wire.convert import dumps

_PAGE = 100


async def submit(
    context: Context,
    ledger: SubmissionLedger,
    acknowledgement: Acknowledgement,
    wishes: Wishes,
    options: CallOptions,
) -> Submission:
    """Submit the answers to an order; see `VendorApi.submit`."""
    desk = Desk.at(context, ledger, options)
    if not isinstance(acknowledgement, Acknowledgement):
        raise InvalidRequestError(
            "is an Acknowledgement: Acknowledgement.of(order); or an Asn, or a RoutingRequest, as their"
            " builders return it",
            path="document",
        )
    own = context.vendor_code
    if own is not None and acknowledgement.vendor_code != own:
        raise InvalidRequestError(
            "is for the order of another vendor code than the client's: use a client of that code",
            path="document",
        )
    request = acknowledgement.to_request(at=context.clock.now())
    answers = only_acknowledgement(request)
    number = acknowledgement.purchase_order_number
    scope = Scope(
        context.origin.endpoint, acknowledgement.vendor_code, SubmissionKind.ACKNOWLEDGEMENT, number
    )

    # only what says it, too, can have said it before
    marks = {RejectionReason.OBSOLETE_PRODUCT.value} if calls_obsolete(answers) else set()
    others = await beside(desk, scope, marks)

    def warnings_of(history: Sequence[Entry]) -> tuple[str, ...]:
        return check_rules(context, answers, acknowledgement.order, (history, others), wishes)

    return await submitted(desk, scope, dumps(request).decode(), warnings_of)


async def submitted(
    desk: Desk, scope: Scope, body: str, warnings_of: Callable[[Sequence[Entry]], tuple[str, ...]]
) -> Submission:
    """Begin a submission of any kind in the ledger, send it, and return it.

    Args:
        desk: whose it is, and where it is kept.
        scope: what it is about; it takes the place of an open submission of the same scope.
        body: the JSON text that is sent.
        warnings_of: gets what was submitted of the scope before, and refuses it, or returns warnings.

    Raises:
        InvalidRequestError: it is outside Amazon's limits, or refused by *warnings_of*.
        LeaseLostError: another process submits something of the same scope now.
        OutcomeUnknownError: it may have been sent.
        SpShippingError: it was not taken.
    """
    call_of(scope.kind, body)  # refused here, it leaves nothing in the ledger
    while True:
        history = await desk.kept(desk.ledger.history, scope)
        if any(entry.is_being_sent for entry in history):
            raise LeaseLostError(
                "another process submits something for the same order or shipment now: look at it, and submit"
                " again"
            )
        last = history[-1].number if history else 0
        new = NewEntry(scope, body, warnings_of(history))
        entry = await desk.kept(desk.ledger.begin, new, LEASE_SECONDS, after=last)
        if entry is not None:
            return submission_of(await send(desk, entry))


async def check(
    context: Context, ledger: SubmissionLedger, submission: Submission, options: CallOptions
) -> Submission:
    """Look once at what has become of a submission; see `VendorApi.check`."""
    desk = Desk.at(context, ledger, options)
    given: object = submission
    if not isinstance(given, Submission):
        raise InvalidRequestError("is a Submission, as submit() returned it", path="submission")
    entry = await desk.kept(desk.ledger.find, submission.number)
    if entry is None or entry.body != submission.body:
        raise GatewayError("the submission is not in this ledger: use the one that it was submitted with")
    if not entry.is_open or _is_early(entry):
        return submission_of(entry)
    owned = await desk.kept(desk.ledger.own, entry.number, LEASE_SECONDS)
    if owned is None:  # another process works on it
        found = await desk.kept(desk.ledger.find, entry.number)
        return submission_of(found or entry)
    return await advance(desk, owned)


def _is_early(entry: Entry) -> bool:
    """Return whether Amazon cannot have anything to show yet."""
    return entry.outcome is None and entry.state not in IN_DOUBT and not entry.is_due


async def advance(desk: Desk, owned: Entry) -> Submission:
    """Take the next step with a submission that this process owns: send it again, or look."""
    if owned.state in IN_DOUBT:
        again = as_replacement if is_replaced(owned) else send
        return submission_of(await again(desk, owned))
    settlement = await look(desk, owned)
    original = await original_where_unknown(desk, owned, settlement)
    found = await settled(desk, owned, settlement)
    return submission_of(found if original is None else await send(desk, original))


async def submissions(
    context: Context, ledger: SubmissionLedger, is_open: bool | None
) -> AsyncGenerator[Submission, None]:
    """Yield submissions, the oldest first; see `VendorApi.submissions`."""
    desk = Desk.at(context, ledger, {})
    after = 0
    while True:
        page = await desk.kept(desk.ledger.entries, desk.whose(), is_open=is_open, after=after, most=_PAGE)
        for entry in page:
            yield submission_of(entry)
        if len(page) < _PAGE:
            return
        after = page[-1].number


class BackOrder(NamedTuple):
    """A quantity of a line that was promised for later."""

    vendor_code: str
    purchase_order_number: str
    item_sequence_number: str
    """As the order has it."""
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    answer: OrderItemAcknowledgement
    """The quantity, and the date that was promised."""
    submission: Submission


async def back_orders(context: Context, ledger: SubmissionLedger) -> AsyncGenerator[BackOrder, None]:
    """Yield what is promised for later, by the last acknowledgement of each order."""
    desk = Desk.at(context, ledger, {})
    after = 0
    whose = desk.whose(SubmissionKind.ACKNOWLEDGEMENT)
    while True:
        page = await desk.kept(desk.ledger.latest, whose, after=after, most=_PAGE)
        for entry in page:
            for found in _back_orders_of(entry):
                yield found
        if len(page) < _PAGE:
            return
        after = page[-1].number


def _back_orders_of(entry: Entry) -> list[BackOrder]:
    submission = submission_of(entry)
    return [
        BackOrder(
            vendor_code=entry.scope.vendor_code,
            purchase_order_number=entry.scope.reference,
            item_sequence_number=item.item_sequence_number or "",
            amazon_product_identifier=item.amazon_product_identifier,
            vendor_product_identifier=item.vendor_product_identifier,
            answer=answer,
            submission=submission,
        )
        for item in submission.acknowledgement.items
        for answer in item.item_acknowledgements
        if answer.acknowledgement_code == AcknowledgementCode.BACKORDERED
    ]
