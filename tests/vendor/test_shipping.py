"""Shipment confirmations and routing requests through the ledger, under threads and under asyncio."""

from datetime import timedelta
from traceback import TracebackException
from typing import Any

import pytest

from spshipping import InvalidRequestError, OutcomeUnknownError, SpShippingError
from spshipping.vendor import shipments as api
from spshipping.vendor.acknowledge import Acknowledgement, Doubtful, Refused, Submission, Superseded, Taken
from spshipping.vendor.asn import Asn, AsnBuilder, Dispatch, Load, Mass, PackedCarton, Size
from spshipping.vendor.asn.packed import Content
from spshipping.vendor.ledger import SubmissionKind, SubmissionState
from spshipping.vendor.orders import Order
from spshipping.vendor.routing import Pickup, RoutingBuilder, RoutingRequest
from spshipping.vendor.rules import Outcome, RuleContext, RuleRegion
from tests.vendor.conftest import Office, amount, lines

pytestmark = pytest.mark.dates
CONFIRM, REQUEST = "SubmitShipmentConfirmations", "SubmitShipments"
SHIP_FROM = api.PartyIdentification(
    party_id="W-1",
    address=api.Address(
        name="Mill", address_line1="1 Mill Lane", city="Reno", postal_code="89501", country_code="US"
    ),
)
VOLUME = api.Volume(unit_of_measure=api.VolumeUnit.CU_FT, value=Size.of(1, 2, 3, "ft").volume)


def accepted_order(office: Office) -> Order:
    """Return an order with more than one unit of each line, all of which is accepted."""
    order = office.order(lambda order: all(amount(line) > 1 for line in lines(order)))
    found = office.submit(Acknowledgement.of(order, accept_po_cost=True).accept_all())
    assert isinstance(office.after(found, 15).outcome, Taken)
    again: Order = office.client.vendor.orders.get_purchase_order(order.purchase_order_number)
    return again


def context_of(office: Office, order: Order) -> RuleContext:
    return RuleContext(
        region=RuleRegion.NA,
        orders=[order],
        freight=api.ShipmentFreightTerm.PREPAID,
        history=office.client.vendor.history(ledger=office.ledger),
    )


def load_of(builder: AsnBuilder | RoutingBuilder, less: int = 0) -> Load:
    """Pack each line into a carton, with so much less of it than was accepted."""
    return Load(
        cartons=tuple(
            PackedCarton(contents=(Content(line=line.key, amount=line.most - less),))
            for line in builder.lines
            if line.most > less
        )
    )


def dispatch(office: Office, identifier: str = "S-1", **changes: Any) -> Dispatch:
    now = office.clock.now()
    facts: dict[str, Any] = {
        "identifier": identifier,
        "shipment_type": api.ShipmentType.TRUCK_LOAD,
        "shipped_at": now,
        "arrives_at": now + timedelta(days=2),
        "bill_of_lading": "SBX0100000017",
        "pro_number": "4711",
        "carrier_scac": "SBXF",
    }
    return Dispatch(**{**facts, **changes})


def asn_of(office: Office, order: Order, identifier: str = "S-1") -> Asn:
    builder = AsnBuilder(context_of(office, order), SHIP_FROM)
    return builder.original(dispatch(office, identifier), load_of(builder), at=office.clock.now())


def submitted(office: Office, document: Any, **options: Any) -> Any:
    return office.client.vendor.submit(document, ledger=office.ledger, **options)


def in_doubt(office: Office, document: Any, kind: str, operation: str = CONFIRM) -> Submission:
    """Submit a document whose answer is lost, and return what the ledger has of it."""
    # a request that changes something once is sent a single time; one that may be repeated, twice
    office.fail(kind, count=1 if operation == CONFIRM else 2, operation=operation)
    with pytest.raises(OutcomeUnknownError):
        submitted(office, document)
    (found,) = office.client.vendor.submissions(ledger=office.ledger, open=True)
    assert isinstance(found.outcome, Doubtful)
    submission: Submission = found
    return submission


def type_of(submission: Submission) -> str:
    return "Replace" if '"Replace"' in submission.body else "Original"


def states(office: Office, kind: SubmissionKind = SubmissionKind.SHIPMENT_CONFIRMATION) -> list[Any]:
    """Return type and state of each confirmation, the oldest first."""
    return [
        (type_of(each), each.state)
        for each in office.client.vendor.submissions(ledger=office.ledger)
        if each.kind is kind
    ]


