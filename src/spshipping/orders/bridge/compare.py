"""Where the two APIs differ in one and the same Amazon order."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import attrs

from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import AmazonOrderItem, Money
from spshipping.wire.model import Model, has
from spshipping.wire.shapes import fields_of


class Counterpart(NamedTuple):
    """How a field, or all that is in it, differs from one API to the other."""

    v0: str
    """Whether Orders v0 has it: `yes`, `in part` or `no`."""
    v2026: str
    """The same of Orders 2026-01-01; and `differs` where it has another value."""
    note: str
    values: tuple[str, ...] = ()
    """The values that only one of them knows, where it differs by these alone."""


_NO_FIELD = "No such field."
_NO_ZERO = "A sum of zero is left out."
_UNCLEAR = "None where Amazon does not state which of several charges it is on."
_NO_DISCOUNT = f"{_NO_ZERO} {_UNCLEAR}"
_NO_TAX = f"Only what the seller receives: not the tax that Amazon withholds, nor a sum of zero. {_UNCLEAR}"
_TURKEY = "Of Turkish businesses too; Orders v0 has those apart, in `BuyerTaxInformation`."

COUNTERPARTS: Mapping[str, Counterpart] = MappingProxyType(
    {
        "order_status": Counterpart(
            "yes",
            "differs",
            "`InvoiceUnconfirmed` has no counterpart; such an order is `Shipped`.",
            ("InvoiceUnconfirmed",),
        ),
        "order_type": Counterpart(
            "yes", "in part", "Of all kinds, only `Preorder` is there, as the program `PREORDER`."
        ),
        "payment_method": Counterpart(
            "yes", "in part", "Read from the payments; None as long as there are none."
        ),
        "payment_method_details": Counterpart(
            "yes",
            "in part, differs",
            "Read from the payments, whose values differ: `GC` is `GiftCertificate` in v0.",
        ),
        "payment_execution_detail": Counterpart(
            "in part", "yes", "Orders v0 has it for cash on delivery, convenience stores and Brazil."
        ),
        "is_global_express_enabled": Counterpart("yes", "no", "There is no such program."),
        "is_sold_by_ab": Counterpart("yes", "no", "There is no such program; `is_iba` is there."),
        "is_access_point_order": Counterpart(
            "yes", "in part", "Read from the kind of address; None as long as there is none."
        ),
        "order_channel": Counterpart("yes", "no", _NO_FIELD),
        "ship_service_level": Counterpart(
            "yes", "no", "No such field; `shipment_service_level_category` is there."
        ),
        "order_total": Counterpart(
            "yes", "no", "`grandTotal` is what the seller receives, not what the buyer pays; it is not read."
        ),
        "estimated_total": Counterpart(
            "no", "yes", "Added up from the lines, where each states what it consists of."
        ),
        "shipping_address.county": Counterpart(
            "in part", "yes", "One field, `districtOrCounty`, is both; it is read as the county."
        ),
        "shipping_address.district": Counterpart("yes", "no", "See `shipping_address.county`."),
        "shipping_address.address_type": Counterpart(
            "yes", "differs", "Orders v0 has no `PickupPoint`.", ("PickupPoint",)
        ),
        "default_ship_from_location_address": Counterpart(
            "yes", "no", "Packages have the place where they were shipped from, not where that should be."
        ),
        "buyer_info.buyer_email": Counterpart("yes", "in part", "Only for orders that the seller ships."),
        "buyer_info.buyer_county": Counterpart("yes", "no", _NO_FIELD),
        "buyer_info.buyer_tax_info.company_legal_name": Counterpart("in part", "yes", _TURKEY),
        "buyer_info.buyer_tax_info.tax_classifications": Counterpart("in part", "yes", _TURKEY),
        "buyer_info.buyer_tax_info.taxing_region": Counterpart("yes", "no", _NO_FIELD),
        "fulfillment_instruction": Counterpart("yes", "no", _NO_FIELD),
        "automated_shipping_settings": Counterpart("yes", "no", _NO_FIELD),
        "items[].unit_price": Counterpart("no", "yes", "Orders v0 has the price of the whole line only."),
        "items[].item_tax": Counterpart("yes", "in part", _NO_TAX),
        "items[].shipping_price": Counterpart("yes", "in part", _NO_ZERO),
        "items[].shipping_tax": Counterpart("yes", "in part", _NO_TAX),
        "items[].shipping_discount": Counterpart("yes", "in part", _NO_DISCOUNT),
        "items[].gift_wrap_tax": Counterpart("yes", "in part", _NO_TAX),
        "items[].promotion_discount": Counterpart("yes", "in part", _NO_DISCOUNT),
        "items[].is_buyer_requested_cancel": Counterpart(
            "yes", "in part", "Only where it is true, otherwise None."
        ),
    }
)
"""The fields that are not the same in both APIs; docs/orders.md shows them."""


def counterpart_of(field: str) -> Counterpart | None:
    """Return how *field* differs, or None if both APIs have it alike."""
    return COUNTERPARTS.get(field) or COUNTERPARTS.get(field.partition(".")[0])


@attrs.frozen(kw_only=True)
class Difference:
    """One field that is not the same; its values may be personal, so repr does not show them."""

    path: str
    """Such as `shipping_address.county`; items are named by their id: `items[123].unit_price`."""
    v0: Any = attrs.field(repr=False)
    v2026: Any = attrs.field(repr=False)

    @property
    def field(self) -> str:
        """The path without the ids of items, such as `items[].unit_price`."""
        head, bracket, tail = self.path.partition("[")
        return f"{head}[]{tail.partition(']')[2]}" if bracket else head

    @property
    def is_personal(self) -> bool:
        """Whether the values are about a person, or hold something that is."""
        cls: Any = AmazonOrder
        for name in self.field.replace("[]", "").split("."):
            (field,) = (field for field in fields_of(cls) if field.name == name)
            if field.is_personal:
                return True
            cls = (field.shape.item or field.shape).cls
        return bool(getattr(cls, "__personal__", ()))

    @property
    def reason(self) -> str | None:
        """Why this is to be expected, or None if it is not."""
        found = counterpart_of(self.field)
        if found is None:
            return None
        if self.v0 is None:
            is_expected = found.v0 != "yes"
        elif self.v2026 is None:
            is_expected = found.v2026 not in ("yes", "differs")
        else:
            is_expected = "differs" in found.v2026 and self._is_in(found.values)
        return found.note if is_expected else None

    def _is_in(self, values: tuple[str, ...]) -> bool:
        return not values or self.v0 in values or self.v2026 in values


@attrs.frozen(kw_only=True)
class Comparison:
    """The same order through both APIs."""

    order_id: str
    v0: AmazonOrder | None
    """None where Orders v0 does not know it."""
    v2026: AmazonOrder | None
    """None where Orders 2026-01-01 does not know it."""
    differences: tuple[Difference, ...]

    @property
    def is_estimate_right(self) -> bool | None:
        """Whether `estimated_total` is v0's `order_total`; None where one of them is not there."""
        total = self.v0.order_total if self.v0 else None
        estimate = self.v2026.estimated_total if self.v2026 else None
        return total == estimate if total and estimate else None

    @property
    def unexpected(self) -> list[Difference]:
        """The differences that are not expected."""
        return [difference for difference in self.differences if difference.reason is None]

    @property
    def is_as_expected(self) -> bool:
        """Whether both know the order, and differ only where that is to be expected."""
        return self.v0 is not None and self.v2026 is not None and not self.unexpected


