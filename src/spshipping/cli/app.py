"""The command `spshipping`: its own options, and where its commands are."""

from pathlib import Path
from typing import Any

import click

from spshipping._version import __version__
from spshipping.cli.choice import Choice
from spshipping.cli.root import Commands, Root

COMMANDS = {
    "authorize": "authorize:authorize",
    "call": "operations:call_operation",
    "cancel": "shipping:cancel",
    "check": "check:check",
    "completion": "completion:completion",
    "connections": "settings:connections",
    "demo": "demo:demo",
    "label": "labels:label",
    "notifications": "notifications:notifications",
    "operations": "operations:list_operations",
    "orders": "orders:orders",
    "rates": "shipping:rates",
    "record": "record:record",
    "sandbox": "sandbox:sandbox",
    "settings": "settings:settings",
    "settle": "purchases:settle",
    "ship": "shipping:ship",
    "sync": "sync:sync",
    "track": "shipping:track",
    "trigger": "trigger:trigger",
    "unsettled": "purchases:unsettled",
    "vendor": "vendor.group:vendor",
    "worker": "worker:worker",
}
"""The file of each command within this package, and its name there."""


def _print_key(context: click.Context, _option: click.Parameter, is_given: Any) -> None:
    if is_given:
        # imported here: no other command needs it
        from spshipping.auth.file_store import FileStore

        click.echo(FileStore.new_key().reveal())
        context.exit()


@click.group(cls=Root, commands=Commands(COMMANDS))
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