def test_a_shipment_is_submitted_and_taken(office: Office) -> None:
    order = accepted_order(office)
    asn = asn_of(office, order)
    found = submitted(office, asn)
    assert (found.kind, found.reference) == (SubmissionKind.SHIPMENT_CONFIRMATION, "S-1")
    assert found.warnings == tuple(map(str, asn.warnings)) != ()
    assert office.after(found, 15).outcome == Taken()


def test_the_history_of_a_ledger_says_what_is_left(office: Office) -> None:
    order = accepted_order(office)
    submitted(office, asn_of(office, order))
    builder = AsnBuilder(context_of(office, order), SHIP_FROM)
    assert [line.most for line in builder.lines] == [0] * len(lines(order))
    assert builder.lines[0].accepted == amount(lines(order)[0])
    with pytest.raises(InvalidRequestError, match="L-049"):
        builder.original(dispatch(office, "S-2"), load_of(builder, less=-1), at=office.clock.now())


def test_what_has_arrived_in_doubt_is_replaced(office: Office) -> None:
    doubtful = in_doubt(office, asn_of(office, accepted_order(office)), "drop_after")
    assert "as a replacement" in doubtful.outcome.advice  # type: ignore[union-attr]
    resent = office.after(doubtful, 15)
    assert type_of(resent) == "Replace"
    assert resent.number > doubtful.number
    assert isinstance(office.check(doubtful).outcome, Superseded)
    assert office.after(resent, 15).outcome == Taken()
    assert states(office) == [
        ("Original", SubmissionState.SUPERSEDED),
        ("Replace", SubmissionState.CONFIRMED),
    ]


def test_what_never_arrived_is_replaced_and_then_sent_as_an_original(office: Office) -> None:
    doubtful = in_doubt(office, asn_of(office, accepted_order(office)), "drop_before")
    resent = office.after(doubtful, 15)
    original = office.after(resent, 15)
    assert type_of(original) == "Original"
    assert office.after(original, 15).outcome == Taken()
    assert states(office) == [
        ("Original", SubmissionState.SUPERSEDED),
        ("Replace", SubmissionState.REFUSED),
        ("Original", SubmissionState.CONFIRMED),
    ]
    sent = office.client.vendor.history(ledger=office.ledger).confirmations
    assert [each.outcome for each in sent] == [Outcome.UNKNOWN, Outcome.TAKEN]


def test_a_program_that_waits_is_given_the_last_of_them(office: Office) -> None:
    doubtful = in_doubt(office, asn_of(office, accepted_order(office)), "drop_before")
    resent = office.after(doubtful, 1)
    ended = office.after(office.after(resent, 15), 15)
    waited = office.client.vendor.wait(ended, ledger=office.ledger, timeout=1)
    assert waited.outcome == Taken()


def test_a_replacement_in_doubt_is_sent_again_as_it_is(office: Office) -> None:
    doubtful = in_doubt(office, asn_of(office, accepted_order(office)), "drop_after")
    office.fail("drop_after", operation=CONFIRM)
    with pytest.raises(OutcomeUnknownError):
        office.after(doubtful, 15)
    (replacement,) = office.client.vendor.submissions(ledger=office.ledger, open=True)
    assert type_of(replacement) == "Replace"
    again = office.check(replacement)
    assert again.number == replacement.number
    assert office.after(again, 15).outcome == Taken()
    assert [kind for kind, _ in states(office)] == ["Original", "Replace"]


def test_what_is_refused_for_another_reason_is_left_to_a_person(office: Office) -> None:
    order = accepted_order(office)
    asn = asn_of(office, order)
    asn.confirmation.ship_to_party.party_id = "NONE9"
    resent = office.after(in_doubt(office, asn, "drop_before"), 15)
    refused = office.after(resent, 15)
    assert isinstance(refused.outcome, Refused)
    assert states(office)[-1] == ("Replace", SubmissionState.REFUSED)
    assert not refused.is_open


