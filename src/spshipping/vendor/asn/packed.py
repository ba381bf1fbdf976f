"""What is packed: contents, cartons and pallets, as plain values that never change."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol, Self, TypeVar

from spshipping.vendor.asn.measures import Mass, Size
from spshipping.vendor.shipments.models.items import ContainerIdentificationType, ItemDetails
from spshipping.vendor.sscc.code import Sscc


class LineKey(NamedTuple):
    """A line of a purchase order."""

    purchase_order_number: str
    item_sequence_number: str
    """As the order has it: `1` and `00001` are the same line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """The lot of perishable goods, and until when they keep.

    Europe and India want `expires`; North America also takes `made` with `keeps_days` or `keeps_months`. A
    day is midnight UTC of it.
    """

    number: str | None = None
    expires: date | datetime | None = None
    made: date | datetime | None = None
    keeps_days: int | None = None
    keeps_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """How much of one line of a purchase order is in a carton, or directly on a pallet."""

    line: LineKey
    amount: int
    """In the unit of the line: of a line in cases, cases; of a line in pieces, pieces."""
    lot: Lot | None = None
    weight: Mass | None = None
    """The weight of this amount; what is sold by weight needs it."""
    details: ItemDetails | None = None
    """What else Amazon takes of an item, such as its country of origin. Number and lot come from above."""


class ContainerCode(NamedTuple):
    """A code that is on a carton or pallet as it was given: AMZNCC, GTIN, BPS, CID, or a foreign SSCC."""

    type: ContainerIdentificationType
    number: str


Code = Sscc | ContainerCode


class Issuer(Protocol):
    """Issues codes: an `SsccIssuer`. It may block."""

    def issue(self) -> Sscc:
        """Issue one code."""
        ...


class _Coded:
    """What carries codes."""

    __slots__ = ()
    codes: tuple[Code, ...]

    @property
    def sscc(self) -> Sscc | None:
        """The first SSCC: print the label from it, then label and notice cannot differ."""
        return next((code for code in self.codes if isinstance(code, Sscc)), None)

    @property
    def is_coded(self) -> bool:
        """Whether it has a code of its own: an SSCC, or a number that Amazon made."""
        own = (ContainerIdentificationType.SSCC, ContainerIdentificationType.AMZNCC)
        return any(isinstance(code, Sscc) or code.type in own for code in self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedCarton(_Coded):
    """A carton, and what is in it."""

    contents: tuple[Content, ...]
    codes: tuple[Code, ...] = ()
    tracking_number: str | None = None
    """Each carton of a small parcel shipment needs it."""
    size: Size | None = None
    weight: Mass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedPallet(_Coded):
    """A pallet: with cartons, or with goods that are in none."""

    cartons: tuple[PackedCarton, ...] = ()
    contents: tuple[Content, ...] = ()
    codes: tuple[Code, ...] = ()
    tiers: int | None = None
    """Layers on the pallet."""
    cartons_in_tier: int | None = None
    size: Size | None = None
    weight: Mass | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one truck or parcel carrier takes: pallets, or cartons that are on none."""

    cartons: tuple[PackedCarton, ...] = ()
    pallets: tuple[PackedPallet, ...] = ()

    def all_cartons(self) -> Iterator[PackedCarton]:
        """Yield the cartons on pallets, in order, and then the others."""
        for pallet in self.pallets:
            yield from pallet.cartons
        yield from self.cartons

    def contents(self) -> Iterator[Content]:
        """Yield everything that is in cartons, then what is directly on pallets."""
        for carton in self.all_cartons():
            yield from carton.contents
        for pallet in self.pallets:
            yield from pallet.contents

    def sscc_codes(self) -> Iterator[Sscc]:
        """Yield each SSCC: note their shipment with `SsccIssuer.shipped` once the goods have left."""
        for container in (*self.all_cartons(), *self.pallets):
            yield from (code for code in container.codes if isinstance(code, Sscc))

    def coded(self, issuer: Issuer) -> Self:
        """Return the same load with an SSCC on each carton and pallet that has no code of its own.

        Codes that were issued are used up: keep what this returns, for the labels and for the notice. The
        issuer may block.

        Raises:
            ConfigurationError: no more codes can be issued.
        """
        return dataclasses.replace(
            self,
            cartons=tuple(_coded(carton, issuer) for carton in self.cartons),
            pallets=tuple(
                dataclasses.replace(
                    _coded(pallet, issuer),
                    cartons=tuple(_coded(carton, issuer) for carton in pallet.cartons),
                )
                for pallet in self.pallets
            ),
        )


C = TypeVar("C", PackedCarton, PackedPallet)


def _coded(container: C, issuer: Issuer) -> C:
    if container.is_coded:
        return container
    return dataclasses.replace(container, codes=(issuer.issue(), *container.codes))
