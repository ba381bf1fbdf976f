"""The grants without a seller and after a consent, Basic authentication, and rotated secrets."""

from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import requests

from spshipping.operation import Effect, Operation, Quota
from spshipping.sandbox import Sandbox
from tests.sandbox.server.world import Shop, refusal

NOTIFICATIONS = "sellingpartnerapi::notifications"
ROTATION = "sellingpartnerapi::client_credential:rotation"
BACK = "https://app.example/back?lang=en"
GET_DESTINATIONS = Operation(
    name="getDestinations",
    route="GET /notifications/v1/destinations",
    returns=dict[str, Any],
    quota=Quota(1, burst=1),
    effect=Effect.NONE,
    scope=NOTIFICATIONS,
)


def ask(sandbox: Sandbox, grant_type: str, **fields: Any) -> requests.Response:
    client = {name: sandbox.credentials[name] for name in ("client_id", "client_secret")}
    return requests.post(sandbox.token_url, data={"grant_type": grant_type, **client, **fields}, timeout=5)


def consent(sandbox: Sandbox, **changes: Any) -> requests.Response:
    query = {"application_id": sandbox.application_id, "state": "s&t=1", "redirect_uri": BACK, **changes}
    return requests.get(sandbox.consent_url, params=query, allow_redirects=False, timeout=5)


def returned(sandbox: Sandbox) -> dict[str, str]:
    answer = consent(sandbox)
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def call(sandbox: Sandbox, token: str, path: str) -> requests.Response:
    return requests.get(sandbox.url + path, headers={"x-amz-access-token": token}, timeout=5)


def test_a_token_without_a_seller_has_a_scope_and_no_refresh_token(sandbox: Sandbox) -> None:
    body = ask(sandbox, "client_credentials", scope=NOTIFICATIONS).json()
    assert body.pop("access_token").startswith("Atc|")
    assert body == {"scope": NOTIFICATIONS, "token_type": "bearer", "expires_in": 3600}
    (seen,) = sandbox.ledger.token_requests()
    assert (seen.grant_type, seen.seller, seen.status) == ("client_credentials", None, 200)


def test_several_scopes_are_separated_by_spaces(sandbox: Sandbox) -> None:
    scope = f"{NOTIFICATIONS} {ROTATION} sellingpartnerapi::migration"
    assert ask(sandbox, "client_credentials", scope=scope).json()["scope"] == scope


