"""Progress on standard error: pages as they come, and how long the quota makes the next one wait."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from spshipping.meta import Attempt
from spshipping.transport.log import WAITS

_logger = logging.getLogger("spshipping")


class Progress(logging.Handler):
    """Prints a line for each page that was read, and says beforehand that the next one has to wait."""

    def __init__(self, *operations: str) -> None:
        """Count the pages of *operations*."""
        super().__init__(logging.INFO)
        self._operations = operations
        self._shown = 0
        self.pages: int = 0
        """Pages that have come."""
        self.orders: int = 0
        """Orders that were taken from them."""

    def on_reply(self, attempt: Attempt) -> None:
        """Count an answer, as `Client(on_reply=...)` gives it."""
        if attempt.operation in self._operations and attempt.outcome == "answered":
            if self.pages > self._shown:
                self._show("")
            self.pages += 1

    def emit(self, record: logging.LogRecord) -> None:
        """Print that something waits."""
        if record.msg == WAITS and isinstance(record.args, tuple):
            seconds: Any = record.args[1]
            self._show(f"; next in {seconds:.0f} s")

    def _show(self, rest: str) -> None:
        self._shown = self.pages
        click.echo(f"page {self.pages}, {self.orders} orders{rest}", err=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Print progress during the block."""
        level = _logger.level
        _logger.addHandler(self)
        _logger.setLevel(min(level or logging.INFO, logging.INFO))
        try:
            yield
        finally:
            _logger.setLevel(level)
            _logger.removeHandler(self)
