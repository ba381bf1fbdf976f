"""What must be written of an answer that was read, however broken it was: the same JSON."""

from decimal import Decimal
from typing import Any

from spshipping.wire.shapes import Shape, fields_of
from tests.contract.reading import OPEN, leaf
from tests.contract.wellformed import exact

_ABSENT = object()


def is_same(original: Any, written: Any, shape: Shape) -> bool:
    """Say whether *written* says what *original* says; a null where nothing is required says nothing."""
    if shape.kind == "model" and type(original) is dict:
        known = {field.wire: field for field in fields_of(shape.cls)}
        return type(written) is dict and all(
            _is_same_member(original, written, name, known.get(name)) for name in {**original, **written}
        )
    if shape.kind == "list" and type(original) is list and shape.item:
        return (
            type(written) is list
            and len(written) == len(original)
            and all(is_same(*pair, shape.item) for pair in zip(original, written, strict=True))
        )
    if shape.kind == "map" and type(original) is dict and shape.item:
        return (
            type(written) is dict
            and written.keys() == original.keys()
            and all(is_same(original[key], written[key], shape.item) for key in original)
        )
    if shape.item is None and shape.kind not in ("model", "any", "object"):
        read = leaf(original, shape)
        if read is OPEN or read.kind == "converted":
            return written is not None
        if read.kind == "fits":
            return bool(exact(leaf(written, shape).value) == exact(read.value))
    return same_json(original, written)


def _is_same_member(original: Any, written: Any, name: str, field: Any) -> bool:
    one, other = original.get(name, _ABSENT), written.get(name, _ABSENT)
    if field is None:
        return one is not _ABSENT and other is not _ABSENT and same_json(one, other)
    if other is _ABSENT:
        return one is _ABSENT or (one is None and not field.is_required)
    return one is not _ABSENT and is_same(one, other, field.shape)


def same_json(one: Any, other: Any) -> bool:
    """Say whether two parsed values are the same JSON: the same digits, true is no 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same_json(*pair) for pair in zip(one, other, strict=True))
    return type(one) is type(other) and (str(one) == str(other) if isinstance(one, Decimal) else one == other)
