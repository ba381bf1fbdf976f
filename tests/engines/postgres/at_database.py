"""Steps that the tests of the database let happen."""

from collections.abc import Callable

from spshipping.postgres import PostgresDatabase
from spshipping.postgres_transaction import Transaction
from tests.engines.postgres.server import Server


def name_of(transaction: Transaction) -> int:
    """Return the process of the server that a step is at."""
    row = transaction.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    return int(row[0])


def keep(name: str) -> Callable[[Transaction], None]:
    """Return a step that writes something."""

    def step(transaction: Transaction) -> None:
        transaction.execute("INSERT INTO $schema.facts VALUES (%s, '')", (name,))

    return step


def kept(database: PostgresDatabase) -> list[str]:
    """Return what was written."""
    asked = "SELECT name FROM $schema.facts WHERE name <> 'version' ORDER BY name"
    return database.read(lambda step: [row[0] for row in step.execute(asked)])


def killed(server: Server, process: int) -> None:
    """End a connection at the server."""
    server.execute(f"SELECT pg_terminate_backend({process}, 30000)")
