"""`spshipping orders list` and `get`: orders on the terminal, or as one line of JSON each."""

import json
from collections.abc import Sequence
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
from spshipping.orders import Address, AmazonOrder, Money, OrderSource

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
    shown: list[AmazonOrder] = []
    with choice.client(on_reply=progress.on_reply) as client, progress.shown():
        for order in islice(filters.search(client), most):
            progress.orders += 1
            if as_json:
                click.echo(json.dumps(order_dict(order, has_pii=filters.has_pii)))
            else:
                shown.append(order)
    if not as_json:
        show_orders(shown, new_console(), has_pii=filters.has_pii)
    if progress.orders == most:
        # whether there are more costs another page
        more = f"These are the first {most}; there may be more: give --most, or a shorter span of time."
        print_paragraph(new_console(on_stderr=True), more)
    click.get_current_context().exit(0 if progress.orders else 1)


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


def show_orders(found: Sequence[AmazonOrder], console: Console, *, has_pii: bool) -> None:
    """Print a line for each order; whom it goes to, if that was requested."""
    if not found:
        print_paragraph(console, "There is no such order.")
        return
    columns = ("order", "placed", "status", "by", "total", *(("to",) if has_pii else ()))
    rows = [
        (
            order.amazon_order_id,
            f"{order.purchase_date:%a %d %b, %H:%M}" if order.purchase_date else _NONE,
            order.order_status.value if order.order_status else _NONE,
            order.fulfillment_channel.value if order.fulfillment_channel else _NONE,
            _total(order),
            *((_recipient(order),) if has_pii else ()),
        )
        for order in found
    ]
    print_table(console, columns, rows, right=("total",))


def _recipient(order: AmazonOrder) -> str:
    address = order.shipping_address or Address()
    parts = (address.contact_name, address.postal_code, address.city, address.country_code)
    return ", ".join(part for part in parts if part)


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
