"""The Sellers API v1: where the seller sells."""

from typing import Any

from spshipping.operation import Effect, Operation, Quota
from spshipping.regions import Marketplace
from spshipping.sandbox.answers import Answer, success
from spshipping.sandbox.app import Asked

GET_MARKETPLACE_PARTICIPATIONS: Operation[dict[str, Any]] = Operation(
    name="getMarketplaceParticipations",
    route="GET /sellers/v1/marketplaceParticipations",
    returns=dict[str, Any],
    quota=Quota(0.016, burst=15),
    effect=Effect.NONE,
)

_PLACES = (
    (Marketplace.UK, "Amazon.co.uk", "GBP", "en_GB"),
    (Marketplace.DE, "Amazon.de", "EUR", "de_DE"),
    (Marketplace.FR, "Amazon.fr", "EUR", "fr_FR"),
    (Marketplace.IT, "Amazon.it", "EUR", "it_IT"),
    (Marketplace.ES, "Amazon.es", "EUR", "es_ES"),
)


def get_marketplace_participations(asked: Asked) -> Answer:
    """Say that the seller sells in five European marketplaces, and that one of them is closed for now."""
    return success(
        [
            {
                "marketplace": {
                    "id": place.id,
                    "name": name,
                    "countryCode": place.country_code,
                    "defaultCurrencyCode": currency,
                    "defaultLanguageCode": language,
                    "domainName": f"www.{name.lower()}",
                },
                "storeName": f"Shop of {asked.seller}",
                "participation": {"isParticipating": True, "hasSuspendedListings": place is Marketplace.ES},
            }
            for place, name, currency, language in _PLACES
        ]
    )
