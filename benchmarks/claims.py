"""How many purchases a second a journal takes, each of their steps on the disk."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.children import Child
from benchmarks.measure import Row

PART = "claims"
PROCESSES = (1, 4, 8)
_CLAIMS = 400
"""In each run, by all processes together."""


def _rate(job: dict[str, str], processes: int) -> float:
    """Return the claims a second of so many processes."""
    claims = _CLAIMS // processes
    with ExitStack() as stack:
        workers = [
            stack.enter_context(Child(sys.executable, "benchmarks.claims_worker")) for _ in range(processes)
        ]
        for number, worker in enumerate(workers):
            worker.send(json.dumps({**job, "name": f"{processes}.{number}", "claims": claims}))
        for worker in workers:
            worker.receive()
        began = time.monotonic()
        for worker in workers:
            worker.send("begin")
        ended = max(float(worker.receive(300)) for worker in workers)
    # monotonic time is the same for all processes of a machine
    return claims * processes / (ended - began)


@contextmanager
def _server() -> Iterator[str]:
    """Start PostgreSQL, as durable as it is by default, and make the tables; give its URL."""
    from spshipping.postgres import PostgresDatabase
    from tests.engines.postgres.server import Server

    server = Server(is_durable=True)
    try:
        with PostgresDatabase(server.url()) as database:
            database.make_tables()
        yield server.url()
    finally:
        server.close()


def _missing() -> str | None:
    """Return why PostgreSQL cannot be measured; None where it can."""
    try:
        from tests.engines.postgres.server import program
    except ImportError:
        return "psycopg is not installed"
    return None if program("initdb") else "PostgreSQL is not here"


def measure() -> list[Row]:
    """Measure both journals from one, four and eight processes, against SQLite from one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.db"
        rates = {("SQLite", number): _rate({"path": str(path)}, number) for number in PROCESSES}
    missing = _missing()
    if missing is None:
        with _server() as url:
            rates |= {("PostgreSQL", number): _rate({"url": url}, number) for number in PROCESSES}
    base = rates["SQLite", 1]
    rows = [
        Row(PART, f"{engine}, processes: {number}; {rate:.0f} claims a second", base / rate)
        for (engine, number), rate in rates.items()
    ]
    return rows if missing is None else [*rows, Row(PART, "PostgreSQL", None, note=missing)]
