"""`spshipping orders list` and `get`: orders on the terminal, or as one line of JSON each."""

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import new_console, print_paragraph, print_table
from spshipping.cli.orders_filters import (
    PERSONAL,
    Filters,
    api_option,
    order_dict,
    pii_option,
    with_filters,
)
from spshipping.cli.progress import Progress
from spshipping.orders import AmazonOrder, Money, OrderSource

_NONE = "–"


@click.command("list")
@with_filters
@click.option("--most", default=100, show_default=True, type=click.IntRange(1), help="How many are shown.")
@click.option("--json", "as_json", is_flag=True, help="Print each order as one line of JSON.")
@pass_choice
def list_orders(choice: Choice, /, *, most: int, as_json: bool, **given: Any) -> None:
    """List the orders of a span of time, by default those placed within the last seven days.

    A page has up to a hundred orders; after twenty pages, Amazon allows one in three minutes.
    The exit code is 0 if there is any, else 1.
    """
    filters = Filters(**given)
    progress = Progress(filters.page)
    with choice.client(on_reply=progress.on_reply) as client, progress.shown():
        found = _counted(filters.search(client), progress)
        shown = list(islice(_printed(found, as_json=as_json, has_pii=filters.has_pii), most))
        has_more = len(shown) == most and next(found, None) is not None
    if not as_json:
        show_orders(shown, new_console())
    if has_more:
        more = f"There are more than {most}: give --most, or a shorter span of time."
        print_paragraph(new_console(on_stderr=True), more)
    click.get_current_context().exit(0 if shown else 1)


def _counted(found: Iterable[AmazonOrder], progress: Progress) -> Any:
    for order in found:
        progress.orders += 1
        yield order


def _printed(found: Iterable[AmazonOrder], *, as_json: bool, has_pii: bool) -> Any:
    """Yield orders, each printed before if it is to be a line of JSON."""
    for order in found:
        if as_json:
            click.echo(json.dumps(order_dict(order, has_pii=has_pii)))
        yield order


@click.command("get")
@click.argument("order_ids", metavar="ORDER_ID...", nargs=-1, required=True)
@api_option
@pii_option
@click.option("--json", "as_json", is_flag=True, help="Print each order as one line of JSON.")
@pass_choice
def get_orders(choice: Choice, order_ids: Sequence[str], api: str, *, has_pii: bool, as_json: bool) -> None:
    """Show orders with their items.

    One that cannot be read does not stop the others. The exit code is 0 if all were read, else 1.
    """
    console = new_console()
    with choice.client() as client:
        pii = PERSONAL if has_pii else None
        for order in client.orders.retrieve_many(order_ids, source=OrderSource(api), pii=pii):
            fields = order_dict(order, has_pii=has_pii)
            if as_json:
                click.echo(json.dumps(fields))
            else:
                show_order(order, fields, console)


def show_orders(found: Sequence[AmazonOrder], console: Console) -> None:
    """Print a line for each order."""
    if not found:
        print_paragraph(console, "There is no such order.")
        return
    rows = [
        (
            order.amazon_order_id,
            f"{order.purchase_date:%a %d %b, %H:%M}" if order.purchase_date else _NONE,
            order.order_status.value if order.order_status else _NONE,
            order.fulfillment_channel.value if order.fulfillment_channel else _NONE,
            _total(order),
        )
        for order in found
    ]
    print_table(console, ("order", "placed", "status", "by", "total"), rows, right=("total",))


def _total(order: AmazonOrder) -> str:
    return _amount(order.order_total or order.estimated_total)


def _amount(money: Money | None) -> str:
    return f"{money.amount} {money.currency_code}" if money and money.amount is not None else _NONE


def show_order(order: AmazonOrder, fields: dict[str, Any], console: Console) -> None:
    """Print an order for a person; *fields* has what may be shown of the buyer and the address."""
    status = order.order_status.value if order.order_status else _NONE
    console.print(Text.assemble((order.amazon_order_id, "bold"), f": {status}"), soft_wrap=True)
    facts = {
        "placed": f"{order.purchase_date:%a %d %b %Y, %H:%M %Z}" if order.purchase_date else None,
        "ship by": f"{order.latest_ship_date:%a %d %b %Y, %H:%M %Z}" if order.latest_ship_date else None,
        "total": _total(order),
        "to": _line(fields["shipping_address"]),
        "buyer": _line(fields["buyer_info"]),
    }
    for name, fact in facts.items():
        if fact:
            print_paragraph(console, f"{name}: {fact}", indent=2)
    rows = [
        (
            str(item.quantity_ordered or 0),
            item.seller_sku or item.asin or _NONE,
            item.title or "",
            _amount(item.item_price),
        )
        for item in order.items or ()
    ]
    if rows:
        print_table(console, ("pieces", "SKU", "title", "price"), rows, right=("pieces", "price"), indent=2)


def _line(section: dict[str, Any]) -> str:
    return ", ".join(value for value in section.values() if isinstance(value, str))
