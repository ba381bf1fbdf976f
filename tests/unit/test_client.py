import pickle
import traceback
from typing import Any

import pytest

from spshipping import Client, ConfigurationError, Credentials, Marketplace, Region, Secret, ShippingBusiness
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.cache import TokenCache, process_tokens
from spshipping.client import ClientOptions
from spshipping.regions import BUSINESS_HEADER
from spshipping.transport.http import HttpFailure
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials
from tests.unit.samples import BUY, LOOK, Gift, Wish

ENV = {
    "SPSHIPPING_CLIENT_ID": "amzn1.application-oa2-client.c0ffee",
    "SPSHIPPING_CLIENT_SECRET": "secret",
    "SPSHIPPING_REFRESH_TOKEN": "Atzr|x",
    "SPSHIPPING_MARKETPLACE": "UK",
}
KEYS = AwsCredentials("AKIA1", Secret("lasting"))
GOOD = answer(200, {"giftId": "1"})
CALL = LOOK(path={"giftId": "1"})


def url_of(client: Client, transport: ScriptedTransport) -> str:
    client.send(CALL)
    return transport.requests[-1].url.removesuffix("/gifts/1")


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({}, "https://sellingpartnerapi-eu.amazon.com"),
        ({"environment": "sandbox"}, "https://sandbox.sellingpartnerapi-eu.amazon.com"),
        ({"endpoint": "https://proxy.example.com/"}, "https://proxy.example.com"),
        ({"endpoint": "http://127.0.0.1:8462"}, "http://127.0.0.1:8462"),
        ({"endpoint": "http://[::1]:8462"}, "http://[::1]:8462"),
        ({"endpoint": "http://sandbox.lan", "allow_http": True}, "http://sandbox.lan"),
    ],
)
def test_calls_go_where_the_options_say(options: ClientOptions, url: str) -> None:
    transport = ScriptedTransport([GOOD])
    assert url_of(client_of(transport, **options), transport) == url


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"environment": "live"}, "use production or sandbox"),
        (
            {"endpoint": "http://example.com"},
            "is plain http, which is accepted for this machine only, unless allow_http=True",
        ),
        (
            {"token_url": "http://example.com"},
            "is plain http, which is accepted for this machine only, unless allow_http=True",
        ),
        ({"endpoint": "ftp://example.com"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "https://user:pass@example.com"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "https://example.com?x=1"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "example.com"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "https://exa mple.com"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "https://example.com:0"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "https://example.com:99999"}, "endpoint= is not https:// and a host"),
        ({"endpoint": "https://[::1"}, "endpoint= is not https:// and a host"),
        ({"ca_bundle": "x", "transport": ScriptedTransport()}, "ca_bundle= is for the usual transport"),
        ({"region": Region.NA}, "marketplace UK is in region EU"),
        ({"application": "x\ny"}, "application="),
        ({"timeuot": 5}, "Client has no option 'timeuot'"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(options: Any, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        client_of(ScriptedTransport(), **options)
    assert text in str(caught.value)
    assert "pass@" not in str(caught.value)


def test_an_id_that_is_not_listed_needs_its_region() -> None:
    transport = ScriptedTransport([GOOD])
    options: ClientOptions = {
        "transport": transport,
        "marketplace_id": "A0NEW",
        "region": Region.FE,
        "shipping_business": ShippingBusiness("AmazonShipping_NEW"),
        "token_cache": TokenCache(),
    }
    client = Client(credentials(), **options)
    client.send(CALL)
    assert transport.requests[0].headers[BUSINESS_HEADER] == "AmazonShipping_NEW"
    assert transport.requests[0].url.startswith("https://sellingpartnerapi-fe.amazon.com/")
    assert repr(client) == "<Client FE at sellingpartnerapi-fe.amazon.com>"
    incomplete: list[ClientOptions] = [{"marketplace_id": "A0NEW"}, {"region": Region.FE}, {}]
    for wrong in incomplete:
        with pytest.raises(ConfigurationError, match="SPSHIPPING_MARKETPLACE"):
            Client(credentials(), **wrong)


def test_the_shipping_business_follows_from_the_marketplace_unless_given() -> None:
    transport = ScriptedTransport([GOOD] * 3)
    client = client_of(transport)
    client.send(CALL)
    client.send(LOOK(path={"giftId": "1"}, headers={BUSINESS_HEADER: ShippingBusiness.FR}))
    client.with_options(shipping_business=ShippingBusiness.IT).send(CALL)
    assert [request.headers[BUSINESS_HEADER] for request in transport.requests] == [
        "AmazonShipping_UK",
        "AmazonShipping_FR",
        "AmazonShipping_IT",
    ]


@pytest.mark.parametrize("marketplace", [Marketplace.DE, None])
def test_where_there_is_no_amazon_shipping_one_must_be_named(marketplace: Marketplace | None) -> None:
    options: ClientOptions = {"transport": ScriptedTransport([GOOD, GOOD]), "token_cache": TokenCache()}
    if marketplace is None:
        options |= {"marketplace_id": "A0NEW", "region": Region.EU}
    client = Client(credentials(), marketplace, **options)
    with pytest.raises(ConfigurationError, match=r"shipping_business=\.\.\."):
        client.send(CALL)
    named = LOOK(path={"giftId": "1"}, headers={BUSINESS_HEADER: "AmazonShipping_UK"})
    assert client.send(named).value == Gift(gift_id="1")
    assert client.send(BUY(body=Wish(text="x"))).value == Gift(gift_id="1")


def test_a_client_is_made_of_the_environment() -> None:
    client = Client.from_env({**ENV, "SPSHIPPING_ENVIRONMENT": "sandbox"})
    assert repr(client) == "<Client UK at sandbox.sellingpartnerapi-eu.amazon.com>"
    assert client.region is Region.EU
    client.close()
    elsewhere = {
        "SPSHIPPING_ENDPOINT": "http://localhost:1",
        "SPSHIPPING_TOKEN_URL": "http://localhost:1/token",
    }
    with Client.from_env({**ENV, **elsewhere}, marketplace=Marketplace.US) as client:
        assert repr(client) == "<Client US at localhost:1>"
    with Client.from_env({**ENV, **elsewhere}, endpoint="http://localhost:2") as client:
        assert repr(client) == "<Client UK at localhost:2>"
    unlisted = {name: value for name, value in ENV.items() if not name.endswith("MARKETPLACE")}
    with Client.from_env(unlisted, marketplace_id="A0NEW", region=Region.NA) as client:
        assert client.marketplace is None


def test_d2_every_variable_of_a_connection_works_for_a_client_too() -> None:
    environ = {
        **ENV,
        "SPSHIPPING_MARKETPLACE": "DE",
        "SPSHIPPING_SHIPPING_BUSINESS": "AmazonShipping_FR",
        "SPSHIPPING_ENVIRONMENT": "test",
        "SPSHIPPING_ACCESS_KEY_ID": "AKIA1",
        "SPSHIPPING_SECRET_ACCESS_KEY": "lasting",
    }
    transport = ScriptedTransport([GOOD])
    with Client.from_env(environ, transport=transport, token_cache=TokenCache()) as client:
        client.send(CALL)
    (sent,) = [
        request for request in transport.requests if "giftId" in request.url or "/gifts" in request.url
    ]
    assert sent.headers[BUSINESS_HEADER] == "AmazonShipping_FR"
    assert sent.url.startswith("https://sandbox.sellingpartnerapi-eu.amazon.com/")
    assert "AKIA1/" in sent.headers["authorization"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("ENDPOIMT", "ENDPOINT"), ("CLIENT", "CLIENT_ID"), ("STOREKEY", "STORE_KEY"), ("SETTING", "SETTINGS")],
)
def test_d2_an_unknown_variable_is_refused_with_the_nearest_known_name(name: str, nearest: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Client.from_env({**ENV, f"SPSHIPPING_{name}": "http://127.0.0.1:1"})
    assert f"SPSHIPPING_{name}: is no variable of spshipping: did you mean SPSHIPPING_{nearest}?" in str(
        caught.value
    )


def test_an_option_comes_before_its_variable_even_if_that_is_wrong() -> None:
    environ = {**ENV, "SPSHIPPING_ENDPOINT": "nonsense", "SPSHIPPING_ACCESS_KEY_ID": "without its secret"}
    options: ClientOptions = {"endpoint": "http://sandbox.lan", "allow_http": True, "aws": KEYS}
    with Client.from_env(environ, **options) as client:
        assert repr(client) == "<Client UK at sandbox.lan>"
    with Client.from_env({**ENV, "SPSHIPPING_ENDPOINT": "http://sandbox.lan"}, allow_http=True) as client:
        assert repr(client) == "<Client UK at sandbox.lan>"


def test_e3_a_client_from_the_environment_shows_no_variable_in_a_traceback() -> None:
    environ = {**ENV, "SPSHIPPING_ENDPOINT": "nonsense", "SPSHIPPING_CLIENT_SECRET": "unseen-word"}
    with pytest.raises(ConfigurationError) as caught:
        Client.from_env(environ, proxies={"https": "http://user:unseen-word@proxy"})
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)][1:]
    assert len(frames) > 2
    assert not any("unseen-word" in repr(frame.f_locals) for frame in frames)


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    with Client.from_env() as client:
        assert client.marketplace is Marketplace.UK


