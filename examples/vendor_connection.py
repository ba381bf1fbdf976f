"""A vendor's connection with all of its page: offers, purchase orders in the shop's words, labels, receipts.

    python examples/vendor_connection.py --trial
    python examples/vendor_connection.py page.toml
    python examples/vendor_connection.py page.toml --offers offers.csv
    python examples/vendor_connection.py page.toml --approve D-17 sales m.lopez
    python examples/vendor_connection.py page.toml --order 2JK3S9VC
    python examples/vendor_connection.py page.toml --compare 2JK3S9VC

The first needs no account: it plays some days with a local SP-API in place of Amazon. The others import what
is new, and then receive bulk buy offers, decide one at a stage, answer and ship an order, or compare what was
received. `vendor_page.toml`, beside this file, is such a page. What must outlive the program is in a folder.
"""

import argparse
import contextlib
import logging
import sqlite3
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from spshipping import (
    Client,
    ConfigurationError,
    Marketplace,
    Settings,
    SpShippingError,
    TokenCache,
    dumps,
    from_dict,
    loads,
)
from spshipping.clock import Clock, SystemClock
from spshipping.errors import InvalidRequestError
from spshipping.settings import Connection
from spshipping.sync import FileCheckpoint
from spshipping.vendor import asn
from spshipping.vendor.acknowledge import Acknowledgement, Submission, Taken
from spshipping.vendor.ledger import SqliteLedger
from spshipping.vendor.orders import Order, OrderItem, OrderStatus, PurchaseOrderState
from spshipping.vendor.rules import RuleContext, RuleRegion
from spshipping.vendor.shipments import PartyIdentification, ShipmentFreightTerm, ShipmentType
from spshipping.vendor.sscc import SqliteSerials, SsccIssuer
from spshipping.vendor.sync import ImportedOrder, ImportReason, PurchaseOrderImport
from spshipping.vendor.tools import BulkBuy, FulfilmentCentres, Mappings, SqliteOffers, three_way_match
from spshipping.vendor.tools.documents import pdf_documents
from spshipping.vendor.tools.labels import Packing, pdf_labels, zpl_labels
from spshipping.vendor.tools.mappings import met
from spshipping.vendor.tools.offers import OfferMatch, OfferState, Tolerance, offers_from_csv, read_offers

if TYPE_CHECKING:
    from spshipping.sandbox import SandboxClock

PAGE = Path(__file__).with_name("vendor_page.toml")
PATIENCE = timedelta(days=14)
MOST_LINES = 20  # of the order that the trial ships


class Page(NamedTuple):
    """What the page of settings says."""

    connection: Connection
    mappings: Mappings
    stages: Sequence[str]
    tolerance: Tolerance
    in_stock: int
    rejection_reason: str
    gs1_prefix: str
    ship_from: PartyIdentification
    template: dict[str, Any]
    """The ASN template that is in use."""
    documents: dict[str, Any]

    @classmethod
    def read(cls, path: Path, **connection: str) -> Self:
        """Read the page; *connection* takes the place of fields of the connection.

        Raises:
            ConfigurationError: something in it is missing or wrong.
        """
        try:
            data = tomllib.loads(path.read_text("utf-8"), parse_float=Decimal)
            settings = Settings.from_mapping(
                {"connections": {"vendor": {**data["connections"]["vendor"], **connection}}}
            )
            bulk, sync, notice = data["bulk_buy"], data["order_sync"], data["asn"]
            return cls(
                connection=settings.connection("vendor"),
                mappings=Mappings.from_dict(data["mappings"], source=str(path)),
                stages=bulk["stages"],
                tolerance=Tolerance(
                    price=Decimal(bulk["price_tolerance"]) / 100,
                    quantity=Decimal(bulk["quantity_tolerance"]) / 100,
                ),
                in_stock=int(sync["in_stock"]),
                rejection_reason=sync["rejection_reason"],
                gs1_prefix=notice["gs1_prefix"],
                ship_from=from_dict(notice["ship_from"], PartyIdentification),
                template=notice["templates"][notice["template"]],
                documents=data["documents"],
            )
        except KeyError as error:
            raise ConfigurationError(f"{path}: {error} is missing") from None
        except (OSError, ValueError, TypeError, ArithmeticError) as error:
            raise ConfigurationError(f"{path}: {type(error).__name__}: {error}") from None

    @property
    def marketplace(self) -> str:
        """The marketplace of the connection."""
        return self.connection.get("marketplace") or ""


