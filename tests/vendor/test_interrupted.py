"""What is interrupted between two notes of the ledger, and ledgers that fail, under threads and asyncio."""

from collections.abc import Callable
from typing import Any

import pytest

from spshipping import DecodeError
from spshipping.vendor.acknowledge import Acknowledgement, Doubtful, Pending, Superseded, Taken
from spshipping.vendor.ledger import MemoryLedger, SubmissionState
from tests.drives import DRIVES, Drive
from tests.kit import ScriptedTransport, answer
from tests.unit.vendor.acknowledge.orders import order as plain_order
from tests.vendor.conftest import Office
from tests.vendor.test_shipping import accepted_order, asn_of, in_doubt, states, type_of
from tests.vendor.test_submissions import accepted

pytestmark = pytest.mark.dates


class Killed(BaseException):
    """Ends the process where it is."""


def killed_at(office: Office, name: str, number: int = 1) -> None:
    """Let a step of the ledger end the process, the first time that it is taken or a later one."""
    real, calls = getattr(office.ledger, name), []

    def step(*args: Any, **more: Any) -> Any:
        calls.append(name)
        if len(calls) == number:
            setattr(office.ledger, name, real)
            raise Killed
        return real(*args, **more)

    setattr(office.ledger, name, step)


@pytest.mark.parametrize("step", ["history", "begin", "settle"])
def test_a_shipment_that_amazon_does_not_know_is_followed_wherever_the_process_is_killed(
    office: Office, step: str
) -> None:
    resent = office.after(in_doubt(office, asn_of(office, accepted_order(office)), "drop_before"), 2)
    assert type_of(resent) == "Replace"
    killed_at(office, step)
    with pytest.raises(Killed):
        office.after(resent, 15)
    for _ in range(6):
        office.pass_time(16 * 60)
        for each in list(office.client.vendor.submissions(ledger=office.ledger, open=True)):
            office.check(each)
    assert states(office)[-1] == ("Original", SubmissionState.CONFIRMED)


def test_an_original_that_was_begun_and_never_sent_is_sent_in_the_end(
    office: Office,
) -> None:
    resent = office.after(in_doubt(office, asn_of(office, accepted_order(office)), "drop_before"), 2)
    killed_at(office, "settle")
    with pytest.raises(Killed):
        office.after(resent, 15)
    office.pass_time(16 * 60)
    replacement, original = office.client.vendor.submissions(ledger=office.ledger, open=True)
    assert (type_of(replacement), type_of(original)) == ("Replace", "Original")
    assert isinstance(original.outcome, Doubtful)
    again = office.check(original)
    assert type_of(again) == "Replace"
    ended = office.after(office.after(again, 15), 15)
    assert (type_of(ended), ended.outcome) == ("Original", Taken())
    assert isinstance(office.check(replacement).outcome, Superseded)


class FullError(OSError):
    """The disk of the ledger is full."""


def full(*_: Any, **__: Any) -> Any:
    raise FullError


def test_a_ledger_that_fails_after_the_answer_does_not_cost_it(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    settle = office.ledger.settle
    office.ledger.settle = full  # type: ignore[method-assign]
    found = office.submit(Acknowledgement.of(office.order(), accept_po_cost=True).accept_all())
    assert (found.state, found.outcome) == (SubmissionState.SENT, Pending())
    assert found.transaction_id
    assert "the ledger raised FullError; ignored" in caplog.text
    office.ledger.settle = settle  # type: ignore[method-assign]
    again = office.after(found, 2)
    assert (again.number, again.state) == (found.number, SubmissionState.SENT)
    assert isinstance(office.after(again, 15).outcome, Taken)


@pytest.mark.parametrize("drive", DRIVES)
def test_nor_does_it_hide_that_the_answer_cannot_be_read(
    drive: Callable[[], Drive], caplog: pytest.LogCaptureFixture
) -> None:
    driven, ledger = drive(), MemoryLedger()
    ledger.settle = full  # type: ignore[method-assign]
    network = ScriptedTransport([answer(202, {"payload": {"transactionId": 7}})])
    client = driven.client(network, strict=True)
    with pytest.raises(DecodeError):
        client.vendor.submit(accepted(plain_order()), ledger=ledger)
    assert "the ledger raised FullError; ignored" in caplog.text
    driven.close()
