"""The bucket as a pure thing: laws over any schedule."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyrate_limiter import GCRA, Rate, RateItem, StateBucket

from spshipping.transport.bucket import SLACK_SECONDS, Bucket, Reservation

FOREVER = 1e12


def full(rate: float, burst: int) -> Bucket:
    return Bucket.full(rate, burst, 0.0)


def test_the_burst_goes_first_and_then_the_rate_holds() -> None:
    bucket = full(2.0, 3)
    waits = [bucket.reserve(0.0, 100.0).wait for _ in range(5)]
    assert waits == pytest.approx([0, 0, 0, 0.5 + SLACK_SECONDS, 1.0 + SLACK_SECONDS])


def test_a_turn_too_far_away_is_not_taken() -> None:
    bucket = full(0.0056, 1)
    assert bucket.reserve(0.0, 0.0).is_granted
    refused = bucket.reserve(0.0, 30.0)
    assert not refused.is_granted
    assert refused.wait == pytest.approx(178.6, abs=0.1)
    assert bucket.reserve(refused.wait, 0.001).is_granted


def test_a_429_empties_the_bucket_but_forgives_no_debt() -> None:
    bucket = full(1.0, 10)
    first = bucket.reserve(0.0, 0.0)
    bucket.drain(0.0, first)
    assert bucket.reserve(0.0, FOREVER).wait == 1.0
    bucket.drain(0.0, first)
    assert bucket.reserve(0.0, FOREVER).wait == 2.0


def test_all_429s_of_one_burst_tell_the_same() -> None:
    bucket = full(10.0, 10)
    turns = [bucket.reserve(0.0, 0.0) for _ in range(10)]
    for number, turn in enumerate(turns):
        bucket.drain(0.01 * number, turn)
    assert bucket.rate == 10.0
    assert bucket.state(0.09).wait == pytest.approx(0.01)


def test_a_429_to_a_turn_that_kept_to_the_rate_lowers_it_and_calm_raises_it_again() -> None:
    bucket = full(10.0, 1)
    bucket.drain(0.0, bucket.reserve(0.0, 0.0))
    paced = bucket.reserve(0.0, 1.0)
    bucket.drain(0.1, paced)
    assert bucket.rate == pytest.approx(4.8)
    assert [round(bucket.state(60.2 * n).rate, 1) for n in range(1, 8)] == [
        5.8,
        6.8,
        7.8,
        8.8,
        9.8,
        10.0,
        10.0,
    ]


def test_a_rate_is_never_lowered_below_a_tenth_of_what_was_stated() -> None:
    bucket, now = full(10.0, 1), 0.0
    bucket.reserve(now, 0.0)
    for _ in range(30):
        turn = bucket.reserve(now, FOREVER)
        now += turn.wait
        bucket.drain(now, turn)
    assert bucket.rate == 1.0


def test_a_slow_rate_takes_longer_to_be_calm() -> None:
    bucket = full(0.01, 1)
    bucket.drain(0.0, Reservation(0.0, 1, is_paced=True))
    assert bucket.state(999.0).rate == pytest.approx(0.0048)
    assert bucket.state(1000.0).rate == pytest.approx(0.0058)


def test_a_stated_rate_moves_the_turns_that_wait() -> None:
    bucket = full(10.0, 1)
    turns = [bucket.reserve(0.0, FOREVER) for _ in range(5)]
    bucket.learn(0.05, 1.0)
    assert [round(bucket.remaining(0.05, turn), 6) for turn in turns] == [0.0, 1.0, 2.0, 3.0, 4.0]
    bucket.learn(0.05, 100.0)
    assert [round(bucket.remaining(0.05, turn), 6) for turn in turns] == [0, 0.01, 0.02, 0.03, 0.04]


def test_a_stated_rate_does_not_undo_what_a_429_taught() -> None:
    bucket = full(10.0, 1)
    bucket.drain(0.0, Reservation(0.0, 1, is_paced=True))
    bucket.learn(0.0, 20.0)
    assert bucket.rate == pytest.approx(4.8)
    bucket.learn(0.0, 2.0)
    assert bucket.rate == 2.0


@pytest.mark.parametrize("stated", [float("nan"), float("inf"), 0.0, -1.0, 1000.1])
def test_a_rate_that_is_nonsense_is_not_learned(stated: float) -> None:
    bucket = full(10.0, 1)
    bucket.learn(0.0, stated)
    assert (bucket.rate, bucket.stated) == (10.0, 10.0)


def test_only_the_last_turn_can_be_given_back() -> None:
    bucket = full(1.0, 1)
    first, second, third = (bucket.reserve(0.0, FOREVER) for _ in range(3))
    bucket.give_back(second)
    assert bucket.taken == 3
    bucket.give_back(third)
    bucket.give_back(second)
    assert bucket.taken == first.number


def test_a_bucket_is_made_again_of_its_numbers() -> None:
    bucket = full(2.0, 3)
    for _ in range(5):
        bucket.reserve(0.0, FOREVER)
    bucket.drain(1.0, Reservation(0.0, 1))
    numbers: list[Any] = bucket.numbers()
    assert Bucket(*numbers).numbers() == numbers


def test_e8_a_reservation_of_a_lost_bucket_waits_until_it_was_due_and_no_longer() -> None:
    lost = Bucket(supplied=1999.0, taken=1999, at=2000.0, rate=1.0, plan=1.0, burst=1, era=1)
    late = lost.reserve(2000.0, FOREVER)
    assert late.wait == pytest.approx(1.0)
    found = Bucket.full(1.0, 1, 2000.0, era=2)
    for _ in range(50):
        found.reserve(2000.0, FOREVER)
    assert found.remaining(2000.4, late) == pytest.approx(0.6)
    assert found.remaining(2001.1, late) == 0.0


def test_e8_what_became_of_a_reservation_of_a_lost_bucket_says_only_that_nothing_is_left() -> None:
    other = Reservation(1.0, 5, is_paced=True, era=1)
    bucket = Bucket.full(10.0, 5, 0.0, era=2)
    for _ in range(5):
        bucket.reserve(0.0, FOREVER)
    bucket.give_back(other)
    assert bucket.taken == 5
    bucket = Bucket.full(10.0, 5, 0.0, era=2)
    bucket.drain(0.0, other)
    assert (bucket.rate, bucket.state(0.0).left) == (10.0, 0.0)


def test_e8_time_that_has_passed_is_credited_at_the_rate_that_it_had() -> None:
    bucket = full(1.0, 100)
    for _ in range(100):
        bucket.reserve(0.0, 0.0)
    bucket.learn(0.1, 2.0)
    bucket.learn(10.1, 20.0)
    assert bucket.state(10.1).left == pytest.approx(20.0 + 2.0 * SLACK_SECONDS)


def test_e8_time_in_which_the_bucket_was_full_is_not_credited() -> None:
    bucket = full(1.0, 30)
    bucket.state(0.0)
    at_once = [turn for turn in [bucket.reserve(60.0, FOREVER) for _ in range(60)] if not turn.wait]
    assert len(at_once) == 30
    bucket.learn(60.0, 5.0)
    assert bucket.state(60.0).left == -30.0


@pytest.mark.parametrize("stated", [2.0, 50.0])
def test_e8_nor_is_time_in_which_it_would_have_been_full_at_the_stated_rate(stated: float) -> None:
    bucket = full(1.0, 10)
    for _ in range(5):
        bucket.reserve(0.0, 0.0)
    for _ in range(8):
        bucket.reserve(4.0, 0.0)
    bucket.learn(4.0, stated)
    assert bucket.state(4.0).left <= 2.0


def test_e8_nor_is_such_time_taken_away() -> None:
    bucket = full(10.0, 20)
    for _ in range(5):
        bucket.reserve(0.0, 0.0)
    bucket.learn(60.0, 5.0)
    assert bucket.state(60.0).left == 20.0


def test_e8_the_first_word_from_amazon_still_counts_from_the_beginning() -> None:
    bucket = full(1.0, 10)
    turns = [bucket.reserve(0.0, FOREVER) for _ in range(20)]
    bucket.learn(1.0, 5.0)
    due = [turn for turn in turns if not bucket.remaining(1.0, turn)]
    assert len(due) == 10 + int(5.0 * (1.0 - SLACK_SECONDS))


def test_e8_a_lower_rate_that_is_stated_late_costs_a_burst_at_most() -> None:
    bucket = full(10.0, 20)
    for second in range(3600):
        for _ in range(10):
            bucket.reserve(float(second), FOREVER)
    left = bucket.state(3600.0).left
    bucket.learn(3600.0, 5.0)
    assert bucket.state(3600.0).left == left - 20


def test_e8_an_idle_hour_lets_the_rate_climb_all_the_way() -> None:
    bucket = full(10.0, 1)
    for _ in range(2):
        bucket.drain(0.0, bucket.reserve(0.0, FOREVER)._replace(is_paced=True))
    assert bucket.rate == pytest.approx(10.0 * 0.48**2)
    assert bucket.state(3600.0).rate == 10.0


def test_e8_each_step_of_the_climb_counts_from_its_own_time() -> None:
    bucket = full(1.0, 1000)
    for _ in range(1000):
        bucket.reserve(0.0, 0.0)
    bucket.drain(0.0, Reservation(0.0, 1000, is_paced=True))
    assert bucket.state(150.0).left == pytest.approx(60 * 0.48 + 60 * 0.58 + 30 * 0.68)


def test_a_place_that_was_given_back_can_draw_a_429_anew() -> None:
    bucket = full(1.0, 2)
    first, second = (bucket.reserve(0.0, 0.0) for _ in range(2))
    bucket.drain(0.0, first)
    bucket.give_back(second)
    again = bucket.reserve(5.0, 0.0)
    bucket.drain(5.0, again)
    assert bucket.state(5.0).left == 0.0


def test_e8_a_new_plan_is_adopted_at_once_for_the_time_to_come() -> None:
    bucket = full(1.0, 10)
    turns = [bucket.reserve(0.0, FOREVER) for _ in range(20)]
    bucket.adopt(5.0 + SLACK_SECONDS, 10.0, 10)
    left = [round(bucket.remaining(5.0 + SLACK_SECONDS, turn), 6) for turn in turns]
    assert left == [0.0] * 15 + [0.1, 0.2, 0.3, 0.4, 0.5]
    bucket.adopt(60.0, 10.0, 3)
    assert (bucket.stated, bucket.state(60.0).left) == (10.0, 3.0)


def test_e8_what_amazon_stated_counts_for_more_than_a_new_plan() -> None:
    bucket = full(1.0, 10)
    bucket.learn(0.0, 3.0)
    bucket.adopt(0.0, 2.0, 10)
    assert (bucket.plan, bucket.rate) == (2.0, 3.0)


def test_e8_what_a_429_taught_outlives_a_new_plan() -> None:
    bucket = full(10.0, 1)
    bucket.drain(0.0, Reservation(0.0, 1, is_paced=True))
    bucket.adopt(0.0, 20.0, 1)
    assert [bucket.stated, bucket.rate] == pytest.approx([20.0, 4.8])
    bucket.adopt(0.0, 2.0, 1)
    assert bucket.rate == 2.0


def test_e7_a_bucket_is_spare_once_it_is_full_and_calm_and_nobody_has_used_it() -> None:
    bucket = full(1.0, 2)
    for _ in range(4):
        bucket.reserve(0.0, FOREVER)
    assert [bucket.is_spare(now, 3.0) for now in (2.9, 4.0, 4.1)] == [False, False, True]
    assert bucket.state(4.0).left < 2.0
    bucket.drain(4.0, Reservation(0.0, 4, is_paced=True))
    assert not bucket.is_spare(100.0, 0.0)
    assert bucket.is_spare(3600.0, 60.0)


EVENT = st.one_of(
    st.tuples(st.just("take"), st.floats(0, 100)),
    st.tuples(st.just("wait"), st.floats(0, 5)),
    st.tuples(st.just("rest"), st.floats(0, 1000)),
    st.tuples(st.just("learn"), st.floats(0.01, 50)),
    st.tuples(st.just("plan"), st.floats(0.01, 50)),
    st.tuples(st.just("refuse"), st.floats(0, 1)),
    st.tuples(st.just("give back"), st.just(0.0)),
)
EVENTS = st.lists(EVENT, max_size=80)


class Line:
    """Callers in front of one bucket, on a clock of their own: each goes as soon as its turn is due."""

    def __init__(self, rate: float, burst: int) -> None:
        self.bucket, self.burst, self.now = full(rate, burst), burst, 0.0
        self.waiting: list[Reservation] = []
        self.gone: list[tuple[float, Reservation]] = []
        self.spans: list[tuple[float, float]] = []
        """Until when which rate was in force."""

    def pass_time(self, until: float) -> None:
        """Let everybody go who is due until then, in the order of time."""
        while self.waiting:
            wait, turn = min((self.bucket.remaining(self.now, turn), turn) for turn in self.waiting)
            if self.now + wait > until:
                break
            self.move(self.now + wait)
            self.waiting.remove(turn)
            self.gone.append((self.now, turn))
        self.move(until)

    def move(self, to: float) -> None:
        # calm raises the rate somewhere within; the stated one is never exceeded
        self.spans.append((to, self.bucket.stated))
        self.now = to

    def do(self, what: str, number: float) -> None:
        bucket = self.bucket
        if what == "take":
            turn = bucket.reserve(self.now, number)
            if turn.is_granted:
                self.waiting.append(turn)
        elif what == "learn":
            self.learn(number)
        elif what == "plan":
            bucket.adopt(self.now, number, self.burst)
        elif what == "refuse" and self.gone:
            bucket.drain(self.now, self.gone[int(number * (len(self.gone) - 1))][1])
        elif what == "give back" and self.waiting:
            bucket.give_back(self.waiting.pop())
        self.pass_time(self.now + (number if what in ("wait", "rest") else 0.0))

    def learn(self, rate: float) -> None:
        was_unsure = self.bucket.unsure_since >= 0
        self.bucket.learn(self.now, rate)
        if was_unsure and self.bucket.learned:
            # the rate was the same before it was stated
            self.spans = [(until, max(rate, self.bucket.learned)) for until, rate in self.spans]

    def supply(self) -> dict[float, float]:
        """Return how many tokens the rates in force had brought, by time."""
        found, at, total = {0.0: 0.0}, 0.0, 0.0
        for until, rate in self.spans:
            total += (until - at) * rate
            found[until] = total
            at = until
        return found


def assert_within_quota(line: Line) -> None:
    assert line.waiting == []
    supply = line.supply()
    times = [time for time, _ in line.gone]
    for index, first in enumerate(times):
        for count, last in enumerate(times[index:], start=1):
            assert count <= line.burst + supply[last] - supply[first] + 1e-6


@given(st.floats(0.01, 50), st.integers(1, 20), EVENTS)
@example(1.0, 1, [("wait", 1.0), ("take", 0.0), ("wait", 2.0), ("take", 0.0), ("learn", 2.0), ("take", 0.0)])
@example(1.0, 1, [("wait", 1.0), ("take", 0.0), ("rest", 2.0), ("learn", 2.0)] + [("take", 9.0)] * 3)
@example(
    1.0,
    10,
    [("take", 0.0)] * 5 + [("wait", 4.0)] + [("take", 0.0)] * 8 + [("learn", 5.0)] + [("take", 0.0)] * 9,
)
@example(5.0, 9, [("take", 100.0)] * 60 + [("wait", 1.0), ("plan", 1.0), ("wait", 1.0), ("learn", 9.0)])
def test_no_schedule_gets_more_than_burst_and_rate_allow_and_every_turn_comes(
    rate: float, burst: int, events: list[tuple[str, float]]
) -> None:
    line = Line(rate, burst)
    line.pass_time(0.0)
    for what, number in events:
        line.do(what, number)
    line.pass_time(line.now + 1e7)
    assert_within_quota(line)


@given(st.floats(0.01, 50), st.integers(1, 20), EVENTS)
def test_first_asked_is_first_served(rate: float, burst: int, events: list[tuple[str, float]]) -> None:
    line = Line(rate, burst)
    for what, number in events:
        line.do(what, number)
    line.pass_time(line.now + 1e7)
    numbers = [turn.number for _, turn in line.gone]
    assert numbers == sorted(numbers)


@given(st.floats(0.01, 50), st.integers(1, 20), EVENTS, st.integers(2, 9))
def test_e8_how_often_somebody_looks_changes_nothing(
    rate: float, burst: int, events: list[tuple[str, float]], looks: int
) -> None:
    """Rates rise and tokens come in by time, not by touch."""
    seen, unseen = full(rate, burst), full(rate, burst)
    now = 0.0
    for what, number in events:
        for bucket in (seen, unseen):
            if what == "take":
                bucket.reserve(now, FOREVER)
            elif what == "learn":
                bucket.learn(now, number)
            elif what == "plan":
                bucket.adopt(now, number, burst)
            elif what == "refuse":
                last = Reservation(0.0, bucket.taken, is_paced=number < 0.5)
                bucket.drain(now, last)
        if what in ("wait", "rest"):
            for look in range(looks):
                seen.state(now + number * look / looks)
            now += number
    assert seen.state(now) == pytest.approx(unseen.state(now), rel=1e-6, abs=1e-6)


@given(st.floats(0.01, 50), st.integers(1, 20), EVENTS, st.integers(0, 79), st.floats(0.01, 50))
def test_e8_when_a_bucket_is_lost_nobody_waits_longer_than_was_due(
    rate: float, burst: int, events: list[tuple[str, float]], lost_after: int, new_rate: float
) -> None:
    line, orphans, lost_at = Line(rate, burst), [], 0.0
    for number, event in enumerate(events):
        if number == lost_after:
            line.bucket = Bucket.full(new_rate, burst, line.now, era=1)
            orphans, lost_at = list(line.waiting), line.now
        line.do(*event)
    line.pass_time(line.now + 1e7)
    assert line.waiting == []
    went = [(at, turn.due) for at, turn in line.gone if turn in orphans]
    assert [at for at, _ in went] == pytest.approx([max(due, lost_at) for _, due in went])


@given(
    st.sampled_from([1, 2, 4, 5, 8, 10, 20, 25, 40]),
    st.integers(1, 10),
    st.lists(st.integers(0, 3000), max_size=60),
)
def test_who_may_go_at_once_is_who_another_librarys_bucket_lets_go(
    rate: int, burst: int, pauses: list[int]
) -> None:
    """Rates that divide a second, times in milliseconds: there the other is exact. It has no slack."""
    other = StateBucket([Rate(rate, 1000, burst)], GCRA())
    at = 1000
    ours = Bucket.full(float(rate), burst, at / 1000)
    for pause in pauses:
        at += pause
        mine = ours.reserve(at / 1000, 1e-6).is_granted
        ours.at = at / 1000
        assert mine is other.put(RateItem("x", at))
