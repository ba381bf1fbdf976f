"""Divides a load by where it goes: one confirmation is for one vendor code and one fulfilment centre."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.asn.open_lines import OpenLine, normal
from spshipping.vendor.asn.packed import Content, Load

LineName = tuple[str, int | str]


class Place(NamedTuple):
    """Whose goods they are, and where they go."""

    vendor_code: str
    centre: str
    """The fulfilment centre."""


class Stop(NamedTuple):
    """The part of a load that one confirmation is for."""

    place: Place
    load: Load


def split(load: Load, lines: Iterable[OpenLine]) -> tuple[Stop, ...]:
    """Divide a load by vendor code and fulfilment centre, each with its cartons and pallets.

    Args:
        load: what is packed.
        lines: from `open_lines`: they say where goods go.

    Raises:
        InvalidRequestError: a carton or pallet holds goods for several places, or of an unknown line.
    """
    known = by_name(lines)
    cartons: dict[Place, list[int]] = {}
    pallets: dict[Place, list[int]] = {}
    for index in range(len(load.pallets)):
        found = _place_of(_inside(load, index), known, f"load.pallets[{index}]")
        pallets.setdefault(found, []).append(index)
    for index, carton in enumerate(load.cartons):
        found = _place_of(_named(carton.contents, f"load.cartons[{index}]"), known, f"load.cartons[{index}]")
        cartons.setdefault(found, []).append(index)
    return tuple(
        Stop(
            place,
            Load(
                cartons=tuple(load.cartons[index] for index in cartons.get(place, ())),
                pallets=tuple(load.pallets[index] for index in pallets.get(place, ())),
            ),
        )
        for place in dict.fromkeys([*pallets, *cartons])
    )


def by_name(lines: Iterable[OpenLine]) -> dict[LineName, OpenLine]:
    """Return lines by their names."""
    return {normal(line.key): line for line in lines}


def place_of(load: Load, lines: Iterable[OpenLine]) -> Place:
    """Return where a whole load, which is not empty, goes.

    Raises:
        InvalidRequestError: it goes to several places, or has goods of an unknown line.
    """
    stops = split(load, lines)
    if len(stops) > 1:
        codes = {stop.place.vendor_code for stop in stops}
        differs = "vendor codes" if len(codes) > 1 else "fulfilment centres"
        raise InvalidRequestError(
            f"L-031: has goods for {len(stops)} {differs}: divide it with split(), and make one confirmation"
            " for each part",
            path="load",
        )
    return stops[0].place


def everything_in(load: Load) -> Iterator[tuple[str, Content]]:
    """Yield all contents of a load, with where they are."""
    for index in range(len(load.pallets)):
        yield from _inside(load, index)
    for index, carton in enumerate(load.cartons):
        yield from _named(carton.contents, f"load.cartons[{index}]")


def _named(contents: Iterable[Content], path: str) -> Iterator[tuple[str, Content]]:
    for index, content in enumerate(contents):
        yield f"{path}.contents[{index}]", content


def _inside(load: Load, index: int) -> Iterator[tuple[str, Content]]:
    """Yield everything on a pallet, with where it is."""
    pallet, path = load.pallets[index], f"load.pallets[{index}]"
    for number, carton in enumerate(pallet.cartons):
        yield from _named(carton.contents, f"{path}.cartons[{number}]")
    yield from _named(pallet.contents, path)


def _place_of(
    contents: Iterable[tuple[str, Content]], known: Mapping[LineName, OpenLine], path: str
) -> Place:
    place = None
    for where, content in contents:
        line = known.get(normal(content.line))
        if line is None:
            raise InvalidRequestError(
                "L-047: is of a line that is on none of the orders", path=f"{where}.line"
            )
        if type(content.amount) is not int or content.amount < 1:
            raise InvalidRequestError("is a whole number above 0", path=f"{where}.amount")
        here = Place(line.vendor_code, line.centre)
        if place not in (None, here):
            raise InvalidRequestError(
                "L-031: is for another vendor code or fulfilment centre than what is beside it: pack it"
                " apart",
                path=where,
            )
        place = here
    if place is None:
        raise InvalidRequestError("is empty: leave it out", path=path)
    return place
