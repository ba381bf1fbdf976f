"""The four ways in which Amazon shows a webhook that it is Amazon, as agreed when the webhook was set up."""

import hmac
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

from spshipping.errors import ConfigurationError
from spshipping.secret import Secret
from spshipping.shipping.webhooks.exchange import WebhookRequest
from spshipping.transport.io import Io

API_KEY_HEADER = "X-API-KEY"
"""Source: https://developer-docs.amazon.com/amazon-shipping/docs/track-a-shipment-push-notifications"""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VISIBLE = re.compile(r"[!-~]([ -~]*[!-~])?")

CheckToken = Callable[[Secret], bool | Awaitable[bool]]
"""Says whether a token is Amazon's: exactly `True` is a yes. A coroutine function is for asyncio only."""


class WebhookMode(StrEnum):
    """How Amazon shows that a push is Amazon's."""

    API_KEY = "api_key"
    QUERY_PARAMETER = "query_parameter"
    USER_PASSWORD = "user_password"  # noqa: S105 - the name of a mode
    OAUTH = "oauth"


class WebhookAuth(Protocol):
    """Says whether a request is authentic."""

    @property
    def challenge(self) -> str | None:
        """What `WWW-Authenticate` says to a request that is not."""
        ...

    async def is_authentic(self, request: WebhookRequest, io: Io) -> bool:
        """Return whether it is, by headers and query alone."""
        ...


class ApiKey:
    """An API key in a header."""

    challenge: str | None = None

    def __init__(self, secret: str | Secret, *, header: str = API_KEY_HEADER) -> None:
        """Check the header *header*.

        Raises:
            ConfigurationError: the secret is empty, or is no text that a header can hold.
        """
        self._secret = _checked(secret, "API key")
        if not _VISIBLE.fullmatch(self._secret.reveal()):
            raise ConfigurationError("the webhook's API key holds what no HTTP header can: use visible ASCII")
        self._header = _named(header, "header")

    async def is_authentic(self, request: WebhookRequest, io: Io) -> bool:  # noqa: ARG002 - the protocol's
        """Return whether the header holds the key, and is there once."""
        return _is_same(request.header(self._header), self._secret)


class QueryParameter:
    """A secret in a parameter of the URL. Servers log URLs: prefer another way where you can."""

    challenge: str | None = None

    def __init__(self, secret: str | Secret, *, name: str) -> None:
        """Check the parameter *name*.

        Raises:
            ConfigurationError: the secret, or the name, is empty.
        """
        self._secret = _checked(secret, "query parameter")
        self._name = _named(name, "query parameter")

    async def is_authentic(self, request: WebhookRequest, io: Io) -> bool:  # noqa: ARG002 - the protocol's
        """Return whether the parameter holds the secret, and is there once."""
        return _is_same(request.parameter(self._name), self._secret)


class UserPassword:
    """A user name and a password, as HTTP Basic has them."""

    challenge: str | None = 'Basic realm="webhook", charset="UTF-8"'

    def __init__(self, user_name: str, password: str | Secret) -> None:
        """Check both.

        Raises:
            ConfigurationError: one of them is empty, or the user name has a colon, which Basic cannot have.
        """
        if not user_name.strip() or ":" in user_name:
            raise ConfigurationError("the webhook's user name is empty, or has a colon: choose another")
        self._secret = Secret(f"{user_name}:{_checked(password, 'password').reveal()}")

    async def is_authentic(self, request: WebhookRequest, io: Io) -> bool:  # noqa: ARG002 - the protocol's
        """Return whether the header `Authorization` holds both."""
        given = _after(request, "basic")
        try:
            pair = b64decode((given or "").encode("latin-1", "replace"), validate=True).decode()
        except ValueError:
            pair = ""
        return _is_same(pair, self._secret)


class OAuth:
    """An access token, which a function of yours checks, as with your authorization server."""

    challenge: str | None = 'Bearer realm="webhook"'

    def __init__(self, check: CheckToken) -> None:
        """Check the token by *check*; what it raises is answered with 503, so that Amazon sends it again.

        Raises:
            ConfigurationError: it is no function.
        """
        if not callable(check):
            raise ConfigurationError("a webhook with OAuth needs a function that checks the token")
        self._check = check

    async def is_authentic(self, request: WebhookRequest, io: Io) -> bool:
        """Return whether there is a token that the function accepts."""
        token = _after(request, "bearer")
        if not token:
            return False
        accepted: object = await io.plugin(self._check, Secret(token))
        return accepted is True


def webhook_auth(
    mode: WebhookMode | str,
    *,
    secret: str | Secret | None = None,
    name: str | None = None,
    user_name: str | None = None,
    check_token: CheckToken | None = None,
) -> WebhookAuth:
    """Return the check for a mode, as settings name it.

    Args:
        mode: how the webhook was set up with Amazon.
        secret: the API key, the value of the query parameter, or the password.
        name: of the header, for which None means `X-API-KEY`, or of the query parameter.
        user_name: the name that goes with a password.
        check_token: for OAuth.

    Raises:
        ConfigurationError: there is no such mode, or something that it needs is missing.
    """
    match mode:
        case WebhookMode.API_KEY:
            return ApiKey(secret or "", header=name or API_KEY_HEADER)
        case WebhookMode.QUERY_PARAMETER:
            return QueryParameter(secret or "", name=name or "")
        case WebhookMode.USER_PASSWORD:
            return UserPassword(user_name or "", secret or "")
        case WebhookMode.OAUTH:
            return OAuth(check_token)  # type: ignore[arg-type]  # it refuses None
        case _:
            raise ConfigurationError(f"the modes of a webhook are {', '.join(WebhookMode)}")


def _checked(secret: str | Secret, what: str) -> Secret:
    if not Secret(secret).reveal().strip():
        raise ConfigurationError(f"the webhook has no {what}: without one, anybody could push")
    return Secret(secret)


def _named(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"the webhook needs the name of its {what}, in letters, digits and hyphens")
    return name


def _is_same(given: str | None, secret: Secret) -> bool:
    """Compare in a time that depends on neither; the digests are of one length."""
    return hmac.compare_digest(Secret(given or "").fingerprint(), secret.fingerprint())


def _after(request: WebhookRequest, scheme: str) -> str | None:
    """Return what the header `Authorization` has after its scheme."""
    kind, _, rest = (request.header("authorization") or "").partition(" ")
    return rest.strip() if kind.lower() == scheme else None
