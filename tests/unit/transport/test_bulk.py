"""`client.map`: many calls over threads."""

import gc
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import pytest

from spshipping import (
    Attempt,
    Call,
    InvalidRequestError,
    Mapped,
    Marketplace,
    NotFoundError,
    Progress,
    TransportError,
)
from spshipping.client import Client
from spshipping.operation import Effect, Operation, Quota
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials, refusal
from tests.unit.samples import LOOK, Gift


def look(gift_id: str) -> Call[Gift]:
    return LOOK(path={"giftId": gift_id})


class Shop(ScriptedTransport):
    """Answers each request with the gift that it asks for; gifts that begin with x are not there."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.gate: threading.Event | None = None
        self.is_on_the_line = threading.Event()

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        with self.lock:
            if request.url.endswith("token"):
                return super().exchange(request, limits)
            self.requests.append(request)
            self.limits.append(limits)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        gift = request.url.rpartition("/")[2]
        if self.gate:
            self.is_on_the_line.set()
            assert self.gate.wait(30)
        with self.lock:
            self.at_once -= 1
        if gift.startswith("x"):
            return refusal(404, "NotFound")
        return answer(200, {"giftId": gift})


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "spshipping map"]


def test_every_item_comes_back_once_with_its_own_answer() -> None:
    items = [str(number) for number in range(100)]
    with client_of(Shop()) as client:
        found = list(client.map(look, items, concurrency=16))
    assert sorted(result.item for result in found) == sorted(items)
    assert all(result.value.gift_id == result.item for result in found)
    assert workers() == []


def test_it_goes_on_past_failures_and_tells_how_far_it_is() -> None:
    seen: list[Progress] = []
    with client_of(Shop()) as client:
        found = {
            result.item: result
            for result in client.map(look, ["a", "x1", "b", "x2", "c"], on_progress=seen.append)
        }
    assert {item for item, result in found.items() if result.error} == {"x1", "x2"}
    assert isinstance(found["x1"].error, NotFoundError)
    assert found["x1"].reply is None
    with pytest.raises(NotFoundError):
        found["x1"].value  # noqa: B018 - it raises
    assert [progress.done for progress in seen] == [1, 2, 3, 4, 5]
    assert (seen[-1].failed, seen[-1].running) == (2, 0)
    assert {progress.last.item for progress in seen} == set(found)


def test_an_item_that_makes_no_call_fails_alone() -> None:
    with client_of(Shop()) as client:
        found = {result.item: result for result in client.map(look, ["a", "", "b"])}
    assert isinstance(found[""].error, InvalidRequestError)
    assert found["b"].value == Gift(gift_id="b")


def test_a_mistake_in_the_factory_is_raised_where_the_results_are_read() -> None:
    def broken(item: str) -> Call[Gift]:
        raise KeyError(item)

    with client_of(Shop()) as client, pytest.raises(KeyError):
        list(client.map(broken, ["a", "b"]))
    assert workers() == []


def test_a_call_has_the_context_of_the_one_who_maps_such_as_a_span() -> None:
    job: ContextVar[str] = ContextVar("job", default="none")
    seen: list[tuple[str, bool]] = []

    def note(_: Attempt) -> None:
        seen.append((job.get(), threading.current_thread() is threading.main_thread()))

    with client_of(Shop(), on_reply=note) as client:
        client.send(look("first"))  # signs in
        seen.clear()
        job.set("nightly")
        assert len(list(client.map(look, ["a", "b"]))) == 2
    assert seen == [("nightly", False)] * 2


def test_no_more_calls_are_under_way_than_asked_for() -> None:
    shop = Shop()
    with client_of(shop) as client:
        assert len(list(client.map(look, map(str, range(60)), concurrency=3))) == 60
    assert shop.most_at_once <= 3


def test_items_are_drawn_one_by_one() -> None:
    drawn: list[int] = []

    def endless() -> Iterator[str]:
        while True:
            drawn.append(len(drawn))
            yield str(len(drawn))

    with client_of(Shop()) as client:
        results = client.map(look, endless(), concurrency=4)
        for _ in range(10):
            next(results)
        results.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(drawn) <= 10 + 4


def test_nothing_is_sent_before_the_first_result_is_asked_for() -> None:
    shop = Shop()
    results = client_of(shop).map(look, ["a"])
    assert shop.requests == []
    assert [result.item for result in results] == ["a"]


def test_no_items_are_no_results() -> None:
    assert list(client_of(Shop()).map(look, [])) == []


@pytest.mark.parametrize("concurrency", [0, -1])
def test_a_concurrency_below_one_is_refused(concurrency: int) -> None:
    with pytest.raises(ValueError, match="whole number above 0"):
        client_of(Shop()).map(look, ["a"], concurrency=concurrency)


def test_the_options_hold_for_every_call() -> None:
    shop = Shop()
    with client_of(shop) as client:
        results = list(client.map(look, "ab", deadline=7.0, timeout=3.0))
    assert [result.error for result in results] == [None, None]
    assert {(limits.read, limits.ends_at) for limits in shop.limits} == {(3.0, 1007.0)}


def test_a9_an_option_that_makes_no_sense_is_refused_before_anything_is_sent() -> None:
    shop = Shop()
    wrong: list[Any] = [{"deadline": 0}, {"timeout": True}, {"max_wait": None}, {"tiemout": 3}]
    for options in wrong:
        with client_of(shop) as client, pytest.raises(InvalidRequestError, match=next(iter(options))):
            client.map(look, ["a"], **options)
    assert (shop.requests, shop.sign_ins) == ([], 0)


class Stuck(FakeClock):
    """A clock whose sleepers find that the time has not passed."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asleep = threading.Event()

    def sleep(self, seconds: float) -> None:
        self.is_asleep.set()


