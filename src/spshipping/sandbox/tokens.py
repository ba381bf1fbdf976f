"""Login with Amazon: who is known, and which access tokens are good."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus
from uuid import uuid4

from werkzeug.datastructures import Headers

from spshipping.sandbox.access import Bearer, Resource, TokenKind, denied
from spshipping.sandbox.answers import Answer, RefusedError, as_json
from spshipping.sandbox.clock import SandboxClock

LIFETIME = 3600
"""Seconds that an access token is good for."""
CODE_LIFETIME = 300
"""Seconds that a consent's code is good for."""
SCOPES = frozenset(
    {
        "sellingpartnerapi::notifications",
        "sellingpartnerapi::client_credential:rotation",
        "sellingpartnerapi::migration",
    }
)
"""What may be asked for without a seller."""

Asked = Mapping[str, str]
Given = tuple[dict[str, Any], str | None]
"""What an answer holds beside lifetime and type, and whom the token is for."""


class Account(NamedTuple):
    """An application and the seller who authorized it."""

    refresh_token: str = "Atzr|sandbox"  # noqa: S105 - known to everybody
    client_id: str = "amzn1.application-oa2-client.sandbox"
    client_secret: str = "amzn1.oa2-cs.v1.sandbox"  # noqa: S105 - known to everybody

    @property
    def seller(self) -> str:
        """The seller's id: the same for the same refresh token."""
        return "A" + hashlib.sha256(self.refresh_token.encode()).hexdigest()[:13].upper()


class Grant(NamedTuple):
    """What a request for a token came to."""

    answer: Answer
    grant_type: str | None = None
    client_id: str | None = None
    seller: str | None = None


def oauth_error(status: int, code: str, description: str) -> Answer:
    """Answer with an error in the form that Login with Amazon uses."""
    body = {"error": code, "error_description": description, "request_id": str(uuid4())}
    return Answer(status, as_json(body))


class Code(NamedTuple):
    """A seller's consent, which becomes a refresh token once."""

    account: Account
    redirect_uri: str
    expires: float


