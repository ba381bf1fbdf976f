import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest

from spshipping import AuthError, Secret, TransportError
from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.stores import MemoryStore
from spshipping.transport.io import run
from spshipping.transport.threads import ThreadIo
from tests.kit import FakeClock, ScriptedTransport, io_of, token_of

KEY = ("k",)


class Source:
    """Brings numbered tokens, or what it is told to raise."""

    def __init__(self, lifetime: float = 3600.0) -> None:
        self.calls = 0
        self.lifetime = lifetime
        self.error: BaseException | None = None

    def __call__(self) -> Grant:
        self.calls += 1
        if self.error:
            raise self.error
        return Grant(Secret(f"t{self.calls}"), self.lifetime)


def setup(lifetime: float = 3600.0) -> tuple[FakeClock, TokenCache, Source, Callable[[], str]]:
    clock = FakeClock()
    cache, source = TokenCache(clock), Source(lifetime)
    return clock, cache, source, lambda: token_of(cache, KEY, source, clock.monotonic() + 60).reveal()


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    clock, _, source, get = setup()
    assert [get(), get()] == ["t1", "t1"]
    clock.elapsed = 3359
    assert get() == "t1"
    assert source.calls == 1
    clock.elapsed = 3541
    assert get() == "t2"


def test_a_token_that_ends_soon_is_refreshed_ahead_and_kept_for_a_while_if_that_fails() -> None:
    clock, _, source, get = setup()
    get()
    clock.elapsed = 3400
    source.error = TransportError("down")
    assert [get(), get()] == ["t1", "t1"]
    assert source.calls == 2
    source.error = None
    clock.elapsed += 11
    assert get() == "t3"


def test_a_revoked_authorization_is_not_asked_for_at_every_call_while_the_token_lasts() -> None:
    clock, _, source, get = setup()
    get()
    clock.elapsed = 3400
    source.error = AuthError("revoked", code="invalid_grant")
    assert get() == "t1"
    clock.elapsed += 59
    assert get() == "t1"
    assert source.calls == 2
    clock.elapsed += 2
    assert get() == "t1"
    assert source.calls == 3


def test_the_earlier_of_two_ends_counts_even_where_the_store_knows_the_later_only() -> None:
    clock, _, _, get = setup()
    get()
    clock.elapsed = 3541
    clock.start -= timedelta(days=1)
    assert get() == "t2"


def test_the_wall_clock_ends_a_token_too() -> None:
    clock, _, _, get = setup()
    get()
    clock.start += timedelta(days=1)
    assert get() == "t2"


def test_keys_do_not_share() -> None:
    clock, cache, source, _ = setup()
    tokens = {
        token_of(cache, key, source, clock.monotonic() + 1).reveal()
        for key in (("a",), ("b",), ("a", "b"), ("ab",))
    }
    assert tokens == {"t1", "t2", "t3", "t4"}


def test_only_the_token_that_is_held_can_be_rejected() -> None:
    _, cache, source, get = setup()
    get()
    cache.reject(KEY, Secret("another"))
    assert get() == "t1"
    cache.reject(KEY, Secret("t1"))
    cache.reject(KEY, Secret("t1"))
    assert get() == "t2"
    assert source.calls == 2


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Run *work* in many threads at once and collect what each came to."""
    found: list[Any] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class Counting(ThreadIo):
    """Counts the threads that wait for another's fetch."""

    def __init__(self) -> None:
        super().__init__(ScriptedTransport(), FakeClock())
        self.waiting = threading.Semaphore(0)
        self.seen: set[int] = set()

    async def join(self, flight: "Future[None]", seconds: float) -> bool:
        name = threading.get_ident()
        if name not in self.seen:
            self.seen.add(name)
            self.waiting.release()
        return await super().join(flight, seconds)


def held_up(io: Counting, source: Source, count: int) -> Callable[[], Grant]:
    """Make a fetch that ends only when all the other threads wait for it."""

    def fetch() -> Grant:
        if source.calls == 0:
            for _ in range(count - 1):
                io.waiting.acquire()
        return source()

    return fetch


