"""Reports of attempts to the log and to who listens; none of it can fail a call."""

import logging
from collections.abc import Iterator

import pytest

from spshipping import Attempt, TransportError
from spshipping.meta import Deviation
from spshipping.transport.decode import Decoded
from spshipping.transport.http import HttpFailure, HttpResponse
from spshipping.transport.io import run
from spshipping.transport.log import log
from spshipping.transport.repeat import Refusal
from spshipping.transport.report import (
    attempt_of,
    is_watched,
    log_deviations,
    log_end,
    quietly,
    report,
)
from spshipping.transport.retry import Outcome
from tests.kit import ScriptedTransport, answer, client_of
from tests.unit.transport.test_pipeline import CALLS

CALL = CALLS["none"]
SENDER = client_of(ScriptedTransport())._parts.sender
RULES, PARTS = SENDER.rules, SENDER.parts


@pytest.fixture
def level() -> Iterator[logging.Logger]:
    logger = logging.getLogger("spshipping")
    before = logger.level
    yield logger
    logger.setLevel(before)


def attempt(
    came: HttpResponse | HttpFailure | None, refusal: Refusal | None = None, wait: float | None = None
) -> Attempt:
    return attempt_of(
        RULES,
        CALL,
        3,
        came,
        refusal,
        was_sent=True,
        waited=1.0,
        elapsed=2.0,
        wait=wait,
        quota_left=9.0,
    )


@pytest.mark.parametrize(
    ("made", "facts"),
    [
        (attempt(answer(200)), ("answered", 200, None, "req-1")),
        (attempt(None), ("interrupted", None, None, None)),
        (
            attempt(HttpFailure("cut", True, 200, "r7"), Refusal(Outcome.LOST, TransportError("x"))),
            ("lost", 200, "cut", "r7"),
        ),
        (
            attempt(answer(200), Refusal(Outcome.LOST, TransportError("x"))),
            ("lost", 200, "unreadable", "req-1"),
        ),
        (
            attempt(answer(503), Refusal(Outcome.BROKEN, TransportError("x"))),
            ("broken", 503, None, "req-1"),
        ),
    ],
)
def test_an_attempt_says_what_it_ended_in(
    made: Attempt, facts: tuple[str, int | None, str | None, str | None]
) -> None:
    assert (made.outcome, made.status, made.failure, made.request_id) == facts
    assert (made.operation, made.route, made.endpoint) == ("look", CALL.operation.route, RULES.endpoint)
    assert (made.number, made.was_sent, made.waited, made.elapsed, made.quota_left) == (
        3,
        True,
        1.0,
        2.0,
        9.0,
    )


def test_an_attempt_is_reported_to_the_log_and_to_who_listens(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Attempt] = []
    for made in (attempt(answer(503), Refusal(Outcome.BROKEN, TransportError("x")), 0.5), attempt(None)):
        run(report(RULES._replace(on_reply=seen.append), PARTS, made))
        run(report(RULES, PARTS, made))
    assert [one.outcome for one in seen] == ["broken", "interrupted"]
    assert [record.getMessage() for record in caplog.records[::2]] == [
        "look: attempt 3: 503 in 2.000 s, after 1.000 s for the quota, 9.0 left; next attempt in 0.500 s,"
        " request req-1",
        "look: attempt 3: interrupted in 2.000 s, after 1.000 s for the quota, 9.0 left; no further attempt,"
        " request None",
    ]


def test_nobody_is_told_where_nobody_listens(level: logging.Logger) -> None:
    level.setLevel(logging.INFO)
    assert not is_watched(RULES)
    assert is_watched(RULES._replace(on_reply=print))
    level.setLevel(logging.DEBUG)
    assert is_watched(RULES)


def test_a1_what_only_listens_can_fail_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ZeroDivisionError("Ann Smith")

    async def work() -> None:
        done.append(1)

    done: list[int] = []
    run(quietly("on_reply", fail))
    run(quietly("on_reply", work))
    assert done == [1]
    assert [record.getMessage() for record in caplog.records] == [
        "on_reply raised ZeroDivisionError; ignored"
    ]


def test_an_interrupt_of_what_only_listens_passes() -> None:
    async def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(quietly("on_reply", interrupt))


def test_a1_a_handler_of_the_log_that_raises_is_passed_over(level: logging.Logger) -> None:
    class Broken(logging.Handler):
        def handle(self, record: logging.LogRecord) -> bool:
            heard.append(record.getMessage())
            raise ValueError

    heard: list[str] = []
    broken = Broken()
    level.addHandler(broken)
    try:
        level.setLevel(logging.INFO)
        log(logging.INFO, "%s", "heard")
        log(logging.DEBUG, "%s", "below the level")
        log_end(CALL, 200, 2, 0.5, "r1")
    finally:
        level.removeHandler(broken)
    assert heard == ["heard", "look: 200 after 2 attempt(s) in 0.500 s, request r1"]


def test_each_kind_of_repair_is_logged_once_for_each_place(caplog: pytest.LogCaptureFixture) -> None:
    parts = PARTS._replace(logged=set())
    found = tuple(Deviation(f"notes[{number}].a", "unreadable") for number in range(3))
    for _ in range(2):
        log_deviations(parts, CALL, Decoded(None, found, ()))
    log_deviations(parts, CALL, Decoded(None, (Deviation("notes[0].a", "converted"),), ()))
    assert [record.getMessage() for record in caplog.records] == [
        "look: the answer's notes[].a was unreadable; read leniently",
        "look: the answer's notes[].a was converted; read leniently",
    ]
