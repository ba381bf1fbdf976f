import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from spshipping import AuthError, Secret, TransportError
from spshipping.auth.cache import Grant, TokenCache
from tests.kit import FakeClock

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
    return clock, cache, source, lambda: cache.get(KEY, source, clock.monotonic() + 60).reveal()


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
        cache.get(key, source, clock.monotonic() + 1).reveal()
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


def held_up(cache: TokenCache, source: Source, count: int) -> Callable[[], Grant]:
    """Make a fetch that ends only when all the other threads wait for it."""
    waiting = threading.Semaphore(0)
    entry = cache._entry(KEY)
    lock = entry.lock

    class Counted:
        def acquire(self, *args: Any, **kwargs: Any) -> bool:
            waiting.release()
            return lock.acquire(*args, **kwargs)

        def release(self) -> None:
            lock.release()

    entry.lock = Counted()  # type: ignore[assignment]  # counts who waits

    def fetch() -> Grant:
        for _ in range(count):
            waiting.acquire()
        return source()

    return fetch


def test_many_cold_threads_make_one_fetch() -> None:
    clock, cache, source, _ = setup()
    fetch = held_up(cache, source, 16)
    tokens = in_threads(16, lambda: cache.get(KEY, fetch, clock.monotonic() + 60).reveal())
    assert tokens == ["t1"] * 16
    assert source.calls == 1


def test_a_failed_fetch_fails_for_all_who_waited_and_is_not_repeated_by_each() -> None:
    clock, cache, source, get = setup()
    source.error = AuthError("revoked", code="invalid_grant")
    fetch = held_up(cache, source, 16)
    found = in_threads(16, lambda: cache.get(KEY, fetch, clock.monotonic() + 60))
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
    assert cache.get(("another",), source, clock.monotonic() + 1).reveal() == f"t{calls + 1}"
    clock.elapsed = 61
    assert get() == f"t{calls + 2}"


def test_case_23_when_the_one_who_fetches_is_killed_the_next_one_fetches() -> None:
    _, _, source, get = setup()
    source.error = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        get()
    source.error = None
    assert get() == "t2"


def test_while_one_refreshes_ahead_the_others_use_what_they_have() -> None:
    clock, cache, source, get = setup()
    get()
    clock.elapsed = 3400
    others: list[str] = []

    def fetch() -> Grant:
        others.extend(in_threads(4, get))
        return source()

    assert cache.get(KEY, fetch, clock.monotonic() + 60).reveal() == "t2"
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
    entry.lock.acquire()
    assert cache._refresh_ahead(KEY, entry, old, source).reveal() == "t2"
    entry.held = None
    entry.lock.acquire()
    assert cache._refresh_ahead(KEY, entry, old, source).reveal() == "t1"
    assert source.calls == 2


def test_whoever_cannot_wait_is_told_so() -> None:
    clock, cache, source, _ = setup()
    cache._entry(KEY).lock.acquire()
    with pytest.raises(TransportError, match="while another thread signed in") as caught:
        cache.get(KEY, source, clock.monotonic())
    assert caught.value.failure == "deadline"


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

        token = cache.get((name,), fetch, clock.monotonic() + 60).reveal()
        assert token == f"token of {name}"
        return name

    assert sorted(in_threads(64, work)) == sorted([*"01234567"] * 8)
    assert sorted(fetched) == [*"01234567"]


def test_ended_tokens_make_room_for_others() -> None:
    clock, cache, source, _ = setup(lifetime=60)
    for number in range(10_000):
        clock.elapsed += 0.1
        cache.get((str(number),), source, clock.monotonic() + 1)
    assert source.calls == 10_000
    assert len(cache._entries) < 2000


def test_tokens_that_are_good_or_being_fetched_and_refusals_stay() -> None:
    clock, cache, source, get = setup()
    for number in range(998):
        cache.get((str(number),), lambda: Grant(Secret("short"), 1), clock.monotonic() + 1)
    get()
    source.error = AuthError("revoked", code="invalid_grant")
    with pytest.raises(AuthError):
        cache.get(("revoked",), source, clock.monotonic() + 1)
    clock.elapsed = 2
    with cache._entry(("0",)).lock:
        cache._entry(("one more",))
    assert set(cache._entries) == {KEY, ("revoked",), ("0",), ("one more",)}


def test_whoever_waited_for_a_place_that_was_dropped_takes_the_new_one() -> None:
    clock, cache, source, get = setup()
    entry = cache._entry(KEY)
    lock = entry.lock

    class Dropping:
        def acquire(self, *args: Any, **kwargs: Any) -> bool:
            cache._entries.pop(KEY, None)
            return lock.acquire(*args, **kwargs)

        def release(self) -> None:
            lock.release()

    entry.lock = Dropping()  # type: ignore[assignment]  # drops it at the worst moment
    assert [get(), get()] == ["t1", "t1"]
    assert cache._entries[KEY] is not entry
    assert not lock.locked()
    assert clock.slept == []
    assert source.calls == 1


def test_rejecting_a_token_of_an_unknown_key_keeps_nothing() -> None:
    _, cache, _, _ = setup()
    cache.reject(("unknown",), Secret("t1"))
    assert cache._entries == {}


def test_case_70_locks_that_were_held_at_a_fork_do_not_hold_up_the_child() -> None:
    clock, cache, source, get = setup()
    get()
    cache._lock.acquire()
    cache._entries[KEY].lock.acquire()
    cache.renew_locks()
    assert get() == "t1"
    assert cache.get(("new",), source, clock.monotonic()).reveal() == "t2"
    clock.elapsed = 3541
    assert cache.get(KEY, source, clock.monotonic()).reveal() == "t3"


FORK = """
import os, sys, threading, warnings
from spshipping import Secret
from spshipping.auth.cache import Grant, TokenCache

warnings.simplefilter("ignore")  # forking beside a thread is what is tried here
cache = TokenCache()
is_fetching, goes_on = threading.Event(), threading.Event()

def slow():
    is_fetching.set()
    goes_on.wait()
    return Grant(Secret("parent"), 3600)

thread = threading.Thread(target=lambda: cache.get(("k",), slow, float("inf")))
thread.start()
is_fetching.wait()
child = os.fork()
if child == 0:
    token = cache.get(("k",), lambda: Grant(Secret("child"), 3600), float("inf"))
    os._exit(0 if token.reveal() == "child" else 1)
status = os.waitpid(child, 0)[1]
goes_on.set()
thread.join()
assert cache.get(("k",), slow, 0.0).reveal() == "parent"
sys.exit(status)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_case_70_a_child_forked_in_the_midst_of_a_fetch_fetches_by_itself() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", FORK], timeout=60, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
