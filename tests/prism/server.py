"""Prism, where it is installed: a process of Node that serves Amazon's Swagger files on loopback."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_SECONDS = 120.0
"""So long Prism may take to start, on a machine that is busy."""

FOLDER = os.environ.get("SPSHIPPING_MODELS", "")


def missing() -> str | None:
    """Say what these tests lack here; None if nothing."""
    if not FOLDER:
        return "Amazon's Swagger files are not here; SPSHIPPING_MODELS names their folder"
    if shutil.which("node") is None:
        return "there is no Node here, which Prism needs"
    if not program().exists():
        return f"Prism is not installed at {program()}: run make prism"
    return None


def program() -> Path:
    """Return where Prism is, or would be."""
    named = os.environ.get("SPSHIPPING_PRISM")
    return Path(named) if named else _ROOT / ".prism" / "node_modules" / ".bin" / "prism"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def prism(command: str, *arguments: str) -> Iterator[str]:
    """Run Prism for the block, and give its address.

    Args:
        command: `mock` answers by itself, `proxy` validates what passes through it.
        arguments: the Swagger file and, for a proxy, the address behind it.
    """
    port = _free_port()
    process = subprocess.Popen(
        [str(program()), command, "-h", "127.0.0.1", "-p", str(port), "-v", "silent", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    ends_at = time.monotonic() + _SECONDS
    while time.monotonic() < ends_at:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            raise AssertionError("Prism ended before it listened")
    raise AssertionError("Prism does not listen")
