"""A cache beside another process's: two caches stand for two processes, one store for what they share."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from spshipping import AuthError, ConfigurationError, Secret, TransportError
from spshipping.auth import stores
from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import MemoryStore, StoredToken, TokenStore
from tests.kit import FakeClock, token_of

KEY = ("refresh_token", "https://example.com", "client", "digest")


class Process:
    """One process: its own cache, and its own way to fetch."""

    def __init__(self, name: str, clock: FakeClock, store: TokenStore) -> None:
        self.name = name
        self.clock = clock
        self.cache = TokenCache(clock, store)
        self.calls = 0
        self.error: Exception | None = None
        self.seconds = 60.0

    def fetch(self) -> Grant:
        self.calls += 1
        if self.error:
            raise self.error
        return Grant(Secret(f"{self.name}{self.calls}"), 3600.0)

    def get(self) -> str:
        return token_of(self.cache, KEY, self.fetch, self.clock.monotonic() + self.seconds).reveal()


def two(store: TokenStore | None = None) -> tuple[FakeClock, TokenStore, Process, Process]:
    clock = FakeClock()
    shared = store or MemoryStore(clock)
    return clock, shared, Process("a", clock, shared), Process("b", clock, shared)


def test_what_one_process_fetched_another_uses_until_its_end() -> None:
    clock, _, one, other = two()
    assert [one.get(), other.get()] == ["a1", "a1"]
    clock.elapsed = 3359
    assert other.get() == "a1"
    assert other.calls == 0
    clock.elapsed = 3541
    assert [other.get(), one.get()] == ["b1", "b1"]
    assert (one.calls, other.calls) == (1, 1)


def test_what_one_process_refreshed_ahead_another_takes_over() -> None:
    clock, _, one, other = two()
    one.get()
    other.get()
    clock.elapsed = 3361
    assert [one.get(), other.get()] == ["a2", "a2"]
    assert other.calls == 0


def test_a_rejected_token_is_not_taken_from_the_store_again() -> None:
    _, _, one, other = two()
    one.get()
    other.get()
    one.cache.reject(KEY, Secret("a1"))
    assert one.get() == "a2"
    other.cache.reject(KEY, Secret("a1"))
    assert other.get() == "a2"
    assert other.calls == 0


def test_a_rejected_token_leaves_the_store_even_if_no_other_can_be_had() -> None:
    _, _, one, other = two()
    one.get()
    one.cache.reject(KEY, Secret("a1"))
    one.error = TransportError("down")
    with pytest.raises(TransportError, match="down"):
        one.get()
    assert other.get() == "b1"
    assert one.get() == "b1"


def test_a_token_that_has_ended_is_not_taken_from_the_store() -> None:
    clock, _, one, other = two()
    one.get()
    clock.start += timedelta(days=1)
    assert other.get() == "b1"


class HeldUp(MemoryStore):
    """A store whose flights another process holds; meanwhile it may bring a token."""

    def __init__(self, clock: FakeClock, brings: str | None = None) -> None:
        super().__init__(clock)
        self.clock = clock
        self.brings = brings
        self.waited: list[float] = []
        self.is_held = True

    @contextlib.contextmanager
    def flight(self, key: str, timeout: float) -> Iterator[bool]:
        if not self.is_held:
            yield True
            return
        self.waited.append(timeout)
        self.clock.elapsed += timeout
        if self.brings:
            self.save(key, StoredToken(Secret(self.brings), self.clock.now() + timedelta(hours=1)))
        yield False


def test_whoever_waited_for_another_process_uses_what_it_brought() -> None:
    clock = FakeClock()
    _, _, one, _ = two(HeldUp(clock, "theirs"))
    assert one.get() == "theirs"
    assert one.calls == 0


def test_a_process_that_is_stuck_is_not_waited_for_for_ever() -> None:
    store = HeldUp(FakeClock())
    one = Process("a", store.clock, store)
    assert one.get() == "a1"
    assert store.waited == [30.0]


def test_whoever_has_no_time_to_wait_for_another_process_is_told_so() -> None:
    store = HeldUp(FakeClock())
    one = Process("a", store.clock, store)
    one.seconds = 5.0
    with pytest.raises(TransportError, match="while another process signed in") as caught:
        one.get()
    assert caught.value.failure == "deadline"
    assert (one.calls, store.waited) == (0, [5.0])


def test_nobody_waits_for_a_refresh_ahead_in_another_process() -> None:
    clock = FakeClock()
    store = HeldUp(clock)
    one = Process("a", clock, store)
    store.is_held = False
    one.get()
    clock.elapsed = 3400
    store.is_held = True
    assert one.get() == "a1"
    assert (one.calls, store.waited) == (1, [0.0])
    store.is_held = False
    assert one.get() == "a2"


class Unreachable:
    """A store whose disk is gone."""

    def load(self, key: str) -> StoredToken | None:
        raise PermissionError(13, "no", key)

    def save(self, key: str, token: StoredToken) -> None:
        raise OSError(28, "No space left on device", key, None, str(token))

    def delete(self, key: str) -> None:
        raise ConnectionError(key)

    def flight(self, key: str, timeout: float) -> contextlib.AbstractContextManager[bool]:
        raise OSError(f"{key} {timeout}")


def test_case_24_without_its_store_each_process_goes_on_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    _, _, one, other = two(Unreachable())
    with caplog.at_level(logging.DEBUG):
        assert [one.get(), other.get(), one.get()] == ["a1", "b1", "a1"]
        one.cache.reject(KEY, Secret("a1"))
        assert one.get() == "a2"
    assert caplog.text.count("out of reach (PermissionError)") == 2  # once for each cache
    assert "a1" not in caplog.text


def test_a_store_that_is_gone_when_a_fetch_ends_costs_no_token(caplog: pytest.LogCaptureFixture) -> None:
    class Going(MemoryStore):
        @contextlib.contextmanager
        def flight(self, key: str, timeout: float) -> Iterator[bool]:
            yield True
            raise OSError(f"{key} {timeout}")

    _, _, one, _ = two(Going())
    assert one.get() == "a1"
    assert "out of reach (OSError)" in caplog.text


def test_errors_of_the_set_up_are_told_and_do_not_count_as_refusals() -> None:
    class Foreign(MemoryStore):
        def load(self, key: str) -> StoredToken | None:
            raise ConfigurationError(f"{key} is sealed under another key")

    _, _, one, _ = two(Foreign())
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="another key"):
            one.get()
    assert one.calls == 0


def test_a_refusal_is_not_shared_with_other_processes() -> None:
    _, _, one, other = two()
    one.error = AuthError("revoked", code="invalid_grant")
    with pytest.raises(AuthError):
        one.get()
    assert other.get() == "b1"


def test_stores_know_keys_as_digests_only() -> None:
    seen: list[str] = []

    class Nosy(MemoryStore):
        def load(self, key: str) -> StoredToken | None:
            seen.append(key)
            return super().load(key)

    _, _, one, _ = two(Nosy())
    for key in (("a", "bc"), ("ab", "c"), ("a", "bc", ""), ("Atzr|token",)):
        token_of(one.cache, key, one.fetch, one.clock.monotonic() + 1)
    assert len(set(seen)) == 4
    assert all(len(key) == 64 and int(key, 16) for key in seen)


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_users_of_two_stores_never_share_a_token(kind: str, tmp_path: Path) -> None:
    clock = FakeClock()
    key = FileStore.new_key()
    make: Callable[[str], TokenStore] = lambda name: (  # noqa: E731 - one of two
        MemoryStore(clock) if kind == "memory" else FileStore(tmp_path / name, key=lambda: key, clock=clock)
    )
    one, other = Process("a", clock, make("one")), Process("b", clock, make("other"))
    assert [one.get(), other.get()] == ["a1", "b1"]


def test_the_memory_store_drops_what_has_ended_and_keeps_the_rest() -> None:
    clock = FakeClock()
    store = MemoryStore(clock)
    for number in range(10_000):
        clock.elapsed += 0.1
        store.save(str(number), StoredToken(Secret("t"), clock.now() + timedelta(seconds=60)))
    assert len(store._tokens) < 2000
    assert store.load("9999") is not None
    store.delete("9999")
    store.delete("9999")
    assert store.load("9999") is None


def test_a_token_has_ended_at_its_end_and_not_before() -> None:
    clock = FakeClock()
    store = MemoryStore(clock)
    store.save("a", StoredToken(Secret("t"), clock.now() + timedelta(seconds=2)))
    clock.elapsed += 1
    assert store.forget() == 0
    clock.elapsed += 1
    assert store.forget() == 1


def test_the_memory_store_looks_for_what_has_ended_as_soon_as_it_is_time() -> None:
    clock = FakeClock()
    store = MemoryStore(clock)
    store.save("a", StoredToken(Secret("t"), clock.now() + timedelta(seconds=1)))
    clock.elapsed += stores._MEMORY_SWEEP_SECONDS
    store.save("b", StoredToken(Secret("t"), clock.now() + timedelta(seconds=1)))
    assert store.load("a") is None
    assert store.load("b") is not None


def test_the_memory_store_keeps_secrets_by_name() -> None:
    store = MemoryStore()
    assert store.load_secret("shop") is None
    store.save_secret("shop", Secret("Atzr|1"))
    assert store.load_secret("shop") == Secret("Atzr|1")
    store.delete_secret("shop")
    store.delete_secret("shop")
    assert store.load_secret("shop") is None


def test_a_store_that_was_away_twice_is_told_of_twice(caplog: pytest.LogCaptureFixture) -> None:
    class Flickering(MemoryStore):
        is_away = False

        def load(self, key: str) -> StoredToken | None:
            if self.is_away:
                raise ConnectionError(key)
            return super().load(key)

    store = Flickering()
    _, _, one, _ = two(store)
    for _ in range(2):
        store.is_away = True
        token = one.get()
        store.is_away = False
        one.cache.reject(KEY, Secret(token))
        one.get()
        one.cache.reject(KEY, Secret(one.get()))
    assert caplog.text.count("out of reach (ConnectionError)") == 2
