"""Documents: what they hold, where they are saved, and how they are found in every kind of answer."""

import base64
import copy
import errno
import os
import pickle
import stat
import traceback
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.errors import DecodeError
from spshipping.shipping import (
    Carrier,
    DirectPurchaseResult,
    DocumentFormat,
    DocumentType,
    GetShipmentDocumentsResult,
    OneClickShipmentResult,
    PackageDocument,
    PurchaseShipmentResult,
    Service,
)
from spshipping.wire.convert import loads
from spshipping.wire.model import extra, reveal
from tests.unit.shipping.build import PDF, PNG, ZPL, arrival, bought, document, law, money

LABEL = document()
RECEIPT = document(ZPL, DocumentType.RECEIPT, DocumentFormat.ZPL)


@law
@given(st.binary(min_size=1))
def test_the_data_is_what_amazon_encoded(data: bytes) -> None:
    assert document(data, format=DocumentFormat.ZPL).data == data


@pytest.mark.parametrize("data", [PDF, b"\n" * 100 + PDF])
def test_a_pdf_is_known_by_its_mark(data: bytes) -> None:
    assert document(data).data == data


def test_a_png_is_known_by_its_mark() -> None:
    assert document(PNG, format=DocumentFormat.PNG).data == PNG


def test_a_format_of_tomorrow_is_not_second_guessed() -> None:
    assert document(b"GIF89a", format=DocumentFormat("GIF")).data == b"GIF89a"


def test_line_breaks_in_base64_are_no_damage() -> None:
    wrapped = base64.encodebytes(PDF * 20).decode().replace("\n", " \r\n\t")
    label = PackageDocument(type=DocumentType.LABEL, format=DocumentFormat.PDF, contents=wrapped)
    assert label.data == PDF * 20


@pytest.mark.parametrize(
    "contents", ["", " \n", "JVBERi0xLj", "not base64!", "JVBE*Ri0x", "é" * 4, None], ids=repr
)
def test_a_document_that_cannot_be_read_says_how_to_get_it(contents: Any) -> None:
    broken = PackageDocument(type=DocumentType.LABEL, format=DocumentFormat.ZPL, contents=contents)
    with pytest.raises(DecodeError, match="is bought; call get_shipment_documents"):
        _ = broken.data


@pytest.mark.parametrize(
    ("data", "format"),
    [(PNG, DocumentFormat.PDF), (PDF, DocumentFormat.PNG), (b"x" * 1024 + PDF, DocumentFormat.PDF)],
)
def test_a_file_of_another_format_is_not_handed_out(data: bytes, format: DocumentFormat) -> None:
    with pytest.raises(DecodeError, match=f"no {format}.*is bought; call get_shipment_documents"):
        _ = document(data, format=format).data


def test_the_error_holds_nothing_of_the_document() -> None:
    with pytest.raises(DecodeError) as caught:
        _ = document(b"Jane Roe, 1 High Street").data
    assert "Jane" not in repr(vars(caught.value)) + str(caught.value)


def test_a_label_is_hidden_in_its_repr() -> None:
    assert LABEL.contents not in repr(LABEL)
    assert LABEL.contents in reveal(LABEL)


def test_saving_to_a_file_makes_its_folders_and_replaces_it(tmp_path: Path) -> None:
    path = tmp_path / "today" / "1" / "label.pdf"
    assert document(PDF + b"old").save(path) == path
    assert LABEL.save(str(path)) == path
    assert path.read_bytes() == PDF
    assert list(path.parent.iterdir()) == [path]


def test_saving_to_a_folder_names_the_file_and_replaces_nothing(tmp_path: Path) -> None:
    saved = [document(PDF + bytes([n])).save(tmp_path) for n in range(3)]
    assert [path.name for path in saved] == ["LABEL.pdf", "LABEL-2.pdf", "LABEL-3.pdf"]
    assert [path.read_bytes() for path in saved] == [PDF + bytes([n]) for n in range(3)]


@pytest.mark.parametrize(
    ("type", "format", "name"),
    [
        (DocumentType("../../LABEL"), DocumentFormat("a/b\0c"), "______LABEL.a_b_c"),
        (None, None, "DOCUMENT.bin"),
        (DocumentType.CUSTOM_FORM, DocumentFormat.ZPL, "CUSTOM_FORM.zpl"),
    ],
)
def test_a_file_never_leaves_its_folder(tmp_path: Path, type: Any, format: Any, name: str) -> None:
    assert document(ZPL, type, format).save(tmp_path) == tmp_path / name


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize("name", ["", "label.pdf"])
def test_only_the_owner_can_read_a_saved_label(tmp_path: Path, name: str) -> None:
    (tmp_path / "label.pdf").touch(0o644)
    assert stat.S_IMODE(LABEL.save(tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "label.pdf"])
