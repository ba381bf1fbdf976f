"""Checks requests as they were sent: raw JSON against a model's contract, query, headers."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import Headers

from spshipping.operation import Operation, Parameter
from spshipping.regions import ShippingBusiness
from spshipping.sandbox.headers import BUSINESS
from spshipping.sandbox.refusals import (
    TOO_LARGE,
    UNSUPPORTED_TYPE,
    RefusedError,
    invalid_request,
    not_a_time,
    refused,
)
from spshipping.sandbox.responses import JSON, html_response
from spshipping.wire.shapes import Shape, fields_of

MAX_BODY = 1024 * 1024
"""Bytes that a body may have."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "str": ((str,), "a string"),
    "enum": ((str,), "a string"),
    "time": ((str,), "a string"),
    "int": ((int,), "an integer"),
    "decimal": ((int, Decimal), "a number"),
    "money": ((str,), "a string"),
    "bool": ((bool,), "a boolean"),
    "list": ((list,), "an array"),
    "model": ((dict,), "an object"),
    "object": ((dict,), "an object"),
}


def check_edge(method: str, headers: Headers, body: bytes) -> None:
    """Check what Amazon's proxies check before a request reaches the API.

    Source: https://developer-docs.amazon.com/sp-api/docs/resolve-common-http-and-authorization-error-codes

    Raises:
        RefusedError: a GET has a body, or the body is too large.
    """
    if method == "GET" and (body or "Content-Length" in headers):
        raise RefusedError(html_response(400, "Bad Request"))
    if len(body) > MAX_BODY:
        raise refused(TOO_LARGE)


def business_of(headers: Headers) -> ShippingBusiness:
    """Return the business that a request is for; without the header, the UK's.

    Raises:
        RefusedError: there is no such business.
    """
    business = ShippingBusiness(headers.get(BUSINESS) or ShippingBusiness.UK)
    if not business.is_known:
        raise invalid_request(f"{BUSINESS} is not one of {', '.join(ShippingBusiness)}")
    return business


def query_of(operation: Operation[Any], given: Mapping[str, str]) -> dict[str, str]:
    """Return the query parameters that *operation* has; others are silently ignored, as at Amazon.

    Raises:
        RefusedError: a required one is missing, or one is not an integer where it should be.
    """
    return {p.name: given[p.name] for p in operation.query if _is_given(p, given.get(p.name, ""))}


def _is_given(parameter: Parameter, text: str) -> bool:
    if not text and parameter.is_required:
        raise invalid_request(f"{parameter.name} cannot be null")
    if text and parameter.written == "integer" and not (text.isascii() and text.isdigit()):
        raise invalid_request(f"{parameter.name} must be an integer")
    return bool(text)


def body_of(operation: Operation[Any], raw: bytes, content_type: str) -> dict[str, Any]:
    """Return the JSON body of a request; numbers that are not integers are Decimals.

    Raises:
        RefusedError: it is not JSON, or breaks the contract of the operation's body.
    """
    if operation.body is None:
        return {}
    if content_type.partition(";")[0].strip().lower() != JSON:
        raise refused(UNSUPPORTED_TYPE, content_type)
    try:
        data = json.loads(raw, parse_float=Decimal, parse_constant=_refuse_number)
    except (ValueError, RecursionError):
        raise invalid_request("The request body is not valid JSON") from None
    for problem in _problems(data, Shape("model", operation.body), ""):
        raise invalid_request(problem)
    assert isinstance(data, dict)  # noqa: S101 - anything else has a problem
    return data


def _refuse_number(text: str) -> None:
    raise ValueError(text)


def _problems(data: Any, shape: Shape, path: str) -> Iterator[str]:
    classes, expected = _TYPES[shape.kind]
    if type(data) not in classes:
        yield f"{path or 'body'} must be {expected}"
    elif shape.kind == "time" and not is_time(data):
        yield not_a_time(path)
    elif shape.kind == "enum" and data not in list(shape.cls):
        yield f"{path} must be one of {', '.join(shape.cls)}"
    else:
        yield from (f"{path} {text}" for limit in shape.limits if (text := limit.problem(data)))
        yield from _inner(data, shape, path)


def _inner(data: Any, shape: Shape, path: str) -> Iterator[str]:
    if shape.kind == "list":
        assert shape.item is not None  # noqa: S101 - every list has one
        for index, item in enumerate(data):
            yield from _problems(item, shape.item, f"{path}[{index}]")
    elif shape.kind == "model":
        for field in fields_of(shape.cls):
            where = f"{path}.{field.wire}" if path else field.wire
            value = data.get(field.wire)
            if value is not None:
                yield from _problems(value, field.shape, where)
            elif field.is_required:
                yield f"{where} cannot be null"
        names = shape.cls.__exactly_one__
        wires = [shape.cls.__wire_names__[name] for name in names]
        if names and sum(data.get(wire) is not None for wire in wires) != 1:
            yield f"{path} must have exactly one of {', '.join(wires)}"


def is_time(text: str) -> bool:
    """Return whether *text* is a date-time with an offset."""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