def test_a_replacement_of_what_amazon_had_is_not_made_an_original(office: Office) -> None:
    order = accepted_order(office)
    asn = asn_of(office, order)
    asn.confirmation.ship_to_party.party_id = "NONE9"
    assert isinstance(office.after(submitted(office, asn), 15).outcome, Refused)
    context = context_of(office, order)
    assert context.history is not None
    assert list(context.history.confirmations) == []
    asn.confirmation.ship_to_party = api.PartyIdentification(
        party_id=AsnBuilder(context, SHIP_FROM).lines[0].centre
    )
    asn.confirmation.shipment_confirmation_type = api.ShipmentConfirmationType.REPLACE
    refused = office.after(submitted(office, asn), 15)
    assert isinstance(refused.outcome, Refused)
    assert states(office) == [("Original", SubmissionState.REFUSED), ("Replace", SubmissionState.REFUSED)]


def test_another_process_that_has_begun_first_sends_it(office: Office) -> None:
    doubtful = in_doubt(office, asn_of(office, accepted_order(office)), "drop_after")
    begin = office.ledger.begin
    office.ledger.begin = lambda *_, **__: None  # type: ignore[method-assign]  # as where another was first
    waiting = office.after(doubtful, 2)
    assert (waiting.number, waiting.state) == (doubtful.number, SubmissionState.UNKNOWN)
    office.ledger.begin = begin  # type: ignore[method-assign]
    assert office.after(office.check(waiting), 15).outcome == Taken()


def test_an_identifier_is_used_once_and_a_replacement_may_follow(office: Office) -> None:
    order = accepted_order(office)
    asn = asn_of(office, order)
    found = office.after(submitted(office, asn), 15)
    with pytest.raises(InvalidRequestError, match="shipment_identifier: L-030"):
        submitted(office, asn)
    builder = AsnBuilder(context_of(office, order), SHIP_FROM)
    same = Load(
        cartons=tuple(
            PackedCarton(contents=(Content(line=line.key, amount=line.accepted - 1),))
            for line in builder.lines
        )
    )
    lower = builder.replacement(dispatch(office), same, at=office.clock.now())
    assert office.after(submitted(office, lower), 15).outcome == Taken()
    office.pass_time(8 * 86_400)
    with pytest.raises(InvalidRequestError, match=r"L-077.*more than 7 days"):
        submitted(office, lower)
    assert office.check(found).state is SubmissionState.CONFIRMED
    history = office.client.vendor.history(ledger=office.ledger)
    assert len(history.confirmations) == 2


def test_what_is_in_doubt_is_not_submitted_as_an_original_by_hand(office: Office) -> None:
    asn = asn_of(office, accepted_order(office))
    in_doubt(office, asn, "drop_after")
    with pytest.raises(InvalidRequestError, match="L-030: was sent before, and it is not known"):
        submitted(office, asn)
    assert office.count(CONFIRM) == 1


def test_what_a_replacement_followed_at_once_is_still_pending(office: Office) -> None:
    order = accepted_order(office)
    asn = asn_of(office, order)
    submitted(office, asn)
    builder = AsnBuilder(context_of(office, order), SHIP_FROM)
    load = Load(cartons=(PackedCarton(contents=(Content(line=builder.lines[0].key, amount=1),)),))
    submitted(office, builder.replacement(dispatch(office), load, at=office.clock.now()))
    assert [state for _, state in states(office)] == [SubmissionState.SUPERSEDED, SubmissionState.SENT]
    sent = office.client.vendor.history(ledger=office.ledger).confirmations
    assert [each.outcome for each in sent] == [Outcome.PENDING, Outcome.PENDING]


def test_a_rule_about_identifiers_can_be_overruled(office: Office) -> None:
    asn = asn_of(office, accepted_order(office))
    office.after(submitted(office, asn), 15)
    again = office.after(submitted(office, asn, overrule=["L-030"]), 15)
    assert isinstance(again.outcome, Refused)


def test_a_warning_can_be_made_an_error(office: Office) -> None:
    asn = asn_of(office, accepted_order(office))
    assert "L-053" in {each.rule for each in asn.warnings}
    with pytest.raises(InvalidRequestError, match="L-053: has no SSCC"):
        submitted(office, asn, raise_to_error=["L-053"])
    assert office.count(CONFIRM) == 0


def test_a_client_of_another_vendor_code_submits_nothing(office: Office) -> None:
    asn = asn_of(office, accepted_order(office))
    client = office.make_client(vendor_code="OTHER")
    with pytest.raises(InvalidRequestError, match="document: is for the order of another vendor code"):
        client.vendor.submit(asn, ledger=office.ledger)


