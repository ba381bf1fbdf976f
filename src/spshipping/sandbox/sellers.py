"""The Sellers API v1: who the seller is, and the marketplaces where they sell."""

from collections.abc import Mapping
from typing import Any

from spshipping.regions import Marketplace
from spshipping.sandbox.markets import MARKETS
from spshipping.sandbox.operations import ApiRequest, Implementations
from spshipping.sandbox.responses import Response, payload_response
from spshipping.sellers import GET_ACCOUNT, GET_MARKETPLACE_PARTICIPATIONS

_LANGUAGES: Mapping[Marketplace, str] = {
    Marketplace.UK: "en_GB",
    Marketplace.DE: "de_DE",
    Marketplace.FR: "fr_FR",
    Marketplace.IT: "it_IT",
    Marketplace.ES: "es_ES",
}


_PLACE = {
    "addressLine1": "Unit 4, Albert Dock Works",
    "city": "Liverpool",
    "stateOrProvinceCode": "Merseyside",
    "postalCode": "L3 4AF",
    "countryCode": "GB",
}


def _participations(seller: str) -> list[dict[str, Any]]:
    """Return five European marketplaces; the listings in one of them are suspended."""
    return [
        {
            "marketplace": {
                "id": marketplace.id,
                "name": MARKETS[marketplace].site,
                "countryCode": marketplace.country_code,
                "defaultCurrencyCode": MARKETS[marketplace].currency,
                "defaultLanguageCode": language,
                "domainName": f"www.{MARKETS[marketplace].site.lower()}",
            },
            "storeName": f"Shop of {seller}",
            "participation": {
                "isParticipating": True,
                "hasSuspendedListings": marketplace is Marketplace.ES,
            },
        }
        for marketplace, language in _LANGUAGES.items()
    ]


def get_marketplace_participations(request: ApiRequest) -> Response:
    """Return where the seller sells."""
    return payload_response(_participations(request.seller))


def get_account(request: ApiRequest) -> Response:
    """Return the account of a private limited company with a professional plan."""
    return payload_response(
        {
            "marketplaceParticipationList": _participations(request.seller),
            "businessType": "PRIVATE_LIMITED",
            "sellingPlan": "PROFESSIONAL",
            "business": {
                "name": f"Shop of {request.seller} Ltd",
                "registeredBusinessAddress": _PLACE,
                "companyRegistrationNumber": "00000000",
            },
            "primaryContact": {"name": "Ada Example", "address": _PLACE},
        }
    )


IMPLEMENTATIONS: Implementations = {
    GET_MARKETPLACE_PARTICIPATIONS: get_marketplace_participations,
    GET_ACCOUNT: get_account,
}
