"""Who a checkpoint belongs to: one sync at a time, and a store that says so ends the others."""

import asyncio
import errno
import multiprocessing
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spshipping import ConfigurationError, LeaseLostError, disk
from spshipping.sync import Checkpoint, FileCheckpoint, MemoryCheckpoint
from spshipping.sync.page import Page
from tests.kit import START
from tests.unit import test_sync, test_sync_async
from tests.unit.test_sync import LATEST, ScriptedFeed, Stopper, change, last, sync_of, taken

POSIX = pytest.mark.skipif(os.name != "posix", reason="links, modes and forks are those of POSIX")
WAYS = pytest.mark.parametrize("way", ["threads", "asyncio"])


class Taken(MemoryCheckpoint):
    """Says, in one of its methods, that another owns it."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.calls = 0
        self._method = method

    def load(self) -> Checkpoint | None:
        self._check("load")
        return super().load()

    def save(self, checkpoint: Checkpoint) -> None:
        # the first one is that of the beginning
        self._check("save" if self.checkpoint else "")
        super().save(checkpoint)

    def _check(self, method: str) -> None:
        if method == self._method:
            self.calls += 1
            raise LeaseLostError("another worker has taken over")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@WAYS
@pytest.mark.parametrize("method", ["load", "save"])
def test_c5_a_store_that_another_owns_ends_the_run(way: str, method: str) -> None:
    feed, store = ScriptedFeed(last(change("a", LATEST))), Taken(method)
    sync: Any = test_sync.sync_of(feed, store) if way == "threads" else test_sync_async.sync_of(feed, store)
    delivered: list[str] = []

    def run() -> None:
        running = sync.run(delivered.extend, every=300)
        if way == "asyncio":
            asyncio.run(running)

    with pytest.raises(LeaseLostError, match="has taken over"):
        run()
    assert (store.calls, len(delivered)) == (1, int(method == "save"))
    assert isinstance(sync.status.last_error, LeaseLostError)
    assert (sync.status.is_running, sync.status.next_run) == (False, None)


def second(path: Path, way: str, feed: ScriptedFeed) -> None:
    """Let another sync use the checkpoint once."""
    if way == "threads":
        taken(sync_of(feed, FileCheckpoint(path)))  # type: ignore[arg-type]
        return

    async def main() -> None:
        async for batch in test_sync_async.sync_of(feed, FileCheckpoint(path)).batches():
            await batch.commit()

    asyncio.run(main())


@WAYS
def test_c5_of_two_syncs_on_one_file_the_second_is_refused(way: str, tmp_path: Path) -> None:
    path, feed = tmp_path / "sync.json", ScriptedFeed(last(change("a", LATEST)))
    store: Any = FileCheckpoint(path)
    for batch in sync_of(feed, store).batches():
        with pytest.raises(LeaseLostError, match=r"sync\.json is in use by another sync, in this process or"):
            second(path, way, ScriptedFeed())
        # not even the same object may be shared
        with pytest.raises(LeaseLostError):
            taken(sync_of(ScriptedFeed(), store))
        batch.commit()
    assert files(tmp_path) == ["sync.json"]
    feed.clock.elapsed += 300
    feed.steps.append(last())
    second(path, way, feed)


@WAYS
def test_c5_a_run_holds_its_checkpoint_between_two_passes_too(way: str, tmp_path: Path) -> None:
    path, feed = tmp_path / "sync.json", ScriptedFeed(last(), last())
    refused: list[str] = []

    def meanwhile() -> None:
        try:
            FileCheckpoint(path).lock()
        except LeaseLostError as error:
            refused.append(str(error))

    feed.clock.on_sleep = meanwhile
    store: Any = FileCheckpoint(path)
    stop = Stopper(lambda: len(feed.asked) == 2)
    if way == "threads":
        sync_of(feed, store).run(print, every=1, stop=stop)
    else:
        asyncio.run(test_sync_async.sync_of(feed, store).run(print, every=1, stop=stop))
    assert len(refused) > 1
    assert files(tmp_path) == ["sync.json"]


def test_c5_an_abandoned_loop_does_not_keep_its_own_sync_out(tmp_path: Path) -> None:
    feed, store = ScriptedFeed(*[last(change("a", LATEST))] * 2), FileCheckpoint(tmp_path / "sync.json")
    sync = sync_of(feed, store)  # type: ignore[arg-type]
    abandoned = sync.batches()
    next(abandoned)
    assert len(taken(sync)) == 1
    del abandoned
    assert files(tmp_path) == ["sync.json"]


def _use(path: Path, say: Any) -> None:
    try:
        second(path, "threads", ScriptedFeed(last()))
    except LeaseLostError as error:
        say.send(str(error))
    else:
        say.send("used")


def _hold_until_killed(path: Path, say: Any) -> None:
    store = FileCheckpoint(path)
    store.lock()
    say.send("held")
    say.recv()


@pytest.mark.long
def test_c5_of_two_processes_the_second_is_refused_until_the_first_has_died(tmp_path: Path) -> None:
    path, context = tmp_path / "sync.json", multiprocessing.get_context("spawn")

    def started(work: Callable[..., None]) -> tuple[Any, Any, str]:
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(path, theirs))
        process.start()
        assert ours.poll(30)
        return process, ours, ours.recv()

    first, line, word = started(_hold_until_killed)
    assert word == "held"
    process, _, word = started(_use)
    assert "sync.json is in use by another sync" in word
    process.join()
    first.kill()
    first.join()
    line.close()
    process, _, word = started(_use)
    assert word == "used"
    process.join()


@POSIX
def test_c5_a_forked_process_leaves_the_lock_to_its_parent(tmp_path: Path) -> None:
    store = FileCheckpoint(tmp_path / "sync.json")
    store.lock()
    child = os.fork()
    if not child:  # pragma: no cover - the child's own
        code = 1
        try:
            store.save(Checkpoint(START))
        except LeaseLostError:
            code = 7
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    with pytest.raises(LeaseLostError):
        FileCheckpoint(store.path).lock()
    store.renew_locks()
    store.renew_locks()
    assert store._descriptor is None
    store.lock()
    store.unlock()
    store.unlock()


def test_c5_a_batch_committed_after_its_loop_overwrites_no_other_sync(tmp_path: Path) -> None:
    path = tmp_path / "sync.json"
    store: Any = FileCheckpoint(path)
    first = next(sync_of(ScriptedFeed(last(change("a", LATEST))), store).batches())
    other = FileCheckpoint(path)
    other.lock()
    with pytest.raises(LeaseLostError):
        first.commit()
    other.unlock()
    first.commit()
    state = store.load()
    assert state is not None
    assert state.until == LATEST


@POSIX
def test_c5_the_lock_is_its_owners_and_follows_no_link(tmp_path: Path) -> None:
    store, place = FileCheckpoint(tmp_path / "sync.json"), tmp_path / "sync.json.lock"
    store.lock()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    store.unlock()
    (tmp_path / "victim").write_text("precious")
    place.symlink_to(tmp_path / "victim")
    with pytest.raises(
        ConfigurationError, match=r"sync\.json\.lock cannot be locked \(OSError\): use a folder"
    ):
        store.lock()


@POSIX
@pytest.mark.parametrize("leaves", ["nothing", "another"])
def test_c5_a_lock_that_was_removed_as_it_was_opened_is_none(
    leaves: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole = tmp_path / "lock", disk._try_lock

    def removed(descriptor: int) -> bool:
        monkeypatch.setattr(disk, "_try_lock", whole)
        path.unlink()
        if leaves == "another":
            path.touch()
        return whole(descriptor)

    monkeypatch.setattr(disk, "_try_lock", removed)
    descriptor = disk.lock(path)
    assert descriptor is not None
    assert disk.lock(path) is None
    disk.unlock(path, descriptor)
    assert not path.exists()


@POSIX
def test_c5_where_a_file_system_has_no_locks_a_sync_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", fail)
    taken(sync_of(ScriptedFeed(last()), FileCheckpoint(tmp_path / "sync.json")))  # type: ignore[arg-type]
    assert files(tmp_path) == ["sync.json"]


@pytest.mark.parametrize("is_free", [True, False])
def test_c5_windows_locks_a_byte(is_free: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def locking(_descriptor: int, mode: int, count: int) -> None:
        asked.append((mode, count))
        if not is_free:
            raise OSError(errno.EACCES, "locked")

    monkeypatch.setattr(disk, "_IS_POSIX", False)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    descriptor = disk.lock(tmp_path / "lock")
    assert asked == [(2, 1)]
    assert (descriptor is not None) is is_free
    if descriptor is not None:
        disk.unlock(tmp_path / "lock", descriptor)


def test_c5_what_fails_while_it_is_locked_leaves_no_file_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def fail(descriptor: int) -> bool:
        opened.append(descriptor)
        raise KeyboardInterrupt

    monkeypatch.setattr(disk, "_try_lock", fail)
    with pytest.raises(KeyboardInterrupt):
        disk.lock(tmp_path / "lock")
    with pytest.raises(OSError, match="file descriptor"):
        os.fstat(opened[0])


def test_c5_a_page_that_is_not_the_last_keeps_the_lock(tmp_path: Path) -> None:
    feed = ScriptedFeed(Page([change("a", LATEST)], "2"), last(change("b", LATEST)))
    store: Any = FileCheckpoint(tmp_path / "sync.json")
    names = []
    for batch in sync_of(feed, store).batches():
        batch.commit()
        names.append(files(tmp_path))
    assert names == [["sync.json", "sync.json.lock"]] * 2
