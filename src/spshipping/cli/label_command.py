"""`spshipping label test-set`: asks, makes the labels, and says what is left."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

import click

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail, has_terminal, new_console, print_paragraph
from spshipping.cli.label_pages import INDEX, write_pages
from spshipping.cli.label_set import LabelSet, LabelSetError, Plan
from spshipping.client import Client
from spshipping.errors import ConfigurationError, DecodeError, SpShippingError
from spshipping.regions import ShippingBusiness
from spshipping.shipping import GetRatesRequest
from spshipping.wire.convert import loads

_ENVIRONMENTS = ("production", "sandbox")


@click.command("test-set")
@click.option(
    "--environment",
    required=True,
    type=click.Choice(_ENVIRONMENTS),
    help="Where labels are bought; it must be the connection's.",
)
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the labels, the index page and the checklist.",
)
@click.option(
    "--order",
    "orders",
    required=True,
    multiple=True,
    metavar="[BUSINESS=]FILE",
    help="A getRates request as JSON, with addresses of the business; one for each business, as UK=uk.json.",
)
@click.option("--yes", "is_agreed", is_flag=True, help="Buy without asking; needed without a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON; needs --yes.")
@pass_choice
def sample_set(
    choice: Choice,
    environment: str,
    folder: Path,
    orders: Sequence[str],
    *,
    is_agreed: bool,
    as_json: bool,
) -> None:
    """Make the test labels that Amazon asks for: PDF, PNG and ZPL, with files joined and apart. Costs money.

    Each label is quoted, bought, saved, tracked and cancelled. What it costs is shown first, and nothing is
    bought unless you agree. Labels that an earlier run left in the folder are cancelled first.

    The exit code is 0 if every use case worked and every label is cancelled; 1 if not, and what is not
    cancelled is listed; 2 if nothing was tried.
    """
    if not is_agreed and (as_json or not has_terminal()):
        raise click.UsageError("give --yes: there is no terminal to ask whether to buy")
    try:
        _check_environment(choice, environment)
        with choice.client() as client:
            made, place = LabelSet(client, folder), f"{environment}, {client.context.origin.endpoint}"
            _begin(client, made, orders, is_agreed=is_agreed)
    except (SpShippingError, LabelSetError, OSError) as error:
        fail(error, as_json=as_json)
    try:
        write_pages(folder, made.labels, place)
    except OSError as error:
        _warn(made)
        fail(error, as_json=as_json)
    _end(made, folder, as_json=as_json)


def _check_environment(choice: Choice, environment: str) -> None:
    found = choice.connection().get("environment") or _ENVIRONMENTS[0]
    if found != environment:
        raise ConfigurationError(f"the connection is for {found}: give --environment {found}, or another one")


def _begin(client: Client, made: LabelSet, orders: Sequence[str], *, is_agreed: bool) -> None:
    made.load()
    made.clear()
    plans = [
        plan
        for business, order in (_order(client, text) for text in orders)
        for plan in made.plans(order, business)
    ]
    if not is_agreed and not click.confirm(_question(plans, client.context.origin.endpoint), err=True):
        raise click.Abort
    try:
        for plan in plans:
            made.make(plan)
            if made.left:  # not one more, where one cannot be cancelled
                break
    except BaseException:
        _warn(made)
        raise


def _order(client: Client, text: str) -> tuple[ShippingBusiness, GetRatesRequest]:
    head, mark, tail = text.partition("=")
    path = Path(tail if mark else head)
    business = head if mark else client.context.origin.business
    if isinstance(business, ConfigurationError):
        raise business
    if not path.is_file():
        raise click.UsageError(f"--order: there is no file {path}")
    named = ShippingBusiness.named(business)
    try:
        return named, loads(path.read_bytes(), GetRatesRequest)
    except DecodeError:
        raise LabelSetError(f"{path} is no getRates request in JSON; examples/order.json is one") from None


def _question(plans: Sequence[Plan], endpoint: str) -> str:
    sums: dict[str, Decimal] = {}
    for plan in plans:
        click.echo(f"  {plan.label.name}: {plan.label.service}, {plan.label.price}", err=True)
        sums[plan.unit] = sums.get(plan.unit, Decimal(0)) + plan.most
    total = " and ".join(f"{value} {unit}" for unit, value in sums.items())
    return f"Buy these {len(plans)} labels at {endpoint} for {total} at most, and cancel each of them?"


def _warn(made: LabelSet) -> None:
    for label in made.left:
        click.echo(f"not cancelled: {label.name}, {label.state}, {label.shipment_id or 'no id'}", err=True)
    if made.left:
        click.echo(
            "run the command again, within ten minutes, with the same folder: it cancels these", err=True
        )


def _end(made: LabelSet, folder: Path, *, as_json: bool) -> NoReturn:
    is_right = all(label.is_complete and label.state == "cancelled" for label in made.labels)
    if as_json:
        facts = {
            "folder": str(folder),
            "labels": [{**asdict(label), "call": None} for label in made.labels],
            "left": [label.name for label in made.left],
        }
        click.echo(json.dumps(facts))
    else:
        console = new_console()
        for label in made.labels:
            print_paragraph(console, f"{'✓' if label.is_complete else '✗'} {label.name}: {label.state}")
            for each in label.use_cases:
                if each.error:
                    print_paragraph(console, f"{each.name}: {each.error}", indent=4)
        print_paragraph(console, f"See {folder / INDEX}")
        _warn(made)
    raise click.exceptions.Exit(0 if is_right else 1)
