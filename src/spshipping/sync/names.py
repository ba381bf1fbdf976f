"""Which names every place for leases can keep, and how a reason is kept."""

from collections.abc import Iterable

from spshipping.errors import InvalidRequestError
from spshipping.sync.leases import NewChange

MOST_BYTES = 1000
"""More do not fit into an index of PostgreSQL, which holds two of them and a time."""


def name_fault(name: object) -> str | None:
    """Return why a name cannot be kept, in words that do not repeat it; None if it can."""
    if not isinstance(name, str):
        return f"is a text, not a {type(name).__name__}"
    if "\0" in name:
        return "has a NUL, which PostgreSQL cannot keep"
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "has half a surrogate pair, which is no text"
    return f"has {length} bytes, and at most {MOST_BYTES} are kept" if length > MOST_BYTES else None


def check_name(name: object, path: str) -> None:
    """Check that a name can be kept.

    Raises:
        InvalidRequestError: it cannot, and why.
    """
    fault = name_fault(name)
    if fault:
        raise InvalidRequestError(fault, path=path)


def checked_names(sellers: Iterable[str]) -> set[str]:
    """Return the names of sellers, each once.

    Raises:
        InvalidRequestError: one cannot be kept, and why.
    """
    names = set(sellers)
    for name in names:
        check_name(name, "sellers")
    return names


def check_change(change: NewChange) -> None:
    """Check that a change can be kept.

    Raises:
        InvalidRequestError: it cannot, and why.
    """
    for path in ("key", "seller", "item_id"):
        check_name(getattr(change, path), path)


def kept_text(text: str) -> str:
    """Return *text* with what PostgreSQL cannot keep escaped: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
