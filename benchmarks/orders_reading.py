"""How a page of orders is read here: as the client does it, once the bytes are there."""

import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spshipping.operation import Call
from spshipping.orders.v0 import GET_ORDERS
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.transport.decode import Decoded, decode
from spshipping.transport.http import HttpResponse

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
MARKETPLACE = "A1F83G8C2ARO7P"


def _calls() -> dict[str, Call[Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return {
            "v0": GET_ORDERS(query={"MarketplaceIds": [MARKETPLACE], "CreatedAfter": SINCE}),
            "v2026": SEARCH_ORDERS(query={"createdAfter": SINCE}),
        }


CALLS = _calls()


def read_page(api: str, body: bytes) -> Any:
    """Return the page in *body*, as models."""
    read = decode(CALLS[api], HttpResponse(200, {}, body), SINCE)
    if not isinstance(read, Decoded) or read.deviations:
        raise AssertionError("the sample is not well-formed, so this would measure repairs")
    return read.value


def megabytes(field: str) -> float:
    """Return a line of the system's account of this process: `VmRSS` is now, `VmHWM` the most so far."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(field))) / 1024
