"""Until when a client can be used: a closed one refuses calls, and so do those that were made from it."""

from __future__ import annotations

from spshipping.errors import ConfigurationError


class Lifetime:
    """Whether a client is closed; one for threads is closed for all of them."""

    __slots__ = ("_is_closed", "_parent")

    def __init__(self, parent: Lifetime | None = None) -> None:
        self._parent = parent
        self._is_closed = False

    def end(self) -> None:
        """Let no further call begin; those under way go on."""
        self._is_closed = True

    @property
    def is_closed(self) -> bool:
        """Whether `end` was called."""
        return self._is_closed

    def check(self) -> None:
        """Make sure that a call may begin.

        Raises:
            ConfigurationError: the client is closed, or the one that it was made from.
        """
        if self.is_closed:
            raise ConfigurationError(
                "this client is closed: make calls before close(), or inside its with block, or make another"
                " client"
            )
        if self._parent is not None:
            self._parent.check()
