"""Labels bought by tasks of Celery: one for each reference, whatever becomes of a worker or of the queue.

    cd examples
    celery -A celery_shop worker --pool prefork --concurrency 4
    python -c "import celery_shop; celery_shop.ship.delay('order-1001')"

A task carries a reference and nothing else: a queue keeps what is in it in clear. The parcel is looked up
where the shop has it; here it is the file `parcels/order-1001.json`. The settings are those that
`SPSHIPPING_SETTINGS` names. Where they name PostgreSQL, all machines share the journal, and quota and tokens
where they name Redis; otherwise this is for one machine. `SHOP_BROKER` is the broker. See docs/celery.md.
"""

import os
from pathlib import Path

from celery import Celery, Task
from celery.exceptions import SoftTimeLimitExceeded

from spshipping import Client, OutcomeUnknownError, PostgresDatabase, Settings, TransportError, loads
from spshipping.journal import PostgresJournal, PurchaseJournal, SqliteJournal
from spshipping.shipping import GetRatesRequest

PARCELS = Path("parcels")

settings = Settings.load()
(NAME, *_) = settings.names


def journal_of(settings: Settings) -> PurchaseJournal:
    """Return the journal that all machines share, or that of this one."""
    engines = settings.engines
    if engines.postgres_url is None:
        return SqliteJournal("shipments.db")
    return PostgresJournal(PostgresDatabase(engines.postgres_url, password=engines.postgres_password))


app = Celery("shop", broker=os.environ.get("SHOP_BROKER", "memory://"))
app.conf.task_acks_late = True  # a task whose worker dies is run again
app.conf.task_reject_on_worker_lost = True
app.conf.worker_prefetch_multiplier = 1  # what waits, any machine may take
# made once, and forked with the worker: each process has connections of its own
client = Client.from_settings(NAME)
journal = journal_of(settings)


@app.task(bind=True, soft_time_limit=120, max_retries=20)
def ship(self: Task, reference: str) -> str | None:
    """Buy the label of a reference, and return its tracking id; again, it is the same one."""
    parcel = loads((PARCELS / f"{reference}.json").read_bytes(), GetRatesRequest)
    try:
        shipment = client.shipping.ship(
            parcel, reference=reference, journal=journal, seller=NAME, save_to="labels", deadline=100
        )
    except (SoftTimeLimitExceeded, OutcomeUnknownError, TransportError) as error:
        # the journal knows how far it came; the same reference goes on there
        raise self.retry(exc=error, countdown=30) from None
    return shipment.tracking_id
