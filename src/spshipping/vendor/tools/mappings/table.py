"""One mapping table: what each of Amazon's values is in the shop, and what all others are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Generic, NamedTuple, TypeVar, cast

from spshipping.vendor.orders.models.purchase_orders import PurchaseOrderState
from spshipping.vendor.orders.models.status import (
    ConfirmationStatus,
    PurchaseOrderStatus,
    ReceiveStatus,
)
from spshipping.wire.enums import OpenEnum

T = TypeVar("T", str, Decimal)


class StatusVocabulary(Enum):
    """Which of Amazon's words for how far an order is are mapped; they are different words."""

    ORDER_STATE = "purchaseOrderState"
    """Of the purchase order (getPurchaseOrders): `New`, `Acknowledged`, `Closed`."""
    ORDER_STATUS = "purchaseOrderStatus"
    """Of its state (getPurchaseOrdersStatus): `OPEN`, `CLOSED`. It is there where the history is imported."""
    LINE_CONFIRMATION = "confirmationStatus"
    """Of a line of its state: what the vendor has answered."""
    LINE_RECEIPT = "receiveStatus"
    """Of a line of its state: how much has arrived."""

    @property
    def is_of_line(self) -> bool:
        """Whether each line has a value of its own."""
        return self in (StatusVocabulary.LINE_CONFIRMATION, StatusVocabulary.LINE_RECEIPT)

    @property
    def values(self) -> tuple[str, ...]:
        """Amazon's values, as far as this version of the package knows them."""
        return tuple(member.value for member in _ENUMS[self])


_ENUMS: dict[StatusVocabulary, type[OpenEnum]] = {
    StatusVocabulary.ORDER_STATE: PurchaseOrderState,
    StatusVocabulary.ORDER_STATUS: PurchaseOrderStatus,
    StatusVocabulary.LINE_CONFIRMATION: ConfirmationStatus,
    StatusVocabulary.LINE_RECEIPT: ReceiveStatus,
}


class Rules(Mapping[str, T]):
    """The rules of a table, which never change."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Mapping[str, T]) -> None:
        self._rules: dict[str, T] = dict(rules)

    def __getitem__(self, value: str) -> T:
        return self._rules[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __hash__(self) -> int:
        return hash(frozenset(self._rules.items()))

    def __repr__(self) -> str:
        return repr(self._rules)


class Mapped(NamedTuple, Generic[T]):
    """What a value of Amazon's is in the shop."""

    result: T
    has_rule: bool
    """False: it is the default."""


# without slots: a generic frozen class that has them cannot be made as Table[str](...)
@dataclass(frozen=True, kw_only=True)
class Table(Generic[T]):
    """What each of Amazon's values is in the shop."""

    default: T
    """For every value without a rule, and where Amazon's answer has no value."""
    rules: Mapping[str, T] = field(default_factory=lambda: cast("Mapping[str, T]", Rules({})))
    """By Amazon's value, spelled as Amazon spells it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", Rules(self.rules))

    def of(self, value: str | None) -> Mapped[T]:
        """Return what *value* is in the shop, and whether a rule says so."""
        found = None if value is None else self.rules.get(value.strip())
        return Mapped(self.default, False) if found is None else Mapped(found, True)


@dataclass(frozen=True, kw_only=True)
class StatusTable(Table[str]):
    """What each value of one of Amazon's vocabularies is in the shop."""

    vocabulary: StatusVocabulary
