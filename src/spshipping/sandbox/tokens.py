"""Login with Amazon: the accounts that the sandbox knows, and the access tokens that it has issued."""

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from werkzeug.datastructures import Headers

from spshipping.sandbox.access import Bearer, Resource, TokenKind
from spshipping.sandbox.clock import DAY, HOUR, MINUTE, SandboxClock
from spshipping.sandbox.headers import REQUEST_ID
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.refusals import ACCESS_DENIED, RefusedError, refused, sign_in_refused
from spshipping.sandbox.responses import JSON, Response, json_response

LIFETIME = HOUR
"""Seconds until an access token expires."""
CODE_LIFETIME = 5 * MINUTE
"""Seconds until an authorization code expires."""
BOTH_ACCEPTED = 7 * DAY
"""Seconds for which the old secret is accepted beside a new one that was made by the API.

Source: https://developer-docs.amazon.com/sp-api/docs/rotate-your-application-client-secret
"""
SCOPES = frozenset(
    {
        "sellingpartnerapi::notifications",
        "sellingpartnerapi::client_credential:rotation",
        "sellingpartnerapi::migration",
    }
)
"""The scopes of tokens without a seller."""
_APPLICATION = "amzn1.sellerapps.app."
_HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CLIENT = "amzn1.application-oa2-client."

Fields = Mapping[str, str]
Granted = tuple[dict[str, Any], str | None]
"""What the answer contains beside lifetime and type, and the seller for whom the token is."""


def application_id(client_id: str) -> str:
    """Return the id under which sellers know the application of a client."""
    return _APPLICATION + client_id.removeprefix(_CLIENT)


def client_id_of(application: str) -> str:
    """Return the client id of the application with this id."""
    return _CLIENT + application.removeprefix(_APPLICATION)


class Account(NamedTuple):
    """An application and the seller who authorized it."""

    refresh_token: str = "Atzr|sandbox"  # noqa: S105 - published
    client_id: str = f"{_CLIENT}sandbox"
    client_secret: str = "amzn1.oa2-cs.v1.sandbox"  # noqa: S105 - published

    @property
    def seller(self) -> str:
        """The seller's id: the same for the same refresh token."""
        return "A" + hashlib.sha256(self.refresh_token.encode()).hexdigest()[:13].upper()


class Grant(NamedTuple):
    """The response to a request for an access token, and what was requested."""

    response: Response
    grant_type: str | None = None
    client_id: str | None = None
    seller: str | None = None


class Code(NamedTuple):
    """An authorization code, which can be exchanged for a refresh token once."""

    account: Account
    redirect_uri: str
    expires: float


