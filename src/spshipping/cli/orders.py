"""`spshipping orders`: its group, and `compare`: whether the two Orders APIs agree about orders."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail, new_console, print_paragraph, print_table
from spshipping.cli.orders_export import export_orders
from spshipping.cli.orders_read import get_orders, list_orders
from spshipping.errors import SpShippingError
from spshipping.orders import Comparison, Comparisons, Difference, Money
from spshipping.orders.plain import with_every_key
from spshipping.wire.convert import to_dict
from spshipping.wire.model import Model
from spshipping.wire.times import write_time

_PII = ("buyerInfo", "shippingAddress", "buyerTaxInformation")
_HIDDEN = "…"


@click.group()
def orders() -> None:
    """Look at orders."""


for _command in (list_orders, get_orders, export_orders):
    orders.add_command(_command)


@orders.command()
@click.argument("order_ids", metavar="ORDER_ID...", nargs=-1, required=True)
@click.option("--pii", "with_pii", is_flag=True, help="Compare buyers and addresses too; needs the roles.")
@click.option("--all", "show_all", is_flag=True, help="Show expected differences too.")
@click.option("--reveal", is_flag=True, help="Show personal values. Without it, only that they differ.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as one line of JSON.")
@pass_choice
def compare(
    choice: Choice, order_ids: Sequence[str], *, with_pii: bool, show_all: bool, reveal: bool, as_json: bool
) -> None:
    """Read orders through Orders v0 and 2026-01-01, and show where they differ.

    The exit code is 0 if they differ only where that is expected; else 1, also where only one of the APIs
    knows an order.
    """
    try:
        with choice.client() as client:
            found = client.orders.compare(order_ids, pii=_PII if with_pii else None)
    except SpShippingError as error:
        fail(error, as_json=as_json)
    if as_json:
        click.echo(json.dumps(as_dict(found, reveal=reveal)))
    else:
        show(found, new_console(), show_all=show_all, reveal=reveal)
    click.get_current_context().exit(0 if all(one.is_as_expected for one in found) else 1)


def as_dict(found: Comparisons, *, reveal: bool) -> dict[str, Any]:
    """Return the comparisons, fit for JSON; personal values are hidden, unless they are to be revealed."""
    return {
        "is_as_expected": all(one.is_as_expected for one in found),
        "estimated_totals": found.estimates._asdict(),
        "orders": [
            {
                "order_id": one.order_id,
                "is_as_expected": one.is_as_expected,
                "is_in_v0": one.v0 is not None,
                "is_in_v2026": one.v2026 is not None,
                "is_estimate_right": one.is_estimate_right,
                "differences": [_row(difference, reveal=reveal) for difference in one.differences],
            }
            for one in found
        ],
    }


def _row(difference: Difference, *, reveal: bool) -> dict[str, Any]:
    is_hidden = difference.is_personal and not reveal
    return {
        "path": difference.path,
        "v0": _value(difference.v0, is_hidden=is_hidden),
        "v2026": _value(difference.v2026, is_hidden=is_hidden),
        "is_personal": difference.is_personal,
        "reason": difference.reason,
    }


def _value(value: Any, *, is_hidden: bool = False) -> Any:
    if value is None:
        return None
    if is_hidden:
        return _HIDDEN
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, datetime):
        return write_time(value)
    return with_every_key(type(value), to_dict(value)) if isinstance(value, Model) else value


def show(found: Comparisons, console: Console, *, show_all: bool, reveal: bool) -> None:
    """Print the comparisons for a person."""
    for one in found:
        mark = ("✓ ", "green") if one.is_as_expected else ("✗ ", "bold red")
        console.print(Text.assemble(mark, (one.order_id, "bold"), f": {_summary(one)}"), soft_wrap=True)
        shown = one.differences if show_all else one.unexpected
        if shown:
            rows = [_cells(difference, reveal=reveal) for difference in shown]
            print_table(console, ("field", "v0", "2026-01-01", "expected"), rows, indent=2)
    odd = sum(not one.is_as_expected for one in found)
    verdict = f"{odd} of {len(found)} differ unexpectedly." if odd else "All differences are expected."
    console.print(f"\n{verdict}")
    equal, different, missing = found.estimates
    if total := equal + different + missing:
        rest = f"{different} differ, {missing} have no estimate"
        print_paragraph(
            console, f"estimated_total equals the order_total of v0 in {equal} of {total}; {rest}."
        )


def _summary(one: Comparison) -> str:
    for name, order in (("v0", one.v0), ("2026-01-01", one.v2026)):
        if order is None:
            return f"Orders {name} does not know it"
    odd = len(one.unexpected)
    return f"{odd} unexpected and {len(one.differences) - odd} expected differences"


def _cells(difference: Difference, *, reveal: bool) -> list[str | Text]:
    values = [_text(value, difference, reveal=reveal) for value in (difference.v0, difference.v2026)]
    mark = Text("yes", "dim") if difference.reason else Text("no", "bold red")
    return [difference.path, *values, mark]


def _text(value: Any, difference: Difference, *, reveal: bool) -> str:
    if isinstance(value, Money):
        return f"{value.amount} {value.currency_code}"
    shown = _value(value, is_hidden=difference.is_personal and not reveal)
    if shown is None:
        return "–"
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)
