"""A shipment as plain values that templates read."""

import base64
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from spshipping.vendor.sscc.code import Sscc
from spshipping.vendor.tools.labels.symbols import QUIET_MODULES, Symbol
from spshipping.vendor.tools.packing import Container, PackedItem, Packing, Party

Data = dict[str, Any]
_HEIGHT = 40
"""Of a bar code's picture, in modules."""


def document_data(packing: Packing, purchase_order: str | None) -> Data:
    """Return what a template reads: of one purchase order, or of the whole shipment where it is None."""
    cartons = _containers(packing.cartons, purchase_order)
    pallets = _containers(packing.pallets, purchase_order)
    outer = [each for each in packing.containers if _items(each, purchase_order)]
    orders = packing.purchase_orders if purchase_order is None else (purchase_order,)
    return {
        "purchase_order": purchase_order,
        "shipment": {
            "identifier": packing.identifier,
            "vendor_code": packing.vendor_code,
            "bill_of_lading": packing.bill_of_lading,
            "pro_number": packing.pro_number,
            "carrier": packing.carrier_scac,
            "amazon_reference_number": packing.amazon_reference_number,
            "shipped_on": _day(packing.shipped_at),
            "arrives_on": _day(packing.arrives_at),
        },
        "ship_from": _party(packing.ship_from),
        "ship_to": _party(packing.ship_to),
        "purchase_orders": [{"number": number, "lines": _lines(outer, number)} for number in orders],
        "cartons": cartons,
        "pallets": pallets,
        "totals": {
            "cartons": len(cartons),
            "pallets": len(pallets),
            "pieces": sum(item.pieces for each in outer for item in _items(each, purchase_order)),
        },
    }


def _containers(containers: Iterable[Container], purchase_order: str | None) -> list[Data]:
    return [
        {
            "number": each.number,
            "count": each.count,
            "sscc": each.sscc.digits if each.sscc else None,
            "sscc_printed": each.sscc.printed if each.sscc else None,
            "barcode": _barcode(each.sscc) if each.sscc else None,
            "pallet": each.pallet,
            "cartons": list(each.cartons),
            "purchase_orders": list(each.purchase_orders),
            "lines": [_line(item) for item in items],
            "pieces": sum(item.pieces for item in items),
        }
        for each in containers
        if (items := _items(each, purchase_order))
    ]


def _items(container: Container, purchase_order: str | None) -> Sequence[PackedItem]:
    return [item for item in container.items if purchase_order in (None, item.purchase_order)]


def _lines(containers: Iterable[Container], number: str) -> list[Data]:
    """Return what is shipped of a purchase order, over all its cartons and pallets."""
    found: dict[tuple[object, ...], list[PackedItem]] = {}
    for container in containers:
        for item in _items(container, number):
            name = item.asin, item.sku, item.unit, item.unit_size, item.lot, item.keeps
            found.setdefault(name, []).append(item)
    return [_line(*items) for items in found.values()]


def _line(*items: PackedItem) -> Data:
    first = items[0]
    return {
        "purchase_order": first.purchase_order,
        "asin": first.asin,
        "sku": first.sku,
        "name": first.name,
        "amount": sum(item.amount for item in items),
        "unit": first.unit,
        "unit_size": first.unit_size,
        "pieces": sum(item.pieces for item in items),
        "lot": first.lot,
        "keeps": first.keeps,
    }


def _party(party: Party) -> Data:
    return {"code": party.code, "lines": list(party.lines)}


def _day(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%d}" if moment else None


@lru_cache(maxsize=256)
def _barcode(sscc: Sscc) -> str:
    """Return the barcode of an SSCC as a data URL, with its quiet zones."""
    symbol = Symbol.of_sscc(sscc)
    bars = "".join(
        f"M{QUIET_MODULES + start} 0h{width}v{_HEIGHT}h-{width}z" for start, width in symbol.bars()
    )
    width = symbol.modules + 2 * QUIET_MODULES
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}"'
        f' preserveAspectRatio="none"><path d="{bars}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
