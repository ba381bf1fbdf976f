"""Keeps a table of orders up to date: each change arrives once, whenever this was stopped, and however.

    python examples/order_sync.py orders.db --every 300
    python examples/order_sync.py orders.db --once --days 30

It takes its connection from the environment; `spshipping sandbox` prints what to set for a trial. The orders
and the checkpoint lie in one SQLite database: a page of orders is written in the same transaction as how far
the sync has come, so that no restart tears them apart. Ask it things:

    sqlite3 orders.db "select status, count(*) from orders group by status"
"""

import argparse
import json
import logging
import sqlite3
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

from spshipping import Client, SpShippingError
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.sync import Batch, Checkpoint, SyncProgress, SyncStatus

TABLES = """
create table if not exists orders (id text primary key, updated text, status text, document text);
create table if not exists checkpoint (name text primary key, document text);
"""


class Database:
    """A table of orders, and the checkpoint of their sync."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.executescript(TABLES)

    def put(self, batch: Batch[AmazonOrder]) -> None:
        """Write orders, in the transaction that `save` ends. The same again would do no harm."""
        rows = [
            (order.amazon_order_id, found["last_update_date"], found["order_status"], json.dumps(found))
            for order in batch
            for found in (order.to_dict(),)
        ]
        self.connection.executemany("insert or replace into orders values (?, ?, ?, ?)", rows)

    def load(self) -> Checkpoint | None:
        """Return how far the sync has come."""
        # what was written before a page failed is not to be kept
        self.connection.rollback()
        row = self.connection.execute("select document from checkpoint").fetchone()
        return Checkpoint.from_json(row[0]) if row else None

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep how far the sync has come, and with it the orders that were put before."""
        row = ("orders", checkpoint.to_json())
        self.connection.execute("insert or replace into checkpoint values (?, ?)", row)
        self.connection.commit()

    def close(self) -> None:
        """Close the database."""
        self.connection.close()


def tell_progress(progress: SyncProgress) -> None:
    """Say how long it will take, while there is more than a page."""
    if progress.pages_left and progress.done_at:
        left = f"about {progress.pages_left} more pages, until {progress.done_at:%H:%M}"
        sys.stderr.write(f"{progress.items} orders so far, {left}\n")


def tell_status(status: SyncStatus) -> None:
    """Say when a run has ended, how it went, and when the next one comes."""
    if status.next_run:
        last = f"failed {status.failures} times" if status.failures else f"{status.delivered} orders so far"
        sys.stderr.write(f"{last}; next run at {status.next_run:%H:%M:%S}\n")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Keep a table of orders up to date.")
    parser.add_argument("database", help="an SQLite file; it is made if it is not there")
    parser.add_argument("--every", type=float, default=300.0, help="seconds between two runs (300)")
    parser.add_argument("--days", type=float, default=7.0, help="how far back to begin (7)")
    parser.add_argument("--once", action="store_true", help="catch up with now, and end")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None, stop: threading.Event | None = None) -> int:
    """Sync until interrupted, or *stop* is set; return the exit code: 0, or 1 for an error."""
    wanted = arguments(given)
    try:
        with Client.from_env() as client, closing(Database(wanted.database)) as database:
            sync = OrderSync(
                client.orders, database, since=timedelta(days=wanted.days), on_progress=tell_progress
            )
            if not wanted.once:
                sync.run(database.put, every=wanted.every, stop=stop, on_status=tell_status)
                return 0
            for batch in sync.batches():
                database.put(batch)
                batch.commit()
    except KeyboardInterrupt:
        pass  # what is not committed comes again
    except SpShippingError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main())
