"""The clock of Amazon, learned from its answers: time filters hold where this machine's clock is wrong."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from spshipping import BadRequestError, Effect, Operation, PagedOperation, Paging, Parameter, Quota
from spshipping.clock import SystemClock
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.transport.server_clock import ServerClock, seconds_ahead
from tests.drives import Drive, Loop, Threads
from tests.kit import START, FakeClock, ScriptedTransport, answer, client_of, refusal

SECOND = timedelta(seconds=1)
FIND: PagedOperation[dict[str, Any], Any] = PagedOperation(
    "find",
    "GET /find",
    query=(Parameter("changedBefore", written="time", is_before=True), Parameter("token")),
    returns=dict[str, Any],
    pages=Paging("token", items_of=lambda page: page["items"], next_of=lambda page: page.get("next")),
    quota=Quota(100.0, burst=100),
    effect=Effect.NONE,
)


def date(time: datetime) -> str:
    return format_datetime(time.replace(microsecond=0), usegmt=True)


class Amazon(ScriptedTransport):
    """Refuses an end later than two minutes ago, by a clock of its own; or takes it, if it is lenient."""

    def __init__(self, clock: FakeClock, ahead: float, *, is_strict: bool = True, says: bool = True) -> None:
        super().__init__()
        self.time, self._ahead, self._is_strict, self._says = clock, ahead, is_strict, says
        self.asked: list[str] = []

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        now = self.time.now() - timedelta(seconds=self._ahead)
        stated = {"date": date(now)} if self._says else {}
        if not request.url.endswith("/auth/o2/token"):
            query = parse_qs(urlsplit(request.url).query)
            self.asked += query.get("changedBefore", [])
            late = self.asked and datetime.fromisoformat(self.asked[-1]) > now - timedelta(minutes=2)
            if late and self._is_strict and "token" not in query:
                self.steps = [
                    refusal(400, "InvalidInput", "changedBefore must be at least two minutes ago", **stated)
                ]
            else:
                self.steps = [answer(200, {"items": [1], "next": "2"}, **stated)]
        return super().exchange(request, limits)


@pytest.fixture(params=[Threads, Loop], ids=["threads", "asyncio"])
def drive(request: pytest.FixtureRequest) -> Iterator[Drive]:
    made: Drive = request.param()
    yield made
    made.close()


@pytest.mark.parametrize("ahead", [100.0, -100.0, 3600.0, -3600.0])
def test_c3_a_clock_that_is_wrong_is_corrected_by_the_first_answer(drive: Drive, ahead: float) -> None:
    clock = FakeClock()
    network = Amazon(clock, ahead)
    client = drive.client(network, clock)
    for _ in range(2):
        assert client.send(FIND(query={"changedBefore": clock.now()})).value["items"] == [1]
    # refused once at the most, and then as late as Amazon takes it
    assert len(network.asked) == (3 if ahead > 0 else 2)
    latest = START - timedelta(seconds=ahead + 125)
    assert datetime.fromisoformat(network.asked[-1]) == min(START, latest)


def test_c3_a_page_stays_as_it_is_whatever_was_learned(drive: Drive) -> None:
    clock = FakeClock()
    network = Amazon(clock, 100.0, is_strict=False)
    client = drive.client(network, clock)
    first = client.send(FIND(query={"changedBefore": clock.now()}))
    client.send(first.next_call)
    assert network.asked[0] == network.asked[1]


@pytest.mark.parametrize(("ahead", "words"), [(3 * 86400.0, "ahead of"), (-3 * 86400.0, "behind")])
def test_c3_a_refusal_that_is_about_time_speaks_of_the_clock(drive: Drive, ahead: float, words: str) -> None:
    clock = FakeClock()
    stated = date(START - timedelta(seconds=ahead))
    refused = refusal(400, "InvalidInput", "changedBefore is no time that can be", date=stated)
    with pytest.raises(BadRequestError, match=f"this machine's clock is 259200 s {words} Amazon's"):
        drive.client(ScriptedTransport([refused]), clock).send(FIND(query={"changedBefore": START}))


def test_c3_without_a_date_a_refusal_that_is_about_time_says_what_to_compare() -> None:
    clock = FakeClock()
    network = Amazon(clock, 100.0, says=False)
    with pytest.raises(BadRequestError, match="compare this machine's with it"):
        client_of(network, clock).send(FIND(query={"changedBefore": clock.now()}))
    assert len(network.asked) == 1


@pytest.mark.parametrize(
    ("status", "message", "query"),
    [
        (400, "changedBefore is malformed", {"changedBefore": START}),  # the clocks agree
        (400, "no such shop", {"changedBefore": START}),
        (400, "changedBefore is needed", {}),
        (403, "changedBefore is not allowed", {"changedBefore": START}),
    ],
)
def test_c3_any_other_refusal_says_nothing_of_clocks(
    status: int, message: str, query: dict[str, Any]
) -> None:
    network = ScriptedTransport([refusal(status, "InvalidInput", message, date=date(START))])
    with pytest.raises(Exception, match=message) as caught:
        client_of(network).send(FIND(query=query))
    assert "clock" not in str(caught.value)


BUY = Operation(
    "buy",
    "POST /buy",
    query=(Parameter("changedBefore", written="time", is_before=True),),
    returns=dict[str, Any],
    quota=Quota(100.0, burst=100),
    effect=Effect.ONCE,
)


def test_c3_what_changes_something_is_never_sent_again_for_it() -> None:
    clock = FakeClock()
    network = Amazon(clock, 100.0)
    with pytest.raises(BadRequestError, match="100 s ahead of"):
        client_of(network, clock).send(BUY(query={"changedBefore": clock.now()}))
    assert len(network.asked) == 1


def learned(*answers: tuple[float, float], start: float = 0.0) -> float:
    """Return the offset after answers: how far each header is ahead, and how long it took."""
    clock = FakeClock(START + timedelta(seconds=0.5))
    known = ServerClock(clock)
    known.offset = start
    for ahead, seconds in answers:
        clock.elapsed += 10
        known.learn(date(clock.now() + timedelta(seconds=ahead)), seconds)
    return known.offset


def test_c3_only_what_contradicts_the_clock_changes_anything() -> None:
    assert learned((0.0, 0.0), (-1.0, 0.9), (0.4, 0.0)) == 0.0
    # a slow answer may have been written at its beginning
    assert learned((-30.0, 31.0)) == 0.0
    assert learned((-30.0, 5.0)) == -30.5
    # what is known already and is not contradicted stays
    assert learned((-100.0, 0.1), (-100.2, 0.4), (-120.0, 40.0)) == -100.5
    # a clock that was set right
    assert learned((-100.0, 0.1), (0.0, 0.1)) == 0.0
    assert learned((100.0, 0.1)) == 99.5


def test_c3_what_is_no_time_of_now_teaches_nothing() -> None:
    assert learned((-2 * 86400.0, 0.1), (2 * 86400.0, 0.1)) == 0.0
    known = ServerClock(FakeClock())
    for stated in ("", "yesterday", "Sun, 99 Foo 2026 99:99:99 GMT", "Fri, 31 Dec 99999 00:00:00 GMT"):
        known.learn(stated, 0.1)
    assert known.offset == 0.0
    known.learn(date(START - 100 * SECOND), 0.1)
    assert known.offset == -100.0
    assert known.is_news(date(START))
    assert not known.is_news(date(START - 100 * SECOND))
    assert not known.is_news(None)
    assert seconds_ahead("Sun, 01 Mar 2026 12:00:07 -0000", START) == 7.0


def test_c3_the_answer_of_a_proxy_teaches_nothing() -> None:
    clock = FakeClock()
    stray = HttpResponse(200, {"date": date(START - 100 * SECOND)}, b"{}")
    client = client_of(ScriptedTransport([stray]), clock)
    client.send(FIND())
    assert client.context.clock.now() == START


def test_c3_a_clock_that_is_far_off_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    learned((-100.0, 0.1), (-103.0, 0.1), (0.0, 0.1), (100.0, 0.1))
    assert [line.partition(";")[0] for line in caplog.messages] == [
        "this machine's clock is 100 s ahead of Amazon's",
        "this machine's clock is right again, and agrees with Amazon's",
        "this machine's clock is 100 s behind Amazon's",
    ]
    assert caplog.records[0].levelno == logging.WARNING


def test_c3_clients_of_one_process_learn_together() -> None:
    clock = FakeClock()
    client = client_of(Amazon(clock, 100.0, is_strict=False), clock)
    other = client.for_seller("Atzr|other")
    client.send(FIND())
    assert other.context.clock.now() == client.context.clock.now() == START - 100 * SECOND
    assert client.with_options(clock=FakeClock()).context.clock.now() == START


def test_c3_clients_with_the_machines_clock_learn_together() -> None:
    client = client_of(ScriptedTransport(), SystemClock())  # type: ignore[arg-type]
    assert client.for_seller("Atzr|other").context.clock is client.context.clock


def test_c3_the_corrected_clock_waits_as_the_other_does() -> None:
    clock = FakeClock()
    known = ServerClock(clock)
    known.offset = -100.0
    known.sleep(5.0)
    assert (clock.slept, known.monotonic()) == ([5.0], clock.monotonic())
    assert known.now() == START - 95 * SECOND
    assert known.now().tzinfo is UTC
    with pytest.raises(RuntimeError):
        run(known.sleep_async(1.0))  # it waits as tasks do
    assert clock.slept == [5.0, 1.0]
