"""Labels of cartons and pallets, with the codes of the shipment confirmation; PDF and ZPL."""

from spshipping.vendor.tools.files import PrintedFile
from spshipping.vendor.tools.fonts import Font, FontFace
from spshipping.vendor.tools.labels.drawing import LabelSize
from spshipping.vendor.tools.labels.printing import PALLET_COPIES, pdf_labels, zpl_labels
from spshipping.vendor.tools.labels.zpl import Dpi
from spshipping.vendor.tools.packing import Container, PackedItem, Packing, Party, ProductNames

__all__ = [
    "pdf_labels",
    "zpl_labels",
    "LabelSize",
    "Dpi",
    "PALLET_COPIES",
    "Font",
    "FontFace",
    "PrintedFile",
    # what is printed
    "Packing",
    "Container",
    "PackedItem",
    "Party",
    "ProductNames",
]
