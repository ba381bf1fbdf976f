"""`spshipping orders compare`, against the local SP-API."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from spshipping import AccessDeniedError
from spshipping.cli.app import app
from spshipping.cli.orders import as_dict, show
from spshipping.orders import AmazonOrder, Comparison, Comparisons, differences
from spshipping.orders.api import OrdersApi
from spshipping.orders.bridge.compare import Difference
from spshipping.sandbox import Sandbox

pytestmark = pytest.mark.dates

AT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def environ(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["orders", "compare", *words])


def some_ids(sandbox: Sandbox, count: int = 3) -> list[str]:
    return [order.id for order in sandbox.orders() if order.status == "Shipped"][-count:]


def test_orders_that_are_as_expected_are_a_line_each(sandbox: Sandbox) -> None:
    ids = some_ids(sandbox)
    result = run(*ids)
    assert result.exit_code == 0, result.output
    *lines, blank, verdict, totals = result.output.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"✓ {order_id}" for order_id in ids]
    assert all(": 0 unexpected and " in line for line in lines)
    assert (blank, verdict) == ("", "All differences are expected.")
    counted = json.loads(run(*ids, "--json").output)
    equal, different, missing = counted["estimated_totals"].values()
    assert equal + different + missing == len(ids)
    assert [one["is_estimate_right"] for one in counted["orders"]].count(True) == equal
    told = f"in {equal} of 3; {different} differ, {missing} have no estimate."
    assert totals == f"estimated_total equals the order_total of v0 {told}"


def test_all_of_it_can_be_seen_but_no_person(sandbox: Sandbox) -> None:
    (order,) = [one for one in sandbox.orders() if one.status == "Shipped" and one.channel == "MFN"][-1:]
    result = run(order.id, "--all", "--pii")
    assert result.exit_code == 0, result.output
    shown = "".join(result.output.split())
    assert "ship_service_level" in shown
    assert order.ship_from is not None
    assert order.ship_from.name.split()[0] not in result.output
    told = json.loads(run(order.id, "--pii", "--json").output)["orders"][0]["differences"]
    assert {one["v0"] for one in told if one["path"].endswith("address.name")} == {"…"}
    told = json.loads(run(order.id, "--pii", "--json", "--reveal").output)["orders"][0]["differences"]
    assert {one["v0"] for one in told if one["path"].endswith("address.name")} == {order.ship_from.name}


def test_an_order_that_nobody_knows_is_told_and_the_exit_code_is_1(sandbox: Sandbox) -> None:
    result = run(*some_ids(sandbox, 1), "701-0000000-0000000")
    assert result.exit_code == 1
    assert "✗ 701-0000000-0000000: Orders v0 does not know it" in result.output
    assert "\n1 of 2 differ unexpectedly.\n" in result.output
    told = json.loads(run("701-0000000-0000000", "--json").output)
    assert told == {
        "is_as_expected": False,
        "estimated_totals": {"equal": 0, "different": 0, "missing": 0},
        "orders": [
            {
                "order_id": "701-0000000-0000000",
                "is_as_expected": False,
                "is_in_v0": False,
                "is_in_v2026": False,
                "is_estimate_right": None,
                "differences": [],
            }
        ],
    }


def test_no_ids_are_a_mistake_in_the_command_and_errors_are_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run().exit_code == 2
    result = run("not-an-order")
    assert result.exit_code == 1
    assert result.output.startswith("Error: InvalidRequestError: order_ids: ")

    def refuse(*_: Any, **__: Any) -> None:
        raise AccessDeniedError("no role", operation="getOrders")

    monkeypatch.setattr(OrdersApi, "compare", refuse)
    assert run("1").output.startswith("Error: AccessDeniedError: ")


def odd() -> Comparison:
    """Return a comparison in which all kinds of values differ."""
    old = AmazonOrder(
        amazon_order_id="1", purchase_date=AT, last_update_date=AT, payment_method_details=["a"]
    )
    new = AmazonOrder(
        amazon_order_id="1", purchase_date=AT, last_update_date=AT.replace(day=3), is_prime=True
    )
    return Comparison(order_id="1", v0=old, v2026=new, differences=tuple(differences(old, new)))


def test_what_nothing_explains_stands_in_a_table() -> None:
    out = io.StringIO()
    comparison = odd()
    show(
        Comparisons([comparison]), Console(file=out, highlight=False, width=100), show_all=False, reveal=False
    )
    head, columns, *rows, _, verdict = out.getvalue().splitlines()
    assert head == "✗ 1: 2 unexpected and 1 expected differences"
    assert columns.split() == ["field", "v0", "2026-01-01", "expected"]
    assert [row.split() for row in rows] == [
        ["last_update_date", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "no"],
        ["is_prime", "–", "true", "no"],
    ]
    assert verdict == "1 of 1 differ unexpectedly."
    (details,) = [
        one
        for one in as_dict(Comparisons([comparison]), reveal=False)["orders"][0]["differences"]
        if one["reason"]
    ]
    assert (details["path"], details["v0"], details["v2026"]) == ("payment_method_details", ["a"], None)


def test_amazons_words_are_shown_as_they_are() -> None:
    difference = Difference(path="items[1].title", v0="[red]x[/]", v2026="[/bold]")
    order = odd().v0
    out = io.StringIO()
    show(
        Comparisons([Comparison(order_id="1", v0=order, v2026=order, differences=(difference,))]),
        Console(file=out, highlight=False, width=100),
        show_all=False,
        reveal=False,
    )
    assert "[red]x[/]" in out.getvalue()
    assert "[/bold]" in out.getvalue()