def request_of(office: Office, order: Order) -> RoutingRequest:
    builder = RoutingBuilder(context_of(office, order), SHIP_FROM)
    pickup = Pickup(
        identifier="P-1",
        pick_up_at=office.clock.now() + timedelta(days=7),
        ship_mode=api.ShipmentType.SMALL_PARCEL,
        weight=Mass.of(20, "lb"),
        volume=VOLUME,
    )
    return builder.request(pickup, load_of(builder), at=office.clock.now())


def test_a_routing_request_is_submitted_and_cancelled(office: Office) -> None:
    order = accepted_order(office)
    request = request_of(office, order)
    found = submitted(office, request)
    assert (found.kind, found.reference) == (SubmissionKind.TRANSPORTATION_REQUEST, "P-1")
    assert office.after(found, 15).outcome == Taken()
    state = office.client.vendor.pickup_state("P-1")
    context = context_of(office, order)
    assert context.history is not None
    assert [each.outcome for each in context.history.requests] == [Outcome.TAKEN]
    cancel = RoutingBuilder(context, SHIP_FROM).cancel(state.shipment, at=office.clock.now())
    assert office.after(submitted(office, cancel), 15).outcome == Taken()
    assert office.client.vendor.pickup_state("P-1") is None


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_a_routing_request_in_doubt_is_sent_again(office: Office, kind: str) -> None:
    doubtful = in_doubt(office, request_of(office, accepted_order(office)), kind, REQUEST)
    again = office.check(doubtful)
    assert again.number == doubtful.number
    assert office.after(again, 15).outcome == Taken()


def test_a_warning_of_a_routing_request_can_be_made_an_error(office: Office) -> None:
    order = accepted_order(office)
    request = request_of(office, order)
    builder = RoutingBuilder(context_of(office, order), SHIP_FROM, overrule=["L-091"])
    soon = Pickup(
        identifier="P-1",
        pick_up_at=office.clock.now() + timedelta(hours=1),
        ship_mode=api.ShipmentType.SMALL_PARCEL,
        weight=Mass.of(20, "lb"),
        volume=VOLUME,
    )
    overruled = builder.request(soon, load_of(builder), at=office.clock.now())
    assert [each.rule for each in overruled.warnings] == ["L-091"]
    finding = replace_severity(overruled)
    with pytest.raises(InvalidRequestError, match="L-091"):
        submitted(office, finding, raise_to_error=["L-091"])
    assert submitted(office, request, raise_to_error=["L-091"]).is_open


def replace_severity(request: RoutingRequest) -> RoutingRequest:
    """Return a request whose warnings are not of errors that were overruled."""
    return request._replace(warnings=tuple(each._replace(is_overruled=False) for each in request.warnings))


def test_a_history_of_several_pages_is_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spshipping.vendor.history._PAGE", 2)
    request = request_of(office, accepted_order(office))
    for number in range(3):
        request.shipment.vendor_shipment_identifier = f"P-{number}"
        submitted(office, request)
    history = office.client.vendor.history(ledger=office.ledger)
    assert [each.document.vendor_shipment_identifier for each in history.requests] == ["P-0", "P-1", "P-2"]
    assert len(history.acknowledgements) == 1


def test_what_never_left_is_no_part_of_history(office: Office) -> None:
    asn = asn_of(office, accepted_order(office))
    client = office.make_client(endpoint="http://127.0.0.1:9")
    with pytest.raises(SpShippingError):
        client.vendor.submit(asn, ledger=office.ledger)
    assert client.vendor.history(ledger=office.ledger).confirmations == []


@pytest.mark.parametrize("make", [asn_of, request_of])
def test_the_sender_is_in_no_traceback_and_no_repr(office: Office, make: Any) -> None:
    document = make(office, accepted_order(office))
    office.fail("drop_after", count=2, operation=CONFIRM if isinstance(document, Asn) else REQUEST)
    with pytest.raises(OutcomeUnknownError) as caught:
        submitted(office, document)
    shown = "".join(TracebackException.from_exception(caught.value, capture_locals=True).format())
    (found,) = office.client.vendor.submissions(ledger=office.ledger, open=True)
    assert "1 Mill Lane" in found.body
    for text in (shown, repr(found), repr(document), repr(caught.value)):
        assert "1 Mill Lane" not in text
