"""How the outcome of a submission is learned, by what was submitted and where: one table."""

from typing import NamedTuple

from spshipping.errors import ConfigurationError
from spshipping.regions import Marketplace, Region
from spshipping.vendor.ledger.entry import SubmissionKind

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
FIRST_LOOK_SECONDS = 15 * MINUTE
"""Amazon's guide waits so long before the first look, and between looks."""
PATIENCE_SECONDS = 30 * MINUTE
"""What Amazon has taken shows within this time."""
FOLLOWED_SECONDS = 7 * DAY
"""So long a submission is followed that neither fails nor shows."""


class Ways(NamedTuple):
    """What shows that Amazon accepted a submission."""

    shows_lines: bool
    """getPurchaseOrdersStatus shows each line as Amazon has noted it."""
    reaches_success: bool
    """getTransaction reaches `Success`; otherwise it reports failures only."""


_ACKNOWLEDGED = Ways(shows_lines=True, reaches_success=False)
_REPORTED = Ways(shows_lines=False, reaches_success=True)
_SILENT = Ways(shows_lines=False, reaches_success=False)

TABLE = {
    (kind, region): ways
    for kind, everywhere in {
        SubmissionKind.ACKNOWLEDGEMENT: dict.fromkeys(Region, _ACKNOWLEDGED),
        SubmissionKind.SHIPMENT_CONFIRMATION: {
            Region.NA: _REPORTED,
            Region.EU: _REPORTED,
            Region.FE: _SILENT,
        },
        SubmissionKind.TRANSPORTATION_REQUEST: {
            Region.NA: _REPORTED,
            Region.EU: _REPORTED,
            Region.FE: _SILENT,
        },
    }.items()
    for region, ways in everywhere.items()
}
"""Source: https://developer-docs.amazon.com/sp-api/docs/vendor-transaction-status-api-v1-use-case-guide"""


def ways_of(kind: SubmissionKind, region: Region | None) -> Ways:
    """Return how an outcome is learned; where the region is not known, `Success` is not awaited."""
    if region is None:
        return _ACKNOWLEDGED if kind is SubmissionKind.ACKNOWLEDGEMENT else _SILENT
    return TABLE[kind, region]


def region_of(marketplace_id: str, endpoint: str) -> Region | None:
    """Return the region of a client; None where neither its marketplace nor its endpoint is a known one."""
    try:
        return Marketplace.find(marketplace_id).region
    except ConfigurationError:
        hosts = ((region, host) for region in Region for host in (region.host, region.sandbox_host))
        return next((region for region, host in hosts if endpoint == f"https://{host}"), None)
