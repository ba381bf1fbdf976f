"""`spshipping check`: whether a connection works for what it is for, and what to do where it does not."""

import json

import click
from rich.console import Console
from rich.text import Text

from spshipping.checking import PURPOSES, Outcome, Purpose, Report, Step
from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail, new_console, print_paragraph
from spshipping.errors import SpShippingError

_MARKS = {
    Outcome.WORKS: ("✓", "green"),
    Outcome.NOT_NEEDED: ("–", "dim"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.NOT_TRIED: ("·", "dim"),
}


@click.command()
@click.argument("purpose", type=click.Choice(PURPOSES), default="shipping")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one line of JSON.")
@pass_choice
def check(choice: Choice, purpose: Purpose, *, as_json: bool) -> None:
    """Try the connection for PURPOSE: sign in, send one harmless request, list the seller's marketplaces.

    Costs nothing and changes nothing. The exit code is 0 if the connection works, else 1.
    """
    try:
        with choice.client() as client:
            report = client.check(purpose)
    except SpShippingError as error:
        if not as_json:
            fail(error)
        step = Step("connection", Outcome.FAILED, str(error), error=type(error).__name__)
        report = Report(purpose, (step,))
    if as_json:
        click.echo(json.dumps(report.as_dict()))
    else:
        show(report, new_console())
    click.get_current_context().exit(0 if report.is_ok else 1)


def show(report: Report, console: Console) -> None:
    """Print a report for a person."""
    for step in report.steps:
        mark, style = _MARKS[step.outcome]
        line = Text.assemble((f"{mark} ", style), (step.name, "bold"), f": {step.outcome.value}")
        console.print(line, soft_wrap=True)
        if step.detail:
            print_paragraph(console, step.detail, indent=4, style="dim")
        if step.remedy:
            print_paragraph(console, f"→ {step.remedy}", indent=4)
    verdict = "is ready for" if report.is_ok else "is not ready for"
    console.print(f"\nThe connection {verdict} {report.purpose}.")
