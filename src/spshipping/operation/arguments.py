"""From what a call or a facade's method is given to the text that is sent: names, kinds, limits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from spshipping.errors import InvalidRequestError
from spshipping.operation.options import OPTION_NAMES, CallOptions
from spshipping.secret import Secret
from spshipping.wire.times import read_time, write_time

if TYPE_CHECKING:
    from spshipping.operation.parameter import Parameter

_YOUNGEST = timedelta(minutes=2, seconds=5)
"""How old a "before" is at least, and a little for a clock that runs ahead of Amazon's."""


def write_path(operation: str, names: tuple[str, ...], given: Mapping[str, str]) -> dict[str, str]:
    """Return the path parameters of a call, in the order of the path.

    Raises:
        InvalidRequestError: one is missing, unknown, or would leave its segment of the path.
    """
    for name in given:
        if name not in names:
            raise InvalidRequestError(f"{operation} has no such path parameter", path=name)
    for name in names:
        value: object = given.get(name)
        if not isinstance(value, str):
            raise InvalidRequestError(f"{operation} needs this path parameter, as text", path=name)
        if value.strip() in ("", ".", "..") or not value.isprintable():
            raise InvalidRequestError(
                "is empty, a dot segment, or holds control characters; it would change the path", path=name
            )
    return {name: str(given[name]) for name in names}


def write_parameters(
    operation: str, declared: tuple[Parameter, ...], given: dict[str, object]
) -> dict[str, str]:
    """Return query parameters or headers as text, in the order in which they are declared.

    *given* is emptied: a traceback shows local variables.

    Raises:
        InvalidRequestError: one is missing, unknown, of the wrong kind, or outside its limits.
    """
    written = {}
    for parameter in declared:
        value = given.pop(parameter.name, None)
        if value is not None and (value or parameter.datasets is None):
            written[parameter.name] = parameter.write(value)
        elif parameter.is_required:
            given.clear()
            raise InvalidRequestError(f"{operation} needs this parameter", path=parameter.name)
    if given:
        check_names(operation, declared, list(given))
    return written


def check_names(operation: str, declared: tuple[Parameter, ...], given: Collection[str]) -> None:
    """Make sure that every name is declared.

    Raises:
        InvalidRequestError: one is not; Amazon would ignore it silently.
    """
    names = [parameter.name for parameter in declared]
    for name in given:
        if name not in names:
            known = ", ".join(names) or "none"
            raise InvalidRequestError(
                f"{operation} has no such parameter (it has: {known}); Amazon would ignore it silently",
                path=str(name),
            )


def check_written(operation: str, declared: tuple[Parameter, ...], given: Mapping[str, str]) -> None:
    """Make sure that what was written before has the declared names, and all that are required.

    Raises:
        InvalidRequestError: it does not.
    """
    check_names(operation, declared, given)
    for parameter in declared:
        if parameter.is_required and parameter.name not in given:
            raise InvalidRequestError(f"{operation} needs this parameter", path=parameter.name)


def split_arguments(
    operation: str, declared: tuple[Parameter, ...], arguments: Mapping[str, object]
) -> tuple[dict[str, object], CallOptions]:
    """Return the query by its wire names, and the options, of a method's arguments by their Python names.

    *arguments* is emptied: a traceback shows local variables.

    Raises:
        TypeError: there is no such argument; names the nearest.
        InvalidRequestError: an argument that names a person is no text.
    """
    given = cast("dict[str, object]", arguments)
    names = {parameter.python_name: parameter for parameter in declared}
    query: dict[str, object] = {}
    options: dict[str, object] = {}
    while given:
        name = next(iter(given))
        if name in names:
            query[names[name].name] = _hidden(names[name], given.pop(name))
        elif name in OPTION_NAMES:
            options[name] = given.pop(name)
        else:
            given.clear()
            query.clear()
            raise TypeError(f"{operation} has no argument {name!r}{_nearest(name, names)}")
    return query, cast("CallOptions", options)


def checked_elements(elements: object) -> frozenset[str]:
    """Return the data elements of personal data that are requested; whatever is falsy requests none.

    Raises:
        InvalidRequestError: it is no collection of text.
    """
    if not elements:
        return frozenset()
    is_list = isinstance(elements, Collection) and not isinstance(elements, str | bytes)
    if not is_list or not all(isinstance(element, str) for element in cast("Collection[object]", elements)):
        raise InvalidRequestError("takes a collection of data elements, such as {'buyerInfo'}", path="pii")
    return frozenset(map(str, cast("Collection[str]", elements)))


def clamped(
    query: Mapping[str, str], names: tuple[str, ...], now: datetime
) -> tuple[dict[str, str], list[str]]:
    """Return *query* with no "before" later than Amazon takes, and the names of those that were."""
    latest = (now - _YOUNGEST).replace(microsecond=0)
    late = [name for name in names if _is_later(query.get(name), latest)]
    return {**query, **dict.fromkeys(late, write_time(latest))}, late


def _is_later(written: str | None, latest: datetime) -> bool:
    """Say whether a time, as it is written in a query, is later than *latest*."""
    try:
        return written is not None and read_time(written) > latest
    except ValueError:
        return False  # a magic word of Amazon's sandbox


def _hidden(parameter: Parameter, value: object) -> object:
    """Return what names a person so that no local variable shows it."""
    if not parameter.is_personal or value is None:
        return value
    if isinstance(value, str):
        return Secret(value)
    del value
    raise InvalidRequestError("is no text", path=parameter.name)


def _nearest(name: str, known: Collection[str]) -> str:
    # imported here: only a mistake needs it
    from difflib import get_close_matches

    found = get_close_matches(name, [*known, *OPTION_NAMES], 1)
    return f"; did you mean {found[0]!r}?" if found else ""
