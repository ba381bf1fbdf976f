"""Checks what `make docs` has built beside the pages: their Markdown, and llms.txt.

python -m tools.check_built
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

SITE = Path(__file__).parent.parent / "docs" / "_build" / "html"
_BUILT = ("search",)
"""Pages of Sphinx itself."""


def faults(site: Path = SITE) -> Iterator[str]:
    """Yield what is missing, or not as a reader of Markdown needs it."""
    pages = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")} - set(_BUILT)
    listed = re.findall(r"^- \[[^]]+\]\(([^)]+)\.md\)", (site / "llms.txt").read_text("utf-8"), re.MULTILINE)
    if not pages:
        yield "there are no pages"
    for page in sorted(pages - set(listed)):
        yield f"llms.txt does not list {page}"
    for page in sorted(set(listed) - pages):
        yield f"llms.txt lists {page}, which is no page"
    for page in sorted(pages):
        path = site / f"{page}.md"
        text = path.read_text("utf-8") if path.exists() else ""
        if not text.startswith("# "):
            yield f"{page} has no Markdown that begins with its title"
        if "```{" in text:
            yield f"the Markdown of {page} has a directive that only Sphinx can read"


def main() -> int:
    """Print what is wrong."""
    found = list(faults())
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
