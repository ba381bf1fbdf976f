"""From Amazon's JSON to models and back: the fast way first, the careful way where that fails."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from spshipping.errors import DecodeError
from spshipping.meta import Deviation
from spshipping.wire import text
from spshipping.wire.engine import engine

if TYPE_CHECKING:
    from cattrs import Converter

    from spshipping.wire.model import Model
    from spshipping.wire.readers import Readers, Ready
    from spshipping.wire.shapes import Shape
    from spshipping.wire.source import Mode

T = TypeVar("T")


def structure(
    data: Any,
    type_: Any,
    *,
    parse_again: Callable[[], Any] | None = None,
    request_id: str | None = None,
) -> tuple[Any, tuple[Deviation, ...]]:
    """Read parsed JSON as *type_*, and say what had to be repaired.

    The value is None, with one unreadable deviation at the root, where nothing fits. An answer that is empty
    in any way (`[]`, None, NOTHING) is the empty object or list where nothing in it is required.

    Args:
        data: what is read, or NOTHING for an answer without a body. It is left as it is, unless `parse_again`
            is given.
        type_: a model, or another type that has a form on the wire.
        parse_again: gives *data* once more. With it, the items of a page are let go one by one as they are
            read, so that they and their models are never all there at once.
        request_id: of the answer; a `MissingFieldError` names it.
    """
    if hasattr(type_, "__wire_names__"):
        try:
            value = _maker()(type_, "consume" if parse_again else "decode")(data)
        except Exception:  # noqa: S110 - whatever it was, the careful way finds and names it
            pass
        else:
            if parse_again and type_ in _refused:
                _refused.discard(type_)
                _readers().learn(value, type_)
            return value, ()
        if parse_again:
            data = parse_again()
    return _repair(data, _shape(type_), request_id)


def at_once(data: bytes, type_: Any, *, is_enveloped: bool = False) -> Any:
    """Read an answer's bytes as *type_*, where they need no repair and msgspec reads them; None where not.

    Args:
        data: the body of an answer.
        type_: a model, or another type that has a form on the wire.
        is_enveloped: the answer is an object with `payload`, and nothing else.
    """
    msgspec = engine(len(data))
    if msgspec is None:
        return None
    read = _ready[is_enveloped].get(type_)
    if read is None and hasattr(type_, "__wire_names__"):
        read = _readers().reader(type_, msgspec, is_enveloped=is_enveloped)
    if read is None:
        return None
    try:
        return read(data)
    except Exception:  # whatever it was, it is read from parsed JSON
        _refused.add(type_)
    return None


_ready: Ready = {False: {}, True: {}}
_refused: set[Any] = set()
"""Classes of answers that were not read at once: for unknown fields, perhaps."""


@functools.cache
def _readers() -> Readers:
    """Return what makes what reads bytes: it is loaded where msgspec is used."""
    from spshipping.wire.readers import Readers

    return Readers(_ready)


@functools.cache
def _maker() -> Callable[[Any, Mode], Callable[[Any], Any]]:
    """Return what makes the functions for a model: it is loaded with the first model, not with a client."""
    from spshipping.wire.fast import function

    return function


@functools.cache
def _shape(type_: Any) -> Shape:
    from spshipping.wire.shapes import shape_of

    return shape_of(type_)[0]


def _repair(data: Any, shape: Shape, request_id: str | None) -> tuple[Any, tuple[Deviation, ...]]:
    # imported here: a well-formed answer never needs cattrs
    from spshipping.wire.lenient import repair

    return repair(data, shape, request_id)


def _written(model: Model, mode: Mode, finish: Callable[[Any], T]) -> T:
    try:
        written = _maker()(type(model), mode)(model)
        if mode == "encode" and model.__written__ is not None:
            written = model.__written__(written)
        return finish(written)
    except Exception:  # noqa: S110 - whatever it was, the careful way names the field
        pass
    from spshipping.wire.check import fault

    raise fault(model, is_request=mode == "checked")


def from_dict(data: Any, type_: type[T]) -> T:
    """Read Amazon's dictionary (of `json.loads(..., parse_float=Decimal)`) as *type_*, leniently.

    Raises:
        DecodeError: nothing of it fits.
    """
    value, deviations = structure(data, type_)
    del data  # a traceback shows local variables
    return _readable(value, deviations, type_)


def _readable(value: Any, deviations: tuple[Deviation, ...], type_: type[T]) -> T:
    if value is None:
        raise DecodeError(f"this is no {getattr(type_, '__name__', type_)}", deviations=deviations)
    return value  # type: ignore[no-any-return]  # structure() returns what was requested


def loads(data: bytes | str, type_: type[T]) -> T:
    """Read Amazon's JSON as *type_*, leniently; the envelope, if there is one, is not opened.

    Raises:
        DecodeError: it is no JSON, or nothing of it fits.
    """
    body = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        value = at_once(body, type_)
        if value is not None:
            return value  # type: ignore[no-any-return]  # it reads what was requested
        value, deviations = structure(
            text.parse(body), type_, parse_again=functools.partial(text.parse, body)
        )
    finally:
        del data, body  # a traceback shows local variables
    return _readable(value, deviations, type_)


def to_dict(model: Model) -> dict[str, Any]:
    """Return *model* as Amazon's dictionary, without what is None, with the unknown fields it came with.

    A number is an int or a float, and a Decimal where no float is exactly the same. An `AmazonOrder` is
    written with every key.

    Raises:
        InvalidRequestError: a field cannot be written, and which.
    """
    from spshipping.wire.numbers import without_decimals

    written: dict[str, Any] = _written(model, "encode", without_decimals)
    return written


def dumps(model: Model) -> bytes:
    """Return *model* as Amazon's JSON.

    Raises:
        InvalidRequestError: a field cannot be written, and which.
    """
    return _written(model, "encode", text.render)


def encode_request(model: Model) -> bytes:
    """Return the body of a request, held to Amazon's limits.

    Raises:
        InvalidRequestError: a field is missing, of the wrong kind or outside its limits, and which.
    """
    return _written(model, "checked", str.encode)


@functools.cache
def converter() -> Converter:
    """Return a cattrs converter that reads and writes this package's models inside your own classes."""
    from cattrs import Converter

    from spshipping.wire.model import Model

    def is_model(type_: Any) -> bool:
        return isinstance(type_, type) and issubclass(type_, Model)

    made = Converter()
    made.register_structure_hook_func(is_model, from_dict)
    made.register_unstructure_hook_func(is_model, to_dict)
    return made
