"""Runs all measurements, prints and writes the table, and fails where a goal is missed."""

import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks import call, orders, peers, processes, quota, wire
from benchmarks.measure import Row
from benchmarks.server import canned

_TABLE = Path(__file__).parent.parent / "docs" / "_static" / "bench.md"

T = TypeVar("T")


def _timed(name: str, measure: Callable[[], T]) -> T:
    began = time.monotonic()
    print(f"{name} ...", end=" ", flush=True, file=sys.stderr)
    result = measure()
    print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return result


def _calls(endpoint: str, found: dict[str, str]) -> list[Row]:
    rows = call.call(endpoint)
    (ours,) = (row.ratio for row in rows if row.what == call.OURS)
    assert ours is not None
    return rows + call.beside(endpoint, found, ours)


def _measure(endpoint: str, installed: dict[str, tuple[str, str]], missing: dict[str, str]) -> list[Row]:
    interpreters = {name: python for name, (python, _) in installed.items()}
    parts: dict[str, Callable[[], list[Row]]] = {
        "import": lambda: processes.imports(installed),
        "cold start": lambda: processes.cold_start(endpoint),
        "call": lambda: _calls(endpoint, interpreters),
        "decode": wire.decode,
        "encode": wire.encode,
        "memory": wire.memory,
        "leaks": lambda: call.leaks(endpoint),
        "orders, decode": lambda: orders.decode(interpreters),
        "orders, stream": orders.stream,
        "orders, memory": orders.memory,
    }
    rows = []
    for name, measure in parts.items():
        rows += _timed(name, measure)
        if name in ("import", "call", "orders, decode"):
            rows += [Row(name, peer, None, note=reason) for peer, reason in missing.items()]
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
    installed, missing = _timed("other clients", peers.install)
    with canned() as endpoint:
        rows = _measure(endpoint, installed, missing)
    used = _timed("quota", lambda: quota.measure(quota.clients(installed)))
    rows += quota.beside(used)
    text = f"{table(rows)}\n{quota.table(used, missing)}"
    print(text)
    _TABLE.parent.mkdir(parents=True, exist_ok=True)
    _TABLE.write_text(
        f"On CPython {platform.python_version()}, {platform.system()}.\n\n{text}", encoding="utf-8"
    )
    missed = [f"{row.part}, {row.what}: {row.ratio} > {row.goal}" for row in rows if row.is_missed]
    missed += [f"quota, {one.course.scenario.name}, {one.course.who}" for one in used if one.is_missed]
    for line in missed:
        print(f"missed: {line}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
