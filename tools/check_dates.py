"""Runs what depends on the date, and every example of the pages, with the clock moved to other days.

    python tools/check_dates.py [arguments of pytest]

The tests are those with the marker `dates`. On 27 March 2027 Amazon switches off reading with Orders v0.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
CLOCK = Path(__file__).with_name("clock")
TIME_MACHINE_COMES_FIRST = (
    "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"
)
DATES = ("2027-03-26", "2027-03-28", "2028-02-29")


def environment(date: str) -> Mapping[str, str]:
    """Return the environment of processes that take the present moment for noon of *date*, in UTC."""
    ahead = datetime.fromisoformat(f"{date}T12:00:00Z") - datetime.now(UTC)
    path = os.pathsep.join(filter(None, (str(CLOCK), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "CLOCK_AHEAD": str(ahead.total_seconds())}


def main(words: Sequence[str]) -> int:
    """Run the tests on each date, and return 1 if one of them fails."""
    failed = []
    for date in DATES:
        print(f"== {date}", flush=True)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            TIME_MACHINE_COMES_FIRST,
            "-m",
            "dates and not soak and not tools",
            *words,
        ]
        if subprocess.run(command, cwd=ROOT, env=environment(date), check=False).returncode:
            failed.append(date)
    print(f"failed on: {', '.join(failed)}" if failed else "All tests passed on each date.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
