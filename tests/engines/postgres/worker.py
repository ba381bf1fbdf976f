"""Works on what machines share, in a process of its own that may be killed; each step is written down."""

import json
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from spshipping import LeaseLostError, TransportError
from spshipping.journal import NewEntry, Outcome, Owned, Scope
from spshipping.journal.postgres import PostgresJournal
from spshipping.postgres import PostgresDatabase
from spshipping.sync import Checkpoint
from spshipping.sync.postgres import PostgresLeases
from spshipping.vendor.sscc import SsccIssuer
from spshipping.vendor.sscc.postgres import PostgresSerials
from tests.kit import START


class Task(NamedTuple):
    """What a worker does; fit for JSON."""

    kind: str
    url: str
    schema: str
    output: str
    name: str
    steps: int
    """How many steps it makes."""
    seconds: float = 0.3
    """How long a lease lasts."""


class Output:
    """A file in which each line is whole as soon as it is written, but the last of one who was killed."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).open("wb", buffering=0)  # noqa: SIM115 - as long as the process

    def write(self, *words: object) -> None:
        """Write a line."""
        self._file.write(f"{' '.join(map(str, words))}\n".encode())


def issue(task: Task, database: PostgresDatabase, output: Output) -> None:
    """Issue codes."""
    issuer = SsccIssuer(PostgresSerials(database), "9521234", block=50)
    left = task.steps
    while left:
        with suppress(TransportError):
            output.write(issuer.issue())
            left -= 1


def sync(task: Task, database: PostgresDatabase, output: Output) -> None:
    """Count up in the rows of sellers: whoever has one adds to what the last has saved."""
    leases = PostgresLeases(database)
    left = task.steps
    while left > 0:
        try:
            lease = leases.claim(task.name, task.seconds)
            for _ in range(5 if lease else 0):
                assert lease is not None
                found = lease.load() or Checkpoint(START, {})
                number = (found.until - START) // timedelta(seconds=1) + 1
                lease.save(Checkpoint(START + timedelta(seconds=number), {}))
                output.write(lease.seller, number, lease.fence)
                left -= 1
            if lease:
                lease.release(0.0)
        except LeaseLostError:
            output.write("lost")
        except TransportError:
            output.write("away")


def buy(task: Task, database: PostgresDatabase, output: Output) -> None:
    """Begin purchases that others begin too, and settle those that are this worker's."""
    journal = PostgresJournal(database)
    for number in range(task.steps):
        scope = Scope("https://example.test", "A1SELLER", "AmazonShipping_UK", str(number))
        found: Any = journal.begin(NewEntry(scope, {}, "{}"), 60.0)
        if isinstance(found, Owned):
            assert journal.quote(found, "{}", None)
            assert journal.sending(found, 60.0)
            assert journal.settle(found, Outcome.BOUGHT, "{}")
            output.write(scope.reference)


if __name__ == "__main__":
    its_task = Task(**json.loads(sys.argv[1]))
    with PostgresDatabase(its_task.url, schema=its_task.schema) as its_database:
        {"issue": issue, "sync": sync, "buy": buy}[its_task.kind](
            its_task, its_database, Output(its_task.output)
        )
