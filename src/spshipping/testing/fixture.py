"""A fixture: one request of an operation and its answer, as a JSON file that people read and write.

    {
      "operation": "purchaseShipment",
      "why": "what it shows, in a sentence",
      "request": {"method": "POST", "path": "/shipping/v2/shipments", "query": {}, "headers": {}, "body": {}},
      "response": {"status": 200, "headers": {"x-amzn-RequestId": "..."}, "body": {}}
    }

`query`, `headers` and `body` may be left out. A body is JSON; `{"text": "..."}` and `{"base64": "..."}` stand
for what is no JSON, and `{"json": ...}` for JSON that looks like one of these three, or is null.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import attrs

from spshipping import disk
from spshipping.catalogue import operations
from spshipping.errors import ConfigurationError, DecodeError
from spshipping.operation import Operation
from spshipping.operation.routes import Routes
from spshipping.wire import text

_FORMS = ("json", "text", "base64")
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-amz-access-token",
        "x-amz-security-token",
    }
)
"""Headers that no fixture has."""
SECRETS = re.compile(
    r"Atz[a-z0-9.]*\|[\w+/=-]{20}"  # tokens of Login with Amazon, and Restricted Data Tokens
    r"|amzn1\.oa2-cs\.v1\.[0-9a-f]{16}"  # client secrets
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # access keys of AWS
    r"|X-Amz-Signature=[0-9a-f]{16}"
)
"""Texts that no fixture holds. What is made up for a fixture is shorter."""
_NO_BODY = object()


@attrs.frozen(kw_only=True)
class FixtureRequest:
    """The request of a fixture. Its repr shows no query, no header and no body."""

    method: str
    path: str
    """Without host and query, percent-encoded as it is sent."""
    query: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Not percent-encoded."""
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Their names are in lower case."""
    content: bytes | None = attrs.field(default=None, repr=False)
    """The bytes of the body; None where there is none."""


@attrs.frozen(kw_only=True)
class FixtureResponse:
    """The answer of a fixture. Its repr shows no header and no body."""

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    """Their names are in lower case."""
    content: bytes | None = attrs.field(default=None, repr=False)
    """The bytes of the body; None where there is none."""


@attrs.frozen(kw_only=True)
class Fixture:
    """One request of an operation, and its answer."""

    operation: str
    """Amazon's operationId."""
    why: str
    """What it shows, in a sentence."""
    request: FixtureRequest
    response: FixtureResponse
    file: Path | None = attrs.field(default=None, eq=False)
    """Where it was read."""


def read_fixture(file: str | Path, *, also: Iterable[Operation[Any]] = ()) -> Fixture:
    """Read a fixture.

    Args:
        file: the JSON file.
        also: operations that are not of this package.

    Raises:
        ConfigurationError: it is not a fixture, or holds a secret; names the file and the key.
    """
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path}: it cannot be read: {error.strerror}") from None
    return fixture_of(data, path, also=also)


def read_fixtures(folder: str | Path, *, also: Iterable[Operation[Any]] = ()) -> list[Fixture]:
    """Read every `*.json` in a folder and the folders in it, in the order of their paths.

    Args:
        folder: the folder; the path of one file reads that file.
        also: operations that are not of this package.

    Raises:
        ConfigurationError: there is none, or one of them is not a fixture.
    """
    top, known = Path(folder), tuple(also)
    files = [top] if top.is_file() else sorted(top.rglob("*.json"))
    if not files:
        raise ConfigurationError(f"{top}: there is no *.json in it, or no such folder")
    return [read_fixture(file, also=known) for file in files]


