"""`spshipping vendor` against the local SP-API, from the import to the shipment."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from spshipping.cli.app import app
from spshipping.cli.choice import Choice
from spshipping.cli.interrupt import Interrupt
from spshipping.cli.vendor import office, ship
from spshipping.clock import SystemClock
from spshipping.vendor.ledger import SqliteLedger
from spshipping.vendor.orders import Order
from tests.sandbox.vendor_cli import Vendor, accepted, is_delivered, packing

pytestmark = pytest.mark.dates


def test_orders_are_imported_once_and_listed_by_their_deadlines(vendor: Vendor) -> None:
    assert vendor.run("list").stdout == "✓ No purchase order is imported yet.\n"
    first = vendor.rows("import")
    assert {row["reason"] for row in first} == {"new"}
    assert set(first[0]) == {
        *("number", "reason", "state", "vendor_code", "ship_to", "lines", "deal_code"),
        *("ship_window", "delivery_window", "deadlines"),
    }
    assert vendor.run("import").stdout == ""
    listed = vendor.rows("list")
    due = [row["next"]["by"] for row in listed]
    assert due == sorted(due)
    by_number = {row["number"]: row for row in listed}
    for row in first:
        if row["state"] == "New" and row["lines"]:
            found = by_number[row["number"]]
            assert found["next"]["step"] == "acknowledge"
            assert found["next"]["by"] == row["deadlines"]["answer"]
    everything = vendor.rows("list", "--all")
    assert {row["number"] for row in everything} == {row["number"] for row in first}
    assert everything[: len(listed)] == listed
    assert {row["next"] for row in everything[len(listed) :]} == {None}
    limit = (vendor.clock.now() + timedelta(days=2)).isoformat()
    assert vendor.rows("list", "--within", "2d") == [row for row in listed if row["next"]["by"] < limit]
    again = vendor.rows("import", "--rewind", "2d")
    assert {row["number"] for row in again} <= {row["number"] for row in first}


def test_the_table_has_the_limits_and_what_is_late_first(vendor: Vendor) -> None:
    rows = vendor.rows("import")
    head, *lines = vendor.run("list").stdout.splitlines()
    assert head.split() == [
        "order",
        "to",
        "state",
        "lines",
        "next",
        "due",
        "left",
        "acknowledge",
        "by",
        "window",
    ]
    for row in rows:
        line = next((each for each in lines if each.startswith(row["number"])), None)
        window = row["ship_window"] or row["delivery_window"]
        if line is not None:
            assert row["deadlines"]["answer"][:16].replace("T", " ") in line
            kind = "ship" if row["ship_window"] else "deliver"
            assert f"{kind} {window[0][:16].replace('T', ' ')} – {window[1][:16].replace('T', ' ')}" in line
    printed = vendor.run("import", "--rewind", "2d").stdout.splitlines()
    assert all("  new  " in line or "  changed  " in line for line in printed)
    vendor.clock.sleep(30 * 86_400)
    assert " late  " in vendor.run("list").stdout.splitlines()[1]


def test_an_order_is_shown_with_its_lines_and_what_was_submitted(vendor: Vendor) -> None:
    order = vendor.new_order(is_delivered)
    number = order.purchase_order_number
    assert "was not imported: run `spshipping vendor import`" in vendor.run("show", number, code=1).stderr
    shown = vendor.json("show", number, "--fetch")
    assert order.order_details is not None
    items = order.order_details.items
    assert [line["ordered"] for line in shown["lines"]] == [item.ordered_quantity.amount for item in items]
    assert {line["accepted"] for line in shown["lines"]} == {None}
    assert shown["purchase_order"]["purchaseOrderNumber"] == number
    assert shown["submissions"] == []
    assert "submitted" not in vendor.run("show", number).stdout
    vendor.run("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes")
    answered = vendor.json("show", number)
    assert [line["left"] for line in answered["lines"]] == [line["ordered"] for line in shown["lines"]]
    assert [each["reference"] for each in answered["submissions"]] == [number]
    assert "acknowledgement" in vendor.run("show", number).stdout
    assert vendor.json("show", "XXXXXXXX", "--fetch", code=1)["error"] == "NotFoundError"


def test_the_same_answers_are_submitted_once(vendor: Vendor) -> None:
    number = vendor.new_order(is_delivered).purchase_order_number
    words = ("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes")
    checked = vendor.json(*words, "--dry-run")
    assert (checked["is_submitted"], checked["findings"]) == (False, [])
    assert "Nothing was submitted." in vendor.run(*words, "--dry-run").stdout
    assert vendor.count("submitAcknowledgement") == 0
    first = vendor.json(*words)
    assert (first["is_new"], first["outcome"]["kind"]) == (True, "Pending")
    again = vendor.json(*words)
    assert (again["is_new"], again["number"]) == (False, first["number"])
    assert vendor.rows("status", code=3)[0]["outcome"] == {"kind": "Pending"}
    assert vendor.json(*words, "--wait", "5m", code=3)["outcome"]["kind"] == "Pending"
    assert vendor.json(*words, "--wait", "1h")["outcome"]["kind"] == "Taken"
    assert "it is not submitted again" in vendor.run(*words, "--wait", "1h").stdout
    assert vendor.count("submitAcknowledgement") == 1
    assert vendor.run("status").stdout == "✓ No outcome is open.\n"
    assert vendor.rows("status") == []
    assert [row["reference"] for row in vendor.rows("status", "--all")] == [number]
    assert [row["reference"] for row in vendor.rows("status", number, "--all")] == [number]
    assert "taken" in vendor.run("status", number).stdout
    assert "nothing was submitted for it" in vendor.run("status", "XXXXXXXX", code=1).stderr


def test_answers_come_from_a_file_and_are_changed_by_another(vendor: Vendor) -> None:
    def fits(order: Order) -> bool:
        details = order.order_details
        return is_delivered(order) and bool(
            details
            and len(details.items) > 1
            and (details.items[0].ordered_quantity.amount or 0) > 2
            and details.items[0].is_back_order_allowed
        )

    order = vendor.new_order(fits)
    assert order.order_details is not None
    window = order.order_details.delivery_window
    assert window is not None
    number, later = order.purchase_order_number, (window.end + timedelta(days=7)).isoformat()
    head = "order;line;answer;quantity;delivery_date;reason;cost\n"
    answers = vendor.write(
        "answers.csv",
        f"{head}{number};1;accept;1;{window.end.isoformat()};;\n;1;Back-order;1;{later};;\n"
        ";1;reject;;;TemporarilyUnavailable;0.01\n;2;;;;;0.01\nXXXXXXXX;1;accept;;;;\n",
    )
    words = ("acknowledge", number, "--answers", answers, "--accept-po-cost", "--yes")
    assert "are not answered" in vendor.json(*words, code=1)["message"]
    checked = vendor.json(*words, "--accept-all", "--dry-run")
    first = checked["document"]["items"][0]
    codes = [each["acknowledgementCode"] for each in first["itemAcknowledgements"]]
    assert (codes, first["netCost"]["amount"]) == (["Accepted", "Backordered", "Rejected"], "0.01")
    assert "Rejected" in vendor.run(*words, "--accept-all", "--dry-run").stderr
    assert "--update: nothing was answered yet" in vendor.run(*words, "--update", code=1).stderr
    vendor.run(*words, "--accept-all", "--wait", "1h")
    changed = vendor.write(
        "changed.json", json.dumps([{"line": 2, "answer": "reject", "reason": "ObsoleteProduct"}])
    )
    update = ("acknowledge", number, "--answers", changed, "--update", "--yes")
    assert vendor.json(*update)["is_new"]
    assert not vendor.json(*update)["is_new"]
    assert vendor.count("submitAcknowledgement") == 2
    # what was rejected is never accepted later
    all_of_it = ("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes")
    for more in ([], ["--dry-run"]):
        assert "was rejected before" in vendor.json(*all_of_it, *more, code=1)["message"]
    assert vendor.json(*all_of_it, "--dry-run", "--overrule", "L-013")["is_submitted"] is False
    other = vendor.write("other.csv", "order,line,answer\nXXXXXXXX,1,accept\n")
    assert (
        "holds no answer for"
        in vendor.json("acknowledge", number, "--answers", other, "--yes", code=1)["message"]
    )


def test_a_price_list_counts_and_a_rule_that_forbids_it_is_shown(vendor: Vendor) -> None:
    order = vendor.new_order(is_delivered)
    assert order.order_details is not None
    rows = "".join(f"{item.vendor_product_identifier},100000\n" for item in order.order_details.items)
    prices = vendor.write("prices.csv", f"product,cost\n{rows}")
    words = ("acknowledge", order.purchase_order_number, "--accept-all", "--prices", prices, "--yes")
    found = vendor.json(*words, "--dry-run", code=1)
    assert {each["severity"] for each in found["findings"]} >= {"error"}
    assert "✗ L-" in vendor.run(*words, "--dry-run", code=1).stdout
    refused = vendor.json(*words, code=1)
    assert refused["error"] == "InvalidRequestError"
    assert vendor.count("submitAcknowledgement") == 0


def test_it_asks_before_it_submits(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    number = vendor.new_order(is_delivered).purchase_order_number
    words = ("acknowledge", number, "--accept-all", "--accept-po-cost")
    refused = vendor.run(*words, code=2)
    assert "give --yes: there is no terminal to ask whether to submit" in refused.stderr
    assert vendor.json(*words, code=2)["message"].startswith("give --yes")
    monkeypatch.setattr("spshipping.cli.vendor.submissions.has_terminal", lambda: True)
    declined = vendor.run(*words, code=1, answer="n\n")
    assert "Accepted: " in declined.stderr
    assert f"Submit these answers to {number}?" in declined.stderr
    assert "Nothing was submitted." in declined.stderr
    assert vendor.count("submitAcknowledgement") == 0
    vendor.run(*words, answer="y\n")
    assert vendor.count("submitAcknowledgement") == 1
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    declined = vendor.run("ship", path, code=1, answer="n\n")
    assert "Submit the shipment S-1? Amazon has no cancellation of it." in declined.stderr
    assert vendor.count("SubmitShipmentConfirmations") == 0


def test_a_shipment_keeps_its_codes_and_is_submitted_once(vendor: Vendor) -> None:
    number = accepted(vendor)
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    checked = vendor.json("ship", path, "--dry-run")
    assert (checked["is_submitted"], checked["findings"]) == (False, [])
    codes = [each["palletIdentifiers"] for each in checked["document"]["pallets"]]
    assert vendor.count("SubmitShipmentConfirmations") == 0
    sent = vendor.json("ship", path, "--yes", "--wait", "1h")
    assert (sent["is_new"], sent["outcome"]["kind"]) == (True, "Taken")
    assert vendor.json("ship", path, "--yes")["is_new"] is False
    assert vendor.count("SubmitShipmentConfirmations") == 1
    kept = json.loads(Path(checked["prepared"]).read_text("utf-8"))
    notice = json.loads(kept["body"])["shipmentConfirmations"][0]
    assert [each["palletIdentifiers"] for each in notice["pallets"]] == codes
    shown = vendor.json("show", number)
    assert (shown["next"], {line["left"] for line in shown["lines"]}) == (None, {0})
    assert [each["reference"] for each in shown["submissions"]] == [number, "S-1"]
    other = vendor.write("other.json", json.dumps(packing(vendor, number, pro_number="PRO-2")))
    assert "from another packing file" in vendor.json("ship", other, "--yes", code=1)["message"]
    vendor.sandbox.clock.advance(4 * 86_400)
    assert vendor.sandbox.receiving.defects() == []
    lint = vendor.json("lint", vendor.write("notice.json", kept["body"]), code=1)
    assert [each["rule"] for each in lint["findings"] if each["severity"] == "error"] == ["L-030"]
    printed = vendor.run(
        "lint", str(vendor.folder / "notice.json"), "--overrule", "L-030", "--overrule", "L-032"
    )
    assert "✓ No rule forbids it." in printed.stdout
    assert "for want of facts" in printed.stdout


def test_a_shipment_is_replaced_by_one_with_less(vendor: Vendor) -> None:
    number = accepted(vendor)
    template = vendor.write("template.toml", 'gs1_prefix = "9521234"\nperishable = []\n')
    path = vendor.write("packing.json", json.dumps(packing(vendor, number, gs1_prefix=None)))
    assert "gs1_prefix is missing" in vendor.json("ship", path, "--yes", code=1)["message"]
    data = packing(vendor, number)
    data.pop("gs1_prefix")
    path = vendor.write("packing.json", json.dumps(data))
    shown = vendor.run("ship", path, "--template", template, "--dry-run")
    assert "Nothing was submitted." in shown.stdout
    assert vendor.json("ship", path, "--template", template, "--yes", "--wait", "1h")["is_new"]
    (kept,) = (vendor.folder / "vendor-default" / "shipments").glob("S-1.*.json")
    less = json.loads(kept.read_text("utf-8"))
    less["packing"]["pallets"][0]["cartons"].pop()
    smaller = vendor.write("less.json", json.dumps(less))
    found = vendor.json("ship", smaller, "--template", template, "--replace", "--yes", "--wait", "1h")
    assert (found["is_new"], found["outcome"]["kind"]) == (True, "Taken")
    assert not vendor.json("ship", smaller, "--template", template, "--replace", "--yes")["is_new"]
    assert vendor.count("SubmitShipmentConfirmations") == 2
    kept.write_text("{}")
    assert (
        "is no prepared shipment"
        in vendor.json("ship", path, "--template", template, "--yes", code=1)["message"]
    )


def test_what_has_no_known_outcome_is_sent_again_by_the_same_command(vendor: Vendor) -> None:
    number = vendor.new_order(is_delivered).purchase_order_number
    words = ("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes")
    vendor.sandbox.add_fault("submitAcknowledgement", "drop_before", count=99)
    found = vendor.json(*words, code=3)
    assert (found["error"], found["outcome"]["kind"]) == ("OutcomeUnknownError", "Doubtful")
    found = vendor.json(*words, "--wait", "1h", code=3)
    assert (found["error"], found["is_new"]) == ("OutcomeUnknownError", False)
    problem = vendor.rows("status", code=1)
    assert (problem[0]["error"], problem[0]["reference"]) == ("OutcomeUnknownError", number)
    assert f"{number}: OutcomeUnknownError: " in vendor.run("status", code=1).stderr
    assert "it is sent again" in vendor.run(*words, code=3).stdout
    vendor.sandbox.faults.clear()
    assert vendor.json(*words, "--wait", "1h")["outcome"]["kind"] == "Taken"


def test_what_amazon_refuses_has_an_exit_code_of_its_own(vendor: Vendor) -> None:
    number = vendor.new_order(is_delivered).purchase_order_number
    words = ("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes")
    vendor.sandbox.add_fault("submitAcknowledgement", "status", status=400)
    found = vendor.json(*words, code=4)
    assert (found["error"], found["outcome"]["kind"]) == ("BadRequestError", "Refused")
    assert "→ " in vendor.run("status", number, code=4).stdout
    vendor.sandbox.add_fault("submitAcknowledgement", "status", status=403, count=9)
    vendor.run(*words, code=4)
    vendor.sandbox.faults.clear()
    vendor.sandbox.add_fault("submitAcknowledgement", "status", status=429, count=99)
    assert "it did not reach Amazon: submit it again" in vendor.run(*words, code=4).stdout
    vendor.sandbox.faults.clear()
    # what was refused is submitted again: it never counted
    assert vendor.json(*words, "--wait", "1h")["is_new"]


def test_nothing_is_submitted_that_another_command_has_changed_meanwhile(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = vendor.new_order(is_delivered).purchase_order_number
    words = ("acknowledge", number, "--accept-all", "--accept-po-cost", "--yes")
    with (
        office.Office(office.Where(Choice(), vendor.folder / "vendor-default")) as other,
        other.alone(),
    ):
        assert "another command submits something" in vendor.json(*words, code=1)["message"]
    before = office.Office.alone

    def slow(self: office.Office) -> Any:
        monkeypatch.setattr(office.Office, "alone", before)
        vendor.run(*words)
        return before(self)

    monkeypatch.setattr(office.Office, "alone", slow)
    assert "has submitted something for it meanwhile" in vendor.json(*words, code=1)["message"]
    assert vendor.count("submitAcknowledgement") == 1


def test_a_connection_that_imports_nothing_says_so(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_ORDERS_INTEGRATION", "false")
    assert vendor.json("import", code=1)["error"] == "SwitchedOffError"


def test_every_failure_is_one_line_or_one_document(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert vendor.json("acknowledge", "X", code=2)["error"] == "UsageError"
    assert vendor.json("list", "--nonsense", code=2)["error"] == "NoSuchOption"
    assert "No such option" in vendor.run("list", "--nonsense", code=2).stderr
    assert vendor.json("lint", str(vendor.folder / "none.json"), code=1)["error"] == "ConfigurationError"
    assert "is no JSON" in vendor.json("lint", vendor.write("a.json", "{"), code=1)["message"]
    assert "has no list" in vendor.json("lint", vendor.write("a.json", "[]"), code=1)["message"]
    unread = vendor.write("a.json", '{"shipments": [5]}')
    assert vendor.json("lint", unread, code=1) == {
        "error": "InvalidRequestError",
        "message": "a.json: is not as Amazon has it: shipments[0] is unreadable",
    }
    assert "is not UTF-8" in vendor.json("show", "\udc80", code=1)["message"]
    monkeypatch.setattr(office.Office, "imports", lambda *_: 1 / 0)
    found = vendor.json("import", code=1)
    assert found["message"].startswith("ZeroDivisionError inside the command")
    text = vendor.run("import", code=1).stderr
    assert text.startswith("Error: SpShippingError: ZeroDivisionError inside")
    assert "Traceback" not in text


def test_the_folder_is_named_by_the_connection_or_by_the_option(vendor: Vendor) -> None:
    vendor.run("import", "--since", "5d")
    assert (vendor.folder / "vendor-default" / "orders.db").exists()
    folder = vendor.folder / "mine"
    assert CliRunner().invoke(app, ["vendor", "--folder", str(folder), "import"]).exit_code == 0
    assert (folder / "orders.db").exists()
    (folder / "orders.db").write_text("nothing")
    broken = CliRunner().invoke(app, ["vendor", "--folder", str(folder), "list", "--json"])
    assert (broken.exit_code, json.loads(broken.stdout)["error"]) == (1, "ConfigurationError")


def test_a_command_has_the_clock_of_the_machine() -> None:
    assert isinstance(office.new_clock(), SystemClock)


def test_an_import_that_is_stopped_goes_on_where_it_was(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Interrupt, "is_set", lambda _: True)
        first = vendor.rows("import")
    rest = vendor.rows("import")
    assert first
    assert not {row["number"] for row in first} & {row["number"] for row in rest}
    assert {row["number"] for row in vendor.rows("list", "--all")} >= {row["number"] for row in first + rest}


def test_orders_that_are_missing_here_are_imported(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPSHIPPING_IMPORT_NEW_ORDERS", "false")
    monkeypatch.setenv("SPSHIPPING_IMPORT_MISSING_ORDERS", "true")
    assert {row["reason"] for row in vendor.rows("import")} == {"missing"}
    assert vendor.rows("import") == []


def test_a_shipment_whose_codes_are_its_own_needs_no_prefix(vendor: Vendor) -> None:
    number = accepted(vendor)
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    prepared = Path(vendor.json("ship", path, "--dry-run")["prepared"])
    data = json.loads(prepared.read_text("utf-8"))["packing"]
    data.pop("gs1_prefix")
    coded = vendor.write("coded.json", json.dumps({**data, "identifier": "S-2"}))
    assert vendor.json("ship", coded, "--yes", "--wait", "1h")["outcome"]["kind"] == "Taken"
    prepared.unlink()
    prepared.mkdir()
    assert "cannot be used: " in vendor.json("ship", path, "--dry-run", code=1)["message"]
    prepared.rmdir()
    prepared.write_text('{"version": 2}')
    assert "is no prepared shipment" in vendor.json("ship", path, "--dry-run", code=1)["message"]


def test_two_commands_at_once_give_a_shipment_the_same_codes(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = accepted(vendor)
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    begin = ship.Shipping.prepare
    prepared = []

    def late(self: ship.Shipping, *words: Any) -> Any:
        monkeypatch.setattr(ship.Shipping, "prepare", begin)
        # the other command prepares the shipment after this one has looked for it
        prepared.append(vendor.json("ship", path, "--dry-run")["document"]["pallets"])
        return begin(self, *words)

    monkeypatch.setattr(ship.Shipping, "prepare", late)
    prepared.append(vendor.json("ship", path, "--dry-run")["document"]["pallets"])
    assert prepared[0] == prepared[1]


def test_a_shipment_that_was_refused_is_submitted_again_with_its_codes(vendor: Vendor) -> None:
    number = accepted(vendor)
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    vendor.sandbox.add_fault("SubmitShipmentConfirmations", "status", status=400)
    vendor.json("ship", path, "--yes", code=4)
    (prepared,) = (vendor.folder / "vendor-default" / "shipments").glob("*.json")
    before = json.loads(prepared.read_text("utf-8"))["packing"]
    labels = vendor.json("documents", "labels", "S-1", "--to", str(vendor.folder / "labels"))
    assert len(labels["files"]) == 1
    assert vendor.json("ship", path, "--yes", "--wait", "1h")["outcome"]["kind"] == "Taken"
    assert json.loads(prepared.read_text("utf-8"))["packing"] == before
    assert vendor.count("SubmitShipmentConfirmations") == 2


class KilledError(BaseException):
    """Stands for the end of the process, which no code can catch."""


@pytest.mark.parametrize("step", ["keep", "begin", "settle"])
def test_a_command_that_was_killed_ships_nothing_twice_when_it_is_repeated(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    number = accepted(vendor)
    path = vendor.write("packing.json", json.dumps(packing(vendor, number)))
    place: Any = ship if step == "keep" else SqliteLedger
    done = getattr(place, step)

    def killed(*words: Any, **more: Any) -> Any:
        if step != "settle":  # it dies with the answer of Amazon
            done(*words, **more)
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(place, step, killed)
        with pytest.raises(KilledError):
            CliRunner().invoke(app, ["vendor", "ship", path, "--yes"])
    vendor.clock.sleep(120)  # what a process that died had is free again
    assert vendor.json("ship", path, "--yes", "--wait", "1h")["outcome"]["kind"] == "Taken"
    assert not vendor.json("ship", path, "--yes")["is_new"]
    vendor.clock.sleep(5 * 86_400)
    shown = vendor.json("show", number, "--fetch")
    assert [line["received"] for line in shown["lines"]] == [line["ordered"] for line in shown["lines"]]
    assert vendor.sandbox.receiving.defects() == []
