"""Runs all measurements, prints and writes the table, and fails where a goal is missed."""

import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import call, peers, processes, wire
from benchmarks.measure import Row
from benchmarks.server import canned

_TABLE = Path(__file__).parent.parent / "docs" / "_static" / "bench.md"


def _imports() -> list[Row]:
    found, missing = peers.install()
    skipped = [Row("import", name, None, note=reason) for name, reason in missing.items()]
    return processes.imports(found) + skipped


def _measure(endpoint: str) -> list[Row]:
    parts: dict[str, Callable[[], list[Row]]] = {
        "import": _imports,
        "cold start": lambda: processes.cold_start(endpoint),
        "call": lambda: call.call(endpoint),
        "decode": wire.decode,
        "encode": wire.encode,
        "memory": wire.memory,
        "leaks": lambda: call.leaks(endpoint),
    }
    rows = []
    for name, measure in parts.items():
        began = time.monotonic()
        print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
        rows += measure()
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return rows


def table(rows: list[Row]) -> str:
    """Return *rows* as Markdown; ratios only, for seconds belong to one machine."""
    lines = ["| measured | what | ratio | goal |", "|---|---|---:|---:|"]
    for row in rows:
        ratio = f"skipped: {row.note}" if row.ratio is None else f"{row.ratio:.2f}"
        goal = "" if row.goal is None else f"{row.goal:.2f}{' **missed**' if row.is_missed else ''}"
        lines.append(f"| {row.part} | {row.what.replace('|', chr(92) + '|')} | {ratio} | {goal} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure everything; return 1 where a goal is missed."""
    with canned() as endpoint:
        rows = _measure(endpoint)
    text = table(rows)
    print(text)
    _TABLE.parent.mkdir(parents=True, exist_ok=True)
    _TABLE.write_text(
        f"On CPython {platform.python_version()}, {platform.system()}.\n\n{text}", encoding="utf-8"
    )
    missed = [row for row in rows if row.is_missed]
    for row in missed:
        print(f"missed: {row.part}, {row.what}: {row.ratio} > {row.goal}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
