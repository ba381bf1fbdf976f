"""Checks the types of the Python blocks of README.md and of the pages in `docs`, with mypy.

    python tools/check_pages.py

The blocks of a page are one program. It is written to `docs/_build/blocks`, with each line where the page has
it.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "_build" / "blocks"
BLOCK = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A fenced block of a page: its language, and its text."""


def program(page: str) -> str:
    """Return the Python blocks of a page, with every other line blank."""
    lines = [""] * page.count("\n")
    for block in BLOCK.finditer(page):
        if block[1] == "python":
            first = page.count("\n", 0, block.start(2))
            for number, line in enumerate(block[2].splitlines(), first):
                lines[number] = line
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the programs, and check them."""
    TARGET.mkdir(parents=True, exist_ok=True)
    paths = []
    docs = ROOT / "docs"
    for page in [ROOT / "README.md", *sorted([*docs.glob("*.md"), *docs.glob("operations/*.md")])]:
        text = program(page.read_text("utf-8"))
        if text.strip():
            paths.append(TARGET / f"{page.stem.replace('-', '_').lower()}_page.py")
            paths[-1].write_text(text, "utf-8")
    return subprocess.run([sys.executable, "-m", "mypy", *map(str, paths)], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
