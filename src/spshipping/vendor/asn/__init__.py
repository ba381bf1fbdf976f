"""Ship and notify: pack what was accepted, and build the shipment confirmations (ASN) for it."""

from spshipping.vendor.asn.builder import STRICT, Asn, AsnBuilder
from spshipping.vendor.asn.dispatch import Dispatch
from spshipping.vendor.asn.filling import Case, Filled, Loose, fill_cartons, stack
from spshipping.vendor.asn.measures import Mass, Size
from spshipping.vendor.asn.open_lines import OpenLine, open_lines
from spshipping.vendor.asn.packed import (
    ContainerCode,
    Content,
    LineKey,
    Load,
    Lot,
    PackedCarton,
    PackedPallet,
)
from spshipping.vendor.asn.stops import Place, Stop, split

__all__ = [
    "AsnBuilder",
    "Asn",
    "Dispatch",
    "STRICT",
    # what is to be shipped
    "OpenLine",
    "open_lines",
    "LineKey",
    # what is packed
    "fill_cartons",
    "stack",
    "Case",
    "Filled",
    "Loose",
    "Load",
    "PackedCarton",
    "PackedPallet",
    "Content",
    "Lot",
    "ContainerCode",
    "Size",
    "Mass",
    "split",
    "Stop",
    "Place",
]