class Database:
    """The purchase orders that were imported, with their states."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        table = "create table if not exists orders (number text primary key, document blob, status blob)"
        self.connection.execute(table)

    def put(self, orders: Iterable[ImportedOrder]) -> None:
        """Write orders; a later state of one takes the place of an earlier one."""
        rows = [
            (each.number, dumps(each.purchase_order), dumps(each.status) if each.status else None)
            for each in orders
        ]
        with self.connection:
            self.connection.executemany("insert or replace into orders values (?, ?, ?)", rows)

    def known(self, numbers: Collection[str]) -> set[str]:
        """Return those of the numbers that are here."""
        return set(numbers) & {number for (number,) in self.connection.execute("select number from orders")}

    def orders(self) -> list[ImportedOrder]:
        """Return everything that was imported."""
        return [
            ImportedOrder(
                loads(document, Order), loads(status, OrderStatus) if status else None, ImportReason.NEW
            )
            for document, status in self.connection.execute("select document, status from orders")
        ]


class Office:
    """One vendor's connection, and the folder with all that must outlive the program."""

    def __init__(self, page: Page, folder: Path, clock: Clock) -> None:
        self.page, self.folder, self.clock = page, folder, clock
        self.papers = folder / "papers"
        credentials, marketplace, options = page.connection.client_options()
        self.client = Client(credentials, marketplace, **options, clock=clock, token_cache=TokenCache(clock))
        self.database = Database(folder / "purchase-orders.db")
        self.ledger = SqliteLedger(folder / "ledger.db", clock=clock)
        self.serials = SqliteSerials(folder / "serials.db", clock=clock)
        self.offers = SqliteOffers(folder / "offers.db")
        self.bulk = BulkBuy(self.offers, stages=page.stages, tolerance=page.tolerance, clock=clock)

    def close(self) -> None:
        """Close what is open."""
        for each in (self.client, self.offers, self.serials, self.ledger, self.database.connection):
            each.close()

    def imports(self) -> PurchaseOrderImport:
        """Return the import, by the switches of the page."""
        return PurchaseOrderImport(
            self.client.vendor,
            FileCheckpoint(self.folder / "checkpoint.json"),
            settings=self.page.connection.vendor(),
            known=self.database.known,
        )

    def fresh(self, number: str) -> ImportedOrder:
        """Return an order as Amazon has it now."""
        found = self.imports().get(number)
        self.database.put([found])
        return found

    def centres(self) -> FulfilmentCentres:
        """Return the fulfilment centres that are known, with those of the orders here."""
        return FulfilmentCentres().learn(each.purchase_order for each in self.database.orders())

    def submitted(self, document: Acknowledgement | asn.Asn) -> Submission:
        """Submit a document, and wait until Amazon shows what has become of it."""
        vendor = self.client.vendor
        submission = vendor.submit(document, ledger=self.ledger)  # it is on the disk before it is sent
        return vendor.wait(submission, ledger=self.ledger, timeout=timedelta(hours=1))


def lines_of(order: Order) -> list[OrderItem]:
    """Return the lines of an order that Amazon has not cancelled."""
    lines = order.order_details.items if order.order_details else []
    return [line for line in lines if line.ordered_quantity.amount]


