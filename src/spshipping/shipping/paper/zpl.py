"""Labels in ZPL, the language of Zebra printers: found, counted, and put together unchanged."""

import re

from spshipping.shipping.models.documents import DocumentFormat
from spshipping.shipping.paper.documents import UnfitLabelError

_MARKS = re.compile(rb"\^X([AZ])", re.IGNORECASE)
_SPACE = b" \t\r\n\x00"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def count_labels(data: bytes) -> int:
    """Return how many labels (`^XA` to `^XZ`) ZPL has; copies that one asks for are not counted.

    Raises:
        UnfitLabelError: a label has no end, or there is something else than labels.
    """
    count, start, is_open = 0, 0, False
    for found in _MARKS.finditer(data):
        is_begin = found[1] in b"Aa"
        if is_begin is is_open:
            raise UnfitLabelError(
                "has a label (^XA) without an end (^XZ)" if is_open else "has an end (^XZ) without a label"
            )
        if is_begin:
            _check_between(data[start : found.start()])
        else:
            count, start = count + 1, found.end()
        is_open = is_begin
    if is_open:
        raise UnfitLabelError("has a label (^XA) without an end (^XZ): it is not complete")
    _check_between(data[start:])
    return count


def _check_between(data: bytes) -> None:
    """Refuse what is between labels, unless it is a command for the printer, such as a picture to store."""
    rest = data.removeprefix(_BYTE_ORDER_MARK).strip(_SPACE)
    if rest and not rest.startswith(b"~"):
        raise UnfitLabelError("has something that is no ZPL before, between or after its labels")


class LabelBlocks:
    """The labels of one ZPL file, while it is made."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0

    def add(self, format: DocumentFormat, data: bytes) -> int:
        """Add a document, and return the number of its labels.

        Raises:
            UnfitLabelError: it is no ZPL.
        """
        if format != DocumentFormat.ZPL:
            raise UnfitLabelError(f"is {format}, and no ZPL: merge it with merge_labels")
        count = count_labels(data)
        self._parts.append(data.removeprefix(_BYTE_ORDER_MARK).strip(_SPACE))
        self._count += count
        return count

    def pages(self) -> int:
        """Return how many labels the file has."""
        return self._count

    def finish(self) -> bytes:
        """Return the file."""
        return b"\n".join([*self._parts, b""])
