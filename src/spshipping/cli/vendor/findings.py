"""What rules find in a document, on the command line."""

from collections.abc import Iterable, Sequence
from typing import Any

from spshipping.cli.console import new_console, print_paragraph
from spshipping.vendor.rules import Finding, Severity, Unchecked

_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.INFO: "·"}


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding, fit for JSON."""
    return {**finding._asdict(), "severity": finding.severity.name.lower()}


def unchecked_dict(found: Iterable[Unchecked]) -> list[dict[str, Any]]:
    """Return the rules that could not be checked, fit for JSON."""
    return [{"rule": each.rule, "missing": list(each.missing)} for each in found]


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether a rule forbids it."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def print_findings(findings: Sequence[Finding]) -> None:
    """Print findings, the worst first."""
    console = new_console()
    for each in findings:
        print_paragraph(
            console, f"{_MARKS[each.severity]} {each.rule} {each.path}: {each.message}; {each.remedy}"
        )
    if not has_errors(findings):
        print_paragraph(console, "✓ No rule forbids it.")
