"""The kinds of token, and what each of them opens."""

from typing import Any, Literal, NamedTuple

from spshipping.operation import Operation
from spshipping.sandbox.answers import Answer, RefusedError, error

TokenKind = Literal["lwa", "grantless", "rdt"]


class Resource(NamedTuple):
    """One restricted operation that a Restricted Data Token opens."""

    method: str
    path: str
    """The operation's template, which opens every path of it, or one path, decoded."""
    elements: frozenset[str]

    def covers(self, operation: Operation[Any], path: str) -> bool:
        """Say whether this opens *path* of *operation*."""
        return self.method == operation.method and self.path in (operation.path, path)


class Bearer(NamedTuple):
    """What is known of an access token."""

    kind: TokenKind
    holder: str
    """The seller's id; where there is none, the client's."""
    expires: float
    scopes: frozenset[str] = frozenset()
    resources: tuple[Resource, ...] = ()

    @property
    def seller(self) -> str | None:
        """The seller that it acts for."""
        return None if self.kind == "grantless" else self.holder


def denied(details: str) -> Answer:
    """Answer 403: no access, and *details* say why, or are empty."""
    return error(403, "Unauthorized", "Access to requested resource is denied.", details)


def opened(bearer: Bearer, operation: Operation[Any], path: str) -> frozenset[str]:
    """Return the data elements that a token opens.

    With a seller's plain token, an operation whose personal data has elements answers without them; one that
    is personal as a whole does not answer.

    Source: https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide

    Raises:
        RefusedError: the operation wants another kind of token, or the token opens something else.
    """
    found = [resource for resource in bearer.resources if resource.covers(operation, path)]
    if operation.scope:
        is_open = operation.scope in bearer.scopes
    elif bearer.kind == "rdt":
        is_open = operation.restricted is not None and bool(found)
    else:
        is_open = bearer.kind == "lwa" and operation.restricted != ()
    if not is_open:
        raise RefusedError(denied(""))
    return frozenset().union(*(resource.elements for resource in found))
