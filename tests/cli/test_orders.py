"""`spshipping orders list`, `get` and `export`, against a sandbox in which time stands still."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from rich.console import Console

from spshipping.cli.choice import Choice
from spshipping.cli.orders_export import Table
from spshipping.cli.orders_filters import Filters, moment, order_dict
from spshipping.cli.orders_read import show_order, show_orders
from spshipping.client import Client
from spshipping.orders import Address, AmazonOrder, Money
from spshipping.sandbox import Sandbox
from tests.cli.conftest import AT, Run
from tests.virtual import VirtualClock

SINCE = ("--created-after", "2026-02-28T12:00:00Z", "--created-before", "2026-03-02")
TWO_PAGES = 133
"""So many orders the sandbox has of that time."""


@pytest.fixture
def run(run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command for which waiting takes no time."""
    made, clock = Choice.client, VirtualClock(sandbox.clock)

    def client(choice: Choice, **options: Any) -> Client:
        return made(choice, **{"clock": clock, "chance": lambda: 0.0, **options})

    monkeypatch.setattr(Choice, "client", client)
    return run


def rows(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def people(order: dict[str, Any]) -> list[str]:
    """Return what an order says of people."""
    address, buyer = order["shipping_address"], order["buyer_info"]
    personal = (address["name"], address["address_line1"], address["city"], address["postal_code"])
    return [value for value in (*personal, buyer["buyer_email"], buyer["buyer_name"]) if value]


@pytest.mark.parametrize("api", ["2026-01-01", "both", "v0"])
@pytest.mark.usefixtures("with_v0")
def test_orders_of_either_api_are_listed_without_people_unless_they_are_asked_for(run: Run, api: str) -> None:
    words = ("orders", "list", *SINCE, "--api", api, "--json", "--status", "Shipped", "--channel", "MFN")
    plain, full = run(*words), run(*words, "--pii")
    assert (plain.exit_code, full.exit_code) == (0, 0), full.output
    found, revealed = rows(plain.stdout), rows(full.stdout)
    assert {order["order_status"] for order in found} == {"Shipped"}
    assert {order["fulfillment_channel"] for order in found} == {"MFN"}
    assert [order["amazon_order_id"] for order in found] == [order["amazon_order_id"] for order in revealed]
    assert not [name for order in found for name in people(order)]
    assert len([name for order in revealed for name in people(order)]) > len(found)
    assert all(order["items"] is None for order in found) is (api == "v0")
    assert all((order["order_total"] is None) == (api == "2026-01-01") for order in found)


@pytest.mark.usefixtures("with_v0")
def test_v0_reads_items_where_they_are_asked_for(run: Run) -> None:
    words = ("orders", "list", *SINCE, "--api", "v0", "--json", "--most", "2", "--status", "Shipped")
    assert all(order["items"] for order in rows(run(*words, "--items").stdout))


def test_a_second_page_says_before_how_long_it_has_to_wait(run: Run) -> None:
    result = run("orders", "list", *SINCE, "--most", "1000", "--json")
    assert result.exit_code == 0
    assert len(rows(result.stdout)) == TWO_PAGES
    assert result.stderr == "page 1, 100 orders; next in 179 s\n"


def test_that_there_may_be_more_is_said_and_costs_no_page(run: Run, sandbox: Sandbox) -> None:
    words = ("orders", "list", *SINCE, "--most", "3")
    result = run(*words)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 4
    assert "These are the first 3; there may be more: give --most" in result.stderr
    assert sandbox.ledger.count("searchOrders") == 1
    assert run(*words, "--pii").stdout.splitlines()[0].endswith("  to")


def test_no_order_is_said_and_the_exit_code_is_1(run: Run) -> None:
    words = ("orders", "list", "--created-after", "2026-03-02T09:00:00Z", "--marketplace", "PL")
    result = run(*words, "--status", "Unfulfillable")
    assert (result.exit_code, result.stdout) == (1, "There is no such order.\n")
    assert run(*words, "--status", "Unfulfillable", "--json").stdout == ""


def test_changes_are_searched_for_too(run: Run) -> None:
    words = ("--updated-after", "2026-03-01T20:00:00Z", "--updated-before", "2026-03-01T22:00:00Z")
    found = rows(run("orders", "list", *words, "--json").stdout)
    assert found
    assert all("2026-03-01T20" <= order["last_update_date"] <= "2026-03-01T22:00:00Z" for order in found)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--created-after", "7d", "--updated-after", "7d"),
            "exactly one of updated_after and created_after",
        ),
        (("--updated-before", "7d"), "exactly one of updated_after and created_after"),
        (("--marketplace", "Atlantis"), "is no marketplace"),
        (("--status", "InvoiceUnconfirmed"), "Orders 2026-01-01 has no InvoiceUnconfirmed"),
    ],
)
def test_filters_that_cannot_be_are_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("orders", "list", *words, "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)
    assert error["error"] == "InvalidRequestError"
    assert said in error["message"]


def test_a_time_is_a_date_a_time_with_its_offset_or_how_long_ago() -> None:
    assert moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert moment("2026-01-31T12:00:00+01:00") == datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert moment("7d") == timedelta(days=7)
    assert moment(timedelta(days=1)) == timedelta(days=1)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-31T12:00:00", "0d", "7w", ""])
def test_what_is_no_time_is_refused_with_what_is_one(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"write 2026-01-31|is not like"):
        moment(text)


def test_without_a_time_it_is_the_last_week_by_amazons_clock(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = Filters(None, timedelta(days=1), None, None, (), (), (), False, "2026-01-01", False)
    with sandbox.client(clock=VirtualClock(sandbox.clock)) as client:
        found = [order.purchase_date for order in filters.search(client)]
    assert min(filter(None, found)) > AT - timedelta(days=8)
    assert max(filter(None, found)) < AT - timedelta(days=1)


def order_of(run: Run, *words: str) -> Any:
    """Return one order that the seller ships."""
    shipped = (*SINCE, "--status", "Shipped", "--channel", "MFN", "--most", "1", "--json", *words)
    return json.loads(run("orders", "list", *shipped).stdout)


def test_an_order_is_shown_with_its_items_and_its_people_only_if_they_are_asked_for(run: Run) -> None:
    order_id = order_of(run)["amazon_order_id"]
    plain, full = run("orders", "get", order_id), run("orders", "get", order_id, "--pii")
    assert plain.exit_code == 0, plain.output
    assert plain.stdout.startswith(f"{order_id}: Shipped\n  placed: ")
    assert "  to: " not in plain.stdout
    names = people(order_of(run, "--pii"))
    assert names
    assert all(name in full.stdout and name not in plain.stdout for name in names)
    assert json.loads(run("orders", "get", order_id, "--json").stdout)["items"]


def test_an_order_that_is_not_there_does_not_hide_the_others(run: Run) -> None:
    order_id = order_of(run)["amazon_order_id"]
    result = run("orders", "get", "701-0000000-0000000", order_id, "--json")
    assert result.exit_code == 1
    order, error = rows(result.stdout)
    assert order["amazon_order_id"] == order_id
    assert error["error"] == "NotFoundError"


def test_an_order_of_which_little_is_known_is_shown() -> None:
    order = AmazonOrder(amazon_order_id="1", shipping_address=Address(city="Bath"))
    out = io.StringIO()
    console = Console(file=out, highlight=False, width=100)
    show_order(order, order_dict(order, has_pii=True), console)
    show_orders([order], console, has_pii=True)
    assert out.getvalue().splitlines()[:3] == ["1: –", "  total: –", "  to: Bath"]
    assert out.getvalue().splitlines()[-1].split() == ["1", "–", "–", "–", "–", "Bath"]
    assert order_dict(order, has_pii=False)["shipping_address"]["city"] is None


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_export_is_a_row_for_each_order_or_for_each_item(run: Run, tmp_path: Path) -> None:
    result = run("orders", "export", "--to", "new/orders.csv", *SINCE)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"✓ {TWO_PAGES} orders on 2 pages: new/orders.csv\n"
    assert result.stderr == "page 1, 100 orders; next in 179 s\n"
    found = table(tmp_path / "new" / "orders.csv")
    assert len({row["amazon_order_id"] for row in found}) == len(found) == TWO_PAGES
    assert "shipping_address.city" not in found[0]
    assert {row["is_prime"] for row in found} == {"true", "false"}
    assert (tmp_path / "new" / "orders.csv").stat().st_mode & 0o077 == 0

    run("orders", "export", "--to", "items.CSV", "--items", *SINCE)
    items = table(tmp_path / "items.CSV")
    assert len(items) > len(found)
    assert all(row["item.seller_sku"] for row in items)


def test_an_export_has_people_only_if_they_are_asked_for(run: Run, tmp_path: Path) -> None:
    run("orders", "export", "--to", "orders.csv", "--pii", "--status", "Shipped", *SINCE)
    found = table(tmp_path / "orders.csv")
    assert [row["shipping_address.city"] for row in found if row["shipping_address.city"]]


@pytest.mark.parametrize("name", ["orders.json", "orders.jsonl"])
def test_an_export_as_json_is_one_document_or_one_a_line(run: Run, tmp_path: Path, name: str) -> None:
    result = run("orders", "export", "--to", name, "--json", *SINCE)
    assert json.loads(result.stdout) == {"file": name, "orders": TWO_PAGES, "pages": 2, "is_whole": True}
    text = (tmp_path / name).read_text("utf-8")
    found = json.loads(text) if name.endswith(".json") else rows(text)
    assert found == rows(run("orders", "list", *SINCE, "--json", "--most", "1000").stdout)


def test_a_format_that_nothing_names_is_asked_for(run: Run, tmp_path: Path) -> None:
    result = run("orders", "export", "--to", "orders.txt")
    assert result.exit_code == 2
    assert "orders.txt does not end in csv, json, jsonl: give --format" in result.stderr
    assert run("orders", "export", "--to", "orders.txt", "--format", "jsonl", *SINCE).exit_code == 0
    assert len((tmp_path / "orders.txt").read_text().splitlines()) == TWO_PAGES


def test_an_error_after_a_page_leaves_that_page_in_a_file_beside(
    run: Run, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "orders.json").write_text("an older export")
    wait = VirtualClock.sleep

    def fail_afterwards(clock: VirtualClock, seconds: float) -> None:
        if not sandbox.faults.waiting():
            sandbox.add_fault("searchOrders", "status", status=400)
        wait(clock, seconds)

    monkeypatch.setattr(VirtualClock, "sleep", fail_afterwards)
    result = run("orders", "export", "--to", "orders.json", *SINCE)
    assert result.exit_code == 1
    assert "The 100 orders until then are in orders.json.part.\nError: BadRequestError: " in result.stderr
    assert len(json.loads((tmp_path / "orders.json.part").read_text())) == 100
    assert (tmp_path / "orders.json").read_text() == "an older export"


def test_an_error_before_the_first_order_leaves_nothing(run: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.add_fault("searchOrders", "status", status=403)
    result = run("orders", "export", "--to", "orders.json", "--json", *SINCE)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "AccessDeniedError"
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_text_that_a_spreadsheet_would_run_is_made_text() -> None:
    order = AmazonOrder(
        amazon_order_id="1",
        shipping_address=Address(name='=HYPERLINK("x")'),
        order_total=Money(amount=None, currency_code=None),
        payment_method_details=["A", "B"],
    )
    form = Table(has_items=True, has_pii=True)
    (row,) = csv.DictReader((form.head + form.text(order_dict(order, has_pii=True))).splitlines())
    assert row["shipping_address.name"] == '\'=HYPERLINK("x")'
    assert row["payment_method_details"] == '["A", "B"]'
    assert (row["order_total.amount"], row["item.asin"]) == ("", "")
