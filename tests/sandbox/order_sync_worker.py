"""Syncs orders in a process of its own, on the sandbox's time, until it is killed or the time is up."""

import contextlib
import hashlib
import json
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from spshipping import Client, Credentials, FileQuota, Marketplace, SpShippingError
from spshipping.auth.cache import TokenCache
from spshipping.orders import AmazonOrder, OrderSync
from spshipping.orders.v2026_01_01 import SEARCH_ORDERS
from spshipping.sync import Batch, FileCheckpoint


class Plan(NamedTuple):
    """What a worker has to do."""

    folder: str
    """Where checkpoint, journal and quota lie."""
    endpoint: str
    token_url: str
    credentials: dict[str, str]
    since: datetime
    ends: datetime
    """When nothing more is begun."""
    ahead: float = 0.0
    """By how many seconds the worker's clock is ahead of the sandbox's; it is behind, if below zero."""
    lines: int = -1
    """After so many lines in the journal, the worker is struck dead; never, if below zero."""

    @property
    def checkpoint(self) -> FileCheckpoint:
        """Where the worker keeps how far it has come."""
        return FileCheckpoint(Path(self.folder) / "checkpoint.json")

    @property
    def journal(self) -> Path:
        """Where the worker writes what it does."""
        return Path(self.folder) / "journal.jsonl"


class BorrowedClock:
    """The clock of a sandbox in another process, wrong by some seconds; who sleeps pushes it forward."""

    def __init__(self, endpoint: str, ahead: float) -> None:
        self._ahead = timedelta(seconds=ahead)
        self._line = HTTPConnection(urlsplit(endpoint).netloc)
        self._offset: float = self._ask("GET")

    def _ask(self, method: str, body: Any = None) -> float:
        self._line.request(method, "/_sandbox/clock", json.dumps(body) if body else None)
        offset: float = json.loads(self._line.getresponse().read())["offset"]
        return offset

    def now(self) -> datetime:
        return self.right() + self._ahead

    def right(self) -> datetime:
        """Return the time of the sandbox."""
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        return time.monotonic() + self._offset

    def sleep(self, seconds: float) -> None:
        self._offset = self._ask("POST", {"advance": max(0.0, seconds)})

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def close(self) -> None:
        self._line.close()


class Journal:
    """Where a worker writes what happens, each line at once."""

    def __init__(self, path: Path, lines: int) -> None:
        self._left = lines
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        os.write(self._file, b"\n")  # a killed writer may have left half a line
        self.write(kind="start")

    def write(self, **line: Any) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def deliver(batch: Batch[AmazonOrder], journal: Journal) -> None:
    """Write down every order of a batch, and commit it."""
    for order in batch:
        changed, status = order.last_update_date, order.order_status
        journal.write(
            kind="order",
            id=order.amazon_order_id,
            time=changed and changed.isoformat(),
            status=status and status.value,
            digest=hashlib.sha256(json.dumps(order.to_dict(), default=str).encode()).hexdigest()[:16],
        )
    journal.write(kind="whole")
    batch.commit()
    journal.write(kind="committed")


def work(plan: Plan) -> None:
    """Sync again and again until the time is up."""
    with (
        contextlib.closing(BorrowedClock(plan.endpoint, plan.ahead)) as clock,
        Journal(plan.journal, plan.lines) as journal,
    ):
        keeper = FileQuota(Path(plan.folder) / "quota", clock)
        client = Client(
            Credentials(**plan.credentials),
            Marketplace.UK,
            endpoint=plan.endpoint,
            token_url=plan.token_url,
            clock=clock,
            token_cache=TokenCache(clock),
            quota=keeper,
            timeout=(2.0, 5.0),
        )
        with client:
            places = list(Marketplace)
            sync = OrderSync(client.orders, plan.checkpoint, since=plan.since, marketplaces=places)
            while clock.right() < plan.ends:
                journal.write(kind="begin", time=clock.right().isoformat())
                try:
                    for batch in sync.batches():
                        deliver(batch, journal)
                except SpShippingError as error:
                    journal.write(kind="error", error=str(error))
                else:
                    journal.write(kind="end", time=clock.right().isoformat())
                clock.sleep(1)
            key, plan_of_searches = client._parts.sender.rules.quota_key(SEARCH_ORDERS), SEARCH_ORDERS.quota
            turns = keeper.change(key, plan_of_searches, lambda bucket, _now: bucket.taken)
            journal.write(kind="over", turns=turns)
