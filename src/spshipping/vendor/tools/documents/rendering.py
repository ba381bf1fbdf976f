"""Packing documents: from a shipment and a template to HTML and PDF."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from spshipping import disk
from spshipping.errors import InvalidRequestError
from spshipping.secret import discreet
from spshipping.vendor.routing.labels import file_part
from spshipping.vendor.tools.documents.data import document_data
from spshipping.vendor.tools.documents.isolation import Limits, render, write_pdf
from spshipping.vendor.tools.files import PrintedFile
from spshipping.vendor.tools.fonts import Font, FontFace, Fonts
from spshipping.vendor.tools.packing import Packing

Paper = Literal["A4", "LETTER", "A6", "4x6"]
_TEMPLATES = Path(__file__).with_name("templates")
_MOST_BYTES_OF_A_TEMPLATE = 1 << 20
_USERS = "template"
"""What a template of the user's is called where it is rendered."""


class _Sheet(NamedTuple):
    """A paper size, as style sheets write it."""

    size: str
    margin: str
    text: str


_SHEETS = {
    "A4": _Sheet("210mm 297mm", "14mm", "10pt"),
    "LETTER": _Sheet("215.9mm 279.4mm", "14mm", "10pt"),
    "A6": _Sheet("105mm 148mm", "6mm", "7pt"),
    "4x6": _Sheet("101.6mm 152.4mm", "6mm", "7pt"),
}


class DocumentKind(Enum):
    """The documents that have a template here."""

    CARTON_CONTENTS = "carton-contents"
    """What is in each carton, with its code."""
    PALLET_LIST = "pallet-list"
    """Which cartons, or goods, are on each pallet, with the codes."""
    DELIVERY_NOTE = "delivery-note"
    """What is delivered of each purchase order, with a place to sign."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template of your own, in the language of Jinja2."""

    name: str
    """What the files are called."""
    text: str = field(repr=False)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Self:
        """Read a template from a file.

        Raises:
            InvalidRequestError: it is too large, or not UTF-8.
            OSError: it cannot be read.
        """
        file = Path(path)
        try:
            text = disk.read(file, most=_MOST_BYTES_OF_A_TEMPLATE).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidRequestError("is not UTF-8: save it as UTF-8", path="template") from None
        return cls(file.name.partition(".")[0] or "document", text)


@discreet
def html_document(
    packing: Packing,
    template: DocumentKind | Template,
    *,
    purchase_order: str | None = None,
    paper: Paper = "A4",
    language: str = "en",
    limits: Limits | None = None,
) -> PrintedFile:
    """Render a packing document as HTML.

    The template is rendered in a process of its own, which reads no file and reaches no network, within
    limits. Needs the extra `spshipping[vendor-tools]`, and Linux. It blocks; under asyncio, call it by
    `asyncio.to_thread`.

    Args:
        packing: the shipment, as its confirmation has it.
        template: one of the package's, or one of your own.
        purchase_order: the number of one of its purchase orders; None for the whole shipment.
        paper: what it is to be printed on.
        language: of the document, as `lang` in HTML has it, such as `ja`: fonts differ by it.
        limits: of time and memory; None for those of `Limits()`.

    Raises:
        InvalidRequestError: an argument cannot be used, or the template: says why, and in which line.
        ConfigurationError: the extra is not installed, or this system has no limits.
    """
    html = _html(packing, template, purchase_order, paper, language, limits or Limits())
    return PrintedFile(f"{_named(packing, template, purchase_order)}.html", html.encode())


@discreet
def pdf_document(
    packing: Packing,
    template: DocumentKind | Template,
    *,
    purchase_order: str | None = None,
    paper: Paper = "A4",
    language: str = "en",
    fonts: Iterable[Font] = (),
    limits: Limits | None = None,
) -> PrintedFile:
    """Render a packing document as PDF; arguments and errors beside those of `html_document`:

    Args:
        packing: the shipment.
        template: one of the package's, or one of your own.
        purchase_order: one of its purchase orders; None for the whole shipment.
        paper: the paper.
        language: of the document.
        fonts: that are asked before those of the system. Of a collection, documents take the first one.
        limits: of time and memory, for the template and for PDF.

    Raises:
        InvalidRequestError: an argument or the template cannot be used, or needs something from elsewhere.
        ConfigurationError: the extra or Pango is not installed, or no font has one of the characters, which
            is named.
    """
    limits = limits or Limits()
    files = _files(fonts)
    html = _html(packing, template, purchase_order, paper, language, limits)
    data = base64.b64decode(write_pdf(html, _style(len(files), paper), files, limits))
    return PrintedFile(f"{_named(packing, template, purchase_order)}.pdf", data)


def pdf_documents(
    packing: Packing, templates: Iterable[DocumentKind | Template] = tuple(DocumentKind), **options: Any
) -> Iterator[PrintedFile]:
    """Yield each document as PDF, for each purchase order and then for the group of all.

    A pallet list is left out where there are no pallets.

    Args:
        packing: the shipment.
        templates: those of the package, where you name none.
        options: `paper`, `language`, `fonts` and `limits` of `pdf_document`.

    Raises:
        InvalidRequestError: as for `pdf_document`.
        ConfigurationError: as for `pdf_document`.
    """
    chosen = [each for each in templates if packing.pallets or each is not DocumentKind.PALLET_LIST]
    for number in (*packing.purchase_orders, None):
        for template in chosen:
            yield pdf_document(packing, template, purchase_order=number, **options)


def _html(
    packing: Packing,
    template: DocumentKind | Template,
    purchase_order: str | None,
    paper: str,
    language: str,
    limits: Limits,
) -> str:
    if paper not in _SHEETS:
        raise InvalidRequestError(f"is one of {', '.join(_SHEETS)}", path="paper")
    if purchase_order is not None and purchase_order not in packing.purchase_orders:
        raise InvalidRequestError("is none of this shipment", path="purchase_order")
    if template is DocumentKind.PALLET_LIST and not packing.pallets:
        raise InvalidRequestError("has no pallets to list", path="packing")
    templates = dict(_defaults())
    if isinstance(template, Template):
        name = _USERS
        templates[name] = template.text
    else:
        name = f"{template.value}.html"
    data = document_data(packing, purchase_order)
    data |= {"paper": {"name": paper, **_SHEETS[paper]._asdict()}, "language": language}
    return render(templates, name, data, limits)


def _named(packing: Packing, template: DocumentKind | Template, purchase_order: str | None) -> str:
    what = template.name if isinstance(template, Template) else template.value
    return "-".join(file_part(part) for part in (packing.identifier, purchase_order, what) if part)


@cache
def _defaults() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(_TEMPLATES.glob("*.html"))}


def _files(fonts: Iterable[Font]) -> list[str]:
    """Return the files of fonts, which can be read."""
    found = []
    for each in fonts:
        face = each if isinstance(each, FontFace) else FontFace(each)
        if face.number:
            raise InvalidRequestError(
                "has one that is not the first of its collection: documents take the first; install the font"
                " for the system instead",
                path="fonts",
            )
        Fonts([face])
        found.append(str(Path(face.path).absolute()))
    return found


def _style(fonts: int, paper: str) -> str:
    """Return the style sheet that says the paper and the fonts."""
    faces = [f"@font-face {{ font-family: F{n}; src: url(font:{n}) }}" for n in range(fonts)]
    names = "".join(f"F{n}, " for n in range(fonts))
    sheet = _SHEETS[paper]
    page = f"@page {{ size: {sheet.size}; margin: {sheet.margin} }}"
    return "\n".join([*faces, page, f"html {{ font-family: {names}sans-serif }}"])
