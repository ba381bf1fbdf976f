"""Feedback on failed deliveries, and claims: what is refused before it is sent, and what a repeat finds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from spshipping.errors import BadRequestError, InvalidRequestError, OutcomeUnknownError
from spshipping.shipping import (
    CREATE_CLAIM,
    SUBMIT_NDR_FEEDBACK,
    ClaimReason,
    CreateClaimRequest,
    NdrAction,
    NdrRequestData,
    SettlementType,
    SubmitNdrFeedbackRequest,
)
from spshipping.transport.http import HttpFailure, HttpResponse
from tests.drives import CLIENTS, MakeClient
from tests.kit import ScriptedTransport, answer, refusal

LOST = HttpFailure("timeout", was_sent=True)
EXISTS = refusal(
    400,
    "InvalidInputException",
    "Request is missing or has invalid parameters",
    "Claim already exists for the trackingId",
)
OTHER = refusal(400, "InvalidInputException", "Request is missing or has invalid parameters", "Not eligible")
CLAIM = CREATE_CLAIM(
    body=CreateClaimRequest(
        tracking_id="TBA1",
        claim_reason=ClaimReason.LOST_IN_TRANSIT,
        settlement_type=SettlementType.REFUND,
    )
)


@pytest.fixture(params=CLIENTS.values(), ids=list(CLIENTS))
def client_of(request: pytest.FixtureRequest) -> MakeClient:
    """Return what makes a client, over threads or over asyncio."""
    made: MakeClient = request.param
    return made


def feedback(action: NdrAction | str, **data: Any) -> SubmitNdrFeedbackRequest:
    """Return feedback with this action and these data."""
    return SubmitNdrFeedbackRequest(
        tracking_id="TBA1",
        ndr_action=NdrAction(action),
        ndr_request_data=NdrRequestData(**data) if data else None,
    )


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (feedback("RESCHEDULE"), "ndr_request_data.reschedule_date"),
        (feedback("RESCHEDULE", additional_address_notes="x"), "ndr_request_data.reschedule_date"),
        (feedback("REATTEMPT"), "ndr_request_data.additional_address_notes"),
        (feedback("REATTEMPT", additional_address_notes=""), "ndr_request_data.additional_address_notes"),
    ],
)
def test_feedback_without_what_its_action_needs_is_not_sent(
    client_of: MakeClient, request_: SubmitNdrFeedbackRequest, path: str
) -> None:
    transport = ScriptedTransport()
    with pytest.raises(InvalidRequestError) as caught:
        client_of(transport).send(SUBMIT_NDR_FEEDBACK(body=request_))
    assert caught.value.path == path
    assert transport.requests == []


@pytest.mark.parametrize(
    "request_",
    [
        feedback("RTO"),
        feedback("SOMETHING_NEW"),
        feedback("REATTEMPT", additional_address_notes="blue door"),
        feedback("RESCHEDULE", reschedule_date=datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_feedback_that_is_complete_is_sent(client_of: MakeClient, request_: SubmitNdrFeedbackRequest) -> None:
    transport = ScriptedTransport([answer(204, b"")])
    client_of(transport).send(SUBMIT_NDR_FEEDBACK(body=request_))
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    ("action", "data", "path"),
    [(["RESCHEDULE"], None, "ndr_action"), ("RESCHEDULE", "tomorrow", "ndr_request_data")],
)
def test_e6_feedback_of_the_wrong_type_is_refused_by_its_path(
    client_of: MakeClient, action: Any, data: Any, path: str
) -> None:
    wrong = SubmitNdrFeedbackRequest(tracking_id="T1", ndr_action=action, ndr_request_data=data)
    with pytest.raises(InvalidRequestError) as caught:
        client_of(ScriptedTransport()).send(SUBMIT_NDR_FEEDBACK(body=wrong))
    assert caught.value.path == path


def test_feedback_that_is_restored_from_its_bytes_is_sent(client_of: MakeClient) -> None:
    transport = ScriptedTransport([answer(204, b"")])
    call = SUBMIT_NDR_FEEDBACK.restore(path={}, query={}, headers={}, content=b"{}")
    client_of(transport).send(call)
    assert transport.requests[0].body == b"{}"


def test_a_claim_whose_answer_was_lost_is_done_when_the_repeat_finds_it(client_of: MakeClient) -> None:
    client = client_of(ScriptedTransport([LOST, EXISTS]))
    reply = client.send(CLAIM)
    assert reply.value.claim_id is None
    assert reply.meta.attempts == 2
    assert reply.meta.status == 400
    assert [each.details for each in reply.meta.errors] == ["Claim already exists for the trackingId"]


def test_a_claim_that_existed_before_is_refused(client_of: MakeClient) -> None:
    with pytest.raises(BadRequestError, match="already exists"):
        client_of(ScriptedTransport([EXISTS])).send(CLAIM)


def test_another_refusal_does_not_settle_a_lost_claim(client_of: MakeClient) -> None:
    with pytest.raises(OutcomeUnknownError) as caught:
        client_of(ScriptedTransport([LOST, OTHER])).send(CLAIM)
    assert isinstance(caught.value.cause, BadRequestError)


@pytest.mark.parametrize(("found", "claim_id"), [(EXISTS, None), (answer(201, {"claimId": "7"}), "7")])
def test_a_lost_claim_is_resolved_by_another_client(
    client_of: MakeClient, found: HttpResponse, claim_id: str | None
) -> None:
    with pytest.raises(OutcomeUnknownError) as caught:
        client_of(ScriptedTransport([LOST] * 9)).send(CLAIM)
    reply = client_of(ScriptedTransport([found])).resolve(caught.value)
    assert reply.value.claim_id == claim_id
