"""Which names of sellers and which ids every place for leases can keep, and how a reason is kept."""

from collections.abc import Iterable
from datetime import datetime

from spshipping.errors import InvalidRequestError
from spshipping.sync.leases import NewChange

MOST_NAME_BYTES = 200
"""So long the name of a seller may be, in UTF-8: it is also a part of a file's name."""
MOST_BYTES = 1000
"""More of an id do not fit into an index of PostgreSQL, which holds two of them and a time."""


def id_fault(name: object, most: int = MOST_BYTES) -> str | None:
    """Return why an id cannot be kept, in words that do not repeat it; None if it can."""
    if not isinstance(name, str):
        return f"is not a text, but a {type(name).__name__}"
    if "\0" in name:
        return "has a NUL character, which no database keeps"
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "has half of a character (a lone surrogate), which is no text"
    return f"has {length} bytes in UTF-8, and at most {most} are kept" if length > most else None


def check_id(name: object, path: str) -> None:
    """Check that an id can be kept.

    Raises:
        InvalidRequestError: it cannot, and why.
    """
    fault = id_fault(name)
    if fault:
        raise InvalidRequestError(fault, path=path)


def name_fault(name: object) -> str | None:
    """Return why no seller can have this name, wherever leases are kept; None if one can."""
    if isinstance(name, str) and not name.strip():
        return "is empty: give the seller a name"
    return id_fault(name, MOST_NAME_BYTES)


def checked_names(sellers: Iterable[str]) -> list[str]:
    """Return names of sellers, each once.

    Raises:
        InvalidRequestError: one of them cannot be used, and why.
    """
    if isinstance(sellers, str):
        raise InvalidRequestError("takes a list of names, not a single text", path="sellers")
    names = list(sellers)
    for number, name in enumerate(names):
        fault = name_fault(name)
        if fault:
            raise InvalidRequestError(fault, path=f"sellers[{number}]")
    return list(dict.fromkeys(names))


def check_change(change: NewChange) -> None:
    """Check that a change can be kept.

    Raises:
        InvalidRequestError: it cannot, and why.
    """
    for path in ("key", "seller", "item_id"):
        check_id(getattr(change, path), path)
    at: object = change.changed_at
    if at is not None and not (isinstance(at, datetime) and at.utcoffset() is not None):
        raise InvalidRequestError("is a datetime with a time zone, or None", path="changed_at")


def kept_text(text: str) -> str:
    """Return *text* with what PostgreSQL cannot keep escaped: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
