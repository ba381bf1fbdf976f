from typing import Any

import pytest

from spshipping import Client, ConfigurationError, Marketplace, Region, Secret, ShippingBusiness
from spshipping.auth.aws import AwsCredentials, AwsRole
from spshipping.auth.cache import TokenCache
from spshipping.auth.stores import MemoryStore
from spshipping.client import ClientOptions
from spshipping.settings import Connection, Settings
from tests.kit import ScriptedTransport, answer
from tests.unit.samples import LOOK

CLIENT_ID = "amzn1.application-oa2-client.c0ffee"
GOOD = {
    "client_id": CLIENT_ID,
    "client_secret": "amzn1.oa2-cs.v1.s3cret",
    "refresh_token": "Atzr|t0ken",
    "marketplace": "UK",
}
SHARED = {"clients": {"shop": {"client_id": CLIENT_ID, "client_secret": "amzn1.oa2-cs.v1.s3cret"}}}


def connection(**changes: Any) -> Connection:
    return Settings.from_mapping({"connections": {"uk": {**GOOD, **changes}}}).connection("uk")


def sharing(**values: Any) -> Connection:
    values = {"client": "shop", "refresh_token": "Atzr|t0ken", "marketplace": "UK", **values}
    return Settings.from_mapping({**SHARED, "connections": {"uk": values}}).connection("uk")


def problems(found: Connection) -> dict[str, str]:
    return {problem.field: problem.kind for problem in found.problems()}


def test_a_whole_connection_makes_a_client() -> None:
    found = connection()
    assert found.problems() == []
    credentials, marketplace, options = found.client_options()
    assert credentials.client_id == CLIENT_ID
    assert credentials.client_secret == Secret("amzn1.oa2-cs.v1.s3cret")
    assert credentials.refresh_token == Secret("Atzr|t0ken")
    assert marketplace is Marketplace.UK
    assert options == {}


def test_the_name_of_the_seller_is_the_credentials() -> None:
    assert connection().client_options().credentials.selling_partner_id is None
    assert connection(seller="my-shop").client_options().credentials.selling_partner_id == "my-shop"


def test_every_option_that_a_client_takes_is_handed_on() -> None:
    found = connection(
        marketplace_id="A0NEWPLACE",
        marketplace=None,
        region="us-west-2",
        environment="test",
        shipping_business="JP",
        vendor_code="ABC12",
        base_uri="http://localhost:1",
        access_token_url="http://localhost:1/token",
    )
    _, marketplace, options = found.client_options()
    assert marketplace is None
    assert options == {
        "marketplace_id": "A0NEWPLACE",
        "region": Region.FE,
        "environment": "sandbox",
        "shipping_business": ShippingBusiness.JP,
        "vendor_code": "ABC12",
        "endpoint": "http://localhost:1",
        "token_url": "http://localhost:1/token",
    }
    assert set(options) <= set(ClientOptions.__annotations__)


def test_a_client_of_it_signs_in_and_calls() -> None:
    transport = ScriptedTransport([answer(200, {"giftId": "1"})])
    credentials, marketplace, options = connection(environment="test").client_options()
    client = Client(
        credentials, marketplace, **{**options, "transport": transport, "token_cache": TokenCache()}
    )
    client.send(LOOK(path={"giftId": "1"}))
    assert transport.requests[0].url.startswith("https://sandbox.sellingpartnerapi-eu.amazon.com/")


@pytest.mark.parametrize("word", ["live", "Production", "LIVE"])
def test_live_means_production(word: str) -> None:
    assert connection(environment=word).client_options().options == {"environment": "production"}


