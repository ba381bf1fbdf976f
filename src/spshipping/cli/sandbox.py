"""`spshipping sandbox`: the local SP-API in a process of its own."""

import json
import time
from collections.abc import Mapping
from contextlib import ExitStack

import click

from spshipping.cli.console import fail
from spshipping.cli.interrupt import Interrupt
from spshipping.environment import PREFIX
from spshipping.errors import SpShippingError

_HOUR = 3600.0


@click.command()
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
