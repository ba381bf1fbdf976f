"""`spshipping vendor ship`: announces a shipment to Amazon."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

import click

from spshipping import to_dict
from spshipping.cli.console import new_console, print_paragraph
from spshipping.cli.sync import span
from spshipping.cli.vendor.command import DONE, as_json_option, print_json
from spshipping.cli.vendor.findings import finding_dict, print_findings
from spshipping.cli.vendor.office import Office, Subject, last_said, with_office
from spshipping.cli.vendor.packing import PackingFile
from spshipping.cli.vendor.prepared import Prepared, keep, prepared
from spshipping.cli.vendor.submissions import (
    Sending,
    Sent,
    again,
    check_can_ask,
    number_of,
    print_sent,
    submit,
    waited,
)
from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.vendor.acknowledge import NotSent, Refused, Submission
from spshipping.vendor.asn import Asn, AsnBuilder, Load
from spshipping.vendor.ledger.entry import Entry, SubmissionKind
from spshipping.vendor.orders import Order
from spshipping.vendor.rules import RuleContext
from spshipping.vendor.rules.packing import order_party
from spshipping.vendor.shipments import ShipmentFreightTerm
from spshipping.vendor.sscc import SqliteSerials, SsccIssuer

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("packing", type=_FILE)
@click.option("--template", type=_FILE, help="A JSON or TOML file with what PACKING does not say.")
@click.option(
    "--replace", "is_replacement", is_flag=True, help="Replace what was submitted for the shipment."
)
@click.option("--overrule", multiple=True, metavar="RULE", help="A rule whose errors do not prevent it.")
@click.option("--raise", "raised", multiple=True, metavar="RULE", help="A rule whose warnings prevent it.")
@click.option("--dry-run", is_flag=True, help="Pack, check by the rules, show it, and submit nothing.")
@click.option("--wait", type=span, help="Wait so long, such as 1h, until the outcome is known.")
@click.option("--yes", "is_agreed", is_flag=True, help="Submit without asking; needed without a terminal.")
@as_json_option
@with_office
def ship(
    office: Office,
    packing: Path,
    template: Path | None,
    *,
    is_replacement: bool,
    overrule: Sequence[str],
    raised: Sequence[str],
    dry_run: bool,
    wait: timedelta | None,
    is_agreed: bool,
    as_json: bool,
) -> None:
    """Submit the shipment confirmation (ASN) of what the file PACKING says, JSON or TOML.

    Each carton and pallet without a code gets an SSCC, and keeps it: what was prepared is kept in the folder,
    and the same command again submits nothing again. There is neither a draft nor a cancellation at Amazon.

    The exit code is 0 if it is submitted; with --wait, if Amazon has taken it; with --dry-run, if no rule
    forbids it. It is 1 if it was not submitted; 3 if it is not known whether it arrived or, with --wait, what
    has become of it; 4 if Amazon refused it, or it did not reach Amazon.
    """
    if not dry_run:
        check_can_ask(is_agreed=is_agreed)
    shipping = Shipping.of(office, PackingFile.read(packing, template), is_replacement=is_replacement)
    context = click.get_current_context()
    sent = None if dry_run else shipping.again(office)
    if sent is None:
        load, asn, kept = shipping.prepare(office, overrule)
        if dry_run:
            _show(kept, load, asn, as_json=as_json)
            context.exit(DONE)
        if not is_agreed:
            _print_load(load, asn)
        sent = submit(
            office,
            Sending(asn, shipping.subject, number_of(shipping.history)),
            is_agreed=is_agreed,
            question=shipping.question,
            overrule=overrule,
            raised=raised,
        )
        _note_codes(office, shipping.packing, load)
    sent = waited(office, sent, wait)
    context.exit(print_sent(sent, as_json=as_json, has_waited=wait is not None))


class Shipping(NamedTuple):
    """A shipment that is to be announced, and what was announced of it before."""

    packing: PackingFile
    orders: tuple[Order, ...]
    subject: Subject
    history: Sequence[Entry]
    prepared: Prepared | None
    is_replacement: bool

    @classmethod
    def of(cls, office: Office, packing: PackingFile, *, is_replacement: bool) -> Self:
        """Read the purchase orders of a packing file.

        Raises:
            SpShippingError: one cannot be read.
        """
        orders = tuple(office.fresh(number).purchase_order for number in packing.orders)
        # one that is not there is refused by the builder, which names the order
        code = order_party(orders[0], "selling_party") or ""
        subject = Subject(SubmissionKind.SHIPMENT_CONFIRMATION, code, packing.dispatch.identifier)
        history = office.history(subject)
        return cls(packing, orders, subject, history, prepared(office, packing), is_replacement)

    @property
    def last(self) -> Submission | None:
        """What was submitted last, and may be with Amazon."""
        found = last_said(self.history)
        return None if found is None or isinstance(found.outcome, Refused | NotSent) else found

    @property
    def question(self) -> str:
        """What is asked before it is submitted."""
        replaced = ", in place of what was submitted before" if self.is_replacement else ""
        return f"Submit the shipment {self.subject.reference}{replaced}? Amazon has no cancellation of it."

    def again(self, office: Office) -> Sent | None:
        """Look at it where the same was submitted before; None where it was not, or did not arrive.

        Raises:
            InvalidRequestError: something else was submitted for the shipment, and it is not to be replaced.
        """
        last = self.last
        if last is not None and self.prepared is not None and self.prepared.is_same_as(last.body):
            return again(office, last)
        if last is not None and not self.is_replacement:
            raise InvalidRequestError(
                "was submitted before, from another packing file: give --replace to lower what it said, or"
                " give this shipment another identifier",
                path="identifier",
            )
        return None

    def prepare(self, office: Office, overrule: Sequence[str]) -> tuple[Load, Asn, Prepared]:
        """Pack, build the confirmation, and keep both.

        Raises:
            SpShippingError: it cannot be packed, or a rule forbids it; then nothing is kept.
        """
        # alone, and looking once more: two commands at once give the same shipment the same codes
        with office.alone():
            shipping = self._replace(prepared=prepared(office, self.packing))
            load = shipping.load(office, overrule)
            asn = shipping.asn(office, load, overrule)
            return load, asn, keep(office, self.packing, load, asn)

    def load(self, office: Office, overrule: Sequence[str]) -> Load:
        """Return what is packed, each carton and pallet with a code.

        Raises:
            SpShippingError: it cannot be packed, or no code can be issued.
        """
        if self.prepared is not None:
            return self.prepared.load
        packed = self.packing.packed
        if packed is None:
            assert self.packing.fill is not None  # noqa: S101 - a packing file has one of the two
            packed = self.packing.fill.load(self._builder(office, overrule).lines)
        if all(container.is_coded for container in (*packed.all_cartons(), *packed.pallets)):
            return packed
        prefix = self.packing.gs1_prefix
        if prefix is None:
            raise ConfigurationError(
                "gs1_prefix is missing: your GS1 company prefix, of which the codes of cartons and pallets"
                " are made; or state a code for each"
            )
        with SqliteSerials(office.folder / "serials.db", clock=office.clock) as serials:
            # one by one: what is left of a block is lost when the command ends
            return packed.coded(SsccIssuer(serials, prefix, block=1))

    def asn(self, office: Office, load: Load, overrule: Sequence[str]) -> Asn:
        """Build the confirmation.

        Raises:
            InvalidRequestError: a rule forbids it, with the carton or pallet.
        """
        builder = self._builder(office, overrule)
        build = builder.replacement if self.is_replacement else builder.original
        return build(self.packing.dispatch, load, at=office.now)

    def _builder(self, office: Office, overrule: Sequence[str]) -> AsnBuilder:
        prefix = self.packing.gs1_prefix
        context = RuleContext(
            now=office.now,
            region=office.region,
            orders=self.orders,
            freight=self.packing.freight or freight_of(self.orders),
            history=office.client.vendor.history(ledger=office.ledger),
            perishable=self.packing.perishable,
            own_prefixes=() if prefix is None else (prefix,),
        )
        return AsnBuilder(context, self.packing.ship_from, overrule=overrule)


def freight_of(orders: Sequence[Order]) -> ShipmentFreightTerm | None:
    """Return who pays the freight, as far as the windows of the orders show it."""
    found = set()
    for order in orders:
        details = order.order_details
        windows = (details and details.ship_window, details and details.delivery_window)
        found.add((bool(windows[0]), bool(windows[1])))
    terms = {(True, False): ShipmentFreightTerm.COLLECT, (False, True): ShipmentFreightTerm.PREPAID}
    return terms.get(found.pop()) if len(found) == 1 else None


def _note_codes(office: Office, packing: PackingFile, load: Load) -> None:
    """Note when the codes were shipped: 365 days later their numbers may be used again."""
    if packing.gs1_prefix is None:
        return
    with SqliteSerials(office.folder / "serials.db", clock=office.clock) as serials:
        issuer = SsccIssuer(serials, packing.gs1_prefix)
        for code in load.sscc_codes():
            issuer.shipped(code, packing.dispatch.shipped_at)


def _show(kept: Prepared, load: Load, asn: Asn, *, as_json: bool) -> None:
    """Print what would be submitted."""
    if as_json:
        facts: dict[str, Any] = {
            "shipment": asn.confirmation.shipment_identifier,
            "is_submitted": False,
            "cartons": sum(1 for _ in load.all_cartons()),
            "pallets": len(load.pallets),
            "findings": [finding_dict(each) for each in asn.warnings],
            "prepared": str(kept.path),
            "document": to_dict(asn.confirmation),
        }
        print_json(facts)
        return
    _print_load(load, asn)
    print_findings(asn.warnings)
    console = new_console()
    print_paragraph(console, f"It is prepared, with its codes, in {kept.path}")
    print_paragraph(console, "Nothing was submitted.")


def _print_load(load: Load, asn: Asn) -> None:
    document = asn.confirmation
    cartons = sum(1 for _ in load.all_cartons())
    structure = document.shipment_structure
    click.echo(
        f"{document.shipment_identifier}, to {document.ship_to_party.party_id}: {cartons} cartons"
        f" on {len(load.pallets)} pallets, {structure.value if structure else 'of no structure'}",
        err=True,
    )
