"""Login with Amazon: credentials become access tokens, a consent code becomes a refresh token."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, NoReturn, TypeGuard
from urllib.parse import quote, urlencode

from spshipping.auth.cache import Grant
from spshipping.auth.credentials import Credentials
from spshipping.clock import Clock
from spshipping.errors import (
    AnsweredError,
    AuthError,
    ConfigurationError,
    DecodeError,
    TransportError,
    error_class,
)
from spshipping.operation import Effect
from spshipping.secret import Secret
from spshipping.transport.decode import read_retry_after
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits, Transport
from spshipping.transport.retry import Facts, Outcome, RetryBudget, RetryPolicy
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
    "invalid_scope": "this client may not ask for this scope",
}


class Issued(NamedTuple):
    """What a consent code was exchanged for."""

    access_token: Secret
    lifetime: float
    """Seconds that the access token is good for."""
    refresh_token: Secret


class Refused(NamedTuple):
    """What one exchange came to, if not to a token."""

    outcome: Outcome
    error: AnsweredError
    retry_after: float | None = None


class LwaClient:
    """Asks Login with Amazon for tokens, under the client's own policy for repeats and timeouts."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        url: str,
        user_agent: str,
        transport: Transport,
        retry: RetryPolicy,
        budget: RetryBudget | None = None,
        clock: Clock,
        chance: Callable[[], float],
        connect_timeout: float,
        read_timeout: float,
        authentication: ClientAuthentication = "body",
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.credentials = credentials
        self.url = url
        self._user_agent = user_agent
        self._transport = transport
        # nothing paces sign-ins, so that a 429 counts like any other refusal
        self._retry = retry._replace(throttled_attempts=retry.attempts)
        self._budget = budget or RetryBudget()
        self._clock = clock
        self._chance = chance
        self._timeouts = (connect_timeout, read_timeout)
        self._authentication = authentication
        self._parameters = dict(parameters or {})

    def refresh_token(self, ends_at: float) -> Grant:
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
        data = self._ask({"grant_type": "refresh_token"}, ("refresh_token", token), ends_at)
        return _grant(data)

    def client_credentials(self, scope: str, ends_at: float) -> Grant:
        """Get an access token that acts without a seller; several scopes are separated by spaces."""
        return _grant(self._ask({"grant_type": "client_credentials", "scope": scope}, None, ends_at))

    def authorization_code(self, code: Secret, redirect_uri: str, ends_at: float) -> Issued:
        """Exchange the code of a consent, which lives five minutes, for a refresh token."""
        form = {"grant_type": "authorization_code", "redirect_uri": redirect_uri}
        data = self._ask(form, ("code", code), ends_at)
        refresh_token = data.get("refresh_token")
        if not _is_token(refresh_token):
            raise AuthError("Amazon gave no refresh token for the code", operation=_OPERATION, status=200)
        grant = _grant(data)
        return Issued(grant.token, grant.lifetime, Secret(refresh_token))

    def _ask(
        self, form: Mapping[str, str], secret: tuple[str, Secret] | None, ends_at: float
    ) -> dict[str, Any]:
        attempt, paid, has_renewed = 0, 0, False
        self._budget.deposit()
        while True:
            attempt += 1
            answer = self._transport.exchange(self._request(form, secret), Limits(*self._timeouts, ends_at))
            result = self._read(answer)
            if isinstance(result, dict):
                self._budget.deposit(paid)
                return result
            if result.error.code == "invalid_client" and not has_renewed and self.credentials.renew_secret():
                has_renewed = True
                continue
            wait = self._wait_after(attempt, result, ends_at)
            if wait is None:
                _fail(result.error, attempt)
            paid += result.outcome is not Outcome.THROTTLED
            self._clock.sleep(wait)

    def _wait_after(self, attempt: int, refused: Refused, ends_at: float) -> float | None:
        return self._budget.decide(
            self._retry,
            Facts(
                attempt=attempt,
                outcome=refused.outcome,
                effect=Effect.NONE,
                chance=self._chance(),
                remaining=ends_at - self._clock.monotonic(),
                retry_after=refused.retry_after,
            ),
        )

    def _request(self, form: Mapping[str, str], secret: tuple[str, Secret] | None) -> HttpRequest:
        credentials = self.credentials
        headers = {
            "user-agent": self._user_agent,
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        }
        fields = {**self._parameters, **form}
        if self._authentication == "basic":
            headers["authorization"] = _basic(credentials)
        else:
            fields |= {
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret.reveal(),
            }
        if secret:
            fields[secret[0]] = secret[1].reveal()
        return HttpRequest("POST", self.url, headers, urlencode(fields).encode())

    def _read(self, answer: HttpResponse | HttpFailure) -> dict[str, Any] | Refused:
        if isinstance(answer, HttpFailure):
            failed = TransportError(
                f"could not sign in ({answer.kind})", operation=_OPERATION, failure=answer.kind
            )
            return Refused(Outcome.UNTRUSTED if answer.kind == "tls" else Outcome.UNSENT, failed)
        data = _object(answer.body)
        if answer.status == 200 and _is_token(data.get("access_token")):
            return data
        return self._refusal(answer, data)

    def _refusal(self, answer: HttpResponse, data: dict[str, Any]) -> Refused:
        code, description = data.get("error"), data.get("error_description")
        about: dict[str, Any] = {
            "operation": _OPERATION,
            "status": answer.status,
            "code": code if isinstance(code, str) else None,
            "request_id": answer.request_id or _text(data.get("request_id")),
        }
        message = _text(description) or "signing in did not succeed"
        if answer.status == 429 or answer.status >= 500 or answer.status < 300:
            outcome = Outcome.THROTTLED if answer.status == 429 else Outcome.BROKEN
            retry_after = read_retry_after(answer.headers.get("retry-after"), self._clock.now())
            cls = error_class(answer.status) if answer.status >= 300 else AuthError
            return Refused(outcome, cls(message, **about), retry_after)
        return Refused(Outcome.REFUSED, AuthError(message, remedy=_REMEDIES.get(str(code)), **about))


def _fail(error: AnsweredError, attempts: int) -> NoReturn:
    # a frame of its own: nothing secret is in its locals when a traceback shows them
    error.attempts = attempts
    raise error


def _basic(credentials: Credentials) -> str:
    pair = f"{quote(credentials.client_id, safe='')}:{quote(credentials.client_secret.reveal(), safe='')}"
    return "Basic " + b64encode(pair.encode()).decode()


def _grant(data: Mapping[str, Any]) -> Grant:
    return Grant(Secret(data["access_token"]), _lifetime(data.get("expires_in")))


def _is_token(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable()


def _text(value: Any) -> str | None:
    return value[:500] if isinstance(value, str) and value else None


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
