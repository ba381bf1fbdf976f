"""Collection forms as files."""

import base64
from pathlib import Path

import pytest

from spshipping.errors import DecodeError
from spshipping.shipping import CollectionsFormDocument
from tests.unit.shipping.build import PDF


def form(content: bytes = PDF, format: str | None = "application/pdf") -> CollectionsFormDocument:
    """Return a form that holds *content*."""
    return CollectionsFormDocument(
        base64_encoded_content=base64.b64encode(content).decode(), document_format=format
    )


def test_a_form_is_decoded_and_saved_for_its_owner_only(tmp_path: Path) -> None:
    path = form().save(tmp_path)
    assert path == tmp_path / "COLLECTION_FORM.pdf"
    assert path.read_bytes() == form().data == PDF
    assert path.stat().st_mode & 0o077 == 0
    assert form().save(tmp_path).name == "COLLECTION_FORM-2.pdf"
    assert form().save(tmp_path / "monday.pdf").name == "monday.pdf"


def test_a_form_of_another_format_is_given_as_it_is(tmp_path: Path) -> None:
    other = form(b"text", None)
    assert other.data == b"text"
    assert other.save(tmp_path).name == "COLLECTION_FORM.bin"


@pytest.mark.parametrize(
    "broken", [form(b"text"), CollectionsFormDocument(document_format="application/pdf")]
)
def test_a_form_that_cannot_be_read_says_how_to_get_it(
    broken: CollectionsFormDocument, tmp_path: Path
) -> None:
    with pytest.raises(DecodeError, match="call get_collection_form"):
        broken.save(tmp_path / "form.pdf")
    assert not list(tmp_path.iterdir())


def test_what_a_form_holds_shows_in_no_repr() -> None:
    assert base64.b64encode(PDF).decode() not in repr(form())
