"""What is checked of an operation when it is made, so that nothing of it fails after it was sent."""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from spshipping.errors import AnsweredError, SpShippingError
from spshipping.named import NamedTuple
from spshipping.operation.parameter import LIMITS_OF, Parameter
from spshipping.operation.values import Effect

_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ROUTE = rf"({'|'.join(_VERBS)}) ((?:/(?:[A-Za-z0-9._~-]+|\{{\w+\}}))+)"
_HEADER = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_OURS = frozenset({"authorization", "content-length", "host", "transfer-encoding", "x-amz-access-token"})
"""Headers that the transport writes."""


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Let a ValueError begin with the operation that it is about."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


class Route(NamedTuple):
    """A route in its parts."""

    method: str
    path: str
    names: tuple[str, ...]
    """The path parameters."""


def check_kinds(name: str, effect: object, errors: Mapping[str, type[SpShippingError]]) -> None:
    """Make sure that an operation has a name and an effect, and that its errors are those of answers.

    Raises:
        ValueError: they are something else.
    """
    if not name.strip() or not name.isprintable():
        raise ValueError("an operation has Amazon's operationId as its name")
    if not isinstance(effect, Effect):
        raise ValueError(f"effect= is an Effect, and not {effect!r}")
    for code, cls in errors.items():
        if not issubclass(cls, AnsweredError):
            raise ValueError(f"errors= names {cls!r} for {code!r}, which is no class of answers")


def checked_route(route: str) -> Route:
    """Return the parts of *route*.

    Raises:
        ValueError: it is not a verb and a path template.
    """
    found = re.fullmatch(_ROUTE, route)
    if found is None:
        raise ValueError(f"{route!r} is no route: it is a verb ({', '.join(_VERBS)}) and a path template")
    names = tuple(part[1:-1] for part in found[2].split("/") if part.startswith("{"))
    _check_unique("path parameter", names)
    return Route(found[1], found[2], names)


def check_parameters(query: tuple[Parameter, ...], headers: tuple[Parameter, ...]) -> None:
    """Make sure that no name stands twice, and that headers can be sent.

    Raises:
        ValueError: they cannot.
    """
    _check_unique("query parameter", [parameter.name for parameter in query])
    _check_unique("header", [parameter.name.lower() for parameter in headers])
    _check_unique("argument", [parameter.python_name for parameter in (*query, *headers)])
    for parameter in headers:
        if not re.fullmatch(_HEADER, parameter.name) or parameter.name.lower() in _OURS:
            raise ValueError(f"{parameter.name!r} is no header that an operation can have")
    for parameter in (*query, *headers):
        for limit in parameter.limits:
            if not isinstance(limit, LIMITS_OF[parameter.written]):
                raise ValueError(f"{parameter.name!r} is {parameter.written}, and has the limit {limit}")
    if sum(parameter.datasets is not None for parameter in query) > 1:
        raise ValueError("more than one parameter has datasets")


def _check_unique(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if not name or name in seen:
            raise ValueError(f"the {kind} {name!r} stands twice, or has no name")
        seen.add(name)


def check_types(body: object, returns: object, effect: Effect, is_done: object) -> None:
    """Make sure that the body is a model, and that answers can be read, where a refusal is one too.

    Raises:
        ValueError: the body is no model, or *returns* is nothing that JSON can be read as; a refusal cannot
            stand for an answer, for the operation changes nothing, or its answer is no model.
    """
    if is_done is not None and (effect is Effect.NONE or not _is_model(returns)):
        raise ValueError("is_done= is for an operation that changes something, and returns a model")
    if body is not None and not _is_model(body):
        raise ValueError("body= is no model class")
    if returns is bytes or returns is type(None) or _is_model(returns):
        return
    if typing.get_origin(returns) in (list, dict):
        from spshipping.wire.shapes import shape_of  # models load it; a client alone has no use for it

        try:
            shape_of(returns)
        except TypeError:
            pass
        else:
            return
    raise ValueError(
        f"returns={returns!r}: give a model, a list of models, dict[str, Any], bytes or type(None)"
    )


def _is_model(value: object) -> bool:
    # imported here: a client is made before the first model is loaded
    from spshipping.wire.model import Model

    return isinstance(value, type) and issubclass(value, Model)


def check_quota(rate: float, burst: int) -> None:
    """Make sure that the quota lets something through.

    Raises:
        ValueError: it does not.
    """
    if not 0 < rate < math.inf or burst < 1:
        raise ValueError(f"a quota of {rate} per second and a burst of {burst} lets nothing through")
