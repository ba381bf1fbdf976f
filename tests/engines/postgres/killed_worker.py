"""A worker in a process of its own: `URL SCHEMA SELLERS PAGES`. It prints a line for each page, and ends."""

import sys
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import psycopg

from spshipping.clock import SystemClock
from spshipping.postgres import PostgresDatabase
from spshipping.sync import Batch, SellerLease, Sync, Window, Worker
from spshipping.sync.page import Change, Page
from spshipping.sync.postgres import PostgresLeases
from spshipping.transport.bucket import QuotaState
from spshipping.transport.threads import ThreadIo
from tests.engines.postgres.server import PASSWORD
from tests.kit import ScriptedTransport

LEASE = 5.0
EVERY = 3600.0


class PagesFeed:
    """So many pages with an item each; the quota always allows one more."""

    filters: Mapping[str, str] = {}

    def __init__(self, pages: int) -> None:
        self._pages = pages

    async def quota(self) -> QuotaState:
        return QuotaState(1.0, 20, 20.0, 0.0)

    async def page(self, window: Window, cursor: str | None, *, longest: float | None = None) -> Page[int]:
        number = int(cursor or 0)
        following = str(number + 1) if number + 1 < self._pages else None
        return Page([Change(str(number), window.after, number)], following)


class Delivery:
    """Writes each page down, and finds out whether a second worker has the same seller."""

    def __init__(self, url: str, schema: str) -> None:
        self._url, self._schema = url, schema
        self._here = threading.local()

    def _connection(self) -> Any:
        if not hasattr(self._here, "connection"):
            self._here.connection = psycopg.connect(self._url, password=PASSWORD, autocommit=True)
        return self._here.connection

    def deliver(self, seller: str, batch: Batch[int], fence: int) -> None:
        ask: Callable[..., Any] = self._connection().execute
        lock = (f"{self._schema} {seller}",)
        (is_alone,) = ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", lock).fetchone()
        insert = f"INSERT INTO {self._schema}_pages (seller, page, fence, is_alone)"
        for page in batch:
            ask(f"{insert} VALUES (%s, %s, %s, %s)", (seller, page, fence, is_alone))
            sys.stdout.write(f"{seller} {page}\n")
            sys.stdout.flush()
        ask("SELECT pg_sleep(0.05)")  # so that a kill meets deliveries
        ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", lock)


def work(url: str, schema: str, pages: int) -> None:
    """Serve sellers until none has anything more to deliver."""
    leases = PostgresLeases(PostgresDatabase(url, password=PASSWORD, schema=schema))
    delivery, feed, clock = Delivery(url, schema), PagesFeed(pages), SystemClock()
    fences = threading.local()

    def sync_of(seller: str, row: SellerLease) -> Sync[int]:
        fences.now = row.fence
        io = ThreadIo(ScriptedTransport(), clock)
        day = timedelta(days=1)
        return Sync(feed, row, io=io, clock=clock, since=day, overlap=timedelta(0))

    class Done:
        def is_set(self) -> bool:
            next_in = leases.next_in()
            return next_in is not None and next_in > LEASE + 1

    worker = Worker(
        leases,
        sync_of,
        lambda seller, batch: delivery.deliver(seller, batch, fences.now),
        every=EVERY,
        lease=LEASE,
        threads=2,
    )
    worker.run(stop=Done(), grace=60)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
