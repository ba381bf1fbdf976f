"""An operation of the API as a value, a call of it as data, and the base of the facades."""

import sys
import warnings
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from types import FrameType
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypedDict, TypeVar
from uuid import uuid4

from spshipping.errors import InvalidRequestError, SpShippingError
from spshipping.meta import ReplyMeta
from spshipping.secret import Secret, empty_frames
from spshipping.wire.times import read_time, write_time

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page

_YOUNGEST = timedelta(minutes=2, seconds=5)
"""How old a "before" is at least, and a little for a clock that runs ahead of Amazon's."""


class Effect(Enum):
    """What sending an operation does, and hence when it may be sent again."""

    NONE = "asks only"
    KEYED = "changes something, and has an idempotency key"
    ONCE = "changes something, and has no key"
    IDEMPOTENT = "changes something, but repeating it is harmless"


class Quota(NamedTuple):
    """How often Amazon lets an operation through by default."""

    rate: float
    """Requests per second."""
    burst: int


Written = Literal["text", "integer", "boolean", "time", "list"]


class Parameter(NamedTuple):
    """One query parameter or header."""

    name: str
    """As it is spelled on the wire."""
    written: Written = "text"
    is_required: bool = False
    from_client: bool = False
    """The client fills it in where the call leaves it out."""
    is_key: bool = False
    """It is the idempotency key."""
    is_before: bool = False
    """Amazon refuses a time later than two minutes ago."""
    is_personal: bool = False
    """It names a person: a call that has it cannot be saved as a cursor."""
    datasets: Mapping[str, str] | None = None
    """What the data elements of personal data are called in this list, where they need no token."""

    def write(self, value: Any) -> str:
        """Return *value* as the text that travels.

        Raises:
            InvalidRequestError: the value is of the wrong kind. Text is taken for every kind: Amazon's own
                sandbox wants magic words where times belong.
        """
        if isinstance(value, Secret):
            return value.reveal()
        if isinstance(value, str):
            return str(value)
        try:
            return self._write(value)
        except (TypeError, ValueError) as error:
            reason = str(error)
        raise InvalidRequestError(reason, path=self.name)

    def _write(self, value: Any) -> str:
        if self.written == "boolean" and isinstance(value, bool):
            return "true" if value else "false"
        if self.written == "integer" and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if self.written == "time" and isinstance(value, datetime):
            return write_time(value)
        if self.written == "list" and isinstance(value, Sequence | frozenset | set):
            if any(not isinstance(item, str) or "," in item for item in value):
                raise TypeError("holds something that is no text, or a comma")
            return ",".join(str(item) for item in value)
        raise TypeError(f"a {type(value).__name__} cannot be written as {self.written}")


class CallOptions(TypedDict, total=False):
    """What every method takes beside the operation's own parameters."""

    timeout: float | tuple[float, float]
    """Seconds for each try, or seconds to connect and seconds without a byte while reading."""
    deadline: float
    """Seconds for the whole call: waits, token, every try, and reading the answer."""
    max_wait: float
    """Seconds the call may wait for its turn in the quota; 0 fails at once."""
    pii: Collection[str] | None
    """The data elements of personal data to ask for, where the operation restricts them, or has datasets
    for them: `buyerInfo`. None asks for none, whatever the client asks for by default."""


_told_of_the_end: set[str] = set()
"""The routes of the operations that end, and of which a warning has told."""


