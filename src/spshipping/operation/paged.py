"""An operation whose answers come in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from spshipping.errors import SpShippingError
from spshipping.operation.call import Call, Operation
from spshipping.operation.keys import KeyRule
from spshipping.operation.paging import Paging
from spshipping.operation.parameter import Parameter
from spshipping.operation.values import After, Before, Effect, Quota

if TYPE_CHECKING:
    from spshipping.wire.model import Model

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741 - the item of a page


class PagedOperation(Operation[T], Generic[T, I]):
    """An operation whose answers come in pages.

    Args:
        pages: how the pages follow each other, and what is on them.
    """

    def __init__(
        self,
        name: str,
        route: str,
        *,
        pages: Paging[T, I],
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
    ) -> None:
        """Declare a paged operation; see the class, and `Operation`.

        Raises:
            ValueError: the declaration contradicts itself, or has no parameter that names a page.
        """
        self.pages: Final[Paging[T, I]] = pages
        super().__init__(
            name,
            route,
            returns=returns,
            quota=quota,
            effect=effect,
            body=body,
            query=query,
            headers=headers,
            envelope=envelope,
            errors=errors,
            restricted=restricted,
            scope=scope,
            roles=roles,
            deprecated=deprecated,
            key=key,
            before=before,
            after=after,
            rules=rules,
        )

    def _check_pages(self) -> None:
        if self.pages.token not in [parameter.name for parameter in self.query]:
            raise ValueError(f"{self.pages.token!r} names a page, and is no query parameter")

    @property
    def page_token(self) -> str:
        """The query parameter that names a page."""
        return self.pages.token

    def next_call(self, call: Call[T], value: T) -> Call[T] | None:
        """Return the same call with the next page's token; every other parameter stays as it was written."""
        token = self.pages.next_of(value)
        return call.with_query(self.pages.token, token) if token else None

    def items_of(self, value: T) -> list[I]:
        """Return the items of one page."""
        return list(self.pages.items_of(value) or ())
