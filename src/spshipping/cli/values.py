"""What commands print of answers: as JSON, personal data hidden unless it is asked for."""

import json
from collections.abc import Mapping
from typing import Any

from spshipping.wire.convert import to_dict
from spshipping.wire.model import Model
from spshipping.wire.shapes import Shape, fields_of

HIDDEN = "…"


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return plain data as JSON; a Decimal that no float holds is written as text."""
    return json.dumps(value, default=str, indent=indent, ensure_ascii=False)


def plain(value: Any, *, reveal: bool) -> Any:
    """Return an answer as plain data, in Amazon's spelling; what is personal is hidden unless revealed.

    Of an answer that is no model, nothing says what is personal: it is hidden as a whole, but for its length.
    """
    if isinstance(value, Model):
        written = to_dict(value)
        return written if reveal else _hidden(written, Shape("model", type(value)))
    if isinstance(value, list) and all(isinstance(one, Model) for one in value):
        return [plain(one, reveal=reveal) for one in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") if reveal else f"{HIDDEN} ({len(value)} bytes)"
    if isinstance(value, Mapping | list) and not reveal:
        return f"{HIDDEN} ({len(value)} entries)"
    return value


def _hidden(written: Any, shape: Shape) -> Any:
    if shape.item is not None and isinstance(written, list):
        return [_hidden(one, shape.item) for one in written]
    if shape.item is not None and isinstance(written, dict):
        return {key: _hidden(one, shape.item) for key, one in written.items()}
    if shape.kind != "model":
        return written
    fields = {field.wire: field for field in fields_of(shape.cls)}
    return {
        # a field that is new to this version may be personal, too
        name: HIDDEN if name not in fields or fields[name].is_personal else _hidden(one, fields[name].shape)
        for name, one in written.items()
    }
