"""Merged labels: every barcode is read back, in print order, and what is broken stops no other."""

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NumberObject

from spshipping.errors import ConfigurationError, InvalidRequestError
from spshipping.shipping import DocumentFormat, DocumentType, PackageDocument
from spshipping.shipping.paper import LabelFile, Merged, RefusedLabel, merge_labels, merge_zpl
from spshipping.shipping.paper import documents as documents_module
from spshipping.shipping.paper import merge as merge_module
from spshipping.shipping.paper import pages as pages_module
from spshipping.shipping.ship.shipment import Shipment
from tests.paper.printed import (
    cropped,
    label,
    labels,
    pages,
    scanned_pages,
    scanned_zpl,
    sizes,
    small,
    tracking,
    turned,
    written,
)
from tests.unit.shipping.build import document, without

LABEL_MM = (101.6, 152.4)
A4, LETTER = (297.0, 210.0), (279.4, 215.9)


def flat(merged: Merged, **options: Any) -> list[str]:
    """Return every barcode of all files, in print order."""
    pages = [page for file in merged.files for page in scanned_pages(file.path, **options)]
    return [text for page in pages for text in page]


def approx(*sides: tuple[float, float]) -> list[Any]:
    return [pytest.approx(each, abs=0.2) for each in sides]


def shipment(*documents: PackageDocument, reference: str = "1001") -> Shipment:
    return Shipment(
        reference=reference,
        generation=1,
        shipment_id="S1",
        tracking_id=None,
        package_client_reference_id="p",
        carrier_id=None,
        carrier_name=None,
        service_id=None,
        service_name=None,
        charge=None,
        documents=documents,
        files=(),
        is_repeat=False,
    )


@pytest.mark.parametrize("format", ["PDF", "PNG"])
@pytest.mark.parametrize("dpi", [203, 300])
def test_labels_are_merged_one_to_a_page_unscaled_in_print_order(
    tmp_path: Path, format: str, dpi: int
) -> None:
    merged = merge_labels(labels(range(5), format, dpi=dpi), tmp_path, most=2)
    assert [(file.path.name, file.labels, file.pages, file.first, file.last) for file in merged.files] == [
        ("labels-001.pdf", 2, 2, 0, 1),
        ("labels-002.pdf", 2, 2, 2, 3),
        ("labels-003.pdf", 1, 1, 4, 4),
    ]
    assert flat(merged) == [tracking(number) for number in range(5)]
    assert [size for file in merged.files for size in sizes(file.path)] == approx(*[LABEL_MM] * 5)
    assert (merged.labels, merged.refused) == (5, ())
    assert all(file.path.stat().st_mode & 0o077 == 0 for file in merged.files)


@pytest.mark.long
@pytest.mark.parametrize(("paper", "size"), [("A4", A4), ("LETTER", LETTER)])
@pytest.mark.parametrize("format", ["PDF", "PNG"])
def test_two_labels_lie_on_a_sheet_unscaled(
    tmp_path: Path, paper: Any, size: tuple[float, float], format: str
) -> None:
    merged = merge_labels(labels(range(5), format), tmp_path, paper=paper, per_sheet=2)
    (file,) = merged.files
    assert (file.labels, file.pages) == (5, 3)
    assert sizes(file.path) == approx(*[size] * 3)
    numbers = [[0, 1], [2, 3], [4]]
    assert scanned_pages(file.path) == [[tracking(number) for number in page] for page in numbers]


def test_labels_of_shipments_documents_files_and_bytes_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "third.png"
    path.write_bytes(label(2, "PNG"))
    slip = document(label(9), type=DocumentType.PACKSLIP)
    merged = merge_labels(
        [
            document(label(0)),
            shipment(document(label(1)), slip, document(label(10, "PNG"), format=DocumentFormat.PNG)),
            path,
            str(path),
            LabelFile(label(3)),
        ],
        tmp_path,
    )
    assert flat(merged) == [tracking(number) for number in (0, 1, 10, 2, 2, 3)]
    assert (merged.files[0].first, merged.files[0].last) == (0, 4)


def test_all_pages_of_a_document_are_merged(tmp_path: Path) -> None:
    merged = merge_labels(labels(range(2), slip=True), tmp_path)
    assert scanned_pages(merged.files[0].path) == [[tracking(0)], [], [tracking(1)], []]
    assert (merged.files[0].labels, merged.files[0].pages) == (2, 4)


@pytest.mark.parametrize("by", [90, 180, 270])
def test_a_page_that_a_flag_turns_lies_as_it_is_seen(tmp_path: Path, by: int) -> None:
    merged = merge_labels([LabelFile(turned(label(1), by=by))], tmp_path)
    two_up = merge_labels([LabelFile(turned(label(1), by=by))], tmp_path, paper="A4", per_sheet=2, name="two")
    assert flat(merged) == flat(two_up) == [tracking(1)]
    assert sizes(merged.files[0].path) == approx(LABEL_MM)


