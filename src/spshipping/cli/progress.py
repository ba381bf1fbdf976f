"""What is printed on standard error while a command runs: waits for the quota, and pages."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from spshipping.errors import printable
from spshipping.meta import Attempt
from spshipping.transport.log import WAITS

_logger = logging.getLogger("spshipping")


class Printed(logging.Handler):
    """Prints what the log says; standard error that is full or gone ends nothing of what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print what the log says, if that is possible."""
        try:
            self.show(record)
        except Exception:  # raised here, it would end the thread that has logged something
            with suppress(Exception):  # it raises where standard error is closed
                self.handleError(record)

    def show(self, record: logging.LogRecord) -> None:
        """Print what the log says."""
        click.echo(f"{record.levelname.lower()}: {printable(record.getMessage())}", err=True)


class Waits(Printed):
    """Says beforehand that a call has to wait."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)

    def show(self, record: logging.LogRecord) -> None:
        """Print what the log says."""
        if record.msg == WAITS and isinstance(record.args, tuple):
            name, seconds, reason, _ = record.args
            self.show_wait(str(name), seconds, str(reason))

    def show_wait(self, name: str, seconds: Any, reason: str) -> None:
        """Print that an operation waits."""
        click.echo(f"{name} waits {seconds:.0f} s {reason}", err=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Print during the block, in place of another one of these."""
        level, others = _logger.level, [each for each in _logger.handlers if isinstance(each, Waits)]
        for each in others:
            _logger.removeHandler(each)
        _logger.addHandler(self)
        _logger.setLevel(min(level or logging.INFO, logging.INFO))
        try:
            yield
        finally:
            _logger.setLevel(level)
            _logger.removeHandler(self)
            for each in others:
                _logger.addHandler(each)


class Faults(Printed):
    """Prints warnings and errors of the log, unless the program has set up its logging itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Print during the block."""
        others = [*_logger.handlers, *logging.getLogger().handlers]
        if all(isinstance(each, logging.NullHandler) for each in others):
            _logger.addHandler(self)
        try:
            yield
        finally:
            _logger.removeHandler(self)


class Progress(Waits):
    """Prints a line for each page of orders that was read, with how long the next one has to wait."""

    def __init__(self, operation: str) -> None:
        """Count the answers of *operation*."""
        super().__init__()
        self._operation = operation
        self._shown = 0
        self.pages: int = 0
        """Pages that have come."""
        self.orders: int = 0
        """Orders that were taken from them."""

    def on_reply(self, attempt: Attempt) -> None:
        """Count an answer, as `Client(on_reply=...)` gives it."""
        if attempt.operation == self._operation and attempt.outcome == "answered":
            if self.pages > self._shown:
                with suppress(OSError, ValueError):  # the answer counts, whether or not that is printed
                    self._show("")
            self.pages += 1

    def show_wait(self, name: str, seconds: Any, reason: str) -> None:
        """Print the page before the wait."""
        if name == self._operation:
            self._show(f"; next in {seconds:.0f} s")
        else:
            super().show_wait(name, seconds, reason)

    def _show(self, rest: str) -> None:
        self._shown = self.pages
        click.echo(f"page {self.pages}, {self.orders} orders{rest}", err=True)
