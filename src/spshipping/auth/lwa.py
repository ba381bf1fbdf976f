"""Login with Amazon: credentials become access tokens, a consent code becomes a refresh token."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Literal, TypeGuard
from urllib.parse import quote, urlencode

from spshipping.auth.cache import Grant
from spshipping.auth.credentials import Credentials
from spshipping.errors import (
    AnsweredError,
    AuthError,
    ConfigurationError,
    DecodeError,
    error_class,
)
from spshipping.named import NamedTuple
from spshipping.operation import Effect
from spshipping.secret import Secret
from spshipping.timeouts import Timeouts
from spshipping.transport.decode import read_retry_after, shortened
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.repeat import Refusal, Repeats, repeated
from spshipping.transport.retry import Outcome
from spshipping.wire import text

LWA_URL = "https://api.amazon.com/auth/o2/token"
"""One host for all regions. Source: https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api"""

ClientAuthentication = Literal["body", "basic"]
"""Where the client's id and secret travel: in the form, as Amazon's own clients do, or in a Basic header."""

_OPERATION = "LWA token"
_DEFAULT_LIFETIME = 60.0
_LONGEST_LIFETIME = 86_400.0
_REMEDIES = {
    "invalid_grant": "the refresh token or code was revoked, used, or is another client's: authorize again",
    "invalid_client": "check the client id; the client secret is wrong or was rotated: load the new one",
    "unauthorized_client": "this client may not use this grant: check the application's type at Amazon",
    "invalid_scope": "this client may not request this scope",
}


class Issued(NamedTuple):
    """What a consent code was exchanged for."""

    access_token: Secret
    lifetime: float
    """Seconds that the access token is good for."""
    refresh_token: Secret


class LwaClient:
    """Requests tokens of Login with Amazon, under the client's own policy for repeats and timeouts."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        url: str,
        user_agent: str,
        repeats: Repeats,
        timeouts: Timeouts,
        authentication: ClientAuthentication = "body",
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.credentials = credentials
        self.url = url
        self._user_agent = user_agent
        # nothing paces sign-ins, so that a 429 counts like any other refusal
        retry = repeats.retry._replace(throttled_attempts=repeats.retry.attempts)
        self._repeats = repeats._replace(retry=retry)
        self._timeouts = timeouts
        self._authentication = authentication
        self._parameters = dict(parameters or {})

    async def refresh_token(self, ends_at: float) -> Grant:
        """Exchange the seller's refresh token for an access token.

        Raises:
            ConfigurationError: there is no refresh token.
            AuthError: Amazon refused, and what to do.
        """
        token = self.credentials.refresh_token
        if token is None:
            raise ConfigurationError(
                "this call acts for a seller: set SPSHIPPING_REFRESH_TOKEN or pass refresh_token="
            )
        data = await self._request({"grant_type": "refresh_token"}, ("refresh_token", token), ends_at)
        return _grant(data)

    async def client_credentials(self, scope: str, ends_at: float) -> Grant:
        """Get an access token that acts without a seller; several scopes are separated by spaces."""
        return _grant(
            await self._request({"grant_type": "client_credentials", "scope": scope}, None, ends_at)
        )

    async def authorization_code(self, code: Secret, redirect_uri: str, ends_at: float) -> Issued:
        """Exchange the code of a consent, which lives five minutes, for a refresh token."""
        form = {"grant_type": "authorization_code", "redirect_uri": redirect_uri}
        data = await self._request(form, ("code", code), ends_at)
        refresh_token = data.get("refresh_token")
        if not _is_token(refresh_token):
            raise AuthError("Amazon gave no refresh token for the code", operation=_OPERATION, status=200)
        grant = _grant(data)
        return Issued(grant.token, grant.lifetime, Secret(refresh_token))

    async def _request(
        self, form: Mapping[str, str], secret: tuple[str, Secret] | None, ends_at: float
    ) -> dict[str, Any]:
        return await repeated(_SignIn(self, form, secret, ends_at), self._repeats)

    async def attempt(
        self, form: Mapping[str, str], secret: tuple[str, Secret] | None, ends_at: float
    ) -> dict[str, Any] | Refusal:
        """Request a token once."""
        client_secret = self.credentials.known_secret or await self.renew_secret()
        request = self._http_request(form, secret, client_secret)
        answer = await self._repeats.io.exchange(request, Limits(*self._timeouts, ends_at))
        return self._read(answer)

    async def renew_secret(self) -> Secret:
        """Let the provider bring the client's secret, as it is now."""
        credentials = self.credentials
        return credentials.accept_secret(await self._repeats.io.plugin(credentials.provider))

    async def sleep(self, seconds: float) -> None:
        """Wait before the next attempt."""
        await self._repeats.io.sleep(seconds)

    def _http_request(
        self, form: Mapping[str, str], secret: tuple[str, Secret] | None, client_secret: Secret
    ) -> HttpRequest:
        credentials = self.credentials
        headers = {
            "user-agent": self._user_agent,
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        }
        fields = {**self._parameters, **form}
        if self._authentication == "basic":
            headers["authorization"] = _basic(credentials.client_id, client_secret)
        else:
            fields |= {
                "client_id": credentials.client_id,
                "client_secret": client_secret.reveal(),
            }
        if secret:
            fields[secret[0]] = secret[1].reveal()
        return HttpRequest("POST", self.url, headers, urlencode(fields).encode())

    def _read(self, answer: HttpResponse | HttpFailure) -> dict[str, Any] | Refusal:
        if isinstance(answer, HttpFailure):
            from spshipping.transport.trouble import transport_error  # only a failure needs it

            failed = transport_error(answer, _OPERATION, "could not sign in")
            return Refusal(Outcome.UNTRUSTED if answer.kind == "tls" else Outcome.UNSENT, failed)
        data = _object(answer.body)
        if answer.status == 200 and _is_token(data.get("access_token")):
            return data
        return self._refusal(answer, data)

    def _refusal(self, answer: HttpResponse, data: dict[str, Any]) -> Refusal:
        code, description = data.get("error"), data.get("error_description")
        about: dict[str, Any] = {
            "operation": _OPERATION,
            "status": answer.status,
            "code": shortened(code),
            "request_id": answer.request_id or shortened(data.get("request_id")),
            "at": self._repeats.clock.now(),
            "headers": answer.kept_headers,
        }
        message = shortened(description) or "signing in did not succeed"
        if answer.status == 429 or answer.status >= 500 or answer.status < 300:
            outcome = Outcome.THROTTLED if answer.status == 429 else Outcome.BROKEN
            retry_after = read_retry_after(answer.headers.get("retry-after"), self._repeats.clock.now())
            cls = error_class(answer.status) if answer.status >= 300 else AuthError
            return Refusal(outcome, cls(message, **about), retry_after=retry_after)
        error = AuthError(message, remedy=_REMEDIES.get(str(code)), **about)
        return Refusal(Outcome.REFUSED, error, is_about_token=code == "invalid_client")