def test_many_cold_threads_make_one_fetch() -> None:
    clock, cache, source, _ = setup()
    io = Counting()
    fetch = held_up(io, source, 16)
    tokens = in_threads(16, lambda: token_of(cache, KEY, fetch, clock.monotonic() + 60, io).reveal())
    assert tokens == ["t1"] * 16
    assert source.calls == 1


def test_a_failed_fetch_fails_for_all_who_waited_and_is_not_repeated_by_each() -> None:
    clock, cache, source, get = setup()
    source.error = AuthError("revoked", code="invalid_grant")
    io = Counting()
    fetch = held_up(io, source, 16)
    found = in_threads(16, lambda: token_of(cache, KEY, fetch, clock.monotonic() + 60, io))
    assert [type(error) for error in found] == [AuthError] * 16
    assert len({id(error) for error in found}) == 16
    assert source.calls == 1
    source.error = None
    clock.elapsed += 61
    assert get() == "t2"


@pytest.mark.parametrize(
    ("code", "calls"), [("invalid_grant", 1), ("invalid_client", 1), ("server_error", 3)]
)
def test_case_20_a_revoked_authorization_is_remembered_for_a_minute(code: str, calls: int) -> None:
    clock, cache, source, get = setup()
    source.error = AuthError("revoked", code=code)
    for _ in range(3):
        with pytest.raises(AuthError, match="revoked"):
            get()
    assert source.calls == calls
    source.error = None
    assert token_of(cache, ("another",), source, clock.monotonic() + 1).reveal() == f"t{calls + 1}"
    clock.elapsed = 61
    assert get() == f"t{calls + 2}"


def test_case_23_when_the_one_who_fetches_is_killed_the_next_one_fetches() -> None:
    _, _, source, get = setup()
    source.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        get()
    source.error = None
    assert get() == "t2"


def test_case_23_when_the_one_who_fetches_is_killed_one_of_those_who_waited_fetches() -> None:
    clock, cache, source, _ = setup()
    io = Counting()
    fetch = held_up(io, source, 8)

    def killed_at_first() -> Grant:
        grant = fetch()
        if source.calls == 1:
            raise RuntimeError("killed")
        return grant

    def get() -> str:
        return token_of(cache, KEY, killed_at_first, clock.monotonic() + 60, io).reveal()

    found = in_threads(8, get)
    assert sorted(str(each) for each in found) == ["killed"] + ["t2"] * 7
    assert source.calls == 2


def test_when_the_one_who_fetches_cannot_go_on_the_next_one_fetches() -> None:
    class Closed(ThreadIo):
        """The `Io` of an event loop that was closed in the midst of a fetch."""

        def liveness(self) -> Callable[[bool], bool]:
            return lambda _: False

    _, cache, source, get = setup()
    stuck = cache._lead(KEY, cache._entry(KEY), Closed(ScriptedTransport(), FakeClock()))
    assert stuck is not None
    assert get() == "t1"
    # should it end after all, it takes nothing away
    cache._land(cache._entry(KEY), stuck)
    assert get() == "t1"
    assert source.calls == 1


def test_whoever_waits_looks_now_and_then_whether_the_other_can_still_go_on() -> None:
    class Looking(ThreadIo):
        """Waits for no time at all, and ends the flight at the third look."""

        async def join(self, flight: "Future[None]", seconds: float) -> bool:
            looks.append(seconds)
            if len(looks) == 3 and stuck is not None:
                cache._land(cache._entry(KEY), stuck)
            return await super().join(flight, 0.0)

    looks: list[float] = []
    clock, cache, source, _ = setup()
    io = Looking(ScriptedTransport(), clock)
    (stuck,) = in_threads(1, lambda: cache._lead(KEY, cache._entry(KEY), io))
    assert stuck is not None
    assert token_of(cache, KEY, source, clock.monotonic() + 2.5, io).reveal() == "t1"
    assert looks == [1.0, 1.0, 0.5]


