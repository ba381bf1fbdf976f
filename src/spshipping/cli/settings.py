"""What is set: the connections, and the fields that one consists of."""

import json
from typing import Any

import click

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail, new_console, print_paragraph, print_table
from spshipping.environment import PREFIX
from spshipping.errors import SpShippingError
from spshipping.settings import Connection, describe, json_schema


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@pass_choice
def connections(choice: Choice, *, as_json: bool) -> None:
    """List the connections: what is set, and what is wrong. Secrets are never shown.

    The environment's connection comes first, unless settings are named.
    """
    try:
        settings = choice.settings()
        rows = [_row(settings.connection(name), "settings") for name in settings.names]
        of_environment = choice.of_environment()
        if of_environment is not None:
            rows.insert(0, _row(of_environment, "environment"))
    except SpShippingError as error:
        fail(error, as_json=as_json)
    faults = [str(problem) for problem in settings.problems()]
    if as_json:
        facts = {"settings": str(settings.path), "connections": rows, "problems": faults}
        click.echo(json.dumps(facts))
        return
    console = new_console()
    if rows:
        print_table(console, _COLUMNS, [_cells(row) for row in rows])
    else:
        missing = f"{settings.path} has no connections, and {PREFIX}CLIENT_ID is not set."
        print_paragraph(console, missing)
    for row in rows:
        faults += [f"{row['name']}: {problem}" for problem in row["problems"]]
    for fault in faults:
        print_paragraph(console, f"✗ {fault}")


_COLUMNS = ("connection", "from", "marketplace", "environment", "client", "set")


def _row(connection: Connection, source: str) -> dict[str, Any]:
    return {
        "name": connection.name,
        "source": source,
        "client": connection.client,
        "marketplace": connection.get("marketplace"),
        "environment": connection.get("environment"),
        "set": list(connection.values()),
        "problems": [str(problem) for problem in connection.problems()],
    }


def _cells(row: dict[str, Any]) -> list[str]:
    is_set = ", ".join(name for name in row["set"] if name not in row)
    marketplace, client = row["marketplace"] or "–", row["client"] or "–"
    return [row["name"], row["source"], marketplace, row["environment"], client, is_set]


@click.group()
def settings() -> None:
    """Show what settings consist of."""


@settings.command("describe")
@click.option("--json", "form", flag_value="json", help="Print the fields as JSON.")
@click.option("--schema", "form", flag_value="schema", help="Print them as a JSON Schema (draft 2020-12).")
def describe_fields(form: str | None) -> None:
    """Describe the fields of a connection, for a page or a form."""
    if form:
        click.echo(json.dumps(describe() if form == "json" else json_schema(), indent=2))
        return
    rows = [
        (
            field["name"],
            "yes" if field["required"] else "",
            f"{field['label']}. {field['help']}",
            field["env"] or "",
        )
        for field in describe()
    ]
    print_table(new_console(), ("field", "needed", "what it is", "variable"), rows)
