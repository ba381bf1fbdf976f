import contextlib
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, InvalidRequestError, Secret, disk
from spshipping.auth import vault
from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import MemoryStore, StoredToken
from tests.kit import FakeClock, token_of

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


def only_file(store: FileStore) -> Path:
    (path,) = store.path.iterdir()
    return path


@pytest.mark.parametrize("odd", ["Atzr|the-secret", b"Atzr|the-secret", None])
def test_what_is_no_secret_is_refused_and_not_shown(store: FileStore, odd: Any) -> None:
    for each in (store, MemoryStore()):
        with pytest.raises(InvalidRequestError, match=rf"is a Secret, not a {type(odd).__name__}") as caught:
            each.save_secret("shop", odd)
        assert "Atzr" not in str(caught.value)
        assert each.load_secret("shop") is None


def test_tokens_and_secrets_come_back_as_they_were_kept(store: FileStore, clock: FakeClock) -> None:
    assert store.load("k") is None
    assert store.load_secret("shop") is None
    store.save("k", stored(clock, "two\nlines ü"))
    store.save_secret("shop", SECRET)
    again = FileStore(store.path, key=lambda: KEY, clock=clock)
    assert again.load("k") == stored(clock, "two\nlines ü")
    assert again.load_secret("shop") == SECRET
    assert again.load("shop") is None
    assert again.load_secret("k") is None
    for _ in range(2):
        again.delete("k")
        again.delete_secret("shop")
    assert list(store.path.iterdir()) == []


def test_the_bytes_on_disk_hold_nothing_in_clear_and_are_the_owners_only(
    store: FileStore, clock: FakeClock
) -> None:
    store.save("k", stored(clock))
    store.save_secret("connections.shop.refresh_token", SECRET)
    with store.flight("k", 1.0):
        paths = list(store.path.iterdir())
        assert len(paths) == 3
        if os.name == "posix":
            assert stat.S_IMODE(store.path.stat().st_mode) == 0o700
            assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
        for path in paths:
            for word in ("Atz", "the-token", "the-secret", "shop"):
                assert word.encode() not in path.read_bytes()
                assert word not in path.name


def test_the_same_text_never_reads_the_same_twice(store: FileStore) -> None:
    store.save_secret("shop", SECRET)
    first = only_file(store).read_bytes()
    store.save_secret("shop", SECRET)
    assert only_file(store).read_bytes() != first


def test_a_file_that_was_swapped_for_another_does_not_open(store: FileStore) -> None:
    store.save_secret("mine", SECRET)
    mine = only_file(store)
    store.save_secret("theirs", Secret("other"))
    (theirs,) = set(store.path.iterdir()) - {mine}
    theirs.replace(mine)
    with pytest.raises(ConfigurationError, match="damaged"):
        store.load_secret("mine")


@pytest.mark.parametrize("harm", ["cut", "short", "bent"])
def test_a_damaged_secret_is_told_and_a_damaged_token_fetched_again(
    store: FileStore, clock: FakeClock, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    def damage(path: Path) -> None:
        data = path.read_bytes()
        bent = bytes([data[-1] ^ 1])
        path.write_bytes({"cut": data[:-3], "short": data[:14], "bent": data[:-1] + bent}[harm])

    store.save_secret("shop", SECRET)
    path = only_file(store)
    damage(path)
    with pytest.raises(ConfigurationError, match="damaged: save 'shop' again"):
        store.load_secret("shop")
    store.save_secret("shop", SECRET)
    assert store.load_secret("shop") == SECRET
    store.delete_secret("shop")
    store.save("k", stored(clock))
    damage(only_file(store))
    with caplog.at_level(logging.WARNING):
        assert store.load("k") is None
    assert "is damaged: it is renamed" in caplog.text
    assert only_file(store).suffix == ".damaged"
    store.save("k", stored(clock))
    assert store.load("k") == stored(clock)


def test_what_is_sealed_under_another_key_is_refused_and_never_written_over(
    store: FileStore, clock: FakeClock
) -> None:
    other = FileStore(store.path, key=lambda: FileStore.new_key(), clock=clock)
    other.save_secret("shop", SECRET)
    other.save("k", stored(clock))
    before = {path: path.read_bytes() for path in store.path.iterdir()}
    attempts: list[Callable[[], object]] = [
        lambda: store.load_secret("shop"),
        lambda: store.save_secret("shop", SECRET),
        lambda: store.load("k"),
        lambda: store.save("k", stored(clock)),
    ]
    for attempt in attempts:
        with pytest.raises(ConfigurationError, match="under another key: give"):
            attempt()
    assert {path: path.read_bytes() for path in store.path.iterdir()} == before


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "foreign": lambda path: path.write_bytes(b"[connections]\n"),
    "cut in its head": lambda path: path.write_bytes(b"SPS\x01abcdefghij"),
    "huge": lambda path: path.write_bytes(bytes(2 << 20)),
    "folder": Path.mkdir,
}
if os.name == "posix":
    FOREIGN["pipe"] = lambda path: os.mkfifo(path, 0o600)
    FOREIGN["device"] = lambda path: path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("first", ["load", "save"])