@pytest.mark.long
@pytest.mark.parametrize("by", [90, 270])
@pytest.mark.parametrize(("paper", "per_sheet"), [(None, 1), ("A4", 1), ("A4", 2), ("LETTER", 2)])
def test_a_label_that_lies_across_is_turned_upright(
    tmp_path: Path, by: int, paper: Any, per_sheet: int
) -> None:
    across = LabelFile(turned(label(1), by=by, is_flag=False))
    merged = merge_labels([across, LabelFile(label(2))], tmp_path, paper=paper, per_sheet=per_sheet)
    assert flat(merged) == [tracking(1), tracking(2)]


@pytest.mark.parametrize(("rotate", "size"), [(0, LABEL_MM), (90, LABEL_MM[::-1]), (270, LABEL_MM[::-1])])
def test_a_label_is_turned_as_far_as_it_is_said(tmp_path: Path, rotate: Any, size: Any) -> None:
    merged = merge_labels(labels([1]), tmp_path, rotate=rotate)
    assert sizes(merged.files[0].path) == approx(size)
    assert flat(merged, is_upright=False) == [tracking(1)]
    assert flat(merged) == ([tracking(1)] if rotate == 0 else [])


def test_only_what_is_to_be_seen_of_a_page_is_merged(tmp_path: Path) -> None:
    merged = merge_labels([LabelFile(cropped(label(1), margin=30))], tmp_path)
    assert sizes(merged.files[0].path) == approx(LABEL_MM)
    assert flat(merged) == [tracking(1)]


def test_a_page_in_larger_units_keeps_its_size(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(small(label(1), scale=0.5)))
    writer.pages[0][NameObject("/UserUnit")] = FloatObject(2)
    merged = merge_labels([LabelFile(written(writer))], tmp_path)
    assert sizes(merged.files[0].path) == approx(LABEL_MM)
    assert flat(merged) == [tracking(1)]


def test_a_transparent_page_is_merged_with_its_group(tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(label(1)))
    group = DictionaryObject({NameObject("/S"): NameObject("/Transparency")})
    writer.pages[0][NameObject("/Group")] = group
    assert flat(merge_labels([LabelFile(written(writer))], tmp_path)) == [tracking(1)]


def test_more_than_two_fit_where_labels_are_smaller(tmp_path: Path) -> None:
    merged = merge_labels(
        [LabelFile(small(label(n), scale=0.9)) for n in range(5)], tmp_path, paper="A4", per_sheet=4
    )
    assert scanned_pages(merged.files[0].path) == [[tracking(n) for n in range(4)], [tracking(4)]]


@pytest.mark.parametrize(("per_sheet", "scale"), [(4, 0.95), (6, 0.65), (8, 0.6), (9, 0.6)])
def test_more_fit_at_a_scale_that_keeps_the_bars_wide_enough(
    tmp_path: Path, per_sheet: int, scale: float
) -> None:
    merged = merge_labels(
        labels(range(per_sheet)), tmp_path, paper="A4", per_sheet=per_sheet, scale=scale, module_width_mm=0.5
    )
    assert scanned_pages(merged.files[0].path) == [[tracking(n) for n in range(per_sheet)]]


