"""Every way into SP-API over real HTTP, against servers that judge what they are shown."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from spshipping import (
    AccessDeniedError,
    AwsCredentials,
    AwsRole,
    Client,
    ConfigurationError,
    Credentials,
    Effect,
    Marketplace,
    Operation,
    Quota,
    Secret,
    TokenCache,
)
from spshipping.auth import role as role_module
from spshipping.auth import sts as sts_module
from spshipping.auth.aws import Aws
from spshipping.client import ClientOptions
from spshipping.sandbox import Sandbox
from spshipping.sandbox.shipping_v1 import GET_SHIPMENT
from spshipping.settings import Settings
from spshipping.shipping import GetRatesRequest
from spshipping.transport.bucket import Reservation
from spshipping.transport.quota import MemoryQuota
from tests.sandbox.conftest import MakeClient

DESTINATIONS = Operation(
    "getDestinations",
    "GET /notifications/v1/destinations",
    returns=dict[str, Any],
    quota=Quota(1, burst=100),
    effect=Effect.NONE,
    scope="sellingpartnerapi::notifications",
)


def bought(client: Client, order: GetRatesRequest) -> str:
    quote = client.shipping.get_rates(order)
    return client.shipping.purchase_shipment(
        quote.purchase_request(quote.cheapest(), format="ZPL")
    ).shipment_id


def test_a_restricted_operation_of_ones_own_is_opened_by_a_token_for_all_shipments(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    ids = [bought(client, order) for _ in range(2)]
    for id_ in ids:
        call = GET_SHIPMENT(path={"shipmentId": id_})
        # its whole answer is personal: it takes a restricted token by itself
        for shown in (client.send(call).value, client.send(call, pii=()).value):
            assert "Ada Example" in str(shown)
    assert len(sandbox.ledger.requests("createRestrictedDataToken")) == 1
    kinds = [seen.token for seen in sandbox.ledger.requests("getShipment")]
    assert kinds == ["rdt"] * 4
    assert {seen.token for seen in sandbox.ledger.requests("purchaseShipment")} == {"lwa"}


def test_a_restricted_token_that_ended_is_minted_anew(
    client: Client, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    id_ = bought(client, order)
    for _ in range(2):
        assert client.send(GET_SHIPMENT(path={"shipmentId": id_})).value
        sandbox.clock.advance(3700)
    # the access token has ended too: the second mint is refused once, and signs in
    minted = [seen.status for seen in sandbox.ledger.requests("createRestrictedDataToken")]
    assert minted == [200, 403, 200]


def test_an_operation_without_a_seller_takes_a_token_of_its_scope(client: Client, sandbox: Sandbox) -> None:
    sandbox.add_operation(DESTINATIONS, {"payload": []})
    assert client.send(DESTINATIONS()).meta.status == 200
    assert [seen.token for seen in sandbox.ledger.requests("getDestinations")] == ["grantless"]
    assert [seen.grant_type for seen in sandbox.ledger.token_requests()] == ["client_credentials"]


def test_the_secret_may_travel_in_a_basic_header(make_client: MakeClient, order: GetRatesRequest) -> None:
    client = make_client(client_authentication="basic", token_cache=TokenCache())
    assert client.shipping.get_rates(order).rates


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(quotas=False) as made:
        yield made


@pytest.fixture
def judge() -> Iterator[Sandbox]:
    with Sandbox(verifies_signatures=True, aws_keys={"AKIA1": "lasting/secret+key"}) as box:
        yield box


class Unlimited(MemoryQuota):
    """Lets everybody through at once."""

    def reserve(self, key: tuple[str, str], quota: Quota, longest: float) -> Reservation:
        return Reservation(0.0, 1)


def signing(box: Sandbox, aws: Aws | None) -> Client:
    options: ClientOptions = {
        "endpoint": box.url,
        "token_url": box.token_url,
        "token_cache": TokenCache(),
        "quota": Unlimited(),
    }
    if aws is not None:
        options["aws"] = aws
    return Client(Credentials(**box.credentials), Marketplace.UK, **options)


def test_what_is_signed_is_what_is_sent(judge: Sandbox, order: GetRatesRequest) -> None:
    with signing(judge, AwsCredentials("AKIA1", Secret("lasting/secret+key"))) as client:
        quote = client.shipping.get_rates(order)
        token, rate_id = quote.request_token, quote.cheapest().rate_id
        assert client.shipping.get_additional_inputs(request_token=token, rate_id=rate_id) == {}
        with pytest.raises(Exception, match="no such tracking id"):
            client.shipping.get_tracking(tracking_id="a+b/c=% ~é&x", carrier_id="AMZN_UK")
    wrong = signing(judge, AwsCredentials("AKIA1", Secret("wrong")))
    with wrong, pytest.raises(AccessDeniedError, match="InvalidSignature"):
        wrong.shipping.get_rates(order)


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning", "ignore::ResourceWarning")
def test_the_aws_keys_of_a_shops_page_are_tried_at_the_sts_that_it_names(
    box: Sandbox, sts: tuple[str, AwsCredentials]
) -> None:
    url, keys = sts
    page = {
        **box.credentials,
        "MarketPlaceId": Marketplace.UK.id,
        "BaseUri": box.url,
        "AccessTokenUrl": box.token_url,
        "RoleArn": "arn:aws:iam::123456789012:role/spapi",
        "StsUrl": url,
        "AccessKey": keys.access_key_id,
    }

    def tried(secret: str) -> bool:
        table = {**page, "SecretKey": secret}
        found = Settings.from_mapping({"connections": {"shop": table}}).connection("shop").client_options()
        with Client(found.credentials, found.marketplace, **found.options) as client:
            return client.check("shipping").is_ok

    assert tried(keys.secret_access_key.reveal())
    assert not tried("wrong")


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning", "ignore::ResourceWarning")
def test_64_cold_threads_make_one_request_each_to_lwa_tokens_and_sts(
    box: Sandbox, sts: tuple[str, AwsCredentials], order: GetRatesRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = sts_module.assume_role

    async def counted(role_arn: str, *rest: Any, **more: Any) -> AwsCredentials:
        asked.append(role_arn)
        return await real(role_arn, *rest, **more)

    monkeypatch.setattr(role_module, "assume_role", counted)
    url, keys = sts
    role = AwsRole("arn:aws:iam::123456789012:role/spapi", keys, sts_url=url)
    with signing(box, None) as plain:
        id_ = bought(plain, order)
    signed_in = len(box.ledger.token_requests())
    barrier, found = Barrier(64), []
    with signing(box, role) as client:

        def work() -> None:
            barrier.wait()
            found.append(client.send(GET_SHIPMENT(path={"shipmentId": id_})).meta.status)

        threads = [Thread(target=work) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [200] * 64
    assert len(box.ledger.token_requests()) == signed_in + 1
    assert len(box.ledger.requests("createRestrictedDataToken")) == 1
    assert len(asked) == 1


def test_the_seller_is_asked_who_they_are(client: Client) -> None:
    places = client.sellers.get_marketplace_participations()
    assert "GB" in {place.marketplace.country_code for place in places}
    assert client.sellers is client.sellers


def test_a_named_connection_is_a_client(sandbox: Sandbox, tmp_path: Path, order: GetRatesRequest) -> None:
    usual = sandbox.credentials
    path = tmp_path / "settings.toml"
    path.write_text(
        "[connections.shop]\n"
        f'client_id = "{usual["client_id"]}"\n'
        f'client_secret = "{usual["client_secret"]}"\n'
        f'refresh_token = "{usual["refresh_token"]}"\n'
        'marketplace_id = "A1F83G8C2ARO7P"\n'
        f'base_uri = "{sandbox.url}"\n'
        f'access_token_url = "{sandbox.token_url}"\n',
        encoding="utf-8",
    )
    with Client.from_settings("shop", path, token_cache=TokenCache()) as client:
        assert client.marketplace is Marketplace.UK
        assert client.shipping.get_rates(order).rates
    with pytest.raises(ConfigurationError):
        Client.from_settings("shpo", path)