class Tokens:
    """The accounts, and the access tokens that were issued."""

    def __init__(self, clock: SandboxClock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self._secrets: dict[str, str] = {}
        self._former: dict[tuple[str, str], float] = {}  # client and old secret: until when it is accepted
        self._codes: dict[str, Code] = {}
        self._issued: dict[str, Bearer] = {}

    def add(self, account: Account) -> None:
        """Add an account; a new secret for a known client replaces the old one."""
        with self._lock:
            self._accounts[account.refresh_token] = account
            self._secrets[account.client_id] = account.client_secret

    def has_client(self, client_id: str) -> bool:
        """Return whether there is such a client."""
        return client_id in self._secrets

    def secret_of(self, client_id: str) -> str:
        """Return the secret of a client; that of the default client where it is unknown."""
        return self._secrets.get(client_id, Account().client_secret)

    def rotate(self, client_id: str) -> str:
        """Replace the secret of a client at once, and return the new one; its tokens stay valid.

        Raises:
            ValueError: there is no such client.
        """
        with self._lock:
            self._former = {pair: ends for pair, ends in self._former.items() if pair[0] != client_id}
            return self._renew(client_id)

    def rotate_smoothly(self, client_id: str) -> str:
        """Return a new secret of a client; the old one is also accepted for seven more days."""
        with self._lock:
            ends = self._clock.monotonic() + BOTH_ACCEPTED
            self._former.setdefault((client_id, self._secrets[client_id]), ends)
            return self._renew(client_id)

    def _renew(self, client_id: str) -> str:
        if client_id not in self._secrets:
            raise ValueError(f"the sandbox has no client {client_id!r}")
        self._secrets[client_id] = "amzn1.oa2-cs.v1." + self._ids.hexadecimal("secret", 32)
        return self._secrets[client_id]

    def _accepts(self, client_id: str, secret: str | None) -> bool:
        ends = self._former.get((client_id, secret or ""), 0.0)
        return self._secrets.get(client_id) == secret or self._clock.monotonic() < ends

    def revoke(self) -> None:
        """Revoke every access token; the refresh tokens stay valid."""
        with self._lock:
            self._issued.clear()

    def issue_code(self, client_id: str, redirect_uri: str) -> tuple[str, str]:
        """Add a new seller who consents; return the seller's id and an authorization code."""
        account = Account("Atzr|" + self._ids.text("seller"), client_id, self.secret_of(client_id))
        code = "RH" + self._ids.hexadecimal("code", 9)
        with self._lock:
            self._codes[code] = Code(account, redirect_uri, self._clock.monotonic() + CODE_LIFETIME)
        return account.seller, code

    def issue_restricted(self, seller: str, resources: tuple[Resource, ...]) -> str:
        """Return a token that grants *resources* of *seller*."""
        return self._issue("Atz.sprdt|", "rdt", seller, resources=resources)

    def _issue(self, prefix: str, kind: TokenKind, holder: str, **rest: Any) -> str:
        token = prefix + self._ids.text(f"{kind} of {holder}")
        with self._lock:
            self._issued[token] = Bearer(kind, holder, self._clock.monotonic() + LIFETIME, **rest)
        return token

    def grant(self, body: bytes, headers: Headers) -> Grant:
        """Respond to a request for an access token."""
        fields = {**_fields(body, headers.get("Content-Type", "")), **_basic(headers)}
        grant_type, client_id = fields.get("grant_type"), fields.get("client_id")
        seller = None
        try:
            granted, seller = self._granted(fields, client_id)
            response = json_response({**granted, "token_type": "bearer", "expires_in": LIFETIME})
        except RefusedError as refusal:
            response = refusal.response
        return Grant(
            response.with_headers({**_HEADERS, REQUEST_ID: self._ids.uuid("request")}),
            grant_type,
            client_id,
            seller,
        )

    def _granted(self, fields: Fields, client_id: str | None) -> Granted:
        grants = {
            "refresh_token": self._refresh,
            "client_credentials": self._without_seller,
            "authorization_code": self._exchange,
        }
        grant = grants.get(_required(fields, "grant_type"))
        if grant is None:
            raise sign_in_refused(
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server",
            )
        if client_id is None or not self._accepts(client_id, fields.get("client_secret")):
            raise sign_in_refused("invalid_client", "Client authentication failed")
        return grant(fields, client_id)

    def _refresh(self, fields: Fields, client_id: str) -> Granted:
        account = self._accounts.get(_required(fields, "refresh_token"))
        if account is None or account.client_id != client_id:
            raise _invalid_grant("refresh_token")
        return self._for_seller(account)

    def _exchange(self, fields: Fields, client_id: str) -> Granted:
        text, redirect_uri = _required(fields, "code"), _required(fields, "redirect_uri")
        with self._lock:
            code = self._codes.get(text)
            if (
                code is None
                or (code.account.client_id, code.redirect_uri) != (client_id, redirect_uri)
                or self._clock.monotonic() >= code.expires
            ):
                raise _invalid_grant("code")
            del self._codes[text]
            self._accounts[code.account.refresh_token] = code.account
        return self._for_seller(code.account)

    def _for_seller(self, account: Account) -> Granted:
        token = self._issue("Atza|", "lwa", account.seller)
        return {"access_token": token, "refresh_token": account.refresh_token}, account.seller

    def _without_seller(self, fields: Fields, client_id: str) -> Granted:
        scopes = frozenset(_required(fields, "scope").split())
        if not scopes or not scopes <= SCOPES:
            raise sign_in_refused("invalid_scope", "The requested scope is invalid, unknown, or malformed")
        token = self._issue("Atc|", "grantless", client_id, scopes=scopes)
        return {"access_token": token, "scope": fields["scope"]}, None

    def kind_of(self, token: str | None) -> TokenKind | None:
        """Return the kind of a token that the sandbox has issued, valid or not; None for any other."""
        bearer = self._issued.get(token or "")
        return bearer.kind if bearer else None

    def bearer_of(self, token: str | None) -> Bearer:
        """Return what is known of an access token.

        Raises:
            RefusedError: there is none, it is unknown, or it has expired.
        """
        if not token:
            raise refused(ACCESS_DENIED, "Access token is missing in the request header.")
        bearer = self._issued.get(token)
        if bearer is None:
            raise refused(ACCESS_DENIED, "The access token you provided is revoked, malformed or invalid.")
        if self._clock.monotonic() >= bearer.expires:
            raise expired()
        return bearer


def expired() -> RefusedError:
    """Make the error for an access token that has expired."""
    return refused(ACCESS_DENIED, "The access token you provided has expired.")


def _required(fields: Fields, name: str) -> str:
    if name not in fields:
        raise sign_in_refused("invalid_request", f"The request is missing a required parameter : {name}")
    return fields[name]


def _invalid_grant(name: str) -> RefusedError:
    return sign_in_refused(
        "invalid_grant",
        f"The request has an invalid grant parameter : {name}. "
        "User may have revoked or didn't grant the permission.",
    )


def _basic(headers: Headers) -> Fields:
    """Return the client's id and secret from a Basic header; an unreadable header belongs to no client."""
    scheme, _, text = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        pair = base64.b64decode(text, validate=True).decode()
    except ValueError:
        pair = ""
    client_id, _, secret = pair.partition(":")
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def _fields(body: bytes, content_type: str) -> Fields:
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() != JSON:
            return dict(parse_qsl(text))
        fields: Any = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(fields, dict):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}
