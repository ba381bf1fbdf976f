"""What needs fresh processes, and what importing costs."""

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import Row

IMPORT_GOAL = 1.20
UNWANTED = (
    *("aiohttp", "asyncio", "attr", "attrs", "cattrs", "dateutil", "msgspec", "sqlite3"),
    *("spshipping.async_client", "spshipping.shipping"),
)
"""What importing and making a `Client` must not load."""
UNWANTED_ASYNC = (
    *("attrs", "cattrs", "dateutil", "msgspec", "sqlite3"),
    *("spshipping.client", "spshipping.shipping", "spshipping.transport.connections"),
)
"""What importing and making an `AsyncClient` must not load; aiohttp itself needs `attr`."""

_ROOT = Path(__file__).parent.parent
_OURS = "import spshipping; spshipping.Client"
_OURS_ASYNC = "import spshipping; spshipping.AsyncClient"
_MADE = """
import sys
from spshipping import {client}, Credentials, Marketplace
client = {client}(Credentials("client", "secret", "refresh"), Marketplace.UK)
print(sum(name in sys.modules for name in {unwanted!r}))
"""
Program = tuple[str, ...]
"""An interpreter, a program, and its arguments."""


def _seconds(program: Program, bytecode: str) -> float:
    python, text, *arguments = program
    # bytecode is written and used, as it is after `pip install`, whatever the environment says
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDEVMODE": ""}
    began = time.perf_counter()
    done = subprocess.run(
        [python, "-c", text, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
        env=environment,
    )
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return took


def medians(programs: dict[str, Program], *, rounds: int) -> dict[str, float]:
    """Return the median wall-clock seconds of each program in a fresh process, measured alternately.

    Raises:
        RuntimeError: a program failed, and its last line.
    """
    taken: dict[str, list[float]] = {name: [] for name in programs}
    with TemporaryDirectory() as bytecode:
        for number in range(rounds + 1):
            for name, program in programs.items():
                seconds = _seconds(program, bytecode)
                if number:  # the first round writes the bytecode
                    taken[name].append(seconds)
    return {name: median(times) for name, times in taken.items()}


def imports(peers: dict[str, tuple[str, str]]) -> list[Row]:
    """Measure importing, less a bare interpreter, against `import requests`.

    Args:
        peers: interpreter and import statement of each.
    """
    here = sys.executable
    programs: dict[str, Program] = {
        "import requests": (here, "import requests"),
        "import aiohttp": (here, "import aiohttp"),
        _OURS: (here, _OURS),
        _OURS_ASYNC: (here, _OURS_ASYNC),
        "import spshipping.shipping": (here, f"{_OURS}; import spshipping.shipping"),
    }
    programs |= {f"{name}: {text}": (python, text) for name, (python, text) in peers.items()}
    taken = medians({"bare": (here, "pass"), **programs}, rounds=21)
    base = taken["import requests"] - taken["bare"]
    rows = [
        Row("import", name, (taken[name] - taken["bare"]) / base, IMPORT_GOAL if name == _OURS else None)
        for name in programs
    ]
    return [*rows, _unwanted("Client", UNWANTED), _unwanted("AsyncClient", UNWANTED_ASYNC)]


def _unwanted(client: str, unwanted: tuple[str, ...]) -> Row:
    check = _MADE.format(client=client, unwanted=unwanted)
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=_ROOT
    )
    return Row(
        "import", f"unwanted modules that {client}(...) loads, of {len(unwanted)}", float(done.stdout), 0.0
    )
