"""`spshipping vendor offers`: bulk buy offers, their approval, and their purchase orders."""

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spshipping.cli.console import HelpContext, new_console, print_paragraph, print_table
from spshipping.cli.vendor.command import as_json_option, print_json
from spshipping.cli.vendor.office import Office, failing_on, with_office
from spshipping.wire.times import write_time

if TYPE_CHECKING:
    from spshipping.vendor.tools.offers import BulkBuy, KeptOffer, LineDecision, OfferMatch

_FILE = click.Path(dir_okay=False, path_type=Path)
_MOST_PERCENT = 100
_TAKEN = re.compile(r"(\d{1,9})=(\d{1,9})", re.ASCII)


@click.group()
def offers() -> None:
    """Keep bulk buy offers: deals that are agreed before their purchase orders exist.

    No API of Amazon's knows offers: they come as files, and you send the response yourself.
    """


offers.context_class = HelpContext


def _bulk(office: Office, **options: Any) -> "BulkBuy":
    from spshipping.vendor.tools.offers import BulkBuy, SqliteOffers

    ledger = office.opened(SqliteOffers(office.folder / "offers.db"))
    return BulkBuy(ledger, clock=office.clock, **options)


@offers.command()
@click.argument("file", type=_FILE)
@click.option(
    "--stage",
    "stages",
    multiple=True,
    default=("approval",),
    show_default=True,
    help="A stage of their approval, in order; give it several times for several.",
)
@as_json_option
@with_office
def receive(office: Office, file: Path, stages: Sequence[str], *, as_json: bool) -> None:
    """Note the offers in FILE, JSON or CSV: offer, quantity, price, currency, and asin or product.

    The exit code is 0 if all of them are noted, also before; 1 if none is.
    """
    from spshipping.vendor.tools.offers import read_offers

    found = _bulk(office, stages=stages).receive(read_offers(file))
    if as_json:
        print_json({"new": list(found.new), "known": list(found.known)})
    else:
        console = new_console()
        print_paragraph(console, f"✓ {len(found.new)} new: {', '.join(found.new) or '–'}")
        if found.known:
            print_paragraph(console, f"Known before: {', '.join(found.known)}")


@offers.command("list")
@click.option("--open", "is_open", is_flag=True, help="Only those whose approval has not ended.")
@as_json_option
@with_office
def list_offers(office: Office, *, is_open: bool, as_json: bool) -> None:
    """List the offers, and which stage decides next. The exit code is 0."""
    found = [kept for kept in _bulk(office).offers() if not is_open or kept.next_stage]
    if as_json:
        for kept in found:
            print_json(_kept_dict(kept))
        return
    rows = [
        (
            kept.offer.number,
            kept.offer.deal_code or "–",
            str(len(kept.offer.lines)),
            kept.state.value,
            kept.next_stage or "",
        )
        for kept in found
    ]
    print_table(
        new_console(), ("offer", "deal code", "lines", "state", "decides next"), rows, right=("lines",)
    )


@offers.command("show")
@click.argument("number")
@as_json_option
@with_office
def show_offer(office: Office, number: str, *, as_json: bool) -> None:
    """Show the offer NUMBER, who decided what, and what is taken. The exit code is 0, or 1 without it."""
    _print_kept(_bulk(office).offer(number), as_json=as_json)


@offers.command()
@click.argument("number")
@click.argument("stage")
@click.option("--by", required=True, help="Who decides: it is kept, and is in no response.")
@click.option(
    "--take",
    "taken",
    multiple=True,
    metavar="LINE=PIECES",
    help="Take less of a line than was offered; 0 declines it.",
)
@click.option("--reason", help="Why less is taken: it is in the response.")
@click.option("--note", help="A remark, which is in no response.")
@as_json_option
@with_office
def approve(
    office: Office,
    number: str,
    stage: str,
    by: str,
    taken: Sequence[str],
    reason: str | None,
    note: str | None,
    *,
    as_json: bool,
) -> None:
    """Approve the offer NUMBER at STAGE, which is the one that decides now; at the last one it is approved.

    The exit code is 0 if it is decided, else 1.
    """
    lines = _lines(taken, reason)
    _print_kept(_bulk(office).approve(number, stage, by=by, lines=lines, note=note), as_json=as_json)


@offers.command()
@click.argument("number")
@click.argument("stage")
@click.option("--by", required=True, help="Who decides: it is kept, and is in no response.")
@click.option("--reason", help="Why: it is in the response.")
@as_json_option
@with_office
def decline(office: Office, number: str, stage: str, by: str, reason: str | None, *, as_json: bool) -> None:
    """Decline the offer NUMBER at STAGE, which is the one that decides now: its approval ends.

    The exit code is 0 if it is decided, else 1.
    """
    _print_kept(_bulk(office).decline(number, stage, by=by, reason=reason), as_json=as_json)


