import json

import pytest

from spshipping import Marketplace
from spshipping.settings import Problem, Settings, describe, json_schema
from spshipping.settings.fields import BY_NAME, CLIENT_KEYS, CONNECTION_KEYS, FIELDS

PAGE = """
Name, Role ARN, Access key, Secret key, Client id, Client secret, Refresh token, Region, Marketplace,
Vendor code, Shipping business, Environment, Base URI, Authorization URL, Access token URL
"""


def test_every_field_of_an_integration_page_is_there() -> None:
    labels = {label.strip() for label in PAGE.split(",")}
    assert labels <= {field.label for field in FIELDS}


def test_the_description_is_data_that_a_page_can_be_drawn_from() -> None:
    rows = {row["name"]: row for row in json.loads(json.dumps(describe()))}
    assert list(rows) == [field.name for field in FIELDS]
    assert all(row["help"] and row["label"] for row in rows.values())
    assert {name for name, row in rows.items() if row["sensitive"]} == {
        "client_secret",
        "refresh_token",
        "secret_access_key",
    }
    assert {name for name, row in rows.items() if row["required"]} == {
        "name",
        "client_id",
        "client_secret",
        "refresh_token",
        "marketplace",
    }
    assert rows["environment"]["default"] == "production"
    assert rows["environment"]["choices"] == ["production", "sandbox"]
    assert rows["marketplace"]["examples"][0] == "CA"
    assert rows["token_url"]["type"] == "url"
    assert rows["client_secret"]["env"] == "SPSHIPPING_CLIENT_SECRET"
    assert rows["client"]["env"] is None
    assert Settings.describe() == describe()


def test_the_schema_says_the_same_as_the_description() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    rows = describe()
    for row in rows:
        made = schema["properties"][row["name"]]
        assert (made["title"], made["description"]) == (row["label"], row["help"])
        assert made.get("writeOnly", False) == row["sensitive"]
        assert made.get("default") == row["default"]
        assert made.get("examples", []) == row["examples"]
        assert set(row["choices"]) <= set(made.get("enum", []))
        assert (made.get("format") == "uri") == (row["type"] == "url")
    assert schema["properties"]["environment"]["enum"] == ["production", "sandbox", "live", "test"]
    required = {*schema["required"], *schema["else"]["required"]}
    assert required == {row["name"] for row in rows if row["required"]}
    assert schema["else"]["required"] == ["client_id", "client_secret"]
    assert schema["dependentRequired"]["role_arn"] == ["access_key_id"]
    assert Settings.json_schema() == json_schema()


def test_a_shared_client_has_what_is_the_same_for_all_its_sellers() -> None:
    assert set(CLIENT_KEYS) == {"client_id", "client_secret"}
    assert set(CLIENT_KEYS) < set(CONNECTION_KEYS)


def test_no_two_fields_go_by_the_same_name() -> None:
    assert len(CONNECTION_KEYS) == sum(1 + len(field.aliases) for field in FIELDS)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("client_id", "amzn1.application-oa2-client.0123456789abcdef"),
        ("marketplace", "UK"),
        ("marketplace", "GB"),
        ("marketplace", "a1f83g8c2aro7p"),
        ("marketplace", "A0NEWPLACE"),
        ("region", "eu"),
        ("region", "eu-west-1"),
        ("environment", "Live"),
        ("environment", "test"),
        ("shipping_business", "UK"),
        ("shipping_business", "AmazonShipping_NEW"),
        ("endpoint", "https://proxy.example.com/amazon"),
        ("endpoint", "http://127.0.0.1:8462"),
        ("token_url", "https://api.amazon.com/auth/o2/token"),
        ("authorization_url", "https://www.amazon.com/ap/oa?scope=x"),
        ("role_arn", "arn:aws:iam::123456789012:role/path/Selling-Partner"),
        ("role_arn", "arn:aws-cn:iam::123456789012:role/x"),
        ("vendor_code", "ABC12"),
    ],
)
def test_what_is_right_is_taken(name: str, text: str) -> None:
    assert BY_NAME[name].check(text) is None


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("name", "", "is missing"),
        ("client_id", "amzn1.sp.solution.123", "is the application's id"),
        ("client_id", "amzn1.sellerapps.app.123", "is the application's id"),
        ("client_id", "client", "is not amzn1.application-oa2-client."),
        ("client_id", "amzn1.application-oa2-client.", "is not amzn1.application-oa2-client."),
        ("marketplace", "Atlantis!", "neither a marketplace's name"),
        ("region", "Asia", "is none of NA, EU, FE"),
        ("environment", "staging", "is none of production, sandbox, live, test"),
        ("shipping_business", "shop", "AmazonShipping_ and a country"),
        ("endpoint", "example.com", "is not https://"),
        ("endpoint", "ftp://example.com", "is not https://"),
        ("endpoint", "https://", "is not https://"),
        ("endpoint", "https://example.com?x=1", "is not https://"),
        ("endpoint", "https://example.com:port", "is not https://"),
        ("endpoint", "https://[::1", "is not https://"),
        ("endpoint", "http://example.com", "is plain http"),
        ("token_url", "https://user:word@example.com", "is not https://"),
        ("authorization_url", "www.amazon.com/ap/oa", "is not https://"),
        ("role_arn", "arn:aws:iam::12:role/x", "twelve digits"),
        ("role_arn", "arn:aws:iam::123456789012:user/x", "twelve digits"),
        ("refresh_token", "Atzr|x\n", "as a careless paste does"),
        ("client_secret", " s", "as a careless paste does"),
    ],
)
def test_what_cannot_be_right_is_told(name: str, text: str, told: str) -> None:
    fault = BY_NAME[name].check(text)
    assert fault is not None
    assert told in fault


@pytest.mark.parametrize("name", BY_NAME)
def test_no_fault_repeats_the_value(name: str) -> None:
    for text in ("c4nary", "https://c4nary:c4nary@c4nary", "http://c4nary", " c4nary", "amzn1.sp.c4nary"):
        assert "c4nary" not in (BY_NAME[name].check(text) or "")


@pytest.mark.parametrize("marketplace", Marketplace)
def test_each_marketplace_is_taken_by_id_and_by_name(marketplace: Marketplace) -> None:
    for text in (marketplace.id, marketplace.name, marketplace.country_code):
        assert BY_NAME["marketplace"].check(text) is None


def test_a_problem_reads_as_a_sentence() -> None:
    assert str(Problem("region", "invalid", "is no region")) == "region: is no region"
