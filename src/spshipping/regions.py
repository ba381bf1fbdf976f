"""Where Amazon's marketplaces are: regions, hosts, marketplace ids, and the businesses of Amazon Shipping."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Self

from spshipping.errors import ConfigurationError
from spshipping.wire.enums import OpenEnum


class Region(Enum):
    """A group of marketplaces with one endpoint.

    Source: https://developer-docs.amazon.com/sp-api/docs/sp-api-endpoints
    """

    NA = ("na", "us-east-1")
    EU = ("eu", "eu-west-1")
    FE = ("fe", "us-west-2")

    def __init__(self, code: str, aws_region: str) -> None:
        self.host: str = f"sellingpartnerapi-{code}.amazon.com"
        self.sandbox_host: str = f"sandbox.sellingpartnerapi-{code}.amazon.com"
        self.aws_region = aws_region

    @classmethod
    def find(cls, text: str | Self) -> Self:
        """Return the region named `NA`, `EU` or `FE`, in any case; a region is returned as it is.

        Raises:
            ConfigurationError: there is no such region.
        """
        if isinstance(text, cls):
            return text
        found = cls.__members__.get(_upper(text))
        if found is None:
            raise ConfigurationError(f"{_shown(text)} is no region: use NA, EU or FE")
        return found


BUSINESS_HEADER = "x-amzn-shipping-business-id"
"""Names the `ShippingBusiness` that a request is for."""


class ShippingBusiness(OpenEnum):
    """The Amazon Shipping business that a request is for; leaving it out means the UK to Amazon."""

    US = "AmazonShipping_US"
    IN = "AmazonShipping_IN"
    UK = "AmazonShipping_UK"
    UAE = "AmazonShipping_UAE"
    SA = "AmazonShipping_SA"
    EG = "AmazonShipping_EG"
    IT = "AmazonShipping_IT"
    ES = "AmazonShipping_ES"
    FR = "AmazonShipping_FR"
    JP = "AmazonShipping_JP"

    @property
    def currency(self) -> str | None:
        """The ISO 4217 code of what its rates cost; None for a business that is not listed."""
        return CURRENCIES.get(self)

    @classmethod
    def named(cls, text: object) -> Self:
        """Return the business named `UK` or `AmazonShipping_UK`; the country codes `GB` and `AE` work too.

        A business that is not listed is given in full: `AmazonShipping_` and the country.

        Raises:
            ConfigurationError: it is no business.
        """
        name = _upper(text)
        found = cls.__members__.get({"GB": "UK", "AE": "UAE"}.get(name, name))
        if found is not None:
            return found
        if isinstance(text, str) and re.fullmatch("AmazonShipping_[A-Z]+", text):
            return cls(text)
        raise ConfigurationError(
            f"{_shown(text)} is no business of Amazon Shipping: use one of {', '.join(cls.__members__)}"
        )


CURRENCIES: Mapping[ShippingBusiness, str] = {
    ShippingBusiness.US: "USD",
    ShippingBusiness.IN: "INR",
    ShippingBusiness.UK: "GBP",
    ShippingBusiness.UAE: "AED",
    ShippingBusiness.SA: "SAR",
    ShippingBusiness.EG: "EGP",
    ShippingBusiness.IT: "EUR",
    ShippingBusiness.ES: "EUR",
    ShippingBusiness.FR: "EUR",
    ShippingBusiness.JP: "JPY",
}
"""The currency of each business of Amazon Shipping: that of its marketplace, as ISO 4217 codes.

