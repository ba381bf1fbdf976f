"""Calls whose outcome nobody was given: they are kept, found in exceptions, and settled."""

import logging
from collections import deque
from typing import Any

import pytest

from spshipping import Call, Client, InvalidRequestError, OutcomeUnknownError, Reply
from spshipping.transport.http import HttpFailure
from spshipping.transport.unsettled import Unsettled, UnsettledCalls, attach, call_of
from tests.kit import FakeClock, ScriptedTransport, answer, client_of
from tests.unit.samples import BUY, GRAB, LOOK, Wish

KEYED = BUY(body=Wish(text="x")).with_key("key-1")
ONCE = GRAB(body=Wish(text="x"))
GOOD = answer(200, {"giftId": "1"})


def test_what_is_unsettled_shows_the_operation_and_nothing_of_anybody() -> None:
    reply = client_of(ScriptedTransport([GOOD])).send(KEYED)
    assert repr(Unsettled(KEYED, "KeyboardInterrupt")) == "<Unsettled buy, KeyboardInterrupt: no answer>"
    assert repr(Unsettled(KEYED, "Timeout", reply)) == "<Unsettled buy, Timeout: answered>"


def test_the_latest_are_kept_and_the_oldest_goes_first() -> None:
    calls = UnsettledCalls(most=2)
    assert calls.all() == ()
    added = [calls.add(KEYED.with_key(str(number)), "KeyboardInterrupt") for number in range(3)]
    assert calls.all() == tuple(added[1:])


def test_who_listens_is_told_once_and_cannot_cost_the_call(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Unsettled] = []

    def listen(unsettled: Unsettled) -> None:
        heard.append(unsettled)
        raise RuntimeError("Ann Smith")

    calls = UnsettledCalls(listen)
    unsettled = calls.add(KEYED, "KeyboardInterrupt")
    assert heard == [unsettled] == list(calls.all())
    assert [record.getMessage() for record in caplog.records] == ["on_unsettled raised RuntimeError; ignored"]


def test_a1_a_log_that_raises_costs_no_unsettled_call() -> None:
    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise ValueError(record.getMessage())

    def listen(unsettled: Unsettled) -> None:
        raise RuntimeError

    logger, broken = logging.getLogger("spshipping"), Broken()
    logger.addFilter(broken)
    try:
        calls = UnsettledCalls(listen)
        calls.add(KEYED, "KeyboardInterrupt")
    finally:
        logger.removeFilter(broken)
    assert len(calls.all()) == 1


def test_a_call_is_settled_with_every_other_of_its_key() -> None:
    calls = UnsettledCalls()
    calls.settle(KEYED)
    for call in (KEYED, KEYED.with_key("key-1"), KEYED.with_key("key-2"), ONCE):
        calls.add(call, "KeyboardInterrupt")
    calls.settle(BUY(body=Wish(text="y")).with_key("key-1"))
    assert [each.call for each in calls.all()] == [KEYED.with_key("key-2"), ONCE]
    # a call without a key is only itself: an equal one is another
    calls.settle(GRAB(body=Wish(text="x")))
    assert len(calls.all()) == 2
    calls.settle(ONCE)
    assert [each.call.key for each in calls.all()] == ["key-2"]


def test_two_who_listen_share_one_list() -> None:
    heard: list[Unsettled] = []
    calls = UnsettledCalls().of("seller")
    added = calls.of("seller", heard.append).add(KEYED, "KeyboardInterrupt")
    assert list(calls.all()) == heard == [added]


def test_the_calls_of_two_sellers_are_kept_apart_also_with_equal_keys() -> None:
    calls = UnsettledCalls()
    one, other = calls.of("one"), calls.of("other")
    mine, theirs = one.add(KEYED, "KeyboardInterrupt"), other.add(KEYED, "KeyboardInterrupt")
    assert (one.all(), other.all()) == ((mine,), (theirs,))
    assert not one.is_own(theirs)
    one.settle(KEYED)
    assert (one.all(), other.all()) == ((), (theirs,))


def test_a_call_that_another_thread_has_settled_is_no_fault() -> None:
    class Emptied(deque[Unsettled]):
        def remove(self, value: Unsettled) -> None:
            raise ValueError

    calls = UnsettledCalls()
    calls._shared.calls = Emptied()
    calls.add(KEYED, "KeyboardInterrupt")
    calls.settle(KEYED)
    assert len(calls._shared.calls) == 1


