"""What the checkers know about importing purchase orders. Read by mypy and pyright, never run."""

# An ignore marks what must be an error: both checkers fail on one that is not needed.
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import assert_type

from spshipping import Client
from spshipping.async_client import AsyncClient
from spshipping.settings import Settings, VendorSettings
from spshipping.sync import AsyncBatch, Batch, FileCheckpoint
from spshipping.vendor.orders import Order, OrderItem, OrderItemStatus, OrderStatus
from spshipping.vendor.sync import (
    AsyncPurchaseOrderImport,
    ImportedLine,
    ImportedOrder,
    ImportReason,
    PurchaseOrderImport,
)


def known(numbers: Sequence[str]) -> set[str]:
    return set(numbers)


async def known_later(numbers: Sequence[str]) -> set[str]:
    return set(numbers)


def switches() -> VendorSettings:
    return Settings.from_env({}).connection("default").vendor()


def importing(client: Client) -> None:
    imports = PurchaseOrderImport(
        client.vendor,
        FileCheckpoint("purchase-orders.json"),
        settings=switches(),
        known=known,
        since=timedelta(days=7),
        timeout=10.0,
    )
    for batch in imports.batches():
        assert_type(batch, Batch[ImportedOrder])
        for one in batch:
            assert_type(one.purchase_order, Order)
            assert_type(one.status, OrderStatus | None)
            assert_type(one.reason, ImportReason)
            assert_type(one.lines, list[ImportedLine])
            assert_type([line.item for line in one.lines], list[OrderItem])
            assert_type([line.status for line in one.lines], list[OrderItemStatus | None])
        batch.commit()
    assert_type(imports.step(print, every=300), datetime)
    assert_type(imports.missing(), Iterator[ImportedOrder])
    assert_type(imports.get("2JK3S9VC"), ImportedOrder)
    PurchaseOrderImport(client.vendor, FileCheckpoint("x"), known=known_later)  # type: ignore[arg-type]


async def importing_later(client: AsyncClient) -> None:
    imports = AsyncPurchaseOrderImport(client.vendor, FileCheckpoint("x"), known=known_later)
    async for batch in imports.batches():
        assert_type(batch, AsyncBatch[ImportedOrder])
        await batch.commit()
    assert_type(await imports.step(print, every=timedelta(hours=1)), datetime)
    assert_type(imports.missing(known), AsyncGenerator[ImportedOrder, None])
    assert_type(await imports.get("2JK3S9VC"), ImportedOrder)
