"""The example of a fleet: what it starts, shows and ends."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.postgres.server import program
from tests.engines.redis.servers import needed

pytestmark = pytest.mark.engines

SCRIPT = Path(__file__).parents[2] / "examples" / "fleet.py"


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of temporary files, which PostgreSQL may enter who is not root: pytest's own it may not."""
    with tempfile.TemporaryDirectory(prefix="spshipping-") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def test_three_sellers_are_served_and_one_label_is_bought(temporary: Path) -> None:
    needed("redis-server")
    if program("initdb") is None:
        pytest.skip("PostgreSQL is not here: Debian has it in the package postgresql")
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, cwd=temporary, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    for line, seller in zip(lines[1:4], ("harbour-lane", "mill-street", "north-gate"), strict=True):
        assert re.fullmatch(rf"{seller}: [1-9]\d* orders", line)
    bought = re.fullmatch(r"order-1001: (TBA\d+)", lines[4])
    assert bought is not None
    assert lines[5:] == [
        f"order-1001: {bought[1]}, bought before",
        "labels that the sandbox has sold: 1",
        f"{bought[1]}: 6 events",
        "ended",
    ]
    assert list(temporary.iterdir()) == [], "nothing is left"


def test_what_is_missing_is_said(temporary: Path) -> None:
    environ = {"PATH": str(temporary), "PYTHONPATH": str(SCRIPT.parents[1] / "src")}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)], capture_output=True, text=True, env=environ, check=False
    )
    assert done.returncode == 1
    assert "redis-server is not installed" in done.stderr
