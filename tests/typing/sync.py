"""What the checkers know about syncing orders. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from typing import assert_type

from spshipping import Client, Marketplace
from spshipping.async_client import AsyncClient
from spshipping.orders import AmazonOrder, AsyncOrderSync, FulfillmentChannel, OrderSync
from spshipping.sync import (
    AsyncBatch,
    Batch,
    Checkpoint,
    CheckpointStore,
    FileCheckpoint,
    MemoryCheckpoint,
    SyncProgress,
    SyncStatus,
)


class Store:
    """A store of one's own."""

    def load(self) -> Checkpoint | None:
        return Checkpoint.from_json("{}")

    def save(self, checkpoint: Checkpoint) -> None:
        checkpoint.to_json()


def stores() -> list[CheckpointStore]:
    return [Store(), FileCheckpoint("orders.json"), MemoryCheckpoint()]


def syncing(client: Client, since: datetime) -> None:
    def tell(progress: SyncProgress) -> None:
        assert_type(progress.done_at, datetime | None)

    sync = OrderSync(
        client.orders,
        Store(),
        since=since,
        overlap=timedelta(hours=1),
        marketplaces=[Marketplace.UK],
        channels=[FulfillmentChannel.MERCHANT],
        on_progress=tell,
        pii={"buyerInfo"},
    )
    for batch in sync.batches():
        assert_type(batch, Batch[AmazonOrder])
        assert_type(list(batch), list[AmazonOrder])
        batch.commit()
    sync.run(list[AmazonOrder]().extend, every=300, stop=threading.Event())
    assert_type(sync.status, SyncStatus)
    sync.rewind(since)
    sync.rewind(timedelta(days=7))
    sync.rewind("7d")  # type: ignore[arg-type]
    assert_type(sync.missing({"1"}, after=since), Iterator[AmazonOrder])
    assert_type(sync.changed(["1"]), Iterator[AmazonOrder])
    OrderSync(client, Store())  # type: ignore[arg-type]
    OrderSync(client.orders, Store(), since="1d")  # type: ignore[arg-type]
    sync.run(print, every="5m")  # type: ignore[arg-type]


async def syncing_with_tasks(client: AsyncClient, since: datetime) -> None:
    sync = AsyncOrderSync(client.orders, Store(), since=since, pii={"buyerInfo"})
    async for batch in sync.batches():
        assert_type(batch, AsyncBatch[AmazonOrder])
        assert_type(list(batch), list[AmazonOrder])
        await batch.commit()

    async def deliver(batch: AsyncBatch[AmazonOrder]) -> None:
        assert_type(batch.items[0], AmazonOrder)

    await sync.run(deliver, every=300, stop=asyncio.Event())
    await sync.run(list[AmazonOrder]().extend, every=300, stop=threading.Event())
    assert_type(sync.status, SyncStatus)
    await sync.rewind(timedelta(days=7))
    assert_type(sync.missing({"1"}, after=since), AsyncGenerator[AmazonOrder, None])
    assert_type(sync.changed(["1"]), AsyncGenerator[AmazonOrder, None])
    list(sync.batches())  # type: ignore[call-overload]


def mixing(client: Client, async_client: AsyncClient) -> None:
    OrderSync(async_client.orders, Store())  # type: ignore[arg-type]
    AsyncOrderSync(client.orders, Store())  # type: ignore[arg-type]
