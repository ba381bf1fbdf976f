"""Packing documents: carton contents, pallet list, delivery note, and templates of your own; HTML and PDF."""

from spshipping.vendor.tools.documents.isolation import Limits
from spshipping.vendor.tools.documents.rendering import (
    DocumentKind,
    Paper,
    Template,
    html_document,
    pdf_document,
    pdf_documents,
)
from spshipping.vendor.tools.files import PrintedFile
from spshipping.vendor.tools.fonts import Font, FontFace
from spshipping.vendor.tools.packing import Packing

__all__ = [
    "html_document",
    "pdf_document",
    "pdf_documents",
    "DocumentKind",
    "Template",
    "Limits",
    "Paper",
    "PrintedFile",
    "Font",
    "FontFace",
    "Packing",
]
