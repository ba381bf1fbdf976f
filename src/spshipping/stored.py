"""A call as JSON text, whole, to store and to resolve later: in another process, or by a later version."""

from collections.abc import Iterable
from typing import Any, NoReturn

from spshipping.catalogue import find
from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.operation import Call, Operation
from spshipping.wire.convert import loads
from spshipping.wire.text import parse, write

_VERSION = 1


def call_to_json(call: Call[Any]) -> str:
    """Return *call* as JSON text, from which `call_from_json` makes it again.

    It holds everything: the idempotency key, and the bytes of the body as they are sent, with the names and
    addresses in it. Store it where such data may be. Fix the key first, with `call.with_key()`, where the
    call is to be resolved later.

    Raises:
        InvalidRequestError: the body is outside Amazon's limits, and where.
    """
    if not isinstance(call, Call):
        _refuse("is no Call")
    frozen, operation = call.freeze(), call.operation
    saved: dict[str, Any] = {"version": _VERSION, "operation": str(operation.reference or operation.name)}
    saved["route"] = operation.route
    parts = {"path": frozen.path, "query": frozen.query, "headers": frozen.headers}
    saved |= {name: dict(part) for name, part in parts.items() if part}
    if frozen.pii is not None:
        saved["pii"] = sorted(frozen.pii)
    if frozen.content is not None:
        saved["content"] = frozen.content.decode()
    return write(saved)


def call_from_json(text: str, operations: Iterable[Operation[Any]] = ()) -> Call[Any]:
    """Make a call again from what `call_to_json` returned, in this version or in an older one.

    What is sent are the stored bytes, even where the models have changed since then.

    Args:
        text: the JSON text.
        operations: your own operations, where the call may be of one of them.

    Raises:
        InvalidRequestError: it is no such text, or names an operation that is not known.
    """
    saved = _parsed(text)
    del text  # a traceback shows local variables
    reference, route = saved.get("operation"), saved.get("route")
    if not isinstance(reference, str) or not isinstance(route, str):
        _refuse("names no operation")
    own = next((operation for operation in operations if operation.route == route), None)
    operation = own or find(reference, route)
    if operation is None:
        _refuse("is of an operation that is not known; pass your own operations in operations=")
    content = saved.get("content")
    if (isinstance(content, str)) is not (operation.body is not None):
        _refuse("is not as it was stored")
    path, query, headers = (_texts(saved.get(name, {})) for name in ("path", "query", "headers"))
    pii = saved.get("pii")
    if not isinstance(pii, list | None) or not all(isinstance(element, str) for element in pii or ()):
        _refuse("is not as it was stored")
    data = content.encode() if isinstance(content, str) else None
    body = _read(data, operation)
    return operation.restore(path=path, query=query, headers=headers, pii=pii, body=body, content=data)


def _parsed(text: str) -> dict[str, Any]:
    if not isinstance(text, str):
        _refuse("is no text, as call_to_json returns it")
    try:
        saved = parse(text.encode("utf-8", "surrogatepass"))
    except DecodeError:
        saved = None
    del text
    if not isinstance(saved, dict) or saved.get("version") != _VERSION:
        _refuse("is no call of a version that is known")
    return saved


def _texts(part: Any) -> dict[str, str]:
    if not isinstance(part, dict) or not all(isinstance(value, str) for value in part.values()):
        _refuse("is not as it was stored")
    return part


def _read(content: bytes | None, operation: Operation[Any]) -> Any:
    """Return the body for people to look at; None where the model has changed beyond reading it."""
    if content is None or operation.body is None:
        return None
    try:
        return loads(content, operation.body)
    except DecodeError:
        return None


def _refuse(reason: str) -> NoReturn:
    raise InvalidRequestError(reason, path="call")
