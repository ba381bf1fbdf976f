"""The marketplaces that the sandbox knows: currency, smallest coin, and the level of prices."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from spshipping.regions import Marketplace, ShippingBusiness

_CENT, _WHOLE = Decimal("0.01"), Decimal(1)
_M = Marketplace


class Market(NamedTuple):
    """A marketplace with its currency."""

    marketplace: Marketplace
    site: str
    """Such as `Amazon.co.uk`."""
    currency: str
    price_level: Decimal
    """What costs one pound in the UK costs this much here, roughly."""
    smallest_coin: Decimal = _CENT

    def round(self, amount: Decimal) -> Decimal:
        """Round *amount* to the smallest coin."""
        return amount.quantize(self.smallest_coin, ROUND_HALF_UP)

    def price(self, pounds: Decimal) -> Decimal:
        """Return the local price of what costs *pounds* in the UK."""
        return self.round(pounds * self.price_level)


MARKETS: Mapping[Marketplace, Market] = {
    market.marketplace: market
    for market in (
        Market(_M.UK, "Amazon.co.uk", "GBP", Decimal(1)),
        Market(_M.DE, "Amazon.de", "EUR", Decimal("1.15")),
        Market(_M.FR, "Amazon.fr", "EUR", Decimal("1.15")),
        Market(_M.IT, "Amazon.it", "EUR", Decimal("1.15")),
        Market(_M.ES, "Amazon.es", "EUR", Decimal("1.15")),
        Market(_M.US, "Amazon.com", "USD", Decimal("1.25")),
        Market(_M.BR, "Amazon.com.br", "BRL", Decimal("6.9")),
        Market(_M.JP, "Amazon.co.jp", "JPY", Decimal(190), _WHOLE),
        Market(_M.TR, "Amazon.com.tr", "TRY", Decimal(44)),
        Market(_M.IN, "Amazon.in", "INR", Decimal(105)),
        Market(_M.AE, "Amazon.ae", "AED", Decimal("4.60")),
        Market(_M.SA, "Amazon.sa", "SAR", Decimal("4.70")),
        Market(_M.EG, "Amazon.eg", "EGP", Decimal(62)),
    )
}

BUSINESS_MARKETS: Mapping[ShippingBusiness, Market] = {
    marketplace.shipping_business: market
    for marketplace, market in MARKETS.items()
    if marketplace.shipping_business is not None
}
"""The market of each business of Amazon Shipping."""
