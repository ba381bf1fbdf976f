"""Two actions of a workflow, retrieve one order and retrieve orders: as tables, or as JSON.

    python examples/retrieve_orders.py order 902-1845936-5435065 --json
    python examples/retrieve_orders.py orders --days 7 --status Unshipped --status PartiallyShipped

It takes its connection from the environment; `spshipping sandbox` prints what to set for a trial. `--pii`
asks for buyers and addresses, `--source 2026-01-01` needs few calls. With `--json`, each order is one line:
shaped as `AmazonOrder.json_schema()` says, and written as soon as it has come.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from spshipping import Client, SpShippingError
from spshipping.orders import AmazonOrder, OrderSource, OrderStatus

PII = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
COLUMNS = "{:<20}  {:<17}  {:<17}  {:>5}  {:>14}  {}"


def retrieve_order(client: Client, wanted: argparse.Namespace) -> Iterator[AmazonOrder]:
    """Retrieve the order of one id."""
    yield client.orders.retrieve(wanted.id, source=wanted.source, pii=PII if wanted.pii else None)


def retrieve_orders(client: Client, wanted: argparse.Namespace) -> Iterator[AmazonOrder]:
    """Retrieve the orders that changed within so many days, in these statuses if any are named."""
    return client.orders.retrieve_all(
        updated_after=datetime.now(UTC) - timedelta(days=wanted.days),
        statuses=wanted.status,
        source=wanted.source,
        pii=PII if wanted.pii else None,
    )


def rows(orders: Iterable[AmazonOrder]) -> Iterator[str]:
    """Write orders as the rows of a table."""
    yield COLUMNS.format("order", "placed", "status", "items", "total", "ship to")
    for order in orders:
        total, place = order.order_total or order.estimated_total, order.shipping_address
        yield COLUMNS.format(
            order.amazon_order_id,
            f"{order.purchase_date:%Y-%m-%d %H:%M}",
            order.order_status or "",
            sum(item.quantity_ordered or 0 for item in order.items or ()),
            f"{total.amount} {total.currency_code}" if total else "",
            ", ".join(filter(None, (place.contact_name, place.city))) if place else "",
        ).rstrip()


def lines(orders: Iterable[AmazonOrder]) -> Iterator[str]:
    """Write orders as JSON, each on a line of its own."""
    return (json.dumps(order.to_dict(), ensure_ascii=False) for order in orders)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Retrieve orders.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON, one order a line")
    common.add_argument("--pii", action="store_true", help="ask for buyers and addresses")
    common.add_argument("--source", type=OrderSource, help="both, fullest, 2026-01-01 or v0")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    one = actions.add_parser("order", parents=[common], help="retrieve one order")
    one.add_argument("id", help="Amazon's id of the order")
    one.set_defaults(action=retrieve_order)
    many = actions.add_parser("orders", parents=[common], help="retrieve the orders that changed")
    many.add_argument("--days", type=float, default=1.0, help="within so many days (1)")
    many.add_argument("--status", type=OrderStatus, action="append", help="in this status; may be repeated")
    many.set_defaults(action=retrieve_orders)
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code: 0, or 1 for an error."""
    wanted = arguments(given)
    try:
        with Client.from_env() as client:
            orders = wanted.action(client, wanted)
            for line in lines(orders) if wanted.json else rows(orders):
                sys.stdout.write(f"{line}\n")
    except SpShippingError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
