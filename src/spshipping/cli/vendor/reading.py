"""`spshipping vendor import`, `list` and `show`."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import click
from rich.text import Text

from spshipping import to_dict
from spshipping.cli.console import new_console, print_paragraph, print_table
from spshipping.cli.interrupt import Interrupt
from spshipping.cli.sync import Printer, span
from spshipping.cli.vendor.command import as_json_option, print_json
from spshipping.cli.vendor.due import Overview, Said, deadlines_of, quantity_of
from spshipping.cli.vendor.office import Office, with_office
from spshipping.cli.vendor.submissions import print_submissions, submission_dict
from spshipping.errors import SpShippingError
from spshipping.vendor.acknowledge import Submission
from spshipping.vendor.asn import OpenLine, open_lines
from spshipping.vendor.orders import OrderItemStatus, PurchaseOrderState
from spshipping.vendor.orders.deadlines import Deadlines
from spshipping.vendor.rules import RuleContext
from spshipping.vendor.rules.packing import order_party
from spshipping.vendor.sync import ImportedLine, ImportedOrder
from spshipping.vendor.sync.feed import HORIZON
from spshipping.wire.times import DateTimeInterval, write_time


@click.command("import")
@click.option("--since", type=span, help="How far back it begins the first time.  [default: 180d]")
@click.option("--rewind", type=span, help="Go back so far first, and import again what has changed since.")
@as_json_option
@with_office
def import_orders(
    office: Office, since: timedelta | None, rewind: timedelta | None, *, as_json: bool
) -> None:
    """Import purchase orders that are new or changed, and print a line for each.

    It continues where the last import ended. What is imported follows the switches of the connection; no
    notification tells of a purchase order, so run it again and again. How long it takes is told on standard
    error.

    The exit code is 0 if it has caught up with now, or was stopped; 1 if it failed.
    """
    interrupt = Interrupt()
    progress = Printer(interrupt, as_json=as_json).progress
    imports = office.imports(since or HORIZON, progress)
    if rewind:
        imports.rewind(rewind)
    with interrupt.watch():
        for batch in imports.batches():
            with interrupt.hold():
                office.store.put(batch, office.now)
                batch.commit()
                for each in batch:
                    _print_imported(each, as_json=as_json)
            if interrupt.is_set():
                return


def _print_imported(imported: ImportedOrder, *, as_json: bool) -> None:
    limits = deadlines_of(imported.purchase_order)
    if as_json:
        print_json({**_facts(imported), "deadlines": _deadlines_dict(limits)})
        return
    facts = _facts(imported)
    words = [facts["number"], imported.reason.value, facts["state"] or "–", facts["ship_to"] or "–"]
    click.echo("  ".join([*words, f"{facts['lines']} lines"]))


def _facts(imported: ImportedOrder) -> dict[str, Any]:
    order = imported.purchase_order
    details = order.order_details
    return {
        "number": imported.number,
        "reason": imported.reason.value,
        "state": order.purchase_order_state and order.purchase_order_state.value,
        "vendor_code": order_party(order, "selling_party"),
        "ship_to": order_party(order, "ship_to_party"),
        "lines": sum(1 for line in imported.lines if quantity_of(line.item)),
        "deal_code": details.deal_code if details else None,
        "ship_window": _interval(details.ship_window if details else None),
        "delivery_window": _interval(details.delivery_window if details else None),
    }


def _interval(window: DateTimeInterval | None) -> list[str] | None:
    return None if window is None else [write_time(time) for time in window]


def _deadlines_dict(limits: Deadlines | None) -> dict[str, Any] | None:
    if limits is None:
        return None
    return {
        name: write_time(value) if isinstance(value, datetime) else value
        for name, value in limits._asdict().items()
    }


@click.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also orders with which nothing is to be done.")
@click.option("--within", type=span, help="Only what is due within this time, such as 2d, or is late.")
@as_json_option
@with_office
def list_orders(office: Office, *, is_all: bool, within: timedelta | None, as_json: bool) -> None:
    """List the purchase orders with which something is to be done, the nearest deadline first.

    What is late comes first. Nothing is sent: it shows what the last import brought, and what was submitted
    from here. Times are UTC.

    The exit code is 0.
    """
    now = office.now
    said = Said(office.client.vendor.history(ledger=office.ledger))
    found = [Overview.of(each.imported, said) for each in office.store.all()]
    shown = sorted((each for each in found if _is_shown(each, now, within, is_all=is_all)), key=_order_of)
    if as_json:
        for each in shown:
            print_json(overview_dict(each, now))
        return
    if shown:
        print_table(new_console(), _COLUMNS, [cells(each, now) for each in shown], right=("lines",))
    else:
        nothing = "Nothing is to be done." if found else "No purchase order is imported yet."
        print_paragraph(new_console(), f"✓ {nothing}")


_COLUMNS = ("order", "to", "state", "lines", "next", "due", "left", "acknowledge by", "window")


def _is_shown(each: Overview, now: datetime, within: timedelta | None, *, is_all: bool) -> bool:
    if each.due is None:
        return is_all and within is None
    return within is None or each.due.by <= now + within


def _order_of(each: Overview) -> tuple[bool, datetime | str, str]:
    number = each.imported.number
    return (False, each.due.by, number) if each.due else (True, number, number)


def overview_dict(each: Overview, now: datetime) -> dict[str, Any]:
    """Return an order and what is due, fit for JSON."""
    due = each.due
    return {
        **_facts(each.imported),
        "deadlines": _deadlines_dict(each.deadlines),
        "next": due and {"step": due.step, "by": write_time(due.by), "is_late": due.by < now},
    }


def cells(each: Overview, now: datetime) -> list[str | Text]:
    """Return an order as a row of the table."""
    facts, due, limits = _facts(each.imported), each.due, each.deadlines
    style = "bold red" if due and due.by < now else ""
    return [
        facts["number"],
        facts["ship_to"] or "–",
        facts["state"] or "–",
        str(facts["lines"]),
        Text(due.step if due else "–", style),
        Text(_minute(due.by) if due else "", style),
        Text(_left(due.by - now) if due else "", style),
        _minute(limits.answer) if limits else "–",
        _window(each.imported),
    ]


def _minute(time: datetime) -> str:
    return write_time(time)[:16].replace("T", " ")


def _window(imported: ImportedOrder) -> str:
    details = imported.purchase_order.order_details
    windows = {} if details is None else {"ship": details.ship_window, "deliver": details.delivery_window}
    return ", ".join(
        f"{name} {_minute(window.start)} – {_minute(window.end)}"
        for name, window in windows.items()
        if window is not None
    )


def _left(span_of_time: timedelta) -> str:
    """Return how much time is left, or that it is late and by how much, in the largest unit."""
    seconds = abs(span_of_time.total_seconds())
    size, unit = next(
        ((size, unit) for size, unit in ((86400, "d"), (3600, "h")) if seconds >= size), (60, "min")
    )
    text = f"{seconds // size:.0f} {unit}"
    return f"{text} late" if span_of_time < timedelta() else text


@click.command()
@click.argument("number")
@click.option("--fetch", is_flag=True, help="Read it from Amazon first.")
@as_json_option
@with_office
def show(office: Office, number: str, *, fetch: bool, as_json: bool) -> None:
    """Show the purchase order NUMBER: its lines, its limits, and what was submitted for it.

    The exit code is 0, or 1 where there is no such order.
    """
    imported = office.fresh(number, has_status=True) if fetch else office.stored(number).imported
    said = Said(office.client.vendor.history(ledger=office.ledger))
    overview = Overview.of(imported, said)
    lines = _lines(imported, said)
    submissions = _about(office, imported.number)
    if as_json:
        print_json(
            {
                **overview_dict(overview, office.now),
                "lines": [_line_dict(line, open_line) for line, open_line in lines],
                "submissions": [submission_dict(each) for each in submissions],
                "purchase_order": to_dict(imported.purchase_order),
                "status": None if imported.status is None else to_dict(imported.status),
            }
        )
        return
    console = new_console()
    print_table(console, _COLUMNS, [cells(overview, office.now)], right=("lines",))
    console.print()
    rows = [[_text(value) for value in _line_dict(*each).values()] for each in lines]
    print_table(console, _LINE_COLUMNS, rows, right=_LINE_COLUMNS[3:])
    if submissions:
        console.print()
        print_submissions(submissions)


_LINE_COLUMNS = (
    "line",
    "product",
    "unit",
    "ordered",
    "cost",
    "accepted",
    "back-ordered",
    "shipped",
    "left",
    "received",
)


def _about(office: Office, number: str) -> Sequence[Submission]:
    """Return what was submitted about an order: its answers, and the shipments that have goods of it."""
    # a shipment names its purchase orders in what was sent
    mark = f'"purchaseOrderNumber":"{number}"'
    return [
        submission
        for submission in office.client.vendor.submissions(ledger=office.ledger)
        if submission.reference == number or mark in submission.body
    ]


def _lines(imported: ImportedOrder, said: Said) -> list[tuple[ImportedLine, OpenLine | None]]:
    order = imported.purchase_order
    opened: dict[str, OpenLine] = {}
    # of one that nobody has answered, nothing is accepted
    if said.is_answered(imported.number) or order.purchase_order_state == PurchaseOrderState.ACKNOWLEDGED:
        context = RuleContext(orders=[order], history=said.about(imported.number))
        with suppress(SpShippingError):
            opened = {line.key.item_sequence_number: line for line in open_lines(context)}
    return [(line, opened.get(getattr(line.item, "item_sequence_number", ""))) for line in imported.lines]


def _line_dict(line: ImportedLine, opened: OpenLine | None) -> dict[str, Any]:
    item = line.item
    quantity = getattr(item, "ordered_quantity", None)
    price = item.net_cost or item.list_price
    unit = getattr(quantity, "unit_of_measure", None)
    return {
        "line": getattr(item, "item_sequence_number", None),
        "product": item.vendor_product_identifier or item.amazon_product_identifier,
        "unit": unit and unit.value,
        "ordered": getattr(quantity, "amount", None),
        "cost": price and price.amount and f"{price.amount} {price.currency_code or ''}".strip(),
        "accepted": opened and opened.accepted,
        "back_ordered": opened and opened.back_ordered,
        "shipped": opened and opened.shipped,
        "left": opened and opened.ready,
        "received": _received(line.status),
    }


def _received(status: OrderItemStatus | None) -> int | None:
    quantity = status and status.receiving_status and status.receiving_status.received_quantity
    return quantity.amount if quantity else None


def _text(value: object) -> str:
    return "" if value is None else str(value)
