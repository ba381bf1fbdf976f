"""Ships parcels in a process of its own, which may be killed at any step of it."""

import contextlib
import json
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Protocol
from unittest.mock import patch

from spshipping import (
    AsyncClient,
    Client,
    Credentials,
    Marketplace,
    RetryPolicy,
    SpShippingError,
    TransportError,
    disk,
    loads,
)
from spshipping.clock import SystemClock
from spshipping.journal import SpendingLimit, SqliteJournal
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from spshipping.shipping import AsyncPurchases, GetRatesRequest, Purchases
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.aio import AiohttpTransport
from tests.fuse import Fuse
from tests.onloop import Loop, OnLoop

ORDER = Path(__file__).parents[2] / "examples" / "order.json"
KEY = "c3BzaGlwcGluZyBzdG9yZSBrZXkgZm9yIHRlc3RzISE="  # 32 bytes that seal nothing of value
STEPS = ("begin", "quote", "sending", "settle", "renew", "claim", "find")
TRIES = 3


class Plan(NamedTuple):
    """What one process has to do; fit for JSON."""

    endpoint: str
    token_url: str
    credentials: dict[str, str]
    journal: str
    labels: str
    references: list[str]
    way: str = "threads"
    seller: str = "the shop"
    seed: int = 0
    offset: float = 0.0
    """Seconds by which its clock is ahead."""
    killed_at: int = 0
    """The step before which it is killed, the first being 1; 0 for none."""
    resumes: bool = False
    """Whether it resumes first."""
    parcels: int = 0
    """So many parcels has each reference; 0 for one without a number."""
    limit: str | None = None
    """How many pounds may be spent on one day."""
    patience: float = 1.0
    """Seconds that it waits for an answer; short where faults hold answers back."""
    schema: str | None = None
    """Where the journal is the URL of a PostgreSQL database: the schema in it."""


class Ahead(SystemClock):
    """A clock that is ahead."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


class HasPurchases(Protocol):
    """What both kinds of purchases have, as threads use them."""

    def ship(self, parcel: GetRatesRequest, *, reference: str) -> Any: ...
    def ship_parcels(self, parcels: list[GetRatesRequest], *, reference: str) -> Any: ...
    def resume(self) -> Any: ...


@contextlib.contextmanager
def _journal(plan: Plan, clock: Ahead) -> Any:
    if plan.schema is None:
        with SqliteJournal(plan.journal, key=lambda: KEY, clock=clock) as journal:
            yield journal
    else:
        with PostgresDatabase(plan.journal, schema=plan.schema, clock=clock) as database:
            yield PostgresJournal(database, key=lambda: KEY)


@contextlib.contextmanager
def opened(plan: Plan, limit: SpendingLimit | None = None) -> Any:
    """Yield the purchases of a plan, which its fuse is built into."""
    fuse, clock = Fuse(plan.killed_at), Ahead(plan.offset)
    options: dict[str, Any] = {
        "endpoint": plan.endpoint,
        "token_url": plan.token_url,
        "clock": clock,
        "retry": RetryPolicy(base=0.002, throttled_base=0.02),
        "timeout": (2.0, plan.patience),
    }
    credentials = Credentials(**plan.credentials)
    if plan.limit is not None:
        limit = SpendingLimit(Decimal(plan.limit), "GBP")
    known: dict[str, Any] = {"seller": plan.seller, "save_to": plan.labels, "limit": limit}
    with (
        patch.object(disk, "replace", fuse.around(disk.replace)),
        _journal(plan, clock) as journal,
    ):
        for name in STEPS:
            setattr(journal, name, fuse.around(getattr(journal, name)))
        if plan.way == "threads":
            transport = RequestsTransport(clock=clock)
            transport.exchange = fuse.around(transport.exchange)  # type: ignore[method-assign]
            with (
                contextlib.closing(transport),
                Client(credentials, Marketplace.UK, transport=transport, **options) as client,
            ):
                yield Purchases(client.context, journal, **known)
            return
        loop, stepped = Loop(), AiohttpTransport(clock=clock)
        exchange = stepped.exchange

        async def in_steps(*args: Any, **more: Any) -> Any:
            fuse.step()
            answer = await exchange(*args, **more)
            fuse.step()
            return answer

        stepped.exchange = in_steps  # type: ignore[method-assign]
        made = AsyncClient(credentials, Marketplace.UK, transport=stepped, **options)
        facade = AsyncPurchases(made.context, journal, **known)
        yield OnLoop(facade, loop)
        loop.run(made.close())
        loop.run(stepped.close())
        loop.close()


def work(plan: Plan, purchases: HasPurchases, failed: list[str] | None = None) -> dict[str, str]:
    """Ship every parcel as the naive program does; return the shipments that are in hand.

    What went wrong on the way is added to *failed*.
    """
    parcel = loads(ORDER.read_bytes(), GetRatesRequest)
    references = list(plan.references)
    Random(plan.seed).shuffle(references)
    found: dict[str, str] = {}
    if plan.resumes:
        # a database that is away is back for the next who resumes
        with contextlib.suppress(TransportError):
            found |= {shipment.reference: shipment.shipment_id for shipment in purchases.resume().shipments}
    for reference in references:
        for _ in range(TRIES):
            try:
                if plan.parcels:
                    shipped = purchases.ship_parcels([parcel] * plan.parcels, reference=reference)
                    is_done, shipments = shipped.is_complete, shipped.shipments
                else:
                    is_done, shipments = True, [purchases.ship(parcel, reference=reference)]
                for shipment in shipments:
                    assert shipment.labels[0].data == shipment.files[0].read_bytes()
                    found[shipment.reference] = shipment.shipment_id
                if is_done:
                    break
            except SpShippingError as error:
                if failed is not None:
                    failed.append(f"{reference}: {error!r}")
    return found


if __name__ == "__main__":
    with opened(its_plan := Plan(**json.loads(sys.argv[1]))) as its_purchases:
        sys.stdout.write(json.dumps(work(its_plan, its_purchases)))