def fixture_of(data: bytes, file: Path, *, also: Iterable[Operation[Any]] = ()) -> Fixture:
    """Read a fixture from the bytes of *file*; the rest is that of `read_fixture`."""
    try:
        found = json.loads(data, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
    else:
        if text.is_shallow(found):
            return _Reader(file).fixture(found, also)
        reason = "it is nested too deeply"
    raise ConfigurationError(f"{file}: it is no JSON: {reason}")


def write_fixture(file: str | Path, fixture: Fixture, *, also: Iterable[Operation[Any]] = ()) -> None:
    """Write a fixture, in the form that `read_fixture` reads; missing folders are made.

    Args:
        file: the JSON file.
        fixture: what is written.
        also: operations that are not of this package.

    Raises:
        ConfigurationError: what would be written is not a fixture, or holds a secret. Nothing is written.
        OSError: the file cannot be written.
    """
    path = Path(file)
    data = fixture_bytes(fixture)
    fixture_of(data, path, also=also)
    disk.replace(path, data, private=False, durable=False)


def fixture_bytes(fixture: Fixture) -> bytes:
    """Return the JSON of a fixture, indented, with a line end."""
    request, response = fixture.request, fixture.response
    asked = {"method": request.method, "path": request.path, "query": dict(request.query)}
    written = {
        "operation": fixture.operation,
        "why": fixture.why,
        "request": {**asked, "headers": dict(request.headers), **_written_body(request.content)},
        "response": {
            "status": response.status,
            "headers": dict(response.headers),
            **_written_body(response.content),
        },
    }
    return "".join(_indented(written, "\n")).encode() + b"\n"


def json_of(content: bytes | None) -> Any:
    """Return the JSON that a body holds, its fractions as Decimals.

    Raises:
        ValueError: there is no body, or it is no JSON.
    """
    try:
        return text.parse(content or b"")
    except DecodeError:
        raise ValueError("no JSON") from None


def _written_body(content: bytes | None) -> dict[str, Any]:
    """Return the entry `body`, or nothing where there is no body."""
    if content is None:
        return {}
    try:
        found = json_of(content)
    except ValueError:
        try:
            return {"body": {"text": content.decode()}}
        except UnicodeDecodeError:
            return {"body": {"base64": base64.b64encode(content).decode()}}
    return {"body": {"json": found} if found is None or _is_form(found) else found}


def _is_form(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in _FORMS


def _indented(value: Any, line: str) -> Iterator[str]:
    """Yield JSON in pieces, each entry of an object or a list on a line of its own."""
    deeper = f"{line}  "
    if isinstance(value, dict) and value:
        for index, (name, inner) in enumerate(value.items()):
            yield f"{',' if index else '{'}{deeper}{text.write(name)}: "
            yield from _indented(inner, deeper)
        yield f"{line}}}"
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield f"{',' if index else '['}{deeper}"
            yield from _indented(inner, deeper)
        yield f"{line}]"
    else:
        yield text.write(value)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not allowed in JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice in one object")
    return found


class _Reader:
    """Reads the parts of one file, and names it where something is wrong."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def _fault(self, key: str, sentence: str) -> ConfigurationError:
        return ConfigurationError(f"{self._file}: {key}: {sentence}")

    def fixture(self, data: Any, also: Iterable[Operation[Any]]) -> Fixture:
        """Read the whole file."""
        whole = self._object(data, "the whole file", ("operation", "why", "request", "response"))
        asked = self._object(whole["request"], "request", ("method", "path"), ("query", "headers", "body"))
        answered = self._object(whole["response"], "response", ("status",), ("headers", "body"))
        request = FixtureRequest(
            method=self._method(asked["method"]),
            path=self._path(asked["path"]),
            query=self._texts(asked, "request", "query"),
            headers=self._headers(asked, "request"),
            content=self._content(asked, "request"),
        )
        status = answered["status"]
        if type(status) is not int or not 100 <= status <= 599:
            raise self._fault("response.status", "a status is a whole number from 100 to 599")
        response = FixtureResponse(
            status=status,
            headers=self._headers(answered, "response"),
            content=self._content(answered, "response"),
        )
        operation = self._text(whole["operation"], "operation")
        self._check_operation(operation, request, also)
        why = self._text(whole["why"], "why")
        self._refuse_secrets(data, "")
        for place, content in (("request", request.content), ("response", response.content)):
            self._refuse_secrets((content or b"").decode("latin-1"), f"{place}.body")
        return Fixture(operation=operation, why=why, request=request, response=response, file=self._file)

    def _object(
        self, data: Any, key: str, needed: tuple[str, ...], more: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise self._fault(key, "it is not an object")
        for name in needed:
            if name not in data:
                raise self._fault(key, f"{name!r} is missing")
        for name in data:
            if name not in (*needed, *more):
                raise self._fault(
                    key, f"there is no key {name!r}; the keys are {', '.join((*needed, *more))}"
                )
        return data

    def _text(self, value: Any, key: str) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._fault(key, "it is not text, or empty")
        return value

    def _method(self, value: Any) -> str:
        method = self._text(value, "request.method")
        if not re.fullmatch("[A-Z]+", method):
            raise self._fault("request.method", "a method is written in capital letters")
        return method

    def _path(self, value: Any) -> str:
        path = self._text(value, "request.path")
        if not path.startswith("/") or set(path) & set("?# ") or not path.isascii():
            raise self._fault(
                "request.path",
                "a path begins with / and is percent-encoded; host and query are not part of it",
            )
        return path

    def _texts(self, part: Mapping[str, Any], place: str, name: str) -> dict[str, str]:
        found = part.get(name, {})
        if not isinstance(found, dict):
            raise self._fault(f"{place}.{name}", "it is not an object")
        for key, value in found.items():
            if not isinstance(value, str):
                raise self._fault(f"{place}.{name}.{key}", "it is not text")
        return dict(found)

    def _headers(self, part: Mapping[str, Any], place: str) -> dict[str, str]:
        found = self._texts(part, place, "headers")
        lower = {name.lower(): value for name, value in found.items()}
        if len(lower) < len(found):
            raise self._fault(f"{place}.headers", "two names differ only in capital letters")
        for name in found:
            if name.lower() in SECRET_HEADERS:
                raise self._fault(f"{place}.headers.{name}", "this header holds a secret: remove it")
        return lower

    def _content(self, part: Mapping[str, Any], place: str) -> bytes | None:
        body = part.get("body", _NO_BODY)
        if body is _NO_BODY:
            return None
        if body is None:
            raise self._fault(f"{place}.body", 'leave it out where there is no body, or write {"json": null}')
        if not _is_form(body):
            return text.render(body)
        ((form, value),) = body.items()
        if form == "json":
            return text.render(value)
        if not isinstance(value, str):
            raise self._fault(f"{place}.body.{form}", "it is not text")
        if form == "text":
            try:
                return value.encode()
            except UnicodeEncodeError:
                raise self._fault(f"{place}.body.text", "it holds half of a surrogate pair") from None
        try:
            return base64.b64decode(value, validate=True)
        except ValueError:
            raise self._fault(f"{place}.body.base64", "it is not base64") from None

    def _check_operation(self, name: str, request: FixtureRequest, also: Iterable[Operation[Any]]) -> None:
        routes: Routes[None] = Routes()
        for operation in (*operations(), *also):
            if operation.name == name:
                routes.add(operation.route, None)
        if not routes.names:
            raise self._fault("operation", f"there is no operation {name!r}; use Amazon's operationId")
        if routes.find(request.method, request.path) is None:
            raise self._fault("request.path", f"{name} is {' or '.join(routes.names)}")

    def _refuse_secrets(self, value: Any, key: str) -> None:
        """Refuse what has the form of a token or a key, wherever it is."""
        if isinstance(value, dict):
            for name, inner in value.items():
                self._refuse_secrets(name, key)
                self._refuse_secrets(inner, f"{key}.{name}" if key else name)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self._refuse_secrets(inner, f"{key}[{index}]")
        elif isinstance(value, str) and SECRETS.search(value):
            raise self._fault(
                key, "it has the form of a token or a secret key: replace it by a short made-up text"
            )
