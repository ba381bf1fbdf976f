"""Refusals that prove that an earlier attempt was carried out."""

import logging
from collections.abc import Callable

import pytest

from spshipping import BadRequestError, MissingFieldError, OutcomeUnknownError
from spshipping.errors import ApiError
from spshipping.operation import Effect, Operation
from tests.drives import CLIENTS, MakeClient
from tests.kit import ScriptedTransport, answer, refusal
from tests.unit.samples import SLOW, Gift
from tests.unit.transport.test_pipeline import LOST

GONE = refusal(400, "Gone", "it was halted before")


@pytest.fixture(params=CLIENTS.values(), ids=list(CLIENTS))
def client_of(request: pytest.FixtureRequest) -> MakeClient:
    """Return what makes a client, over threads or over asyncio."""
    made: MakeClient = request.param
    return made


def halt(is_done: Callable[[ApiError], bool] | None) -> Operation[Gift]:
    """Return an operation with this proof."""
    return Operation("halt", "PUT /halt", returns=Gift, quota=SLOW, effect=Effect.IDEMPOTENT, is_done=is_done)


def _is_gone(error: ApiError) -> bool:
    return error.code == "Gone"


def test_a_refusal_that_proves_it_is_a_success_of_which_nothing_is_known(client_of: MakeClient) -> None:
    reply = client_of(ScriptedTransport([LOST, GONE])).send(halt(_is_gone)())
    assert reply.meta.status == 400
    assert [each.code for each in reply.meta.errors] == ["Gone"]
    with pytest.raises(MissingFieldError):
        _ = reply.value.gift_id


def test_the_first_attempt_proves_nothing(client_of: MakeClient) -> None:
    with pytest.raises(BadRequestError):
        client_of(ScriptedTransport([GONE])).send(halt(_is_gone)())


@pytest.mark.parametrize("is_done", [None, lambda _: False])
def test_without_a_proof_the_outcome_stays_unknown(
    client_of: MakeClient, is_done: Callable[[ApiError], bool] | None, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(OutcomeUnknownError):
        client_of(ScriptedTransport([LOST, GONE])).send(halt(is_done)())
    assert "is_done" not in caplog.text


def test_an_attempt_that_is_no_refusal_is_not_looked_at(client_of: MakeClient) -> None:
    reply = client_of(ScriptedTransport([LOST, LOST, answer(200, {"giftId": "7"})])).send(halt(_is_gone)())
    assert reply.value.gift_id == "7"


def test_a_proof_that_raises_is_logged_and_proves_nothing(
    client_of: MakeClient, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(error: ApiError) -> bool:
        raise KeyError(error)

    with caplog.at_level(logging.WARNING, "spshipping"), pytest.raises(OutcomeUnknownError):
        client_of(ScriptedTransport([LOST, GONE])).send(halt(broken)())
    assert "halt: is_done= raised KeyError; ignored" in caplog.messages


@pytest.mark.parametrize(("effect", "returns"), [(Effect.NONE, Gift), (Effect.ONCE, type(None))])
def test_a_proof_is_refused_where_it_could_prove_nothing(effect: Effect, returns: type[object]) -> None:
    with pytest.raises(ValueError, match="is_done="):
        Operation("halt", "PUT /halt", returns=returns, quota=SLOW, effect=effect, is_done=_is_gone)
