"""pytest-recording in a run of pytest of its own: the first records, the second plays all of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.recorders.stage import Origin

_ROOT = Path(__file__).parents[2]
_TESTS = """
import asyncio
import pytest
from tests.recorders.stage import OverAiohttp, OverRequests, WORD

@pytest.fixture(scope="module", params=[OverRequests, OverAiohttp])
def kept(request):
    stage = request.param()
    yield stage, stage.client({url!r})
    stage.close()

@pytest.mark.vcr
def test_first(kept):
    stage, client = kept
    assert stage.call(client, WORD())["word"] > 0

@pytest.mark.vcr
@pytest.mark.parametrize("number", [1, 2])
def test_next(kept, number):
    stage, client = kept
    assert stage.call(client, WORD())["word"] > 1
    assert stage.call(stage.client({url!r}), WORD())["word"] > 1
"""


def run_of(folder: Path, mode: str, *arguments: str) -> str:
    """Run the tests in *folder*; return what pytest prints."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--record-mode={mode}"]
    done = subprocess.run(
        [
            *command,
            *arguments,
            f"--rootdir={folder}",
            "--import-mode=importlib",
            "-o",
            "pythonpath=" + str(_ROOT),
            "--confcutdir=" + str(folder),
            "-c",
            str(folder / "pytest.ini"),
            str(folder),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ROOT,
    )
    return done.stdout


@pytest.mark.long
@pytest.mark.parametrize("origin", ["http"], indirect=True)
def test_g1_pytest_recording_plays_in_the_second_run_what_the_first_recorded(
    origin: Origin, tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_words.py").write_text(_TESTS.format(url=origin.url))
    recorded = run_of(tmp_path, "once")
    assert "6 passed" in recorded, recorded
    sent = len(origin.paths)
    assert sent == 2 * (2 + 2 * 3)  # the first test signs in, and so does each new client
    played = run_of(tmp_path, "none", "--block-network")
    assert "6 passed" in played, played
    assert len(origin.paths) == sent
