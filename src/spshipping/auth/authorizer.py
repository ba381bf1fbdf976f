"""Authorizes a request: the right token for the operation, then a signature where one is configured."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from spshipping.auth.cache import Fetch, Grant, TokenCache
from spshipping.auth.credentials import Credentials
from spshipping.auth.lwa import LwaClient
from spshipping.errors import AuthError
from spshipping.operation import Call, Reply
from spshipping.secret import Secret
from spshipping.transport.build import TOKEN_HEADER
from spshipping.transport.http import HttpRequest
from spshipping.transport.io import Io

Key = tuple[str, ...]


class Signer(Protocol):
    """Signs a request that is otherwise complete."""

    async def sign(self, request: HttpRequest, ends_at: float) -> HttpRequest:
        """Return *request* with its signature."""
        ...


Send = Callable[[Call[Any], float], Awaitable[Reply[Any]]]
"""Sends a call; the number is the monotonic time at which it must be over."""


class SellerAuthorizer:
    """Authorizes the calls of one seller, out of a cache that many may share.

    An operation without a scope takes the seller's access token; one with a scope takes a token that acts
    without a seller; a call that requests restricted personal data takes a Restricted Data Token.
    """

    def __init__(
        self,
        lwa: LwaClient,
        cache: TokenCache,
        io: Io,
        *,
        signer: Signer | None = None,
        delegated: Secret | None = None,
        rdt_endpoint: str = "",
    ) -> None:
        # what the first sign-in needs: without a file descriptor to spare it could not load it
        import concurrent.futures  # noqa: F401

        self._lwa = lwa
        self._cache = cache
        self._io = io
        self._signer = signer
        self._delegated = delegated
        self._rdt_endpoint = rdt_endpoint
        self._identity = _identity(lwa.url, lwa.credentials)
        token = lwa.credentials.refresh_token
        self._seller_key: Key = ("refresh_token", *self._identity, token.fingerprint() if token else "")
        self._mint: Send | None = None

    def use(self, send: Send) -> None:
        """Set what sends the calls that mint Restricted Data Tokens."""
        self._mint = send

    async def authorize(self, request: HttpRequest, call: Call[Any], ends_at: float) -> HttpRequest:
        """Return *request* with its token, and signed where that is configured."""
        token = await self._token(call, ends_at)
        authorized = request.with_header(TOKEN_HEADER, token.reveal())
        return await self._signer.sign(authorized, ends_at) if self._signer else authorized

    def reject(self, request: HttpRequest, call: Call[Any]) -> bool:
        """Forget the token of *request*; say whether another can be had."""
        if self._uses_delegated(call):
            return False
        self._cache.reject(self._key(call), Secret(request.headers[TOKEN_HEADER]))
        return True

    async def sign_in(self, ends_at: float) -> None:
        """Get an access token for the seller, or find out why there is none."""
        await self._get(self._seller_key, self._lwa.refresh_token, ends_at)

    async def _get(self, key: Key, fetch: Fetch, ends_at: float) -> Secret:
        return await self._cache.get(self._io, key, fetch, ends_at)

    def _uses_delegated(self, call: Call[Any]) -> bool:
        return self._delegated is not None and call.pii is not None

    def _key(self, call: Call[Any]) -> Key:
        operation = call.operation
        if operation.scope:
            return ("client_credentials", *self._identity, operation.scope)
        if call.pii is not None:
            # the path is the template's: one token opens every order
            return ("rdt", self._rdt_endpoint, *self._seller_key, operation.route, *sorted(call.pii))
        return self._seller_key

    async def _token(self, call: Call[Any], ends_at: float) -> Secret:
        if self._delegated is not None and call.pii is not None:
            return self._delegated
        scope = call.operation.scope
        fetch: Fetch
        if scope:
            fetch = lambda until: self._lwa.client_credentials(scope, until)  # noqa: E731
        elif call.pii is not None:
            fetch = lambda until: self._mint_for(call, until)  # noqa: E731
        else:
            fetch = self._lwa.refresh_token
        return await self._get(self._key(call), fetch, ends_at)

    async def _mint_for(self, call: Call[Any], ends_at: float) -> Grant:
        # imported here: models are loaded only where personal data is requested
        from spshipping.auth.tokens import (
            CREATE_RESTRICTED_DATA_TOKEN,
            CreateRestrictedDataTokenRequest,
            RestrictedMethod,
            RestrictedResource,
        )

        operation = call.operation
        resource = RestrictedResource(
            method=RestrictedMethod(operation.method),
            path=operation.path,
            data_elements=sorted(call.pii or ()) or None,
        )
        assert self._mint is not None  # noqa: S101 - the client sets it before anything is sent
        body = CreateRestrictedDataTokenRequest(restricted_resources=[resource])
        reply = await self._mint(CREATE_RESTRICTED_DATA_TOKEN(body=body), ends_at)
        token = reply.value.restricted_data_token
        if not token:
            raise AuthError(
                "Amazon gave no Restricted Data Token",
                operation=operation.name,
                request_id=reply.meta.request_id,
            )
        return Grant(Secret(token), float(min(reply.value.expires_in or 60, 86_400)))


def _identity(url: str, credentials: Credentials) -> Key:
    """Return everything about the client that makes its tokens; what a provider brings may change."""
    known = credentials.known_secret
    secret = "provided" if credentials.is_provided or known is None else known.fingerprint()
    return (url, credentials.client_id, secret)
