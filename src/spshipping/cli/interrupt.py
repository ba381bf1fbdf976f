"""Ctrl-C, SIGTERM and the end of the terminal, which end a command cleanly."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

# Windows has no SIGHUP
_ENDS = (signal.SIGTERM, *((signal.SIGHUP,) if sys.platform != "win32" else ()))
_SIGNALS = (signal.SIGINT, *_ENDS)


_BY_SIGNAL = 128
"""With the number of a signal, the exit code of what it has ended, as in a shell."""


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP was received: it ends a command as Ctrl-C does."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.number: int = number


def exit_code_of(interrupt: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was interrupted."""
    return _BY_SIGNAL + (interrupt.number if isinstance(interrupt, Terminated) else signal.SIGINT)


def _terminate(number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated(number)


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does; one that is ignored, as by nohup, stays so."""
    before = {number: signal.getsignal(number) for number in _ENDS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# Windows has no such mask, and no signal that interrupts a write


def _block() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)) if sys.platform != "win32" else set()


def _restore(mask: set[int]) -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_SETMASK, mask)) if sys.platform != "win32" else set()


class Interrupt:
    """Ctrl-C, SIGTERM and SIGHUP end a wait at once; what must not be interrupted is finished first."""

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
        before = {number: signal.getsignal(number) for number in _SIGNALS}
        for number in _SIGNALS:
            if number in (signal.SIGINT, signal.SIGTERM) or before[number] is not signal.SIG_IGN:
                signal.signal(number, self.catch)
        try:
            yield
        except KeyboardInterrupt:
            pass
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
