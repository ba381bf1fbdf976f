"""What Amazon shows of a submission, and what follows from it, by kind and region."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from spshipping import from_dict
from spshipping.regions import Marketplace, Region
from spshipping.vendor.acknowledge import (
    LineOutcome,
    LineState,
    Overdue,
    Refused,
    SubmissionError,
    Taken,
    Unconfirmed,
)
from spshipping.vendor.acknowledge.compare import compared
from spshipping.vendor.acknowledge.decide import Decision, Evidence, decide
from spshipping.vendor.acknowledge.guess import Subject, errors_of, subjects_of
from spshipping.vendor.acknowledge.outcome import Shown, outcome_from_text, outcome_to_text
from spshipping.vendor.acknowledge.said import SaidLine
from spshipping.vendor.acknowledge.table import TABLE, Ways, region_of, ways_of
from spshipping.vendor.ledger import SubmissionKind, SubmissionState
from spshipping.vendor.orders import OrderStatus
from spshipping.vendor.transactions import Transaction
from spshipping.wire.text import write
from tests.kit import START
from tests.unit.vendor.build import status

ACKNOWLEDGEMENT = SubmissionKind.ACKNOWLEDGEMENT
CONFIRMATION = SubmissionKind.SHIPMENT_CONFIRMATION
REQUEST = SubmissionKind.TRANSPORTATION_REQUEST
MINUTE = 60.0


def said(number: str = "1", *, unit: str | None = "Cases", size: int | None = 6) -> SaidLine:
    """Say that of ten cases six are accepted, two come later, and two are rejected."""
    return SaidLine(number, f"B07DFVDR{number[-1]}B", f"880609828650{number[-1]}", 10, 6, 2, 2, size, unit)


def quantity(amount: int | None, unit: str | None = "Cases", size: int | None = 6) -> dict[str, Any]:
    """Make a quantity."""
    whole = {"amount": amount, "unitOfMeasure": unit, "unitSize": size}
    return {name: value for name, value in whole.items() if value is not None}


def noted(
    accepted: dict[str, Any] | None, rejected: dict[str, Any] | None, confirmed: str | None = "X", **more: Any
) -> dict[str, Any]:
    """Make the state of line 00001."""
    answer = {
        "confirmationStatus": "PARTIALLY_ACCEPTED" if confirmed == "X" else confirmed,
        "acceptedQuantity": accepted,
        "rejectedQuantity": rejected,
        **more,
    }
    return {
        "itemSequenceNumber": "00001",
        "orderedQuantity": {"orderedQuantity": quantity(10)},
        "acknowledgementStatus": {name: value for name, value in answer.items() if value is not None},
    }


def shown(item: dict[str, Any] | None, said_line: SaidLine | None = None, **more: Any) -> LineOutcome:
    """Return what is shown of one line."""
    found = from_dict(status(itemStatus=[] if item is None else [item], **more), OrderStatus)
    (line,) = compared({1: said_line or said()}, found, START)
    return line


def test_a_line_is_confirmed_where_amazon_has_noted_what_was_submitted_back_orders_as_accepted() -> None:
    assert shown(noted(quantity(8), quantity(2))) == LineOutcome("1", LineState.CONFIRMED, 8, 2, 10)
    assert shown(noted(quantity(6), quantity(2))).state is LineState.DIFFERENT
    assert shown(noted(quantity(8), quantity(1))).state is LineState.DIFFERENT
    assert shown(noted(quantity(8), None)).state is LineState.DIFFERENT
    assert shown(noted(None, quantity(2))).state is LineState.DIFFERENT
    all_rejected = said()._replace(accepted=0, backordered=0, rejected=10)
    assert shown(noted(None, quantity(10)), all_rejected).state is LineState.CONFIRMED


@pytest.mark.parametrize("confirmed", ["UNCONFIRMED", None])
def test_a_line_that_amazon_has_no_answer_to_is_unconfirmed(confirmed: str | None) -> None:
    assert shown(noted(quantity(8), quantity(2), confirmed)).state is LineState.UNCONFIRMED


def test_a_line_that_does_not_come_is_missing() -> None:
    assert shown(None) == LineOutcome("1", LineState.MISSING)
    assert shown({"buyerProductIdentifier": "B07DFVDR1B"}).state is LineState.MISSING
    assert shown({"itemSequenceNumber": "1"}) == LineOutcome("1", LineState.UNCONFIRMED)
    assert compared({1: said()}, None, START) == (LineOutcome("1", LineState.MISSING),)


def test_quantities_are_compared_in_pieces_where_units_differ() -> None:
    assert shown(noted(quantity(48, "Eaches", None), quantity(12, "Eaches"))).state is LineState.CONFIRMED
    assert shown(noted(quantity(8, "Eaches"), quantity(2, "Eaches"))).state is LineState.DIFFERENT
    pieces = said(unit="Eaches", size=None)
    assert shown(noted(quantity(2, "Cases", 4), quantity(2, "Eaches")), pieces).state is LineState.CONFIRMED
    assert shown(noted(quantity(2, "Cases", None), quantity(2)), pieces).state is LineState.DIFFERENT
    assert shown(noted(quantity(8, "Pallets"), quantity(2)), said()).state is LineState.DIFFERENT
    assert shown(noted(quantity(8, None), quantity(2, None))).state is LineState.CONFIRMED
    assert shown(noted(quantity(8), quantity(2)), said(unit=None)).state is LineState.CONFIRMED


def test_what_is_older_than_the_submission_is_not_of_it() -> None:
    early, late = "2026-03-01T11:00:00Z", "2026-03-01T12:00:00Z"

    def dated(*dates: str | None) -> list[dict[str, Any]]:
        return [{"acknowledgementDate": date} if date else {} for date in dates]

    same = (quantity(8), quantity(2))
    old = noted(*same, acknowledgementStatusDetails=dated(early, None))
    assert shown(old).state is LineState.DIFFERENT
    assert shown(old, lastUpdatedDate=late).state is LineState.DIFFERENT
    # in no order that can be relied on
    new = noted(*same, acknowledgementStatusDetails=dated(late, early))
    assert shown(new, lastUpdatedDate=early).state is LineState.CONFIRMED
    assert shown(noted(*same), lastUpdatedDate=early).state is LineState.DIFFERENT
    assert shown(noted(*same), lastUpdatedDate="2026-03-01T11:59:30Z").state is LineState.CONFIRMED


def subject(name: str) -> Subject:
    """Make what an error may mean."""
    line = said(name)
    ids = (line.amazon_product_identifier, line.vendor_product_identifier)
    return Subject(name, line.number, frozenset(each.casefold() for each in ids if each), frozenset())


ORDER = [subject(name) for name in ("00001", "00002", "00003", "A")]


@pytest.mark.parametrize(
    ("message", "details", "lines"),
    [
        ("Excess quantity.", "Purchase order 2JK3S9VC, item 3, B07DFVDR3B", ("00003",)),
        ("Line number 00002 is not valid", None, ("00002",)),
        ("item sequence number: 1", "", ("00001",)),
        ("items #2", "and line 3", ("00002", "00003")),
        ("The item '2' is wrong", None, ("00002",)),
        ("Invalid product identifiers.", "Purchase order 2JK3S9VC: 8806098286502", ("00002",)),
        ("b07dfvdr1b was not ordered.", None, ("00001",)),
        ("Invalid order ID.", "2JK3S9VC", ()),
        ("item 7", None, ()),
        ("XB07DFVDR1B, 18806098286502", None, ()),
    ],
)
def test_the_lines_that_an_error_means_are_guessed_from_its_text(
    message: str, details: str | None, lines: tuple[str, ...]
) -> None:
    (error,) = errors_of([("InvalidInput", message, details)], ORDER)
    assert error.lines == lines
    assert (error.message, error.details) == (message, details or "")


def test_texts_that_were_seen_come_with_advice() -> None:
    found = errors_of(
        [
            ("INVALID_ORDER_ID", "Invalid order ID.", None),
            ("InvalidInput", "The purchase order is unconfirmed or closed.", None),
            ("InvalidInput", "Something new.", None),
        ],
        [],
    )
    advice = [error.advice for error in found]
    assert advice[0] is not None
    assert "read the order again" in advice[0]
    assert advice[1] is not None
    assert "closed" in advice[1]
    assert advice[2] is None


def test_of_a_shipment_items_and_of_a_request_orders_are_meant() -> None:
    item = {
        "itemSequenceNumber": "001",
        "vendorProductIdentifier": "8806098286501",
        "itemDetails": {"purchaseOrderNumber": "2JK3S9VC"},
    }
    other = {"itemSequenceNumber": "002", "amazonProductIdentifier": "B07DFVDR2B"}
    body = write({"shipmentConfirmations": [{"shippedItems": [item, other]}]})
    meant = subjects_of(CONFIRMATION, body)

    def lines(text: str, subjects: tuple[Subject, ...] = meant) -> tuple[str, ...]:
        (error,) = errors_of([("InvalidInput", text, None)], subjects)
        return error.lines

    assert lines("Shipment S-1: purchase order 2JK3S9VC, item 2, B07DFVDR2B") == ("002",)
    assert lines("Shipment S-1: purchase order 2JK3S9VC") == ("001",)
    assert lines("item 1") == (), "the number of a line of an order is none of a shipment's"
    orders = [{"purchaseOrderNumber": "2JK3S9VC"}, {"purchaseOrderNumber": "2JK3S9VD"}, {}]
    body = write({"shipments": [{"purchaseOrders": orders}, {}]})
    assert lines("P-1: 2JK3S9VD", subjects_of(REQUEST, body)) == ("2JK3S9VD",)
    assert subjects_of(REQUEST, "{}") == subjects_of(CONFIRMATION, "{}") == ()


def test_the_table_says_for_each_kind_and_region_what_tells_the_outcome() -> None:
    assert set(TABLE) == {(kind, region) for kind in SubmissionKind for region in Region}
    for region in Region:
        assert ways_of(ACKNOWLEDGEMENT, region) == Ways(shows_lines=True, reaches_success=False)
        for kind in (CONFIRMATION, REQUEST):
            is_reported = region in (Region.NA, Region.EU)
            assert ways_of(kind, region) == Ways(shows_lines=False, reaches_success=is_reported)
    assert ways_of(ACKNOWLEDGEMENT, None).shows_lines
    assert not any(ways_of(CONFIRMATION, None))


def test_the_region_is_that_of_the_marketplace_or_else_of_the_endpoint() -> None:
    assert region_of(Marketplace.JP.id, "http://localhost") is Region.FE
    assert region_of("A1NEW", f"https://{Region.EU.sandbox_host}") is Region.EU
    assert region_of("A1NEW", "http://localhost:8080") is None


CONFIRMED = LineOutcome("1", LineState.CONFIRMED, 8, 2, 10)
OPEN = LineOutcome("2", LineState.UNCONFIRMED)
DIFFERENT = LineOutcome("2", LineState.DIFFERENT, 3, 7, 10)


def transaction(state: str, *errors: dict[str, Any]) -> Transaction:
    """Make a transaction."""
    return from_dict({"transactionId": "t-1", "status": state, "errors": list(errors)}, Transaction)


def decided(
    age: float,
    *lines: LineOutcome,
    state: str | None = "Processing",
    kind: SubmissionKind = ACKNOWLEDGEMENT,
    region: Region = Region.NA,
    errors: tuple[dict[str, Any], ...] = (),
) -> Decision:
    """Decide what has become of a submission that is *age* minutes old."""
    found = None if state is None else transaction(state, *errors)
    return decide(Evidence(ways_of(kind, region), age * MINUTE, [subject("1")], lines, found, "t-1"))


def test_an_acknowledgement_is_taken_where_every_line_shows_it() -> None:
    assert decided(15, CONFIRMED, state=None) == (SubmissionState.CONFIRMED, Taken((CONFIRMED,)), 0)
    assert decided(15, CONFIRMED, OPEN).state is SubmissionState.SENT


def test_before_half_an_hour_it_is_taken_and_not_confirmed_and_looked_at_again() -> None:
    assert decided(15, CONFIRMED, OPEN) == (
        SubmissionState.SENT,
        Unconfirmed((CONFIRMED, OPEN)),
        15 * MINUTE,
    )
    assert decided(29, OPEN, state="Success").outcome == Unconfirmed((OPEN,)), "no success is documented here"
    assert decided(15, OPEN, state=None).outcome == Unconfirmed((OPEN,))


def test_after_half_an_hour_without_effect_there_is_advice_for_a_week() -> None:
    late = decided(31, OPEN)
    assert late.state is SubmissionState.SENT
    assert late.again == 3600
    assert isinstance(late.outcome, Overdue)
    assert "after 31 minutes" in late.outcome.advice
    assert "transaction id t-1" in late.outcome.advice
    assert decided(25 * 60, OPEN).again == 7200
    other = decided(31, DIFFERENT)
    assert isinstance(other.outcome, Overdue)
    assert "noted other quantities" in other.outcome.advice
    assert decided(7 * 24 * 60, OPEN).state is SubmissionState.UNCONFIRMED
    unnamed = decide(Evidence(ways_of(REQUEST, Region.EU), 3600, [], (), None, None)).outcome
    assert isinstance(unnamed, Overdue)
    assert "(Amazon returned none)" in unnamed.advice


def test_a_failure_is_a_refusal_with_amazons_reasons() -> None:
    reasons: tuple[dict[str, Any], ...] = (
        {"code": "InvalidInput", "message": "item 1", "details": "x"},
        {},
    )
    refused = decided(15, OPEN, state="Failure", errors=reasons)
    assert refused.state is SubmissionState.REFUSED
    assert refused.outcome == Refused(
        (SubmissionError("InvalidInput", "item 1", "x", ("1",)), SubmissionError("", "")), (OPEN,)
    )
    assert decided(15, CONFIRMED, state="Failure").outcome == Taken((CONFIRMED,)), "what shows was taken"
    bare = decided(15, state="Failure", kind=REQUEST)
    assert bare.outcome == Refused()
    nothing = decide(
        Evidence(ways_of(REQUEST, Region.EU), 900, [], (), from_dict({"errors": []}, Transaction), "t-1")
    )
    assert nothing.state is SubmissionState.SENT, "a transaction without a status says nothing"


@pytest.mark.parametrize("kind", [CONFIRMATION, REQUEST])
def test_what_amazon_reports_is_taken_with_its_success_and_elsewhere_not_confirmed(
    kind: SubmissionKind,
) -> None:
    for region in (Region.NA, Region.EU):
        assert decided(15, kind=kind, region=region, state="Success").outcome == Taken()
        assert decided(15, kind=kind, region=region) == (SubmissionState.SENT, Unconfirmed(), 15 * MINUTE)
        assert isinstance(decided(31, kind=kind, region=region).outcome, Overdue)
    assert decided(15, kind=kind, region=Region.FE).state is SubmissionState.SENT
    assert decided(30, kind=kind, region=Region.FE) == (SubmissionState.UNCONFIRMED, Unconfirmed(), 0)
    assert decided(15, kind=kind, region=Region.FE, state="Failure").state is SubmissionState.REFUSED


ERROR = SubmissionError("InvalidInput", "no", "", ("00001",), "read it again")


@pytest.mark.parametrize(
    "outcome",
    [
        Taken((CONFIRMED, OPEN)),
        Unconfirmed(),
        Overdue("wait", (DIFFERENT,)),
        Refused((ERROR, replace(ERROR, advice=None)), (OPEN,)),
    ],
)
def test_an_outcome_is_the_same_after_it_was_stored(outcome: Shown) -> None:
    assert outcome_from_text(outcome_to_text(outcome)) == outcome


def test_amazons_times_may_be_a_minute_early() -> None:
    item = noted(quantity(8), quantity(2))
    when = from_dict(status(itemStatus=[item], lastUpdatedDate="2026-03-01T12:00:00Z"), OrderStatus)
    (line,) = compared({1: said()}, when, START + timedelta(seconds=59))
    assert line.state is LineState.CONFIRMED
    (line,) = compared({1: said()}, when, START + timedelta(seconds=61))
    assert line.state is LineState.DIFFERENT
