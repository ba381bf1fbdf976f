"""The orders of many sellers, kept up to date by jobs of Procrastinate, which queues them in PostgreSQL.

    cd examples
    procrastinate --app procrastinate_sync.app schema --apply
    python -c "import procrastinate_sync; procrastinate_sync.prepare()"
    procrastinate --app procrastinate_sync.app worker --concurrency 8

A job makes one step: it reads a page of a seller's changes, and queues the next step for when that is due. So
a seller with a long way to go holds up no other. The orders of a page and how far the sync has come are
written in one transaction. A queue may run a job twice, or two of a seller at once: of those, the first one
writes, and the other one fails and writes nothing. What is lost, `begin` queues again every ten minutes.

The settings are those that `SPSHIPPING_SETTINGS` names: the connections are the sellers. `spshipping worker`
does the same without a queue.
"""

import logging
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status

from spshipping import Client, LeaseLostError, Settings
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.sync import Batch, Checkpoint

EVERY = timedelta(minutes=5)
PAUSE = timedelta(minutes=1)
"""After a step that failed."""
TABLES = """
CREATE TABLE IF NOT EXISTS orders (seller text, id text, status text, updated text, PRIMARY KEY (seller, id));
CREATE TABLE IF NOT EXISTS syncs (seller text PRIMARY KEY, version bigint NOT NULL, checkpoint text NOT NULL);
"""
PUT = """
INSERT INTO orders VALUES (%s, %s, %s, %s)
ON CONFLICT (seller, id) DO UPDATE SET status = excluded.status, updated = excluded.updated"""
SAVE = """
INSERT INTO syncs VALUES (%s, 1, %s)
ON CONFLICT (seller) DO UPDATE SET version = syncs.version + 1, checkpoint = excluded.checkpoint
WHERE syncs.version = %s"""

log = logging.getLogger("procrastinate_sync")
settings = Settings.load()
_password = settings.engines.postgres_password
URL = settings.engines.postgres_url or ""
PASSWORD = _password.reveal() if _password else None
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL, kwargs={"password": PASSWORD}))


class SellerOrders:
    """The orders of a seller, and the checkpoint of their sync: written together, or not at all."""

    def __init__(self, connection: "psycopg.Connection[Any]", seller: str) -> None:
        self.connection = connection
        self.seller = seller
        self.version = 0

    def load(self) -> Checkpoint | None:
        """Return how far the sync has come."""
        self.connection.rollback()
        asked = "SELECT version, checkpoint FROM syncs WHERE seller = %s"
        row = self.connection.execute(asked, (self.seller,)).fetchone()
        self.version = row[0] if row else 0
        return Checkpoint.from_json(row[1]) if row else None

    def put(self, batch: Batch[AmazonOrder]) -> None:
        """Write orders, in the transaction that `save` ends."""
        rows = [
            (self.seller, found["amazon_order_id"], found["order_status"], found["last_update_date"])
            for found in (order.to_dict() for order in batch)
        ]
        self.connection.cursor().executemany(PUT, rows)

    def save(self, checkpoint: Checkpoint) -> None:
        """Keep how far the sync has come, and the orders that were put before.

        Raises:
            LeaseLostError: another job has gone on with this seller meanwhile; nothing is written.
        """
        values = (self.seller, checkpoint.to_json(), self.version)
        if not self.connection.execute(SAVE, values).rowcount:
            self.connection.rollback()
            raise LeaseLostError("another job has gone on with this seller")
        self.connection.commit()
        self.version += 1


@cache
def client_of(seller: str) -> Client:
    """Return the client of a seller, which this process keeps."""
    return Client.from_settings(seller)


@app.task
def step(seller: str) -> None:
    """Read a page of what changed, and queue the next step, also where this one fails."""
    due = datetime.now(UTC) + PAUSE
    try:
        with closing(psycopg.connect(URL, password=PASSWORD)) as connection:
            store = SellerOrders(connection, seller)
            sync = OrderSync(client_of(seller).orders, store, since=timedelta(days=2))
            due = sync.step(store.put, every=EVERY)
    finally:
        with suppress(AlreadyEnqueued):  # of a seller one waits, and one runs
            step.configure(lock=seller, queueing_lock=seller, schedule_at=due).defer(seller=seller)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="begin", pass_context=False)
async def begin(timestamp: int) -> None:
    """Queue a step for each seller that has none, those included whose worker has died."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
    for seller in settings.names:
        with suppress(AlreadyEnqueued):
            await step.configure(lock=seller, queueing_lock=seller).defer_async(seller=seller)
    log.info("begun at %s", datetime.fromtimestamp(timestamp, UTC))


def prepare() -> None:
    """Make the tables of the orders where they are not there yet, and queue the first steps."""
    with closing(psycopg.connect(URL, password=PASSWORD)) as connection, connection:
        connection.execute(TABLES)
    with app.open(), suppress(AlreadyEnqueued):
        queued = app.configure_task(begin.name, queueing_lock="begin")
        queued.defer(timestamp=int(datetime.now(UTC).timestamp()))
