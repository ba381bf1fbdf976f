"""From a document's base64 to a file that only its owner reads."""

import base64
import os
import re
import tempfile
from pathlib import Path

from spshipping.errors import DecodeError

_ADVICE = "the shipment is bought; call get_shipment_documents for the document"


def decoded(contents: str | None, format: str | None) -> bytes:
    """Return the file that *contents* holds in base64, line breaks or not.

    Raises:
        DecodeError: it holds none, or one that is no PDF or PNG although *format* says so.
    """
    try:
        data = base64.b64decode("".join((contents or "").split()), validate=True)
    except ValueError:
        data = b""
    if not data:
        del contents  # a traceback shows local variables
        raise DecodeError(f"the document is empty or no base64; {_ADVICE}")
    # readers of PDF find its mark anywhere in the first 1024 bytes
    is_pdf = b"%PDF-" in data[:1024]
    is_png = data.startswith(b"\x89PNG\r\n\x1a\n")
    if (format == "PDF" and not is_pdf) or (format == "PNG" and not is_png):
        del contents, data  # a traceback shows local variables
        raise DecodeError(f"the document is no {format}, although it says so; {_ADVICE}")
    return data


def named_after(type: str | None, format: str | None) -> tuple[str, str]:
    """Return a file's stem and suffix, without any character that could lead out of its folder."""
    stem, suffix = (re.sub(r"[^A-Za-z0-9_-]", "_", part or "") for part in (type, format))
    return stem or "DOCUMENT", f".{suffix.lower() or 'bin'}"


def save(path: Path, name: tuple[str, str], data: bytes) -> Path:
    """Put *data* into the file *path*, or into a new file of that name in the folder *path*."""
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_private(path, data)
        return path
    target = _claim(path, name)
    try:
        _write_private(target, data)
    except BaseException:
        target.unlink()
        raise
    return target


def _claim(folder: Path, name: tuple[str, str]) -> Path:
    """Make an empty file of that name, or with `-2`, `-3` after its stem, so that nobody else takes it."""
    stem, suffix = name
    path, number = folder / f"{stem}{suffix}", 1
    while not _is_made(path):
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path


def _is_made(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    return True


def _write_private(path: Path, data: bytes) -> None:
    """Write in one step, readable by the owner only: a label shows addresses."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise
