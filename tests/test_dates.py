"""`make dates`: the clock is moved for whole processes, and what depends on the date is run."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from spshipping.orders.bridge.end import END_OF_V0
from tools import check_dates

CODE = """
import datetime, json, subprocess, sys, time
code = "import time; print(time.time())"
child = float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
print(json.dumps([datetime.datetime.now(datetime.UTC).isoformat(), time.time(), child, time.monotonic()]))
"""


@pytest.mark.parametrize("date", check_dates.DATES)
def test_d1_the_clock_is_moved_in_a_process_and_in_those_that_it_starts(date: str) -> None:
    environ = check_dates.environment(date)
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    now, seconds, child, _ = json.loads(done.stdout)
    noon = datetime.fromisoformat(f"{date}T12:00:00Z")
    assert noon - timedelta(seconds=0.1) <= datetime.fromisoformat(now) < noon + timedelta(hours=1)
    assert noon.timestamp() - 0.1 <= child <= seconds + 0.1 < noon.timestamp() + 3600


def test_d1_the_dates_lie_on_both_sides_of_the_end_of_orders_v0() -> None:
    days = [datetime.fromisoformat(f"{date}T12:00:00Z") for date in check_dates.DATES]
    assert min(days) < END_OF_V0 < max(days)
    assert any((day.month, day.day) == (2, 29) for day in days)


@pytest.mark.long
def test_d1_a_test_that_fails_on_one_date_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    test = tmp_path / "test_moved.py"
    marked = "import datetime, pytest\npytestmark = pytest.mark.dates\ndef test_it():\n"
    test.write_text(f"{marked}    assert datetime.date.today().year < 2028\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    dates: of the test\n    soak: too\n")
    monkeypatch.setattr(check_dates, "DATES", ("2027-03-26", "2028-02-29"))
    assert check_dates.main(["-p", "no:cacheprovider", "-c", str(tmp_path / "pytest.ini"), str(test)]) == 1
    assert "failed on: 2028-02-29\n" in capfd.readouterr().out
    test.write_text(f"{marked}    assert datetime.datetime.now().hour == 12\n")
    monkeypatch.setattr(check_dates, "DATES", ("2028-02-29",))
    assert check_dates.main(["-p", "no:cacheprovider", "-c", str(tmp_path / "pytest.ini"), str(test)]) == 0


def test_d1_the_examples_are_among_what_is_run() -> None:
    """The tests of the pages and of the example programs are marked; some run the program in a worker.

    What needs servers or other packages is left out: those have clocks, and environments, of their own.
    """
    root = check_dates.ROOT
    elsewhere = [
        path.read_text("utf-8")
        for part in ("engines", "tools")
        for path in (root / "tests" / part).glob("*.py")
    ]
    programs = [
        path.stem
        for path in (root / "examples").glob("*.py")
        if not any(path.stem in text for text in elsewhere)
    ]
    assert len(programs) > 10
    marked = [
        path.read_text("utf-8")
        for path in (root / "tests").rglob("*.py")
        if path.name != Path(__file__).name
        and ("pytest.mark.dates" in path.read_text("utf-8") or path.stem.endswith("_worker"))
    ]
    assert any("test_the_examples_of_a_page_run" in text for text in marked)
    assert [name for name in programs if not any(name in text for text in marked)] == []
