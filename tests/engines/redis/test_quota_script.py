"""What Redis does with a bucket is what `Bucket` does, to the last digit."""

import random
import struct
from typing import Any

import pytest

from spshipping.operation import Quota
from spshipping.transport.bucket import Bucket, Reservation
from spshipping.transport.bucket_script import FORM, LEAST_LIFE_SECONDS, MOST_LIFE_SECONDS
from spshipping.transport.redis import BUCKET_PREFIX, WORKERS_KEY, RedisQuota
from tests.engines.redis.servers import Server
from tests.kit import FakeClock

pytestmark = pytest.mark.engines

KEY = ("amzn1.application-oa2-client.x Atzr", "GET /orders")
START = 1_900_000_000.25
PLANS = (Quota(0.0056, 20), Quota(0.5, 1), Quota(5.0, 10), Quota(80.0, 100))
RATES = (0.0, -1.0, 0.001, 0.5, 5.0, 7.5, 80.0, 1000.0, 1001.0, float("nan"), float("inf"))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for Redis on a busy machine: whoever gives it up goes on without it, and shares no longer."""
    monkeypatch.setattr("spshipping.transport.redis.QUICK_SECONDS", 20.0)


class Pair:
    """One bucket twice: in Redis, and here."""

    def __init__(self, url: str) -> None:
        self.clock = FakeClock()
        self.keeper = RedisQuota(url, clock=self.clock)
        self.keeper._time = self.now
        self.plan = PLANS[0]
        self.bucket: Bucket | None = None
        self.held: list[tuple[Reservation, Reservation]] = []

    def now(self) -> float:
        return START + self.clock.elapsed

    def reserve(self, dice: random.Random) -> None:
        assert self.bucket is not None
        longest = dice.choice((0.0, 1.0, 60.0, 1e9))
        theirs = self.keeper.reserve(KEY, self.plan, longest)
        ours = self.bucket.reserve(self.now(), longest)
        assert theirs[:4] == ours[:4]
        if ours.is_granted:
            assert theirs.due == self.clock.monotonic() + ours.wait
            self.held = [*self.held[-30:], (theirs, ours)]

    def remaining(self, dice: random.Random) -> None:
        assert self.bucket is not None
        theirs, ours = dice.choice(self.held)
        assert self.keeper.remaining(KEY, self.plan, theirs) == self.bucket.remaining(self.now(), ours)

    def give_back(self, dice: random.Random) -> None:
        assert self.bucket is not None
        theirs, ours = self.held.pop(dice.choice((-1, dice.randrange(len(self.held)))))
        self.keeper.give_back(KEY, self.plan, theirs)
        self.bucket.give_back(ours)

    def drain(self, dice: random.Random) -> None:
        assert self.bucket is not None
        theirs, ours = dice.choice(self.held)
        self.keeper.drain(KEY, self.plan, theirs)
        self.bucket.drain(self.now(), ours)

    def learn(self, dice: random.Random) -> None:
        assert self.bucket is not None
        rate = dice.choice(RATES)
        self.keeper.learn(KEY, self.plan, rate)
        self.bucket.learn(self.now(), rate)

    def adopt(self, dice: random.Random) -> None:
        self.plan = dice.choice(PLANS)

    def step(self, dice: random.Random) -> None:
        self.clock.elapsed += dice.choice((0.0, 0.0, 0.001, 0.07, 1.0, 30.0, 3600.0)) * dice.random()
        if self.bucket is None:
            self.bucket = Bucket.full(self.plan.rate, self.plan.burst, self.now())
            self.keeper.state(KEY, self.plan)
        steps = [self.reserve] * 5 + [self.learn, self.adopt]
        if self.held:
            steps += [self.remaining] * 2 + [self.give_back, self.drain]
        self.bucket.adopt(self.now(), self.plan.rate, self.plan.burst)
        dice.choice(steps)(dice)
        self.bucket.adopt(self.now(), self.plan.rate, self.plan.burst)
        assert self.keeper.state(KEY, self.plan) == self.bucket.state(self.now())
        assert self.stored()[:6] == self.bucket.numbers()[:6]
        assert self.stored()[7:12] == self.bucket.numbers()[7:]

    def stored(self) -> list[float]:
        (key,) = self.keeper._engine.client.keys(f"{BUCKET_PREFIX}*")
        return list(struct.unpack("<B13d", self.keeper._engine.client.get(key))[1:])


@pytest.mark.parametrize("seed", range(24))
def test_each_of_random_steps_has_the_same_result(server: Server, seed: int) -> None:
    dice = random.Random(seed)
    pair = Pair(server.url)
    pair.plan = dice.choice(PLANS)
    for _ in range(300):
        pair.step(dice)  # which compares both
    assert pair.bucket is not None
    assert pair.stored()[:6] == pair.bucket.numbers()[:6]


def test_a_bucket_that_others_lost_is_empty_for_who_knew_it_and_full_for_who_did_not(
    server: Server, raw: Any
) -> None:
    knew, did_not, plan = RedisQuota(server.url), RedisQuota(server.url), Quota(0.5, 10)
    first = knew.reserve(KEY, plan, 0.0)
    assert first.is_granted
    raw.flushall()
    lost = knew.reserve(KEY, plan, 60.0)
    assert lost.number == 1
    assert lost.is_paced
    assert lost.era != first.era
    raw.flushall()
    assert did_not.reserve(KEY, plan, 0.0).left == 9.0


def test_an_answer_that_comes_late_is_not_taken_for_the_newest(
    server: Server, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, plan, old = RedisQuota(server.url), Quota(0.001, 10), list[Any]()
    keeper.reserve(KEY, plan, 0.0)
    (name,) = raw.keys(f"{BUCKET_PREFIX}*")
    run = keeper._engine.run

    def slow(*call: Any) -> Any:
        answer = run(*call)
        old.append(raw.get(name))
        monkeypatch.setattr(keeper._engine, "run", run)
        keeper.reserve(KEY, plan, 0.0)  # as another thread does, before the answer is read
        return answer

    monkeypatch.setattr(keeper._engine, "run", slow)
    keeper.reserve(KEY, plan, 0.0)
    raw.set(name, *old)  # a replica that lags is promoted: it has lost the newest reservation
    assert keeper.state(KEY, plan).left == pytest.approx(0.0, abs=0.1)


def test_those_who_wait_for_a_bucket_that_was_lost_come_before_those_after_them(
    server: Server, raw: Any
) -> None:
    keeper, plan = RedisQuota(server.url, clock=FakeClock()), Quota(1.0, 1)
    waiting = [keeper.reserve(KEY, plan, 60.0) for _ in range(5)][-1]
    raw.flushall()
    assert keeper.remaining(KEY, plan, waiting) == pytest.approx(waiting.wait)
    assert keeper.reserve(KEY, plan, 60.0).wait == pytest.approx(waiting.wait + 1.0, abs=0.2)


def test_a_bucket_that_came_back_older_than_it_was_known_is_a_new_one(server: Server, raw: Any) -> None:
    keeper, plan = RedisQuota(server.url), Quota(0.5, 10)
    keeper.reserve(KEY, plan, 0.0)
    keeper.learn(KEY, plan, 0.25)
    (name,) = raw.keys(f"{BUCKET_PREFIX}*")
    old = raw.get(name)
    waiting = [keeper.reserve(KEY, plan, 600.0) for _ in range(30)][-1]
    raw.set(name, old)
    again = keeper.reserve(KEY, plan, 600.0)
    assert again.era != waiting.era
    assert again.number == 1
    assert again.wait > waiting.wait
    assert keeper.state(KEY, plan).rate == 0.25
    assert keeper.remaining(KEY, plan, waiting) == pytest.approx(waiting.wait, abs=1.0)


@pytest.mark.parametrize("damage", [b"", b"x" * 105, bytes([FORM + 1]) + b"\0" * 104, b"nonsense"])
def test_what_makes_no_sense_is_as_if_it_were_not_there(server: Server, raw: Any, damage: bytes) -> None:
    RedisQuota(server.url).reserve(KEY, Quota(0.5, 10), 0.0)
    (name,) = raw.keys(f"{BUCKET_PREFIX}*")
    raw.set(name, damage)
    assert RedisQuota(server.url).reserve(KEY, Quota(0.5, 10), 0.0).left == 9.0


def test_a_clock_that_is_set_back_freezes_nobody(server: Server) -> None:
    pair = Pair(server.url)
    pair.plan = Quota(1.0, 1)
    pair.keeper.reserve(KEY, pair.plan, 0.0)
    pair.keeper._time = lambda: START - 7200.0
    assert pair.keeper.reserve(KEY, pair.plan, 60.0).wait == pytest.approx(1.0)
    assert pair.keeper.state(KEY, pair.plan).left == -1.0


@pytest.mark.parametrize(("plan", "least"), [(Quota(80.0, 100), 86400), (Quota(0.0001, 100), 100 / 0.0001)])
def test_a_bucket_that_nobody_uses_expires(server: Server, raw: Any, plan: Quota, least: float) -> None:
    keeper = RedisQuota(server.url)
    for _ in range(50):
        keeper.reserve(KEY, plan, 0.0)
    (name,) = raw.keys(f"{BUCKET_PREFIX}*")
    assert least - 10 <= raw.ttl(name) <= max(LEAST_LIFE_SECONDS, 2 * 101 / plan.rate)


def test_there_is_one_key_for_a_bucket_and_no_name_in_any(server: Server, raw: Any) -> None:
    keeper = RedisQuota(server.url)
    for seller in range(3):
        keeper.reserve((f"amzn1.application-oa2-client.x seller{seller}", "GET /orders"), Quota(1.0, 1), 0.0)
    names = raw.keys()
    assert len(names) == 4  # and one in which the processes tell that they are there
    for name in names:
        held = raw.dump(name) + name
        for clear in (b"amzn1", b"seller", b"orders"):
            assert clear not in held


def test_the_state_is_read_without_taking_anything(server: Server) -> None:
    keeper = RedisQuota(server.url)
    for _ in range(2):
        assert keeper.state(KEY, Quota(2.0, 5)) == (2.0, 5, 5.0, 0.0)


BUCKET = (8.0, 0.0, START, 4.0, 4.0, 8.0, 7.0, 0.0, 0.0, START, START, 1000.0, 5.0)
BROKEN = [
    *(
        struct.pack("<B13d", FORM, *BUCKET[:place], odd, *BUCKET[place + 1 :])
        for place in range(len(BUCKET))
        for odd in (float("nan"), float("inf"), -float("inf"), 1e300)
    ),
    *(struct.pack("<B13d", FORM, *BUCKET[:place], 0.0, *BUCKET[place + 1 :]) for place in (3, 4, 5)),
    b"",
    b"a text",
    bytes([FORM]) + b"0" * 104,
    bytes([FORM]) + b"x" * 104,
]


def test_a_damaged_bucket_is_taken_for_lost_with_one_warning(
    server: Server, raw: Any, caplog: pytest.LogCaptureFixture
) -> None:
    plan = Quota(0.01, 8)
    for number, broken in enumerate(BROKEN):
        caplog.clear()
        key = (str(number), "GET /x")
        keeper, other = RedisQuota(server.url), RedisQuota(server.url)
        keeper.reserve(key, plan, 0.0)
        (name,) = raw.keys(BUCKET_PREFIX + "*")
        raw.set(name, broken)
        # who did not know it takes it for a new one
        assert other.reserve(key, plan, 0.0).left == 7
        raw.set(name, broken)
        assert keeper.state(key, plan).left <= 0.1
        assert keeper.reserve(key, plan, 1000.0).number == 1
        assert [record.message for record in caplog.records] == [
            "a bucket of the shared quota is damaged in Redis: it is taken for lost, and begins anew"
        ] * 2
        raw.delete(name)


def test_what_is_no_bucket_and_no_list_of_workers_is_written_over(
    server: Server, raw: Any, caplog: pytest.LogCaptureFixture
) -> None:
    keeper = RedisQuota(server.url)
    keeper.reserve(KEY, PLANS[2], 0.0)
    (name,) = raw.keys(BUCKET_PREFIX + "*")
    for key in (name, WORKERS_KEY):
        raw.delete(key)
        raw.lpush(key, "mine")
    keeper = RedisQuota(server.url)
    assert keeper.reserve(KEY, PLANS[2], 0.0).left == 9
    assert raw.zcard(WORKERS_KEY) == 1
    assert len(caplog.records) == 1
    assert "out of reach" not in caplog.text


def test_a_bucket_that_fills_very_slowly_is_kept(server: Server, raw: Any) -> None:
    keeper = RedisQuota(server.url)
    assert keeper.reserve(KEY, Quota(1e-12, 8), 0.0).is_granted
    (name,) = raw.keys(BUCKET_PREFIX + "*")
    assert raw.ttl(name) > MOST_LIFE_SECONDS - 10