def _is_ours(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "spshipping"


class Operation(Generic[T]):
    """One operation of the API: everything that the rest of the package knows about it.

    Args:
        name: Amazon's operationId.
        route: verb and path template, as Amazon's documentation prints them.
        returns: what a success is read as: a model, `dict[str, Any]`, `bytes`, or `type(None)`.
        quota: Amazon's default usage plan.
        effect: what sending it does.
        body: the model of the JSON body.
        query: its query parameters.
        headers: its headers, beside those that every request has.
        envelope: answers sit under `payload`; both forms are read.
        errors: Amazon's error codes that have a class of their own.
        restricted: it needs a Restricted Data Token for personal data; the data elements that can be
            asked for, or an empty tuple where Amazon names none. None means that it needs none.
        scope: it acts without a seller, with a token of this scope.
        roles: the roles of the developer profile that Amazon grants it by; any one is enough.
        deprecated: when Amazon ends it, and what comes in its place: a `DeprecationWarning`, the first time
            that somebody uses it.
    """

    def __init__(
        self,
        name: str,
        route: str,
        *,
        returns: type[T],
        quota: Quota,
        effect: Effect,
        body: type[Any] | None = None,
        query: tuple[Parameter, ...] = (),
        headers: tuple[Parameter, ...] = (),
        envelope: bool = False,
        errors: Mapping[str, type[SpShippingError]] | None = None,
        restricted: tuple[str, ...] | None = None,
        scope: str | None = None,
        roles: tuple[str, ...] = (),
        deprecated: str | None = None,
    ) -> None:
        """Describe an operation; see the class.

        Raises:
            ValueError: it is keyed without a key header, or has one without being keyed.
        """
        self.name = name
        self.route = route
        self.method: str
        self.path: str
        self.method, self.path = route.split(" ", 1)
        self.returns = returns
        self.quota = quota
        self.effect = effect
        self.body = body
        self.query = query
        self.headers = headers
        self.envelope = envelope
        self.errors: Mapping[str, type[SpShippingError]] = dict(errors or {})
        self.restricted = restricted
        self.scope = scope
        self.roles = roles
        self.deprecated = deprecated
        self.path_names: tuple[str, ...] = tuple(
            part[1:-1] for part in self.path.split("/") if part.startswith("{") and part.endswith("}")
        )
        self.before_names: tuple[str, ...] = tuple(p.name for p in query if p.is_before)
        keys = [parameter.name for parameter in headers if parameter.is_key]
        if (len(keys) == 1) is not (effect is Effect.KEYED):
            raise ValueError(f"{name}: an operation has an idempotency key if, and only if, it is KEYED")
        self.key_header: str | None = keys[0] if keys else None
        self.datasets: Parameter | None = next((parameter for parameter in query if parameter.datasets), None)

    def __call__(
        self,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> "Call[T]":
        """Make a call: pure data, to be sent by `client.send`. A parameter that is None is left out.

        Raises:
            InvalidRequestError: a parameter that the operation does not have, or lacks; a body of another
                class; a path parameter that would leave its segment.
        """
        if self.deprecated and self.route not in _told_of_the_end:
            self._tell_of_the_end(self.deprecated)
        if type(body) is not (self.body or type(None)):
            wanted, given = self.body.__name__ if self.body else "no body", type(body).__name__
            del body  # a traceback shows local variables
            raise InvalidRequestError(f"{self.name} takes {wanted}, not {given}", path="body")
        try:
            return Call(
                self,
                path=self._path(dict(path or {})),
                query=self._written(self.query, dict(query or {})),
                headers=self._written(self.headers, dict(headers or {})),
                body=body,
            )
        except InvalidRequestError as error:
            # a traceback shows local variables, and one of them may name a person
            empty_frames(error)
            del query, headers
            raise

    def _tell_of_the_end(self, text: str) -> None:
        """Warn at the line that called the operation or the facade's method; of our own workflows, never."""
        caller, level = sys._getframe(2), 3
        asker: FrameType | None = caller
        if _is_ours(caller):
            asker, level = caller.f_back, 4
        if not _is_ours(asker):
            warnings.warn(text, DeprecationWarning, stacklevel=level)
            _told_of_the_end.add(self.route)

    def _path(self, given: dict[str, Any]) -> dict[str, str]:
        for name in given:
            if name not in self.path_names:
                raise InvalidRequestError(f"{self.name} has no such path parameter", path=name)
        for name in self.path_names:
            value = given.get(name)
            if not isinstance(value, str):
                raise InvalidRequestError(f"{self.name} needs this path parameter, as text", path=name)
            if value.strip() in ("", ".", "..") or not value.isprintable():
                raise InvalidRequestError(
                    "is empty, a dot segment, or holds control characters; it would change the path",
                    path=name,
                )
        return {name: str(given[name]) for name in self.path_names}

    def _written(self, declared: tuple[Parameter, ...], given: dict[str, Any]) -> dict[str, str]:
        written = {}
        for parameter in declared:
            value = given.pop(parameter.name, None)
            if value is not None:
                written[parameter.name] = parameter.write(value)
            elif parameter.is_required:
                raise InvalidRequestError(f"{self.name} needs this parameter", path=parameter.name)
        if given:
            known = ", ".join(parameter.name for parameter in declared) or "none"
            raise InvalidRequestError(
                f"{self.name} has no such parameter (it has: {known}); Amazon would ignore it silently",
                path=next(iter(given)),
            )
        return written

    @property
    def pii_elements(self) -> tuple[str, ...] | None:
        """The data elements of personal data that can be asked for; None where asking changes nothing."""
        return tuple(self.datasets.datasets or ()) if self.datasets else self.restricted

    def is_page(self, call: "Call[T]") -> bool:  # noqa: ARG002 - for PagedOperation
        """Say whether *call* goes on from another: it asks for a page by its token."""
        return False

    def next_call(self, call: "Call[T]", value: T) -> "Call[T] | None":  # noqa: ARG002 - for PagedOperation
        """Return the call of the next page, or None where there is none."""
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operation) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.name, self.route))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.route}>"


class PagedOperation(Operation[T], Generic[T, I]):
    """An operation whose answers come in pages."""

    def __init__(
        self, name: str, route: str, *, items: str, token: str, next_token: str, **rest: Any
    ) -> None:
        """Describe a paged operation.

        Args:
            name: Amazon's operationId.
            route: verb and path template.
            items: the attribute of the answer that holds the page's items.
            token: the query parameter that asks for a page.
            next_token: the attribute of the answer, with dots, that names the next page.
            rest: what `Operation` takes.
        """
        super().__init__(name, route, **rest)
        self.items = items
        self.token = token
        self.next_token = next_token

    def is_page(self, call: "Call[T]") -> bool:
        """Say whether *call* goes on from another: it asks for a page by its token."""
        return self.token in call.query

    def next_call(self, call: "Call[T]", value: T) -> "Call[T] | None":
        """Return the same call with the next page's token; every other parameter stays as it was written."""
        token: Any = value
        for attribute in self.next_token.split("."):
            token = getattr(token, attribute, None)
        return call.with_query(self.token, token) if token else None

    def items_of(self, value: T) -> list[I]:
        """Return the items of one page."""
        return getattr(value, self.items) or []


