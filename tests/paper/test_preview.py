"""ZPL as pictures."""

import io
import sys
from typing import Any

import pytest
from PIL import Image

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.shipping import DocumentFormat
from spshipping.shipping.paper import LabelFile, preview_zpl
from tests.paper.printed import STREET, label, scanned, tracking
from tests.paper.test_merge import shipment
from tests.unit.shipping.build import document


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_label_is_drawn_in_its_size_and_its_barcode_is_read(dpi: int) -> None:
    (drawn,) = preview_zpl(LabelFile(label(1, "ZPL", dpi=dpi)), dpi=dpi)
    image = Image.open(io.BytesIO(drawn.png))
    assert image.size == (drawn.width, drawn.height) == (4 * dpi, 6 * dpi)
    assert scanned(image) == [tracking(1)]


def test_all_labels_of_a_shipment_are_drawn_in_order() -> None:
    found = shipment(*(document(label(n, "ZPL"), format=DocumentFormat.ZPL) for n in range(3)))
    drawn = [scanned(Image.open(io.BytesIO(each.png))) for each in preview_zpl(found)]
    assert drawn == [[tracking(n)] for n in range(3)]


@pytest.mark.parametrize("dpi", [0, -203, 203.5])
def test_a_resolution_that_is_none_is_refused(dpi: Any) -> None:
    with pytest.raises(InvalidRequestError, match="dpi: is a whole number above 0, such as 203"):
        preview_zpl(LabelFile(label(1, "ZPL")), dpi=dpi)


def test_a_label_that_says_no_size_is_four_by_six_inches() -> None:
    (drawn,) = preview_zpl(LabelFile(b"^XA^FO20,20^A0N,32,0^FDHello^FS^XZ"))
    assert (drawn.width, drawn.height) == (812, 1218)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (label(1), "is no ZPL; PDF and PNG are pictures already"),
        (b"12 Analytical Row", "is neither PDF, PNG nor ZPL"),
        (b"^XA^ZZ12 Analytical Row^FS^XZ", "cannot be drawn, because of what is at byte 3"),
        (b"^XA^PW32000^LL32000^FO0,0^GB32000,32000,9^FS^XZ", "cannot be drawn, because of what is at byte 3"),
    ],
)
def test_what_cannot_be_drawn_is_refused_without_showing_it(data: bytes, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message) as caught:
        preview_zpl(LabelFile(data))
    assert STREET not in str(caught.value)


def test_a_preview_shows_no_picture_in_its_repr() -> None:
    (drawn,) = preview_zpl(LabelFile(label(1, "ZPL")))
    assert repr(drawn) == "Preview(width=812, height=1218)"


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zplkit", None)
    with pytest.raises(ConfigurationError, match=r"zplkit: pip install \"spshipping\[labels\]\""):
        preview_zpl(LabelFile(label(1, "ZPL")))
