"""Makes fixtures of what went over the network, with everything replaced that is not known to be harmless."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import attrs

from spshipping.catalogue import operations
from spshipping.errors import DecodeError
from spshipping.operation import Operation
from spshipping.operation.routes import Routes
from spshipping.secret import Secret, discreet
from spshipping.testing.allowed import Allowed, allowed, may_stay
from spshipping.testing.fixture import Fixture, FixtureRequest, FixtureResponse
from spshipping.testing.leftovers import Leftovers
from spshipping.testing.matching import ANY
from spshipping.testing.placeholders import stands_for, stands_for_text
from spshipping.testing.pseudonyms import Pseudonyms, digits_of
from spshipping.testing.words import SCHEMA_WORDS, parts, words
from spshipping.wire import text

_LOCALE = re.compile("[a-z]{2}-[A-Z]{2}")
_MEDIA_TYPE = re.compile(
    r"(application/(json|pdf|octet-stream)|text/(html|plain)|image/png)(; ?charset=[\w-]+)?"
)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_SHORT_NUMBER = re.compile(r"\d{1,6}(\.\d{1,4})?")
_PSEUDONYM = re.compile("(?!)")
"""Nothing stays: the header is kept with a pseudonym."""
_REQUEST_HEADERS = {
    "accept": _MEDIA_TYPE,
    "content-type": _MEDIA_TYPE,
    "locale": _LOCALE,
    "x-amzn-idempotencykey": _PSEUDONYM,
    "x-amzn-shipping-business-id": re.compile("AmazonShipping_[A-Z]{2,3}"),
}
_RESPONSE_HEADERS = {
    "content-type": _MEDIA_TYPE,
    "date": _HTTP_DATE,
    "retry-after": _SHORT_NUMBER,
    "x-amz-rid": _PSEUDONYM,
    "x-amzn-errortype": re.compile("AccessDeniedException|ValidationException|InvalidQueryStringException"),
    "x-amzn-idempotencykey": _PSEUDONYM,
    "x-amzn-ratelimit-limit": _SHORT_NUMBER,
    "x-amzn-requestid": _PSEUDONYM,
}
"""The headers that are kept, and what may stay of each; every other header is left out."""
_REMOVED = b"the text of this body was removed"
_REMOVED_HTML = b"<html><body>the text of this page was removed</body></html>"
_MOST_OF_A_SCHEMA = 10**6
_DATA_OF_A_SCHEMA = frozenset({"const", "default", "enum"})
"""Words of JSON Schema after which a value is data, which may be anything."""


@attrs.frozen(kw_only=True)
class Exchange:
    """One request and its answer as they went over the network. Its repr shows the method and the status."""

    method: str
    url: str = attrs.field(repr=False)
    request_headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    request_body: bytes | None = attrs.field(default=None, repr=False)
    status: int
    response_headers: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    response_body: bytes | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class Scrubbed:
    """What became of exchanges."""

    fixtures: tuple[Fixture, ...]
    left_out: int
    """How many exchanges are no operation of this package, such as those of signing in; they are dropped."""


class _Replaces(Protocol):
    """Gives what stands for a text or a number."""

    def of(self, text: str, /) -> str:
        """Return what stands for a text."""
        ...

    def of_number(self, number: int | Decimal, /) -> int | Decimal:
        """Return what stands for a number."""
        ...


class _Collects:
    """Notes what will be replaced, and replaces nothing yet."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def of(self, text: str) -> str:
        self.found.add(text)
        return text

    def of_number(self, number: int | Decimal) -> int | Decimal:
        self.found.add(digits_of(number))
        return number


@discreet
def scrub(
    exchanges: Sequence[Exchange],
    *,
    origin: Callable[[Exchange], str],
    key: Secret | None = None,
    fits_any: bool = False,
) -> Scrubbed:
    """Make fixtures of exchanges.

    What may stay is known for each operation, see `allowed`; all else is replaced: texts and numbers by
    pseudonyms of the same shape, equal ones by equal ones; documents by an empty one of the same format.
    Headers that are not known to be harmless are left out. Then each fixture is searched for whatever was
    replaced, in any.

    Args:
        exchanges: what went over the network, in order.
        origin: returns the sentence that says where an exchange is from; it becomes `why`.
        key: pseudonyms are derived from it, so that another recording with the same key has the same ones.
            None draws a key that is forgotten.
        fits_any: put `<any>`, which fits whatever is sent, in place of what was replaced in the query and the
            body of a request, unless an earlier answer had it.

    Raises:
        LeftoverError: something that was replaced is still there.
    """
    known = [(exchange, found) for exchange in exchanges if (found := operation_of(exchange))]
    collects = _Collects()
    for exchange, (operation, names) in known:
        _One(operation, collects).fixture(exchange, names, "-")
    pseudonyms = Pseudonyms(key, frozenset(collects.found))
    answered: set[str] | None = set() if fits_any else None
    fixtures = tuple(
        _One(operation, pseudonyms, answered).fixture(exchange, names, origin(exchange))
        for exchange, (operation, names) in known
    )
    leftovers = Leftovers(pseudonyms.originals | collects.found)
    for fixture in fixtures:
        leftovers.check(fixture)
    return Scrubbed(fixtures=fixtures, left_out=len(exchanges) - len(known))


@cache
def _routes() -> Routes[Operation[Any]]:
    found: Routes[Operation[Any]] = Routes()
    for operation in operations():
        found.add(operation.route, operation)
    return found


