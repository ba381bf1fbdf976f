"""The demonstration: a parcel through its whole life, orders, and a vendor, against the local sandbox."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import click
from rich.console import Console
from rich.text import Text

from spshipping.cli.console import fail, new_console, print_table
from spshipping.cli.demo_orders import show_orders
from spshipping.cli.demo_vendor import show_vendor
from spshipping.client import Client
from spshipping.environment import PREFIX
from spshipping.errors import SpShippingError
from spshipping.meta import Attempt
from spshipping.shipping import (
    Currency,
    GetRatesRequest,
    GetRatesResult,
    GetTrackingResult,
    PurchaseShipmentResult,
    Rate,
)
from spshipping.wire.convert import loads

_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


class DemoFailedError(Exception):
    """Something that the demonstration promises was not true."""


class _Box:
    """The sandbox's process, as the demonstration sees it."""

    def __init__(self, facts: dict[str, str]) -> None:
        self.facts = facts

    def request(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET a control route, or POST to it."""
        data = None if body is None else json.dumps(body).encode()
        message = Request(  # noqa: S310 - the sandbox's own address
            f"{self.facts['endpoint']}/_sandbox/{path}", data, {"content-type": "application/json"}
        )
        with urlopen(message, timeout=10) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())


@contextmanager
def _sandbox_process() -> Iterator[_Box]:
    command = [sys.executable, "-m", "spshipping.cli", "sandbox", "--port", "0", "--json"]
    # a real client's secrets may be set here, and are none of the sandbox's business
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ)  # noqa: S603 - our own
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        facts = json.loads(process.stdout.readline() or "{}")
        if "endpoint" not in facts:
            raise DemoFailedError(f"the sandbox did not start: {facts.get('message', 'it said nothing')}")
        yield _Box(facts)
    finally:
        process.terminate()
        process.communicate()


class Demo:
    """What is shown, step by step; it ends with an error as soon as a promise does not hold."""

    def __init__(self, out: Path, order: Path | None, console: Console | None = None) -> None:
        self.out = out
        self.order = order
        self.console: Console = console or new_console()
        self.attempts: list[Attempt] = []
        self.files: list[Path] = []
        """The labels that were written."""

    def say(self, text: str) -> None:
        """Print one line."""
        self.console.print(text, soft_wrap=True)

    def step(self, title: str) -> None:
        """Print the head of a step."""
        self.console.print(f"\n[bold cyan]▸ {title}[/]")

    def run(self) -> None:
        """Show all of it."""
        # imported here: it needs the libraries of the sandbox
        from spshipping.sandbox import example_order

        request = loads(self.order.read_bytes(), GetRatesRequest) if self.order else example_order()
        self.out.mkdir(parents=True, exist_ok=True)
        with _sandbox_process() as box:
            self.say(
                f"[dim]A local SP-API is running at {box.facts['endpoint']}, in a process of its own.[/]"
            )
            with Client.from_env(
                {f"{PREFIX}{name.upper()}": value for name, value in box.facts.items()},
                application="spshipping-demo/1.0",
                on_reply=self.attempts.append,
            ) as client:
                self.show(client, box, request)

    def show(self, client: Client, box: _Box, request: GetRatesRequest) -> None:
        """Show the life of three parcels."""
        self.step("Quote: every service that can carry the parcel")
        quote = client.shipping.get_rates(request)
        self.say_rates(quote)

        self.step("Buy the cheapest, with a PDF label")
        bought = self.buy(client, quote, quote.cheapest(), "PDF")

        self.step("Buy a second one, with a PNG label, and cancel it before pickup")
        second = client.shipping.get_rates(request)
        unwanted = self.buy(client, second, second.cheapest(), "PNG")
        client.shipping.cancel_shipment(unwanted.shipment_id)
        self.say(f"  cancelled {unwanted.shipment_id}; the money is back")

        self.step("Buy a third one, with a ZPL label, and lose the answer on the way")
        third = client.shipping.get_rates(request)
        box.request("faults", {"operation": "purchaseShipment", "kind": "drop_after"})
        before = len(self.attempts)
        self.buy(client, third, third.cheapest(), "ZPL")
        attempts = self.attempts[before:]
        for attempt in attempts:
            result = "the connection broke before an answer" if attempt.failure else "answered"
            self.say(f"  [dim]attempt {attempt.number}, the same key: {result}[/]")
        self.check([attempt.failure for attempt in attempts] == ["cut", None], "the first answer was lost")

        self.step("Track the first one to delivery (the sandbox's clock runs ahead)")
        self.track(client, box, bought, quote.cheapest())

        self.step("The sandbox's ledger")
        self.settle(box.request("ledger"), quote.cheapest())

        box.request("reset", {})  # its clock ran days ahead, and its orders with it
        self.step("Read the orders of a week, through both Orders APIs")
        show_orders(client, self.console, self.check)

        self.step("As a vendor: acknowledge a purchase order, and ship it")
        show_vendor(
            client, self.console, self.check, lambda seconds: box.request("clock", {"advance": seconds})
        )

    def say_rates(self, quote: GetRatesResult) -> None:
        """Print the rates as a table."""
        cheapest, fastest = quote.cheapest(), quote.fastest()
        rows = []
        for rate in quote.rates:
            marks = [word for word, best in (("cheapest", cheapest), ("fastest", fastest)) if rate == best]
            window = rate.promise.delivery_window
            rows.append(
                (
                    rate.service_name,
                    window.end.strftime("%a %d %b, %H:%M") if window and window.end else "–",
                    ", ".join(str(each.format) for each in rate.supported_document_specifications),
                    price(rate.total_charge),
                    Text(", ".join(marks), "green"),
                )
            )
        columns = ("service", "delivery by", "labels", "price", "")
        print_table(self.console, columns, rows, right=("price",), indent=2)

    def buy(self, client: Client, quote: GetRatesResult, rate: Rate, form: str) -> PurchaseShipmentResult:
        """Buy *rate* and write its label."""
        result = client.shipping.purchase_shipment(quote.purchase_request(rate, format=form))
        self.say(f"  bought for {price(rate.total_charge)}: shipment {result.shipment_id}")
        self.check(bool(result.labels), "a label came with the shipment")
        for label in result.labels:
            path = label.save(self.out)
            self.files.append(path)
            self.say(f"  wrote [bold]{path}[/] ({len(label.data):,} bytes)")
        return result

    def track(self, client: Client, box: _Box, bought: PurchaseShipmentResult, rate: Rate) -> None:
        """Follow a parcel until it is delivered."""
        seen = 0
        for _ in range(30):
            tracking = client.shipping.get_tracking(
                tracking_id=bought.tracking_id or "", carrier_id=rate.carrier_id
            )
            seen = self.say_events(tracking, seen)
            if tracking.is_delivered:
                return
            box.request("clock", {"advance": 4 * 3600})
        raise DemoFailedError("the parcel never arrived")

    def say_events(self, tracking: GetTrackingResult, seen: int) -> int:
        """Print the events that are new."""
        events = sorted(tracking.event_history, key=lambda event: event.event_time)
        for event in events[seen:]:
            place = event.location.city if event.location else None
            self.say(
                f"  {event.event_time:%a %d %b, %H:%M}  {event.event_code}{f' in {place}' if place else ''}"
            )
        return len(events)

    def settle(self, ledger: dict[str, Any], rate: Rate) -> None:
        """Compare the sandbox's ledger with what was bought."""
        labels = ledger["labels"]
        kept = [label for label in labels if not label["is_cancelled"]]
        purchases = sum(ledger["operations"]["purchaseShipment"].values())
        cancelled = len(labels) - len(kept)
        self.say(f"  {purchases} purchase requests, {len(labels)} labels, {cancelled} of them cancelled")
        spent = {unit: Decimal(value) for unit, value in ledger["spent"].items()}
        for unit, value in spent.items():
            self.say(f"  spent: {price(Currency(value=value, unit=unit))}")
        self.check((purchases, len(labels), len(kept)) == (4, 3, 2), "four requests bought three labels")
        self.check(spent == {rate.total_charge.unit: 2 * rate.total_charge.value}, "two labels were paid for")
        self.say("\n[bold green]✓ The answer that was lost cost nothing: one key, one label.[/]")

    def check(self, holds: bool, promise: str) -> None:
        """End the demonstration where a promise does not hold."""
        if not holds:
            raise DemoFailedError(f"not true: {promise}")


def price(money: Currency) -> str:
    """Write an amount as people do."""
    symbol = _SYMBOLS.get(money.unit)
    amount = f"{money.value:,.2f}"
    return f"{symbol}{amount}" if symbol else f"{amount} {money.unit}"


@click.command()
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
