"""Pushes for tests, in the form that is most likely: an envelope of EventBridge around a tracking answer."""

import json
from typing import Any

ID = "7b6ad5c3-5e0f-4a3a-8f4e-0d2e0a5c1f11"
PLACE = {"stateOrRegion": "Bayern", "city": "Lovelace", "countryCode": "DE", "postalCode": "80331"}
EVENT: dict[str, Any] = {
    "eventCode": "Departed",
    "eventTime": "2026-03-01T09:30:00Z",
    "location": PLACE,
    "shipmentType": "FORWARD",
}
DETAIL: dict[str, Any] = {"trackingId": "TBA301", "carrierId": "AMZN_UK", **EVENT}


def envelope(detail: Any = DETAIL, **changes: Any) -> dict[str, Any]:
    """Return a push; a change to None leaves the field out."""
    made = {
        "version": "0",
        "id": ID,
        "detail-type": "Tracking Detail",
        "source": "AmazonShipping",
        "account": "123456789012",
        "time": "2026-03-01T10:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": detail,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return {name: value for name, value in made.items() if value is not None}


def posted(detail: Any = DETAIL, **changes: Any) -> bytes:
    """Return a push as it is posted."""
    return json.dumps(envelope(detail, **changes)).encode()
