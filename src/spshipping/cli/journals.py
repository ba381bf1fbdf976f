"""The journal of purchases that a command reads or writes: in a file, or in a PostgreSQL database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from spshipping.cli.choice import Choice
from spshipping.cli.database import database_of
from spshipping.errors import ConfigurationError
from spshipping.regions import ShippingBusiness

if TYPE_CHECKING:
    from spshipping.client import Client
    from spshipping.journal import PurchaseJournal
    from spshipping.shipping import Purchases

_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--journal",
        "path",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The file of the journal, as SqliteJournal has it.",
    ),
    click.option(
        "--database",
        metavar="URL",
        help="The PostgreSQL database of the journal, as PostgresJournal has it; if not the settings'.",
    ),
    click.option(
        "--seller", help="The name for the seller that your program ships with; else the connection's."
    ),
    click.option("--business", help="The Amazon Shipping business; else the connection's."),
    click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON."),
)


class JournalChoice(NamedTuple):
    """Which journal, and whose purchases in it."""

    path: Path | None
    database: str | None
    seller: str | None
    business: str | None

    @property
    def words(self) -> list[str]:
        """The options that say the same of another command, without the business."""
        given = {"--journal": self.path, "--database": self.database, "--seller": self.seller}
        return [word for name, value in given.items() if value is not None for word in (name, str(value))]

    @contextmanager
    def purchases(
        self, choice: Choice, client: "Client", *, is_new: bool = False, save_to: Path | None = None
    ) -> "Iterator[Purchases]":
        """Give the facade of the purchases, as long as the journal is open.

        Args:
            choice: the connection.
            client: of the connection.
            is_new: a file that is not there is made.
            save_to: where labels are saved.

        Raises:
            ConfigurationError: there is no such file: an empty one would say that nothing is unsettled; or
                a file is meant, and there is a second machine.
            click.UsageError: nothing names the journal, or the seller.
        """
        from spshipping.shipping import Purchases

        with self._journal(choice, is_new=is_new) as journal:
            if not (self.seller or client.context.origin.seller):
                raise click.UsageError(
                    "Give --seller, or set `seller` in the connection: the name for the seller that your"
                    " program ships with."
                )
            named = ShippingBusiness.named(self.business) if self.business else None
            yield Purchases(client.context, journal, seller=self.seller, business=named, save_to=save_to)

    @contextmanager
    def _journal(self, choice: Choice, *, is_new: bool) -> "Iterator[PurchaseJournal]":
        from spshipping.journal import PostgresJournal, SqliteJournal

        if self.path is not None and self.database is not None:
            raise click.UsageError("Give --journal FILE or --database URL, not both.")
        if self.path is None:
            database = database_of(self.database, choice.connection().engines)
            if database is None:
                raise click.UsageError("Give --journal FILE, or --database URL.")
            with database.opened() as opened:
                yield PostgresJournal(opened)
        else:
            choice.refuse_second_machine("a journal in a file", "Give --database in place of --journal.")
            with SqliteJournal(self.path) as journal:
                if not is_new and not journal.path.exists():
                    raise ConfigurationError(
                        f"there is no journal {self.path}: give the file that `ship` was given"
                    )
                yield journal


def with_journal(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which journal, seller and business, as `journal`; and `--json`."""

    @wraps(command)
    def filled(
        *args: Any,
        path: Path | None,
        database: str | None,
        seller: str | None,
        business: str | None,
        **given: Any,
    ) -> None:
        command(*args, journal=JournalChoice(path, database, seller, business), **given)

    for option in reversed(_OPTIONS):
        filled = option(filled)
    return filled
