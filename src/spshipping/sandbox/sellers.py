"""The Sellers API v1: the marketplaces where the seller sells."""

from collections.abc import Mapping

from spshipping.regions import Marketplace
from spshipping.sandbox.markets import MARKETS
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.responses import Response, payload_response
from spshipping.sellers import GET_MARKETPLACE_PARTICIPATIONS

_LANGUAGES: Mapping[Marketplace, str] = {
    Marketplace.UK: "en_GB",
    Marketplace.DE: "de_DE",
    Marketplace.FR: "fr_FR",
    Marketplace.IT: "it_IT",
    Marketplace.ES: "es_ES",
}


def get_marketplace_participations(request: ApiRequest) -> Response:
    """Return five European marketplaces; the listings in one of them are suspended."""
    return payload_response(
        [
            {
                "marketplace": {
                    "id": marketplace.id,
                    "name": MARKETS[marketplace].site,
                    "countryCode": marketplace.country_code,
                    "defaultCurrencyCode": MARKETS[marketplace].currency,
                    "defaultLanguageCode": language,
                    "domainName": f"www.{MARKETS[marketplace].site.lower()}",
                },
                "storeName": f"Shop of {request.seller}",
                "participation": {
                    "isParticipating": True,
                    "hasSuspendedListings": marketplace is Marketplace.ES,
                },
            }
            for marketplace, language in _LANGUAGES.items()
        ]
    )


IMPLEMENTATIONS: Implementations = {GET_MARKETPLACE_PARTICIPATIONS: get_marketplace_participations}
