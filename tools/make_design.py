"""Draws the floors of the package, from the contract in pyproject.toml and the imports of the code.

python tools/make_design.py            # writes docs/_static/design.svg
python tools/make_design.py --check    # fails if it is not as it would be drawn
"""

import ast
import sys
import tomllib
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "spshipping"
TARGET = ROOT / "docs" / "_static" / "design.svg"

_WIDTH, _LEFT, _TOP, _FLOOR, _GAP, _ROOM_GAP = 1000, 20, 20, 38, 20, 12
_STYLE = """
  .floor { fill: #eef3f7; stroke: #c5d2dc }
  .room { fill: #ffffff; stroke: #7d93a5 }
  .name { font: 14px ui-monospace, monospace; fill: #1d2b36; text-anchor: middle }
  .import { stroke: #8fa3b3; stroke-width: 1; fill: none; opacity: 0.55 }
"""


def floors() -> list[list[str]]:
    """Return the rooms of each floor, the highest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (contract,) = (each for each in contracts if each["id"] == "floors")
    return [[room.strip() for room in layer.split("|")] for layer in contract["layers"]]


def imports(rooms: set[str]) -> set[tuple[str, str]]:
    """Return which room imports which, imports for type checkers included."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in rooms:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                package, _, rest = name.partition(".")
                other = rest.partition(".")[0]
                if package == "spshipping" and other in rooms and other != parts[0]:
                    found.add((parts[0], other))
    return found


def drawn() -> str:
    """Return the picture as SVG."""
    layers = floors()
    places: dict[str, tuple[float, float, float]] = {}
    shapes, height = [], _TOP
    for layer in layers:
        room_width = (_WIDTH - 2 * _LEFT - _ROOM_GAP * (len(layer) + 1)) / len(layer)
        shapes.append(_box("floor", _LEFT, height, _WIDTH - 2 * _LEFT, _FLOOR))
        for index, room in enumerate(layer):
            x = _LEFT + _ROOM_GAP + index * (room_width + _ROOM_GAP)
            places[room] = (x + room_width / 2, height, room_width)
            shapes.append(_box("room", x, height + 6, room_width, _FLOOR - 12))
            middle = x + room_width / 2
            shapes.append(f'<text class="name" x="{middle:.0f}" y="{height + 24}">{escape(room)}</text>')
        height += _FLOOR + _GAP
    arrows = []
    for importer, imported in sorted(imports(set(places))):
        (x1, y1, _), (x2, y2, _) = places[importer], places[imported]
        arrows.append(f'<path class="import" d="M{x1:.0f} {y1 + _FLOOR - 6}L{x2:.0f} {y2 + 6}"/>')
    body = "\n".join([*arrows, *shapes])
    title = (
        "The rooms of spshipping by floor; a line is an import, always from a higher floor to a lower one."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}"'
    return f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" {size} rx="5"/>'


def main(arguments: list[str]) -> int:
    """Write the picture, or compare it."""
    picture = drawn()
    if "--check" not in arguments:
        TARGET.write_text(picture, "utf-8")
        return 0
    if TARGET.read_text("utf-8") != picture:
        print("docs/_static/design.svg is not as tools/make_design.py draws it")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
