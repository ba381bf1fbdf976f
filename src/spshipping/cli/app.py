"""The commands and their options."""

import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from spshipping._version import __version__
from spshipping.auth.file_store import FileStore
from spshipping.cli.authorize import authorize
from spshipping.cli.check import check
from spshipping.cli.choice import Choice
from spshipping.cli.completion import completion
from spshipping.cli.console import fail
from spshipping.cli.demo import Demo, DemoFailedError
from spshipping.cli.interrupt import Interrupt
from spshipping.cli.labels import label
from spshipping.cli.notifications import notifications
from spshipping.cli.operations import call_operation, list_operations
from spshipping.cli.orders import orders
from spshipping.cli.orders_export import export_orders
from spshipping.cli.orders_read import get_orders, list_orders
from spshipping.cli.purchases import settle, unsettled
from spshipping.cli.record import record
from spshipping.cli.root import Root, adopt
from spshipping.cli.settings import connections, settings
from spshipping.cli.shipping import cancel, rates, ship, track
from spshipping.cli.sync import sync
from spshipping.cli.trigger import trigger
from spshipping.cli.vendor.group import vendor
from spshipping.environment import PREFIX
from spshipping.errors import SpShippingError

_HOUR = 3600.0


def _print_key(context: click.Context, _option: click.Parameter, is_given: Any) -> None:
    if is_given:
        click.echo(FileStore.new_key().reveal())
        context.exit()


@click.group(cls=Root)
@click.version_option(__version__, prog_name="spshipping")
@click.option("--connection", help="The connection to use, by name; else SPSHIPPING_CONNECTION.")
@click.option(
    "--settings",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of the connections; else SPSHIPPING_SETTINGS, else your own configuration's.",
)
@click.option(
    "--new-store-key",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_key,
    help="Print a new key, as SPSHIPPING_STORE_KEY takes it, and end.",
)
@click.pass_context
def app(context: click.Context, connection: str | None, path: Path | None) -> None:
    """A typed client for Amazon's Selling Partner API, and a local SP-API to try it on."""
    context.obj = Choice(path, connection)


@app.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    default=8462,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port; 0 takes any that is free.",
)
@click.option(
    "--proxy",
    "has_proxy",
    is_flag=True,
    help="Serve it under Amazon's own addresses too, to programs on this machine that use it as a proxy.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what a program needs, as one line of JSON.")
def sandbox(host: str, port: int, *, has_proxy: bool, as_json: bool) -> None:
    """Serve a local SP-API until Ctrl-C or SIGTERM.

    The exit code is 0 if it was stopped, 1 if it could not listen.
    """
    try:
        from spshipping.sandbox import Sandbox, SandboxProxy

        with Interrupt().watch(), Sandbox(host=host, port=port) as box, ExitStack() as ends:
            facts = {"endpoint": box.url, "token_url": box.token_url, **box.credentials, "marketplace": "UK"}
            environment = ends.enter_context(SandboxProxy(box)).environment if has_proxy else {}
            if as_json:
                proxy = {"environment": dict(environment)} if has_proxy else {}
                click.echo(json.dumps({**facts, **proxy}))
            else:
                click.echo("A local SP-API is ready. Point a client at it with:\n")
                for name, value in facts.items():
                    click.echo(f"  export {PREFIX}{name.upper()}='{value}'")
                _print_proxy(environment)
                click.echo(f"\nWhat it has seen and sold: {box.url}/_sandbox/ledger")
            while True:
                time.sleep(_HOUR)
    except SpShippingError as error:
        fail(error, as_json=as_json)


def _print_proxy(environment: Mapping[str, str]) -> None:
    if environment:
        click.echo("\nStart a program whose addresses cannot be set, and nothing else, with:\n")
        for name, value in environment.items():
            click.echo(f"  export {name}='{value}'")


@app.command()
@click.option(
    "--out", default="out", show_default=True, type=click.Path(path_type=Path), help="Where labels go."
)
@click.option(
    "--order",
    default=None,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A getRates request as JSON; else the package's own example.",
)
@click.option("--json", "as_json", is_flag=True, help="Print only the labels' files, as one line of JSON.")
def demo(out: Path, order: Path | None, *, as_json: bool) -> None:
    """Quote, buy, label, track, cancel, read orders: against a local sandbox in a process of its own."""
    shown = Demo(out, order, Console(quiet=True) if as_json else None)
    try:
        shown.run()
    except (DemoFailedError, SpShippingError) as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"files": [str(file) for file in shown.files]}))


# commands that have files of their own
for _command in (
    *(
        authorize,
        check,
        completion,
        connections,
        label,
        notifications,
        orders,
        record,
        settings,
        settle,
        sync,
        trigger,
        unsettled,
        vendor,
    ),
    *(call_operation, list_operations, cancel, rates, ship, track),
):
    app.add_command(_command)
for _command in (list_orders, get_orders, export_orders):
    orders.add_command(_command)
adopt(app)
