"""Builds the wheel and checks it as strangers get it: its content, its types, the first steps of the pages.

python -m tools.check_package
"""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

from tools import first_steps

ROOT = Path(__file__).parents[1]
PACKAGE = "spshipping"
MOST_BYTES = 1_320_000
"""So large the wheel may be."""


class PackageError(Exception):
    """Something about the wheel is not as it should be."""


def run(
    *command: str | Path, cwd: Path = ROOT, first: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command, and hold what it prints; programs in *first* come before all others."""
    path = os.environ.get("PATH", os.defpath)
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "PATH": f"{first}{os.pathsep}{path}" if first else path},
    )


def must(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command printed.

    Raises:
        PackageError: it failed.
    """
    if done.returncode:
        raise PackageError(f"{done.args[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(folder: Path) -> Path:
    """Return a new wheel, built without downloading anything."""
    must(run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel


def check_by_others(wheel: Path) -> None:
    """Have the tools for it check the project's description, and what is in the wheel.

    Raises:
        PackageError: one of them finds something, or the wheel is too large.
    """
    must(run(sys.executable, "-m", "validate_pyproject", ROOT / "pyproject.toml"))
    must(run(sys.executable, "-m", "check_wheel_contents", wheel))
    size = wheel.stat().st_size
    if size > MOST_BYTES:
        raise PackageError(f"the wheel has {size:,} bytes; at most {MOST_BYTES:,} are allowed")


def check_contents(wheel: Path) -> int:
    """Return how many modules the wheel holds.

    Raises:
        PackageError: it holds something else, or lacks the mark of typed packages.
    """
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    strangers = [
        name
        for name in names
        if not (name.startswith(f"{PACKAGE}/") or ".dist-info/" in name)
        or "test" in Path(name).stem.split("_")
    ]
    if strangers:
        raise PackageError(f"the wheel holds what does not belong there: {', '.join(strangers)}")
    if f"{PACKAGE}/py.typed" not in names:
        raise PackageError("the wheel has no py.typed")
    if f"{PACKAGE}/sandbox/order.json" not in names:
        raise PackageError("the wheel has no order to try things with")
    if f"{PACKAGE}/vendor/tools/documents/templates/page.html" not in names:
        raise PackageError("the wheel has no templates of packing documents")
    source = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    if source != {name for name in names if name.endswith(".py")}:
        raise PackageError("the wheel does not hold the modules of src/")
    return len(source)


def install(wheel: Path, folder: Path) -> Path:
    """Return the interpreter of a new environment with the wheel, which sees the dependencies that are here.

    The dependencies are put on its path by a file, so that the editable install beside them is not seen.
    """
    venv.create(folder, with_pip=False, symlinks=sys.platform != "win32")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    site = must(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")).strip()
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    must(run(*pip, "install", "--no-deps", "--no-index", "--target", site, wheel))
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    where = must(run(python, "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)", cwd=folder)).strip()
    if not Path(where).resolve().is_relative_to(folder.resolve()):
        raise PackageError(f"not the wheel was imported, but {where}")
    return python


def check_types(python: Path, folder: Path) -> int:
    """Return how many public names have complete types.

    Raises:
        PackageError: not all of them have, or something else than the wheel was looked at.
    """
    # pyright finds the package through whichever python comes first; it heeds no --pythonpath here
    pyright = (sys.executable, "-m", "pyright", "--verifytypes", PACKAGE, "--ignoreexternal", "--outputjson")
    done = run(*pyright, cwd=folder, first=python.parent)
    try:
        report: dict[str, Any] = json.loads(done.stdout)["typeCompleteness"]
    except (ValueError, KeyError):
        raise PackageError(f"pyright gave no report:\n{done.stdout}{done.stderr}") from None
    marked = Path(report.get("pyTypedPath", "/"))
    if not marked.resolve().is_relative_to(folder.resolve()):
        raise PackageError(f"not the wheel was looked at, but {marked}")
    if report["completenessScore"] < 1:
        causes = [
            f"  {symbol['name']}: {found['message'].splitlines()[0]}"
            for symbol in report["symbols"]
            for found in symbol["diagnostics"]
            if "partially unknown" not in found["message"]
        ]
        raise PackageError(
            "\n".join([f"types are complete to {report['completenessScore']:.2%} only:", *causes])
        )
    return int(report["exportedSymbolCounts"]["withKnownType"])


def main() -> int:
    """Check, and say in one line what came of it."""
    with tempfile.TemporaryDirectory(prefix="package-") as temporary:
        folder = Path(temporary)
        try:
            wheel = build(folder)
            check_by_others(wheel)
            modules = check_contents(wheel)
            python = install(wheel, folder / "environment")
            known = check_types(python, folder)
            pages = first_steps.take_all(wheel, folder / "steps")
        except (PackageError, first_steps.StepError) as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, {modules} modules, nothing else")
        print(f"{known} public names, all with complete types")
        for page, count in pages.items():
            print(f"{page}: {count['commands']} commands and {count['programs']} programs work as printed")
        return 0


if __name__ == "__main__":
    sys.exit(main())
