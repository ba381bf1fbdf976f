"""The rule book: what Amazon accepts of a vendor, as data, and the check of documents by it."""

from spshipping.vendor.rules.book import RULES
from spshipping.vendor.rules.context import (
    History,
    Outcome,
    RuleContext,
    SentAcknowledgement,
    SentConfirmation,
    SentRequest,
)
from spshipping.vendor.rules.lint import Document, check, lint, unchecked
from spshipping.vendor.rules.rule import (
    DocumentKind,
    Finding,
    Part,
    Rule,
    RuleRegion,
    Severity,
    ShipmentKind,
    Sureness,
    Unchecked,
)
from spshipping.vendor.rules.sources import DECISIONS, FACTS, Source

__all__ = [
    "lint",
    "check",
    "unchecked",
    # what rules need to know
    "RuleContext",
    "RuleRegion",
    "History",
    "SentAcknowledgement",
    "SentConfirmation",
    "SentRequest",
    "Outcome",
    # what they find
    "Document",
    "Finding",
    "Severity",
    "Unchecked",
    # the rules themselves
    "RULES",
    "Rule",
    "Part",
    "Sureness",
    "DocumentKind",
    "ShipmentKind",
    "FACTS",
    "DECISIONS",
    "Source",
]
