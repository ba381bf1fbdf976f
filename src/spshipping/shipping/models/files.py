"""From a document's base64 to a file that only its owner reads."""

import base64
import re
from pathlib import Path

from spshipping import disk
from spshipping.errors import DecodeError
from spshipping.secret import discreet

_ADVICE = "the shipment is bought; call get_shipment_documents for the document"
"""What to do where a document of a shipment cannot be read."""


@discreet
def decoded(contents: str | None, format: str | None, advice: str = _ADVICE) -> bytes:
    """Return the file that *contents* holds in base64, line breaks or not.

    Raises:
        DecodeError: it holds none, or one that is not in the format that *format* names.
    """
    try:
        data = base64.b64decode("".join((contents or "").split()), validate=True)
    except ValueError:
        data = b""
    if not data:
        raise DecodeError(f"the document is empty or no base64; {advice}")
    # readers of PDF find its mark anywhere in the first 1024 bytes
    is_pdf = b"%PDF-" in data[:1024]
    is_png = data.startswith(b"\x89PNG\r\n\x1a\n")
    if (format == "PDF" and not is_pdf) or (format == "PNG" and not is_png):
        raise DecodeError(f"the document is no {format}, although it says so; {advice}")
    return data


def named_after(type: str | None, format: str | None) -> tuple[str, str]:
    """Return a file's stem and suffix, without any character that could lead out of its folder."""
    stem, suffix = (re.sub(r"[^A-Za-z0-9_-]", "_", part or "") for part in (type, format))
    return stem or "DOCUMENT", f".{suffix.lower() or 'bin'}"


@discreet
def save(path: Path, name: tuple[str, str], data: bytes) -> Path:
    """Put *data* into the file *path*, or into a new file of that name in the folder *path*.

    It is readable by the owner only, for a label shows addresses, and on the disk on return, for it was paid
    for.
    """
    if not path.is_dir():
        disk.make_folder(path.parent, private=False, durable=True)
        disk.replace(path, data, private=True, durable=True)
        return path
    target = _claim(path, name)
    try:
        disk.replace(target, data, private=True, durable=True)
    except BaseException:
        target.unlink()
        raise
    return target


def _claim(folder: Path, name: tuple[str, str]) -> Path:
    """Make an empty file of that name, or with `-2`, `-3` after its stem, so that no other writer uses it."""
    stem, suffix = name
    path, number = folder / f"{stem}{suffix}", 1
    while not disk.claim(path, private=True):
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    return path
