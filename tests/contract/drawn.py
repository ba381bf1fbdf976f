"""Well-formed values in plenty, the same ones in every run, for tests that draw at random themselves."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from spshipping.errors import InvalidRequestError
from spshipping.operation import Before, History, Operation
from spshipping.shipping import SUBMIT_NDR_FEEDBACK
from spshipping.testing import strategies
from spshipping.vendor.shipments import SUBMIT_SHIPMENTS
from spshipping.wire.model import Model
from spshipping.wire.shapes import shape_of

_BY_THE_BODY = (SUBMIT_NDR_FEEDBACK, SUBMIT_SHIPMENTS)
"""Operations that are refused beforehand where their body lacks something."""


@cache
def drawn(type_: Any, count: int, *, unlisted: bool = True) -> tuple[Any, ...]:
    """Return well-formed values of a type; *unlisted*: enums hold values that are not listed, too."""
    found: list[Any] = []
    quiet = list(HealthCheck)

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=quiet,
    )
    @given(strategies.values(shape_of(type_)[0], unlisted=unlisted))
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return tuple(found)


def bodies(operation: Operation[Any], count: int, *, unlisted: bool = True) -> tuple[Any, ...]:
    """Return bodies with which the operation can be sent: what is refused beforehand is left out."""
    fit: list[Any] = []
    drawing = count
    while len(fit) < count:
        model: Any = operation.body
        found = drawn(model, drawing, unlisted=unlisted)
        fit = [body for body in found if _can_be_sent(operation, body)]
        drawing *= 4
    return tuple(fit[:count])


def _can_be_sent(operation: Operation[Any], body: Any) -> bool:
    if operation not in _BY_THE_BODY or operation.before is None:
        return True  # what the others refuse depends on when and after what they are sent
    try:
        operation.before(operation(body=body), Before(datetime.now(UTC), History()))
    except InvalidRequestError:
        return False
    return True


def parts(value: Any) -> Iterator[Any]:
    """Yield everything inside a value."""
    inner: Any = ()
    if isinstance(value, Model):
        inner = [getattr(value, name, None) for name in value.__wire_names__]
    elif isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
    for part in inner:
        yield part
        yield from parts(part)
