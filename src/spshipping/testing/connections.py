"""A transport for asyncio that leaves nothing open, whichever event loop a test has."""

import asyncio

from spshipping.clock import Clock
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits


class ClosingTransport:
    """Opens a connection for each request, and closes it afterwards.

    A test's event loop may end before its client is closed, as that of a fixture does.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        """Send *request* and return what came back, or why nothing did."""
        # imported here: it loads aiohttp
        from spshipping.transport.aio import AiohttpTransport

        transport = AiohttpTransport(clock=self._clock)
        try:
            return await transport.exchange(request, limits)
        finally:
            await transport.close()
            await asyncio.sleep(0)  # until the connection has noticed

    async def close(self) -> None:
        """There is nothing to close."""
