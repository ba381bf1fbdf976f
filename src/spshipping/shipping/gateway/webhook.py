"""The check of a webhook, by the settings of a shop's page."""

from collections.abc import Mapping

from spshipping.errors import ConfigurationError
from spshipping.settings.shop import WebhookSettings
from spshipping.shipping.webhooks.checks import CheckToken, WebhookAuth, WebhookMode, webhook_auth

_MODES: Mapping[str, WebhookMode] = {
    "header": WebhookMode.API_KEY,
    "query": WebhookMode.QUERY_PARAMETER,
    "basic": WebhookMode.USER_PASSWORD,
    "oauth": WebhookMode.OAUTH,
}


def webhook_check(settings: WebhookSettings, *, check_token: CheckToken | None = None) -> WebhookAuth:
    """Return the check that a `WebhookReceiver` needs.

    Args:
        settings: `connection.shop().webhook`.
        check_token: says whether a token is Amazon's; needed where the mode is `oauth`.

    Raises:
        ConfigurationError: there is no mode, or something that it needs is missing.
    """
    if settings.mode is None:
        raise ConfigurationError("the settings have no webhook_mode: without one, anybody could push")
    return webhook_auth(
        _MODES[settings.mode],
        secret=settings.secret,
        name=settings.header_name,
        user_name=settings.user_name,
        check_token=check_token,
    )
