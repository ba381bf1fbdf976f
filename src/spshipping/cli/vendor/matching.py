"""`spshipping vendor match`: what was ordered, acknowledged, sent, received and invoiced, compared."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from spshipping.cli.sync import span
from spshipping.cli.vendor.command import as_json_option, print_json
from spshipping.cli.vendor.office import Office, with_office

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--invoices", type=_FILE, help="A CSV file with what you have invoiced.")
@click.option(
    "--patience", type=span, default="14d", show_default=True, help="How long goods may be on their way."
)
@click.option(
    "--fetch", is_flag=True, help="Read the orders, and what Amazon has received, from Amazon first."
)
@click.option("--to", "path", type=_FILE, help="Also write the differences as CSV.")
@as_json_option
@with_office
def match(
    office: Office,
    numbers: Sequence[str],
    invoices: Path | None,
    patience: timedelta,
    path: Path | None,
    *,
    fetch: bool,
    as_json: bool,
) -> None:
    """Name shortages and overages of imported purchase orders, with the evidence to dispute with.

    It compares those with NUMBER, or all that are imported; what Amazon has received is there with --fetch,
    or where `import_history` of the connection is on. What was sent is what was submitted from here.

    The exit code is 0, whatever differs.
    """
    from spshipping.vendor.tools.match import read_invoices, three_way_match

    if fetch:
        for each in office.chosen(numbers):
            office.fresh(each.imported.number, has_status=True)
    found = office.chosen(numbers)
    report = three_way_match(
        [each.order for each in found],
        history=office.client.vendor.history(ledger=office.ledger),
        statuses=[each.imported.status for each in found if each.imported.status is not None],
        invoices=() if invoices is None else read_invoices(invoices),
        at=office.now,
        patience=patience,
    )
    if path is not None:
        office.write(path, report.to_csv())
    if as_json:
        print_json(report.to_dict())
    else:
        click.echo(report.to_text(), nl=False)