class Estimates(NamedTuple):
    """How often `estimated_total` is what Orders v0 has as `order_total`."""

    equal: int
    different: int
    missing: int
    """Orders without an estimate, though Orders v0 has a total."""


class Comparisons(list[Comparison]):
    """The comparisons of several orders."""

    @property
    def estimates(self) -> Estimates:
        """How often `estimated_total` is right, among the orders of which v0 has a total."""
        found = [one.is_estimate_right for one in self if one.v0 and one.v0.order_total]
        return Estimates(found.count(True), found.count(False), found.count(None))


def differences(v0: AmazonOrder, v2026: AmazonOrder) -> list[Difference]:
    """List the fields in which the same order differs; items are matched by their id.

    Args:
        v0: the order as read from Orders v0.
        v2026: the order as read from Orders 2026-01-01.
    """
    return [
        Difference(path=path, v0=one, v2026=other) for path, one, other in values(v0, v2026) if one != other
    ]


def values(v0: AmazonOrder, v2026: AmazonOrder) -> Iterator[tuple[str, Any, Any]]:
    """Yield the path of every field, down to those that have no fields, and its two values."""
    for path, one, other in _values(AmazonOrder, v0, v2026, ""):
        if path == "incomplete":
            continue  # it says how an order was read, not what it is
        if path == "items":
            yield from _item_values(one, other)
        else:
            yield path, one, other


def _values(cls: type[Model], one: Any, other: Any, prefix: str) -> Iterator[tuple[str, Any, Any]]:
    for field in fields_of(cls):
        path = f"{prefix}{field.name}"
        pair = getattr(one, field.name, None), getattr(other, field.name, None)
        if field.shape.kind == "model" and field.shape.cls is not Money:
            yield from _values(field.shape.cls, *pair, f"{path}.")
        else:
            yield path, *pair


def _item_values(
    one: list[AmazonOrderItem] | None, other: list[AmazonOrderItem] | None
) -> Iterator[tuple[str, Any, Any]]:
    mine, theirs = _by_id(one), _by_id(other)
    for name in dict.fromkeys((*mine, *theirs)):
        yield from _values(AmazonOrderItem, mine.get(name), theirs.get(name), f"items[{name}].")


def _by_id(items: list[AmazonOrderItem] | None) -> dict[str, AmazonOrderItem]:
    # an item without an id has no counterpart
    known = [item for item in items or () if has(item, "order_item_id")]
    return {item.order_item_id: item for item in known if item.order_item_id}
