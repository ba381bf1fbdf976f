"""Merges labels of many shipments, in print order, into files of a limited number."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import NamedTuple, Protocol

from spshipping import disk
from spshipping.errors import InvalidRequestError
from spshipping.secret import discreet
from spshipping.shipping.models.documents import DocumentFormat
from spshipping.shipping.paper.documents import Label, Source, UnfitLabelError, read, sources
from spshipping.shipping.paper.pages import LabelPages
from spshipping.shipping.paper.sheets import PaperName, Rotation, arranged
from spshipping.shipping.paper.zpl import LabelBlocks

MOST_LABELS = 100
"""Documents in one file, where nothing else is said."""
MOST_BYTES = 32 << 20
"""A file is closed, too, when its documents together have so many bytes."""


class MergedFile(NamedTuple):
    """One file that was written."""

    path: Path
    labels: int
    """Documents in it."""
    pages: int
    """Pages or sheets of a PDF; labels of ZPL."""
    first: int
    """The place of its first document among what was handed in, from 0."""
    last: int


@dataclass(frozen=True, slots=True)
class RefusedLabel:
    """A document that is in no file, and why."""

    index: int
    """Its place among what was handed in, from 0."""
    name: str
    """Its file, its reference, or its type."""
    reason: str

    def __str__(self) -> str:
        return f"{self.index} ({self.name}): {self.reason}"


class Merged(NamedTuple):
    """What was written, in print order, and what was refused."""

    files: tuple[MergedFile, ...]
    refused: tuple[RefusedLabel, ...]

    @property
    def labels(self) -> int:
        """Documents in all files."""
        return sum(file.labels for file in self.files)


@discreet
def merge_labels(
    labels: Iterable[Label],
    folder: str | PathLike[str],
    *,
    most: int = MOST_LABELS,
    paper: PaperName | None = None,
    per_sheet: int = 1,
    rotate: Rotation = "auto",
    scale: float = 1.0,
    module_width_mm: float | None = None,
    dpi: int | None = None,
    name: str = "labels",
) -> Merged:
    """Merge labels in PDF and PNG into PDF files, in print order.

    Nothing is scaled unless you say so. Print the files at 100 %, without "fit to page". A document that
    cannot be used is refused, and the others are merged. Needs the extra `spshipping[labels]`.

    Labels are drawn from the iterable one by one. In memory are the labels of one file, some four times, and
    the pixels of one picture. A file is full with *most* documents, or with 32 MiB of them.

    Args:
        labels: documents, shipments (all of their labels), paths, or `LabelFile` for bytes.
        folder: where `labels-001.pdf` and so on are written, readable by their owner only. What has such a
            name is replaced; print the files of the result, for others may be older.
        most: how many documents go into one file at most.
        paper: `A4` or `LETTER`; None for pages that are as large as their labels.
        per_sheet: 1, 2, 4, 6, 8 or 9. Two labels of 4 by 6 inches fit, unscaled; more are for smaller labels.
        rotate: `auto` turns what lies across its place; a number turns each page so far, clockwise. How a
            page is turned by itself is kept.
        scale: 1, or smaller; then `module_width_mm` is needed.
        module_width_mm: the width of the narrowest bar of the unscaled labels. A scale that makes it narrower
            than 0.25 mm is refused.
        dpi: the resolution of PNGs that do not say theirs.
        name: what the files are called.

    Raises:
        InvalidRequestError: the labels cannot be put on paper like that.
        ConfigurationError: the extra is not installed.
        OSError: the disk refused; what is written by then stays.
    """
    if dpi is not None and (type(dpi) is not int or dpi < 1):
        raise InvalidRequestError("is a whole number above 0, such as 203", path="dpi")
    arrangement = arranged(paper, per_sheet, rotate, scale, module_width_mm)
    return _merged(labels, _Target(Path(folder), name, ".pdf", most), lambda: LabelPages(arrangement, dpi))


@discreet
def merge_zpl(
    labels: Iterable[Label], folder: str | PathLike[str], *, most: int = MOST_LABELS, name: str = "labels"
) -> Merged:
    """Put labels in ZPL together, unchanged, in print order; see `merge_labels` for the rest.

    Args:
        labels: documents, shipments (all of their labels), paths, or `LabelFile` for bytes.
        folder: where `labels-001.zpl` and so on are written.
        most: how many documents go into one file at most.
        name: what the files are called.

    Raises:
        OSError: the disk refused; what is written by then stays.
    """
    return _merged(labels, _Target(Path(folder), name, ".zpl", most), LabelBlocks)


class _Made(Protocol):
    """One file, while it is made."""

    def add(self, format: DocumentFormat, data: bytes) -> int: ...

    def pages(self) -> int: ...

    def finish(self) -> bytes: ...


class _Target:
    """Where files go, and what they are called."""

    def __init__(self, folder: Path, name: str, suffix: str, most: int) -> None:
        if not name or Path(name).name != name or not name.isprintable():
            raise InvalidRequestError("is the name of a file, without a folder", path="name")
        if type(most) is not int or most < 1:
            raise InvalidRequestError("is a whole number above 0", path="most")
        self.most = most
        self._folder, self._name, self._suffix = folder, name, suffix

    def path(self, number: int) -> Path:
        """Return where a file goes; they are numbered from 1."""
        return self._folder / f"{self._name}-{number:03}{self._suffix}"


class _Open:
    """A file that is not full yet."""

    def __init__(self, made: _Made) -> None:
        self.made = made
        self.indexes: list[int] = []
        self.bytes = 0

    def add(self, source: Source) -> None:
        """Add a document, all of it or nothing."""
        format, data = read(source)
        self.made.add(format, data)
        self.indexes.append(source.index)
        self.bytes += len(data)

    def is_full(self, most: int) -> bool:
        """Return whether the next document goes into another file."""
        return len(self.indexes) >= most or self.bytes >= MOST_BYTES

    def write(self, path: Path) -> MergedFile:
        """Write it."""
        disk.replace(path, self.made.finish(), private=True, durable=True)
        return MergedFile(path, len(self.indexes), self.made.pages(), self.indexes[0], self.indexes[-1])


def _merged(labels: Iterable[Label], target: _Target, make: Callable[[], _Made]) -> Merged:
    files: list[MergedFile] = []
    refused: list[RefusedLabel] = []
    current = _Open(make())
    for source in sources(labels):
        try:
            current.add(source)
        except UnfitLabelError as error:
            refused.append(RefusedLabel(source.index, source.name, str(error)))
        del source  # a label is large
        if current.is_full(target.most):
            files.append(current.write(target.path(len(files) + 1)))
            current = _Open(make())
    if current.indexes:
        files.append(current.write(target.path(len(files) + 1)))
    return Merged(tuple(files), tuple(refused))
