"""Well-formed values in plenty, the same ones in every run, for tests that draw at random themselves."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from spshipping.wire.model import Model
from spshipping.wire.shapes import shape_of
from tests import strategies


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
