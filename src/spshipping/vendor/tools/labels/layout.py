"""Where things are on the label of a carton or a pallet.

From the top: who ships and where to (zones A and B), the carrier (C and D), what is in it (E), and its own
code (F), as Amazon's guide for vendors of North America has them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.sscc.code import Sscc
from spshipping.vendor.tools.labels.drawing import (
    SIZES,
    Bars,
    Block,
    Drawing,
    Line,
    Measure,
    Page,
    Text,
    fitted,
)
from spshipping.vendor.tools.labels.symbols import QUIET_MODULES, Symbol
from spshipping.vendor.tools.packing import Container, Packing, Party

_MARGIN, _GAP, _RULE = 3.0, 1.0, 0.3
_TITLE, _SMALLEST = 2.2, 1.7
"""Sizes of titles, and of the smallest text."""
_SSCC_HEIGHT = 32.5
"""At least 32 mm. Source: https://www.gs1.org/standards/barcodes-epcrfid-id-keys/gs1-general-specifications"""
_SSCC_TEXT, _SSCC_SCALE = 5.0, 2
_CODE_HEIGHT = 8.0
"""Of the other bar codes."""
_MOST_ORDERS = 1
"""A purchase order has a bar code of its own where it is the only one; else the shipment's stands for all."""


class _Zones(NamedTuple):
    """Where the zones begin, from the top."""

    carrier: float
    contents: float
    sscc: float