def test_while_one_refreshes_ahead_the_others_use_what_they_have() -> None:
    clock, cache, source, get = setup()
    get()
    clock.elapsed = 3400
    others: list[str] = []

    def fetch() -> Grant:
        others.extend(in_threads(4, get))
        return source()

    assert token_of(cache, KEY, fetch, clock.monotonic() + 60).reveal() == "t2"
    assert others == ["t1"] * 4
    assert source.calls == 2


def test_a_refresh_that_somebody_else_has_just_made_is_used() -> None:
    clock, cache, source, get = setup()
    get()
    clock.elapsed = 3400
    entry = cache._entries[KEY]
    old = entry.held
    assert old is not None
    get()
    io = io_of()

    async def fetch() -> Grant:
        return source()

    def refresh() -> str:
        flight = cache._lead(KEY, entry, io)
        assert flight is not None
        return run(cache._refresh_ahead(io, KEY, entry, old, fetch, flight)).reveal()

    assert refresh() == "t2"
    entry.held = None
    assert refresh() == "t1"
    assert source.calls == 2
    assert entry.flight is None


def test_whoever_cannot_wait_is_told_so() -> None:
    clock, cache, source, _ = setup()
    in_threads(1, lambda: cache._lead(KEY, cache._entry(KEY), io_of()))
    with pytest.raises(TransportError, match="while another thread signed in") as caught:
        token_of(cache, KEY, source, clock.monotonic())
    assert caught.value.failure == "deadline"
    assert source.calls == 0


def test_64_cold_threads_make_one_fetch_for_each_key() -> None:
    clock = FakeClock()
    cache = TokenCache(clock)
    fetched: list[str] = []
    numbers = iter(range(64))

    def work() -> str:
        name = str(next(numbers) % 8)

        def fetch() -> Grant:
            fetched.append(name)
            return Grant(Secret(f"token of {name}"), 3600)

        token = token_of(cache, (name,), fetch, clock.monotonic() + 60).reveal()
        assert token == f"token of {name}"
        return name

    assert sorted(in_threads(64, work)) == sorted([*"01234567"] * 8)
    assert sorted(fetched) == [*"01234567"]


def test_ended_tokens_make_room_for_others() -> None:
    clock, cache, source, _ = setup(lifetime=60)
    for number in range(10_000):
        clock.elapsed += 0.1
        token_of(cache, (str(number),), source, clock.monotonic() + 1)
    assert source.calls == 10_000
    assert len(cache._entries) < 2000


def test_e7_tokens_of_sellers_that_have_ended_are_forgotten() -> None:
    clock, cache, source, get = setup()
    for number in range(5000):
        token_of(cache, ("seller", str(number)), source, clock.monotonic() + 1)
    store = cache._store
    assert isinstance(store, MemoryStore)
    assert (len(cache._entries), len(store._tokens)) == (5000, 5000)
    clock.elapsed = 3600
    get()
    assert (set(cache._entries), len(store._tokens)) == ({KEY}, 1)
    clock.elapsed = 7200
    assert (cache.forget(), cache.forget()) == (1, 0)


def test_tokens_that_are_good_or_being_fetched_and_refusals_stay() -> None:
    clock, cache, source, get = setup()
    for number in range(100):
        token_of(cache, (str(number),), lambda: Grant(Secret("short"), 1), clock.monotonic() + 1)
    get()
    source.error = AuthError("revoked", code="invalid_grant")
    clock.elapsed = 2
    with pytest.raises(AuthError):
        token_of(cache, ("revoked",), source, clock.monotonic() + 1)
    cache._lead(("0",), cache._entry(("0",)), io_of())
    assert cache.forget() == 99
    assert set(cache._entries) == {KEY, ("revoked",), ("0",)}


def test_e7_a_fetch_that_nobody_can_end_is_forgotten() -> None:
    _, cache, _, _ = setup()
    entry = cache._entry(KEY)
    flight = cache._lead(KEY, entry, io_of())
    assert flight is not None
    assert cache.forget() == 0
    flight.is_alive = lambda is_blocking: False
    assert cache.forget() == 1
    assert flight.future.done()


