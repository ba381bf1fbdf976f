"""Which token a call carries: the seller's, a scope's, or a restricted one."""

import re
from typing import Any

import pytest

from spshipping import (
    AccessDeniedError,
    AuthError,
    Client,
    ConfigurationError,
    Credentials,
    Effect,
    InvalidRequestError,
    Marketplace,
    Operation,
    OutcomeUnknownError,
    PagedOperation,
    Paging,
    Quota,
)
from spshipping.auth.cache import TokenCache
from spshipping.auth.tokens import (
    CREATE_RESTRICTED_DATA_TOKEN,
    CreateRestrictedDataTokenRequest,
    RestrictedMethod,
    RestrictedResource,
)
from spshipping.facade import Api
from spshipping.operation import Parameter
from spshipping.roles import Role
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.wire import text
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials, refusal
from tests.unit.samples import LOOK, Gift, Page

SHIPMENT = Operation(
    "getShipment",
    "GET /shipping/v1/shipments/{shipmentId}",
    returns=dict[str, Any],
    quota=Quota(5, burst=15),
    effect=Effect.NONE,
    restricted=(),
    roles=(Role.DIRECT_TO_CONSUMER_SHIPPING,),
)
ORDERS: PagedOperation[Page, Gift] = PagedOperation(
    "getOrders",
    "GET /orders/v0/orders",
    pages=Paging(
        token="NextToken",
        items_of=lambda page: page.gifts,
        next_of=lambda page: page.pagination.next_token if page.pagination else None,
    ),
    returns=Page,
    quota=Quota(5, burst=15),
    effect=Effect.NONE,
    query=(Parameter("NextToken"),),
    restricted=("buyerInfo", "shippingAddress"),
)
DESTINATIONS = Operation(
    "getDestinations",
    "GET /notifications/v1/destinations",
    returns=dict[str, Any],
    quota=Quota(1, burst=5),
    effect=Effect.NONE,
    scope="sellingpartnerapi::notifications",
)


class Amazon(ScriptedTransport):
    """Mints a new token each time it is asked for one, and remembers what was asked."""

    def __init__(self, *steps: Any, **rest: Any) -> None:
        super().__init__(steps, **rest)
        self.minted: list[Any] = []
        self.grants: list[str] = []

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if request.url.endswith("/restrictedDataToken"):
            self.minted.append((request.url, text.parse(request.body or b"")))
            return answer(200, {"restrictedDataToken": f"Atz.sprdt|{len(self.minted)}", "expiresIn": 3600})
        if request.url.endswith("/auth/o2/token"):
            self.grants.append((request.body or b"").decode())
        return super().exchange(request, limits)

    @property
    def tokens(self) -> list[str]:
        return [request.headers["x-amz-access-token"] for request in self.requests]


def shipment(id_: str) -> Any:
    return SHIPMENT(path={"shipmentId": id_})


def test_a_restricted_call_mints_one_token_for_all_of_its_kind() -> None:
    amazon = Amazon(*[answer(200, {}) for _ in range(3)])
    client = client_of(amazon)
    for id_ in ("1", "2", "3"):
        client.send(shipment(id_))
    assert amazon.tokens == ["Atz.sprdt|1"] * 3
    resource = {"method": "GET", "path": "/shipping/v1/shipments/{shipmentId}"}
    assert [body for _, body in amazon.minted] == [{"restrictedResources": [resource]}]
    assert len(amazon.grants) == 1


@pytest.mark.long
def test_ten_thousand_orders_leave_one_token_in_the_cache() -> None:
    cache = TokenCache(FakeClock())
    amazon = Amazon(*[answer(200, {})] * 10_000)
    client = client_of(amazon, token_cache=cache)
    for id_ in range(10_000):
        client.send(shipment(str(id_)))
    assert len(amazon.minted) == 1
    assert len(cache._entries) == 2


def test_a_token_opens_only_what_it_was_minted_for() -> None:
    amazon = Amazon(*[answer(200, {"gifts": []}) for _ in range(5)])
    client = client_of(amazon)
    for elements in (["buyerInfo"], ["shippingAddress"], ["shippingAddress", "buyerInfo"], ["buyerInfo"]):
        client.send(ORDERS(), pii=elements)
    client.send(ORDERS())
    assert amazon.tokens == ["Atz.sprdt|1", "Atz.sprdt|2", "Atz.sprdt|3", "Atz.sprdt|1", "Atza|1"]
    assert amazon.minted[2][1]["restrictedResources"][0]["dataElements"] == ["buyerInfo", "shippingAddress"]


