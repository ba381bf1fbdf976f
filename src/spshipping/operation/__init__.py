"""An operation of the API as a value, calls of it as data, and what is declared on it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from spshipping.operation.call import Call, Operation
from spshipping.operation.history import History
from spshipping.operation.options import CallOptions
from spshipping.operation.reply import Reply
from spshipping.operation.values import After, Before, Effect, Quota

if TYPE_CHECKING:
    from spshipping.operation.keys import DerivedKey, KeyRule, RandomKey, derived, random_key
    from spshipping.operation.paged import PagedOperation
    from spshipping.operation.paging import Paging
    from spshipping.operation.parameter import Items, Parameter
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

# where the names live that a client alone has no use for
_HOMES = {
    **dict.fromkeys(("DerivedKey", "KeyRule", "RandomKey", "derived", "random_key"), "operation.keys"),
    "PagedOperation": "operation.paged",
    "Paging": "operation.paging",
    **dict.fromkeys(("Items", "Parameter"), "operation.parameter"),
    **dict.fromkeys(("Length", "Pattern", "Range"), "wire.limits"),
}


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module 'spshipping.operation' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"spshipping.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
