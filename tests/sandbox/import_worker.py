"""Imports purchase orders in a process of its own, on the sandbox's time, until it is killed or ends."""

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spshipping import Client, Credentials, FileQuota, Marketplace, SpShippingError, dumps
from spshipping.auth.cache import TokenCache
from spshipping.settings import VendorSettings
from spshipping.sync import Batch
from spshipping.vendor.sync import ImportedOrder, PurchaseOrderImport
from tests.sandbox.order_sync_worker import BorrowedClock, Journal, Plan

EVERYTHING = VendorSettings(import_missing_orders=True, import_history=True)
_PAUSE = 1800.0
"""Seconds between two passes."""


def digest(order: Any, status: Any) -> str:
    """Return a digest of a purchase order and its state, both as JSON says them."""
    text = json.dumps([order, status], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def deliver(batch: Batch[ImportedOrder], journal: Journal, kept: set[str]) -> None:
    """Write down every purchase order of a batch, and commit it."""
    for one in batch:
        journal.write(
            kind="order",
            number=one.number,
            reason=one.reason.value,
            digest=digest(
                json.loads(dumps(one.purchase_order)), one.status and json.loads(dumps(one.status))
            ),
        )
        kept.add(one.number)
    journal.write(kind="whole")
    batch.commit()
    journal.write(kind="committed")


def numbers_in(journal: Path) -> set[str]:
    """Return the purchase orders that were written down before, half lines left out."""
    found = set()
    for line in journal.read_bytes().splitlines() if journal.exists() else ():
        with contextlib.suppress(ValueError):
            data = json.loads(line)
            if data["kind"] == "order":
                found.add(data["number"])
    return found


def work(plan: Plan) -> None:
    """Import again and again until the time is up."""
    kept = numbers_in(plan.journal)

    def known(numbers: Sequence[str]) -> set[str]:
        return kept.intersection(numbers)

    with (
        contextlib.closing(BorrowedClock(plan.endpoint, plan.ahead)) as clock,
        Journal(plan.journal, plan.lines) as journal,
        Client(
            Credentials(**plan.credentials),
            Marketplace.US,
            endpoint=plan.endpoint,
            token_url=plan.token_url,
            clock=clock,
            token_cache=TokenCache(clock),
            quota=FileQuota(Path(plan.folder) / "quota", clock),
            timeout=(2.0, 5.0),
        ) as client,
    ):
        imports = PurchaseOrderImport(
            client.vendor, plan.checkpoint, settings=EVERYTHING, known=known, since=plan.since
        )
        while clock.right() < plan.ends:
            journal.write(kind="begin")
            try:
                for batch in imports.batches():
                    deliver(batch, journal, kept)
            except SpShippingError as error:
                journal.write(kind="error", error=str(error))
                clock.sleep(1)
            else:
                journal.write(kind="end")
                clock.sleep(_PAUSE)
