"""What commands print of answers: as JSON, personal data hidden unless it is asked for."""

import json
from collections.abc import Mapping
from typing import Any

from spshipping.wire.convert import to_dict
from spshipping.wire.model import Model
from spshipping.wire.shapes import Field, Shape, fields_of

HIDDEN = "…"


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return plain data as JSON; a Decimal that no float holds is written as text.

    One line is for programs: it is ASCII, whatever the encoding of the output is.
    """
    return json.dumps(value, default=str, indent=indent, ensure_ascii=indent is None)


def plain(value: Any, *, reveal: bool, hidden: str | None = HIDDEN) -> Any:
    """Return an answer as plain data, in Amazon's spelling; what is personal is hidden unless revealed.

    Of an answer that is no model, nothing says what is personal: it is hidden as a whole, but for its length.

    Args:
        value: the answer.
        reveal: show what is personal.
        hidden: what stands for what is personal in a model.
    """
    if isinstance(value, Model):
        written = to_dict(value)
        return written if reveal else _hidden(written, Shape("model", type(value)), hidden)
    if isinstance(value, list) and all(isinstance(one, Model) for one in value):
        return [plain(one, reveal=reveal, hidden=hidden) for one in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace") if reveal else f"{HIDDEN} ({len(value)} bytes)"
    if isinstance(value, Mapping | list) and not reveal:
        return f"{HIDDEN} ({len(value)} entries)"
    return value


def _hidden(written: Any, shape: Shape, hidden: str | None) -> Any:
    if shape.item is not None and isinstance(written, list):
        return [_hidden(one, shape.item, hidden) for one in written]
    if shape.item is not None and isinstance(written, dict):
        return {key: _hidden(one, shape.item, hidden) for key, one in written.items()}
    if shape.kind != "model" or written is None:
        return written
    fields = {field.wire: field for field in fields_of(shape.cls)}
    return {
        # a field that is new to this version may be personal, too
        name: hidden if _is_personal(fields.get(name)) else _hidden(one, fields[name].shape, hidden)
        for name, one in written.items()
    }


def _is_personal(field: Field | None) -> bool:
    return field is None or field.is_personal
