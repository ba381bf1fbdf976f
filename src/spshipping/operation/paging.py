"""How the answers of an operation follow each other, page by page."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from spshipping.named import NamedTuple

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page


class Paging(NamedTuple, Generic[T, I]):
    """Where a page is named, what is on it, and which one follows."""

    token: str
    """The query parameter that names a page."""
    items_of: Callable[[T], Sequence[I] | None]
    """Returns the items of an answer."""
    next_of: Callable[[T], str | None]
    """Returns what names the next page; nothing after the last."""
