"""AWS keys: lasting ones, those of a role, or whatever a callable brings."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Protocol

from spshipping.auth.cache import Grant, TokenCache
from spshipping.errors import ConfigurationError
from spshipping.secret import Secret
from spshipping.timeouts import Timeouts
from spshipping.transport.http import HttpRequest, Limits
from spshipping.transport.io import Io
from spshipping.transport.repeat import Repeats
from spshipping.wire import text


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
    """Keys that somebody else looks after."""

    def __init__(self, give: Callable[[], AwsCredentials], io: Io) -> None:
        self._give = give
        self._io = io

    async def credentials(self, ends_at: float) -> AwsCredentials:  # noqa: ARG002 - the protocol's
        """Return what the callable brings."""
        return await self._io.plugin(self._give)


class RoleKeys:
    """The temporary keys of a role, shared and renewed like access tokens: one request for all."""

    def __init__(
        self,
        role: AwsRole,
        *,
        region: str,
        repeats: Repeats,
        cache: TokenCache,
        timeouts: Timeouts,
    ) -> None:
        self._role = role
        self._region = region
        self._repeats = repeats
        self._cache = cache
        self._timeouts = timeouts
        session = role.keys.session_token
        self._key = (
            "sts",
            role.sts_url or region,
            role.role_arn,
            role.session_name,
            role.keys.access_key_id,
            role.keys.secret_access_key.fingerprint(),
            session.fingerprint() if session else "",
        )

    async def credentials(self, ends_at: float) -> AwsCredentials:
        """Return temporary keys that are good now."""
        held = await self._cache.get(self._repeats.io, self._key, lambda: self._assume(ends_at), ends_at)
        key_id, secret, session = text.parse(held.reveal().encode())
        return AwsCredentials(key_id, Secret(secret), Secret(session))

    async def _assume(self, ends_at: float) -> Grant:
        # imported here: a program that does not sign need not load the signer
        from spshipping.auth.sts import assume_role

        keys = await assume_role(
            self._role.role_arn,
            self._role.keys,
            region=self._region,
            repeats=self._repeats,
            limits=Limits(*self._timeouts, ends_at),
            session_name=self._role.session_name,
            url=self._role.sts_url,
        )
        assert keys.session_token is not None  # noqa: S101 - temporary keys have all of it
        assert keys.expires_at is not None  # noqa: S101 - as above
        parts = [keys.access_key_id, keys.secret_access_key.reveal(), keys.session_token.reveal()]
        return Grant(
            Secret(text.render(parts).decode()), (keys.expires_at - self._repeats.clock.now()).total_seconds()
        )


def keys_of(role_arn: str | None, access_key_id: str, secret_access_key: str | Secret) -> Aws:
    """Make what `Client(aws=...)` takes of the three fields that older integration pages have.

    Raises:
        ConfigurationError: one of the two keys is missing.
    """
    if not access_key_id or not secret_access_key:
        raise ConfigurationError("an access key and its secret key go together")
    keys = AwsCredentials(access_key_id, Secret(secret_access_key))
    return AwsRole(role_arn, keys) if role_arn else keys
