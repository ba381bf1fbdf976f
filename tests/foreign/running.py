"""Runs the sandbox with its proxy, and other people's clients in processes of their own."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def is_here(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def clean(**variables: str) -> dict[str, str]:
    """Return the environment without whatever leads elsewhere."""
    kept = {
        name: value for name, value in os.environ.items() if not name.upper().endswith(("_PROXY", "_BUNDLE"))
    }
    return {**kept, **variables}


@contextmanager
def served() -> Iterator[dict[str, Any]]:
    """Run the command as people do, and give what it prints."""
    command = [sys.executable, "-m", "spshipping.cli", "sandbox", "--port", "0", "--proxy", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=60)
