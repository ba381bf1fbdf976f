"""One PDF file of labels: pages of PDFs and pictures, each put in its place unchanged."""

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from spshipping.shipping.models.documents import DocumentFormat
from spshipping.shipping.paper.documents import UnfitLabelError
from spshipping.shipping.paper.libraries import loaded
from spshipping.shipping.paper.sheets import Arrangement, Box, Position, centred, matrix, position

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdf import PageObject, PdfReader
    from pypdf.generic import IndirectObject, StreamObject

_MOST_PAGES = 50
"""Pages of one document; more are no label."""
_MOST_PIXELS = 40_000_000
_INCH = 72.0
_WHITE = 255
_WITHOUT_INK = ("/Link", "/Popup")
"""Notes on a page that print nothing."""


class LabelPages:
    """The pages of one PDF file, while it is made."""

    def __init__(self, arrangement: Arrangement, dpi: int | None) -> None:
        """Make an empty file.

        Raises:
            ConfigurationError: the extra is not installed.
        """
        self._arrangement = arrangement
        self._dpi = dpi
        self._writer = loaded("pypdf").PdfWriter()
        self._filled = 0
        """Places of sheets that have a page."""
        self._sheet: PageObject | None = None

    def add(self, format: DocumentFormat, data: bytes) -> int:
        """Add a document, all of it or nothing, and return the number of its pages.

        Raises:
            UnfitLabelError: it cannot be used.
        """
        if format == DocumentFormat.ZPL:
            raise UnfitLabelError("is ZPL, which printers draw: join it with merge_zpl")
        if format == DocumentFormat.PNG:
            box, form = self._picture(data)
            forms = [(box, position(box, self._arrangement), form)]
        else:
            forms = self._forms(data)
        for box, lying, form in forms:
            self._put(box, lying, form)
        return len(forms)

    def pages(self) -> int:
        """Return how many pages or sheets the file has."""
        return len(self._writer.pages)

    def finish(self) -> bytes:
        """Return the file."""
        file = io.BytesIO()
        self._writer.write(file)
        # the writer and its objects hold each other: cleared, they need not wait for the garbage collector
        self._writer._objects.clear()
        self._sheet = None
        return file.getvalue()

    def _forms(self, data: bytes) -> list[tuple[Box, Position, "StreamObject"]]:
        try:
            with loaded("pypdf").PdfReader(io.BytesIO(data)) as reader:
                if reader.is_encrypted:
                    raise UnfitLabelError("is an encrypted PDF; save it without a password")
                return list(self._forms_of(reader))
        except UnfitLabelError:
            raise
        # whatever a broken file makes a reader of files raise
        except Exception as error:
            name = type(error).__name__
            raise UnfitLabelError(
                f"is no PDF that can be read ({name}); fetch it again with get_shipment_documents"
            ) from None

    def _forms_of(self, reader: "PdfReader") -> Iterator[tuple[Box, Position, "StreamObject"]]:
        if not len(reader.pages):
            raise UnfitLabelError("is a PDF without pages")
        if len(reader.pages) > _MOST_PAGES:
            raise UnfitLabelError(f"has more than {_MOST_PAGES} pages, as no label has")
        boxes = [_box(page) for page in reader.pages]
        positions = [position(box, self._arrangement) for box in boxes]
        try:
            for page, box, lying in zip(reader.pages, boxes, positions, strict=True):
                yield box, lying, self._form(page, box)
        finally:
            # what was copied is known by the reader's address: the next reader may have the same one
            self._writer.reset_translation(reader)

    def _form(self, page: "PageObject", box: Box) -> "StreamObject":
        """Make a form of a page: it can be drawn anywhere, and nothing outside its box shows."""
        generic = loaded("pypdf.generic")
        contents = page.get_contents()
        form: Any = generic.DecodedStreamObject()
        form.set_data(contents.get_data() if contents is not None else b"")
        for name in ("/Resources", "/Group"):
            if name in page:
                copied = page[name].clone(self._writer)
                reference = getattr(copied, "indirect_reference", None)
                form[generic.NameObject(name)] = copied if reference is None else reference
        return self._finished(form, box)

    def _finished(self, form: Any, box: Box) -> "StreamObject":
        generic = loaded("pypdf.generic")
        name = generic.NameObject
        form[name("/Type")], form[name("/Subtype")] = name("/XObject"), name("/Form")
        sides = (box.left, box.bottom, box.right, box.top)
        form[name("/BBox")] = generic.ArrayObject([generic.FloatObject(side) for side in sides])
        packed: StreamObject = form.flate_encode()
        return packed

    def _picture(self, data: bytes) -> tuple[Box, "StreamObject"]:
        """Make a form of a picture, without loss: its dots stay as sharp as they are."""
        generic = loaded("pypdf.generic")
        image, dpi = _opened(data, self._dpi)
        width, height = (side * _INCH / dpi for side in image.size)
        name, number = generic.NameObject, generic.NumberObject
        stream = generic.EncodedStreamObject()
        stream[name("/Type")], stream[name("/Subtype")] = name("/XObject"), name("/Image")
        stream[name("/Width")], stream[name("/Height")] = (number(side) for side in image.size)
        stream[name("/ColorSpace")] = name("/DeviceGray")
        stream[name("/BitsPerComponent")] = number(1 if image.mode == "1" else 8)
        stream[name("/Filter")] = name("/FlateDecode")
        stream._data = zlib.compress(image.tobytes())
        form: Any = generic.DecodedStreamObject()
        form.set_data(f"{width:.4f} 0 0 {height:.4f} 0 0 cm /Picture Do".encode())
        form[name("/Resources")] = _with_object(generic, "/Picture", self._writer._add_object(stream))
        box = Box(0, 0, width, height)
        return box, self._finished(form, box)

    def _put(self, box: Box, lying: Position, form: "StreamObject") -> None:
        generic = loaded("pypdf.generic")
        sheet, _, scale = self._arrangement
        number = 0 if sheet is None else self._filled % sheet.places
        if number == 0 or self._sheet is None:
            size = (lying.width, lying.height) if sheet is None else (sheet.width, sheet.height)
            self._sheet = self._writer.add_blank_page(*size)
            self._sheet[generic.NameObject("/Contents")] = generic.ArrayObject()
            self._sheet[generic.NameObject("/Resources")] = _with_object(generic, None, None)
        numbers = " ".join(
            f"{value:.6f}" for value in matrix(box, lying, scale, centred(lying, sheet, number))
        )
        drawing: Any = generic.DecodedStreamObject()
        drawing.set_data(f"q {numbers} cm /Label{number} Do Q\n".encode())
        page: Any = self._sheet
        page["/Contents"].append(self._writer._add_object(drawing))
        objects = page["/Resources"]["/XObject"]
        objects[generic.NameObject(f"/Label{number}")] = self._writer._add_object(form)
        self._filled += 1


