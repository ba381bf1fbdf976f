"""Makes the pictures of docs: what the programs and commands beside them give, and what a fleet shares.

    python -m tools.make_pictures            # writes them
    python -m tools.make_pictures --check    # fails if they show something else

A label is compared by what is read from it, for versions of Pillow draw letters differently.
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import zxingcpp
from PIL import Image
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from spshipping.sandbox import Sandbox
from tools import fleet_picture
from tools.check_pages import BLOCK

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "docs" / "_static"
LABEL, RATES, FLEET = STATIC / "first-label.png", STATIC / "rates.svg", STATIC / "fleet.svg"

_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
_WIDTH = 100
_THEME = TerminalTheme(
    (255, 255, 255),
    (29, 43, 54),
    [
        (29, 43, 54),
        (178, 34, 34),
        (34, 120, 60),
        (150, 100, 0),
        (30, 80, 160),
        (120, 50, 140),
        (0, 110, 120),
        (90, 90, 90),
    ],
)
# rich's own form of the picture fetches its letters from the network
_FORM = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: {char_height}px;
line-height: {line_height}px; }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" rx="8" fill="#ffffff" stroke="#c8d2da"/>
<g transform="translate({terminal_x}, {terminal_y})">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def label() -> bytes:
    """Return the label that the program of the landing page buys."""
    page = (ROOT / "docs" / "index.md").read_text("utf-8")
    (program,) = (found[2] for found in BLOCK.finditer(page) if found[1] == "python")
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(program, "docs/index.md", "exec"), {"Sandbox": Sandbox})  # noqa: S102 - our own page
        finally:
            os.chdir(before)
        return (Path(folder) / "labels" / "first.png").read_bytes()


def read(picture: bytes) -> tuple[tuple[int, int], list[str]]:
    """Return the size of a label, and what its barcodes say."""
    with Image.open(io.BytesIO(picture)) as image:
        return image.size, sorted(code.text for code in zxingcpp.read_barcodes(image))


def terminal(*words: str) -> str:
    """Return a picture of what a command prints."""
    with Sandbox(frozen_at=_AT) as sandbox:
        done = subprocess.run(
            [sys.executable, "-m", "spshipping.cli", *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={
                **os.environ,
                **sandbox.environment,
                "COLUMNS": str(_WIDTH),
                "FORCE_COLOR": "1",
                "NO_COLOR": "",
            },
        )
    console = Console(
        record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text(f"$ spshipping {' '.join(words)}", style="bold"))
    console.print(Text.from_ansi(done.stdout.rstrip()))
    return console.export_svg(title="", theme=_THEME, code_format=_FORM, unique_id="terminal")


def main(arguments: list[str]) -> int:
    """Write the pictures, or compare them."""
    drawn, rates, fleet = label(), terminal("rates", "examples/order.json"), fleet_picture.drawn()
    if "--check" not in arguments:
        LABEL.write_bytes(drawn)
        RATES.write_text(rates, "utf-8")
        FLEET.write_text(fleet, "utf-8")
        return 0
    stale = [LABEL] if read(LABEL.read_bytes()) != read(drawn) else []
    stale += [RATES] if RATES.read_text("utf-8") != rates else []
    stale += [FLEET] if FLEET.read_text("utf-8") != fleet else []
    for path in stale:
        print(f"{path.relative_to(ROOT)} shows something else; run python -m tools.make_pictures")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
