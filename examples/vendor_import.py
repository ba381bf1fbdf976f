"""A vendor's day: imports purchase orders, answers one line by line, ships it, and sees it received.

    python examples/vendor_import.py --trial
    python examples/vendor_import.py settings.toml
    python examples/vendor_import.py settings.toml --order 2JK3S9VC

The first needs no account: it plays some days within seconds, with a local SP-API in place of Amazon. The
second imports, and sends nothing. The third also answers that purchase order, and ships what is in stock.
What must outlive the program is in one folder: purchase orders, checkpoint, ledger, serial numbers of codes.
"""

import argparse
import contextlib
import json
import logging
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from spshipping import Client, Settings, SpShippingError, TokenCache, dumps
from spshipping.clock import Clock, SystemClock
from spshipping.errors import InvalidRequestError
from spshipping.sync import FileCheckpoint
from spshipping.vendor import asn
from spshipping.vendor.acknowledge import Acknowledgement, Submission, Taken
from spshipping.vendor.ledger import SqliteLedger
from spshipping.vendor.orders import (
    AcknowledgementCode,
    Order,
    OrderItem,
    PurchaseOrderState,
    RejectionReason,
)
from spshipping.vendor.rules import RuleContext, RuleRegion
from spshipping.vendor.shipments import Address, PartyIdentification, ShipmentFreightTerm, ShipmentType
from spshipping.vendor.sscc import SqliteSerials, SsccIssuer
from spshipping.vendor.sync import ImportedOrder, PurchaseOrderImport

if TYPE_CHECKING:
    from spshipping.sandbox import SandboxClock

GS1_PREFIX = "9521234"  # yours comes from GS1; this one is for demonstrations
IN_STOCK = 5  # of every product; a real program asks its warehouse
BOOKS = Decimal("0.50")  # of their list price
IN_CARTON = 20  # pieces that are not shipped by the case
PALLETS = 2
TRANSIT = timedelta(days=2)
LATER = timedelta(days=7)
WAREHOUSE = PartyIdentification(
    party_id="W-1",
    address=Address(
        name="The Mill",
        address_line1="1 Mill Lane",
        city="Reno",
        state_or_region="NV",
        postal_code="89501",
        country_code="US",
    ),
)


class Database:
    """The purchase orders that were imported."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute("create table if not exists orders (number text primary key, document blob)")

    def put(self, orders: Iterable[ImportedOrder]) -> None:
        """Write orders; a later state of one takes the place of an earlier one."""
        rows = [(each.number, dumps(each.purchase_order)) for each in orders]
        with self.connection:
            self.connection.executemany("insert or replace into orders values (?, ?)", rows)

    def known(self, numbers: Collection[str]) -> set[str]:
        """Return those of the numbers that are here."""
        return set(numbers) & {number for (number,) in self.connection.execute("select number from orders")}

    def lose(self, count: int) -> None:
        """Lose orders, as by a mistake."""
        with self.connection:
            last = "select number from orders order by number limit ?"
            self.connection.execute(f"delete from orders where number in ({last})", [count])  # noqa: S608


class Office:
    """One vendor's connection, and the folder with all that must outlive the program."""

    def __init__(self, settings: Path, folder: Path, clock: Clock) -> None:
        self.clock = clock
        found = Settings.load(settings)
        self.connection = found.connection(found.names[0])
        tokens = TokenCache(clock)
        self.client = Client.from_settings(found.names[0], settings, clock=clock, token_cache=tokens)
        self.database = Database(folder / "purchase-orders.db")
        self.checkpoint = FileCheckpoint(folder / "checkpoint.json")
        self.ledger = SqliteLedger(folder / "ledger.db", clock=clock)
        self.serials = SqliteSerials(folder / "serials.db")

    def close(self) -> None:
        """Close what is open."""
        self.client.close()
        self.serials.close()
        self.ledger.close()
        self.database.connection.close()

    def imported(self) -> Counter[str]:
        """Import what is new, changed or missing, and return how many came for which reason."""
        found: Counter[str] = Counter()
        imports = PurchaseOrderImport(
            self.client.vendor,
            self.checkpoint,
            settings=self.connection.vendor(),
            known=self.database.known,
        )
        for batch in imports.batches():
            self.database.put(batch)
            batch.commit()  # what is not committed comes again
            found.update(each.reason.value for each in batch)
        return found


def lines_of(order: Order) -> list[OrderItem]:
    """Return the lines of an order that Amazon has not cancelled."""
    lines = order.order_details.items if order.order_details else []
    return [line for line in lines if line.ordered_quantity.amount]


