"""`spshipping trigger`: lets something happen in a sandbox that is running."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

import click

from spshipping.cli.console import fail
from spshipping.environment import PREFIX
from spshipping.errors import ConfigurationError, SpShippingError
from spshipping.urls import checked_url

_SECONDS = 30.0


@click.command()
@click.argument("event")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--to", type=click.Choice(["queue", "webhook"]), help="Where the message goes.")
@click.option(
    "--endpoint",
    envvar=f"{PREFIX}ENDPOINT",
    default="http://127.0.0.1:8462",
    show_default=True,
    help=f"The sandbox; else {PREFIX}ENDPOINT.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as one line of JSON.")
def trigger(event: str, fields: Sequence[str], to: str | None, endpoint: str, *, as_json: bool) -> None:
    """Let EVENT happen in a running sandbox: ORDER_CHANGE, TRACKING, NDR, OTP, PURCHASE_ORDER_CHANGE.

    Or send a notification of any other type with its payload='{...}'. For example: spshipping trigger
    ORDER_CHANGE order_id=026-1520163-6049104 status=Shipped. The exit code is 0 if it happened, else 1.
    """
    try:
        done = _post(f"{checked_url(endpoint, '--endpoint')}/_sandbox/triggers", _body(event, fields, to))
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps(done))
        return
    click.echo(f"{done['event']}: {_result(done, to)}\n{json.dumps(done['message'], indent=2)}")


def _body(event: str, fields: Sequence[str], to: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {"event": event} if to is None else {"event": event, "to": to}
    for field in fields:
        name, sign, value = field.partition("=")
        if not sign:
            raise ConfigurationError(f"{field!r} is not NAME=VALUE")
        try:
            body[name] = json.loads(value) if name == "payload" else value
        except ValueError:
            raise ConfigurationError('payload= is JSON, as in payload=\'{"feedId": "1"}\'') from None
    return body


def _result(done: dict[str, Any], to: str | None) -> str:
    if done["status"] is not None:
        return f"the webhook answered {done['status']}"
    is_pushed = to == "webhook" or (to is None and done["event"] in ("TRACKING", "NDR", "OTP"))
    return "the webhook did not answer" if is_pushed else "it is in the queue"


def _post(url: str, body: dict[str, Any]) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310 - checked
    try:
        # this machine is out of the reach of any proxy
        with build_opener(ProxyHandler({})).open(request, timeout=_SECONDS) as answer:
            return json.load(answer)
    except HTTPError as error:
        with error:
            raise ConfigurationError(_refusal(error.read())) from None
    except (URLError, OSError, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else type(error).__name__
        raise ConfigurationError(
            f"no sandbox answers at {url.removesuffix('/_sandbox/triggers')} ({reason}):"
            " start one with `spshipping sandbox`, or name it with --endpoint"
        ) from None


def _refusal(body: bytes) -> str:
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return "this is not a sandbox that has triggers"