def import_orders(office: Office) -> None:
    """Import what is new or changed, put it into the shop's words, and say what no rule covers."""
    count = 0
    for batch in office.imports().batches():
        office.database.put(batch)
        batch.commit()  # what is not committed comes again
        count += len(batch.items)
    page, centres, orders = office.page, office.centres(), office.database.orders()
    mapped = [page.mappings.order(each, marketplace=page.marketplace, centres=centres) for each in orders]
    statuses = Counter((each.main_status, each.payment_status) for each in mapped)
    print(f"Imported {count} purchase orders; here are now:")
    for (main, payment), amount in sorted(statuses.items()):
        print(f"  {amount:>4} {main}, payment {payment}")
    for value in met(mapped):
        print(f"  no rule of {value.table} covers {value.value}: {value.times} times, as in {value.example}")


def match_offers(office: Office) -> OfferMatch:
    """Find the purchase orders that belong to approved offers: none is older than the first offer."""
    since = min((kept.received_at for kept in office.bulk.offers()), default=office.clock.now())
    found = office.bulk.match(
        order
        for order in (each.purchase_order for each in office.database.orders())
        if order.order_details and order.order_details.purchase_order_date >= since
    )
    numbers = {each.purchase_order for each in found.matched}
    print(f"Of {len(numbers)} purchase orders, {len(found.matched)} lines belong to offers")
    return found


def decide(office: Office, number: str, stage: str, by: str) -> None:
    """Approve an offer at a stage; when its approval has ended, write the response, to be sent."""
    kept = office.bulk.approve(number, stage, by=by)
    print(f"Offer {number}: {kept.state.value}{f', {kept.next_stage} is next' if kept.next_stage else ''}")
    if kept.state is OfferState.APPROVED:
        path = office.bulk.response(number).save(office.folder)
        print(f"  the response is in {path.name}: send it, since no API takes it")


def answers_to(office: Office, order: Order) -> Acknowledgement:
    """Answer every line: what an approved offer promises and what is in stock, and the rest never."""
    promised: Counter[str] = Counter()
    for each in match_offers(office).matched:
        if each.purchase_order == order.purchase_order_number.strip():
            promised[each.line] += each.quantity
    answers = Acknowledgement.of(order, accept_po_cost=True)
    for line in lines_of(order):
        number, ordered = line.item_sequence_number, line.ordered_quantity.amount or 0
        is_promised = promised[number] >= ordered * (line.ordered_quantity.unit_size or 1)
        accepted = ordered if is_promised else min(ordered, office.page.in_stock)
        answers.accept(number, accepted)
        if accepted < ordered:
            answers.reject(number, office.page.rejection_reason)
    return answers


def packed(office: Office, lines: Sequence[asn.OpenLine]) -> asn.Load:
    """Pack what was accepted by the ASN template: cases as they are, pieces together."""
    template = office.page.template
    filled = asn.fill_cartons(lines)
    cartons = list(filled.cartons)
    inside: list[asn.Content] = []
    for loose in filled.loose:
        if sum(each.amount for each in inside) + loose.amount > template["pieces_in_carton"]:
            cartons.append(asn.PackedCarton(contents=tuple(inside)))
            inside = []
        inside.append(asn.Content(line=loose.line, amount=loose.amount))
    if inside:
        cartons.append(asn.PackedCarton(contents=tuple(inside)))
    load = asn.stack(cartons, template["cartons_on_pallet"], size=asn.Size.of(*template["pallet"]))
    return load.coded(SsccIssuer(office.serials, office.page.gs1_prefix))


def notice_for(office: Office, order: Order) -> asn.Asn:
    """Pack an order, and make its shipment confirmation."""
    page, now = office.page, office.clock.now()
    context = RuleContext(
        now=now,
        region=RuleRegion.of(Marketplace.find(page.marketplace)),
        orders=[order],
        freight=ShipmentFreightTerm.PREPAID,
        history=office.client.vendor.history(ledger=office.ledger),
        own_prefixes=(page.gs1_prefix,),
    )
    builder = asn.AsnBuilder(context, page.ship_from)
    number = order.purchase_order_number.strip()
    dispatch = asn.Dispatch(
        identifier=f"S-{number}",
        shipment_type=ShipmentType(page.template["shipment_type"]),
        shipped_at=now,
        arrives_at=now + timedelta(days=page.template["transit_days"]),
        bill_of_lading=f"BOL{number}",
        pro_number=f"PRO{number}",
        carrier_scac=page.template["carrier_scac"],
    )
    return builder.original(dispatch, packed(office, builder.lines), at=now)