def test_every_page_asks_for_the_same_personal_data() -> None:
    pages = [answer(200, {"gifts": [], "pagination": {"nextToken": token}}) for token in ("a", "b", None)]
    amazon = Amazon(*pages)
    api = Api(client_of(amazon).context)
    replies = list(api._pages(ORDERS(), pii={"buyerInfo"}))
    assert amazon.tokens == ["Atz.sprdt|1"] * 3
    resumed = replies[0].next_call
    assert resumed is not None
    assert resumed.pii == frozenset({"buyerInfo"})


def test_a_client_may_ask_for_personal_data_by_default_and_never_where_none_is_restricted() -> None:
    amazon = Amazon(answer(200, {"gifts": []}), answer(200, {"giftId": "1"}))
    client = client_of(amazon, pii=("buyerInfo",))
    client.send(ORDERS())
    client.send(LOOK(path={"giftId": "1"}))
    assert amazon.tokens == ["Atz.sprdt|1", "Atza|1"]


def test_what_the_client_asks_for_by_default_is_asked_for_as_far_as_it_is_there() -> None:
    amazon = Amazon(*[answer(200, {"gifts": []}) for _ in range(4)])
    client = client_of(amazon, pii=("buyerInfo", "buyerTaxInformation"))
    client.send(ORDERS())
    client.send(ORDERS(), pii=None)
    client.send(shipment("1"))
    client.send(ORDERS().with_pii(["shippingAddress"]))
    assert amazon.tokens == ["Atz.sprdt|1", "Atza|1", "Atz.sprdt|2", "Atz.sprdt|3"]
    elements = [body["restrictedResources"][0].get("dataElements") for _, body in amazon.minted]
    assert elements == [["buyerInfo"], None, ["shippingAddress"]]
    other = Amazon(answer(200, {"gifts": []}))
    client_of(other, pii=("buyerTaxInformation",)).send(ORDERS())
    assert other.tokens == ["Atza|1"]


def test_a_mint_is_over_when_its_call_must_be() -> None:
    seen: list[Limits] = []

    class Timed(Amazon):
        def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
            seen.append(limits)
            return super().exchange(request, limits)

    client_of(Timed(answer(200, {}))).send(shipment("1"), pii=(), deadline=7.0)
    assert {limits.ends_at for limits in seen} == {1007.0}


def test_an_unknown_data_element_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"no 'byuerInfo' \(it has: buyerInfo,"):
        client_of(Amazon()).send(ORDERS(), pii=["byuerInfo"])
    with pytest.raises(InvalidRequestError, match="it has: none, for the whole answer is personal"):
        client_of(Amazon()).send(shipment("1"), pii=["buyerInfo"])


@pytest.mark.parametrize("pii", [(), [], set(), None])
def test_d5_no_element_asks_for_nothing_where_elements_have_names(pii: Any) -> None:
    amazon = Amazon(*[answer(200, {"gifts": []})] * 2)
    client_of(amazon).send(ORDERS(), pii=pii)
    client_of(amazon, pii=("buyerInfo",)).send(ORDERS(), pii=pii)
    assert {token[:5] for token in amazon.tokens} == {"Atza|"}
    assert amazon.minted == []


@pytest.mark.parametrize("options", [{}, {"pii": None}, {"pii": ()}])
def test_d5_a_call_whose_whole_answer_is_personal_has_a_token_by_itself(options: Any) -> None:
    amazon = Amazon(answer(200, {}))
    client_of(amazon, pii=("buyerInfo",)).send(shipment("1"), **options)
    assert amazon.tokens == ["Atz.sprdt|1"]
    assert "dataElements" not in amazon.minted[0][1]["restrictedResources"][0]


def test_sellers_never_share_a_restricted_token() -> None:
    amazon = Amazon(answer(200, {}), answer(200, {}))
    first = client_of(amazon)
    for client in (first, first.for_seller("Atzr|another")):
        client.send(shipment("1"), pii=())
    assert amazon.tokens == ["Atz.sprdt|1", "Atz.sprdt|2"]


EXPIRED = refusal(403, "Unauthorized", details="The access token you provided has expired.")


def test_an_expired_restricted_token_is_minted_anew_once() -> None:
    amazon = Amazon(EXPIRED, answer(200, {}))
    client_of(amazon).send(shipment("1"), pii=())
    assert amazon.tokens == ["Atz.sprdt|1", "Atz.sprdt|2"]
    assert len(amazon.grants) == 1


