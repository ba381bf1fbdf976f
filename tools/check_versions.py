"""Tests the wheel with the lowest dependencies that it allows, and the sdist with the newest, on one Python.

    python -m tools.check_versions python3.13 tests/unit -n 2

What follows the interpreter is handed to pytest. The wheel is made from the sdist, so that one with each is
enough. Needs uv, which `make` installs.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.check_package import PackageError, must, run

ROOT = Path(__file__).parents[1]
UV = (sys.executable, "-m", "uv")
_OF_THE_CHECKOUT = ("tests/contract/test_drift.py", "tests/test_docs_pages.py")
"""About files of a checkout, and pages that one version of Python writes: `make test` has them."""


def needed() -> tuple[list[str], list[str]]:
    """Return the extras that the tests use, and what they need beside them."""
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    ours, *others = project["optional-dependencies"]["dev"]
    return ours.partition("[")[2].rstrip("]").split(","), others


def build(folder: Path) -> tuple[Path, Path]:
    """Return a new wheel and a new sdist."""
    must(run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT))
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def installed(interpreter: str, package: Path, resolution: str, folder: Path) -> Path:
    """Return the interpreter of a new environment with the package and what the tests need.

    Raises:
        PackageError: it cannot be installed.
    """
    must(run(*UV, "venv", "-q", "--python", interpreter, folder))
    python = folder / "bin" / "python"
    install = (*UV, "pip", "install", "-q", "--python", python)
    extras, tools = needed()
    chosen = [part for extra in extras for part in ("--extra", extra)]
    # the dependencies come from pyproject.toml: to uv, those of a wheel would not be direct ones
    must(run(*install, "--resolution", resolution, "-r", ROOT / "pyproject.toml", *chosen))
    must(run(*install, *tools))
    must(run(*install, "--no-deps", package))
    return python


def tested(python: Path, checkout: Path, arguments: Sequence[str]) -> bool:
    """Run the tests of a checkout against what is installed; say whether all passed."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    where = "import sys, spshipping; sys.exit(not spshipping.__file__.startswith(sys.prefix))"
    if subprocess.run([python, "-c", where], cwd=checkout, env=environ, check=False).returncode:
        raise PackageError("not the package that was installed is imported, but another one")
    left_out = [part for path in _OF_THE_CHECKOUT for part in ("--ignore", path)]
    pytest: list[str | Path] = [python, "-m", "pytest", "-q", *left_out, *arguments]
    return subprocess.run(pytest, cwd=checkout, env=environ, check=False).returncode == 0


def main(interpreter: str, arguments: Sequence[str]) -> int:
    """Run the tool; return 0 if all tests passed with both."""
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel, sdist = build(folder / "dist")
        checkout = folder / "checkout"
        must(run("git", "clone", "-q", ROOT, checkout))
        for package, resolution in ((wheel, "lowest-direct"), (sdist, "highest")):
            print(f"{interpreter}: {package.name} with the dependencies of {resolution}", flush=True)
            python = installed(interpreter, package, resolution, folder / resolution)
            if not tested(python, checkout, arguments):
                failed.append(package.name)
    print(f"failed: {', '.join(failed)}" if failed else "Both pass.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