def test_e4_a_token_file_that_is_none_counts_as_none_and_is_set_aside(
    store: FileStore, clock: FakeClock, kind: str, first: str
) -> None:
    store.save("k", stored(clock))
    path = only_file(store)
    path.unlink()
    FOREIGN[kind](path)
    if first == "load":
        assert store.load("k") is None
        assert only_file(store) == path.with_suffix(".damaged")
    store.save("k", stored(clock))
    assert store.load("k") == stored(clock)
    clock.elapsed += 1e9  # beyond the real time of the file
    store._sweep()
    assert [left for left in store.path.iterdir() if left.is_file()] == []


def test_e4_a_token_whose_text_makes_no_sense_is_set_aside_too(store: FileStore, clock: FakeClock) -> None:
    store.save("k", stored(clock))
    path = only_file(store)
    path.write_bytes(store._vault.seal(Secret("tomorrow\nAtza|x"), "token k"))
    assert store.load("k") is None
    assert only_file(store).suffix == ".damaged"


def test_e4_another_process_may_set_it_aside_first(
    store: FileStore, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save("k", stored(clock))
    path = only_file(store)
    path.write_bytes(b"")
    rename = Path.replace

    def twice(self: Path, target: Path) -> Path:
        rename(self, target)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", twice)
    assert store.load("k") is None


def test_a_token_file_that_may_not_be_read_is_left_where_it_is(
    store: FileStore, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *, most: int) -> bytes:
        raise PermissionError(13, "Permission denied", str(path), most)

    store.save("k", stored(clock))
    monkeypatch.setattr(disk, "read", refuse)
    with pytest.raises(PermissionError):
        store.load("k")
    assert only_file(store).suffix == ".token"


@pytest.mark.parametrize("kind", FOREIGN)
def test_e4_a_secret_that_is_none_is_refused_and_left_where_it_is(store: FileStore, kind: str) -> None:
    store.save_secret("shop", SECRET)
    path = only_file(store)
    path.unlink()
    FOREIGN[kind](path)
    actions: list[Callable[[], object]] = [
        lambda: store.load_secret("shop"),
        lambda: store.save_secret("shop", SECRET),
    ]
    for action in actions:
        with pytest.raises(ConfigurationError, match=r"not written by this store|another key|out of reach"):
            action()
    assert only_file(store) == path


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes here")
def test_e4_nothing_is_read_from_a_folder_that_is_open_to_others(store: FileStore, clock: FakeClock) -> None:
    store.save_secret("shop", SECRET)
    store.save("k", stored(clock))
    store.path.chmod(0o750)
    actions: list[Callable[[], object]] = [
        lambda: store.load_secret("shop"),
        lambda: store.load("k"),
    ]
    for action in actions:
        with pytest.raises(ConfigurationError, match="open to others: chmod 700"):
            action()


def test_e6_names_with_lone_surrogates_are_names(store: FileStore) -> None:
    store.save_secret("shop \udcff", SECRET)
    assert store.load_secret("shop \udcff") == SECRET


@pytest.mark.parametrize("text", ["pass\udcffword", "\ud83d", ""])
def test_e6_secrets_with_lone_surrogates_come_back_as_they_were_kept(store: FileStore, text: str) -> None:
    store.save_secret("shop", Secret(text))
    assert store.load_secret("shop") == Secret(text)


def test_without_a_key_secrets_are_refused_and_tokens_stay_in_memory(
    tmp_path: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileStore(tmp_path / "store", clock=clock)
    with pytest.raises(ConfigurationError) as caught:
        store.save_secret("shop", SECRET)
    for way in (vault.VARIABLE, "callable", 'key="keyring"', "spshipping --new-store-key"):
        assert way in str(caught.value)
    with caplog.at_level(logging.WARNING):
        store.save("k", stored(clock))
        store.save("k", stored(clock))
    assert len(caplog.records) == 1
    assert "tokens stay in memory" in caplog.text
    assert store.load("k") is None
    with store.flight("k", 0.0) as is_mine, store.flight("k", 0.0) as is_theirs:
        assert is_mine
        assert is_theirs
    assert not store.path.exists()


def test_without_a_key_what_was_kept_with_one_is_not_read(store: FileStore, clock: FakeClock) -> None:
    store.save("k", stored(clock))
    store.save_secret("shop", SECRET)
    keyless = FileStore(store.path, clock=clock)
    assert keyless.load("k") is None
    with pytest.raises(ConfigurationError, match="has no key"):
        keyless.load_secret("shop")
    keyless.delete_secret("shop")
    assert store.load_secret("shop") is None


@pytest.mark.skipif(os.name != "posix", reason="folders have no such modes here")
def test_a_folder_that_is_open_to_others_is_not_used(tmp_path: Path, clock: FakeClock) -> None:
    tmp_path.chmod(0o750)
    store = FileStore(tmp_path, key=lambda: KEY, clock=clock)
    with pytest.raises(ConfigurationError, match="open to others: chmod 700 it"):
        store.save_secret("shop", SECRET)
    with pytest.raises(ConfigurationError, match="open to others"):
        token_of(TokenCache(clock, store), ("k",), lambda: Grant(Secret(TOKEN), 60), clock.monotonic() + 1)
    assert list(tmp_path.iterdir()) == []


def test_a_store_out_of_reach_is_told_for_secrets_and_done_without_for_tokens(
    tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "file"
    path.write_text("here")
    store = FileStore(path, key=lambda: KEY, clock=clock)
    attempts: list[Callable[[], object]] = [
        lambda: store.load_secret("shop"),
        lambda: store.save_secret("shop", SECRET),
        lambda: store.delete_secret("shop"),
    ]
    for attempt in attempts:
        with pytest.raises(ConfigurationError, match="is out of reach"):
            attempt()
    cache = TokenCache(clock, store)
    assert token_of(cache, ("k",), lambda: Grant(Secret(TOKEN), 60), clock.monotonic() + 1).reveal() == TOKEN


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save_secret("shop", SECRET)
    path = only_file(store)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device", str(descriptor))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left"):
        store.save_secret("shop", Secret("new"))
    assert only_file(store).read_bytes() == before
    assert store.load_secret("shop") == SECRET


def test_flights_of_one_key_exclude_each_other_and_leave_no_file(store: FileStore) -> None:
    with store.flight("k", 1.0) as is_mine:
        assert is_mine
        found: list[bool] = []

        def work() -> None:
            for key in ("k", "another"):
                with store.flight(key, -1.0) as is_theirs:
                    found.append(is_theirs)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert found == [False, True]
    assert list(store.path.iterdir()) == []
    with store.flight("k", 0.0) as is_mine:
        assert is_mine


def test_a_flight_whose_fetch_fails_ends(store: FileStore) -> None:
    with pytest.raises(KeyError), store.flight("k", 1.0):
        raise KeyError
    with store.flight("k", 0.0) as is_mine:
        assert is_mine


@pytest.mark.parametrize("is_held", [True, False])
def test_e7_the_lock_of_a_process_that_died_is_removed(
    store: FileStore, clock: FakeClock, is_held: bool
) -> None:
    store.save("k", stored(clock))
    lock = store.path / "dead.lock"
    with store._locked(lock, 0.0):
        pass
    lock.touch()  # some versions of filelock remove it
    with store._locked(lock, 0.0) if is_held else contextlib.nullcontext():
        os.utime(lock, (0, 0))
        clock.elapsed += 601
        store.save("k", stored(clock))
        assert lock.exists() == is_held


def test_ended_tokens_and_leftovers_are_swept_and_nothing_else(store: FileStore, clock: FakeClock) -> None:
    store.save_secret("shop", SECRET)
    store.save("ended", stored(clock, seconds=60))
    leftover, fresh, lock = (store.path / name for name in ("old.tmp", "new.tmp", "new.lock"))
    for path, age in ((leftover, 3700), (fresh, 10), (lock, 10)):
        path.touch()
        then = clock.now().timestamp() - age
        os.utime(path, (then, then))
    clock.elapsed += 300
    store.save("good", stored(clock))
    assert leftover.exists()
    clock.elapsed += 301
    store.save("other", stored(clock))
    assert not leftover.exists()
    assert fresh.exists()
    assert lock.exists()
    assert store.load("ended") is None
    assert store.load("good") is not None
    assert store.load_secret("shop") == SECRET
    assert len(list(store.path.iterdir())) == 5


def test_10_000_sellers_do_not_fill_the_disk(store: FileStore, clock: FakeClock) -> None:
    for number in range(300):
        clock.elapsed += 60
        store.save(str(number), stored(clock))
    assert len(list(store.path.iterdir())) < 80


def test_a_home_may_be_named_by_its_sign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert FileStore("~/store").path == tmp_path / "store"


def test_a_store_shows_no_key(store: FileStore) -> None:
    store.save_secret("shop", SECRET)
    shown = f"{store!r} {vars(store)} {vars(store._vault)}"
    assert KEY.reveal() not in shown
    assert repr(FileStore.new_key()) == "Secret('…')"


WRITER = """
import os, sys, pathlib
from spshipping import Secret, disk
from spshipping.auth.file_store import FileStore

def stop(*_):
    print("here", flush=True)
    sys.stdin.read()

store = FileStore(sys.argv[1])
store.save_secret("shop", Secret("old"))
where = sys.argv[2]
if where == "write":
    class Half:
        def __init__(self, file):
            self.file = file
        def __enter__(self):
            return self
        def __exit__(self, *_):
            self.file.close()
        def write(self, data):
            self.file.write(data[: len(data) // 2])
            stop()
    def half(path, mode, opener):
        if mode == "rb":
            return open(path, mode, opener=opener)
        return Half(open(path, mode, 0, opener=opener))
    disk.open = half
elif where == "fsync":
    os.fsync = stop
else:
    pathlib.Path.replace = stop
store.save_secret("shop", Secret("new"))
"""


@pytest.mark.parametrize("where", ["write", "fsync", "replace"])
def test_a_process_killed_in_mid_write_leaves_the_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv(vault.VARIABLE, KEY.reveal())
    path = tmp_path / "store"
    command = [sys.executable, "-c", WRITER, str(path), where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "here\n"
        child.kill()
    store = FileStore(path)
    assert store.load_secret("shop") == Secret("old")
    assert len(list(path.glob("*.tmp"))) == 1
    assert all(b"new" not in left.read_bytes() for left in path.iterdir())
    store.save_secret("shop", Secret("newer"))
    assert store.load_secret("shop") == Secret("newer")


HOLDER = """
import sys
from spshipping.auth.file_store import FileStore
with FileStore(sys.argv[1]).flight("k", 5.0) as is_mine:
    print(is_mine, flush=True)
    sys.stdin.read()
"""


def test_a_flight_ends_with_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(vault.VARIABLE, KEY.reveal())
    store = FileStore(tmp_path / "store")
    command = [sys.executable, "-c", HOLDER, str(store.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "True\n"
        with store.flight("k", 0.0) as is_mine:
            assert not is_mine
        child.kill()
    with store.flight("k", 0.0) as is_mine:
        assert is_mine
