"""The fields of a response, and the changes that a fault makes to one of them."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from spshipping.sandbox.responses import as_json
from spshipping.wire.shapes import Shape, fields_of

UNHEARD_OF = "UNHEARD_OF"
"""A value that no enum lists, and the value of a field that no model has."""


class Place(NamedTuple):
    """One field of an object, or one item of a list."""

    path: str
    """As in `payload.rates.0.promise`."""
    holder: Any
    """The object or the list that contains it."""
    name: Any
    shape: Shape | None
    """Its type in Amazon's contract, as far as the package knows it."""

    @property
    def value(self) -> Any:
        """Its value."""
        return self.holder[self.name]


class Change(NamedTuple):
    """One way to change a field."""

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


NULL = Change(lambda _: True, _nullify)
ENUM = Change(lambda place: bool(place.shape and place.shape.kind == "enum"), _rename)
EXTRA = Change(lambda place: isinstance(place.holder, dict), _add_beside)
TEXT = Change(lambda place: type(place.value) in (int, float), _quote)


def places(data: Any, shape: Shape | None, path: str) -> Iterator[Place]:
    """Yield every place inside *data*, outer places first."""
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
    """Return the shapes of the outermost fields: the payload's, or the body's without an envelope."""
    return {"payload": shape} if "payload" in data else {f.wire: f.shape for f in fields_of(shape.cls)}


def change_one(body: bytes, returns: Any, change: Change, path: str | None, chance: Random) -> bytes:
    """Return the JSON object in *body* with one place changed; unchanged where no place fits.

    Args:
        body: what would be sent.
        returns: the model of its payload, or anything else where there is no model.
        change: the change.
        path: the place; None for any place that fits, except the payload as a whole.
        chance: selects one of them.
    """
    data = json.loads(body)
    shapes = _top(data, Shape("model", returns)) if hasattr(returns, "__wire_names__") else {}
    found = []
    for name in data:
        top = Place(name, data, name, shapes.get(name))
        for place in (top, *places(top.value, top.shape, name)):
            is_selected = place.path == path if path else place.path != "payload"
            if is_selected and change.fits(place):
                found.append(place)
    if found:
        change.apply(chance.choice(found))
    return as_json(data)