def answers_to(order: Order) -> Acknowledgement:
    """Answer every line: what is in stock is accepted, the rest comes later or never.

    Whatever is left out counts as rejected, and what was rejected cannot be accepted later.
    """
    answers = Acknowledgement.of(order, prices=price_list(order))
    end = delivery_end(order)
    for line in lines_of(order):
        number, ordered = line.item_sequence_number, line.ordered_quantity.amount or 0
        if line.net_cost is None and line.list_price and line.list_price.amount:  # a book
            answers.price(number, line.list_price.amount * BOOKS, discount_multiplier=str(BOOKS))
        answers.accept(number, min(ordered, IN_STOCK), delivery_date=end)
        if ordered > IN_STOCK and line.is_back_order_allowed:
            answers.back_order(number, delivery_date=end + LATER)
        elif ordered > IN_STOCK:
            answers.reject(number, RejectionReason.TEMPORARILY_UNAVAILABLE)
    return answers


def price_list(order: Order) -> dict[str, Decimal]:
    """Return what each product costs; a real program has its own list, and does not copy Amazon's."""
    return {
        line.vendor_product_identifier: line.net_cost.amount
        for line in lines_of(order)
        if line.vendor_product_identifier and line.net_cost and line.net_cost.amount
    }


def submitted(office: Office, document: Acknowledgement | asn.Asn) -> Submission:
    """Submit a document, and wait until Amazon shows what has become of it."""
    vendor, ledger = office.client.vendor, office.ledger
    submission = vendor.submit(document, ledger=ledger)  # it is on the disk before it is sent
    warnings: defaultdict[str, list[str]] = defaultdict(list)
    for warning in submission.warnings:
        warnings[warning.partition(":")[0]].append(warning)
    for first, *others in warnings.values():
        print(f"  worth knowing: {first}{f' (and {len(others)} more of it)' if others else ''}")
    return vendor.wait(submission, ledger=ledger, timeout=timedelta(hours=1))


