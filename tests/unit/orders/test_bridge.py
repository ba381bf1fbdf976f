"""What ends with Orders v0 can be deleted in one commit: nothing else needs it."""

import ast
import subprocess
import sys
from pathlib import Path

import spshipping.orders

ROOM = Path(spshipping.orders.__file__).parent
MENTIONS = {"__init__.py", "api.py", "api_async.py", "order.py", "workflows.py"}
"""The files outside the bridge that name it: `bridge/__init__.py` says what to delete in them."""


def names_the_bridge(file: Path) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and (node.module or "").startswith("spshipping.orders.bridge")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    )


def test_whatever_stays_works_without_the_bridge() -> None:
    command = [sys.executable, "-m", "tests.unit.orders.without_bridge"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "all of it works\n", done.stderr


def test_just_these_files_name_the_bridge() -> None:
    assert {file.name for file in ROOM.glob("*.py") if names_the_bridge(file)} == MENTIONS
    assert not any(
        names_the_bridge(file) for api in ("v0", "v2026_01_01") for file in (ROOM / api).rglob("*.py")
    )


def test_what_names_the_bridge_loads_it_when_it_is_needed() -> None:
    code = (
        "import sys\n"
        "import spshipping.orders.api, spshipping.orders.sync, spshipping.orders.confirm\n"
        "print([name for name in sys.modules if name.startswith('spshipping.orders.bridge')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