def test_a_full_disk_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="full"):
        LABEL.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows syncs no folders")
@pytest.mark.parametrize("name", ["", "label.pdf", "new/label.pdf"])
def test_e2_a_label_that_was_paid_for_is_on_the_disk_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    synced: list[int] = []

    def note(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)

    monkeypatch.setattr(os, "fsync", note)
    path = LABEL.save(tmp_path / name)
    assert synced[-2:] == [path.stat().st_ino, path.parent.stat().st_ino]
    assert tmp_path.stat().st_ino in synced


def test_e3_what_fails_shows_neither_label_nor_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="full") as caught:
        LABEL.save(tmp_path / "TRACKING-1.pdf")
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)][1:]
    assert len(frames) > 4
    assert not any("TRACKING-1" in repr(frame.f_locals) for frame in frames if "spshipping" in str(frame))


def test_a_broken_document_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(DecodeError):
        document(b"no pdf").save(tmp_path)
    assert list(tmp_path.iterdir()) == []


PACKAGES = [bought(RECEIPT, tracking_id=None), bought(LABEL, tracking_id="T2"), bought(tracking_id="T3")]


@pytest.mark.parametrize(
    "result",
    [
        PurchaseShipmentResult(shipment_id="S", package_document_details=PACKAGES, promise=arrival(1)),
        OneClickShipmentResult(
            shipment_id="S",
            package_document_details=PACKAGES,
            promise=arrival(1),
            carrier=Carrier(id="C", name="C"),
            service=Service(id="S", name="S"),
            total_charge=money("1"),
        ),
        DirectPurchaseResult(shipment_id="S", package_document_detail_list=PACKAGES),
    ],
    ids=lambda result: type(result).__name__,
)
def test_every_purchase_gives_its_labels_by_one_name(
    result: PurchaseShipmentResult | OneClickShipmentResult | DirectPurchaseResult,
) -> None:
    assert result.documents == [RECEIPT, LABEL]
    assert result.labels == [LABEL]
    assert result.tracking_id == "T2"


def test_a_reprint_gives_its_label_by_the_same_name() -> None:
    result = GetShipmentDocumentsResult(shipment_id="S", package_document_detail=bought(RECEIPT, LABEL))
    assert (result.documents, result.labels, result.tracking_id) == ([RECEIPT, LABEL], [LABEL], "T1")


@pytest.mark.parametrize(
    "cls",
    [PurchaseShipmentResult, OneClickShipmentResult, DirectPurchaseResult, GetShipmentDocumentsResult],
)
@pytest.mark.parametrize(
    "details",
    [
        "null",
        "[]",
        "[null]",
        "{}",
        "[{}]",
        '[{"packageDocuments": null, "trackingId": null}]',
        '[{"packageDocuments": [null, 7], "trackingId": []}]',
        '"text"',
    ],
)
def test_an_answer_with_holes_has_no_labels_rather_than_an_error(
    cls: type[PurchaseShipmentResult | DirectPurchaseResult | GetShipmentDocumentsResult], details: str
) -> None:
    result = loads(f'{{"shipmentId": "S", "{_wire_name(cls)}": {details}}}', cls)
    assert (result.documents, result.labels, result.tracking_id) == ([], [], None)


def test_an_answer_travels_between_processes_with_all_it_holds() -> None:
    result = loads('{"shipmentId": "S", "packageDocumentDetailList": [], "new": 1}', DirectPurchaseResult)
    for copied in (copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert copied == result
        assert extra(copied) == {"new": 1}
    assert not hasattr(result, "__dict__")


def test_a_label_beside_a_hole_is_found() -> None:
    data = (
        '{"packageDocumentDetails": [null, {"trackingId": 12, "packageDocuments":'
        ' [null, {"format": "ZPL"}, {"type": "LABEL", "contents": "XlhB"}]}]}'
    )
    result = loads(data, PurchaseShipmentResult)
    assert [label.data for label in result.labels] == [b"^XA"]
    assert result.tracking_id == "12"


def _wire_name(cls: Any) -> str:
    return str(cls.__wire_names__[cls.__packages__])
