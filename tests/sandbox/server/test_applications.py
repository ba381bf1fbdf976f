"""The Application Management API, and what Login with Amazon accepts after it."""

from typing import Any

import pytest
import requests

from spshipping.notifications import parse_notification
from spshipping.sandbox import Sandbox
from spshipping.sandbox.clock import DAY
from tests.sandbox.server.world import Json, refusal

ROTATE = "/applications/2023-11-30/clientSecret"
SCOPE = "sellingpartnerapi::client_credential:rotation"


def sign_in(sandbox: Sandbox, secret: str | None = None, scope: str | None = SCOPE) -> requests.Response:
    form = {**sandbox.credentials, "grant_type": "client_credentials" if scope else "refresh_token"}
    if secret:
        form["client_secret"] = secret
    return requests.post(sandbox.token_url, data={**form, "scope": scope} if scope else form, timeout=5)


def rotate(sandbox: Sandbox, scope: str | None = SCOPE) -> requests.Response:
    token = sign_in(sandbox, sandbox.tokens.secret_of(sandbox.credentials["client_id"]), scope)
    headers = {"x-amz-access-token": token.json()["access_token"]}
    return requests.post(sandbox.url + ROTATE, headers=headers, timeout=5)


def new_secret(sandbox: Sandbox) -> str:
    found = parse_notification(sandbox.notifications()[-1]).client_new_secret
    assert found is not None
    assert found.client_id == sandbox.credentials["client_id"]
    assert found.old_client_secret_expiry_time is not None
    assert found.new_client_secret_expiry_time is not None
    kept = found.old_client_secret_expiry_time - sandbox.clock.now()
    lasts = found.new_client_secret_expiry_time - sandbox.clock.now()
    assert (round(kept.total_seconds() / DAY), round(lasts.total_seconds() / DAY)) == (7, 180)
    return found.new_client_secret.reveal()


def test_both_secrets_are_accepted_for_seven_days() -> None:
    with Sandbox() as sandbox:
        answer = rotate(sandbox)
        assert (answer.status_code, answer.content) == (204, b"")
        new = new_secret(sandbox)
        assert [sign_in(sandbox, secret).status_code for secret in (None, new)] == [200, 200]
        sandbox.clock.advance(7 * DAY - 60)
        assert sign_in(sandbox).status_code == 200
        sandbox.clock.advance(120)
        assert [sign_in(sandbox, secret).status_code for secret in (None, new)] == [401, 200]


def test_a_second_rotation_does_not_end_the_first_secret_earlier_or_later() -> None:
    with Sandbox() as sandbox:
        rotate(sandbox)
        first = new_secret(sandbox)
        sandbox.clock.advance(6 * DAY)
        rotate(sandbox)
        second = new_secret(sandbox)
        assert [sign_in(sandbox, secret).status_code for secret in (None, first, second)] == [200] * 3
        sandbox.clock.advance(2 * DAY)
        assert [sign_in(sandbox, secret).status_code for secret in (None, first, second)] == [401, 200, 200]
        replaced = sandbox.rotate_secret(sandbox.credentials["client_id"])
        assert [sign_in(sandbox, one).status_code for one in (first, second, replaced)] == [401, 401, 200]


@pytest.mark.parametrize("scope", [None, "sellingpartnerapi::notifications"])
def test_another_token_does_not_rotate(scope: str | None) -> None:
    with Sandbox() as sandbox:
        answer = rotate(sandbox, scope)
        assert (answer.status_code, refusal(answer)[1]) == (403, "Unauthorized")
        assert sandbox.notifications() == []


def test_once_a_minute() -> None:
    with Sandbox() as sandbox:
        assert [rotate(sandbox).status_code for _ in range(2)] == [204, 429]
        sandbox.clock.advance(60)
        assert rotate(sandbox).status_code == 204


def test_every_notification_is_handed_over_when_it_is_sent() -> None:
    handed: list[Json] = []
    with Sandbox(on_notification=handed.append) as sandbox:
        sandbox.announce_secret_expiry(days=3)
        rotate(sandbox)
        assert handed == sandbox.notifications() == sandbox.notifications(casing="camel")
        kinds: list[Any] = [one["notificationType"] for one in handed]
        assert kinds == ["APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", "APPLICATION_OAUTH_CLIENT_NEW_SECRET"]
        expiry = parse_notification(handed[0]).client_secret_expiry
        assert expiry is not None
        left = expiry.client_secret_expiry_time - sandbox.clock.now()
        assert (expiry.client_id, round(left.total_seconds() / DAY)) == (
            sandbox.credentials["client_id"],
            3,
        )
        assert [parse_notification(one).deviations for one in handed] == [(), ()]