@pytest.mark.parametrize("name", ENV)
@pytest.mark.parametrize("value", ["", "  ", None])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    environ = {**ENV, name: value} if value is not None else {k: v for k, v in ENV.items() if k != name}
    with pytest.raises(ConfigurationError, match=f"set {name}"):
        Client.from_env(environ)


def test_sellers_share_connections_and_quota_keeper_but_no_token() -> None:
    transport = ScriptedTransport([GOOD] * 2)
    first = client_of(transport)
    second = first.for_seller("Atzr|another", Marketplace.FR)
    first.send(CALL)
    second.send(CALL)
    tokens = [request.headers["x-amz-access-token"] for request in transport.requests]
    assert tokens == ["Atza|1", "Atza|2"]
    assert second.marketplace is Marketplace.FR
    assert first.for_seller("Atzr|third").marketplace is Marketplace.UK


def test_a_seller_elsewhere_has_the_business_and_region_of_that_place() -> None:
    transport = ScriptedTransport([GOOD] * 2)
    first = client_of(transport, shipping_business=ShippingBusiness.IT, region=Region.EU)
    first.for_seller("Atzr|another", Marketplace.US).send(CALL)
    first.for_seller("Atzr|another", Marketplace.UK).send(CALL)
    businesses = [request.headers[BUSINESS_HEADER] for request in transport.requests]
    assert businesses == ["AmazonShipping_US", "AmazonShipping_IT"]
    assert transport.requests[0].url.startswith("https://sellingpartnerapi-na.")