class Tokens:
    """The accounts that the sandbox knows, and the access tokens that it gave."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self._secrets: dict[str, str] = {}
        self._codes: dict[str, Code] = {}
        self._given: dict[str, Bearer] = {}

    def add(self, account: Account) -> None:
        """Make an account known; a new secret for a known client replaces the old one."""
        with self._lock:
            self._accounts[account.refresh_token] = account
            self._secrets[account.client_id] = account.client_secret

    def knows(self, client_id: str) -> bool:
        """Say whether there is such a client."""
        return client_id in self._secrets

    def secret_of(self, client_id: str) -> str:
        """Return the secret of a client, or of any client that is to come."""
        return self._secrets.get(client_id, Account().client_secret)

    def rotate(self, client_id: str) -> str:
        """Give a client a new secret, and return it; tokens stay good.

        Raises:
            ValueError: there is no such client.
        """
        with self._lock:
            if client_id not in self._secrets:
                raise ValueError(f"the sandbox knows no client {client_id!r}")
            self._secrets[client_id] = "amzn1.oa2-cs.v1." + secrets.token_hex(32)
            return self._secrets[client_id]

    def revoke(self) -> None:
        """Make every access token worthless; the refresh tokens stay good."""
        with self._lock:
            self._given.clear()

    def issue_code(self, client_id: str, redirect_uri: str) -> tuple[str, str]:
        """Let a new seller consent; return the seller's id, and the code that is worth a refresh token."""
        account = Account("Atzr|" + secrets.token_urlsafe(48), client_id, self.secret_of(client_id))
        code = "RH" + secrets.token_hex(9)
        with self._lock:
            self._codes[code] = Code(account, redirect_uri, self._clock.monotonic() + CODE_LIFETIME)
        return account.seller, code

    def give_restricted(self, seller: str, resources: tuple[Resource, ...]) -> str:
        """Return a token that opens *resources* of *seller*."""
        return self._give("Atz.sprdt|", "rdt", seller, resources=resources)

    def _give(self, prefix: str, kind: TokenKind, holder: str, **rest: Any) -> str:
        token = prefix + secrets.token_urlsafe(48)
        with self._lock:
            self._given[token] = Bearer(kind, holder, self._clock.monotonic() + LIFETIME, **rest)
        return token

    def grant(self, body: bytes, headers: Headers) -> Grant:
        """Answer a request for an access token."""
        asked = {**_fields(body, headers.get("Content-Type", "")), **_basic(headers)}
        grant_type, client_id = asked.get("grant_type"), asked.get("client_id")
        grants = {
            "refresh_token": self._refresh,
            "client_credentials": self._without_seller,
            "authorization_code": self._exchange,
        }
        seller = None
        try:
            way = grants.get(_needed(asked, "grant_type"))
            if way is None:
                raise RefusedError(_UNSUPPORTED)
            if client_id is None or self._secrets.get(client_id) != asked.get("client_secret"):
                raise RefusedError(oauth_error(401, "invalid_client", "Client authentication failed"))
            given, seller = way(asked, client_id)
            answer = Answer(200, as_json({**given, "token_type": "bearer", "expires_in": LIFETIME}))
        except RefusedError as refused:
            answer = refused.answer
        return Grant(answer.with_headers(_headers()), grant_type, client_id, seller)

    def _refresh(self, asked: Asked, client_id: str) -> Given:
        account = self._accounts.get(_needed(asked, "refresh_token"))
        if account is None or account.client_id != client_id:
            raise RefusedError(_invalid_grant("refresh_token"))
        return self._for_seller(account)

    def _exchange(self, asked: Asked, client_id: str) -> Given:
        text, redirect_uri = _needed(asked, "code"), _needed(asked, "redirect_uri")
        with self._lock:
            code = self._codes.get(text)
            if (
                code is None
                or (code.account.client_id, code.redirect_uri) != (client_id, redirect_uri)
                or self._clock.monotonic() >= code.expires
            ):
                raise RefusedError(_invalid_grant("code"))
            del self._codes[text]
            self._accounts[code.account.refresh_token] = code.account
        return self._for_seller(code.account)

    def _for_seller(self, account: Account) -> Given:
        token = self._give("Atza|", "lwa", account.seller)
        return {"access_token": token, "refresh_token": account.refresh_token}, account.seller

    def _without_seller(self, asked: Asked, client_id: str) -> Given:
        scopes = frozenset(_needed(asked, "scope").split())
        if not scopes or not scopes <= SCOPES:
            description = "The requested scope is invalid, unknown, or malformed"
            raise RefusedError(oauth_error(400, "invalid_scope", description))
        token = self._give("Atc|", "grantless", client_id, scopes=scopes)
        return {"access_token": token, "scope": asked["scope"]}, None

    def kind_of(self, token: str | None) -> TokenKind | None:
        """Return what kind of token this is or was, if it was given."""
        bearer = self._given.get(token or "")
        return bearer.kind if bearer else None

    def bearer_of(self, token: str | None) -> Bearer:
        """Return what an access token stands for.

        Raises:
            RefusedError: there is none, it is unknown, or it has expired.
        """
        if not token:
            raise RefusedError(denied("Access token is missing in the request header."))
        bearer = self._given.get(token)
        if bearer is None:
            raise RefusedError(denied("The access token you provided is revoked, malformed or invalid."))
        if self._clock.monotonic() >= bearer.expires:
            raise RefusedError(EXPIRED)
        return bearer


EXPIRED = denied("The access token you provided has expired.")

_UNSUPPORTED = oauth_error(
    400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server"
)


def _needed(asked: Asked, name: str) -> str:
    if name not in asked:
        description = f"The request is missing a required parameter : {name}"
        raise RefusedError(oauth_error(400, "invalid_request", description))
    return asked[name]


def _invalid_grant(name: str) -> Answer:
    description = (
        f"The request has an invalid grant parameter : {name}. "
        "User may have revoked or didn't grant the permission."
    )
    return oauth_error(400, "invalid_grant", description)


def _basic(headers: Headers) -> Asked:
    """Return the client's id and secret from a Basic header; one that cannot be read is nobody's."""
    scheme, _, text = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        pair = base64.b64decode(text, validate=True).decode()
    except ValueError:
        pair = ""
    client_id, _, secret = pair.partition(":")
    return {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}


def _headers() -> dict[str, str]:
    return {"Cache-Control": "no-store", "Pragma": "no-cache", "x-amzn-RequestId": str(uuid4())}


def _fields(body: bytes, content_type: str) -> Asked:
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() != "application/json":
            return dict(parse_qsl(text))
        fields: Any = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(fields, dict):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}
