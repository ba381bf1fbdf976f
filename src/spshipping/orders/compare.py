"""Where the two Amazon orders differ that the two APIs make of one order."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import attrs

from spshipping.orders.order import AmazonOrder
from spshipping.orders.parts import AmazonOrderItem, Money
from spshipping.wire.model import Model, has
from spshipping.wire.shapes import fields_of


class Twin(NamedTuple):
    """How a field, or all that is in it, differs from one API to the other."""

    v0: str
    """Whether Orders v0 tells it: `yes`, `in part` or `no`."""
    v2026: str
    """The same of Orders 2026-01-01; and `differs` where it tells another value."""
    note: str
    words: tuple[str, ...] = ()
    """The values that only one of them knows, where it differs by these alone."""


_NO_FIELD = "No such field."
_NO_ZERO = "A sum of zero is left out."
_NO_TAX = "Only what the seller receives: not the tax that Amazon withholds, nor a sum of zero."
_TURKEY = "Of Turkish businesses too; Orders v0 has those apart, in `BuyerTaxInformation`."

TWINS: Mapping[str, Twin] = MappingProxyType(
    {
        "order_status": Twin(
            "yes",
            "differs",
            "`InvoiceUnconfirmed` has no twin; such an order is `Shipped`.",
            ("InvoiceUnconfirmed",),
        ),
        "order_type": Twin(
            "yes", "in part", "Of all kinds, only `Preorder` is told, by the program `PREORDER`."
        ),
        "payment_method": Twin("yes", "in part", "Read from the payments; told once there are any."),
        "payment_method_details": Twin(
            "yes",
            "in part, differs",
            "Read from the payments, whose words differ: `GC` is `GiftCertificate` in v0.",
        ),
        "payment_execution_detail": Twin(
            "in part", "yes", "Orders v0 tells it for cash on delivery, convenience stores and Brazil."
        ),
        "is_global_express_enabled": Twin("yes", "no", "There is no such program."),
        "is_sold_by_ab": Twin("yes", "no", "There is no such program; `is_iba` is told."),
        "is_access_point_order": Twin(
            "yes", "in part", "Read from the kind of address; told once there is one."
        ),
        "order_channel": Twin("yes", "no", _NO_FIELD),
        "ship_service_level": Twin("yes", "no", "No such field; `shipment_service_level_category` is told."),
        "order_total": Twin(
            "yes", "no", "`grandTotal` is what the seller receives, not what the buyer pays; it is not read."
        ),
        "shipping_address.county": Twin(
            "in part", "yes", "One field, `districtOrCounty`, is both; it is read as the county."
        ),
        "shipping_address.district": Twin("yes", "no", "See `shipping_address.county`."),
        "shipping_address.address_type": Twin(
            "yes", "differs", "Orders v0 does not know `PickupPoint`.", ("PickupPoint",)
        ),
        "default_ship_from_location_address": Twin(
            "yes", "no", "Packages tell where they were shipped from, not where that should be."
        ),
        "buyer_info.buyer_email": Twin("yes", "in part", "Told for orders that the seller ships."),
        "buyer_info.buyer_county": Twin("yes", "no", _NO_FIELD),
        "buyer_info.buyer_tax_info.company_legal_name": Twin("in part", "yes", _TURKEY),
        "buyer_info.buyer_tax_info.tax_classifications": Twin("in part", "yes", _TURKEY),
        "buyer_info.buyer_tax_info.taxing_region": Twin("yes", "no", _NO_FIELD),
        "fulfillment_instruction": Twin("yes", "no", _NO_FIELD),
        "automated_shipping_settings": Twin("yes", "no", _NO_FIELD),
        "items[].unit_price": Twin("no", "yes", "Orders v0 has the price of the whole line only."),
        "items[].item_tax": Twin("yes", "in part", _NO_TAX),
        "items[].shipping_price": Twin("yes", "in part", _NO_ZERO),
        "items[].shipping_tax": Twin("yes", "in part", _NO_TAX),
        "items[].shipping_discount": Twin("yes", "in part", _NO_ZERO),
        "items[].gift_wrap_tax": Twin("yes", "in part", _NO_TAX),
        "items[].promotion_discount": Twin("yes", "in part", _NO_ZERO),
        "items[].is_buyer_requested_cancel": Twin("yes", "in part", "Told where it is true, otherwise None."),
    }
)
"""The fields that are not the same in both APIs; docs/orders.md shows them."""


def twin_of(field: str) -> Twin | None:
    """Return how *field* differs, or None if both APIs tell it alike."""
    return TWINS.get(field) or TWINS.get(field.partition(".")[0])


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
        twin = twin_of(self.field)
        if twin is None:
            return None
        if self.v0 is None:
            is_expected = twin.v0 != "yes"
        elif self.v2026 is None:
            is_expected = twin.v2026 not in ("yes", "differs")
        else:
            is_expected = "differs" in twin.v2026 and self._is_in_words(twin.words)
        return twin.note if is_expected else None

    def _is_in_words(self, words: tuple[str, ...]) -> bool:
        return not words or self.v0 in words or self.v2026 in words


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
    def unexpected(self) -> list[Difference]:
        """The differences that nothing explains."""
        return [difference for difference in self.differences if difference.reason is None]

    @property
    def is_as_expected(self) -> bool:
        """Whether both know the order, and differ only where that is to be expected."""
        return self.v0 is not None and self.v2026 is not None and not self.unexpected


def differences(v0: AmazonOrder, v2026: AmazonOrder) -> list[Difference]:
    """List the fields in which the same order differs; items are matched by their id.

    Args:
        v0: the order as Orders v0 tells it.
        v2026: the order as Orders 2026-01-01 tells it.
    """
    return [
        Difference(path=path, v0=one, v2026=other) for path, one, other in values(v0, v2026) if one != other
    ]


def values(v0: AmazonOrder, v2026: AmazonOrder) -> Iterator[tuple[str, Any, Any]]:
    """Yield the path of every field, down to those that have no fields, and its two values."""
    for path, one, other in _values(AmazonOrder, v0, v2026, ""):
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
    mine = {item.order_item_id: item for item in one or () if has(item, "order_item_id")}
    theirs = {item.order_item_id: item for item in other or () if has(item, "order_item_id")}
    for name in dict.fromkeys((*mine, *theirs)):
        yield from _values(AmazonOrderItem, mine.get(name), theirs.get(name), f"items[{name}].")