@pytest.mark.parametrize("scope", [" ", "profile", f"{NOTIFICATIONS} profile"])
def test_an_unknown_scope_is_refused(sandbox: Sandbox, scope: str) -> None:
    answer = ask(sandbox, "client_credentials", scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_an_operation_without_a_seller_wants_a_token_of_its_scope(sandbox: Sandbox, shop: Shop) -> None:
    sandbox.add_operation(GET_DESTINATIONS, {"payload": []})
    right = ask(sandbox, "client_credentials", scope=NOTIFICATIONS).json()["access_token"]
    wrong = ask(sandbox, "client_credentials", scope=ROTATION).json()["access_token"]
    path = "/notifications/v1/destinations"
    assert call(sandbox, right, path).json() == {"payload": []}
    assert call(sandbox, right, path).status_code == 429
    denied = (403, "Unauthorized", "Access to requested resource is denied. ")
    assert refusal(call(sandbox, wrong, path)) == denied
    assert refusal(shop.session.get(sandbox.url + path)) == denied
    assert refusal(call(sandbox, right, "/sellers/v1/marketplaceParticipations")) == denied
    seen = sandbox.ledger.requests()
    assert [one.token for one in seen] == ["grantless", "grantless", "grantless", "lwa", "grantless"]
    assert [bool(one.seller) for one in seen] == [False, False, False, True, False]


def test_a_consent_becomes_a_refresh_token_of_the_seller_who_gave_it(sandbox: Sandbox) -> None:
    back = returned(sandbox)
    assert back["state"] == "s&t=1"
    assert back["lang"] == "en"
    answer = ask(sandbox, "authorization_code", code=back["spapi_oauth_code"], redirect_uri=BACK)
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert ask(sandbox, "refresh_token", refresh_token=body["refresh_token"]).status_code == 200
    participations = call(sandbox, body["access_token"], "/sellers/v1/marketplaceParticipations")
    assert participations.json()["payload"][0]["storeName"] == f"Shop of {back['selling_partner_id']}"
    assert {seen.seller for seen in sandbox.ledger.token_requests()} == {back["selling_partner_id"]}


def test_every_consent_is_another_sellers(sandbox: Sandbox) -> None:
    assert returned(sandbox)["selling_partner_id"] != returned(sandbox)["selling_partner_id"]


def test_a_code_works_once(sandbox: Sandbox) -> None:
    form = {"code": returned(sandbox)["spapi_oauth_code"], "redirect_uri": BACK}
    assert ask(sandbox, "authorization_code", **form).status_code == 200
    again = ask(sandbox, "authorization_code", **form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert "invalid grant parameter : code." in again.json()["error_description"]


def test_a_code_lives_five_minutes_of_sandbox_time(sandbox: Sandbox) -> None:
    late, later = returned(sandbox)["spapi_oauth_code"], returned(sandbox)["spapi_oauth_code"]
    sandbox.clock.advance(290)
    assert ask(sandbox, "authorization_code", code=late, redirect_uri=BACK).status_code == 200
    sandbox.clock.advance(10)
    answer = ask(sandbox, "authorization_code", code=later, redirect_uri=BACK)
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_client_and_its_address(sandbox: Sandbox) -> None:
    sandbox.add_seller("Atzr|b", "amzn1.application-oa2-client.b", "secret-b")
    code = returned(sandbox)["spapi_oauth_code"]
    client = {"client_id": "amzn1.application-oa2-client.b", "client_secret": "secret-b"}
    for changes in ({"redirect_uri": "https://app.example/other"}, {"redirect_uri": BACK, **client}):
        answer = ask(sandbox, "authorization_code", code=code, **changes)
        assert answer.json()["error"] == "invalid_grant"
    missing = ask(sandbox, "authorization_code", code=code).json()
    assert (missing["error"], missing["error_description"][-12:]) == ("invalid_request", "redirect_uri")
    assert ask(sandbox, "authorization_code", code=code, redirect_uri=BACK).status_code == 200


def test_a_draft_may_ask_on_loopback(sandbox: Sandbox) -> None:
    answer = consent(sandbox, version="beta", redirect_uri="http://127.0.0.1:9/done")
    assert answer.headers["Location"].startswith("http://127.0.0.1:9/done?state=")


@pytest.mark.parametrize(
    "changes",
    [
        {"application_id": None},
        {"application_id": "amzn1.sellerapps.app.other"},
        {"application_id": "amzn1.application-oa2-client.sandbox"},
        {"application_id": "sandbox"},
        {"state": None},
        {"redirect_uri": None},
        {"redirect_uri": "/back"},
        {"redirect_uri": "ftp://app.example/back"},
        {"redirect_uri": "https://app.example/back#top"},
        {"redirect_uri": "https://app.example/a b"},
        {"redirect_uri": "https://app.example/\r\nX: y"},
        {"redirect_uri": "https://[app.example/back"},
    ],
)
def test_a_consent_that_asks_wrongly_goes_nowhere(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    answer = consent(sandbox, **changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_the_consent_page_is_read_only(sandbox: Sandbox) -> None:
    assert requests.post(sandbox.consent_url, timeout=5).status_code == 403


def test_a_client_may_show_itself_in_a_basic_header(sandbox: Sandbox) -> None:
    sandbox.add_seller("Atzr|b", "client:with%signs", "a+b/c")
    pair = f"{quote('client:with%signs', safe='')}:{quote('a+b/c', safe='')}"
    headers = {"Authorization": "basic " + b64encode(pair.encode()).decode()}
    form = {"grant_type": "refresh_token", "refresh_token": "Atzr|b"}
    assert requests.post(sandbox.token_url, data=form, headers=headers, timeout=5).status_code == 200
    assert sandbox.ledger.token_requests()[0].client_id == "client:with%signs"


@pytest.mark.parametrize("text", ["", "!", "/w==", b64encode(b"nobody").decode()])
def test_a_basic_header_that_cannot_be_read_is_nobodys(sandbox: Sandbox, text: str) -> None:
    answer = requests.post(
        sandbox.token_url,
        data={"grant_type": "refresh_token", **sandbox.credentials},
        headers={"Authorization": f"Basic {text}"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_after_a_rotation_only_the_new_secret_is_good(sandbox: Sandbox, shop: Shop) -> None:
    client_id, refresh_token = sandbox.credentials["client_id"], "Atzr|sandbox"
    new = sandbox.rotate_secret(client_id)
    old = ask(sandbox, "refresh_token", refresh_token=refresh_token)
    assert (old.status_code, old.json()["error"]) == (401, "invalid_client")
    assert sandbox.add_seller("Atzr|late").client_secret == new
    answer = ask(sandbox, "refresh_token", refresh_token=refresh_token, client_secret=new)
    assert answer.status_code == 200
    assert shop.rates().status_code == 200


def test_only_a_known_client_has_a_secret_to_rotate(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="has no client 'x'"):
        sandbox.rotate_secret("x")
