"""The Application Management API: a new client secret, and the notifications about it."""

from datetime import datetime, timedelta
from typing import Any

from spshipping import applications as api
from spshipping.sandbox.clock import SandboxClock, write_time
from spshipping.sandbox.notifications import Notifications
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.responses import Response
from spshipping.sandbox.tokens import BOTH_ACCEPTED, Tokens

_VERSION = "2023-11-30"
_LIFETIME = timedelta(days=180)


class Applications:
    """Makes client secrets, and announces them in the queue of the application."""

    def __init__(self, clock: SandboxClock, tokens: Tokens, notifications: Notifications) -> None:
        self._clock = clock
        self._tokens = tokens
        self._notifications = notifications
        self.implementations: Implementations = {api.ROTATE_APPLICATION_CLIENT_SECRET: self.rotate}

    def rotate(self, request: ApiRequest) -> Response:
        """Make a new secret for the client; the old one is accepted for seven more days."""
        client_id, now = request.seller, self._clock.now()
        payload = {
            "clientId": client_id,
            "newClientSecret": self._tokens.rotate_smoothly(client_id),
            "newClientSecretExpiryTime": write_time(now + _LIFETIME),
            "oldClientSecretExpiryTime": write_time(now + timedelta(seconds=BOTH_ACCEPTED)),
        }
        self._send("APPLICATION_OAUTH_CLIENT_NEW_SECRET", "applicationOAuthClientNewSecret", payload, now)
        return Response(204)

    def announce_expiry(self, client_id: str, expires: datetime) -> None:
        """Send the notification that the secret of a client expires."""
        payload = {
            "clientId": client_id,
            "clientSecretExpiryTime": write_time(expires),
            "clientSecretExpiryReason": "PERIODIC_ROTATION",
        }
        kind, name = "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", "applicationOAuthClientSecretExpiry"
        self._send(kind, name, payload, self._clock.now())

    def _send(self, type_: str, name: str, payload: dict[str, Any], now: datetime) -> None:
        self._notifications.send_to_application(type_, _VERSION, {name: payload}, write_time(now))