def test_when_the_loop_is_left_those_who_wait_give_up_their_turns() -> None:
    slow = Operation("slow", "GET /slow/{giftId}", returns=Gift, quota=Quota(0.0056, 1), effect=Effect.NONE)
    shop, clock = Shop(), Stuck()
    seen: list[Progress] = []
    client = Client(credentials(), Marketplace.UK, transport=shop, clock=clock)
    for _result in client.map(
        lambda item: slow(path={"giftId": item}), "abcd", concurrency=4, on_progress=seen.append
    ):
        assert clock.is_asleep.wait(30)
        break
    gc.collect()
    assert workers() == []
    assert len(shop.requests) == 1
    ends = [progress.last for progress in seen[1:]]
    assert {end.error.failure for end in ends if isinstance(end.error, TransportError)} <= {"cancelled"}


def test_when_it_is_interrupted_a_call_on_the_line_is_awaited_and_told() -> None:
    """The interrupt comes while one call is on the line: its answer reaches the progress callback."""
    shop = Shop()
    seen: list[Progress] = []
    shop.gate = threading.Event()

    def items() -> Iterator[str]:
        yield "a"
        assert shop.is_on_the_line.wait(30)
        threading.Timer(0, shop.gate.set).start() if shop.gate else None
        raise KeyboardInterrupt

    with client_of(shop) as client, pytest.raises(KeyboardInterrupt):
        list(client.map(look, items(), on_progress=seen.append))
    assert [progress.last.value for progress in seen] == [Gift(gift_id="a")]
    assert workers() == []


def test_a_result_shows_nothing_of_its_item() -> None:
    with client_of(Shop()) as client:
        shown = {repr(result) for result in client.map(look, ["a", "x-Ann-Smith"])}
    assert shown == {"<Mapped <Reply 200 to look: Gift(gift_id='a')>>", "<Mapped NotFoundError>"}


def test_a_result_needs_no_model() -> None:
    result: Mapped[str, Any] = Mapped("a", None, TransportError("no", failure="cut"))
    with pytest.raises(TransportError):
        result.value  # noqa: B018 - it raises
