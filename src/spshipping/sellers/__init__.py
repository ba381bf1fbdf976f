"""Sellers v1: who the seller is, and where they sell."""

from spshipping.sellers.api import GET_ACCOUNT, GET_MARKETPLACE_PARTICIPATIONS, SellersApi
from spshipping.sellers.api_async import AsyncSellersApi
from spshipping.sellers.models import (
    Account,
    Address,
    Business,
    BusinessType,
    Marketplace,
    MarketplaceParticipation,
    Participation,
    PrimaryContact,
    SellingPlan,
)

__all__ = [
    "SellersApi",
    "AsyncSellersApi",
    # operations
    "GET_ACCOUNT",
    "GET_MARKETPLACE_PARTICIPATIONS",
    # models
    "Account",
    "Address",
    "Business",
    "BusinessType",
    "Marketplace",
    "MarketplaceParticipation",
    "Participation",
    "PrimaryContact",
    "SellingPlan",
]
