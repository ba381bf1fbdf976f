"""The shop's page: as such pages spell it, checked, in types, and saved."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from spshipping import ConfigurationError, Secret
from spshipping.auth.aws import AwsRole
from spshipping.auth.stores import MemoryStore
from spshipping.settings import (
    Connection,
    LabelSettings,
    MeasureSettings,
    PackageSettings,
    Settings,
    ShipFrom,
    WebhookSettings,
)

GOOD = {
    "client_id": "amzn1.application-oa2-client.c0ffee",
    "client_secret": "amzn1.oa2-cs.v1.s3cret",
    "refresh_token": "Atzr|t0ken",
    "marketplace": "UK",
}
PAGE = """
[connections.shop]
ClientId = "amzn1.application-oa2-client.c0ffee"
ClientSecret = "amzn1.oa2-cs.v1.s3cret"
RefreshToken = "Atzr|t0ken"
MarketPlaceId = "A1F83G8C2ARO7P"
ShippingBusiness = "UK"
RoleArn = "arn:aws:iam::123456789012:role/x"
AccessKey = "AKIA1"
SecretKey = "aws-s3cret"
StsUrl = "http://127.0.0.1:9/sts"
SellerName = "harbour-lane"
IsEnabled = true
EnableOrderCreation = true
WebhookEnabled = true
WebhookUrl = "https://shop.example/amazon"
WebhookMode = "Header"
WebhookHeaderName = "X-Shop-Key"
WebhookSecret = "hook-s3cret"
ShippingPartyAccountId = "SPA-1"
"Ship From Name" = "Harbour Lane Ceramics"
"ship-from-street" = "Unit 4"
"Ship From City" = "Liverpool"
ShipFromState = "Merseyside"
ShipFromZipCode = "L3 4AF"
ShipFromCountryCode = "gb"
ShipFromPhoneNumber = "+44 1632 960001"
LabelFormat = "zpl"
LabelLength = 6
LabelWidth = 4
Dpi = 203
PreferredServices = "SIGNATURE, OTP"
ServicePolicy = "Cheapest"
GoodsOwnerId = "A1OWNER"
ServiceIds = ["std-uk-swa-mfn", "SWA-UK-PREM"]
LengthAttributeName = "len_mm"
DefaultLength = 300
WidthAttributeName = "width_mm"
DefaultWidth = 200
HeightAttribute = "height_mm"
DefaultHeight = 12.5
ProductWeightAttribute = "grams"
DefaultWeight = 250
DimensionUnit = "mm"
UnitOfWeight = "g"
DailyLimit = 150.00
TimeZone = "Europe/London"
"""


def connection(**changes: Any) -> Connection:
    return Settings.from_mapping({"connections": {"uk": {**GOOD, **changes}}}).connection("uk")


def told(**changes: Any) -> list[str]:
    return [str(problem) for problem in connection(**changes).problems()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "settings.toml"
    made.write_text(PAGE)
    made.chmod(0o600)
    return made


def test_a_shops_page_is_read_as_it_is_spelt(path: Path) -> None:
    found = Settings.load(path, store=MemoryStore()).connection("shop")
    assert found.problems() == []
    shop = found.shop()
    assert (shop.is_enabled, shop.creates_orders, shop.seller) == (True, True, "harbour-lane")
    assert shop.business == "AmazonShipping_UK"
    assert shop.ship_from == ShipFrom(
        name="Harbour Lane Ceramics",
        line1="Unit 4",
        city="Liverpool",
        postal_code="L3 4AF",
        country="GB",
        region="Merseyside",
        phone="+44 1632 960001",
    )
    assert shop.label == LabelSettings("ZPL", Decimal(6), Decimal(4), "INCH", 203)
    assert shop.packages == PackageSettings(
        length=MeasureSettings("len_mm", Decimal(300)),
        breadth=MeasureSettings("width_mm", Decimal(200)),
        height=MeasureSettings("height_mm", Decimal("12.5")),
        weight=MeasureSettings("grams", Decimal(250)),
        length_unit="MILLIMETER",
        weight_unit="GRAM",
    )
    assert shop.webhook == WebhookSettings(
        is_enabled=True,
        url="https://shop.example/amazon",
        mode="header",
        header_name="X-Shop-Key",
        user_name=None,
        secret=Secret("hook-s3cret"),
        account="SPA-1",
    )
    assert (shop.choose, shop.goods_owner) == ("cheapest", "A1OWNER")
    assert (shop.service_policy, shop.preferred_services) == ("cheapest", ("SIGNATURE", "OTP"))
    assert shop.service_ids == ("std-uk-swa-mfn", "SWA-UK-PREM")
    assert (shop.spending_limit, shop.max_charge, shop.time_zone) == (Decimal(150), None, "Europe/London")


def test_the_keys_of_a_page_can_be_tried_at_another_sts(path: Path) -> None:
    aws = Settings.load(path, store=MemoryStore()).connection("shop").client_options().options["aws"]
    assert isinstance(aws, AwsRole)
    assert (aws.role_arn, aws.sts_url) == ("arn:aws:iam::123456789012:role/x", "http://127.0.0.1:9/sts")


def test_what_is_not_given_has_its_default() -> None:
    shop = connection().shop()
    assert (shop.is_enabled, shop.creates_orders, shop.webhook.is_enabled) == (True, False, False)
    assert (shop.seller, shop.business, shop.ship_from) == (None, None, None)
    assert shop.label == LabelSettings("PDF", None, None, "INCH", None)
    assert shop.packages.weight == MeasureSettings(None, None)
    assert (shop.packages.length_unit, shop.packages.weight_unit) == ("CENTIMETER", "KILOGRAM")
    assert shop.webhook.header_name == "X-API-KEY"
    assert (shop.service_policy, shop.preferred_services) == ("refuse", ())
    assert (shop.service_ids, shop.goods_owner, shop.time_zone) == ((), None, "UTC")


def test_what_is_saved_is_written_in_one_spelling_and_in_types(path: Path) -> None:
    store = MemoryStore()
    settings = Settings.load(path, store=store)
    before = settings.connection("shop").shop()
    settings.save()
    table = tomllib.loads(path.read_text(), parse_float=Decimal)["connections"]["shop"]
    assert table["webhook_enabled"] is True
    assert table["label_dpi"] == 203
    assert table["default_height"] == Decimal("12.5")
    assert table["service_ids"] == ["std-uk-swa-mfn", "SWA-UK-PREM"]
    assert table["ship_from_line1"] == "Unit 4"
    assert "s3cret" not in path.read_text()
    assert store.load_secret("connections.shop.webhook_secret") == Secret("hook-s3cret")
    assert Settings.load(path, store=store).connection("shop").shop() == before


def test_what_is_wrong_is_kept_as_it_is_until_it_is_corrected(tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.toml", store=MemoryStore())
    settings.update("uk", {**GOOD, "DefaultWeight": "heavy"})
    settings.save()
    again = Settings.load(tmp_path / "settings.toml", store=settings.store)
    assert [str(one) for one in again.connection("uk").problems()] == [
        "default_weight: is no number above 0, such as 2.5"
    ]
    with pytest.raises(ConfigurationError, match="the connection 'uk' cannot be used: default_weight"):
        again.connection("uk").shop()


def test_a_page_changes_fields_by_any_spelling() -> None:
    settings = Settings.from_mapping({"clients": {"shop": {"ClientId": GOOD["client_id"]}}})
    found = settings.update(
        "uk",
        {
            "Client": "shop",
            "ClientID": GOOD["client_id"],
            "Name": "other",
            "DEFAULT-WEIGHT": Decimal("0.5"),
            "IsEnabled": False,
        },
    )
    assert found.values() == {
        "name": "uk",
        "client": "shop",
        "client_id": GOOD["client_id"],
        "default_weight": "0.5",
        "is_enabled": "false",
    }
    found = settings.update("uk", {"defaultWeight": "", "enabled": None, "Client": None})
    assert found.values() == {"name": "uk"}


def test_one_field_under_two_names_is_refused() -> None:
    assert told(DefaultWidth="1", default_breadth="2") == [
        "default_breadth: is given twice: it is another name of default_breadth"
    ]


@pytest.mark.parametrize(
    ("key", "possible"),
    [
        ("Width", "breadth_attribute or default_breadth or label_width"),
        ("Unit", "length_unit or weight_unit or label_unit"),
        ("secret", "client_secret or webhook_secret"),
    ],
)
def test_a_key_that_could_mean_several_fields_is_refused(key: str, possible: str) -> None:
    assert told(**{key: "x"}) == [f"{key}: could mean several settings: {possible}"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"label_length": 6}, {"label_width": "label_length"}),
        ({"label_width": 4}, {"label_length": "label_width"}),
        ({"goods_owner": "A1"}, {"service_ids": "goods_owner"}),
        (
            {"ship_from_city": "Bristol", "ship_from_name": "x", "ship_from_postal_code": "BS1"},
            {"ship_from_line1": "ship_from_name", "ship_from_country": "ship_from_name"},
        ),
        (
            {"enable_order_creation": "yes"},
            {"seller": "enable_order_creation", "ship_from_name": "enable_order_creation"},
        ),
        ({"webhook_enabled": True}, {"webhook_mode": "webhook_enabled"}),
        ({"webhook_enabled": False}, {}),
        ({"webhook_mode": "api key"}, {"webhook_secret": "webhook_mode"}),
        ({"webhook_mode": "oauth", "webhook_enabled": True}, {}),
        (
            {"webhook_mode": "basic"},
            {"webhook_user_name": "webhook_mode", "webhook_secret": "webhook_mode"},
        ),
    ],
)
def test_what_is_missing_beside_something_else_is_told(
    changes: dict[str, Any], expected: dict[str, str]
) -> None:
    assert told(**changes) == [
        f"{field}: is missing, and needed with {given}" for field, given in expected.items()
    ]


def test_a_store_may_hold_the_webhooks_secret() -> None:
    store = MemoryStore()
    store.save_secret("connections.uk.webhook_secret", Secret("stored"))
    data = {"connections": {"uk": {**GOOD, "webhook_mode": "query", "webhook_enabled": True}}}
    found = Settings.from_mapping(data, store=store).connection("uk")
    assert found.problems() == []
    assert found.shop().webhook.secret == Secret("stored")


def test_the_environment_has_the_shops_page_too() -> None:
    environ = {f"SPSHIPPING_{name.upper()}": value for name, value in GOOD.items()}
    found = Settings.from_env(
        {**environ, "SPSHIPPING_DEFAULT_WEIGHT": "0.5", "SPSHIPPING_IS_ENABLED": "off"}
    ).connection("default")
    assert found.problems() == []
    assert found.shop().packages.weight.default == Decimal("0.5")
    assert not found.shop().is_enabled
    (problem,) = (
        Settings.from_env({**environ, "SPSHIPPING_WEIGHT_DEFAULT": "0.5"}).connection("default").problems()
    )
    assert problem.kind == "unknown"


def test_neither_the_address_nor_the_secret_is_in_a_repr(path: Path) -> None:
    shown = repr(Settings.load(path, store=MemoryStore()).connection("shop").shop())
    for hidden in ("Liverpool", "960001", "hook-s3cret"):
        assert hidden not in shown
