"""The temporary keys of an AWS role, shared and renewed."""

from spshipping.auth.aws import AwsCredentials, AwsRole
from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.sts import assume_role
from spshipping.secret import Secret
from spshipping.timeouts import Timeouts
from spshipping.transport.http import Limits
from spshipping.transport.repeat import Repeats
from spshipping.wire import text


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
        held = await self._cache.get(self._repeats.io, self._key, self._assume, ends_at)
        key_id, secret, session = text.parse(held.reveal().encode())
        return AwsCredentials(key_id, Secret(secret), Secret(session))

    async def _assume(self, ends_at: float) -> Grant:
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
