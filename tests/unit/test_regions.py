import pytest

from spshipping import ConfigurationError, Marketplace, Region, ShippingBusiness

# id, region, seller central, vendor central; from Amazon's documentation and samples
FACTS = """
CA A2EUQ1WTGCTBG2 NA sellercentral.amazon.ca vendorcentral.amazon.ca
US ATVPDKIKX0DER NA sellercentral.amazon.com vendorcentral.amazon.com
MX A1AM78C64UM0Y8 NA sellercentral.amazon.com.mx vendorcentral.amazon.com.mx
BR A2Q3Y263D00KWC NA sellercentral.amazon.com.br vendorcentral.amazon.com.br
IE A28R8C7NBKEWEA EU sellercentral.amazon.ie vendorcentral.amazon.ie
ES A1RKKUPIHCS9HS EU sellercentral-europe.amazon.com vendorcentral.amazon.es
UK A1F83G8C2ARO7P EU sellercentral-europe.amazon.com vendorcentral.amazon.co.uk
FR A13V1IB3VIYZZH EU sellercentral-europe.amazon.com vendorcentral.amazon.fr
BE AMEN7PMS3EDWL EU sellercentral.amazon.com.be vendorcentral.amazon.com.be
NL A1805IZSGTT6HS EU sellercentral.amazon.nl vendorcentral.amazon.nl
DE A1PA6795UKMFR9 EU sellercentral-europe.amazon.com vendorcentral.amazon.de
IT APJ6JRA9NG5V4 EU sellercentral-europe.amazon.com vendorcentral.amazon.it
SE A2NODRKZP88ZB9 EU sellercentral.amazon.se vendorcentral.amazon.se
ZA AE08WJ6YKNBMC EU sellercentral.amazon.co.za vendorcentral.amazon.co.za
PL A1C3SOZRARQ6R3 EU sellercentral.amazon.pl vendorcentral.amazon.pl
EG ARBP9OOSHTCHU EU sellercentral.amazon.eg vendorcentral.amazon.me
TR A33AVAJ2PDY3EV EU sellercentral.amazon.com.tr vendorcentral.amazon.com.tr
SA A17E79C6D8DWNP EU sellercentral.amazon.sa vendorcentral.amazon.me
AE A2VIGQ35RCS4UG EU sellercentral.amazon.ae vendorcentral.amazon.me
IN A21TJRUUN4KGV EU sellercentral.amazon.in www.vendorcentral.in
SG A19VAU5U5O7RUS FE sellercentral.amazon.sg vendorcentral.amazon.com.sg
AU A39IBJ37TRP1C6 FE sellercentral.amazon.com.au vendorcentral.amazon.com.au
JP A1VC38T7YXB528 FE sellercentral.amazon.co.jp vendorcentral.amazon.co.jp
"""
ROWS = [line.split() for line in FACTS.strip().splitlines()]


@pytest.mark.parametrize(("name", "id_", "region", "seller", "vendor"), ROWS, ids=[row[0] for row in ROWS])
def test_each_marketplace_has_its_id_region_and_centrals(
    name: str, id_: str, region: str, seller: str, vendor: str
) -> None:
    marketplace = Marketplace[name]
    assert marketplace.id == id_, f"{name} id"
    assert Marketplace.find(id_) is marketplace, f"{name} id"
    assert marketplace.region is Region[region], f"{name} region"
    assert marketplace.seller_central == f"https://{seller}", f"{name} seller_central"
    assert marketplace.vendor_central == f"https://{vendor}", f"{name} vendor_central"


def test_there_are_23_marketplaces() -> None:
    assert {member.name for member in Marketplace} == {row[0] for row in ROWS}


@pytest.mark.parametrize(
    ("region", "code", "aws"),
    [("NA", "na", "us-east-1"), ("EU", "eu", "eu-west-1"), ("FE", "fe", "us-west-2")],
)
def test_each_region_has_its_hosts(region: str, code: str, aws: str) -> None:
    found = Region[region]
    assert found.host == f"sellingpartnerapi-{code}.amazon.com", f"{region} host"
    assert found.sandbox_host == f"sandbox.sellingpartnerapi-{code}.amazon.com", f"{region} sandbox_host"
    assert found.aws_region == aws, f"{region} aws_region"


@pytest.mark.parametrize("text", ["UK", "gb", " Uk ", "A1F83G8C2ARO7P"])
def test_the_uk_is_found_by_name_country_code_and_id(text: str) -> None:
    assert Marketplace.find(text) is Marketplace.UK


def test_an_unknown_marketplace_is_told_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match="marketplace_id= and region= together"):
        Marketplace.find("ATLANTIS")


def test_regions_are_found_by_name() -> None:
    assert Region.find("eu ") is Region.EU
    with pytest.raises(ConfigurationError, match="use NA, EU or FE"):
        Region.find("mars")


def test_every_shipping_business_belongs_to_one_marketplace() -> None:
    owners = [member.shipping_business for member in Marketplace if member.shipping_business]
    assert sorted(owners) == sorted(ShippingBusiness)
    assert Marketplace.AE.shipping_business is ShippingBusiness.UAE
    assert Marketplace.UK.shipping_business == "AmazonShipping_UK"
    assert Marketplace.DE.shipping_business is None
    assert Marketplace.UK.country_code == "GB"
    assert Marketplace.DE.country_code == "DE"


def test_every_shipping_business_charges_in_its_currency() -> None:
    currencies = {business.name: business.currency for business in ShippingBusiness}
    assert currencies == {
        "US": "USD",
        "IN": "INR",
        "UK": "GBP",
        "UAE": "AED",
        "SA": "SAR",
        "EG": "EGP",
        "IT": "EUR",
        "ES": "EUR",
        "FR": "EUR",
        "JP": "JPY",
    }
    assert ShippingBusiness.named("AmazonShipping_DE").currency is None
