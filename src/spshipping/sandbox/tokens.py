"""Login with Amazon: who is known, and which access tokens are good."""

import hashlib
import json
import secrets
import threading
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import uuid4

from spshipping.sandbox.answers import Answer, RefusedError, as_json, error
from spshipping.sandbox.clock import SandboxClock

LIFETIME = 3600
"""Seconds that an access token is good for."""


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


class Tokens:
    """The accounts that the sandbox knows, and the access tokens that it gave."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}
        self._secrets: dict[str, str] = {}
        self._given: dict[str, tuple[str, float]] = {}

    def add(self, account: Account) -> None:
        """Make an account known; a new secret for a known client replaces the old one."""
        with self._lock:
            self._accounts[account.refresh_token] = account
            self._secrets[account.client_id] = account.client_secret

    def revoke(self) -> None:
        """Make every access token worthless; the refresh tokens stay good."""
        with self._lock:
            self._given.clear()

    def grant(self, body: bytes, content_type: str) -> Grant:
        """Answer a request for an access token."""
        asked = _fields(body, content_type)
        grant_type, client_id = asked.get("grant_type"), asked.get("client_id")
        seller = None
        if grant_type is None:
            answer = _missing("grant_type")
        elif grant_type != "refresh_token":
            answer = oauth_error(
                400,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server",
            )
        elif client_id is None or self._secrets.get(client_id) != asked.get("client_secret"):
            answer = oauth_error(401, "invalid_client", "Client authentication failed")
        elif "refresh_token" not in asked:
            answer = _missing("refresh_token")
        else:
            answer, seller = self._refresh(asked["refresh_token"], client_id)
        return Grant(answer.with_headers(_headers()), grant_type, client_id, seller)

    def _refresh(self, refresh_token: str, client_id: str) -> tuple[Answer, str | None]:
        account = self._accounts.get(refresh_token)
        if account is None or account.client_id != client_id:
            description = (
                "The request has an invalid grant parameter : refresh_token. "
                "User may have revoked or didn't grant the permission."
            )
            return oauth_error(400, "invalid_grant", description), None
        token = "Atza|" + secrets.token_urlsafe(48)
        with self._lock:
            self._given[token] = (account.seller, self._clock.monotonic() + LIFETIME)
        body = {
            "access_token": token,
            "refresh_token": refresh_token,
            "token_type": "bearer",
            "expires_in": LIFETIME,
        }
        return Answer(200, as_json(body)), account.seller

    def seller_of(self, token: str | None) -> str:
        """Return whose access token this is.

        Raises:
            RefusedError: there is none, it is unknown, or it has expired.
        """
        if not token:
            raise RefusedError(denied("Access token is missing in the request header."))
        seller, expires = self._given.get(token, ("", 0.0))
        if not seller:
            raise RefusedError(denied("The access token you provided is revoked, malformed or invalid."))
        if self._clock.monotonic() >= expires:
            raise RefusedError(EXPIRED)
        return seller


def denied(details: str) -> Answer:
    """Answer 403: no access, and *details* say why, or are empty."""
    return error(403, "Unauthorized", "Access to requested resource is denied.", details)


EXPIRED = denied("The access token you provided has expired.")


def _missing(name: str) -> Answer:
    return oauth_error(400, "invalid_request", f"The request is missing a required parameter : {name}")


def _headers() -> dict[str, str]:
    return {"Cache-Control": "no-store", "Pragma": "no-cache", "x-amzn-RequestId": str(uuid4())}


def _fields(body: bytes, content_type: str) -> dict[str, str]:
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
