"""The bucket as a pure thing: laws over any schedule."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrate_limiter import GCRA, Rate, RateItem, StateBucket

from spshipping.transport.bucket import SLACK_SECONDS, Bucket, Reservation

FOREVER = 1e12


def full(rate: float, burst: int) -> Bucket:
    return Bucket.full(rate, burst, 0.0)


def test_the_burst_goes_first_and_then_the_rate_holds() -> None:
    bucket = full(2.0, 3)
    waits = [bucket.reserve(0.0, 3, 100.0).wait for _ in range(5)]
    assert waits == pytest.approx([0, 0, 0, 0.5 + SLACK_SECONDS, 1.0 + SLACK_SECONDS])


def test_a_turn_too_far_away_is_not_taken() -> None:
    bucket = full(0.0056, 1)
    assert bucket.reserve(0.0, 1, 0.0).is_granted
    refused = bucket.reserve(0.0, 1, 30.0)
    assert not refused.is_granted
    assert refused.wait == pytest.approx(178.6, abs=0.1)
    assert bucket.reserve(refused.wait, 1, 0.001).is_granted


def test_a_429_empties_the_bucket_but_forgives_no_debt() -> None:
    bucket = full(1.0, 10)
    first = bucket.reserve(0.0, 10, 0.0)
    bucket.drain(0.0, 10, first)
    assert bucket.reserve(0.0, 10, FOREVER).wait == 1.0
    bucket.drain(0.0, 10, first)
    assert bucket.reserve(0.0, 10, FOREVER).wait == 2.0


def test_all_429s_of_one_burst_tell_the_same() -> None:
    bucket = full(10.0, 10)
    turns = [bucket.reserve(0.0, 10, 0.0) for _ in range(10)]
    for number, turn in enumerate(turns):
        bucket.drain(0.01 * number, 10, turn)
    assert bucket.rate == 10.0
    assert bucket.state(0.09, 10).wait == pytest.approx(0.01)


def test_a_429_to_a_turn_that_kept_to_the_rate_lowers_it_and_calm_raises_it_again() -> None:
    bucket = full(10.0, 1)
    bucket.drain(0.0, 1, bucket.reserve(0.0, 1, 0.0))
    paced = bucket.reserve(0.0, 1, 1.0)
    bucket.drain(0.1, 1, paced)
    assert bucket.rate == pytest.approx(4.8)
    assert [round(bucket.state(60.2 * n, 1).rate, 1) for n in range(1, 8)] == [
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
    bucket.reserve(now, 1, 0.0)
    for _ in range(30):
        turn = bucket.reserve(now, 1, FOREVER)
        now += turn.wait
        bucket.drain(now, 1, turn)
    assert bucket.rate == 1.0


def test_a_slow_rate_takes_longer_to_be_calm() -> None:
    bucket = full(0.01, 1)
    bucket.drain(0.0, 1, Reservation(0.0, 1, is_paced=True))
    assert bucket.state(999.0, 1).rate == pytest.approx(0.0048)
    assert bucket.state(1000.0, 1).rate == pytest.approx(0.0058)


def test_a_stated_rate_moves_the_turns_that_wait() -> None:
    bucket = full(10.0, 1)
    turns = [bucket.reserve(0.0, 1, FOREVER) for _ in range(5)]
    bucket.learn(0.05, 1, 1.0)
    assert [round(bucket.remaining(0.05, 1, turn.number), 6) for turn in turns] == [0.0, 1.0, 2.0, 3.0, 4.0]
    bucket.learn(0.05, 1, 100.0)
    assert [round(bucket.remaining(0.05, 1, turn.number), 6) for turn in turns] == [0, 0.01, 0.02, 0.03, 0.04]


def test_a_stated_rate_does_not_undo_what_a_429_taught() -> None:
    bucket = full(10.0, 1)
    bucket.drain(0.0, 1, Reservation(0.0, 1, is_paced=True))
    bucket.learn(0.0, 1, 20.0)
    assert bucket.rate == pytest.approx(4.8)
    bucket.learn(0.0, 1, 2.0)
    assert bucket.rate == 2.0


@pytest.mark.parametrize("stated", [float("nan"), float("inf"), 0.0, -1.0, 1000.1])
def test_a_rate_that_is_nonsense_is_not_learned(stated: float) -> None:
    bucket = full(10.0, 1)
    bucket.learn(0.0, 1, stated)
    assert (bucket.rate, bucket.stated) == (10.0, 10.0)


def test_only_the_last_turn_can_be_given_back() -> None:
    bucket = full(1.0, 1)
    first, second, third = (bucket.reserve(0.0, 1, FOREVER) for _ in range(3))
    bucket.give_back(second.number)
    assert bucket.taken == 3
    bucket.give_back(third.number)
    bucket.give_back(second.number)
    assert bucket.taken == first.number


def test_a_bucket_is_made_again_of_its_numbers() -> None:
    bucket = full(2.0, 3)
    for _ in range(5):
        bucket.reserve(0.0, 3, FOREVER)
    bucket.drain(1.0, 3, Reservation(0.0, 1))
    numbers: list[Any] = bucket.numbers()
    assert Bucket(*numbers).numbers() == numbers


EVENT = st.one_of(
    st.tuples(st.just("take"), st.floats(0, 100)),
    st.tuples(st.just("wait"), st.floats(0, 5)),
    st.tuples(st.just("learn"), st.floats(0.01, 50)),
    st.tuples(st.just("refuse"), st.floats(0, 1)),
    st.tuples(st.just("give back"), st.just(0.0)),
)


class Line:
    """Callers in front of one bucket, on a clock of their own: each goes as soon as its turn is due."""

    def __init__(self, rate: float, burst: int) -> None:
        self.bucket, self.burst, self.now = full(rate, burst), burst, 0.0
        self.waiting: list[Reservation] = []
        self.gone: list[tuple[float, Reservation]] = []
        self.supplied_at = 0.0
        self.supply = [(0.0, 0.0)]
        """When, and how many tokens the rates in force had brought until then."""

    def pass_time(self, until: float) -> None:
        """Let everybody go who is due until then, in the order of time."""
        while self.waiting:
            wait, turn = min(
                (self.bucket.remaining(self.now, self.burst, turn.number), turn) for turn in self.waiting
            )
            if self.now + wait > until:
                break
            self.move(self.now + wait)
            self.waiting.remove(turn)
            self.gone.append((self.now, turn))
        self.move(until)

    def move(self, to: float) -> None:
        # calm raises the rate somewhere within; the stated one is never exceeded
        self.supply.append((to, self.supply[-1][1] + (to - self.now) * self.bucket.stated))
        self.now = to

    def do(self, what: str, number: float) -> None:
        bucket = self.bucket
        if what == "take":
            turn = bucket.reserve(self.now, self.burst, number)
            if turn.is_granted:
                self.waiting.append(turn)
        elif what == "learn":
            bucket.learn(self.now, self.burst, number)
        elif what == "refuse" and self.gone:
            bucket.drain(self.now, self.burst, self.gone[int(number * (len(self.gone) - 1))][1])
        elif what == "give back" and self.waiting:
            bucket.give_back(self.waiting.pop().number)
        self.pass_time(self.now + (number if what == "wait" else 0.0))

    def supply_between(self, first: float, last: float) -> float:
        at = dict(self.supply)
        return at[last] - at[first]


@given(st.floats(0.01, 50), st.integers(1, 20), st.lists(EVENT, max_size=80))
def test_no_schedule_gets_more_than_burst_and_rate_allow_and_every_turn_comes(
    rate: float, burst: int, events: list[tuple[str, float]]
) -> None:
    line = Line(rate, burst)
    line.pass_time(0.0)
    for what, number in events:
        line.do(what, number)
    line.pass_time(line.now + 1e7)
    assert line.waiting == []
    times = [time for time, _ in line.gone]
    for index, first in enumerate(times):
        for count, last in enumerate(times[index:], start=1):
            assert count <= burst + line.supply_between(first, last) + 1e-6


@given(st.floats(0.01, 50), st.integers(1, 20), st.lists(EVENT, max_size=80))
def test_first_asked_is_first_served(rate: float, burst: int, events: list[tuple[str, float]]) -> None:
    line = Line(rate, burst)
    for what, number in events:
        line.do(what, number)
    line.pass_time(line.now + 1e7)
    numbers = [turn.number for _, turn in line.gone]
    assert numbers == sorted(numbers)


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
        mine = ours.reserve(at / 1000, burst, 1e-6).is_granted
        ours.at = at / 1000
        assert mine is other.put(RateItem("x", at))
