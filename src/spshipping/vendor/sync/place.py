"""How far one pass of an import has come, as the cursor of its checkpoint."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple, NoReturn, Self

from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.sync.checkpoint import Window
from spshipping.vendor.orders.api import LONGEST
from spshipping.vendor.sync.imported import ImportReason
from spshipping.wire.text import parse, write
from spshipping.wire.times import read_time, write_time

SEAM = timedelta(minutes=1)
"""By so much two windows overlap: nothing says whether their ends belong to them."""
FIRST = ""
"""In place of a token: the first page."""

_VERSION = 1


class Place(NamedTuple):
    """A page of an import."""

    reason: ImportReason
    """Which search."""
    window: Window
    """Its window: seven days at most."""
    orders: str | None = FIRST
    """The token of the search's page; None after the last."""
    states: str | None = FIRST
    """The token of the page of states that goes with it; None after the last."""
    pending: tuple[str, ...] = ()
    """Numbers that the search has found, and that are still to be read one by one."""
    has_new: bool = False
    """Whether this pass has searched for new orders since it began."""

    @property
    def is_done(self) -> bool:
        """Whether this search is complete."""
        return self.orders is None and not self.pending

    def from_then_on(self, after: datetime) -> Self:
        """Return it without what lies before a time: its search begins again."""
        later = Window(after, max(after, self.window.before))
        return self._replace(window=later, orders=self.orders and FIRST, states=self.states and FIRST)

    def to_text(self) -> str:
        """Return it as text."""
        saved: dict[str, Any] = {
            "version": _VERSION,
            "search": self.reason.value,
            "after": write_time(self.window.after),
            "before": write_time(self.window.before),
            "orders": self.orders,
            "states": self.states,
            "has_new": self.has_new,
        }
        return write(saved | ({"pending": list(self.pending)} if self.pending else {}))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` returned.

        Raises:
            InvalidRequestError: it is something else.
        """
        try:
            saved = parse(text.encode("utf-8", "surrogatepass"))
        except DecodeError:
            saved = None
        if not isinstance(saved, dict) or saved.get("version") != _VERSION:
            _refuse()
        try:
            window = Window(read_time(saved["after"]), read_time(saved["before"]))
            place = cls(
                ImportReason(saved["search"]),
                window,
                saved["orders"],
                saved["states"],
                tuple(saved.get("pending", ())),
                saved["has_new"] is True,
            )
        except (KeyError, TypeError, ValueError):
            _refuse()
        texts = [place.orders, place.states, *place.pending]
        if not all(isinstance(one, str) for one in texts if one is not None):
            _refuse()
        return place


def first_slice(window: Window) -> Window:
    """Return the first seven days of *window*, or all of it."""
    return Window(window.after, min(window.after + LONGEST, window.before))


def next_slice(window: Window, done: Window) -> Window | None:
    """Return what of *window* follows after *done*; None if nothing does."""
    if done.before >= window.before:
        return None
    return first_slice(Window(done.before - SEAM, window.before))


def _refuse() -> NoReturn:
    raise InvalidRequestError(
        "is no place of an import of this version; begin again without it", path="cursor"
    )
