import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from spshipping import AuthError, Secret, TransportError
from spshipping.auth.cache import Grant, TokenCache
from tests.kit import FakeClock


class Source:
    """Brings numbered tokens, or what it is told to raise."""

    def __init__(self, lifetime: float = 3600.0) -> None:
        self.calls = 0
        self.lifetime = lifetime
        self.error: Exception | None = None

    def __call__(self) -> Grant:
        self.calls += 1
        if self.error:
            raise self.error
        return Grant(Secret(f"t{self.calls}"), self.lifetime)


def setup(lifetime: float = 3600.0) -> tuple[FakeClock, TokenCache, Source, Callable[[], str]]:
    clock = FakeClock()
    cache, source = TokenCache(clock), Source(lifetime)
    return clock, cache, source, lambda: cache.get("k", source, clock.monotonic() + 60).reveal()


def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    clock, _, source, get = setup()
    assert [get(), get()] == ["t1", "t1"]
    clock.elapsed = 3359
    assert get() == "t1"
    assert source.calls == 1
    clock.elapsed = 3541
    assert get() == "t2"


def test_a_token_that_ends_soon_is_refreshed_ahead_and_kept_if_that_fails() -> None:
    clock, _, source, get = setup()
    get()
    clock.elapsed = 3400
    source.error = TransportError("down")
    assert get() == "t1"
    assert source.calls == 2
    source.error = None
    assert get() == "t3"


def test_the_wall_clock_ends_a_token_too() -> None:
    clock, _, _, get = setup()
    get()
    clock.start += timedelta(days=1)
    assert get() == "t2"


def test_keys_do_not_share() -> None:
    clock, cache, source, _ = setup()
    tokens = {cache.get(key, source, clock.monotonic() + 1).reveal() for key in ("a", "b", "c")}
    assert tokens == {"t1", "t2", "t3"}


def test_only_the_token_that_is_held_can_be_rejected() -> None:
    _, cache, source, get = setup()
    get()
    cache.reject("k", Secret("another"))
    assert get() == "t1"
    cache.reject("k", Secret("t1"))
    cache.reject("k", Secret("t1"))
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
    entry = cache._entry("k")
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
    tokens = in_threads(16, lambda: cache.get("k", fetch, clock.monotonic() + 60).reveal())
    assert tokens == ["t1"] * 16
    assert source.calls == 1


def test_a_failed_fetch_fails_for_all_who_waited_and_is_not_repeated_by_each() -> None:
    clock, cache, source, get = setup()
    source.error = AuthError("revoked", code="invalid_grant")
    fetch = held_up(cache, source, 16)
    found = in_threads(16, lambda: cache.get("k", fetch, clock.monotonic() + 60))
    assert [type(error) for error in found] == [AuthError] * 16
    assert len({id(error) for error in found}) == 16
    assert source.calls == 1
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

    assert cache.get("k", fetch, clock.monotonic() + 60).reveal() == "t2"
    assert others == ["t1"] * 4
    assert source.calls == 2


def test_a_refresh_that_somebody_else_has_just_made_is_used() -> None:
    clock, cache, source, get = setup()
    get()
    clock.elapsed = 3400
    entry = cache._entries["k"]
    old = entry.held
    assert old is not None
    get()
    entry.lock.acquire()
    assert cache._refresh_ahead(entry, old, source).reveal() == "t2"
    entry.held = None
    entry.lock.acquire()
    assert cache._refresh_ahead(entry, old, source).reveal() == "t1"
    assert source.calls == 2


def test_whoever_cannot_wait_is_told_so() -> None:
    clock, cache, source, _ = setup()
    cache._entry("k").lock.acquire()
    with pytest.raises(TransportError, match="while another thread signed in") as caught:
        cache.get("k", source, clock.monotonic())
    assert caught.value.failure == "deadline"
