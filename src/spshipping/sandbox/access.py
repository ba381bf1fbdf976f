"""The kinds of access token, and what each of them grants."""

from typing import Any, Literal, NamedTuple

from spshipping.operation import Operation
from spshipping.sandbox.refusals import ACCESS_DENIED, refused

TokenKind = Literal["lwa", "grantless", "rdt"]


class Resource(NamedTuple):
    """One restricted resource that a Restricted Data Token grants."""

    method: str
    path: str
    """The operation's path template, which grants all of its paths, or one path, decoded."""
    elements: frozenset[str]

    def covers(self, operation: Operation[Any], path: str) -> bool:
        """Return whether this grants *path* of *operation*."""
        return self.method == operation.method and self.path in (operation.path, path)


class Bearer(NamedTuple):
    """What is known of an access token."""

    kind: TokenKind
    holder: str
    """The seller's id; the client's id where there is no seller."""
    expires: float
    scopes: frozenset[str] = frozenset()
    resources: tuple[Resource, ...] = ()

    @property
    def seller(self) -> str | None:
        """The seller for whom it acts."""
        return None if self.kind == "grantless" else self.holder


def granted_elements(bearer: Bearer, operation: Operation[Any], path: str) -> frozenset[str]:
    """Return the data elements of personal data that a token grants.

    With a seller's plain token, an operation whose personal data has elements answers without them; an
    operation that is personal as a whole is refused.

    Source: https://developer-docs.amazon.com/sp-api/docs/tokens-api-use-case-guide

    Raises:
        RefusedError: the operation needs another kind of token, or the token grants another resource.
    """
    found = [resource for resource in bearer.resources if resource.covers(operation, path)]
    if operation.scope:
        is_granted = operation.scope in bearer.scopes
    elif bearer.kind == "rdt":
        is_granted = operation.restricted is not None and bool(found)
    else:
        is_granted = bearer.kind == "lwa" and operation.restricted != ()
    if not is_granted:
        raise refused(ACCESS_DENIED)
    return frozenset().union(*(resource.elements for resource in found))
