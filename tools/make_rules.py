"""Writes the tables of docs/vendor-rules.md from the rules of spshipping.vendor.rules.

    python -m tools.make_rules            # writes them
    python -m tools.make_rules --check    # fails if they are not as they would be written

What stands between the marks is replaced, and the rest of the page is left as it is.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from spshipping.vendor.rules import DECISIONS, FACTS, RULES, DocumentKind, Rule, RuleRegion, Source
from tools.tables import with_table

PAGE = Path(__file__).parent.parent / "docs" / "vendor-rules.md"
_DOCUMENTS = {
    DocumentKind.ACKNOWLEDGEMENT: "Acknowledgements",
    DocumentKind.CONFIRMATION: "Shipment confirmations",
    DocumentKind.ROUTING: "Routing requests",
    DocumentKind.QUERY: "Searches",
    DocumentKind.LABELS: "Labels",
}
_HEAD = "| Rule | What is right | For | Severity | Sure | From | Breaks it |\n|---|---|---|---|---|---|---|"


def rules() -> str:
    """Return a table for each kind of document."""
    parts = []
    for kind, title in _DOCUMENTS.items():
        rows = [_row(rule) for rule in RULES.values() if rule.documents[0] is kind]
        parts.append("\n".join([f"### {title}", "", _HEAD, *rows]))
    return "\n\n".join(parts)


def _row(rule: Rule) -> str:
    cells = (
        rule.id,
        rule.what,
        _scope(rule),
        " / ".join(part.severity.letter for part in rule.parts),
        " / ".join(part.sureness.value for part in rule.parts),
        ", ".join(_sources(rule)),
        rule.violation,
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _scope(rule: Rule) -> str:
    regions = [region.value for region in RuleRegion if region in rule.regions]
    words = [] if len(regions) == len(RuleRegion) else regions
    words += sorted(kind.value for kind in rule.kinds)
    words += [f"{kind.value}s too" for kind in rule.documents[1:]]
    return ", ".join(words) or "all"


def _sources(rule: Rule) -> list[str]:
    found = {source for fact in rule.sources for source in FACTS.get(fact, ())}
    titles = [source.title for source in Source if source in found]
    return titles + [fact for fact in rule.sources if fact in DECISIONS]


def decisions() -> str:
    """Return the table of what is done where Amazon leaves a question open."""
    rows = [f"| {name} | {text} |" for name, text in DECISIONS.items()]
    return "\n".join(["| | What is done |", "|---|---|", *rows])


_TABLES: dict[str, Callable[[], str]] = {"rules": rules, "decisions": decisions}


def written(page: str) -> str:
    """Return the page with its tables as they are now."""
    for name, table in _TABLES.items():
        page = with_table(page, name, table(), tool="make_rules")
    return page


def main(arguments: list[str]) -> int:
    """Write the tables, or compare them."""
    before = PAGE.read_text("utf-8")
    after = written(before)
    if "--check" not in arguments:
        PAGE.write_text(after, "utf-8")
        return 0
    if before != after:
        print("docs/vendor-rules.md is not as it would be written; run python -m tools.make_rules")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
