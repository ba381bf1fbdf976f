"""Where an answer that was read and written again differs from the JSON that came."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from spshipping.wire.convert import dumps
from spshipping.wire.model import Model
from spshipping.wire.odd_times import repair_time
from spshipping.wire.text import parse, render


class Change(NamedTuple):
    """One place that is written otherwise than it came."""

    path: str
    """Without the numbers of list items."""
    kind: str
    """`instant`: the same time, written otherwise; `converted`: a text for a number, or the other way round;
    `null`: left out; else `other`."""


def written_again(value: Any) -> Any:
    """Return what was read, as it is written, parsed."""
    if isinstance(value, list):
        return [written_again(item) for item in value]
    return parse(dumps(value)) if isinstance(value, Model) else parse(render(value))


def changes(came: Any, written: Any, path: str = "") -> Iterator[Change]:
    """Yield every place where two parsed values are not the same JSON."""
    if isinstance(came, dict) and isinstance(written, dict):
        for name in {**came, **written}:
            inner = f"{path}.{name}".lstrip(".")
            if name in came and name in written:
                yield from changes(came[name], written[name], inner)
            else:
                yield Change(inner, "null" if came.get(name, 0) is None else "other")
    elif isinstance(came, list) and isinstance(written, list) and len(came) == len(written):
        for one, other in zip(came, written, strict=True):
            yield from changes(one, other, f"{path}[]")
    elif not _is_same(came, written):
        yield Change(path, _kind(came, written))


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, Decimal | int) and isinstance(other, Decimal | int):
        return type(one) is type(other) and str(one) == str(other)
    return type(one) is type(other) and bool(one == other)


def _kind(came: Any, written: Any) -> str:
    if isinstance(came, str) is not isinstance(written, str):
        return "converted" if str(came) == str(written) else "other"
    try:
        is_instant = isinstance(came, str) and repair_time(came) == repair_time(written)
    except (ValueError, ArithmeticError):
        return "other"
    return "instant" if is_instant else "other"