@offers.command()
@click.argument("number")
@click.option(
    "--to", "path", required=True, type=_FILE, help="The file: JSON where its name ends so, else CSV."
)
@as_json_option
@with_office
def response(office: Office, number: str, path: Path, *, as_json: bool) -> None:
    """Write the response to the offer NUMBER, line by line, to send it. Its approval must have ended.

    The exit code is 0 if it is written, else 1.
    """
    found = _bulk(office).response(number)
    with failing_on(path):
        written = found.save(path)
    if as_json:
        print_json({"path": str(written), **found.to_dict()})
    else:
        print_paragraph(new_console(), f"✓ {written}")


def percent(text: str) -> Decimal:
    """Read a percentage."""
    if not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", text, re.ASCII) or Decimal(text) > _MOST_PERCENT:
        raise click.BadParameter(f"{text!r} is no number from 0 to 100")
    return Decimal(text)


@offers.command("match")
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--price-tolerance", type=percent, default="0", help="By how many percent a price may differ.")
@click.option("--quantity-tolerance", type=percent, default="0", help="How many percent more may be ordered.")
@click.option("--to", "path", type=_FILE, help="Also write all of it as CSV.")
@as_json_option
@with_office
def match_offers(
    office: Office,
    numbers: Sequence[str],
    price_tolerance: Decimal,
    quantity_tolerance: Decimal,
    path: Path | None,
    *,
    as_json: bool,
) -> None:
    """Match imported purchase orders to approved offers: those with NUMBER, or all that are imported.

    The exit code is 0, whatever is matched.
    """
    from spshipping.vendor.tools.offers import Tolerance

    tolerance = Tolerance(price=price_tolerance / 100, quantity=quantity_tolerance / 100)
    chosen = [each.order for each in office.chosen(numbers)]
    found = _bulk(office, tolerance=tolerance).match(chosen)
    if path is not None:
        office.write(path, found.to_csv())
    if as_json:
        print_json(found.to_dict())
    else:
        _print_match(found)


@offers.command()
@click.argument("number")
@as_json_option
@with_office
def release(office: Office, number: str, *, as_json: bool) -> None:
    """Take back what was matched of the purchase order NUMBER. The exit code is 0."""
    _bulk(office).release(number)
    if as_json:
        print_json({"released": number})
    else:
        print_paragraph(new_console(), f"✓ Nothing of {number} belongs to an offer.")


def _lines(taken: Sequence[str], reason: str | None) -> "dict[int, LineDecision]":
    from spshipping.vendor.tools.offers import LineDecision

    found = {}
    for text in taken:
        parts = _TAKEN.fullmatch(text)
        if parts is None:
            raise click.BadParameter(
                f"{text!r} is not like 2=40: the line, and the pieces", param_hint="--take"
            )
        found[int(parts[1])] = LineDecision(quantity=int(parts[2]), reason=reason)
    return found


def _kept_dict(kept: "KeptOffer") -> dict[str, Any]:
    offer = kept.offer
    return {
        "offer": offer.number,
        "deal_code": offer.deal_code,
        "vendor_code": offer.vendor_code,
        "currency": offer.currency,
        "state": kept.state.value,
        "next_stage": kept.next_stage,
        "received_at": write_time(kept.received_at),
        "stages": list(kept.stages),
        "approvals": [
            {
                "stage": each.stage,
                "at": write_time(each.at),
                "by": each.by,
                "is_approved": each.is_approved,
                "note": each.note,
            }
            for each in kept.approvals
        ],
        "lines": [
            {
                "line": line.number,
                "asin": line.amazon_product_identifier,
                "product": line.vendor_product_identifier,
                "quantity": line.quantity,
                "price": str(line.price),
                "taken": kept.taken(line),
            }
            for line in offer.lines
        ],
    }


def _print_kept(kept: "KeptOffer", *, as_json: bool) -> None:
    facts = _kept_dict(kept)
    if as_json:
        print_json(facts)
        return
    console = new_console()
    waits = f", {kept.next_stage} decides next" if kept.next_stage else ""
    print_paragraph(console, f"{kept.offer.number}: {kept.state.value}{waits}")
    for each in facts["approvals"]:
        decided = "approved" if each["is_approved"] else "declined"
        print_paragraph(console, f"{each['stage']}: {decided} by {each['by']}, {each['at'][:16]}", indent=2)
    columns = ("line", "asin", "product", "quantity", "price", "taken")
    rows = [["" if value is None else str(value) for value in line.values()] for line in facts["lines"]]
    print_table(console, columns, rows, right=("quantity", "price", "taken"))


def _print_match(found: "OfferMatch") -> None:
    console = new_console()
    rows = [
        (
            each.purchase_order,
            each.line,
            each.offer,
            str(each.offer_line),
            str(each.quantity),
            f"by {each.matched_by.value}{f'; {each.deviation}' if each.deviation else ''}",
        )
        for each in found.matched
    ]
    rows += [
        (
            each.purchase_order,
            each.line,
            each.offer or "",
            "",
            str(each.quantity or ""),
            f"not matched: {each.reason.value}",
        )
        for each in found.unmatched
    ]
    rows += [
        ("", "", each.offer, str(each.offer_line), str(each.quantity), "nobody has ordered it yet")
        for each in found.open
    ]
    columns = ("order", "line", "offer", "its line", "pieces", "")
    print_table(console, columns, rows, right=("pieces",))
