"""The one way of writing a file, and of reading one back."""

import contextlib
import errno
import importlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

TEMPORARY_SUFFIX = ".tmp"
"""The end of a temporary file's name; one that is old was left by a process that died."""

_MOST_BYTES = 64 << 20
_IS_POSIX = os.name == "posix"
# flags that Windows does not have
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_CANNOT_LOCK = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)
"""What file systems answer that have no locks."""
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP)
"""What file systems answer that have no sync of folders."""


def replace(
    path: Path, data: bytes, *, private: bool, durable: bool, modified_at: float | None = None
) -> None:
    """Put *data* in the place of whatever is at *path*, all or nothing.

    It is written into a new file with a random name in the same folder, which then takes the place. No
    symbolic link is followed: one at *path* is replaced, and what it leads to is left alone. Folders that are
    missing are made. What fails, or is interrupted, leaves the old file and nothing beside it.

    Args:
        path: the file.
        data: its new content.
        private: only the owner may read the file, and folders that are made; else the umask decides.
        durable: on return, file and folder have reached the disk.
        modified_at: the file's time, in seconds since 1970; None for now.

    Raises:
        OSError: it cannot be written, or *path* is, or leads to, a device or a pipe: that stays.
    """
    _check_replaceable(path)
    make_folder(path.parent, private=private, durable=durable)
    temporary = path.with_name(f".{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    try:
        with open(temporary, "xb", opener=_opener(private=private)) as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if modified_at is not None:
            os.utime(temporary, (modified_at, modified_at))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync(path.parent)


class Draft:
    """A file that is written part by part, in a `with` block: it takes the place of another once it is whole.

    It has a random name in the same folder until then. What is neither finished nor kept is removed at the
    end of the block.
    """

    def __init__(self, path: Path, *, private: bool) -> None:
        """Make an empty file, and the folders that are missing: what cannot be written is known at once.

        Args:
            path: the place that it takes.
            private: only the owner may read the file, and folders that are made; else the umask decides.

        Raises:
            OSError: as for `replace`.
        """
        _check_replaceable(path)
        make_folder(path.parent, private=private, durable=False)
        self.path: Path = path
        self._temporary: Path = path.with_name(f".{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
        self._file = open(self._temporary, "xb", opener=_opener(private=private))  # noqa: SIM115 - see __exit__

    def write(self, data: bytes) -> None:
        """Write more.

        Raises:
            OSError: it cannot be written; the error names the place.
        """
        with self._naming():
            self._file.write(data)

    def finish(self) -> None:
        """Put it in its place, where it has reached the disk on return."""
        self.keep(self.path)

    def keep(self, path: Path) -> None:
        """Put what is written at another place in the same folder; see `finish`."""
        _check_replaceable(path)
        with self._naming():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        self._temporary.replace(path)
        _sync(path.parent)

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):  # a full disk: it is removed
            self._file.close()
        self._temporary.unlink(missing_ok=True)


def _check_replaceable(path: Path) -> None:
    """Refuse to put a file in the place of a device, such as /dev/null: the superuser could."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # nothing is there; or writing says what is wrong
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.EINVAL, "is no regular file", str(path))


def claim(path: Path, *, private: bool) -> bool:
    """Make an empty file at *path*, which `replace` then fills; False if there is anything already."""
    try:
        with open(path, "xb", opener=_opener(private=private)):
            return True
    except FileExistsError:
        return False


def publish(temporary: Path, path: Path) -> bool:
    """Let the finished file *temporary* be found at *path* as well; False if there is anything already.

    On return the folder has reached the disk. *temporary* stays, and is in the same folder.

    Raises:
        OSError: it cannot be done, as on a file system without hard links.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    _sync(path.parent)
    return True


def make_folder(path: Path, *, private: bool, durable: bool) -> None:
    """Make *path* and the folders above it, as far as they are missing."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700 if private else 0o777, exist_ok=True)
        if durable:
            _sync(folder.parent)


def read(path: Path, *, most: int = _MOST_BYTES) -> bytes:
    """Return the content of a regular file. Anything else there, such as a pipe, is refused without waiting.

    Raises:
        FileNotFoundError: there is nothing.
        OSError: it cannot be read, is no regular file, has more than *most* bytes, or no file can have that
            name.
    """
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "is no regular file", str(path))
            data = file.read(most + 1)
    except ValueError:  # a lone surrogate, or a NUL
        raise OSError(errno.EINVAL, "is no name of a file") from None
    if len(data) > most:
        raise OSError(errno.EFBIG, f"has more than {most} bytes", str(path))
    return data


def lock(path: Path) -> int | None:
    """Lock the file *path*, which is made, until `unlock`, or until the process ends, however it ends.

    It keeps out other processes, and whatever else in this process locks it. Where a file system has no
    locks, it keeps out nothing.

    Returns:
        The descriptor for `unlock`; None where it is locked already.

    Raises:
        OSError: it cannot be made or opened, or is a symbolic link.
    """
    make_folder(path.parent, private=True, durable=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW | _NO_WAITING, 0o600)
        try:
            is_ours = _try_lock(descriptor)
            # it is removed when it is unlocked: another may have done that since it was opened
            is_there = is_ours and _is_same(descriptor, path)
        except BaseException:
            os.close(descriptor)
            raise
        if is_there:
            return descriptor
        os.close(descriptor)
        if not is_ours:
            return None


def unlock(path: Path, descriptor: int) -> None:
    """Unlock what `lock` locked, and remove the file."""
    with contextlib.suppress(OSError):  # Windows removes no open file, and the next lock does not mind
        path.unlink()
    os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        if _IS_POSIX:
            # imported here, and below: few programs lock a file, and each system has one of the two
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            windows = importlib.import_module("msvcrt")
            windows.locking(descriptor, windows.LK_NBLCK, 1)
    except OSError as error:
        return error.errno in _CANNOT_LOCK
    return True


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def is_open_to_others(path: Path) -> bool:
    """Say whether others than the owner may do anything with *path*. On Windows, modes do not say it."""
    return _IS_POSIX and bool(path.stat().st_mode & 0o077)


def _opener(*, private: bool) -> Callable[[str, int], int]:
    mode = 0o600 if private else 0o666
    return lambda name, flags: os.open(name, flags | _NO_FOLLOW, mode)


def _open_without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | _NO_WAITING)


def _sync(folder: Path) -> None:
    """Have the names in *folder* reach the disk, where the system can do that for a folder."""
    if not _IS_POSIX:
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # it may be written, and not be listed
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)
