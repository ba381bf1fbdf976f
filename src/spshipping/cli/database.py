"""The PostgreSQL database of a command: the one that `--database` names, or else that of the settings."""

from typing import TYPE_CHECKING, NamedTuple

import click

from spshipping.secret import Secret
from spshipping.settings.engines import TOO_OPEN, Engines, postgres_fault

if TYPE_CHECKING:
    from spshipping.postgres import PostgresDatabase

_TOO_OPEN = (
    ", which other users of this machine can see: set PGPASSWORD, or use a password file of PostgreSQL's"
)


class Database(NamedTuple):
    """Where a database is."""

    url: str
    password: Secret | None = None

    def opened(self) -> "PostgresDatabase":
        """Return the database, to be closed after use; it is reached with the first thing that is read."""
        from spshipping.postgres import PostgresDatabase

        return PostgresDatabase(self.url, password=self.password)


def database_of(given: str | None, engines: Engines) -> Database | None:
    """Return the database that was named on the command line, or else that of the settings, if there is one.

    Raises:
        click.BadParameter: what was named is no URL, or holds a password, which everybody on the machine
            could see.
    """
    if given is not None:
        fault = postgres_fault(given)
        if fault is not None:
            raise click.BadParameter(
                f"the URL of the database {fault}{_TOO_OPEN if fault == TOO_OPEN else ''}",
                param_hint="--database",
            )
        return Database(given)
    url = engines.postgres_url
    return None if url is None else Database(url, engines.postgres_password)
