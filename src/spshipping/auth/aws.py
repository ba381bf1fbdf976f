"""AWS keys: lasting ones, a role to assume, or whatever a callable brings."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from spshipping.errors import ConfigurationError
from spshipping.named import NamedTuple
from spshipping.secret import Secret
from spshipping.transport.http import HttpRequest
from spshipping.transport.io import Io


class AwsCredentials(NamedTuple):
    """AWS keys, lasting or temporary. SP-API itself has not needed them since October 2023.

    Source: https://developer-docs.amazon.com/sp-api/changelog/sp-api-will-no-longer-require-aws-iam-or-aws-signature-version-4
    """

    access_key_id: str
    secret_access_key: Secret
    session_token: Secret | None = None
    expires_at: datetime | None = None
    """When temporary keys end; None for lasting ones."""


class AwsRole(NamedTuple):
    """A role to assume with *keys*: its temporary keys sign, and are renewed before they end."""

    role_arn: str
    keys: AwsCredentials
    session_name: str = "spshipping"
    sts_url: str | None = None
    """Another endpoint than that of the region."""


Aws = AwsCredentials | AwsRole | Callable[[], AwsCredentials]
"""What `Client(aws=...)` takes."""


class AwsSource(Protocol):
    """Gives the keys that sign."""

    async def credentials(self, ends_at: float) -> AwsCredentials:
        """Return keys that are good now."""
        ...


class Sign(Protocol):
    """Signs a request with AWS Signature Version 4: one interface for SP-API and for STS."""

    def __call__(
        self, request: HttpRequest, keys: AwsCredentials, *, region: str, service: str, at: datetime
    ) -> HttpRequest:
        """Return *request* signed with *keys*. Its URL must be encoded already, and is not written anew."""
        ...


class GivenKeys:
    """Keys that another component obtains and renews."""

    def __init__(self, give: Callable[[], AwsCredentials], io: Io) -> None:
        self._give = give
        self._io = io

    async def credentials(self, ends_at: float) -> AwsCredentials:  # noqa: ARG002 - the protocol's
        """Return what the callable brings."""
        return await self._io.plugin(self._give)


def keys_of(role_arn: str | None, access_key_id: str, secret_access_key: str | Secret) -> Aws:
    """Make what `Client(aws=...)` takes of the three fields that older integration pages have.

    Raises:
        ConfigurationError: one of the two keys is missing.
    """
    if not access_key_id or not secret_access_key:
        raise ConfigurationError("an access key and its secret key go together")
    keys = AwsCredentials(access_key_id, Secret(secret_access_key))
    return AwsRole(role_arn, keys) if role_arn else keys
