"""Takes the steps of docs/testing.md in an empty project: to a contract test that fails, and then passes.

    python -m tools.check_testing

The wheel is built, and installed with `[testing]` and nothing else from the package index. It times them.
"""

import re
import sys
import tempfile
import time
from pathlib import Path

from tools.check_package import PackageError, build, must, run

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "testing.md"
_FILE = re.compile(r"in `([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MISTAKE, _RIGHT = 'carrier_id="AMZN_US"', 'carrier_id="AMZN_UK"'


def write_project(folder: Path, page: str) -> list[str]:
    """Write the files of the page into a folder, and return the lines that pytest is to print.

    Raises:
        PackageError: the page does not have them any more.
    """
    files = dict(_FILE.findall(page))
    shown = _SHOWN.search(page)
    if len(files) != 2 or shown is None or not any(_MISTAKE in text for text in files.values()):
        raise PackageError("docs/testing.md has other files than this check expects")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return shown[1].splitlines()


def correct(folder: Path) -> None:
    """Correct the mistake that the contract test finds."""
    for path in folder.glob("*.py"):
        path.write_text(path.read_text("utf-8").replace(_MISTAKE, _RIGHT), encoding="utf-8")


def check_shown(output: str, lines: list[str]) -> None:
    """Make sure that pytest prints what the page shows.

    Raises:
        PackageError: it does not.
    """
    for line in lines:
        if line not in output:
            raise PackageError(f"pytest does not print {line!r}, as docs/testing.md has it:\n{output}")


def timed(name: str, *command: str | Path, cwd: Path) -> tuple[int, str]:
    """Run a command, print how long it took, and return its exit code and what it printed."""
    began = time.monotonic()
    done = run(*command, cwd=cwd)
    print(f"{time.monotonic() - began:6.1f} s  {name}")
    return done.returncode, done.stdout + done.stderr


def check(folder: Path) -> None:
    """Take every step.

    Raises:
        PackageError: one of them does not end as the page says.
    """
    wheel = build(folder / "dist")
    project = folder / "project"
    project.mkdir()
    must(run(sys.executable, "-m", "venv", project / ".venv"))
    python = project / (".venv/Scripts/python.exe" if sys.platform == "win32" else ".venv/bin/python")
    pip = (python, "-m", "pip", "--disable-pip-version-check", "-q", "install", f"{wheel}[testing]")
    code, output = timed("pip install spshipping[testing]", *pip, cwd=project)
    if code:
        raise PackageError(f"the wheel cannot be installed:\n{output}")
    lines = write_project(project, PAGE.read_text("utf-8"))
    pytest = (python, "-m", "pytest", "-q")
    code, output = timed("pytest: the contract test fails", *pytest, cwd=project)
    if code != 1:
        raise PackageError(f"pytest ends with {code} where the contract test should fail:\n{output}")
    check_shown(output, lines)
    correct(project)
    code, output = timed("pytest: corrected, all pass", *pytest, cwd=project)
    if code:
        raise PackageError(f"the corrected project fails:\n{output}")


def main() -> int:
    """Check, and print how long each step took."""
    with tempfile.TemporaryDirectory(prefix="testing-") as temporary:
        try:
            check(Path(temporary))
        except PackageError as error:
            print(error, file=sys.stderr)
            return 1
    print("the steps of docs/testing.md work in an empty project")
    return 0


if __name__ == "__main__":
    sys.exit(main())
