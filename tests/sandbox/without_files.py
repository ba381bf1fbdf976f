"""A program that has no file descriptor left when it first calls, or at its second call; prints the error."""

import contextlib
import os
import resource
import sys
from typing import TYPE_CHECKING, Any

from spshipping import Client, Credentials, Marketplace, NotFoundError, RetryPolicy, TransportError

if TYPE_CHECKING:
    from spshipping.shipping import AsyncShippingApi, ShippingApi

NUMBER, CARRIER = "1Z", "AMZN_UK"


def use_all_files() -> None:
    """Open the same file until no other can be opened."""
    with contextlib.suppress(OSError):
        while True:
            os.dup(0)


def look(api: "ShippingApi", *, is_last: bool) -> None:
    """Look for a parcel that there is not."""
    if is_last:
        use_all_files()
    with contextlib.suppress(NotFoundError):
        api.get_tracking(tracking_id=NUMBER, carrier_id=CARRIER)


async def look_async(api: "AsyncShippingApi", *, is_last: bool) -> None:
    """Do the same on an event loop."""
    if is_last:
        use_all_files()
    with contextlib.suppress(NotFoundError):
        await api.get_tracking(tracking_id=NUMBER, carrier_id=CARRIER)


def with_threads(credentials: Credentials, calls: int, about: Any) -> None:
    """Make a call with each of so many clients: each has a connection of its own."""
    with contextlib.ExitStack() as stack:
        for number in range(calls):
            client = stack.enter_context(Client(credentials, Marketplace.UK, **about))
            look(client.shipping, is_last=number == calls - 1)


async def with_tasks(credentials: Credentials, calls: int, about: Any) -> None:
    """Do the same on an event loop."""
    from spshipping import AsyncClient

    async with contextlib.AsyncExitStack() as stack:
        for number in range(calls):
            client = await stack.enter_async_context(AsyncClient(credentials, Marketplace.UK, **about))
            await look_async(client.shipping, is_last=number == calls - 1)


def main(kind: str, calls: int, endpoint: str, token_url: str, *parts: str) -> None:
    """Run the program.

    Args:
        kind: `threads` or `asyncio`.
        calls: so many calls; without a file to spare at the last.
        endpoint: of the sandbox.
        token_url: of the sandbox.
        parts: the credentials.
    """
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
    given = {"endpoint": endpoint, "token_url": token_url, "retry": RetryPolicy(attempts=2, base=0.0)}
    try:
        if kind == "threads":
            with_threads(Credentials(*parts), calls, given)
        else:
            import asyncio

            asyncio.run(with_tasks(Credentials(*parts), calls, given))
    except TransportError as error:
        print(error.reason, error.remedy, sep="\n")  # noqa: T201 - what the test reads
    finally:
        # what measures coverage writes a file at the end
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
