"""Guesses which lines an error of Amazon's means: it names none in a field, and some in its text."""

import re
from collections.abc import Iterable

from spshipping.vendor.acknowledge.outcome import SubmissionError
from spshipping.vendor.acknowledge.said import Said

_NUMBERED = re.compile(
    r"\b(?:line|item)s?(?:\s+(?:sequence\s+)?(?:number|no\.?|#))?[\s:#']*(\d{1,6})\b", re.I
)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")

_ADVICE = (
    ("invalid order id", "read the order again: its number, and the vendor code that it is for"),
    ("unconfirmed or closed", "the order is closed: there is nothing to answer any more"),
    ("selling party", "answer with the vendor code that the order has"),
    ("identifier", "return the product numbers of the order, exactly as it has them"),
    ("net cost", "state a cost above 0 and not above the order's for every line"),
    ("quantity is greater", "read the order again: Amazon may have lowered the quantity"),
    ("excess quant", "read the order again: Amazon may have lowered the quantity"),
    ("rejected item", "what was rejected is never accepted later: leave it rejected"),
    ("backorder", "back-order only lines that allow it, with a date"),
    ("element '", "the submission is incomplete: it lacks what the text names"),
)
"""Texts that were seen, in part, and what they mean. Amazon documents none."""


def errors_of(found: Iterable[tuple[str, str, str | None]], said: Said) -> tuple[SubmissionError, ...]:
    """Return Amazon's errors, each with the lines that it may mean.

    Args:
        found: code, message and details of each.
        said: what was submitted; empty where it was no acknowledgement.
    """
    return tuple(_error(code, message, details or "", said) for code, message, details in found)


def _error(code: str, message: str, details: str, said: Said) -> SubmissionError:
    text = f"{code} {message} {details}"
    lowered = text.lower()
    advice = next((advice for mark, advice in _ADVICE if mark in lowered), None)
    return SubmissionError(code, message, details, _lines(text, said), advice)


def _lines(text: str, said: Said) -> tuple[str, ...]:
    """Return the lines whose number the text states, or else those whose product it names."""
    numbers = {int(number) for number in _NUMBERED.findall(text)}
    named = [line.item_sequence_number for number, line in said.items() if number in numbers]
    if not named:
        tokens = {token.strip("._/-").casefold() for token in _TOKEN.findall(text)}
        named = [
            line.item_sequence_number
            for line in said.values()
            for ids in [(line.amazon_product_identifier, line.vendor_product_identifier)]
            if any(each and each.casefold() in tokens for each in ids)
        ]
    return tuple(named)