class _SignIn:
    """One request for a token, repeated where that is right."""

    effect = Effect.NONE
    rate = 1.0

    def __init__(
        self, client: LwaClient, form: Mapping[str, str], secret: tuple[str, Secret] | None, ends_at: float
    ) -> None:
        self.ends_at: float = ends_at
        self._client = client
        self._form = form
        self._secret = secret
        self._attempts = 0

    async def attempt(self, number: int) -> dict[str, Any] | Refusal:
        """Request it once."""
        self._attempts = number
        return await self._client.attempt(self._form, self._secret, self.ends_at)

    async def refresh(self) -> bool:
        """Let the provider of the client's secret, if there is one, bring it anew."""
        if not self._client.credentials.is_provided:
            return False
        await self._client.renew_secret()
        return True

    async def refused(self, refusal: Refusal, wait: float | None) -> None:  # noqa: ARG002 - the protocol's
        """Count the attempts."""
        assert isinstance(refusal.error, AnsweredError)  # noqa: S101 - each is one that says what came back
        refusal.error.attempts = self._attempts

    async def sleep(self, seconds: float) -> None:
        """Wait before the next attempt."""
        await self._client.sleep(seconds)


def _basic(client_id: str, client_secret: Secret) -> str:
    pair = f"{quote(client_id, safe='')}:{quote(client_secret.reveal(), safe='')}"
    return "Basic " + b64encode(pair.encode()).decode()


def _grant(data: Mapping[str, Any]) -> Grant:
    return Grant(Secret(data["access_token"]), _lifetime(data.get("expires_in")))


def _is_token(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = text.parse(body)
    except DecodeError:
        return {}
    return data if isinstance(data, dict) else {}


def _lifetime(value: Any) -> float:
    """Return the seconds that a token is good for; an odd value gives a short life, never an endless one."""
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else value
    if isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return float(min(number, _LONGEST_LIFETIME))
    return _DEFAULT_LIFETIME