def operation_of(exchange: Exchange) -> tuple[Operation[Any], dict[str, str]] | None:
    """Return the operation of an exchange, and the path's parameters; None where it is none of ours."""
    return _routes().find(exchange.method.upper(), urlsplit(exchange.url).path)


class _One:
    """Scrubs the exchanges of one operation."""

    def __init__(
        self, operation: Operation[Any], replaces: _Replaces, answered: set[str] | None = None
    ) -> None:
        self._operation = operation
        self._allowed = allowed(operation)
        self._replaces = replaces
        self._answered = answered
        """What answers have had that was replaced; None where that does not matter."""

    def fixture(self, exchange: Exchange, names: Mapping[str, str], why: str) -> Fixture:
        """Return the fixture of an exchange."""
        path = self._operation.path
        for name, value in names.items():
            kept = self._leaf(unquote(value, errors="replace"), f"path.{name}")
            path = path.replace(f"{{{name}}}", quote(kept.encode("utf-8", "replace"), safe=""))
        return Fixture(
            operation=self._operation.name,
            why=why,
            request=FixtureRequest(
                method=self._operation.method,
                path=path,
                query=dict(self._query(urlsplit(exchange.url).query)),
                headers=self._headers(exchange.request_headers, _REQUEST_HEADERS),
                content=self._content(exchange.request_body, "request.body"),
            ),
            response=FixtureResponse(
                status=exchange.status,
                headers=self._headers(exchange.response_headers, _RESPONSE_HEADERS),
                content=self._content(exchange.response_body, "response.body"),
            ),
        )

    def _query(self, query: str) -> Iterator[tuple[str, str]]:
        declared = {parameter.name: parameter for parameter in self._operation.query}
        for name, value in parse_qsl(query, keep_blank_values=True):
            place = f"query.{name}"
            if name not in declared:
                yield self._replaces.of(name), self._replaces.of(value)
            elif declared[name].written == "list":
                items = [self._leaf(item, place) for item in value.split(",")]
                yield name, ANY if ANY in items else ",".join(items)
            else:
                yield name, self._leaf(value, place)

    def _headers(self, headers: Mapping[str, str], known: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
        lower = {name.lower(): value for name, value in headers.items()}
        return {
            name: lower[name] if may.fullmatch(lower[name]) else self._replaces.of(lower[name])
            for name, may in known.items()
            if name in lower
        }

    def _content(self, content: bytes | None, place: str) -> bytes | None:
        if not content:
            return None
        try:
            found = text.parse(content)
        except DecodeError:
            return _without_text(content)
        if not text.is_shallow(found):
            return _without_text(content)
        return text.render(self._value(found, place))

    def _value(self, value: Any, place: str, name: str = "", *, is_free: bool = False) -> Any:
        is_free = is_free or self._allowed.get(place) is Allowed.FREE
        if isinstance(value, dict):
            return dict(self._entry(key, inner, place, is_free=is_free) for key, inner in value.items())
        if isinstance(value, list):
            return [self._value(inner, f"{place}[]", name, is_free=is_free) for inner in value]
        if value is None or (is_free and _is_of_a_schema(name, value)):
            return value
        document = stands_for_text(value) if isinstance(value, str) else None
        if document is not None and document == value:
            return value  # it was scrubbed before
        replaced = self._leaf(value, place)
        return document or replaced

    def _entry(self, key: str, value: Any, place: str, *, is_free: bool) -> tuple[str, Any]:
        """Return one entry of an object. A name that is not the API's may be anything, a person's too."""
        inner = f"{place}.{key}"
        if inner in self._allowed:
            return key, self._value(value, inner, key, is_free=is_free)
        if f"{place}{{}}" in self._allowed:
            kept = key if key in words() else self._replaces.of(key)
            return kept, self._value(value, f"{place}{{}}", key, is_free=is_free)
        may_stay = SCHEMA_WORDS if is_free else parts().names
        kept = key if key in may_stay else self._replaces.of(key)
        return kept, self._value(value, inner, key, is_free=is_free)

    def _leaf(self, value: Any, place: str) -> Any:
        if may_stay(self._allowed.get(place, Allowed.NOTHING), value):
            return value
        replaced = self._replaced(value)
        if self._answered is not None:
            if place.startswith("response"):
                self._answered.add(str(value))
            elif not place.startswith("path") and str(value) not in self._answered:
                return ANY
        return replaced

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, bool):
            return False
        if not isinstance(value, str):
            return self._replaces.of_number(value)
        return self._replaces.of(value)


def _is_of_a_schema(name: str, value: Any) -> bool:
    """Say whether a value is what JSON Schema itself says, and not what it says it about."""
    if name not in SCHEMA_WORDS - _DATA_OF_A_SCHEMA:
        return False
    if isinstance(value, str):
        return name == "type" and value in SCHEMA_WORDS
    return isinstance(value, bool) or (abs(value) < _MOST_OF_A_SCHEMA and may_stay(Allowed.NUMBER, value))


def _without_text(content: bytes) -> bytes:
    if content.lstrip().startswith((b"<", b"\xef\xbb\xbf<")):
        return _REMOVED_HTML
    return (
        stands_for(content)
        if b"^XA" in content[:1024] or b"\0" in content or b"%PDF" in content[:16]
        else _REMOVED
    )
