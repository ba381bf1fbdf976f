"""Webhooks: what Amazon Shipping pushes, read, written down, and handed over."""

from spshipping.shipping.webhooks.parsing import parse_push, parse_pushes
from spshipping.shipping.webhooks.pushes import (
    NdrPush,
    OtpPush,
    ParcelPush,
    Push,
    TrackingPush,
    UnknownPush,
)

__all__ = [
    # what is pushed
    "NdrPush",
    "OtpPush",
    "ParcelPush",
    "Push",
    "TrackingPush",
    "UnknownPush",
    "parse_push",
    "parse_pushes",
]
