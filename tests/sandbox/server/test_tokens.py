"""Login with Amazon, as the sandbox plays it."""

import json
from typing import Any

import pytest
import requests

from spshipping.sandbox import Account, Sandbox
from tests.sandbox.server.world import Shop, refusal


def ask(sandbox: Sandbox, **changes: Any) -> requests.Response:
    fields = {"grant_type": "refresh_token", **sandbox.credentials, **changes}
    return requests.post(
        sandbox.token_url, data={k: v for k, v in fields.items() if v is not None}, timeout=5
    )


def test_a_token_lasts_an_hour_and_the_refresh_token_comes_back_unchanged(sandbox: Sandbox) -> None:
    answer = ask(sandbox)
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("access_token").startswith("Atza|")
    assert body == {"refresh_token": "Atzr|sandbox", "token_type": "bearer", "expires_in": 3600}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["x-amzn-RequestId"]


def test_a_request_may_be_json_too(sandbox: Sandbox) -> None:
    answer = requests.post(
        sandbox.token_url, json={"grant_type": "refresh_token", **sandbox.credentials}, timeout=5
    )
    assert answer.status_code == 200
    assert sandbox.ledger.token_requests()[0].content_type == "application/json"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": None}, 400, "invalid_request"),
        ({"refresh_token": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_id": "amzn1.application-oa2-client.other"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|unknown"}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_request_is_refused_in_the_form_of_oauth(
    sandbox: Sandbox, changes: dict[str, Any], status: int, error: str
) -> None:
    answer = ask(sandbox, **changes)
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "error_description", "request_id"}
    assert answer.json()["error"] == error


def test_a_revoked_grant_is_refused_in_amazons_words(sandbox: Sandbox) -> None:
    assert ask(sandbox, refresh_token="Atzr|gone").json()["error_description"] == (
        "The request has an invalid grant parameter : refresh_token. "
        "User may have revoked or didn't grant the permission."
    )


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", json.dumps({"grant_type": 1}).encode()])
def test_a_body_that_cannot_be_read_is_an_invalid_request(sandbox: Sandbox, body: bytes) -> None:
    answer = requests.post(
        sandbox.token_url, data=body, headers={"Content-Type": "application/json"}, timeout=5
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_another_clients_refresh_token_is_no_grant() -> None:
    account = Account("Atzr|b", "amzn1.application-oa2-client.b", "secret-b")
    with Sandbox(accounts=[account]) as sandbox:
        assert ask(sandbox, **account._asdict()).status_code == 200
        assert ask(sandbox, refresh_token="Atzr|b").json()["error"] == "invalid_grant"


def test_a_seller_added_later_is_another_seller(sandbox: Sandbox) -> None:
    account = sandbox.add_seller("Atzr|late")
    assert account.client_id == sandbox.credentials["client_id"]
    assert ask(sandbox, refresh_token="Atzr|late").status_code == 200
    assert ask(sandbox).status_code == 200
    late, usual = sandbox.ledger.token_requests()
    assert late.seller == account.seller != usual.seller


def test_a_rotated_secret_makes_the_old_one_worthless(sandbox: Sandbox) -> None:
    sandbox.add_seller("Atzr|sandbox", client_secret="new")
    assert ask(sandbox).status_code == 401
    assert ask(sandbox, client_secret="new").status_code == 200


@pytest.mark.parametrize(
    ("token", "details"),
    [
        (None, "Access token is missing in the request header."),
        ("Atza|made-up", "The access token you provided is revoked, malformed or invalid."),
    ],
)
def test_without_a_good_token_access_is_denied_without_a_request_id(
    sandbox: Sandbox, token: str | None, details: str
) -> None:
    headers = {"x-amz-access-token": token} if token else {}
    answer = requests.post(f"{sandbox.url}/shipping/v2/shipments/rates", json={}, headers=headers, timeout=5)
    text = f"Access to requested resource is denied. {details}"
    assert refusal(answer) == (403, "Unauthorized", text)
    assert not {name.lower() for name in answer.headers} & {"x-amzn-requestid", "x-amzn-ratelimit-limit"}


def test_a_token_expires_on_sandbox_time(shop: Shop) -> None:
    shop.sandbox.clock.advance(3590)
    assert shop.rates().status_code == 200
    shop.sandbox.clock.advance(10)
    status, code, text = refusal(shop.rates())
    assert (status, code) == (403, "Unauthorized")
    assert text.endswith("The access token you provided has expired.")


def test_a_revoked_token_is_refused_and_the_refresh_token_stays_good(shop: Shop) -> None:
    shop.sandbox.revoke_tokens()
    assert refusal(shop.rates())[2].endswith("revoked, malformed or invalid.")
    assert ask(shop.sandbox).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/shipping/v2/nothing"),
        ("DELETE", "/shipping/v2/shipments"),
        ("GET", "/auth/o2/token"),
        ("GET", "/shipping//v2/tracking"),
    ],
)
def test_a_path_that_is_no_operations_is_denied_with_empty_details(
    shop: Shop, method: str, path: str
) -> None:
    answer = shop.session.request(method, shop.sandbox.url + path)
    assert refusal(answer) == (403, "Unauthorized", "Access to requested resource is denied. ")
    assert shop.sandbox.ledger.count("unknown", 403) == 1
