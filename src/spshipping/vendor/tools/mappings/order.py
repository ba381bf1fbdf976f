"""A purchase order in the shop's own words."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from spshipping.vendor.orders.models.amounts import ItemQuantity
from spshipping.vendor.orders.models.parties import Address


class Unmapped(NamedTuple):
    """A value of Amazon's that no rule covers, so that the table's default was taken."""

    table: str
    """Such as `payment_type`."""
    value: str | None
    """What Amazon says; None where it says nothing."""
    where: str = ""
    """The line, such as `line 3`; empty where it is about the order."""

    def __str__(self) -> str:
        place = f"{self.where}, " if self.where else ""
        return f"{place}{self.table}: {'nothing was told' if self.value is None else repr(self.value)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedAddress:
    """An address in single fields, for hosts that keep name and street as one field each."""

    name: str | None = field(repr=False)
    street: str | None = field(repr=False)
    """All of Amazon's address lines."""
    postal_code: str | None = field(repr=False)
    city: str | None = field(repr=False)
    state: str | None
    country_code: str | None

    @classmethod
    def of(cls, address: Address) -> "MappedAddress":
        """Return an address of Amazon's in these fields."""
        # a required field that did not come is not there
        lines = (getattr(address, f"address_line{number}", None) for number in (1, 2, 3))
        return cls(
            name=getattr(address, "name", None),
            street=", ".join(line.strip() for line in lines if line and line.strip()) or None,
            postal_code=address.postal_code,
            city=address.city,
            state=address.state_or_region,
            country_code=getattr(address, "country_code", None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedLine:
    """A line of a purchase order."""

    number: str
    """As the order has it: what you send to Amazon repeats it."""
    amazon_product_identifier: str | None
    vendor_product_identifier: str | None
    quantity: int | None
    """In the unit of the line; 0 where Amazon has cancelled it."""
    unit: str | None
    """`Cases` or `Eaches`."""
    unit_size: int | None
    """Pieces in a case."""
    price: Decimal | None
    """The net cost of one piece, or of a unit of weight, as Amazon states it: it is never converted."""
    price_unit: str | None = None
    """The unit of weight that the price is of, such as `POUNDS`; None for a piece."""
    currency: str | None
    is_foreign: bool
    """Whether the price is in another currency than the shop's."""
    status: str | None
    """The shop's status of the line; None without a table for it."""


class CreditKind(Enum):
    """Why a quantity is not delivered."""

    REJECTED = "rejected"
    """By the vendor."""
    CANCELLED = "cancelled"
    """By Amazon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedCredit:
    """A quantity of a line that was ordered and is not delivered."""

    line: str
    kind: CreditKind
    quantity: int | None
    """In the unit of the line; None where Amazon does not tell how much it was."""
    amazon_reason: str
    """Amazon's reason code; `Rejected` or `Cancelled` where none is known."""
    reason: str
    """The shop's credit reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedOrder:
    """A purchase order with the shop's statuses, and Amazon's own values in separate fields."""

    number: str
    vendor_code: str | None
    ordered_at: datetime | None
    deal_code: str | None
    amazon_status: str | None
    """The value that the table maps; None where Amazon's answer has no status."""
    main_status: str
    payment_status: str
    """Derived from the same status of Amazon's: it has none for payments."""
    payment_type: str
    ship_to_party: str | None
    """Amazon's code of the fulfilment centre."""
    ship_to_party_ref: str
    """What the shop calls it."""
    ship_to: MappedAddress | None
    """Where it is, as this order or an earlier one has shown; None where none has."""
    tax_rate: Decimal
    """In percent, for the marketplace of the connection."""
    currency: str
    """The shop's."""
    foreign_currencies: tuple[str, ...]
    """Other currencies of prices in this order: nothing is converted, and such an order needs a look."""
    lines: tuple[MappedLine, ...]
    credits: tuple[MappedCredit, ...]
    """Rejected and cancelled quantities."""
    unmapped: tuple[Unmapped, ...]
    """Values that no rule covers."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, with the address in it: amounts are texts, times ISO 8601."""
        found: dict[str, Any] = _plain(self)
        return found


def amount_of(quantity: ItemQuantity | None) -> int | None:
    """Return the amount of a quantity that may be missing."""
    return None if quantity is None else quantity.amount


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Unmapped):
        return value._asdict()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal) else value
