"""Only what is authentic is read, in each of the four ways; and no webhook is open to everybody."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from spshipping import ConfigurationError, Secret
from spshipping.journal import MemoryJournal
from spshipping.shipping.webhooks import (
    ApiKey,
    OAuth,
    QueryParameter,
    UserPassword,
    WebhookAuth,
    WebhookMode,
    WebhookReceiver,
    webhook_auth,
)
from tests.unit.shipping.webhooks.build import posted
from tests.webhooks.conftest import HEADERS, SECRET, Shop, basic


def accept(token: Secret) -> bool:
    return token == Secret(SECRET)


async def accept_later(token: Secret) -> bool:
    return accept(token)


MODES: list[tuple[WebhookAuth, dict[str, str], str]] = [
    (ApiKey(SECRET), HEADERS, ""),
    (ApiKey(Secret(SECRET), header="X-Shop"), {"X-SHOP": SECRET}, ""),
    (QueryParameter(SECRET, name="token"), {}, "a=1&token=qZwebhookQuoll%2B91"),
    (UserPassword("amazon", SECRET), basic("amazon", SECRET), ""),
    (UserPassword("Jürgen", "pass:wörd"), basic("Jürgen", "pass:wörd"), ""),
    (OAuth(accept), {"authorization": f"bearer {SECRET}"}, ""),
]


@pytest.mark.parametrize(("auth", "headers", "query"), MODES)
def test_each_mode_lets_in_what_knows_the_secret(
    shop: Shop, auth: WebhookAuth, headers: dict[str, str], query: str
) -> None:
    shop.auth = auth
    assert shop.post(posted(), headers, query).status == 200
    shop.deliver_pending()
    assert len(shop.delivered) == 1


WRONG: list[tuple[dict[str, str], str]] = [
    ({}, ""),
    ({"x-api-key": ""}, "token="),
    ({"x-api-key": SECRET[:-1], "x-shop": f"{SECRET}x"}, f"token={SECRET[:-1]}"),
    ({"x-api-key": SECRET.upper(), "x-shop": SECRET.lower()}, "token"),
    ({"authorization": SECRET}, "Token=qZwebhookQuoll%2B91"),
    ({"authorization": f"Basic {SECRET}"}, "&".join(["token=qZwebhookQuoll%2B91"] * 2)),
    ({"authorization": "Basic ÿÿ"}, "&".join(["token=qZwebhookQuoll%2B91"] * 200)),
    ({"authorization": f"Basic {base64.b64encode(b'amazon').decode()}"}, ""),
    ({"authorization": f"Basic {base64.b64encode(bytes(range(128, 256))).decode()}"}, ""),
    (basic("amazon", "no"), ""),
    (basic("", SECRET), ""),
    ({"authorization": "Bearer"}, ""),
    ({"authorization": "Bearer  "}, ""),
    ({"authorization": f"Bearer {SECRET}x"}, ""),
    ({"authorization": f"Digest {SECRET}"}, ""),
]


@pytest.mark.parametrize(("headers", "query"), WRONG)
@pytest.mark.parametrize("auth", [mode[0] for mode in MODES])
def test_nothing_else_is_let_in_and_nothing_is_written(
    auth: WebhookAuth, headers: dict[str, str], query: str
) -> None:
    shop = Shop("threads")
    shop.auth = auth
    answer = shop.post(posted(), headers, query)
    assert answer.status == 401
    assert answer.headers.get("WWW-Authenticate") == auth.challenge
    assert shop.log.claim(1) is None
    shop.close()


def test_a_header_that_is_there_twice_does_not_count() -> None:
    shop = Shop("threads")
    headers = Headers([("X-Api-Key", SECRET), ("X-Api-Key", "other")])
    assert shop.receiver.handle("POST", headers, b"", posted()).status == 401
    assert shop.receiver.handle("post", Headers([("X-Api-Key", SECRET)]), {}, posted()).status == 200
    shop.auth = QueryParameter(SECRET, name="token")
    assert shop.receiver.handle("POST", {}, {"token": SECRET}, posted()).status == 200
    assert shop.receiver.handle("POST", {}, b"token=qZwebhookQuoll%2B91", posted()).status == 200
    shop.close()


@pytest.mark.parametrize("verdict", [False, None, 1, "yes", {"sub": "amazon"}])
def test_only_true_is_a_yes_to_a_token(shop: Shop, verdict: Any) -> None:
    shop.auth = OAuth(lambda token: verdict)
    assert shop.post(posted(), {"authorization": f"Bearer {SECRET}"}).status == 401


def test_a_coroutine_function_may_check_a_token_under_asyncio(shop: Shop) -> None:
    shop.auth = OAuth(accept_later)
    expected = {"threads": 503, "asyncio": 200}[shop.way]
    assert shop.post(posted(), {"authorization": f"Bearer {SECRET}"}).status == expected


def test_a_token_that_cannot_be_checked_is_to_come_again(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    def check(token: Secret) -> bool:
        raise OSError(f"no answer about {token.reveal()}")

    shop.auth = OAuth(check)
    answer = shop.post(posted(), {"authorization": f"Bearer {SECRET}"})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert "the check of authenticity failed: OSError" in caplog.text
    assert SECRET not in caplog.text


EMPTY: list[Callable[[], Any]] = [
    lambda: ApiKey(""),
    lambda: ApiKey("  "),
    lambda: ApiKey(Secret("")),
    lambda: QueryParameter("", name="token"),
    lambda: UserPassword("amazon", ""),
    lambda: UserPassword("", SECRET),
    lambda: UserPassword(" ", SECRET),
    lambda: webhook_auth("api_key"),
    lambda: webhook_auth("query_parameter", name="token"),
    lambda: webhook_auth("user_password", secret=SECRET),
    lambda: webhook_auth("oauth"),
    lambda: WebhookReceiver(MemoryJournal().events(), None),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("make", EMPTY)
def test_a_webhook_without_a_secret_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(ConfigurationError):
        make()


def receiver_with(**options: Any) -> WebhookReceiver:
    return WebhookReceiver(MemoryJournal().events(), ApiKey(SECRET), **options)


ODD: list[tuple[Callable[[], Any], str]] = [
    (lambda: ApiKey("kéy"), "visible ASCII"),
    (lambda: ApiKey("key\n"), "visible ASCII"),
    (lambda: ApiKey(SECRET, header="two words"), "name of its header"),
    (lambda: QueryParameter(SECRET, name=""), "name of its query parameter"),
    (lambda: UserPassword("a:b", SECRET), "has a colon"),
    (lambda: webhook_auth("signature", secret=SECRET), "api_key, query_parameter, user_password, oauth"),
    (lambda: WebhookReceiver(None, ApiKey(SECRET)), "needs a log"),  # type: ignore[arg-type]
    (lambda: WebhookReceiver(MemoryJournal().events(), ApiKey(SECRET), most_bytes=0), "at least one byte"),
    (lambda: receiver_with(most_bytes="5"), "at least one byte"),
    (lambda: receiver_with(is_enabled="false"), "True, False or a function: is_enabled"),
    (lambda: receiver_with(is_enabled=None), "True, False or a function: is_enabled"),
    (lambda: receiver_with(is_enable=False), "no option is_enable; its options are is_enabled, most_bytes"),
]


@pytest.mark.parametrize(("make", "problem"), ODD)
def test_what_could_never_work_is_refused(make: Callable[[], Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        make()
    assert SECRET not in str(caught.value)


def test_a_mode_of_settings_makes_a_check(shop: Shop) -> None:
    token = {"authorization": f"Bearer {SECRET}"}
    for auth, headers, query in (
        (webhook_auth("api_key", secret=SECRET), HEADERS, ""),
        (webhook_auth(WebhookMode.API_KEY, secret=SECRET, name="X-Shop"), {"x-shop": SECRET}, ""),
        (webhook_auth("query_parameter", secret="s", name="token"), {}, "token=s"),
        (webhook_auth("user_password", secret=SECRET, user_name="amazon"), basic("amazon", SECRET), ""),
        (webhook_auth("oauth", check_token=accept), token, ""),
    ):
        shop.auth = auth
        assert shop.post(posted(), headers, query).status == 200
