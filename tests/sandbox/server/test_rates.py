"""Quotes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from spshipping.regions import ShippingBusiness
from spshipping.sandbox import shipments
from spshipping.sandbox.markets import BUSINESS_MARKETS
from tests.sandbox.server.world import Shop, address, package, refusal

CURRENCIES = {
    "AmazonShipping_UK": "GBP",
    "AmazonShipping_US": "USD",
    "AmazonShipping_IT": "EUR",
    "AmazonShipping_ES": "EUR",
    "AmazonShipping_FR": "EUR",
    "AmazonShipping_IN": "INR",
    "AmazonShipping_UAE": "AED",
    "AmazonShipping_SA": "SAR",
    "AmazonShipping_EG": "EGP",
    "AmazonShipping_JP": "JPY",
}


def charges(quote: dict[str, Any]) -> list[float]:
    return [rate["totalCharge"]["value"] for rate in quote["rates"]]


@pytest.mark.parametrize(("business", "currency"), CURRENCIES.items())
def test_each_business_has_three_services_in_its_currency(shop: Shop, business: str, currency: str) -> None:
    code = business.removeprefix("AmazonShipping_")
    rates = shop.quote(business=business)["rates"]
    assert [rate["serviceId"] for rate in rates] == [f"SWA-{code}-{name}" for name in ("STD", "2D", "PREM")]
    assert {rate["carrierId"] for rate in rates} == {f"AMZN_{code}"}
    assert {rate["totalCharge"]["unit"] for rate in rates} == {currency}


def test_every_business_is_known() -> None:
    assert set(BUSINESS_MARKETS) == set(ShippingBusiness)


def test_yen_have_no_fractions(shop: Shop) -> None:
    assert all(isinstance(charge, int) for charge in charges(shop.quote(business="AmazonShipping_JP")))


def test_the_same_parcel_costs_the_same_and_a_heavier_or_larger_one_more(shop: Shop) -> None:
    light = charges(shop.quote())
    assert charges(shop.quote()) == light == [3.55, 4.68, 7.55]
    heavy = charges(shop.quote(packages=[package(1.6)]))
    assert heavy == [3.75, 4.95, 8.0]
    size = {"length": 20, "width": 20, "height": 20, "unit": "INCH"}
    large = shop.quote(packages=[package(1.5, dimensions=size)])
    assert charges(large)[0] > heavy[0]
    assert large["rates"][0]["billedWeight"] == {"value": 26.5, "unit": "KILOGRAM"}


@pytest.mark.parametrize(
    ("value", "unit"), [(1500, "GRAM"), (1.5, "KILOGRAM"), (52.9, "OUNCE"), (3.3, "POUND")]
)
def test_weights_may_be_in_any_unit(shop: Shop, value: float, unit: str) -> None:
    parcel = package(weight={"value": value, "unit": unit})
    assert shop.quote(packages=[parcel])["rates"][0]["billedWeight"]["value"] == 1.5


def test_a_heavy_parcel_is_ineligible_by_weight_and_a_bulky_one_by_size(shop: Shop) -> None:
    heavy = shop.quote(packages=[package(15)])
    assert [rate["serviceId"] for rate in heavy["rates"]] == ["SWA-UK-STD", "SWA-UK-2D"]
    (rate,) = heavy["ineligibleRates"]
    assert rate.keys() == {"serviceId", "serviceName", "carrierId", "carrierName", "ineligibilityReasons"}
    assert rate["ineligibilityReasons"][0]["code"] == "WEIGHT_RESTRICTIONS"
    size = {"length": 60, "width": 60, "height": 60, "unit": "CENTIMETER"}
    bulky = shop.quote(packages=[package(2, dimensions=size)])
    assert bulky["rates"] == []
    codes = {rate["ineligibilityReasons"][0]["code"] for rate in bulky["ineligibleRates"]}
    assert codes == {"SIZE_RESTRICTIONS"}


def test_a_rate_has_amazons_shape(shop: Shop) -> None:
    quote = shop.quote()
    assert quote.keys() == {"requestToken", "rates", "ineligibleRates"}
    rate = quote["rates"][0]
    specifications = rate.pop("supportedDocumentSpecifications")
    assert [one["format"] for one in specifications] == ["PDF", "PNG", "ZPL"]
    assert specifications[0]["size"] == {"width": 4, "length": 6, "unit": "INCH"}
    (options,) = specifications[1]["printOptions"]
    assert options == {
        "supportedDPIs": [203, 300],
        "supportedPageLayouts": ["DEFAULT"],
        "supportedFileJoiningOptions": [False],
        "supportedDocumentDetails": [
            {"name": "LABEL", "isMandatory": True},
            {"name": "PACKSLIP", "isMandatory": False},
        ],
    }
    assert specifications[0]["printOptions"][0]["supportedFileJoiningOptions"] == [True, False]
    assert rate["requiresAdditionalInputs"] is False
    assert rate["paymentType"] == "PAY_THROUGH_AMAZON"
    assert rate["rateItemList"][0]["rateItemCharge"] == rate["totalCharge"]


def test_promises_follow_the_ship_date_and_sandbox_time(shop: Shop) -> None:
    shop.sandbox.clock.advance(86_400)
    shop.close()
    shop = Shop(shop.sandbox)
    now = shop.sandbox.clock.now()
    window = shop.quote()["rates"][1]["promise"]["deliveryWindow"]
    assert abs(datetime.fromisoformat(window["end"]) - now - timedelta(days=2)) < timedelta(minutes=1)
    later = (now + timedelta(days=3)).isoformat()
    assert shop.quote(shipDate=later)["rates"][1]["promise"]["deliveryWindow"]["end"] > window["end"]
    earlier = (now - timedelta(days=3)).isoformat()
    past = shop.quote(shipDate=earlier)["rates"][1]["promise"]["deliveryWindow"]["end"]
    assert past >= window["end"]
    shop.close()


def test_a_border_makes_import_duties_a_required_choice(shop: Shop) -> None:
    (inland,) = shop.quote()["rates"][0]["availableValueAddedServiceGroups"]
    assert (inland["groupId"], inland["isRequired"]) == ("CONFIRMATION", False)
    _, duties = shop.quote(shipTo=address("FR"))["rates"][0]["availableValueAddedServiceGroups"]
    assert (duties["groupId"], duties["isRequired"]) == ("IMPORT_DUTIES", True)
    assert duties["valueAddedServices"][0] == {
        "id": "DUTIES_PAID_BY_SENDER",
        "name": "Import duties are paid by the sender",
        "cost": {"value": 4, "unit": "GBP"},
    }


def test_an_amazon_order_goes_to_amazons_customer_whatever_ship_to_says(shop: Shop) -> None:
    channel = {"channelType": "AMAZON", "amazonOrderDetails": {"orderId": "026-1520163-6049104"}}
    quote = shop.quote(shipTo=address("FR"), channelDetails=channel)
    assert len(quote["rates"][0]["availableValueAddedServiceGroups"]) == 1
    assert shop.rates(shipTo=None, channelDetails=channel).status_code == 200


def test_only_so_many_quotes_are_remembered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipments, "MOST_QUOTES", 1)
    first, second = shop.purchase_request(), shop.purchase_request()
    assert "request token is invalid" in refusal(shop.purchase(first))[2]
    assert shop.purchase(second).status_code == 200
