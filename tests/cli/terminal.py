"""The command in a process of its own: on a terminal of a given width, or with pipes."""

import difflib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"
_PATIENCE = 30.0
"""Seconds after which a command that prints nothing more is taken for stuck."""
CTRL_C = "\x03"


def command(*words: str) -> list[str]:
    """Return the command as a process runs it."""
    return [sys.executable, "-m", "spshipping", *words]


class Terminal:
    """A command whose input, output and errors are one terminal; use it in a `with` block."""

    def __init__(self, words: list[str], environ: Mapping[str, str], folder: Path, columns: int) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            command(*words),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env={**environ, "TERM": "xterm"},
            start_new_session=True,
            # what is typed reaches the command as signals, too
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)
        self._shown = b""

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    @property
    def text(self) -> str:
        """What is shown so far."""
        return self._shown.decode().replace("\r\n", "\n")

    def wait_for(self, text: str) -> None:
        """Wait until it is shown."""
        while text not in self.text:
            assert self._read(), f"it ended before it showed {text!r}:\n{self.text}"

    def wait_until(self, happened: Callable[[], object]) -> None:
        """Wait until something has happened elsewhere, and read what is shown meanwhile."""
        ends_at = time.monotonic() + _PATIENCE
        while not happened():
            assert time.monotonic() < ends_at, f"it is stuck:\n{self.text}"
            if select.select([self._ours], [], [], 0.02)[0]:
                self._read()

    def press(self, keys: str) -> None:
        """Type, once the command waits.

        A signal just before a blocking call of the system would be seen only when that call is over.
        """
        self.wait_until(self._is_waiting)
        os.write(self._ours, keys.encode())

    def terminate(self) -> None:
        """Send SIGTERM, once the command waits."""
        self.wait_until(self._is_waiting)
        self.process.terminate()

    def _is_waiting(self) -> bool:
        state = Path(f"/proc/{self.process.pid}/stat")
        return not state.exists() or state.read_text().rpartition(") ")[2].startswith("S")

    def end(self) -> tuple[int, str]:
        """Wait for the end, and return the exit code and what was shown."""
        while self._read():
            pass
        return self.process.wait(_PATIENCE), self.text

    def _read(self) -> bool:
        ends_at = time.monotonic() + _PATIENCE
        ready, _, _ = select.select([self._ours], [], [], max(0.0, ends_at - time.monotonic()))
        assert ready, f"it is stuck:\n{self.text}"
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux says so where the other end is closed
            return False
        self._shown += data
        return bool(data)


def check(name: str, shown: str) -> None:
    """Compare with the file in which the expected output stands; ESC is written as ␛ there."""
    path = EXPECTED / name
    shown = shown.replace("\x1b", "␛")
    if os.environ.get("WRITE_EXPECTED"):
        path.write_text(shown, encoding="utf-8")
    expected = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(expected.splitlines(), shown.splitlines(), name, "shown", lineterm="")
    assert shown == expected, "\n".join(difference)
