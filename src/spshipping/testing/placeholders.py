"""What stands in a fixture for a label picture: a tiny document of the same format that shows nothing."""

import base64
import binascii

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg=="
)
_OBJECTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 288 432]>>",
)
ZPL = b"^XA^FO30,30^A0N,40,40^FDREPLACED^FS^XZ\n"
"""A label that says that it was replaced."""
_OTHER = b"this was replaced"
_STARTS = (b"\x89PNG", b"%PDF", b"^XA", b"~", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b")
"""How the documents begin that are known by their beginning: the last three are no formats of labels."""
_SHORTEST = 16


def _pdf() -> bytes:
    """Return a PDF with one empty page of 4 by 6 inches."""
    data, starts = b"%PDF-1.4\n", []
    for number, written in enumerate(_OBJECTS, 1):
        starts.append(len(data))
        data += b"%d 0 obj%bendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    tail = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 4\n0000000000 65535 f \n" + table + tail


def stands_for(data: bytes) -> bytes:
    """Return what stands for a document: of the same format, where it is one of a label."""
    start = data.lstrip()[:1024]
    if start.startswith(b"\x89PNG"):
        return _PNG
    if start.startswith(b"%PDF"):
        return _pdf()
    return ZPL if b"^XA" in start or start.startswith(b"~") else _OTHER


def stands_for_text(text: str) -> str | None:
    """Return what stands for a document that is in a text, in base64 or as it is; None where there is none.

    A short text, or a word, is base64 too by chance: it counts as text, unless it begins like a document.
    """
    if "^XA" in text:
        return ZPL.decode()
    if len(text) < _SHORTEST:
        return None
    try:
        compact = "".join(text.split()).replace("-", "+").replace("_", "/")
        data = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None
    if data.lstrip().startswith(_STARTS) or b"^XA" in data[:1024]:
        return base64.b64encode(stands_for(data)).decode()
    return None