def test_a_seller_has_a_quota_of_its_own() -> None:
    clock = FakeClock()
    first = client_of(ScriptedTransport([GOOD] * 21), clock)
    second = first.for_seller("Atzr|another")
    for client in (first, second):
        for _ in range(10):
            client.send(CALL)
    assert clock.slept == []
    first.with_options(timeout=5.0).send(CALL)
    assert sum(clock.slept) == pytest.approx(0.55)


def test_closing_lets_go_of_what_the_client_owns() -> None:
    lent = ScriptedTransport()
    client_of(lent).close()
    assert not lent.is_closed
    closed = []
    owner = Client(credentials(), Marketplace.UK)
    owner._transport.close = lambda: closed.append(1)  # type: ignore[method-assign]  # counts
    with owner.with_options(timeout=5.0):
        pass
    assert closed == []
    owner.close()
    assert closed == [1]


def test_a_client_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(client_of(ScriptedTransport()))


def test_clients_share_the_tokens_of_the_process_unless_told_otherwise() -> None:
    transport = ScriptedTransport([GOOD] * 2)
    same = credentials()
    for _ in range(2):
        Client(same, Marketplace.UK, transport=transport).send(CALL)
    assert transport.sign_ins == 1
    authorizer = Client(same, Marketplace.UK, transport=transport)._parts.authorizer
    assert authorizer._cache is process_tokens


def test_the_program_is_named_in_the_user_agent() -> None:
    transport = ScriptedTransport([GOOD])
    client_of(transport, application="MyShop/1.2").send(CALL)
    assert transport.requests[0].headers["user-agent"].startswith("MyShop/1.2 (")


def test_the_facade_is_made_once() -> None:
    client = client_of(ScriptedTransport([HttpFailure("tls", was_sent=False)]))
    assert client.shipping is client.shipping


def test_credentials_with_the_wrong_secret_never_get_anothers_token() -> None:
    transport = ScriptedTransport([GOOD] * 2)
    good = credentials()
    bad = Credentials(good.client_id, "wrong", good.refresh_token)
    for each in (good, bad):
        Client(each, Marketplace.UK, transport=transport).send(CALL)
    assert transport.sign_ins == 2