def test_a_delegated_token_is_used_for_restricted_calls_and_cannot_be_renewed() -> None:
    amazon = Amazon(answer(200, {}), EXPIRED, answer(200, {"giftId": "1"}))
    client = client_of(amazon, restricted_data_token="Atz.sprdt|lent")
    client.send(shipment("1"), pii=())
    with pytest.raises(AccessDeniedError, match="has expired"):
        client.send(shipment("1"), pii=())
    client.send(LOOK(path={"giftId": "1"}))
    assert amazon.tokens == ["Atz.sprdt|lent", "Atz.sprdt|lent", "Atza|1"]
    assert amazon.minted == []


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({}, "https://sellingpartnerapi-eu.amazon.com"),
        ({"environment": "sandbox"}, "https://sellingpartnerapi-eu.amazon.com"),
        ({"environment": "sandbox", "endpoint": "https://proxy.example.com"}, "https://proxy.example.com"),
    ],
)
def test_amazons_sandbox_takes_restricted_tokens_of_production(options: Any, host: str) -> None:
    amazon = Amazon(answer(200, {}))
    client_of(amazon, **options).send(shipment("1"), pii=())
    assert amazon.minted[0][0] == f"{host}/tokens/2021-03-01/restrictedDataToken"


def test_an_answer_without_a_token_is_an_auth_error() -> None:
    class Empty(Amazon):
        def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
            is_mint = request.url.endswith("/restrictedDataToken")
            return answer(200, {"expiresIn": 3600}) if is_mint else super().exchange(request, limits)

    with pytest.raises(AuthError, match="no Restricted Data Token"):
        client_of(Empty()).send(shipment("1"), pii=())


def test_an_operation_with_a_scope_acts_without_a_seller() -> None:
    amazon = Amazon(answer(200, {}), EXPIRED, answer(200, {}))
    client = client_of(amazon)
    client.send(DESTINATIONS())
    client.send(DESTINATIONS())
    assert amazon.tokens == ["Atza|1", "Atza|1", "Atza|2"]
    assert all("grant_type=client_credentials" in grant for grant in amazon.grants)
    assert all("refresh" not in grant for grant in amazon.grants)


def test_a_bare_refusal_names_the_role_and_the_path() -> None:
    amazon = Amazon(refusal(403, "Unauthorized"), refusal(403, "Unauthorized"), refusal(403, "Unauthorized"))
    client = client_of(amazon)
    with pytest.raises(
        AccessDeniedError, match=re.escape(f"one of the roles: {Role.DIRECT_TO_CONSUMER_SHIPPING}")
    ) as caught:
        client.send(shipment("1"))
    assert "Token was for GET /shipping/v1/shipments/{shipmentId}" in str(caught.value)
    with pytest.raises(AccessDeniedError) as without:
        client.send(ORDERS())
    assert without.value.remedy == "it may need a Restricted Data Token: pass pii="
    with pytest.raises(AccessDeniedError) as other:
        client.send(ORDERS(), pii=["buyerInfo"])
    assert other.value.remedy == "the Restricted Data Token was for GET /orders/v0/orders"


def test_tokens_can_be_minted_by_hand_for_another_application() -> None:
    amazon = Amazon()
    request = CreateRestrictedDataTokenRequest(
        target_application="amzn1.sellerapps.app.other",
        restricted_resources=[
            RestrictedResource(
                method=RestrictedMethod.GET, path="/orders/v0/orders", data_elements=["buyerInfo"]
            )
        ],
    )
    client = client_of(amazon)
    made = client.tokens.create_restricted_data_token(request)
    assert made.restricted_data_token == "Atz.sprdt|1"
    assert "sprdt" not in repr(made)
    assert amazon.minted[0][1]["targetApplication"] == "amzn1.sellerapps.app.other"
    assert client.tokens is client.tokens
    assert client.send(CREATE_RESTRICTED_DATA_TOKEN(body=request)).meta.attempts == 1


def test_one_can_sign_in_without_calling_anything() -> None:
    amazon = Amazon()
    client = client_of(amazon)
    run(client._parts.sign_in(5.0))
    assert len(amazon.grants) == 1


def test_a_lost_purchase_and_a_refused_mint_are_told_apart() -> None:
    once = Operation(
        "act", "GET /act", returns=dict[str, Any], quota=Quota(1, 1), effect=Effect.ONCE, restricted=()
    )
    amazon = Amazon(HttpFailure("cut", was_sent=True))
    with pytest.raises(OutcomeUnknownError):
        client_of(amazon).send(once(), pii=())


def test_a_client_without_a_seller_still_acts_for_itself() -> None:
    amazon = Amazon(answer(200, {}))
    alone = Credentials(credentials().client_id, "secret")
    client = Client(alone, Marketplace.UK, transport=amazon, token_cache=TokenCache())
    client.send(DESTINATIONS())
    with pytest.raises(ConfigurationError, match="REFRESH_TOKEN"):
        client.send(LOOK(path={"giftId": "1"}))
    assert amazon.tokens == ["Atza|1"]
