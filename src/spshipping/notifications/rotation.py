"""The payloads of the two notifications about the application's own client secret.

Source: https://developer-docs.amazon.com/sp-api/docs/application-management-api-v2023-11-30-use-case-guide
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from spshipping.secret import Secret
from spshipping.wire.model import Model, camel

SECRET_EXPIRY = "APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY"  # noqa: S105 - a notification type
NEW_SECRET = "APPLICATION_OAUTH_CLIENT_NEW_SECRET"  # noqa: S105 - a notification type
OF_THE_APPLICATION = (SECRET_EXPIRY, NEW_SECRET)
"""What Amazon sends to the queue that is registered in the developer console, without a subscription."""

_HOLDER = "applicationoauthclientnewsecret"
_FIELD = "newclientsecret"


@camel
class ApplicationOAuthClientSecretExpiry(Model):
    """The client secret expires soon: time to rotate it."""

    client_id: str
    client_secret_expiry_time: datetime
    client_secret_expiry_reason: str
    """`PERIODIC_ROTATION`, say."""


class ApplicationOAuthClientNewSecret(NamedTuple):
    """The client has a new secret. Save it before the message is deleted: Amazon does not send it again."""

    client_id: str
    new_client_secret: Secret
    """Cannot be pickled, and hides in every repr."""
    new_client_secret_expiry_time: datetime | None
    """180 days after it was made."""
    old_client_secret_expiry_time: datetime | None
    """Until when the old secret is accepted too: seven days."""


@camel
class SecretExpiryPayload(Model):
    """What holds the expiry."""

    application_o_auth_client_secret_expiry: ApplicationOAuthClientSecretExpiry


@camel(personal=("new_client_secret",))
class NewSecretFields(Model):
    """The new secret as it arrives, in clear; it leaves this package as a `Secret` only."""

    client_id: str
    new_client_secret: str
    new_client_secret_expiry_time: datetime | None = None
    old_client_secret_expiry_time: datetime | None = None

    def hidden(self) -> ApplicationOAuthClientNewSecret:
        """Return the same with a `Secret`."""
        return ApplicationOAuthClientNewSecret(
            self.client_id,
            Secret(self.new_client_secret),
            self.new_client_secret_expiry_time,
            self.old_client_secret_expiry_time,
        )


@camel
class NewSecretPayload(Model):
    """What holds the new secret."""

    application_o_auth_client_new_secret: NewSecretFields


def without_secret(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload with a `Secret` in place of the text."""
    return {name: _hidden(value) if name.lower() == _HOLDER else value for name, value in payload.items()}


def _hidden(fields: Any) -> dict[str, Any]:
    return {name: Secret(value) if name.lower() == _FIELD else value for name, value in fields.items()}
