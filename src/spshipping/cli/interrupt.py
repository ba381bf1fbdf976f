"""Ctrl-C and SIGTERM, which end a command cleanly."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


_BY_SIGNAL = 128
"""With the number of a signal, the exit code of what it has ended, as in a shell."""


class Terminated(KeyboardInterrupt):
    """SIGTERM was received: it ends a command as Ctrl-C does."""


def exit_code_of(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was interrupted."""
    return _BY_SIGNAL + (signal.SIGTERM if isinstance(interrupt, Terminated) else signal.SIGINT)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does; one that is ignored stays so."""
    before = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


# Windows has no such mask, and no signal that interrupts a write


def _block() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)) if sys.platform != "win32" else set()


def _restore(mask: set[int]) -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_SETMASK, mask)) if sys.platform != "win32" else set()


class Interrupt:
    """Ctrl-C and SIGTERM: they end a wait at once; what must not be interrupted is finished first."""

    def __init__(self) -> None:
        self.is_busy: bool = False
        self._is_set = False
        self.exit_code: int = 0
        """That of a command that was ended by what was received; 0 until then."""

    def is_set(self) -> bool:
        """Return whether one of them was received."""
        return self._is_set

    def catch(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        self._is_set = True
        self.exit_code = _BY_SIGNAL + number
        if not self.is_busy:
            raise KeyboardInterrupt

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Let no signal end the block. One that arrives is handled at its end, and then `is_set()` is true.

        A signal in the middle of a write into a full pipe could lose a part of what is written.
        """
        self.is_busy = True
        before = _block()
        try:
            yield
        finally:
            _restore(before)
            self.is_busy = False

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Handle the signals while the block runs; one of them ends it quietly."""
        before = {number: signal.signal(number, self.catch) for number in _SIGNALS}
        try:
            yield
        except KeyboardInterrupt:
            pass
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