def _with_object(generic: Any, name: str | None, reference: "IndirectObject | None") -> Any:
    """Return resources with one object, or with none yet."""
    objects = generic.DictionaryObject()
    if name is not None:
        objects[generic.NameObject(name)] = reference
    return generic.DictionaryObject({generic.NameObject("/XObject"): objects})


def _box(page: "PageObject") -> Box:
    visible = page.cropbox
    left, bottom, right, top = (
        float(side) for side in (visible.left, visible.bottom, visible.right, visible.top)
    )
    if right - left < 1 or top - bottom < 1:
        raise UnfitLabelError("has a page without a size")
    if any(note.get_object().get("/Subtype") not in _WITHOUT_INK for note in page.annotations or ()):
        raise UnfitLabelError("has form fields or notes, which would be lost; print it into a new PDF first")
    if page.rotation % 90:
        raise UnfitLabelError("has a page that is turned by something else than a right angle")
    return Box(left, bottom, right, top, page.rotation % 360, float(page.user_unit))


def _opened(data: bytes, dpi: int | None) -> tuple["Image", int]:
    """Return a picture in black and white, or in grey, and its resolution."""
    pillow = loaded("PIL.Image")
    try:
        image = pillow.open(io.BytesIO(data), formats=("PNG",))
        if image.width * image.height > _MOST_PIXELS:
            raise UnfitLabelError(f"has more than {_MOST_PIXELS} pixels, as no label has")
        image.load()
    except UnfitLabelError:
        raise
    except Exception as error:  # whatever a broken file makes a reader of files raise
        name = type(error).__name__
        raise UnfitLabelError(
            f"is no PNG that can be read ({name}); fetch it again with get_shipment_documents"
        ) from None
    found = round(image.info.get("dpi", (0, 0))[0]) or dpi
    if not found:
        raise UnfitLabelError("is a PNG that does not say its resolution: pass dpi=, such as 203 or 300")
    return _grey(image), found


def _grey(image: "Image") -> "Image":
    pillow = loaded("PIL.Image")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        image = pillow.alpha_composite(pillow.new("RGBA", seen.size, (_WHITE,) * 4), seen)
    grey: Image = image.convert("L")
    shades = {shade for _, shade in grey.getcolors(2) or [(0, None)]}
    return grey.convert("1", dither=pillow.Dither.NONE) if shades <= {0, _WHITE} else grey
