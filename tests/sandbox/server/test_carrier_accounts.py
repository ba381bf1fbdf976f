"""Accounts with third-party carriers: linked, listed, quoted and unlinked."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.server.schemas import problems
from tests.sandbox.server.world import BUSINESS, Json, Shop, payload, refusal

FEDEX: Json = {"accountNumber": "510087", "password": "hunter2"}
UPS: Json = {"accountNumber": "1Z99", "invoiceNumber": "7", "password": "hunter2"}
KINDS = {"FEDEX": "SHIPPER_ACCOUNT", "UPS": "SHIPPER_ACCOUNT_WITH_INVOICE"}


def form(carrier: str, values: Json, **changes: Any) -> Json:
    """Return the body that links an account."""
    attributes = [{"attributeName": name, "value": value} for name, value in values.items()]
    return {
        "carrierAccountType": KINDS[carrier],
        "carrierAccountAttributes": attributes,
        **changes,
    }


def link(
    shop: Shop, carrier: str = "FEDEX", values: Json = FEDEX, method: str = "POST", **changes: Any
) -> Any:
    """Link an account."""
    return shop.call(method, f"/carrierAccounts/{carrier}", json=form(carrier, values, **changes))


def linked(shop: Shop, **headers: str) -> list[str]:
    """Return the carriers of the linked accounts."""
    answer = shop.call("PUT", "/carrierAccounts", json={}, headers=headers)
    assert not list(problems("shippingV2", answer.json(), {"ref": "GetCarrierAccountsResponse"}))
    return [account["carrierId"] for account in answer.json()["activeAccounts"]]


def unlink(shop: Shop, carrier: str, **body: Any) -> Any:
    """Unlink an account."""
    return shop.call("PUT", f"/carrierAccounts/{carrier}/unlink", json=body)


def carriers(quote: Json) -> list[str]:
    """Return the carriers of the rates."""
    return sorted({rate["carrierId"] for rate in quote["rates"]})


@pytest.fixture
def other(shop: Shop) -> Iterator[Shop]:
    """Return another seller."""
    shop.sandbox.add_seller("Atzr|other")
    seller = Shop(shop.sandbox, "Atzr|other")
    yield seller
    seller.close()


def test_a_form_says_what_a_carrier_asks_for(shop: Shop) -> None:
    answer = shop.call("GET", "/carrierAccountFormInputs")
    data = answer.json()
    assert not list(problems("shippingV2", data, {"ref": "GetCarrierAccountFormInputsResponse"}))
    for carrier in data["linkableCarriersList"]:
        (kind,) = carrier["linkableAccountTypes"]
        assert kind["accountType"] == KINDS[carrier["carrierId"]]
        secret = [one["name"] for one in kind["carrierAccountInputs"] if one["inputType"] == "PASSWORD"]
        assert secret == ["password"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_an_account_is_linked_listed_and_unlinked(shop: Shop, other: Shop, method: str) -> None:
    answer = link(shop, method=method)
    assert answer.status_code == 200
    assert not list(problems("shippingV2", answer.json(), {"ref": "LinkCarrierAccountResponse"}))
    account_id = answer.json()["accountId"]
    assert answer.json()["registrationStatus"] == "ACTIVE"
    assert linked(shop) == ["FEDEX"]
    assert linked(other) == []
    assert linked(shop, **{BUSINESS: "AmazonShipping_US"}) == []

    assert unlink(shop, "FEDEX", accountId=account_id).json() == {"isUnlinked": True}
    assert unlink(shop, "FEDEX", accountId=account_id).json() == {"isUnlinked": True}
    assert linked(shop) == []


def test_an_account_that_is_linked_twice_is_one(shop: Shop) -> None:
    first = link(shop).json()["accountId"]
    assert link(shop, values={**FEDEX, "password": "new"}, method="PUT").json()["accountId"] == first
    assert link(shop, values={**FEDEX, "accountNumber": "2"}).json()["accountId"] != first
    assert linked(shop) == ["FEDEX", "FEDEX"]


def test_without_an_id_all_accounts_of_the_carrier_are_unlinked(shop: Shop) -> None:
    link(shop)
    link(shop, values={**FEDEX, "accountNumber": "2"})
    link(shop, "UPS", UPS)
    unlink(shop, "FEDEX", accountId="none")
    assert linked(shop) == ["FEDEX", "FEDEX", "UPS"]
    unlink(shop, "FEDEX")
    assert linked(shop) == ["UPS"]


def test_a_password_may_come_encrypted(shop: Shop) -> None:
    secret = [{"attributeName": "password", "value": "c2VjcmV0"}]
    body = {"accountNumber": "1"}
    assert link(shop, values=body, encryptedCarrierAccountAttributes=secret).status_code == 200


@pytest.mark.parametrize(
    ("values", "changes", "text"),
    [
        ({"accountNumber": "1"}, {}, "password is required"),
        ({**FEDEX, "accountNumber": ""}, {}, "accountNumber is required"),
        ({**FEDEX, "accountNumber": "1" * 65}, {}, "accountNumber is required"),
        ({**FEDEX, "pasword": "x"}, {}, "There are accountNumber, password"),
        (FEDEX, {"carrierAccountType": "AMAZON_ACCOUNT"}, "It must be SHIPPER_ACCOUNT"),
    ],
)
def test_a_form_that_is_filled_in_wrongly_is_refused(
    shop: Shop, values: Json, changes: Json, text: str
) -> None:
    answer = link(shop, values=values, **changes)
    assert refusal(answer)[:2] == (400, "InvalidInput")
    assert text in refusal(answer)[2]
    assert linked(shop) == []


def test_a_carrier_that_is_not_there_is_not_found(shop: Shop) -> None:
    body = form("FEDEX", FEDEX)
    assert refusal(shop.call("POST", "/carrierAccounts/AMZN_UK", json=body))[:2] == (404, "ResourceNotFound")
    assert refusal(unlink(shop, "NONE"))[0] == 404


def test_the_services_of_a_linked_account_are_quoted_bought_and_not_tracked(shop: Shop) -> None:
    assert carriers(shop.quote()) == ["AMZN_UK"]
    account_id = link(shop).json()["accountId"]
    link(shop, "UPS", UPS)
    assert carriers(shop.quote()) == ["AMZN_UK", "FEDEX", "UPS"]
    named = [{"carrierAccountId": account_id, "carrierId": "FEDEX"}]
    quote = shop.quote(carrierAccounts=named)
    assert carriers(quote) == ["AMZN_UK", "FEDEX"]
    (rate,) = [each for each in quote["rates"] if each["carrierId"] == "FEDEX"]
    assert (rate["carrierName"], rate["paymentType"]) == ("FedEx", "PAY_DIRECT_TO_CARRIER")

    shipment = shop.bought(rateId=rate["rateId"], requestToken=quote["requestToken"])
    tracking_id = shipment["packageDocumentDetails"][0]["trackingId"]
    for carrier_id in ("FEDEX", "AMZN_UK"):
        assert refusal(shop.tracking(tracking_id, carrier_id))[0] == 404
    bought = payload(shop.one_click([rate["serviceId"]]))
    assert bought["carrier"] == {"id": "FEDEX", "name": "FedEx"}


@pytest.mark.parametrize("carrier", ["FEDEX", "UPS"])
def test_an_account_that_is_not_linked_is_not_quoted(shop: Shop, carrier: str) -> None:
    account_id = link(shop, "UPS", UPS).json()["accountId"] if carrier == "FEDEX" else "none"
    named = [{"carrierAccountId": account_id, "carrierId": carrier}]
    assert "not linked" in refusal(shop.rates(carrierAccounts=named))[2]


def test_a_reset_unlinks_every_account(shop: Shop) -> None:
    link(shop)
    shop.sandbox.reset()
    assert linked(shop) == []
