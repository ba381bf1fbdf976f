"""A program that runs out of file descriptors between two calls, and prints the error of the second."""

import asyncio
import contextlib
import os
import resource
import sys
from typing import Any

from spshipping import (
    AsyncClient,
    Client,
    Credentials,
    Marketplace,
    NotFoundError,
    RetryPolicy,
    TransportError,
)

NUMBER, CARRIER = "1Z", "AMZN_UK"


def use_all_files() -> None:
    """Open the same file until no other can be opened."""
    with contextlib.suppress(OSError):
        while True:
            os.dup(0)


def with_threads(credentials: Credentials, about: Any) -> TransportError:
    """Make a call with a client, and another with one that has no connection yet."""
    with Client(credentials, Marketplace.UK, **about) as first:
        with contextlib.suppress(NotFoundError):
            first.shipping.get_tracking(tracking_id=NUMBER, carrier_id=CARRIER)
        with Client(credentials, Marketplace.UK, **about) as second:
            use_all_files()
            try:
                second.shipping.get_tracking(tracking_id=NUMBER, carrier_id=CARRIER)
            except TransportError as error:
                return error
    raise AssertionError("there was a file to spare")


async def with_tasks(credentials: Credentials, about: Any) -> TransportError:
    """Do the same on an event loop."""
    async with AsyncClient(credentials, Marketplace.UK, **about) as first:
        with contextlib.suppress(NotFoundError):
            await first.shipping.get_tracking(tracking_id=NUMBER, carrier_id=CARRIER)
        async with AsyncClient(credentials, Marketplace.UK, **about) as second:
            use_all_files()
            try:
                await second.shipping.get_tracking(tracking_id=NUMBER, carrier_id=CARRIER)
            except TransportError as error:
                return error
    raise AssertionError("there was a file to spare")


if __name__ == "__main__":
    kind, endpoint, token_url, *parts = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, 128))
    given = {"endpoint": endpoint, "token_url": token_url, "retry": RetryPolicy(attempts=2, base=0.0)}
    who = Credentials(*parts)
    found = with_threads(who, given) if kind == "threads" else asyncio.run(with_tasks(who, given))
    print(found.reason, found.remedy, sep="\n")  # noqa: T201 - what the test reads
