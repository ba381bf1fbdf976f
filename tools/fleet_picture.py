"""Draws what the machines of a fleet share, for docs/scale.md; `tools.make_pictures` writes it."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 960, 500
_STYLE = """
  .box { fill: #ffffff; stroke: #5b7a94; stroke-width: 1.2 }
  .amazon { fill: #fbf4e6; stroke: #b08a3c; stroke-width: 1.2 }
  .engine { fill: #eaf3ec; stroke: #4f8a61; stroke-width: 1.2 }
  .machine { fill: #f3f6f9; stroke: none }
  .name { font: 15px system-ui, sans-serif; font-weight: 600; fill: #1d2b36; text-anchor: middle }
  .line { font: 13px system-ui, sans-serif; fill: #44555f; text-anchor: middle }
  .code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; fill: #1d2b36; text-anchor: middle }
  .way { stroke: #7f9bb3; stroke-width: 1.4; fill: none }
"""
_TITLE = (
    "Each machine runs workers, a webhook, and what ships. They call the SP-API, take notifications from SQS"
    " and receive pushes. They share quota and tokens in Redis; purchases, pushed events, checkpoints and"
    " leases, and the ledgers and serial numbers of vendors, in PostgreSQL."
)


class Box(NamedTuple):
    """A box with a title, and lines below it."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    name: str
    lines: tuple[str, ...] = ()
    of_lines: str = "line"

    @property
    def middle(self) -> float:
        """Where its middle is, from the left."""
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return self.y + self.height


API = Box("amazon", 24, 20, 300, 74, "SP-API", ("searchOrders, getOrder, purchaseShipment",))
QUEUE = Box("amazon", 354, 20, 252, 74, "SQS", ("ORDER_CHANGE",))
PUSHES = Box("amazon", 636, 20, 300, 74, "Amazon Shipping", ("pushes what happens to parcels",))
MACHINES = [Box("machine", 24 + 309 * number, 158, 294, 150, name) for number, name in
            enumerate(("machine 1", "machine 2", "machine N"))]  # fmt: skip
REDIS = Box("engine", 24, 372, 400, 108, "Redis", ("quota: one key for each bucket", "access tokens, sealed"))
POSTGRES = Box(
    "engine",
    454,
    372,
    482,
    108,
    "PostgreSQL",
    (
        "purchases and spending limits; pushed events",
        "sellers: checkpoints, leases, changes that were notified",
        "of vendors: ledgers, serial numbers",
    ),
)
_PARTS = ("spshipping worker", "a webhook", "ship(reference)")


def drawn() -> str:
    """Return the picture as SVG."""
    shapes: list[str] = []
    for machine in MACHINES:
        above = {API: 0.25, QUEUE: 0.5, PUSHES: 0.75}
        shapes += [_way(box.middle, box.bottom, machine.x + machine.width * at, machine.y)
                   for box, at in above.items()]  # fmt: skip
        shapes += [_way(machine.x + machine.width * at, machine.bottom, box.middle, box.y)
                   for box, at in ((REDIS, 0.35), (POSTGRES, 0.65))]  # fmt: skip
    for machine in MACHINES:
        shapes += _box(machine)
        for number, part in enumerate(_PARTS):
            y = machine.y + 34 + number * 37
            shapes += _box(Box("box", machine.x + 32, y, machine.width - 64, 30, part), name="code")
    for box in (API, QUEUE, PUSHES, REDIS, POSTGRES):
        shapes += _box(box)
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">\n'
        f"<title>{escape(_TITLE)}</title>\n<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _box(box: Box, name: str = "name") -> Sequence[str]:
    shape = (
        f'<rect class="{box.kind}" x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}"'
        f' height="{box.height:.0f}" rx="7"/>'
    )
    first = box.y + (20 if name == "code" else 24)
    lines = [_text(box.of_lines, box.middle, first + 23 * (1 + number), line)
             for number, line in enumerate(box.lines)]  # fmt: skip
    return [shape, _text(name, box.middle, first, box.name), *lines]


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}">{escape(text)}</text>'


def _way(x: float, y: float, to_x: float, to_y: float) -> str:
    bend = (to_y - y) / 2
    curve = f"C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y:.0f}"
    return f'<path class="way" d="M{x:.0f} {y:.0f}{curve}"/>'
