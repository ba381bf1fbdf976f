"""`spshipping vendor acknowledge`: answers the lines of a purchase order."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import click

from spshipping import to_dict
from spshipping.cli.console import new_console, print_paragraph
from spshipping.cli.sync import span
from spshipping.cli.vendor.answers import apply, read_answers, read_prices
from spshipping.cli.vendor.command import DONE, FAILED, as_json_option, print_json
from spshipping.cli.vendor.findings import finding_dict, has_errors, print_findings, unchecked_dict
from spshipping.cli.vendor.office import Office, Subject, last_said, with_office
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
from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge import Acknowledgement, NotSent, Refused
from spshipping.vendor.acknowledge.rules import known_of
from spshipping.vendor.acknowledge.said import check_update, only_acknowledgement, said_before, said_of
from spshipping.vendor.ledger.entry import Entry, SubmissionKind
from spshipping.vendor.orders import OrderAcknowledgement
from spshipping.vendor.rules import lint, unchecked
from spshipping.wire.convert import dumps

_FILE = click.Path(dir_okay=False, path_type=Path)


class Wanted(NamedTuple):
    """What the options of the command say about the answers."""

    answers: Path | None
    prices: Path | None
    accept_all: bool
    accept_po_cost: bool
    is_update: bool


@click.command()
@click.argument("number")
@click.option(
    "--accept-all", is_flag=True, help="Accept every line; with --answers, what the file leaves open."
)
@click.option("--answers", type=_FILE, help="A CSV or JSON file with answers to the lines.")
@click.option("--prices", type=_FILE, help="A CSV or JSON file with what you will invoice: product, cost.")
@click.option("--accept-po-cost", is_flag=True, help="Take the order's cost where there is no other price.")
@click.option(
    "--update", "is_update", is_flag=True, help="Begin with what was answered last, and change that."
)
@click.option("--overrule", multiple=True, metavar="RULE", help="A rule whose errors do not prevent it.")
@click.option("--raise", "raised", multiple=True, metavar="RULE", help="A rule whose warnings prevent it.")
@click.option("--dry-run", is_flag=True, help="Check by the rules, show it, and submit nothing.")
@click.option("--wait", type=span, help="Wait so long, such as 1h, until the outcome is known.")
@click.option("--yes", "is_agreed", is_flag=True, help="Submit without asking; needed without a terminal.")
@as_json_option
@with_office
def acknowledge(
    office: Office,
    number: str,
    *,
    accept_all: bool,
    answers: Path | None,
    prices: Path | None,
    accept_po_cost: bool,
    is_update: bool,
    overrule: Sequence[str],
    raised: Sequence[str],
    dry_run: bool,
    wait: timedelta | None,
    is_agreed: bool,
    as_json: bool,
) -> None:
    """Answer the lines of the purchase order NUMBER: accepted, back-ordered or rejected.

    The order is read from Amazon, and the answers are checked by the rules. It asks before it submits. The
    same command again submits nothing again: it looks at what has become of it.

    The exit code is 0 if it is submitted; with --wait, if Amazon has taken it; with --dry-run, if no rule
    forbids it. It is 1 if it was not submitted; 3 if it is not known whether it arrived or, with --wait, what
    has become of it; 4 if Amazon refused it, or it did not reach Amazon.
    """
    wanted = Wanted(answers, prices, accept_all, accept_po_cost, is_update)
    if not (accept_all or answers):
        raise click.UsageError("Give --accept-all, or --answers FILE.")
    if not dry_run:
        check_can_ask(is_agreed=is_agreed)
    found = Answering.of(office, number, wanted)
    context = click.get_current_context()
    if dry_run:
        context.exit(_show(office, found, overrule, raised, as_json=as_json))
    sent = found.again(office)
    if sent is None:
        if not is_agreed:
            _print_answers(found)
        sending = Sending(found.answers, found.subject, number_of(found.history))
        sent = submit(
            office,
            sending,
            is_agreed=is_agreed,
            question=found.question,
            overrule=overrule,
            raised=raised,
        )
    sent = waited(office, sent, wait)
    context.exit(print_sent(sent, as_json=as_json, has_waited=wait is not None))


class Answering(NamedTuple):
    """The answers to an order, and what was answered before."""

    answers: Acknowledgement
    subject: Subject
    history: Sequence[Entry]

    @classmethod
    def of(cls, office: Office, number: str, wanted: Wanted) -> "Answering":
        """Read the order, and answer it.

        Raises:
            SpShippingError: the order cannot be read, or an answer is not possible.
        """
        rows = None if wanted.answers is None else read_answers(wanted.answers)
        prices = None if wanted.prices is None else read_prices(wanted.prices)
        order = office.fresh(number.strip()).purchase_order
        begun = Acknowledgement.of(order, prices=prices, accept_po_cost=wanted.accept_po_cost)
        subject = Subject(SubmissionKind.ACKNOWLEDGEMENT, begun.vendor_code, begun.purchase_order_number)
        history = office.history(subject)
        if wanted.is_update:
            last = last_said(history)
            if last is None:
                raise InvalidRequestError("nothing was answered yet: leave it out", path="--update")
            begun = Acknowledgement.of(
                order, prices=prices, accept_po_cost=wanted.accept_po_cost, update=last.acknowledgement
            )
        if rows is not None:
            apply(begun, rows, is_update=wanted.is_update)
        if wanted.accept_all:
            begun.accept_all()
        return cls(begun, subject, history)

    @property
    def question(self) -> str:
        """What is asked before it is submitted."""
        last = last_said(self.history)
        replaced = "" if last is None else ", in place of what was answered before"
        return f"Submit these answers to {self.subject.reference}{replaced}?"

    def again(self, office: Office) -> Sent | None:
        """Look at it where the same was submitted before; None where it was not, or did not arrive."""
        last = last_said(self.history)
        if last is None or isinstance(last.outcome, Refused | NotSent):
            return None
        same = self.answers.to_request(at=last.acknowledgement.acknowledgement_date)
        return again(office, last) if dumps(same).decode() == last.body else None


def _show(
    office: Office, found: Answering, overrule: Sequence[str], raised: Sequence[str], *, as_json: bool
) -> int:
    """Print what would be submitted, and what rules say of it; return the exit code."""
    context = office.client.context
    document = only_acknowledgement(found.answers.to_request(at=context.clock.now()))
    if "L-013" not in overrule:
        check_update(said_before(found.history), said_of(document))
    known = known_of(context, found.answers.order, found.history)
    findings = lint(document, known, raise_to_error=raised, overrule=overrule)
    if as_json:
        print_json(
            {
                "order": found.subject.reference,
                "is_submitted": False,
                "findings": [finding_dict(each) for each in findings],
                "unchecked": unchecked_dict(unchecked(document, known)),
                "document": to_dict(document),
            }
        )
    else:
        _print_answers(found)
        print_findings(findings)
        print_paragraph(new_console(), "Nothing was submitted.")
    return FAILED if has_errors(findings) else DONE


def _print_answers(found: Answering) -> None:
    """Print, on standard error, how much is accepted, promised for later and rejected."""
    document = only_acknowledgement(found.answers.to_request())
    click.echo(f"{found.subject.reference}, for {found.subject.vendor_code}:", err=True)
    for code, (lines, amount) in _sums(document).items():
        click.echo(f"  {code}: {amount} of {lines} line{'s' if lines != 1 else ''}", err=True)


def _sums(document: OrderAcknowledgement) -> dict[str, tuple[int, int]]:
    lines: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for item in document.items:
        for answer in item.item_acknowledgements:
            code: str = answer.acknowledgement_code.value
            lines[code] += 1
            amounts[code] += answer.acknowledged_quantity.amount or 0
    return {code: (lines[code], amounts[code]) for code in lines}
