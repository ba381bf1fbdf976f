"""A page's call as text, to store and to resume from: its parameters and a token, nothing personal."""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar, overload

from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.operation import Call, PagedOperation
from spshipping.wire.text import parse, write

T = TypeVar("T")
C = TypeVar("C", dict[str, str], list[str])

_VERSION = 1


@overload
def cursor_of(call: Call[Any]) -> str: ...
@overload
def cursor_of(call: None) -> None: ...
def cursor_of(call: Call[Any] | None) -> str | None:
    """Return the JSON text from which `call_from_cursor` makes *call* again, here or in another process.

    `cursor_of(reply.next_call)` is where to resume after a page; None, after the last page, stays None. It
    holds the parameters as they were written, since Amazon accepts a page only with the same ones, the
    page's token and the selected data elements of personal data. Amazon's tokens expire: after a day at the
    latest in Orders 2026-01-01.

    Raises:
        InvalidRequestError: the operation does not come in pages, or the call names a person.
    """
    if call is None:
        return None
    if not isinstance(call, Call):
        raise InvalidRequestError("is a Call, such as reply.next_call", path="call")
    operation = call.operation
    if not isinstance(operation, PagedOperation) or call.body is not None:
        raise InvalidRequestError(f"{operation.name} does not come in pages by its parameters", path="call")
    for parameter in (*operation.query, *operation.headers):
        if parameter.is_personal and (parameter.name in call.query or parameter.name in call.headers):
            raise InvalidRequestError(
                "names a person, and a cursor holds nothing personal: leave it out, or start again each time",
                path=parameter.name,
            )
    parts = {"path": call.path, "query": call.query, "headers": call.headers}
    saved: dict[str, Any] = {"version": _VERSION, "route": operation.route}
    saved |= {name: dict(part) for name, part in parts.items() if part}
    if call.pii is not None:
        saved["pii"] = sorted(call.pii)
    return write(saved)


def call_from_cursor(operation: PagedOperation[T, Any], cursor: str) -> Call[T]:
    """Make the call of a page again from what `cursor_of` returned. `client.send` gets that page.

    Raises:
        InvalidRequestError: it is no cursor, or one of another operation.
    """
    if not isinstance(cursor, str):
        _refuse("is no text, as cursor_of returns it")
    try:
        saved = parse(cursor.encode("utf-8", "surrogatepass"))
    except DecodeError:
        saved = None
    if not isinstance(saved, dict) or saved.get("version") != _VERSION:
        _refuse("is no cursor of this version")
    if saved.get("route") != operation.route:
        _refuse(f"is of another operation than {operation.route}")
    path, query, headers = (_text(saved.get(name, {}), dict) for name in ("path", "query", "headers"))
    elements = saved.get("pii")
    pii = None if elements is None else _text(elements, list)
    return operation.restore(path=path, query=query, headers=headers, pii=pii)


def _text(part: Any, kind: type[C]) -> C:
    """Return *part*, a list of text, or a dictionary of text; whatever else it is, we did not write it."""
    if not isinstance(part, kind) or not all(isinstance(value, str) for value in _values(part)):
        _refuse("is not as it was saved")
    return part


def _values(part: Any) -> Iterable[Any]:
    return part.values() if isinstance(part, dict) else part


def _refuse(reason: str) -> NoReturn:
    raise InvalidRequestError(f"{reason}; start again without it", path="cursor")
