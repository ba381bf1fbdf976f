import json
from decimal import Decimal
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from spshipping import Marketplace
from spshipping.settings import Problem, Settings, describe, json_schema
from spshipping.settings.field import Field, spelling
from spshipping.settings.fields import BY_NAME, CLIENT_KEYS, CONNECTION_KEYS, FIELDS, unknown
from spshipping.settings.shop_fields import AMBIGUOUS

PAGE = """
Name, Role ARN, Access key, Secret key, Client id, Client secret, Refresh token, Region, Marketplace,
Vendor code, Shipping business, Environment, Base URI, Authorization URL, Access token URL,
Enable order creation, Is enabled, Webhook enabled, Webhook URL, Webhook mode, Webhook header name,
Webhook user name, Webhook secret, Shipping party account, Length attribute, Default length,
Breadth attribute, Default breadth, Height attribute, Default height, Weight attribute, Default weight
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
        "webhook_secret",
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
    assert rows["is_enabled"]["choices"] == ["true", "false"]
    assert rows["label_dpi"]["type"] == "number"
    assert rows["ship_from_city"]["section"] == "Sender"
    assert Settings.describe() == describe()


def test_the_fields_of_a_section_stand_together_on_the_page() -> None:
    sections = [section for section, _ in groupby(row["section"] for row in describe())]
    assert sections == [
        "Connection",
        "Servers",
        "AWS keys",
        "Orders",
        "Webhook",
        "Sender",
        "Label",
        "Services",
        "Packages",
        "Spending",
        "Purchase orders",
    ]


def test_the_schema_says_the_same_as_the_description() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    rows = describe()
    for row in rows:
        made = schema["properties"][row["name"]]
        assert (made["title"], made["description"]) == (row["label"], row["help"])
        assert made.get("writeOnly", False) == row["sensitive"]
        assert made["x-section"] == row["section"]
        default = made.get("default")
        assert (str(default).lower() if isinstance(default, bool) else default) == row["default"]
        assert made.get("examples", []) == row["examples"]
        assert row["type"] == "boolean" or set(row["choices"]) <= set(made.get("enum", []))
        assert (made.get("format") == "uri") == (row["type"] == "url")
    assert schema["properties"]["environment"]["enum"] == ["production", "sandbox", "live", "test"]
    required = {*schema["required"], *schema["else"]["required"]}
    assert required == {row["name"] for row in rows if row["required"]}
    assert schema["else"]["required"] == ["client_id", "client_secret"]
    assert schema["dependentRequired"]["role_arn"] == ["access_key_id"]
    assert schema["dependentRequired"]["sts_url"] == ["role_arn"]
    assert Settings.json_schema() == json_schema()


def test_the_schema_knows_booleans_numbers_and_lists() -> None:
    properties = json_schema()["properties"]
    assert properties["webhook_enabled"]["type"] == "boolean"
    assert properties["webhook_enabled"]["default"] is False
    assert properties["is_enabled"]["default"] is True
    assert properties["default_weight"]["type"] == "number"
    assert properties["default_weight"]["exclusiveMinimum"] == 0
    assert properties["label_dpi"]["type"] == "integer"
    assert properties["service_ids"]["items"] == {"type": "string", "minLength": 1}


@pytest.mark.parametrize(
    ("values", "is_accepted"),
    [
        ({}, True),
        ({"webhook_enabled": True, "default_weight": 0.5, "service_ids": ["a", "b"], "label_dpi": 300}, True),
        ({"webhook_enabled": "true"}, False),
        ({"default_weight": 0}, False),
        ({"label_dpi": 300.5}, False),
        ({"service_ids": ["a", "a"]}, False),
        ({"label_length": 6}, False),
        ({"label_length": 6, "label_width": 4}, True),
        ({"goods_owner": "A1"}, False),
        ({"ship_from_city": "Bristol"}, False),
        ({"weight_unit": "kg"}, True),
        ({"weight_unit": "stone"}, False),
    ],
)
def test_the_schema_accepts_what_the_shops_fields_accept(values: dict[str, Any], is_accepted: bool) -> None:
    whole = {"name": "uk", "client": "shop", "refresh_token": "t", "marketplace": "UK", **values}
    assert Draft202012Validator(json_schema()).is_valid(whole) is is_accepted


def test_a_shared_client_has_what_is_the_same_for_all_its_sellers() -> None:
    assert set(CLIENT_KEYS) == {"client_id", "client_secret"}
    assert set(CLIENT_KEYS) < set(CONNECTION_KEYS)


def test_no_two_names_are_the_same_in_any_spelling() -> None:
    keys = [key for field in FIELDS for key in (field.name, *field.aliases)]
    assert len({spelling(key) for key in keys}) == len(keys) == len(CONNECTION_KEYS)
    assert not {spelling(key) for key in keys} & set(AMBIGUOUS)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_name_is_found_in_the_spellings_of_other_pages(field: Field) -> None:
    for key in (field.name, *field.aliases):
        words = key.split("_")
        camel = "".join(word.capitalize() for word in words)
        for written in (key, camel, camel.swapcase(), " ".join(words).title(), "-".join(words)):
            assert CONNECTION_KEYS[written] is field


def test_a_key_that_could_mean_several_settings_names_them() -> None:
    for key, names in AMBIGUOUS.items():
        assert len(names) > 1
        problem = unknown(key, "is no setting", key, CONNECTION_KEYS)
        assert problem.kind == "unknown"
        for name in names:
            assert name in BY_NAME
            assert name in problem.message


@given(st.text(max_size=20), st.sampled_from(FIELDS))
def test_what_is_checked_can_be_written_and_read_again(text: str, field: Field) -> None:
    if field.check(text) is None:
        read = field.read(field.written(text))
        assert isinstance(read, str)
        assert field.check(read) is None
        assert field.written(read) == field.written(text)
    else:
        assert field.written(text) == text


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("webhook_enabled", True, "true"),
        ("webhook_enabled", False, "false"),
        ("label_dpi", 300, "300"),
        ("default_weight", 0.35, "0.35"),
        ("default_weight", 1e-5, "0.00001"),
        ("default_weight", Decimal("2.50"), "2.50"),
        ("default_weight", float("nan"), "nan"),
        ("service_ids", ["std-uk-swa-mfn", "SWA-UK-PREM"], "std-uk-swa-mfn,SWA-UK-PREM"),
        ("service_ids", "a, b", "a, b"),
    ],
)
def test_what_a_file_has_is_read_as_text(name: str, given: Any, read: str) -> None:
    assert BY_NAME[name].read(given) == read


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("webhook_enabled", 1, "must be true or false"),
        ("default_weight", True, "must be a number"),
        ("default_weight", ["1"], "must be a number"),
        ("ship_from_postal_code", 90210, "must be text"),
        ("service_ids", [1], "must be text, or a list of texts"),
        ("client_id", True, "must be text"),
    ],
)
def test_what_a_field_cannot_be_is_told(name: str, given: Any, told: str) -> None:
    assert BY_NAME[name].read(given) == Problem(name, "invalid", told)


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
        ("is_enabled", "No"),
        ("webhook_url", "https://shop.example/amazon"),
        ("webhook_url", "http://localhost:8080/amazon"),
        ("webhook_mode", "API key"),
        ("webhook_mode", "user_password"),
        ("webhook_header_name", "X-Shop-Key"),
        ("ship_from_country", "gb"),
        ("ship_from_line1", "x" * 60),
        ("label_unit", "in"),
        ("label_dpi", "203"),
        ("default_weight", "0.35"),
        ("length_unit", "mm"),
        ("service_ids", "a, b"),
        ("time_zone", "Europe/London"),
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
        ("seller", "x" * 129, "more than 128"),
        ("is_enabled", "maybe", "is none of true, false, yes"),
        ("webhook_url", "http://shop.example/amazon", "is plain http"),
        ("webhook_mode", "none", "is none of header, query, basic, oauth"),
        ("webhook_header_name", "X Key:", "is no name of a header"),
        ("ship_from_country", "England", "two letters, such as GB"),
        ("ship_from_country", "uk", "is GB for the United Kingdom"),
        ("ship_from_line1", "x" * 61, "more than 60"),
        ("ship_from_name", "x" * 51, "more than 50"),
        ("ship_from_phone", "1" * 21, "more than 20"),
        ("ship_from_email", "x" * 65, "more than 64"),
        ("label_dpi", "203.5", "is no whole number above 0, such as 300"),
        ("default_weight", "0", "is no number above 0, such as 2.5"),
        ("default_weight", "-1", "is no number above 0"),
        ("default_weight", "0,35", "is no number above 0"),
        ("default_weight", "nan", "is no number above 0"),
        ("default_weight", "\u0663", "is no number above 0"),
        ("service_ids", "a,,b", "lists an empty id, or one twice"),
        ("service_ids", "a, a", "lists an empty id, or one twice"),
        ("time_zone", "Atlantis/Town", "is no time zone"),
        ("time_zone", "../passwd", "is no time zone"),
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
