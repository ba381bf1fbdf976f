"""`spshipping vendor documents`: labels of cartons and pallets, and packing documents."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spshipping.cli.console import HelpContext, new_console, print_paragraph
from spshipping.cli.vendor.command import as_json_option, print_json
from spshipping.cli.vendor.office import Office, failing_on, with_office
from spshipping.cli.vendor.prepared import all_prepared
from spshipping.errors import InvalidRequestError
from spshipping.vendor.acknowledge import NotSent, Refused
from spshipping.vendor.ledger.entry import SubmissionKind
from spshipping.vendor.shipments import SubmitShipmentConfirmationsRequest
from spshipping.wire.convert import loads

if TYPE_CHECKING:
    from spshipping.vendor.tools.files import PrintedFile
    from spshipping.vendor.tools.packing import Packing

_FOLDER = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)
_PAPERS = ("A4", "LETTER", "A6", "4x6")
_KINDS = ("carton-contents", "pallet-list", "delivery-note")
_to = click.option("--to", "folder", required=True, type=_FOLDER, help="The folder for the files.")
_names = click.option("--names", type=_FILE, help="A CSV file with what products are called: product, name.")
_fonts = click.option(
    "--font",
    "fonts",
    multiple=True,
    type=_FILE,
    help="A font for characters beyond Latin-1, such as Arabic or Japanese; several are asked in order.",
)


@click.group()
def documents() -> None:
    """Print the labels of a shipment, and the documents that go with it.

    They are made from the shipment confirmation itself, so that labels and confirmation cannot differ: from
    the one that was submitted last, or else from the one that `ship --dry-run` has prepared.
    """


documents.context_class = HelpContext


@documents.command()
@click.argument("shipment")
@_to
@click.option("--zpl", "is_zpl", is_flag=True, help="ZPL for a label printer; else PDF.")
@click.option("--size", type=click.Choice(("A6", "4x6")), default="A6", show_default=True, help="The paper.")
@click.option("--dpi", type=click.Choice(("203", "300")), default="203", show_default=True, help="Of ZPL.")
@click.option(
    "--pallet-copies", type=click.IntRange(1), help="How many labels each pallet gets.  [default: 2]"
)
@_names
@_fonts
@as_json_option
@with_office
def labels(
    office: Office,
    shipment: str,
    folder: Path,
    size: Any,
    dpi: str,
    pallet_copies: int | None,
    names: Path | None,
    fonts: Sequence[Path],
    *,
    is_zpl: bool,
    as_json: bool,
) -> None:
    """Make a label with the SSCC of each carton and pallet of SHIPMENT, its identifier.

    The exit code is 0 if they are written, else 1.
    """
    from spshipping.vendor.tools.labels import PALLET_COPIES, pdf_labels, zpl_labels

    packing, copies = _packing(office, shipment, names), pallet_copies or PALLET_COPIES
    if is_zpl:
        resolution: Any = int(dpi)
        file = zpl_labels(packing, size=size, dpi=resolution, pallet_copies=copies, fonts=fonts)
    else:
        file = pdf_labels(packing, size=size, pallet_copies=copies, fonts=fonts)
    _save([file], folder, as_json=as_json)


@documents.command("packing")
@click.argument("shipment")
@_to
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Which; else all of them.")
@click.option("--template", type=_FILE, help="A template of your own, in the language of Jinja2.")
@click.option("--order", help="For one purchase order alone; else for each, and for the whole shipment.")
@click.option("--paper", type=click.Choice(_PAPERS), default="A4", show_default=True, help="The paper.")
@click.option("--language", default="en", show_default=True, help="Of the documents: fonts differ by it.")
@click.option("--html", "is_html", is_flag=True, help="HTML; else PDF.")
@_names
@_fonts
@as_json_option
@with_office
def packing_documents(
    office: Office,
    shipment: str,
    folder: Path,
    kinds: Sequence[str],
    template: Path | None,
    order: str | None,
    paper: Any,
    language: str,
    names: Path | None,
    fonts: Sequence[Path],
    *,
    is_html: bool,
    as_json: bool,
) -> None:
    """Make carton contents, pallet list and delivery note of SHIPMENT, its identifier.

    The exit code is 0 if they are written, else 1.
    """
    from spshipping.vendor.tools.documents import DocumentKind, Template, html_document, pdf_document

    packing = _packing(office, shipment, names)
    chosen: list[Any] = [DocumentKind(kind) for kind in kinds]
    if template is not None:
        with failing_on(template):
            chosen.append(Template.read(template))
    if not chosen:
        chosen = [each for each in DocumentKind if packing.pallets or each is not DocumentKind.PALLET_LIST]
    numbers = (*packing.purchase_orders, None) if order is None else (order.strip(),)
    more: dict[str, Any] = {"paper": paper, "language": language}
    files = [
        html_document(packing, each, purchase_order=number, **more)
        if is_html
        else pdf_document(packing, each, purchase_order=number, fonts=fonts, **more)
        for number in numbers
        for each in chosen
    ]
    _save(files, folder, as_json=as_json)


def _save(files: "Sequence[PrintedFile]", folder: Path, *, as_json: bool) -> None:
    name, times = Counter(file.name for file in files).most_common(1)[0]
    if times > 1:
        raise InvalidRequestError(
            "is what two of these documents would be called: give your template another name", path=name
        )
    with failing_on(folder):
        paths = [str(file.save(folder)) for file in files]
    if as_json:
        print_json({"files": paths})
        return
    for path in paths:
        print_paragraph(new_console(), f"✓ {path}")


def _packing(office: Office, shipment: str, names: Path | None) -> "Packing":
    """Return what the confirmation of a shipment says.

    Raises:
        InvalidRequestError: there is none.
    """
    from spshipping.vendor.tools.packing import Packing

    body = _body(office, shipment.strip())
    (confirmation,) = loads(body.encode(), SubmitShipmentConfirmationsRequest).shipment_confirmations or []
    orders = [each.order for each in office.store.all()]
    return Packing.of(confirmation, orders=orders, names=None if names is None else _read_names(names))


def _body(office: Office, shipment: str) -> str:
    submitted = [
        each.body
        for each in office.client.vendor.submissions(ledger=office.ledger)
        if each.kind is SubmissionKind.SHIPMENT_CONFIRMATION
        and each.reference == shipment
        and not isinstance(each.outcome, Refused | NotSent)
    ]
    if submitted:
        return submitted[-1]
    newest = next(all_prepared(office, shipment), None)
    if newest is None:
        raise InvalidRequestError(
            "was neither submitted nor prepared: run `spshipping vendor ship` with its packing file, perhaps"
            " with --dry-run",
            path=shipment,
        )
    return newest.body


def _read_names(path: Path) -> dict[str, str]:
    from spshipping.vendor.tools.rows import Faults, read_text, rows_of

    faults = Faults(str(path))
    rows = rows_of(read_text(path), ("product", "name"), ("product", "name"), faults)
    found = {row.text("product", is_needed=True): row.text("name", is_needed=True) for row in rows}
    faults.refuse()
    return {product: name for product, name in found.items() if product and name}
