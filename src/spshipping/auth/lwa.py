"""Login with Amazon: a refresh token becomes an access token."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from spshipping.auth.cache import Grant, TokenCache
from spshipping.auth.credentials import Credentials
from spshipping.clock import Clock
from spshipping.errors import AuthError, DecodeError, SpShippingError, TransportError, error_class
from spshipping.operation import Effect
from spshipping.secret import Secret
from spshipping.transport.decode import read_retry_after
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Transport
from spshipping.transport.retry import Facts, Outcome, RetryPolicy
from spshipping.wire import text

LWA_URL = "https://api.amazon.com/auth/o2/token"
"""One host for all regions. Source: https://developer-docs.amazon.com/sp-api/docs/connecting-to-the-selling-partner-api"""

_OPERATION = "LWA token"
_DEFAULT_LIFETIME = 60.0
_LONGEST_LIFETIME = 86_400.0
_REMEDIES = {
    "invalid_grant": "the refresh token was revoked or belongs to another client: authorize again",
    "invalid_client": "check the client id; the client secret is wrong or was rotated: load the new one",
    "unauthorized_client": "this client may not use this grant: check the application's type at Amazon",
    "invalid_scope": "this client may not ask for this scope",
}


class LwaTokens:
    """Gives access tokens for one set of credentials, out of a shared cache."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        url: str,
        user_agent: str,
        cache: TokenCache,
        transport: Transport,
        retry: RetryPolicy,
        clock: Clock,
        chance: Callable[[], float],
        connect_timeout: float,
        read_timeout: float,
    ) -> None:
        self._credentials = credentials
        self._url = url
        self._user_agent = user_agent
        self._cache = cache
        self._transport = transport
        self._retry = retry
        self._clock = clock
        self._chance = chance
        self._timeouts = (connect_timeout, read_timeout)
        self._key = (
            "refresh_token",
            url,
            credentials.client_id,
            credentials.client_secret.fingerprint(),
            credentials.refresh_token.fingerprint(),
        )

    def token(self, ends_at: float) -> Secret:
        """Return a token that is good now."""
        return self._cache.get(self._key, lambda: self._fetch(ends_at), ends_at)

    def reject(self, token: Secret) -> None:
        """Learn that Amazon no longer takes *token*."""
        self._cache.reject(self._key, token)

    def _fetch(self, ends_at: float) -> Grant:
        attempt = 0
        while True:
            attempt += 1
            answer = self._transport.exchange(self._request(), Limits(*self._timeouts, ends_at))
            result = self._read(answer)
            if isinstance(result, Grant):
                return result
            outcome, error, retry_after = result
            wait = self._retry.decide(
                Facts(
                    attempt=attempt,
                    outcome=outcome,
                    effect=Effect.NONE,
                    chance=self._chance(),
                    remaining=ends_at - self._clock.monotonic(),
                    retry_after=retry_after,
                )
            )
            if wait is None:
                raise error
            self._clock.sleep(wait)

    def _request(self) -> HttpRequest:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret.reveal(),
            "refresh_token": self._credentials.refresh_token.reveal(),
        }
        headers = {
            "user-agent": self._user_agent,
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        }
        return HttpRequest("POST", self._url, headers, urlencode(form).encode())

    def _read(
        self, answer: HttpResponse | HttpFailure
    ) -> Grant | tuple[Outcome, SpShippingError, float | None]:
        if isinstance(answer, HttpFailure):
            failed = TransportError(
                f"could not sign in ({answer.kind})", operation=_OPERATION, failure=answer.kind
            )
            return Outcome.UNTRUSTED if answer.kind == "tls" else Outcome.UNSENT, failed, None
        data = _object(answer.body)
        token = data.get("access_token")
        if (
            answer.status == 200
            and isinstance(token, str)
            and token.isascii()
            and token.isprintable()
            and token
        ):
            return Grant(Secret(token), _lifetime(data.get("expires_in")))
        return self._refusal(answer, data)

    def _refusal(
        self, answer: HttpResponse, data: dict[str, Any]
    ) -> tuple[Outcome, SpShippingError, float | None]:
        code, description = data.get("error"), data.get("error_description")
        about: dict[str, Any] = {
            "operation": _OPERATION,
            "status": answer.status,
            "code": code if isinstance(code, str) else None,
            "request_id": answer.request_id,
        }
        message = description[:500] if isinstance(description, str) else "signing in did not succeed"
        if answer.status == 429 or answer.status >= 500 or answer.status < 300:
            outcome = Outcome.THROTTLED if answer.status == 429 else Outcome.BROKEN
            retry_after = read_retry_after(answer.headers.get("retry-after"), self._clock.now())
            cls = error_class(answer.status) if answer.status >= 300 else AuthError
            return outcome, cls(message, **about), retry_after
        return Outcome.REFUSED, AuthError(message, remedy=_REMEDIES.get(str(code)), **about), None


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
        return min(float(number), _LONGEST_LIFETIME)
    return _DEFAULT_LIFETIME