class Layout:
    """Draws the labels of one shipment."""

    def __init__(self, packing: Packing, size: str, measure: Measure, module: float) -> None:
        """Draw for paper of a size.

        Args:
            packing: the shipment.
            size: the name of the paper.
            measure: measures text.
            module: the printer's narrowest module, of 0.25 mm or a little more.
        """
        self._packing = packing
        self._measure = measure
        self._module = module
        self._width, self._height = SIZES[size]
        self._inner = self._width - 2 * _MARGIN
        sscc = self._height - _MARGIN - _SSCC_TEXT - _GAP - _SSCC_HEIGHT - _TITLE - 2 * _GAP
        self._zones = _Zones(carrier=32.0, contents=62.0, sscc=sscc)
        self._head = [*self._parties(), *self._carrier()]

    def page(self, container: Container) -> Page:
        """Draw the label of a carton or a pallet.

        Raises:
            InvalidRequestError: it has no SSCC, or something does not fit; the path says what.
            ConfigurationError: no font has one of the characters.
        """
        if container.sscc is None:
            raise InvalidRequestError(
                "has no SSCC to print: give each container one with load.coded(issuer) before the"
                " confirmation is built",
                path=container.path,
            )
        drawings = [*self._head, *self._contents(container), *self._sscc(container.sscc, container)]
        return Page(self._width, self._height, drawings)

    def _parties(self) -> Iterator[Drawing]:
        middle = _MARGIN + self._inner * 0.42
        height = self._zones.carrier - _MARGIN
        yield Line(middle, _MARGIN, _RULE, height)
        left = Block(_MARGIN, _MARGIN, middle - 2 * _GAP - _MARGIN, height)
        yield from self._party("SHIP FROM", self._packing.ship_from, left, 3.0, "ship_from_party")
        right = Block(middle + 2 * _GAP, _MARGIN, self._width - _MARGIN - middle - 2 * _GAP, height)
        yield from self._party("SHIP TO", self._packing.ship_to, right, 3.8, "ship_to_party")

    def _party(self, title: str, party: Party, block: Block, most: float, path: str) -> Iterator[Drawing]:
        yield Text(block.x, block.y, _TITLE, title, bold=True)
        # the name of a fulfilment centre is its code, which the dock looks for
        texts = (party.code, *party.lines) if path == "ship_to_party" or not party.lines else party.lines
        room = Block(block.x, block.y + _TITLE + _GAP, block.width, block.height - _TITLE - 2 * _GAP)
        yield from fitted(room, texts, self._measure, most=most, least=_SMALLEST, path=path)

    def _carrier(self) -> Iterator[Drawing]:
        packing, top = self._packing, self._zones.carrier
        yield Line(_MARGIN, top, self._inner, _RULE)
        facts = (
            ("CARRIER", packing.carrier_scac),
            ("PRO", packing.pro_number),
            ("BOL", packing.bill_of_lading),
            ("ASN", packing.identifier),
            ("ARN", packing.amazon_reference_number),
        )
        texts = [f"{name} {value}" for name, value in facts if value]
        routing = self._routing()
        width = self._inner * 0.48 if routing else self._inner
        left = Block(_MARGIN + self._inner - width, top + _GAP, width, 17.0)
        yield from fitted(
            left, texts, self._measure, most=3.2, least=_SMALLEST, path="transportation_details"
        )
        if routing:
            yield Text(_MARGIN, top + _GAP, _TITLE, "SHIP TO POSTAL CODE", bold=True)
            yield Bars(
                _MARGIN + QUIET_MODULES * self._module / 2, top + _GAP + _TITLE + 0.5, 10.0, 1, routing
            )
            code = f"({routing.text[:3]}) {routing.text[3:]}"
            yield Text(_MARGIN + QUIET_MODULES * self._module / 2, top + 14.5, 3.0, code)
        yield from self._coded(
            packing.reference, "BOL" if packing.bill_of_lading else "ASN", top + 18.5, path="bill_of_lading"
        )

    def _routing(self) -> Symbol | None:
        """Return the postal code's bar code: it holds within one country only."""
        there, here = self._packing.ship_to, self._packing.ship_from
        if not there.postal_code or not there.postal_code.strip() or there.country != here.country:
            return None
        symbol = Symbol.of_postal_code(there.postal_code)
        fits = (symbol.modules + QUIET_MODULES) * self._module <= self._inner / 2
        return symbol if symbol.is_encodable and fits else None

    def _contents(self, container: Container) -> Iterator[Drawing]:
        top = self._zones.contents
        yield Line(_MARGIN, top, self._inner, _RULE)
        title = "PALLET" if container.is_pallet else "CARTON"
        yield Text(_MARGIN, top + _GAP, 5.0, f"{title} {container.number} of {container.count}", bold=True)
        orders = container.purchase_orders
        has_code = len(orders) <= _MOST_ORDERS and bool(orders and orders[0])
        height = self._zones.sscc - top - 8.0 - (_CODE_HEIGHT + 3.0 if has_code else 0)
        room = Block(_MARGIN, top + 7.0, self._inner, height)
        yield from fitted(
            room, list(_told(container)), self._measure, most=3.4, least=_SMALLEST, path=container.path
        )
        if has_code:
            yield from self._coded(
                orders[0], "PO", self._zones.sscc - _CODE_HEIGHT - 3.0, path="purchase_order_number"
            )

    def _coded(self, text: str, title: str, top: float, *, path: str) -> Iterator[Drawing]:
        """Draw a number as a bar code, with the number above it."""
        symbol = Symbol(text)
        width = symbol.modules * self._module
        if not symbol.is_encodable:
            raise InvalidRequestError(
                "has a character that is in no bar code: use printable ASCII", path=path
            )
        if width + QUIET_MODULES * 2 * self._module > self._width:
            raise InvalidRequestError(
                "is too long for a bar code of this width: use a shorter number", path=path
            )
        scale = 2 if (2 * width + QUIET_MODULES * 4 * self._module) <= self._inner / 2 else 1
        # beside it, what it is; below a wide one there is room for nothing else
        yield Text(_MARGIN, top, _TITLE, f"{title} {text}", bold=True)
        x = max(_MARGIN, QUIET_MODULES * scale * self._module)
        yield Bars(x, top + _TITLE + 0.4, _CODE_HEIGHT - 0.4, scale, symbol)

    def _sscc(self, sscc: Sscc, container: Container) -> Iterator[Drawing]:
        symbol, top = Symbol.of_sscc(sscc), self._zones.sscc
        yield Line(_MARGIN, top, self._inner, _RULE)
        title = "SSCC OF THE PALLET" if container.is_pallet else "SSCC"
        yield Text(_MARGIN, top + _GAP, _TITLE, title, bold=True)
        width = symbol.modules * _SSCC_SCALE * self._module
        bars = top + _TITLE + 2 * _GAP
        yield Bars((self._width - width) / 2, bars, _SSCC_HEIGHT, _SSCC_SCALE, symbol)
        text = self._measure(sscc.printed) * _SSCC_TEXT
        yield Text((self._width - text) / 2, bars + _SSCC_HEIGHT + _GAP, _SSCC_TEXT, sscc.printed)


def _told(container: Container) -> Iterator[str]:
    """Yield what is in a container, as its label says it."""
    orders = container.purchase_orders
    yield f"{'PO' if len(orders) == 1 else 'POs'} {', '.join(orders)}"
    if container.cartons:
        yield f"{len(container.cartons)} cartons"
    items = container.items
    products = {item.product for item in items}
    pieces = sum(item.pieces for item in items)
    if len(products) == 1:
        first = items[0]
        yield first.name or ""
        yield " / ".join(part for part in (first.sku, first.asin) if part)
        amount = sum(item.amount for item in items)
        is_cases = len({(item.unit, item.unit_size) for item in items}) == 1 and first.unit == "cases"
        inside = f"{amount} {'case' if amount == 1 else 'cases'} of {first.unit_size}, " if is_cases else ""
        yield f"{inside}{pieces} pieces"
    else:
        yield f"Mixed SKUs: {len(products)} products, {pieces} pieces"
    for lot, keeps in dict.fromkeys((item.lot, item.keeps) for item in items):
        yield " ".join(part for part in (f"Lot {lot}" if lot else "", keeps or "") if part)
