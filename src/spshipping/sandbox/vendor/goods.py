"""Goods that a vendor ships: as the shipment confirmation says, unless a fault is added."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from spshipping.sandbox.vendor.purchase_orders import PurchaseOrders
from spshipping.sandbox.vendor.record import Line
from spshipping.vendor.rules.containers import codes_of, sscc_digits
from spshipping.vendor.rules.packing import ConfirmationView, Container, Portion
from spshipping.vendor.shipments.models.items import ContainerIdentificationType

LineKey = tuple[str, str]
"""The numbers of a purchase order and of its line."""
CASES = "Cases"


@dataclasses.dataclass
class Box:
    """One carton or pallet, or what is in none."""

    path: str
    """Where the confirmation has it, such as `cartons[0]`; empty for what is in no container."""
    announced_label: str | None = None
    label: str | None = None
    """What is printed on it."""
    announced: Counter[LineKey] = dataclasses.field(default_factory=Counter)
    contents: Counter[LineKey] = dataclasses.field(default_factory=Counter)
    """What is in it."""
    is_lost: bool = False
    """Whether it does not arrive."""


def boxes_of(view: ConfirmationView, orders: PurchaseOrders) -> list[Box]:
    """Return the goods of a confirmation, as it announces them."""
    found = {each.path: _box(each) for each in view.containers}
    for portion in view.portions:
        order = orders.find(portion.number or "")
        line = order.line(None, *_ids(portion)) if order else None
        if order is None or line is None:
            continue  # a rule of the rule book says so
        path = portion.path.rpartition(".items[")[0]
        box = found.setdefault(path, Box(path))
        box.announced[order.number, line.number] += _amount(portion, line)
    for box in found.values():
        box.contents = Counter(box.announced)
    return list(found.values())


def _box(container: Container) -> Box:
    codes = codes_of(container, ContainerIdentificationType.SSCC, ContainerIdentificationType.AMZNCC)
    label = sscc_digits(codes[0][1]) if codes else None
    return Box(container.path, label, label)


def _ids(portion: Portion) -> tuple[str | None, str | None]:
    return portion.item.vendor_product_identifier, portion.item.amazon_product_identifier


def _amount(portion: Portion, line: Line) -> int:
    """Return an amount in the unit of its item, where a container states it in another one."""
    part, whole = portion.quantity, portion.item.shipped_quantity
    if part.unit_of_measure == whole.unit_of_measure:
        return part.amount
    size = part.unit_size if part.unit_of_measure == CASES else whole.unit_size
    size = size or line.unit_size
    return part.amount * size if part.unit_of_measure == CASES else part.amount // size


@dataclasses.dataclass(frozen=True)
class GoodsFault:
    """How goods differ from what is announced."""

    kind: str
    shipment: str | None = None
    """The identifier of the shipment; None for the next one that arrives."""
    count: int = 1
    """How many shipments are struck."""
    amount: int = 1
    """How much is too little or too much, in the unit of the line."""


Change = Callable[[Sequence[Box], GoodsFault], None]


def short(boxes: Sequence[Box], fault: GoodsFault) -> None:
    """Less of one line is in the first carton."""
    for box in _filled(boxes)[:1]:
        key = next(iter(box.contents))
        box.contents[key] = max(0, box.contents[key] - fault.amount)


def over(boxes: Sequence[Box], fault: GoodsFault) -> None:
    """More of one line is in the first carton."""
    for box in _filled(boxes)[:1]:
        box.contents[next(iter(box.contents))] += fault.amount


def lost(boxes: Sequence[Box], _fault: GoodsFault) -> None:
    """The first carton does not arrive."""
    for box in _filled(boxes)[:1]:
        box.is_lost = True


def unlabelled(boxes: Sequence[Box], _fault: GoodsFault) -> None:
    """The first carton, or else pallet, has no label."""
    for box in _labelled(boxes)[:1]:
        box.label = None


def mislabelled(boxes: Sequence[Box], _fault: GoodsFault) -> None:
    """The first carton, or else pallet, has a label that is in no shipment notice."""
    for box in _labelled(boxes)[:1]:
        box.label = "095212340000000990"


def same_label(boxes: Sequence[Box], _fault: GoodsFault) -> None:
    """The second carton has the label of the first one."""
    labelled = _labelled(boxes)
    for box in labelled[1:2]:
        box.label = labelled[0].label


def _filled(boxes: Sequence[Box]) -> list[Box]:
    return [box for box in boxes if box.contents and not box.is_lost]


def _labelled(boxes: Sequence[Box]) -> list[Box]:
    return [box for box in boxes if box.label and not box.is_lost]


KINDS: Mapping[str, Change] = {
    change.__name__: change for change in (short, over, lost, unlabelled, mislabelled, same_label)
}


def read_goods_fault(kind: object, shipment: object, count: object, amount: object) -> GoodsFault:
    """Return a fault of goods.

    Raises:
        ValueError: there is no such kind, or a number is not above 0.
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"a fault of goods is one of {', '.join(KINDS)}")
    if not isinstance(shipment, str | None):
        raise ValueError("shipment is the identifier of a shipment")
    if type(count) is not int or type(amount) is not int or min(count, amount) < 1:
        raise ValueError("count and amount are whole numbers above 0")
    return GoodsFault(kind, shipment, count, amount)


class GoodsFaults:
    """The faults that wait for their shipments."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[GoodsFault] = []

    def add(self, fault: GoodsFault) -> None:
        """Let *fault* strike the next shipments that fit."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._waiting.clear()

    def waiting(self) -> list[GoodsFault]:
        """Return the faults that have not struck yet, with the counts that are left."""
        with self._lock:
            return list(self._waiting)

    def strike(self, shipment: str, boxes: Sequence[Box]) -> None:
        """Change the goods of a shipment by every fault that fits."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            for fault in waiting:
                left = fault.count
                if fault.shipment in (None, shipment):
                    KINDS[fault.kind](boxes, fault)
                    left -= 1
                if left:
                    self._waiting.append(dataclasses.replace(fault, count=left))
