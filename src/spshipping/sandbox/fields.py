"""The fields of an answer, and how one of them is made odd."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from spshipping.sandbox.answers import as_json
from spshipping.wire.shapes import Shape, fields_of

UNHEARD_OF = "UNHEARD_OF"
"""A value that no enum has, and the value of a field that no model has."""


class Place(NamedTuple):
    """One field of an object, or one item of a list."""

    path: str
    """As in `payload.rates.0.promise`."""
    holder: Any
    """The object or the list that it is in."""
    name: Any
    shape: Shape | None
    """What Amazon's contract says of it, as far as the package knows."""

    @property
    def value(self) -> Any:
        """What is there."""
        return self.holder[self.name]


class Oddity(NamedTuple):
    """One way to make a field odd."""

    fits: Callable[[Place], bool]
    apply: Callable[[Place], None]


def _nullify(place: Place) -> None:
    place.holder[place.name] = None


def _rename(place: Place) -> None:
    place.holder[place.name] = UNHEARD_OF


def _add_beside(place: Place) -> None:
    place.holder["unheardOf"] = UNHEARD_OF


def _quote(place: Place) -> None:
    place.holder[place.name] = json.dumps(place.value)


NULL = Oddity(lambda _: True, _nullify)
ENUM = Oddity(lambda place: bool(place.shape and place.shape.kind == "enum"), _rename)
EXTRA = Oddity(lambda place: isinstance(place.holder, dict), _add_beside)
TEXT = Oddity(lambda place: type(place.value) in (int, float), _quote)


def places(data: Any, shape: Shape | None, path: str) -> Iterator[Place]:
    """Yield every place inside *data*, from the outside in."""
    inner: list[Place] = []
    if isinstance(data, dict):
        known = {f.wire: f.shape for f in fields_of(shape.cls)} if shape and shape.kind == "model" else {}
        inner = [Place(f"{path}.{name}", data, name, known.get(name)) for name in data]
    elif isinstance(data, list):
        item = shape.item if shape else None
        inner = [Place(f"{path}.{index}", data, index, item) for index in range(len(data))]
    for place in inner:
        yield place
        yield from places(place.value, place.shape, place.path)


def _top(data: Any, shape: Shape) -> dict[str, Shape]:
    """Return the shapes of the outermost fields: the payload's, or those of an answer without an envelope."""
    return {"payload": shape} if "payload" in data else {f.wire: f.shape for f in fields_of(shape.cls)}


def spoil(body: bytes, returns: Any, oddity: Oddity, path: str | None, chance: Random) -> bytes:
    """Return the JSON object in *body* with one place made odd; as it is, where no place fits.

    Args:
        body: what would be answered.
        returns: the model of its payload, or anything else where it is no model.
        oddity: what to do.
        path: where; None for any place that fits, except the payload as a whole.
        chance: chooses among them.
    """
    data = json.loads(body)
    shapes = _top(data, Shape("model", returns)) if hasattr(returns, "__wire_names__") else {}
    found = []
    for name in data:
        top = Place(name, data, name, shapes.get(name))
        for place in (top, *places(top.value, top.shape, name)):
            is_wanted = place.path == path if path else place.path != "payload"
            if is_wanted and oddity.fits(place):
                found.append(place)
    if found:
        oddity.apply(chance.choice(found))
    return as_json(data)
