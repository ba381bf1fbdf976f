"""An operation of the API as a value, calls of it as data, and what is declared on it."""

from spshipping.operation.call import Call, Operation
from spshipping.operation.history import History
from spshipping.operation.keys import DerivedKey, KeyRule, RandomKey, derived, random_key
from spshipping.operation.options import CallOptions
from spshipping.operation.paged import PagedOperation
from spshipping.operation.paging import Paging
from spshipping.operation.parameter import Items, Parameter
from spshipping.operation.reply import Reply
from spshipping.operation.values import After, Before, Effect, Quota
from spshipping.wire.limits import Length, Pattern, Range

__all__ = [
    "After",
    "Before",
    "Call",
    "CallOptions",
    "DerivedKey",
    "Effect",
    "History",
    "Items",
    "KeyRule",
    "Length",
    "Operation",
    "PagedOperation",
    "Paging",
    "Parameter",
    "Pattern",
    "Quota",
    "RandomKey",
    "Range",
    "Reply",
    "derived",
    "random_key",
]
