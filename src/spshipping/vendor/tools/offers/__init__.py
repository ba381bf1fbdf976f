"""Bulk buy offers: deals that are agreed before their purchase orders exist."""

from spshipping.vendor.tools.offers.desk import BulkBuy, Received
from spshipping.vendor.tools.offers.ledger import OfferBook, OfferLedger
from spshipping.vendor.tools.offers.matching import Allocation, MatchedBy, Reason, Tolerance, UnmatchedLine
from spshipping.vendor.tools.offers.memory import MemoryOffers
from spshipping.vendor.tools.offers.offer import (
    Approval,
    KeptOffer,
    LineDecision,
    Offer,
    OfferLine,
    OfferState,
)
from spshipping.vendor.tools.offers.reading import offers_from_csv, offers_from_json, read_offers
from spshipping.vendor.tools.offers.report import OfferMatch, OpenOfferLine
from spshipping.vendor.tools.offers.response import Answer, OfferResponse, ResponseLine
from spshipping.vendor.tools.offers.sqlite import SqliteOffers

__all__ = [
    "BulkBuy",
    "Received",
    # offers
    "Offer",
    "OfferLine",
    "read_offers",
    "offers_from_csv",
    "offers_from_json",
    # their approval
    "KeptOffer",
    "OfferState",
    "Approval",
    "LineDecision",
    "OfferResponse",
    "ResponseLine",
    "Answer",
    # their purchase orders
    "Tolerance",
    "OfferMatch",
    "Allocation",
    "MatchedBy",
    "UnmatchedLine",
    "Reason",
    "OpenOfferLine",
    # where they are kept
    "SqliteOffers",
    "MemoryOffers",
    "OfferLedger",
    "OfferBook",
]
