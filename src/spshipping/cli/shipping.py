"""`spshipping rates`, `ship`, `track` and `cancel`: one parcel from the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import (
    INPUT_FILE,
    fail,
    has_terminal,
    new_console,
    print_paragraph,
    print_table,
    read_input,
)
from spshipping.cli.journals import JournalChoice, with_journal
from spshipping.cli.purchases import as_dict, name_of
from spshipping.cli.values import as_json, plain
from spshipping.errors import DecodeError, SpShippingError
from spshipping.shipping import DocumentFormat, GetRatesRequest, GetRatesResult, Shipment
from spshipping.shipping.tracking import Timeline
from spshipping.wire.convert import loads

if TYPE_CHECKING:
    from spshipping.client import Client
    from spshipping.shipping import Rate

_GENERATION: Callable[[Any], Any] = click.option(
    "--generation", default=1, show_default=True, type=click.IntRange(1), help="Which label of the reference."
)


def _parcel(path: Path) -> GetRatesRequest:
    """Return a parcel from a file.

    Raises:
        click.UsageError: it is none.
    """
    text = read_input(path)
    try:
        return loads(text, GetRatesRequest)
    except DecodeError:
        del text  # it may name a person
        raise click.UsageError(
            f"{path} is no getRates request in JSON; `spshipping demo` ships an example of one"
        ) from None


@click.command()
@click.argument("parcel", type=INPUT_FILE)
@click.option("--json", "in_json", is_flag=True, help="Print the answer as one line of JSON.")
@pass_choice
def rates(choice: Choice, parcel: Path, *, in_json: bool) -> None:
    """Show which services can carry PARCEL, a getRates request as JSON, and for how much. Buys nothing.

    The exit code is 0 if there is any, else 1.
    """
    try:
        with choice.client() as client:
            quote = client.shipping.get_rates(_parcel(parcel))
    except SpShippingError as error:
        fail(error, as_json=in_json)
    if in_json:
        click.echo(as_json(plain(quote, reveal=False)))
    else:
        _show_rates(quote)
    click.get_current_context().exit(0 if quote.rates else 1)


def _show_rates(quote: GetRatesResult, *, on_stderr: bool = False) -> None:
    console = new_console(on_stderr=on_stderr)
    rows = [
        (
            rate.service_name,
            rate.carrier_name,
            f"{rate.total_charge.value} {rate.total_charge.unit}",
            _promised(rate),
            "yes" if rate.requires_additional_inputs else "",
        )
        for rate in quote.rates
    ]
    if rows:
        columns = ("service", "carrier", "price", "delivery until", "asks for more")
        print_table(console, columns, rows, right=("price",))
    else:
        print_paragraph(console, "No service can carry this parcel.")
    for one in quote.ineligible_rates or []:
        reasons = ", ".join(str(reason.code) for reason in one.ineligibility_reasons)
        print_paragraph(console, f"– {one.service_name} cannot carry it: {reasons}")


def _promised(rate: "Rate") -> str:
    window = rate.promise.delivery_window
    return f"{window.end:%a %d %b, %H:%M %Z}" if window is not None and window.end is not None else ""


@click.command()
@click.argument("parcel", type=INPUT_FILE)
@click.option("--reference", required=True, help="What your shop calls the parcel: it is bought once for it.")
@click.option(
    "--to",
    "folder",
    default="labels",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder for the label.",
)
@click.option(
    "--choose",
    type=click.Choice(("cheapest", "fastest")),
    default="cheapest",
    show_default=True,
    help="Which rate is bought.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in DocumentFormat]),
    default="PDF",
    show_default=True,
    help="The file format of the label.",
)
@_GENERATION
@click.option("--yes", "is_agreed", is_flag=True, help="Buy without asking; needed without a terminal.")
@with_journal
@pass_choice
def ship(
    choice: Choice,
    parcel: Path,
    reference: str,
    folder: Path,
    choose: Any,
    form: str,
    generation: int,
    *,
    journal: JournalChoice,
    is_agreed: bool,
    as_json: bool,
) -> None:
    """Buy a label for PARCEL, a getRates request as JSON, once for its reference, and save it. Costs money.

    The same command again buys nothing: it gives back the label that there is. The rates are shown, and
    nothing is bought unless you agree.
    The exit code is 0 if the label is there, else 1.
    """
    order = _parcel(parcel)
    try:
        with (
            choice.client() as client,
            journal.purchases(choice, client, is_new=True, save_to=folder) as purchases,
        ):
            if not is_agreed and purchases.find(reference, generation=generation) is None:
                _ask(client, order, choose)
            shipment = purchases.ship(
                order, reference=reference, choose=choose, format=form, generation=generation
            )
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"shipment": _facts(shipment)}))
    else:
        _show_shipment(shipment, form)


def _ask(client: "Client", order: GetRatesRequest, choose: str) -> None:
    if not has_terminal():
        raise click.UsageError("There is no terminal to ask on: give --yes.")
    _show_rates(client.shipping.get_rates(order), on_stderr=True)
    question = f"Buy the {choose} at {client.context.origin.endpoint}? It is quoted anew."
    if not click.confirm(question, err=True):
        raise click.Abort


def _formats(shipment: Shipment) -> list[str]:
    return sorted({str(label.format) for label in shipment.labels})


def _facts(shipment: Shipment) -> dict[str, Any]:
    charge = shipment.charge
    return {
        "reference": shipment.reference,
        "generation": shipment.generation,
        "shipment_id": shipment.shipment_id,
        "tracking_id": shipment.tracking_id,
        "carrier_id": shipment.carrier_id,
        "service": shipment.service_name,
        "charge": None if charge is None else {"amount": str(charge.amount), "unit": charge.unit},
        "files": [str(file) for file in shipment.files],
        "formats": _formats(shipment),
        "is_repeat": shipment.is_repeat,
    }


def _show_shipment(shipment: Shipment, wanted: str) -> None:
    console, charge = new_console(), shipment.charge
    cost = f" for {charge.amount} {charge.unit}" if charge else ""
    verb = "was bought before" if shipment.is_repeat else "is bought"
    service = shipment.service_name or "the label"
    print_paragraph(console, f"✓ {shipment.reference} {verb}: {service}{cost}.")
    print_paragraph(console, f"shipment {shipment.shipment_id}, tracking id {shipment.tracking_id}", indent=2)
    for file in shipment.files:
        print_paragraph(console, f"→ {file}", indent=2)
    formats = _formats(shipment)
    if formats and wanted not in formats:
        advice = f"for {wanted}, cancel it and buy generation {shipment.generation + 1}"
        print_paragraph(console, f"It was bought as {', '.join(formats)}: {advice}.", indent=2)


@click.command()
@click.argument("reference")
@_GENERATION
@with_journal
@pass_choice
def track(
    choice: Choice,
    reference: str,
    generation: int,
    *,
    journal: JournalChoice,
    as_json: bool,
) -> None:
    """Show the way of the parcel of REFERENCE. For any tracking id: `spshipping call getTracking`.

    The exit code is 0 if its way is known, else 1.
    """
    try:
        with choice.client() as client, journal.purchases(choice, client) as purchases:
            (found,) = purchases.track([(reference, generation)])
        if found.error is not None:
            raise found.error
    except SpShippingError as error:
        fail(error, as_json=as_json)
    timeline = found.timeline
    assert timeline is not None  # noqa: S101 - it is there where there is no error
    if as_json:
        click.echo(json.dumps({"tracking_id": found.tracking_id, **_way(timeline)}))
    else:
        _show_timeline(timeline)


def _way(timeline: Timeline) -> dict[str, Any]:
    events = [
        {"time": event.time.isoformat(), "code": str(event.code), "leg": event.leg and str(event.leg)}
        for event in timeline.events
    ]
    return {"status": str(timeline.status), "events": events}


def _show_timeline(timeline: Timeline) -> None:
    console = new_console()
    print_paragraph(console, f"{timeline.tracking_id}: {timeline.status.replace('_', ' ')}")
    rows = [(f"{event.time:%a %d %b, %H:%M %Z}", str(event.code)) for event in timeline.events]
    if rows:
        print_table(console, ("time", "event"), rows, indent=2)


@click.command()
@click.argument("reference")
@_GENERATION
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask; needed without a terminal.")
@with_journal
@pass_choice
def cancel(
    choice: Choice,
    reference: str,
    generation: int,
    *,
    journal: JournalChoice,
    is_agreed: bool,
    as_json: bool,
) -> None:
    """Cancel the shipment of REFERENCE, as Amazon allows until the pickup.

    The exit code is 0 if it is cancelled, else 1.
    """
    if not is_agreed and (as_json or not has_terminal()):
        raise click.UsageError("There is no terminal to ask on: give --yes.")
    try:
        with choice.client() as client, journal.purchases(choice, client) as purchases:
            if not is_agreed and not click.confirm(f"Cancel the shipment of {reference}?", err=True):
                raise click.Abort
            cancelled = purchases.cancel(reference, generation=generation)
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"cancelled": as_dict(cancelled)}))
    else:
        print_paragraph(new_console(), f"✓ {name_of(cancelled)} is {cancelled.state.value}.")
