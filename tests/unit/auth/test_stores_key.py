import contextlib
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import keyring
import pytest
from filelock import FileLock
from keyring.backend import KeyringBackend
from keyring.backends import fail, null

from spshipping import ConfigurationError, Secret
from spshipping.auth import file_store, vault
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import StoredToken
from tests.kit import FakeClock

TOKEN = "Atza|the-token"
SECRET = Secret("Atzr|the-secret")
KEY = FileStore.new_key()


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(vault.VARIABLE, raising=False)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> FileStore:
    return FileStore(tmp_path / "store", key=lambda: KEY, clock=clock)


def stored(clock: FakeClock, text: str = TOKEN, seconds: float = 3600) -> StoredToken:
    return StoredToken(Secret(text), clock.now() + timedelta(seconds=seconds))


def test_the_key_comes_from_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(tmp_path)
    monkeypatch.setenv(vault.VARIABLE, f" {KEY.reveal()}\n")
    store.save_secret("shop", SECRET)
    assert FileStore(tmp_path, key=KEY.reveal).load_secret("shop") == SECRET


def test_a_callable_may_bring_the_bytes_themselves_and_is_asked_once(tmp_path: Path) -> None:
    asked: list[int] = []

    def bring() -> bytes:
        asked.append(1)
        return bytes(range(32))

    store = FileStore(tmp_path, key=bring)
    assert asked == []
    store.save_secret("shop", SECRET)
    assert store.load_secret("shop") == SECRET
    assert asked == [1]


@pytest.mark.parametrize(
    "bad",
    ["AAAA", "not base64!", "ключ", "\udcff", "", b"short", b"", 5, Secret("AAAA"), Secret(5)],  # type: ignore[arg-type]
)
def test_e6_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, bad: Any) -> None:
    with pytest.raises(ConfigurationError, match="not the base64 of 32 bytes") as caught:
        FileStore(tmp_path, key=lambda: bad).save_secret("shop", SECRET)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    ours = [repr(frame.f_locals) for frame in frames if frame.f_globals["__name__"].startswith("spshipping.")]
    assert len(ours) > 2
    assert not any(bad and bad != 5 and str(bad) in shown for shown in ours)
    assert not any("the-secret" in shown for shown in ours)


def test_a_key_that_cannot_be_brought_is_told(tmp_path: Path) -> None:
    store = FileStore(tmp_path, key=(tmp_path / "missing").read_bytes)
    with pytest.raises(ConfigurationError, match="key cannot be read: FileNotFoundError"):
        store.save_secret("shop", SECRET)


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@contextlib.contextmanager
def using(ring: KeyringBackend) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield
    finally:
        keyring.set_keyring(before)


def test_the_keyring_keeps_one_key_for_all_and_makes_it_the_first_time(tmp_path: Path) -> None:
    ring = Ring()
    with using(ring):
        FileStore(tmp_path / "a", key="keyring").save_secret("shop", SECRET)
        assert list(ring.kept) == [("spshipping", "store")]
        assert FileStore(tmp_path / "a", key="keyring").load_secret("shop") == SECRET
        FileStore(tmp_path / "b", key="keyring").save_secret("shop", SECRET)
    (key,) = ring.kept.values()
    assert FileStore(tmp_path / "b", key=lambda: key).load_secret("shop") == SECRET


@pytest.mark.parametrize(
    ("ring", "match"),
    [
        (fail.Keyring, r"gives no key \(NoKeyringError\): unlock it, or set SPSHIPPING_STORE_KEY"),
        (null.Keyring, "does not keep what it is given"),
    ],
)
def test_a_keyring_that_does_not_serve_is_told(
    tmp_path: Path, ring: Callable[[], KeyringBackend], match: str
) -> None:
    with using(ring()), pytest.raises(ConfigurationError, match=match):
        FileStore(tmp_path / "store", key="keyring").save_secret("shop", SECRET)


def test_two_processes_do_not_make_two_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_store, "_KEYRING_SECONDS", 0.0)
    tmp_path.chmod(0o700)
    with using(Ring()), FileLock(tmp_path / "keyring.lock"), pytest.raises(ConfigurationError) as caught:
        FileStore(tmp_path, key="keyring").save_secret("shop", SECRET)
    assert "another process reads the store's key" in str(caught.value)


@pytest.mark.parametrize("package", ["cryptography", "filelock", "keyring"])
def test_a_missing_extra_is_told_with_what_to_install(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    store = FileStore(tmp_path / "store", key="keyring" if package == "keyring" else lambda: KEY, clock=clock)
    with (
        pytest.raises(ConfigurationError, match=rf'needs {package}: pip install "spshipping\[store\]"'),
        store.flight("k", 1.0),
    ):
        pass


def test_a_place_is_another_one_for_each_name_and_under_each_key() -> None:
    one, other = vault.Vault(lambda: b"1" * 32), vault.Vault(lambda: b"2" * 32)
    places = {kept.place(name) for kept in (one, other) for name in ("token a", "token b")}
    assert len(places) == 4
    assert one.place("token a") == vault.Vault(lambda: b"1" * 32).place("token a")
    with pytest.raises(ConfigurationError, match="the store has no key"):
        vault.Vault(lambda: None).place("token a")