def test_a_label_that_is_larger_than_its_place_is_refused_with_what_to_do(tmp_path: Path) -> None:
    merged = merge_labels(labels(range(2)), tmp_path, paper="A4", per_sheet=4)
    assert merged.files == ()
    assert str(merged.refused[0]) == (
        "0 (label 0): is 101.6 x 152.4 mm, and one of 4 places on A4 is 105.0 x 148.5 mm:"
        " put fewer on a sheet, or give a scale"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"scale": 0.4, "module_width_mm": 0.5},
            "scale: makes the narrowest bar 0.200 mm wide.*at least 0.500",
        ),
        ({"scale": 0.9}, "module_width_mm: is needed with scale"),
        ({"scale": 0.9, "module_width_mm": 0}, "module_width_mm: is needed with scale"),
        ({"scale": 0}, "scale: is a number above 0, and at most 1"),
        ({"scale": 1.1}, "scale: is a number above 0"),
        ({"per_sheet": 2}, "per_sheet: needs paper"),
        ({"per_sheet": 3}, "per_sheet: is one of 1, 2, 4"),
        ({"paper": "A5"}, "paper: is one of A4, LETTER"),
        ({"rotate": 45}, "rotate: is auto, 0, 90"),
        ({"most": 0}, "most: is a whole number above 0"),
        ({"name": "../labels"}, "name: is the name of a file"),
        ({"name": ""}, "name: is the name of a file"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_read(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        merge_labels(iter(()), tmp_path, **options)
    assert not list(tmp_path.iterdir())


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(label(1)))
    writer.encrypt("secret", algorithm="RC4-128")
    return written(writer)


def of_pages(count: int, width: float = 288, rotate: int | None = None) -> bytes:
    writer = PdfWriter()
    for _ in range(count):
        page = writer.add_blank_page(width, 432)
        if rotate:
            page[NameObject("/Rotate")] = NumberObject(rotate)
    return written(writer)


def with_note(subtype: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(label(1)))
    note = DictionaryObject({NameObject("/Subtype"): NameObject(subtype)})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([note])
    return written(writer)


def picture(size: tuple[int, int] = (812, 1218), **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("L", size, 255).save(file, "PNG", **options)
    return file.getvalue()


BROKEN: dict[str, tuple[bytes, str]] = {
    "encrypted": (encrypted(), "is an encrypted PDF; save it without a password"),
    "empty": (of_pages(0), "is a PDF without pages"),
    "book": (of_pages(51), "has more than 50 pages"),
    "narrow": (of_pages(1, width=0.5), "has a page without a size"),
    "askew": (of_pages(1, rotate=45), "is turned by something else"),
    "form": (with_note("/Widget"), "has form fields or notes, which would be lost"),
    "text": (b"Ada Lovelace, 12 Analytical Row", "is neither PDF, PNG nor ZPL"),
    "cut": (label(1)[:200], "is no PDF that can be read"),
    "cut picture": (label(1, "PNG")[:300], "is no PNG that can be read"),
    "no resolution": (picture(), "does not say its resolution: pass dpi="),
    "zpl": (label(1, "ZPL"), "is ZPL, which printers draw: join it with merge_zpl"),
    "huge": (b"%PDF-" + bytes(documents_module.MOST_BYTES_OF_A_LABEL), "has more than 16 MiB"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_refused_by_place_and_name_and_the_others_are_merged(
    tmp_path: Path, case: str
) -> None:
    data, reason = BROKEN[case]
    merged = merge_labels([LabelFile(label(1)), LabelFile(data, case), LabelFile(label(2))], tmp_path)
    (refused,) = merged.refused
    assert (refused.index, refused.name) == (1, case)
    assert reason in refused.reason
    assert "Lovelace" not in str(refused)
    assert flat(merged) == [tracking(1), tracking(2)]


def test_documents_and_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    merged = merge_labels(
        [
            document(b"no PDF"),
            without(document(label(1)), "contents"),
            tmp_path / "missing.pdf",
            shipment(reference="1002"),
            without(document(label(1)), "format"),
        ],
        tmp_path,
    )
    assert [(refused.name, refused.reason.split(";")[0]) for refused in merged.refused] == [
        ("LABEL.pdf", "the document is no PDF, although it says so"),
        ("LABEL.pdf", "the document is empty or no base64"),
        ("missing.pdf", "the file cannot be read (FileNotFoundError)"),
        ("1002", "the shipment has no label here"),
    ]
    assert flat(merged) == [tracking(1)]


def test_a_link_on_a_page_prints_nothing_and_is_left_out(tmp_path: Path) -> None:
    assert flat(merge_labels([LabelFile(with_note("/Link"))], tmp_path)) == [tracking(1)]


def test_a_page_with_nothing_on_it_is_a_page(tmp_path: Path) -> None:
    merged = merge_labels([LabelFile(of_pages(1)), LabelFile(label(1))], tmp_path)
    assert scanned_pages(merged.files[0].path) == [[], [tracking(1)]]


def test_a_picture_without_a_resolution_takes_the_one_that_is_given(tmp_path: Path) -> None:
    merged = merge_labels([LabelFile(picture())], tmp_path, dpi=203)
    assert sizes(merged.files[0].path) == approx(LABEL_MM)


def test_a_picture_with_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "_MOST_PIXELS", 1000)
    (refused,) = merge_labels([LabelFile(picture(dpi=(203, 203)))], tmp_path).refused
    assert "has more than 1000 pixels" in refused.reason


def test_a_transparent_picture_is_printed_on_white_and_keeps_its_grey(tmp_path: Path) -> None:
    image = Image.new("RGBA", (203, 203), (0, 0, 0, 0))
    image.paste((128, 128, 128, 255), (0, 0, 203, 100))
    file = io.BytesIO()
    image.save(file, "PNG", dpi=(203, 203))
    merged = merge_labels([LabelFile(file.getvalue())], tmp_path, rotate=0)
    (page,) = pages(merged.files[0].path, 203)
    seen = page.convert("L")
    assert seen.getpixel((100, 50)) == pytest.approx(128, abs=2)
    assert seen.getpixel((100, 150)) == 255


def test_a_file_is_closed_when_its_labels_are_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_module, "MOST_BYTES", len(label(0)) * 3 // 2)
    merged = merge_labels(labels(range(5)), tmp_path)
    assert [file.labels for file in merged.files] == [2, 2, 1]
    assert flat(merged) == [tracking(number) for number in range(5)]


def test_nothing_to_merge_writes_nothing(tmp_path: Path) -> None:
    assert merge_labels([], tmp_path / "out") == Merged((), ())
    assert not (tmp_path / "out").exists()


def test_what_an_iterable_raises_passes_and_full_files_stay(tmp_path: Path) -> None:
    def failing() -> Iterator[LabelFile]:
        yield from labels(range(3))
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        merge_labels(failing(), tmp_path, most=2)
    assert [path.name for path in tmp_path.iterdir()] == ["labels-001.pdf"]


def peak(count: int, folder: Path) -> int:
    data = label(1)
    tracemalloc.start()
    try:
        merged = merge_labels((LabelFile(bytes(bytearray(data))) for _ in range(count)), folder, most=10)
        assert merged.labels == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_that_of_one_file_however_many_labels_there_are(tmp_path: Path) -> None:
    peak(1, tmp_path)  # what is loaded once
    few, many = peak(20, tmp_path), peak(120, tmp_path)
    assert many < 2.5 * few
    assert many < 2 << 20


def test_zpl_is_put_together_unchanged_and_every_barcode_is_read_back(tmp_path: Path) -> None:
    merged = merge_zpl(labels(range(5), "ZPL"), tmp_path, most=3, name="zebra")
    assert [(file.path.name, file.labels, file.pages) for file in merged.files] == [
        ("zebra-001.zpl", 3, 3),
        ("zebra-002.zpl", 2, 2),
    ]
    found = [text for file in merged.files for page in scanned_zpl(file.path.read_bytes()) for text in page]
    assert found == [tracking(number) for number in range(5)]
    assert label(1, "ZPL").strip() in merged.files[0].path.read_bytes()
    assert merged.files[0].path.stat().st_mode & 0o077 == 0


STORED = b"~DGR:LOGO.GRF,2,1,FFFF\r\n"


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"\xef\xbb\xbf^XA^FDx^FS^XZ\r\n", 1),
        (b"^xa^fdx^fs^xz^XA^XZ", 2),
        (STORED + b"^XA^XGR:LOGO.GRF^FS^XZ" + STORED + b"^XA^XZ", 2),
    ],
)
def test_labels_of_zpl_are_counted(tmp_path: Path, data: bytes, count: int) -> None:
    merged = merge_zpl([LabelFile(data)], tmp_path)
    assert merged.files[0].pages == count


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"^XA^FDx", "has a label (^XA) without an end (^XZ)"),
        (b"^XA^XA^XZ", "has a label (^XA) without an end (^XZ)"),
        (b"^XZ^XA^XZ", "has an end (^XZ) without a label"),
        (b"Dear customer ^XA^XZ", "has something that is no ZPL"),
        (b"^XA^XZ <html>", "has something that is no ZPL"),
        (b"hello", "is neither PDF, PNG nor ZPL"),
        (label(1), "is PDF, and no ZPL: merge it with merge_labels"),
    ],
)
def test_what_is_no_zpl_is_refused_and_the_others_are_put_together(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    merged = merge_zpl(
        [LabelFile(label(1, "ZPL")), LabelFile(data, "odd"), LabelFile(label(2, "ZPL"))], tmp_path
    )
    (refused,) = merged.refused
    assert (refused.index, refused.name) == (1, "odd")
    assert reason in refused.reason
    assert merged.files[0].pages == 2


def test_what_a_label_holds_shows_in_no_repr() -> None:
    assert repr(LabelFile(b"^XA Ada ^XZ", "one")) == "LabelFile(name='one')"
    assert str(RefusedLabel(3, "one", "is no ZPL")) == "3 (one): is no ZPL"


@pytest.mark.parametrize("module", ["pypdf", "PIL.Image"])
def test_without_the_extra_the_error_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=r"spshipping\[labels\]"):
        merge_labels(labels([1], "PNG") if module == "pypdf" else [LabelFile(picture())], tmp_path)


def test_the_libraries_are_loaded_where_they_are_used() -> None:
    code = (
        "import sys, spshipping.shipping.paper\n"
        "print([name for name in ('pypdf', 'PIL', 'zplkit', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("dpi", [0, -203, 203.5])
def test_a_resolution_that_is_none_is_refused(tmp_path: Path, dpi: Any) -> None:
    with pytest.raises(InvalidRequestError, match="dpi: is a whole number above 0, such as 203"):
        merge_labels([], tmp_path, dpi=dpi)
