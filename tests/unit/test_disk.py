import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spshipping import disk

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes, links and pipes")


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("private", [True, False])
def test_a_file_is_replaced_whole_and_nothing_stays_beside_it(
    tmp_path: Path, *, private: bool, durable: bool
) -> None:
    path = tmp_path / "file"
    for data in (b"first", b"", b"x" * 100_000):
        disk.replace(path, data, private=private, durable=durable)
        assert disk.read(path) == data
        assert [*tmp_path.iterdir()] == [path]


@posix
@pytest.mark.usefixtures("no_umask")
def test_e1_a_private_file_is_its_owners_whatever_the_umask_and_the_old_file_say(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    disk.replace(path, b"1", private=True, durable=False)
    path.chmod(0o644)
    disk.replace(path, b"2", private=True, durable=False)
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)
    disk.replace(path, b"3", private=False, durable=False)
    assert mode(path) == 0o666


@posix
def test_e1_a_symbolic_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "file"
    victim.write_bytes(b"precious")
    path.symlink_to(victim)
    disk.replace(path, b"data", private=True, durable=True)
    assert not path.is_symlink()
    assert (path.read_bytes(), victim.read_bytes()) == (b"data", b"precious")


@posix
def test_e1_a_symbolic_link_in_the_temporary_files_place_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = tmp_path / "victim"
    (tmp_path / ".guessed.tmp").symlink_to(victim)
    monkeypatch.setattr("secrets.token_hex", lambda _: "guessed")
    with pytest.raises(FileExistsError):
        disk.replace(tmp_path / "file", b"data", private=True, durable=True)
    assert not victim.exists()


def test_temporary_files_have_random_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    monkeypatch.setattr(Path, "replace", lambda self, _target: names.append(self.name))
    for _ in range(2):
        disk.replace(tmp_path / ("n" * 250), b"", private=True, durable=False)
    assert names[0] != names[1]
    assert all(len(name) == 21 and name.endswith(disk.TEMPORARY_SUFFIX) for name in names)


@pytest.mark.parametrize("error", [OSError(28, "No space left"), KeyboardInterrupt(), MemoryError()])
@pytest.mark.parametrize("step", ["os.fsync", "os.utime", "pathlib.Path.replace"])
def test_what_fails_or_is_interrupted_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(type(error)):
            disk.replace(path, b"new", private=True, durable=True, modified_at=1.0)
    assert [*tmp_path.iterdir()] == [path]
    assert path.read_bytes() == b"old"


def test_e2_a_durable_file_is_synced_before_it_takes_its_place_and_its_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "file"
    done: list[str] = []
    sync, rename = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        done.append(f"folder {os.fstat(descriptor).st_ino}" if is_folder else "file")
        sync(descriptor)

    def note_rename(self: Path, target: Path) -> Path:
        done.append("replace")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    disk.replace(path, b"data", private=True, durable=False)
    assert done == ["replace"]
    path.unlink()
    path.parent.rmdir()
    done.clear()
    disk.replace(path, b"data", private=True, durable=True)
    above, folder = (f"folder {place.stat().st_ino}" for place in (tmp_path, path.parent))
    assert done == ([above] * (os.name == "posix") + ["file", "replace"] + [folder] * (os.name == "posix"))


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EIO])
def test_a_file_system_without_sync_of_folders_is_accepted_and_a_broken_disk_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    path = tmp_path / "file"

    def fail(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    if number == errno.EIO:
        with pytest.raises(OSError, match=os.strerror(errno.EIO)):
            disk.replace(path, b"data", private=True, durable=True)
    else:
        disk.replace(path, b"data", private=True, durable=True)
    assert path.read_bytes() == b"data"


def test_a_folder_that_cannot_be_opened_is_not_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def refuse(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path).is_dir():
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    disk.replace(tmp_path / "file", b"data", private=True, durable=True)
    assert (tmp_path / "file").read_bytes() == b"data"


def test_windows_syncs_no_folder_and_has_no_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "_IS_POSIX", False)
    monkeypatch.setattr(disk, "_NO_FOLLOW", 0)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    disk.replace(tmp_path / "file", b"data", private=True, durable=True)
    assert len(synced) == 1
    tmp_path.chmod(0o777)
    assert not disk.is_open_to_others(tmp_path)


