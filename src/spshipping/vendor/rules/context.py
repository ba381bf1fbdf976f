"""What a rule has to know beside the document: purchase orders, terms, the time, and what was said before."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import NamedTuple

from spshipping.errors import InvalidRequestError
from spshipping.vendor.orders.models.acknowledgements import OrderAcknowledgement
from spshipping.vendor.orders.models.purchase_orders import Order
from spshipping.vendor.rules.rule import RuleRegion
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation, ShipmentType
from spshipping.vendor.shipments.models.shipments import Shipment, ShipmentFreightTerm, ShipmentStatus


class Outcome(Enum):
    """What became of a submission."""

    PENDING = "pending"
    """Sent, and Amazon has not said what became of it."""
    TAKEN = "taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """It is not known whether Amazon received it."""


class SentAcknowledgement(NamedTuple):
    """An acknowledgement that was sent before."""

    document: OrderAcknowledgement
    at: datetime
    outcome: Outcome = Outcome.TAKEN


class SentConfirmation(NamedTuple):
    """A shipment confirmation that was sent before."""

    document: ShipmentConfirmation
    at: datetime
    outcome: Outcome = Outcome.TAKEN
    is_from_api: bool = True
    """False: made in Vendor Central, where alone it can be changed."""
    has_arrived: bool = False


class SentRequest(NamedTuple):
    """A routing request that was sent before."""

    document: Shipment
    at: datetime
    outcome: Outcome = Outcome.TAKEN
    status: ShipmentStatus | None = None
    """How far it is, as Amazon says."""


def check_aware(time: object, path: str) -> None:
    """Check a time that a caller gave.

    Raises:
        InvalidRequestError: it is no datetime with a time zone.
    """
    if not isinstance(time, datetime) or time.utcoffset() is None:
        raise InvalidRequestError("must be a datetime with a time zone", path=path)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What was sent before the document that is checked, and must not contain that one."""

    acknowledgements: Sequence[SentAcknowledgement] = ()
    confirmations: Sequence[SentConfirmation] = ()
    requests: Sequence[SentRequest] = ()
    sscc_shipped: Mapping[str, datetime] | None = None
    """When each SSCC (18 digits) was shipped, beside those of `confirmations`."""
    shipped_elsewhere: Mapping[tuple[str, str], int] | None = None
    """How many pieces were shipped by other ways: by purchase order number and item sequence number."""
    printed_labels: AbstractSet[str] = frozenset()
    """The tracking ids of labels that were printed."""

    def __post_init__(self) -> None:
        for name in ("acknowledgements", "confirmations", "requests"):
            for index, sent in enumerate(getattr(self, name)):
                check_aware(sent.at, f"{name}[{index}].at")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleContext:
    """What rules need to know. What is None is not known; `unchecked` says what could not be checked then.

    Args:
        now: when the document is submitted.
        region: where the vendor code belongs.
        orders: the purchase orders that the document is about, as they were read.
        changed: by number, when Amazon changed a purchase order last, where that is known from elsewhere.
        freight: who pays the freight.
        shipment_type: how the goods travel, where the document does not say it.
        history: what was sent before.
        perishable: identifiers, ASIN or the vendor's own, of the items that are set up as expiration dated.
        own_prefixes: the GS1 company prefixes that your own SSCCs have: those are checked strictly.
        amazon_codes: the AMZNCC numbers that Amazon has made.
        holidays: days that are no business days, beside Saturdays and Sundays.
        is_single_box: a shipment of one box, of which Amazon needs no container details.
    """

    now: datetime | None = None
    region: RuleRegion | None = None
    orders: Sequence[Order] | None = None
    changed: Mapping[str, datetime] | None = None
    freight: ShipmentFreightTerm | None = None
    shipment_type: ShipmentType | None = None
    history: History | None = None
    perishable: AbstractSet[str] | None = None
    own_prefixes: tuple[str, ...] = ()
    amazon_codes: AbstractSet[str] | None = None
    holidays: AbstractSet[date] = frozenset()
    is_single_box: bool = False
    _by_number: dict[str, Order] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.now is not None:
            check_aware(self.now, "now")
        if self.orders is not None:
            # an iterator could be read once only
            object.__setattr__(self, "orders", tuple(self.orders))
        by_number = {order.purchase_order_number.strip(): order for order in self.orders or ()}
        object.__setattr__(self, "_by_number", by_number)

    def order(self, number: str | None) -> Order | None:
        """Return a purchase order by its number; None where it, or what it says, is not known."""
        order = self._by_number.get((number or "").strip())
        return order if getattr(order, "order_details", None) is not None else None

    @property
    def binds_ship_window(self) -> bool:
        """Whether the goods must be picked up in the ship window; also where the terms are not known."""
        return self.freight in (None, ShipmentFreightTerm.COLLECT)

    @property
    def binds_delivery_window(self) -> bool:
        """Whether the goods must arrive in the delivery window; also where the terms are not known."""
        return self.freight in (None, ShipmentFreightTerm.PREPAID)
