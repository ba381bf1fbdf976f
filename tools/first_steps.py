"""Types the commands and programs of README and tutorial as they are printed, where nothing is but the wheel.

There is no checkout, no environment and no network: each page has an empty folder and an empty set of
variables. The wheel stands for the package index, and dependencies are those that are here.
"""

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.check_pages import BLOCK

ROOT = Path(__file__).parents[1]
LABELS = {"README.md": "out/LABEL.pdf", "docs/tutorial.md": "labels/first.pdf"}
"""The label that each page comes to."""
PORT = 8462
"""Where the sandbox listens unless it is told otherwise."""
_EXPORT = re.compile(r"^  (export SPSHIPPING_\w+='[^']*')$")
_SECONDS = 300


class StepError(Exception):
    """A step of a page does not do what the page says."""


class Desk:
    """An empty folder with two terminals: one serves the sandbox, everything else is typed into the other."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        """Make the folder, with an environment that has the dependencies, and not the package."""
        self.folder = folder
        folder.mkdir(parents=True)
        venv.create(folder / ".venv", with_pip=True, symlinks=sys.platform != "win32")
        (site,) = (folder / ".venv").glob("lib/python*/site-packages")
        (site / "dependencies.pth").write_text(str(_dependencies(folder / ".dependencies")), encoding="utf-8")
        self.environ = {
            "PATH": os.pathsep.join([str(folder / ".venv" / "bin"), "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheel.parent),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        self.exports: list[str] = []

    def type(self, command: str, text: str = "") -> str:
        """Type a command into the second terminal, and *text* into what it starts; return what is printed.

        Raises:
            StepError: it fails.
        """
        lines = "\n".join([*self.exports, command])
        done = subprocess.run(
            ["bash", "-c", lines],
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
            env=self.environ,
            timeout=_SECONDS,
        )
        if done.returncode or (text and "Error" in done.stderr):
            raise StepError(f"{command}\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextlib.contextmanager
    def first_terminal(self, command: str) -> Iterator[str]:
        """Start the sandbox, take what it prints to the second terminal, and yield where it listens.

        Raises:
            StepError: it prints no six lines to paste.
        """
        words = shlex.split(command) + ([] if _is_free(PORT) else ["--port", "0"])
        # the shell's own PATH, for a program is not looked up in the one that is handed to it
        words[0] = str(self.folder / ".venv" / "bin" / Path(words[0]).name)
        process = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**self.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            printed = ""
            for line in process.stdout:
                printed += line
                self.exports += [found[1] for found in [_EXPORT.match(line.rstrip())] if found]
                if line.startswith("What it has seen"):
                    break
            if len(self.exports) != 6:
                raise StepError(f"{command} prints no six lines to paste:\n{printed}")
            yield next(line.split("'")[1] for line in self.exports if "_ENDPOINT=" in line)
        finally:
            process.terminate()
            process.communicate()


def _dependencies(folder: Path) -> Path:
    """Return a folder with everything that is installed here, but for the package itself."""
    folder.mkdir()
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if "spshipping" not in path.name and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    return folder


def _is_free(port: int) -> bool:
    with socket.socket() as test:
        test.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            test.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page in a language."""
    text = (ROOT / page).read_text("utf-8")
    return [found[2] for found in BLOCK.finditer(text) if found[1] == language]


def commands(page: str) -> list[str]:
    """Return the commands of a page, but for those that need a checkout."""
    lines = [line.partition("  #")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("make ") and not _is_for_others(line)]


def _is_for_others(line: str) -> bool:
    """Say whether a line installs something else than what the steps need: README lists every extra."""
    extras = set(re.findall(r"\w+", line.partition("[")[2].partition("]")[0]))
    return "pip install" in line and not extras & {"sandbox", "all"}


def take(page: str, desk: Desk) -> Mapping[str, int]:
    """Type a page; return how many commands and programs it has.

    Raises:
        StepError: one of them fails, or there is no label in the end.
    """
    programs, typed = blocks(page, "python"), commands(page)
    with contextlib.ExitStack() as ends:
        address = ""
        for command in typed:
            if command.endswith("spshipping sandbox"):
                address = ends.enter_context(desk.first_terminal(command))
            elif Path(command.split()[0]).name == "python" and "venv" not in command:
                continue  # the prompt, into which the programs are typed
            elif command.startswith("curl"):
                _type_programs(desk, programs)
                programs = []
                desk.type(command.replace(f"http://127.0.0.1:{PORT}", address))
            else:
                desk.type(command)
        _type_programs(desk, programs)
    label = desk.folder / LABELS[page]
    if not label.is_file() or not label.read_bytes().startswith(b"%PDF-"):
        raise StepError(f"{page} comes to no label in {LABELS[page]}")
    return {"commands": len(typed), "programs": len(blocks(page, "python"))}


def _type_programs(desk: Desk, programs: list[str]) -> None:
    if programs:
        desk.type("python -i -q", "".join(f"{text}\n" for text in programs))


def take_all(wheel: Path, folder: Path) -> Mapping[str, Mapping[str, int]]:
    """Type every page, and run the demo, each in a folder of its own.

    Raises:
        StepError: one of them fails.
    """
    found = {}
    for page in LABELS:
        desk = Desk(folder / Path(page).stem, wheel)
        found[page] = take(page, desk)
    desk.exports = []
    desk.type("spshipping demo")
    return found
