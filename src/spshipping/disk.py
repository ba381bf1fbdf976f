"""The one way of writing a file, and of reading one back."""

import errno
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"
"""The end of a temporary file's name; one that is old was left by a process that died."""

_MOST_BYTES = 64 << 20
_IS_POSIX = os.name == "posix"
# flags that Windows does not have
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_NO_WAITING: int = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
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
        OSError: it cannot be written.
    """
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
        OSError: it cannot be read, is no regular file, or has more than *most* bytes.
    """
    with open(path, "rb", opener=_open_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"has more than {most} bytes", str(path))
    return data


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