Sources: `defaultCurrencyCode` of https://developer-docs.amazon.com/sp-api/docs/sellers-api-v1-reference and
https://www.iso.org/iso-4217-currency-codes.html
"""

_EUROPE = "sellercentral-europe.amazon.com"


class Marketplace(Enum):
    """The 23 marketplaces; the value is Amazon's marketplace id, and `find` accepts an id as well as a name.

    Source: https://developer-docs.amazon.com/sp-api/docs/marketplace-ids
    """

    CA = ("A2EUQ1WTGCTBG2", Region.NA, "amazon.ca")
    US = ("ATVPDKIKX0DER", Region.NA, "amazon.com")
    MX = ("A1AM78C64UM0Y8", Region.NA, "amazon.com.mx")
    BR = ("A2Q3Y263D00KWC", Region.NA, "amazon.com.br")
    IE = ("A28R8C7NBKEWEA", Region.EU, "amazon.ie")
    ES = ("A1RKKUPIHCS9HS", Region.EU, "amazon.es", _EUROPE)
    UK = ("A1F83G8C2ARO7P", Region.EU, "amazon.co.uk", _EUROPE)
    FR = ("A13V1IB3VIYZZH", Region.EU, "amazon.fr", _EUROPE)
    BE = ("AMEN7PMS3EDWL", Region.EU, "amazon.com.be")
    NL = ("A1805IZSGTT6HS", Region.EU, "amazon.nl")
    DE = ("A1PA6795UKMFR9", Region.EU, "amazon.de", _EUROPE)
    IT = ("APJ6JRA9NG5V4", Region.EU, "amazon.it", _EUROPE)
    SE = ("A2NODRKZP88ZB9", Region.EU, "amazon.se")
    ZA = ("AE08WJ6YKNBMC", Region.EU, "amazon.co.za")
    PL = ("A1C3SOZRARQ6R3", Region.EU, "amazon.pl")
    EG = ("ARBP9OOSHTCHU", Region.EU, "amazon.eg", "", "vendorcentral.amazon.me")
    TR = ("A33AVAJ2PDY3EV", Region.EU, "amazon.com.tr")
    SA = ("A17E79C6D8DWNP", Region.EU, "amazon.sa", "", "vendorcentral.amazon.me")
    AE = ("A2VIGQ35RCS4UG", Region.EU, "amazon.ae", "", "vendorcentral.amazon.me")
    IN = ("A21TJRUUN4KGV", Region.EU, "amazon.in", "", "www.vendorcentral.in")
    SG = ("A19VAU5U5O7RUS", Region.FE, "amazon.sg", "", "vendorcentral.amazon.com.sg")
    AU = ("A39IBJ37TRP1C6", Region.FE, "amazon.com.au")
    JP = ("A1VC38T7YXB528", Region.FE, "amazon.co.jp")

    def __new__(cls, marketplace_id: str, *_: object) -> Self:
        """Make the id alone the value."""
        member = object.__new__(cls)
        member._value_ = marketplace_id
        return member

    def __init__(self, _: str, region: Region, domain: str, seller: str = "", vendor: str = "") -> None:
        self.region = region
        self.seller_central: str = f"https://{seller or f'sellercentral.{domain}'}"
        self.vendor_central: str = f"https://{vendor or f'vendorcentral.{domain}'}"

    @property
    def id(self) -> str:
        """Amazon's marketplace id."""
        return str(self.value)

    @property
    def country_code(self) -> str:
        """The ISO 3166-1 alpha-2 code: the UK's is GB."""
        return "GB" if self is Marketplace.UK else self.name

    @property
    def shipping_business(self) -> ShippingBusiness | None:
        """The business of Amazon Shipping here, or None where there is none."""
        name = "UAE" if self is Marketplace.AE else self.name
        return ShippingBusiness.__members__.get(name)

    @classmethod
    def find(cls, text: str | Self) -> Self:
        """Return the marketplace with this id, name (`UK`) or country code (`GB`); one is returned as it is.

        Raises:
            ConfigurationError: there is none; an id that is not listed works with its region beside it.
        """
        if isinstance(text, cls):
            return text
        upper = _upper(text)
        for member in cls:
            if upper in (member.id, member.name, member.country_code):
                return member
        raise ConfigurationError(
            f"{_shown(text)} is no marketplace that this version knows: use a name such as UK; for an id that"
            " is not listed, pass marketplace_id= and region= together"
        )


def is_marketplace_id(text: object) -> bool:
    """Return whether *text* has the form of a marketplace id, listed or not."""
    return isinstance(text, str) and re.fullmatch("A[0-9A-Z]{4,}", text) is not None


def id_of_marketplace(place: object) -> object:
    """Return the id of a marketplace that is given as one, or by its name or country code; else *place*."""
    try:
        return Marketplace.find(place).id if isinstance(place, Marketplace | str) else place
    except ConfigurationError:
        return place


def _upper(text: object) -> str:
    return text.strip().upper() if isinstance(text, str) else ""


def _shown(text: object) -> str:
    """Return what an error shows of something that should name a place; of other things, their class."""
    return repr(text[:40]) if isinstance(text, str) else f"a {type(text).__name__}"
