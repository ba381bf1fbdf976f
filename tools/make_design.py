"""Draws the floors of the package, from the contract in pyproject.toml and the imports of the code.

    python -m tools.make_design            # writes docs/_static/design.svg
    python -m tools.make_design --check    # fails if it is not as it would be drawn

An import that follows from others is left out: if `client` imports `assembly` and that imports `transport`,
no line is drawn from `client` to `transport`.
"""

import gc
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from tools import check_house

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "_static" / "design.svg"

_WIDTH, _MARGIN, _FLOOR, _GAP = 960, 16, 46, 26
_ROOM, _ROOM_HEIGHT, _ROOM_GAP, _LABEL = 150, 30, 22, 36
_STYLE = """
  .floor { fill: #f3f6f9 }
  .number { font: 12px system-ui, sans-serif; fill: #8a9aa8; text-anchor: middle }
  .room { fill: #ffffff; stroke: #5b7a94; stroke-width: 1.2 }
  .name { font: 14px ui-monospace, "DejaVu Sans Mono", monospace; fill: #1d2b36; text-anchor: middle }
  .import { stroke: #7f9bb3; stroke-width: 1.3; fill: none; opacity: 0.75 }
"""
_TITLE = "The rooms of spshipping by floor. A line is an import, always from a higher floor to a lower one."

Imports = Mapping[str, set[str]]


class Place(NamedTuple):
    """Where a room is drawn: the middle of its box."""

    x: float
    y: float


def floors() -> list[list[str]]:
    """Return the rooms of each floor, the highest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = (each for each in contracts if each["id"] == "floors")
    return [[room.strip() for room in layer.split("|")] for layer in contract["layers"]]


def imports(rooms: set[str]) -> dict[str, set[str]]:
    """Return which rooms each room imports, imports for type checkers included."""
    found: dict[str, set[str]] = {room: set() for room in rooms}
    for name, others in check_house.imports(check_house.modules()).items():
        room = _room(name)
        if room in rooms:
            found[room] |= {_room(other) for other in others} & rooms - {room}
    return found


def _room(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def essential(graph: Imports) -> dict[str, set[str]]:
    """Return the imports that do not follow from others."""

    def reached(room: str) -> set[str]:
        return set().union(*({other} | reached(other) for other in graph[room]))

    below = {room: reached(room) for room in graph}
    return {
        room: {each for each in others if not any(each in below[other] for other in others)}
        for room, others in graph.items()
    }


def placed(layers: Sequence[Sequence[str]], graph: Imports) -> dict[str, Place]:
    """Return where each room is drawn: below those that import it, as far as that is possible."""
    places: dict[str, Place] = {}
    middle = _MARGIN + _LABEL + (_WIDTH - 2 * _MARGIN - _LABEL) / 2
    for floor, layer in enumerate(layers):

        def pull(room: str) -> tuple[float, str]:
            above = [place.x for other, place in places.items() if room in graph[other]]
            return (sum(above) / len(above) if above else middle), room

        width = len(layer) * (_ROOM + _ROOM_GAP) - _ROOM_GAP
        for index, room in enumerate(sorted(layer, key=pull)):
            x = middle - width / 2 + _ROOM / 2 + index * (_ROOM + _ROOM_GAP)
            places[room] = Place(x, _MARGIN + _FLOOR / 2 + floor * (_FLOOR + _GAP))
    return places


def drawn() -> str:
    """Return the picture as SVG."""
    layers = floors()
    graph = essential(imports({room for layer in layers for room in layer}))
    places = placed(layers, graph)
    bands, lines, rooms = [], [], []
    for index in range(len(layers)):
        y = _MARGIN + index * (_FLOOR + _GAP)
        bands.append(_box("floor", _MARGIN, y, _WIDTH - 2 * _MARGIN, _FLOOR))
        bands.append(_text("number", _MARGIN + _LABEL / 2, y + _FLOOR / 2 + 4, str(len(layers) - index - 1)))
    for room, place in places.items():
        rooms.append(_box("room", place.x - _ROOM / 2, place.y - _ROOM_HEIGHT / 2, _ROOM, _ROOM_HEIGHT))
        rooms.append(_text("name", place.x, place.y + 5, room))
        lines += [_line(place, places[other]) for other in sorted(graph[room])]
    height = 2 * _MARGIN + len(layers) * (_FLOOR + _GAP) - _GAP
    body = "\n".join([*bands, *lines, *rooms])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">\n'
        f"<title>{_TITLE}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _line(start: Place, end: Place) -> str:
    top, bottom = start.y + _ROOM_HEIGHT / 2, end.y - _ROOM_HEIGHT / 2
    bend = (bottom - top) / 2
    curve = f"C{start.x:.0f} {top + bend:.0f} {end.x:.0f} {bottom - bend:.0f} {end.x:.0f} {bottom:.0f}"
    return f'<path class="import" d="M{start.x:.0f} {top:.0f}{curve}"/>'


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="6"/>'


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'


def main(arguments: list[str]) -> int:
    """Write the picture, or compare it."""
    picture = drawn()
    if "--check" not in arguments:
        TARGET.write_text(picture, "utf-8")
        return 0
    if TARGET.read_text("utf-8") != picture:
        print("docs/_static/design.svg is not as it would be drawn; run python -m tools.make_design")
        return 1
    return 0


if __name__ == "__main__":
    gc.disable()  # syntax trees live until the end: the collector would walk over them again and again
    sys.exit(main(sys.argv[1:]))
