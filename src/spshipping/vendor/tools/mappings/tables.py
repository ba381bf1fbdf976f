"""The tables of a vendor's page: what each is for, and which values Amazon has for it."""

from typing import NamedTuple, TypedDict

from spshipping.regions import Marketplace
from spshipping.vendor.orders.models.purchase_orders import PaymentMethod
from spshipping.vendor.tools.mappings.credits import CREDIT_REASONS
from spshipping.vendor.tools.mappings.table import StatusVocabulary

ORDER_VOCABULARIES = tuple(each for each in StatusVocabulary if not each.is_of_line)
LINE_VOCABULARIES = tuple(each for each in StatusVocabulary if each.is_of_line)


class TableKind(NamedTuple):
    """A table, and what belongs into it."""

    name: str
    label: str
    help: str
    values: tuple[str, ...] = ()
    """Amazon's values; of the status tables, those of their vocabulary instead."""
    vocabularies: tuple[StatusVocabulary, ...] = ()
    """Of a status table, which vocabularies it may map."""
    is_percent: bool = False
    is_required: bool = True


class TableDescription(TypedDict):
    """A table, as data: what a page needs to draw it."""

    name: str
    label: str
    help: str
    required: bool
    values: list[str]
    """Amazon's values; empty where they depend on the vocabulary, or on your orders."""
    vocabularies: dict[str, list[str]]
    """What the table may map, each with Amazon's values; empty for all but the status tables."""
    results: str
    """`text`, or `percent`: a number from 0 to 100."""


ORDER_STATUS = TableKind(
    "order_status",
    "Main status",
    "Which main status of the shop an Amazon status means.",
    vocabularies=ORDER_VOCABULARIES,
)
PAYMENT_STATUS = TableKind(
    "payment_status",
    "Payment status",
    "Which payment status of the shop the same Amazon status means: Amazon has none for payments.",
)
LINE_STATUS = TableKind(
    "line_status",
    "Line status",
    "Which status of the shop an Amazon status of a line means.",
    vocabularies=LINE_VOCABULARIES,
    is_required=False,
)
SHIP_TO = TableKind(
    "ship_to", "Ship-to party", "Which reference of the shop a fulfilment centre of Amazon's has."
)
CREDIT_REASON = TableKind(
    "credit_reason",
    "Credit reason",
    "Which credit reason of the shop a rejected or cancelled row has.",
    values=CREDIT_REASONS,
)
PAYMENT_TYPE = TableKind(
    "payment_type",
    "Payment type",
    "Which payment type of the shop an Amazon payment method means.",
    values=tuple(method.value for method in PaymentMethod),
)
TAX_RATE = TableKind(
    "tax_rate",
    "Tax rate",
    "The tax rate of each marketplace, in percent.",
    values=tuple(place.name for place in Marketplace),
    is_percent=True,
)
KINDS = (ORDER_STATUS, PAYMENT_STATUS, LINE_STATUS, SHIP_TO, CREDIT_REASON, PAYMENT_TYPE, TAX_RATE)


def describe() -> list[TableDescription]:
    """List the tables, in the order of a page."""
    return [
        {
            "name": kind.name,
            "label": kind.label,
            "help": kind.help,
            "required": kind.is_required,
            "values": list(kind.values),
            "vocabularies": {each.value: list(each.values) for each in kind.vocabularies},
            "results": "percent" if kind.is_percent else "text",
        }
        for kind in KINDS
    ]
