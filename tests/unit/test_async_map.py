"""What `async with client.map(...)` hands on when its block is cancelled."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from spshipping.async_client import AsyncMap


def test_a_block_that_is_cancelled_cancels_what_runs() -> None:
    seen: list[Any] = []

    async def results() -> AsyncGenerator[Any, None]:
        try:
            yield "a result"
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def block() -> None:
        async with AsyncMap(results()) as found:
            async for each in found:
                seen.append(each)
                raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(block())
    assert seen == ["a result", "cancelled"]
