"""The group `spshipping vendor`, and its commands."""

from pathlib import Path

import click

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.vendor.acknowledge import acknowledge
from spshipping.cli.vendor.documents import documents
from spshipping.cli.vendor.linting import lint_document
from spshipping.cli.vendor.matching import match
from spshipping.cli.vendor.offers import offers
from spshipping.cli.vendor.office import Where
from spshipping.cli.vendor.reading import import_orders, list_orders, show
from spshipping.cli.vendor.ship import ship
from spshipping.cli.vendor.status import status


@click.group()
@click.option("--connection", "name", help="The connection to use, by name.")
@click.option(
    "--folder",
    # what is wrong with it is said by the command, which knows whether JSON is wanted
    type=click.Path(path_type=Path),
    help="Where purchase orders and the ledger are kept; else beside the settings, named by the connection.",
)
@pass_choice
def vendor(choice: Choice, name: str | None, folder: Path | None) -> None:
    """Sell to Amazon: import purchase orders, acknowledge them, and ship them.

    Each command prints a table, or JSON with --json. Exit codes: 0 done; 1 failed, and the error says what
    to do; 2 called wrongly; 3 submitted, and the outcome is not known; 4 refused by Amazon, or not arrived.
    """
    click.get_current_context().obj = Where(Choice(choice.path, name or choice.name), folder)


for _command in (
    import_orders,
    list_orders,
    show,
    acknowledge,
    ship,
    status,
    lint_document,
    offers,
    documents,
    match,
):
    vendor.add_command(_command)