def test_case_70_a_lock_that_was_held_at_a_fork_does_not_hold_up_the_child() -> None:
    calls = UnsettledCalls()
    old = calls._shared.lock
    calls._shared.renew_locks()
    assert calls._shared.lock is not old


@pytest.mark.parametrize(
    ("call", "advice"),
    [(KEYED, "client.resolve(error) sends it again with its key key-1"), (ONCE, "look it up at Amazon")],
)
def test_a2_an_exception_that_passes_carries_the_call_and_says_what_to_do(
    call: Call[Any], advice: str
) -> None:
    error = KeyboardInterrupt()
    attach(call, error)
    assert call_of(error) is call
    assert error.__notes__ == [f"{call.operation.name} may have been carried out: {advice}"]


def test_a2_an_exception_without_room_for_it_passes_all_the_same() -> None:
    class ClosedError(BaseException):
        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    closed, odd = ClosedError(), KeyboardInterrupt()
    odd.__notes__ = "no list"  # type: ignore[assignment]  # somebody's mistake
    attach(KEYED, closed)
    attach(KEYED, odd)
    assert call_of(closed) is None
    assert call_of(odd) is KEYED


def chained(error: BaseException, *, is_cause: bool) -> BaseException:
    outer = RuntimeError("outer")
    if is_cause:
        outer.__cause__ = error
    else:
        outer.__context__ = error
    return outer


def test_a2_the_call_is_found_wherever_the_exception_went() -> None:
    error = KeyboardInterrupt()
    attach(KEYED, error)
    unknown = OutcomeUnknownError("x", call=KEYED)
    group = BaseExceptionGroup("x", [ValueError("first"), BaseExceptionGroup("y", [error])])
    found = [
        error,
        unknown,
        chained(error, is_cause=True),
        chained(unknown, is_cause=False),
        group,
        chained(group, is_cause=True),
    ]
    assert [call_of(each) for each in found] == [KEYED] * 6


def test_where_there_is_no_call_none_is_found() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    odd = ValueError("odd")
    odd.spshipping_call = "no call"  # type: ignore[attr-defined]  # somebody else's attribute
    for error in (one, odd, OutcomeUnknownError("x"), ExceptionGroup("x", [one])):
        assert call_of(error) is None


def interrupted(*steps: Any) -> tuple[Client, ScriptedTransport, KeyboardInterrupt]:
    """Interrupt a purchase that may have left."""
    transport = ScriptedTransport([KeyboardInterrupt(), *steps])
    client = client_of(transport, FakeClock())
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send(BUY(body=Wish(text="x")))
    return client, transport, caught.value


def test_a2_an_interrupted_purchase_is_resolved_with_its_key_by_whatever_names_it() -> None:
    by: list[Any] = [
        lambda client, error: error,
        lambda client, error: client.unsettled()[0],
        lambda client, error: client.unsettled()[0].call,
        lambda client, error: call_of(error),
        lambda client, error: BaseExceptionGroup("x", [error]),
    ]
    for named in by:
        client, transport, error = interrupted(GOOD)
        (unsettled,) = client.unsettled()
        assert (unsettled.interrupted_by, unsettled.reply) == ("KeyboardInterrupt", None)
        reply: Reply[Any] = client.resolve(named(client, error))
        assert reply.call == unsettled.call == call_of(error)
        one, other = transport.requests
        assert (one.headers["x-key"], one.body) == (other.headers["x-key"], other.body)
        assert client.unsettled() == ()


def test_a2_what_cannot_be_resolved_yet_stays_unsettled() -> None:
    client, _, error = interrupted(*[HttpFailure("cut", was_sent=True)] * 4)
    with pytest.raises(OutcomeUnknownError):
        client.resolve(error)
    assert len(client.unsettled()) == 1
    assert client.with_options(timeout=5.0).unsettled() == client.unsettled()
    other = client.for_seller("Atzr|another")
    assert other.unsettled() == ()
    with pytest.raises(InvalidRequestError, match="another seller's"):
        other.resolve(client.unsettled()[0])


def test_a2_what_has_no_effect_is_no_unsettled_call() -> None:
    client = client_of(ScriptedTransport([KeyboardInterrupt()]))
    with pytest.raises(KeyboardInterrupt) as caught:
        client.send(LOOK(path={"giftId": "1"}))
    assert client.unsettled() == ()
    assert call_of(caught.value) is None
