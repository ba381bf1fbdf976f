"""What readers come with is answered within two clicks from the landing page."""

import re
from pathlib import Path

import pytest

from tests.test_docs import ROOT, text_of
from tools.questions import QUESTIONS, Question

DOCS = ROOT / "docs"


def linked(page: Path) -> set[Path]:
    """Return the pages that the text of a page leads to."""
    targets = re.findall(r"\[[^\]]*\]\(([^)#\s]+\.md)[^)]*\)", text_of(page))
    found = {(page.parent / target).resolve() for target in targets if "://" not in target}
    return {path for path in found if path.is_relative_to(DOCS)}


def within_two_clicks() -> dict[Path, int]:
    """Return how many clicks from the landing page each page is, if two are enough."""
    clicks = {(DOCS / "index.md").resolve(): 0}
    for number in (1, 2):
        for page in [page for page, before in clicks.items() if before == number - 1]:
            for other in linked(page):
                clicks.setdefault(other, number)
    return clicks


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.words)
def test_the_answer_is_within_two_clicks(question: Question) -> None:
    page = (DOCS / f"{question.pages[0]}.md").resolve()
    assert page in within_two_clicks()
    assert re.search(rf"^#+ {re.escape(question.heading)}$", text_of(page), re.MULTILINE)


def test_the_page_of_an_operation_states_its_roles_and_its_quota() -> None:
    page = text_of(DOCS / "operations" / "getRates.md")
    assert (
        "- **Roles**: *Direct-to-Consumer Shipping (Restricted)* or *Amazon Logistics*; any one is enough"
        in page
    )
    assert "- **Quota**: 80 per second, burst 100" in page


def test_every_page_can_be_reached() -> None:
    """Of names and operations, from their lists; of all others, from the landing page's table of contents."""
    contents = text_of(DOCS / "index.md")
    for page in DOCS.glob("*.md"):
        assert page.stem == "index" or re.search(rf"^{page.stem}$", contents, re.MULTILINE), page.name
    for folder, home in (("operations", "operations.md"), ("reference", "api.md")):
        assert linked(DOCS / home) >= {page.resolve() for page in (DOCS / folder).glob("*.md")}
