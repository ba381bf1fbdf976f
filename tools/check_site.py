"""Looks at every built page in Chromium, as wide as a phone and a desktop, for what overflows or is cut off.

    python -m tools.check_site

It also asks the site's own search the questions of tools/questions.py. Pictures of all pages are written to
docs/_build/pictures. Without Chromium or Playwright it says so, and checks nothing.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.questions import QUESTIONS

ROOT = Path(__file__).parent.parent
SITE = ROOT / "docs" / "_build" / "html"
PICTURES = ROOT / "docs" / "_build" / "pictures"
WIDTHS = {390: 844, 1280: 900}
"""Heights by width, in CSS pixels."""

_LOOK = """
() => {
  const width = document.documentElement.clientWidth, found = [];
  const say = (element, what) => {
    const text = (element.innerText || element.alt || "").trim().replace(/\\s+/g, " ").slice(0, 60);
    found.push(`${element.tagName.toLowerCase()} ${what}: ${text}`);
  };
  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const inCode = (element) => element.closest("pre, .highlight");
  if (document.documentElement.scrollWidth > width) say(document.body, "is wider than the page");
  for (const element of document.querySelectorAll("article *")) {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (!box.width || !box.height || style.visibility === "hidden" || inCode(element)) continue;
    const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
    if (scrolls(element) && isCut) say(element, "can be read by scrolling only");
    else if (style.overflowX === "hidden" && isCut && style.display !== "inline") say(element, "is cut off");
    let inScroller = false;
    for (let up = element.parentElement; up; up = up.parentElement)
      inScroller ||= scrolls(up) && up.tagName !== "BODY";
    if (!inScroller && (box.right > width + 1 || box.left < -1)) say(element, "reaches out of the page");
  }
  return [...new Set(found)];
}
"""

_PROBE = """
<!doctype html><body style="margin: 0"><article>
<div style="width: 3000px">wide</div>
<div style="width: 200px; overflow-x: auto"><table><tr><td style="white-space: nowrap">a row of a table
that is longer than the place that it has, and scrolls</td></tr></table></div>
<div style="width: 90px; overflow-x: hidden; white-space: nowrap">a text that ends at an edge</div>
</article>
"""
_EXPECTED = (
    "is wider than the page",
    "reaches out of the page",
    "can be read by scrolling only",
    "is cut off",
)


def pages() -> list[Path]:
    """Return the pages that were built."""
    return [path for path in sorted(SITE.rglob("*.html")) if path.name != "search.html"]


def probe(browser: Any) -> Iterator[str]:
    """Yield the kinds of faults that are not found on a page which has all of them."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(_PROBE)
    found = "\n".join(page.evaluate(_LOOK))
    yield from (f"this check does not see what {kind}" for kind in _EXPECTED if kind not in found)


def look(browser: Any, width: int) -> Iterator[str]:
    """Yield what is wrong at a width, and write pictures."""
    context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]})
    page = context.new_page()
    for path in pages():
        page.goto(path.as_uri())
        name = path.relative_to(SITE).with_suffix("").as_posix()
        page.screenshot(path=PICTURES / str(width) / f"{name.replace('/', '.')}.png", full_page=True)
        for fault in page.evaluate(_LOOK):
            yield f"{name} at {width}: {fault}"
    context.close()


def search(browser: Any) -> Iterator[str]:
    """Yield the questions whose answer is not the first that the search finds."""
    page = browser.new_page()
    for question in QUESTIONS:
        page.goto(f"{(SITE / 'search.html').as_uri()}?q={question.words.replace(' ', '+')}")
        first = page.locator("ul.search li a").first
        first.wait_for(timeout=20_000)
        page.wait_for_function("Search.isFinished?.() ?? true")
        found = (first.get_attribute("href") or "").partition("?")[0].partition("#")[0].removesuffix(".html")
        if found not in question.pages:
            right = " or ".join(question.pages)
            yield f"the search for {question.words!r} finds {found} first, and not {right}"


def main() -> int:
    """Look at every page, and print what is wrong."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("The pages are not looked at: Playwright is not installed")
        return 0
    if program is None:
        print("The pages are not looked at: there is no Chromium here")
        return 0
    if not pages():
        print("There are no pages: run `make docs` first", file=sys.stderr)
        return 1
    for width in WIDTHS:
        (PICTURES / str(width)).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        found = list(probe(browser))
        found += [fault for width in WIDTHS for fault in look(browser, width)]
        found += search(browser)
        browser.close()
    print(*found, sep="\n", end="\n" if found else "")
    print(f"{len(pages())} pages at {len(WIDTHS)} widths, {len(QUESTIONS)} questions: {len(found)} faults")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