def test_older_set_ups_bring_keys_and_a_role() -> None:
    keys = {"access_key": "AKIA1", "secret_key": Secret("aws-s3cret")}
    aws = AwsCredentials("AKIA1", Secret("aws-s3cret"))
    assert connection(**keys).client_options().options == {"aws": aws}
    role = "arn:aws:iam::123456789012:role/x"
    assert connection(**keys, role_arn=role).client_options().options == {"aws": AwsRole(role, aws)}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"client_id": ""}, {"client_id": "missing"}),
        (
            {"refresh_token": None, "marketplace": "  "},
            {"refresh_token": "missing", "marketplace": "missing"},
        ),
        ({"client_id": "c"}, {"client_id": "invalid"}),
        ({"client_id": 7}, {"client_id": "invalid"}),
        ({"refesh_token": "x"}, {"refesh_token": "unknown"}),
        ({"marketplace_id": "UK"}, {"marketplace_id": "contradiction"}),
        ({"name": "de"}, {"name": "contradiction"}),
        ({"region": "NA"}, {"region": "contradiction"}),
        ({"region": "Asia"}, {"region": "invalid"}),
        ({"marketplace": "A0NEWPLACE"}, {"marketplace": "contradiction"}),
        ({"marketplace": "A0NEWPLACE", "region": "Asia"}, {"region": "invalid"}),
        ({"environment": "staging"}, {"environment": "invalid"}),
        ({"endpoint": "example.com"}, {"endpoint": "invalid"}),
        ({"role_arn": "x"}, {"role_arn": "invalid", "access_key_id": "contradiction"}),
        ({"access_key": "AKIA1"}, {"secret_access_key": "contradiction"}),
        ({"secret_key": "s"}, {"access_key_id": "contradiction"}),
        ({"client": "shop"}, {"client": "unknown"}),
    ],
)
def test_each_fault_is_told_where_it_is(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert problems(connection(**changes)) == expected


def test_all_faults_are_told_at_once_in_the_order_of_the_page() -> None:
    found = connection(
        refesh_token="Atzr|misspelt",
        refresh_token=None,
        client_id="c",
        region="NA",
        environment="staging",
        access_key="AKIA1",
    )
    assert list(problems(found)) == [
        "client_id",
        "refresh_token",
        "region",
        "environment",
        "secret_access_key",
        "refesh_token",
    ]
    told = [str(problem) for problem in found.problems()]
    assert "region: contradicts the marketplace: UK is in EU" in told
    assert "refesh_token: is no setting: did you mean refresh_token?" in told
    with pytest.raises(ConfigurationError) as caught:
        found.client_options()
    assert str(caught.value).splitlines() == [
        "the connection 'uk' cannot be used:",
        *(f"  {line}" for line in told),
    ]
    assert "misspelt" not in str(caught.value)


def test_an_unknown_key_that_resembles_none_is_told_without_a_guess() -> None:
    (problem,) = connection(colour="red").problems()
    assert str(problem) == "colour: is no setting"


def test_a_shared_client_serves_its_connections() -> None:
    found = sharing()
    assert found.problems() == []
    assert found.client == "shop"
    assert found.client_options().credentials.client_id == CLIENT_ID
    assert found.values()["client_secret"] == "set"


def test_what_a_shared_client_lacks_is_missing_in_its_connections() -> None:
    settings = Settings.from_mapping(
        {
            "clients": {"shop": {"client_idd": CLIENT_ID}},
            "connections": {"uk": {"client": "shop", "refresh_token": "t", "marketplace": "UK"}},
        }
    )
    assert problems(settings.connection("uk")) == {
        "client_id": "missing",
        "client_secret": "missing",
        "clients.shop.client_idd": "unknown",
    }


def test_a_connection_of_a_shared_client_has_no_client_of_its_own() -> None:
    found = sharing(client_id=CLIENT_ID, client_secret="another")
    assert problems(found) == {"client_id": "contradiction", "client_secret": "contradiction"}


def test_a_client_that_is_not_there_is_told_with_the_nearest() -> None:
    (problem,) = sharing(client="shopp").problems()
    assert str(problem) == "client: is no client of these settings: did you mean shop?"


def test_a_secret_that_the_store_holds_is_brought_anew_after_a_rotation() -> None:
    store = MemoryStore()
    store.save_secret("connections.uk.refresh_token", Secret("Atzr|stored"))
    store.save_secret("connections.uk.client_secret", Secret("old"))
    data = {"connections": {"uk": {"client_id": CLIENT_ID, "marketplace": "UK"}}}
    found = Settings.from_mapping(data, store=store).connection("uk")
    assert found.problems() == []
    credentials = found.client_options().credentials
    assert credentials.refresh_token == Secret("Atzr|stored")
    assert credentials.client_secret == Secret("old")
    store.save_secret("connections.uk.client_secret", Secret("new"))
    assert credentials.accept_secret(credentials.provider()) == Secret("new")
    assert credentials.client_secret == Secret("new")
    store.delete_secret("connections.uk.client_secret")
    with pytest.raises(ConfigurationError, match=r"holds no connections\.uk\.client_secret any more"):
        credentials.accept_secret(credentials.provider())


def test_a_shared_clients_secret_may_lie_in_the_store() -> None:
    store = MemoryStore()
    store.save_secret("clients.shop.client_secret", Secret("s"))
    data = {
        "clients": {"shop": {"client_id": CLIENT_ID}},
        "connections": {"uk": {"client": "shop", "refresh_token": "t", "marketplace": "UK"}},
    }
    found = Settings.from_mapping(data, store=store).connection("uk")
    assert found.client_options().credentials.client_secret == Secret("s")


class LockedStore(MemoryStore):
    """Gives nothing out."""

    def load_secret(self, name: str) -> Secret | None:
        """Refuse."""
        raise ConfigurationError(f"{name} is sealed under another key")


def test_a_store_that_cannot_be_opened_is_one_fault_among_the_others() -> None:
    data = {"connections": {"uk": {**GOOD, "client_secret": "", "region": "NA"}}}
    found = Settings.from_mapping(data, store=LockedStore()).connection("uk")
    assert [str(problem) for problem in found.problems() if problem.field == "client_secret"] == [
        "client_secret: connections.uk.client_secret is sealed under another key"
    ]
    assert problems(found)["region"] == "contradiction"


def test_a_page_is_told_what_is_set_and_never_a_secret() -> None:
    found = connection(region="NA", secret_key="aws-s3cret")
    rows = {row["name"]: row for row in found.describe()}
    assert rows["name"]["value"] == "uk"
    assert rows["client_id"]["value"] == CLIENT_ID
    assert rows["client_secret"]["value"] == "set"
    assert rows["vendor_code"]["value"] is None
    assert rows["region"]["problems"] == ["contradicts the marketplace: UK is in EU"]
    shown = f"{rows} {found.values()} {found.problems()} {found!r} {vars(found)}"
    for secret in ("s3cret", "t0ken"):
        assert secret not in shown
    assert repr(found) == "<Connection 'uk'>"


def test_a_field_is_had_by_name_unless_it_is_secret() -> None:
    found = connection(vendor_code="ABC12")
    assert found.get("vendor_code") == "ABC12"
    assert found.get("environment") == "production"
    assert found.get("region") is None
    assert connection(environment="LIVE", region="eu-west-1").values()["region"] == "EU"
    assert connection(environment="test").get("environment") == "sandbox"
    assert found.get("name") == "uk"
    for name in ("client_secret", "colour"):
        with pytest.raises(ConfigurationError, match="is no field that can be shown"):
            found.get(name)


def test_a_connection_is_what_it_was_when_it_was_asked_for() -> None:
    settings = Settings.from_mapping({"connections": {"uk": GOOD}})
    before = settings.connection("uk")
    settings.update("uk", {"vendor_code": "ABC12"})
    assert before.get("vendor_code") is None
