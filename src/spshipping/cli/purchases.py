"""`spshipping unsettled` and `settle`: the purchases whose outcome only a person can find out."""

import json
import math
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import click
from rich.console import Console
from rich.text import Text

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail, has_terminal, new_console, print_paragraph
from spshipping.cli.journals import JournalChoice, with_journal
from spshipping.errors import SpShippingError

if TYPE_CHECKING:
    from spshipping.shipping import Purchase

_SPANS = ((86400, "days"), (3600, "hours"), (60, "minutes"))


@click.command()
@with_journal
@pass_choice
def unsettled(choice: Choice, journal: JournalChoice, *, as_json: bool) -> None:
    """List the purchases that may have been bought, and that only a person can settle.

    They are those of all businesses of the seller. Nothing is sent.
    The exit code is 0 if there is none, else 1.
    """
    try:
        with choice.client() as client, journal.purchases(choice, client) as purchases:
            found = purchases.unsettled()
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"unsettled": [as_dict(purchase) for purchase in found]}))
    else:
        show(found, new_console(), journal.words)
    click.get_current_context().exit(1 if found else 0)


@click.command()
@click.argument("reference")
@click.option("--bought", metavar="SHIPMENT_ID", help="There is a shipment: this one.")
@click.option("--not-bought", is_flag=True, help="There is none, or it is cancelled.")
@click.option("--generation", default=1, show_default=True, type=click.IntRange(1), help="Which label.")
@click.option("--return", "is_return", is_flag=True, help="It is the label for the way back.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_journal
@pass_choice
def settle(
    choice: Choice,
    journal: JournalChoice,
    reference: str,
    bought: str | None,
    generation: int,
    *,
    not_bought: bool,
    is_return: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Write down what came of the purchase of REFERENCE, after you have looked it up at Amazon.

    Nothing is sent. It asks before it writes; without a terminal, give --yes.
    The exit code is 0 if it was written, 1 if it was not, or cannot be.
    """
    if bool(bought) is not_bought:
        raise click.UsageError("Give either --bought SHIPMENT_ID, or --not-bought.")
    try:
        with choice.client() as client, journal.purchases(choice, client) as purchases:
            known = purchases.find(reference, generation=generation, is_return=is_return)
            # what cannot be settled is refused below, without a question
            if known is not None and not yes and _is_open(known):
                _ask(known, bought)
            settled = purchases.settle(
                reference,
                bought=bought,
                not_bought=not_bought,
                generation=generation,
                is_return=is_return,
            )
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"settled": as_dict(settled)}))
    else:
        print_paragraph(new_console(), f"✓ {name_of(settled)} is {settled.state.value}.")


def _is_open(purchase: "Purchase") -> bool:
    from spshipping.journal.entry import IN_DOUBT, State

    return purchase.state in (*IN_DOUBT, State.UNSETTLED, State.CANCELLING)


def _ask(purchase: "Purchase", bought: str | None) -> None:
    if not has_terminal():
        raise click.UsageError("There is no terminal to ask on: give --yes.")
    from spshipping.journal import State

    click.echo(_story(purchase), err=True)
    if bought is not None:
        question = f"Write down that the shipment {bought} is there?"
    elif purchase.state is State.CANCELLING:
        question = "Write down that it is cancelled?"
    else:
        question = (
            "Write down that nothing was bought? The next call buys; if there is a label, there are two then."
        )
    if not click.confirm(question, err=True):
        _end("Nothing was written.")


def _end(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise click.exceptions.Exit(1)


def as_dict(purchase: "Purchase") -> dict[str, Any]:
    """Return a purchase, fit for JSON."""
    charge, age = purchase.charge, purchase.sent_age
    return {
        **purchase._asdict(),
        "state": purchase.state.value,
        "charge": None if charge is None else {"amount": str(charge.amount), "unit": charge.unit},
        "sent_age": age if math.isfinite(age) else None,
        "delivered_at": purchase.delivered_at and purchase.delivered_at.isoformat(),
    }


def name_of(purchase: "Purchase") -> str:
    """Return the reference of a purchase, with what else makes it this one."""
    more = [f"generation {purchase.generation}"] if purchase.generation > 1 else []
    more += ["return"] if purchase.is_return else []
    return f"{purchase.reference} ({', '.join(more)})" if more else purchase.reference


def age_of(seconds: float) -> str:
    """Return how long ago, in the largest unit of which there are two or more."""
    if not math.isfinite(seconds):
        return "at an unknown time"
    for length, unit in _SPANS:
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{seconds:.0f} seconds ago"


def _story(purchase: "Purchase") -> str:
    charge = purchase.charge
    cost = f" for {charge.amount} {charge.unit}" if charge else ""
    return f"{name_of(purchase)}: sent {age_of(purchase.sent_age)}{cost}, {purchase.business}"


def show(found: list["Purchase"], console: Console, given: Sequence[str]) -> None:
    """Print what to look up, and the command that settles it, with the options that were given."""
    if not found:
        print_paragraph(console, "✓ Nothing is unsettled.")
        return
    for purchase in found:
        console.print(Text.assemble(("✗ ", "bold red"), _story(purchase)), soft_wrap=True)
        if purchase.order_id:
            advice = f"Look up the packages of the Amazon order {purchase.order_id}."
        else:
            advice = "Look up the shipments of your Amazon Shipping account, by address and time."
        print_paragraph(console, f"{advice} The package is {purchase.package_client_reference_id}.", indent=4)
        print_paragraph(console, f"→ {_command(purchase, given)}", indent=4)


def _command(purchase: "Purchase", given: Sequence[str]) -> str:
    words = ["spshipping settle", shlex.quote(purchase.reference)]
    words += [f"--generation {purchase.generation}"] if purchase.generation > 1 else []
    words += ["--return"] if purchase.is_return else []
    words += [f"--business {purchase.business}", shlex.join(given)]
    return f"{' '.join(words)} --bought SHIPMENT_ID, or --not-bought"