def test_the_time_of_a_file_can_be_chosen(tmp_path: Path) -> None:
    disk.replace(tmp_path / "file", b"", private=True, durable=False, modified_at=1_000_000.0)
    assert (tmp_path / "file").stat().st_mtime == 1_000_000.0


@posix
def test_only_the_owners_rights_keep_others_out(tmp_path: Path) -> None:
    for number, is_open in ((0o700, False), (0o500, False), (0o710, True), (0o701, True), (0o777, True)):
        tmp_path.chmod(number)
        assert disk.is_open_to_others(tmp_path) is is_open


@posix
@pytest.mark.usefixtures("no_umask")
def test_a_name_is_claimed_by_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert disk.claim(path, private=True)
    assert not disk.claim(path, private=True)
    assert (path.read_bytes(), mode(path)) == (b"", 0o600)
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "nothing")
    assert not disk.claim(dangling, private=True)
    assert not (tmp_path / "nothing").exists()


def test_a_file_larger_than_allowed_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert disk.read(path, most=5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes") as caught:
        disk.read(path, most=4)
    assert caught.value.errno == errno.EFBIG


def test_what_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk.read(tmp_path / "none")


READER = """
import sys, pathlib
from spshipping import disk
disk.read(pathlib.Path(sys.argv[1]))
"""


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_e4_only_regular_files_are_read_and_a_pipe_does_not_hang(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")
    else:
        path.mkdir()
    command = [sys.executable, "-c", READER, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert "is no regular file" in done.stderr or "IsADirectoryError" in done.stderr
    with pytest.raises(OSError, match=r"no regular file|Is a directory"):
        disk.read(path)


def test_a_finished_file_is_published_once(tmp_path: Path) -> None:
    made, path = tmp_path / "made", tmp_path / "here"
    made.write_bytes(b"first")
    assert disk.publish(made, path)
    made.unlink()
    made.write_bytes(b"second")
    assert not disk.publish(made, path)
    assert path.read_bytes() == b"first"


@posix
@pytest.mark.parametrize("is_link", [True, False])
def test_a_pipe_or_a_device_is_never_replaced_by_a_file(tmp_path: Path, *, is_link: bool) -> None:
    pipe, path = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    path.symlink_to(pipe)
    with pytest.raises(OSError, match="is no regular file"):
        disk.replace(path if is_link else pipe, b"data", private=True, durable=False)
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert sorted(tmp_path.iterdir()) == [path, pipe]


def draft(path: Path, *parts: bytes) -> disk.Draft:
    made = disk.Draft(path, private=True)
    for part in parts:
        made.write(part)
    return made


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_draft_takes_its_place_once_it_is_whole(tmp_path: Path, *, is_kept: bool) -> None:
    path = tmp_path / "new" / "file"
    disk.replace(path, b"old", private=True, durable=False)
    with draft(path, b"one, ", b"two") as made:
        assert path.read_bytes() == b"old"
        if is_kept:
            made.keep(path.with_suffix(".part"))
        else:
            made.finish()
    names = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert names == ({"file": b"old", "file.part": b"one, two"} if is_kept else {"file": b"one, two"})


@posix
def test_a_draft_is_its_owners_only(tmp_path: Path) -> None:
    with draft(tmp_path / "file", b"data") as made:
        made.finish()
    assert mode(tmp_path / "file") == 0o600


def test_a_draft_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError), draft(tmp_path / "file", b"data"):
        raise KeyError
    assert [*tmp_path.iterdir()] == []


def test_a_draft_that_cannot_be_written_names_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "file"
    with draft(path, b"data") as made:
        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="No space left") as caught:
            made.finish()
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))
    assert [*tmp_path.iterdir()] == []


@posix
def test_a_draft_takes_no_devices_place() -> None:
    with pytest.raises(OSError, match="is no regular file"):
        disk.Draft(Path(os.devnull), private=True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_draft_on_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    made = draft(tmp_path / "file")
    with Path("/dev/full").open("wb", buffering=0) as full:
        os.dup2(full.fileno(), made._file.fileno())
    with made, pytest.raises(OSError, match="No space left"):
        made.write(b"x" * 10_000_000)
    assert [*tmp_path.iterdir()] == []
