"""`spshipping notifications list` and `ensure`: which changes are sent, and to which queue."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import (
    INPUT_FILE,
    has_terminal,
    new_console,
    print_paragraph,
    print_table,
    read_input,
)
from spshipping.errors import DecodeError, NotFoundError
from spshipping.notifications import Destination, NotificationsApi, ProcessingDirective, Subscription
from spshipping.wire.convert import loads, to_dict

_NONE = "–"


@click.group()
def notifications() -> None:
    """Have changes sent to a queue."""


@notifications.command("list")
@click.argument("types", nargs=-1, metavar="[TYPE]...")
@click.option("--json", "as_json", is_flag=True, help="Print them as one line of JSON.")
@pass_choice
def list_notifications(choice: Choice, types: Sequence[str], *, as_json: bool) -> None:
    """List the application's destinations, and the seller's subscriptions to each TYPE.

    Amazon lists subscriptions of one type only; without TYPE, it is ORDER_CHANGE.
    The exit code is 0 if there is a subscription, else 1.
    """
    with choice.client() as client:
        api = client.notifications
        destinations = api.get_destinations()
        wanted = types or ("ORDER_CHANGE",)
        found = [(name, subscription) for name in wanted for subscription in _subscriptions(api, name)]
    if as_json:
        facts = {
            "destinations": [to_dict(each) for each in destinations],
            "subscriptions": [{"notificationType": name, **to_dict(each)} for name, each in found],
        }
        click.echo(json.dumps(facts))
    else:
        show(destinations, found, wanted, new_console())
    click.get_current_context().exit(0 if found else 1)


def _subscriptions(api: NotificationsApi, name: str) -> list[Subscription]:
    try:
        return list(api.iter_subscriptions(notification_type=name))
    except NotFoundError:
        return []


def show(
    destinations: Sequence[Destination],
    found: Sequence[tuple[str, Subscription]],
    wanted: Sequence[str],
    console: Console,
) -> None:
    """Print destinations, and subscriptions with their types; *wanted* are the types that were looked at."""
    if destinations:
        rows = [(each.destination_id, each.name, _place(each)) for each in destinations]
        print_table(console, ("destination", "name", "sends to"), rows)
    else:
        print_paragraph(console, "The application has no destination.")
    console.print()
    if found:
        facts = [
            (
                name,
                each.subscription_id,
                each.destination_id,
                each.payload_version,
                "yes" if each.processing_directive else "",
            )
            for name, each in found
        ]
        print_table(console, ("type", "subscription", "destination", "version", "filtered"), facts)
    else:
        print_paragraph(console, f"The seller has no subscription to {', '.join(wanted)}.")


def _place(destination: Destination) -> str:
    resource = destination.resource
    if resource.sqs is not None:
        return resource.sqs.arn
    return resource.event_bridge.name if resource.event_bridge is not None else _NONE


@notifications.command()
@click.argument("type_name", metavar="TYPE")
@click.argument("queue")
@click.option("--version", "payload_version", default="1.0", show_default=True, help="Of the payload.")
@click.option("--name", help="What a new destination is called; else as the queue.")
@click.option(
    "--directive",
    type=INPUT_FILE,
    help="What to filter: a processingDirective as JSON in Amazon's spelling; - is the input.",
)
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask; needed without a terminal.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
@pass_choice
def ensure(
    choice: Choice,
    type_name: str,
    queue: str,
    payload_version: str,
    name: str | None,
    directive: Path | None,
    *,
    is_agreed: bool,
    as_json: bool,
) -> None:
    """Have notifications of TYPE, as ORDER_CHANGE, sent to QUEUE, the ARN of a standard queue of SQS.

    What is there already is used, and never changed. Amazon must be allowed to write to the queue before.
    The exit code is 0 if they are sent there, else 1.
    """
    if not is_agreed and (as_json or not has_terminal()):
        raise click.UsageError("There is no terminal to ask on: give --yes.")
    given = _directive(directive)
    with choice.client() as client:
        question = f"Have {type_name} sent to {queue}, by {client.context.origin.endpoint}?"
        if not is_agreed and not click.confirm(question, err=True):
            raise click.Abort
        made = client.notifications.ensure(
            type_name, queue, payload_version=payload_version, processing_directive=given, name=name
        )
    if as_json:
        facts: dict[str, Any] = {
            "destination": to_dict(made.destination),
            "subscription": to_dict(made.subscription),
            "has_made_destination": made.has_made_destination,
            "has_made_subscription": made.has_made_subscription,
        }
        click.echo(json.dumps(facts))
    else:
        print_paragraph(new_console(), f"✓ {type_name} is sent to {queue}: {made}.")


def _directive(path: Path | None) -> ProcessingDirective | None:
    if path is None:
        return None
    try:
        return loads(read_input(path), ProcessingDirective)
    except DecodeError:
        raise click.UsageError("--directive holds no processingDirective in JSON") from None
