"""Processes that exchange lines with the one that started them, and end with it."""

import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_ROOT = Path(__file__).parent.parent


class ChildError(Exception):
    """It ended, or had to be ended; the text is the last line that it wrote to standard error."""


class Child:
    """One process; `python -m MODULE` with arguments, in any environment."""

    def __init__(self, python: str, module: str, *arguments: str) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [python, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=_ROOT,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def send(self, line: str) -> None:
        """Send it a line.

        Raises:
            ChildError: it has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ChildError(self._last_error()) from None

    def receive(self, seconds: float = 60.0) -> str:
        """Wait for its next line, at most *seconds*.

        Raises:
            ChildError: there was none.
        """
        assert self._process.stdout is not None
        killer = threading.Timer(seconds, self._process.kill)
        killer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            killer.cancel()
        if not line:
            raise ChildError(self._last_error())
        return line.strip()

    def _last_error(self) -> str:
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it ended without an error"