def print_papers(office: Office, notice: asn.Asn, order: Order) -> None:
    """Print labels and documents from the very confirmation that is submitted."""
    wanted = office.page.documents
    packing = Packing.of(notice, orders=[order])
    files = [
        pdf_labels(packing, size=wanted["label_size"]),
        zpl_labels(packing, size=wanted["label_size"], dpi=wanted["dpi"]),
        *pdf_documents(packing, paper=wanted["paper"]),
    ]
    for file in files:
        file.save(office.papers)
    print(f"Printed {len(files)} files for {len(packing.cartons)} cartons on {len(packing.pallets)} pallets:")
    for file in files:
        print(f"  {file.name}")


def answer_and_ship(office: Office, number: str) -> None:
    """Answer an order and, once Amazon has taken the answers, ship what was accepted."""
    imported = office.fresh(number)
    details = imported.purchase_order.order_details
    if details is None or details.delivery_window is None:
        raise InvalidRequestError(
            "Amazon picks it up, and wants a routing request first: choose one that you deliver",
            path="--order",
        )
    submission = office.submitted(answers_to(office, imported.purchase_order))
    tell_order(office, number, submission)
    if not isinstance(submission.outcome, Taken):
        print("Nothing is shipped before Amazon has taken the answers.")
        return
    order = office.fresh(number).purchase_order  # it may have changed
    notice = notice_for(office, order)
    print_papers(office, notice, order)
    sent = office.submitted(notice)
    print(f"Shipped as {sent.reference}; Amazon: {type(sent.outcome).__name__.lower()}")


def tell_order(office: Office, number: str, submission: Submission) -> None:
    """Say what the order is in the shop's words, with the credits for what was rejected."""
    page = office.page
    mapped = page.mappings.order(
        office.fresh(number),
        marketplace=page.marketplace,
        answers=submission.acknowledgement,
        centres=office.centres(),
    )
    print(
        f"Answered {number} for {mapped.ship_to_party_ref}: {mapped.main_status}, payment"
        f" {mapped.payment_status}, {mapped.payment_type}, tax {mapped.tax_rate} %;"
        f" Amazon: {type(submission.outcome).__name__.lower()}"
    )
    credits: Counter[str] = Counter()
    for credit in mapped.credits:
        credits[credit.reason] += credit.quantity or 0
    for reason, amount in credits.items():
        print(f"  credit for {reason}: {amount} cases and pieces")


def compare(office: Office, number: str) -> None:
    """Compare what was ordered, answered, sent and received."""
    imported = office.fresh(number)
    report = three_way_match(
        [imported.purchase_order],
        history=office.client.vendor.history(ledger=office.ledger),
        statuses=[imported.status] if imported.status else [],
        at=office.clock.now(),
        patience=PATIENCE,
    )
    received = sum(line.received or 0 for line in report.lines)
    shipped = sum(line.shipped or 0 for line in report.lines)
    print(f"Received {received} of {shipped} pieces of {number}")
    print(report.to_text(), end="")


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