def packed(office: Office, lines: Sequence[asn.OpenLine]) -> asn.Load:
    """Pack what was accepted: cases as they are, pieces together, all on two pallets."""
    filled = asn.fill_cartons(lines)
    cartons = list(filled.cartons)
    inside: list[asn.Content] = []
    for loose in filled.loose:
        if sum(each.amount for each in inside) + loose.amount > IN_CARTON:
            cartons.append(asn.PackedCarton(contents=tuple(inside)))
            inside = []
        inside.append(asn.Content(line=loose.line, amount=loose.amount))
    if inside:
        cartons.append(asn.PackedCarton(contents=tuple(inside)))
    load = asn.stack(cartons, -(-len(cartons) // PALLETS), size=asn.Size.of(48, 40, 60, "in"))
    return load.coded(SsccIssuer(office.serials, GS1_PREFIX))


def shipped(office: Office, order: Order) -> tuple[asn.Load, Submission]:
    """Pack an order, and announce it to Amazon before it leaves."""
    now = office.clock.now()
    context = RuleContext(
        now=now,
        region=RuleRegion.NA,
        orders=[order],
        freight=ShipmentFreightTerm.PREPAID,
        history=office.client.vendor.history(ledger=office.ledger),
        own_prefixes=(GS1_PREFIX,),
    )
    builder = asn.AsnBuilder(context, WAREHOUSE)
    load = packed(office, builder.lines)
    number = order.purchase_order_number.strip()
    dispatch = asn.Dispatch(
        identifier=f"S-{number}",
        shipment_type=ShipmentType.LESS_THAN_TRUCK_LOAD,
        shipped_at=now,
        arrives_at=now + TRANSIT,
        bill_of_lading=f"BOL{number}",
        pro_number=f"PRO{number}",
        carrier_scac="SBXF",
    )
    # a mistake in it is an error here, which names the carton: nothing was sent then
    notice = builder.original(dispatch, load, at=now)
    return load, submitted(office, notice)


def tell_answers(submission: Submission) -> None:
    """Say how the lines were answered, and what Amazon says of it."""
    codes: Counter[str] = Counter()
    for item in submission.acknowledgement.items:
        codes.update(each.acknowledgement_code for each in item.item_acknowledgements)
    lines = len(submission.acknowledgement.items)
    print(f"Answered the {lines} lines of {submission.reference}:")
    for code in AcknowledgementCode:
        print(f"  {code.value:<12}{codes[code]:>3} lines, wholly or in part")
    print(f"  Amazon: {type(submission.outcome).__name__.lower()}")


def tell_shipment(load: asn.Load, submission: Submission) -> None:
    """Say what was shipped."""
    cartons = sum(1 for _ in load.all_cartons())
    print(f"Shipped {cartons} cartons on {len(load.pallets)} pallets as {submission.reference}:")
    for pallet in load.pallets:
        code = pallet.sscc
        print(f"  pallet {code.printed if code else ''} with {len(pallet.cartons)} cartons")
    print(f"  Amazon: {type(submission.outcome).__name__.lower()}")


def tell_receipt(office: Office, number: str) -> None:
    """Say how much of an order Amazon has received."""
    found = office.client.vendor.orders.get_purchase_orders_status(purchase_order_number=number)
    lines = [line for state in found.orders_status or [] for line in state.item_status]
    received = [
        line.receiving_status.received_quantity.amount or 0
        for line in lines
        if line.receiving_status and line.receiving_status.received_quantity
    ]
    count = sum(1 for amount in received if amount)
    print(f"Received: {sum(received)} cases and pieces, of {count} of {len(lines)} lines")


def unanswered(office: Office) -> list[Order]:
    """Return the orders of the last days that wait for an answer, and that this vendor delivers."""
    found = office.client.vendor.orders.iter_purchase_orders(
        created_after=office.clock.now() - timedelta(days=6), purchase_order_state=PurchaseOrderState.NEW
    )
    return [
        order
        for order in found
        if order.order_details and order.order_details.delivery_window and lines_of(order)
    ]


def delivery_end(order: Order) -> datetime:
    """Return until when an order is to be delivered.

    Raises:
        InvalidRequestError: Amazon picks it up.
    """
    window = order.order_details.delivery_window if order.order_details else None
    if window is None:
        raise InvalidRequestError(
            "Amazon picks it up, and wants a routing request first: choose one that you deliver",
            path="--order",
        )
    return window.end


def answer_and_ship(office: Office, number: str) -> None:
    """Answer an order, and ship what was accepted once Amazon has taken the answers."""
    answers = answers_to(office.client.vendor.orders.get_purchase_order(number))
    submission = submitted(office, answers)
    tell_answers(submission)
    if isinstance(submission.outcome, Taken):
        order = office.client.vendor.orders.get_purchase_order(number)  # it may have changed
        tell_shipment(*shipped(office, order))
    else:
        print("Nothing is shipped before Amazon has taken the answers.")


def tell_imported(found: Counter[str]) -> None:
    """Say what was imported."""
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(found.items()))
    print(f"Imported {found.total()} purchase orders{f': {reasons}' if reasons else ''}")


TRIAL_SETTINGS = """\
[connections.vendor]
marketplace = "US"
vendor_code = "SBX01"
client_id = {client_id}
client_secret = {client_secret}
refresh_token = {refresh_token}
endpoint = {endpoint}
token_url = {token_url}
import_new_orders = true
import_missing_orders = true
import_history = true
"""


class TrialClock:
    """The sandbox's time: to wait is to move it."""

    def __init__(self, clock: "SandboxClock") -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Move the sandbox's time."""
        self._clock.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Move the sandbox's time."""
        self._clock.advance(seconds)


def trial(folder: Path) -> None:
    """Play all of it on a local SP-API, on which time passes as fast as it is waited for."""
    # imported here: it belongs to an extra
    from spshipping.sandbox import PurchaseOrderSupply, Sandbox

    supply = PurchaseOrderSupply(count=400, days=180, seed=27)
    with Sandbox(purchase_orders=supply) as sandbox:
        facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
        settings = folder / "settings.toml"
        quoted = {name: json.dumps(value) for name, value in facts.items()}
        settings.write_text(TRIAL_SETTINGS.format(**quoted))
        settings.chmod(0o600)
        with contextlib.closing(Office(settings, folder, TrialClock(sandbox.clock))) as office:
            tell_imported(office.imported())
            print("… a day passes, and three orders get lost here")
            office.database.lose(3)
            office.clock.sleep(timedelta(days=1).total_seconds())
            tell_imported(office.imported())
            largest = max(unanswered(office), key=lambda order: len(lines_of(order)))
            answer_and_ship(office, largest.purchase_order_number)
            print("… the truck is on its way")
            office.clock.sleep(timedelta(days=3).total_seconds())
            tell_receipt(office, largest.purchase_order_number)
            # the sandbox shows what Amazon would charge; Amazon itself shows it in Vendor Central only
            defects = sandbox.receiving.defects()
            for defect in defects:
                print(f"  {defect.rule} {defect.message}")
            print(f"Defects: {len(defects) or 'none'}")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Import purchase orders, answer and ship them.")
    parser.add_argument("settings", nargs="?", type=Path, help="a TOML file with one connection")
    parser.add_argument("--trial", action="store_true", help="play it on a local SP-API")
    parser.add_argument("--order", help="the purchase order to answer and to ship")
    parser.add_argument("--folder", type=Path, default=Path(), help="where everything is kept (here)")
    wanted = parser.parse_args(given)
    if wanted.trial is (wanted.settings is not None):
        parser.error("state a file of settings, or --trial")
    return wanted


def main(given: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Import, and do what the command line says; return the exit code: 0, or 1 for an error."""
    wanted = arguments(given)
    try:
        if wanted.trial:
            with tempfile.TemporaryDirectory() as folder:
                trial(Path(folder))
            return 0
        with contextlib.closing(Office(wanted.settings, wanted.folder, clock or SystemClock())) as office:
            tell_imported(office.imported())
            if wanted.order:
                answer_and_ship(office, wanted.order)
                tell_receipt(office, wanted.order)
            else:
                waiting = [order.purchase_order_number for order in unanswered(office)]
                print(f"{len(waiting)} can be answered with --order: {', '.join(waiting)}")
    except SpShippingError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    sys.exit(main())
