"""Guesses what an error of Amazon's means: no field names a line, and some texts do."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spshipping.vendor.acknowledge.line import LineName, number_of
from spshipping.vendor.acknowledge.outcome import SubmissionError
from spshipping.vendor.acknowledge.said import acknowledgement_of
from spshipping.vendor.ledger.entry import SubmissionKind
from spshipping.wire.text import parse

_NUMBERED = re.compile(
    r"\b(?:line|item)s?(?:\s+(?:sequence\s+)?(?:number|no\.?|#))?[\s:#']*(\d{1,6})\b", re.I
)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")

_ADVICE = (
    ("invalid order id", "read the order again: its number, and the vendor code that it is for"),
    ("unconfirmed or closed", "answer the order before you ship; one that is closed takes nothing any more"),
    ("selling party", "answer with the vendor code that the order has"),
    ("net cost", "state a cost above 0 and not above the order's for every line"),
    ("quantity is greater", "read the order again: Amazon may have lowered the quantity"),
    ("excess quant", "read the order again: Amazon may have lowered the quantity"),
    ("rejected item", "what was rejected is never accepted later: leave it rejected"),
    ("identifier was used", "the shipment may have been taken before: look, or use an identifier of its own"),
    ("confirmation to replace", "Amazon does not know the shipment: submit it as an original"),
    ("no longer be replaced", "tell your contact at Amazon what differs: it is too late for a replacement"),
    ("cannot raise", "send what is more as a shipment with an identifier of its own"),
    ("another fulfillment center", "read the order again: Amazon may have changed where it goes"),
    ("collect shipments only", "request a pickup only where Amazon pays the freight"),
    ("completely confirmed", "answer every line of the order first"),
    ("orders are missing", "name the purchase orders that are to be picked up"),
    ("pickup is missing", "state when the goods can be picked up"),
    ("vendor shipment id", "Amazon does not know the request: submit it as a new one"),
    ("two business days", "request a pickup at least two business days ahead"),
    ("backorder", "back-order only lines that allow it, with a date"),
    ("identifier", "return the product numbers of the order, exactly as it has them"),
    ("element '", "the submission is incomplete: it lacks what the text names"),
)
"""Texts that were seen, in part, and what they mean. Amazon documents none."""


class Subject(NamedTuple):
    """A part of a submission that an error may mean."""

    name: str
    """What the submission calls it."""
    number: LineName | None
    """The number of the line of the order, where it has one."""
    products: frozenset[str]
    orders: frozenset[str]


def subjects_of(kind: SubmissionKind, body: str) -> tuple[Subject, ...]:
    """Return what the errors of a submission may mean: lines, shipped items, or purchase orders."""
    if kind is SubmissionKind.ACKNOWLEDGEMENT:
        items = acknowledgement_of(body).items
        return tuple(
            Subject(
                item.item_sequence_number or "",
                number_of(item.item_sequence_number),
                _names(item.amazon_product_identifier, item.vendor_product_identifier),
                frozenset(),
            )
            for item in items
        )
    found = parse(body.encode())
    if kind is SubmissionKind.SHIPMENT_CONFIRMATION:
        # their numbers are those of the shipment, and not of the orders, which the texts may state
        return tuple(
            Subject(
                item["itemSequenceNumber"],
                None,
                _names(item.get("amazonProductIdentifier"), item.get("vendorProductIdentifier")),
                _names((item.get("itemDetails") or {}).get("purchaseOrderNumber")),
            )
            for each in found.get("shipmentConfirmations") or ()
            for item in each["shippedItems"]
        )
    numbers = [
        order["purchaseOrderNumber"]
        for each in found.get("shipments") or ()
        for order in each.get("purchaseOrders") or ()
        if order.get("purchaseOrderNumber")
    ]
    return tuple(Subject(number, None, frozenset(), _names(number)) for number in numbers)


def errors_of(
    found: Iterable[tuple[str, str, str | None]], subjects: Sequence[Subject]
) -> tuple[SubmissionError, ...]:
    """Return Amazon's errors, each with what it may mean of the submission.

    Args:
        found: code, message and details of each.
        subjects: what they may mean.
    """
    return tuple(_error(code, message, details or "", subjects) for code, message, details in found)


def _error(code: str, message: str, details: str, subjects: Sequence[Subject]) -> SubmissionError:
    text = f"{code} {message} {details}"
    lowered = text.lower()
    advice = next((advice for mark, advice in _ADVICE if mark in lowered), None)
    return SubmissionError(code, message, details, _meant(text, subjects), advice)


def _meant(text: str, subjects: Sequence[Subject]) -> tuple[str, ...]:
    """Return what has a number that the text states, or else a product, or else an order, that it names."""
    numbers = {int(number) for number in _NUMBERED.findall(text)}
    tokens = {token.strip("._/-").casefold() for token in _TOKEN.findall(text)}
    return (
        tuple(subject.name for subject in subjects if subject.number in numbers)
        or tuple(subject.name for subject in subjects if subject.products & tokens)
        or tuple(subject.name for subject in subjects if subject.orders & tokens)
    )


def _names(*texts: str | None) -> frozenset[str]:
    return frozenset(text.strip().casefold() for text in texts if text)