def trial(page: Path, folder: Path) -> None:
    """Play all of it on a local SP-API, on which time passes as fast as it is waited for."""
    # imported here: it belongs to an extra
    from spshipping.sandbox import PurchaseOrderSupply, Sandbox

    supply = PurchaseOrderSupply(count=80, days=20, seed=27)
    with Sandbox(purchase_orders=supply) as sandbox:
        clock = TrialClock(sandbox.clock)
        facts = {**sandbox.credentials, "endpoint": sandbox.url, "token_url": sandbox.token_url}
        with contextlib.closing(Office(Page.read(page, **facts), folder, clock)) as office:
            import_orders(office)
            office.bulk.receive(offers_from_csv(deal_of(office)))
            for stage, person in zip(office.page.stages, ("m.lopez", "k.tanaka"), strict=False):
                decide(office, "D-17", stage, person)
            print("… two days pass")
            clock.sleep(timedelta(days=2).total_seconds())
            import_orders(office)
            number = largest_new(office)
            answer_and_ship(office, number)
            print("… the truck is on its way, and is unloaded")
            clock.sleep(timedelta(days=5).total_seconds())
            compare(office, number)
            # what Amazon would charge; Amazon itself shows it in Vendor Central only
            print(f"Defects: {', '.join(each.message for each in sandbox.receiving.defects()) or 'none'}")


def deal_of(office: Office) -> str:
    """Return an offer of what Amazon orders most, as a file has it; a real one comes from a negotiation."""
    wanted: Counter[str] = Counter()
    prices: dict[str, Decimal] = {}
    for imported in office.database.orders():
        for line in lines_of(imported.purchase_order):
            if line.amazon_product_identifier and line.net_cost and line.net_cost.amount:
                wanted[line.amazon_product_identifier] += 1
                prices[line.amazon_product_identifier] = line.net_cost.amount
    rows = [f"D-17,{asin},5000,{prices[asin]},USD" for asin, _ in wanted.most_common(10)]
    return "\n".join(["offer,asin,quantity,price,currency", *rows])


def largest_new(office: Office) -> str:
    """Return the number of the order with most lines that waits for an answer and is to be delivered."""
    waiting = [
        order
        for order in (each.purchase_order for each in office.database.orders())
        if order.purchase_order_state == PurchaseOrderState.NEW
        and order.order_details
        and order.order_details.delivery_window
        and all(line.net_cost for line in lines_of(order))
        and len(lines_of(order)) <= MOST_LINES
    ]
    return max(waiting, key=lambda order: len(lines_of(order))).purchase_order_number


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Run a vendor's connection by its page of settings.")
    parser.add_argument("page", nargs="?", type=Path, help="the page, as TOML (the one beside this file)")
    parser.add_argument("--trial", action="store_true", help="play it on a local SP-API")
    parser.add_argument("--folder", type=Path, help="where everything is kept (here; a trial: nowhere)")
    parser.add_argument("--offers", type=Path, help="receive bulk buy offers, CSV or JSON")
    parser.add_argument("--approve", nargs=3, metavar=("OFFER", "STAGE", "BY"), help="approve an offer")
    parser.add_argument("--order", help="the purchase order to answer and to ship")
    parser.add_argument("--compare", help="the purchase order to compare with what was received")
    wanted = parser.parse_args(given)
    if wanted.page is None and not wanted.trial:
        parser.error("state the page, or --trial")
    return wanted


def run(office: Office, wanted: argparse.Namespace) -> None:
    """Import, and do what the command line says."""
    import_orders(office)
    if wanted.offers:
        print(f"Received: {', '.join(office.bulk.receive(read_offers(wanted.offers)).new) or 'nothing new'}")
    if wanted.approve:
        decide(office, *wanted.approve)
    if wanted.order:
        answer_and_ship(office, wanted.order)
    if wanted.compare:
        compare(office, wanted.compare)


def main(given: Sequence[str] | None = None, clock: Clock | None = None, **connection: str) -> int:
    """Do what the command line says; return the exit code: 0, or 1 for an error."""
    wanted = arguments(given)
    try:
        if wanted.trial:
            with tempfile.TemporaryDirectory() as folder:
                trial(wanted.page or PAGE, wanted.folder or Path(folder))
            return 0
        page = Page.read(wanted.page, **connection)
        with contextlib.closing(Office(page, wanted.folder or Path(), clock or SystemClock())) as office:
            run(office, wanted)
    except SpShippingError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    sys.exit(main())
