"""What was sent, in which carton, and when: from the shipment confirmations that Amazon may have."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from spshipping.vendor.orders.models.purchase_orders import OrderItem
from spshipping.vendor.rules.containers import codes_of, sscc_digits
from spshipping.vendor.rules.context import Outcome, RuleContext, SentConfirmation
from spshipping.vendor.rules.packing import ConfirmationView, Container, Portion
from spshipping.vendor.rules.quantities import Quantity, is_same_item, party, pieces
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation
from spshipping.vendor.shipments.models.items import ContainerIdentificationType

_CASES = "Cases"
_BARE = RuleContext()


class Measure(NamedTuple):
    """How the quantities of a line are counted, so that they can be compared."""

    size: int | None
    """Pieces in a case."""
    in_cases: bool
    """Whether cases are counted: only where no document says how many pieces a case has."""

    def of(self, quantity: Quantity) -> int | None:
        """Return an amount; None where it cannot be compared."""
        if self.in_cases:
            return quantity.amount if quantity.unit_of_measure == _CASES else None
        return pieces(quantity, self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentContainer:
    """A carton or a pallet with goods of a line."""

    is_pallet: bool
    quantity: int
    sscc: str | None
    """18 digits; None where it has none."""
    other_code: str | None
    """Another code that it has, such as an AMZNCC."""
    tracking_number: str | None
    pallet_sscc: str | None
    """Of the pallet that a carton is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentGoods:
    """What one shipment has of a line."""

    shipment: str
    """The identifier of its confirmation."""
    quantity: int
    confirmed_at: datetime
    """When the confirmation was submitted."""
    outcome: Outcome
    """What Amazon said of the confirmation."""
    shipped_at: datetime | None
    arrives_at: datetime | None
    """As it was estimated."""
    bill_of_lading: str | None
    pro_number: str | None
    carrier: str | None
    """Its SCAC."""
    containers: tuple[SentContainer, ...]

    @property
    def due_at(self) -> datetime:
        """When it should have arrived."""
        return self.arrives_at or self.shipped_at or self.confirmed_at


class Sent(NamedTuple):
    """A part of a shipment that is of one purchase order."""

    portion: Portion
    source: "_Shipment"

    def goods(self, amount: int) -> SentGoods:
        """Return it as evidence, for an amount of one line."""
        return self.source.goods(self.portion, amount)


def sent_by_order(confirmations: Iterable[SentConfirmation]) -> Mapping[str, Sequence[Sent]]:
    """Return what was sent of each purchase order, by its number, the oldest first.

    A confirmation that replaces another counts alone; one that was refused does not count.
    """
    latest: dict[tuple[str | None, str], SentConfirmation] = {}
    for each in sorted(confirmations, key=lambda sent: sent.at):
        if each.outcome is not Outcome.REFUSED:
            key = party(each.document, "selling_party"), each.document.shipment_identifier
            latest.pop(key, None)
            latest[key] = each
    found: dict[str, list[Sent]] = {}
    for each in latest.values():
        shipment = _Shipment(each)
        for number, portions in shipment.view.by_order.items():
            found.setdefault(number, []).extend(Sent(portion, shipment) for portion in portions)
    return found


class _Shipment:
    """A confirmation, and where its containers are."""

    def __init__(self, sent: SentConfirmation) -> None:
        self._sent = sent
        self.view: ConfirmationView = ConfirmationView(sent.document, _BARE)
        self._containers = {each.path: each for each in self.view.containers}
        self._tracking = {path: carton.tracking_number for path, carton in self.view.cartons()}
        self._pallets = _pallet_of_carton(self.view)

    def goods(self, portion: Portion, amount: int) -> SentGoods:
        """Return a part of it as evidence."""
        document = self._sent.document
        travel = document.transportation_details
        path = portion.path.rpartition(".items[")[0]
        container = self._containers.get(path)
        return SentGoods(
            shipment=document.shipment_identifier,
            quantity=amount,
            confirmed_at=self._sent.at,
            outcome=self._sent.outcome,
            shipped_at=document.shipped_date,
            arrives_at=document.estimated_delivery_date,
            bill_of_lading=travel.bill_of_lading_number if travel else None,
            pro_number=travel.carrier_shipment_reference_number if travel else None,
            carrier=travel.carrier_scac if travel else None,
            containers=() if container is None else (self._container(container, amount),),
        )

    def _container(self, container: Container, amount: int) -> SentContainer:
        sscc = _sscc(container)
        others = [
            f"{each.container_identification_type} {each.container_identification_number}"
            for each in container.identifiers
            if each.container_identification_type != ContainerIdentificationType.SSCC
        ]
        pallet = self._pallets.get(container.path)
        return SentContainer(
            is_pallet=container.is_pallet,
            quantity=amount,
            sscc=sscc,
            other_code=others[0] if others else None,
            tracking_number=self._tracking.get(container.path),
            pallet_sscc=None if pallet is None else _sscc(self._containers[pallet]),
        )


def _sscc(container: Container) -> str | None:
    codes = codes_of(container, ContainerIdentificationType.SSCC)
    return sscc_digits(codes[0][1]) if codes else None


def _pallet_of_carton(view: ConfirmationView) -> dict[str, str]:
    """Return the path of the pallet of each carton that is on one."""
    by_number = {carton.carton_sequence_number.strip(): path for path, carton in view.cartons()}
    found = {}
    for path, pallet in view.pallets():
        named = pallet.carton_reference_details
        for number in named.carton_reference_numbers if named else ():
            carton = by_number.get(number.strip())
            if carton is not None:
                found[carton] = path
    return found


def is_of_line(sent: Sent, line: OrderItem) -> bool:
    """Say whether a part of a shipment is of the product of a line."""
    return is_same_item(line, sent.portion.item)


def amount_of(sent: Sent, measure: Measure) -> int | None:
    """Return how much a part of a shipment is; None where it cannot be compared."""
    whole = sent.portion.item.shipped_quantity
    sized = Measure(measure.size or whole.unit_size, measure.in_cases)
    return sized.of(sent.portion.quantity)


def dealt(parts: Sequence[tuple[Sent, int]], most: Sequence[int]) -> list[list[SentGoods]]:
    """Deal what was shipped of a product to the lines of it: confirmations name products alone.

    Args:
        parts: what was shipped, the oldest first.
        most: how much each line can have; what is over falls to the last one.
    """
    found: list[list[SentGoods]] = [[] for _ in most]
    index, left = 0, list(most)
    for sent, amount in parts:
        rest = amount
        while rest:
            while index < len(most) - 1 and left[index] <= 0:
                index += 1
            taken = rest if index == len(most) - 1 else min(rest, left[index])
            found[index].append(sent.goods(taken))
            left[index] -= taken
            rest -= taken
    return [list(_by_shipment(goods)) for goods in found]


def _by_shipment(goods: Iterable[SentGoods]) -> Iterator[SentGoods]:
    """Yield what each shipment has, with all of its containers."""
    found: dict[str, SentGoods] = {}
    for each in goods:
        known = found.get(each.shipment)
        if known is None:
            found[each.shipment] = each
        else:
            found[each.shipment] = dataclasses.replace(
                known,
                quantity=known.quantity + each.quantity,
                containers=(*known.containers, *each.containers),
            )
    yield from found.values()


def confirmation_of(sent: Sent) -> ShipmentConfirmation:
    """Return the confirmation that a part belongs to."""
    return sent.source.view.document
