"""An operation of the API as a value, and a call of it as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from spshipping.errors import ApiError, InvalidRequestError, SpShippingError
from spshipping.operation.arguments import (
    check_written,
    checked_elements,
    clamped,
    split_arguments,
    write_parameters,
    write_path,
)
from spshipping.operation.options import CallOptions
from spshipping.operation.reference import Reference, calling_module, load, reference_of
from spshipping.operation.values import After, Before, Effect, Quota
from spshipping.secret import empty_frames
from spshipping.wire.convert import encode_request

if TYPE_CHECKING:
    from uuid import UUID

    from spshipping.operation.keys import KeyRule
    from spshipping.operation.parameter import Parameter
    from spshipping.wire.model import Model

T = TypeVar("T")


class Operation(Generic[T]):
    """One operation of the API: everything that the rest of the package knows about it.

    It is checked when it is made, never changes, and is the same as another of its name and route. One that
    is a constant of a module pickles by reference.

    Args:
        name: Amazon's operationId.
        route: verb and path template, as Amazon's documentation prints them.
        returns: what a success is read as: a model, a list of models, `dict[str, Any]`, `bytes`, or
            `type(None)`.
        quota: Amazon's default usage plan.
        effect: what sending it does.
        body: the model of the JSON body.
        query: its query parameters.
        headers: its headers, beside those that every request has.
        envelope: answers sit under `payload`; both forms are read.
        errors: Amazon's codes, or words of its messages in small letters, that have a class of their own.
        restricted: it needs a Restricted Data Token for personal data; the data elements that can be
            asked for. An empty tuple where Amazon names none, for the whole answer is personal: then every
            call has such a token. None means that it needs none.
        scope: it acts without a seller, with a token of this scope.
        roles: the roles of the developer profile that Amazon grants it by; any one is enough.
        deprecated: when Amazon ends it, and what comes in its place: a `DeprecationWarning`, the first time
            that a program uses it.
        key: how the idempotency key of a KEYED operation is made: `random_key`, the default, or
            `derived(...)`.
        before: is called once, before the first attempt of a call that was not sent before; it may refuse
            by raising an error of this package.
        after: is called with what a success was read as.
        rules: checks what the arguments of a facade's method say together, by their wire names.
        is_done: says whether a refusal proves that it was carried out before. Where an earlier attempt may
            have been, such a refusal is a success, with an answer of which nothing is known.
    """

    method: str
    path: str
    path_names: tuple[str, ...]
    before_names: tuple[str, ...]
    """The query parameters that Amazon refuses where they are later than two minutes ago."""
    key_header: str | None
    datasets: Parameter | None
    """The query parameter that names the personal data, where it needs no token."""
    _make_key: Callable[[Model | None], str] | None
    _module: str

    def __init__(
        self,
        name: str,
        route: str,
        *,
        returns: type[T],
        quota: Quota,
        effect: Effect,
        body: type[Model] | None = None,
        query: tuple[Parameter, ...] = (),
        headers: tuple[Parameter, ...] = (),
        envelope: bool = False,
        errors: Mapping[str, type[SpShippingError]] | None = None,
        restricted: tuple[str, ...] | None = None,
        scope: str | None = None,
        roles: tuple[str, ...] = (),
        deprecated: str | None = None,
        key: KeyRule | None = None,
        before: Callable[[Call[T], Before], None] | None = None,
        after: Callable[[Call[T], T, After], None] | None = None,
        rules: Callable[[Mapping[str, object]], None] | None = None,
        is_done: Callable[[ApiError], bool] | None = None,
    ) -> None:
        """Declare an operation; see the class.

        Raises:
            ValueError: the declaration contradicts itself, or could only fail.
        """
        self.name: Final[str] = name
        self.route: Final[str] = route
        self.returns: Final[type[T]] = returns
        self.quota: Final[Quota] = quota
        self.effect: Final[Effect] = effect
        self.body: Final[type[Model] | None] = body
        self.query: Final[tuple[Parameter, ...]] = query
        self.headers: Final[tuple[Parameter, ...]] = headers
        self.envelope: Final[bool] = envelope
        self.errors: Final[Mapping[str, type[SpShippingError]]] = MappingProxyType(dict(errors or {}))
        self.restricted: Final[tuple[str, ...] | None] = restricted
        self.scope: Final[str | None] = scope
        self.roles: Final[tuple[str, ...]] = roles
        self.deprecated: Final[str | None] = deprecated
        self.key: Final[KeyRule | None] = key
        self.before: Final[Callable[[Call[T], Before], None] | None] = before
        self.after: Final[Callable[[Call[T], T, After], None] | None] = after
        self.rules: Final[Callable[[Mapping[str, object]], None] | None] = rules
        self.is_done: Final[Callable[[ApiError], bool] | None] = is_done
        self._derive()

    def __setattr__(self, name: str, value: object) -> None:
        if "_module" in vars(self):  # which is set last
            raise AttributeError(f"an operation never changes: {name}")
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an operation never changes: {name}")

    def _derive(self) -> None:
        from spshipping.operation import checks  # a client alone makes no operation

        with checks.naming(self.name or self.route):
            checks.check_kinds(self.name, self.effect, self.errors)
            route = checks.checked_route(self.route)
            checks.check_parameters(self.query, self.headers)
            checks.check_types(self.body, self.returns, self.effect, self.is_done)
            checks.check_quota(*self.quota)
            if self.scope and self.restricted is not None:
                raise ValueError("it acts without a seller, so no Restricted Data Token can be had for it")
            keys = [parameter.name for parameter in self.headers if parameter.is_key]
            if (len(keys) == 1) is not (self.effect is Effect.KEYED) or (self.key and not keys):
                raise ValueError("an operation has an idempotency key if, and only if, it is KEYED")
            self.method, self.path, self.path_names = route
            self.before_names = tuple(p.name for p in self.query if p.is_before)
            self.key_header = keys[0] if keys else None
            self.datasets = next((p for p in self.query if p.datasets is not None), None)
            self._make_key = self._key_maker() if keys else None
            self._check_pages()
            self._module = calling_module()

    def _key_maker(self) -> Callable[[Model | None], str]:
        from spshipping.operation.keys import key_maker  # here and below: few operations have a key

        return key_maker(self.key, self.body)

    def _check_pages(self) -> None:
        """Check what a paged operation declares beside the rest."""

    def __call__(
        self,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Model | None = None,
    ) -> Call[T]:
        """Make a call: pure data, to be sent by `client.send`. A parameter that is None is left out.

        Raises:
            InvalidRequestError: a parameter that the operation does not have, or lacks, or that is outside
                Amazon's limits; a body of another class; a path parameter that would leave its segment.
        """
        if self.deprecated:
            from spshipping.operation.deprecation import warn_of_end

            warn_of_end(self.route, self.deprecated)
        if type(body) is not (self.body or type(None)):
            expected, given = self.body.__name__ if self.body else "no body", type(body).__name__
            del body  # a traceback shows local variables
            raise InvalidRequestError(f"{self.name} takes {expected}, not {given}", path="body")
        try:
            return Call(
                self,
                path=write_path(self.name, self.path_names, path or {}),
                query=write_parameters(self.name, self.query, dict(query or {})),
                headers=write_parameters(self.name, self.headers, dict(headers or {})),
                body=body,
                pii=frozenset() if self.is_wholly_personal else None,
            )
        except InvalidRequestError as error:
            # a traceback shows local variables, and one of them may name a person
            empty_frames(error)
            del query, headers
            raise

    def split(
        self, arguments: Mapping[str, object], *, path: Mapping[str, str] | None = None
    ) -> tuple[Call[T], CallOptions]:
        """Make a call of the arguments of a facade's method, and return the options that are among them.

        The arguments have the parameters' Python names. They are taken out of *arguments*, so that a
        traceback with local variables shows none of them. A time as text needs its offset here.

        Raises:
            TypeError: there is no such argument; names the nearest.
            InvalidRequestError: as for a call, and where the arguments do not go together.
        """
        query, options = split_arguments(self.name, self.query, arguments)
        try:
            for parameter in self.query:
                parameter.refuse_naive(query.get(parameter.name))
            if self.rules:
                self.rules(query)
            call = self(path=path, query=query)
        except InvalidRequestError as error:
            empty_frames(error)
            query.clear()
            raise
        return call, options

    def restore(
        self,
        *,
        path: Mapping[str, str],
        query: Mapping[str, str],
        headers: Mapping[str, str],
        pii: Collection[str] | None = None,
        body: Model | None = None,
        content: bytes | None = None,
    ) -> Call[T]:
        """Make a call again from what was written before, word by word and in the same order.

        Raises:
            InvalidRequestError: the operation has no such parameter, or lacks one.
        """
        check_written(self.name, self.query, query)
        check_written(self.name, self.headers, headers)
        call = Call(
            self,
            path=write_path(self.name, self.path_names, path),
            query=dict(query),
            headers=dict(headers),
            body=body,
            pii=frozenset() if self.is_wholly_personal else None,
            content=content,
        )
        return call if pii is None else call.with_pii(pii)

    @property
    def is_wholly_personal(self) -> bool:
        """Whether all of the answer is personal, so that every call needs a Restricted Data Token."""
        return self.restricted == ()

    @property
    def pii_elements(self) -> tuple[str, ...] | None:
        """The data elements of personal data that a call can select; None where `pii` changes nothing."""
        return tuple(self.datasets.datasets or ()) if self.datasets else self.restricted

    @property
    def page_token(self) -> str | None:
        """The query parameter that names a page; None where the answers do not come in pages."""
        return None

    def is_page(self, call: Call[T]) -> bool:
        """Say whether *call* names a page by its token."""
        return self.page_token in call.query

    def next_call(self, call: Call[T], value: T) -> Call[T] | None:  # noqa: ARG002 - for PagedOperation
        """Return the call of the next page, or None where there is none."""
        return None

    @property
    def derives_key(self) -> bool:
        """Whether equal calls have equal keys, so that a call without its key can still be resolved."""
        from spshipping.operation.keys import DerivedKey

        return isinstance(self.key, DerivedKey)

    def make_key(self, body: Model | None) -> str:
        """Make an idempotency key for a body: derived from it, or random, as declared.

        Raises:
            InvalidRequestError: the operation takes none, or a field that it is derived from is missing.
        """
        if self._make_key is None:
            raise InvalidRequestError(f"{self.name} takes no idempotency key", path="idempotency_key")
        return self._make_key(body)

    @property
    def reference(self) -> Reference | None:
        """The package and the constant that this operation is; None where it is no constant."""
        return reference_of(self, self._module)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operation) and (self.name, self.route) == (other.name, other.route)

    def __hash__(self) -> int:
        return hash((self.name, self.route))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.route}>"

    def __copy__(self) -> Operation[T]:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Operation[T]:
        return self

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        reference = self.reference
        if reference:
            return load, tuple(reference)
        # what is None was left out, or may be
        facts = {
            name: value for name, value in vars(self).items() if name not in _DERIVED and value is not None
        }
        return _declared, (type(self), {**facts, "errors": dict(self.errors)})


_DERIVED = frozenset(
    ("method", "path", "path_names", "before_names", "key_header", "datasets", "_make_key", "_module")
)


def _declared(cls: Callable[..., Operation[Any]], facts: dict[str, Any]) -> Operation[Any]:
    return cls(**facts)


class _Absent:
    """Stands for a key that was not given."""


_ABSENT = _Absent()


class Call(Generic[T]):
    """One call, as data: it compares, pickles (whole, personal data too) and can be sent again.

    Where the operation derives its key, sending an equal call again is the same request; where the key is
    random, a call without one that is sent twice is carried out twice. `with_key` fixes the key beforehand.
    """

    __slots__ = ("body", "content", "headers", "operation", "path", "pii", "query")

    def __init__(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, str],
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Model | None,
        pii: frozenset[str] | None = None,
        content: bytes | None = None,
    ) -> None:
        self.operation: Operation[T] = operation
        self.path: Mapping[str, str] = path
        self.query: Mapping[str, str] = query
        self.headers: Mapping[str, str] = headers
        self.body: Model | None = body
        self.pii: frozenset[str] | None = pii
        """The data elements of personal data that it needs a Restricted Data Token for; None where it needs
        none. Empty where the whole answer is personal."""
        self.content: bytes | None = content
        """The bytes of the body, once they are fixed; whatever happens to the body, these are sent."""

    @property
    def key(self) -> str | None:
        """The idempotency key, if the call has one."""
        header = self.operation.key_header
        return self.headers.get(header) if header else None

    def with_key(self, key: str | UUID | _Absent = _ABSENT) -> Call[T]:
        """Return this call with an idempotency key.

        Without an argument it is the key that the call has, or else the one that the operation makes:
        derived from the body, or random.

        Raises:
            InvalidRequestError: the operation takes none; *key* is empty, no text, or cannot be sent.
        """
        header = self.operation.key_header
        if header is None:
            raise InvalidRequestError(
                f"{self.operation.name} takes no idempotency key", path="idempotency_key"
            )
        if not isinstance(key, _Absent):
            from spshipping.operation.keys import checked_key

            text = checked_key(key)
        elif self.key is not None:
            return self
        else:
            text = self.operation.make_key(self.body)
        return self._changed(headers={**self.headers, header: text})

    def freeze(self) -> Call[T]:
        """Return this call with the bytes of its body fixed: what is sent does not follow the body any more.

        Raises:
            InvalidRequestError: the body is outside Amazon's limits, and where.
        """
        if self.body is None or self.content is not None:
            return self
        return self._changed(content=encode_request(self.body))

    def with_query(self, name: str, value: str) -> Call[T]:
        """Return this call with one query parameter set."""
        return self._changed(query={**self.query, name: value})

    def clamped(self, now: datetime) -> tuple[Call[T], list[str]]:
        """Return this call with no "before" later than Amazon takes, and the names of those that were.

        A later page stays as it is: Amazon accepts it only unchanged.
        """
        if self.operation.is_page(self):
            return self, []
        query, late = clamped(self.query, self.operation.before_names, now)
        return (self._changed(query=query) if late else self), late

    def with_pii(self, elements: Collection[str]) -> Call[T]:
        """Return this call with these data elements of personal data; the pages that follow have them too.

        An empty collection selects nothing. Where the whole answer is personal, the call stays as it is.
        Where the operation has datasets, they are added to those that the call has already; a later page
        stays as it is, for Amazon accepts it only unchanged. Where the operation has no personal data,
        nothing changes.

        Raises:
            InvalidRequestError: the operation has no such data element, or it is no collection of them.
        """
        elements = checked_elements(elements)
        allowed = self.operation.pii_elements
        if allowed is None:
            return self
        unknown = elements - set(allowed)
        if unknown:
            known = ", ".join(allowed) or "none, for the whole answer is personal"
            message = f"{self.operation.name} has no {sorted(unknown)[0]!r} (it has: {known})"
            raise InvalidRequestError(message, path="pii")
        parameter = self.operation.datasets
        if parameter is not None:
            return self if self.operation.is_page(self) else self._with_datasets(parameter, elements)
        if self.operation.is_wholly_personal:
            return self
        return self._changed(pii=elements or None)

    def _with_datasets(self, parameter: Parameter, elements: Collection[str]) -> Call[T]:
        written = self.query.get(parameter.name)
        present = written.split(",") if written else []
        names = (parameter.datasets or {}).items()
        added = [name for element, name in names if element in elements and name not in present]
        return self.with_query(parameter.name, ",".join((*present, *added))) if added else self

    def _parts(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.body,
            "pii": self.pii,
            "content": self.content,
        }

    def _changed(self, **parts: Any) -> Call[T]:
        return Call(self.operation, **{**self._parts(), **parts})

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Call) and self.operation == other.operation and self._parts() == other._parts()
        )

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # the body is mutable

    def __repr__(self) -> str:
        return f"<Call {self.operation.name}: {self.operation.route}>"

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        # the parts by their names, so that a pickle outlives a part that is added later
        return _call, (self.operation, self._parts())


def _call(operation: Operation[T], parts: dict[str, Any]) -> Call[T]:
    return Call(operation, **parts)
