"""Labels as they are handed in, in print order: documents, shipments, files and bytes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from spshipping import disk
from spshipping.errors import DecodeError, MissingFieldError
from spshipping.shipping.models import files
from spshipping.shipping.models.documents import DocumentFormat, PackageDocument
from spshipping.shipping.ship.shipment import Shipment

MOST_BYTES_OF_A_LABEL = 16 << 20
"""A document that is larger is refused: no label is."""


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A label as bytes; what it holds is personal, so its repr shows the name only."""

    data: bytes = field(repr=False)
    name: str = "label"
    """What errors call it."""


Label = PackageDocument | Shipment | LabelFile | str | PathLike[str]
"""A document of a shipment; a shipment, for all of its labels; bytes; or the path of a file."""


class UnfitLabelError(Exception):
    """A label cannot be used; the message says why and what to do, and holds nothing of the label."""


@dataclass(frozen=True, slots=True)
class Source:
    """One document, before it is read."""

    index: int
    """The place among what was handed in, from 0; the labels of one shipment share it."""
    name: str
    read: Callable[[], bytes]


def sources(labels: Iterable[Label]) -> Iterator[Source]:
    """Yield each document in print order; nothing is read yet."""
    for index, label in enumerate(labels):
        if isinstance(label, Shipment):
            if not label.labels:
                yield Source(index, label.reference, _no_labels)
            for document in label.labels:
                yield Source(index, label.reference, _reader(document))
        elif isinstance(label, PackageDocument):
            name = "".join(files.named_after(getattr(label, "type", None), getattr(label, "format", None)))
            yield Source(index, name, _reader(label))
        elif isinstance(label, LabelFile):
            yield Source(index, label.name, _bytes_of(label))
        else:
            yield Source(index, Path(label).name, _file(Path(label)))


def read(source: Source) -> tuple[DocumentFormat, bytes]:
    """Read a document, and tell its format from its content.

    Raises:
        UnfitLabelError: it cannot be read, is too large, or is neither PDF, PNG nor ZPL.
    """
    try:
        data = source.read()
    except (DecodeError, MissingFieldError) as error:
        raise UnfitLabelError(str(error)) from None
    except OSError as error:
        raise UnfitLabelError(f"the file cannot be read ({type(error).__name__})") from None
    if len(data) > MOST_BYTES_OF_A_LABEL:
        raise UnfitLabelError(f"has more than {MOST_BYTES_OF_A_LABEL >> 20} MiB, as no label has")
    return format_of(data), data


def format_of(data: bytes) -> DocumentFormat:
    """Return the format of a document, by its content.

    Raises:
        UnfitLabelError: it is none of the three.
    """
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return DocumentFormat.PNG
    # readers of PDF find its mark anywhere in the first 1024 bytes
    if b"%PDF-" in data[:1024]:
        return DocumentFormat.PDF
    if b"^XA" in data.upper():
        return DocumentFormat.ZPL
    raise UnfitLabelError("is neither PDF, PNG nor ZPL; fetch it again with get_shipment_documents")


def _no_labels() -> bytes:
    raise UnfitLabelError("the shipment has no label here; fetch it with get_shipment_documents")


def _reader(document: PackageDocument) -> Callable[[], bytes]:
    return lambda: document.data


def _bytes_of(label: LabelFile) -> Callable[[], bytes]:
    return lambda: label.data


def _file(path: Path) -> Callable[[], bytes]:
    return lambda: disk.read(path, most=MOST_BYTES_OF_A_LABEL)
