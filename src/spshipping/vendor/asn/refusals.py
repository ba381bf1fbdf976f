"""Refuses a confirmation that breaks a rule, in the words of the load that it was built from."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.open_lines import OpenLine, normal
from spshipping.vendor.asn.packed import Load, Lot
from spshipping.vendor.asn.shipped import pieces_of, shipped_amounts
from spshipping.vendor.asn.stops import LineName, by_name, everything_in
from spshipping.vendor.rules.containers import sscc_digits
from spshipping.vendor.rules.context import RuleContext
from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.rules.rule import Finding, RuleRegion, Severity
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation

_CARTON = re.compile(r"cartons\[(\d+)\]")
_PALLET = re.compile(r"pallets\[(\d+)\]")


def refuse_errors(findings: Iterable[Finding], load: Load) -> None:
    """Raise what rules found that is an error, with the carton or pallet of the load."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        first, *others = errors
        message = f"{first.rule}: {first.message}: {first.remedy}"
        if others:
            message += "; and " + ", ".join(f"{each.rule} at {place_in(load, each.path)}" for each in others)
        raise InvalidRequestError(message, path=place_in(load, first.path))


def refuse_excess(load: Load, lines: Iterable[OpenLine]) -> None:
    """Refuse more of a line than is left, counted in its own unit: also cases of an unknown size."""
    for path, most in _excess(load, {name: line.most for name, line in by_name(lines).items()}):
        raise InvalidRequestError(
            f"L-049: with it, more of the line is shipped than the {most} that are left of what was accepted:"
            " take out what is too much",
            path=path,
        )


def refuse_excess_to_pick_up(load: Load, lines: Iterable[OpenLine]) -> None:
    """Refuse a pickup of more of a line than was accepted; what a notice says of it is no second shipment."""
    accepted = {name: line.accepted + line.back_ordered for name, line in by_name(lines).items()}
    for path, most in _excess(load, accepted):
        raise InvalidRequestError(
            f"L-049: with it, more of the line is picked up than the {most} that were accepted: take out what"
            " is too much",
            path=path,
        )


def _excess(load: Load, most: Mapping[LineName, int]) -> Iterator[tuple[str, int]]:
    """Yield where a load exceeds what is possible, and how much that is."""
    amounts = dict.fromkeys(most, 0)
    for path, content in everything_in(load):
        name = normal(content.line)
        amounts[name] += content.amount
        if amounts[name] > most[name]:
            yield f"{path}.amount", most[name]


def refuse_missing_lots(load: Load, lines: Iterable[OpenLine], context: RuleContext) -> None:
    """Refuse perishable goods without a lot, or without the time until which they keep."""
    known, listed = by_name(lines), context.perishable or frozenset()
    takes_duration = context.region in (RuleRegion.NA, None)
    for path, content in everything_in(load):
        line, lot = known[normal(content.line)], content.lot or Lot()
        if not {line.amazon_product_identifier, line.vendor_product_identifier} & listed:
            continue
        has_duration = lot.made is not None and (lot.keeps_days is not None or lot.keeps_months is not None)
        if not lot.number or (lot.expires is None and not (takes_duration and has_duration)):
            or_made = ", or when it was made and how long it keeps" if takes_duration else ""
            raise InvalidRequestError(
                f"L-067: is perishable: state the number of the lot, and when it expires{or_made}",
                path=f"{path}.lot",
            )


def refuse_raised(document: ShipmentConfirmation, context: RuleContext) -> None:
    """Refuse a replacement with more of a line than before, also in cases of an unknown size."""
    sent = [
        each.document
        for each in ConfirmationView(document, context).earlier()
        if each.document.shipment_identifier == document.shipment_identifier
    ]
    for order in context.orders or ():
        before = shipped_amounts(sent[-1], context, order) if sent else {}
        for product, amounts in shipped_amounts(document, context, order).items():
            if pieces_of(amounts) > pieces_of(before.get(product, {})):
                raise InvalidRequestError(
                    f"L-077: ships more of an item of {order.purchase_order_number} than before: send what is"
                    " more as a shipment with an identifier of its own",
                    path="load",
                )


def without_codes_of(context: RuleContext, identifier: str) -> RuleContext:
    """Return a context in which the SSCCs of a confirmation that is replaced are free for it.

    Raises:
        InvalidRequestError: no confirmation has this identifier.
    """
    history = context.history
    sent = [
        each.document
        for each in (history.confirmations if history else ())
        if each.document.shipment_identifier == identifier
    ]
    if history is None or not sent:
        raise InvalidRequestError(
            "L-077: was never sent: build an original, or add the first confirmation to the history",
            path="dispatch.identifier",
        )
    own = {
        sscc_digits(code.container_identification_number)
        for document in sent
        for container in ConfirmationView(document, context).containers
        for code in container.identifiers
    }
    shipped = {
        code: time for code, time in (history.sscc_shipped or {}).items() if sscc_digits(code) not in own
    }
    return dataclasses.replace(context, history=dataclasses.replace(history, sscc_shipped=shipped))


def place_in(load: Load, path: str) -> str:
    """Return where in a load a path of the document is: the document numbers cartons over all pallets."""
    if _PALLET.match(path):
        return f"load.{path}"
    carton = _CARTON.match(path)
    if not carton:
        return path
    index, rest = int(carton[1]), path[carton.end() :]
    for number, each in enumerate(load.pallets):
        if index < len(each.cartons):
            return f"load.pallets[{number}].cartons[{index}]{rest}"
        index -= len(each.cartons)
    return f"load.cartons[{index}]{rest}"
