"""The demonstration's part about orders."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from rich.console import Console

from spshipping.cli.console import print_table
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
    columns = ("order", "placed", "status", "total")
    print_table(console, columns, [_cells(order) for order in found[-_SHOWN:]], right=("total",), indent=2)

    compared = client.orders.compare(order.amazon_order_id for order in found[-_COMPARED:])
    differing = sum(len(one.differences) for one in compared)
    console.print(
        f"  {len(compared)} of them agree, but for {differing} fields that only one of the APIs has",
        soft_wrap=True,
    )
    check(all(one.is_as_expected for one in compared), "the two Orders APIs agree")
    console.print("\n[bold green]✓ Both APIs return the same order.[/]", soft_wrap=True)


def _cells(order: AmazonOrder) -> list[str]:
    total = order.order_total or order.estimated_total
    return [
        order.amazon_order_id,
        f"{order.purchase_date:%a %d %b, %H:%M}",
        str(order.order_status),
        f"{total.amount} {total.currency_code}" if total else "not yet known",
    ]
