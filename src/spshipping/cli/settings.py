"""What is set: the connections, and the fields that one consists of."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from spshipping.cli.choice import Choice, pass_choice
from spshipping.errors import SpShippingError
from spshipping.settings import Connection, describe, json_schema


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@pass_choice
def connections(choice: Choice, *, as_json: bool) -> None:
    """List the connections: what is set, and what is wrong. Secrets are never shown."""
    try:
        settings = choice.settings()
        rows = [_row(settings.connection(name)) for name in settings.names]
    except SpShippingError as error:
        raise click.ClickException(str(error)) from None
    faults = [str(problem) for problem in settings.problems()]
    if as_json:
        facts = {"settings": str(settings.path), "connections": rows, "problems": faults}
        click.echo(json.dumps(facts))
        return
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for column in ("connection", "marketplace", "environment", "client", "set"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            row["name"],
            row["marketplace"] or "–",
            row["environment"],
            row["client"] or "–",
            ", ".join(name for name in row["set"] if name not in row),
        )
    console = Console(highlight=False)
    console.print(table if rows else f"{settings.path} has no connections.", markup=False, soft_wrap=not rows)
    for row in rows:
        faults += [f"{row['name']}: {problem}" for problem in row["problems"]]
    for fault in faults:
        console.print(f"✗ {fault}", markup=False, soft_wrap=True)


def _row(connection: Connection) -> dict[str, Any]:
    return {
        "name": connection.name,
        "client": connection.client,
        "marketplace": connection.get("marketplace"),
        "environment": connection.get("environment"),
        "set": list(connection.values()),
        "problems": [str(problem) for problem in connection.problems()],
    }


@click.group()
def settings() -> None:
    """Show what settings consist of."""


@settings.command("describe")
@click.option("--json", "form", flag_value="json", help="Print the fields as JSON.")
@click.option("--schema", "form", flag_value="schema", help="Print them as a JSON Schema (draft 2020-12).")
def describe_fields(form: str | None) -> None:
    """Describe the fields of a connection, for a page or a form."""
    if form:
        click.echo(json.dumps(describe() if form == "json" else json_schema(), indent=2, ensure_ascii=False))
        return
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for column in ("field", "needed", "what it is", "variable"):
        table.add_column(column, overflow="fold")
    for field in describe():
        about = f"{field['label']}. {field['help']}"
        table.add_row(field["name"], "yes" if field["required"] else "", about, field["env"] or "")
    Console(highlight=False).print(table)
