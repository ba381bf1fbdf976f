"""One process that begins purchases and settles them: `python -m benchmarks.claims_worker`.

A first line on standard input is the job, a second one the sign to begin; the answer is when it ended.
"""

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from spshipping.journal import NewEntry, Outcome, Owned, PurchaseJournal, Scope, SqliteJournal
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase

_LEASE_SECONDS = 60.0


@contextlib.contextmanager
def _opened(job: dict[str, Any]) -> Iterator[PurchaseJournal]:
    if "path" in job:
        with SqliteJournal(job["path"]) as journal:
            yield journal
    else:
        with PostgresDatabase(job["url"]) as database:
            yield PostgresJournal(database)


def _claim(journal: PurchaseJournal, reference: str) -> None:
    scope = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", reference)
    mine = journal.begin(NewEntry(scope, {}, "{}"), _LEASE_SECONDS)
    assert isinstance(mine, Owned)
    assert journal.quote(mine, "{}", None)
    assert journal.sending(mine, _LEASE_SECONDS)
    assert journal.settle(mine, Outcome.BOUGHT, "{}")


def main() -> None:
    """Do one job."""
    job = json.loads(sys.stdin.readline())
    with _opened(job) as journal:
        _claim(journal, f"{job['name']}-first")
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(job["claims"]):
            _claim(journal, f"{job['name']}-{number}")
        print(time.monotonic(), flush=True)


if __name__ == "__main__":
    main()
