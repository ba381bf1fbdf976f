"""The demonstration's part about orders."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from spshipping.client import Client
from spshipping.orders import AmazonOrder

_SHOWN = 5
_COMPARED = 10


def show_orders(client: Client, console: Console, check: Callable[[bool, str], None]) -> None:
    """Read the orders of a week, show some, and compare them in the two APIs.

    Args:
        client: reads them.
        console: shows them.
        check: is given what must hold, and what that is called.
    """
    since = datetime.now(UTC) - timedelta(days=7)
    found = list(client.orders.retrieve_all(created_after=since, items=False))
    check(bool(found), "there are orders")
    counts = Counter(str(order.order_status) for order in found)
    summary = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    console.print(f"  {len(found)} orders: {summary}", soft_wrap=True)
    console.print(_table(found[-_SHOWN:]))

    compared = client.orders.compare(order.amazon_order_id for order in found[-_COMPARED:])
    differing = sum(len(one.differences) for one in compared)
    console.print(
        f"  {len(compared)} of them agree, but for {differing} fields that only one of the APIs has",
        soft_wrap=True,
    )
    check(all(one.is_as_expected for one in compared), "the two Orders APIs agree")
    console.print("\n[bold green]✓ Both APIs return the same order.[/]", soft_wrap=True)


def _table(orders: list[AmazonOrder]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 0, 0, 2))
    for column in ("order", "placed", "status"):
        table.add_column(column, no_wrap=True)
    table.add_column("total", justify="right", no_wrap=True)
    for order in orders:
        total = order.order_total
        table.add_row(
            order.amazon_order_id,
            f"{order.purchase_date:%a %d %b, %H:%M}",
            str(order.order_status),
            f"{total.amount} {total.currency_code}" if total else "not yet known",
        )
    return table
