"""What msgspec reads, beside what is read without it: both are the same, or it is left to the other way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from spshipping.meta import Deviation
from spshipping.operation import Call
from spshipping.transport.decode import Decoded, decode
from spshipping.transport.http import HttpResponse
from spshipping.transport.repeat import Refusal
from spshipping.wire import convert, engine
from tests.contract.wellformed import exact
from tests.kit import START

T = TypeVar("T")


@contextmanager
def msgspec(*, is_on: bool) -> Iterator[None]:
    """Read with msgspec, where it is installed, or without."""
    before = engine._left
    engine.switch(is_on=is_on)
    try:
        yield
    finally:
        engine._left = before


def has_twin(cls: Any) -> bool:
    """Say whether msgspec is there, and reads a class: errors are for the transport to see."""
    return engine._installed() is not None and "errors" not in cls.__wire_names__.values()


def digits(value: Any) -> Any:
    """Return a form of *value* that is equal only where every digit and every offset is, too."""
    return _shown(exact(value))


def _shown(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _shown(item) for key, item in part.items()}
    return [_shown(item) for item in part] if isinstance(part, list | tuple) else repr(part)


def expect(cls: Any) -> None:
    """Let the next answer of a class be read at once, as if one had been read before."""
    convert._readers()._seen |= {(cls, False), (cls, True)}


def learn(value: Any, cls: Any) -> None:
    """Have room for the unknown fields of *value*, whatever was learned before."""
    readers = convert._readers()
    readers._lessons.pop(cls, None)
    if any(len(names) > 8 for names in readers._learned.values()):
        readers._learned.clear()
    readers.learn(value, cls)


def is_the_same_at_once(body: bytes, cls: Any, value: Any, deviations: tuple[Deviation, ...] = ()) -> bool:
    """Assert that what is read at once, if it is, is *value*, which needed no repair; say whether it is."""
    with msgspec(is_on=True):
        expect(cls)
        found = convert.at_once(body, cls)
    if found is None:
        return False
    assert deviations == ()
    assert digits(found) == digits(value)
    return True


def both(read: Callable[[], T]) -> tuple[T, T]:
    """Return what is read without msgspec, and with it."""
    with msgspec(is_on=False):
        without = read()
    with msgspec(is_on=True):
        return without, read()


def decoded(call: Call[Any], response: HttpResponse) -> Decoded | Refusal:
    """Assert that an answer is read alike without msgspec and with it, and return what was read."""
    expect(call.operation.returns)
    without, found = both(lambda: decode(call, response, START))
    assert _told(found) == _told(without)
    return without


def _told(result: Decoded | Refusal) -> tuple[Any, ...]:
    if isinstance(result, Decoded):
        return digits(result.value), result.deviations, result.errors
    error: Any = result.error
    return type(error), str(error), error.deviations, error.errors, result.outcome, result.is_whole
