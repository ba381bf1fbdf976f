"""Every class of the package beside the definition that it stands for, found from the operations."""

from functools import cache
from typing import Any

from spshipping.wire.shapes import shape_of
from tests.contract.facts import Described, Json, operations, routes
from tests.contract.model_laws import Pair, inner_pairs, pairs_below
from tests.contract.operation_laws import answer


def _ends(operation: Any, described: Described) -> list[tuple[Any, Json]]:
    """Return what an operation sends and gives, each with its schema, as far as both sides have it."""
    sent = described.facts.get("body")
    ends = [(operation.body, {"ref": sent} if sent else None), (operation.returns, answer(described))]
    return [
        (cls, schema) for cls, schema in ends if schema is not None and cls not in (None, type(None), bytes)
    ]


@cache
def pairs() -> tuple[Pair, ...]:
    """Return every model and enum with its definition; a class with several stands there several times."""
    waiting = [
        pair
        for operation in operations()
        if operation.route in routes()
        for cls, schema in _ends(operation, routes()[operation.route])
        for pair in pairs_below(shape_of(cls)[0], routes()[operation.route].file, schema)
    ]
    found: dict[tuple[Any, str], Pair] = {}
    while waiting:
        pair = waiting.pop(0)
        if (pair.cls, pair.name) not in found:
            found[pair.cls, pair.name] = pair
            waiting += inner_pairs(pair) if hasattr(pair.cls, "__wire_names__") else ()
    return tuple(found.values())


def model_pairs() -> tuple[Pair, ...]:
    """Return the models among them."""
    return tuple(pair for pair in pairs() if hasattr(pair.cls, "__wire_names__"))


def enum_pairs() -> tuple[Pair, ...]:
    """Return the enums among them."""
    return tuple(pair for pair in pairs() if not hasattr(pair.cls, "__wire_names__"))
