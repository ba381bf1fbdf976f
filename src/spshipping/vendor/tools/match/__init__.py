"""Three-way match: what was ordered, acknowledged, sent, received and invoiced, line by line."""

from spshipping.vendor.tools.match.evidence import SentContainer, SentGoods
from spshipping.vendor.tools.match.invoices import InvoiceLine, invoices_from_csv, read_invoices
from spshipping.vendor.tools.match.join import PATIENCE, three_way_match
from spshipping.vendor.tools.match.line import Difference, DifferenceKind, MatchedLine
from spshipping.vendor.tools.match.report import MatchReport, Stray

__all__ = [
    "three_way_match",
    "PATIENCE",
    # what is compared
    "InvoiceLine",
    "read_invoices",
    "invoices_from_csv",
    # what comes out
    "MatchReport",
    "MatchedLine",
    "Difference",
    "DifferenceKind",
    "Stray",
    # the evidence
    "SentGoods",
    "SentContainer",
]
