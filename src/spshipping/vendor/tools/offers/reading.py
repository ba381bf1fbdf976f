"""Reads offers from CSV and JSON; every fault is named by its row and column."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from spshipping.errors import DecodeError
from spshipping.vendor.tools.offers.offer import Offer, OfferLine
from spshipping.vendor.tools.rows import Faults, Row, read_text, rows_of
from spshipping.wire.text import parse

COLUMNS = (
    "offer",
    "deal_code",
    "vendor_code",
    "asin",
    "product",
    "quantity",
    "price",
    "currency",
)
_NEEDED = ("offer", "quantity", "price", "currency")
_HEAD = ("deal_code", "vendor_code")


class _Part(NamedTuple):
    """A row that could be read."""

    row: Row
    head: Mapping[str, str | None]
    line: OfferLine


def read_offers(path: str | os.PathLike[str]) -> list[Offer]:
    """Read offers from a file: JSON where its name ends so, else CSV.

    Raises:
        InvalidRequestError: it cannot be read, or something in it is wrong; it names every row and column.
    """
    read = offers_from_json if Path(path).suffix.lower() == ".json" else offers_from_csv
    return read(read_text(path), source=str(path))


def offers_from_csv(text: str, *, source: str = "offers") -> list[Offer]:
    """Read offers from CSV text: a row for each line; those of one offer have the same `offer`.

    Columns are `offer`, `quantity` (pieces), `price` (of one piece), `currency`, `asin` or `product` or both,
    and where they are known `deal_code` and `vendor_code`.

    Args:
        text: separated by commas, semicolons or tabs; the first row has the names of the columns.
        source: what errors call it.

    Raises:
        InvalidRequestError: something in it is wrong; it names every row and column.
    """
    faults = Faults(source)
    parts: dict[str, list[_Part]] = {}
    for row in rows_of(text, COLUMNS, _NEEDED, faults):
        number = row.text("offer", is_needed=True)
        head = {name: row.text(name) for name in _HEAD} | {"currency": row.currency("currency")}
        line = _line(row, len(parts.get(number or "", ())) + 1)
        if number is not None and line is not None:
            parts.setdefault(number, []).append(_Part(row, head, line))
    for number, found in parts.items():
        for part in found[1:]:
            for name, value in part.head.items():
                if value != found[0].head[name]:
                    part.row.refuse(name, f"differs from the first row of offer {number}")
    faults.refuse()
    return [_offer(number, found[0].head, (part.line for part in found)) for number, found in parts.items()]


def offers_from_json(text: str, *, source: str = "offers") -> list[Offer]:
    """Read offers from JSON text: a list of objects, each with `offer`, `currency` and `lines`.

    A line has `quantity`, `price`, and `asin` or `product` or both; an offer may have `deal_code` and
    `vendor_code`. A price is a number, or text.

    Raises:
        InvalidRequestError: something in it is wrong; it names every place, such as `[0].lines[2].price`.
    """
    faults = Faults(source)
    try:
        data = parse(text.encode("utf-8", "surrogatepass"))
    except DecodeError:
        data = None
    if not isinstance(data, list):
        faults.add("", "is no JSON list of offers")
        faults.refuse()
    offers: list[Offer] = []
    seen: set[str] = set()
    for index, each in enumerate(data):
        offer = _from_object(f"[{index}]", each, faults)
        if offer is not None and offer.number in seen:
            faults.add(f"[{index}].offer", "is there twice")
        elif offer is not None:
            seen.add(offer.number)
            offers.append(offer)
    faults.refuse()
    return offers


def _from_object(place: str, given: Any, faults: Faults) -> Offer | None:
    if not isinstance(given, dict):
        faults.add(place, "must be an object")
        return None
    _refuse_unknown(place, given, ("offer", *_HEAD, "currency", "lines"), faults)
    row = Row(place, given, faults)
    number = row.text("offer", is_needed=True)
    head = {name: row.text(name) for name in _HEAD} | {"currency": row.currency("currency")}
    lines = given.get("lines")
    if not isinstance(lines, list) or not lines:
        faults.add(f"{place}.lines", "must be a list of lines")
        return None
    found = []
    for index, each in enumerate(lines):
        inside = f"{place}.lines[{index}]"
        if not isinstance(each, dict):
            faults.add(inside, "must be an object")
            continue
        _refuse_unknown(inside, each, ("asin", "product", "quantity", "price"), faults)
        line = _line(Row(inside, each, faults), index + 1)
        found += [line] if line is not None else []
    if number is None or len(found) < len(lines):
        return None
    return _offer(number, head, found)


def _refuse_unknown(place: str, given: Mapping[str, Any], known: tuple[str, ...], faults: Faults) -> None:
    for key in given:
        if key not in known:
            faults.add(f"{place}.{key}", f"is not known; known are {', '.join(known)}")


def _line(row: Row, number: int) -> OfferLine | None:
    """Return a line; None, and the faults are noted, where it cannot be read."""
    asin, product = row.text("asin"), row.text("product")
    if asin is None and product is None:
        row.refuse("asin", "is missing, and so is product: one of the two is needed")
    quantity, price = row.whole("quantity"), row.price("price")
    if quantity is None or price is None or (asin is None and product is None):
        return None
    return OfferLine(
        number=number,
        quantity=quantity,
        price=price,
        amazon_product_identifier=asin,
        vendor_product_identifier=product,
    )


def _offer(number: str, head: Mapping[str, str | None], lines: Iterable[OfferLine]) -> Offer:
    return Offer(
        number=number,
        currency=head["currency"] or "",
        lines=tuple(lines),
        deal_code=head["deal_code"],
        vendor_code=head["vendor_code"],
    )
