"""A webhook is checked as the shop's page says."""

from typing import Any

import pytest

from spshipping import ConfigurationError, Secret
from spshipping.journal import MemoryJournal
from spshipping.shipping.gateway import webhook_check
from spshipping.shipping.webhooks import WebhookReceiver
from tests.gateway.conftest import shop

BODY = b'{"id": "1", "detail-type": "Tracking Detail", "detail": {}}'
BASIC = "Basic aG9vazp3b3Jk"
"""Of the user `hook` and the password `word`."""


def status(page: dict[str, Any], headers: dict[str, str], query: str = "", **options: Any) -> int:
    webhook = shop(WebhookEnabled=True, **page).webhook
    receiver = WebhookReceiver(MemoryJournal().events(), webhook_check(webhook, **options))
    return receiver.handle("POST", headers, query, BODY).status


@pytest.mark.parametrize(
    ("page", "headers", "query"),
    [
        ({"WebhookMode": "header"}, {"X-API-KEY": "word"}, ""),
        ({"WebhookMode": "header", "WebhookHeaderName": "X-Shop"}, {"X-Shop": "word"}, ""),
        ({"WebhookMode": "query", "WebhookHeaderName": "key"}, {}, "key=word"),
        ({"WebhookMode": "basic", "WebhookUserName": "hook"}, {"Authorization": BASIC}, ""),
    ],
)
def test_what_the_page_agreed_with_amazon_is_accepted_and_nothing_else(
    page: dict[str, Any], headers: dict[str, str], query: str
) -> None:
    assert status({**page, "WebhookSecret": "word"}, headers, query) == 200
    assert status({**page, "WebhookSecret": "other"}, headers, query) == 401
    assert status({**page, "WebhookSecret": "word"}, {}) == 401


def test_a_token_is_checked_by_a_function_of_yours() -> None:
    seen: list[Secret] = []

    def is_amazons(token: Secret) -> bool:
        seen.append(token)
        return token == Secret("t1")

    page, bearer = {"WebhookMode": "oauth"}, {"Authorization": "Bearer t1"}
    assert status(page, bearer, check_token=is_amazons) == 200
    assert status(page, {"Authorization": "Bearer t2"}, check_token=is_amazons) == 401
    assert seen == [Secret("t1"), Secret("t2")]
    with pytest.raises(ConfigurationError, match="needs a function"):
        status(page, bearer)


def test_without_a_mode_there_is_no_check() -> None:
    with pytest.raises(ConfigurationError, match="have no webhook_mode"):
        webhook_check(shop().webhook)