class Call(Generic[T]):
    """One call, as data: it compares, pickles (whole, personal data too) and can be sent again.

    Sending a call that has no idempotency key twice is doing it twice; `with_key` fixes the key beforehand.
    """

    __slots__ = ("body", "headers", "operation", "path", "pii", "query")

    def __init__(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, str],
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Any,
        pii: frozenset[str] | None = None,
    ) -> None:
        self.operation: Operation[T] = operation
        self.path: Mapping[str, str] = path
        self.query: Mapping[str, str] = query
        self.headers: Mapping[str, str] = headers
        self.body: Any = body
        self.pii: frozenset[str] | None = pii
        """The data elements of personal data that it asks for; None where it asks for none."""

    @property
    def key(self) -> str | None:
        """The idempotency key, if the call has one."""
        header = self.operation.key_header
        return self.headers.get(header) if header else None

    def with_key(self, key: str | None = None) -> "Call[T]":
        """Return this call with an idempotency key: *key*, or the one it has, or a new random one.

        Raises:
            InvalidRequestError: the operation takes none.
        """
        header = self.operation.key_header
        if header is None:
            raise InvalidRequestError(
                f"{self.operation.name} takes no idempotency key", path="idempotency_key"
            )
        return self._changed(headers={**self.headers, header: key or self.key or str(uuid4())})

    def with_query(self, name: str, value: str) -> "Call[T]":
        """Return this call with one query parameter set."""
        return self._changed(query={**self.query, name: value})

    def clamped(self, now: datetime) -> tuple["Call[T]", list[str]]:
        """Return this call with no "before" later than Amazon takes, and the names of those that were."""
        latest = (now - _YOUNGEST).replace(microsecond=0)
        late = [name for name in self.operation.before_names if _is_later(self.query.get(name), latest)]
        if not late:
            return self, []
        return self._changed(query={**self.query, **dict.fromkeys(late, write_time(latest))}), late

    def with_pii(self, elements: Collection[str]) -> "Call[T]":
        """Return this call asking for personal data; every page that follows from it asks for the same.

        Where the operation has datasets for it, they are added to those that the call asks for already; a
        later page stays as it is, for Amazon takes it only unchanged. Where the operation knows of no
        personal data, nothing changes.

        Raises:
            InvalidRequestError: the operation has no such data element.
        """
        allowed = self.operation.pii_elements
        if allowed is None:
            return self
        unknown = set(elements) - set(allowed)
        if unknown:
            known = ", ".join(allowed) or "none: ask with pii=()"
            raise InvalidRequestError(
                f"{self.operation.name} has no {sorted(unknown)[0]!r} (it has: {known})", path="pii"
            )
        parameter = self.operation.datasets
        if parameter is None:
            return self._changed(pii=frozenset(elements))
        return self if self.operation.is_page(self) else self._with_datasets(parameter, elements)

    def _with_datasets(self, parameter: Parameter, elements: Collection[str]) -> "Call[T]":
        written = self.query.get(parameter.name)
        asked = written.split(",") if written else []
        names = (parameter.datasets or {}).items()
        added = [name for element, name in names if element in elements and name not in asked]
        return self.with_query(parameter.name, ",".join((*asked, *added))) if added else self

    def _changed(self, **parts: Any) -> "Call[T]":
        kept = {
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.body,
            "pii": self.pii,
        }
        return Call(self.operation, **{**kept, **parts})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Call) and all(getattr(self, n) == getattr(other, n) for n in self.__slots__)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # the body is mutable

    def __repr__(self) -> str:
        return f"<Call {self.operation.name}: {self.operation.route}>"


def _is_later(written: str | None, latest: datetime) -> bool:
    try:
        return written is not None and read_time(written) > latest
    except ValueError:
        return False  # a magic word of Amazon's sandbox


class Reply(Generic[T]):
    """An answer: its value, how it came, the bytes it was read from, and the call that asked for it.

    It pickles whole, personal data too.
    """

    __slots__ = ("call", "meta", "raw", "value")

    def __init__(self, value: T, meta: ReplyMeta, raw: bytes, call: Call[T]) -> None:
        self.value: T = value
        self.meta: ReplyMeta = meta
        self.raw: bytes = raw
        self.call: Call[T] = call

    @property
    def next_call(self) -> Call[T] | None:
        """The call of the next page: the cursor to resume from. None on the last page."""
        return self.call.operation.next_call(self.call, self.value)

    def __repr__(self) -> str:
        # only a model knows what of it is personal
        is_model = hasattr(self.value, "__personal__")
        value = repr(self.value) if is_model else type(self.value).__name__
        return f"<Reply {self.meta.status} to {self.call.operation.name}: {value}>"