def test_e7_what_was_rejected_is_remembered_until_it_has_ended() -> None:
    clock, cache, _, get = setup()
    get()
    cache.reject(KEY, Secret("t1"))
    assert cache.forget() == 0
    assert get() == "t2"
    cache.reject(KEY, Secret("t2"))
    clock.elapsed = 3600
    assert cache.forget() == 1


def test_whoever_found_a_place_that_was_dropped_takes_the_new_one() -> None:
    class Dropping(TokenCache):
        """Drops a place at the worst moment: another thread makes room for its own."""

        def _lead(self, key: Any, entry: Any, io: Any) -> Any:
            dropped.append(entry)
            if len(dropped) == 1:
                self._entries.pop(key)
            return super()._lead(key, entry, io)

    dropped: list[object] = []
    clock, _, source, _ = setup()
    cache = Dropping(clock)
    tokens = [token_of(cache, KEY, source, clock.monotonic() + 60).reveal() for _ in range(2)]
    assert tokens == ["t1", "t1"]
    assert cache._entries[KEY] is not dropped[0]
    assert source.calls == 1


@pytest.mark.parametrize("error", [None, AuthError("revoked", code="invalid_grant")])
def test_what_another_has_fetched_since_one_looked_is_not_fetched_again(error: AuthError | None) -> None:
    class Late(TokenCache):
        """Has another thread fetch the token between the look at the place and the lead."""

        def _lead(self, key: Any, entry: Any, io: Any) -> Any:
            if not looked:
                looked.append(entry)
                looked.append(get())
            return super()._lead(key, entry, io)

    def get() -> object:
        try:
            return token_of(cache, KEY, source, clock.monotonic() + 60).reveal()
        except AuthError as refused:
            return str(refused)

    looked: list[object] = []
    clock, _, source, _ = setup()
    source.error = error
    cache = Late(clock)
    assert get() == looked[1] == (str(error) if error else "t1")
    assert source.calls == 1
    assert cache._entries[KEY].flight is None


def test_rejecting_a_token_of_an_unknown_key_keeps_nothing() -> None:
    _, cache, _, _ = setup()
    cache.reject(("unknown",), Secret("t1"))
    assert cache._entries == {}


def test_case_70_locks_that_were_held_at_a_fork_do_not_hold_up_the_child() -> None:
    clock, cache, source, get = setup()
    get()
    cache._lead(KEY, cache._entries[KEY], io_of())
    cache._lock.acquire()
    cache.renew_locks()
    assert get() == "t1"
    assert token_of(cache, ("new",), source, clock.monotonic()).reveal() == "t2"
    clock.elapsed = 3541
    assert token_of(cache, KEY, source, clock.monotonic()).reveal() == "t3"


FORK = """
import os, sys, threading, warnings
from spshipping import Secret
from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.stores import MemoryStore
from spshipping.clock import SystemClock
from spshipping.transport.io import run
from spshipping.transport.threads import ThreadIo

warnings.simplefilter("ignore")  # forking beside a thread is what is tried here
cache, io = TokenCache(), ThreadIo(None, SystemClock())
is_fetching, goes_on = threading.Event(), threading.Event()

def get(fetch, ends_at):
    return run(cache.get(io, ("k",), fetch, ends_at)).reveal()

async def slow(_):
    is_fetching.set()
    goes_on.wait()
    return Grant(Secret("parent"), 3600)

async def quick(_):
    return Grant(Secret("child"), 3600)

thread = threading.Thread(target=lambda: get(slow, float("inf")))
thread.start()
is_fetching.wait()
child = os.fork()
if child == 0:
    os._exit(0 if get(quick, float("inf")) == "child" else 1)
status = os.waitpid(child, 0)[1]
goes_on.set()
thread.join()
assert get(slow, 0.0) == "parent"
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_case_70_a_child_forked_in_the_midst_of_a_fetch_fetches_by_itself() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORK], timeout=60, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
