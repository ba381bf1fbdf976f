"""The facade: what each method sends, and what the models hide."""

from spshipping import Effect, loads, reveal
from spshipping.sellers import (
    GET_ACCOUNT,
    GET_MARKETPLACE_PARTICIPATIONS,
    Account,
    BusinessType,
    Marketplace,
    MarketplaceParticipation,
    Participation,
    SellersApi,
)
from tests.kit import ScriptedTransport, answer, client_of

PLACE = {
    "id": "A1F83G8C2ARO7P",
    "name": "Amazon.co.uk",
    "countryCode": "GB",
    "defaultCurrencyCode": "GBP",
    "defaultLanguageCode": "en_GB",
    "domainName": "www.amazon.co.uk",
}
PART = {
    "marketplace": PLACE,
    "participation": {"isParticipating": True, "hasSuspendedListings": False},
    "storeName": "Analytical Engines",
}
MINE = MarketplaceParticipation(
    marketplace=Marketplace(
        id="A1F83G8C2ARO7P",
        name="Amazon.co.uk",
        country_code="GB",
        default_currency_code="GBP",
        default_language_code="en_GB",
        domain_name="www.amazon.co.uk",
    ),
    participation=Participation(is_participating=True, has_suspended_listings=False),
    store_name="Analytical Engines",
)
ACCOUNT = {
    "marketplaceParticipationList": [PART],
    "businessType": "SOLE_PROPRIETORSHIP",
    "sellingPlan": "PROFESSIONAL",
    "business": {
        "name": "Ada Lovelace",
        "companyTaxIdentificationNumber": "GB123",
        "registeredBusinessAddress": {"addressLine1": "12 St James's Square", "countryCode": "GB"},
    },
    "primaryContact": {
        "name": "Ada Lovelace",
        "address": {"addressLine1": "12 St James's Square", "city": "London", "countryCode": "GB"},
    },
}


def test_the_marketplaces_of_a_seller_are_a_plain_list() -> None:
    network = ScriptedTransport([answer(200, {"payload": [PART]})])
    assert SellersApi(client_of(network).context).get_marketplace_participations() == [MINE]
    (request,) = network.requests
    assert (request.method, request.body) == ("GET", None)
    assert request.url == "https://sellingpartnerapi-eu.amazon.com/sellers/v1/marketplaceParticipations"


def test_an_account_tells_its_kind_and_hides_its_people() -> None:
    network = ScriptedTransport([answer(200, {"payload": ACCOUNT})])
    account = SellersApi(client_of(network).context).get_account(max_wait=0)
    assert network.requests[0].url.endswith("/sellers/v1/account")
    assert account.business_type is BusinessType.SOLE_PROPRIETORSHIP
    assert account.marketplace_participation_list == [MINE]
    for told in ("Ada", "Square", "London", "GB123"):
        assert told not in repr(account)
        assert told in reveal(account)


def test_a_kind_of_business_that_is_new_is_kept() -> None:
    account = loads('{"businessType": "CO_OPERATIVE"}', Account)
    assert account.business_type == "CO_OPERATIVE"
    assert account.marketplace_participation_list == []


def test_asking_about_an_account_changes_nothing() -> None:
    for operation in (GET_ACCOUNT, GET_MARKETPLACE_PARTICIPATIONS):
        assert operation.effect is Effect.NONE
        assert operation.roles
